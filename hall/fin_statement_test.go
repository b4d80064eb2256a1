package hall_test

import (
	"testing"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/finance/statement"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

// filedYear is a year that no demo keeps books of.
const filedYear = 2023

// filed has a union submit the statements of a month, once.
func (s *stand) filed(t testing.TB, tenant int64, union string) string {
	t.Helper()
	if all := s.look(t, `SELECT id FROM filings WHERE tenant_id = $1 AND union_id = $2 ORDER BY id DESC`, tenant, union); len(all) > 0 {
		return all[0]
	}
	s.write(t, func(tx *sqldb.Tx) error {
		at := day.At(s.house.Now())
		g := auth.As(tenant, "test", auth.Chair, statement.Submit, union)
		b, err := ledger.Start(ctx, tx, g.For(ledger.Open), ledger.Opens{Union: union, Year: filedYear}, at)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE book_months SET state = 'closed' WHERE tenant_id = $1 AND book_id = $2 AND month = 1`, tenant, b.ID); err != nil {
			return err
		}
		_, err = statement.Send(ctx, tx, g, statement.SubmitForm{Union: union, Year: filedYear, Period: "1"}, at)
		return err
	})
	return s.first(t, `SELECT id FROM filings WHERE tenant_id = $1 AND union_id = $2 ORDER BY id DESC`, tenant, union)
}
