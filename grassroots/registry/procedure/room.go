package procedure

import (
	"unionhall/grassroots/registry"
	"unionhall/kit/web"
)

// Room serves the pages of cases and of the register of legal persons. It asks
// Unions to end one, with what hangs on it.
type Room struct{ Unions registry.Room }

// Routes is every page of this room with the action it needs.
func (rm Room) Routes() []web.Route {
	const c, l = place, legalPlace
	out := []web.Route{
		{Pattern: "GET " + c, Needs: Look, Doc: "办理事项列表", Do: web.Page(list, listView)},
		{Pattern: "GET " + c + ".csv", Needs: Look, Doc: "导出办理事项（文本）", Do: web.Download(exportCSV)},
		{Pattern: "GET " + c + ".xlsx", Needs: Look, Doc: "导出办理事项（电子表格）", Do: web.Download(exportXLSX)},
		{Pattern: "GET " + c + "/new", Needs: Ask, Doc: "选择要办的事项并填表", Do: web.Page(fresh, formView)},
		{Pattern: "POST " + c, Needs: Ask, Doc: "保存办理事项的草稿", Do: web.Again(web.Act(open), fresh, formView)},
		{Pattern: "GET " + c + "/{id}", Needs: Look, Doc: "一件办理事项", Do: web.Page(detail, detailView)},
		{Pattern: "GET " + c + "/{id}/edit", Needs: Ask, Doc: "修改办理事项的表", Do: web.Page(edit, formView)},
		{Pattern: "POST " + c + "/{id}/edit", Needs: Ask, Doc: "修改办理事项", Do: web.Again(web.Act(amend), edit, formView)},
		{Pattern: "POST " + c + "/{id}/papers", Needs: Ask, Doc: "上传材料", Do: web.Again(web.Act(attach), detail, detailView)},
		{Pattern: "GET " + c + "/{id}/papers/{file}", Needs: Look, Doc: "下载材料", Do: web.Download(paperFile)},
		{Pattern: "POST " + c + "/{id}/papers/{file}/remove", Needs: Ask, Doc: "取下材料", Do: web.Act(detach)},
		{Pattern: "GET " + c + "/{id}/take", Needs: Look, Doc: "办理一步的表", Do: web.Page(taking, takeView)},
		{Pattern: "POST " + c + "/{id}/submit", Needs: Submit, Doc: "提交办理事项", Do: web.Again(web.Act(rm.take("已提交，等待审查。")), detail, detailView)},
		{Pattern: "GET " + c + "/{id}/prints/{print}", Needs: Look, Doc: "打印申请表、请示或批复", Do: web.Download(printOne)},
		{Pattern: "GET " + l, Needs: Register, Doc: "法人资格登记册", Do: web.Page(legalList, legalView)},
		{Pattern: "GET " + l + ".csv", Needs: Register, Doc: "导出法人资格登记册（文本）", Do: web.Download(legalCSV)},
		{Pattern: "GET " + l + ".xlsx", Needs: Register, Doc: "导出法人资格登记册（电子表格）", Do: web.Download(legalXLSX)},
		{Pattern: "GET " + l + "/{id}", Needs: Register, Doc: "一家工会的法人资格", Do: web.Page(legalOne, legalOneView)},
		{Pattern: "GET " + l + "/{id}/edit", Needs: Enter, Doc: "补登证书的表", Do: web.Page(legalOne, legalFormView)},
		{Pattern: "POST " + l + "/{id}/edit", Needs: Enter, Doc: "补登或更正法人证书", Do: web.Again(web.Act(enter), legalOne, legalFormView)},
	}
	for _, s := range steps {
		out = append(out, web.Route{Pattern: "POST " + c + "/{id}/" + s.name, Needs: s.act, Doc: Labels[s.act], Do: web.Again(web.Act(rm.take(s.said)), taking, takeView)})
	}
	return out
}
