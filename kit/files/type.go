package files

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"unionhall/kit/fault"
)

const (
	pdf    = "application/pdf"
	jpeg   = "image/jpeg"
	png    = "image/png"
	webp   = "image/webp"
	heic   = "image/heic"
	text   = "text/plain"
	xml    = "text/xml" // an electronic invoice; never one that draws (svg) or is a page
	zip    = "application/zip"
	docx   = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	xlsx   = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	pptx   = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	ofd    = "application/ofd"
	ole    = "application/x-ole-storage" // Word and Excel before 2007; also a workbook with a password
	octets = "application/octet-stream"
)

// attachable is what may hang on a record. Programs, pages and pictures with
// script (svg) are not, nor office files with macros.
var attachable = []string{pdf, jpeg, png, webp, heic, text, xml, zip, docx, xlsx, pptx, ofd}

// Refuse returns fault.Invalid if a file of the type may not hang on a record.
func Refuse(b Blob) error {
	switch {
	case b.Size == 0:
		return fault.New(fault.Invalid, "文件是空的，请检查后重新选择。")
	case b.Type == ole:
		return fault.New(fault.Invalid, "这是旧格式或加了密码的 Office 文件，不能直接收下。请在 Office 或 WPS 中打开，去掉密码，另存为 docx、xlsx 或 PDF 后再传。")
	case !slices.Contains(attachable, b.Type):
		return fault.New(fault.Invalid, "这种文件不能作附件。可以传图片（JPG、PNG、WEBP、HEIC）、PDF、OFD、XML、docx、xlsx、pptx、txt 和 zip，不含宏；请转换后再传。")
	}
	return nil
}

// Inline reports whether a browser may show a blob in place; everything else
// is only handed out to be saved.
func Inline(kind string) bool {
	return slices.Contains([]string{pdf, jpeg, png, webp}, kind)
}

// edge is how much of either end of a file is looked at.
const edge = 64 << 10

// typeOf names the kind of content by the bytes, never by a file's name.
func typeOf(r io.ReaderAt, size int64) (string, error) {
	head := make([]byte, min(size, 512))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	switch {
	case bytes.HasPrefix(head, []byte("%PDF-")):
		return pdf, nil
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return packed(r, size)
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return ole, nil
	case len(head) > 12 && string(head[4:8]) == "ftyp":
		if slices.Contains([]string{"heic", "heix", "heim", "heis", "mif1", "msf1"}, string(head[8:12])) {
			return heic, nil
		}
		return octets, nil
	}
	kind, _, _ := strings.Cut(http.DetectContentType(head), ";")
	if slices.Contains([]string{jpeg, png, webp, text}, kind) || kind == xml && !draws(r, size) {
		return kind, nil
	}
	return octets, nil
}

// draws reports whether XML is a picture or a page, which may hold a script.
func draws(r io.ReaderAt, size int64) bool {
	head := make([]byte, min(size, edge))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return true
	}
	head = bytes.ToLower(head)
	return slices.ContainsFunc([]string{"<svg", ":svg", "<html", ":html", "xml-stylesheet", "<script", ":script"}, func(s string) bool { return bytes.Contains(head, []byte(s)) })
}

// packed tells the kinds of zip apart by the names in it. It reads the two
// ends only, so that a directory of a million names costs nothing.
func packed(r io.ReaderAt, size int64) (string, error) {
	tail := make([]byte, min(size, edge))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	kind := zip
	for name := range listed(tail) {
		switch {
		case strings.HasSuffix(name, "vbaProject.bin"):
			return octets, nil
		case name == "word/document.xml":
			kind = docx
		case name == "xl/workbook.xml":
			kind = xlsx
		case name == "ppt/presentation.xml":
			kind = pptx
		case name == "OFD.xml":
			kind = ofd
		}
	}
	return kind, nil
}

// listed yields the names in the central directory, as far as it lies in b.
func listed(b []byte) func(func(string) bool) {
	const header = 46
	return func(yield func(string) bool) {
		for {
			at := bytes.Index(b, []byte("PK\x01\x02"))
			if at < 0 || len(b)-at < header {
				return
			}
			b = b[at:]
			n := int(binary.LittleEndian.Uint16(b[28:]))
			if len(b) < header+n || !yield(string(b[header:header+n])) {
				return
			}
			b = b[4:]
		}
	}
}
