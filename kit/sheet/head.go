package sheet

import (
	"slices"
	"strings"
	"unicode"

	"unionhall/kit/fault"
)

// headRows is how many rows may stand above the data.
const headRows = 30

// Head is where a table begins and what its columns are called.
type Head struct {
	Sheet       int      // which of Sheets
	First, Last int      // rows of the head: one, or two that belong together
	Names       []string // by column, blanks left out; "" has no name
	Hidden      []bool   // by column, as long as Names
	FillDown    []Fill   // columns that seem to be filled once for many rows
	Others      []string // visible sheets that are not read
	Rows        int      // about how many rows the sheet has, for a progress bar
	printed     [][]string
}

// Fill is a column whose value stands once for the rows below it as well.
type Fill struct {
	Column int
	Merged bool // by merged cells: Rows repeats the value; else the caller may
}

// FindHead looks for the head of a table in the visible sheets, by the names
// it knows, and takes the first sheet that has one. Title rows above it and
// heads of two lines are usual. None at all is fault.Invalid.
//
// law: IMP-01
func (b *Book) FindHead(known func(header string) bool) (Head, error) {
	head, found := Head{}, false
	for i, s := range b.Sheets() {
		if s.Hidden {
			continue
		}
		if found {
			head.Others = append(head.Others, s.Name)
			continue
		}
		h, ok, err := b.headOf(i, known)
		if err != nil {
			return Head{}, err
		}
		if ok {
			h.Others, head, found = head.Others, h, true
		} else {
			head.Others = append(head.Others, s.Name)
		}
	}
	if !found {
		return Head{}, fault.New(fault.Invalid, "「%s」里没有找到表头。表格上方 %d 行之内要有一行写明各列的名称，例如「姓名」「证件号码」；请补上后重新上传，或下载模板填写", b.Name, headRows)
	}
	return head, b.findFill(&head)
}

// headOf tries every row near the top of a sheet, alone and with the next.
func (b *Book) headOf(sheet int, known func(string) bool) (Head, bool, error) {
	p, err := b.planOf(sheet)
	if err != nil {
		return Head{}, false, err
	}
	var top []Row
	if err := b.first(sheet, headRows+1, func(r *Row) error {
		top = append(top, Row{N: r.N, Cells: slices.Clone(r.Cells)})
		return nil
	}); err != nil {
		return Head{}, false, err
	}
	best, bestRank := Head{}, 0
	for i := range top {
		one := names(&top[i])
		h := Head{First: top[i].N, Last: top[i].N, Names: one, printed: [][]string{one}}
		if r := 4*score(one, known) + 1; score(one, known) > 1 && r > bestRank {
			best, bestRank = h, r
		}
		if i+1 == len(top) || top[i+1].N != top[i].N+1 {
			continue
		}
		lower := names(&top[i+1])
		two, sure := join(p, top[i].N, one, lower, known)
		h = Head{First: top[i].N, Last: top[i+1].N, Names: two, printed: [][]string{one, lower, laid(one, lower)}}
		r := 4 * score(two, known)
		if sure {
			r += 2
		}
		if score(two, known) > 1 && r > bestRank {
			best, bestRank = h, r
		}
	}
	best.Sheet, best.Rows = sheet, p.rows
	best.Hidden = make([]bool, len(best.Names))
	copy(best.Hidden, p.hidden)
	return best, bestRank > 0, nil
}

func (b *Book) planOf(sheet int) (*plan, error) {
	if b.csv != nil {
		return &plan{rows: b.csv.lines}, nil
	}
	return b.xlsx.plan(sheet)
}

// score counts the different names that are known.
func score(names []string, known func(string) bool) int {
	seen := map[string]bool{}
	for _, n := range names {
		if n != "" && known(n) {
			seen[n] = true
		}
	}
	return len(seen)
}

func names(r *Row) []string {
	list := make([]string, len(r.Cells))
	for i, c := range r.Cells {
		list[i] = bare(c.Text)
	}
	return list
}

// bare leaves out every blank, so that 姓　　名 is 姓名.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '\u200B' || r == '\uFEFF' {
			return -1
		}
		return r
	}, s)
}

// join makes one line of names out of two: 联系方式 over 手机 and 办公电话. The
// inner name is enough where it is known and stands once. It is sure when
// cells merged across both lines bind them; else only what the lines hold
// speaks for it: the lower one fills the gaps of the upper one. Two lines that
// do not fit give no names.
func join(p *plan, row int, upper, lower []string, known func(string) bool) (list []string, sure bool) {
	over, lower := slices.Clone(upper), slices.Clone(lower)
	for len(over) < len(lower) {
		over = append(over, "")
	}
	for len(lower) < len(over) {
		lower = append(lower, "")
	}
	for _, m := range p.merges {
		if m.top > row {
			break
		}
		if m.left >= len(over) || m.bottom < row {
			continue
		}
		if m.top == row && m.bottom == row+1 && over[m.left] != "" {
			sure = true
		}
		for c := m.left + 1; c <= m.right && c < len(over) && m.top == row; c++ {
			over[c] = over[m.left]
		}
	}
	group := ""
	for c := range over {
		switch {
		case over[c] != "" && lower[c] != "" && !sure && !gapAfter(upper, lower, c):
			return nil, false
		case over[c] != "" && lower[c] != "":
			group = over[c]
		case over[c] != "":
			group = ""
		case lower[c] != "":
			over[c] = group
		}
	}
	list = make([]string, len(over))
	for c, inner := range lower {
		list[c] = name(over[c], inner, lower, known)
	}
	return list, sure
}

// laid is the lower line of a head as Rows sees it when it comes again: the
// names merged across both lines stand in it too.
func laid(upper, lower []string) []string {
	list := make([]string, max(len(upper), len(lower)))
	copy(list, upper)
	for c, n := range lower {
		if n != "" {
			list[c] = n
		}
	}
	return list
}

// gapAfter reports whether the name at c stands over more than its own column:
// the next column has one below and none above.
func gapAfter(upper, lower []string, c int) bool {
	return c+1 < len(lower) && lower[c+1] != "" && (c+1 >= len(upper) || upper[c+1] == "") ||
		c >= len(upper) || upper[c] == ""
}

func name(outer, inner string, all []string, known func(string) bool) string {
	once := 0
	for _, other := range all {
		if other == inner {
			once++
		}
	}
	switch {
	case inner == "" || inner == outer:
		return outer
	case outer == "":
		return inner
	case !known(outer+inner) && known(inner) && once == 1:
		return inner
	}
	return outer + inner
}

// findFill notes the columns that look filled once for many rows.
func (b *Book) findFill(h *Head) error {
	p, err := b.planOf(h.Sheet)
	if err != nil {
		return err
	}
	merged := make([]bool, len(h.Names))
	for _, m := range p.merges {
		if m.top > h.Last && m.bottom > m.top && m.left == m.right && m.left < len(merged) {
			merged[m.left] = true
		}
	}
	const sample = 200
	filled, leads := make([]int, len(h.Names)), make([]bool, len(h.Names))
	rows := 0
	if err := b.first(h.Sheet, sample+h.Last, func(r *Row) error {
		if r.N <= h.Last {
			return nil
		}
		for c := range filled {
			if strings.TrimSpace(r.Cell(c).Text) != "" {
				filled[c]++
				leads[c] = leads[c] || rows == 0
			}
		}
		rows++
		return nil
	}); err != nil {
		return err
	}
	for c, n := range h.Names {
		if n != "" && (merged[c] || leads[c] && rows > 2 && 2*filled[c] <= rows) {
			h.FillDown = append(h.FillDown, Fill{Column: c, Merged: merged[c]})
		}
	}
	return nil
}
