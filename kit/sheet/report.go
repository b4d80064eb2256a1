package sheet

import (
	"archive/zip"
	"bufio"
	"io"
	"slices"
	"strconv"

	"github.com/klauspost/compress/flate"
)

// Message is what a report says about one row; an empty Text says nothing.
type Message struct {
	Text    string
	Refused bool // light red, else amber
}

// Report writes the file as it came, with a column of messages after the last
// one; a report's own column is written anew. A workbook keeps all else that
// is in it: sheets, styles, pictures. A CSV becomes UTF-8. The report goes in
// again like the file it came from. It streams.
//
// law: IMP-04
func (b *Book) Report(w io.Writer, h Head, message func(row int) Message) error {
	at, wide, last, err := b.messageColumn(h)
	if err != nil {
		return err
	}
	if b.csv != nil {
		return b.reportCSV(w, h, at, message)
	}
	return packageFault(b.Name, b.xlsx.report(w, &marker{head: h, at: at, wide: wide, last: last, message: message}))
}

// messageColumn returns the column of an earlier report, or the first one
// that no row has used; and how wide and long the sheet is.
func (b *Book) messageColumn(h Head) (column, wide, last int, err error) {
	wide = len(h.Names)
	err = b.All(h.Sheet, func(r *Row) error {
		wide, last = max(wide, len(r.Cells)), r.N
		return nil
	})
	column = wide
	if i := slices.Index(h.Names, MessageHeader); i >= 0 {
		column = i
	}
	return column, max(wide, column+1), max(last, h.Last), err
}

func (b *Book) reportCSV(w io.Writer, h Head, at int, message func(int) Message) error {
	out := newCSV(w)
	n := 0
	if err := b.All(h.Sheet, func(r *Row) error {
		for n++; n < r.N; n++ {
			out.line(nil) // rows keep their numbers
		}
		values := make([]string, max(len(r.Cells), at+1))
		for i, c := range r.Cells {
			values[i] = guard(c.Text)
			if c.Marked && values[i] == c.Text {
				values[i] = "'" + c.Text
			}
		}
		values[at] = ""
		switch {
		case r.N == h.First:
			values[at] = MessageHeader
		case r.N > h.Last:
			values[at] = guard(message(r.N).Text)
		}
		return out.line(values)
	}); err != nil {
		return err
	}
	return out.close()
}

// report copies the package part by part; only the sheet and the styles are
// rewritten.
func (w *workbook) report(dst io.Writer, m *marker) (err error) {
	m.tint, err = w.planTint()
	if err != nil {
		return err
	}
	zw := zip.NewWriter(dst)
	zw.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, 5) })
	for _, f := range w.files {
		part := partName(f.Name)
		if w.parts[part] != f {
			continue // a part that another one of the same name hides
		}
		switch part {
		case w.sheets[m.head.Sheet].part:
			err = w.rewrite(zw, f.Name, part, m.run)
		case m.tint.part:
			err = w.rewrite(zw, f.Name, part, m.tint.run)
		default:
			err = zw.Copy(f)
		}
		if err != nil {
			return err
		}
	}
	return zw.Close()
}

func (w *workbook) rewrite(zw *zip.Writer, name, part string, run func(*scanner, *bufio.Writer) error) error {
	src, err := w.open(part)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := zw.Create(name)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(dst, 64<<10)
	if err := run(newScanner(src), out); err != nil {
		return err
	}
	return out.Flush()
}

// marker copies a worksheet and adds the column of messages.
type marker struct {
	head       Head
	at         int // the column of messages
	wide, last int // of the sheet
	message    func(int) Message
	tint       *tint

	row, column int
	now         Message
	hue         int // of the row: none, red, amber
	headStyle   int
	written     bool // the row's message
	widened     bool // the column's width
	prefix      string
	drop        bool // inside a cell of the column itself
}

func (m *marker) run(s *scanner, out *bufio.Writer) error {
	for {
		kind, err := s.any()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch {
		case kind == tokOther && len(s.raw) > 5 && string(s.raw[:5]) == "<?xml":
			out.WriteString(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`)
		case kind == tokOpen:
			m.open(s, out)
		case m.drop:
			m.drop = !(kind == tokClose && string(s.name) == "c")
		case kind == tokClose:
			m.closing(s, out)
		default:
			out.Write(s.raw)
		}
	}
}

func (m *marker) open(s *scanner, out *bufio.Writer) {
	switch string(s.name) {
	case "dimension":
		out.Write(s.with("ref", "A1:"+columnName(m.wide-1)+strconv.Itoa(m.last)))
	case "col":
		m.openCol(s, out)
	case "sheetData":
		if !m.widened {
			p := s.prefix()
			out.WriteString("<" + p + "cols>" + m.width(p) + "</" + p + "cols>")
			m.widened = true
		}
		out.Write(s.raw)
	case "row":
		m.openRow(s, out)
	case "c":
		m.openCell(s, out)
	default:
		if !m.drop {
			out.Write(s.raw)
		}
	}
}

func (m *marker) width(prefix string) string {
	n := strconv.Itoa(m.at + 1)
	return "<" + prefix + `col min="` + n + `" max="` + n + `" width="60" customWidth="1"/>`
}

// openCol keeps the widths of the other columns, whose ranges may not overlap.
func (m *marker) openCol(s *scanner, out *bufio.Writer) {
	from, _ := strconv.Atoi(string(s.attr("min")))
	to, _ := strconv.Atoi(string(s.attr("max")))
	n, tag := m.at+1, slices.Clone(s.raw)
	if !s.empty {
		tag = append(tag[:len(tag)-1], '/', '>') // its closing tag is left out
	}
	if from < n {
		out.Write(retag(tag, "max", strconv.Itoa(min(to, n-1))))
	}
	if to >= n && !m.widened {
		out.WriteString(m.width(s.prefix()))
		m.widened = true
	}
	if to > n {
		out.Write(retag(tag, "min", strconv.Itoa(max(from, n+1))))
	}
}

func (m *marker) openRow(s *scanner, out *bufio.Writer) {
	m.row++
	if r, err := strconv.Atoi(string(s.attr("r"))); err == nil {
		m.row = r
	}
	m.column, m.now, m.hue, m.written = -1, Message{}, plainHue, s.empty
	switch {
	case m.row == m.head.First:
		m.now.Text = MessageHeader
	case m.row > m.head.Last && !s.empty:
		if m.now = m.message(m.row); m.now.Text != "" {
			m.hue = amber
			if m.now.Refused {
				m.hue = red
			}
		}
	}
	out.Write(s.with("spans", ""))
}

func (m *marker) openCell(s *scanner, out *bufio.Writer) {
	m.column++
	if c := column(s.attr("r")); c >= 0 {
		m.column = c
	}
	m.prefix = s.prefix()
	if m.column >= m.at {
		m.add(out)
	}
	if m.column == m.at && m.row >= m.head.First {
		m.drop = !s.empty
		return
	}
	style, _ := strconv.Atoi(string(s.attr("s")))
	if m.row == m.head.First && m.column < m.at {
		m.headStyle = style
	}
	if m.hue == plainHue || m.tint.count == 0 {
		out.Write(s.raw)
		return
	}
	out.Write(s.with("s", strconv.Itoa(m.tint.of(style, m.hue))))
}

// add writes the row's message once, in the message column.
func (m *marker) add(out *bufio.Writer) {
	if m.written || m.row < m.head.First {
		return
	}
	m.written = true
	if m.now.Text == "" {
		return
	}
	style := m.tint.message(m.hue)
	if m.row == m.head.First {
		style = m.headStyle
	}
	p := m.prefix
	out.WriteString("<" + p + `c r="` + columnName(m.at) + strconv.Itoa(m.row) + `" s="` + strconv.Itoa(style) +
		`" t="inlineStr"><` + p + "is><" + p + `t xml:space="preserve">` + escape(guard(m.now.Text)) +
		"</" + p + "t></" + p + "is></" + p + "c>")
}

func (m *marker) closing(s *scanner, out *bufio.Writer) {
	switch string(s.name) {
	case "col":
		return
	case "cols":
		if !m.widened {
			out.WriteString(m.width(s.prefix()))
			m.widened = true
		}
	case "row":
		m.prefix = s.prefix()
		m.add(out)
	}
	out.Write(s.raw)
}
