package transfer

import (
	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/web"
)

// Routes is every page of this room with the action it needs.
func Routes() []web.Route {
	out := []web.Route{
		{Pattern: "GET " + home, Needs: Look, Doc: "会籍接转列表", Do: web.Page(list, listView)},
		{Pattern: "GET " + home + "/new", Needs: Ask, Doc: "申请转出的表", Do: web.Page(newOut, newOutView)},
		{Pattern: "POST " + home, Needs: Ask, Doc: "申请转出", Do: web.Again(web.Act(askOut), newOut, newOutView)},
		{Pattern: "GET " + home + "/in", Needs: Ask, Doc: "申请转入的表", Do: web.Page(newIn, newInView)},
		{Pattern: "POST " + home + "/in", Needs: Ask, Doc: "申请转入", Do: web.Again(web.Act(askIn), newIn, newInView)},
		{Pattern: "GET " + home + "/{id}", Needs: Look, Doc: "一件会籍接转", Do: web.Page(detail, detailView)},
		{Pattern: "GET " + home + "/{id}/letter.pdf", Needs: Look, Doc: "打印会籍接转介绍信", Do: web.Download(letter)},
		{Pattern: "GET /me/transfer", Needs: auth.Anyone, Doc: "本人的会籍接转", Do: web.Page(own, ownView)},
		{Pattern: "POST /me/transfer", Needs: auth.Anyone, Doc: "本人申请会籍接转", Do: web.Again(web.Act(askOwn), own, ownView)},
		{Pattern: "POST /me/transfer/{id}/cancel", Needs: auth.Anyone, Doc: "取消本人申请的接转", Do: web.Act(cancelOwn)},
	}
	for _, s := range []struct {
		act  auth.Action
		path string
	}{{Confirm, "confirm"}, {Accept, "accept"}, {Refuse, "refuse"}, {Cancel, "cancel"}} {
		out = append(out, web.Route{Pattern: "POST " + home + "/{id}/" + s.path, Needs: s.act, Doc: Labels[s.act], Do: web.Again(web.Act(step), detail, detailView)})
	}
	return out
}

// ListPage is what the list shows.
type ListPage struct {
	Items []Transfer `json:"items"`
	Next  string     `json:"next,omitempty"`
	q     Query
	ask   bool
	alert int // days after which a transfer is late
	today day.Day
}

func list(r *web.Request, in Query) (ListPage, error) {
	if in.Side != "" && in.Side != Out && in.Side != In {
		return ListPage{}, fault.New(fault.Invalid, "没有这个方向，请从页面上选择。")
	}
	if _, known := Procedure.Labels[in.State]; in.State != "" && !known {
		return ListPage{}, fault.New(fault.Invalid, "没有这个状态，请从页面上选择。")
	}
	if in.Limit <= 0 || in.Limit > 200 {
		in.Limit = most
	}
	q := in
	q.Limit++
	items, err := List(r.Ctx, r.Tx, r.Grant, q)
	p := ListPage{Items: items, q: in, ask: r.May(Ask), today: r.Today}
	if err == nil {
		p.alert, err = AlertDays(r.Ctx, r.Tx, r.Grant.Tenant(), r.Today)
	}
	if len(items) > in.Limit {
		p.Items, p.Next = items[:in.Limit], items[in.Limit-1].ID
	}
	if p.Items == nil {
		p.Items = []Transfer{}
	}
	return p, err
}

// NewQuery names the member who is to be transferred.
type NewQuery struct {
	Member string `json:"member" doc:"会员"`
}

// NewPage is the form of a transfer.
type NewPage struct {
	Unions []registry.Ref `json:"unions"`
	Member string         `json:"member,omitempty"`
	Name   string         `json:"name,omitempty"`
	From   registry.Ref   `json:"from"`
	CardNo string         `json:"card_no,omitempty"`
}

func newOut(r *web.Request, in NewQuery) (p NewPage, err error) {
	if in.Member == "" {
		return NewPage{Unions: []registry.Ref{}}, nil
	}
	m, err := member.Find(r.Ctx, r.Tx, r.Grant, in.Member)
	if err != nil {
		return p, err
	}
	p = NewPage{Member: m.ID, Name: m.Person.Name, From: m.Union, CardNo: m.CardNo}
	p.Unions, err = Unions(r.Ctx, r.Tx, r.Grant)
	return p, err
}

// OutForm asks for a transfer out.
type OutForm struct {
	Member string `json:"member" doc:"会员"`
	Union  string `json:"union" doc:"转入工会"`
	Reason string `json:"reason" doc:"原因"`
}

func askOut(r *web.Request, in OutForm) (Done, error) {
	t, err := AskOut(r.Ctx, r.Tx, r.Grant, in.Member, in.Union, in.Reason, r.Now)
	return Done{Transfer: t, said: "已申请把" + t.Name + "的会籍转到" + t.To.Name + "，请接着确认转出。", created: true}, err
}

// newIn lists the unions that the caller may take somebody in to.
func newIn(r *web.Request, _ struct{}) (p NewPage, err error) {
	all, err := registry.All(r.Ctx, r.Tx, r.Grant)
	p.Unions = []registry.Ref{}
	for _, u := range all {
		if u.State == registry.Standing {
			p.Unions = append(p.Unions, u.Ref())
		}
	}
	return p, err
}

// InForm asks for a transfer in.
type InForm struct {
	Person
	Union  string `json:"union" doc:"转入工会"`
	Reason string `json:"reason" doc:"原因"`
}

func askIn(r *web.Request, in InForm) (Done, error) {
	t, err := AskIn(r.Ctx, r.Tx, r.Grant, in.Person, in.Union, in.Reason, r.Now)
	return Done{Transfer: t, said: "已向" + t.From.Name + "申请转入" + t.Name + "的会籍，等待对方确认转出。", created: true}, err
}

// Done is a transfer that an act changed.
type Done struct {
	Transfer
	said    string
	created bool
	own     bool
}

func (d Done) Place() string {
	if d.own {
		return "/me/transfer"
	}
	return d.Transfer.Place()
}
func (d Done) Said() string  { return d.said }
func (d Done) Created() bool { return d.created }

// ByID names a transfer.
type ByID struct {
	ID string `json:"id" doc:"编号"`
}

// Detail is one transfer with what was done and what may be.
type Detail struct {
	Transfer
	Steps  []flow.Past[State] `json:"steps"`
	who    map[string]string
	open   []flow.Step[State]
	alert  int
	today  day.Day
	looks  bool // the member's page is in reach
	letter bool
}

func detail(r *web.Request, in ByID) (Detail, error) {
	t, err := Find(r.Ctx, r.Tx, r.Grant, in.ID)
	d := Detail{Transfer: t, today: r.Today, letter: t.State == Confirmed || t.State == Accepted}
	if err != nil {
		return d, err
	}
	if d.Steps, err = Procedure.History(r.Ctx, r.Tx, r.Grant, t.ID); err != nil {
		return d, err
	}
	if d.who, err = peopleOf(r, d.Steps); err != nil {
		return d, err
	}
	for _, s := range Procedure.Open(t.State, flow.WhoOf(r.Grant), t.MemberID, d.Steps) {
		if err := mine(r.Ctx, r.Tx, r.Grant.For(s.Act), t); err == nil {
			d.open = append(d.open, s)
		} else if fault.Of(err).Kind != fault.Denied {
			return d, err
		}
	}
	if d.alert, err = AlertDays(r.Ctx, r.Tx, r.Grant.Tenant(), r.Today); err != nil {
		return d, err
	}
	at := t.From.ID
	if t.State == Accepted {
		at = t.To.ID
	}
	d.looks, err = reaches(r.Ctx, r.Tx, r.Grant, at)
	return d, err
}

func peopleOf(r *web.Request, steps []flow.Past[State]) (map[string]string, error) {
	accounts := make([]string, len(steps))
	for i, s := range steps {
		accounts[i] = s.Account
	}
	return member.Names(r.Ctx, r.Tx, r.Grant.Tenant(), accounts)
}

// StepForm takes a step.
type StepForm struct {
	flow.Given
	ID      string `json:"id" doc:"编号"`
	Version int64  `json:"version" doc:"版本"`
}

func step(r *web.Request, in StepForm) (Done, error) {
	t, err := Advance(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, in.Given, r.Now)
	said := map[State]string{
		Confirmed: "已确认转出，等待" + t.To.Name + "接收；接收以前仍算本工会的会员。",
		Accepted:  "已接收" + t.Name + "，会费自 " + t.DuesFrom + " 起由本工会收缴。",
		Refused:   "已退回，" + t.Name + "的会籍仍在" + t.From.Name + "。",
		Cancelled: "已取消，" + t.Name + "的会籍仍在" + t.From.Name + "。",
	}[t.State]
	return Done{Transfer: t, said: said}, err
}

// OwnPage is the member's own transfers and the form of a new one.
type OwnPage struct {
	Items  []Transfer     `json:"items"`
	Unions []registry.Ref `json:"unions"`
	None   bool           `json:"none"` // the account belongs to no member
	may    bool           // a new one may be asked for
	from   registry.Ref
}

func own(r *web.Request, _ struct{}) (p OwnPage, err error) {
	p.Items, p.Unions = []Transfer{}, []registry.Ref{}
	self := r.Actor().Self()
	if self == "" {
		p.None = true
		return p, nil
	}
	m, err := member.Any(r.Ctx, r.Tx, r.Grant.Tenant(), self)
	if err != nil {
		return p, err
	}
	if p.Items, err = OfMember(r.Ctx, r.Tx, r.Grant.Tenant(), self); err != nil {
		return p, err
	}
	p.from, p.may = m.Union, m.Status == member.Active || m.Status == member.Retained
	for _, t := range p.Items {
		p.may = p.may && !t.State.Open()
	}
	if p.may {
		p.Unions, err = Unions(r.Ctx, r.Tx, r.Grant)
	}
	return p, err
}

// OwnForm asks for the own transfer.
type OwnForm struct {
	Union  string `json:"union" doc:"转入工会"`
	Reason string `json:"reason" doc:"原因"`
}

func askOwn(r *web.Request, in OwnForm) (Done, error) {
	t, err := AskOwn(r.Ctx, r.Tx, r.Grant.For(Ask), in.Union, in.Reason, r.Now)
	return Done{Transfer: t, own: true, created: true, said: "已提交，" + t.From.Name + "确认、" + t.To.Name + "接收后办结。"}, err
}

func cancelOwn(r *web.Request, in StepForm) (Done, error) {
	t, err := CancelOwn(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, in.Given, r.Now)
	return Done{Transfer: t, own: true, said: "已取消接转申请。"}, err
}
