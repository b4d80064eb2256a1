package ledger

import (
	"context"
	"slices"

	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/law"
)

// Room is the pages of the books. Names tells who an account is; Source names
// the thing that a voucher books and its page, and may be nil.
type Room struct {
	Names  func(ctx context.Context, tx *sqldb.Tx, tenant int64, accounts []string) (map[string]string, error)
	Source func(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (ui.Link, error)
}

// Routes is every page of this room with the action it needs.
func (rm Room) Routes() []web.Route {
	return slices.Concat(rm.bookRoutes(), rm.voucherRoutes(), rm.stepRoutes())
}

func (rm Room) bookRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET " + Home, Needs: Look, Doc: "账簿一览", Do: web.Page(rm.home, homeView)},
		{Pattern: "GET " + Home + "/books/new", Needs: Open, Doc: "建账的表", Do: web.Page(rm.opening, openingView)},
		{Pattern: "POST " + Home + "/books", Needs: Open, Doc: "建立账套", Do: web.Again(web.Act(rm.start), rm.opening, openingView)},
		{Pattern: "GET " + Home + "/books/{id}", Needs: Look, Doc: "一个账套", Do: web.Page(rm.book, bookView)},
		{Pattern: "GET " + Home + "/vouchers", Needs: Look, Doc: "凭证列表", Do: web.Page(rm.list, listView)},
		{Pattern: "GET " + Home + "/vouchers/new", Needs: Make, Doc: "填制凭证的表", Do: web.Page(rm.blank, entryView)},
		{Pattern: "POST " + Home + "/vouchers", Needs: Make, Doc: "填制凭证", Do: web.Again(web.Act(rm.write), rm.blank, entryView)},
		{Pattern: "GET " + Home + "/vouchers/{id}", Needs: Look, Doc: "一张凭证", Do: web.Page(rm.detail, voucherView)},
		{Pattern: "GET " + Home + "/vouchers/{id}/edit", Needs: Make, Doc: "修改凭证的表", Do: web.Page(rm.edit, entryView)},
		{Pattern: "POST " + Home + "/vouchers/{id}", Needs: Make, Doc: "修改凭证", Do: web.Again(web.Act(rm.rewrite), rm.edit, entryView)},
		{Pattern: "POST " + Home + "/vouchers/{id}/reverse", Needs: Reverse, Doc: "红字冲销凭证", Do: web.Again(web.Act(rm.reverse), rm.detail, voucherView)},
		{Pattern: "POST " + Home + "/vouchers/{id}/sign", Needs: Sign, Doc: "出纳签章", Do: web.Again(web.Act(rm.sign), rm.detail, voucherView)},
		{Pattern: "GET " + Home + "/books/{id}/covers/{cover}", Needs: Look, Doc: "打印凭证封面", Do: web.Download(rm.cover)},
		{Pattern: "GET " + Home + "/balances", Needs: Look, Doc: "科目余额表", Do: web.Page(rm.balances, balancesView)},
		{Pattern: "GET " + Home + "/accounts", Needs: Look, Doc: "会计科目", Do: web.Page(rm.accounts, accountsView)},
		{Pattern: "POST " + Home + "/accounts", Needs: Chart, Doc: "增设明细科目", Do: web.Again(web.Act(rm.detailAccount), rm.accounts, accountsView)},
		{Pattern: "POST " + Home + "/accounts/end", Needs: Chart, Doc: "停用明细科目", Do: web.Again(web.Act(rm.endDetail), rm.accounts, accountsView)},
		{Pattern: "GET " + Home + "/projects", Needs: Look, Doc: "项目", Do: web.Page(rm.projects, projectsView)},
		{Pattern: "POST " + Home + "/projects", Needs: Plan, Doc: "登记项目", Do: web.Again(web.Act(rm.plan), rm.projects, projectsView)},
		{Pattern: "POST " + Home + "/projects/{id}/rename", Needs: Plan, Doc: "项目改名", Do: web.Act(rm.rename)},
		{Pattern: "POST " + Home + "/projects/{id}/end", Needs: Plan, Doc: "结束项目", Do: web.Act(rm.end)},
		{Pattern: "GET " + Home + "/templates", Needs: Look, Doc: "常用凭证", Do: web.Page(rm.templates, templatesView)},
		{Pattern: "POST " + Home + "/templates/{id}/delete", Needs: Make, Doc: "删除常用凭证", Do: web.Act(rm.forget)},
	}
}

func (rm Room) voucherRoutes() []web.Route {
	v := Home + "/vouchers"
	return []web.Route{
		{Pattern: "GET " + v, Needs: Look, Doc: "凭证列表", Do: web.Page(rm.list, listView)},
		{Pattern: "GET " + v + ".csv", Needs: Look, Doc: "导出凭证列表（文本）", Do: web.Download(rm.exportCSV)},
		{Pattern: "GET " + v + ".xlsx", Needs: Look, Doc: "导出凭证列表（电子表格）", Do: web.Download(rm.exportXLSX)},
		{Pattern: "GET " + v + ".pdf", Needs: Look, Doc: "打印凭证", Do: web.Download(rm.printMany)},
		{Pattern: "GET " + v + "/many", Needs: Look, Doc: "批量办理凭证的预览", Do: web.Page(rm.many, manyView)},
		{Pattern: "GET " + v + "/new", Needs: Make, Doc: "填制凭证的表", Do: web.Page(rm.blank, entryView)},
		{Pattern: "POST " + v, Needs: Make, Doc: "填制凭证", Do: web.Again(web.Act(rm.write), rm.blank, entryView)},
		{Pattern: "GET " + v + "/{id}", Needs: Look, Doc: "一张凭证", Do: web.Page(rm.detail, voucherView)},
		{Pattern: "GET " + v + "/{id}/print", Needs: Look, Doc: "打印一张凭证", Do: web.Download(rm.printOne)},
		{Pattern: "GET " + v + "/{id}/edit", Needs: Make, Doc: "修改凭证的表", Do: web.Page(rm.edit, entryView)},
		{Pattern: "POST " + v + "/{id}", Needs: Make, Doc: "修改凭证", Do: web.Again(web.Act(rm.rewrite), rm.edit, entryView)},
		{Pattern: "GET " + v + "/{id}/correct", Needs: Correct, Doc: "差额更正的表", Do: web.Page(rm.correction, correctView)},
		{Pattern: "POST " + v + "/{id}/correct", Needs: Correct, Doc: "差额更正", Do: web.Again(web.Act(rm.correct), rm.correction, correctView)},
		{Pattern: "POST " + v + "/{id}/reverse", Needs: Reverse, Doc: "红字冲销凭证", Do: web.Again(web.Act(rm.reverse), rm.detail, voucherView)},
		{Pattern: "POST " + v + "/{id}/sign", Needs: Sign, Doc: "出纳签章", Do: web.Again(web.Act(rm.sign), rm.detail, voucherView)},
		{Pattern: "POST " + v + "/{id}/template", Needs: Make, Doc: "存为常用凭证", Do: web.Again(web.Act(rm.keep), rm.detail, voucherView)},
		{Pattern: "POST " + v + "/{id}/files", Needs: Make, Doc: "添加附件", Do: web.Again(web.Act(rm.hang), rm.detail, voucherView)},
		{Pattern: "GET " + v + "/{id}/files/{file}", Needs: Look, Doc: "下载附件", Do: web.Download(rm.download)},
		{Pattern: "POST " + v + "/{id}/files/{file}/delete", Needs: Make, Doc: "删除附件", Do: web.Act(rm.unhang)},
	}
}

// stepRoutes are the steps of the procedure, on one voucher and on many.
func (rm Room) stepRoutes() (out []web.Route) {
	for _, act := range Procedure.Acts() {
		out = append(out, web.Route{Pattern: "POST " + listHome + "/{id}/" + pathOf(act), Needs: act, Doc: Labels[act], Do: web.Again(web.Act(rm.step), rm.detail, voucherView)})
	}
	for _, act := range bulkActs {
		out = append(out, web.Route{Pattern: "POST " + listHome + "/many/" + pathOf(act), Needs: act, Doc: "批量" + Labels[act], Do: web.Again(web.Act(rm.dealt), rm.many, manyView)})
	}
	return out
}

func pathOf(act auth.Action) string { return string(act)[len("ledger."):] }

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

// BookPage is a book with its months and what waits in it.
type BookPage struct {
	Book
	Months  []Month         `json:"months"`
	Waiting map[State]int64 `json:"waiting"`
	make    bool
	by      string
}

func (rm Room) book(r *web.Request, in ByID) (p BookPage, err error) {
	if p.Book, err = FindBook(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	if p.Months, err = Months(r.Ctx, r.Tx, r.Grant.Tenant(), p.ID); err != nil {
		return p, err
	}
	p.make = r.May(Make) && p.State == Running
	if p.Waiting, err = Waiting(r.Ctx, r.Tx, r.Grant, p.ID); err != nil {
		return p, err
	}
	names, err := rm.Names(r.Ctx, r.Tx, r.Grant.Tenant(), []string{p.By})
	p.by = names[p.By]
	return p, err
}

// ListPage is the vouchers of a book.
type ListPage struct {
	Book  *Book     `json:"book"`
	Items []Voucher `json:"items"`
	Next  string    `json:"next,omitempty"`
	q     Query
	make  bool
}

func (rm Room) list(r *web.Request, in Query) (p ListPage, err error) {
	if in.Limit <= 0 || in.Limit > 200 {
		in.Limit = 50
	}
	if in.Year == 0 {
		in.Year = r.Today.Year()
		if len(in.Period) > 4 {
			in.Year = day.Day(in.Period + "-01").Year()
		}
	}
	b, err := BookOf(r.Ctx, r.Tx, r.Grant, in.Union, in.Year)
	if err != nil {
		return p, err
	}
	q := in
	q.Limit++
	p = ListPage{Book: &b, q: in, make: r.May(Make)}
	if p.Items, err = List(r.Ctx, r.Tx, r.Grant, b.ID, q); err != nil {
		return p, err
	}
	if len(p.Items) > in.Limit {
		p.Items, p.Next = p.Items[:in.Limit], p.Items[in.Limit-1].mark()
	}
	return p, nil
}

// EntryForm is what people send to write a voucher.
type EntryForm struct {
	ID          string  `json:"id,omitempty" doc:"编号"`
	Version     int64   `json:"version,omitempty" doc:"版本"`
	Union       string  `json:"union" doc:"工会"`
	Date        day.Day `json:"date" doc:"日期"`
	Kind        string  `json:"kind" doc:"凭证字"`
	Summary     string  `json:"summary" doc:"摘要"`
	Attachments int64   `json:"attachments" doc:"附单据张数"`
	Lines       []Typed `json:"lines" doc:"分录"`
}

// entry reads the form; at is for Told.
func (f EntryForm) entry() (Entry, []int, error) {
	lines, at, err := Parse(f.Lines)
	return Entry{Union: f.Union, Date: f.Date, Summary: f.Summary, Attachments: f.Attachments, Lines: lines}, at, err
}

// Blank asks for an empty voucher, or for a copy of one.
type Blank struct {
	Union string `json:"union" doc:"工会"`
	Year  int    `json:"year" doc:"年度"`
	Copy  string `json:"copy" doc:"照此凭证填制"`
}

// EntryPage is the form of a voucher.
type EntryPage struct {
	Voucher
	Accounts []books.Account `json:"accounts"`
	Projects []Project       `json:"projects"`
}

func (rm Room) blank(r *web.Request, in Blank) (p EntryPage, err error) {
	if in.Year == 0 {
		in.Year = r.Today.Year()
	}
	b, err := BookOf(r.Ctx, r.Tx, r.Grant, in.Union, in.Year)
	if err != nil {
		return p, err
	}
	if in.Copy != "" {
		if p.Voucher, err = Find(r.Ctx, r.Tx, r.Grant, in.Copy); err != nil {
			return p, err
		}
	}
	v := Voucher{BookID: b.ID, Union: b.Union, Year: b.Year, System: b.System, Kind: "记", Date: r.Today, Summary: p.Summary, Lines: p.Lines}
	if v.Date.Year() != b.Year {
		v.Date = day.Day(yearText(b.Year) + "-12-31")
	}
	p.Voucher = v
	return p, rm.choices(r, b, &p)
}

func (rm Room) edit(r *web.Request, in ByID) (p EntryPage, err error) {
	if p.Voucher, err = Find(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	b, err := FindBook(r.Ctx, r.Tx, r.Grant, p.BookID)
	if err != nil {
		return p, err
	}
	return p, rm.choices(r, b, &p)
}

func (rm Room) choices(r *web.Request, b Book, p *EntryPage) error {
	chart, err := ChartOf(r.Ctx, r.Tx, r.Grant.Tenant(), b.System)
	if err != nil {
		return err
	}
	for _, a := range chart.All() {
		if a.Leaf {
			a.Name = chart.Name(a.Code)
			p.Accounts = append(p.Accounts, a)
		}
	}
	p.Projects, err = Projects(r.Ctx, r.Tx, r.Grant, b.Union.ID)
	return err
}

// Done is a voucher that an act changed.
type Done struct {
	Voucher
	said    string
	created bool
}

func (d Done) Said() string  { return d.said }
func (d Done) Created() bool { return d.created }

func (rm Room) write(r *web.Request, in EntryForm) (Done, error) {
	e, at, err := in.entry()
	if err != nil {
		return Done{}, err
	}
	v, err := Write(r.Ctx, r.Tx, r.Grant, e, r.Now)
	return Done{v, "凭证已保存，请审核人审核。", true}, Told(err, at)
}

func (rm Room) rewrite(r *web.Request, in EntryForm) (Done, error) {
	e, at, err := in.entry()
	if err != nil {
		return Done{}, err
	}
	v, err := Rewrite(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, e, r.Now)
	return Done{Voucher: v, said: "凭证已修改。"}, Told(err, at)
}

// StepForm takes a step of a voucher.
type StepForm struct {
	flow.Given
	ID      string  `json:"id" doc:"编号"`
	Version int64   `json:"version" doc:"版本"`
	Date    day.Day `json:"date" doc:"日期"`
}

// Stepped is what a step answers: a posted voucher names its number.
type Stepped struct {
	Done
	Period string `json:"period"`
}

func (rm Room) step(r *web.Request, in StepForm) (Stepped, error) {
	v, err := Advance(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, in.Given, r.Now)
	said := v.Name() + "：" + v.State.Label() + "。"
	return Stepped{Done{Voucher: v, said: said}, v.Period()}, err
}

func (rm Room) sign(r *web.Request, in StepForm) (Done, error) {
	v, err := Signs(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, r.Now)
	return Done{Voucher: v, said: "已签章。"}, err
}

func (rm Room) reverse(r *web.Request, in StepForm) (Done, error) {
	v, err := Undo(r.Ctx, r.Tx, r.Grant, in.ID, in.Date, r.Now)
	return Done{v, "红字凭证已生成，请审核后记账；需要的话再填一张正确的凭证。", true}, err
}

// Detail is one voucher with what may be done.
type Detail struct {
	Voucher
	Reversed string `json:"reversed_by,omitempty"`
	chart    Accounts
	projects map[string]string
	who      map[string]string
	open     []flow.Step[State]
	may      map[auth.Action]bool
}

func (rm Room) detail(r *web.Request, in ByID) (d Detail, err error) {
	if d.Voucher, err = Find(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return d, err
	}
	if d.chart, err = ChartOf(r.Ctx, r.Tx, r.Grant.Tenant(), d.System); err != nil {
		return d, err
	}
	all, err := Projects(r.Ctx, r.Tx, r.Grant, d.Union.ID)
	if err != nil {
		return d, err
	}
	d.projects = map[string]string{Staff: "人员经费", Office: "公用经费"}
	for _, p := range all {
		d.projects[p.ID] = p.Name
	}
	if d.who, err = rm.Names(r.Ctx, r.Tx, r.Grant.Tenant(), []string{d.Maker, d.Reviewer, d.Poster, d.Cashier}); err != nil {
		return d, err
	}
	d.who[Auto] = "规则自动审核"
	d.open = d.Steps(flow.WhoOf(r.Grant))
	d.may = map[auth.Action]bool{Make: r.May(Make), Sign: r.May(Sign), Reverse: r.May(Reverse)}
	red, err := sqldb.List(r.Ctx, r.Tx, sqldb.Text, `SELECT id FROM vouchers WHERE tenant_id = $1 AND reverses_id = $2 AND state <> 'discarded'`, r.Grant.Tenant(), d.ID)
	if len(red) > 0 {
		d.Reversed = red[0]
	}
	return d, err
}

// Balance is one account of the trial balance (科目余额表). Opening and Closing
// are on the account's natural side; Debit and Credit are of the months from
// January to the period, closing vouchers included.
type Balance struct {
	Account string     `json:"account"`
	Name    string     `json:"name"`
	Side    books.Side `json:"side"`
	Opening money.Fen  `json:"opening"`
	Debit   money.Fen  `json:"debit"`
	Credit  money.Fen  `json:"credit"`
	Closing money.Fen  `json:"closing"`
}

// Balances lists the accounts that hold or moved anything, each once.
func (f Figures) Balances(chart Accounts) []Balance {
	out := []Balance{}
	for _, s := range f.Sums {
		if len(out) == 0 || out[len(out)-1].Account != s.Account {
			a, _ := chart.Find(s.Account)
			out = append(out, Balance{Account: s.Account, Name: chart.Name(s.Account), Side: a.Side})
		}
		b := &out[len(out)-1]
		sign := money.Fen(1)
		if b.Side == books.Credit {
			sign = -1
		}
		b.Opening += sign * s.Opening.Net()
		b.Closing += sign * s.Closing()
		b.Debit += s.In.Debit + s.In.CarryDebit
		b.Credit += s.In.Credit + s.In.CarryCredit
	}
	return out
}

// AccountsPage is the chart of a system.
type AccountsPage struct {
	System books.System    `json:"system"`
	Items  []books.Account `json:"items"`
	add    bool
}

// SystemQuery chooses an accounting system.
type SystemQuery struct {
	System books.System `json:"system" doc:"会计制度"`
}

func (rm Room) accounts(r *web.Request, in SystemQuery) (p AccountsPage, err error) {
	if in.System != books.A09 {
		in.System = books.A21
	}
	chart, err := ChartOf(r.Ctx, r.Tx, r.Grant.Tenant(), in.System)
	return AccountsPage{System: in.System, Items: chart.All(), add: r.May(Chart)}, err
}

// Added is an account that the office added.
type Added struct{ books.Account }

func (a Added) Place() string { return Home + "/accounts?system=" + string(a.System) }
func (a Added) Created() bool { return true }
func (a Added) Said() string  { return "已增设 " + a.Code + " " + a.Name + "。" }

func (rm Room) detailAccount(r *web.Request, in Detailing) (Added, error) {
	a, err := AddDetail(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Added{a}, err
}

// UnionQuery chooses a union.
type UnionQuery struct {
	Union string `json:"union" doc:"工会"`
}

// ProjectsPage is the projects of a union.
type ProjectsPage struct {
	Union string    `json:"union"`
	Items []Project `json:"items"`
	name  string
	plan  bool
}

func (rm Room) projects(r *web.Request, in UnionQuery) (p ProjectsPage, err error) {
	u, err := Union(r.Ctx, r.Tx, r.Grant, in.Union)
	if err != nil {
		return p, err
	}
	p = ProjectsPage{Union: u.Code, name: u.Name, plan: r.May(Plan)}
	p.Items, err = Projects(r.Ctx, r.Tx, r.Grant, u.ID)
	return p, err
}

// Planned is a project that was registered.
type Planned struct {
	Project
	union string
}

func (p Planned) Place() string { return Home + "/projects?union=" + p.union }
func (p Planned) Created() bool { return true }
func (p Planned) Said() string  { return "项目已登记。" }

func (rm Room) plan(r *web.Request, in Plans) (Planned, error) {
	p, err := AddProject(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Planned{p, in.Union}, err
}
