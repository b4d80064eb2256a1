package statement

import (
	"slices"
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/law/books"
)

// wholeYear is what a page of books shows unless it is asked otherwise.
func wholeYear(r *web.Request) Span { return Span{Year: r.Today.Year()} }

// GeneralQuery asks for the general ledger; Account narrows it to what is
// below one.
type GeneralQuery struct {
	Query
	Account string `json:"account" doc:"科目"`
}

// GeneralPage is the general ledger of a year.
type GeneralPage struct {
	Union  registry.Ref `json:"union"`
	Year   int          `json:"year"`
	Period string       `json:"period"`
	Items  []General    `json:"items"`
	bar    bar
	only   string
}

func general(r *web.Request, in GeneralQuery) (p GeneralPage, err error) {
	s, err := scopeOf(r, in.Query, wholeYear(r))
	if err != nil {
		return p, err
	}
	p = GeneralPage{Union: s.union.Ref(), Year: s.Year, Period: s.Text(), only: in.Account}
	if p.Items, err = GeneralOf(r.Ctx, r.Tx, r.Grant, s.Ask, in.Account); err != nil {
		return p, err
	}
	p.bar, err = barOf(r, s, Books+"/general", ui.Pair{Name: "account", Value: in.Account})
	return p, err
}

// detailOf is the address of an account's detail ledger.
func (p GeneralPage) detailOf(account string, month int) string {
	if p.bar.Below {
		return p.bar.at(Books+"/general", "account", account)
	}
	from, to := "1", itoa(p.bar.To())
	if month > 0 {
		from, to = itoa(month), itoa(month)
	}
	return address(Books+"/detail", p.Union.Code, Span{Year: p.Year}, false, "account", account, "from", from, "to", to)
}

// DetailQuery asks for a detail ledger.
type DetailQuery struct {
	Query
	EntryQuery
}

// DetailLine is one line of a detail ledger as it is read: an entry, or the
// total of a month or of the year so far.
type DetailLine struct {
	Kind string `json:"kind"` // opening, entry, month, year
	Entry
	Text string `json:"text,omitempty"`
}

// DetailPage is a part of a detail ledger.
type DetailPage struct {
	Union   registry.Ref `json:"union"`
	Year    int          `json:"year"`
	Account string       `json:"account"`
	Name    string       `json:"name"`
	Side    books.Side   `json:"side"`
	Opening money.Fen    `json:"opening"`
	Items   []DetailLine `json:"items"`
	Next    string       `json:"next,omitempty"`
	q       EntryQuery
	bar     bar
	choices []ui.Option
	book    bool
}

// mostLines is how many entries a page of a detail ledger holds, and how many
// a paper.
const (
	pageLines  = 100
	paperLines = 20_000
)

func detail(r *web.Request, in DetailQuery) (DetailPage, error) {
	if in.Limit <= 0 || in.Limit > 200 {
		in.Limit = pageLines
	}
	return detailed(r, in)
}

// detailed reads a detail ledger with its totals. Without an account it offers
// those to choose from.
func detailed(r *web.Request, in DetailQuery) (p DetailPage, err error) {
	s, err := scopeOf(r, in.Query, wholeYear(r))
	if err != nil {
		return p, err
	}
	s.Below = false
	q := in.EntryQuery
	if q.From <= 0 || q.From > 12 {
		q.From = s.From()
	}
	if q.To <= 0 || q.To > 12 {
		q.To = s.To()
	}
	p = DetailPage{Union: s.union.Ref(), Year: s.Year, Account: q.Account, q: q, Items: []DetailLine{}}
	if p.bar, err = barOf(r, s, Books+"/detail", q.pairs()...); err != nil {
		return p, err
	}
	p.bar.tree, p.bar.months = false, nil
	chart, err := ledger.ChartOf(r.Ctx, r.Tx, r.Grant.Tenant(), s.System())
	if err != nil {
		return p, err
	}
	p.choices = []ui.Option{{Value: "", Text: "请选择科目"}, {Value: "4", Text: "全部收入"}, {Value: "5", Text: "全部支出"}}
	for _, a := range chart.All() {
		p.choices = append(p.choices, ui.Option{Value: a.Code, Text: a.Code + " " + chart.Name(a.Code)})
	}
	b, err := ledger.BookOf(r.Ctx, r.Tx, r.Grant, s.union.ID, s.Year)
	if fault.Of(err).Kind == fault.Conflict {
		return p, nil
	}
	if err != nil || q.Account == "" {
		p.book = err == nil
		return p, err
	}
	p.book = true
	d, err := DetailOf(r.Ctx, r.Tx, r.Grant, b, chart, q)
	if err != nil {
		return p, err
	}
	acc, _ := accountOf(chart, q.Account)
	p.Name, p.Side, p.Opening, p.Next = acc.Name, d.side, d.Opening, d.Next
	p.Items = d.lines(q)
	return p, nil
}

// pairs are what narrows the query, for a form to carry on.
func (q EntryQuery) pairs() (out []ui.Pair) {
	for _, p := range []ui.Pair{{Name: "source", Value: q.Source}, {Name: "project", Value: q.Project}, {Name: "party", Value: q.Party}, {Name: "dept", Value: q.Dept}} {
		if p.Value != "" {
			out = append(out, p)
		}
	}
	return out
}

// lines puts the totals of months between the entries. A list that goes on
// totals a month where it ends.
func (d Detail) lines(q EntryQuery) []DetailLine {
	out := []DetailLine{{Kind: opening, Text: openingText(q), Entry: Entry{Balance: d.Opening}}}
	for i, e := range d.Entries {
		out = append(out, DetailLine{Kind: "entry", Entry: e})
		if i+1 < len(d.Entries) && d.Entries[i+1].Month == e.Month || i+1 == len(d.Entries) && d.Next != "" && e.Month == nextMonth(d.Next) {
			continue
		}
		m := d.months[e.Month]
		var total Moved
		for n := 1; n <= e.Month; n++ {
			total.Debit += d.months[n].Debit
			total.Credit += d.months[n].Credit
		}
		out = append(out, DetailLine{Kind: month, Text: "本月合计", Entry: Entry{Month: e.Month, Debit: m.Debit, Credit: m.Credit, Balance: m.Balance}},
			DetailLine{Kind: year, Text: "本年累计", Entry: Entry{Month: e.Month, Debit: total.Debit, Credit: total.Credit, Balance: m.Balance}})
	}
	return out
}

// nextMonth is the month in which the list stopped: its total comes with the
// next part unless nothing of the month is left, which only that part knows.
func nextMonth(mark string) int {
	m, _, _, _ := marked(mark)
	return int(m)
}

func openingText(q EntryQuery) string {
	switch {
	case q.After != "":
		return "承前页"
	case q.From <= 1:
		return "年初余额"
	}
	return "期初余额"
}

// at is the address of the ledger with something changed.
func (p DetailPage) at(path string, more ...string) string {
	q := p.q
	pairs := []string{"account", q.Account, "from", itoa(q.From), "to", itoa(q.To), "source", q.Source, "project", q.Project, "party", q.Party, "dept", q.Dept}
	return address(path, p.Union.Code, Span{Year: p.Year}, false, append(pairs, more...)...)
}

func (p DetailPage) next() string {
	if p.Next == "" {
		return ""
	}
	return p.at(Books+"/detail", "after", p.Next)
}

// side is on which side a balance stands: 借, 贷 or 平.
func sideOf(s books.Side, n money.Fen) string {
	switch {
	case n == 0:
		return "平"
	case (s == books.Credit) == (n > 0):
		return "贷"
	}
	return "借"
}

// narrowed says by what a detail ledger is narrowed.
func (p DetailPage) narrowed() string {
	var out []string
	if p.q.Source != "" {
		out = append(out, books.SourceLabel(p.q.Source))
	}
	if p.q.Party != "" {
		out = append(out, "往来："+p.q.Party)
	}
	if p.q.Dept != "" {
		out = append(out, "部门："+p.q.Dept)
	}
	if p.q.Project != "" {
		out = append(out, "按项目")
	}
	return strings.Join(out, "，")
}

// TagQuery asks for an auxiliary ledger.
type TagQuery struct {
	Query
	By string `json:"by" doc:"按什么分"` // project, source, party, dept
}

// tags are what an auxiliary ledger may go by.
var tags = []ui.Option{{Value: "project", Text: "项目"}, {Value: "source", Text: "资金来源"}, {Value: "party", Text: "往来单位和个人"}, {Value: "dept", Text: "部门"}}

// TagsPage is an auxiliary ledger (辅助账).
type TagsPage struct {
	Union  registry.Ref `json:"union"`
	Year   int          `json:"year"`
	Period string       `json:"period"`
	By     string       `json:"by"`
	Items  []Tagged     `json:"items"`
	bar    bar
}

func tagged(r *web.Request, in TagQuery) (p TagsPage, err error) {
	s, err := scopeOf(r, in.Query, wholeYear(r))
	if err != nil {
		return p, err
	}
	if !slices.ContainsFunc(tags, func(o ui.Option) bool { return o.Value == in.By }) {
		in.By = tags[0].Value
	}
	p = TagsPage{Union: s.union.Ref(), Year: s.Year, Period: s.Text(), By: in.By, Items: []Tagged{}}
	if p.bar, err = barOf(r, s, Books+"/tags", ui.Pair{Name: "by", Value: in.By}); err != nil {
		return p, err
	}
	if in.By == "party" || in.By == "dept" {
		p.Items, err = byEntries(r.Ctx, r.Tx, r.Grant, s.Ask, in.By)
		return p, err
	}
	sums, err := figures(r.Ctx, r.Tx, r.Grant, s.Ask, true)
	if err != nil {
		return p, err
	}
	names := []named{{books.FR, ""}, {books.SP, ""}, {books.FT, ""}}
	key := func(x ledger.Sum) string { return sourceOf(x) }
	if in.By == "project" {
		key = func(x ledger.Sum) string { return x.Project }
		if names, err = projectNames(r.Ctx, r.Tx, r.Grant, sums); err != nil {
			return p, err
		}
	}
	found := byBalances(sums, key)
	for _, n := range names {
		t, ok := found[n.id]
		if !ok || t.Opening == 0 && t.Income == 0 && t.Expense == 0 {
			continue
		}
		if t.Name = n.name; in.By == "source" {
			t.Name = books.SourceLabel(n.id)
		}
		p.Items = append(p.Items, t)
	}
	return p, nil
}

// sourceOf is the source of a sum; what earlier years left over tells it by
// its account.
//
// law: F3.12
func sourceOf(s ledger.Sum) string {
	if s.Source != "" {
		return s.Source
	}
	switch books.Top(s.Account) {
	case "331", "332":
		return books.FT
	case "321":
		return books.SP
	}
	return books.FR
}

// detailOf is where a line of an auxiliary ledger opens.
func (p TagsPage) detailOf(t Tagged) string {
	if p.bar.Below || t.Key == "" {
		return ""
	}
	at := func(pairs ...string) string {
		return address(Books+"/detail", p.Union.Code, Span{Year: p.Year}, false, pairs...)
	}
	switch p.By {
	case "party":
		return at("account", t.Account, "party", t.Key)
	case "dept":
		return at("account", "5", "dept", t.Key)
	case "source":
		return at("account", "5", "source", t.Key)
	}
	return at("account", "5", "project", t.Key)
}

// heads are the columns of an auxiliary ledger.
func (p TagsPage) heads() [4]string {
	if p.By == "party" {
		return [4]string{"年初余额", "借方", "贷方", "余额"}
	}
	return [4]string{"年初结转结余", "收入", "支出", "结余"}
}

// ProofPage compares the balances with the entries.
type ProofPage struct {
	Union registry.Ref `json:"union"`
	Year  int          `json:"year"`
	Read  int64        `json:"entries"`
	Items []Difference `json:"items"`
	bar   bar
}

func proof(r *web.Request, in Query) (p ProofPage, err error) {
	s, err := scopeOf(r, in, wholeYear(r))
	if err != nil {
		return p, err
	}
	p = ProofPage{Union: s.union.Ref(), Year: s.Year}
	if p.Items, p.Read, err = Prove(r.Ctx, r.Tx, r.Grant, s.Ask); err != nil {
		return p, err
	}
	p.bar, err = barOf(r, s, Home+"/proof")
	return p, err
}
