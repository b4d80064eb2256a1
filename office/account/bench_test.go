package account_test

import (
	"net/http/httptest"
	"testing"

	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
	"unionhall/office/account"
	"unionhall/schema/dbtest"
)

// BenchmarkWho is what every request pays to know who asks: at most 60 µs.
func BenchmarkWho(b *testing.B) {
	h := newHouse(b, dbtest.SQLite(b))
	h.person("zhoumin", "周敏", auth.Officer, h.root.ID)
	if _, err := h.give(h.first, auth.Admin, account.Appoint, account.Giving{Account: h.login2("zhoumin"), Office: auth.Cashier, UnionID: h.base.ID, From: h.today()}); err != nil {
		b.Fatal(err)
	}
	c, _ := h.login("zhoumin", secret, "")
	hr := httptest.NewRequest("GET", "/probe", nil)
	hr.AddCookie(c)
	err := h.db.View(ctx, func(tx *sqldb.Tx) error {
		for b.Loop() {
			if a, _, err := h.o.Who(hr, tx, h.at()); err != nil || !a.SignedIn() {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}
