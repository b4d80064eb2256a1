package member

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/law/codes"
)

// Step is what may be done to a membership.
type Step string

const (
	Retain   Step = "retain"   // 保留会籍
	Resume   Step = "resume"   // 恢复会籍
	Rejoin   Step = "rejoin"   // 重新入会
	Leave    Step = "leave"    // 退会
	Expel    Step = "expel"    // 除名
	Die      Step = "deceased" // 登记去世
	Transfer Step = "transfer" // 会籍转接: to another union
	Second   Step = "second"   // 借调: works elsewhere, stays a member here
	Return   Step = "return"   // 借调期满返回
	Study    Step = "study"    // 脱产学习
	Idle     Step = "idle"     // 下岗待岗
	Rest     Step = "rest"     // 内部退养
)

// Label is what the step is called.
func (s Step) Label() string {
	switch s {
	case Retain:
		return "保留会籍"
	case Resume:
		return "恢复会籍"
	case Rejoin:
		return "重新入会"
	case Leave:
		return "退会"
	case Expel:
		return "除名"
	case Die:
		return "登记去世"
	case Transfer:
		return "会籍转接"
	case Second:
		return "登记借调"
	case Return:
		return "登记借调返回"
	case Study:
		return "登记脱产学习"
	case Idle:
		return "登记下岗待岗"
	case Rest:
		return "登记内部退养"
	}
	return string(s)
}

// cause is a reason (会籍变化原因) that a step may have, with the clause it
// rests on. Some need a document.
type cause struct {
	code, rule string
	document   bool
}

// move is one way a membership may go.
type move struct {
	from   []Status
	step   Step
	to     Status // empty: it stays
	event  EventType
	rule   string
	causes []cause // empty: none is asked
	paper  bool    // a document is needed whatever the reason
	words  string  // what the words must tell; empty: they are free
}

// moves is every way a membership may go.
//
// law: MEM-10, MEM-12, MEM-13, MEM-14, MEM-15, MEM-16, MEM-17, MEM-18, MEM-20, MEM-22, MEM-24
var moves = []move{
	{from: []Status{Active}, step: Retain, to: Retained, event: Retains, rule: "MEM-15", causes: []cause{{"12", "MEM-15", false}, {"3", "MEM-17", false}, {"4", "MEM-17", false}, {"13", "MEM-18", false}}},
	{from: []Status{Retained}, step: Resume, to: Active, event: Resumes, rule: "MEM-10"},
	{from: []Status{Left}, step: Rejoin, to: Active, event: Joins, rule: "MEM-02"},
	{from: []Status{Expelled}, step: Rejoin, to: Active, event: Joins, rule: "MEM-02", paper: true},
	{from: []Status{Active, Retained}, step: Transfer, event: MovesIn, rule: "MEM-10", paper: true},
	{from: []Status{Active}, step: Second, event: Seconds, rule: "MEM-13", words: "借入单位和借调期限"},
	{from: []Status{Active}, step: Return, event: Returns, rule: "MEM-13"},
	{from: []Status{Active}, step: Study, event: Studies, rule: "MEM-14", words: "学习的学校和期限"},
	{from: []Status{Active}, step: Idle, event: Idles, rule: "MEM-12"},
	{from: []Status{Active}, step: Rest, event: Rests, rule: "MEM-16"},
	{from: []Status{Active, Retained}, step: Leave, to: Left, event: Leaves, rule: "MEM-20", causes: []cause{{"5", "MEM-20", false}, {"15", "MEM-21", true}}},
	{from: []Status{Active, Retained}, step: Expel, to: Expelled, event: Expels, rule: "MEM-22", causes: []cause{{"6", "MEM-22", true}}, paper: true},
	{from: []Status{Active, Retained, Applied}, step: Die, to: Deceased, event: Dies, rule: "MEM-25"},
}

// steps lists what may be done to a membership that stands so.
func steps(s Status) (out []Step) {
	for _, m := range moves {
		if slices.Contains(m.from, s) {
			out = append(out, m.step)
		}
	}
	return out
}

// moveOf finds the way a step goes from a status. A step that is not open is
// fault.Conflict.
func moveOf(m Member, s Step) (move, error) {
	for _, w := range moves {
		if w.step == s && slices.Contains(w.from, m.Status) {
			return w, nil
		}
	}
	return move{}, fault.New(fault.Conflict, "%s现在是“%s”，不能办理%s。请刷新页面后再看。", m.Person.Name, m.Status.Label(), s.Label())
}

// Paper is what a change of a membership rests on.
//
// law: MEM-25
type Paper struct {
	Day      day.Day `json:"day" doc:"变化日期"` // empty: today
	Reason   string  `json:"reason" doc:"原因"`
	Words    string  `json:"words" doc:"说明"`
	Document string  `json:"document" doc:"文号"`
	Union    string  `json:"union" doc:"转入工会"` // its code, of a transfer
}

// check refuses a paper that the way does not allow, and fills in today. since
// is the day of the latest change before; nothing may come before it.
func (p *Paper) check(w move, since, today day.Day) error {
	p.Words, p.Document = strings.TrimSpace(p.Words), strings.TrimSpace(p.Document)
	if p.Day == "" {
		p.Day = today
	}
	fields, rule := map[string]string{}, w.rule
	needs := w.paper
	if len(w.causes) > 0 {
		i := slices.IndexFunc(w.causes, func(c cause) bool { return c.code == p.Reason })
		if i < 0 {
			fields["reason"] = "原因：请从列表中选择"
		} else {
			rule, needs = w.causes[i].rule, needs || w.causes[i].document
		}
	}
	if needs && p.Document == "" {
		fields["document"] = "文号：请填写委员会决定或批准文件的文号"
	}
	switch {
	case p.Day > today:
		fields["day"] = "变化日期：不能晚于今天，请到了那一天再来办理"
	case p.Day < since:
		fields["day"] = fmt.Sprintf("变化日期：不能早于上一次变化的日期 %s", since)
	}
	if w.words != "" && p.Words == "" {
		fields["words"] = "说明：请写明" + w.words
	}
	for name, text := range map[string]string{"words": p.Words, "document": p.Document} {
		if utf8.RuneCountInString(text) > longest {
			fields[name] = map[string]string{"words": "说明", "document": "文号"}[name] + "：最多 200 个字"
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Invalid, Rule: rule, Text: "会籍变动要有依据，请补齐后再提交。", Fields: fields}
}

// reason is how the event tells why.
func (p Paper) reason() string {
	out := ""
	if p.Reason != "" {
		out = codes.ChangeReason.Label(p.Reason)
	}
	if p.Words != "" && out != "" {
		out += "："
	}
	return out + p.Words
}

// apply returns the member after the step.
//
// law: MEM-12, MEM-15, MEM-16, MEM-17
func (w move) apply(m Member, p Paper) Member {
	if w.to != "" {
		m.Status = w.to
	}
	m.LeftDay = ""
	if !m.Status.Open() {
		m.LeftDay = p.Day
	}
	switch {
	case w.step == Retain && p.Reason == "12":
		m.Person.Employment = "4" // 退休
	case w.step == Retain && (p.Reason == "3" || p.Reason == "4"):
		m.Person.Employment = "3" // 失业
	case w.step == Resume && (m.Person.Employment == "3" || m.Person.Employment == "4"):
		m.Person.Employment = "1" // 在岗
	case w.step == Idle:
		m.Person.Employment = "2" // 待（下）岗
	case w.step == Rest:
		m.Person.Employment = "7" // 内退
	case w.step == Rejoin:
		m.Joined = p.Day
	}
	return m
}
