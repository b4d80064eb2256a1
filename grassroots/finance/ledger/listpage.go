package ledger

import (
	"net/url"
	"strconv"
	"strings"

	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// ListPage is the vouchers of a book, or of all books within reach.
type ListPage struct {
	Book   *Book           `json:"book"`
	Items  []Voucher       `json:"items"`
	Next   string          `json:"next,omitempty"`
	Counts map[State]int64 `json:"counts"`
	q      Query
	sort   string
	unions []registry.Ref
	makers []ui.Option
	tops   []ui.Option // accounts of level 1, to filter by
	union  registry.Ref
	may    map[auth.Action]bool
}

const (
	usualLimit = 50
	mostLimit  = 200
)

func (rm Room) list(r *web.Request, in Query) (p ListPage, err error) {
	if in.Limit <= 0 || in.Limit > mostLimit {
		in.Limit = usualLimit
	}
	if p, err = rm.asked(r, in); err != nil {
		return p, err
	}
	if p.Book == nil && p.q.Union != "" {
		return p, nil
	}
	if p.Counts, err = counts(r.Ctx, r.Tx, r.Grant, p.book(), p.q); err != nil {
		return p, err
	}
	q := p.q
	q.Limit++
	if p.Items, err = List(r.Ctx, r.Tx, r.Grant, p.book(), q); err != nil {
		return p, err
	}
	if len(p.Items) > p.q.Limit {
		p.Items = p.Items[:p.q.Limit]
		o, _, _ := p.q.sorted(p.book())
		p.Next = o.mark(p.Items[len(p.Items)-1])
	}
	return p, rm.filters(r, &p)
}

// asked finds out which books a query is about.
func (rm Room) asked(r *web.Request, in Query) (p ListPage, err error) {
	if in.Year == 0 {
		in.Year = r.Today.Year()
		if len(in.Period) > 4 {
			in.Year = day.Day(in.Period + "-01").Year()
		}
	}
	p = ListPage{Items: []Voucher{}, Counts: map[State]int64{}, q: in, may: map[auth.Action]bool{}}
	for _, act := range []auth.Action{Make, Review, Post, Sign} {
		p.may[act] = r.May(act)
	}
	all, err := Books(r.Ctx, r.Tx, r.Grant, "", in.Year)
	if err != nil {
		return p, err
	}
	for _, b := range all {
		p.unions = append(p.unions, b.Union)
	}
	if in.Union == "" && len(all) != 1 {
		_, p.sort, err = in.sorted("")
		return p, err
	}
	b, err := pick(r, all, in.Union)
	if err != nil {
		return p, err
	}
	if p.union = b.Union; b.ID != "" {
		p.Book = &b
	}
	_, p.sort, err = in.sorted(p.book())
	return p, err
}

func (p ListPage) book() string {
	if p.Book == nil {
		return ""
	}
	return p.Book.ID
}

// filters fills what the row above the list offers.
func (rm Room) filters(r *web.Request, p *ListPage) error {
	if p.Book == nil {
		return nil
	}
	chart, err := ChartOf(r.Ctx, r.Tx, r.Grant.Tenant(), p.Book.System)
	if err != nil {
		return err
	}
	p.tops = []ui.Option{{Value: "", Text: "全部"}}
	for _, a := range chart.All() {
		if a.Level == 1 {
			p.tops = append(p.tops, ui.Option{Value: a.Code, Text: a.Shown()})
		}
	}
	who, err := makers(r.Ctx, r.Tx, r.Grant, p.Book.ID)
	if err != nil {
		return err
	}
	names, err := rm.Names(r.Ctx, r.Tx, r.Grant.Tenant(), who)
	p.makers = []ui.Option{{Value: "", Text: "全部"}}
	for _, w := range who {
		p.makers = append(p.makers, ui.Option{Value: w, Text: names[w]})
	}
	return err
}

// at is the address of the list with one thing changed.
func (q Query) at(path, name, value string) string {
	v := url.Values{}
	put := func(k, s string) {
		if s != "" {
			v.Set(k, s)
		}
	}
	put("union", q.Union)
	put("year", yearText(q.Year))
	put("period", q.Period)
	put("state", string(q.State))
	put("q", q.Q)
	put("account", q.Account)
	put("maker", q.Maker)
	put("nature", string(q.Nature))
	put("sort", q.Sort)
	if q.Unsigned {
		put("unsigned", "1")
	}
	if q.Limit != 0 && q.Limit != usualLimit {
		put("limit", strconv.Itoa(q.Limit))
	}
	switch {
	case name == "":
	case value == "":
		v.Del(name)
	default:
		v.Set(name, value)
	}
	if name == "state" || path != listHome { // a file has the order that fits its state
		v.Del("sort")
	}
	return path + "?" + v.Encode()
}

const listHome = Home + "/vouchers"

func (p ListPage) tabs() (out []ui.Place) {
	for _, s := range []State{"", Draft, Reviewed, Posted, Discarded} {
		t := ui.Place{Text: "全部", Href: p.q.at(listHome, "state", string(s)), On: p.q.State == s}
		if s != "" {
			t.Text = s.Label()
			if n := p.Counts[s]; n > 0 && s != Posted {
				t.Count = strconv.FormatInt(n, 10)
			}
		}
		out = append(out, t)
	}
	return out
}

func (p ListPage) unionOptions() []ui.Option {
	out := []ui.Option{{Value: "", Text: "全部"}}
	here := p.q.Union == ""
	for _, u := range p.unions {
		out = append(out, ui.Option{Value: u.Code, Text: u.Name})
		here = here || u.Code == p.q.Union
	}
	if !here {
		out = append(out, ui.Option{Value: p.q.Union, Text: p.union.Name})
	}
	return out
}

func (p ListPage) yearOptions(today int) (out []ui.Option) {
	for y := today + 1; y >= today-4; y-- {
		out = append(out, ui.Option{Value: yearText(y), Text: yearText(y) + " 年"})
	}
	if p.q.Year < today-4 {
		out = append(out, ui.Option{Value: yearText(p.q.Year), Text: yearText(p.q.Year) + " 年"})
	}
	return out
}

func monthOptions() []ui.Option {
	out := []ui.Option{{Value: "", Text: "全年"}}
	for m := 1; m <= 12; m++ {
		out = append(out, ui.Option{Value: strconv.Itoa(m), Text: strconv.Itoa(m) + " 月"})
	}
	return out
}

func (q Query) monthValue() string {
	if m := q.month(); m > 0 {
		return strconv.Itoa(m)
	}
	return ""
}

// span is the part of the list on this page.
func (p ListPage) span() ui.Span {
	s := ui.Span{Unit: "张"}
	if p.q.After == "" && len(p.Items) > 0 {
		s.First, s.Last = 1, len(p.Items)
	}
	if p.Next != "" {
		s.Next = p.q.at(listHome, "after", p.Next)
	}
	if p.q.After != "" {
		s.Prev = p.q.at(listHome, "", "")
	}
	return s
}

// sortHref leads to the list sorted by a key, the other way if it is already.
func (p ListPage) sortHref(key string) string {
	to := "-" + key
	if p.sort == to {
		to = key
	}
	return p.q.at(listHome, "sort", to)
}

func (p ListPage) narrowed() bool {
	q := p.q
	return q.Q != "" || q.Account != "" || q.Maker != "" || q.Period != "" || q.State != "" || q.Nature != "" || q.Unsigned
}

func (p ListPage) chips() (out []ui.Chip) {
	if p.q.Q != "" {
		out = append(out, ui.Chip{Text: "“" + p.q.Q + "”", Off: p.q.at(listHome, "q", "")})
	}
	if p.q.Account != "" {
		text := "科目 " + p.q.Account
		for _, o := range p.tops {
			if o.Value == p.q.Account {
				text = o.Text
			}
		}
		out = append(out, ui.Chip{Text: text, Off: p.q.at(listHome, "account", "")})
	}
	if p.q.Nature != "" {
		out = append(out, ui.Chip{Text: p.q.Nature.Label(), Off: p.q.at(listHome, "nature", "")})
	}
	if p.q.Unsigned {
		out = append(out, ui.Chip{Text: "出纳未签章", Off: p.q.at(listHome, "unsigned", "")})
	}
	return out
}

// keep is what the form of the filters must carry on.
func (p ListPage) keep() (out []ui.Pair) {
	for _, k := range []ui.Pair{{Name: "state", Value: string(p.q.State)}, {Name: "sort", Value: p.q.Sort}, {Name: "nature", Value: string(p.q.Nature)}} {
		if k.Value != "" {
			out = append(out, k)
		}
	}
	return out
}

// acts are what may be done with many of the vouchers shown.
func (p ListPage) acts() (out []auth.Action) {
	if p.may[Review] && p.q.State == Draft {
		out = append(out, Review)
	}
	if p.may[Post] && p.q.State == Reviewed {
		out = append(out, Post)
	}
	if p.may[Sign] && (p.q.State == Reviewed || p.q.State == Posted || p.q.Unsigned) {
		out = append(out, Sign)
	}
	return out
}

func (p ListPage) title() string {
	if p.Book == nil && p.q.Union == "" {
		return yearText(p.q.Year) + " 年，各工会"
	}
	return strings.TrimSpace(p.union.Name + "，" + yearText(p.q.Year) + " 年")
}
