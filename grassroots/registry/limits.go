package registry

import (
	"errors"

	"unionhall/kit/day"
	"unionhall/law"
)

// Limits are the numbers that the rules of this room go by, at one place on
// one day. Where no regulation was in force yet a number is nought, and
// nothing is asked.
type Limits struct {
	Committee   int64 // members from which on a committee is a must (ORG-10)
	Women       int64 // women members likewise (ORG-13)
	GroupLow    int64 // size of a group (ORG-15)
	GroupHigh   int64
	GroupMerge  int64
	FullTime    int64 // staff from which on a full-time chair is hinted at (ORG-24)
	ChairMonths int   // how long a chair may be vacant (ELE-60)

	MemberMonths int       // how long a member's seat may be vacant (ELE-63)
	MeetMonths   int       // how long it may be from one meeting to the next (ELE-05)
	Seats        law.Bands // of a committee (ELE-20)
	SeatsBind    bool      // they are confirmed and not only recalled
	Clock                  // of terms (ELE-03, ELE-04)
}

// LimitsOf reads the limits for the tenant's place on a day.
func LimitsOf(book law.Book, tenant int64, on day.Day) (l Limits, err error) {
	place := law.PlaceOf(tenant)
	one := func(id string) int64 {
		n, e := book.Int(id, place, on)
		if e != nil && !errors.Is(e, law.ErrNoValue) {
			err = errors.Join(err, e)
		}
		return int64(n)
	}
	l.Committee = one("org.committee.min_members")
	l.Women = one("org.women_committee.min_women")
	l.GroupMerge = one("org.group.merge_below")
	l.FullTime = one("org.fulltime.hint_staff")
	l.ChairMonths, l.MemberMonths = int(one("vacancy.chair.max_months")), int(one("vacancy.member.max_months"))
	if times := one("meeting.min_per_year"); times > 0 {
		l.MeetMonths = int(12 / times)
	}
	l.Clock, err = ClockOf(book, place, on)
	if p, e := book.Find("election.committee_bands", place, on); e == nil {
		l.SeatsBind = !p.Pending()
		if l.Seats, e = p.Bands(); e != nil {
			err = errors.Join(err, e)
		}
	} else if !errors.Is(e, law.ErrNoValue) {
		err = errors.Join(err, e)
	}
	size, e := book.Bands("org.group.size", place, on)
	if e != nil && !errors.Is(e, law.ErrNoValue) {
		err = errors.Join(err, e)
	}
	if len(size) > 0 {
		l.GroupLow, l.GroupHigh = int64(size[0].Min), int64(size[0].Max)
	}
	return l, err
}

// ClockOf reads what the stages of terms go by.
//
// law: ELE-03, ELE-04
func ClockOf(book law.Book, place law.Place, on day.Day) (c Clock, err error) {
	c.Today = on
	if c.Warn, err = book.Ints("term.warn_days", place, on); err != nil && !errors.Is(err, law.ErrNoValue) {
		return c, err
	}
	red, err := book.Days("term.overdue.red_days", place, on)
	if errors.Is(err, law.ErrNoValue) {
		err = nil
	}
	c.Red = red.Days
	return c, err
}

// Term is how long a body sits and how many may sit in it.
type Term struct {
	Years   []int // the lengths allowed; none: it has no term (ORG-01)
	Min     int   // seats
	Max     int
	Binding bool   // the numbers of seats are confirmed and not only recalled
	Rule    string // the clause of the seats
}

// TermOf reads what holds for a body of a union with so many members, elected
// on a day.
func TermOf(book law.Book, tenant int64, u Union, k BodyKind, members int64, on day.Day) (t Term, err error) {
	place := law.PlaceOf(tenant)
	if u.Kind.Elects() {
		if t.Years, err = book.Ints(yearsOf(u.Kind), place, on); err != nil && !errors.Is(err, law.ErrNoValue) {
			return t, err
		}
	}
	id := seatsOf(u.Kind, k)
	if id == "" {
		return t, nil
	}
	p, err := book.Find(id, place, on)
	if errors.Is(err, law.ErrNoValue) {
		return t, nil
	} else if err != nil {
		return t, err
	}
	t.Binding, t.Rule = !p.Pending(), p.Rule
	bands, err := p.Bands()
	b, _ := bands.Of(int(members))
	t.Min, t.Max = b.Min, b.Max
	return t, err
}

// yearsOf names the parameter of the lengths of a term.
//
// law: ELE-01
func yearsOf(k Kind) string {
	switch k {
	case Base, Joint, Single, Branch, Group:
		return "term.years.base"
	}
	return "term.years.federation"
}

// seatsOf names the parameter of the seats; none where no text knows any.
//
// law: ELE-20
func seatsOf(k Kind, b BodyKind) string {
	switch {
	case k == Single || k.Part() || !k.Elects():
		return ""
	case b == Committee:
		return "election.committee_bands"
	case b == Standings:
		return "org.standing.size"
	case b == Audit:
		return "org.audit.size"
	}
	return "org.women_committee.size"
}
