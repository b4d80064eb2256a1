package admission

import (
	"context"
	"encoding/json"
	"fmt"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

const columns = `a.id, a.union_id, u.code, u.name, a.invite_id, a.no, a.way, a.state, a.body, a.consent, a.consent_hash, a.consent_at, a.applied, a.due,
	a.raised, a.ended, a.member_id, a.transfer_id, a.version`

const from = `
	FROM applications a
	JOIN unions u ON u.tenant_id = a.tenant_id AND u.id = a.union_id
	WHERE a.tenant_id = $1`

const within = ` AND a.union_id IN (SELECT r.union_id FROM union_reach r WHERE r.tenant_id = $1 AND r.above_id = $2)`

// scan reads an application and opens its form.
func scan(tx *sqldb.Tx, tenant int64) sqldb.Scan[Application] {
	return func(row sqldb.Row) (a Application, err error) {
		var body []byte
		err = row(&a.ID, &a.Union.ID, &a.Union.Code, &a.Union.Name, &a.InviteID, &a.No, &a.Way, &a.State, &body, &a.Consent, &a.ConsentHash, &a.ConsentAt, &a.Applied, &a.Due,
			&a.Raised, &a.Ended, &a.MemberID, &a.TransferID, &a.Version)
		if err != nil {
			return a, err
		}
		plain, err := tx.Keys().OpenBlob(tenant, "applications", "body", body)
		if err == nil {
			err = json.Unmarshal(plain, &a.Form)
		}
		if err != nil {
			return a, fmt.Errorf("application %s: %w", a.ID, err)
		}
		return a, nil
	}
}

// lock seals a form for its column.
func lock(tx *sqldb.Tx, tenant int64, f Form) ([]byte, error) {
	plain, err := json.Marshal(f)
	if err != nil {
		return nil, err
	}
	return tx.Keys().SealBlob(tenant, "applications", "body", plain), nil
}

// Find returns an application within g's reach, or fault.NotFound.
func Find(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Application, error) {
	return sqldb.One(ctx, tx, scan(tx, g.Tenant()), `SELECT `+columns+from+within+` AND a.id = $3`, g.Tenant(), g.Under(), id)
}

// byID returns an application to whoever proved to hold its receipt.
func byID(ctx context.Context, tx *sqldb.Tx, tenant int64, id string) (Application, error) {
	return sqldb.One(ctx, tx, scan(tx, tenant), `SELECT `+columns+from+` AND a.id = $2`, tenant, id)
}

// byKey returns the application that a request's key brought, if any.
func byKey(ctx context.Context, tx *sqldb.Tx, tenant int64, key string) (a Application, ok bool, err error) {
	all, err := sqldb.List(ctx, tx, scan(tx, tenant), `SELECT `+columns+from+` AND a.form_key = $2`, tenant, key)
	if err != nil || len(all) == 0 {
		return a, false, err
	}
	return all[0], true, nil
}

// Row is an application in a list: no number stands in it.
type Row struct {
	ID      string      `json:"id"`
	No      string      `json:"no"`
	Name    string      `json:"name"`
	Union   string      `json:"union"`
	Way     Way         `json:"way"`
	State   State       `json:"state"`
	Applied day.Instant `json:"applied"`
	Due     day.Day     `json:"due"`
	Version int64       `json:"version"`
}

// Place is the application's page.
func (r Row) Place() string { return home + "/" + r.ID }

// Query narrows the list; empty shows what waits.
type Query struct {
	State State  `json:"state" doc:"状态"` // "all": every one
	After string `json:"after" doc:"从哪一条之后"`
	Limit int    `json:"limit" doc:"条数"`
}

const anyState State = "all"

func scanRow(row sqldb.Row) (r Row, err error) {
	return r, row(&r.ID, &r.No, &r.Name, &r.Union, &r.Way, &r.State, &r.Applied, &r.Due, &r.Version)
}

const rowColumns = `a.id, a.no, a.name, u.name, a.way, a.state, a.applied, a.due, a.version`

// List returns applications within g's reach, the latest first; without a
// state those that wait for somebody.
func List(ctx context.Context, tx *sqldb.Tx, g auth.Grant, q Query) ([]Row, error) {
	if q.After == "" {
		q.After = "~"
	}
	text, args := `SELECT `+rowColumns+from+within, []any{g.Tenant(), g.Under(), q.After, int64(q.Limit)}
	switch q.State {
	case "":
		text += ` AND a.state IN ('applied', 'raised', 'returned')`
	case anyState:
	default:
		text, args = text+` AND a.state = $5`, append(args, string(q.State))
	}
	return sqldb.List(ctx, tx, scanRow, text+` AND a.id < $3 ORDER BY a.id DESC LIMIT $4`, args...)
}

// Waiting lists the applications that g's office may decide, the first due
// first.
//
// law: MEM-02
func Waiting(ctx context.Context, tx *sqldb.Tx, g auth.Grant, limit int) ([]Row, error) {
	states := `a.state = 'raised'`
	if g.Office() == auth.Chair {
		states = `a.state IN ('applied', 'raised')`
	}
	return sqldb.List(ctx, tx, scanRow, `SELECT `+rowColumns+from+within+` AND `+states+` ORDER BY a.due, a.id LIMIT $3`, g.Tenant(), g.Under(), int64(limit))
}

// chaired reports whether somebody holds the chair's post over the union itself.
func chaired(ctx context.Context, tx *sqldb.Tx, tenant int64, union string, on day.Day) (bool, error) {
	n, err := sqldb.One(ctx, tx, sqldb.Int, `
		SELECT count(*) FROM posts p
		JOIN accounts a ON a.tenant_id = p.tenant_id AND a.id = p.account_id AND NOT a.locked
		WHERE p.tenant_id = $1 AND p.union_id = $2 AND p.office = 'chair' AND p.from_day <= $3 AND (p.to_day IS NULL OR p.to_day >= $3)`, tenant, union, string(on))
	return n > 0, err
}

// Homeless is a member who was taken in one level up, since the own unit has
// no union yet.
type Homeless struct {
	ID       string  `json:"id"`
	Name     string  `json:"name"`
	Union    string  `json:"union"`
	WorkUnit string  `json:"work_unit"`
	Joined   day.Day `json:"joined"`
}

// mostHomeless is how many of them one page shows.
const mostHomeless = 200

// Homes lists the members within g's reach whose union is no union of a unit:
// who is to be transferred once the unit has one.
//
// law: MEM-03, MEM-11
func Homes(ctx context.Context, tx *sqldb.Tx, g auth.Grant) ([]Homeless, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (h Homeless, err error) {
		return h, row(&h.ID, &h.Name, &h.Union, &h.WorkUnit, &h.Joined)
	}, `
		SELECT m.id, m.name, u.name, m.work_unit, m.joined FROM unions u
		JOIN members m ON m.tenant_id = u.tenant_id AND m.union_id = u.id AND m.status IN ('active', 'retained', 'transferring')
		WHERE u.tenant_id = $1 AND u.kind IN ('agency', 'federation', 'industry', 'county', 'city')
			AND u.id IN (SELECT r.union_id FROM union_reach r WHERE r.tenant_id = $1 AND r.above_id = $2)
		ORDER BY m.name_key, m.id LIMIT $3`, g.Tenant(), g.Under(), int64(mostHomeless))
}
