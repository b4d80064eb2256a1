package closing_test

import (
	"fmt"
	"testing"

	"unionhall/grassroots/finance/closing"
	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/auth"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
)

func months(year, from, to int) (out []string) {
	for m := from; m <= to; m++ {
		out = append(out, fmt.Sprintf("%d-%02d", year, m))
	}
	return out
}

// F3.14, K5, K6: the end of a year step by step, and the next year's opening
// balances equal to the fen, by party and project.
func TestYearEnd(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.Open(w.A, 2025)
		p := w.project(w.A, "2025-01")
		q := w.project(w.A, "2025-02")
		w.Post(w.A, "2025-01-05", "收到会费", "102 debit 1000.00", "401 credit 1000.00 fr")
		w.Post(w.A, "2025-02-05", "收到专项补助", "102 debit 500.00", "40302 credit 500.00 sp "+p)
		w.Post(w.A, "2025-02-06", "收到专项补助", "102 debit 80.00", "40302 credit 80.00 sp "+q)
		w.Post(w.A, "2025-03-09", "专项活动", "50105 debit 200.00 sp "+p, "102 credit 200.00")
		w.Post(w.A, "2025-04-01", "借支", "135 debit 30.00 @王建国", "102 credit 30.00")
		w.Post(w.A, "2025-05-01", "借支", "135 debit 12.34 @李红", "102 credit 12.34")
		w.Post(w.A, "2025-06-01", "借支", "135 debit 8.00 @王建国", "102 credit 8.00")
		w.Post(w.A, "2025-07-01", "还借支", "102 debit 30.00", "135 credit 30.00 @王建国")
		w.Post(w.A, "2025-08-01", "收回多付的款", "102 debit 25.00", "32201 credit 25.00")
		w.Post(w.A, "2025-09-01", "购电脑", "50702 debit 60.00 fr office", "102 credit 60.00", "162 debit 60.00", "30104 credit 60.00")
		w.mustShut(w.A, months(2025, 1, 11)...)

		_, err := w.step(w.A, 2025, "gather", nil)
		refused(t, "F3.14 December is open", err, fault.Conflict, "F3.14", "")
		w.mustShut(w.A, "2025-12")
		_, err = w.step(w.A, 2025, "settle", nil)
		refused(t, "F3.14 the order of the steps", err, fault.Conflict, "F3.14", "")
		_, err = w.step(w.A, 2025, "proof", nil)
		refused(t, "K6 steps are left", err, fault.Conflict, "", "")
		if e, err := w.step(w.A, 2025, "gather", nil); err != nil || e.Voucher == "" {
			t.Errorf("gather: %+v %v", e, err)
		}
		_, err = w.step(w.A, 2025, "gather", nil)
		refused(t, "F3.14 pressed twice", err, fault.Conflict, "F3.14", "")
		e := w.ending(w.A, 2025)
		if len(e.Fates) != 2 {
			t.Fatalf("projects to analyse: %+v", e.Fates)
		}
		_, err = w.step(w.A, 2025, "analyse", map[string]string{"32104-" + p: "free"})
		refused(t, "F3.14 one project was forgotten", err, fault.Invalid, "F3.14", "fate.32104-"+q)
		for _, s := range []struct {
			key   string
			fates map[string]string
		}{{"analyse", map[string]string{"32104-" + p: "free", "32104-" + q: "keep"}}, {"settle", nil}} {
			if _, err := w.step(w.A, 2025, s.key, s.fates); err != nil {
				t.Fatalf("%s: %v", s.key, err)
			}
		}
		done, err := w.step(w.A, 2025, "proof", nil)
		if err != nil || done.State != "closed" {
			t.Fatalf("close the year: %+v %v", done, err)
		}
		_, err = w.step(w.A, 2025, "proof", nil)
		refused(t, "F3.17 pressed twice", err, fault.Conflict, "F3.17", "")
		_, err = w.reopen(auth.Accountant, w.A, "2025-12", "漏记")
		refused(t, "F3.17 the year is closed", err, fault.Conflict, "F3.17", "")

		f := w.figures(w.A, 2025, 1, 12)
		want(t, "F3.14 q goes on", f.Closing("32104", ""), 80_00)
		want(t, "F3.14 all else is free", f.Closing("32205", ""), money.Fen(1000_00+300_00+25_00-60_00))
		v := w.voucher(done.Opening)
		if v.State != ledger.Posted || v.Nature != ledger.Opening || v.Month != 0 || v.Year != 2026 {
			t.Errorf("the opening voucher is %+v", v)
		}
		next := w.figures(w.A, 2026, 1, 1)
		for _, s := range f.Sums {
			n := money.Fen(0)
			for _, o := range next.Sums {
				if o.Account == s.Account && o.Source == s.Source && o.Project == s.Project {
					n = o.Opening.Net()
				}
			}
			want(t, "brought over "+s.Account+" "+s.Source+" "+s.Project, n, s.Closing())
		}
		owed := map[string]money.Fen{}
		for _, l := range v.Lines {
			if l.Account == "135" {
				owed[l.Party+" "+l.Summary] += l.Debit
			}
		}
		if len(owed) != 2 || owed["王建国 年初余额，最早发生 2025-06-01"] != 8_00 || owed["李红 年初余额，最早发生 2025-05-01"] != 12_34 {
			t.Errorf("what is owed came over as %v", owed)
		}
		w.mustShut(w.A, "2026-01")
		w.verify()
	})
}

// F3.15, K7: a year of the system of 2009; what came over keeps the age of
// the open items.
func TestYearEndOf2009(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.Open(w.A, 2019)
		w.Post(w.A, "2019-01-05", "收到会费", "102 debit 1000.00", "401 credit 1000.00")
		w.Post(w.A, "2019-03-09", "会员活动", "50104 debit 200.00", "102 credit 200.00")
		w.Post(w.A, "2019-04-01", "借支", "135 debit 30.00 @王建国", "102 credit 30.00")
		w.mustShut(w.A, months(2019, 1, 12)...)
		for _, key := range []string{"carry", "proof"} {
			if _, err := w.step(w.A, 2019, key, nil); err != nil {
				t.Fatalf("%s: %v", key, err)
			}
		}
		want(t, "F3.15 the surplus", w.figures(w.A, 2019, 1, 12).Closing("331", ""), 800_00)
		w.mustShut(w.A, months(2020, 1, 12)...)
		done, err := w.step(w.A, 2020, "proof", nil)
		if err != nil {
			t.Fatal(err)
		}
		v := w.voucher(done.Opening)
		if d, ok := closing.Since(v.Lines[len(v.Lines)-2].Summary); !ok || d != "2019-04-01" {
			t.Errorf("the advance is %+v", v.Lines)
		}
		w.verify()
	})
}

// F3.16: twenty close the same year at once; one does, and the next year is
// opened once.
func TestYearRaced(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.Open(w.A, 2025)
		w.Post(w.A, "2025-01-05", "收到会费", "102 debit 1000.00", "401 credit 1000.00 fr")
		w.mustShut(w.A, months(2025, 1, 12)...)
		if _, err := w.step(w.A, 2025, "settle", nil); err != nil {
			t.Fatal(err)
		}
		errs := w.Race(func(tx *sqldb.Tx, _ int) error {
			_, err := w.room.Takes(ctx, tx, w.Accountant(closing.Year), w.A.Code, 2025, "proof", nil, w.now())
			return err
		})
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if fault.Of(err).Kind != fault.Conflict {
				t.Errorf("the loser got %v", err)
			}
		}
		if won != 1 {
			t.Errorf("%d closed the year", won)
		}
		want(t, "brought over once", w.figures(w.A, 2026, 1, 1).Opening("102", ""), 1000_00)
		w.verify()
	})
}
