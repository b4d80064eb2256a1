package account

import (
	"context"
	"fmt"
	"sync"
	"time"

	"unionhall/commons/rulebook"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
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

	SecondMust    bool    // officers need a second factor
	SecondGrace   int     // days they may go without
	SecondSince   day.Day // when the rule began; no day: before anybody's post
	RecoveryCodes int
	Code          CodeLimits
	StaleDays     int // after which an unused account is pointed out
}

// CodeLimits are those of codes by text message.
type CodeLimits struct {
	Life, Pause       time.Duration
	Tries             int
	PerPhone, PerSite int // a day
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
	r := reader{book: b, place: law.PlaceOf(tenant), on: on}
	minutes := func(n int) time.Duration { return time.Duration(n) * time.Minute }
	l = Limits{
		MinLength: r.Int("security.password.min_length"), MinClasses: r.Int("security.password.min_classes"),
		MaxAge: r.Int("security.password.max_age_days"), History: r.Int("security.password.history"),
		Tries: r.Int("security.login.tries"), Lock: minutes(r.Int("security.login.lock_minutes")),
		OfficerIdle: minutes(r.Int("security.idle.officer_minutes")), MemberIdle: minutes(r.Int("security.idle.member_minutes")),
		SingleAdmin: r.Bool("security.single_session.admin"),
		SecondMust:  r.Bool("security.second.officers"), SecondGrace: r.Int("security.second.grace_days"),
		SecondSince: r.find("security.second.officers").From, RecoveryCodes: r.Int("security.second.recovery_codes"),
		StaleDays: r.Int("security.account.stale_days"),
		Code: CodeLimits{
			Life: minutes(r.Int("security.code.minutes")), Pause: time.Duration(r.Int("security.code.pause_seconds")) * time.Second,
			Tries: r.Int("security.code.tries"), PerPhone: r.Int("security.code.phone_day"), PerSite: r.Int("security.code.address_day"),
		},
	}
	if r.err != nil {
		return l, fmt.Errorf("limits of %d: %w", tenant, r.err)
	}
	return l, nil
}

// reader reads one value after the other and keeps the first error.
type reader struct {
	book  law.Book
	place law.Place
	on    day.Day
	err   error
}

func (r *reader) find(id string) (p law.Param) {
	p, err := r.book.Find(id, r.place, r.on)
	if err != nil && r.err == nil {
		r.err = err
	}
	return p
}

func (r *reader) Int(id string) int {
	n, err := r.find(id).Int()
	if err != nil && r.err == nil {
		r.err = err
	}
	return n
}

func (r *reader) Bool(id string) bool {
	yes, err := r.find(id).Bool()
	if err != nil && r.err == nil {
		r.err = err
	}
	return yes
}

// rules keeps the limits of each tenant for some seconds, since every request
// asks for them.
type rules struct {
	mu   sync.Mutex
	kept map[int64]ruled
}

type ruled struct {
	limits      Limits
	from, until day.Instant
}

const rulesFor = 10 * time.Second

// limits returns what is in force for the tenant at now.
func (o *Office) limits(ctx context.Context, tx *sqldb.Tx, tenant int64, now day.Instant) (Limits, error) {
	o.rules.mu.Lock()
	k, ok := o.rules.kept[tenant]
	o.rules.mu.Unlock()
	if ok && k.from <= now && now < k.until {
		return k.limits, nil
	}
	book, err := rulebook.Of(ctx, tx, tenant)
	if err != nil {
		return Limits{}, err
	}
	k = ruled{from: now, until: later(now, rulesFor)}
	if k.limits, err = LimitsOf(book, tenant, now.Day()); err != nil {
		return Limits{}, err
	}
	o.rules.mu.Lock()
	defer o.rules.mu.Unlock()
	if o.rules.kept == nil {
		o.rules.kept = map[int64]ruled{}
	}
	o.rules.kept[tenant] = k
	return k.limits, nil
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
