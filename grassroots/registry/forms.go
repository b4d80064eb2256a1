package registry

import (
	"slices"
	"strings"

	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

// FormPage is a union with what an act on it would touch, in numbers, and the
// unions that it might go to.
type FormPage struct {
	Union
	Figures
	ParentName  string `json:"parent_name,omitempty"`
	Memberships int64  `json:"memberships"` // that go on, kept ones too
	Below       []Ref  `json:"below"`
	Seats       int64  `json:"open_seats"`
	Kinds       []Kind `json:"kinds"`   // that it may become
	Parents     []Ref  `json:"parents"` // that it may be moved under
	Into        []Ref  `json:"into"`    // that it may be merged into
	today       day.Day
}

func (rm Room) form(r *web.Request, in ByID) (FormPage, error) {
	p := FormPage{today: r.Today}
	var err error
	if p.Union, err = Find(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	if p.State != Standing {
		return p, gone(p.Union)
	}
	if p.Figures, err = FiguresOf(r.Ctx, r.Tx, r.Grant, p.ID); err != nil {
		return p, err
	}
	if p.Memberships, err = rm.Members.Count(r.Ctx, r.Tx, r.Grant, p.ID); err != nil {
		return p, err
	}
	if p.Below, err = children(r.Ctx, r.Tx, r.Grant.Tenant(), p.ID); err != nil {
		return p, err
	}
	seats, err := openSeats(r.Ctx, r.Tx, r.Grant, p.ID)
	p.Seats = int64(len(seats))
	if err == nil {
		err = p.choices(r)
	}
	return p, err
}

// choices finds where the union may go within the reach.
func (p *FormPage) choices(r *web.Request) error {
	all, err := All(r.Ctx, r.Tx, r.Grant)
	if err != nil {
		return err
	}
	below, err := sqldb.List(r.Ctx, r.Tx, sqldb.Text, `SELECT union_id FROM union_reach WHERE tenant_id = $1 AND above_id = $2`, r.Grant.Tenant(), p.ID)
	if err != nil {
		return err
	}
	p.Kinds, p.Parents, p.Into = []Kind{p.Kind}, []Ref{}, []Ref{}
	for _, u := range all {
		if u.ID == p.ParentID {
			p.ParentName = u.Name
			for _, k := range u.Kind.Takes() {
				if k != p.Kind {
					p.Kinds = append(p.Kinds, k)
				}
			}
		}
		if u.State != Standing || slices.Contains(below, u.ID) {
			continue
		}
		if u.ID != p.ParentID && slices.Contains(u.Kind.Takes(), p.Kind) {
			p.Parents = append(p.Parents, u.Ref())
		}
		p.Into = append(p.Into, u.Ref())
	}
	return nil
}

// NewPage is the empty form of a new union.
type NewPage struct {
	Parent  string `json:"parent,omitempty"` // code of the one it was asked from
	Parents []Ref  `json:"parents"`
	today   day.Day
}

// NewQuery says under which union the new one is to stand.
type NewQuery struct {
	Parent string `json:"parent" doc:"上级工会编码"`
}

func newUnion(r *web.Request, in NewQuery) (NewPage, error) {
	p := NewPage{Parent: in.Parent, Parents: []Ref{}, today: r.Today}
	all, err := All(r.Ctx, r.Tx, r.Grant)
	for _, u := range all {
		if u.State == Standing && len(u.Kind.Takes()) > 0 {
			p.Parents = append(p.Parents, u.Ref())
		}
	}
	if p.Parent == "" && len(p.Parents) > 0 {
		p.Parent = p.Parents[0].Code
		for _, u := range all {
			if u.ID == r.Grant.Under() {
				p.Parent = u.Code
			}
		}
	}
	return p, err
}

// Done is what an act leaves: the union, what to tell the person, and what is
// odd about it.
type Done struct {
	Union
	Warnings []string `json:"warnings,omitempty"`
	People   int64    `json:"handed_over,omitempty"`
	said     string
	fresh    bool
}

// Said is the sentence that the next page shows.
func (d Done) Said() string { return strings.Join(append([]string{d.said}, d.Warnings...), "") }

// Created reports whether the union is new.
func (d Done) Created() bool { return d.fresh }

// Founding is a new union as an officer writes it down.
type Founding struct {
	Name   string `json:"name" doc:"名称"`
	Kind   Kind   `json:"kind" doc:"组织类别"`
	Parent string `json:"parent" doc:"上级工会编码"`
	Particulars
	Paper
}

func establish(r *web.Request, in Founding) (Done, error) {
	above, err := byField(r, in.Parent, "parent", "上级工会")
	if err != nil {
		return Done{}, err
	}
	u := Union{Name: in.Name, Kind: in.Kind, ParentID: above.ID}.with(in.Particulars)
	u, warnings, err := Establish(r.Ctx, r.Tx, r.Grant, u, in.Paper, r.Now)
	return Done{Union: u, Warnings: warnings, said: "已建会，编码 " + u.Code + "。", fresh: true}, err
}

// byField finds the union that an input names by its code; none is told at
// the input.
func byField(r *web.Request, code, name, label string) (Union, error) {
	if code == "" {
		return Union{}, fieldFault(name, "%s：请选择一家工会", label)
	}
	return ByCode(r.Ctx, r.Tx, r.Grant, code)
}

// Amending is an edit of particulars on the version that was seen.
type Amending struct {
	ID      string `json:"id"`
	Version int64  `json:"version" doc:"版本"`
	Particulars
}

func amend(r *web.Request, in Amending) (Done, error) {
	u, warnings, err := Amend(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, in.Particulars, r.Now)
	return Done{Union: u, Warnings: warnings, said: "已保存。"}, err
}

// Renaming is a change of name or kind on the version that was seen.
type Renaming struct {
	ID      string `json:"id"`
	Version int64  `json:"version" doc:"版本"`
	Naming
	Paper
}

func rename(r *web.Request, in Renaming) (Done, error) {
	u, err := Rename(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, in.Naming, in.Paper, r.Now)
	return Done{Union: u, said: "已更名，原名称记入沿革。"}, err
}

// Going is a union's way to another, on the version that was seen.
type Going struct {
	ID      string `json:"id"`
	Version int64  `json:"version" doc:"版本"`
	Parent  string `json:"parent" doc:"新的上级工会编码"` // for a move
	Into    string `json:"into" doc:"并入的工会编码"`    // for a merger
	Paper
}

func move(r *web.Request, in Going) (Done, error) {
	above, err := byField(r, in.Parent, "parent", "新的上级")
	if err != nil {
		return Done{}, err
	}
	u, err := Move(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, above.ID, in.Paper, r.Now)
	return Done{Union: u, said: "已改隶" + above.Name + "，原隶属关系记入沿革。"}, err
}

func (rm Room) merge(r *web.Request, in Going) (Done, error) {
	into, err := byField(r, in.Into, "into", "并入的工会")
	if err != nil {
		return Done{}, err
	}
	u, n, err := rm.Merge(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, into.ID, in.Paper, r.Now)
	return Done{Union: u, People: n, said: "已并入" + into.Name + "，移交会籍 " + digits(n) + " 名。"}, err
}

func (rm Room) close(r *web.Request, in Going) (Done, error) {
	u, err := rm.Close(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, in.Paper, r.Now)
	return Done{Union: u, said: "已撤销，沿革中可以查到。"}, err
}
