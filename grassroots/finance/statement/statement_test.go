package statement_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"unionhall/grassroots/finance/ledger/shop"
	"unionhall/grassroots/finance/statement"
	"unionhall/grassroots/registry"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/schema/dbtest"
)

var ctx = context.Background()

func each(t *testing.T, f func(t *testing.T, s shop.Shop)) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) { f(t, shop.New(t, db)) })
}

// make1 makes a statement of a union over the whole committee's reach.
func make1(t *testing.T, s shop.Shop, form string, u registry.Union, year, month int, below bool) (m statement.Statement) {
	t.Helper()
	s.Do(func(tx *sqldb.Tx) (err error) {
		m, err = statement.Make(ctx, tx, s.Accountant(statement.Look), form, statement.Ask{Union: u.ID, Below: below, Span: statement.Span{Year: year, Month: month}}, u.Ref())
		return err
	})
	return m
}

// told reads cells as "A07.closing=50.00".
func told(m statement.Statement, cells ...string) (out []string) {
	for _, c := range cells {
		at, _, _ := strings.Cut(c, "=")
		row, column, _ := strings.Cut(at, ".")
		got := money.Fen(-1)
		for _, l := range m.Rows {
			if n, ok := l.Amounts[column]; ok && l.Row == row {
				got = n
			}
		}
		out = append(out, fmt.Sprintf("%s=%s", at, got))
	}
	return out
}

func want(t *testing.T, law string, m statement.Statement, cells ...string) {
	t.Helper()
	for i, got := range told(m, cells...) {
		if got != cells[i] {
			t.Errorf("%s: %s %s: %s, want %s", law, m.Form, m.Period, got, cells[i])
		}
	}
}

// The acceptance examples of the books, each posted through the ledger.
func TestExamples(t *testing.T) {
	each(t, func(t *testing.T, s shop.Shop) {
		s.Open(s.A, 2026)
		s.Open(s.Root, 2026)
		s.Post(s.A, "2026-03-01", "收到拨缴经费", "102 debit 10000.00", "402 credit 6000.00 fr", "211 credit 4000.00")
		s.Post(s.A, "2026-03-02", "购买奖品", "50102 debit 200.00 fr office", "102 credit 200.00")
		s.Post(s.A, "2026-03-02", "奖品入库", "141 debit 200.00", "30101 credit 200.00")
		s.Post(s.A, "2026-03-20", "发放奖品", "30101 debit 150.00", "141 credit 150.00")
		m := make1(t, s, "2021-01", s.A, 2026, 3, false)
		want(t, "example 4: stock stays at cost", m, "A07.closing=50.00", "N01.closing=50.00", "A01.closing=9800.00", "L02.closing=4000.00", "A19.closing=9850.00")
		want(t, "example 4: what was bought is spent", make1(t, s, "2021-02", s.A, 2026, 3, false), "R16.month=200.00", "R16.year=200.00", "R07.month=6000.00", "R27.year=5800.00")
		want(t, "the month after", make1(t, s, "2021-02", s.A, 2026, 4, false), "R16.month=0.00", "R16.year=200.00")
		if m.State != "draft" || m.Refuse() != nil {
			t.Errorf("an open month is %s: %v", m.State, m.Refuse())
		}
	})
}
