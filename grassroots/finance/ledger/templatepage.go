package ledger

import (
	"unionhall/kit/web"
	"unionhall/law/books"
)

// TemplatesPage is what a union keeps to write vouchers by.
type TemplatesPage struct {
	Union string     `json:"union"`
	Items []Template `json:"items"`
	name  string
	make  bool
	who   map[string]string
}

// UnionQuery chooses a union.
type UnionQuery struct {
	Union string `json:"union" doc:"工会"`
}

func (rm Room) templates(r *web.Request, in UnionQuery) (p TemplatesPage, err error) {
	u, err := Union(r.Ctx, r.Tx, r.Grant, in.Union)
	if err != nil {
		return p, err
	}
	p = TemplatesPage{Union: u.Code, name: u.Name, make: r.May(Make), Items: []Template{}}
	for _, s := range books.Systems {
		all, err := Templates(r.Ctx, r.Tx, r.Grant, u.ID, s)
		if err != nil {
			return p, err
		}
		p.Items = append(p.Items, all...)
	}
	who := make([]string, len(p.Items))
	for i, t := range p.Items {
		who[i] = t.By
	}
	p.who, err = rm.named(r, who)
	return p, err
}

// KeepForm keeps a voucher as a template.
type KeepForm struct {
	ID      string `json:"id" doc:"编号"`
	Name    string `json:"name" doc:"名称"`
	Amounts bool   `json:"amounts" doc:"金额也保存"`
}

// Kept is a template that came or went.
type Kept struct {
	Template
	said string
	made bool
}

func (k Kept) Place() string { return Home + "/templates?union=" + k.Union }
func (k Kept) Said() string  { return k.said }
func (k Kept) Created() bool { return k.made }

func (rm Room) keep(r *web.Request, in KeepForm) (Kept, error) {
	t, err := Keep(r.Ctx, r.Tx, r.Grant, in.ID, in.Name, in.Amounts, r.Now)
	return Kept{t, "已存为常用凭证“" + t.Name + "”。", true}, err
}

func (rm Room) forget(r *web.Request, in ByID) (Kept, error) {
	t, err := Forget(r.Ctx, r.Tx, r.Grant, in.ID, r.Now)
	return Kept{t, "已删除常用凭证“" + t.Name + "”。", false}, err
}
