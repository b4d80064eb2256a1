package procedure

import (
	"context"
	"io"
	"slices"

	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

// steps are the acts that a page of its own asks for, by the last word of
// their address, and what is said when they are done.
var steps = []struct {
	name string
	act  auth.Action
	said string
}{
	{"check", Check, "已审查通过，等待审批。"}, {"return", Return, "已退回，请提出的一方补正。"}, {"approve", Approve, "已签署。"}, {"refuse", Refuse, "已登记不予批准。"},
	{"record", Record, "上级的批复已登记。"}, {"decline", Decline, "已登记上级不同意。"}, {"issue", Issue, "证书已登记。"}, {"file", File, "备案已登记。"},
	{"prolong", Prolong, "期限已延长一次。"}, {"withdraw", Withdraw, "已撤回。"},
}

// stepName is the address word of an act.
func stepName(act auth.Action) string {
	for _, s := range steps {
		if s.act == act {
			return s.name
		}
	}
	return "submit"
}

// ListPage is what the list shows.
type ListPage struct {
	Page
	q     Query
	ask   bool
	today day.Day
}

func list(r *web.Request, in Query) (ListPage, error) {
	p, err := List(r.Ctx, r.Tx, r.Grant, in, r.Today)
	return ListPage{p, in, r.May(Ask), r.Today}, err
}

// ByID names one case, and a step or a file of it.
type ByID struct {
	ID   string `json:"id" doc:"编号"`
	File string `json:"file" doc:"材料编号"`
	Act  string `json:"act" doc:"步骤"`
}

// Taken is a step that was taken, with the name of who took it.
type Taken struct {
	flow.Past[State]
	Who string `json:"who"`
}

// Option is a step that the viewer may take, or who else has to.
type Option struct {
	Act  auth.Action `json:"act"`
	Name string      `json:"name"`
	Who  string      `json:"who"`
	main bool
}

// Detail is one case with everything that its page shows.
type Detail struct {
	Case
	Papers   []Paper  `json:"papers"`
	Missing  []string `json:"missing"` // papers that must be there and are not
	Steps    []Taken  `json:"steps"`
	Open     []Option `json:"open"`    // what the viewer may do
	Waits    []Option `json:"waits"`   // what others may
	Hinders  []string `json:"hinders"` // what stands in the way of the approval
	Overdue  bool     `json:"overdue"`
	Proof    string   `json:"proof,omitempty"` // the code that verifies the reply
	Limit    *Limit   `json:"limit,omitempty"`
	targets  map[string]string
	editable bool
	today    day.Day
}

// Limit is the clock of the state as the page tells it.
type Limit struct {
	Text    string `json:"text"` // 15 日
	Rule    string `json:"rule"`
	Pending bool   `json:"pending"` // 待核实
}

func detail(r *web.Request, in ByID) (Detail, error) {
	d := Detail{today: r.Today, Missing: []string{}, Open: []Option{}, Waits: []Option{}, Hinders: []string{}}
	var err error
	if d.Case, err = Find(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return d, err
	}
	d.Overdue = d.Case.Overdue(r.Today)
	if d.Papers, err = papersOf(r.Ctx, r.Tx, r.Grant, d.Case); err != nil {
		return d, err
	}
	for _, p := range d.Papers {
		if p.Must && len(p.Files) == 0 {
			d.Missing = append(d.Missing, p.Name)
		}
	}
	if err := d.walk(r); err != nil {
		return d, err
	}
	if err := d.names(r); err != nil {
		return d, err
	}
	if d.Limit, err = limitText(r, d.Case); err != nil {
		return d, err
	}
	if d.Proof, err = proofOf(r.Ctx, r.Tx, r.Grant, d.Case); err != nil {
		return d, err
	}
	d.Hinders, err = hinders(r.Ctx, r.Tx, r.Grant, d.Case)
	return d, err
}

// walk reads the steps taken and finds those that may be taken now.
func (d *Detail) walk(r *web.Request) error {
	f := d.flow()
	past, err := f.History(r.Ctx, r.Tx, r.Grant, d.ID)
	if err != nil {
		return err
	}
	who := flow.WhoOf(r.Grant)
	theirs := len(past) > 0 && past[0].Office != who.Office && past[0].Account != who.Account
	d.editable = !theirs && r.May(Ask) && d.Case.editable() == nil
	open := f.Open(d.State, who, "", past)
	for _, s := range f.Next(d.State) {
		if s.Act == Prolong && d.Prolonged > 0 {
			continue
		}
		o := Option{Act: s.Act, Name: s.Button, Who: s.Who(), main: !s.Danger && s.Act != Return && s.Act != Prolong && s.Act != Withdraw}
		mine := slices.ContainsFunc(open, func(x flow.Step[State]) bool { return x.Act == s.Act })
		if s.Act == Submit || s.Act == Withdraw {
			mine = mine && !theirs
		}
		switch {
		case mine:
			d.Open = append(d.Open, o)
		case o.main:
			d.Waits = append(d.Waits, o)
		}
	}
	names, err := people(r.Ctx, r.Tx, r.Grant.Tenant(), past)
	for _, p := range past {
		d.Steps = append(d.Steps, Taken{p, names[p.Account]})
	}
	return err
}

// people names the accounts that took steps.
func people(ctx context.Context, tx *sqldb.Tx, tenant int64, past []flow.Past[State]) (map[string]string, error) {
	out := map[string]string{}
	for _, p := range past {
		if _, has := out[p.Account]; has {
			continue
		}
		name, err := sqldb.One(ctx, tx, sqldb.Text, `SELECT name FROM accounts WHERE tenant_id = $1 AND id = $2`, tenant, p.Account) // a handful
		if err != nil && fault.Of(err).Kind != fault.NotFound {
			return out, err
		}
		out[p.Account] = name
	}
	return out, nil
}

// names finds the unions that the form names by code.
func (d *Detail) names(r *web.Request) error {
	d.targets = map[string]string{}
	for _, f := range forms[d.Kind] {
		if f.sort != union || d.Fields[f.name] == "" {
			continue
		}
		name, err := sqldb.One(r.Ctx, r.Tx, sqldb.Text, `SELECT name FROM unions WHERE tenant_id = $1 AND code = $2`, r.Grant.Tenant(), d.Fields[f.name])
		if err != nil && fault.Of(err).Kind != fault.NotFound {
			return err
		}
		d.targets[f.name] = name
	}
	return nil
}

// hinders says what would make the approval of an open case fail.
//
// law: ORG-05
func hinders(ctx context.Context, tx *sqldb.Tx, g auth.Grant, c Case) ([]string, error) {
	out := []string{}
	if c.Kind != Dissolve && c.Kind != Merge || !c.State.Open() {
		return out, nil
	}
	below, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM unions u WHERE u.tenant_id = $1 AND u.parent_id = $2 AND u.state = 'standing'`, g.Tenant(), c.Union.ID)
	if err != nil {
		return out, err
	}
	if below > 0 {
		out = append(out, c.Union.Name+"还有 "+digits(below)+" 个下级工会，批准以前要先改隶、合并或撤销。")
	}
	f, err := registry.FiguresOf(ctx, tx, g, c.Union.ID)
	if c.Kind == Dissolve && f.Own > 0 {
		out = append(out, c.Union.Name+"还有 "+digits(f.Own)+" 名在册会员，批准以前要先办理会籍转接或保留会籍。")
	}
	return out, err
}

// Acted is what an act on a case leaves.
type Acted struct {
	Case
	said string
	new  bool
}

// Said is the sentence that the next page shows.
func (d Acted) Said() string { return d.said }

// Created reports whether the case is new.
func (d Acted) Created() bool { return d.new }

func open(r *web.Request, in Asking) (Acted, error) {
	c, err := Open(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Acted{c, "已存为草稿。请上传材料，齐全后提交。", true}, err
}

// Amending is an edit of a case's form on the version that was seen.
type Amending struct {
	ID      string            `json:"id"`
	Version int64             `json:"version" doc:"版本"`
	Fields  map[string]string `json:"fields" doc:"表格内容"`
}

func amend(r *web.Request, in Amending) (Acted, error) {
	c, err := Amend(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, in.Fields, r.Now)
	return Acted{c, "已保存。", false}, err
}

// Handing is a paper as it is handed in.
type Handing struct {
	ID    string     `json:"id"`
	Paper string     `json:"paper" doc:"材料"`
	File  web.Upload `json:"file" doc:"文件"`
}

func attach(r *web.Request, in Handing) (Acted, error) {
	c, err := Attach(r.Ctx, r.Tx, r.Grant, in.ID, in.Paper, in.File.Name, in.File.Blob, r.Now)
	return Acted{c, "材料已收下。", false}, err
}

func detach(r *web.Request, in ByID) (Acted, error) {
	c, err := Detach(r.Ctx, r.Tx, r.Grant, in.ID, in.File, r.Now)
	return Acted{c, "材料已取下。", false}, err
}

func paperFile(r *web.Request, in ByID) (web.File, error) {
	u, err := FindPaper(r.Ctx, r.Tx, r.Grant, in.ID, in.File)
	if err != nil {
		return web.File{}, err
	}
	return web.File{Name: u.Name, Type: u.Type, Write: func(dst io.Writer) error {
		b, err := r.Site.Files.Open(u.Hash)
		if err != nil {
			return err
		}
		defer b.Close()
		_, err = io.Copy(dst, b)
		return err
	}}, nil
}

// take is the handler of one step.
func (rm Room) take(said string) func(*web.Request, Taking) (Acted, error) {
	return func(r *web.Request, in Taking) (Acted, error) {
		c, err := rm.Take(r.Ctx, r.Tx, r.Grant, in, r.Now)
		words := said
		if c.Reply != "" && (r.Grant.Action() == Approve || r.Grant.Action() == Record) {
			words += "文号：" + c.Reply + "。"
		}
		return Acted{c, words, false}, err
	}
}

// TakePage is the form of one step.
type TakePage struct {
	Detail
	Step  flow.Step[State] `json:"-"`
	Entry Certificate      `json:"certificate"`
	name  string
}

func taking(r *web.Request, in ByID) (TakePage, error) {
	p := TakePage{name: in.Act}
	var err error
	if p.Detail, err = detail(r, in); err != nil {
		return p, err
	}
	i := slices.IndexFunc(steps, func(s struct {
		name string
		act  auth.Action
		said string
	}) bool {
		return s.name == in.Act
	})
	if i < 0 {
		i = 0
	}
	p.name = steps[i].name
	past := make([]flow.Past[State], len(p.Steps))
	for j, s := range p.Steps {
		past[j] = s.Past
	}
	if p.Step, err = p.flow().Take(p.State, steps[i].act, flow.WhoOf(r.Grant), "", past); err != nil {
		return p, err
	}
	if steps[i].act == Issue {
		p.Entry, err = proposed(r.Ctx, r.Tx, r.Grant, p.Case, r.Today)
	}
	return p, err
}
