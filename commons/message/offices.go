package message

import (
	"context"
	"slices"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

// Holders lists the accounts that hold one of the offices over the union
// itself on the day; where nobody does, over the nearest union above it where
// somebody does.
func Holders(ctx context.Context, tx *sqldb.Tx, tenant int64, unionID string, on day.Day, offices ...auth.Office) ([]string, error) {
	type holder struct {
		account string
		office  auth.Office
		depth   int64
	}
	all, err := sqldb.List(ctx, tx, func(row sqldb.Row) (h holder, err error) { return h, row(&h.account, &h.office, &h.depth) }, `
		SELECT p.account_id, p.office, r.depth FROM union_reach r
		JOIN posts p ON p.tenant_id = r.tenant_id AND p.union_id = r.above_id
		JOIN accounts a ON a.tenant_id = p.tenant_id AND a.id = p.account_id AND NOT a.locked
		WHERE r.tenant_id = $1 AND r.union_id = $2 AND p.from_day <= $3 AND (p.to_day IS NULL OR p.to_day >= $3)
		ORDER BY r.depth, p.account_id`, tenant, unionID, string(on))
	if err != nil {
		return nil, err
	}
	var out []string
	nearest := int64(-1)
	for _, h := range all {
		if !slices.Contains(offices, h.office) || nearest >= 0 && h.depth > nearest {
			continue
		}
		nearest = h.depth
		if !slices.Contains(out, h.account) {
			out = append(out, h.account)
		}
	}
	return out, nil
}

// ToUnion leaves a message for the Holders of the offices over a union.
func ToUnion(ctx context.Context, tx *sqldb.Tx, tenant int64, unionID string, offices []auth.Office, title, body, href string, at day.Instant) error {
	to, err := Holders(ctx, tx, tenant, unionID, at.Day(), offices...)
	for _, a := range to {
		if err == nil {
			err = Send(ctx, tx, tenant, a, title, body, href, at)
		}
	}
	return err
}

// ToMember leaves a message for the account of a member; one who has none is
// told nothing.
func ToMember(ctx context.Context, tx *sqldb.Tx, tenant int64, memberID, title, body, href string, at day.Instant) error {
	to, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT a.id FROM accounts a WHERE a.tenant_id = $1 AND a.member_id = $2 AND NOT a.locked`, tenant, memberID)
	for _, a := range to {
		if err == nil {
			err = SendAs(ctx, tx, Own, tenant, a, title, body, href, at)
		}
	}
	return err
}
