// Package event lets people tell the books what happened in plain words
// (业务记账): each event of the account notes is a form, and the entries that it
// asks for write themselves, both pairs where the system wants a second one.
package event

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/law"
	"unionhall/law/books"
)

// Record is what people do here: they make a voucher of an event.
const Record auth.Action = "event.record"

// Labels is what the actions are called in the log.
var Labels = map[auth.Action]string{Record: "按业务记账"}

// Roles says which office may do what.
//
// law: F3.23
func Roles() auth.Roles { return auth.Roles{auth.Accountant: {Record}} }

const home = "/grassroots/finance/events"

// Routes is every page of this room with the action it needs.
func Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET " + home, Needs: Record, Doc: "业务一览", Do: web.Page(list, listView)},
		{Pattern: "GET " + home + "/{key}", Needs: Record, Doc: "一项业务的表", Do: web.Page(form, formView)},
		{Pattern: "POST " + home + "/{key}", Needs: Record, Doc: "按业务填制凭证", Do: web.Again(web.Act(record), form, formView)},
	}
}

func clause(id string) ui.Article {
	r, ok := law.RuleOf(id)
	if !ok {
		return ui.Article{ID: id}
	}
	return ui.Article{ID: r.ID, Text: r.Text, Citation: r.Citation, Recalled: r.Confidence == law.Recalled}
}

// Query chooses whose books, and which events.
type Query struct {
	Union string `json:"union" doc:"工会"`
	Year  int    `json:"year" doc:"年度"`
	Q     string `json:"q" doc:"业务"`
}

// Offer is an event as the list shows it. Why says why the system has none.
type Offer struct {
	books.Event
	Why string `json:"why,omitempty"`
}

// ListPage is the events that a book knows.
type ListPage struct {
	Union string  `json:"union"`
	Year  int     `json:"year"`
	Items []Offer `json:"items"`
	name  string
	today day.Day
	q     Query
	books []ledger.Book
}

func list(r *web.Request, in Query) (p ListPage, err error) {
	if in.Year == 0 {
		in.Year = r.Today.Year()
	}
	p.q, p.Year, p.today = in, in.Year, r.Today
	if p.books, err = ledger.Books(r.Ctx, r.Tx, r.Grant, "", in.Year); err != nil {
		return p, err
	}
	u, err := ledger.Union(r.Ctx, r.Tx, r.Grant, in.Union)
	if err != nil {
		return p, err
	}
	p.Union, p.name = u.Code, u.Name
	s := books.SystemOn(day.Day(yearText(in.Year) + "-01-01"))
	for _, e := range books.Events() {
		if in.Q != "" && !strings.Contains(e.Name+e.Words+e.Group+e.Rule, strings.TrimSpace(in.Q)) {
			continue
		}
		o := Offer{Event: e}
		_, o.Why = e.In(s)
		p.Items = append(p.Items, o)
	}
	if p.Items == nil {
		p.Items = []Offer{}
	}
	return p, nil
}

// groups is the events in the order of their groups.
func (p ListPage) groups() [][]Offer {
	at := map[string]int{}
	var out [][]Offer
	for _, o := range p.Items {
		i, ok := at[o.Group]
		if !ok {
			i = len(out)
			at[o.Group] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], o)
	}
	return out
}

// Asked is an event of a book, with what is filled in so far.
type Asked struct {
	Key         string            `json:"key" doc:"业务"`
	Union       string            `json:"union" doc:"工会"`
	Date        day.Day           `json:"date" doc:"日期"`
	Summary     string            `json:"summary" doc:"摘要"`
	Attachments int64             `json:"attachments" doc:"附单据张数"`
	Given       map[string]string `json:"given" doc:"业务内容"`
	Look        bool              `json:"look,omitempty" doc:"先看分录"`
}

// FormPage is the form of an event, and with Look the entries that it would
// write.
type FormPage struct {
	books.Event
	Union    string             `json:"union"`
	Date     day.Day            `json:"date"`
	Fields   []books.EventField `json:"fields"`
	Lines    []books.Line       `json:"lines,omitempty"`
	in       Asked
	name     string
	chart    ledger.Accounts
	projects []ledger.Project
	parties  []string
	wrong    map[string]string
	refused  string
	rule     string
}

// find returns the event and the book of what was asked.
func (a Asked) find(ctx context.Context, tx *sqldb.Tx, g auth.Grant) (books.Event, ledger.Book, error) {
	e, ok := books.EventOf(a.Key)
	if !ok {
		return e, ledger.Book{}, fault.New(fault.NotFound, "没有这项业务，请从业务一览里选择。")
	}
	b, err := ledger.BookOf(ctx, tx, g, a.Union, a.Date.Year())
	if err != nil {
		return e, b, err
	}
	if ok, why := e.In(b.System); !ok {
		return e, b, fault.ByRule(fault.Conflict, e.Rule, "%s没有“%s”这项业务：%s", b.System.Label(), e.Name, why)
	}
	return e, b, nil
}

func form(r *web.Request, in Asked) (p FormPage, err error) {
	if in.Date == "" {
		in.Date = r.Today
	}
	e, b, err := in.find(r.Ctx, r.Tx, r.Grant)
	if err != nil {
		return p, err
	}
	p = FormPage{Event: e, Union: b.Union.Code, Date: in.Date, Fields: e.Fields(b.System), in: in, name: b.Union.Name}
	if p.chart, err = ledger.ChartOf(r.Ctx, r.Tx, r.Grant.Tenant(), b.System); err != nil {
		return p, err
	}
	if p.projects, err = ledger.Projects(r.Ctx, r.Tx, r.Grant, b.Union.ID); err != nil {
		return p, err
	}
	if p.parties, err = parties(r.Ctx, r.Tx, r.Grant, b.ID); err != nil {
		return p, err
	}
	if in.Look {
		lines, err := write(e, b.System, in)
		if f := fault.Of(err); err != nil && f.Kind == fault.Internal {
			return p, err
		} else if err != nil {
			p.wrong, p.refused, p.rule = f.Fields, f.Text, f.Rule
		}
		p.Lines = lines
	}
	return p, nil
}

// parties are whom the book's entries name, for the field to suggest.
func parties(ctx context.Context, tx *sqldb.Tx, g auth.Grant, book string) ([]string, error) {
	return sqldb.List(ctx, tx, sqldb.Text, `SELECT DISTINCT party FROM entries WHERE tenant_id = $1 AND book_id = $2 AND party IS NOT NULL ORDER BY party LIMIT 200`, g.Tenant(), book)
}

// write is the entries of what was asked. Spending that names no project is
// the office's basic spending.
//
// law: F3.4
func write(e books.Event, s books.System, in Asked) ([]books.Line, error) {
	given := maps.Clone(in.Given)
	if given == nil {
		given = map[string]string{}
	}
	given["summary"] = strings.TrimSpace(in.Summary)
	for _, f := range e.Fields(s) {
		if f.Kind == books.Choose || f.Kind == books.Bank {
			given[f.Name], _, _ = strings.Cut(strings.TrimSpace(given[f.Name]), " ")
		}
	}
	lines, err := books.Write(e, s, given)
	for i := range lines {
		if s == books.A21 && lines[i].Account[0] == '5' && lines[i].Project == "" && books.Top(lines[i].Account) != "521" {
			lines[i].Project = ledger.Office
		}
	}
	if f := fault.Of(err); err != nil && len(f.Fields) > 0 {
		out := *f
		out.Fields = map[string]string{}
		for name, text := range f.Fields {
			out.Fields["given."+name] = text
		}
		return nil, &out
	}
	return lines, err
}

// Done is the voucher that an event made.
type Done struct{ ledger.Voucher }

func (d Done) Created() bool { return true }
func (d Done) Said() string {
	return "凭证已按业务生成，请核对分录后交审核人审核。"
}

func record(r *web.Request, in Asked) (Done, error) {
	if in.Date == "" {
		return Done{}, &fault.Error{Kind: fault.Invalid, Rule: "F3.18", Text: "请填写日期。", Fields: map[string]string{"date": "日期：请填写"}}
	}
	e, b, err := in.find(r.Ctx, r.Tx, r.Grant)
	if err != nil {
		return Done{}, err
	}
	lines, err := write(e, b.System, in)
	if err != nil {
		return Done{}, err
	}
	v, err := ledger.Write(r.Ctx, r.Tx, r.Grant, ledger.Entry{Union: b.Union.ID, Date: in.Date, Summary: cmp.Or(strings.TrimSpace(in.Summary), e.Name), Attachments: in.Attachments, Lines: lines, Event: e.Key}, r.Now)
	return Done{v}, atFields(err, lines, in.Given)
}

// atFields tells what a rule found wrong with a line at the field that wrote
// it: the form has no lines.
func atFields(err error, lines []books.Line, given map[string]string) error {
	f := fault.Of(err)
	if err == nil || len(f.Fields) == 0 {
		return err
	}
	out := *f
	out.Fields = map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(f.Fields)) {
		rest, ok := strings.CutPrefix(name, "lines.")
		_, field, _ := strings.Cut(rest, ".")
		if !ok {
			out.Fields[name] = f.Fields[name]
			continue
		}
		at := map[string]string{"source": "given.source", "project": "given.project", "debit": "given.amount", "credit": "given.amount", "account": "given.expense"}[field]
		out.Fields[cmp.Or(at, "given.amount")] = f.Fields[name]
	}
	return &out
}

// options are the choices of a field.
func (p FormPage) options(f books.EventField) (out []ui.Option) {
	if f.Optional || f.Kind == books.Bank {
		out = append(out, ui.Option{Text: map[bool]string{true: "银行存款", false: "不选"}[f.Kind == books.Bank]})
	}
	switch f.Kind {
	case books.Choice:
		for _, o := range f.Options {
			text := books.SourceLabel(o)
			if f.Name == "owner" {
				text = map[string]string{books.FR: "工会资产", books.FT: "国有资产"}[o]
			}
			out = append(out, ui.Option{Value: o, Text: text})
		}
	case books.Bank, books.Choose:
		for _, a := range p.chart.All() {
			if below(a.Code, f.Options) && !below(a.Code, f.Not) && a.Leaf {
				out = append(out, ui.Option{Value: a.Code, Text: a.Code + " " + p.chart.Name(a.Code)})
			}
		}
	case books.Project:
		out = append(out, ui.Option{Value: ledger.Office, Text: "基本支出—公用经费"}, ui.Option{Value: ledger.Staff, Text: "基本支出—人员经费"})
		for _, x := range p.projects {
			if x.Ended == "" || x.Ended >= p.Date {
				out = append(out, ui.Option{Value: x.ID, Text: x.Code + " " + x.Name})
			}
		}
	}
	return out
}

func below(code string, tops []string) bool {
	return slices.ContainsFunc(tops, func(top string) bool { return strings.HasPrefix(code, top) })
}

// told is a field with what was typed and what is wrong with it.
func (p FormPage) told(f ui.Field) ui.Field {
	if f.Value == "" {
		f.Value = p.in.Given[strings.TrimPrefix(f.Name, "given.")]
	}
	f.Error = p.wrong[f.Name]
	return f
}

func (p FormPage) debit() (n money.Fen) {
	for _, l := range p.Lines {
		n += l.Debit
	}
	return n
}

func (p FormPage) project(id string) string {
	switch id {
	case ledger.Office:
		return "公用经费"
	case ledger.Staff:
		return "人员经费"
	}
	for _, x := range p.projects {
		if x.ID == id {
			return x.Name
		}
	}
	return ""
}
