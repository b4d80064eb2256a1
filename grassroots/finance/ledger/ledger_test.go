package ledger_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/finance/ledger/shop"
	"unionhall/grassroots/registry/town"
	"unionhall/kit/auth"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/schema/dbtest"
)

var ctx = context.Background()

func each(t *testing.T, f func(t *testing.T, s shop.Shop)) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) { f(t, shop.New(t, db)) })
}

func verify(t *testing.T, s shop.Shop) {
	t.Helper()
	s.Do(func(tx *sqldb.Tx) error {
		found, err := ledger.Verify(ctx, tx, s.Tenant)
		for _, f := range found {
			t.Errorf("verify: %s: %s", f.Where, f.What)
		}
		return err
	})
}

func figures(s shop.Shop, union string, from, to int) (f ledger.Figures) {
	s.Do(func(tx *sqldb.Tx) (err error) {
		f, err = ledger.FiguresOf(ctx, tx, s.Accountant(ledger.Look), ledger.Ask{Union: union, Year: 2026, From: from, To: to})
		return err
	})
	return f
}

// F3.19, F3.22, F3.23: a voucher's whole life, and what the balances say of it.
func TestLife(t *testing.T) {
	each(t, func(t *testing.T, s shop.Shop) {
		s.Open(s.A, 2026)
		v := s.Post(s.A, "2026-03-05", "收到会费", "102 debit 100.00", "401 credit 100.00 fr")
		if v.Number != 1 || v.Period() != "2026-03" || v.Name() != "记-1" {
			t.Errorf("posted as %s of %s", v.Name(), v.Period())
		}
		w := s.Post(s.A, "2026-03-31", "慰问会员", "50105 debit 30.00 fr office", "102 credit 30.00")
		if w.Number != 2 {
			t.Errorf("the second is %s", w.Name())
		}
		s.Post(s.A, "2026-04-01", "会员活动", "50105 debit 5.50 fr office", "102 credit 5.50")
		f := figures(s, s.A.ID, 3, 3)
		for _, c := range []struct {
			what      string
			got, want money.Fen
		}{
			{"K2 bank at the end of March", f.Closing("102", ""), 70_00},
			{"dues in March", f.Credit("401", "", false), 100_00},
			{"spent in March", f.Debit("501", "fr", false), 30_00},
			{"nothing earmarked", f.Debit("501", "sp", false), 0},
		} {
			if c.got != c.want {
				t.Errorf("%s: %s, want %s", c.what, c.got, c.want)
			}
		}
		var red ledger.Voucher
		s.Do(func(tx *sqldb.Tx) (err error) {
			red, err = ledger.Undo(ctx, tx, s.Accountant(ledger.Reverse), w.ID, "", town.Now)
			return err
		})
		red = s.Through(red)
		if red.Lines[0].Debit != -30_00 || red.Nature != ledger.Red || red.Summary != "注销 3 月 31 日 记-2 号凭证" {
			t.Errorf("F3.22: the red voucher is %+v", red)
		}
		if got := figures(s, s.A.ID, 3, 3).Closing("102", ""); got != 100_00 {
			t.Errorf("after the red voucher the bank holds %s", got)
		}
		verify(t, s)
	})
}

// What is refused, by the rule, and leaves no trace.
func TestRefusals(t *testing.T) {
	each(t, func(t *testing.T, s shop.Shop) {
		s.Open(s.A, 2026)
		v := s.Draft(s.A, "2026-03-05", "收到会费", "102 debit 100.00", "401 credit 100.00 fr")
		act := func(g auth.Grant, f func(tx *sqldb.Tx, g auth.Grant) error) error {
			return s.DB.Do(ctx, func(tx *sqldb.Tx) error { return f(tx, g) })
		}
		step := func(tx *sqldb.Tx, g auth.Grant) error {
			_, err := ledger.Advance(ctx, tx, g, v.ID, 0, flow.Given{}, town.Now)
			return err
		}
		write := func(e ledger.Entry) func(tx *sqldb.Tx, g auth.Grant) error {
			e.Union, e.Summary, e.Attachments = s.A.Code, "试", 1
			return func(tx *sqldb.Tx, g auth.Grant) error {
				_, err := ledger.Write(ctx, tx, g, e, town.Now)
				return err
			}
		}
		lines := func(text ...string) (e ledger.Entry) {
			e.Date = "2026-03-05"
			for _, l := range text {
				e.Lines = append(e.Lines, s.Line(l))
			}
			return e
		}
		self := auth.As(s.Tenant, string(auth.Accountant), auth.Chair, ledger.Review, s.A.ID)
		for _, c := range []struct {
			law   string
			err   error
			kind  fault.Kind
			rule  string
			field string
		}{
			{"F3.23 the maker reviews", act(self, step), fault.Denied, "F3.23", ""},
			{"F3.19 posted before it was reviewed", act(s.Accountant(ledger.Post), step), fault.Conflict, "", ""},
			{"K1 not balanced", act(s.Accountant(ledger.Make), write(lines("102 debit 1.00", "401 credit 2.00 fr"))), fault.Invalid, "K1", ""},
			{"K1 a zero line", act(s.Accountant(ledger.Make), write(lines("102 debit 0", "401 credit 0 fr"))), fault.Invalid, "K1", "lines.0.debit"},
			{"F3.22 negative and not red", act(s.Accountant(ledger.Make), write(lines("102 debit -1.00", "401 credit -1.00 fr"))), fault.Invalid, "F3.22", "lines.0.debit"},
			{"K1 no leaf", act(s.Accountant(ledger.Make), write(lines("501 debit 1.00 fr office", "102 credit 1.00"))), fault.Invalid, "K1", "lines.0.account"},
			{"F3.12 no source", act(s.Accountant(ledger.Make), write(lines("50105 debit 1.00", "102 credit 1.00"))), fault.Invalid, "F3.12", "lines.0.source"},
			{"F3.4 a project that is none", act(s.Accountant(ledger.Make), write(lines("50105 debit 1.00 sp none-such", "102 credit 1.00"))), fault.Invalid, "F3.4", "lines.0.project"},
			{"out of reach", act(auth.As(s.Tenant, "x", auth.Accountant, ledger.Make, s.B.ID), write(lines("102 debit 1.00", "401 credit 1.00 fr"))), fault.NotFound, "", ""},
		} {
			f := fault.Of(c.err)
			if c.err == nil || f.Kind != c.kind || c.rule != "" && f.Rule != c.rule || c.field != "" && f.Fields[c.field] == "" {
				t.Errorf("%s: %v rule %q fields %v", c.law, c.err, f.Rule, f.Fields)
			}
		}
		verify(t, s)
	})
}

// F3.19: twenty post at once, ten vouchers each pressed twice: every number
// once, none missing.
func TestNumbersRaced(t *testing.T) {
	each(t, func(t *testing.T, s shop.Shop) {
		s.Open(s.A, 2026)
		var ids []string
		for range 10 {
			v := s.Draft(s.A, "2026-05-05", "收到会费", "102 debit 1.00", "401 credit 1.00 fr")
			s.Do(func(tx *sqldb.Tx) error {
				_, err := ledger.Advance(ctx, tx, s.As(auth.Director, ledger.Review), v.ID, 0, flow.Given{}, town.Now)
				return err
			})
			ids = append(ids, v.ID)
		}
		var wg sync.WaitGroup
		errs := make([]error, 20)
		for i := range errs {
			wg.Go(func() {
				errs[i] = s.DB.Do(ctx, func(tx *sqldb.Tx) error {
					_, err := ledger.Advance(ctx, tx, s.Accountant(ledger.Post), ids[i/2], 0, flow.Given{}, town.Now)
					return err
				})
			})
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if fault.Of(err).Kind != fault.Conflict {
				t.Errorf("the loser got %v", err)
			}
		}
		if won != 10 {
			t.Errorf("%d posts won, want 10: %v", won, errors.Join(errs...))
		}
		if got := figures(s, s.A.ID, 5, 5).Closing("102", ""); got != 10_00 {
			t.Errorf("the bank holds %s", got)
		}
		verify(t, s)
	})
}
