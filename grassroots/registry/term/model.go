// Package term keeps the terms of the unions' bodies (届期): the calendar of who
// is due when, warnings, extensions, deadlines, meetings, vacancies, and what
// the women's committees watch over.
package term

import (
	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/ui"
)

// What people may do here.
const (
	Look     auth.Action = "terms.look"     // see terms, requests, meetings
	Ask      auth.Action = "terms.ask"      // ask for an extension
	Check    auth.Action = "terms.check"    // the committee's officer looks it over
	Approve  auth.Action = "terms.approve"  // the director decides
	Refuse   auth.Action = "terms.refuse"   // 不予批准
	Withdraw auth.Action = "terms.withdraw" // 撤回
	Urge     auth.Action = "terms.urge"     // set a day for an overdue election
	Meet     auth.Action = "terms.meet"     // write down a meeting
	Lead     auth.Action = "terms.lead"     // write down who leads while there is no chair
	AskMove  auth.Action = "moves.ask"      // ask to move a chair before the term ends
	Agree    auth.Action = "moves.agree"    // the higher union consents
	Object   auth.Action = "moves.object"   // or does not
	Tell     auth.Action = "terms.tell"     // the daily warnings
)

// Labels is what the actions are called in the log.
var Labels = map[auth.Action]string{
	Look: "查看届期", Ask: "申请延期换届", Check: "审核延期换届", Approve: "批准延期换届", Refuse: "不予延期", Withdraw: "撤回延期申请",
	Urge: "限期换届", Meet: "登记会员大会", Lead: "登记主持工作", AskMove: "提出任期内调动", Agree: "同意任期内调动", Object: "不同意任期内调动", Tell: "届期提醒",
	LookWomen: "查看女职工工作", Tend: "女职工保护登记",
}

// State is where a request for an extension stands.
type State string

const (
	Asked     State = "asked"     // 待审核
	Checked   State = "checked"   // 待批准
	Approved  State = "approved"  // 已批准
	Refused   State = "refused"   // 未批准
	Withdrawn State = "withdrawn" // 已撤回
)

// Extending is the procedure of an extension (延期换届): the chair asks, the
// committee's officer looks it over, the director decides with a document.
//
// law: ELE-02
var Extending = flow.Flow[State]{
	Labels: map[State]string{Asked: "待审核", Checked: "待批准", Approved: "已批准", Refused: "未批准", Withdrawn: "已撤回"},
	Kinds:  map[State]string{Asked: string(ui.Warn), Checked: string(ui.Warn), Approved: string(ui.OK), Refused: string(ui.Bad), Withdrawn: string(ui.Mute)},
	Steps: []flow.Step[State]{
		{From: "", Act: Ask, To: Asked, By: []auth.Office{auth.Chair}, Button: "申请延期", Words: true, Rule: "ELE-02"},
		{From: Asked, Act: Check, To: Checked, By: []auth.Office{auth.Officer}, Apart: []auth.Action{Ask}, Button: "审核通过", Rule: "ELE-02"},
		{From: Asked, Act: Refuse, To: Refused, By: []auth.Office{auth.Officer}, Apart: []auth.Action{Ask}, Button: "不予批准", Words: true, Danger: true, Rule: "ELE-02"},
		{From: Checked, Act: Approve, To: Approved, By: []auth.Office{auth.Director}, Apart: []auth.Action{Ask, Check}, Button: "批准延期", Paper: true, Rule: "ELE-02"},
		{From: Checked, Act: Refuse, To: Refused, By: []auth.Office{auth.Director}, Apart: []auth.Action{Ask, Check}, Button: "不予批准", Words: true, Danger: true, Rule: "ELE-02"},
		{From: Asked, Act: Withdraw, To: Withdrawn, By: []auth.Office{auth.Chair}, Button: "撤回申请", Rule: "ELE-02"},
		{From: Checked, Act: Withdraw, To: Withdrawn, By: []auth.Office{auth.Chair}, Button: "撤回申请", Rule: "ELE-02"},
	},
}

// Extension is one request to hold the election of a body later.
type Extension struct {
	ID       string            `json:"id"`
	UnionID  string            `json:"union_id"`
	Union    string            `json:"union"`
	BodyID   string            `json:"body_id"`
	Body     registry.BodyKind `json:"body"`
	Nth      int64             `json:"nth"`
	State    State             `json:"state"`
	WasDue   day.Day           `json:"was_due"`
	Until    day.Day           `json:"until"`
	Reason   string            `json:"reason"`
	Asked    day.Day           `json:"asked"`
	Account  string            `json:"-"`
	Decided  day.Day           `json:"decided,omitempty"`
	Document string            `json:"document,omitempty"`
	Version  int64             `json:"version"`
}

// Place is the request's page.
func (e Extension) Place() string { return extensionPlace + e.ID }

// Revision is what an act must name to be sure that it saw the latest.
func (e Extension) Revision() int64 { return e.Version }

// Answer is where a move of a chair stands.
type Answer string

const (
	Waiting   Answer = "asked"    // 待答复
	Consented Answer = "agreed"   // 已同意
	Objected  Answer = "objected" // 不同意
	Silent    Answer = "silent"   // 逾期未答复，视为同意
)

// Moving is the procedure of moving a chair or vice-chair before the term ends
// (任期内调动): asked with the consent of the own committee, answered by the
// higher union.
//
// law: ORG-25
var Moving = flow.Flow[Answer]{
	Labels: map[Answer]string{Waiting: "待答复", Consented: "已同意", Objected: "不同意", Silent: "逾期视为同意"},
	Kinds:  map[Answer]string{Waiting: string(ui.Warn), Consented: string(ui.OK), Objected: string(ui.Bad), Silent: string(ui.OK)},
	Clocks: map[Answer]string{Waiting: "officer.move.reply_days"},
	Steps: []flow.Step[Answer]{
		{From: "", Act: AskMove, To: Waiting, By: []auth.Office{auth.Chair, auth.Officer}, Button: "提出调动", Rule: "ORG-25"},
		{From: Waiting, Act: Agree, To: Consented, By: []auth.Office{auth.Director}, Apart: []auth.Action{AskMove}, Button: "同意调动", Paper: true, Rule: "ORG-25"},
		{From: Waiting, Act: Object, To: Objected, By: []auth.Office{auth.Director}, Apart: []auth.Action{AskMove}, Button: "不同意", Words: true, Danger: true, Rule: "ORG-25"},
	},
}

// Move is one wish to move a chair or vice-chair before the term ends.
type Move struct {
	ID         string          `json:"id"`
	UnionID    string          `json:"union_id"`
	Union      string          `json:"union"`
	SeatID     string          `json:"seat_id"`
	Name       string          `json:"name"`
	Office     registry.Office `json:"office"`
	State      Answer          `json:"state"`
	Target     string          `json:"target"`
	OwnConsent string          `json:"own_consent"`
	Asked      day.Day         `json:"asked"`
	ReplyBy    day.Day         `json:"reply_by"`
	Decided    day.Day         `json:"decided,omitempty"`
	Document   string          `json:"document,omitempty"`
	Version    int64           `json:"version"`
}

// Place is the page of the move.
func (m Move) Place() string { return movePlace + m.ID }

// Revision is what an act must name to be sure that it saw the latest.
func (m Move) Revision() int64 { return m.Version }

// Late reports whether the answer is overdue.
func (m Move) Late(today day.Day) bool { return m.State == Waiting && today > m.ReplyBy }

const (
	listPlace      = "/grassroots/registry/terms"
	unionPlace     = listPlace + "/unions/"
	extensionPlace = listPlace + "/extensions/"
	movePlace      = listPlace + "/moves/"
	womenPlace     = "/grassroots/registry/women"
)

// Roles says which office may do what: what the procedures say, and who sees.
func Roles() auth.Roles {
	all := auth.Roles{
		auth.Officer:  {Look, Urge, Meet, Lead, LookWomen, Tend},
		auth.Director: {Look, Urge, LookWomen},
		auth.Chair:    {Look, Meet, LookWomen, Tend},
		auth.Auditor:  {Look}, auth.Accountant: {Look}, auth.Cashier: {Look}, auth.Admin: {Look},
	}
	for _, more := range []auth.Roles{Extending.Grants(), Moving.Grants()} {
		for office, acts := range more {
			all[office] = append(all[office], acts...)
		}
	}
	return all
}
