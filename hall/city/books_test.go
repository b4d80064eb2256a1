package city_test

import (
	"testing"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/hall/city"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
	"unionhall/schema/dbtest"
)

// The city's books stand up to verify and to the checks of every close: K2,
// K3, K4 each month, K5 and K6 of a year that is over.
func TestBooks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		p := city.Plan{Unions: 12, Members: 400, Years: 3, Seed: 3, Today: "2026-11-22"}
		build(t, db, p)
		var root registry.Union
		look := func(f func(tx *sqldb.Tx) error) {
			t.Helper()
			if err := db.View(t.Context(), f); err != nil {
				t.Fatal(err)
			}
		}
		look(func(tx *sqldb.Tx) (err error) { root, err = registry.Root(t.Context(), tx, city.Tenant); return err })
		if err := city.Bookkeeping(t.Context(), db, root, p, city.Keepers{Accountant: "accountant", Director: "director", Cashier: "cashier"}, now); err != nil {
			t.Fatal(err)
		}
		g := auth.System(city.Tenant, "test", ledger.Look, root.ID)
		look(func(tx *sqldb.Tx) error {
			found, err := ledger.Verify(t.Context(), tx, city.Tenant)
			for _, f := range found {
				t.Errorf("%s: %s", f.Where, f.What)
			}
			if err != nil {
				return err
			}
			rep, err := audit.Verify(t.Context(), tx, city.Tenant, []string{"books", "vouchers", "month_acts", "projects"})
			for _, f := range rep.Findings {
				t.Errorf("%s: %s", f.Where, f.What)
			}
			if rep.Sealed < 1000 {
				t.Errorf("only %d rows are sealed", rep.Sealed)
			}
			return err
		})
		look(func(tx *sqldb.Tx) error {
			for year := 2024; year <= 2026; year++ {
				all, err := ledger.Books(t.Context(), tx, g, "", year)
				if err != nil || len(all) < 12 {
					t.Fatalf("%d books of %d: %v", len(all), year, err)
				}
				for _, b := range all {
					f, err := ledger.FiguresOf(t.Context(), tx, g, ledger.Ask{Union: b.Union.ID, Year: year, From: 1, To: 12})
					if err != nil {
						return err
					}
					for _, broken := range books.Check(b.System, f, b.State == ledger.Ended) {
						t.Errorf("%s %d: %s %s", b.Union.Name, year, broken.Rule, broken.Text)
					}
				}
			}
			return nil
		})
	})
}
