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
		{Pattern: "GET /login/second", Doc: "登录时填动态口令的页面", Do: web.Raw(o.showSecond)},
		{Pattern: "POST /login/second", Doc: "登录时填动态口令", Do: web.Raw(o.takeSecond)},
		{Pattern: "GET /login/outside", Doc: "从统一身份认证登录", Do: web.Raw(o.goOutside)},
		{Pattern: "GET /login/outside/back", Doc: "从统一身份认证回来", Do: web.Raw(o.comeBack)},
		{Pattern: "GET /login/code", Doc: "短信验证码登录页", Do: web.Raw(o.showText)},
		{Pattern: "POST /login/code", Doc: "发送短信验证码", Do: web.Raw(o.askText)},
		{Pattern: "GET /login/code/enter", Doc: "填短信验证码的页面", Do: web.Raw(o.showTextEnter)},
		{Pattern: "POST /login/code/enter", Doc: "凭短信验证码登录", Do: web.Raw(o.takeText)},
		{Pattern: "POST /logout", Doc: "退出登录", Do: web.Raw(o.logOut)},
	}
}

func (o *Office) own() []web.Route {
	return []web.Route{
		{Pattern: "POST /identity", Needs: auth.Anyone, Doc: "切换当前身份", Do: web.Act(identify)},
		{Pattern: "GET /account", Needs: auth.Anyone, Doc: "我的账号", Do: web.Page(o.minePage, mineView)},
		{Pattern: "GET /account/password", Needs: auth.Anyone, Doc: "修改密码的表单", Do: web.Page(o.passwordPage, passwordView)},
		{Pattern: "POST /account/password", Needs: auth.Anyone, Doc: "修改密码", Do: web.Again(web.ActAfter(o.hashChange, changePassword), o.passwordPage, passwordView)},
		{Pattern: "GET /account/second", Needs: auth.Anyone, Doc: "我的动态口令", Do: web.Page(o.secondPage, secondView)},
		{Pattern: "POST /account/second", Needs: auth.Anyone, Doc: "开始启用动态口令", Do: web.Again(web.ActAfter(o.proveSelf, enrol), o.secondPage, secondView)},
		{Pattern: "POST /account/second/confirm", Needs: auth.Anyone, Doc: "确认启用动态口令", Do: web.Again(web.Act(o.confirm), o.secondPage, secondView)},
		{Pattern: "POST /account/second/codes", Needs: auth.Anyone, Doc: "换一批恢复码", Do: web.Again(web.ActAfter(o.proveSelf, o.freshCodes), o.secondPage, secondView)},
		{Pattern: "POST /account/second/stop", Needs: auth.Anyone, Doc: "停用动态口令", Do: web.Again(web.ActAfter(o.proveSelf, o.stop), o.secondPage, secondView)},
		{Pattern: "POST /account/links/{id}/end", Needs: auth.Anyone, Doc: "解除关联登录", Do: web.Again(web.Act(partMine), o.minePage, mineView)},
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
		{Pattern: "GET /system/accounts.csv", Needs: Look, Doc: "账号列表（逗号分隔）", Do: web.Download(o.listCSV)},
		{Pattern: "GET /system/accounts.xlsx", Needs: Look, Doc: "账号列表（电子表格）", Do: web.Download(o.listXLSX)},
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
		{Pattern: "POST /system/accounts/{id}/second/reset", Needs: Factors, Doc: "重置动态口令", Do: web.Again(web.Act(resetFactor), o.onePage, oneView)},
		{Pattern: "POST /system/accounts/{id}/links", Needs: Manage, Doc: "关联统一身份认证", Do: web.Again(web.Act(o.joinTheirs), o.onePage, oneView)},
		{Pattern: "POST /system/accounts/{id}/links/{link}/end", Needs: Manage, Doc: "解除此人的关联登录", Do: web.Again(web.Act(partTheirs), o.onePage, oneView)},
		{Pattern: "GET /system/security", Needs: Factors, Doc: "登录安全概览", Do: web.Page(o.safetyPage, safetyView)},
		{Pattern: "POST /system/accounts/{id}/sessions/{session}/end", Needs: Lock, Doc: "退出此人的一处登录", Do: web.Again(web.Act(endTheirs), o.onePage, oneView)},
		{Pattern: "POST /system/accounts/{id}/sessions/end", Needs: Lock, Doc: "退出此人各处登录", Do: web.Again(web.Act(endAllTheirs), o.onePage, oneView)},
	}
}
