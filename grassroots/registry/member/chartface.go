package member

import (
	"context"
	"net/url"
	"strconv"

	"unionhall/kit/day"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// What the page of figures shows, and where each leads.

// pair is a value of an address.
func pair(name, value string) []string { return []string{name, value} }

func status(s Status) []string { return pair("status", string(s)) }

// list is the address of the members that a figure counts.
func (c Charts) list(pairs ...[]string) string { return c.listOf(c.top, pairs...) }

func (c Charts) listOf(union string, pairs ...[]string) string {
	v := url.Values{}
	if union != "" {
		v.Set("union", union)
	}
	for _, p := range pairs {
		if len(p) == 2 {
			v.Set(p[0], p[1])
		}
	}
	if len(v) == 0 {
		return listPlace
	}
	return listPlace + "?" + v.Encode()
}

// of is everybody in a status.
func (c Charts) of(s Status) int64 {
	for _, n := range c.Statuses {
		if n.Status == s {
			return n.All()
		}
	}
	return 0
}

// sexes are the counted members by sex.
func (c Charts) sexes() (men, women, others int64) {
	for _, n := range c.Statuses {
		if n.Status.Counts() {
			men, women, others = men+n.Men, women+n.Women, others+n.Others
		}
	}
	return men, women, others
}

func (c Charts) women() int64 { _, w, _ := c.sexes(); return w }

// share is a part of the whole as people write it.
func share(part, whole int64) string {
	if whole == 0 {
		return ""
	}
	return "占 " + strconv.FormatFloat(float64(part*1000/whole)/10, 'f', 1, 64) + "%"
}

// since is the first day of so many months up to this one.
func (c Charts) since(months int) day.Day { return c.today.MonthStart().AddMonths(1 - months) }

func (c Charts) lately(months int) (n int64) {
	for _, m := range c.Months[len(c.Months)-months:] {
		n += m.Joined
	}
	return n
}

func (c Charts) trend() (out []int64) {
	for _, m := range c.Months[len(c.Months)-12:] {
		out = append(out, m.Joined)
	}
	return out
}

func (c Charts) unionWords() string {
	first := c.Unions[0]
	return "共 " + digits(int64(len(c.Unions))) + " 家有会员，" + first.Name + "最多，" + digits(first.Members) + " 人。"
}

func (c Charts) unionBars() []ui.Bar {
	out := make([]ui.Bar, len(c.Unions))
	for i, u := range c.Unions {
		out[i] = ui.Bar{Label: u.Name, Value: u.Members, Href: c.listOf(u.Code, status(Counted))}
	}
	return out
}

func (c Charts) months() ui.Series {
	s := ui.Series{Unit: "人", A: "入会", B: "减少"}
	var joined, left int64
	for _, m := range c.Months {
		label := m.Month[2:4] + "年" + strconv.Itoa(day.Day(m.Month+"-01").Month()) + "月"
		s.Months = append(s.Months, ui.Month{Label: label, A: m.Joined, B: m.Left})
		joined, left = joined+m.Joined, left+m.Left
	}
	s.Summary = "近 36 个月入会 " + digits(joined) + " 人，退会、除名和去世 " + digits(left) + " 人。"
	return s
}

func (c Charts) statusWords() string {
	var all int64
	for _, n := range c.Statuses {
		all += n.All()
	}
	return "登记在案 " + digits(all) + " 人，其中计入会员统计 " + digits(c.Counted) + " 人。"
}

func (c Charts) statusBars() (out []ui.Bar) {
	for _, n := range c.Statuses {
		out = append(out, ui.Bar{Label: n.Status.Label(), Value: n.All(), Href: c.list(status(n.Status))})
	}
	return out
}

func (c Charts) ageWords() string {
	var known int64
	most := AgeCount{}
	for _, a := range c.Ages {
		known += a.Members
		if a.Members > most.Members {
			most = a
		}
	}
	if known == 0 {
		return "还没有登记出生日期。"
	}
	words := "按今年年底的周岁，" + most.Label + "最多，" + digits(most.Members) + " 人。"
	if rest := c.Counted - known; rest > 0 {
		words += "另有 " + digits(rest) + " 人没有登记出生日期。"
	}
	return words
}

func (c Charts) ageBars() (out []ui.Bar) {
	for _, a := range c.Ages {
		out = append(out, ui.Bar{Label: a.Label, Value: a.Members, Href: c.list(status(Counted), pair("born_from", string(a.from)), pair("born_to", string(a.to)))})
	}
	return out
}

func (c Charts) sexWords() string {
	men, women, _ := c.sexes()
	return "男 " + digits(men) + " 人，女 " + digits(women) + " 人。"
}

func (c Charts) sexBars() []ui.Bar {
	men, women, others := c.sexes()
	out := []ui.Bar{{Label: "男", Value: men, Href: c.list(status(Counted), pair("sex", "male"))}, {Label: "女", Value: women, Href: c.list(status(Counted), pair("sex", "female"))}}
	if others > 0 {
		out = append(out, ui.Bar{Label: "未说明", Value: others, Href: c.list(status(Counted), pair("sex", "unknown"))})
	}
	return out
}

// revealProblem is the message at the reason of the field that was asked for.
func revealProblem(ctx context.Context, field string) string {
	if web.Typed(ctx, "field", "") == field {
		return web.Problem(ctx, "reason")
	}
	return ""
}
