// Package parting ends memberships against or without the member's word, which
// only a committee may decide: no dues and no union life (视为退会), and a
// crime (开除会籍).
package parting

import (
	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/ui"
)

// What people may do here. The last six are steps of the Procedure.
const (
	Look   auth.Action = "partings.look"
	Begin  auth.Action = "partings.begin"  // 列入名单, 提出
	Talk   auth.Action = "partings.talk"   // 谈话
	Lapse  auth.Action = "partings.lapse"  // 视为退会
	Advise auth.Action = "partings.advise" // 小组提出意见
	Expel  auth.Action = "partings.expel"  // 决定开除
	File   auth.Action = "partings.file"   // 报上级备案
	Drop   auth.Action = "partings.drop"   // 不作处理
)

// Labels is what the actions are called in the log.
var Labels = map[auth.Action]string{
	Look: "查看退会和开除", Begin: "提出退会或开除", Talk: "记录谈话", Lapse: "决定视为退会", Advise: "记录小组意见", Expel: "决定开除会籍", File: "开除会籍备案", Drop: "不作处理",
}

// Roles says which office may do what.
func Roles() auth.Roles {
	out := auth.Roles{auth.Officer: {Look, Begin}, auth.Chair: {Look, Begin}, auth.Director: {Look}}
	for o, acts := range Procedure.Grants() {
		out[o] = append(out[o], acts...)
	}
	return out
}

// Kind is why a membership may end.
type Kind string

const (
	Unpaid Kind = "lapse" // 长期不缴会费、不参加活动
	Crime  Kind = "crime" // 严重违法犯罪并受刑事处分
)

func (k Kind) Label() string {
	return map[Kind]string{Unpaid: "长期不缴会费、不参加活动", Crime: "因犯罪受刑事处分"}[k]
}

func (k Kind) rule() string { return map[Kind]string{Unpaid: "MEM-24", Crime: "MEM-22"}[k] }

// State is where a matter stands.
type State string

const (
	Listed   State = "listed"   // 待谈话
	Talked   State = "talked"   // 已谈话
	Lapsed   State = "lapsed"   // 视为退会
	Opened   State = "opened"   // 待小组意见
	Advised  State = "advised"  // 已有小组意见
	Expelled State = "expelled" // 已开除，待备案
	Filed    State = "filed"    // 已备案
	Dropped  State = "dropped"  // 不作处理
)

func (s State) Label() string { return Procedure.Labels[s] }
func (s State) Tone() ui.Kind { return ui.Kind(Procedure.Kinds[s]) }

var (
	clerks = []auth.Office{auth.Chair, auth.Officer}
	notOwn = []auth.Action{flow.Subject}
)

// Procedure is how it goes: a talk and the committee's decision; or the
// group's opinion, the committee's decision, and filing with the higher union.
// Nothing happens by itself.
//
// law: MEM-21, MEM-22, MEM-23, MEM-24
var Procedure = flow.Flow[State]{
	Labels: map[State]string{Listed: "待谈话", Talked: "待委员会决定", Lapsed: "视为退会", Opened: "待小组意见", Advised: "待委员会决定", Expelled: "已开除，待备案", Filed: "已备案", Dropped: "不作处理"},
	Kinds:  map[State]string{Listed: "warn", Talked: "warn", Lapsed: "bad", Opened: "warn", Advised: "warn", Expelled: "bad", Filed: "mute", Dropped: "mute"},
	Steps: []flow.Step[State]{
		{From: Listed, Act: Talk, To: Talked, By: clerks, Apart: notOwn, Button: "记录谈话", Words: true, Rule: "MEM-24"},
		{From: Listed, Act: Drop, To: Dropped, By: clerks, Apart: notOwn, Button: "不作处理", Words: true, Rule: "MEM-21"},
		{From: Talked, Act: Lapse, To: Lapsed, By: clerks, Apart: notOwn, Button: "决定视为退会", Paper: true, Danger: true, Rule: "MEM-21"},
		{From: Talked, Act: Drop, To: Dropped, By: clerks, Apart: notOwn, Button: "不作处理", Words: true, Rule: "MEM-21"},
		{From: Opened, Act: Advise, To: Advised, By: clerks, Apart: notOwn, Button: "记录小组意见", Words: true, Rule: "MEM-22"},
		{From: Opened, Act: Drop, To: Dropped, By: clerks, Apart: notOwn, Button: "只作批评教育", Words: true, Rule: "MEM-23"},
		{From: Advised, Act: Expel, To: Expelled, By: clerks, Apart: notOwn, Button: "决定开除会籍", Paper: true, Danger: true, Rule: "MEM-22"},
		{From: Advised, Act: Drop, To: Dropped, By: clerks, Apart: notOwn, Button: "只作批评教育", Words: true, Rule: "MEM-23"},
		{From: Expelled, Act: File, To: Filed, By: []auth.Office{auth.Officer}, Apart: notOwn, Button: "登记备案", Paper: true, Rule: "MEM-22"},
	},
}

// Meeting is how a committee voted.
type Meeting struct {
	Due     int64 `json:"due" doc:"应到委员"`
	Present int64 `json:"present" doc:"到会委员"`
	Agreed  int64 `json:"agreed" doc:"同意"`
}

// Check refuses a decision that was none: more than half of the committee must
// be there, and more than half of those agree. Any other threshold the text
// does not know.
//
// law: MEM-23
func (m Meeting) Check() error {
	fields := map[string]string{}
	switch {
	case m.Due <= 0 || m.Due > 1000:
		fields["due"] = "应到委员：请填人数"
	case m.Present > m.Due:
		fields["present"] = "到会委员：不能多于应到的人数"
	case 2*m.Present <= m.Due:
		fields["present"] = "到会委员：没有超过半数，会议不能作决定"
	case m.Agreed > m.Present:
		fields["agreed"] = "同意：不能多于到会的人数"
	case 2*m.Agreed <= m.Present:
		fields["agreed"] = "同意：没有超过到会委员的半数，决定没有通过"
	}
	if len(fields) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Invalid, Rule: "MEM-23", Text: "这次会议不能作出决定，请核对人数。", Fields: fields}
}

// Matter is one membership that may end.
type Matter struct {
	ID       string       `json:"id"`
	MemberID string       `json:"member_id"`
	Name     string       `json:"name"`
	Union    registry.Ref `json:"union"`
	Kind     Kind         `json:"kind"`
	State    State        `json:"state"`
	Since    string       `json:"since,omitempty"` // the first month without dues: 2026-03
	Reason   string       `json:"reason"`
	Opened   day.Instant  `json:"opened"`
	Ended    day.Instant  `json:"ended,omitempty"`
	Version  int64        `json:"version"`
}

const home = "/grassroots/registry/partings"

// Place is the matter's page.
func (m Matter) Place() string { return home + "/" + m.ID }

// Revision is what a step must name to be sure that it saw the latest.
func (m Matter) Revision() int64 { return m.Version }

// Months is how many whole months without dues there are from the month since
// to the day today; the month that still runs does not count.
//
// law: MEM-21
func Months(since string, today day.Day) int {
	first := day.Day(since + "-01")
	return (today.Year()-first.Year())*12 + today.Month() - first.Month()
}
