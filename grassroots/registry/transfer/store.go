package transfer

import (
	"context"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

const columns = `t.id, t.no, t.member_id, m.name, m.card_no, f.id, f.code, f.name, i.id, i.code, i.name, t.state, t.asked_by, t.account_id, t.kept, t.reason,
	t.asked, t.confirmed, t.ended, t.alerted, t.dues_from, t.version`

const joined = `
	FROM transfers t
	JOIN members m ON m.tenant_id = t.tenant_id AND m.id = t.member_id
	JOIN unions f ON f.tenant_id = t.tenant_id AND f.id = t.from_union
	JOIN unions i ON i.tenant_id = t.tenant_id AND i.id = t.to_union
	WHERE t.tenant_id = $1`

// within are the transfers of which one of the two unions is in reach.
const within = ` AND EXISTS (
	SELECT 1 FROM union_reach r
	WHERE r.tenant_id = t.tenant_id AND r.above_id = $2 AND (r.union_id = t.from_union OR r.union_id = t.to_union))`

func scan(row sqldb.Row) (t Transfer, err error) {
	err = row(&t.ID, &t.No, &t.MemberID, &t.Name, &t.CardNo, &t.From.ID, &t.From.Code, &t.From.Name, &t.To.ID, &t.To.Code, &t.To.Name, &t.State, &t.AskedBy,
		&t.Account, &t.Kept, &t.Reason, &t.Asked, &t.Confirmed, &t.Ended, &t.Alerted, &t.DuesFrom, &t.Version)
	return t, err
}

// Find returns a transfer of which g reaches one union, or fault.NotFound.
func Find(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Transfer, error) {
	return sqldb.One(ctx, tx, scan, `SELECT `+columns+joined+within+` AND t.id = $3`, g.Tenant(), g.Under(), id)
}

// FindOwn returns a transfer of the member who asks, or fault.NotFound.
func FindOwn(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Transfer, error) {
	return sqldb.One(ctx, tx, scan, `SELECT `+columns+joined+` AND t.member_id = $2 AND t.id = $3`, g.Tenant(), g.Self(), id)
}

// OfMember lists the transfers of a member whom the caller was seen to reach,
// the latest first.
func OfMember(ctx context.Context, tx *sqldb.Tx, tenant int64, id string) ([]Transfer, error) {
	return sqldb.List(ctx, tx, scan, `SELECT `+columns+joined+` AND t.member_id = $2 ORDER BY t.id DESC LIMIT 50`, tenant, id)
}

// Query narrows the list.
type Query struct {
	Side  Side   `json:"side" doc:"方向"`  // from or to; empty: both
	State State  `json:"state" doc:"状态"` // empty: all
	After string `json:"after" doc:"从哪一条之后"`
	Limit int    `json:"limit" doc:"条数"`
}

const most = 50

// List returns the transfers within reach, the latest first.
func List(ctx context.Context, tx *sqldb.Tx, g auth.Grant, q Query) ([]Transfer, error) {
	text := `SELECT ` + columns + joined
	switch q.Side {
	case Out:
		text += ` AND t.from_union IN (SELECT r.union_id FROM union_reach r WHERE r.tenant_id = $1 AND r.above_id = $2)`
	case In:
		text += ` AND t.to_union IN (SELECT r.union_id FROM union_reach r WHERE r.tenant_id = $1 AND r.above_id = $2)`
	default:
		text += within
	}
	if q.After == "" {
		q.After = "~"
	}
	args := []any{g.Tenant(), g.Under(), q.After, int64(q.Limit)}
	if q.State != "" {
		text, args = text+` AND t.state = $5`, append(args, string(q.State))
	}
	return sqldb.List(ctx, tx, scan, text+` AND t.id < $3 ORDER BY t.id DESC LIMIT $4`, args...)
}

// Waiting lists the open transfers whose next step belongs to a union within
// g's reach, the oldest first: what is to be done.
//
// law: MEM-26
func Waiting(ctx context.Context, tx *sqldb.Tx, g auth.Grant, limit int) ([]Transfer, error) {
	return sqldb.List(ctx, tx, scan, `SELECT `+columns+joined+`
		AND (t.state = 'requested' AND t.from_union IN (SELECT r.union_id FROM union_reach r WHERE r.tenant_id = $1 AND r.above_id = $2)
			OR t.state = 'confirmed' AND t.to_union IN (SELECT r.union_id FROM union_reach r WHERE r.tenant_id = $1 AND r.above_id = $2))
		ORDER BY t.id LIMIT $3`, g.Tenant(), g.Under(), int64(limit))
}

// late lists the open transfers asked for before an instant of which nobody
// was told yet.
func late(ctx context.Context, tx *sqldb.Tx, tenant int64, before day.Instant) ([]Transfer, error) {
	return sqldb.List(ctx, tx, scan, `SELECT `+columns+joined+` AND t.state IN ('requested', 'confirmed') AND t.asked < $2 AND t.alerted IS NULL ORDER BY t.id LIMIT 500`,
		tenant, string(before))
}

// reaches reports whether a union lies within g's reach.
func reaches(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string) (bool, error) {
	n, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM union_reach r WHERE r.tenant_id = $1 AND r.above_id = $2 AND r.union_id = $3`, g.Tenant(), g.Under(), union)
	return n > 0, err
}
