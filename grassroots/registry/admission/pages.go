package admission

import (
	"io"

	qrcode "github.com/skip2/go-qrcode"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/web"
)

// Routes is every page of this room with the action it needs. Those of
// applicants need none: a link is all they have.
func (o *Room) Routes() []web.Route {
	const join, mine = "/join/{code}", "/apply/{receipt}"
	return []web.Route{
		{Pattern: "GET " + join, Doc: "入会申请表", Do: web.Page(o.door, doorView)},
		{Pattern: "POST " + join, Doc: "提交入会申请", Do: web.Again(web.Act(o.submit), o.door, doorView)},
		{Pattern: "GET " + mine, Doc: "入会申请的进度", Do: web.Page(o.receipt, receiptView)},
		{Pattern: "GET " + mine + "/edit", Doc: "补正入会申请的表", Do: web.Page(o.mend, mendView)},
		{Pattern: "POST " + mine + "/edit", Doc: "补正入会申请", Do: web.Again(web.Act(o.again), o.mend, mendView)},
		{Pattern: "POST " + mine + "/withdraw", Doc: "撤回入会申请", Do: web.Again(web.Act(o.withdraw), o.receipt, receiptView)},
		{Pattern: "POST " + mine + "/login", Doc: "入会后开通账号", Do: web.Again(web.ActAfter(o.ready, o.open), o.receipt, receiptView)},

		{Pattern: "GET " + home, Needs: Look, Doc: "入会申请列表", Do: web.Page(list, listView)},
		{Pattern: "GET " + home + "/new", Needs: Enter, Doc: "登记书面或口头申请的表", Do: web.Page(entering, enteringView)},
		{Pattern: "POST " + home, Needs: Enter, Doc: "登记书面或口头申请", Do: web.Again(web.Act(enter), entering, enteringView)},
		{Pattern: "GET " + home + "/many", Needs: Approve, Doc: "批量批准的预览", Do: web.Page(many, manyView)},
		{Pattern: "POST " + home + "/many", Needs: Approve, Doc: "批量批准入会", Do: web.Again(web.Act(o.admitMany), many, manyView)},
		{Pattern: "GET " + home + "/homes", Needs: Look, Doc: "待单位建会后转去的会员", Do: web.Page(homes, homesView)},
		{Pattern: "GET " + home + "/{id}", Needs: Look, Doc: "一份入会申请", Do: web.Page(detail, detailView)},
		{Pattern: "GET " + home + "/{id}/form.pdf", Needs: Look, Doc: "打印入会申请书", Do: web.Download(form)},
		{Pattern: "POST " + home + "/{id}/approve", Needs: Approve, Doc: "批准入会", Do: web.Again(web.Act(o.admit), detail, detailView)},
		{Pattern: "POST " + home + "/{id}/return", Needs: Return, Doc: "退回补正", Do: web.Again(web.Act(decide), detail, detailView)},
		{Pattern: "POST " + home + "/{id}/refuse", Needs: Refuse, Doc: "不予批准", Do: web.Again(web.Act(decide), detail, detailView)},

		{Pattern: "GET " + invites, Needs: Invite, Doc: "入会邀请", Do: web.Page(inviting, invitesView)},
		{Pattern: "POST " + invites, Needs: Invite, Doc: "制作入会邀请", Do: web.Again(web.Act(offer), inviting, invitesView)},
		{Pattern: "GET " + invites + "/{id}", Needs: Invite, Doc: "一个入会邀请", Do: web.Page(invitation, invitationView)},
		{Pattern: "POST " + invites + "/{id}", Needs: Invite, Doc: "改入会邀请的名称和有效期", Do: web.Again(web.Act(amend), invitation, invitationView)},
		{Pattern: "POST " + invites + "/{id}/close", Needs: Invite, Doc: "停用入会邀请", Do: web.Again(web.Act(shut), invitation, invitationView)},
		{Pattern: "GET " + invites + "/{id}/poster.pdf", Needs: Invite, Doc: "打印入会海报", Do: web.Download(poster)},
		{Pattern: "GET " + invites + "/{id}/code.png", Needs: Invite, Doc: "下载入会二维码", Do: web.Download(picture)},
	}
}

// ListPage is what the list shows.
type ListPage struct {
	Items []Row  `json:"items"`
	Next  string `json:"next,omitempty"`
	q     Query
	today day.Day
	may   rights
}

type rights struct{ enter, invite, approve bool }

func rightsOf(r *web.Request) rights { return rights{r.May(Enter), r.May(Invite), r.May(Approve)} }

const perPage = 50

func list(r *web.Request, in Query) (ListPage, error) {
	if _, ok := Procedure.Labels[in.State]; !ok && in.State != "" && in.State != anyState {
		return ListPage{}, fault.New(fault.Invalid, "没有这个状态，请从页面上选择。")
	}
	if in.Limit <= 0 || in.Limit > 200 {
		in.Limit = perPage
	}
	q := in
	q.Limit++
	items, err := List(r.Ctx, r.Tx, r.Grant, q)
	p := ListPage{Items: items, q: in, today: r.Today, may: rightsOf(r)}
	if len(items) > in.Limit {
		p.Items, p.Next = items[:in.Limit], items[in.Limit-1].ID
	}
	if p.Items == nil {
		p.Items = []Row{}
	}
	return p, err
}

// EnteringQuery may name the union that the form begins with.
type EnteringQuery struct {
	Union string `json:"union" doc:"工会编码"`
}

// EnteringPage is the form of an application on paper.
type EnteringPage struct {
	Unions []registry.Ref `json:"unions"`
	union  string
}

func entering(r *web.Request, in EnteringQuery) (EnteringPage, error) {
	all, err := standing(r)
	p := EnteringPage{Unions: all, union: in.Union}
	if p.union == "" && len(all) == 1 {
		p.union = all[0].Code
	}
	return p, err
}

// standing lists the standing unions within reach.
func standing(r *web.Request) ([]registry.Ref, error) {
	all, err := registry.All(r.Ctx, r.Tx, r.Grant)
	out := []registry.Ref{}
	for _, u := range all {
		if u.State == registry.Standing {
			out = append(out, u.Ref())
		}
	}
	return out, err
}

func enter(r *web.Request, in EnterForm) (Done, error) {
	a, err := EnterPaper(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Done{Row: rowOf(a), created: true, said: "已登记" + a.Form.Name + "的入会申请，编号 " + a.No + "。"}, err
}

// Done is an application that an act changed.
type Done struct {
	Row
	Member   string `json:"member_id,omitempty"`
	Transfer string `json:"transfer_id,omitempty"`
	said     string
	created  bool
}

func (d Done) Said() string  { return d.said }
func (d Done) Created() bool { return d.created }

func rowOf(a Application) Row {
	return Row{a.ID, a.No, a.Form.Name, a.Union.Name, a.Way, a.State, a.Applied, a.Due, a.Version}
}

// ByID names an application or an invitation.
type ByID struct {
	ID string `json:"id" doc:"编号"`
}

// Detail is one application as those see it who decide: numbers masked.
type Detail struct {
	Row
	Form     Masked             `json:"form"`
	Consent  string             `json:"consent"`
	Agreed   day.Instant        `json:"consent_at"`
	Raised   day.Instant        `json:"raised,omitempty"`
	Member   string             `json:"member_id,omitempty"`
	Transfer string             `json:"transfer_id,omitempty"`
	Steps    []flow.Past[State] `json:"steps"`
	Known    string             `json:"known,omitempty"` // where else the person is a member, as far as g may know
	Before   member.Status      `json:"before,omitempty"`
	union    registry.Ref
	who      map[string]string
	open     []flow.Step[State]
	today    day.Day
}

func detail(r *web.Request, in ByID) (Detail, error) {
	a, err := Find(r.Ctx, r.Tx, r.Grant, in.ID)
	d := Detail{Row: rowOf(a), Form: maskedOf(a.Form, r.Today), Consent: a.Consent, Agreed: a.ConsentAt, Raised: a.Raised, Member: a.MemberID, Transfer: a.TransferID, union: a.Union, today: r.Today}
	if err != nil {
		return d, err
	}
	if d.Steps, err = Procedure.History(r.Ctx, r.Tx, r.Grant, a.ID); err != nil {
		return d, err
	}
	accounts := make([]string, len(d.Steps))
	for i, s := range d.Steps {
		accounts[i] = s.Account
	}
	if d.who, err = member.Names(r.Ctx, r.Tx, r.Grant.Tenant(), accounts); err != nil || !a.State.Open() {
		return d, err
	}
	m, err := known(r.Ctx, r.Tx, r.Grant.Tenant(), a.Form, r.Today)
	if err != nil {
		return d, err
	}
	d.Before = m.Status
	if m.Status.Open() {
		d.Known = "其他工会"
		if _, err := registry.Find(r.Ctx, r.Tx, r.Grant, m.Union.ID); err == nil {
			d.Known = m.Union.Name
		} else if fault.Of(err).Kind != fault.NotFound {
			return d, err
		}
	}
	for _, s := range Procedure.Open(a.State, flow.WhoOf(r.Grant), m.ID, d.Steps) {
		if s.Act != move {
			d.open = append(d.open, s)
		}
	}
	return d, nil
}

// StepForm takes a step.
type StepForm struct {
	flow.Given
	ID      string `json:"id" doc:"编号"`
	Version int64  `json:"version" doc:"版本"`
}

func (o *Room) admit(r *web.Request, in StepForm) (Done, error) {
	a, err := o.Admit(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, in.Given, r.Now)
	d := Done{Row: rowOf(a), Member: a.MemberID, Transfer: a.TransferID, said: a.Form.Name + "已入会，会员号和会员证即时生效。"}
	if a.State == Moving {
		d.said = a.Form.Name + "已在其他工会入会，已转为会籍接转，等原工会确认转出。"
	}
	return d, err
}

func decide(r *web.Request, in StepForm) (Done, error) {
	a, err := Decide(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, in.Given, r.Now)
	d := Done{Row: rowOf(a), said: "已退回" + a.Form.Name + "的申请，请其补正。"}
	if a.State == Refused {
		d.said = "已记录：" + a.Form.Name + "的申请不予批准。"
	}
	return d, err
}

// ManyQuery names ticked applications.
type ManyQuery struct {
	IDs []string `json:"id" doc:"编号"`
}

// ManyPage says whom an approval will take in.
type ManyPage struct {
	Ready []Row `json:"ready"`
	Not   []Row `json:"not"`
}

func many(r *web.Request, in ManyQuery) (ManyPage, error) {
	p := ManyPage{Ready: []Row{}, Not: []Row{}}
	if len(in.IDs) > mostAtOnce {
		return p, fault.New(fault.Invalid, "一次最多批准 %d 份，请少选一些。", mostAtOnce)
	}
	for _, id := range in.IDs { // some dozen that somebody ticked
		a, err := Find(r.Ctx, r.Tx, r.Grant, id)
		if err != nil {
			return p, err
		}
		if _, err := Procedure.Take(a.State, Approve, flow.WhoOf(r.Grant), "", nil); err == nil {
			p.Ready = append(p.Ready, rowOf(a))
		} else {
			p.Not = append(p.Not, rowOf(a))
		}
	}
	return p, nil
}

// ManyForm approves ticked applications.
type ManyForm struct {
	flow.Given
	IDs []string `json:"id" doc:"编号"`
}

// Many is what an act on many did.
type Many struct {
	Count int `json:"count"`
}

func (Many) Place() string  { return home }
func (m Many) Said() string { return "已批准 " + itoa(m.Count) + " 份入会申请。" }

func (o *Room) admitMany(r *web.Request, in ManyForm) (Many, error) {
	n, err := o.AdmitMany(r.Ctx, r.Tx, r.Grant, in.IDs, in.Given, r.Now)
	return Many{n}, err
}

// HomesPage lists who waits for the own unit's union.
type HomesPage struct {
	Items []Homeless `json:"items"`
}

func homes(r *web.Request, _ struct{}) (HomesPage, error) {
	all, err := Homes(r.Ctx, r.Tx, r.Grant)
	if all == nil {
		all = []Homeless{}
	}
	return HomesPage{all}, err
}

// InvitesPage is what invitations there are, with the form of a new one.
type InvitesPage struct {
	Items   []Invitation   `json:"items"`
	Unions  []registry.Ref `json:"unions"`
	today   day.Day
	expires day.Day
}

func inviting(r *web.Request, _ struct{}) (InvitesPage, error) {
	p := InvitesPage{today: r.Today}
	var err error
	if p.Items, err = Invites(r.Ctx, r.Tx, r.Grant); err != nil {
		return p, err
	}
	if p.Items == nil {
		p.Items = []Invitation{}
	}
	days, err := inviteDays(r.Ctx, r.Tx, r.Grant.Tenant(), r.Today)
	if err != nil {
		return p, err
	}
	p.expires = r.Today.AddDays(days)
	p.Unions, err = standing(r)
	return p, err
}

// Offered is an invitation that an act changed.
type Offered struct {
	Invitation
	Link    string `json:"link"`
	said    string
	created bool
}

func (o Offered) Said() string  { return o.said }
func (o Offered) Created() bool { return o.created }

func link(r *web.Request, i Invitation) string { return web.Origin(r.HTTP) + "/join/" + i.Code }

func offer(r *web.Request, in InviteForm) (Offered, error) {
	i, err := Offer(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Offered{i, link(r, i), "入会邀请做好了，可以打印海报，也可以把链接发到工作群。", true}, err
}

func amend(r *web.Request, in InviteForm) (Offered, error) {
	i, err := Amend(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Offered{i, link(r, i), "已保存。", false}, err
}

// ShutForm closes an invitation.
type ShutForm struct {
	ID      string `json:"id" doc:"编号"`
	Version int64  `json:"version" doc:"版本"`
}

func shut(r *web.Request, in ShutForm) (Offered, error) {
	i, err := Close(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, r.Now)
	return Offered{i, link(r, i), "已停用，链接和二维码从现在起打不开。", false}, err
}

// InvitePage is one invitation with its link.
type InvitePage struct {
	Invitation
	Link  string `json:"link"`
	today day.Day
	by    string
}

func invitation(r *web.Request, in ByID) (InvitePage, error) {
	i, err := FindInvite(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return InvitePage{}, err
	}
	who, err := member.Names(r.Ctx, r.Tx, r.Grant.Tenant(), []string{i.Account})
	return InvitePage{i, link(r, i), r.Today, who[i.Account]}, err
}

// picture is the code of an invitation as a picture.
func picture(r *web.Request, in ByID) (web.File, error) {
	i, err := FindInvite(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return web.File{}, err
	}
	f := web.File{Name: "入会二维码-" + i.Name + ".png", Type: "image/png"}
	f.Write = func(dst io.Writer) error {
		png, err := qrcode.Encode(link(r, i), qrcode.Medium, 600)
		if err == nil {
			_, err = dst.Write(png)
		}
		return err
	}
	return f, nil
}
