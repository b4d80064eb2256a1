package sheet

import (
	"bytes"
	"cmp"
	"io"
	"slices"
	"strconv"
)

// plan is what a worksheet says outside its rows. The merged ranges stand
// behind the rows, so the rows are passed over once to learn them.
type plan struct {
	hidden []bool  // by column
	merges []merge // by their first row
	rows   int     // about how many the sheet has
}

// merge is a range of cells merged into one; rows from 1, columns from 0.
type merge struct{ top, bottom, left, right int }

func (m merge) holds(row, column int) bool {
	return m.top <= row && row <= m.bottom && m.left <= column && column <= m.right
}

// plan reads the outline of a sheet once.
func (w *workbook) plan(sheet int) (*plan, error) {
	ws := &w.sheets[sheet]
	if ws.plan != nil {
		return ws.plan, nil
	}
	rc, err := w.open(ws.part)
	if err != nil {
		return nil, packageFault(w.name, err)
	}
	defer rc.Close()
	p, err := readPlan(rc, w.limits.Columns)
	if err == errTooMuch {
		return nil, refuse(w.name, "里合并的单元格过多。请取消合并后重新上传")
	}
	if err != nil {
		return nil, packageFault(w.name, err)
	}
	ws.plan = p
	return p, nil
}

func readPlan(src io.Reader, columns int) (*plan, error) {
	p := &plan{}
	s := newScanner(src)
	inside := false
	err := s.each(func() error {
		switch string(s.name) {
		case "col":
			p.hide(s, columns)
		case "sheetData":
			if inside = !s.empty; inside {
				return errStop
			}
		case "mergeCell":
			return p.merge(s.attr("ref"), columns)
		}
		return nil
	})
	if err == errStop {
		whole := io.MultiReader(bytes.NewReader(bytes.Clone(s.buf[s.r:s.w])), s.src)
		rest, rows, err := afterData(whole)
		if err != nil {
			return nil, err
		}
		p.rows = rows
		s = newScanner(rest)
		if err := s.each(func() error {
			if string(s.name) == "mergeCell" {
				return p.merge(s.attr("ref"), columns)
			}
			return nil
		}); err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	slices.SortStableFunc(p.merges, func(a, b merge) int { return cmp.Compare(a.top, b.top) })
	return p, nil
}

func (p *plan) hide(s *scanner, columns int) {
	if !s.attrTrue("hidden") {
		return
	}
	from, _ := strconv.Atoi(string(s.attr("min")))
	to, _ := strconv.Atoi(string(s.attr("max")))
	for c := max(from, 1) - 1; c < min(to, columns); c++ {
		for len(p.hidden) <= c {
			p.hidden = append(p.hidden, false)
		}
		p.hidden[c] = true
	}
}

func (p *plan) merge(ref []byte, columns int) error {
	a, b, found := bytes.Cut(ref, []byte(":"))
	if !found {
		return nil
	}
	m := merge{line(a), line(b), column(a), column(b)}
	m.right = min(m.right, columns-1)
	if m.top < 1 || m.left < 0 || m.bottom < m.top || m.right < m.left || m.top == m.bottom && m.left == m.right {
		return nil
	}
	if len(p.merges) >= maxMerges {
		return errTooMuch
	}
	p.merges = append(p.merges, m)
	return nil
}

// line reads the digits of a cell's name: "C7" is row 7. 0 is none.
func line(ref []byte) int {
	n, _ := strconv.Atoi(string(bytes.TrimLeft(ref, "ABCDEFGHIJKLMNOPQRSTUVWXYZ$")))
	return n
}

// merger follows the merged ranges down the rows of a sheet.
type merger struct {
	columns int // of a sheet: ranges that take more than these overlap
	waiting []merge
	active  []filled
}

type filled struct {
	merge
	value Cell // of its first cell
}

// mark flags the cells of a row that belong to a merged range. With fill,
// the rows below the first get its value, in its first column.
func (m *merger) mark(r *Row, fill bool) {
	m.active = slices.DeleteFunc(m.active, func(f filled) bool { return f.bottom < r.N })
	room := m.columns
	for _, f := range m.active {
		room -= f.right - f.left + 1
	}
	for len(m.waiting) > 0 && m.waiting[0].top <= r.N {
		if next := m.waiting[0]; next.bottom >= r.N && next.right-next.left < room {
			room -= next.right - next.left + 1
			f := filled{merge: next}
			if next.top == r.N {
				f.value = r.Cell(next.left)
			}
			m.active = append(m.active, f)
		}
		m.waiting = m.waiting[1:]
	}
	for _, f := range m.active {
		if fill && r.N > f.top && f.value.Text != "" {
			for len(r.Cells) <= f.left {
				r.Cells = append(r.Cells, Cell{})
			}
			r.Cells[f.left] = f.value
		}
		for c := f.left; c <= f.right && c < len(r.Cells); c++ {
			r.Cells[c].Merged = true
		}
	}
}

// rows reads a sheet and gives its merged cells their mark.
func (w *workbook) rows(sheet int, limits Limits, fill bool, each func(*Row) error) error {
	p, err := w.plan(sheet)
	if err != nil {
		return err
	}
	rc, err := w.open(w.sheets[sheet].part)
	if err != nil {
		return packageFault(w.name, err)
	}
	defer rc.Close()
	g := &grid{scanner: newScanner(rc), looks: &w.looks, limits: limits}
	m := merger{columns: limits.Columns, waiting: p.merges}
	var theirs error
	err = g.rows(func(r *Row) error {
		m.mark(r, fill)
		theirs = each(r)
		return theirs
	})
	if theirs != nil {
		return theirs
	}
	return rowFault(w.name, g.row.N, limits, err)
}

var endOfData = []byte("sheetData>")

// afterData passes over the rows of a sheet without reading them and counts
// them on the way. What it returns begins behind them.
func afterData(src io.Reader) (rest io.Reader, rows int, err error) {
	buf := make([]byte, 256<<10)
	keep := 0
	for {
		n, err := io.ReadFull(src, buf[keep:])
		piece := buf[:keep+n]
		if at := dataEnd(piece); at >= 0 {
			rows += bytes.Count(piece[:at], []byte("<row"))
			return io.MultiReader(bytes.NewReader(piece[at:]), src), rows, nil
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return nil, rows, errBroken
		}
		if err != nil {
			return nil, rows, err
		}
		keep = min(64, len(piece))
		rows += bytes.Count(piece[:len(piece)-keep], []byte("<row"))
		copy(buf, piece[len(piece)-keep:])
	}
}

// dataEnd returns where </sheetData> ends in piece, or -1.
func dataEnd(piece []byte) int {
	for from := 0; ; {
		i := bytes.Index(piece[from:], endOfData)
		if i < 0 {
			return -1
		}
		from += i + len(endOfData)
		tag := piece[bytes.LastIndexByte(piece[:from-len(endOfData)], '<')+1:]
		if len(tag) > 0 && tag[0] == '/' {
			return from
		}
	}
}
