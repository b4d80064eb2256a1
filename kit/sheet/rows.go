package sheet

import (
	"slices"
	"strings"
)

// Tally tells what Rows gave and what it passed over, by row number, so that
// a page can say so.
type Tally struct {
	Data  int
	Heads []int // the head again, as printed lists repeat it
	Notes []int // notes, totals, signatures, and rows that only bear a number
}

// Rows calls each for every row of data below the head. Rows without any
// text, the head repeated, and notes are passed over. required names the
// columns of which a row of data fills at least one; without any, only what
// reads like a note is one. Vertically merged cells give their value to every
// row they span. The row is only good during the call; its texts may be kept.
//
// law: IMP-01
func (b *Book) Rows(h Head, required []int, each func(*Row) error) (Tally, error) {
	var t Tally
	do := func(r *Row) error {
		if r.N <= h.Last {
			return nil
		}
		switch filled := present(r); {
		case len(filled) == 0:
			return nil
		case h.repeated(r):
			t.note(&t.Heads, r.N)
			return nil
		case isNote(r, filled, required, t.Data > 0):
			t.note(&t.Notes, r.N)
			return nil
		}
		t.Data++
		return each(r)
	}
	if b.csv != nil {
		return t, b.csv.rows(b.limits, do)
	}
	return t, b.xlsx.rows(h.Sheet, b.limits, true, do)
}

// note keeps the first thousand numbers; who has more reads none of them.
func (*Tally) note(list *[]int, row int) {
	if len(*list) < 1_000 {
		*list = append(*list, row)
	}
}

// present returns the columns that hold more than blanks.
func present(r *Row) []int {
	var room [64]int
	list := room[:0]
	for c := range r.Cells {
		if t := r.Cells[c].Text; t != "" && strings.TrimSpace(t) != "" {
			list = append(list, c)
		}
	}
	return list
}

// repeated reports whether the row is a line of the head again.
func (h *Head) repeated(r *Row) bool {
	return slices.ContainsFunc(h.printed, func(line []string) bool { return same(r, line) })
}

func same(r *Row, line []string) bool {
	hits := 0
	for c := range max(len(line), len(r.Cells)) {
		want := ""
		if c < len(line) {
			want = line[c]
		}
		text := r.Cell(c).Text
		if len(text) > 3*len(want)+60 || bare(text) != want {
			return false
		}
		if want != "" {
			hits++
		}
	}
	return hits > 1
}

// noteWords begin the rows that stand below a table, and sometimes in it.
var noteWords = []string{
	"注:", "注：", "备注:", "备注：", "说明", "填表说明", "填表人", "填报人", "填表单位", "填报单位", "填表日期", "填报日期", "填报时间",
	"制表", "审核", "复核", "经办人", "负责人", "单位负责人", "工会主席", "联系人:", "联系人：", "联系电话:", "联系电话：",
	"本页", "以上",
}

// totals stand at the head of rows that add up the others.
var totals = []string{"合计", "总计", "小计", "共计", "本页合计", "本页小计"}

// isNote judges a row that is no data: one that fills no required column and
// has text in its first two columns only, or reads like a note.
func isNote(r *Row, filled, required []int, below bool) bool {
	first := bare(r.Cells[filled[0]].Text)
	word := slices.ContainsFunc(noteWords, func(w string) bool { return strings.HasPrefix(first, w) })
	ahead := filled[len(filled)-1] < 2 // nothing beyond the first two columns
	if slices.Contains(totals, first) || word && (len(filled) == 1 || ahead || signed(r, filled)) {
		return true
	}
	if len(required) == 0 || slices.ContainsFunc(required, func(c int) bool { return slices.Contains(filled, c) }) {
		return false
	}
	return word || below && ahead
}

// signed reports whether every text in the row is a label, as in 填表人：  审核人：.
func signed(r *Row, filled []int) bool {
	for _, c := range filled {
		if !strings.ContainsAny(r.Cells[c].Text, ":：") {
			return false
		}
	}
	return true
}
