package registry

import "unionhall/kit/day"

// BodyKind is which body of a union it is.
type BodyKind string

const (
	Committee BodyKind = "committee" // 工会委员会
	Standings BodyKind = "standing"  // 常务委员会
	Audit     BodyKind = "audit"     // 经费审查委员会
	Women     BodyKind = "women"     // 女职工委员会
)

var BodyKinds = []BodyKind{Committee, Standings, Audit, Women}

func (k BodyKind) Label() string {
	switch k {
	case Committee:
		return "工会委员会"
	case Standings:
		return "常务委员会"
	case Audit:
		return "经费审查委员会"
	case Women:
		return "女职工委员会"
	}
	return string(k)
}

// BodyKinds lists which bodies a union of the kind may have.
func (k Kind) BodyKinds() []BodyKind {
	if k.Part() || k == Single {
		return []BodyKind{Committee}
	}
	return BodyKinds
}

// Office is what a person is within a body (职务).
type Office string

const (
	Chairing       Office = "chair"        // 主席
	Vice           Office = "vice"         // 副主席
	ViceFinance    Office = "vice_finance" // 副主席 in charge of funds and assets (ORG-22)
	Organiser      Office = "organiser"    // 组织员: one person instead of a committee (ORG-11)
	Leader         Office = "leader"       // 小组长
	Organising     Office = "organising"   // 组织委员
	Publicity      Office = "publicity"    // 宣传委员
	Culture        Office = "culture"      // 文体委员
	Welfare        Office = "welfare"      // 生活委员
	Finance        Office = "finance"      // 财务委员
	WomenMember    Office = "women_member" // 女职工委员 (ORG-13)
	Ordinary       Office = "member"       // 委员
	StandingMember Office = "standing"     // 常务委员
	Director       Office = "director"     // 主任
	Deputy         Office = "deputy"       // 副主任
)

// Label is what the office is called on paper.
func (o Office) Label() string {
	switch o {
	case Chairing:
		return "主席"
	case Vice:
		return "副主席"
	case ViceFinance:
		return "副主席（分管财务资产）"
	case Organiser:
		return "组织员"
	case Leader:
		return "小组长"
	case Organising:
		return "组织委员"
	case Publicity:
		return "宣传委员"
	case Culture:
		return "文体委员"
	case Welfare:
		return "生活委员"
	case Finance:
		return "财务委员"
	case WomenMember:
		return "女职工委员"
	case Ordinary:
		return "委员"
	case StandingMember:
		return "常务委员"
	case Director:
		return "主任"
	case Deputy:
		return "副主任"
	}
	return string(o)
}

// Offices lists the offices within a body of a union of the kind, the highest
// first.
func (k Kind) Offices(b BodyKind) []Office {
	switch {
	case b == Standings:
		return []Office{StandingMember}
	case b == Audit || b == Women:
		return []Office{Director, Deputy, Ordinary}
	case k == Single:
		return []Office{Chairing, Organiser}
	case k == Group:
		return []Office{Leader}
	}
	return []Office{Chairing, Vice, ViceFinance, Organising, Publicity, Culture, Welfare, Finance, WomenMember, Ordinary}
}

// Heads reports whether the office is the first of its body, of which there
// is one.
func (o Office) Heads() bool {
	return o == Chairing || o == Organiser || o == Leader || o == Director
}

// Protected reports whether who holds the office may not be moved at will
// before the term ends.
//
// law: ORG-25
func (o Office) Protected() bool { return o == Chairing || o == Vice || o == ViceFinance }

// How says how a person came into a seat (ORG-28).
type How string

const (
	ByElection   How = "elected"     // 选举
	ByByElection How = "by_election" // 补选
	ByAppointing How = "appointed"   // 任命
)

var Hows = []How{ByElection, ByByElection, ByAppointing}

func (h How) Label() string {
	switch h {
	case ByElection:
		return "选举"
	case ByByElection:
		return "补选"
	case ByAppointing:
		return "任命"
	}
	return string(h)
}

// Ending says how a person left a seat (ORG-28).
type Ending string

const (
	Removed   Ending = "removed"   // 罢免
	Relocated Ending = "moved"     // 调离
	Resigned  Ending = "resigned"  // 辞职
	Expired   Ending = "expired"   // 届满
	Retired   Ending = "retired"   // 退休
	Died      Ending = "died"      // 去世
	Dissolved Ending = "dissolved" // 撤并: the union itself ended
	Promoted  Ending = "promoted"  // 转任: another office of the same body (ELE-61)
)

// Endings are those that a person gives; 届满 and 撤并 come with the body's end.
var Endings = []Ending{Relocated, Resigned, Retired, Removed, Died}

func (e Ending) Label() string {
	switch e {
	case Removed:
		return "罢免"
	case Relocated:
		return "调离"
	case Resigned:
		return "辞职"
	case Expired:
		return "届满"
	case Retired:
		return "退休"
	case Died:
		return "去世"
	case Dissolved:
		return "撤并"
	case Promoted:
		return "转任"
	}
	return string(e)
}

// Body is a committee, audit committee or women's committee of one term (班子).
type Body struct {
	ID       string   `json:"id"`
	UnionID  string   `json:"union_id"`
	Kind     BodyKind `json:"kind"`
	Nth      int64    `json:"nth"`             // 第几届
	Size     int64    `json:"seats"`           // how many may sit
	Elected  day.Day  `json:"elected"`         // day of election, or of appointment (ORG-01)
	Due      day.Day  `json:"due,omitempty"`   // last day of the term (ELE-01); none without one
	Ended    day.Day  `json:"ended,omitempty"` // the day from which it no longer sat
	Document string   `json:"document,omitempty"`
	Reason   string   `json:"reason,omitempty"`    // why its size is what it is (ELE-20)
	FirstDue day.Day  `json:"first_due,omitempty"` // the last day before an extension was approved (ELE-02)
	Deadline day.Day  `json:"deadline,omitempty"`  // by which the higher union wants an overdue election held (ELE-03)
	Version  int64    `json:"version"`
	Holding  Holding  `json:"holding"`
}

// Place is where the body is shown.
func (b Body) Place() string { return "/grassroots/registry/unions/" + b.UnionID + "?tab=bodies" }

// Revision is what an edit must name to be sure that it saw the latest.
func (b Body) Revision() int64 { return b.Version }

// Open reports whether the body sits.
func (b Body) Open() bool { return b.Ended == "" }

// Overdue reports whether the body sits past its term (届满未换届).
func (b Body) Overdue(today day.Day) bool { return b.Open() && b.Due != "" && today > b.Due }

// Holding is what the open seats of a body amount to.
type Holding struct {
	Seats     int64   `json:"seats"`                // how many are taken
	Heads     int64   `json:"heads"`                // of them chair, director, leader
	FullTime  int64   `json:"full_time"`            // of the heads, full-time
	Women     int64   `json:"women_members"`        // 女职工委员
	HeadGone  day.Day `json:"head_gone,omitempty"`  // when the last head left
	Vices     int64   `json:"vices"`                // 副主席
	ViceGone  day.Day `json:"vice_gone,omitempty"`  // when the last of them left
	OtherGone day.Day `json:"other_gone,omitempty"` // when the last of the others left
}

// Seat is one person's time in one office of a body; it begins and ends and is
// never taken back.
//
// law: ORG-28
type Seat struct {
	ID         string   `json:"id"`
	BodyID     string   `json:"body_id"`
	UnionID    string   `json:"union_id"`
	Body       BodyKind `json:"body"`
	Nth        int64    `json:"nth"`
	Due        day.Day  `json:"due,omitempty"` // of the body
	MemberID   string   `json:"member_id"`
	Name       string   `json:"name"`
	Female     bool     `json:"female"`
	Office     Office   `json:"office"`
	FullTime   bool     `json:"full_time"`
	From       day.Day  `json:"from"`
	How        How      `json:"how"`
	Document   string   `json:"document,omitempty"`
	To         day.Day  `json:"to,omitempty"`
	Ending     Ending   `json:"how_ended,omitempty"`
	EndDoc     string   `json:"end_document,omitempty"`
	OwnConsent string   `json:"own_consent,omitempty"`   // the committee's consent to a move (ORG-25)
	Consent    string   `json:"above_consent,omitempty"` // the higher union's
	Elector    Elector  `json:"elector,omitempty"`       // who chose in a by-election (ELE-61)
	Voters     int64    `json:"voters,omitempty"`        // of a removal: all members or delegates (ELE-62)
	VotesFor   int64    `json:"votes_for,omitempty"`
	Version    int64    `json:"version"`
}

// Place is where the seat is shown.
func (s Seat) Place() string { return "/grassroots/registry/unions/" + s.UnionID + "?tab=bodies" }

// Revision is what an edit must name to be sure that it saw the latest.
func (s Seat) Revision() int64 { return s.Version }

// Flagged reports whether a chair or vice-chair was moved before the term
// ended without both consents on file. It is shown and stops nothing.
//
// law: ORG-25
func (s Seat) Flagged() bool {
	return s.Office.Protected() && s.Ending == Relocated && (s.Due == "" || s.To < s.Due) && (s.OwnConsent == "" || s.Consent == "")
}
