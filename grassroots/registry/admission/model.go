// Package admission takes people into a union (入会): by a link or a poster on
// the own phone, or on paper; the base committee approves, and number and card
// come at once.
package admission

import (
	"context"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// What people may do here. From Approve on they are steps of the Procedure.
const (
	Look     auth.Action = "admissions.look"
	Invite   auth.Action = "admissions.invite"   // links and posters
	Enter    auth.Action = "admissions.enter"    // on paper or by word of mouth
	Apply    auth.Action = "admissions.apply"    // the applicant's own doing
	Raise    auth.Action = "admissions.raise"    // 超期提交上级, by the clock alone
	Approve  auth.Action = "admissions.approve"  // 批准
	Return   auth.Action = "admissions.return"   // 退回补正
	Refuse   auth.Action = "admissions.refuse"   // 不予批准
	Complete auth.Action = "admissions.complete" // 补正后再交
	Withdraw auth.Action = "admissions.withdraw" // 撤回
)

// Labels is what the actions are called in the log.
var Labels = map[auth.Action]string{
	Look: "查看入会申请", Invite: "办理入会邀请", Enter: "登记入会申请", Apply: "申请入会", Raise: "入会申请超期提交上级",
	Approve: "批准入会", Return: "退回入会申请补正", Refuse: "不予批准入会", Complete: "补正入会申请", Withdraw: "撤回入会申请",
}

// Roles says which office may do what.
func Roles() auth.Roles {
	out := auth.Roles{auth.Officer: {Look, Invite, Enter}, auth.Chair: {Look, Invite, Enter}, auth.Director: {Look}}
	for o, acts := range Procedure.Grants() {
		if o != auth.Applicant && o != byClock {
			for _, a := range acts {
				if a != move { // part of approving
					out[o] = append(out[o], a)
				}
			}
		}
	}
	return out
}

// byClock is the office of the daily work.
const byClock auth.Office = "system"

// State is where an application stands.
type State string

const (
	Applied   State = "applied"   // 待审批
	Raised    State = "raised"    // 待审批（上级可办）
	Returned  State = "returned"  // 待补正
	Approved  State = "approved"  // 已入会
	Moving    State = "moving"    // 转办接转: the person is a member elsewhere
	Refused   State = "refused"   // 未批准
	Withdrawn State = "withdrawn" // 已撤回
)

func (s State) Label() string { return Procedure.Labels[s] }
func (s State) Tone() ui.Kind { return ui.Kind(Procedure.Kinds[s]) }

// Open reports whether somebody still has to act.
func (s State) Open() bool { return s == Applied || s == Raised || s == Returned }

var (
	chair    = []auth.Office{auth.Chair}
	both     = []auth.Office{auth.Chair, auth.Officer}
	oneself  = []auth.Office{auth.Applicant}
	notOwn   = []auth.Action{flow.Subject}
	thisWork = []auth.Office{byClock}
)

// Procedure is how somebody is taken in: the base committee approves; an
// application that it has let lie may be decided one level up. An approval of
// somebody who is a member elsewhere ends as a transfer (Moving).
//
// law: MEM-02, MEM-05
var Procedure = flow.Flow[State]{
	Labels: map[State]string{Applied: "待审批", Raised: "待审批（上级可办）", Returned: "待补正", Approved: "已入会", Moving: "转办接转", Refused: "未批准", Withdrawn: "已撤回"},
	Kinds:  map[State]string{Applied: "warn", Raised: "bad", Returned: "info", Approved: "ok", Moving: "info", Refused: "mute", Withdrawn: "mute"},
	Clocks: map[State]string{Applied: "member.approve_workdays"},
	Steps: []flow.Step[State]{
		{From: Applied, Act: Approve, To: Approved, By: chair, Apart: notOwn, Button: "批准入会", Rule: "MEM-02"},
		{From: Applied, Act: move, To: Moving, By: chair, Apart: notOwn, Button: "转办接转", Rule: "MEM-05"},
		{From: Applied, Act: Return, To: Returned, By: chair, Button: "退回补正", Words: true, Rule: "MEM-02"},
		{From: Applied, Act: Refuse, To: Refused, By: chair, Button: "不予批准", Words: true, Danger: true, Rule: "MEM-01"},
		{From: Applied, Act: Raise, To: Raised, By: thisWork, Button: "提交上级", Rule: "MEM-02"},
		{From: Raised, Act: Approve, To: Approved, By: both, Apart: notOwn, Button: "批准入会", Rule: "MEM-02"},
		{From: Raised, Act: move, To: Moving, By: both, Apart: notOwn, Button: "转办接转", Rule: "MEM-05"},
		{From: Raised, Act: Return, To: Returned, By: both, Button: "退回补正", Words: true, Rule: "MEM-02"},
		{From: Raised, Act: Refuse, To: Refused, By: both, Button: "不予批准", Words: true, Danger: true, Rule: "MEM-01"},
		{From: Returned, Act: Complete, To: Applied, By: oneself, Button: "补正后再交", Rule: "MEM-02"},
		{From: Applied, Act: Withdraw, To: Withdrawn, By: oneself, Button: "撤回申请", Danger: true, Rule: "MEM-02"},
		{From: Raised, Act: Withdraw, To: Withdrawn, By: oneself, Button: "撤回申请", Danger: true, Rule: "MEM-02"},
		{From: Returned, Act: Withdraw, To: Withdrawn, By: oneself, Button: "撤回申请", Danger: true, Rule: "MEM-02"},
	},
}

// Way is how an application came.
type Way string

const (
	Online Way = "online" // 网上
	Paper  Way = "paper"  // 书面
	Oral   Way = "oral"   // 口头
)

// Ways lists them in the order people are shown them.
var Ways = []Way{Online, Paper, Oral}

func (w Way) Label() string {
	return map[Way]string{Online: "网上", Paper: "书面", Oral: "口头"}[w]
}

// Application is one person's application (入会申请书), numbers in the clear.
type Application struct {
	ID          string
	Union       registry.Ref
	InviteID    string
	No          string
	Way         Way
	State       State
	Form        Form
	Consent     string // version of the notice that was accepted
	ConsentHash string
	ConsentAt   day.Instant
	Applied     day.Instant
	Due         day.Day
	Raised      day.Instant
	Ended       day.Instant
	MemberID    string
	TransferID  string
	Version     int64
}

const home = "/grassroots/registry/applications"

// Place is the application's page for those who decide.
func (a Application) Place() string { return home + "/" + a.ID }

// Form is the application as it is filled in: the registration form and what
// the application asks beside it.
//
// law: MEM-02, MEM-04
type Form struct {
	member.Form
	Family     string `json:"family" doc:"家庭主要成员"`
	Resume     string `json:"resume" doc:"个人简历"`
	Dispatched bool   `json:"dispatched" doc:"劳务派遣"`
	Other      string `json:"other" doc:"派遣或用工单位"` // of a dispatched worker: the unit whose union is not joined
	Unionless  bool   `json:"unionless" doc:"单位没有工会"`
}

// Invitation is a way in (入会邀请): a link that a union hands out.
type Invitation struct {
	ID      string       `json:"id"`
	Union   registry.Ref `json:"union"`
	Code    string       `json:"-"`
	Name    string       `json:"name"`
	Account string       `json:"-"`
	Made    day.Instant  `json:"made"`
	Expires day.Day      `json:"expires"`
	Closed  day.Instant  `json:"closed,omitempty"`
	Came    int64        `json:"applications"` // how many applied by it
	Taken   int64        `json:"approved"`
	Version int64        `json:"version"`
	office  string
}

const invites = "/grassroots/registry/invites"

// Place is the invitation's page.
func (i Invitation) Place() string { return invites + "/" + i.ID }

// Open reports whether somebody may still apply by it.
func (i Invitation) Open(today day.Day) bool { return i.Closed == "" && today <= i.Expires }

// Transfers begins the transfer of a member who applied elsewhere. The hall
// hands it in.
type Transfers interface {
	// Into asks, for the union that takes in, for the transfer of a member of
	// any other union; it returns the id of the transfer.
	Into(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m member.Member, to registry.Ref, reason string, at day.Instant) (string, error)
}

// Logins makes an account for somebody who was just taken in.
type Logins interface {
	// Judge refuses a login or a password that won't do.
	Judge(ctx context.Context, tx *sqldb.Tx, tenant int64, login, password, name string, on day.Day) error
	// Make makes the account; one that is taken is fault.Conflict.
	Make(ctx context.Context, tx *sqldb.Tx, tenant int64, member, name, login, hash string, at day.Instant) error
	// Has reports whether the member has one.
	Has(ctx context.Context, tx *sqldb.Tx, tenant int64, member string) (bool, error)
}

// Room is admission at work. The hall fills it in.
type Room struct {
	Transfers Transfers
	Logins    Logins
	guard     web.Guard
}

// New is the room as it ships: sixty forms a minute from one address, forty at
// once, so that a whole unit behind one address gets by.
func New(t Transfers, l Logins) *Room {
	return &Room{t, l, web.Guard{PerMinute: 60, AtOnce: 40}}
}
