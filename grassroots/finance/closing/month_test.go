package closing_test

import (
	"strings"
	"testing"

	"unionhall/grassroots/finance/closing"
	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry/town"
	"unionhall/kit/auth"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
)

// Who may do what with a month.
func TestMatrix(t *testing.T) { golden(t, "matrix.txt", closing.Procedure.Matrix()) }

// F3.12, F3.13, F3.16, F3.17: a month that lacks something, is mended, closed,
// opened by two and closed again.
func TestMonth(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.Open(w.A, 2026)
		p := w.project(w.A, "2026-01")
		w.Post(w.A, "2026-01-05", "收到会费", "102 debit 100.00", "401 credit 100.00 fr")
		w.Post(w.A, "2026-01-08", "收到专项补助", "102 debit 500.00", "40302 credit 500.00 sp "+p)
		w.Post(w.A, "2026-01-09", "专项活动", "50105 debit 200.00 sp "+p, "102 credit 200.00")
		v := w.Draft(w.A, "2026-01-31", "慰问会员", "50105 debit 30.00 fr office", "102 credit 30.00")

		_, err := w.shut(w.A, "2026-01")
		refused(t, "F3.16 a voucher waits", err, fault.Conflict, "F3.16", "drafts")
		_, err = w.shut(w.A, "2026-02")
		refused(t, "F3.16 January is open", err, fault.Conflict, "F3.16", "before")
		_, err = w.shut(w.A, "2026-12")
		refused(t, "F3.16 December has not come", err, fault.Conflict, "F3.16", "")
		w.Through(v)

		r := w.mustShut(w.A, "2026-01")
		c := w.voucher(r.Voucher)
		if c.Nature != ledger.Closing || c.Reviewer != ledger.Auto || c.Number != 5 || c.Date != "2026-01-31" {
			t.Errorf("the closing voucher is %+v", c)
		}
		f := w.figures(w.A, 2026, 1, 1)
		want(t, "F3.12 earmarked", f.Closing("32103", ""), 300_00)
		want(t, "F3.12 free", f.Closing("32203", ""), 70_00)
		want(t, "F3.12 nothing left on income", f.Closing("4", ""), 0)
		want(t, "F3.13 what happened stays", f.Credit("403", "sp", false), 500_00)
		_, err = w.shut(w.A, "2026-01")
		refused(t, "F3.16 pressed twice", err, fault.Conflict, "F3.16", "")
		err = w.DB.Do(ctx, func(tx *sqldb.Tx) error {
			_, err := ledger.Write(ctx, tx, w.Accountant(ledger.Make), ledger.Entry{Union: w.A.Code, Date: "2026-01-20", Summary: "补记", Attachments: 1, Lines: v.Lines}, town.Now)
			return err
		})
		refused(t, "8.9 into a closed month", err, fault.Conflict, "F3.16", "date")

		_, err = w.reopen(auth.Chair, w.A, "2026-01", "")
		refused(t, "F3.17 nobody asked", err, fault.Conflict, "F3.17", "")
		_, err = w.reopen(auth.Accountant, w.A, "2026-01", " ")
		refused(t, "F3.17 without a reason", err, fault.Invalid, "F3.17", "words")
		if r, err := w.reopen(auth.Accountant, w.A, "2026-01", "漏记一笔"); err != nil || r.State != closing.Asked {
			t.Errorf("asked: %+v %v", r, err)
		}
		_, err = w.reopen(auth.Accountant, w.A, "2026-01", "漏记一笔")
		refused(t, "F3.17 the asker allows", err, fault.Conflict, "", "")
		err = w.DB.Do(ctx, func(tx *sqldb.Tx) error {
			_, err := w.room.Reopens(ctx, tx, auth.As(w.Tenant, "accountant", auth.Chair, closing.Reopen, w.Root.ID), w.A.Code, "2026-01", flow.Given{}, town.Now)
			return err
		})
		refused(t, "F3.17 the same person as the chair", err, fault.Denied, "F3.17", "")
		if r, err := w.reopen(auth.Chair, w.A, "2026-01", ""); err != nil || r.State != closing.Open {
			t.Errorf("allowed: %+v %v", r, err)
		}
		w.Post(w.A, "2026-01-30", "补记会费", "102 debit 7.00", "401 credit 7.00 fr")
		again := w.voucher(w.mustShut(w.A, "2026-01").Voucher)
		want(t, "F3.17 only what came since is carried", again.Total, 7_00)
		want(t, "free", w.figures(w.A, 2026, 1, 1).Closing("32203", ""), 77_00)
		err = w.DB.Do(ctx, func(tx *sqldb.Tx) error {
			_, err := ledger.Undo(ctx, tx, w.Accountant(ledger.Reverse), again.ID, "", town.Now)
			return err
		})
		refused(t, "F3.17 a closing voucher is not reversed", err, fault.Conflict, "F3.17", "")

		if r := w.mustShut(w.A, "2026-02"); r.Voucher != "" {
			t.Errorf("there was nothing to carry in February: %+v", r)
		}
		_, err = w.reopen(auth.Accountant, w.A, "2026-01", "漏记")
		refused(t, "F3.17 only the last closed month", err, fault.Conflict, "F3.17", "")
		w.room.Submitted = func(contextT, *sqldb.Tx, auth.Grant, ledger.Book, int) (bool, error) { return true, nil }
		_, err = w.reopen(auth.Accountant, w.A, "2026-02", "漏记")
		refused(t, "F3.17 the statements are submitted", err, fault.Conflict, "F3.17", "")
		w.verify()
	})
}

// F3.16: what other rooms know stands in the list, and hinders or only warns.
func TestAsks(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.Open(w.A, 2026)
		agreed := false
		w.room.Asks = []closing.Inquiry{func(contextT, *sqldb.Tx, auth.Grant, ledger.Book, int) ([]closing.Item, error) {
			return []closing.Item{{Key: "bank", Rule: "K8", OK: agreed, Text: "银行存款还没有对账。"}, {Key: "advances", Rule: "F3.16", Warn: true, Text: "2 笔借支超过 90 天。"}}, nil
		}}
		_, err := w.shut(w.A, "2026-01")
		refused(t, "K8 the bank does not agree", err, fault.Conflict, "K8", "bank")
		if f := fault.Of(err); len(f.Fields) != 1 || !strings.Contains(f.Text, "银行存款还没有对账") {
			t.Errorf("only the bank hinders: %v", f)
		}
		agreed = true
		w.mustShut(w.A, "2026-01")
	})
}

// F3.15: in the system of 2009 the accounts stay open within the year.
func TestMonthOf2009(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.Open(w.A, 2020)
		w.Post(w.A, "2020-01-05", "收到会费", "102 debit 100.00", "401 credit 100.00")
		if r := w.mustShut(w.A, "2020-01"); r.Voucher != "" {
			t.Errorf("F3.15: carried within the year: %+v", r)
		}
		want(t, "F3.15 still on the account", w.figures(w.A, 2020, 1, 1).Closing("401", ""), 100_00)
		w.verify()
	})
}

// F3.16: twenty at once, posts and a closing: whoever posts is in before the
// month is closed, or is refused.
func TestPostRacesClose(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.Open(w.A, 2026)
		var ids []string
		for range 16 {
			v := w.Draft(w.A, "2026-02-05", "收到会费", "102 debit 1.00", "401 credit 1.00 fr")
			w.Do(func(tx *sqldb.Tx) error {
				_, err := ledger.Advance(ctx, tx, w.As(auth.Director, ledger.Review), v.ID, 0, flow.Given{}, town.Now)
				return err
			})
			ids = append(ids, v.ID)
		}
		w.mustShut(w.A, "2026-01")
		errs := w.Race(func(tx *sqldb.Tx, i int) error {
			if i < len(ids) {
				_, err := ledger.Advance(ctx, tx, w.Accountant(ledger.Post), ids[i], 0, flow.Given{}, town.Now)
				return err
			}
			_, err := w.room.Shut(ctx, tx, w.Accountant(closing.Close), w.A.Code, "2026-02", town.Now)
			return err
		})
		posted, closed := 0, 0
		for i, err := range errs {
			switch {
			case err != nil && fault.Of(err).Kind != fault.Conflict:
				t.Errorf("%d: %v", i, err)
			case err == nil && i < len(ids):
				posted++
			case err == nil:
				closed++
			}
		}
		f := w.figures(w.A, 2026, 1, 2)
		want(t, "what was posted is there", f.Closing("102", ""), moneyOf(posted))
		if closed > 1 {
			t.Errorf("closed %d times", closed)
		}
		if closed == 1 {
			want(t, "and was carried with the month", f.Closing("32203", ""), moneyOf(posted))
			if posted != len(ids) {
				t.Errorf("closed with %d of %d vouchers waiting", len(ids)-posted, len(ids))
			}
		} else {
			w.mustShut(w.A, "2026-02")
		}
		w.verify()
	})
}
