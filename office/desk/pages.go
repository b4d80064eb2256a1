package desk

import (
	"unionhall/kit/auth"
	"unionhall/kit/web"
)

// Routes are the addresses of this room.
func (d *Desk) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /{$}", Needs: auth.Anyone, Doc: "工作台：要办的事、变化和主要数字", Do: web.Page(d.home, homeView)},
		{Pattern: "GET /search", Needs: auth.Anyone, Doc: "在全部内容中查找", Do: web.Page(d.search, searchView)},
		{Pattern: "GET /messages", Needs: auth.Anyone, Doc: "我的消息", Do: web.Page(d.letters, lettersView)},
		{Pattern: "POST /messages/read", Needs: auth.Anyone, Doc: "把消息全部标为已读", Do: web.Act(d.readLetters)},
		{Pattern: "GET /messages/{id}", Needs: auth.Anyone, Doc: "一条消息", Do: web.Page(d.letter, letterView)},
		{Pattern: "POST /messages/{id}/read", Needs: auth.Anyone, Doc: "把一条消息标为已读", Do: web.Act(d.readLetter)},
		{Pattern: "GET /jobs", Needs: auth.Anyone, Doc: "我的任务", Do: web.Page(d.jobs, jobsView)},
		{Pattern: "GET /jobs/{id}", Needs: auth.Anyone, Doc: "一项任务的进度和结果", Do: web.Page(d.job, jobView)},
		{Pattern: "POST /jobs/{id}/cancel", Needs: auth.Anyone, Doc: "取消任务", Do: web.Act(d.cancelJob)},
		{Pattern: "POST /jobs/{id}/retry", Needs: auth.Anyone, Doc: "重做任务", Do: web.Act(d.retryJob)},
		{Pattern: "GET /api", Needs: auth.Anyone, Doc: "接口说明", Do: web.Page(d.api, apiView)},
		{Pattern: "GET /setup", Needs: Setup, Doc: "单位设置", Do: web.Page(d.setup, setupView)},
		{Pattern: "POST /setup", Needs: Setup, Doc: "修改单位名称", Do: web.Again(web.Act(func(r *web.Request, in NameForm) (Named, error) {
			return Rename(r.Ctx, r.Tx, r.Grant, in, r.Now)
		}), d.setup, setupView)},
		{Pattern: "POST /setup/finish", Needs: Setup, Doc: "完成设置", Do: web.Act(func(r *web.Request, _ struct{}) (Finished, error) {
			return Finish(r.Ctx, r.Tx, r.Grant, r.Now)
		})},
	}
}
