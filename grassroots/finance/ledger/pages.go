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
// the thing that a voucher books and its page, Doubts what is doubtful about a
// posted voucher: both may be nil.
type Room struct {
	Names  func(ctx context.Context, tx *sqldb.Tx, tenant int64, accounts []string) (map[string]string, error)
	Source func(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (ui.Link, error)
	Doubts func(ctx context.Context, tx *sqldb.Tx, g auth.Grant, v Voucher) ([]Doubt, error)
}

// Doubt is one thing that is doubtful about a voucher (疑点).
type Doubt struct {
	Kind   string `json:"kind"`
	Rule   string `json:"rule"`
	Text   string `json:"text"`
	Answer string `json:"answer,omitempty"` // what the accountant said to it
	Href   string `json:"href"`
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
		{Pattern: "GET " + Home + "/books/{id}/covers/{cover}", Needs: Look, Doc: "打印凭证封面", Do: web.Download(rm.cover)},
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
