package account

import (
	"slices"

	"unionhall/kit/auth"
	"unionhall/kit/web"
)

// Routes are the door, one's own account and the accounts of all.
func (o *Office) Routes() []web.Route {
	return slices.Concat(o.door(), o.own(), o.all())
}

func (o *Office) door() []web.Route {
	return []web.Route{
		{Pattern: "GET /login", Doc: "登录页", Do: web.Raw(o.showLogin)},
		{Pattern: "POST /login", Doc: "登录", Do: web.Raw(o.logIn)},
		{Pattern: "POST /logout", Doc: "退出登录", Do: web.Raw(o.logOut)},
	}
}

func (o *Office) own() []web.Route {
	return []web.Route{
		{Pattern: "POST /identity", Needs: auth.Anyone, Doc: "切换当前身份", Do: web.Act(identify)},
		{Pattern: "GET /account", Needs: auth.Anyone, Doc: "我的账号", Do: web.Page(o.minePage, mineView)},
		{Pattern: "GET /account/password", Needs: auth.Anyone, Doc: "修改密码的表单", Do: web.Page(o.passwordPage, passwordView)},
		{Pattern: "POST /account/password", Needs: auth.Anyone, Doc: "修改密码", Do: web.Again(web.ActAfter(o.hashChange, changePassword), o.passwordPage, passwordView)},
		{Pattern: "POST /account/sessions/{id}/end", Needs: auth.Anyone, Doc: "退出一处登录", Do: web.Again(web.Act(endMine), o.minePage, mineView)},
		{Pattern: "POST /account/sessions/end", Needs: auth.Anyone, Doc: "退出其他各处登录", Do: web.Again(web.Act(endOthers), o.minePage, mineView)},
		{Pattern: "GET /account/tokens", Needs: auth.Anyone, Doc: "我的接口令牌", Do: web.Page(o.tokensPage, tokensView)},
		{Pattern: "POST /account/tokens", Needs: auth.Anyone, Doc: "办理接口令牌", Do: web.Again(web.Act(makeToken), o.tokensPage, tokensView)},
		{Pattern: "POST /account/tokens/{id}/end", Needs: auth.Anyone, Doc: "收回接口令牌", Do: web.Again(web.Act(revokeMine), o.tokensPage, tokensView)},
	}
}

func (o *Office) all() []web.Route {
	return []web.Route{
		{Pattern: "GET /system/accounts", Needs: Look, Doc: "账号列表", Do: web.Page(o.listPage, listView)},
		{Pattern: "GET /system/accounts.csv", Needs: Look, Doc: "账号列表（逗号分隔）", Do: web.Download(listCSV)},
		{Pattern: "GET /system/accounts.xlsx", Needs: Look, Doc: "账号列表（电子表格）", Do: web.Download(listXLSX)},
		{Pattern: "GET /system/accounts/rules", Needs: Look, Doc: "登录与密码规则", Do: web.Page(o.rulesPage, rulesView)},
		{Pattern: "GET /system/accounts/new", Needs: Manage, Doc: "新建账号的表单", Do: web.Page(newPage, newView)},
		{Pattern: "POST /system/accounts", Needs: Manage, Doc: "新建账号", Do: web.Again(web.ActAfter(hashNew, createAccount), newPage, newView)},
		{Pattern: "GET /system/accounts/{id}", Needs: Look, Doc: "账号详情", Do: web.Page(o.onePage, oneView)},
		{Pattern: "POST /system/accounts/{id}/name", Needs: Manage, Doc: "更正姓名", Do: web.Again(web.Act(renameAccount), o.onePage, oneView)},
		{Pattern: "POST /system/accounts/{id}/reset", Needs: Manage, Doc: "重设密码", Do: web.Again(web.ActAfter(o.hashReset, resetPassword), o.onePage, oneView)},
		{Pattern: "GET /system/accounts/{id}/member", Needs: Manage, Doc: "查找对应的会员", Do: web.Page(o.memberPage, memberView)},
		{Pattern: "POST /system/accounts/{id}/member", Needs: Manage, Doc: "对应会员", Do: web.Again(web.Act(o.linkMember), o.memberPage, memberView)},
		{Pattern: "GET /system/accounts/{id}/posts", Needs: Appoint, Doc: "任命岗位的表单", Do: web.Page(givePage, giveView)},
		{Pattern: "POST /system/accounts/{id}/posts", Needs: Appoint, Doc: "任命岗位", Do: web.Again(web.Act(givePost), givePage, giveView)},
		{Pattern: "POST /system/accounts/{id}/posts/{post}/end", Needs: Appoint, Doc: "结束岗位", Do: web.Again(web.Act(endPost), o.onePage, oneView)},
		{Pattern: "GET /system/accounts/{id}/trust", Needs: Entrust, Doc: "任命三员的表单", Do: web.Page(trustPage, giveView)},
		{Pattern: "POST /system/accounts/{id}/trust", Needs: Entrust, Doc: "任命三员", Do: web.Again(web.Act(givePost), trustPage, giveView)},
		{Pattern: "POST /system/accounts/{id}/trust/{post}/end", Needs: Entrust, Doc: "结束三员岗位", Do: web.Again(web.Act(endPost), o.onePage, oneView)},
		{Pattern: "POST /system/accounts/{id}/lock", Needs: Lock, Doc: "停用账号", Do: web.Again(web.Act(lockAccount), o.onePage, oneView)},
		{Pattern: "POST /system/accounts/{id}/unlock", Needs: Lock, Doc: "启用账号", Do: web.Again(web.Act(unlockAccount), o.onePage, oneView)},
		{Pattern: "POST /system/accounts/{id}/sessions/{session}/end", Needs: Lock, Doc: "退出此人的一处登录", Do: web.Again(web.Act(endTheirs), o.onePage, oneView)},
		{Pattern: "POST /system/accounts/{id}/sessions/end", Needs: Lock, Doc: "退出此人各处登录", Do: web.Again(web.Act(endAllTheirs), o.onePage, oneView)},
	}
}
