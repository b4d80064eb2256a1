package term

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
)

// MeetingKind is which meeting it was.
type MeetingKind string

const (
	OfMembers   MeetingKind = "members"   // 会员大会
	OfDelegates MeetingKind = "delegates" // 会员代表大会
)

// MeetingKinds lists the kinds as people are shown them.
var MeetingKinds = []MeetingKind{OfMembers, OfDelegates}

// Label is what the meeting is called on paper.
func (k MeetingKind) Label() string {
	if k == OfDelegates {
		return "会员代表大会"
	}
	return "会员大会"
}

// Caller is who called a meeting: the yearly one is called by nobody.
type Caller string

const (
	Yearly      Caller = "yearly"    // 年度会议
	ByCommittee Caller = "committee" // 临时会议，委员会提议
	ByMembers   Caller = "asked"     // 临时会议，会员提议
)

// Callers lists them as people are shown them.
var Callers = []Caller{Yearly, ByCommittee, ByMembers}

// Label is what the call is named on pages.
func (c Caller) Label() string {
	switch c {
	case ByCommittee:
		return "临时会议（委员会提议）"
	case ByMembers:
		return "临时会议（会员提议）"
	}
	return "年度会议"
}

// Meeting (会员大会、会员代表大会) is one that was held. Delegates and the women
// among them are nought for a meeting of all.
type Meeting struct {
	ID          string      `json:"id"`
	UnionID     string      `json:"union_id"`
	Day         day.Day     `json:"day"`
	Kind        MeetingKind `json:"kind"`
	Called      Caller      `json:"called"`
	Proposers   int64       `json:"proposers"`
	Due         int64       `json:"due"`     // 应到
	Present     int64       `json:"present"` // 实到
	Delegates   int64       `json:"delegates"`
	WomenAmong  int64       `json:"women_delegates"`
	Agenda      string      `json:"agenda,omitempty"`
	Resolutions string      `json:"resolutions,omitempty"`
}

// Meeting is a meeting as somebody writes it down.
type Meeted struct {
	Day         day.Day     `json:"day" doc:"会议日期"`
	Kind        MeetingKind `json:"kind" doc:"会议"`
	Called      Caller      `json:"called" doc:"由谁提议"`
	Proposers   int64       `json:"proposers" doc:"提议人数"`
	Due         int64       `json:"due" doc:"应到人数"`
	Present     int64       `json:"present" doc:"实到人数"`
	WomenAmong  int64       `json:"women_delegates" doc:"其中女代表"`
	Agenda      string      `json:"agenda" doc:"议程"`
	Resolutions string      `json:"resolutions" doc:"决议"`
}

// longest is how many characters the texts of a meeting may have.
const longest = 1000

func (in *Meeted) check(u registry.Union, members int64, l Bounds) error {
	in.Agenda, in.Resolutions = strings.TrimSpace(in.Agenda), strings.TrimSpace(in.Resolutions)
	if in.Called == "" {
		in.Called = Yearly
	}
	fields := map[string]string{}
	add := func(bad bool, name, text string) {
		if bad {
			fields[name] = text
		}
	}
	add(in.Day == "" || in.Day > l.Today || in.Day < u.Founded, "day", "会议日期：请填建会以后、不晚于今天的一天")
	add(!slices.Contains(MeetingKinds, in.Kind), "kind", "会议：请选会员大会或会员代表大会")
	add(!slices.Contains(Callers, in.Called), "called", "由谁提议：请选择一种")
	add(in.Due < 1 || in.Due > 1_000_000, "due", "应到人数：请填实际应到的人数")
	add(in.Present < 0 || in.Present > in.Due, "present", "实到人数：应在 0 到应到人数之间")
	add(in.Kind == OfDelegates && (in.WomenAmong < 0 || in.WomenAmong > in.Due), "women_delegates", "其中女代表：应在 0 到应到人数之间")
	add(in.Proposers < 0, "proposers", "提议人数：不能是负数")
	for _, f := range []struct{ name, label, text string }{{"agenda", "议程", in.Agenda}, {"resolutions", "决议", in.Resolutions}} {
		add(utf8.RuneCountInString(f.text) > longest, f.name, fmt.Sprintf("%s：最多 %d 个字", f.label, longest))
	}
	if len(fields) > 0 {
		return &fault.Error{Kind: fault.Invalid, Text: "有的内容填得不对，请按提示改正后再提交。", Fields: fields}
	}
	if in.Called == Yearly {
		return nil
	}
	return Extraordinary(in.Called, in.Proposers, members, l.Proposers)
}

const selectMeetings = `
	SELECT t.id, t.union_id, t.day, t.kind, t.called, t.proposers, t.due, t.present, t.delegates, t.women_delegates, t.agenda, t.resolutions
	FROM union_meetings t
	JOIN union_reach r ON r.tenant_id = t.tenant_id AND r.union_id = t.union_id AND r.above_id = $2
	WHERE t.tenant_id = $1`

func scanMeeting(row sqldb.Row) (m Meeting, err error) {
	err = row(&m.ID, &m.UnionID, &m.Day, &m.Kind, &m.Called, &m.Proposers, &m.Due, &m.Present, &m.Delegates, &m.WomenAmong, &m.Agenda, &m.Resolutions)
	return m, err
}

// Meetings lists the meetings of a union, the newest first.
func Meetings(ctx context.Context, tx *sqldb.Tx, g auth.Grant, unionID string) ([]Meeting, error) {
	return sqldb.List(ctx, tx, scanMeeting, selectMeetings+` AND t.union_id = $3 ORDER BY t.day DESC, t.id DESC LIMIT 50`, g.Tenant(), g.Under(), unionID)
}

// Hold writes down a meeting that was held (登记会议). The same meeting twice, of
// one kind on one day, is fault.Conflict.
//
// law: ELE-05, ELE-06, WOM-04
func Hold(ctx context.Context, tx *sqldb.Tx, g auth.Grant, unionID string, in Meeted, at day.Instant) (Meeting, error) {
	u, err := registry.Hold(ctx, tx, g, unionID)
	if err != nil {
		return Meeting{}, err
	}
	f, err := registry.FiguresOf(ctx, tx, g, u.ID)
	if err != nil {
		return Meeting{}, err
	}
	l, err := boundsOf(ctx, tx, g.Tenant(), at.Day())
	if err != nil {
		return Meeting{}, err
	}
	if err := in.check(u, f.Members, l); err != nil {
		return Meeting{}, err
	}
	same, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM union_meetings WHERE tenant_id = $1 AND union_id = $2 AND day = $3 AND kind = $4`, g.Tenant(), u.ID, in.Day, string(in.Kind))
	if err != nil {
		return Meeting{}, err
	}
	if same > 0 {
		return Meeting{}, fault.New(fault.Conflict, "%s 的%s已经登记过了。", in.Day, in.Kind.Label())
	}
	x := Meeting{ID: sqldb.NewID(), UnionID: u.ID, Day: in.Day, Kind: in.Kind, Called: in.Called, Due: in.Due, Present: in.Present, Agenda: in.Agenda, Resolutions: in.Resolutions}
	if x.Called == ByMembers {
		x.Proposers = in.Proposers
	}
	if x.Kind == OfDelegates {
		x.Delegates, x.WomenAmong = in.Due, in.WomenAmong
	}
	m := audit.Moves{}
	if err := insertMeeting(ctx, tx, g, m, x, at); err != nil {
		return x, err
	}
	return x, note(ctx, tx, g, m, u.ID, fmt.Sprintf("登记 %s %s，应到 %d 人，实到 %d 人", x.Day, x.Kind.Label(), x.Due, x.Present), flow.Given{}, at)
}

// TakeMeeting writes a meeting as another record tells it.
func TakeMeeting(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, x Meeting, at day.Instant) error {
	return insertMeeting(ctx, tx, g, m, x, at)
}

func insertMeeting(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, x Meeting, at day.Instant) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO union_meetings (tenant_id, id, union_id, day, kind, called, proposers, due, present, delegates, women_delegates, agenda, resolutions, account_id, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		g.Tenant(), x.ID, x.UnionID, x.Day, string(x.Kind), string(x.Called), x.Proposers, x.Due, x.Present, x.Delegates, x.WomenAmong, x.Agenda, x.Resolutions, g.Account(), string(at))
	if err != nil {
		return err
	}
	return m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "union_meetings", ID: x.ID})
}
