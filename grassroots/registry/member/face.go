package member

import (
	"context"
	"net/url"
	"strconv"

	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/law"
	"unionhall/law/codes"
)

// What the pages show of their data.

// digits writes a number in groups of three: 20,014.
func digits(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// totalText is a list's total, empty where it was not counted.
func totalText(total any) string {
	switch n := total.(type) {
	case int64:
		return digits(n)
	case string:
		return "1,000+"
	}
	return ""
}

// clause is a rule as pages quote it.
func clause(id string) ui.Article {
	r, _ := law.RuleOf(id)
	return ui.Article{ID: r.ID, Text: r.Text, Citation: r.Citation, Recalled: r.Confidence == law.Recalled}
}

// values are the query as an address carries it, without where the page begins.
func (q Query) values() url.Values {
	v := url.Values{}
	for _, p := range [][2]string{{"q", q.Q}, {"union", q.Union}, {"status", string(q.Status)}, {"sex", string(q.Sex)},
		{"joined_from", string(q.From)}, {"joined_to", string(q.To)}, {"born_from", string(q.Born)}, {"born_to", string(q.BornTo)}, {"sort", q.Sort}} {
		if p[1] != "" && p != [2]string{"sort", "name"} {
			v.Set(p[0], p[1])
		}
	}
	if q.Limit != pageRows && q.Limit > 1 {
		v.Set("limit", itoa(q.Limit))
	}
	return v
}

// at is an address with the query, one value of it changed; "" drops it.
func (q Query) at(path, name, value string) string {
	v := q.values()
	if value == "" {
		v.Del(name)
	} else {
		v.Set(name, value)
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// turned is the address of the list sorted by key, the other way round if it
// is sorted so already.
func (q Query) turned(key string) string {
	if q.Sort == key {
		key = "-" + key
	}
	return q.at(listPlace, "sort", key)
}

func (p ListPage) chips() (out []ui.Chip) {
	if p.q.Union != "" {
		out = append(out, ui.Chip{Text: p.top.Name, Off: p.q.at(listPlace, "union", "")})
	}
	if p.q.Born != "" || p.q.BornTo != "" {
		q := p.q
		q.Born = ""
		out = append(out, ui.Chip{Text: "出生：" + orDash(string(p.q.Born)) + " 至 " + orDash(string(p.q.BornTo)), Off: q.at(listPlace, "born_to", "")})
	}
	return out
}

// keep is what the filter form must carry on.
func (p ListPage) keep() (out []ui.Pair) {
	for _, k := range []ui.Pair{{Name: "sort", Value: p.q.Sort}, {Name: "union", Value: p.q.Union},
		{Name: "born_from", Value: string(p.q.Born)}, {Name: "born_to", Value: string(p.q.BornTo)}} {
		if k.Value != "" && k.Value != "name" {
			out = append(out, k)
		}
	}
	return out
}

func (p ListPage) tally() string {
	by := map[string]string{"name": "按姓名拼音", "-name": "按姓名拼音倒序", "joined": "按入会先后", "-joined": "最近入会在前"}[p.q.Sort]
	if p.q.Q != "" {
		by = "最相符的在前"
	}
	if n := totalText(p.Total); n != "" {
		return "共 " + n + " 人 · " + by
	}
	return by
}

// narrowed reports whether anything narrows the list.
func (p ListPage) narrowed() bool {
	return p.q.Q != "" || p.q.Union != "" || p.q.Status != "" || p.q.Sex != "" || p.q.dated()
}

func (p ListPage) exportWords() string {
	if n, ok := p.Total.(int64); ok {
		return "导出这 " + digits(n) + " 人"
	}
	return "导出这些人"
}

func (p ListPage) newPlace() string {
	if p.q.Union != "" {
		return listPlace + "/new?union=" + p.q.Union
	}
	return listPlace + "/new"
}

// span is the part of the list on this page. A page found by its key does not
// know how many stood before it.
func (p ListPage) span() ui.Span {
	s := ui.Span{Unit: "人", Total: totalText(p.Total)}
	if p.q.After == "" {
		s.First, s.Last = min(1, len(p.Items)), len(p.Items)
	} else {
		s.Prev = p.q.at(listPlace, "after", "")
	}
	if p.Next != "" {
		s.Next = p.q.at(listPlace, "after", p.Next)
	}
	return s
}

// tone is how a membership's state is shown.
func (s Status) tone() ui.Kind {
	switch s {
	case Active:
		return ui.OK
	case Transferring, Applied:
		return ui.Info
	case Expelled:
		return ui.Bad
	}
	return ui.Mute
}

var statusOptions = func() []ui.Option {
	out := []ui.Option{{Value: "", Text: "全部"}}
	for _, s := range Statuses {
		out = append(out, ui.Option{Value: string(s), Text: s.Label()})
	}
	return append(out, ui.Option{Value: string(Counted), Text: Counted.Label()})
}()

var sexOptions = []ui.Option{{Value: "", Text: "全部"}, {Value: string(Male), Text: "男"}, {Value: string(Female), Text: "女"}, {Value: string(Unknown), Text: "未说明"}}

var columnWords = []string{"", "", "性别", "出生日期", "所在工会", "", "入会时间", "身份证号", "手机"}

func codeOptions(t codes.Table) (out []ui.Option) {
	for _, c := range t.All() {
		out = append(out, ui.Option{Value: c.Code, Text: c.Label})
	}
	return out
}

// checked is web.Field for a box to tick: a form that came back shows what was
// ticked in it and not what the person has.
func checked(ctx context.Context, f ui.Field) ui.Field {
	if _, back := web.Refused(ctx); back {
		f.On = web.Typed(ctx, f.Name, "") != ""
	}
	f.Error = web.Problem(ctx, f.Name)
	return f
}

func (d Detail) lead() string { return d.Row.UnionName + " · 会员号 " + orDash(d.CardNo) }

func orDash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

func (d Detail) places() []ui.Place {
	p := d.Row.Place()
	seen := 0
	for _, e := range d.Looks {
		if e.seen {
			seen++
		}
	}
	count := func(n int) string {
		if n == 0 {
			return ""
		}
		return itoa(n)
	}
	return []ui.Place{
		{Text: "资料", Href: p, On: d.tab == ""},
		{Text: "会籍变化和任职", Href: p + "?tab=history", Count: count(len(d.History)), On: d.tab == "history"},
		{Text: "附件", Href: p + "?tab=files", Count: count(len(d.Files)), On: d.tab == "files"},
		{Text: "变更记录", Href: p + "?tab=log", On: d.tab == "log"},
		{Text: "谁看过", Href: p + "?tab=looks", Count: count(seen), On: d.tab == "looks"},
	}
}

// story is how the membership began and changed, the latest first.
func (d Detail) story() (out []ui.Event) {
	for i := len(d.History) - 1; i >= 0; i-- {
		e := d.History[i]
		words := e.Reason
		add := func(text string) {
			if text != "" && words != "" {
				words += "；"
			}
			words += text
		}
		if e.FromName != "" && e.ToName != "" && e.FromName != e.ToName {
			add(e.FromName + " → " + e.ToName)
		}
		if e.Document != "" {
			add("文号 " + e.Document)
		}
		if e.ImportID != "" {
			add("随花名册导入")
		}
		out = append(out, ui.Event{Kind: e.Type.tone(), At: string(e.Day), Title: e.Type.Label(), Who: e.Who, Words: words})
	}
	return out
}

func (t EventType) tone() ui.Kind {
	switch t {
	case Joins, MovesIn, Resumes:
		return ui.OK
	case Expels:
		return ui.Bad
	}
	return ui.Mute
}

func timeline(entries []Entry) (out []ui.Event) {
	for _, e := range entries {
		kind := ui.Info
		if e.seen {
			kind = ui.Warn
		}
		out = append(out, ui.Event{Kind: kind, At: e.At.Local(), Title: e.Title, Who: e.Who, Words: e.Words})
	}
	return out
}

// size is a file's size in words.
func (f File) size() string {
	if f.Size < 1<<20 {
		return digits(max(1, f.Size>>10)) + " KB"
	}
	return strconv.FormatFloat(float64(f.Size)/(1<<20), 'f', 1, 64) + " MB"
}

// since is how the card tells the year of joining.
func (d Detail) since() string {
	if d.Joined == "" {
		return ""
	}
	return itoa(d.Joined.Year()) + " 年入会"
}

// number is the number on the card in its three parts.
//
// law: CARD-02
func (d Detail) number() string {
	if len(d.CardNo) != cardDigits {
		return orDash(d.CardNo)
	}
	return d.CardNo[:6] + " " + d.CardNo[6:12] + " " + d.CardNo[12:]
}
