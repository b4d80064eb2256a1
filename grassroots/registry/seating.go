package registry

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"unionhall/commons/rulebook"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
)

// Every act on bodies and seats touches the union's row first (Hold): one
// person, one seat and one chair, one open body of a kind, and no body in a
// union that is ending hold under READ COMMITTED by that head alone.

// Installing is a new body as an officer writes it down.
type Installing struct {
	Kind     BodyKind `json:"kind" doc:"机构"`
	Nth      int64    `json:"nth" doc:"届次"`
	Elected  day.Day  `json:"elected" doc:"选举（任命）日期"`
	Years    int      `json:"years" doc:"任期（年）"`
	Seats    int64    `json:"seats" doc:"名额"`
	Document string   `json:"document" doc:"批准文号"`
	Reason   string   `json:"reason" doc:"名额说明"`
}

// Install begins a body of a union and ends the one of its kind that sits,
// whose seats run out (届满) on the day of election. What is odd without
// stopping it comes back as warnings.
//
// law: ORG-01, ELE-01, ELE-20
func Install(ctx context.Context, tx *sqldb.Tx, g auth.Grant, unionID string, in Installing, at day.Instant) (Body, []string, error) {
	u, err := Hold(ctx, tx, g, unionID)
	if err != nil {
		return Body{}, nil, err
	}
	bodies, err := bodiesOf(ctx, tx, g, u.ID)
	if err != nil {
		return Body{}, nil, err
	}
	before, sits := sitting(bodies, in.Kind)
	if err := in.check(u, bodies, at.Day()); err != nil {
		return Body{}, nil, err
	}
	f, err := FiguresOf(ctx, tx, g, u.ID)
	if err != nil {
		return Body{}, nil, err
	}
	book, err := rulebook.Of(ctx, tx, g.Tenant())
	if err != nil {
		return Body{}, nil, err
	}
	term, err := TermOf(book, g.Tenant(), u, in.Kind, f.Members, in.Elected)
	if err != nil {
		return Body{}, nil, err
	}
	b := Body{ID: sqldb.NewID(), UnionID: u.ID, Kind: in.Kind, Nth: in.Nth, Size: in.Seats, Elected: in.Elected, Document: in.Document, Reason: in.Reason, Version: 1}
	if b.Due, err = DueDay(in.Elected, in.Years, term.Years); err != nil {
		return Body{}, nil, err
	}
	warnings, err := term.judge(in)
	if err != nil {
		return Body{}, nil, err
	}
	m, d := audit.Moves{}, Deed{Act: "installed", Day: b.Elected, Document: b.Document, Reason: b.Reason, Now: b.Kind.Label() + ordinal(b.Nth)}
	if sits {
		if d.People, err = endBody(ctx, tx, g, m, before, in.Elected, Expired, in.Document); err != nil {
			return Body{}, nil, err
		}
		d.Was = before.Kind.Label() + ordinal(before.Nth)
	}
	if err := insertBody(ctx, tx, g, m, b); err != nil {
		return Body{}, nil, err
	}
	return b, warnings, m.Write(ctx, tx, g, u.ID, d, at)
}

func ordinal(nth int64) string { return fmt.Sprintf("第%d届", nth) }

// check refuses a body that can't be.
func (in *Installing) check(u Union, bodies []Body, today day.Day) error {
	in.Document, in.Reason = strings.TrimSpace(in.Document), strings.TrimSpace(in.Reason)
	fields := map[string]string{}
	if !slices.Contains(u.Kind.BodyKinds(), in.Kind) {
		fields["kind"] = "机构：" + u.Kind.Label() + "不设这个机构"
	}
	if in.Nth < 1 || in.Nth > 999 {
		fields["nth"] = "届次：请填 1 到 999 的整数"
	}
	if in.Seats < 1 || in.Seats > 999 {
		fields["seats"] = "名额：请填 1 到 999 的整数"
	}
	if in.Elected == "" || in.Elected > today {
		fields["elected"] = "日期：请填选举或任命的日期，不晚于今天"
	}
	tooLong(fields, "document", "批准文号", in.Document, longName)
	tooLong(fields, "reason", "名额说明", in.Reason, longText)
	for _, b := range bodies {
		switch {
		case b.Kind != in.Kind:
		case b.Nth == in.Nth:
			fields["nth"] = "届次：" + b.Kind.Label() + ordinal(b.Nth) + "已有记录"
		case b.Open() && in.Elected != "" && in.Elected <= b.Elected:
			fields["elected"] = fmt.Sprintf("日期：应晚于%s的选举日期 %s", ordinal(b.Nth), b.Elected)
		case !b.Open() && in.Elected < b.Ended:
			fields["elected"] = fmt.Sprintf("日期：%s到 %s 才结束，应在这一天或以后", ordinal(b.Nth), b.Ended)
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Invalid, Text: "有的内容填得不对，请按提示改正后再提交。", Fields: fields}
}

// judge asks for a reason where the seats are outside the band, as far as the
// band binds, and warns in every case.
//
// law: ELE-20
func (t Term) judge(in Installing) (warnings []string, err error) {
	odd := t.Outside(in.Seats)
	switch {
	case odd != "" && t.Binding && in.Reason == "":
		return nil, &fault.Error{Kind: fault.Invalid, Rule: t.Rule, Text: odd + "不作阻止，但请说明理由。", Fields: map[string]string{"reason": "名额说明：请写明为什么"}}
	case odd != "" && !t.Binding:
		warnings = append(warnings, odd+"（该档次待核实）")
	case odd != "":
		warnings = append(warnings, odd)
	}
	if in.Seats > 1 && in.Seats%2 == 0 {
		warnings = append(warnings, "名额以单数为宜。")
	}
	return warnings, nil
}

// Conclude ends a body without a successor; its open seats run out (届满).
func Conclude(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, p Paper, at day.Instant) (Body, error) {
	if err := p.check(at.Day(), true); err != nil {
		return Body{}, err
	}
	b, err := FindBody(ctx, tx, g, id)
	if err != nil {
		return b, err
	}
	if _, err := Hold(ctx, tx, g, b.UnionID); err != nil {
		return b, err
	}
	if b, err = FindBody(ctx, tx, g, id); err != nil {
		return b, err
	}
	if !b.Open() || b.Version != version {
		return b, stale(ctx, tx, g, b.UnionID, b.Kind.Label())
	}
	if p.Day < b.Elected {
		return b, fieldFault("day", "生效日期：不能早于选举日期 %s", b.Elected)
	}
	m := audit.Moves{}
	n, err := endBody(ctx, tx, g, m, b, p.Day, Expired, p.Document)
	if err != nil {
		return b, err
	}
	b.Ended, b.Version = p.Day, b.Version+1
	d := Deed{Act: "concluded", Day: p.Day, Document: p.Document, Reason: p.Reason, Was: b.Kind.Label() + ordinal(b.Nth), People: n}
	return b, m.Write(ctx, tx, g, b.UnionID, d, at)
}

// Filling is a person for a seat as an officer writes it down.
type Filling struct {
	MemberID string  `json:"member_id" doc:"人选"`
	Office   Office  `json:"office" doc:"职务"`
	From     day.Day `json:"from" doc:"任职日期"`
	How      How     `json:"how" doc:"产生方式"`
	Document string  `json:"document" doc:"批准文号"`
	FullTime bool    `json:"full_time" doc:"专职"`
	Chief    bool    `json:"chief" doc:"行政主要负责人或其近亲属"`
	Keeper   bool    `json:"keeper" doc:"财务、资产管理人员"`
	Elector  Elector `json:"elector" doc:"补选机构"` // of a by-election of chair or vice-chair (ELE-61)
}

// Fill seats a member in a body. Whoever may not hold the office is refused
// with the clause; a full body, or one that has its head, is fault.Conflict. Who
// is chosen chair or vice-chair in a by-election gives up the seat held in the
// same committee; the new one runs as long as the body.
//
// law: ORG-28, ELE-61
func Fill(ctx context.Context, tx *sqldb.Tx, g auth.Grant, bodyID string, in Filling, at day.Instant) (Seat, error) {
	b, err := FindBody(ctx, tx, g, bodyID)
	if err != nil {
		return Seat{}, err
	}
	u, err := Hold(ctx, tx, g, b.UnionID)
	if err != nil {
		return Seat{}, err
	}
	if b, err = FindBody(ctx, tx, g, bodyID); err != nil {
		return Seat{}, err
	}
	if !b.Open() {
		return Seat{}, fault.New(fault.Conflict, "%s%s已于 %s 结束，不能再增补。请在现任的一届里办理。", b.Kind.Label(), ordinal(b.Nth), b.Ended)
	}
	if err := in.check(u, b, at.Day()); err != nil {
		return Seat{}, err
	}
	seats, err := openSeats(ctx, tx, g, u.ID)
	if err != nil {
		return Seat{}, err
	}
	p, err := findPerson(ctx, tx, g, u.ID, in.MemberID, at.Day())
	if err != nil {
		return Seat{}, err
	}
	m := audit.Moves{}
	if in.How == ByByElection && in.Office.Protected() {
		if seats, err = promote(ctx, tx, g, m, b, in, seats); err != nil {
			return Seat{}, err
		}
	} else {
		in.Elector = ""
	}
	c := Candidate{MemberID: p.ID, Name: p.Name, Counts: counts(p.Status), Female: p.Female, Chief: in.Chief, Keeper: in.Keeper || p.Keeper}
	if err := MayHold(c, b.Kind, in.Office, seats); err != nil {
		return Seat{}, err
	}
	if err := room(b, in.Office, seats); err != nil {
		return Seat{}, err
	}
	s := Seat{ID: sqldb.NewID(), BodyID: b.ID, UnionID: u.ID, Body: b.Kind, Nth: b.Nth, Due: b.Due, MemberID: p.ID, Name: p.Name, Female: p.Female,
		Office: in.Office, FullTime: in.FullTime, From: in.From, How: in.How, Document: in.Document, Elector: in.Elector, Version: 1}
	if err := insertSeat(ctx, tx, g, m, s); err != nil {
		return s, err
	}
	d := Deed{Act: "seated", Day: s.From, Document: s.Document, Now: p.Name + "任" + b.Kind.Label() + ordinal(b.Nth) + s.Office.Label() + "（" + s.Elector.Label() + s.How.Label() + "）"}
	return s, m.Write(ctx, tx, g, u.ID, d, at)
}

// promote judges who chooses the new chair or vice-chair, and ends the seat
// that the person holds in the same committee: nobody has two. It returns the
// open seats that are left.
//
// law: ELE-61, ORG-27
func promote(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, b Body, in Filling, seats []Seat) ([]Seat, error) {
	i := slices.IndexFunc(seats, func(s Seat) bool { return s.BodyID == b.ID && s.MemberID == in.MemberID })
	if err := ByElected(i >= 0, in.Elector); err != nil {
		return nil, err
	}
	if i < 0 || seats[i].Office == in.Office {
		return seats, nil
	}
	s := seats[i]
	s.To, s.Ending, s.EndDoc = max(in.From, s.From), Promoted, in.Document
	if err := updateSeat(ctx, tx, g, m, s); err != nil {
		return nil, err
	}
	return slices.Delete(slices.Clone(seats), i, i+1), nil
}

// counts reports whether a membership in the status counts (see package
// member, which stands above this one).
//
// law: MEM-19
func counts(status string) bool { return status == "active" || status == "transferring" }

// room refuses one more where all seats are taken, or a second head.
func room(b Body, o Office, seats []Seat) error {
	taken := int64(0)
	for _, s := range seats {
		if s.BodyID != b.ID {
			continue
		}
		if taken++; s.Office.Heads() && o.Heads() {
			return fault.New(fault.Conflict, "%s已有%s（%s）。请先为其办理离任，再安排新的人选。", b.Kind.Label(), s.Office.Label(), s.Name)
		}
	}
	if taken >= b.Size {
		return fault.New(fault.Conflict, "%s的 %d 个名额已满。请先为离任的人办理离任。", b.Kind.Label(), b.Size)
	}
	return nil
}

// check refuses a seat that can't be, and fills in the day of election.
func (in *Filling) check(u Union, b Body, today day.Day) error {
	in.Document = strings.TrimSpace(in.Document)
	if in.From == "" && in.How == ByElection {
		in.From = b.Elected
	}
	fields := map[string]string{}
	if !slices.Contains(u.Kind.Offices(b.Kind), in.Office) {
		fields["office"] = "职务：" + b.Kind.Label() + "没有这个职务"
	}
	if !slices.Contains(Hows, in.How) {
		fields["how"] = "产生方式：请选择选举、补选或任命"
	} else if !u.Kind.Elects() && in.How != ByAppointing {
		fields["how"] = "产生方式：" + u.Kind.Label() + "是派出机构，成员由上级任命"
	}
	if in.From == "" || in.From > today || in.From < b.Elected {
		fields["from"] = fmt.Sprintf("任职日期：应在 %s 到今天之间", b.Elected)
	}
	if in.MemberID == "" {
		fields["member_id"] = "人选：请先按姓名查找，再从名单中选定一人"
	}
	tooLong(fields, "document", "批准文号", in.Document, longName)
	if len(fields) == 0 {
		return nil
	}
	rule := ""
	if !u.Kind.Elects() && fields["how"] != "" {
		rule = "ORG-01"
	}
	return &fault.Error{Kind: fault.Invalid, Rule: rule, Text: "有的内容填得不对，请按提示改正后再提交。", Fields: fields}
}
