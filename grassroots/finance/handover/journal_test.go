package handover

import (
	"bytes"
	"context"
	"testing"

	"unionhall/grassroots/finance/handover/outside"
	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/finance/ledger/shop"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
	"unionhall/schema/dbtest"
)

var ctx = context.Background()

func journal(t *testing.T, s shop.Shop, union string, below bool, f Format) []byte {
	t.Helper()
	var b bytes.Buffer
	s.Do(func(tx *sqldb.Tx) error {
		return Journal(ctx, tx, s.Accountant(Look), union, 2026, below, f, &b)
	})
	return b.Bytes()
}

func furnish(t *testing.T, db *sqldb.DB) shop.Shop {
	s := shop.New(t, db)
	s.Open(s.A, 2026)
	s.Open(s.B, 2026)
	s.Post(s.A, "2026-01-05", `收到会费 "一月"; 第一笔, 见附件`, "102 debit 100.00", "401 credit 100.00 fr")
	v := s.Post(s.A, "2026-03-31", "慰问会员", "50105 debit 30.00 fr office", "102 credit 30.00")
	s.Post(s.A, "2026-03-31", "借款", "135 debit 12.34 @张三；李四", "102 credit 12.34")
	s.Post(s.B, "2026-03-31", "收到会费", "102 debit 9000000.01", "401 credit 9000000.01 fr")
	s.Do(func(tx *sqldb.Tx) (err error) {
		v, err = ledger.Undo(ctx, tx, s.Accountant(ledger.Reverse), v.ID, "2026-04-01", v.Posted)
		return err
	})
	s.Through(v)
	return s
}

// S2-48: hledger, strict, and beancount take the journal and come to the same
// balances.
func TestOutside(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		s := furnish(t, db)
		for _, below := range []bool{false, true} {
			union := s.A.Code
			if below {
				union = s.Root.Code
			}
			equal(t, s, union, below, outside.Hledger(t, outside.Keep(t, "books.journal", journal(t, s, union, below, Hledger))))
			equal(t, s, union, below, outside.Beancount(t, outside.Keep(t, "books.beancount", journal(t, s, union, below, Beancount))))
		}
	})
}

// equal holds the outside's sums against the books' own balances.
func equal(t *testing.T, s shop.Shop, union string, below bool, sums map[string]money.Fen) {
	t.Helper()
	s.Do(func(tx *sqldb.Tx) error {
		u, err := ledger.Union(ctx, tx, s.Accountant(Look), union)
		if err != nil {
			return err
		}
		f, err := ledger.FiguresOf(ctx, tx, s.Accountant(Look), ledger.Ask{Union: u.ID, Below: below, Year: 2026, From: 1, To: 12})
		ours := map[string]money.Fen{}
		for _, x := range f.Sums {
			ours[x.Account] += x.Closing()
		}
		for code, n := range ours {
			if sums[code] != n {
				t.Errorf("account %s: the outside has %s, we have %s", code, sums[code], n)
			}
		}
		if len(ours) == 0 {
			t.Error("no balances at all")
		}
		for code, n := range sums {
			if n != 0 && ours[code] == 0 {
				t.Errorf("account %s: the outside has %s, we have none", code, n)
			}
		}
		return err
	})
}

// S2-44: an independent small program comes to the same statements from the
// exported journal, to the fen.
func TestStatementsReAdded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		s := furnish(t, db)
		for _, below := range []bool{false, true} {
			union := s.A
			if below {
				union = s.Root
			}
			same(t, s, union.ID, union.Code, below)
		}
	})
}

func same(t *testing.T, s shop.Shop, id, code string, below bool) {
	t.Helper()
	again := outside.ReAdd(t, journal(t, s, code, below, Hledger)).Rows()
	s.Do(func(tx *sqldb.Tx) error {
		f, err := ledger.FiguresOf(ctx, tx, s.Accountant(Look), ledger.Ask{Union: id, Below: below, Year: 2026, From: 1, To: 12})
		if err != nil {
			return err
		}
		compared := 0
		for _, name := range []string{"2021-01", "2021-02"} {
			form, _ := books.FormOf(name)
			values, err := books.Eval(form, f)
			if err != nil {
				return err
			}
			for _, v := range values {
				want, ok := again[v.ID]
				if !ok {
					continue
				}
				compared++
				if got := int64(v.Amount); got != want {
					t.Errorf("%s %s: %d in the statement, %d re-added", name, v.ID, got, want)
				}
			}
		}
		if compared < 10 {
			t.Errorf("only %d rows were compared", compared)
		}
		return nil
	})
}
