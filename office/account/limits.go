package account

import (
	"fmt"
	"time"

	"unionhall/kit/day"
	"unionhall/law"
)

// Limits are the numbers of R1.69 in force for a tenant on a day.
//
// law: R1.69
type Limits struct {
	MinLength, MinClasses int
	MaxAge                int // days after which an officer's password is changed
	History               int // last passwords that may not come again
	Tries                 int // wrong ones in a row before the lock
	Lock                  time.Duration
	OfficerIdle           time.Duration
	MemberIdle            time.Duration // on a phone
	SingleAdmin           bool          // the three administrators sign in at one place
}

// Ours, since R1.69 names none: how long a session lives however busy it is,
// and how long a token may.
const (
	deskLife  = 12 * time.Hour
	phoneLife = 30 * 24 * time.Hour
	tokenDays = 365
	seenEvery = time.Minute
)

// LimitsOf reads the limits out of a book.
func LimitsOf(b law.Book, tenant int64, on day.Day) (l Limits, err error) {
	place := law.PlaceOf(tenant)
	whole := func(id string) (n int) {
		p, e := b.Find(id, place, on)
		if e == nil {
			n, e = p.Int()
		}
		if e != nil && err == nil {
			err = fmt.Errorf("limits of %d: %w", tenant, e)
		}
		return n
	}
	l = Limits{
		MinLength: whole("security.password.min_length"), MinClasses: whole("security.password.min_classes"),
		MaxAge: whole("security.password.max_age_days"), History: whole("security.password.history"),
		Tries:       whole("security.login.tries"),
		Lock:        time.Duration(whole("security.login.lock_minutes")) * time.Minute,
		OfficerIdle: time.Duration(whole("security.idle.officer_minutes")) * time.Minute,
		MemberIdle:  time.Duration(whole("security.idle.member_minutes")) * time.Minute,
	}
	if err != nil {
		return l, err
	}
	single, err := b.Find("security.single_session.admin", place, on)
	if err != nil {
		return l, err
	}
	l.SingleAdmin, err = single.Bool()
	return l, err
}

// Idle is how long a session may rest: a member's on the phone longer than an
// officer's anywhere.
//
// law: R1.69
func (l Limits) Idle(kind Kind, officer bool) time.Duration {
	if kind == Phone && !officer {
		return l.MemberIdle
	}
	return l.OfficerIdle
}

// Alive reports whether a session may still be used at now: not past its end,
// and not rested for the whole idle time. Tokens don't tire.
func (l Limits) Alive(s Session, officer bool, now day.Instant) bool {
	if now >= s.Expires {
		return false
	}
	return s.Kind == Token || now < later(s.Seen, l.Idle(s.Kind, officer))
}

// Stale reports whether an officer's password is too old, on the day today.
//
// law: R1.69
func (l Limits) Stale(changed day.Instant, officer bool, today day.Day) bool {
	return officer && day.Days(changed.Day(), today) >= l.MaxAge
}
