package hall

import (
	"context"
	"fmt"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/hall/city"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// demoBooks gives the city's unions their books, and this month's vouchers that
// still wait for somebody.
func (h *House) demoBooks(ctx context.Context, root registry.Union, p city.Plan, people city.People, at day.Instant) error {
	who := map[string]string{}
	err := h.DB.View(ctx, func(tx *sqldb.Tx) error {
		return sqldb.Each(ctx, tx, func(row sqldb.Row) (v [2]string, err error) { return v, row(&v[0], &v[1]) }, func(v [2]string) error { who[v[0]] = v[1]; return nil },
			`SELECT login, id FROM accounts WHERE tenant_id = $1`, int64(city.Tenant))
	})
	if err != nil {
		return err
	}
	keepers := city.Keepers{Accountant: who["accountant"], Director: who["director"], Cashier: who["cashier"]}
	if err := city.Bookkeeping(ctx, h.DB, root, p, keepers, at); err != nil {
		return err
	}
	if err := h.demoBills(ctx, root.Ref(), who, people.Unions[:], at); err != nil {
		return err
	}
	return h.DB.Do(ctx, func(tx *sqldb.Tx) error {
		for i, u := range people.Unions {
			if err := demoWaiting(ctx, tx, root.ID, who, u, int64(i), at); err != nil {
				return fmt.Errorf("waiting vouchers of %s: %w", u.Name, err)
			}
		}
		return nil
	})
}

// demoWaiting makes three vouchers of a union: two for its chair to review, one
// that waits to be posted.
func demoWaiting(ctx context.Context, tx *sqldb.Tx, root string, who map[string]string, u registry.Ref, n int64, at day.Instant) error {
	make := auth.As(city.Tenant, who["accountant"], auth.Accountant, ledger.Make, root)
	for i, s := range []struct {
		account, summary string
		fen              money.Fen
	}{{"50102", "冬季长跑活动租用场地", 186_000}, {"50501", "参加工会主席培训班", 96_000 + money.Fen(n)*1_000}, {"50105", "会员生日慰问", 243_000}} {
		v, err := ledger.Write(ctx, tx, make, ledger.Entry{Union: u.ID, Date: at.Day(), Summary: s.summary, Attachments: 2, Lines: []books.Line{
			{Account: s.account, Debit: s.fen, Source: books.FR, Project: ledger.Office}, {Account: "102", Credit: s.fen},
		}}, at)
		if err != nil {
			return err
		}
		if i < 2 {
			continue
		}
		if _, err := ledger.Advance(ctx, tx, auth.As(city.Tenant, who["director"], auth.Director, ledger.Review, root), v.ID, 0, flow.Given{}, at); err != nil {
			return err
		}
	}
	return nil
}
