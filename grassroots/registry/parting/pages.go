package parting

import (
	"strconv"

	"unionhall/grassroots/registry/member"
	"unionhall/kit/auth"
	"unionhall/kit/flow"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/law"
)

// Routes is every page of this room with the action it needs.
func Routes() []web.Route {
	out := []web.Route{
		{Pattern: "GET " + home, Needs: Look, Doc: "退会和开除的名单", Do: web.Page(list, listView)},
		{Pattern: "GET " + home + "/new", Needs: Begin, Doc: "列入名单的表", Do: web.Page(opening, openingView)},
		{Pattern: "POST " + home, Needs: Begin, Doc: "列入名单", Do: web.Again(web.Act(begin), opening, openingView)},
		{Pattern: "GET " + home + "/{id}", Needs: Look, Doc: "一件退会或开除", Do: web.Page(detail, detailView)},
	}
	for _, act := range Procedure.Acts() {
		out = append(out, web.Route{Pattern: "POST " + home + "/{id}/" + pathOf(act), Needs: act, Doc: Labels[act], Do: web.Again(web.Act(step), detail, detailView)})
	}
	return out
}

func pathOf(act auth.Action) string { return string(act)[len("partings."):] }

func clause(id string) ui.Article {
	r, ok := law.RuleOf(id)
	if !ok {
		return ui.Article{ID: id}
	}
	return ui.Article{ID: r.ID, Text: r.Text, Citation: r.Citation, Recalled: r.Confidence == law.Recalled}
}

// ListPage is what the list shows.
type ListPage struct {
	Items []Matter `json:"items"`
	Next  string   `json:"next,omitempty"`
	q     Query
	begin bool
}

func list(r *web.Request, in Query) (ListPage, error) {
	if in.Limit <= 0 || in.Limit > 200 {
		in.Limit = 50
	}
	q := in
	q.Limit++
	items, err := List(r.Ctx, r.Tx, r.Grant, q)
	p := ListPage{Items: items, q: in, begin: r.May(Begin)}
	if len(items) > in.Limit {
		p.Items, p.Next = items[:in.Limit], items[in.Limit-1].ID
	}
	if p.Items == nil {
		p.Items = []Matter{}
	}
	return p, err
}

func (p ListPage) next() string {
	if p.Next == "" {
		return ""
	}
	if p.q.Done {
		return home + "?done=1&after=" + p.Next
	}
	return home + "?after=" + p.Next
}

// OpeningQuery names the member.
type OpeningQuery struct {
	Member string `json:"member" doc:"会员"`
}

// OpeningPage is the form that puts a member on the list.
type OpeningPage struct {
	Member string `json:"member,omitempty"`
	Name   string `json:"name,omitempty"`
	Union  string `json:"union,omitempty"`
	Months int    `json:"months"` // without dues before somebody may be listed
}

func opening(r *web.Request, in OpeningQuery) (p OpeningPage, err error) {
	if p.Months, err = lapseMonths(r.Ctx, r.Tx, r.Grant.Tenant(), r.Today); err != nil || in.Member == "" {
		return p, err
	}
	m, err := member.Find(r.Ctx, r.Tx, r.Grant, in.Member)
	p.Member, p.Name, p.Union = m.ID, m.Person.Name, m.Union.Name
	return p, err
}

// Done is a matter that an act changed.
type Done struct {
	Matter
	said    string
	created bool
}

func (d Done) Said() string  { return d.said }
func (d Done) Created() bool { return d.created }

func begin(r *web.Request, in Opening) (Done, error) {
	m, err := Open(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Done{m, "已列入名单；系统不会自动处理，请接着办理。", true}, err
}

// ByID names a matter.
type ByID struct {
	ID string `json:"id" doc:"编号"`
}

// Detail is one matter with what was done and what may be.
type Detail struct {
	Matter
	Steps []flow.Past[State] `json:"steps"`
	who   map[string]string
	open  []flow.Step[State]
}

func detail(r *web.Request, in ByID) (Detail, error) {
	m, err := Find(r.Ctx, r.Tx, r.Grant, in.ID)
	d := Detail{Matter: m}
	if err != nil {
		return d, err
	}
	if d.Steps, err = Procedure.History(r.Ctx, r.Tx, r.Grant, m.ID); err != nil {
		return d, err
	}
	accounts := make([]string, len(d.Steps))
	for i, s := range d.Steps {
		accounts[i] = s.Account
	}
	d.open = Procedure.Open(m.State, flow.WhoOf(r.Grant), m.MemberID, d.Steps)
	d.who, err = member.Names(r.Ctx, r.Tx, r.Grant.Tenant(), accounts)
	return d, err
}

// StepForm takes a step; the three numbers are of a committee's decision.
type StepForm struct {
	flow.Given
	Meeting
	ID      string `json:"id" doc:"编号"`
	Version int64  `json:"version" doc:"版本"`
}

func step(r *web.Request, in StepForm) (Done, error) {
	m, err := Advance(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, in.Given, in.Meeting, r.Now)
	return Done{Matter: m, said: m.Name + "：" + m.State.Label() + "。"}, err
}

func (d Detail) story() (out []ui.Event) {
	for _, s := range d.Steps {
		e := ui.Event{Kind: ui.Info, At: s.At.Local(), Title: Labels[s.Act], Words: s.Words, Who: s.Office.Label()}
		if s.Acting != "" {
			e.Who = "代" + e.Who
		}
		if name := d.who[s.Account]; name != "" {
			e.Who = name + "（" + e.Who + "）"
		}
		if s.Document != "" {
			e.Words += "（文号 " + s.Document + "）"
		}
		out = append(out, e)
	}
	if next := Procedure.Next(d.State); len(next) > 0 {
		out = append(out, ui.Event{Kind: ui.Warn, Title: d.State.Label(), Who: next[0].Who()})
	}
	return out
}

func (d Detail) path(s flow.Step[State]) string { return d.Place() + "/" + pathOf(s.Act) }

func version(n int64) string { return strconv.FormatInt(n, 10) }

// outcome says what a step will do.
func outcome(s flow.Step[State]) string {
	switch s.Act {
	case Talk:
		return "写明谁在什么时候谈的、本人怎么说。"
	case Lapse:
		return "将终止 1 人的会籍（视为退会），收回会员证；以后可以办理重新入会。"
	case Advise:
		return "写明小组讨论的意见。"
	case Expel:
		return "将开除 1 人的会籍，收回会员证；决定后要报上级工会备案。"
	case File:
		return "登记上级工会收到备案的文号。"
	}
	return "会籍不变，写明理由后从名单上去掉。"
}

var kindOptions = []ui.Option{{Value: string(Unpaid), Text: Unpaid.Label()}, {Value: string(Crime), Text: Crime.Label()}}
