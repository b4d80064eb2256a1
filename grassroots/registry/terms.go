package registry

import (
	"fmt"
	"slices"

	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/ui"
	"unionhall/law"
)

// Stage is where a body stands in its term (届期状态).
type Stage string

const (
	Termless   Stage = "none"     // 没有届期 (ORG-01)
	Concluded  Stage = "ended"    // 已换届
	InTerm     Stage = "running"  // 任期内
	Nearing    Stage = "warn"     // 即将届满
	FallingDue Stage = "due"      // 今日届满
	Prolonged  Stage = "extended" // 延期中
	PastTerm   Stage = "overdue"  // 届满未换届
	LongPast   Stage = "red"      // 长期未换届
)

// Stages lists what an open body with a term may be at, the worst first.
var Stages = []Stage{LongPast, PastTerm, FallingDue, Prolonged, Nearing, InTerm}

// Label is what the stage is called on pages.
func (s Stage) Label() string {
	switch s {
	case Termless:
		return "没有届期"
	case Concluded:
		return "已换届"
	case InTerm:
		return "任期内"
	case Nearing:
		return "即将届满"
	case FallingDue:
		return "今日届满"
	case Prolonged:
		return "延期中"
	case PastTerm:
		return "届满未换届"
	case LongPast:
		return "长期未换届"
	}
	return string(s)
}

// Tone is the colour of the stage's badge.
func (s Stage) Tone() ui.Kind {
	switch s {
	case PastTerm, LongPast:
		return ui.Bad
	case FallingDue, Nearing:
		return ui.Warn
	case Prolonged:
		return ui.Info
	case InTerm:
		return ui.OK
	}
	return ui.Mute
}

// Clock are the days that a term's stages go by, on one day.
type Clock struct {
	Today day.Day
	Warn  []int // days before the due day on which somebody is warned, the longest first
	Red   int   // days after it from which on it is a grave matter
}

// Stage tells where the body stands. A body of an agency has no due day and is
// never overdue; with an approved extension the day that counts is the
// extended one.
//
// law: ORG-01, ELE-01, ELE-02, ELE-03, ELE-04
func (b Body) Stage(c Clock) Stage {
	switch {
	case !b.Open():
		return Concluded
	case b.Due == "":
		return Termless
	case c.Today > b.Due.AddDays(c.Red):
		return LongPast
	case c.Today > b.Due:
		return PastTerm
	case c.Today == b.Due:
		return FallingDue
	case b.FirstDue != "" && c.Today > b.FirstDue:
		return Prolonged
	case len(c.Warn) > 0 && c.Today >= b.Due.AddDays(-slices.Max(c.Warn)):
		return Nearing
	}
	return InTerm
}

// The levels of warning beyond the days before the due day.
const (
	Untold    = 1 << 20 // none yet
	ToldPast  = -1      // 届满未换届
	ToldGrave = -2      // 长期未换届
)

// Level is the last warning that is due on the day for a term that ends on
// due: the number of days before it, ToldPast or ToldGrave. Where none is due
// yet it is Untold.
//
// law: ELE-04
func (c Clock) Level(due day.Day) int {
	switch {
	case due == "":
		return Untold
	case c.Today > due.AddDays(c.Red):
		return ToldGrave
	case c.Today > due:
		return ToldPast
	}
	level := Untold
	for _, w := range c.Warn {
		if c.Today >= due.AddDays(-w) && w < level {
			level = w
		}
	}
	return level
}

// ByElected judges the way in which a chair or vice-chair is chosen in a
// by-election: the committee may choose one of its own members; who is none is
// first elected a member, or chosen by the meeting itself.
//
// law: ELE-61
func ByElected(sits bool, by Elector) error {
	wrong := func(text string) error {
		return &fault.Error{Kind: fault.Invalid, Rule: "ELE-61", Text: text, Fields: map[string]string{"elector": "补选机构：" + text}}
	}
	switch {
	case by != ByCommittee && by != ByMeeting:
		return wrong("补选主席、副主席的，请注明由委员会还是由会员（代表）大会选举。")
	case by == ByCommittee && !sits:
		return wrong("人选不是本届委员，委员会不能直接补选；请先补选为委员，或由会员（代表）大会选举。")
	}
	return nil
}

// Elector (补选机构) is who chooses in a by-election.
type Elector string

const (
	ByCommittee Elector = "committee" // 工会委员会
	ByMeeting   Elector = "meeting"   // 会员大会或会员代表大会
)

// Label is what the elector is called on paper.
func (e Elector) Label() string {
	switch e {
	case ByCommittee:
		return "委员会"
	case ByMeeting:
		return "会员（代表）大会"
	}
	return ""
}

// Removes judges the vote on a removal (罢免): more than win of all members or
// all delegates, not of those present.
//
// law: ELE-62, LAW21-18
func Removes(voters, votes int64, win law.Ratio) error {
	wrong := func(field, text string, args ...any) error {
		text = fmt.Sprintf(text, args...)
		return &fault.Error{Kind: fault.Invalid, Rule: "ELE-62", Text: text, Fields: map[string]string{field: text}}
	}
	switch {
	case voters < 1:
		return wrong("voters", "全体人数：罢免须经会员大会或会员代表大会，请填写全体会员（代表）的人数。")
	case votes < 0 || votes > voters:
		return wrong("votes_for", "赞成票：应在 0 到 %d 之间。", voters)
	case votes*win.Den <= voters*win.Num:
		return wrong("votes_for", "赞成票：%d 票没有超过全体 %d 人的半数，罢免不成立。", votes, voters)
	}
	return nil
}

// wanting tells what a sitting committee lacks within: its vice-chair, members,
// seats within the band, a meeting in the year.
//
// law: ELE-05, ELE-20, ELE-60, ELE-63
func wanting(u Union, n Figures, b Body, l Limits) (out []Lack) {
	lack := func(hint bool, rule string, since, until day.Day, text string, args ...any) {
		out = append(out, Lack{Rule: rule, Text: fmt.Sprintf(text, args...), Since: since, Until: until, Hint: hint})
	}
	if u.Kind == Single || u.Kind.Part() || !u.Kind.Elects() {
		return nil
	}
	h := b.Holding
	if h.Heads > 0 && h.Vices == 0 && h.ViceGone != "" && l.ChairMonths > 0 {
		until := h.ViceGone.AddMonths(l.ChairMonths)
		lack(false, "ELE-60", h.ViceGone, until, "副主席空缺，应在 %s 前补选。", until)
	}
	empty := b.Size - h.Seats
	if h.Heads == 0 {
		empty-- // told as the head's vacancy
	}
	band, banded := l.Seats.Of(int(n.Members))
	low := int64(band.Min)
	if empty > 0 && l.MemberMonths > 0 {
		gone := max(h.OtherGone, b.Elected)
		until := gone.AddMonths(l.MemberMonths)
		text := fmt.Sprintf("委员空缺 %d 席，应在 %s 前补选。", empty, until)
		if banded && h.Seats < low {
			text = fmt.Sprintf("委员空缺 %d 席，在任 %d 人，少于名额下限 %d 人，应在 %s 前补选。", empty, h.Seats, low, until)
		}
		lack(false, "ELE-63", gone, until, "%s", text)
	}
	if banded && b.Size > 0 && (b.Size < low || b.Size > int64(band.Max)) {
		why := "没有写明理由"
		if b.Reason != "" {
			why = "理由：" + b.Reason
		}
		lack(b.Reason != "" || !l.SeatsBind, "ELE-20", b.Elected, "", "会员 %d 人，委员名额 %d 个，不在 %d 至 %d 个的档次之内；%s。", n.Members, b.Size, band.Min, band.Max, why)
	}
	if u.Kind != Federation && n.Met != "" && l.MeetMonths > 0 && l.Today > n.Met.AddMonths(l.MeetMonths) {
		lack(false, "ELE-05", n.Met.AddMonths(l.MeetMonths), "", "上次会员（代表）大会在 %s，已超过 %d 个月没有召开。", n.Met, l.MeetMonths)
	}
	return out
}
