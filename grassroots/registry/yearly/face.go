package yearly

import (
	"fmt"
	"net/url"
	"strconv"

	"unionhall/kit/ui"
	"unionhall/law"
)

// digits writes a number in groups of three: 20,014.
func digits(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func clause(id string) ui.Article {
	r, _ := law.RuleOf(id)
	return ui.Article{ID: r.ID, Text: r.Text, Citation: r.Citation, Recalled: r.Confidence == law.Recalled}
}

// at is an address below the return's, with what narrows it.
func (r Return) at(path string, pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	if len(v) == 0 {
		return r.Place() + path
	}
	return r.Place() + path + "?" + v.Encode()
}

// unitCode is the code of the union looked at, where it is not the whole.
func (p OnePage) unitCode() string {
	if p.Root {
		return ""
	}
	return p.Top.Code
}

// behind is the list behind a figure; empty where one may not see it.
func (p OnePage) behind(l Line) string {
	switch {
	case l.people && !p.Names:
		return ""
	case l.people:
		return p.at("/people", "of", l.Key, "unit", p.unitCode())
	}
	return p.at("/units", "of", l.Key, "unit", p.unitCode())
}

func (p OnePage) lead() string {
	if p.Top.Name == "" {
		return "统计日 " + string(p.On) + "。"
	}
	return p.Top.Name + "及下级，统计日 " + string(p.On) + "。"
}

func (p OnePage) crumbs() []ui.Link {
	out := []ui.Link{{Text: "统计年报", Href: place}}
	if !p.Root {
		out = append(out, ui.Link{Text: p.title(), Href: p.Place()})
	}
	return out
}

// heads are the figures on top.
func (p OnePage) heads() []Line {
	return []Line{p.Lines[nUnions], p.Lines[nMembers], p.Lines[nWomen], p.Lines[nRetained]}
}

func (p OnePage) beforeHead() string {
	if p.Before == 0 {
		return "上年"
	}
	return fmt.Sprintf("%d 年", p.Before)
}

func (l Line) before() string {
	if l.Before == nil {
		return "—"
	}
	return digits(*l.Before)
}

func (l Line) difference() string {
	if l.Before == nil {
		return "—"
	}
	if d := l.Value - *l.Before; d > 0 {
		return "+" + digits(d)
	} else {
		return digits(d)
	}
}

// share is by how many per cent a figure rose or fell, to a tenth, rounded
// away from zero at the half.
func (l Line) share() string {
	if l.Before == nil || *l.Before == 0 {
		return "—"
	}
	d, sign := l.Value-*l.Before, "+"
	if d < 0 {
		d, sign = -d, "-"
	}
	tenths := (d*2000 + *l.Before) / (2 * *l.Before)
	if tenths == 0 {
		return "0.0%"
	}
	return fmt.Sprintf("%s%d.%d%%", sign, tenths/10, tenths%10)
}

func (l Line) change() string {
	if l.Before == nil {
		return "没有上年的数字"
	}
	return "比上年 " + l.difference()
}

// chart draws members by year, women and others.
func (p OnePage) chart() ui.Series {
	first, last := p.Years[0], p.Years[len(p.Years)-1]
	s := ui.Series{Unit: "人", Axis: "年度", A: "女会员", B: "其他会员", Summary: fmt.Sprintf("会员从 %d 年的 %s 人到 %d 年的 %s 人。", first.Year, digits(first.Members), last.Year, digits(last.Members))}
	for _, y := range p.Years {
		s.Months = append(s.Months, ui.Month{Label: fmt.Sprintf("%d年", y.Year), A: y.Women, B: y.Members - y.Women})
	}
	return s
}

// waits says for whom the return waits, where it is not the viewer.
func (p OnePage) waits() string {
	for _, s := range Procedure.Next(p.State) {
		if s.Act != Back && s.Act != Make {
			return "下一步“" + s.Button + "”，由" + s.Who() + "办理；汇总、审核、定稿须由不同的人办。"
		}
	}
	return ""
}

func (p OnePage) events() (out []ui.Event) {
	for i := len(p.History) - 1; i >= 0; i-- {
		h := p.History[i]
		who := h.Office.Label()
		if h.Office == "system" {
			who = "系统"
		}
		words := h.Words
		if h.Document != "" {
			words = h.Document
		}
		out = append(out, ui.Event{Kind: h.After.kind(), At: h.At.Local(), Title: Labels[h.Act], Who: who, Words: words})
	}
	return out
}

func (u Unit) tone() ui.Kind {
	switch u.Review {
	case confirmed:
		return ui.OK
	case objected:
		return ui.Bad
	}
	return ui.Mute
}

func (u Unit) said() string {
	if u.Review == "" {
		return "还没有核对"
	}
	return u.reviewLabel()
}

func (u Unit) choice() string {
	if u.Review == objected {
		return "0"
	}
	return "1"
}

func (p PeoplePage) next() string {
	if p.Next == "" {
		return ""
	}
	return p.Return.at("/people", "of", p.Indicator.Key, "unit", p.Top.Code, "after", p.Next)
}
