package account

import (
	"unionhall/kit/fault"
	"unionhall/kit/web"
)

func partMine(r *web.Request, in Named) (Done, error) {
	return Done{"已解除关联，以后登录要用密码。", "/account"}, Part(r.Ctx, r.Tx, r.Grant.For(Links), r.Grant.Account(), in.ID, r.Now)
}

// Joining is an account that is to be linked to a subject of the provider.
type Joining struct {
	ID      string `json:"id" doc:"编号"`
	Subject string `json:"subject" doc:"标识"`
	Label   string `json:"label" doc:"称呼"`
}

// joinTheirs links somebody's account: whoever does that could sign in as
// them, so nobody does it for one of the three.
//
// law: PL-11
func (o *Office) joinTheirs(r *web.Request, in Joining) (Done, error) {
	a, err := Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return Done{}, err
	}
	if o.Outside == nil {
		return Done{}, fault.New(fault.Conflict, "本单位没有启用统一身份认证，请先在服务器上设置。")
	}
	posts, err := postsOf(r.Ctx, r.Tx, r.Grant.Tenant(), a.ID)
	if err != nil {
		return Done{}, err
	}
	if a.ID == r.Grant.Account() {
		return Done{}, fault.New(fault.Denied, "自己的关联请在「我的账号」里办理。")
	}
	if mayReset(r.Grant, posts, r.Today) != nil {
		return Done{}, fault.New(fault.Denied, "三员的关联只能由本人在「我的账号」里办理。")
	}
	if err := Join(r.Ctx, r.Tx, r.Grant, a.ID, o.Outside.Issuer(), in.Subject, in.Label, r.Now); err != nil {
		return Done{}, err
	}
	return Done{"已关联，此人可以从" + o.Outside.Name() + "登录，并已通知本人。", a.Place()}, toldOfLink(r.Ctx, r.Tx, r.Grant.Tenant(), a.ID, "系统管理员为您关联了统一身份认证", r.Now)
}

// Parting is a link of somebody else.
type Parting struct {
	ID   string `json:"id" doc:"编号"`
	Link string `json:"link" doc:"关联"`
}

func partTheirs(r *web.Request, in Parting) (Done, error) {
	a, err := Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return Done{}, err
	}
	if err := Part(r.Ctx, r.Tx, r.Grant, a.ID, in.Link, r.Now); err != nil {
		return Done{}, err
	}
	return Done{"已解除关联，并已通知本人。", a.Place()}, toldOfLink(r.Ctx, r.Tx, r.Grant.Tenant(), a.ID, "系统管理员解除了您的统一身份认证关联", r.Now)
}
