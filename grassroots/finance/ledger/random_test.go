package ledger_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/finance/ledger/shop"
	"unionhall/kit/audit"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
	"unionhall/schema/dbtest"
)

// anyVoucher makes a voucher that balances, of lines as they may be.
func anyVoucher(r *rand.Rand) (lines []books.Line) {
	chart := books.Chart(books.A21)
	var sum money.Fen
	for n := 2 + r.IntN(5); len(lines) < n-1; {
		a := chart[r.IntN(len(chart))]
		if !a.Leaf || a.Code == books.Entrusted(books.A21) {
			continue
		}
		l := books.Line{Account: a.Code, Summary: "随机"}
		if may := books.Sources(a); len(may) > 0 {
			if l.Source = may[r.IntN(len(may))]; l.Source == books.SP {
				l.Project = ledger.Office // any project does for the rule
			}
		}
		f := money.Fen(1 + r.Int64N(1_000_000_00))
		if r.IntN(2) == 0 {
			l.Debit = f
		} else {
			l.Credit = f
		}
		sum += l.Debit - l.Credit
		lines = append(lines, l)
	}
	l := books.Line{Account: "102", Summary: "随机", Debit: max(0, -sum), Credit: max(0, sum)}
	if sum == 0 {
		l.Debit = 1
		lines = append(lines, books.Line{Account: "101", Summary: "随机", Credit: 1})
	}
	return append(lines, l)
}

// S2-35, S09: of a hundred thousand random vouchers none that is out of balance may
// be stored, and of those that are stored the trial balance is zero to the fen.
func TestRandomVouchers(t *testing.T) {
	r := rand.New(rand.NewPCG(35, 35))
	var good [][]books.Line
	for i := range 100_000 {
		lines := anyVoucher(r)
		if err := books.Judge(books.A21, books.Voucher{Lines: lines, Summary: "随机"}, nil); err != nil {
			t.Fatalf("K1: a voucher that balances is refused: %v\n%+v", err, lines)
		}
		if i%10 == 0 {
			good = append(good, lines)
		}
		bad := append([]books.Line(nil), lines...)
		at, off := r.IntN(len(bad)), money.Fen(1+r.Int64N(1000))
		if bad[at].Debit > 0 {
			bad[at].Debit += off
		} else {
			bad[at].Credit += off
		}
		if f := fault.Of(books.Judge(books.A21, books.Voucher{Lines: bad, Summary: "随机"}, nil)); f.Rule != "K1" {
			t.Fatalf("K1: a voucher that is %s out of balance is told %q", off, f.Rule)
		}
	}
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		s := shop.New(t, db)
		b := s.Open(s.A, 2026)
		few := good
		if !db.Embedded() {
			few = good[:2000]
		}
		records := make([]ledger.Record, len(few))
		for i, lines := range few {
			records[i] = ledger.Record{Entry: ledger.Entry{Date: day.Day(fmt.Sprintf("2026-%02d-15", 1+i%12)), Summary: "随机", Attachments: 1, Lines: lines},
				Maker: "a", Reviewer: "b", Poster: "a", Made: "2026-11-26T02:00:00.000000Z", Posted: "2026-11-26T02:00:00.000000Z"}
		}
		s.Do(func(tx *sqldb.Tx) error {
			m := audit.Moves{}
			if _, err := ledger.Enroll(ctx, tx, s.Accountant(ledger.Post), m, b, records); err != nil {
				return err
			}
			return m.Write(ctx, tx, s.Accountant(ledger.Post), b.ID, map[string]string{"did": "enrolled"}, "2026-11-26T02:00:00.000000Z")
		})
		var sum money.Fen
		for _, x := range figures(s, s.A.ID, 1, 12).Sums {
			sum += x.Closing()
		}
		if sum != 0 {
			t.Errorf("K2: the trial balance is %s", sum)
		}
		verify(t, s)
	})
}
