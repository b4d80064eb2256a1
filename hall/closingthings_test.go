package hall_test

import (
	"testing"

	"unionhall/grassroots/finance/closing"
	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/office/account"
)

const (
	closingHome  = closing.Home
	closingYears = closing.Years
)

// closed gives the union books of the year, for the months and years that the
// rooms about closing are asked for.
func (s *stand) closed(t testing.TB, tenant int64, union string, x things) {
	t.Helper()
	x["book union"], x["shared period"], x["shared book year"], x["shared step"] = union, "2026-01", "2026", "gather"
	if len(s.look(t, `SELECT id FROM books WHERE tenant_id = $1 AND union_id = $2 AND year = 2026`, tenant, union)) > 0 {
		return
	}
	s.write(t, func(tx *sqldb.Tx) error {
		g, err := account.Shell(ctx, tx, tenant, "test", ledger.Open)
		if err != nil {
			return err
		}
		_, err = ledger.Start(ctx, tx, g, ledger.Opens{Union: union, Year: 2026}, day.At(s.house.Now()))
		return err
	})
}
