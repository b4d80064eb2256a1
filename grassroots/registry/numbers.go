package registry

import (
	"context"
	"fmt"

	"unionhall/kit/sqldb"
)

// Next takes n numbers of a kind within a scope and returns the first of
// them. The counter's row is the head that whoever numbers queues at.
func Next(ctx context.Context, tx *sqldb.Tx, tenant int64, kind, scope string, n int64) (int64, error) {
	if scope == "" {
		scope = "all"
	}
	last, err := sqldb.One(ctx, tx, sqldb.Int, `
		INSERT INTO counters (tenant_id, kind, scope, last) VALUES ($1, $2, $3, $4)
		ON CONFLICT (tenant_id, kind, scope) DO UPDATE SET last = counters.last + excluded.last
		RETURNING last`, tenant, kind, scope, n)
	return last - n + 1, err
}

// holdTree queues whoever changes the shape of the tenant's tree. The counter
// that numbers unions is its head: a new union passes it anyway, so that the
// closure is never copied while another act rebuilds it.
//
// law: ORG-06
func holdTree(ctx context.Context, tx *sqldb.Tx, tenant int64) error {
	_, err := Next(ctx, tx, tenant, "union", "", 0)
	return err
}

// codeOf writes a union's code: six digits of the tenant's area, six of its own.
func codeOf(tenant, n int64) string { return fmt.Sprintf("%06d%06d", tenant/10000, n) }

// CardNo writes a member's number: the union's code and a serial of six.
//
// law: CARD-02
func CardNo(unionCode string, n int64) string { return fmt.Sprintf("%s%06d", unionCode, n) }
