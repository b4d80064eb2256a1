package asset

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/law"
	"unionhall/law/books"
)

// Room is the pages of what a union owns. Names tells who an account is.
type Room struct {
	Names func(ctx context.Context, tx *sqldb.Tx, tenant int64, accounts []string) (map[string]string, error)
}

// Routes is every page of this room with the action it needs.
func (rm Room) Routes() []web.Route {
	out := []web.Route{
		{Pattern: "GET " + Home, Needs: Look, Doc: "资产卡片登记簿", Do: web.Page(rm.list, listView)},
		{Pattern: "GET " + Home + "/register.csv", Needs: Look, Doc: "资产卡片登记簿，文本", Do: web.Download(registerCSV)},
		{Pattern: "GET " + Home + "/register.xlsx", Needs: Look, Doc: "资产卡片登记簿，电子表格", Do: web.Download(registerXLSX)},
		{Pattern: "GET " + Home + "/labels.pdf", Needs: Look, Doc: "资产标签", Do: web.Download(labelFile)},
		{Pattern: "GET " + Home + "/new", Needs: Add, Doc: "登记资产的表", Do: web.Page(rm.blank, newView)},
		{Pattern: "POST " + Home, Needs: Add, Doc: "购置资产，建卡并生成凭证", Do: web.Again(web.Act(rm.buy), rm.blank, newView)},
		{Pattern: "POST " + Home + "/gifts", Needs: Add, Doc: "接受捐赠、无偿调入，建卡并生成凭证", Do: web.Again(web.Act(rm.give), rm.blankGift, newView)},
		{Pattern: "GET " + Home + "/import", Needs: Add, Doc: "登记期初资产的表", Do: web.Page(rm.importing, importView)},
		{Pattern: "GET " + Home + "/import.xlsx", Needs: Add, Doc: "期初资产卡片的空白表", Do: web.Download(importBlank)},
		{Pattern: "POST " + Home + "/import", Needs: Add, Doc: "登记期初资产", Do: web.Again(web.ActAfter(readBrought, rm.bring), rm.importing, importView)},
		{Pattern: "GET " + Home + "/check", Needs: Look, Doc: "核对资产卡片与账簿", Do: web.Page(rm.check, checkView)},
		{Pattern: "GET " + Home + "/runs", Needs: Look, Doc: "折旧和摊销", Do: web.Page(rm.runs, runsView)},
		{Pattern: "POST " + Home + "/runs", Needs: Run, Doc: "计提一个月的折旧和摊销", Do: web.Again(web.Act(rm.run), rm.runs, runsView)},
		{Pattern: "GET " + Home + "/runs/{id}", Needs: Look, Doc: "一个月的折旧计算表", Do: web.Page(rm.one, runView)},
		{Pattern: "GET " + Home + "/runs/{id}/sheet.pdf", Needs: Look, Doc: "折旧计算表，打印", Do: web.Download(runPDF)},
		{Pattern: "GET " + Home + "/matters", Needs: Look, Doc: "资产处置和盘盈盘亏", Do: web.Page(rm.matters, mattersView)},
		{Pattern: "GET " + Home + "/matters/new", Needs: Ask, Doc: "登记盘盈资产的表", Do: web.Page(rm.blankFound, newView)},
		{Pattern: "POST " + Home + "/matters", Needs: Ask, Doc: "登记盘盈资产", Do: web.Again(web.Act(rm.takeUp), rm.blankFound, newView)},
		{Pattern: "GET " + Home + "/matters/{id}", Needs: Look, Doc: "一件资产处置", Do: web.Page(rm.matter, matterView)},
		{Pattern: "GET " + Home + "/{id}", Needs: Look, Doc: "一张资产卡片", Do: web.Page(rm.card, cardView)},
		{Pattern: "POST " + Home + "/{id}", Needs: Add, Doc: "变更资产卡片", Do: web.Again(web.Act(rm.edit), rm.card, cardView)},
		{Pattern: "POST " + Home + "/{id}/improve", Needs: Add, Doc: "改扩建，增加原值", Do: web.Again(web.Act(rm.improve), rm.card, cardView)},
		{Pattern: "POST " + Home + "/{id}/leave", Needs: Ask, Doc: "提出资产处置", Do: web.Again(web.Act(rm.propose), rm.card, cardView)},
	}
	for _, act := range Procedure.Acts() {
		out = append(out, web.Route{Pattern: "POST " + Home + "/matters/{id}/" + pathOf(act), Needs: act, Doc: Labels[act], Do: web.Again(web.Act(rm.step), rm.matter, matterView)})
	}
	return append(append(out, rm.stockRoutes()...), rm.countRoutes()...)
}

func pathOf(act auth.Action) string { return string(act)[len("asset."):] }

func clause(id string) ui.Article {
	r, ok := law.RuleOf(id)
	if !ok {
		return ui.Article{ID: id}
	}
	return ui.Article{ID: r.ID, Text: r.Text, Citation: r.Citation, Recalled: r.Confidence == law.Recalled}
}

// ByID names a thing.
type ByID struct {
	ID string `json:"id" doc:"编号"`
}

// UnionQuery chooses a union.
type UnionQuery struct {
	Union string `json:"union" doc:"工会"`
}

// Choices are what a form about a union may choose from.
type Choices struct {
	Code     string      `json:"-"`
	Name     string      `json:"-"`
	unions   []ui.Option // those that have books this year
	expenses []ui.Option
	banks    []ui.Option
	projects []ui.Option
	incomes  []ui.Option
	system   books.System
}

// unionsOf lists the unions within reach that keep books in a year.
func unionsOf(r *web.Request, year int) ([]ui.Option, error) {
	all, err := ledger.Books(r.Ctx, r.Tx, r.Grant, "", year)
	out := make([]ui.Option, len(all))
	for i, b := range all {
		out[i] = ui.Option{Value: b.Union.Code, Text: b.Union.Name}
	}
	return out, err
}

// choices reads what a form about a union on a day may choose from. A union
// without books of that year has none, and the form says so when it is sent.
func choices(r *web.Request, union string, on day.Day, spends ...string) (c Choices, err error) {
	if c.unions, err = unionsOf(r, on.Year()); err != nil {
		return c, err
	}
	if union == "" && len(c.unions) > 0 {
		union = c.unions[0].Value
	}
	u, err := ledger.Union(r.Ctx, r.Tx, r.Grant, union)
	if err != nil {
		return c, err
	}
	c.Code, c.Name, c.system = u.Code, u.Name, books.SystemOn(on)
	chart, err := ledger.ChartOf(r.Ctx, r.Tx, r.Grant.Tenant(), c.system)
	if err != nil {
		return c, err
	}
	for _, a := range chart.All() {
		if !a.Leaf {
			continue
		}
		o := ui.Option{Value: a.Code, Text: a.Code + " " + chart.Name(a.Code)}
		switch t := books.Top(a.Code); {
		case t == "102", t == "101":
			c.banks = append(c.banks, o)
		case t == "408", t == "215" && c.system == books.A21:
			c.incomes = append(c.incomes, o)
		}
		for _, s := range spends {
			if strings.HasPrefix(a.Code, s) {
				c.expenses = append(c.expenses, o)
			}
		}
	}
	all, err := ledger.Projects(r.Ctx, r.Tx, r.Grant, u.ID)
	c.projects = []ui.Option{{Value: ledger.Office, Text: "基本支出—公用经费"}, {Value: ledger.Staff, Text: "基本支出—人员经费"}}
	for _, p := range all {
		c.projects = append(c.projects, ui.Option{Value: p.ID, Text: p.Name})
	}
	return c, err
}

// capital are the accounts that assets are bought on.
func capital(s books.System) string {
	return map[books.System]string{books.A21: "507", books.A09: "505"}[s]
}

var sourceOptions = []ui.Option{{Value: books.FR, Text: books.SourceLabel(books.FR)}, {Value: books.SP, Text: books.SourceLabel(books.SP)}, {Value: books.FT, Text: books.SourceLabel(books.FT)}}

var ownerOptions = []ui.Option{{Value: books.FR, Text: OwnerLabel(books.FR)}, {Value: books.FT, Text: OwnerLabel(books.FT)}}

func sortOptions(k Kind) (out []ui.Option) {
	for _, s := range Sorts(k) {
		text := s.Class + "—" + s.Content
		switch {
		case k != Fixed:
			text = s.Content
		case s.Max == longestLife:
			text += fmt.Sprintf("（%d 年起）", s.Min)
		case s.Max > 0:
			text += fmt.Sprintf("（%d–%d 年）", s.Min, s.Max)
		}
		out = append(out, ui.Option{Value: s.Value(), Text: text})
	}
	return out
}

func kindOptions() (out []ui.Option) {
	for _, k := range Kinds {
		out = append(out, ui.Option{Value: string(k), Text: k.Label()})
	}
	return out
}

func stateOptions() (out []ui.Option) {
	for _, s := range []State{InUse, Pending, Leaving, Gone, Void} {
		out = append(out, ui.Option{Value: string(s), Text: s.Label()})
	}
	return out
}

func classOptions() (out []ui.Option) {
	seen := ""
	for _, k := range Kinds {
		for _, s := range Sorts(k) {
			if s.Class != seen {
				seen = s.Class
				out = append(out, ui.Option{Value: s.Class, Text: s.Class})
			}
		}
	}
	return out
}

func itoa[N int | int64](n N) string { return strconv.FormatInt(int64(n), 10) }

// Done is what an act on a card answers.
type Done struct {
	Card
	said    string
	created bool
}

func (d Done) Place() string { return d.Card.At() }
func (d Done) Said() string  { return d.said }
func (d Done) Created() bool { return d.created }

// Decided is what an act on a matter answers.
type Decided struct {
	Matter
	said    string
	created bool
}

func (d Decided) Said() string  { return d.said }
func (d Decided) Created() bool { return d.created }

// StepForm takes a step of a matter.
type StepForm struct {
	flow.Given
	Booking
	ID      string `json:"id" doc:"编号"`
	Version int64  `json:"version" doc:"版本"`
}
