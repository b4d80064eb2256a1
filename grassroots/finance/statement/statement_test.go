package statement_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/finance/ledger/shop"
	"unionhall/grassroots/finance/statement"
	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/town"
	"unionhall/kit/audit"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
	"unionhall/schema/dbtest"
)

var ctx = context.Background()

func each(t *testing.T, f func(t *testing.T, s shop.Shop)) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) { f(t, shop.New(t, db)) })
}

// made makes a statement of a union over the whole committee's reach.
func made(t *testing.T, s shop.Shop, form string, u registry.Union, year, month int, below bool) (m statement.Statement) {
	t.Helper()
	s.Do(func(tx *sqldb.Tx) (err error) {
		m, err = statement.Make(ctx, tx, s.Accountant(statement.Look), form, statement.Ask{Union: u.ID, Below: below, Span: statement.Span{Year: year, Month: month}}, u.Ref())
		return err
	})
	return m
}

func amountOf(m statement.Statement, row, column string) money.Fen {
	for _, l := range m.Rows {
		if n, ok := l.Amounts[column]; ok && l.Row == row {
			return n
		}
	}
	return -1
}

// want compares cells written as "A07.closing=50.00".
func want(t *testing.T, law string, m statement.Statement, cells ...string) {
	t.Helper()
	for _, c := range cells {
		at, text, _ := strings.Cut(c, "=")
		row, column, _ := strings.Cut(at, ".")
		if got := amountOf(m, row, column); got.String() != text {
			t.Errorf("%s: %s %s: %s is %s, want %s", law, m.Form, m.Period, at, got, text)
		}
	}
}

// enter posts a voucher that rules make.
func enter(t *testing.T, s shop.Shop, b ledger.Book, nature ledger.Nature, on day.Day, lines []books.Line) {
	t.Helper()
	if len(lines) == 0 {
		return
	}
	s.Do(func(tx *sqldb.Tx) error {
		g, m := s.Accountant(ledger.Carry), audit.Moves{}
		v, err := ledger.Enter(ctx, tx, g, m, b, ledger.Entry{Union: b.Union.ID, Date: on, Summary: "结转", Lines: lines, Nature: nature}, town.Now)
		if err != nil {
			return err
		}
		return m.Write(ctx, tx, g, v.ID, map[string]string{"did": "carried"}, town.Now)
	})
}

// held is what stands in the accounts of a book at the end of a month.
func held(s shop.Shop, b ledger.Book, month int) (out []books.Balance) {
	s.Do(func(tx *sqldb.Tx) error {
		f, err := ledger.FiguresOf(ctx, tx, s.Accountant(ledger.Look), ledger.Ask{Union: b.Union.ID, Year: b.Year, From: 1, To: month, Projects: true})
		for _, x := range f.Sums {
			n := x.Closing()
			if a, _ := books.Stated(b.System, x.Account); a.Side == books.Credit {
				n = -n
			}
			out = append(out, books.Balance{Account: x.Account, Source: x.Source, Project: x.Project, Amount: n})
		}
		return err
	})
	return out
}

// close carries a month's result and closes the month; December closes the
// year.
func closeMonth(t *testing.T, s shop.Shop, b ledger.Book, month int) {
	t.Helper()
	on := day.Day(fmt.Sprintf("%04d-%02d-28", b.Year, month))
	enter(t, s, b, ledger.Closing, on, books.Carry(b.System, held(s, b, month)))
	if month == 12 && b.System == books.A21 {
		enter(t, s, b, ledger.Closing, on, books.Gather(held(s, b, month), "321", "331"))
		enter(t, s, b, ledger.Closing, on, books.Gather(held(s, b, month), "322", "332"))
	}
	s.Do(func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE book_months SET state = 'closed' WHERE tenant_id = $1 AND book_id = $2 AND month = $3`, s.Tenant, b.ID, int64(month))
		if err == nil && month == 12 {
			_, err = tx.Exec(ctx, `UPDATE books SET state = 'closed' WHERE tenant_id = $1 AND id = $2`, s.Tenant, b.ID)
		}
		return err
	})
}

// The acceptance examples of the books (4 to 8), each posted through the
// ledger.
//
// F3.28, F3.13
func TestExamples(t *testing.T) {
	each(t, func(t *testing.T, s shop.Shop) {
		a, root := s.Open(s.A, 2026), s.Open(s.Root, 2026)
		s.Post(s.A, "2026-01-01", "收到拨缴经费", "102 debit 20000.00", "402 credit 12000.00 fr", "211 credit 8000.00")
		s.Post(s.A, "2026-03-02", "购买奖品", "50102 debit 200.00 fr office", "102 credit 200.00")
		s.Post(s.A, "2026-03-02", "奖品入库", "141 debit 200.00", "30101 credit 200.00")
		s.Post(s.A, "2026-03-20", "发放奖品", "30101 debit 150.00", "141 credit 150.00")
		m := made(t, s, "2021-01", s.A, 2026, 3, false)
		want(t, "example 4: stock stays at cost", m, "A07.closing=50.00", "N01.closing=50.00", "A01.closing=19800.00", "L02.closing=8000.00", "A19.closing=19850.00")
		want(t, "example 4: what was bought is spent", made(t, s, "2021-02", s.A, 2026, 3, false), "R16.month=200.00", "R16.year=200.00", "R07.month=0.00", "R07.year=12000.00", "R27.year=11800.00")

		s.Post(s.A, "2026-04-05", "购置电脑", "50702 debit 6000.00 fr office", "102 credit 6000.00")
		s.Post(s.A, "2026-04-05", "电脑入账", "162 debit 6000.00", "30104 credit 6000.00")
		s.Post(s.A, "2026-05-31", "计提折旧", "30104 debit 83.33", "163 credit 83.33")
		want(t, "example 5: the month it is bought", made(t, s, "2021-02", s.A, 2026, 4, false), "R22.month=6000.00")
		want(t, "example 5: depreciation is no expenditure", made(t, s, "2021-02", s.A, 2026, 5, false), "R22.month=0.00", "R15.month=0.00")
		want(t, "example 5: it shows in the cost statement", made(t, s, "2021-a3", s.A, 2026, 5, false), "E08.month=83.33", "E08.year=83.33")
		want(t, "example 5: net value", made(t, s, "2021-01", s.A, 2026, 5, false), "A11.closing=6000.00", "A12.closing=83.33", "A13.closing=5916.67")

		s.Post(s.A, "2026-06-01", "收回多付款", "102 debit 25.00", "32201 credit 25.00")
		want(t, "example 8: an earlier year's overpayment", made(t, s, "2021-02", s.A, 2026, 6, false), "R04.month=25.00", "R04.year=25.00", "R05.month=0.00")

		s.Post(s.Root, "2026-01-01", "收到拨缴经费", "102 debit 1000.00", "402 credit 1000.00 fr")
		s.Post(s.Root, "2026-02-01", "额度到账", "111 debit 900.00", "40401 credit 900.00 ft")
		s.Post(s.Root, "2026-02-02", "额度支出", "50501 debit 600.00 ft office", "111 credit 600.00")
		s.Post(s.Root, "2026-03-02", "直接支付", "50501 debit 1100.00 ft office", "40401 credit 1100.00 ft")
		s.Post(s.Root, "2026-04-01", "购买国债", "151 debit 500.00", "30102 credit 500.00")
		s.Post(s.Root, "2026-04-01", "购买国债", "32205 debit 500.00", "102 credit 500.00")
		s.Post(s.Root, "2026-05-01", "国债兑付", "30102 debit 200.00", "151 credit 200.00")
		s.Post(s.Root, "2026-05-01", "国债兑付", "102 debit 210.00", "32205 credit 200.00", "407 credit 10.00 fr")
		s.Post(s.Root, "2026-12-30", "注销额度", "12102 debit 300.00", "111 credit 300.00")
		s.Post(s.Root, "2026-12-30", "未下达额度", "12102 debit 50.00", "40401 credit 50.00 ft")
		s.Post(s.Root, "2026-12-30", "直接支付预算结余", "12101 debit 20.00", "40401 credit 20.00 ft")
		for _, b := range []ledger.Book{a, root} {
			for n := 1; n <= 12; n++ {
				closeMonth(t, s, b, n)
			}
		}
		y := made(t, s, "2021-02", s.Root, 2026, 0, false)
		want(t, "example 6: quota, direct payment and what is due", y, "R09.year=2070.00")
		want(t, "example 6: nothing is left as quota", made(t, s, "2021-01", s.Root, 2026, 0, false), "A03.closing=370.00")
		want(t, "example 7: bonds", y, "R12.year=10.00", "R28.year=1080.00")
		want(t, "example 7: the investment and its fund", made(t, s, "2021-01", s.Root, 2026, 0, false), "A09.closing=300.00", "N01.closing=300.00")
		want(t, "the treasury's money", made(t, s, "2021-a1", s.Root, 2026, 0, false), "office.C8=1700.00", "total.C7=2070.00", "total.C8=1700.00", "total.C9=370.00")
		for _, f := range books.Forms(books.A21) {
			for _, u := range []registry.Union{s.A, s.Root} {
				if m := made(t, s, f.ID, u, 2026, 0, false); m.State != "final" || m.Refuse() != nil {
					t.Errorf("K5: %s of %s is %s: %v", f.ID, u.Name, m.State, m.Broken)
				}
			}
		}
		sumOfMonths(t, s, s.A)
		combined(t, s)
		refused(t, s)
	})
}

// Twelve months add up to the year, also when every month's result was carried
// by a voucher.
func sumOfMonths(t *testing.T, s shop.Shop, u registry.Union) {
	t.Helper()
	whole := made(t, s, "2021-02", u, 2026, 0, false)
	sums := map[string]money.Fen{}
	for n := 1; n <= 12; n++ {
		m := made(t, s, "2021-02", u, 2026, n, false)
		for _, l := range m.Rows {
			sums[l.Row] += l.Amounts["month"]
			if n == 12 && l.Amounts["year"] != amountOf(whole, l.Row, "year") {
				t.Errorf("F3.13: %s to December is %s, of the year %s", l.Label, l.Amounts["year"], amountOf(whole, l.Row, "year"))
			}
		}
	}
	for row, n := range sums {
		if got := amountOf(whole, row, "year"); got != n {
			t.Errorf("F3.13: %s: the months add up to %s, the year is %s", row, n, got)
		}
	}
	if sums["R07"] != 12000_00 || sums["R15"] != 6200_00 {
		t.Errorf("nothing was added up: %v", sums)
	}
}

// Combined statements are the sum of the single ones, and say who is missing.
func combined(t *testing.T, s shop.Shop) {
	t.Helper()
	for _, f := range books.Forms(books.A21) {
		all := made(t, s, f.ID, s.Root, 2026, 0, true)
		sums := map[string]money.Fen{}
		for _, u := range []registry.Union{s.Root, s.A} {
			for _, l := range made(t, s, f.ID, u, 2026, 0, false).Rows {
				for key, n := range l.Amounts {
					sums[l.Row+"."+key] += n
				}
			}
		}
		for _, l := range all.Rows {
			for key, n := range l.Amounts {
				if sums[l.Row+"."+key] != n {
					t.Errorf("F3.28: combined %s %s %s is %s, the unions add up to %s", f.ID, l.Row, key, n, sums[l.Row+"."+key])
				}
			}
		}
		if all.Unions != 2 || len(all.Lacks) != 2 || all.Lacks[0].Why != "no_books" {
			t.Errorf("combined %s: %d unions, lacks %v", f.ID, all.Unions, all.Lacks)
		}
	}
}

// K3: a closed statement whose identities do not hold is refused by the rule.
func refused(t *testing.T, s shop.Shop) {
	t.Helper()
	s.Do(func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE balances SET debit = debit + 700 WHERE tenant_id = $1 AND account = '162' AND month = 4`, s.Tenant)
		return err
	})
	m := made(t, s, "2021-01", s.A, 2026, 0, false)
	f := fault.Of(m.Refuse())
	if f.Kind != fault.Conflict || f.Rule != "K2" || len(f.Fields) < 2 {
		t.Errorf("K2, K3: a broken statement is %q by %q: %v", f.Text, f.Rule, f.Fields)
	}
	s.Do(func(tx *sqldb.Tx) error {
		bad, _, err := statement.Prove(ctx, tx, s.Accountant(statement.Look), statement.Ask{Union: s.Root.ID, Below: true, Span: statement.Span{Year: 2026}})
		if err == nil && (len(bad) != 1 || bad[0].Account != "162" || bad[0].Kept-bad[0].Added != 700) {
			t.Errorf("S2-44: the proof finds %+v", bad)
		}
		return err
	})
}

// F0.1, F3.15: a year of the old system, its balance sheet and its result.
func TestOldSystem(t *testing.T) {
	each(t, func(t *testing.T, s shop.Shop) {
		b := s.Open(s.A, 2019)
		enter(t, s, b, ledger.Opening, "2019-01-01", []books.Line{s.Line("102 debit 300.00"), s.Line("331 credit 300.00")})
		s.Post(s.A, "2019-05-01", "收到会费", "102 debit 1000.00", "401 credit 1000.00")
		s.Post(s.A, "2019-06-01", "培训", "50301 debit 400.00", "102 credit 400.00")
		want(t, "F3.15 open accounts count as result", made(t, s, "2009-01", s.A, 2019, 6, false), "A102.closing=900.00", "A102.opening=300.00", "N331.closing=900.00", "A999.closing=900.00", "T999.closing=900.00")
		want(t, "F3.28", made(t, s, "2009-02", s.A, 2019, 6, false), "X503.month=400.00", "X50301.year=400.00", "I999.year=1000.00", "X999.year=400.00", "R999.year=600.00")
		for n := 1; n <= 12; n++ {
			closeMonth(t, s, b, n)
		}
		m := made(t, s, "2009-02", s.A, 2019, 0, false)
		want(t, "F3.15 the year after its close", m, "I401.year=1000.00", "R999.year=600.00", "I401.last_year=0.00")
		if m.Refuse() != nil || m.State != "final" {
			t.Errorf("%s: %v", m.State, m.Broken)
		}
		s.Do(func(tx *sqldb.Tx) error {
			_, err := statement.Make(ctx, tx, s.Accountant(statement.Look), "2021-02", statement.Ask{Union: s.A.ID, Span: statement.Span{Year: 2019}}, s.A.Ref())
			if f := fault.Of(err); f.Kind != fault.Invalid || f.Rule != "F0.1" {
				t.Errorf("F0.1: a form of the other system: %v", err)
			}
			return nil
		})
	})
}
