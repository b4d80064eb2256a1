package rules

import (
	"unionhall/kit/auth"
	"unionhall/kit/web"
)

// Routes are the addresses of this room.
func (m *Room) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /law/rules", Needs: auth.Anyone, Doc: "制度依据：规则、出处和实现情况", Do: web.Page(m.rules, rulesView)},
		{Pattern: "GET /law/rules.csv", Needs: auth.Anyone, Doc: "制度依据，文本表格", Do: web.Download(func(r *web.Request, in RulesQuery) (web.File, error) {
			p, err := m.rules(r, in)
			return p.table().csv(), err
		})},
		{Pattern: "GET /law/rules.xlsx", Needs: auth.Anyone, Doc: "制度依据，电子表格", Do: web.Download(func(r *web.Request, in RulesQuery) (web.File, error) {
			p, err := m.rules(r, in)
			return p.table().xlsx(), err
		})},
		{Pattern: "GET /law/params", Needs: auth.Anyone, Doc: "参数：本单位今天适用的数字", Do: web.Page(m.params, paramsView)},
		{Pattern: "GET /law/params.csv", Needs: auth.Anyone, Doc: "参数，文本表格", Do: web.Download(func(r *web.Request, in ParamsQuery) (web.File, error) {
			p, err := m.params(r, in)
			return p.table().csv(), err
		})},
		{Pattern: "GET /law/params.xlsx", Needs: auth.Anyone, Doc: "参数，电子表格", Do: web.Download(func(r *web.Request, in ParamsQuery) (web.File, error) {
			p, err := m.params(r, in)
			return p.table().xlsx(), err
		})},
		{Pattern: "GET /law/params/{id}", Needs: auth.Anyone, Doc: "一个参数：沿革和各地的规定", Do: web.Page(m.param, paramView)},
		{Pattern: "POST /law/params/{id}", Needs: Confirm, Doc: "确认参数，或设定本单位的值", Do: web.Again(web.Act(func(r *web.Request, in SetForm) (Done, error) {
			return m.Set(r.Ctx, r.Tx, r.Grant, in, r.Now)
		}), m.param, paramView)},
		{Pattern: "POST /law/params/{id}/drop", Needs: Confirm, Doc: "不再用本单位的值", Do: web.Again(web.Act(func(r *web.Request, in DropForm) (Done, error) {
			return m.Drop(r.Ctx, r.Tx, r.Grant, in, r.Now)
		}), m.param, paramView)},
		{Pattern: "GET /law/calendar", Needs: auth.Anyone, Doc: "工作日历：放假和调休", Do: web.Page(m.calendar, calendarView)},
		{Pattern: "POST /law/calendar/read", Needs: Enter, Doc: "读一份放假通知，先看再录入", Do: web.Again(web.ActAfter(readUpload, func(_ *web.Request, in NoticeForm) (Notice, error) {
			return ReadNotice(in.Text)
		}), m.calendar, calendarView)},
		{Pattern: "GET /law/calendar/new", Needs: Enter, Doc: "录入之前看一遍通知", Do: web.Page(m.lookNotice, noticeView)},
		{Pattern: "POST /law/calendar", Needs: Enter, Doc: "录入一年的放假和调休", Do: web.Act(func(r *web.Request, in TextQuery) (Kept, error) {
			return KeepNotice(r.Ctx, r.Tx, r.Grant, in.Text, r.Now)
		})},
		{Pattern: "POST /law/calendar/{year}/drop", Needs: Enter, Doc: "撤回录入的一年", Do: web.Act(func(r *web.Request, in CalendarQuery) (Kept, error) {
			return DropNotice(r.Ctx, r.Tx, r.Grant, in.Year, r.Now)
		})},
	}
}
