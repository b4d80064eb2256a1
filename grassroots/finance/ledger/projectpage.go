package ledger

// UnionQuery chooses a union.
type UnionQuery struct {
	Union string `json:"union" doc:"工会"`
}

// ProjectsPage is the projects of a union.
type ProjectsPage struct {
	Union string    `json:"union"`
	Items []Project `json:"items"`
	name  string
	plan  bool
}

func (rm Room) projects(r *web.Request, in UnionQuery) (p ProjectsPage, err error) {
	u, err := Union(r.Ctx, r.Tx, r.Grant, in.Union)
	if err != nil {
		return p, err
	}
	p = ProjectsPage{Union: u.Code, name: u.Name, plan: r.May(Plan)}
	p.Items, err = Projects(r.Ctx, r.Tx, r.Grant, u.ID)
	return p, err
}

// Planned is a project that was registered.
type Planned struct {
	Project
	union string
}

func (p Planned) Place() string { return Home + "/projects?union=" + p.union }
func (p Planned) Created() bool { return true }
func (p Planned) Said() string  { return "项目已登记。" }

func (rm Room) plan(r *web.Request, in Plans) (Planned, error) {
	p, err := AddProject(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Planned{p, in.Union}, err
}
