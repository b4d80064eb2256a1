package card

import (
	"context"
	"time"

	"unionhall/commons/rulebook"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/law"
)

// Routes is every page of this room. Whoever scans a card needs no account.
func Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /me/card", Needs: auth.Anyone, Doc: "本人的会员证", Do: web.Page(mine, mineView)},
		{Pattern: "GET /card/{token}", Doc: "核验会员证", Do: web.Page(check, checkView)},
	}
}

// Mine is the own card.
type Mine struct {
	Name   string        `json:"name"`
	Union  string        `json:"union"`
	CardNo string        `json:"card_no"`
	Since  day.Day       `json:"joined,omitempty"`
	Status member.Status `json:"status"`
	Check  string        `json:"check,omitempty"` // the address that proves the card; empty where there is none
	Until  day.Instant   `json:"until,omitempty"`
	None   bool          `json:"none,omitempty"` // the account belongs to no member
}

// validFor is how long a code proves a card.
//
// law: S2-15
func validFor(ctx context.Context, tx *sqldb.Tx, tenant int64, on day.Day) (time.Duration, error) {
	book, err := rulebook.Of(ctx, tx, tenant)
	if err != nil {
		return 0, err
	}
	n, err := book.Int("card.valid_minutes", law.PlaceOf(tenant), on)
	return time.Duration(n) * time.Minute, err
}

// mine shows the card with a code made this moment. A membership that has
// ended shows none.
//
// law: S2-15, MEM-20, CARD-02
func mine(r *web.Request, _ struct{}) (Mine, error) {
	if r.Actor().Self() == "" {
		return Mine{None: true}, nil
	}
	m, err := member.Any(r.Ctx, r.Tx, r.Grant.Tenant(), r.Actor().Self())
	if err != nil {
		return Mine{}, err
	}
	p := Mine{Name: m.Person.Name, Union: m.Union.Name, CardNo: m.CardNo, Since: m.Joined, Status: m.Status}
	if m.ID == "" || !m.Status.Open() || m.Status == member.Applied {
		return p, nil
	}
	valid, err := validFor(r.Ctx, r.Tx, r.Grant.Tenant(), r.Today)
	if err != nil {
		return p, err
	}
	c := Code{r.Grant.Tenant(), m.ID, clock(r.Now)}
	text, err := c.Write(r.Tx.Keys())
	p.Check, p.Until = web.Origin(r.HTTP)+"/card/"+text, c.Until(valid)
	return p, err
}

func clock(i day.Instant) time.Time {
	t, err := time.Parse(time.RFC3339, string(i))
	if err != nil {
		return time.Time{} // an instant of the request always reads
	}
	return t
}

// ByToken names a card by its code.
type ByToken struct {
	Token string `json:"token" doc:"会员证的码"`
}

// Proof is what a scanned card tells: the name masked, and no number.
type Proof struct {
	Office string        `json:"office"`
	Name   string        `json:"name"`
	Union  string        `json:"union"`
	Status member.Status `json:"status"`
	Valid  bool          `json:"valid"`   // the membership stands and the code is fresh
	Stale  bool          `json:"expired"` // the code is too old: a picture of a card
	Made   day.Instant   `json:"made"`
	Until  day.Instant   `json:"until"`
	Now    day.Instant   `json:"now"`
}

// check proves a card to whoever scanned it. A code that the program did not
// write is fault.NotFound; one that is too old says so and tells nothing else.
//
// law: S2-15
func check(r *web.Request, in ByToken) (Proof, error) {
	c, ok := Read(r.Tx.Keys(), in.Token)
	if !ok {
		return Proof{}, fault.New(fault.NotFound, "这不是有效的会员证。请让对方打开“我的会籍—出示会员证”再扫一次。")
	}
	valid, err := validFor(r.Ctx, r.Tx, c.Tenant, r.Today)
	if err != nil {
		return Proof{}, err
	}
	p := Proof{Made: day.At(c.Made), Until: c.Until(valid), Now: r.Now}
	if r.Now >= p.Until || day.At(c.Made.Add(-time.Minute)) > r.Now {
		p.Stale = true
		return p, nil
	}
	m, err := member.Any(r.Ctx, r.Tx, c.Tenant, c.Member)
	if err == nil && m.ID == "" {
		err = fault.New(fault.NotFound, "这张会员证对应的会籍已不在系统中，请联系对方所在的工会。")
	}
	if err != nil {
		return p, err
	}
	p.Name, p.Union, p.Status, p.Valid = Mask(m.Person.Name), m.Union.Name, m.Status, m.Status.Open() && m.Status != member.Applied
	p.Office, err = sqldb.One(r.Ctx, r.Tx, sqldb.Text, `SELECT name FROM tenants WHERE tenant_id = $1`, c.Tenant)
	return p, err
}

// tone is how the state of the card is coloured.
func (p Proof) tone() ui.Kind {
	switch {
	case p.Valid && p.Status == member.Retained:
		return ui.Info
	case p.Valid:
		return ui.OK
	}
	return ui.Bad
}

// hour is the time of an instant in Beijing, without the day.
func hour(i day.Instant) string {
	if t := i.Local(); len(t) == 16 {
		return t[11:]
	}
	return ""
}

// spaced is a number on a card in its three parts.
//
// law: CARD-02
func spaced(no string) string {
	if len(no) != 18 {
		return no
	}
	return no[:6] + " " + no[6:12] + " " + no[12:]
}

func since(d day.Day) string {
	if d == "" {
		return ""
	}
	return string(d[:4]) + " 年入会"
}
