package sheet

import (
	"bytes"
	"io"
	"strconv"
)

const maxRowText = 1 << 20 // bytes of text in one row

// looks is what a workbook says about the cells of all its sheets.
type looks struct {
	texts    *texts
	shapes   []shape // by style number
	from1904 bool
}

// grid reads the rows of one worksheet as they come. Nothing of the sheet
// stays in memory but the row at hand.
type grid struct {
	*scanner
	looks  *looks
	limits Limits
	row    Row
	count  int    // rows that hold something
	text   []byte // of the whole row; the cells are cut from one string
	spans  []span // where each column's text stands
	cell   struct {
		column, style, from int
		kind                byte
		formula             bool
	}
	inRow, inCell  bool
	inValue, aside bool
}

type span struct {
	from, to int
	Cell
}

// rows calls each for every row that holds something. The row and its cells
// are only good during the call; their texts may be kept.
func (g *grid) rows(each func(*Row) error) error {
	for {
		kind, err := g.next()
		if err == io.EOF {
			return errBroken // the part ends before its sheetData does
		}
		if err != nil {
			return err
		}
		switch kind {
		case tokOpen:
			if string(g.name) == "sheetData" && g.empty {
				return nil
			}
			err = g.open()
		case tokText:
			if g.inValue && !g.aside {
				if g.text = append(g.text, g.scanner.text...); len(g.text)-g.cell.from > 2*maxCell {
					err = errLongCell
				}
			}
		case tokClose:
			if string(g.name) == "sheetData" {
				if g.inRow {
					return errBroken
				}
				return nil
			}
			err = g.closed(each)
		}
		if err != nil {
			return err
		}
	}
}

func (g *grid) open() error {
	switch string(g.name) {
	case "row":
		return g.openRow()
	case "c":
		if !g.inRow || g.inCell {
			return errBroken
		}
		g.openCell()
	case "v", "t":
		g.inValue = g.inCell && !g.empty
	case "rPh":
		g.aside = !g.empty
	case "f":
		g.cell.formula = true
	}
	return nil
}

func (g *grid) openRow() error {
	if g.inRow {
		return errBroken
	}
	g.inRow = !g.empty
	n := g.row.N + 1
	if r := g.attr("r"); r != nil {
		given, err := strconv.Atoi(string(r))
		if err != nil || given < n {
			return errBroken
		}
		n = given
	}
	if n > maxRows {
		return errRows
	}
	g.row.N, g.row.Hidden = n, g.attrTrue("hidden")
	g.text, g.spans = g.text[:0], g.spans[:0]
	g.cell.column = -1
	return nil
}

func (g *grid) openCell() {
	c := &g.cell
	c.column++
	if at := column(g.attr("r")); at >= 0 {
		c.column = at
	}
	c.kind, c.style, c.formula, c.from = 'n', 0, false, len(g.text)
	if t := g.attr("t"); len(t) > 0 {
		c.kind = t[0]
		if string(t) == "str" {
			c.kind = 'f'
		}
	}
	if s := g.attr("s"); s != nil {
		c.style, _ = strconv.Atoi(string(s))
	}
	g.inCell, g.inValue, g.aside = !g.empty, false, false
}

func (g *grid) closed(each func(*Row) error) error {
	switch string(g.name) {
	case "v", "t":
		g.inValue = false
	case "rPh":
		g.aside = false
	case "c":
		if !g.inCell {
			return errBroken
		}
		g.inCell, g.inValue = false, false
		return g.closeCell()
	case "row":
		if !g.inRow || g.inCell {
			return errBroken
		}
		g.inRow = false
		return g.closeRow(each)
	}
	return nil
}

// closeCell turns what was written into what it means.
func (g *grid) closeCell() error {
	c := &g.cell
	out := Cell{Formula: c.formula}
	raw := g.text[c.from:]
	switch c.kind {
	case 's':
		n, err := strconv.Atoi(string(raw))
		g.text = g.text[:c.from]
		if err == nil {
			text, _, err := g.looks.texts.get(n)
			if err != nil {
				return err
			}
			g.text = append(g.text, text...)
		}
		g.markText(&out)
	case 'i', 'f':
		raw = unquote(unescape(raw))
		g.text = g.text[:c.from+len(raw)]
		g.markText(&out)
	case 'b':
		truth := "否"
		if len(raw) > 0 && raw[0] == '1' {
			truth = "是"
		}
		g.text = append(g.text[:c.from], truth...)
	case 'e':
		out.Error = true
	case 'd':
		out.Date = true
		g.text = bytes.TrimSuffix(g.text, []byte("T00:00:00"))
	default:
		g.number(raw, &out)
	}
	return g.place(out)
}

// markText drops the apostrophe that marks a text as text and notes it.
func (g *grid) markText(out *Cell) {
	text := g.text[g.cell.from:]
	out.Marked = len(text) > 0 && text[0] == '\''
	if out.Marked {
		text = text[1:]
	}
	out.Number = shortened(text)
	g.text = append(g.text[:g.cell.from], text...)
}

func (g *grid) number(raw []byte, out *Cell) {
	from := g.cell.from
	if len(raw) == 0 {
		return
	}
	out.Number = true
	if s := g.cell.style; s > 0 && s < len(g.looks.shapes) && g.looks.shapes[s] != asNumber {
		if f, err := strconv.ParseFloat(string(raw), 64); err == nil {
			if text, ok := serialText(f, g.looks.shapes[s], g.looks.from1904); ok {
				g.text = append(g.text[:from], text...)
				out.Number, out.Date = false, true
				return
			}
		}
	}
	var room [400]byte
	g.text = append(g.text[:from], plain(room[:0], raw)...)
}

// place puts the cell into its column; an empty one takes no room.
func (g *grid) place(out Cell) error {
	c := &g.cell
	if len(g.text) == c.from && !out.Formula {
		return nil
	}
	switch {
	case c.column >= g.limits.Columns:
		return errColumns
	case c.column < len(g.spans):
		return errBroken // cells run from left to right
	case len(g.text)-c.from > maxCell:
		return errLongCell
	case len(g.text) > maxRowText:
		return errRowText
	}
	for len(g.spans) < c.column {
		g.spans = append(g.spans, span{})
	}
	g.spans = append(g.spans[:c.column], span{c.from, len(g.text), out})
	return nil
}

func (g *grid) closeRow(each func(*Row) error) error {
	if len(g.spans) == 0 {
		return nil
	}
	if g.count++; g.count > g.limits.Rows {
		return errRows
	}
	g.row.Cells = cut(g.row.Cells[:0], g.text, g.spans)
	return each(&g.row)
}

// cut makes the cells of a row out of its text, with one allocation.
func cut(cells []Cell, text []byte, spans []span) []Cell {
	all := string(text)
	for _, s := range spans {
		s.Cell.Text = all[s.from:s.to]
		cells = append(cells, s.Cell)
	}
	return cells
}
