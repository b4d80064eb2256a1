package yearly

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
)

const selectReturns = `
	SELECT y.id, y.union_id, y.year, y.on_day, y.state, y.people, y.hash, y.counted, y.version, y.pass FROM yearly_returns y WHERE y.tenant_id = $1`

func scanReturn(row sqldb.Row) (r Return, err error) {
	err = row(&r.ID, &r.UnionID, &r.Year, &r.On, &r.State, &r.People, &r.Hash, &r.Counted, &r.Version, &r.pass)
	return r, err
}

// seen narrows returns to those that tell of something in g's reach: of a
// union that g's top is over, or in which g's top stands.
const seen = ` AND (EXISTS (SELECT 1 FROM union_reach r WHERE r.tenant_id = y.tenant_id AND r.above_id = $2 AND r.union_id = y.union_id)
	OR EXISTS (SELECT 1 FROM yearly_units u WHERE u.tenant_id = y.tenant_id AND u.return_id = y.id AND u.pass = y.pass AND u.union_id = $2))`

// find returns a return that g sees, or fault.NotFound.
func find(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Return, error) {
	return sqldb.One(ctx, tx, scanReturn, selectReturns+seen+` AND y.id = $3`, g.Tenant(), g.Under(), id)
}

// list returns the returns that g sees, the newest year first.
func list(ctx context.Context, tx *sqldb.Tx, g auth.Grant) ([]Return, error) {
	return sqldb.List(ctx, tx, scanReturn, selectReturns+seen+` ORDER BY y.year DESC, y.id LIMIT 100`, g.Tenant(), g.Under())
}

// own reports whether g's top is over the whole return; else g sees its own
// part of it.
func (r Return) own(ctx context.Context, tx *sqldb.Tx, g auth.Grant) (bool, error) {
	return sqldb.One(ctx, tx, func(row sqldb.Row) (b bool, err error) { return b, row(&b) },
		`SELECT EXISTS (SELECT 1 FROM union_reach r WHERE r.tenant_id = $1 AND r.above_id = $2 AND r.union_id = $3)`, g.Tenant(), g.Under(), r.UnionID)
}

// unitsOf lists the units of a return that g sees, those below the union with
// the code (empty: below g's top), in order, with sums and reviews. What is not
// there, or not in reach, is fault.NotFound.
func unitsOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, r Return, code string) ([]Unit, error) {
	whole, err := r.own(ctx, tx, g)
	if err != nil {
		return nil, err
	}
	all, err := sqldb.List(ctx, tx, func(row sqldb.Row) (u Unit, err error) {
		var figures string
		if err = row(&u.Ord, &u.Last, &u.Depth, &u.UnionID, &u.Code, &u.Name, &u.Kind, &u.Organ, &figures, &u.Review, &u.Words, &u.Women, &u.At); err == nil {
			u.Own, err = readFigures(figures)
		}
		return u, err
	}, `
		SELECT u.ord, u.last, u.depth, u.union_id, u.code, u.name, u.kind, u.organ_kind, u.figures, v.state, v.words, coalesce(v.staff_women, 0), v.at
		FROM yearly_units u LEFT JOIN yearly_reviews v ON v.tenant_id = u.tenant_id AND v.return_id = u.return_id AND v.union_id = u.union_id
		WHERE u.tenant_id = $1 AND u.return_id = $2 AND u.pass = $3 ORDER BY u.ord`, g.Tenant(), r.ID, r.pass)
	if err != nil {
		return nil, err
	}
	addUp(all)
	from, to := int64(0), int64(len(all)-1)
	if !whole {
		from, to = -1, -1
		for _, u := range all {
			if u.UnionID == g.Under() {
				from, to = u.Ord, u.Last
			}
		}
	}
	if code != "" {
		top := -1
		for i, u := range all {
			if u.Code == code && u.Ord >= from && u.Ord <= to {
				top = i
			}
		}
		if top < 0 {
			return nil, fault.New(fault.NotFound, "这份年报里没有编码为“%s”的工会，或者它不在您的管理范围内。", code)
		}
		from, to = all[top].Ord, all[top].Last
	}
	if from < 0 || len(all) == 0 {
		return nil, nil
	}
	return all[from : to+1], nil
}

// Person is somebody behind a figure.
type Person struct {
	ID    string `json:"id"`
	Name  string `json:"name"` // as it was when it was counted
	Union string `json:"union"`
	Bits  int64  `json:"-"`
	ord   int64
	key   string
}

// Place is the member's page of today.
func (p Person) Place() string { return "/grassroots/registry/members/" + p.ID }

// after is where the next page begins.
func (p Person) after() string { return fmt.Sprintf("%d\x1f%s\x1f%s", p.ord, p.key, p.ID) }

// peopleOf lists the people behind a figure of the units from one to another,
// by unit and name, after the one that a page ended with.
func peopleOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, r Return, bit, from, to int64, after Person, limit int) ([]Person, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (p Person, err error) {
		return p, row(&p.ord, &p.key, &p.ID, &p.Name, &p.Bits)
	}, `
		SELECT p.ord, p.name_key, p.member_id, p.name, p.bits FROM yearly_people p
		WHERE p.tenant_id = $1 AND p.return_id = $2 AND p.pass = $3 AND p.ord >= $4 AND p.ord <= $5 AND p.bits & $6 <> 0
			AND (p.ord, p.name_key, p.member_id) > ($7, $8, $9)
		ORDER BY p.ord, p.name_key, p.member_id LIMIT $10`, g.Tenant(), r.ID, r.pass, from, to, bit, after.ord, after.key, after.ID, int64(limit))
}

// Verify recounts what frozen returns are made of: the lists must still have
// the hash that they were frozen with.
func Verify(ctx context.Context, tx *sqldb.Tx, tenant int64) ([]audit.Finding, error) {
	all, err := sqldb.List(ctx, tx, scanReturn, selectReturns+` AND y.state IN ('draft', 'checked', 'frozen', 'submitted') ORDER BY y.year`, tenant)
	if err != nil {
		return nil, err
	}
	var out []audit.Finding
	for _, r := range all {
		hash, err := rehash(ctx, tx, tenant, r)
		if err != nil {
			return nil, err
		}
		if hash != r.Hash {
			out = append(out, audit.Finding{Where: "yearly_returns " + r.ID, What: fmt.Sprintf("%d 年年报的数字或名单与汇总时的不符", r.Year)})
		}
	}
	return out, nil
}

// rehash reads what a return holds and hashes it as it was when it was counted,
// or frozen.
func rehash(ctx context.Context, tx *sqldb.Tx, tenant int64, r Return) (string, error) {
	type line struct {
		ord  int64
		text string
	}
	units, err := sqldb.List(ctx, tx, func(row sqldb.Row) (l line, err error) {
		var id, code, name, figures string
		err = row(&l.ord, &id, &code, &name, &figures)
		l.text = fmt.Sprintf("%s %s %s %s\n", id, code, name, figures)
		return l, err
	}, `SELECT u.ord, u.union_id, u.code, u.name, u.figures FROM yearly_units u WHERE u.tenant_id = $1 AND u.return_id = $2 AND u.pass = $3 ORDER BY u.ord`, tenant, r.ID, r.pass)
	if err != nil {
		return "", err
	}
	h, next := sha256.New(), 0
	upTo := func(ord int64) {
		for next < len(units) && units[next].ord <= ord {
			h.Write([]byte(units[next].text))
			next++
		}
	}
	err = sqldb.Each(ctx, tx, func(row sqldb.Row) (p Person, err error) { return p, row(&p.ord, &p.ID, &p.Bits, &p.Name) }, func(p Person) error {
		upTo(p.ord)
		h.Write(person{id: p.ID, bits: p.Bits, name: p.Name}.line())
		return nil
	}, `SELECT p.ord, p.member_id, p.bits, p.name FROM yearly_people p WHERE p.tenant_id = $1 AND p.return_id = $2 AND p.pass = $3 ORDER BY p.ord, p.name_key, p.member_id`, tenant, r.ID, r.pass)
	if err != nil {
		return "", err
	}
	upTo(int64(len(units)))
	sum := hex.EncodeToString(h.Sum(nil))
	if r.State != Frozen && r.State != Submitted {
		return sum, nil
	}
	return sealed(ctx, tx, tenant, r.ID, sum)
}

// sealed takes what the unions said into the hash of what was counted.
func sealed(ctx context.Context, tx *sqldb.Tx, tenant int64, id, counted string) (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, counted)
	err := sqldb.Each(ctx, tx, func(row sqldb.Row) (s string, err error) {
		var union, state, words string
		var women int64
		err = row(&union, &state, &words, &women)
		return fmt.Sprintf("%s %s %d %s\n", union, state, women, words), err
	}, func(s string) error { h.Write([]byte(s)); return nil },
		`SELECT v.union_id, v.state, v.words, v.staff_women FROM yearly_reviews v WHERE v.tenant_id = $1 AND v.return_id = $2 ORDER BY v.union_id`, tenant, id)
	return hex.EncodeToString(h.Sum(nil)), err
}

// UnitsOf lists the units of a return that g sees, with what each said of its
// figures.
func UnitsOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) ([]Unit, error) {
	r, err := find(ctx, tx, g, id)
	if err != nil {
		return nil, err
	}
	return unitsOf(ctx, tx, g, r, "")
}
