package account

import (
	"time"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

// SafetyPage is 登录安全: how safely people sign in, for the security
// administrator.
//
// law: R1.69
type SafetyPage struct {
	Limits   Limits        `json:"limits"`
	Officers int64         `json:"officers"` // accounts with a post today
	NoSecond int64         `json:"officers_without_second_factor"`
	First    int64         `json:"first_passwords"`
	Stale    int64         `json:"stale"`
	Locked   int64         `json:"locked"`
	Ending   []Ends        `json:"ending_posts"` // within the month, the soonest first
	Unfilled []auth.Office `json:"unfilled,omitempty"`
	Outside  string        `json:"identity_provider,omitempty"`
	Codes    bool          `json:"codes_by_text"`
	Failed   int           `json:"codes_not_sent"` // by this process
	LastFail day.Instant   `json:"last_not_sent,omitempty"`
	On       day.Day       `json:"on"`
}

// Ends is a post that ends soon.
type Ends struct {
	Post
	Name string `json:"name"`
}

// soon is how many days ahead ending posts are shown.
const soon = 30

func (o *Office) safetyPage(r *web.Request, _ struct{}) (p SafetyPage, err error) {
	p.On = r.Today
	if p.Limits, err = o.limits(r.Ctx, r.Tx, r.Grant.Tenant(), r.Now); err != nil {
		return p, err
	}
	for state, into := range map[string]*int64{"officer": &p.Officers, "second": &p.NoSecond, "first": &p.First, "stale": &p.Stale, "locked": &p.Locked} {
		q := Query{State: state, stale: p.Limits.StaleDays}
		where, args := q.filters(r.Grant, r.Today)
		if *into, err = sqldb.One(r.Ctx, r.Tx, sqldb.Int, `SELECT count(*) FROM (`+selectAccounts+where+`) AS t`, args...); err != nil {
			return p, err
		}
	}
	p.Ending, err = sqldb.List(r.Ctx, r.Tx, func(row sqldb.Row) (e Ends, err error) {
		err = row(&e.ID, &e.Office, &e.UnionID, &e.Union, &e.From, &e.To, &e.ActingFor, &e.Account, &e.Document, &e.Version, &e.Name)
		return e, err
	}, `
		SELECT `+postColumns+`, a.name
		FROM posts p JOIN unions u ON u.tenant_id = p.tenant_id AND u.id = p.union_id
		JOIN accounts a ON a.tenant_id = p.tenant_id AND a.id = p.account_id
		WHERE p.tenant_id = $1 AND p.to_day >= $2 AND p.to_day <= $3 ORDER BY p.to_day, p.id LIMIT 50`, r.Grant.Tenant(), string(r.Today), string(r.Today.AddDays(soon)))
	if err != nil {
		return p, err
	}
	for _, office := range Trusted {
		all, err := holders(r.Ctx, r.Tx, r.Grant.Tenant(), office)
		if err != nil {
			return p, err
		}
		if !administered(all, r.Today, "") {
			p.Unfilled = append(p.Unfilled, office)
		}
	}
	if p.Codes = o.Texts != nil; p.Codes {
		var last time.Time
		if p.Failed, last = o.Texts.Failed(); p.Failed > 0 {
			p.LastFail = day.At(last)
		}
	}
	if o.Outside != nil {
		p.Outside = o.Outside.Name()
	}
	return p, nil
}
