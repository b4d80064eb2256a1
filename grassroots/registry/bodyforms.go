package registry

import (
	"slices"
	"strings"

	"unionhall/commons/rulebook"
	"unionhall/kit/day"
	"unionhall/kit/web"
)

// BodyQuery names a union and the kind of body that is wanted.
type BodyQuery struct {
	ID   string   `json:"id"`
	Kind BodyKind `json:"kind" doc:"机构"`
}

// BodyForm is the form of a new body: what sits now, and what the rules say of
// the term and the seats.
type BodyForm struct {
	Union
	Figures
	Asked BodyKind `json:"body_kind"`
	Nth   int64    `json:"nth"` // the next
	Sits  Body     `json:"sits"`
	Open  bool     `json:"open"` // whether one sits
	Term  Term     `json:"term"`
	today day.Day
}

func newBody(r *web.Request, in BodyQuery) (BodyForm, error) {
	p := BodyForm{Asked: in.Kind, Nth: 1, today: r.Today}
	var err error
	if p.Union, err = Find(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	if p.State != Standing {
		return p, gone(p.Union)
	}
	if !slices.Contains(p.Kind.BodyKinds(), p.Asked) {
		p.Asked = Committee
	}
	if p.Figures, err = FiguresOf(r.Ctx, r.Tx, r.Grant, p.ID); err != nil {
		return p, err
	}
	bodies, err := bodiesOf(r.Ctx, r.Tx, r.Grant, p.ID)
	if err != nil {
		return p, err
	}
	for _, b := range bodies {
		if b.Kind == p.Asked {
			p.Nth = max(p.Nth, b.Nth+1)
		}
	}
	p.Sits, p.Open = sitting(bodies, p.Asked)
	book, err := rulebook.Of(r.Ctx, r.Tx, r.Grant.Tenant())
	if err != nil {
		return p, err
	}
	p.Term, err = TermOf(book, r.Grant.Tenant(), p.Union, p.Asked, p.Members, r.Today)
	return p, err
}

// BodyDone is a body after an act, and what to tell the person.
type BodyDone struct {
	Body
	Warnings []string `json:"warnings,omitempty"`
	said     string
	fresh    bool
}

func (d BodyDone) Said() string  { return strings.Join(append([]string{d.said}, d.Warnings...), "") }
func (d BodyDone) Created() bool { return d.fresh }

// InstallIn is a new body of the union in the path.
type InstallIn struct {
	ID string `json:"id"`
	Installing
}

func (rm Room) install(r *web.Request, in InstallIn) (BodyDone, error) {
	var b Body
	var warnings []string
	err := rm.Keeping(r.Ctx, r.Tx, r.Grant, r.Now, func() (err error) {
		b, warnings, err = Install(r.Ctx, r.Tx, r.Grant, in.ID, in.Installing, r.Now)
		return err
	}, in.ID)
	return BodyDone{b, warnings, "已登记" + b.Kind.Label() + ordinal(b.Nth) + "，请接着登记成员。", true}, err
}

// BodyPage is one body with its union and who sits in it.
type BodyPage struct {
	Body
	Union string `json:"union"` // its name
	Seats []Seat `json:"seated"`
	kind  Kind
	today day.Day
}

func oneBody(r *web.Request, in ByID) (BodyPage, error) {
	p := BodyPage{today: r.Today}
	var err error
	if p.Body, err = FindBody(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	u, err := Find(r.Ctx, r.Tx, r.Grant, p.UnionID)
	if err != nil {
		return p, err
	}
	p.Union, p.kind = u.Name, u.Kind
	all, err := openSeats(r.Ctx, r.Tx, r.Grant, p.UnionID)
	for _, s := range all {
		if s.BodyID == p.ID {
			p.Seats = append(p.Seats, s)
		}
	}
	return p, err
}

// Ending a body, on the version that was seen.
type BodyEnd struct {
	ID      string `json:"id"`
	Version int64  `json:"version" doc:"版本"`
	Paper
}

func (rm Room) conclude(r *web.Request, in BodyEnd) (BodyDone, error) {
	b, err := FindBody(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return BodyDone{}, err
	}
	err = rm.Keeping(r.Ctx, r.Tx, r.Grant, r.Now, func() (err error) {
		b, err = Conclude(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, in.Paper, r.Now)
		return err
	}, b.UnionID)
	return BodyDone{Body: b, said: b.Kind.Label() + ordinal(b.Nth) + "已结束。"}, err
}

// CandidateQuery looks for a person to sit in a body.
type CandidateQuery struct {
	ID string `json:"id"`
	Q  string `json:"q" doc:"姓名或会员号"`
}

// CandidatePage is a body and who was found for it.
type CandidatePage struct {
	BodyPage
	Q     string   `json:"q,omitempty"`
	Found []Person `json:"people"`
}

func candidates(r *web.Request, in CandidateQuery) (CandidatePage, error) {
	p := CandidatePage{Q: strings.TrimSpace(in.Q), Found: []Person{}}
	var err error
	if p.BodyPage, err = oneBody(r, ByID{ID: in.ID}); err != nil || p.Q == "" {
		return p, err
	}
	p.Found, err = searchPeople(r.Ctx, r.Tx, r.Grant, p.UnionID, p.Q, r.Today)
	return p, err
}

// SeatDone is a seat after an act, and what to tell the person.
type SeatDone struct {
	Seat
	Flag  bool `json:"flagged"` // ORG-25
	said  string
	fresh bool
}

func (d SeatDone) Said() string  { return d.said }
func (d SeatDone) Created() bool { return d.fresh }

// FillIn is a person for a seat of the body in the path.
type FillIn struct {
	ID string `json:"id"`
	Filling
}

func (rm Room) fill(r *web.Request, in FillIn) (SeatDone, error) {
	b, err := FindBody(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return SeatDone{}, err
	}
	var s Seat
	err = rm.Keeping(r.Ctx, r.Tx, r.Grant, r.Now, func() (err error) {
		s, err = Fill(r.Ctx, r.Tx, r.Grant, in.ID, in.Filling, r.Now)
		return err
	}, b.UnionID)
	return SeatDone{Seat: s, said: s.Name + "任" + s.Body.Label() + s.Office.Label() + "，已登记。", fresh: true}, err
}

// SeatPage is one seat with the name of its union.
type SeatPage struct {
	Seat
	Union string `json:"union"`
	today day.Day
}

func oneSeat(r *web.Request, in ByID) (SeatPage, error) {
	p := SeatPage{today: r.Today}
	var err error
	if p.Seat, err = FindSeat(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	u, err := Find(r.Ctx, r.Tx, r.Grant, p.UnionID)
	p.Union = u.Name
	return p, err
}

// LeavingIn ends the seat in the path, on the version that was seen.
type LeavingIn struct {
	ID      string `json:"id"`
	Version int64  `json:"version" doc:"版本"`
	Leaving
}

func (rm Room) vacate(r *web.Request, in LeavingIn) (SeatDone, error) {
	s, err := FindSeat(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return SeatDone{}, err
	}
	err = rm.Keeping(r.Ctx, r.Tx, r.Grant, r.Now, func() (err error) {
		s, err = Vacate(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, in.Leaving, r.Now)
		return err
	}, s.UnionID)
	d := SeatDone{Seat: s, Flag: s.Flagged(), said: s.Name + "离任，已登记。"}
	if d.Flag {
		d.said += "任期未满调动，尚缺同意意见，已在班子页标明。"
	}
	return d, err
}

// ConsentIn adds the consents to the move in the path.
type ConsentIn struct {
	ID         string `json:"id"`
	Version    int64  `json:"version" doc:"版本"`
	OwnConsent string `json:"own_consent" doc:"本级委员会的同意意见"`
	Consent    string `json:"above_consent" doc:"上一级工会的同意意见"`
}

func consent(r *web.Request, in ConsentIn) (SeatDone, error) {
	s, err := Consent(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, in.OwnConsent, in.Consent, r.Now)
	return SeatDone{Seat: s, Flag: s.Flagged(), said: "已补登。"}, err
}
