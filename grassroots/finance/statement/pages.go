package statement

import (
	"net/url"
	"slices"
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/law"
	"unionhall/law/books"
)

func clause(id string) ui.Article {
	r, ok := law.RuleOf(id)
	if !ok {
		return ui.Article{ID: id}
	}
	return ui.Article{ID: r.ID, Text: r.Text, Citation: r.Citation, Recalled: r.Confidence == law.Recalled}
}

// Query says whose statements of when.
type Query struct {
	Union  string `json:"union" doc:"工会"`
	Year   int    `json:"year" doc:"年度"`
	Period string `json:"period" doc:"期间"`
	Below  bool   `json:"below" doc:"汇总下级"`
}

// FormQuery is a Query of one form.
type FormQuery struct {
	Form string `json:"form" doc:"报表"`
	Query
}

// scope is what a query means to whoever asks.
type scope struct {
	Ask
	union registry.Union
}

// scopeOf finds the union and the span; without either it is the asker's own
// union and this month.
func scopeOf(r *web.Request, q Query, otherwise Span) (s scope, err error) {
	if s.union, err = ledger.Union(r.Ctx, r.Tx, r.Grant, q.Union); err != nil {
		return s, err
	}
	s.Union, s.Below = s.union.ID, q.Below
	s.Span, err = span(q.Year, q.Period, otherwise)
	return s, err
}

func thisMonth(r *web.Request) Span { return Span{r.Today.Year(), monthOf(string(r.Today))} }

func monthOf(d string) int {
	return int(d[5]-'0')*10 + int(d[6]-'0')
}

// at is an address with the scope of the page in it.
func (s scope) at(path string, more ...string) string {
	return address(path, s.union.Code, s.Span, s.Below, more...)
}

// address is a page's address for a union and a span.
func address(path, union string, s Span, below bool, more ...string) string {
	v := url.Values{"union": {union}, "year": {itoa(s.Year)}}
	if !s.Annual() {
		v.Set("period", s.Text())
	}
	if below {
		v.Set("below", "1")
	}
	for i := 0; i+1 < len(more); i += 2 {
		if more[i+1] != "" {
			v.Set(more[i], more[i+1])
		}
	}
	return path + "?" + v.Encode()
}

// bar is the row of choices above a page: whose books, of when.
type bar struct {
	scope
	action string
	keep   []ui.Pair
	unions []ui.Option
	years  []ui.Option
	months []ui.Option // none: the page is always of a year
	tree   bool        // the combined figures may be asked for
}

// mostUnions is how many unions a page offers to choose from.
const mostUnions = 300

// barOf offers the unions that keep books in the year, within the reach.
func barOf(r *web.Request, s scope, action string, keep ...ui.Pair) (b bar, err error) {
	b = bar{scope: s, action: action, keep: keep, tree: true}
	all, err := ledger.Books(r.Ctx, r.Tx, r.Grant, "", s.Year)
	if err != nil {
		return b, err
	}
	for _, x := range all[:min(len(all), mostUnions)] {
		b.unions = append(b.unions, ui.Option{Value: x.Union.Code, Text: x.Union.Name})
	}
	if !slices.ContainsFunc(b.unions, func(o ui.Option) bool { return o.Value == s.union.Code }) {
		b.unions = append([]ui.Option{{Value: s.union.Code, Text: s.union.Name}}, b.unions...)
	}
	for y := max(r.Today.Year()+1, s.Year); y >= min(s.Year, r.Today.Year()-6, 2021) && y >= firstYear; y-- {
		b.years = append(b.years, ui.Option{Value: itoa(y), Text: itoa(y) + " 年"})
	}
	b.months = []ui.Option{{Value: "", Text: "全年"}}
	for m := 1; m <= 12; m++ {
		b.months = append(b.months, ui.Option{Value: itoa(m), Text: itoa(m) + " 月"})
	}
	return b, nil
}

func (b bar) month() string {
	if b.Annual() {
		return ""
	}
	return itoa(b.Month)
}

func (b bar) reach() string {
	if b.Below {
		return "1"
	}
	return ""
}

// HomePage is the forms of a span, to choose from.
type HomePage struct {
	Union  registry.Ref `json:"union"`
	Year   int          `json:"year"`
	Period string       `json:"period"`
	Forms  []FormLine   `json:"forms"`
	bar    bar
	submit bool
	note   bool
}

// FormLine is a form in the list.
type FormLine struct {
	books.Form
	Place string `json:"place"`
}

func home(r *web.Request, in Query) (p HomePage, err error) {
	s, err := scopeOf(r, in, thisMonth(r))
	if err != nil {
		return p, err
	}
	p = HomePage{Union: s.union.Ref(), Year: s.Year, Period: s.Text(), submit: r.May(Submit) && !s.Below, note: r.May(Look) && !s.Below}
	for _, f := range books.Forms(s.System()) {
		f.Rows = nil
		p.Forms = append(p.Forms, FormLine{f, s.at(Home + "/" + f.ID)})
	}
	p.bar, err = barOf(r, s, Home)
	return p, err
}

// FormPage is a statement with what a page needs around it.
type FormPage struct {
	Statement
	bar    bar
	tabs   []ui.Place
	submit bool
}

// scoped finds what a query of a form means; a year of the other system leads
// people to that system's form.
func scoped(r *web.Request, in FormQuery) (scope, error) {
	f, known := books.FormOf(in.Form)
	otherwise := thisMonth(r)
	if known && f.System != otherwise.System() {
		otherwise = Span{2021, 0}
	}
	s, err := scopeOf(r, in.Query, otherwise)
	if err != nil {
		return s, err
	}
	_, at, err := formOf(in.Form, s.Span)
	if err != nil && known && f.System != s.System() {
		other := string(s.System()) + in.Form[4:]
		if _, ok := books.FormOf(other); !ok {
			other = string(s.System()) + "-01"
		}
		err = &web.Detour{Place: s.at(Home + "/" + other), Err: err}
	}
	s.Span = at
	return s, err
}

// form shows a statement. One that must not leave the house is a fault to
// programs; people see what is broken.
func form(r *web.Request, in FormQuery) (p FormPage, err error) {
	s, err := scoped(r, in)
	if err != nil {
		return p, err
	}
	if p.Statement, err = Make(r.Ctx, r.Tx, r.Grant, in.Form, s.Ask, s.union.Ref()); err != nil {
		return p, err
	}
	if err := p.Refuse(); err != nil {
		if web.WantsJSON(r.HTTP) {
			return p, err
		}
		p.Rows = nil
	}
	for _, f := range books.Forms(p.form.System) {
		p.tabs = append(p.tabs, ui.Place{Text: f.Title, Href: s.at(Home + "/" + f.ID), On: f.ID == in.Form})
	}
	p.submit = r.May(Submit) && !s.Below && p.final()
	p.bar, err = barOf(r, s, Home+"/"+in.Form)
	if !p.form.Monthly {
		p.bar.months = nil
	}
	return p, err
}

// cell is where a figure of the statement opens.
func (p FormPage) cell(row, column string) string {
	return p.bar.at(Home+"/"+p.Form+"/cells/"+url.PathEscape(row), "column", column)
}

// about says what the reader looks at.
func (p FormPage) about() string {
	words := p.span.Name()
	if p.Below {
		words += "，含下级共 " + itoa(p.Unions) + " 个账套"
	}
	return p.Union.Name + "，" + words + "。单位：元。点任一数字可看到它的来源。"
}

// side is a part of a statement as a table: rows by number.
type side struct {
	id, head string
	rows     []numbered
	blank    int // empty rows on paper before the last, so that both sides end level
}

type numbered struct {
	Line
	No int
}

// sides are the tables of a statement: two of a balance sheet.
func (s Statement) sides() []side {
	if len(s.form.Left) == 0 {
		out := side{id: "rows", head: "项目"}
		for i, l := range s.Rows {
			out.rows = append(out.rows, numbered{l, i + 1})
		}
		return []side{out}
	}
	left, right := side{id: "left", head: "资产"}, side{id: "right", head: "负债和净资产"}
	for i, l := range s.Rows {
		if slices.Contains(s.form.Left, l.Row) {
			left.rows = append(left.rows, numbered{Line: l, No: i + 1})
		} else {
			right.rows = append(right.rows, numbered{Line: l, No: i + 1})
		}
	}
	left.blank, right.blank = max(0, len(right.rows)-len(left.rows)), max(0, len(left.rows)-len(right.rows))
	return []side{left, right}
}

// total reports whether a line adds up others.
func (l Line) total() bool {
	for _, w := range []string{"合计", "总计", "本期收支差额", "本期结余"} {
		if strings.HasSuffix(l.Label, w) {
			return true
		}
	}
	return false
}

// within reports whether a line is a part of the one above it.
func (l Line) within() bool {
	if l.Row[0] == 'R' { // 2021-02: the lines without a numeral of their own
		return len(l.Row) == 3 && !strings.Contains(l.Label, "、")
	}
	return len(l.Row) == 6 && (l.Row[0] == 'I' || l.Row[0] == 'X') // 2009-02: a detail of an account
}

// signers are the feet of the form, who answers for it.
//
// law: F3.28
func (s Statement) signers() []string {
	if s.form.System == books.A09 {
		return []string{"工会主席", "财务负责人", "复核", "制表"}
	}
	return []string{"工会主席（法定代表人）", "会计工作负责人", "会计机构负责人"}
}

// lists are the unions that a combined statement lacks, in words.
func (s Statement) lacking(why string) (out []Lack) {
	for _, l := range s.Lacks {
		if l.Why == why {
			out = append(out, l)
		}
	}
	return out
}

func (s Statement) tone() ui.Kind {
	switch {
	case len(s.Broken) > 0 && s.final():
		return ui.Bad
	case s.State == draft:
		return ui.Warn
	case s.State == empty:
		return ui.Mute
	}
	return ui.OK
}

func (s Statement) stateLabel() string {
	switch {
	case len(s.Broken) > 0 && s.final():
		return "不能出表"
	case s.State == draft:
		return "草稿"
	case s.State == empty:
		return "没有账套"
	}
	return "已结账"
}
