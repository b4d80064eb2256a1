package handover

import (
	"bufio"
	"encoding/xml"
	"io"
	"runtime/debug"
	"strings"
)

// xmlFile writes a document of flat records as it goes; the first error stays.
type xmlFile struct {
	w    *bufio.Writer
	root string
	err  error
}

func newXML(dst io.Writer, root string) *xmlFile {
	x := &xmlFile{w: bufio.NewWriterSize(dst, 64<<10), root: root}
	x.put(xml.Header, "<", root, ">\n")
	return x
}

func (x *xmlFile) put(parts ...string) {
	for _, p := range parts {
		if x.err == nil {
			_, x.err = x.w.WriteString(p)
		}
	}
}

// text writes what a person wrote, whatever it holds.
func (x *xmlFile) text(s string) {
	switch {
	case x.err != nil:
	case strings.ContainsAny(s, "<>&\"'") || !plainText(s):
		x.err = xml.EscapeText(x.w, []byte(s))
	default:
		x.put(s)
	}
}

// plainText reports whether every sign may stand in a document.
func plainText(s string) bool {
	for _, r := range s {
		if r < ' ' || r == 0xFFFD || r == 0xFFFE || r == 0xFFFF {
			return false
		}
	}
	return true
}

// cell is one field of a record: its name and what it holds.
type cell [2]string

// record writes one record of a table.
func (x *xmlFile) record(table string, cells ...cell) error {
	x.put("  <", table, ">")
	for _, c := range cells {
		x.put("<", c[0], ">")
		x.text(c[1])
		x.put("</", c[0], ">")
	}
	x.put("</", table, ">\n")
	return x.err
}

func (x *xmlFile) close() error {
	x.put("</", x.root, ">\n")
	if x.err == nil {
		x.err = x.w.Flush()
	}
	return x.err
}

// product is what made a file.
const product = "职工之家"

// release is the version of this program.
func release() string {
	if i, ok := debug.ReadBuildInfo(); ok && i.Main.Version != "" && i.Main.Version != "(devel)" {
		return i.Main.Version
	}
	return "开发版"
}
