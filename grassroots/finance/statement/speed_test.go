package statement_test

import (
	"fmt"
	"testing"
	"time"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/finance/ledger/shop"
	"unionhall/grassroots/finance/statement"
	"unionhall/grassroots/registry/town"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
	"unionhall/schema/dbtest"
)

const (
	manyUnions = 150
	manyYears  = 3
)

// moving are the accounts of a busy union, with what they bear.
var moving = func() (out [][2]string) {
	for _, a := range books.Chart(books.A21) {
		if !a.Leaf {
			continue
		}
		if a.Class == books.Income || a.Class == books.Expense {
			for _, source := range books.Sources(a) {
				out = append(out, [2]string{a.Code, source})
			}
		} else {
			out = append(out, [2]string{a.Code, "-"})
		}
	}
	return out
}()

// bigCity writes the books of 150 unions over three years as posting a million
// entries leaves them: balances for every account, source and month.
func bigCity(b testing.TB, db *sqldb.DB) shop.Shop {
	s := shop.New(b, db)
	s.Do(func(tx *sqldb.Tx) error {
		for n := range manyUnions {
			id := fmt.Sprintf("00000000-0000-7000-9000-%012d", n)
			if err := tx.Insert(ctx, "unions", "tenant_id, id, code, name, name_key, kind, state, staff, own_account, version, parent_id", [][]any{{s.Tenant, id, "9" + id[25:], "工会" + id[30:], id, "base", "standing", int64(1), true, int64(1), s.Root.ID}}); err != nil {
				return err
			}
			if err := tx.Insert(ctx, "union_reach", "tenant_id, above_id, union_id, depth", [][]any{{s.Tenant, id, id, int64(0)}, {s.Tenant, s.Root.ID, id, int64(1)}}); err != nil {
				return err
			}
		}
		return nil
	})
	for y := range manyYears {
		for n := range manyUnions {
			s.Do(func(tx *sqldb.Tx) error { return bigBook(s, tx, n, 2024+y) })
		}
	}
	s.Do(func(tx *sqldb.Tx) error { _, err := tx.Exec(ctx, `ANALYZE`); return err })
	return s
}

func bigBook(s shop.Shop, tx *sqldb.Tx, n, year int) error {
	union := fmt.Sprintf("00000000-0000-7000-9000-%012d", n)
	id := sqldb.NewID()
	if err := tx.Insert(ctx, "books", "tenant_id, id, union_id, year, system, level, state, opened, account_id, version", [][]any{{s.Tenant, id, union, int64(year), "2021", "county", "open", string(town.Now), "x", int64(1)}}); err != nil {
		return err
	}
	var months, rows [][]any
	for m := range 13 {
		months = append(months, []any{s.Tenant, id, int64(m), "open", int64(0)})
		for i, a := range moving {
			if m == 0 && a[1] != "-" || (i+m+n)%5 != 0 { // some forty move in a month
				continue
			}
			rows = append(rows, []any{s.Tenant, id, int64(m), a[0], a[1], "-", int64(100 * (i + m)), int64(100 * (i + m)), int64(0), int64(0)})
		}
	}
	if err := tx.Insert(ctx, "book_months", "tenant_id, book_id, month, state, last", months); err != nil {
		return err
	}
	return tx.Insert(ctx, "balances", "tenant_id, book_id, month, account, source, project, debit, credit, carry_debit, carry_credit", rows)
}

// Any statement of one union is made from its balances alone, and so is that of
// all of them: what it costs does not grow with the history.
//
// S2-44
func TestSpeed(t *testing.T) {
	if testing.Short() {
		t.Skip("three years of books")
	}
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		s := bigCity(t, db)
		one := "00000000-0000-7000-9000-000000000007"
		for _, c := range []struct {
			what  string
			union string
			form  string
			below bool
			limit time.Duration
		}{
			{"one union", one, "2021-01", false, 16 * time.Millisecond},
			{"one union", one, "2021-02", false, 16 * time.Millisecond},
			{"150 unions", s.Root.ID, "2021-01", true, 150 * time.Millisecond},
			{"150 unions", s.Root.ID, "2021-02", true, 150 * time.Millisecond},
		} {
			best := time.Hour
			for range 5 {
				began := time.Now()
				err := s.DB.View(ctx, func(tx *sqldb.Tx) error {
					u, err := ledger.Union(ctx, tx, s.Accountant(statement.Look), c.union)
					if err != nil {
						return err
					}
					m, err := statement.Make(ctx, tx, s.Accountant(statement.Look), c.form, statement.Ask{Union: u.ID, Below: c.below, Span: statement.Span{Year: 2026, Month: 12}}, u.Ref())
					if err == nil && len(m.Rows) < 20 {
						t.Errorf("%d rows", len(m.Rows))
					}
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				best = min(best, time.Since(began))
			}
			t.Logf("%s %s: %s", c.what, c.form, best.Round(100*time.Microsecond))
			if best > 10*c.limit {
				t.Errorf("%s %s took %s, the aim is %s", c.what, c.form, best, c.limit)
			}
		}
	})
}
