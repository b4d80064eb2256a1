package sheet

import (
	"bufio"
	"io"
	"strconv"
)

// The hues of a row in a report.
const (
	plainHue = iota
	red
	amber
)

// maxTinted is up to how many styles a workbook's rows are coloured. Each
// style is written twice more.
const maxTinted = 10_000

// maxStyleBytes is the largest list of styles that is coloured: a report holds
// the list in memory.
const maxStyleBytes = 8 << 20

// tint adds to a workbook's styles: every style again on light red and on
// amber, and three for the messages themselves. Style n on hue h is at
// count*h+n.
type tint struct {
	part  string // "" leaves the styles alone
	count int    // styles of the workbook
	fills int    // its fills
}

func (t *tint) of(style, hue int) int {
	if style >= t.count {
		style = 0
	}
	return t.count*hue + style
}

func (t *tint) message(hue int) int {
	if t.count == 0 {
		return 0
	}
	return t.count*3 + hue
}

// planTint counts what the workbook has.
func (w *workbook) planTint() (*tint, error) {
	t := &tint{}
	if w.styles == "" || w.parts[w.styles].UncompressedSize64 > maxStyleBytes {
		return t, nil
	}
	within := ""
	err := w.read(w.styles, func(s *scanner) error {
		return s.each(func() error {
			switch name := string(s.name); name {
			case "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs":
				within = name
				if s.empty {
					within = ""
				}
			case "fill":
				if within == "fills" {
					t.fills++
				}
			case "xf":
				if within == "cellXfs" {
					t.count++
				}
			}
			return nil
		})
	})
	if err != nil || t.fills == 0 || t.count == 0 || t.count > maxTinted {
		return &tint{}, err
	}
	t.part = w.styles
	return t, nil
}

// run copies styles.xml with the additions.
func (t *tint) run(s *scanner, out *bufio.Writer) error {
	inside := false // cellXfs
	var styles [][]byte
	var one []byte
	for {
		kind, err := s.any()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		name := string(s.name)
		tag := s.raw
		switch {
		case kind == tokOther && len(tag) > 5 && string(tag[:5]) == "<?xml":
			tag = []byte(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`)
		case kind == tokOpen && name == "fills":
			tag = s.with("count", strconv.Itoa(t.fills+2))
		case kind == tokClose && name == "fills":
			p := s.prefix()
			out.WriteString(fill(p, "FFFFD9D9") + fill(p, "FFFFEFCC"))
		case kind == tokOpen && name == "cellXfs":
			inside = true
			tag = s.with("count", strconv.Itoa(3*t.count+3))
		case kind == tokClose && name == "cellXfs":
			inside = false
			t.addStyles(out, s.prefix(), styles)
		}
		if inside && !(kind == tokOpen && name == "cellXfs") {
			if kind == tokOpen && name == "xf" {
				one = nil
			}
			one = append(one, s.raw...)
			if name == "xf" && (kind == tokClose || kind == tokOpen && s.empty) {
				styles = append(styles, one)
			}
		}
		out.Write(tag)
	}
}

func (t *tint) addStyles(out *bufio.Writer, prefix string, styles [][]byte) {
	for hue := red; hue <= amber; hue++ {
		id := strconv.Itoa(t.fills + hue - red)
		for _, xf := range styles {
			end := tagLength(xf)
			out.Write(retag(retag(xf[:end:end], "fillId", id), "applyFill", "1"))
			out.Write(xf[end:])
		}
	}
	for hue := plainHue; hue <= amber; hue++ {
		id := 0
		if hue != plainHue {
			id = t.fills + hue - red
		}
		out.WriteString("<" + prefix + `xf numFmtId="49" fontId="0" fillId="` + strconv.Itoa(id) +
			`" borderId="0" xfId="0" applyFill="1" applyAlignment="1"><` + prefix +
			`alignment vertical="top" wrapText="1"/></` + prefix + "xf>")
	}
}

// tagLength returns where the first tag of b ends.
func tagLength(b []byte) int {
	s := scanner{buf: b, w: len(b)}
	if _, err := s.readTag(); err != nil {
		return len(b)
	}
	return s.r
}

func fill(prefix, colour string) string {
	return "<" + prefix + `fill><` + prefix + `patternFill patternType="solid"><` + prefix + `fgColor rgb="` + colour +
		`"/><` + prefix + `bgColor indexed="64"/></` + prefix + "patternFill></" + prefix + "fill>"
}
