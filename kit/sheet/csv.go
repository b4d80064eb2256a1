package sheet

import (
	"bufio"
	"bytes"
	"io"
)

// separators that offices use, the likeliest first.
const separators = ",;\t"

// findComma tries each separator on the first lines; the one that cuts them
// into most cells is the file's.
func (f *textFile) findComma() error {
	most := -1
	for _, sep := range []byte(separators) {
		cells, rows := 0, 0
		r := newLines(f.text(), sep, Limits{}.orDefault())
		for rows < 20 {
			err := r.next()
			if err != nil {
				break // the reading proper says what is wrong, and where
			}
			rows++
			cells += len(r.spans) - 1
		}
		if cells > most {
			most, f.comma = cells, sep
		}
	}
	return nil
}

func (f *textFile) rows(limits Limits, each func(*Row) error) error {
	r := newLines(f.text(), f.comma, limits)
	for {
		err := r.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return rowFault(f.name, r.row.N, limits, err)
		}
		if len(r.spans) == 0 {
			continue
		}
		if r.count++; r.count > limits.Rows {
			return rowFault(f.name, r.row.N, limits, errRows)
		}
		r.row.Cells = cut(r.row.Cells[:0], r.text, r.spans)
		if err := each(&r.row); err != nil {
			return err
		}
	}
}

// lines reads the records of a CSV as spreadsheet programs write and take
// them: a quote inside an unquoted cell is a character, a line break inside
// quotes belongs to the cell, an empty line is a row.
type lines struct {
	src    *bufio.Reader
	comma  byte
	limits Limits
	row    Row
	count  int
	text   []byte
	spans  []span
	ended  bool
}

func newLines(src io.Reader, comma byte, limits Limits) *lines {
	return &lines{src: bufio.NewReaderSize(src, 64<<10), comma: comma, limits: limits}
}

// next reads one record; its empty cells at the end are left out.
func (l *lines) next() error {
	if l.ended {
		return io.EOF
	}
	if _, err := l.src.Peek(1); err != nil {
		return err
	}
	l.row.N++
	l.text, l.spans = l.text[:0], l.spans[:0]
	filled := 0
	for more := true; more; {
		from := len(l.text)
		var err error
		if more, err = l.readCell(from); err != nil {
			return err
		}
		c := l.meaning(from)
		l.spans = append(l.spans, span{from, len(l.text), c})
		if len(l.text) > from {
			filled = len(l.spans)
		}
		switch {
		case filled > l.limits.Columns:
			return errColumns
		case len(l.spans) > 20_000: // nothing but separators
			return errColumns
		case len(l.text)-from > maxCell:
			return errLongCell
		case len(l.text) > maxRowText:
			return errRowText
		}
	}
	l.spans = l.spans[:filled]
	return nil
}

// readCell appends one cell to the text; more is true when another follows
// on the same row.
func (l *lines) readCell(from int) (more bool, err error) {
	if first, err := l.src.Peek(1); err == nil && first[0] == '"' {
		l.src.Discard(1)
		if err := l.readQuoted(from); err != nil {
			return false, err
		}
	}
	for {
		c, err := l.src.ReadByte()
		switch {
		case err == io.EOF:
			l.ended = true
			return false, nil
		case err != nil:
			return false, err
		case c == l.comma:
			return true, nil
		case c == '\n':
			return false, nil
		case c == '\r':
			if next, err := l.src.Peek(1); err == nil && next[0] == '\n' {
				l.src.Discard(1)
			}
			return false, nil
		case len(l.text)-from > maxCell:
			return false, errLongCell
		}
		l.text = append(l.text, c)
	}
}

// readQuoted reads up to the closing quote. A cell that grows past what a
// cell can hold has lost its quote.
func (l *lines) readQuoted(from int) error {
	for {
		c, err := l.src.ReadByte()
		if err == io.EOF || len(l.text)-from > maxCell {
			return errQuote
		}
		if err != nil {
			return err
		}
		if c == '"' {
			if next, err := l.src.Peek(1); err != nil || next[0] != '"' {
				return nil
			}
			l.src.Discard(1)
		}
		l.text = append(l.text, c)
	}
}

// meaning drops what marks a text as text, an apostrophe or ="…", and notes it.
func (l *lines) meaning(from int) Cell {
	text := l.text[from:]
	inner := text
	switch {
	case len(text) > 0 && text[0] == '\'':
		inner = text[1:]
	case len(text) > 3 && text[0] == '=' && text[1] == '"' && bytes.IndexByte(text[2:], '"') == len(text)-3:
		inner = text[2 : len(text)-1]
	}
	c := Cell{Marked: len(inner) < len(text), Number: shortened(inner)}
	l.text = append(l.text[:from], inner...)
	return c
}
