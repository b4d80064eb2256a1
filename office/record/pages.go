package record

import "unionhall/kit/web"

// Routes are the addresses of this room. None of them changes or deletes a
// line of the log, and none ever may.
//
// law: S07
func (m *Room) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /audit", Needs: Look, Doc: "操作日志", Do: web.Page(m.list, listView)},
		{Pattern: "GET /audit.csv", Needs: Export, Doc: "操作日志，文本表格", Do: web.Download(m.csv)},
		{Pattern: "GET /audit.xlsx", Needs: Export, Doc: "操作日志，电子表格", Do: web.Download(m.xlsx)},
		{Pattern: "GET /audit/{id}", Needs: Look, Doc: "一条日志", Do: web.Page(m.detail, detailView)},
		{Pattern: "GET /audit/checks", Needs: Look, Doc: "历次验证的结果", Do: web.Page(m.checks, checksView)},
		{Pattern: "GET /audit/checks/{id}", Needs: Look, Doc: "一次验证的结果", Do: web.Page(m.check, checkView)},
		{Pattern: "POST /audit/verify", Needs: Verify, Doc: "验证日志链", Do: web.Act(m.begin)},
	}
}
