package bank

import (
	"context"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/files"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/law"
	"unionhall/law/books"
)

// Room is the pages about bank and cash. Names tells who an account is.
type Room struct {
	Files files.Store
	Names func(ctx context.Context, tx *sqldb.Tx, tenant int64, accounts []string) (map[string]string, error)
}

// Routes is every page of this room with the action it needs.
func (rm Room) Routes() []web.Route {
	const acc, stm, rec, cnt = Home + "/accounts", Home + "/statements", Home + "/reconciliation", Home + "/counts"
	return []web.Route{
		{Pattern: "GET " + Home, Needs: Look, Doc: "银行账户和库存现金", Do: web.Page(home, homeView)},
		{Pattern: "GET " + acc + "/new", Needs: Keep, Doc: "登记资金账户的表", Do: web.Page(blankAccount, accountForm)},
		{Pattern: "POST " + acc, Needs: Keep, Doc: "登记资金账户", Do: web.Again(web.Act(register), blankAccount, accountForm)},
		{Pattern: "GET " + acc + "/{bank}", Needs: Look, Doc: "一个资金账户", Do: web.Page(rm.account, accountView)},
		{Pattern: "GET " + acc + "/{bank}/edit", Needs: Keep, Doc: "修改资金账户的表", Do: web.Page(editAccount, accountForm)},
		{Pattern: "POST " + acc + "/{bank}", Needs: Keep, Doc: "修改资金账户", Do: web.Again(web.Act(amend), editAccount, accountForm)},
		{Pattern: "POST " + acc + "/{bank}/end", Needs: Keep, Doc: "停用资金账户", Do: web.Again(web.Act(end), rm.account, accountView)},
		{Pattern: "POST " + acc + "/{bank}/reveal", Needs: Reveal, Doc: "查看完整账号", Do: web.Again(web.Act(reveal), rm.account, accountView)},
		{Pattern: "POST " + acc + "/{bank}/items", Needs: Keep, Doc: "登记期初未达账项", Do: web.Again(web.Act(before), rm.account, accountView)},
		{Pattern: "GET " + Home + "/journal", Needs: Look, Doc: "现金、银行存款日记账", Do: web.Page(journal, journalView)},
		{Pattern: "GET " + Home + "/journal.pdf", Needs: Look, Doc: "日记账（打印）", Do: web.Download(journalPDF)},
		{Pattern: "GET " + Home + "/journal.xlsx", Needs: Look, Doc: "日记账（表格）", Do: web.Download(journalFile(false))},
		{Pattern: "GET " + Home + "/journal.csv", Needs: Look, Doc: "日记账（文本）", Do: web.Download(journalFile(true))},
		{Pattern: "GET " + stm, Needs: Look, Doc: "导入的对账单", Do: web.Page(statements, statementsView)},
		{Pattern: "GET " + stm + "/new", Needs: Import, Doc: "导入对账单的表", Do: web.Page(fresh, uploadView)},
		{Pattern: "POST " + stm, Needs: Import, Doc: "导入对账单", Do: web.Again(web.ActAfter(rm.readFile, rm.upload), fresh, uploadView)},
		{Pattern: "GET " + stm + "/{statement}", Needs: Look, Doc: "一份对账单", Do: web.Page(statement, statementView)},
		{Pattern: "POST " + stm + "/{statement}/columns", Needs: Import, Doc: "更改对应列并重新核对", Do: web.Again(web.ActAfter(rm.readAgain, remap), statement, statementView)},
		{Pattern: "POST " + stm + "/{statement}/confirm", Needs: Import, Doc: "收下对账单", Do: web.Again(web.Act(take), statement, statementView)},
		{Pattern: "POST " + stm + "/{statement}/undo", Needs: Import, Doc: "撤销对账单", Do: web.Again(web.Act(undo), statement, statementView)},
		{Pattern: "GET " + Home + "/matching", Needs: Look, Doc: "勾对", Do: web.Page(matching, matchingView)},
		{Pattern: "POST " + acc + "/{bank}/auto", Needs: Match, Doc: "自动勾对", Do: web.Act(auto)},
		{Pattern: "POST " + acc + "/{bank}/match", Needs: Match, Doc: "人工勾对", Do: web.Again(web.Act(byPerson), matching, matchingView)},
		{Pattern: "POST " + Home + "/matches/{match}/undo", Needs: Match, Doc: "取消勾对", Do: web.Again(web.Act(unmatch), matching, matchingView)},
		{Pattern: "GET " + rec, Needs: Look, Doc: "银行存款余额调节表", Do: web.Page(rm.reconciliation, sheetView)},
		{Pattern: "GET " + rec + ".pdf", Needs: Look, Doc: "银行存款余额调节表（打印）", Do: web.Download(rm.sheetPDF)},
		{Pattern: "POST " + acc + "/{bank}/reconcile", Needs: Agree, Doc: "编制余额调节表", Do: web.Again(web.Act(draw), rm.reconciliation, sheetView)},
		{Pattern: "POST " + rec + "s/{table}/confirm", Needs: Confirm, Doc: Labels[Confirm], Do: web.Again(web.Act(step), rm.reconciliation, sheetView)},
		{Pattern: "POST " + rec + "s/{table}/return", Needs: Return, Doc: Labels[Return], Do: web.Again(web.Act(step), rm.reconciliation, sheetView)},
		{Pattern: "GET " + cnt, Needs: Look, Doc: "现金盘点", Do: web.Page(counts, countsView)},
		{Pattern: "GET " + cnt + "/new", Needs: Count, Doc: "盘点现金的表", Do: web.Page(blankCount, countForm)},
		{Pattern: "POST " + cnt, Needs: Count, Doc: "盘点现金", Do: web.Again(web.Act(count), blankCount, countForm)},
		{Pattern: "GET " + cnt + "/{count}", Needs: Look, Doc: "一张现金盘点表", Do: web.Page(rm.oneCount, countView)},
		{Pattern: "GET " + cnt + "/{count}/form.pdf", Needs: Look, Doc: "现金盘点表（打印）", Do: web.Download(rm.countPDF)},
		{Pattern: "POST " + cnt + "/{count}/witness", Needs: Witness, Doc: Labels[Witness], Do: web.Again(web.Act(stepCount), rm.oneCount, countView)},
		{Pattern: "POST " + cnt + "/{count}/void", Needs: Void, Doc: Labels[Void], Do: web.Again(web.Act(stepCount), rm.oneCount, countView)},
	}
}

func clause(id string) ui.Article {
	r, ok := law.RuleOf(id)
	if !ok {
		return ui.Article{ID: id}
	}
	return ui.Article{ID: r.ID, Text: r.Text, Citation: r.Citation, Recalled: r.Confidence == law.Recalled}
}

func text(n int64) string { return strconv.FormatInt(n, 10) }

// Query chooses a union's accounts, or goes on with those of all.
type Query struct {
	Union string `json:"union" doc:"工会"`
	After string `json:"after" doc:"上一页末行"`
}

// Holding is an account with what it holds and what waits there.
type Holding struct {
	Account
	Book money.Fen `json:"balance"` // by the books, today
	Open int64     `json:"open"`    // lines that nothing answers
}

// HomePage is the accounts of a union, or of all within reach.
type HomePage struct {
	Items []Holding     `json:"items"`
	Next  string        `json:"next,omitempty"`
	Union *registry.Ref `json:"union,omitempty"`
	keep  bool
	today day.Day
}

func home(r *web.Request, in Query) (p HomePage, err error) {
	p = HomePage{Items: []Holding{}, keep: r.May(Keep), today: r.Today}
	id := ""
	if in.Union != "" {
		u, err := ledger.Union(r.Ctx, r.Tx, r.Grant, in.Union)
		if err != nil {
			return p, err
		}
		ref := u.Ref()
		p.Union, id = &ref, u.ID
	}
	all, err := Accounts(r.Ctx, r.Tx, r.Grant, id, in.After)
	if err != nil {
		return p, err
	}
	if id == "" && len(all) > mostAccounts {
		all = all[:mostAccounts]
		p.Next = all[mostAccounts-1].ID
	}
	held, err := holdings(r.Ctx, r.Tx, r.Grant, r.Today)
	if err != nil {
		return p, err
	}
	for _, a := range all {
		h := held[a.ID]
		p.Items = append(p.Items, Holding{Account: a, Book: h.Book, Open: h.Open})
	}
	return p, nil
}

// holdings are the balances of this year's books and the open lines of every
// account within reach, in one query.
func holdings(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day) (map[string]Holding, error) {
	out := map[string]Holding{}
	return out, sqldb.Each(ctx, tx, func(row sqldb.Row) (h Holding, err error) { return h, row(&h.ID, &h.Book, &h.Open) }, func(h Holding) error { out[h.ID] = h; return nil }, `
		SELECT a.id, (
				SELECT cast(coalesce(sum(x.debit - x.credit + x.carry_debit - x.carry_credit), 0) as bigint) FROM books b
				JOIN balances x ON x.tenant_id = b.tenant_id AND x.book_id = b.id AND x.account = a.account
				WHERE b.tenant_id = a.tenant_id AND b.union_id = a.union_id AND b.year = $3),
			(SELECT count(*) FROM bank_open o WHERE o.tenant_id = a.tenant_id AND o.bank_id = a.id)
		FROM bank_accounts a WHERE a.tenant_id = $1 AND EXISTS (
			SELECT 1 FROM union_reach r WHERE r.tenant_id = a.tenant_id AND r.above_id = $2 AND r.union_id = a.union_id)`, g.Tenant(), g.Under(), int64(today.Year()))
}

// FormPage is the form of an account.
type FormPage struct {
	Account
	Codes []books.Account `json:"codes"`
	name  string
	used  bool
}

// NewQuery says what the form begins with.
type NewQuery struct {
	Union string `json:"union" doc:"工会"`
	Kind  Kind   `json:"kind" doc:"种类"`
}

func blankAccount(r *web.Request, in NewQuery) (p FormPage, err error) {
	if in.Union == "" {
		in.Union = r.Grant.Under()
	}
	u, err := ledger.Union(r.Ctx, r.Tx, r.Grant, in.Union)
	if err != nil {
		return p, err
	}
	p.Union, p.Kind, p.Since = u.Ref(), in.Kind, day.Day(text(int64(r.Today.Year()))+"-01-01")
	if p.Kind != Cash {
		p.Kind = Bank
	}
	p.Code = p.Kind.top()
	return p, p.codes(r)
}

// codes are the ledger's accounts to choose from.
func (p *FormPage) codes(r *web.Request) error {
	chart, err := ledger.ChartOf(r.Ctx, r.Tx, r.Grant.Tenant(), books.SystemOn(p.Since))
	for _, a := range chart.All() {
		if a.Leaf && (books.Top(a.Code) == "101" || books.Top(a.Code) == "102") {
			a.Name = chart.Name(a.Code)
			p.Codes = append(p.Codes, a)
		}
	}
	return err
}

// ByBank names an account.
type ByBank struct {
	ID string `json:"bank" doc:"账户"`
}

func editAccount(r *web.Request, in ByBank) (p FormPage, err error) {
	if p.Account, err = Find(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	if p.used, err = began(r.Ctx, r.Tx, r.Grant.Tenant(), p.ID); err != nil {
		return p, err
	}
	return p, p.codes(r)
}

// Done is an account that an act changed.
type Done struct {
	Account
	Full    string `json:"full,omitempty"` // the number, told once
	said    string
	place   string
	created bool
}

func (d Done) Said() string  { return d.said }
func (d Done) Created() bool { return d.created }
func (d Done) Place() string {
	if d.place != "" {
		return d.place
	}
	return d.Account.Place()
}

// Kept is what a repeated key answers: the number is told once.
func (d Done) Kept() any { d.Full = ""; return d }

func register(r *web.Request, in Registers) (Done, error) {
	a, err := Register(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Done{Account: a, said: "账户已登记。", created: true}, err
}

// AccountForm edits an account.
type AccountForm struct {
	Bank    string  `json:"bank" doc:"账户"`
	Version int64   `json:"version" doc:"版本"`
	Name    string  `json:"name" doc:"账户名称"`
	Branch  string  `json:"branch" doc:"开户行"`
	Number  string  `json:"number" doc:"账号"`
	Account string  `json:"account" doc:"科目"`
	Since   day.Day `json:"since" doc:"对账起始日"`
	Opening string  `json:"opening" doc:"起始日前的银行余额"`
}

func amend(r *web.Request, in AccountForm) (Done, error) {
	a, err := Amend(r.Ctx, r.Tx, r.Grant, Registers{ID: in.Bank, Version: in.Version, Name: in.Name, Bank: in.Branch, Number: in.Number, Account: in.Account, Since: in.Since, Opening: in.Opening}, r.Now)
	return Done{Account: a, said: "账户已修改。"}, err
}

// Ending closes an account.
type Ending struct {
	ID      string  `json:"bank" doc:"账户"`
	Version int64   `json:"version" doc:"版本"`
	Day     day.Day `json:"day" doc:"停用日期"`
}

func end(r *web.Request, in Ending) (Done, error) {
	a, err := End(r.Ctx, r.Tx, r.Grant, Ends(in), r.Now)
	return Done{Account: a, said: "账户已停用，以前的账和对账单都保留。"}, err
}

// Revealing asks for the whole number.
type Revealing struct {
	ID     string `json:"bank" doc:"账户"`
	Reason string `json:"reason" doc:"用途"`
}

func reveal(r *web.Request, in Revealing) (Done, error) {
	a, number, err := Open(r.Ctx, r.Tx, r.Grant, in.ID, in.Reason, r.Now)
	return Done{Account: a, Full: number, said: "完整账号：" + number + "（已记入日志）"}, err
}

// JournalQuery chooses a journal and a month of it.
type JournalQuery struct {
	Bank   string `json:"bank" doc:"账户"`
	Period string `json:"period" doc:"月份"`
}

// JournalPage is one month of a journal.
type JournalPage struct {
	Journal
	period Period
	others []Account
	none   bool
}

func journal(r *web.Request, in JournalQuery) (p JournalPage, err error) {
	p.period = readPeriod(in.Period, r.Today)
	p.Period, p.Entries = p.period.String(), []Entry{}
	a, others, err := pick(r, in.Bank, "")
	if err != nil || a.ID == "" {
		p.none = err == nil
		return p, err
	}
	p.others = others
	p.Journal, err = JournalOf(r.Ctx, r.Tx, r.Grant, a, p.period)
	return p, err
}

// pick finds the account asked for, or without one the first of the own union,
// or where that has none the first in reach; others are those to choose from,
// one of the same union first.
func pick(r *web.Request, id string, kind Kind) (a Account, others []Account, err error) {
	union := r.Grant.Under()
	if id != "" {
		if a, err = Find(r.Ctx, r.Tx, r.Grant, id); err != nil {
			return a, nil, err
		}
		union = a.Union.ID
	}
	own, err := Accounts(r.Ctx, r.Tx, r.Grant, union, "")
	if err != nil {
		return a, nil, err
	}
	all, err := Accounts(r.Ctx, r.Tx, r.Grant, "", "")
	slices.SortStableFunc(all, func(x, y Account) int { return strings.Compare(x.Union.Code+x.Name, y.Union.Code+y.Name) })
	seen := map[string]bool{}
	for _, o := range append(own, all...) {
		if !seen[o.ID] && (kind == "" || o.Kind == kind) {
			others = append(others, o)
		}
		seen[o.ID] = true
	}
	if id == "" && len(others) > 0 {
		a = others[0]
	}
	return a, others, err
}

func journalPDF(r *web.Request, in JournalQuery) (web.File, error) {
	p, err := journal(r, in)
	return web.File{Name: p.fileName() + ".pdf", Type: "application/pdf", Write: func(w io.Writer) error { return p.PDF(w, r.Actor().Name(), r.Now) }}, err
}

func (p JournalPage) fileName() string {
	if p.none {
		return "日记账-" + p.Period
	}
	return path.Base(p.Account.Kind.Journal() + "-" + p.Account.Name + "-" + p.Period)
}

func journalFile(csv bool) func(*web.Request, JournalQuery) (web.File, error) {
	return func(r *web.Request, in JournalQuery) (web.File, error) {
		p, err := journal(r, in)
		f := web.File{Name: p.fileName() + ".xlsx", Type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
		if csv {
			f = web.File{Name: p.fileName() + ".csv", Type: "text/csv; charset=utf-8"}
		}
		f.Write = func(w io.Writer) error { return p.Table(w, csv) }
		return f, err
	}
}
