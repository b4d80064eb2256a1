package registry

import (
	"unionhall/commons/rulebook"
	"unionhall/kit/day"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// Room serves the pages of unions. It asks Members for what hangs on one.
type Room struct{ Members Members }

// Routes is every page of this room with the action it needs.
func (rm Room) Routes() []web.Route {
	const u, b, s = listPlace, "/grassroots/registry/bodies/{id}", "/grassroots/registry/seats/{id}"
	return []web.Route{
		{Pattern: "GET " + u, Needs: Look, Doc: "工会列表", Do: web.Page(list, listView)},
		{Pattern: "GET " + u + ".csv", Needs: Look, Doc: "导出工会列表（文本）", Do: web.Download(exportCSV)},
		{Pattern: "GET " + u + ".xlsx", Needs: Look, Doc: "导出工会列表（电子表格）", Do: web.Download(exportXLSX)},
		{Pattern: "GET " + u + "/tree", Needs: Look, Doc: "某一天的组织情况", Do: web.Page(tree, treeView)},
		{Pattern: "GET " + u + "/new", Needs: Found, Doc: "建会登记表", Do: web.Page(newUnion, newView)},
		{Pattern: "POST " + u, Needs: Found, Doc: "建会", Do: web.Again(web.Act(establish), newUnion, newView)},
		{Pattern: "GET " + u + "/{id}", Needs: Look, Doc: "一个工会的情况", Do: web.Page(detail, detailView)},
		{Pattern: "GET " + u + "/{id}/edit", Needs: Edit, Doc: "修改工会资料的表", Do: web.Page(rm.form, editView)},
		{Pattern: "POST " + u + "/{id}/edit", Needs: Edit, Doc: "修改工会资料", Do: web.Again(web.Act(amend), rm.form, editView)},
		{Pattern: "GET " + u + "/{id}/rename", Needs: Change, Doc: "更名的表", Do: web.Page(rm.form, renameView)},
		{Pattern: "POST " + u + "/{id}/rename", Needs: Change, Doc: "更名或变更组织类别", Do: web.Again(web.Act(rename), rm.form, renameView)},
		{Pattern: "GET " + u + "/{id}/move", Needs: Change, Doc: "改隶的表", Do: web.Page(rm.form, moveView)},
		{Pattern: "POST " + u + "/{id}/move", Needs: Change, Doc: "改变隶属关系", Do: web.Again(web.Act(move), rm.form, moveView)},
		{Pattern: "GET " + u + "/{id}/merge", Needs: Change, Doc: "合并的表", Do: web.Page(rm.form, mergeView)},
		{Pattern: "POST " + u + "/{id}/merge", Needs: Change, Doc: "并入另一家工会", Do: web.Again(web.Act(rm.merge), rm.form, mergeView)},
		{Pattern: "GET " + u + "/{id}/close", Needs: Change, Doc: "撤销的表", Do: web.Page(rm.form, closeView)},
		{Pattern: "POST " + u + "/{id}/close", Needs: Change, Doc: "撤销工会", Do: web.Again(web.Act(rm.close), rm.form, closeView)},
		{Pattern: "GET " + u + "/{id}/bodies/new", Needs: Appoint, Doc: "登记新一届机构的表", Do: web.Page(newBody, newBodyView)},
		{Pattern: "POST " + u + "/{id}/bodies", Needs: Appoint, Doc: "登记新一届机构", Do: web.Again(web.Act(install), newBody, newBodyView)},
		{Pattern: "GET " + b + "/fill", Needs: Appoint, Doc: "查找任职人选", Do: web.Page(candidates, fillView)},
		{Pattern: "POST " + b + "/fill", Needs: Appoint, Doc: "登记任职", Do: web.Again(web.Act(fill), candidates, fillView)},
		{Pattern: "GET " + b + "/end", Needs: Appoint, Doc: "结束一届机构的表", Do: web.Page(oneBody, endBodyView)},
		{Pattern: "POST " + b + "/end", Needs: Appoint, Doc: "结束一届机构", Do: web.Again(web.Act(conclude), oneBody, endBodyView)},
		{Pattern: "GET " + s + "/end", Needs: Appoint, Doc: "离任的表", Do: web.Page(oneSeat, endSeatView)},
		{Pattern: "POST " + s + "/end", Needs: Appoint, Doc: "登记离任", Do: web.Again(web.Act(vacate), oneSeat, endSeatView)},
		{Pattern: "GET " + s + "/consents", Needs: Appoint, Doc: "补登同意意见的表", Do: web.Page(oneSeat, consentView)},
		{Pattern: "POST " + s + "/consents", Needs: Appoint, Doc: "补登同意意见", Do: web.Again(web.Act(consent), oneSeat, consentView)},
	}
}

// rights are what a page offers to whoever asks.
type rights struct{ found, edit, change, appoint, people, cases, legal, print bool }

func rightsOf(r *web.Request) rights {
	return rights{r.May(Found), r.May(Edit), r.May(Change), r.May(Appoint), r.May("members.look"), r.May("cases.look"), r.May("legal.look"), r.May("papers.print")}
}

// ListPage is what the list shows.
type ListPage struct {
	Page
	q   Query
	may rights
}

func list(r *web.Request, in Query) (ListPage, error) {
	p, err := List(r.Ctx, r.Tx, r.Grant, in, r.Today)
	if err != nil {
		return ListPage{}, err
	}
	return ListPage{p, in, rightsOf(r)}, nil
}

// TreeQuery asks for the tree of a day, and for what is new since another.
type TreeQuery struct {
	On    day.Day `json:"on" doc:"哪一天"`
	Since day.Day `json:"since" doc:"与哪一天比较"`
}

// TreePage is the tree of a day.
type TreePage struct {
	On    day.Day `json:"on"`
	Since day.Day `json:"since,omitempty"`
	Items []Node  `json:"items"`
	Gone  []Node  `json:"gone,omitempty"` // stood on the day Since and no more
	today day.Day
}

func tree(r *web.Request, in TreeQuery) (TreePage, error) {
	p := TreePage{On: in.On, Since: in.Since, today: r.Today}
	if p.On == "" {
		p.On = r.Today
	}
	if p.On > r.Today {
		return p, fieldFault("on", "只能查看今天和以前的组织情况，请改选日期。")
	}
	var err error
	if p.Items, err = AsOf(r.Ctx, r.Tx, r.Grant, p.On); err != nil {
		return p, err
	}
	if p.On == r.Today {
		err = count(r.Ctx, r.Tx, r.Grant, p.Items)
	}
	if err == nil && in.Since != "" {
		var earlier []Node
		earlier, err = AsOf(r.Ctx, r.Tx, r.Grant, in.Since)
		p.Gone = Diff(earlier, p.Items)
	}
	return p, err
}

// ByID names one union, body or seat.
type ByID struct {
	ID  string `json:"id" doc:"编号"`
	Tab string `json:"tab" doc:"栏目"`
}

// Detail is one union with all that hangs on it.
type Detail struct {
	Union
	Parent     string `json:"parent,omitempty"` // its code
	ParentName string `json:"parent_name,omitempty"`
	Figures
	TermDue  day.Day  `json:"term_due,omitempty"`
	Overdue  bool     `json:"overdue"`
	Missing  []string `json:"missing"`
	Lacks    []Lack   `json:"lacks"`
	Bodies   []Body   `json:"bodies"`
	Seats    []Seat   `json:"seats"`
	Below    []Ref    `json:"below"`
	History  []Past   `json:"history"`
	Log      []Entry  `json:"log"`
	Warnings []string `json:"warnings"` // what is odd about the code (ID-01)
	tab      string
	today    day.Day
	may      rights
	inReach  bool // the parent is
}

func detail(r *web.Request, in ByID) (Detail, error) {
	d := Detail{tab: in.Tab, today: r.Today, may: rightsOf(r), Missing: []string{}, Lacks: []Lack{}, Warnings: []string{}}
	var err error
	if d.Union, err = Find(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return d, err
	}
	if err := d.load(r); err != nil {
		return d, err
	}
	book, err := rulebook.Of(r.Ctx, r.Tx, r.Grant.Tenant())
	if err != nil {
		return d, err
	}
	limits, err := LimitsOf(book, r.Grant.Tenant(), r.Today)
	if err != nil {
		return d, err
	}
	d.Lacks = append(d.Lacks, Missing(d.Union, d.Figures, d.Bodies, limits)...)
	for _, l := range d.Lacks {
		if !l.Hint {
			d.Missing = append(d.Missing, l.Rule)
		}
	}
	if b, ok := sitting(d.Bodies, Committee); ok {
		d.TermDue, d.Overdue = b.Due, b.Overdue(r.Today)
	}
	u := d.Union
	if w := u.checkCodes(map[string]string{}, Union{}, r.Grant.Tenant()); w != "" {
		d.Warnings = append(d.Warnings, w)
	}
	return d, nil
}

// load reads what hangs on the union.
func (d *Detail) load(r *web.Request) (err error) {
	if d.Figures, err = FiguresOf(r.Ctx, r.Tx, r.Grant, d.ID); err != nil {
		return err
	}
	if d.Bodies, err = bodiesOf(r.Ctx, r.Tx, r.Grant, d.ID); err != nil {
		return err
	}
	if d.Seats, err = Seats(r.Ctx, r.Tx, r.Grant, d.ID); err != nil {
		return err
	}
	if d.Below, err = children(r.Ctx, r.Tx, r.Grant.Tenant(), d.ID); err != nil {
		return err
	}
	if d.History, err = History(r.Ctx, r.Tx, r.Grant, d.ID); err != nil {
		return err
	}
	if d.Log, err = logOf(r.Ctx, r.Tx, r.Grant, d.ID); err != nil {
		return err
	}
	if d.ParentID == "" {
		return nil
	}
	above, err := namesOf(r.Ctx, r.Tx, r.Grant.Tenant(), []string{d.ParentID})
	if err != nil {
		return err
	}
	d.Parent, d.ParentName = above[d.ParentID].Code, above[d.ParentID].Name
	d.inReach, err = under(r.Ctx, r.Tx, r.Grant.Tenant(), r.Grant.Under(), d.ParentID)
	return err
}

// places are the tabs of a union's page.
func (d Detail) places() []ui.Place {
	n := func(i int) string {
		if i == 0 {
			return ""
		}
		return digits(i)
	}
	out := []ui.Place{
		{Text: "概况", Href: d.Place()},
		{Text: "班子", Href: d.Place() + "?tab=bodies"},
		{Text: "缺什么", Href: d.Place() + "?tab=lacks", Count: n(len(d.Missing))},
		{Text: "沿革", Href: d.Place() + "?tab=history", Count: n(len(d.History))},
		{Text: "操作记录", Href: d.Place() + "?tab=log"},
	}
	at := map[string]int{"bodies": 1, "lacks": 2, "history": 3, "log": 4}[d.tab]
	out[at].On = true
	return out
}
