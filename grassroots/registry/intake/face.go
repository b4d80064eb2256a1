package intake

import (
	"net/url"
	"strconv"
	"strings"

	"unionhall/kit/job"
	"unionhall/kit/ui"
)

// What the pages say in words.

func itoa[N int | int64](n N) string { return strconv.FormatInt(int64(n), 10) }

// digits writes a whole number in groups of three.
func digits(n int64) string {
	s := itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// tone is the state in colour and word.
func (i Import) tone() (ui.Kind, string) {
	switch i.State {
	case Confirmed:
		return ui.OK, i.State.Label()
	case Judged:
		return ui.Warn, i.State.Label()
	case Failed:
		return ui.Bad, i.State.Label()
	case Undone:
		return ui.Mute, i.State.Label()
	}
	return ui.Info, i.State.Label()
}

// Busy reports whether work goes on about the import.
func (i Import) Busy() bool { return i.State == Reading || i.State == Applying || i.State == Undoing }

// unit is what rows of the kind are counted in.
func (k Kind) unit() string {
	if k == Unions {
		return "家"
	}
	return "人"
}

// step is how far the import is among its four.
func (v View) step() int {
	switch v.State {
	case Failed:
		return min(1, len(v.Columns))
	case Reading:
		return 1
	case Judged:
		return 2
	case Applying, Undoing:
		return 3
	}
	return 4
}

func (v View) title() string { return "导入" + v.Kind.Label() + " · " + v.FileName }

// lead is the page in one line.
func (v View) lead() string {
	switch v.State {
	case Reading:
		return "正在逐行核对；确认之前不会写入任何数据。"
	case Judged:
		return digits(v.Rows) + " 行，已全部核对；确认之前不会写入任何数据。"
	case Applying:
		return "正在写入，全部写完之前名单里看不到新人。"
	case Confirmed:
		return digits(v.Rows) + " 行，已于 " + v.Confirmed.Local() + " 写入。"
	case Undoing:
		return "正在撤回这次导入写入的内容。"
	case Undone:
		return "这次导入已撤销，它写入的内容都已撤回。"
	}
	return "没有写入任何数据。"
}

// work is the bar of what is being done.
func (v View) work() ui.Work {
	w := ui.Work{ID: "import-work", Title: v.State.Label(), Unit: "行", State: ui.Info, Poll: v.Place(), Whole: true, Words: "离开这一页也会继续。"}
	if v.Work == nil {
		if v.State == Undoing {
			w.Poll, w.State, w.Words = "", ui.Warn, v.Note
		}
		return w
	}
	w.Done, w.Total = v.Work.Done, v.Work.Total
	if v.Work.State == job.Waiting {
		w.Words = "正在排队，前面的任务做完就开始。离开这一页也会继续。"
	}
	return w
}

// stalled reports whether the import was left half taken back.
func (v View) stalled() bool { return v.State == Undoing && v.Work == nil }

// figures are the verdict in numbers.
func (v View) figures() []ui.Figure {
	u := v.Kind.unit()
	reminded := ""
	if v.Warned > 0 {
		reminded = digits(v.Warned) + " 行有提醒，照常写入"
	}
	out := []ui.Figure{
		{Label: "新增" + map[Kind]string{Roster: "会员", Unions: "工会"}[v.Kind], Value: digits(v.New), Unit: u, Kind: ui.OK, Note: reminded},
		{Label: "信息变更", Value: digits(v.Changed), Unit: u, Note: "原有值留在变更记录里"},
	}
	if v.Kind == Roster {
		out = append(out, ui.Figure{Label: "已在其他工会", Value: digits(v.Moved), Unit: u, Note: v.offered()})
	}
	refused := ui.Figure{Label: "退回修改", Value: digits(v.Refused), Unit: "行", Note: "不影响其余各行"}
	if v.Refused > 0 {
		refused.Kind, refused.Href = ui.Bad, v.part("refuse")
	}
	return append(out, ui.Figure{Label: "没有变化", Value: digits(v.Same), Unit: u}, refused)
}

func (v View) offered() string {
	switch {
	case v.Moved == 0:
		return ""
	case v.Offered == v.Moved:
		return "可以一并接转过来"
	case v.Offered > 0:
		return digits(v.Offered) + " 人可以一并接转过来"
	}
	return "请与原工会办理接转"
}

// press is the main button: 写入 318 人，退回 140 行.
func (v View) press() string {
	text := "写入 " + digits(v.Writes()) + " " + v.Kind.unit()
	if n := v.Refused + v.Moved; n > 0 {
		text += "，退回 " + digits(n) + " 行"
	}
	return text
}

// unsure is how many columns were taken by likeness.
func (v View) unsure() (n int) {
	for _, c := range v.Columns {
		if c.Field != "" && !c.Sure {
			n++
		}
	}
	return n
}

// confidence says how a column was recognised.
func (c Column) confidence() (ui.Kind, string) {
	switch {
	case c.Field == "":
		return ui.Mute, "不导入"
	case c.Sure:
		return ui.OK, "已认出"
	}
	return ui.Warn, "猜的，请核对"
}

func (c Column) name() string {
	if c.Hidden {
		return c.Header + "（隐藏列）"
	}
	return c.Header
}

// choices are the fields that a column can be.
func choices(k Kind) []ui.Option {
	out := []ui.Option{{Value: "", Text: "不导入"}}
	for _, f := range fieldsOf(k) {
		text := f.Label
		if f.Required {
			text += "（必填）"
		}
		out = append(out, ui.Option{Value: f.Key, Text: text})
	}
	return out
}

// tone is a problem's verdict in colour and word.
func (p Problem) tone() (ui.Kind, string) {
	switch {
	case p.Code == "duplicate.elsewhere":
		return ui.Info, "在其他工会"
	case p.Severity == Refuse:
		return ui.Bad, "退回"
	}
	return ui.Warn, "提醒"
}

// at is where the problem stands in the sheet.
func (p Problem) at() string {
	if p.Row == 0 {
		return "整份"
	}
	return itoa(p.Row)
}

// column is the header, as long as a table bears.
func (p Problem) column() string { return clip(p.Column, 12) }

func (p Problem) who() string {
	if p.Name == "" {
		return "—"
	}
	return p.Name
}

// part leads to the problems of one severity.
func (i Import) part(s Severity) string {
	if s == "" {
		return i.Place() + "/problems"
	}
	return i.Place() + "/problems?severity=" + string(s)
}

// parts lead between the problems by their verdict.
func (p ProblemsPage) parts() []ui.Place {
	return []ui.Place{
		{Text: "全部", Href: p.imp.part(""), On: p.q.Severity == ""},
		{Text: "退回", Href: p.imp.part(Refuse), Count: digits(p.imp.Refused + p.imp.Moved), On: p.q.Severity == Refuse},
		{Text: "提醒", Href: p.imp.part(Warn), Count: digits(p.imp.Warned), On: p.q.Severity == Warn},
	}
}

func (p ProblemsPage) span() ui.Span {
	s := ui.Span{Unit: "条"}
	base := p.imp.Place() + "/problems?severity=" + string(p.q.Severity)
	if p.Next != "" {
		s.Next = base + "&after=" + url.QueryEscape(p.Next)
	}
	if p.q.After != "" {
		s.Prev = base
	}
	return s
}

func readKey(after string) (row, seq int64) {
	a, b, ok := strings.Cut(after, "~")
	row, err1 := strconv.ParseInt(a, 10, 64)
	seq, err2 := strconv.ParseInt(b, 10, 64)
	if !ok || err1 != nil || err2 != nil {
		return -1, 0
	}
	return row, seq
}

func writeKey(row, seq int64) string { return itoa(row) + "~" + itoa(seq) }

// wrote is what a list of imports says of its rows.
func (i Import) wrote() string {
	if i.State == Failed || i.State == Reading {
		return "—"
	}
	var parts []string
	for _, p := range []struct {
		word string
		n    int64
	}{{"新增", i.New}, {"变更", i.Changed}, {"在其他工会", i.Moved}, {"相同", i.Same}, {"退回", i.Refused}} {
		if p.n > 0 {
			parts = append(parts, p.word+" "+digits(p.n))
		}
	}
	if len(parts) == 0 {
		return "没有数据行"
	}
	return strings.Join(parts, "，")
}

func kindOptions(ks []Kind) (out []ui.Option) {
	for _, k := range ks {
		out = append(out, ui.Option{Value: string(k), Text: k.Label()})
	}
	return out
}

func templatePlace(k Kind) string { return home + "/template.xlsx?kind=" + string(k) }

// brought leads to the members of an import.
func (i Import) brought() string { return i.Place() + "/members" }

func (p ListPage) span() ui.Span {
	s := ui.Span{Unit: "次", Total: digits(p.Total)}
	if p.q.After == "" && len(p.Items) > 0 {
		s.First, s.Last = 1, len(p.Items)
	} else if p.q.After != "" {
		s.Prev = home
	}
	if p.Next != "" {
		s.Next = home + "?after=" + p.Next
	}
	return s
}

// shown are a column's first values on one line.
func (c Column) shown() string {
	if len(c.Samples) == 0 {
		return "（空）"
	}
	return strings.Join(c.Samples, "、")
}
