package closing_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"unionhall/grassroots/finance/closing"
	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/fault"
	"unionhall/kit/files"
	"unionhall/kit/job"
	"unionhall/kit/sheet"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

func (w world) begins(u registry.Union, year int, version int64, lines ...string) (v ledger.Voucher, err error) {
	in := closing.Begins{Union: u.Code, Year: year, Version: version}
	for _, l := range lines {
		in.Lines = append(in.Lines, w.Line(l))
	}
	err = w.DB.Do(ctx, func(tx *sqldb.Tx) (err error) {
		v, err = closing.Opens(ctx, tx, w.Accountant(closing.Begin), in, w.now())
		return err
	})
	return v, err
}

// F3.3, F3.22, F3.23, K1, K6: opening balances by hand: one voucher, reviewed
// by another, final when posted, red when wrong.
func TestOpening(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.Open(w.A, 2026)
		_, err := w.begins(w.A, 2026, 0, "102 debit 100.00", "32205 credit 90.00")
		refused(t, "K1 not balanced", err, fault.Invalid, "K1", "lines")
		_, err = w.begins(w.A, 2026, 0, "102 debit 100.00", "401 credit 100.00 fr")
		refused(t, "K6 income has no opening balance", err, fault.Invalid, "K6", "lines.1.account")
		_, err = w.begins(w.A, 2026, 0, "501 debit 100.00", "32205 credit 100.00")
		refused(t, "K1 no leaf", err, fault.Invalid, "", "lines.0.account")
		v, err := w.begins(w.A, 2026, 0, "102 debit 100.00", "135 debit 5.00 @王建国", "32205 credit 105.00")
		if err != nil || v.State != ledger.Draft || v.Month != 0 || v.Nature != ledger.Opening {
			t.Fatalf("%+v %v", v, err)
		}
		_, err = w.shut(w.A, "2026-01")
		refused(t, "F3.16 the opening balances wait", err, fault.Conflict, "F3.16", "opening")
		w2, err := w.begins(w.A, 2026, v.Version, "102 debit 110.00", "135 debit 5.00 @王建国", "32205 credit 115.00")
		if err != nil || w2.ID != v.ID {
			t.Fatalf("a second opening voucher: %+v %v", w2, err)
		}
		_, err = w.begins(w.A, 2026, v.Version, "102 debit 1.00", "32205 credit 1.00")
		refused(t, "somebody was faster", err, fault.Conflict, "", "")
		posted := w.Through(w2)
		if posted.Number != 1 || posted.Month != 0 {
			t.Errorf("posted as %+v", posted)
		}
		_, err = w.begins(w.A, 2026, 0, "102 debit 1.00", "32205 credit 1.00")
		refused(t, "F3.22 posted is final", err, fault.Conflict, "F3.22", "")
		var red ledger.Voucher
		w.Do(func(tx *sqldb.Tx) (err error) {
			red, err = ledger.Undo(ctx, tx, w.Accountant(ledger.Reverse), posted.ID, "", w.now())
			return err
		})
		if red = w.Through(red); red.Month != 0 {
			t.Errorf("F3.22 the red voucher of the opening balances is of month %d", red.Month)
		}
		want(t, "F3.22 cancelled", w.figures(w.A, 2026, 1, 1).Opening("102", ""), 0)
		again, err := w.begins(w.A, 2026, 0, "102 debit 120.00", "32205 credit 120.00")
		if err != nil {
			t.Fatal(err)
		}
		w.Through(again)
		w.mustShut(w.A, "2026-01")
		want(t, "mended", w.figures(w.A, 2026, 1, 1).Opening("102", ""), 120_00)
		_, err = w.begins(w.A, 2026, 0, "102 debit 1.00", "32205 credit 1.00")
		refused(t, "F3.16 closed with January", err, fault.Conflict, "", "")
		w.verify()
	})
}

func csvBook(t *testing.T, text string) *sheet.Book {
	t.Helper()
	b, err := sheet.Open(bytes.NewReader([]byte(text)), int64(len(text)), "年初余额.csv", sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// K1, F0.1, F3.3, F3.12: every row of a workbook is judged at its column.
func TestWorkbook(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.project(w.A, "2025-01")
		text := "滨江市年初余额表,,,,,,,\n编制单位：,,,,,,,\n" +
			"单位编号,科目代码,科目名称,借贷方向,年初余额,往来单位,项目编号,资金来源\n" +
			fmt.Sprintf("%[1]s,102,银行存款,借,\"1,000.50\",,,\n%[1]s,135,其他应收款,借,30,王建国,,\n%[1]s,321,工会资金结转,贷,80,,,\n%[1]s,32104,累计结转,贷,80,,2025-01,\n%[1]s,32205,累计结余,贷,950.5,,,\n", w.A.Code) +
			fmt.Sprintf("%[1]s,102,银行存款,借,10.001,,,\n%[1]s,999,没有的,借,1,,,\n%[1]s,112,财政应返还额度,借,1,,,\n%[1]s,322,结余,贷,5,,,\n%[1]s,401,会费收入,贷,5,,,\n%[1]s,102,银行存款,左,5,,,\n%[1]s,32104,累计结转,贷,5,,没有,\n%[1]s,102,,借,5,,,月亮\n", w.B.Code) +
			"000000000000,102,银行存款,借,1,,,\n合计,,,,2000,,,\n审核：,,,,,,,\n"
		var j closing.Judged
		w.Do(func(tx *sqldb.Tx) (err error) {
			j, err = closing.Judge(ctx, tx, w.Accountant(closing.Begin), csvBook(t, text), 2026, w.Root.ID)
			return err
		})
		got := []string{}
		for _, p := range j.Problems {
			got = append(got, fmt.Sprintf("%d %s %s %v", p.Row, p.Column, p.Rule, p.Warn))
		}
		wanted := []string{"6 科目编码 K1 true", "9 余额 K1 false", "10 科目编码 F3.3 false", "11 科目编码 F0.1 false", "12 科目编码 K1 false", "13 科目编码 K6 false", "14 方向 K1 false", "15 项目 F3.4 false", "16 来源 F3.12 false", "17 工会编号  false"}
		if d := cmp.Diff(wanted, got); d != "" {
			t.Errorf("%s\n%+v", d, j.Problems)
		}
		if o := j.Openings[0]; o.Refused || o.Lines != 4 || o.Debit != 1030_50 || o.Credit != 1030_50 || len(o.Hints) != 0 {
			t.Errorf("A is judged %+v", o)
		}
		if !j.Openings[1].Refused {
			t.Errorf("B is judged %+v", j.Openings[1])
		}
	})
}

// K1: a workbook whose debits and credits differ is refused as a whole.
func TestWorkbookUnbalanced(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		var j closing.Judged
		w.Do(func(tx *sqldb.Tx) (err error) {
			j, err = closing.Judge(ctx, tx, w.Accountant(closing.Begin), csvBook(t, "科目编码,借方,贷方\n102,10,\n32205,,9\n"), 2026, w.A.ID)
			return err
		})
		if j.Refused != 1 || !strings.Contains(j.Problems[0].Message, "1.00") || j.Problems[0].Row != 2 {
			t.Errorf("%+v", j)
		}
	})
}

// file puts a workbook into the room as if it was uploaded.
func (w world) file(name string, content []byte, year int) closing.File {
	w.T.Helper()
	blob, err := w.room.Files.Put(ctx, bytes.NewReader(content), 1<<30)
	if err != nil {
		w.T.Fatal(err)
	}
	var f closing.File
	w.Do(func(tx *sqldb.Tx) (err error) {
		f, err = closing.Keep(ctx, tx, w.Accountant(closing.Begin), web.Upload{Name: name, Blob: blob}, "", year, w.now())
		return err
	})
	return f
}

func (w *world) furnished() {
	w.T.Helper()
	folder, err := files.OpenFolder(w.T.TempDir())
	if err != nil {
		w.T.Fatal(err)
	}
	w.room.Files, w.room.Runner = folder, job.NewRunner(w.DB, func() time.Time {
		at, _ := time.Parse("2006-01-02T15:04:05.000000Z", string(w.now()))
		return at
	})
	for k, f := range w.room.Works() {
		w.room.Runner.Works[k] = f
	}
}

func (w world) run() {
	w.T.Helper()
	if err := w.room.Runner.RunDue(ctx); err != nil {
		w.T.Fatal(err)
	}
}

func (w world) begun(o auth.Office, kind closing.RunKind, act auth.Action, year, month int) (out []closing.RunResult) {
	w.T.Helper()
	var r closing.Run
	w.Do(func(tx *sqldb.Tx) (err error) {
		r, err = w.room.Starts(ctx, tx, w.As(o, act), closing.Wants{Kind: kind, Year: year, Month: month}, w.now())
		return err
	})
	w.run()
	w.Do(func(tx *sqldb.Tx) (err error) { out, err = closing.Results(ctx, tx, w.Tenant, r.ID); return err })
	return out
}

// F3.23, F3.14, F3.16: the balances of many unions in one file, reviewed by
// one and posted by another; then a month, and last the year, closed for all,
// each told what it lacks.
func TestMany(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.furnished()
		text := "工会编号,科目编码,借方,贷方\n"
		for _, u := range []registry.Union{w.A, w.B, w.C} {
			text += fmt.Sprintf("%[1]s,102,100,\n%[1]s,32205,,100\n", u.Code)
		}
		f := w.file("年初余额.csv", []byte(text), 2025)
		confirm := func(tx *sqldb.Tx) error {
			_, err := w.room.Confirm(ctx, tx, w.Accountant(closing.Begin), f.ID, w.now())
			return err
		}
		w.Do(confirm)
		refused(t, "pressed twice", w.DB.Do(ctx, confirm), fault.Conflict, "", "")
		w.run()
		for _, r := range w.begun(auth.Director, closing.RunReview, ledger.Review, 2025, 0) {
			if r.State != "done" {
				t.Errorf("F3.23 review: %+v", r)
			}
		}
		for _, r := range w.begun(auth.Accountant, closing.RunPost, ledger.Post, 2025, 0) {
			if r.State != "done" {
				t.Errorf("F3.19 post: %+v", r)
			}
		}
		d := w.Draft(w.B, "2025-01-05", "收到会费", "102 debit 1.00", "401 credit 1.00 fr")
		w.Post(w.A, "2025-01-05", "收到会费", "102 debit 1.00", "401 credit 1.00 fr")
		states := map[string]string{}
		for _, r := range w.begun(auth.Accountant, closing.RunMonth, closing.Close, 2025, 1) {
			states[r.Union.ID] = r.State
		}
		if states[w.A.ID] != "done" || states[w.B.ID] != "refused" || states[w.C.ID] != "done" {
			t.Errorf("F3.16: %v", states)
		}
		w.Through(d)
		for _, r := range w.begun(auth.Accountant, closing.RunYear, closing.Year, 2025, 0) {
			if r.State != "done" {
				t.Errorf("F3.14: %+v", r)
			}
		}
		want(t, "brought over", w.figures(w.B, 2026, 1, 1).Opening("32205", ""), 101_00)
		w.verify()
	})
}
