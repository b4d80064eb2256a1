package city_test

import (
	"bytes"
	"testing"

	"unionhall/grassroots/finance/handover"
	"unionhall/grassroots/finance/handover/outside"
	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/hall/city"
	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
	"unionhall/schema/dbtest"
)

// S2-44, S2-48: three years of the city's books, all unions together, are taken
// by hledger and beancount, strictly, with equal balances; a small program that
// knows nothing of the books comes to the same statements from that text.
func TestBooksReAdded(t *testing.T) {
	db := dbtest.SQLite(t)
	p := city.Plan{Unions: 20, Members: 800, Years: 3, Seed: 5, Today: "2026-11-22"}
	build(t, db, p)
	var root registry.Union
	err := db.View(t.Context(), func(tx *sqldb.Tx) (err error) { root, err = registry.Root(t.Context(), tx, city.Tenant); return err })
	if err == nil {
		err = city.Bookkeeping(t.Context(), db, root, p, city.Keepers{Accountant: "accountant", Director: "director", Cashier: "cashier"}, now)
	}
	if err != nil {
		t.Fatal(err)
	}
	g := auth.System(city.Tenant, "test", ledger.Look, root.ID)
	for year := 2024; year <= 2026; year++ {
		var hledger, beancount bytes.Buffer
		var f ledger.Figures
		err := db.View(t.Context(), func(tx *sqldb.Tx) (err error) {
			if err := handover.Journal(t.Context(), tx, g, root.ID, year, true, handover.Hledger, &hledger); err != nil {
				return err
			}
			if err := handover.Journal(t.Context(), tx, g, root.ID, year, true, handover.Beancount, &beancount); err != nil {
				return err
			}
			f, err = ledger.FiguresOf(t.Context(), tx, g, ledger.Ask{Union: root.ID, Below: true, Year: year, From: 1, To: 12})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		ours := map[string]int64{}
		for _, s := range f.Sums {
			ours[s.Account] += int64(s.Closing())
		}
		theirs, others := outside.Hledger(t, outside.Keep(t, "city.journal", hledger.Bytes())), outside.Beancount(t, outside.Keep(t, "city.beancount", beancount.Bytes()))
		for account, n := range ours {
			if int64(theirs[account]) != n || int64(others[account]) != n {
				t.Errorf("%d %s: we have %d, hledger %s, beancount %s", year, account, n, theirs[account], others[account])
			}
		}
		again := outside.ReAdd(t, hledger.Bytes()).Rows()
		for _, name := range []string{"2021-01", "2021-02"} {
			form, _ := books.FormOf(name)
			values, err := books.Eval(form, f)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range values {
				if want, ok := again[v.ID]; ok && int64(v.Amount) != want {
					t.Errorf("%d %s %s: %s in the statement, %d re-added", year, name, v.ID, v.Amount, want)
				}
			}
		}
	}
}
