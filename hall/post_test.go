package hall_test

import (
	"testing"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/outbox"
	"unionhall/kit/sqldb"
	"unionhall/office/account"
	"unionhall/office/post"
)

// outward makes what leaves the house, or would: a letter that finds nothing
// to tell, a subscription that is stopped, so that the tests speak to nobody
// outside; and an address of the account.
func (s *stand) outward(t testing.TB, tenant int64, acc string, x things) {
	t.Helper()
	at := day.At(s.house.Now())
	x["letter"] = sqldb.NewID()
	s.write(t, func(tx *sqldb.Tx) error {
		g, err := account.Shell(ctx, tx, tenant, "test", post.Hooks)
		if err != nil {
			return err
		}
		if err := s.house.Box.Put(ctx, tx, at, outbox.Letter{Tenant: tenant, ID: x["letter"], Kind: "sms", Title: "待办和催办", Account: acc, Thing: "none"}); err != nil {
			return err
		}
		h, err := s.house.Post.Add(ctx, tx, g, post.HookForm{Name: "办公系统", URL: "https://oa.example.invalid/unionhall", Events: []string{"union.founded"}}, at)
		if err != nil {
			return err
		}
		x["hook"] = h.ID
		_, err = s.house.Post.Switch(ctx, tx, g, h.ID, false, 1, at)
		return err
	})
}

// reachedAt gives an account an address by mail that was proved.
func (s *stand) reachedAt(t testing.TB, tx *sqldb.Tx, g auth.Grant, acc string, at day.Instant) (id string, err error) {
	t.Helper()
	has, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT id FROM addresses WHERE tenant_id = $1 AND account_id = $2 AND channel = 'mail'`, g.Tenant(), acc)
	if err != nil || len(has) > 0 {
		return append(has, "")[0], err
	}
	id = sqldb.NewID()
	_, err = tx.Exec(ctx, `INSERT INTO addresses (tenant_id, id, account_id, channel, address, proved, made) VALUES ($1, $2, $3, 'mail', $4, $5, $5)`,
		g.Tenant(), id, acc, tx.Keys().Seal(g.Tenant(), "addresses", "address", "zhou@example.invalid"), string(at))
	if err == nil {
		err = audit.Write(ctx, tx, g, acc, map[string]string{"did": "address"}, at, audit.Touched{Table: "addresses", ID: id})
	}
	return id, err
}
