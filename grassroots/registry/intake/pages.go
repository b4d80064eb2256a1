package intake

import (
	"context"
	"path"
	"time"

	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/job"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// Roles says who may run imports: whoever keeps the registry of a part of the
// tree, within that part.
func Roles() auth.Roles {
	return auth.Roles{auth.Officer: {Run}, auth.Chair: {Run}}
}

// Labels is what the actions are called in the log.
var Labels = map[auth.Action]string{Run: "导入"}

const home = "/grassroots/registry/imports"

// Routes is every page of this room with the action it needs.
func (rm *Room) Routes() []web.Route {
	const one = home + "/{id}"
	return []web.Route{
		{Pattern: "GET " + home, Needs: Run, Doc: "导入记录", Do: web.Page(list, listView)},
		{Pattern: "GET " + home + "/new", Needs: Run, Doc: "上传要导入的文件", Do: web.Page(fresher, newView)},
		{Pattern: "GET " + home + "/template.xlsx", Needs: Run, Doc: "下载导入模板", Do: web.Download(template)},
		{Pattern: "POST " + home, Needs: Run, Doc: "上传文件并核对", Do: web.Then(web.Again(web.Act(rm.upload), fresher, newView), rm.told)},
		{Pattern: "GET " + one, Needs: Run, Doc: "一次导入的核对结果", Do: web.Page(rm.show, showView)},
		{Pattern: "GET " + one + "/problems", Needs: Run, Doc: "一次导入的逐行问题", Do: web.Page(problems, problemsView)},
		{Pattern: "GET " + one + "/members", Needs: Run, Doc: "一次导入写入的会员", Do: web.Page(written, writtenView)},
		{Pattern: "GET " + one + "/report.xlsx", Needs: Run, Doc: "下载带核对意见的原表", Do: web.Download(rm.report)},
		{Pattern: "POST " + one + "/columns", Needs: Run, Doc: "更改对应列并重新核对", Do: web.Then(web.Again(web.Act(rm.remap), rm.show, showView), rm.told)},
		{Pattern: "POST " + one + "/confirm", Needs: Run, Doc: "确认写入", Do: web.Then(web.Act(rm.confirm), rm.told)},
		{Pattern: "POST " + one + "/undo", Needs: Run, Doc: "整体撤销一次导入", Do: web.Then(web.Act(rm.takeBack), rm.told)},
		{Pattern: "POST " + one + "/transfers", Needs: Run, Doc: "为已在其他工会的人申请接转", Do: web.Act(rm.askFor)},
		{Pattern: "POST " + one + "/again", Needs: Run, Doc: "再核对一次", Do: web.Then(web.Act(rm.again), rm.told)},
		{Pattern: "POST " + one + "/cancel", Needs: Run, Doc: "取消正在进行的核对或写入", Do: web.Then(web.Act(rm.stop), rm.told)},
	}
}

// ListQuery asks for a page of imports.
type ListQuery struct {
	After string `json:"after" doc:"上一页末行"`
	Limit int    `json:"limit" doc:"每页行数"`
}

// ListPage is what the list shows, the newest import first.
type ListPage struct {
	Items []Import `json:"items"`
	Next  string   `json:"next,omitempty"`
	Total int64    `json:"total"`
	q     ListQuery
}

func list(r *web.Request, in ListQuery) (p ListPage, err error) {
	if in.Limit < 1 || in.Limit > 200 {
		in.Limit = 50
	}
	p.q = in
	if p.Items, err = List(r.Ctx, r.Tx, r.Grant, in.After, in.Limit+1); err != nil {
		return p, err
	}
	if len(p.Items) > in.Limit {
		p.Items = p.Items[:in.Limit]
		p.Next = p.Items[in.Limit-1].ID
	}
	p.Total, err = Count(r.Ctx, r.Tx, r.Grant)
	return p, err
}

// NewQuery says what the form for a file starts with.
type NewQuery struct {
	Kind  Kind   `json:"kind" doc:"种类"`
	Union string `json:"union" doc:"工会"`
}

// NewPage is the form for a file.
type NewPage struct {
	Kind   Kind         `json:"kind"`
	Union  string       `json:"union"`
	Own    registry.Ref `json:"own"`
	Kinds  []Kind       `json:"kinds"`
	clause func(string) ui.Article
}

func fresher(r *web.Request, in NewQuery) (NewPage, error) {
	u, err := registry.Find(r.Ctx, r.Tx, r.Grant, r.Grant.Under())
	if err != nil {
		return NewPage{}, err
	}
	p := NewPage{Kind: in.Kind, Union: in.Union, Own: u.Ref(), Kinds: []Kind{Roster}, clause: r.Site.Rule}
	if r.May(registry.Found) {
		p.Kinds = append(p.Kinds, Unions)
	}
	if p.Kind == "" {
		p.Kind = Roster
	}
	return p, nil
}

// UploadForm is a file to be imported. Union is a code or a name within the
// reach; empty is the own union.
type UploadForm struct {
	Kind  Kind       `json:"kind" doc:"种类"`
	Union string     `json:"union" doc:"工会"`
	File  web.Upload `json:"file" doc:"文件"`
}

// Step is an import after an act.
type Step struct {
	Import
	said    string
	created bool
}

// Said is what the person is told of the act.
func (s Step) Said() string { return s.said }

// Created reports whether the act made the import.
func (s Step) Created() bool { return s.created }

func (rm *Room) upload(r *web.Request, in UploadForm) (Step, error) {
	if in.File.Blob.Hash == "" {
		return Step{}, &fault.Error{Kind: fault.Invalid, Text: "没有收到文件，请选择要导入的文件后再提交。", Fields: map[string]string{"file": "文件：请选择 .xlsx 或 .csv 文件"}}
	}
	if in.Kind == Unions && !r.May(registry.Found) {
		return Step{}, fault.New(fault.Denied, "导入基层工会情况表会建立工会，您现在的职务不能办理，请交上级组织干事导入。")
	}
	under, err := unionNamed(r.Ctx, r.Tx, r.Grant, in.Union)
	if err != nil {
		return Step{}, err
	}
	i, again, err := rm.Begin(r.Ctx, r.Tx, r.Grant, Import{Kind: in.Kind, UnderID: under, FileName: clip(path.Base(in.File.Name), 120), FileHash: in.File.Blob.Hash}, r.Now)
	s := Step{Import: i, created: !again}
	if again {
		s.said = "这份文件以前上传过，这里是那一次导入。"
	}
	return s, err
}

// unionNamed finds the union that a code or a name within g's reach means.
func unionNamed(ctx context.Context, tx *sqldb.Tx, g auth.Grant, written string) (string, error) {
	if written == "" {
		return g.Under(), nil
	}
	all, err := registry.Known(ctx, tx, g)
	if err != nil {
		return "", err
	}
	within, err := reach(ctx, tx, g, g.Under())
	if err != nil {
		return "", err
	}
	a := newResolver(all, within).find(written)
	if a.code != "" {
		text := "您的管理范围内没有“" + clip(written, 40) + "”这个工会，请核对编码或名称。" + a.hint()
		return "", &fault.Error{Kind: fault.Invalid, Text: text, Fields: map[string]string{"union": "工会：" + text}}
	}
	return a.union.ID, nil
}

// One names an import.
type One struct {
	ID string `json:"id" doc:"导入编号"`
}

// Remapping is which column is to be what, by header; "" leaves it out.
type Remapping struct {
	ID      string            `json:"id" doc:"导入编号"`
	Columns map[string]string `json:"columns" doc:"对应列"`
}

func (rm *Room) remap(r *web.Request, in Remapping) (Step, error) {
	i, err := rm.Remap(r.Ctx, r.Tx, r.Grant, in.ID, in.Columns, r.Now)
	return Step{Import: i}, err
}

// Writing confirms an import. Version is the one whose verdicts were seen;
// none accepts whatever stands.
type Writing struct {
	ID       string `json:"id" doc:"导入编号"`
	Transfer bool   `json:"transfer" doc:"一并接转"`
	Version  int64  `json:"version" doc:"版本"`
}

func (rm *Room) confirm(r *web.Request, in Writing) (Step, error) {
	i, err := rm.Confirm(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, in.Transfer, r.Now)
	return Step{Import: i}, err
}

func (rm *Room) takeBack(r *web.Request, in One) (Step, error) {
	i, err := rm.Undo(r.Ctx, r.Tx, r.Grant, in.ID, r.Now)
	return Step{Import: i}, err
}

func (rm *Room) again(r *web.Request, in One) (Step, error) {
	i, err := rm.Again(r.Ctx, r.Tx, r.Grant, in.ID, r.Now)
	return Step{Import: i, created: i.ID != in.ID}, err
}

func (rm *Room) stop(r *web.Request, in One) (Step, error) {
	i, err := rm.Cancel(r.Ctx, r.Tx, r.Grant, in.ID, r.Now)
	return Step{Import: i}, err
}

// How long a reply waits for the work that it began: a small file is done by
// then, a large one shows its progress.
const (
	patientPage    = 1500 * time.Millisecond
	patientProgram = 10 * time.Second
)

// told waits a moment for the work about an import and tells how it stands.
func (rm *Room) told(r *web.Request, place string) (v View, err error) {
	patience := patientPage
	if web.WantsJSON(r.HTTP) {
		patience = patientProgram
	}
	wait, cancel := context.WithTimeout(r.Ctx, patience)
	defer cancel()
	if err := rm.Runner.Await(wait, r.Grant.Tenant(), path.Base(place)); err != nil && wait.Err() == nil {
		return v, err
	}
	if !web.WantsJSON(r.HTTP) {
		return v, nil
	}
	err = r.Site.DB.View(r.Ctx, func(tx *sqldb.Tx) error {
		now := *r
		now.Tx = tx
		v, err = rm.show(&now, ShowQuery{ID: path.Base(place)})
		return err
	})
	return v, err
}

// ShowQuery asks for an import, and on its page for a part of the problems.
type ShowQuery struct {
	ID       string   `json:"id" doc:"导入编号"`
	Severity Severity `json:"severity" doc:"结论"` // refuse, warn; empty: both
	After    string   `json:"after" doc:"上一页末行"`
}

// View is one import as its page and programs see it: to programs with every
// problem, on the page with some.
type View struct {
	Import
	Mapping  map[string]string `json:"columns"` // header to field
	Problems []Problem         `json:"problems"`
	Work     *job.Job          `json:"work,omitempty"` // what is being done about it
	page     ProblemsPage
	now      day.Instant
	clause   func(string) ui.Article
}

func (rm *Room) show(r *web.Request, in ShowQuery) (v View, err error) {
	if v.Import, err = Find(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return v, err
	}
	v.Mapping, v.now, v.clause = v.Columns.Map(), r.Now, r.Site.Rule
	if web.WantsJSON(r.HTTP) {
		v.Problems, _, err = Problems(r.Ctx, r.Tx, r.Grant, in.ID, "", -1, 0, everything)
	} else {
		v.page, err = part(r, in, shownRows)
	}
	if err != nil || !v.Busy() {
		return v, err
	}
	j, err := job.About(r.Ctx, r.Tx, r.Grant, v.Account, v.ID)
	if err == nil && !j.State.Ended() {
		v.Work = &j
	} else if fault.Of(err).Kind == fault.NotFound {
		err = nil
	}
	return v, err
}

// everything is more problems than a file can have.
const everything = 1 << 30

// ProblemsPage is a part of an import's problems, in the sheet's order.
type ProblemsPage struct {
	Items []Problem `json:"items"`
	Next  string    `json:"next,omitempty"`
	imp   Import
	q     ShowQuery
}

// How many problems a page of them shows, and the import's own page.
const (
	problemRows = 100
	shownRows   = 20
)

func problems(r *web.Request, in ShowQuery) (ProblemsPage, error) { return part(r, in, problemRows) }

func part(r *web.Request, in ShowQuery, limit int) (p ProblemsPage, err error) {
	if p.imp, err = Find(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	p.q = in
	row, seq := readKey(in.After)
	last := int64(0)
	if p.Items, last, err = Problems(r.Ctx, r.Tx, r.Grant, in.ID, in.Severity, row, seq, limit); err == nil && len(p.Items) == limit {
		p.Next = writeKey(p.Items[limit-1].Row, last)
	}
	return p, err
}
