package procedure

import (
	"context"
	"slices"

	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
	"unionhall/law"
)

// FormPage is the form of a case, or the choice of what to ask for.
type FormPage struct {
	Case   Case           `json:"case"`
	Kinds  []Kind         `json:"kinds"`
	Unions []registry.Ref `json:"unions"`
	Papers []Paper        `json:"papers"`
	Chain  law.Chain      `json:"chain,omitempty"`
	groups []group
	refs   []registry.Ref // what a field may name
}

// Wanted says what a new case is to be for.
type Wanted struct {
	Kind  Kind   `json:"kind" doc:"事项"`
	Union string `json:"union" doc:"工会编码"`
}

// fresh is the page of a new case: which kind, then which union, then the form.
func fresh(r *web.Request, in Wanted) (FormPage, error) {
	p := FormPage{Kinds: Kinds, Case: Case{Kind: in.Kind, Fields: map[string]string{}}}
	all, err := registry.All(r.Ctx, r.Tx, r.Grant)
	if err != nil {
		return p, err
	}
	for _, u := range all {
		if in.Kind == "" || suits(in.Kind, u) == nil {
			p.Unions = append(p.Unions, u.Ref())
		}
		if u.Code == in.Union {
			p.Case.Union = u.Ref()
		}
	}
	if in.Kind == "" || in.Union == "" {
		return p, nil
	}
	if !slices.Contains(Kinds, in.Kind) {
		return p, incomplete("", "没有这个事项，请从列表中选择。", map[string]string{"kind": "事项：请从列表中选择"})
	}
	u, err := registry.ByCode(r.Ctx, r.Tx, r.Grant, in.Union)
	if err != nil {
		return p, err
	}
	if err := suits(in.Kind, u); err != nil {
		return p, err
	}
	if p.Case.Fields, err = prefilled(r.Ctx, r.Tx, r.Grant, in.Kind, u, r.Today); err != nil {
		return p, err
	}
	return p, p.fill(r, u)
}

func edit(r *web.Request, in ByID) (FormPage, error) {
	p := FormPage{}
	var err error
	if p.Case, err = Find(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	if err := p.Case.editable(); err != nil {
		return p, err
	}
	if err := theirs(r.Ctx, r.Tx, r.Grant, p.Case); err != nil {
		return p, err
	}
	u, err := registry.Find(r.Ctx, r.Tx, r.Grant, p.Case.Union.ID)
	if err != nil {
		return p, err
	}
	return p, p.fill(r, u)
}

// fill finds what the form of the page's case shows beside its fields.
func (p *FormPage) fill(r *web.Request, u registry.Union) (err error) {
	p.groups = grouped(forms[p.Case.Kind])
	p.Papers = needs(p.Case, lawPlace(r.Grant))
	if p.Case.Kind == Change {
		cert, has, err := CertificateOf(r.Ctx, r.Tx, r.Grant, u.ID)
		if err != nil {
			return err
		}
		if has {
			if p.Case.Registered, err = registered(r.Ctx, r.Tx, r.Grant, u, cert); err != nil {
				return err
			}
		}
	}
	if p.Case.Kind == Move || p.Case.Kind == Merge {
		if p.refs, err = goals(r.Ctx, r.Tx, r.Grant, p.Case.Kind, u); err != nil {
			return err
		}
	}
	p.Chain, err = chainOf(r.Ctx, r.Tx, r.Grant.Tenant(), p.Case.Kind, r.Today)
	return err
}

// goals are the unions that u may go to.
func goals(ctx context.Context, tx *sqldb.Tx, g auth.Grant, k Kind, u registry.Union) (out []registry.Ref, err error) {
	all, err := registry.Known(ctx, tx, g)
	for _, x := range all {
		if x.State != registry.Standing || x.ID == u.ID || k == Move && (x.ID == u.ParentID || !slices.Contains(x.Kind.Takes(), u.Kind)) || k == Merge && x.ParentID == "" {
			continue
		}
		out = append(out, x.Ref())
	}
	slices.SortFunc(out, func(a, b registry.Ref) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return out, err
}
