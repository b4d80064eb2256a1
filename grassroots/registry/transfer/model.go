// Package transfer takes memberships from one union to another in two hands
// (会籍接转): the old union lets go, the new one takes in.
package transfer

import (
	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/ui"
)

// What people may do here. The last four are the steps of the Procedure.
const (
	Look    auth.Action = "transfers.look"
	Ask     auth.Action = "transfers.ask"
	Confirm auth.Action = "transfers.confirm" // 转出确认
	Accept  auth.Action = "transfers.accept"  // 接收
	Refuse  auth.Action = "transfers.refuse"  // 退回
	Cancel  auth.Action = "transfers.cancel"  // 取消
)

// Labels is what the actions are called in the log.
var Labels = map[auth.Action]string{Look: "查看会籍接转", Ask: "申请会籍接转", Confirm: "确认转出", Accept: "接收转入", Refuse: "退回转入", Cancel: "取消接转"}

// Roles says which office may do what; what the Procedure says is not repeated.
func Roles() auth.Roles {
	out := auth.Roles{auth.Officer: {Look, Ask}, auth.Chair: {Look, Ask}, auth.Director: {Look}}
	for o, acts := range Procedure.Grants() {
		if o != auth.Member { // who acts on the own membership needs no right
			out[o] = append(out[o], acts...)
		}
	}
	return out
}

// State is where a transfer stands.
type State string

const (
	Requested State = "requested" // 待转出工会确认
	Confirmed State = "confirmed" // 待转入工会接收
	Accepted  State = "accepted"  // 已接收
	Refused   State = "refused"   // 已退回
	Cancelled State = "cancelled" // 已取消
)

// Open reports whether the transfer still waits for somebody.
func (s State) Open() bool { return s == Requested || s == Confirmed }

func (s State) Label() string { return Procedure.Labels[s] }
func (s State) Tone() ui.Kind { return ui.Kind(Procedure.Kinds[s]) }

var clerks = []auth.Office{auth.Chair, auth.Officer}

// Procedure is how a membership is transferred. Until it is accepted the
// member counts in the old union. Which of the two unions takes a step is the
// business of sides.
//
// law: MEM-26, MEM-10
var Procedure = flow.Flow[State]{
	Labels: map[State]string{Requested: "待转出确认", Confirmed: "待转入接收", Accepted: "已接收", Refused: "已退回", Cancelled: "已取消"},
	Kinds:  map[State]string{Requested: "warn", Confirmed: "info", Accepted: "ok", Refused: "bad", Cancelled: "mute"},
	Clocks: map[State]string{Requested: "transfer.alert_days", Confirmed: "transfer.alert_days"},
	Steps: []flow.Step[State]{
		{From: Requested, Act: Confirm, To: Confirmed, By: clerks, Apart: []auth.Action{flow.Subject}, Button: "确认转出", Rule: "MEM-10"},
		{From: Requested, Act: Cancel, To: Cancelled, By: []auth.Office{auth.Chair, auth.Officer, auth.Member}, Button: "取消接转", Words: true, Danger: true, Rule: "MEM-26"},
		{From: Confirmed, Act: Accept, To: Accepted, By: clerks, Apart: []auth.Action{flow.Subject}, Button: "接收", Rule: "MEM-10"},
		{From: Confirmed, Act: Refuse, To: Refused, By: clerks, Button: "退回", Words: true, Danger: true, Rule: "MEM-26"},
		{From: Confirmed, Act: Cancel, To: Cancelled, By: clerks, Button: "取消接转", Words: true, Danger: true, Rule: "MEM-26"},
	},
}

// Side is one of the parties to a transfer.
type Side string

const (
	Out Side = "from"   // 转出工会
	In  Side = "to"     // 转入工会
	Own Side = "member" // 会员本人
)

func (s Side) Label() string {
	return map[Side]string{Out: "转出工会", In: "转入工会", Own: "会员本人"}[s]
}

// sides tells whose step an act is: the old union lets go, the new one takes
// in. While nobody has let go yet either may call it off.
//
// law: MEM-26
func sides(from State, act auth.Action) []Side {
	switch {
	case act == Confirm:
		return []Side{Out}
	case act == Accept || act == Refuse:
		return []Side{In}
	case from == Requested:
		return []Side{Out, In}
	}
	return []Side{Out}
}

// Transfer is one membership on its way.
type Transfer struct {
	ID        string        `json:"id"`
	No        string        `json:"no"` // 介绍信编号
	MemberID  string        `json:"member_id"`
	Name      string        `json:"name"`
	CardNo    string        `json:"card_no"`
	From      registry.Ref  `json:"from"`
	To        registry.Ref  `json:"to"`
	State     State         `json:"state"`
	AskedBy   Side          `json:"asked_by"`
	Account   string        `json:"-"`
	Kept      member.Status `json:"-"`
	Reason    string        `json:"reason"`
	Asked     day.Instant   `json:"asked"`
	Confirmed day.Instant   `json:"confirmed,omitempty"`
	Ended     day.Instant   `json:"ended,omitempty"`
	Alerted   day.Day       `json:"-"`
	DuesFrom  string        `json:"dues_from,omitempty"` // the month from which the new union collects dues
	Version   int64         `json:"version"`
}

const home = "/grassroots/registry/transfers"

// Place is the transfer's page.
func (t Transfer) Place() string { return home + "/" + t.ID }

// Revision is what a step must name to be sure that it saw the latest.
func (t Transfer) Revision() int64 { return t.Version }

// DuesFrom is the month from which the new union collects the dues of somebody
// taken in on a day: the one after.
//
// law: S2-12
func DuesFrom(accepted day.Day) string { return string(accepted.MonthStart().AddMonths(1))[:7] }
