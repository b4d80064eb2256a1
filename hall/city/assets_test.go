package city_test

import (
	"testing"

	"unionhall/grassroots/finance/asset"
	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/hall/city"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
	"unionhall/schema/dbtest"
)

// K3: the cards of every union of the city agree with its books, at the end of
// every year and today, and no voucher moved an asset without a card.
func TestAssets(t *testing.T) {
	db := dbtest.SQLite(t)
	p := city.Plan{Unions: 12, Members: 400, Years: 3, Seed: 3, Today: "2026-11-22"}
	build(t, db, p)
	var root registry.Union
	err := db.View(t.Context(), func(tx *sqldb.Tx) (err error) { root, err = registry.Root(t.Context(), tx, city.Tenant); return err })
	if err == nil {
		err = city.Bookkeeping(t.Context(), db, root, p, city.Keepers{Accountant: "accountant", Director: "director", Cashier: "cashier"}, now)
	}
	if err != nil {
		t.Fatal(err)
	}
	g := auth.System(city.Tenant, "test", asset.Look, root.ID)
	err = db.View(t.Context(), func(tx *sqldb.Tx) error {
		for _, month := range []asset.Month{"2024-01", "2024-12", "2025-12", "2026-11"} {
			all, err := ledger.Books(t.Context(), tx, g, "", month.Year())
			if err != nil {
				return err
			}
			for _, b := range all {
				c, err := asset.Check(t.Context(), tx, g, b.Union.Code, month)
				if err != nil {
					return err
				}
				for _, l := range c.Lines {
					if l.Off() != 0 {
						t.Errorf("%s %s %s: %s, the books %s", b.Union.Name, month, l.Label, l.Cards, l.Ledger)
					}
				}
				for _, s := range c.Strays {
					t.Errorf("%s: %+v", b.Union.Name, s)
				}
				next, err := asset.Next(t.Context(), tx, g, b.Union.ID)
				if err != nil || next < "2026-10" {
					t.Errorf("%s: runs next %s, %v", b.Union.Name, next, err)
				}
			}
		}
		rep, err := audit.Verify(t.Context(), tx, city.Tenant, []string{"asset_cards", "asset_moves", "asset_runs"})
		for _, f := range rep.Findings {
			t.Errorf("%s: %s", f.Where, f.What)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
