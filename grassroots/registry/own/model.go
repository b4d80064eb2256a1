// Package own is what people do about the data that are held of them (个人信息):
// read all of it, take a copy, ask for a correction, a deletion, an explanation;
// and how an office answers, and lets data go when their time is over.
package own

import (
	"context"

	"unionhall/grassroots/registry/member"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/files"
	"unionhall/kit/flow"
	"unionhall/kit/job"
	"unionhall/kit/sqldb"
)

// What people may do here.
const (
	Look   auth.Action = "requests.look"   // see what people ask about their data
	Enter  auth.Action = "requests.enter"  // enter what a relative of a dead member asks
	Grant  auth.Action = "requests.grant"  // do what was asked
	Refuse auth.Action = "requests.refuse" // say why not
	Cancel auth.Action = "requests.cancel" // take back what oneself asked
	Ask    auth.Action = "requests.ask"    // ask about the own data
	Erase  auth.Action = "retention.erase" // let go of leavers' data
)

// Labels name the actions for the log.
var Labels = map[auth.Action]string{Look: "查看个人信息申请", Enter: "登记近亲属的申请", Grant: "同意个人信息申请", Refuse: "不同意个人信息申请",
	Cancel: "撤回个人信息申请", Ask: "提出个人信息申请", Erase: "清理到期资料"}

// Roles says which office may do what.
func Roles() auth.Roles {
	return auth.Roles{
		auth.Officer: {Look, Enter, Grant, Refuse, Erase},
		auth.Chair:   {Look, Grant, Refuse},
	}
}

// Kind is what is asked for.
type Kind string

const (
	Correct Kind = "correct" // 更正
	Delete  Kind = "delete"  // 删除
	Explain Kind = "explain" // 解释说明
	Copy    Kind = "copy"    // 查阅、复制: of a dead member, by a relative
)

func (k Kind) Label() string {
	switch k {
	case Correct:
		return "更正"
	case Delete:
		return "删除"
	case Explain:
		return "解释说明"
	case Copy:
		return "查阅和复制"
	}
	return string(k)
}

// State is where a request stands.
type State string

const (
	Asked   State = "asked"
	Granted State = "granted"
	Refused State = "refused"
	Taken   State = "taken" // taken back
)

// Answering is the procedure of a request: somebody else than the person
// decides, with reasons, within the working days of the office.
//
// law: R1.63
var Answering = flow.Flow[State]{
	Labels: map[State]string{Asked: "待答复", Granted: "已同意", Refused: "未同意", Taken: "已撤回"},
	Clocks: map[State]string{Asked: replyDays},
	Steps: []flow.Step[State]{
		{From: Asked, Act: Grant, To: Granted, By: []auth.Office{auth.Chair, auth.Officer}, Apart: []auth.Action{flow.Subject}, Button: "同意并办理", Words: true, Rule: "R1.63"},
		{From: Asked, Act: Refuse, To: Refused, By: []auth.Office{auth.Chair, auth.Officer}, Apart: []auth.Action{flow.Subject}, Button: "不同意", Words: true, Danger: true, Rule: "R1.63"},
		{From: Asked, Act: Cancel, To: Taken, By: auth.Offices, Button: "撤回申请"},
	},
}

const replyDays = "privacy.reply_workdays"

// Request is what one person asks about the data held of a member: the member,
// or a near relative of one who died.
type Request struct {
	ID       string      `json:"id"`
	Member   string      `json:"member"`
	Name     string      `json:"name"`
	Union    string      `json:"union"`
	Kind     Kind        `json:"kind"`
	Field    string      `json:"field,omitempty"`
	Reason   string      `json:"reason"`
	Relative string      `json:"relative,omitempty"`
	Relation string      `json:"relation,omitempty"`
	State    State       `json:"state"`
	Due      day.Day     `json:"due"`
	At       day.Instant `json:"at"`
	Version  int64       `json:"version"`
	value    string      // what the field should be, in the clear
	contact  string
	unionID  string
	warned   day.Day
	late     day.Day
}

// What says in words what is asked: 更正移动电话.
func (q Request) What() string {
	if q.Field == "" {
		return q.Kind.Label()
	}
	return q.Kind.Label() + member.Label(q.Field)
}

const (
	listPlace = "/grassroots/registry/requests"
	minePlace = "/me/requests"
	dataPlace = "/me/data"
	keepPlace = "/grassroots/registry/retention"
)

// Place is the request's page for those who answer it.
func (q Request) Place() string { return listPlace + "/" + q.ID }

// Mine is the request's page for the person.
func (q Request) Mine() string { return minePlace + "/" + q.ID }

// Revision is what an act must name to be sure that it saw the latest.
func (q Request) Revision() int64 { return q.Version }

// Section is one part of all that is held about a person.
type Section struct {
	Title string     `json:"title"`
	Head  []string   `json:"head"`
	Rows  [][]string `json:"rows"`
}

// Room is what the pages ask of the house.
type Room struct {
	Files  files.Store
	Runner *job.Runner
	// More are what other rooms hold about a member and about the account that
	// is theirs.
	More []func(ctx context.Context, tx *sqldb.Tx, tenant int64, memberID string) ([]Section, error)
}
