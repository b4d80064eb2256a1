package paper

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	qrcode "github.com/skip2/go-qrcode"

	"unionhall/kit/fault"
)

// Values is what a template's marks become. A mark is written {{姓名}}; one of
// a list's row {{班子.姓名}}: the row of the table that holds it comes once for
// every item, and once empty where there is none.
type Values struct {
	Text  map[string]string
	Lists map[string][]map[string]string
	Known map[string][]string // the fields of each list, so that an empty one knows its marks
	Proof *Proof              // {{核验二维码}} and {{核验码}}
}

// The marks that Proof fills.
const (
	MarkQR   = "核验二维码"
	MarkCode = "核验码"
)

// Most that a template may hold: unpacked bytes, parts, and the bytes of what
// comes out.
const (
	mostUnpacked = 24 << 20
	mostParts    = 500
	mostFilled   = 64 << 20
)

// Template is a Word file with marks that was read and found fit.
type Template struct {
	parts []part
}

type part struct {
	name string
	text []byte
}

func notFit(format string, args ...any) error { return fault.New(fault.Invalid, format, args...) }

// Open reads a template. What is no Word file, holds macros, draws on things
// outside it or unpacks to too much is fault.Invalid, with what to do.
func Open(r io.ReaderAt, size int64) (*Template, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, notFit("这不是 docx 文件，或文件已损坏。请在 Word 或 WPS 中打开，另存为 docx 后再传。")
	}
	if len(z.File) > mostParts {
		return nil, notFit("模板的内容太多，请删去与表格无关的内容后再传。")
	}
	t := &Template{}
	left := int64(mostUnpacked)
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		if strings.HasSuffix(strings.ToLower(f.Name), "vbaproject.bin") {
			return nil, notFit("模板里有宏，不能使用。请另存为不带宏的 docx 后再传。")
		}
		b, err := unpack(f, left)
		if err != nil {
			return nil, err
		}
		left -= int64(len(b))
		t.parts = append(t.parts, part{f.Name, b})
	}
	if t.find("word/document.xml") < 0 || t.find("[Content_Types].xml") < 0 {
		return nil, notFit("这不是 Word 文档。请用 Word 或 WPS 另存为 docx 后再传。")
	}
	for _, p := range t.parts {
		if strings.HasSuffix(p.name, ".rels") && outside(p.text) {
			return nil, notFit("模板引用了文件以外的内容（如网络图片、附加模板），不能使用。请把图片嵌入文档并去掉链接后再传。")
		}
		if marked(p.name) {
			if _, err := scan(p.text); err != nil {
				return nil, notFit("模板的内容读不懂，文件可能已损坏。请在 Word 或 WPS 中打开，另存为 docx 后再传。")
			}
		}
	}
	return t, nil
}

func unpack(f *zip.File, left int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, notFit("模板里的“%s”打不开，文件可能加了密码或已损坏。请另存为 docx 后再传。", f.Name)
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, left+1))
	if err != nil {
		return nil, notFit("模板里的“%s”已损坏。请在 Word 或 WPS 中打开，另存为 docx 后再传。", f.Name)
	}
	if int64(len(b)) > left {
		return nil, notFit("模板展开后超过 %d 兆字节，请压缩其中的图片后再传。", mostUnpacked>>20)
	}
	return b, nil
}

func (t *Template) find(name string) int {
	return slices.IndexFunc(t.parts, func(p part) bool { return p.name == name })
}

// marked reports whether a part may hold marks: the text, heads and feet.
func marked(name string) bool {
	rest, ok := strings.CutPrefix(name, "word/")
	return ok && strings.HasSuffix(rest, ".xml") && (rest == "document.xml" || strings.HasPrefix(rest, "header") || strings.HasPrefix(rest, "footer"))
}

var external = regexp.MustCompile(`(?is)<[^>]*\bRelationship\b[^>]*>`)

// outside reports whether relations draw on what is not in the file; links
// that a reader may follow do not.
func outside(rels []byte) bool {
	for _, m := range external.FindAll(rels, -1) {
		if bytes.Contains(m, []byte("External")) && !bytes.Contains(m, []byte("/hyperlink")) {
			return true
		}
	}
	return false
}

// Marks lists the marks of the template, each once, in the order they stand.
func (t *Template) Marks() (out []string) {
	for _, p := range t.parts {
		if !marked(p.name) {
			continue
		}
		s, err := scan(p.text)
		if err != nil {
			continue // Open has read it before
		}
		for _, g := range s.paragraphs {
			for _, m := range mark.FindAllStringSubmatch(g.text(), -1) {
				if name := nameOf(m[1]); !slices.Contains(out, name) {
					out = append(out, name)
				}
			}
		}
	}
	return out
}

// Check returns fault.Invalid that names the marks which v does not know, and
// those of a list that stand outside a row of a table.
func (t *Template) Check(v Values) error {
	var unknown []string
	for _, m := range t.Marks() {
		if !v.knows(m) {
			unknown = append(unknown, "{{"+m+"}}")
		}
	}
	if len(unknown) > 0 {
		more := ""
		if len(unknown) > 10 {
			more, unknown = fmt.Sprintf("等 %d 个", len(unknown)), unknown[:10]
		}
		return notFit("模板里有不认识的标记：%s%s。请对照可用标记改正后再传。", strings.Join(unknown, "、"), more)
	}
	return nil
}

func (v Values) knows(name string) bool {
	if name == MarkQR || name == MarkCode {
		return true
	}
	if list, field, ok := strings.Cut(name, "."); ok {
		return slices.Contains(v.Known[list], field)
	}
	_, ok := v.Text[name]
	return ok
}

// Fill writes the template with v in place of its marks. Unknown marks are
// fault.Invalid, see Check; more than comes to 64 MB is fault.TooLarge.
func (t *Template) Fill(v Values, dst io.Writer) error {
	if err := t.Check(v); err != nil {
		return err
	}
	f := filler{v: v, left: mostFilled}
	out := slices.Clone(t.parts)
	for i, p := range out {
		if !marked(p.name) {
			continue
		}
		f.drawing = p.name == "word/document.xml" && v.Proof != nil
		b, err := f.part(p.text)
		if err != nil {
			return err
		}
		out[i].text = b
	}
	if f.drawn {
		var err error
		if out, err = addPicture(out, v.Proof.URL); err != nil {
			return err
		}
	}
	z := zip.NewWriter(dst)
	for _, p := range out {
		w, err := z.Create(p.name)
		if err == nil {
			_, err = w.Write(p.text)
		}
		if err != nil {
			return err
		}
	}
	return z.Close()
}

const pictureRel = "rUnionhallProof"

// addPicture hangs the QR code on the document.
func addPicture(parts []part, url string) ([]part, error) {
	png, err := qrcode.Encode(url, qrcode.Medium, 440)
	if err != nil {
		return nil, fmt.Errorf("qr code: %w", err)
	}
	const rels, name = "word/_rels/document.xml.rels", "unionhall-proof.png"
	rel := `<Relationship Id="` + pictureRel + `" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" Target="media/` + name + `"/>`
	has := false
	for i, p := range parts {
		switch p.name {
		case rels:
			has = true
			parts[i].text, err = before(p.text, "</Relationships>", rel)
		case "[Content_Types].xml":
			if !regexp.MustCompile(`(?i)Extension="png"`).Match(p.text) {
				parts[i].text, err = before(p.text, "</Types>", `<Default Extension="png" ContentType="image/png"/>`)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	if !has {
		parts = append(parts, part{rels, []byte(head + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` + rel + `</Relationships>`)})
	}
	return append(parts, part{"word/media/" + name, png}), nil
}

func before(text []byte, end, add string) ([]byte, error) {
	at := bytes.LastIndex(text, []byte(end))
	if at < 0 {
		return nil, errors.New("template: a part has no end")
	}
	return slices.Concat(text[:at], []byte(add), text[at:]), nil
}
