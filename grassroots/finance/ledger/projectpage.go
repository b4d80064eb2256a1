package ledger

import (
	"context"
	"strings"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// ProjectsPage is the projects of a union.
type ProjectsPage struct {
	Union  string    `json:"union"`
	Items  []Project `json:"items"`
	name   string
	plan   bool
	today  day.Day
	unions []ui.Option
}

func (rm Room) projects(r *web.Request, in UnionQuery) (p ProjectsPage, err error) {
	u, err := Union(r.Ctx, r.Tx, r.Grant, in.Union)
	if err != nil {
		return p, err
	}
	p = ProjectsPage{Union: u.Code, name: u.Name, plan: r.May(Plan), today: r.Today}
	if p.Items, err = Projects(r.Ctx, r.Tx, r.Grant, u.ID); err != nil {
		return p, err
	}
	if p.Items == nil {
		p.Items = []Project{}
	}
	p.unions, err = keepers(r, u.Code, u.Name)
	return p, err
}

// keepers are the unions that keep books this year, and the one at hand.
func keepers(r *web.Request, code, name string) (out []ui.Option, err error) {
	all, err := Books(r.Ctx, r.Tx, r.Grant, "", r.Today.Year())
	here := false
	for _, b := range all {
		out = append(out, ui.Option{Value: b.Union.Code, Text: b.Union.Name})
		here = here || b.Union.Code == code
	}
	if !here {
		out = append([]ui.Option{{Value: code, Text: name}}, out...)
	}
	return out, err
}

// Planned is a project that was registered or changed.
type Planned struct {
	Project
	union string
	said  string
	made  bool
}

func (p Planned) Place() string { return Home + "/projects?union=" + p.union }
func (p Planned) Created() bool { return p.made }
func (p Planned) Said() string  { return p.said }

func (rm Room) plan(r *web.Request, in Plans) (Planned, error) {
	p, err := AddProject(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Planned{p, in.Union, "项目“" + p.Name + "”已登记。", true}, err
}

// ProjectForm changes a project.
type ProjectForm struct {
	ID      string  `json:"id" doc:"编号"`
	Version int64   `json:"version" doc:"版本"`
	Name    string  `json:"name" doc:"项目名称"`
	Ended   day.Day `json:"ended" doc:"结束日期"`
}

func (rm Room) rename(r *web.Request, in ProjectForm) (Planned, error) {
	p, code, err := ChangeProject(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Planned{p, code, "项目“" + p.Name + "”已改名。", false}, err
}

func (rm Room) end(r *web.Request, in ProjectForm) (Planned, error) {
	if in.Ended == "" {
		in.Ended = r.Today
	}
	in.Name = ""
	p, code, err := ChangeProject(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Planned{p, code, "项目“" + p.Name + "”已结束，填制凭证时不再列出。", false}, err
}

// FindProject returns a project within g's reach, or fault.NotFound.
func FindProject(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Project, error) {
	return sqldb.One(ctx, tx, scanProject, selectProjects+` AND p.id = $3`, g.Tenant(), g.Under(), id)
}

// ChangeProject gives a project another name, or ends it; entries keep it. It
// returns the code of its union as well.
//
// law: F3.4
func ChangeProject(ctx context.Context, tx *sqldb.Tx, g auth.Grant, in ProjectForm, at day.Instant) (Project, string, error) {
	p, err := FindProject(ctx, tx, g, in.ID)
	if err != nil {
		return p, "", err
	}
	u, err := Union(ctx, tx, g, p.UnionID)
	if err != nil {
		return p, "", err
	}
	if in.Version != 0 && in.Version != p.Version {
		return p, u.Code, fault.New(fault.Conflict, "这个项目刚刚已由他人改过，请刷新后再看。")
	}
	name, did := strings.TrimSpace(in.Name), "renamed"
	switch {
	case in.Ended != "" && p.Ended != "":
		return p, u.Code, fault.New(fault.Conflict, "项目“%s”已经结束。", p.Name)
	case in.Ended != "" && in.Ended < p.From:
		return p, u.Code, &fault.Error{Kind: fault.Invalid, Rule: "F3.4", Text: "结束日期不对。", Fields: map[string]string{"ended": "结束日期：不能早于开始日期 " + string(p.From)}}
	case in.Ended != "":
		p.Ended, did = in.Ended, "ended"
	case len([]rune(name)) == 0 || len([]rune(name)) > 60:
		return p, u.Code, &fault.Error{Kind: fault.Invalid, Rule: "F3.4", Text: "项目名称不对。", Fields: map[string]string{"name": "项目名称：请用 1 到 60 个字"}}
	default:
		p.Name = name
	}
	n, err := tx.Exec(ctx, `UPDATE projects SET name = $1, ended = $2, version = version + 1 WHERE tenant_id = $3 AND id = $4 AND version = $5`, p.Name, string(p.Ended), g.Tenant(), p.ID, p.Version)
	if err != nil {
		return p, u.Code, err
	}
	if n == 0 {
		return p, u.Code, fault.New(fault.Conflict, "这个项目刚刚已由他人改过，请刷新后再看。")
	}
	p.Version++
	return p, u.Code, audit.Write(ctx, tx, g, p.ID, deed{Did: did, Union: u.Name, Words: p.Code + " " + p.Name}, at, audit.Touched{Table: "projects", ID: p.ID})
}
