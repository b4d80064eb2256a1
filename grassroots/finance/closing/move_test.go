package closing_test

import (
	"testing"

	"unionhall/grassroots/finance/closing"
	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// T21, 3.8: the books of 2021 become those of 2022 by the map and by what was
// analysed, each step with its voucher and working paper; the age of open
// items stays.
func TestMove(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.Open(w.A, 2021)
		p := w.project(w.A, "2021-01")
		w.Post(w.A, "2021-01-05", "收到会费", "102 debit 5000.00", "401 credit 5000.00")
		w.Post(w.A, "2021-02-05", "购设备", "50502 debit 1200.00", "102 credit 1200.00", "162 debit 1200.00", "301 credit 1200.00")
		w.Post(w.A, "2021-03-05", "购物品", "141 debit 90.00", "102 credit 90.00")
		w.Post(w.A, "2021-04-05", "借支", "135 debit 30.00 @王建国", "102 credit 30.00")
		in := closing.Answers{Union: w.A.Code, BelowLimit: "400", Software: "300", Depreciation: "100", Carried: []closing.Carried{{Account: "32104", Project: p, Amount: "700"}}}
		brings := func(tx *sqldb.Tx) error {
			_, err := closing.Brings(ctx, tx, w.Accountant(closing.Move), in, w.now())
			return err
		}
		refused(t, "T21 the old year is open", w.DB.Do(ctx, brings), fault.Conflict, "T21", "")
		w.mustShut(w.A, months(2021, 1, 12)...)
		for _, key := range []string{"carry", "proof"} {
			if _, err := w.step(w.A, 2021, key, nil); err != nil {
				t.Fatalf("%s: %v", key, err)
			}
		}
		in.BelowLimit = "1300"
		refused(t, "T21 more than there is", w.DB.Do(ctx, brings), fault.Invalid, "T21", "below_limit")
		in.BelowLimit = "4.001"
		refused(t, "T21 the third decimal", w.DB.Do(ctx, brings), fault.Invalid, "T21", "below_limit")
		in.BelowLimit = "400"
		w.Do(brings)
		refused(t, "T21 pressed twice", w.DB.Do(ctx, brings), fault.Conflict, "T21", "")
		var drafts []ledger.Voucher
		w.Do(func(tx *sqldb.Tx) error {
			b, err := ledger.BookOf(ctx, tx, w.Accountant(ledger.Look), w.A.Code, 2022)
			if err == nil {
				drafts, err = ledger.List(ctx, tx, w.Accountant(ledger.Look), b.ID, ledger.Query{State: ledger.Draft, Limit: 50})
			}
			return err
		})
		if len(drafts) != 5 {
			t.Errorf("T21 %d steps wait to be reviewed", len(drafts))
		}
		for _, d := range drafts {
			v := w.Through(d)
			if v.Date != "2022-01-01" || v.Month != 0 {
				t.Errorf("T21 a step is dated %s of month %d", v.Date, v.Month)
			}
		}
		f := w.figures(w.A, 2022, 1, 1)
		for _, c := range []struct {
			account string
			want    int
		}{{"101", 0}, {"102", 3680}, {"135", 30}, {"141", 490}, {"162", 500}, {"163", 100}, {"171", 300}, {"30101", 490}, {"30104", 400}, {"30105", 300}, {"32104", 700}, {"32205", 3010}} {
			want(t, "T21 "+c.account, f.Opening(c.account, ""), moneyOf(c.want))
		}
		if broken := books.Check(books.A21, f, true); len(broken) > 0 {
			t.Errorf("T21 K1-K6 of the new books: %+v", broken)
		}
		w.mustShut(w.A, "2022-01")
		w.verify()
	})
}
