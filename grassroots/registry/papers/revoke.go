package papers

import (
	"unionhall/commons/certificate"
	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/audit"
	"unionhall/kit/fault"
	"unionhall/kit/web"
)

// RevokeForm takes a paper of a union or a member back.
type RevokeForm struct {
	ID     string `json:"id" doc:"编号"`
	Paper  string `json:"paper" doc:"凭证"`
	Reason string `json:"reason" doc:"原因"`
}

// Revoked is a paper that was taken back.
type Revoked struct {
	certificate.Certificate
	place string
}

// Place is the page that lists it.
func (v Revoked) Place() string { return v.place }

// Said tells the person.
func (v Revoked) Said() string {
	return "已撤销“" + v.Title + "”，再扫码核验会显示“已撤销”。"
}

func revokeUnion(r *web.Request, in RevokeForm) (Revoked, error) {
	u, err := registry.Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return Revoked{}, err
	}
	return revoke(r, in, u.ID, u.Place()+"/papers", unionDeed("paper_revoked"))
}

func revokeMember(r *web.Request, in RevokeForm) (Revoked, error) {
	m, err := member.Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return Revoked{}, err
	}
	return revoke(r, in, m.ID, m.Place()+"/papers", memberDeed("paper revoked"))
}

func revoke(r *web.Request, in RevokeForm, thing, place string, change func(string) any) (Revoked, error) {
	c, err := certificate.Find(r.Ctx, r.Tx, r.Grant, in.Paper)
	if err == nil && c.Thing != thing {
		err = fault.New(fault.NotFound, "没有这份凭证，或它不属于这里。请回到表格页面再找。")
	}
	if err != nil {
		return Revoked{}, err
	}
	m := audit.Moves{}
	if c, err = certificate.Revoke(r.Ctx, r.Tx, r.Grant, m, c.ID, in.Reason, r.Now); err != nil {
		return Revoked{}, err
	}
	return Revoked{c, place}, m.Write(r.Ctx, r.Tx, r.Grant, thing, change(c.Title+"："+c.Reason), r.Now)
}
