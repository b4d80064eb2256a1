// Package procedure runs the cases that go on paper (办理事项): unions are
// founded, renamed, moved, merged and dissolved, and registered as legal
// persons, by request, check and approval.
package procedure

import (
	"slices"

	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/ui"
	"unionhall/law"
)

// What people may do here.
const (
	Look     auth.Action = "cases.look"     // see cases
	Ask      auth.Action = "cases.ask"      // open a case, fill it in, hang papers on it
	Submit   auth.Action = "cases.submit"   // 提交
	Withdraw auth.Action = "cases.withdraw" // 撤回
	Check    auth.Action = "cases.check"    // 审查
	Return   auth.Action = "cases.return"   // 退回补正
	Refuse   auth.Action = "cases.refuse"   // 不予批准
	Approve  auth.Action = "cases.approve"  // 批准
	Record   auth.Action = "cases.record"   // 登记上级批复
	Decline  auth.Action = "cases.decline"  // 登记上级不同意
	Issue    auth.Action = "cases.issue"    // 登记证书
	File     auth.Action = "cases.file"     // 登记备案
	Prolong  auth.Action = "cases.prolong"  // 延长期限
	Register auth.Action = "legal.look"     // see the register of legal persons
	Enter    auth.Action = "legal.enter"    // enter a certificate that is there already
)

// Labels is what the actions are called in the log.
var Labels = map[auth.Action]string{
	Look: "查看办理事项", Ask: "填写办理事项", Submit: "提交办理事项", Withdraw: "撤回办理事项", Check: "审查办理事项", Return: "退回办理事项",
	Refuse: "不予批准", Approve: "审批办理事项", Record: "登记上级批复", Decline: "登记上级不同意", Issue: "登记法人证书", File: "登记备案",
	Prolong: "延长办理期限", Register: "查看法人资格", Enter: "补登法人证书",
}

// Roles says which office may do what: what the ladder says, and who sees.
func Roles() auth.Roles {
	all := auth.Roles{
		auth.Officer: {Look, Ask, Register, Enter}, auth.Chair: {Look, Ask, Register}, auth.Director: {Look, Register},
		auth.Accountant: {Register}, auth.Auditor: {Register},
	}
	for _, f := range []flow.Flow[State]{ladder(Found, whole), ladder(Registration, whole)} {
		for o, acts := range f.Grants() {
			for _, a := range acts {
				if !slices.Contains(all[o], a) {
					all[o] = append(all[o], a)
				}
			}
		}
	}
	return all
}

// whole is a stand with every step: an approval, a letter, a file.
var whole = stand{chain: law.Chain{{Body: "工委", Mode: law.Approves}, {Body: "市总工会", Mode: law.Approves}, {Body: "省总工会", Mode: law.Files}}}

// Kind is what a case is for.
type Kind string

const (
	Found    Kind = "found"    // 建会
	Rename   Kind = "rename"   // 更名
	Move     Kind = "move"     // 改变隶属关系
	Merge    Kind = "merge"    // 合并
	Dissolve Kind = "dissolve" // 撤销

	Registration Kind = "register" // 法人资格登记
	Change       Kind = "change"   // 变更登记
	Renew        Kind = "renew"    // 换领证书
	Extend       Kind = "extend"   // 证书展期
	Replace      Kind = "replace"  // 补领证书
	Cancel       Kind = "cancel"   // 注销登记
)

// Kinds lists the kinds in the order people are shown them.
var Kinds = []Kind{Found, Rename, Move, Merge, Dissolve, Registration, Change, Renew, Extend, Replace, Cancel}

var kindLabels = map[Kind]string{
	Found: "建会", Rename: "更名", Move: "改变隶属关系", Merge: "合并工会", Dissolve: "撤销工会",
	Registration: "法人资格登记", Change: "法人变更登记", Renew: "换领法人证书", Extend: "法人证书展期", Replace: "补领法人证书", Cancel: "法人资格注销",
}

// Label is what the kind is called on paper.
func (k Kind) Label() string {
	if l, ok := kindLabels[k]; ok {
		return l
	}
	return string(k)
}

// Legal reports whether the case is about the union as a legal person.
func (k Kind) Legal() bool { return slices.Contains(Kinds[5:], k) }

// rule is the clause that the kind rests on.
func (k Kind) rule() string {
	switch k {
	case Merge, Dissolve:
		return "ORG-05"
	case Registration:
		return "LEG-02"
	case Change:
		return "LEG-05"
	case Extend:
		return "LEG-04"
	case Renew, Replace, Cancel:
		return "LEG-06"
	}
	return "ORG-02"
}

// State is how far a case is.
type State string

const (
	Draft     State = "draft"     // 草稿
	Submitted State = "submitted" // 待审查
	Returned  State = "returned"  // 已退回
	Checked   State = "checked"   // 待审批
	Sent      State = "sent"      // 已报上级
	Approved  State = "approved"  // 已批准，待登记证书
	Filing    State = "filing"    // 已批准，待备案
	Done      State = "done"      // 已办结
	Refused   State = "refused"   // 未批准
	Withdrawn State = "withdrawn" // 已撤回
)

// States lists the states in the order a case goes through them.
var States = []State{Draft, Submitted, Returned, Checked, Sent, Approved, Filing, Done, Refused, Withdrawn}

var stateLabels = map[State]string{
	Draft: "草稿", Submitted: "待审查", Returned: "已退回，待补正", Checked: "待审批", Sent: "已报上级", Approved: "待登记证书",
	Filing: "待备案", Done: "已办结", Refused: "未批准", Withdrawn: "已撤回",
}

// Label is what the state is called.
func (s State) Label() string { return stateLabels[s] }

// Open reports whether something is still to be done.
func (s State) Open() bool { return s != Done && s != Refused && s != Withdrawn }

// badge is the colour of the state.
func (s State) badge() ui.Kind {
	switch s {
	case Done:
		return ui.OK
	case Refused:
		return ui.Bad
	case Returned:
		return ui.Warn
	case Draft, Withdrawn:
		return ui.Mute
	}
	return ui.Info
}

// Case is one case.
type Case struct {
	ID         string            `json:"id"`
	Kind       Kind              `json:"kind"`
	Union      registry.Ref      `json:"union"` // of a founding the one above
	Title      string            `json:"title"`
	State      State             `json:"state"`
	Level      int               `json:"level"`
	Chain      law.Chain         `json:"chain,omitempty"`
	Fields     map[string]string `json:"fields"`
	Registered map[string]string `json:"registered,omitempty"` // what stood in the register when it was handed in
	Account    string            `json:"account"`              // who asks
	Made       day.Instant       `json:"made"`
	Submitted  day.Instant       `json:"submitted,omitempty"`
	Entered    day.Day           `json:"entered"` // the day it came into its state
	Clock      string            `json:"clock,omitempty"`
	Days       int               `json:"days,omitempty"`
	Due        day.Day           `json:"due,omitempty"`
	AlertOn    day.Day           `json:"alert_on,omitempty"`
	Alerted    int               `json:"-"`
	Prolonged  int               `json:"prolonged,omitempty"`
	OuterDoc   string            `json:"outer_document,omitempty"` // the last letter from above
	OuterOn    day.Day           `json:"outer_day,omitempty"`
	Series     string            `json:"-"`
	ReplyYear  int               `json:"-"`
	ReplyNo    int64             `json:"-"`
	Reply      string            `json:"reply,omitempty"` // our own number (批复)
	ReplyOn    day.Day           `json:"reply_day,omitempty"`
	Ended      day.Instant       `json:"ended,omitempty"`
	Result     string            `json:"result,omitempty"` // the union that was founded
	Version    int64             `json:"version"`
}

const place = "/grassroots/registry/procedures"

// Place is the case's page.
func (c Case) Place() string { return place + "/" + c.ID }

// Revision is what an act must name to be sure that it saw the latest.
func (c Case) Revision() int64 { return c.Version }

// Overdue reports whether the case stands longer in its state than it may.
func (c Case) Overdue(today day.Day) bool { return c.Due != "" && c.State.Open() && c.Due < today }

// stand is where a case stands on its chain.
type stand struct {
	chain law.Chain
	level int
}

func (c Case) stand() stand { return stand{c.Chain, c.Level} }
