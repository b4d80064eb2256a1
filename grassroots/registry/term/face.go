package term

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"unionhall/grassroots/registry"
	"unionhall/kit/day"
	"unionhall/kit/ui"
	"unionhall/law"
)

func number(n int64) string { return strconv.FormatInt(n, 10) }

func contains(s, part string) bool { return strings.Contains(s, strings.TrimSpace(part)) }

func ordinal(n int64) string { return "第" + number(n) + "届" }

// clause is a rule as pages quote it.
func clause(id string) ui.Article {
	r, _ := law.RuleOf(id)
	return ui.Article{ID: r.ID, Text: r.Text, Citation: r.Citation, Recalled: r.Confidence == law.Recalled}
}

// at is the address of the calendar with one filter changed; the page begins
// anew.
func (q Query) at(name, value string) string { return q.address(listPlace, name, value) }

func (q Query) address(path, name, value string) string {
	v := url.Values{}
	for _, p := range [][2]string{{"q", q.Q}, {"kind", string(q.Kind)}, {"state", string(q.State)}, {"month", q.Month}, {"union", string(q.Union)}, {"view", q.View}} {
		if p[1] != "" && p[0] != name {
			v.Set(p[0], p[1])
		}
	}
	if name != "" && value != "" {
		v.Set(name, value)
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

func kindOptions() []ui.Option {
	out := []ui.Option{{Value: "", Text: "全部"}}
	for _, k := range registry.BodyKinds {
		out = append(out, ui.Option{Value: string(k), Text: k.Label()})
	}
	return out
}

func stageOptions() []ui.Option {
	out := []ui.Option{{Value: "", Text: "全部"}}
	for _, s := range registry.Stages {
		out = append(out, ui.Option{Value: string(s), Text: s.Label()})
	}
	return out
}

// years is how far the heat map looks ahead.
const years = 5

// monthOptions offers the quarters that the heat map shows.
func (p CalendarPage) monthOptions() []ui.Option {
	out := []ui.Option{{Value: "", Text: "全部"}}
	if p.q.Month != "" && !strings.Contains(p.q.Month, "Q") {
		out = append(out, ui.Option{Value: p.q.Month, Text: monthText(p.q.Month)})
	}
	for y := p.clock.Today.Year(); y <= p.clock.Today.Year()+years; y++ {
		for n := 1; n <= 4; n++ {
			v := fmt.Sprintf("%d-Q%d", y, n)
			if (Query{Month: v}).to() >= p.clock.Today {
				out = append(out, ui.Option{Value: v, Text: monthText(v)})
			}
		}
	}
	if q := p.q.Month; q != "" && !slices.ContainsFunc(out, func(o ui.Option) bool { return o.Value == q }) {
		out = append(out, ui.Option{Value: q, Text: monthText(q)})
	}
	return out
}

// monthText is a month or a quarter as people write it.
func monthText(m string) string {
	year, rest, _ := strings.Cut(m, "-")
	if n, ok := strings.CutPrefix(rest, "Q"); ok {
		return year + " 年第 " + n + " 季度"
	}
	return year + " 年 " + strings.TrimPrefix(rest, "0") + " 月"
}

// chips are the filters at work.
func (p CalendarPage) chips() (out []ui.Chip) {
	add := func(on bool, name, text string) {
		if on {
			out = append(out, ui.Chip{Text: text, Off: p.q.at(name, "")})
		}
	}
	add(p.q.Kind != "", "kind", p.q.Kind.Label())
	add(p.q.State != "", "state", p.q.State.Label())
	add(p.q.Month != "", "month", monthText(p.q.Month)+"届满")
	add(p.q.Union != "", "union", p.q.Union.Label())
	return out
}

func (p CalendarPage) span() (s ui.Span) {
	s.Unit = "个"
	n := len(p.Items) + len(p.Lines)
	if p.q.After == "" && n > 0 {
		s.First, s.Last = 1, n
	}
	if p.Next != "" {
		s.Next = p.q.at("after", p.Next)
	}
	if p.q.After != "" {
		s.Prev = p.q.at("", "")
	}
	return s
}

// heat is the map of who is due when: a year a line, a month a column.
func (p CalendarPage) heat() ui.Heat {
	months := map[string]int64{}
	for _, c := range p.Heat.Months {
		months[c.Month] = c.N
	}
	first := p.clock.Today.Year()
	h := ui.Heat{Unit: "个", Corner: "年份"}
	for m := 1; m <= 12; m++ {
		h.Columns = append(h.Columns, strconv.Itoa(m)+"月")
	}
	all, most, when := int64(0), int64(0), ""
	for y := first; y <= first+years; y++ {
		row := ui.HeatRow{Label: strconv.Itoa(y)}
		for m := 1; m <= 12; m++ {
			key := fmt.Sprintf("%d-%02d", y, m)
			row.Cells = append(row.Cells, ui.HeatCell{N: months[key], Href: p.q.at("month", key), Now: key == string(p.clock.Today[:7])})
			if key < string(p.clock.Today[:7]) {
				continue
			}
			all += months[key]
			if months[key] > most {
				most, when = months[key], key
			}
		}
		h.Rows = append(h.Rows, row)
	}
	late := p.Heat.Stages[registry.PastTerm] + p.Heat.Stages[registry.LongPast]
	h.Summary = fmt.Sprintf("今后五年有 %d 个机构届满，已届满未换届 %d 个。", all, late)
	if most > 0 {
		h.Summary += fmt.Sprintf("最集中的是 %s，%d 个。", monthText(when), most)
	}
	return h
}

// left says how many days there are, or how many have passed.
func (r Row) left() string {
	switch {
	case r.Left == 0:
		return "今天"
	case r.Left < 0:
		return "已过 " + strconv.Itoa(-r.Left) + " 天"
	}
	return "还有 " + strconv.Itoa(r.Left) + " 天"
}

// note says what else there is to a term: an extension, a deadline.
func (r Row) note() string {
	var parts []string
	if r.FirstDue != "" {
		parts = append(parts, "原 "+string(r.FirstDue)+"，已延期")
	}
	if r.Deadline != "" {
		parts = append(parts, "限 "+string(r.Deadline)+" 前换届")
	}
	return strings.Join(parts, "；")
}

// columns of the calendar by months.
func (p CalendarPage) window() (out []day.Day) {
	for i := range 12 {
		out = append(out, p.starts.AddMonths(i))
	}
	return out
}

// mark is what of a union falls due on one day.
type mark struct {
	stage       registry.Stage
	text, title string
	due         day.Day
}

// marks are what of a line falls due in a month, a sign for each body.
func (l Line) marks(month day.Day) (out []mark) {
	for _, b := range l.Bodies {
		if b.Due.MonthStart() != month {
			continue
		}
		if n := len(out) - 1; n < 0 || out[n].due != b.Due {
			out = append(out, mark{stage: b.Stage, title: string(b.Due) + " " + b.Stage.Label() + "：", due: b.Due})
		}
		m := &out[len(out)-1]
		m.text += sign(b.Kind)
		m.title += b.Kind.Label() + " "
	}
	return out
}

func (m mark) day() string { return m.text + " " + strings.TrimPrefix(string(m.due[8:]), "0") + "日" }

// monthHead is the head of a month's column; the year stands at its first.
func monthHead(i int, m day.Day) string {
	words := strconv.Itoa(m.Month()) + "月"
	if i == 0 || m.Month() == 1 {
		words = strconv.Itoa(m.Year()) + "年" + words
	}
	return words
}

// sign is a body in one character.
func sign(k registry.BodyKind) string {
	return map[registry.BodyKind]string{registry.Committee: "委", registry.Standings: "常", registry.Audit: "经", registry.Women: "女"}[k]
}

func (p CalendarPage) tally() string {
	var n int64
	for _, v := range p.Heat.Stages {
		n += v
	}
	return "共 " + number(n) + " 个有届期的机构"
}

func meetingKinds() (out []ui.Option) {
	for _, k := range MeetingKinds {
		out = append(out, ui.Option{Value: string(k), Text: k.Label()})
	}
	return out
}

func callers() (out []ui.Option) {
	for _, c := range Callers {
		out = append(out, ui.Option{Value: string(c), Text: c.Label()})
	}
	return out
}

func seatOptions(seats []registry.Seat) (out []ui.Option) {
	for _, s := range seats {
		out = append(out, ui.Option{Value: s.ID, Text: s.Name + "（" + s.Office.Label() + "）"})
	}
	return out
}

// vacant reports whether the committee sits without its head.
func (p UnionPage) vacant() (registry.Body, bool) {
	i := slices.IndexFunc(p.Bodies, func(b registry.Body) bool { return b.Kind == registry.Committee && b.Holding.Heads == 0 })
	if i < 0 {
		return registry.Body{}, false
	}
	return p.Bodies[i], true
}

// extensible reports whether an extension of the body may be asked for at all.
func (p UnionPage) extensible(b registry.Body) bool {
	s := b.Stage(p.bounds.Clock)
	return b.FirstDue == "" && b.Due != "" && (s == registry.Nearing || s == registry.FallingDue || s == registry.PastTerm || s == registry.LongPast)
}

// chairs are the open seats of chair and vice-chairs.
func (p UnionPage) chairs() (out []registry.Seat) {
	for _, s := range p.seats {
		if s.To == "" && s.Body == registry.Committee && s.Office.Protected() {
			out = append(out, s)
		}
	}
	return out
}

// gap tells how the shares of women differ at a congress.
func (p UnionPage) gap(m Meeting) (words string, wide bool) {
	if m.Delegates == 0 {
		return "", false
	}
	n, wide := Gap(p.figures.Women, p.figures.Members, m.WomenAmong, m.Delegates, p.bounds.DelegateGap)
	return "女代表 " + share(m.WomenAmong, m.Delegates) + "，相差 " + points(n) + " 个百分点", wide
}

// met says when the members or delegates last met.
func (p UnionPage) met() (words string, late bool) {
	last := p.figures.Met
	switch {
	case last == "":
		return "还没有登记过会议，每年至少召开一次。", false
	case p.bounds.MeetMonths > 0 && p.bounds.Today > last.AddMonths(p.bounds.MeetMonths):
		return "上次会议在 " + string(last) + "，已超过 " + strconv.Itoa(p.bounds.MeetMonths) + " 个月。", true
	}
	return "上次会议在 " + string(last) + "。", false
}

// stages are those that some term is at now.
func (p CalendarPage) stages() (out []registry.Stage) {
	for _, s := range registry.Stages {
		if p.Heat.Stages[s] > 0 {
			out = append(out, s)
		}
	}
	return out
}

// keep is what the filter form must carry on.
func (p CalendarPage) keep() (out []ui.Pair) {
	for _, k := range []ui.Pair{{Name: "view", Value: p.q.View}, {Name: "union", Value: string(p.q.Union)}} {
		if k.Value != "" {
			out = append(out, k)
		}
	}
	return out
}
