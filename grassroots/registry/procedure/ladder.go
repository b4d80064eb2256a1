package procedure

import (
	"unionhall/kit/auth"
	"unionhall/kit/flow"
	"unionhall/kit/ui"
	"unionhall/law"
)

// The approval ladder (审批阶梯) is the chain of the case's kind, which is data,
// laid over one table: the unit asks, the officer checks, the director signs,
// who decides above answers by letter, which the officer records.
//
// law: ORG-02, LEG-03

var clocks = map[State]string{
	Submitted: "case.check_days", Checked: "case.sign_days", Returned: "case.mend_days",
	Sent: "case.outer_days", Approved: "case.record_days", Filing: "case.file_days",
}

// clockOf names the parameter that limits how long a case stands in a state.
//
// law: LEG-07
func clockOf(k Kind, s State) string {
	if s == Sent && k.Legal() {
		return "cert.review_days"
	}
	return clocks[s]
}

// after is where a case goes when the stage at level has approved, and which
// stage it then waits for. decided reports that nobody has to approve any more.
func (p stand) after(k Kind) (to State, level int, decided bool) {
	switch {
	case p.chain.Decides(p.level):
		return Sent, p.level + 1, false
	case k.Legal():
		return Approved, p.level, true
	}
	to, level = p.filed()
	return to, level, true
}

// filed is where a case goes when the stage at level is done with and nobody
// has to approve any more.
func (p stand) filed() (State, int) {
	if p.level+1 < len(p.chain) {
		return Filing, p.level + 1
	}
	return Done, p.level
}

// body is who the case waits for above.
func (p stand) body() string {
	if p.level > 0 && p.level < len(p.chain) {
		return p.chain[p.level].Body
	}
	return "上级工会"
}

var (
	askers   = []auth.Office{auth.Chair, auth.Officer}
	officer  = []auth.Office{auth.Officer}
	director = []auth.Office{auth.Director}
)

// ladder is the procedure of a kind of case from where it stands on its chain.
func ladder(k Kind, p stand) flow.Flow[State] {
	to, _, _ := p.after(k)
	filed, _ := p.filed()
	rule := "ORG-02"
	if k.Legal() {
		rule = "LEG-03"
	}
	sign := "批准"
	if to == Sent {
		sign = "同意，报" + stand{p.chain, p.level + 1}.body()
	}
	if len(p.chain) > 0 && p.chain[0].Mode == law.Opines {
		sign = "签署意见，报" + stand{p.chain, 1}.body()
	}
	step := func(from State, act auth.Action, to State, by []auth.Office, button string) flow.Step[State] {
		return flow.Step[State]{From: from, Act: act, To: to, By: by, Button: button, Rule: rule}
	}
	words := func(s flow.Step[State]) flow.Step[State] { s.Words = true; return s }
	paper := func(s flow.Step[State]) flow.Step[State] { s.Paper = true; return s }
	danger := func(s flow.Step[State]) flow.Step[State] { s.Danger = true; return s }
	apart := func(s flow.Step[State], a ...auth.Action) flow.Step[State] { s.Apart = a; return s }
	f := flow.Flow[State]{Labels: stateLabels, Kinds: map[State]string{}, Clocks: map[State]string{}, Steps: []flow.Step[State]{
		step(Draft, Submit, Submitted, askers, "提交"),
		step(Returned, Submit, Submitted, askers, "补正后重新提交"),
		step(Submitted, Check, Checked, officer, "审查通过，报审批"),
		words(step(Submitted, Return, Returned, officer, "退回补正")),
		apart(step(Checked, Approve, to, director, sign), Ask, Submit, Check),
		words(step(Checked, Return, Returned, director, "退回补正")),
		danger(words(apart(step(Checked, Refuse, Refused, director, "不予批准"), Ask, Submit))),
		paper(step(Sent, Record, to, officer, "登记"+p.body()+"的批复")),
		danger(words(paper(step(Sent, Decline, Refused, officer, "登记"+p.body()+"不同意")))),
		step(Approved, Issue, filed, officer, "登记证书"),
		paper(step(Filing, File, filed, officer, "登记"+p.body()+"备案")),
		words(step(Submitted, Prolong, Submitted, officer, "延长期限")),
		words(step(Checked, Prolong, Checked, director, "延长期限")),
		words(step(Sent, Prolong, Sent, officer, "延长期限")),
		step(Draft, Withdraw, Withdrawn, askers, "作废草稿"),
		words(step(Submitted, Withdraw, Withdrawn, askers, "撤回")),
		words(step(Returned, Withdraw, Withdrawn, askers, "撤回")),
		words(step(Checked, Withdraw, Withdrawn, askers, "撤回")),
	}}
	for s := range stateLabels {
		f.Kinds[s] = string(s.badge())
		if c := clockOf(k, s); c != "" {
			f.Clocks[s] = c
		}
	}
	return f
}

// flow is the procedure of the case from where it stands.
func (c Case) flow() flow.Flow[State] { return ladder(c.Kind, c.stand()) }

// badgeOf is the colour of an event that led to a state.
func badgeOf(s State) ui.Kind { return s.badge() }
