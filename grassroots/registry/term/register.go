package term

import (
	"context"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
)

// Cared is an event of the register, opened.
type Cared struct {
	ID      string   `json:"id"`
	UnionID string   `json:"union_id"`
	Union   string   `json:"union"`
	Member  string   `json:"member"`
	Closes  day.Day  `json:"closes"`
	Care    Care     `json:"care"`
	Periods []Period `json:"periods"`
}

// looking is how long one reason lets its person look, in minutes.
const looking = 30

// mayTend refuses whoever the register is none of: it is for the committee's
// officer and, within a union, for the director of its women's committee alone.
// A chair who is not she sees nothing.
//
// law: WOM-05, R1.60
func mayTend(ctx context.Context, tx *sqldb.Tx, g auth.Grant) error {
	if g.Office() == auth.Officer {
		return nil
	}
	n := int64(0)
	var err error
	if g.Self() != "" {
		n, err = sqldb.One(ctx, tx, sqldb.Int, `
			SELECT count(*) FROM seats s
			JOIN bodies b ON b.tenant_id = s.tenant_id AND b.id = s.body_id AND b.kind = 'women' AND b.ended IS NULL
			WHERE s.tenant_id = $1 AND s.member_id = $2 AND s.union_id = $3 AND s.to_day IS NULL AND s.office = 'director'`, g.Tenant(), g.Self(), g.Under())
	}
	if err == nil && n == 0 {
		err = fault.ByRule(fault.Denied, "WOM-05", "女职工保护登记只供本会女职工委员会主任和工委组织干事使用。")
	}
	return err
}

// opened is what the log holds of a look: the reason and nothing of anybody.
type opened struct {
	Reason string `json:"reason"`
	Did    string `json:"did"`
}

// Open lets g look at the register for half an hour, for a reason that the log
// keeps.
func Open(ctx context.Context, tx *sqldb.Tx, g auth.Grant, reason string, at day.Instant) error {
	if err := mayTend(ctx, tx, g); err != nil {
		return err
	}
	if reason = strings.TrimSpace(reason); reason == "" || utf8.RuneCountInString(reason) > 100 {
		return wrong("R1.60", "reason", "用途：请写明为什么查看，最多 100 个字。")
	}
	return audit.Write(ctx, tx, g, g.Under(), opened{reason, "looked"}, at)
}

// isOpen reports whether g has said within the last half hour why it looks.
func isOpen(ctx context.Context, tx *sqldb.Tx, g auth.Grant, at day.Instant) (bool, error) {
	rows, err := audit.Search(ctx, tx, g, audit.Filter{Account: g.Account(), Act: string(Tend), Thing: g.Under(), Limit: 20})
	if err != nil {
		return false, err
	}
	for _, r := range rows {
		var o opened
		if json.Unmarshal([]byte(r.Change), &o) == nil && o.Did == "looked" && within(at, r.At, looking) {
			return true, nil
		}
	}
	return false, nil
}

// within reports whether then is at most so many minutes before at.
func within(at, then day.Instant, minutes int) bool {
	a, err := time.Parse(time.RFC3339, string(at))
	b, err2 := time.Parse(time.RFC3339, string(then))
	return err == nil && err2 == nil && a.Sub(b) < time.Duration(minutes)*time.Minute
}

// Register writes an event down, sealed. The log says that something was
// registered in the union and nothing of whom or what.
//
// law: WOM-05
func Register(ctx context.Context, tx *sqldb.Tx, g auth.Grant, memberID string, c Care, at day.Instant) error {
	if err := mayTend(ctx, tx, g); err != nil {
		return err
	}
	if c.Children == 0 {
		c.Children = 1
	}
	if err := c.check(at.Day()); err != nil {
		return err
	}
	type who struct{ union, sex string }
	w, err := sqldb.One(ctx, tx, func(row sqldb.Row) (w who, err error) { return w, row(&w.union, &w.sex) }, `
		SELECT m.union_id, m.sex FROM members m JOIN union_reach r ON r.tenant_id = m.tenant_id AND r.union_id = m.union_id AND r.above_id = $3
		WHERE m.tenant_id = $1 AND m.id = $2`, g.Tenant(), memberID, g.Under())
	if fault.Of(err).Kind == fault.NotFound && err != nil {
		return wrong("WOM-05", "member_id", "女会员：请先按姓名查找，再选定一人。")
	} else if err != nil {
		return err
	}
	if w.sex != "female" {
		return wrong("WOM-05", "member_id", "女会员：选定的不是女会员，请核对。")
	}
	b, err := careBounds(ctx, tx, g.Tenant(), at.Day())
	if err != nil {
		return err
	}
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	id := sqldb.NewID()
	_, err = tx.Exec(ctx, `INSERT INTO care_events (tenant_id, id, union_id, member_id, sealed, closes, account_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		g.Tenant(), id, w.union, memberID, tx.Keys().Seal(g.Tenant(), "care_events", "sealed", string(text)), max(closes(Protect(c, b)), c.Day), g.Account(), string(at))
	if err != nil {
		return err
	}
	return audit.Write(ctx, tx, g, w.union, opened{"", "registered"}, at, audit.Touched{Table: "care_events", ID: id})
}

// cares lists the open events within g's reach. The caller has seen to it that
// g may.
func cares(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day) ([]Cared, error) {
	b, err := careBounds(ctx, tx, g.Tenant(), today)
	if err != nil {
		return nil, err
	}
	type raw struct {
		Cared
		sealed []byte
	}
	rows, err := sqldb.List(ctx, tx, func(row sqldb.Row) (x raw, err error) {
		return x, row(&x.ID, &x.UnionID, &x.Union, &x.Member, &x.Closes, &x.sealed)
	}, `
		SELECT e.id, e.union_id, u.name, coalesce(m.name, ''), e.closes, e.sealed FROM care_events e
		JOIN unions u ON u.tenant_id = e.tenant_id AND u.id = e.union_id
		JOIN union_reach r ON r.tenant_id = e.tenant_id AND r.union_id = e.union_id AND r.above_id = $2
		LEFT JOIN members m ON m.tenant_id = e.tenant_id AND m.id = e.member_id
		WHERE e.tenant_id = $1 AND e.closes >= $3 ORDER BY e.closes, e.id LIMIT 200`, g.Tenant(), g.Under(), today)
	out := make([]Cared, 0, len(rows))
	for _, x := range rows {
		text, e := tx.Keys().Open(g.Tenant(), "care_events", "sealed", x.sealed)
		if e == nil {
			e = json.Unmarshal([]byte(text), &x.Care)
		}
		if e != nil {
			return nil, e
		}
		x.Periods = Protect(x.Care, b)
		out = append(out, x.Cared)
	}
	return out, err
}

// CareCount counts the open events that g may tend to, and nothing of them:
// what the work table shows.
func CareCount(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day) (int64, error) {
	if err := mayTend(ctx, tx, g); err != nil {
		if fault.Of(err).Kind == fault.Denied {
			return 0, nil
		}
		return 0, err
	}
	return sqldb.One(ctx, tx, sqldb.Int, `
		SELECT count(*) FROM care_events e JOIN union_reach r ON r.tenant_id = e.tenant_id AND r.union_id = e.union_id AND r.above_id = $2
		WHERE e.tenant_id = $1 AND e.closes >= $3`, g.Tenant(), g.Under(), today)
}

// findWomen lists women members by a part of the name, for the register.
func findWomen(ctx context.Context, tx *sqldb.Tx, g auth.Grant, q string) ([]registry.Person, error) {
	like := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(q) + "%"
	return sqldb.List(ctx, tx, func(row sqldb.Row) (p registry.Person, err error) { return p, row(&p.ID, &p.Name, &p.Union, &p.CardNo) }, `
		SELECT m.id, m.name, u.name, m.card_no FROM members m
		JOIN unions u ON u.tenant_id = m.tenant_id AND u.id = m.union_id
		JOIN union_reach r ON r.tenant_id = m.tenant_id AND r.union_id = m.union_id AND r.above_id = $2
		WHERE m.tenant_id = $1 AND m.sex = 'female' AND m.status = 'active' AND m.name LIKE $3 ESCAPE '\' ORDER BY m.name_key, m.id LIMIT 30`, g.Tenant(), g.Under(), like)
}
