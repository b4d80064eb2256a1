package paper

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"

	"unionhall/kit/fault"
)

// mark is {{姓名}}, also with the wide braces of a Chinese keyboard.
var mark = regexp.MustCompile(`(?:\{\{|｛｛)([^{}｛｝\n]{0,60}?[^{}｛｝\s][^{}｛｝\n]{0,60}?)(?:\}\}|｝｝)`)

func nameOf(inner string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(clean(inner)), ""), "．", ".")
}

// piece is one w:t: where its element and its text lie in the part.
type piece struct {
	from, to int // the whole element
	text     string
}

// stretch is one paragraph: a mark may lie over several of its pieces, since
// Word parts text as it likes.
type stretch struct{ pieces []piece }

func (s stretch) text() string {
	var b strings.Builder
	for _, p := range s.pieces {
		b.WriteString(p.text)
	}
	return b.String()
}

// span is a row of a table: the innermost ones only.
type span struct{ from, to int }

type scanned struct {
	paragraphs []stretch
	rows       []span
}

// reader walks through a part and notes where things lie in it.
type reader struct {
	out    scanned
	open   []int // paragraphs begun: places in out.paragraphs
	rows   []int // rows begun; -1 for one that holds another
	inText int   // where the w:t at hand begins, else -1
	chars  strings.Builder
}

const deepest = 200

// scan finds the paragraphs and rows of a part. The bytes between stay as they
// are, so that nothing of the office's layout is lost.
func scan(b []byte) (scanned, error) {
	d := xml.NewDecoder(bytes.NewReader(b))
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, errors.New("not UTF-8") }
	r := reader{inText: -1}
	depth := 0
	for {
		from := int(d.InputOffset())
		tok, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			if depth != 0 {
				return r.out, errors.New("elements left open")
			}
			return r.out, nil
		}
		if err != nil {
			return r.out, err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if depth++; depth > deepest {
				return r.out, errors.New("too deep")
			}
			r.start(t.Name, from)
		case xml.EndElement:
			if depth--; depth < 0 {
				return r.out, errors.New("an end without a beginning")
			}
			r.end(t.Name, int(d.InputOffset()))
		case xml.CharData:
			if r.inText >= 0 {
				r.chars.Write(t)
			}
		case xml.Directive:
			return r.out, errors.New("a document type")
		}
	}
}

func (r *reader) start(n xml.Name, from int) {
	if n.Space != "w" {
		return
	}
	switch n.Local {
	case "p":
		r.open = append(r.open, len(r.out.paragraphs))
		r.out.paragraphs = append(r.out.paragraphs, stretch{})
	case "tr":
		for i := range r.rows {
			r.rows[i] = -1
		}
		r.rows = append(r.rows, from)
	case "t":
		r.inText = from
		r.chars.Reset()
	case "br", "tab", "cr":
		if len(r.open) > 0 {
			p := &r.out.paragraphs[r.open[len(r.open)-1]]
			p.pieces = append(p.pieces, piece{-1, -1, "\n"}) // no mark goes over it
		}
	}
}

func (r *reader) end(n xml.Name, to int) {
	if n.Space != "w" {
		return
	}
	switch n.Local {
	case "p":
		if len(r.open) > 0 {
			r.open = r.open[:len(r.open)-1]
		}
	case "tr":
		if k := len(r.rows); k > 0 {
			if r.rows[k-1] >= 0 {
				r.out.rows = append(r.out.rows, span{r.rows[k-1], to})
			}
			r.rows = r.rows[:k-1]
		}
	case "t":
		if r.inText >= 0 && len(r.open) > 0 {
			p := &r.out.paragraphs[r.open[len(r.open)-1]]
			p.pieces = append(p.pieces, piece{r.inText, to, r.chars.String()})
		}
		r.inText = -1
	}
}

// filler puts values in place of marks.
type filler struct {
	v       Values
	left    int
	drawing bool // the part may show the QR code
	drawn   bool
}

// change is new text for a place of a part.
type change struct {
	from, to int
	text     string
}

// part fills one part: a row of a list becomes as many as it has items, and
// each mark its value, once: a value that looks like a mark stays what it is.
func (f *filler) part(b []byte) ([]byte, error) {
	s, err := scan(b)
	if err != nil {
		return nil, err
	}
	var all []change
	for _, r := range s.rows {
		list := ""
		for _, p := range s.paragraphs {
			if list == "" && p.within(r) {
				list = listOf(p.text())
			}
		}
		if list == "" {
			continue
		}
		copies, err := f.repeat(b[r.from:r.to], list)
		if err != nil {
			return nil, err
		}
		all = append(all, change{r.from, r.to, copies})
	}
	rows := len(all)
	for _, p := range s.paragraphs {
		if slices.ContainsFunc(all[:rows], func(c change) bool { return p.within(span{c.from, c.to}) }) {
			continue
		}
		if all, err = f.fill(all, p, "", nil); err != nil {
			return nil, err
		}
	}
	return apply(b, all), nil
}

func apply(b []byte, all []change) []byte {
	slices.SortFunc(all, func(a, b change) int { return a.from - b.from })
	var out bytes.Buffer
	at := 0
	for _, c := range all {
		out.Write(b[at:c.from])
		out.WriteString(c.text)
		at = c.to
	}
	out.Write(b[at:])
	return out.Bytes()
}

// within reports whether the text of a paragraph lies in a row.
func (s stretch) within(r span) bool {
	return slices.ContainsFunc(s.pieces, func(p piece) bool { return p.from >= r.from && p.to <= r.to && p.to > 0 })
}

// listOf is the list whose marks stand in text, if any.
func listOf(text string) string {
	for _, m := range mark.FindAllStringSubmatch(text, -1) {
		if list, _, ok := strings.Cut(nameOf(m[1]), "."); ok {
			return list
		}
	}
	return ""
}

// own are the marks by which Word knows paragraphs and bookmarks apart; copies
// must not carry them.
var own = regexp.MustCompile(` w14:(?:paraId|textId)="[^"]*"|<w:bookmark(?:Start|End)\b[^>]*/>`)

func (f *filler) repeat(row []byte, list string) (string, error) {
	items := f.v.Lists[list]
	if len(items) == 0 {
		items = []map[string]string{{}}
	}
	s, err := scan(row)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for i, item := range items {
		var all []change
		for _, p := range s.paragraphs {
			if all, err = f.fill(all, p, list, item); err != nil {
				return "", err
			}
		}
		b := apply(row, all)
		if i > 0 {
			b = own.ReplaceAll(b, nil)
		}
		if f.left -= len(b); f.left < 0 {
			return "", fault.New(fault.TooLarge, "填好的文件太大，请缩小范围后再打印。")
		}
		out.Write(b)
	}
	return out.String(), nil
}

// fill adds the changes that a paragraph needs.
func (f *filler) fill(all []change, p stretch, list string, item map[string]string) ([]change, error) {
	texts, err := f.rewrite(p, list, item)
	for i, t := range texts {
		if p.pieces[i].from >= 0 && t != p.pieces[i].xml() {
			all = append(all, change{p.pieces[i].from, p.pieces[i].to, t})
		}
	}
	return all, err
}

func (p piece) xml() string { return wrapText(escape(p.text)) }

func wrapText(inner string) string { return `<w:t xml:space="preserve">` + inner + `</w:t>` }

// rewrite returns the pieces of a paragraph as elements: a mark's value goes to
// the piece where the mark begins, and what is left of it elsewhere goes away.
func (f *filler) rewrite(s stretch, list string, item map[string]string) ([]string, error) {
	text := s.text()
	out := make([]strings.Builder, len(s.pieces))
	copyTo := func(from, to int) { // of text
		at := 0
		for i, p := range s.pieces {
			a, b := max(from, at), min(to, at+len(p.text))
			if a < b {
				out[i].WriteString(escape(text[a:b]))
			}
			at += len(p.text)
		}
	}
	done := 0
	for _, m := range mark.FindAllStringSubmatchIndex(text, -1) {
		value, err := f.value(nameOf(text[m[2]:m[3]]), list, item)
		if err != nil {
			return nil, err
		}
		copyTo(done, m[0])
		at := 0
		for i, p := range s.pieces {
			if m[0] < at+len(p.text) {
				out[i].WriteString(value)
				break
			}
			at += len(p.text)
		}
		done = m[1]
	}
	copyTo(done, len(text))
	texts := make([]string, len(out))
	for i := range out {
		texts[i] = wrapText(out[i].String())
	}
	return texts, nil
}

// value is what a mark becomes, as the inside of a w:t.
func (f *filler) value(name, list string, item map[string]string) (string, error) {
	l, field, of := strings.Cut(name, ".")
	switch {
	case of && l == list:
		return inner(item[field]), nil
	case of:
		return "", notFit("标记 {{%s}} 只能放在表格的一行里，每一行只用一个列表的标记。请改正模板。", name)
	case name == MarkQR:
		if !f.drawing {
			return "", nil
		}
		f.drawn = true
		return `</w:t>` + picture(pictureRel, 22) + `<w:t xml:space="preserve">`, nil
	case name == MarkCode:
		if f.v.Proof == nil {
			return "", nil
		}
		return inner(f.v.Proof.Code), nil
	}
	return inner(f.v.Text[name]), nil
}

// inner is a value as the inside of a w:t; its lines are parted by breaks.
func inner(value string) string {
	ls := strings.Split(clean(value), "\n")
	for i := range ls {
		ls[i] = escape(ls[i])
	}
	return strings.Join(ls, `</w:t><w:br/><w:t xml:space="preserve">`)
}
