package registry

import (
	"fmt"
	"slices"

	"unionhall/kit/day"
	"unionhall/kit/fault"
)

// Figures are the people of a union: counted members with all below it, those
// of its own, and how many branches and groups it has.
//
// law: MEM-19
type Figures struct {
	Members int64   `json:"members"`
	Women   int64   `json:"women"`
	Own     int64   `json:"own_members"`
	Parts   int64   `json:"parts"`
	Met     day.Day `json:"last_meeting,omitempty"` // of all members or delegates (ELE-05)
}

// Lack is something that a union should have and has not. A hint is good
// practice and no fault.
type Lack struct {
	Rule  string  `json:"rule"`
	Text  string  `json:"text"`
	Since day.Day `json:"since,omitempty"` // the earliest day it is known from; none: not known
	Until day.Day `json:"until,omitempty"` // the day before which it must be put right
	Hint  bool    `json:"hint"`
}

// Missing lists what a standing union lacks, its bodies given, ended ones too.
func Missing(u Union, n Figures, bodies []Body, l Limits) []Lack {
	if u.State != Standing {
		return nil
	}
	var out []Lack
	lack := func(rule string, since day.Day, text string, args ...any) {
		out = append(out, Lack{Rule: rule, Text: fmt.Sprintf(text, args...), Since: since})
	}
	committee, sits := sitting(bodies, Committee)
	owes := u.Kind.Elects() && !u.Kind.Part()
	must := l.Committee > 0 && n.Members >= l.Committee
	switch {
	case !owes:
	case must && u.Kind == Single:
		lack("ORG-10", u.Founded, "会员 %d 人，应当建立工会委员会，不能只设组织员或主席一人。", n.Members)
	case must && !sits:
		lack("ORG-10", since(u, bodies, Committee), "会员 %d 人，应当建立工会委员会。", n.Members)
	case !sits && n.Members > 0:
		lack("ORG-11", since(u, bodies, Committee), "会员 %d 人，尚未建立委员会、参加联合建会或选举组织员（主席）。", n.Members)
	}
	if sits && committee.Holding.Heads == 0 {
		lack("ELE-60", vacant(committee), "%s空缺%s。", u.Kind.Offices(Committee)[0].Label(), fillBy(committee, l))
		if l.ChairMonths > 0 {
			out[len(out)-1].Until = vacant(committee).AddMonths(l.ChairMonths)
		}
	}
	if sits {
		out = append(out, wanting(u, n, committee, l)...)
	}
	if _, ok := sitting(bodies, Audit); u.OwnAccount && !u.Kind.Part() && !ok {
		lack("ORG-12", since(u, bodies, Audit), "独立核算，应当选举经费审查委员会。")
	}
	if _, ok := sitting(bodies, Women); owes && !ok && l.Women > 0 && n.Women >= l.Women {
		lack("ORG-13", since(u, bodies, Women), "女会员 %d 人，应当建立女职工委员会。", n.Women)
	}
	return append(out, hints(u, n, bodies, l)...)
}

// hints lists what is good practice and no fault.
//
// law: ORG-13, ORG-14, ORG-15, ORG-24
func hints(u Union, n Figures, bodies []Body, l Limits) (out []Lack) {
	hint := func(rule, text string, args ...any) {
		out = append(out, Lack{Rule: rule, Text: fmt.Sprintf(text, args...), Hint: true})
	}
	committee, sits := sitting(bodies, Committee)
	unit := u.Kind == Base || u.Kind == Joint
	if unit && sits && n.Women > 0 && n.Women < l.Women && committee.Holding.Women == 0 {
		hint("ORG-13", "女会员 %d 人，不足 %d 人，应在委员会中设女职工委员。", n.Women, l.Women)
	}
	if unit && l.GroupHigh > 0 && n.Parts == 0 && n.Own > l.GroupHigh {
		hint("ORG-14", "会员 %d 人，可以按处室设分工会和工会小组。", n.Own)
	}
	switch {
	case u.Kind != Group || n.Own == 0:
	case n.Own < l.GroupMerge:
		hint("ORG-15", "小组只有 %d 人，可以与别的小组合并。", n.Own)
	case n.Own < l.GroupLow || l.GroupHigh > 0 && n.Own > l.GroupHigh:
		hint("ORG-15", "小组有 %d 人，一般以 %d 至 %d 人为宜。", n.Own, l.GroupLow, l.GroupHigh)
	}
	if !u.Kind.Part() && l.FullTime > 0 && u.Staff >= l.FullTime && sits && committee.Holding.FullTime == 0 {
		hint("ORG-24", "职工 %d 人，达到 %d 人，可以设专职主席。", u.Staff, l.FullTime)
	}
	return out
}

// sitting is the body of the kind that sits.
func sitting(bodies []Body, k BodyKind) (Body, bool) {
	i := slices.IndexFunc(bodies, func(b Body) bool { return b.Kind == k && b.Open() })
	if i < 0 {
		return Body{}, false
	}
	return bodies[i], true
}

// since is the day from which a union is known to be without such a body: the
// end of its last one, or else its founding.
func since(u Union, bodies []Body, k BodyKind) day.Day {
	from := u.Founded
	for _, b := range bodies {
		if b.Kind == k && b.Ended > from {
			from = b.Ended
		}
	}
	return from
}

// vacant is the day since when a body has no head.
func vacant(b Body) day.Day {
	if b.Holding.HeadGone > b.Elected {
		return b.Holding.HeadGone
	}
	return b.Elected
}

func fillBy(b Body, l Limits) string {
	if l.ChairMonths == 0 {
		return ""
	}
	return "，应在 " + string(vacant(b).AddMonths(l.ChairMonths)) + " 前补选"
}

// DueDay returns the last day of a term (届满日) of so many years. It counts
// from the day of election, not from the approval. A length that is not among
// allowed is fault.Invalid; a body that is appointed has no term and no day.
//
// law: ELE-01, LAW21-16, ORG-01
func DueDay(elected day.Day, years int, allowed []int) (day.Day, error) {
	if len(allowed) == 0 {
		return "", nil
	}
	if !slices.Contains(allowed, years) {
		return "", &fault.Error{Kind: fault.Invalid, Rule: "LAW21-16", Text: "任期不合规定。", Fields: map[string]string{"years": fmt.Sprintf("任期：每届不能是 %d 年，请按法定年限填写", years)}}
	}
	return elected.AddYears(years), nil
}

// Outside tells how a number of seats departs from what the term's band has;
// empty where it does not. An even number is told too.
//
// law: ELE-20
func (t Term) Outside(seats int64) string {
	switch {
	case t.Max == 0:
		return ""
	case seats < int64(t.Min) || seats > int64(t.Max):
		return fmt.Sprintf("名额 %d 个，不在 %d 至 %d 个的档次之内。", seats, t.Min, t.Max)
	}
	return ""
}

// Candidate is a member who is to take a seat. Chief and Keeper are what the
// officer declares of the person, or what the posts show.
type Candidate struct {
	MemberID string
	Name     string
	Counts   bool // the membership is active, not only kept (MEM-19)
	Female   bool
	Chief    bool // 行政主要负责人、法定代表人、合伙人, or a close relative of one
	Keeper   bool // 财务、资产管理人员 of this union
}

// MayHold refuses, with the clause, an office in a body of that kind that the
// candidate may not hold beside the open seats of the same union.
//
// law: ORG-20, ORG-21, ORG-22, ORG-23, ORG-27
func MayHold(c Candidate, b BodyKind, o Office, seats []Seat) error {
	refuse := func(rule, text string, args ...any) error {
		return &fault.Error{Kind: fault.Invalid, Rule: rule, Text: fmt.Sprintf(text, args...), Fields: map[string]string{"member_id": "人选：请改选他人"}}
	}
	chair := func(s Seat) bool { return s.Office == Chairing }
	money := func(s Seat) bool { return s.Office == ViceFinance || s.Office == Finance }
	audits := func(s Seat) bool { return s.Body == Audit }
	has := func(f func(Seat) bool) bool {
		return slices.ContainsFunc(seats, func(s Seat) bool { return s.MemberID == c.MemberID && f(s) })
	}
	switch {
	case !c.Counts:
		return refuse("ORG-21", "%s的会籍不在册（保留会籍的没有被选举权），不能担任%s。", c.Name, b.Label()+o.Label())
	case c.Chief && (b == Committee || b == Standings):
		return refuse("ORG-20", "%s是行政主要负责人或其近亲属，不能担任%s的职务。", c.Name, b.Label())
	case has(func(s Seat) bool { return s.Body == b }):
		return refuse("ORG-27", "%s在%s里已有一个席位，一人只占一个。", c.Name, b.Label())
	case b == Standings && !has(func(s Seat) bool { return s.Body == Committee }):
		return refuse("ELE-17", "%s不是本届工会委员会委员，不能担任常务委员。", c.Name)
	case b == Audit && has(chair):
		return refuse("ORG-27", "%s是工会主席，不能同时担任经审委员。", c.Name)
	case b == Audit && (c.Keeper || has(money)):
		return refuse("ORG-22", "%s分管或管理财务、资产，不能担任同级经审委员。", c.Name)
	case b == Committee && o == Chairing && has(audits):
		return refuse("ORG-27", "%s是经审委员，不能同时担任工会主席。", c.Name)
	case b == Committee && (o == ViceFinance || o == Finance || c.Keeper) && has(audits):
		return refuse("ORG-22", "%s是经审委员，不能同时分管或管理财务、资产。", c.Name)
	case b == Women && o == Director:
		return mayDirect(c, seats, refuse)
	}
	return nil
}

// mayDirect is MayHold for the director of the women's committee: the female
// chair or vice-chair, where there is one.
//
// law: ORG-23
func mayDirect(c Candidate, seats []Seat, refuse func(rule, text string, args ...any) error) error {
	if !c.Female {
		return refuse("ORG-23", "女职工委员会主任应由女会员担任，%s不是女会员。", c.Name)
	}
	var ladies []string
	for _, s := range seats {
		if s.Body == Committee && s.Office.Protected() && s.Female {
			if s.MemberID == c.MemberID {
				return nil
			}
			ladies = append(ladies, s.Name)
		}
	}
	if len(ladies) > 0 {
		return refuse("ORG-23", "本会有女主席或女副主席（%s），女职工委员会主任应由她担任。", ladies[0])
	}
	return nil
}
