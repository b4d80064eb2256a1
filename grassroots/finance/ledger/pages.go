package ledger

import (
	"context"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/law"
	"unionhall/law/books"
)

// Room is the pages of the books. Names tells who an account is.
type Room struct {
	Names func(ctx context.Context, tx *sqldb.Tx, tenant int64, accounts []string) (map[string]string, error)
}

// Routes is every page of this room with the action it needs.
func (rm Room) Routes() []web.Route {
	out := []web.Route{
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
		{Pattern: "GET " + Home + "/balances", Needs: Look, Doc: "科目余额表", Do: web.Page(rm.balances, balancesView)},
		{Pattern: "GET " + Home + "/accounts", Needs: Look, Doc: "会计科目", Do: web.Page(rm.accounts, accountsView)},
		{Pattern: "POST " + Home + "/accounts", Needs: Chart, Doc: "增设明细科目", Do: web.Again(web.Act(rm.detailAccount), rm.accounts, accountsView)},
		{Pattern: "GET " + Home + "/projects", Needs: Look, Doc: "项目", Do: web.Page(rm.projects, projectsView)},
		{Pattern: "POST " + Home + "/projects", Needs: Plan, Doc: "登记项目", Do: web.Again(web.Act(rm.plan), rm.projects, projectsView)},
	}
	for _, act := range Procedure.Acts() {
		out = append(out, web.Route{Pattern: "POST " + Home + "/vouchers/{id}/" + pathOf(act), Needs: act, Doc: Labels[act], Do: web.Again(web.Act(rm.step), rm.detail, voucherView)})
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
