package intake

import (
	"bytes"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"unionhall/grassroots/registry/member"
	"unionhall/grassroots/registry/transfer"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/fault"
	"unionhall/kit/ident"
	"unionhall/kit/sqldb"
	"unionhall/schema/dbtest"
)

const flawed = "会员花名册-常见毛病.xlsx"

// established is an office whose unions are registered.
func established(t testing.TB, db *sqldb.DB) *office {
	t.Helper()
	o := newOffice(t, db)
	i := o.judged(Unions, samples[0].name, sample(t, samples[0].name))
	o.is(o.confirm(i.ID, false), Confirmed, [5]int64{30, 0, 0, 0, 0})
	return o
}

// person makes an ID number of the n-th made-up person.
func person(n int) string {
	return ident.CheckedID(fmt.Sprintf("21060219%02d0%d15%03d", 70+n%20, 1+n%9, n/20))
}

// edited opens a workbook, lets f change it and saves it anew.
func edited(t testing.TB, raw []byte, f func(*excelize.File, string)) []byte {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	f(book, book.GetSheetName(0))
	var b bytes.Buffer
	if err := book.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// corrected mends what was refused, cell by cell, as an officer would.
func corrected(t testing.TB, raw []byte, ps []Problem) []byte {
	return edited(t, raw, func(book *excelize.File, sheet string) {
		for n, p := range ps {
			if p.Severity != Refuse {
				continue
			}
			column, text := "F", person(n)
			switch p.Code {
			case "name.missing", "name.format":
				column, text = "B", "赵修正"
			case "union.unknown":
				column, text = "K", "滨江市财政局"
			}
			if err := book.SetCellStr(sheet, fmt.Sprintf("%s%d", column, p.Row), text); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// law: IMP-04
func TestCorrectedFileGoesIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		o := established(t, db)
		raw := sample(t, flawed)
		i := o.judged(Roster, flawed, raw)
		o.is(i, Judged, [5]int64{301, 0, 0, 0, 159})

		again := o.put(Roster, "改了名字.xlsx", raw)
		if again.ID != i.ID || again.State != Reading {
			t.Errorf("the same bytes lead to %s (%s), want %s judged anew", again.ID, again.State, i.ID)
		}
		o.must(o.room.Runner.RunDue(ctx))
		o.is(o.find(i.ID), Judged, [5]int64{301, 0, 0, 0, 159})
		o.is(o.confirm(i.ID, false), Confirmed, [5]int64{301, 0, 0, 0, 159})
		if again := o.judged(Roster, flawed, raw); again.ID != i.ID || again.State != Confirmed {
			t.Errorf("the same bytes after the writing lead to %s (%s)", again.ID, again.State)
		}

		mended := corrected(t, raw, o.problems(i.ID))
		m := o.judged(Roster, "改好.xlsx", mended)
		o.is(m, Judged, [5]int64{159, 0, 0, 301, 0})
		o.is(o.confirm(m.ID, false), Confirmed, [5]int64{159, 0, 0, 301, 0})
		o.proven()

		held := o.holdings()
		saved := edited(t, mended, func(book *excelize.File, _ string) {
			if err := book.SetAppProps(&excelize.AppProperties{Company: "另存"}); err != nil {
				t.Fatal(err)
			}
		})
		s := o.judged(Roster, "另存.xlsx", saved)
		o.is(s, Judged, [5]int64{0, 0, 0, 460, 0})
		o.is(o.confirm(s.ID, false), Confirmed, [5]int64{0, 0, 0, 460, 0})
		if o.holdings() != held {
			t.Error("a file without news changed something")
		}
		o.proven()
	})
}

func TestUndo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		o := established(t, db)
		first := o.judged(Roster, "一.xlsx", sheetOf(t, []string{"姓名", "身份证号", "工作单位", "学历"},
			[]string{"张一", person(1), "滨江市财政局", "大学本科"}, []string{"李二", person(2), "滨江市财政局", ""}))
		o.confirm(first.ID, false)
		before := o.holdings()
		second := o.judged(Roster, "二.xlsx", sheetOf(t, []string{"姓名", "身份证号", "工作单位", "学历", "会籍变化类型", "会籍变化日期"},
			[]string{"张益", person(1), "滨江市财政局", "研究生", "", ""},
			[]string{"李二", person(2), "滨江市财政局", "", "保留会籍", "2026-03-01"},
			[]string{"王三", person(3), "滨江市财政局", "", "入会", "2020-05-01"},
			[]string{"赵四", person(4), "滨江市财政局", "", "", ""}))
		o.is(second, Judged, [5]int64{2, 2, 0, 0, 0})
		o.is(o.confirm(second.ID, false), Confirmed, [5]int64{2, 2, 0, 0, 0})
		if m := o.byNumber(person(2)); m.Status != member.Retained {
			t.Errorf("李二 is %s", m.Status)
		}
		o.proven()

		t.Run("IMP-04 all back within a day", func(t *testing.T) {
			o.now = o.now.Add(23*time.Hour + 59*time.Minute)
			o.is(o.undo(second.ID), Undone, [5]int64{2, 2, 0, 0, 0})
			if got := o.holdings(); got != before {
				t.Errorf("holdings differ:\n%s\nwant\n%s", got, before)
			}
			o.proven()
		})
		t.Run("IMP-04 not after a day", func(t *testing.T) {
			o.now = o.now.Add(2 * time.Minute)
			err := db.Do(ctx, func(tx *sqldb.Tx) error {
				_, err := o.room.Undo(ctx, tx, o.grant(), first.ID, o.at())
				return err
			})
			if fault.Of(err).Kind != fault.Conflict {
				t.Errorf("undo after a day: %v", err)
			}
			if o.holdings() != before {
				t.Error("something was taken back")
			}
		})
		t.Run("IMP-04 taken back, the same bytes may come again", func(t *testing.T) {
			if third := o.put(Roster, "二.xlsx", sheetOf(t, []string{"姓名", "身份证号"})); third.ID == second.ID {
				t.Error("the import that was taken back is in force")
			}
		})
	})
}

// What was edited since stays and is told; the rest goes back.
//
// law: IMP-04
func TestUndoKeepsWhatWasEditedSince(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		o := established(t, db)
		i := o.judged(Roster, "一.xlsx", sheetOf(t, []string{"姓名", "身份证号", "工作单位"},
			[]string{"张一", person(1), "滨江市财政局"}, []string{"李二", person(2), "滨江市财政局"}, []string{"王三", person(3), "滨江市财政局"}))
		o.confirm(i.ID, false)
		was := o.byNumber(person(2))
		now := was
		now.Person.Duty = "科长"
		o.do(func(tx *sqldb.Tx) error {
			b := member.NewBatch(tx, o.grant().For(member.Edit), o.at())
			if err := b.Update(ctx, was, now); err != nil {
				return err
			}
			return b.Audit(ctx, was.ID, "duty")
		})
		seated := o.byNumber(person(3))
		o.do(func(tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO accounts (tenant_id, id, login, name, name_key, member_id, password, must_change, changed, locked, version)
				VALUES ($1, 'a', 'wang', '王三', 'w', $2, 'x', $3, '2026-01-01', $3, 1)`, tenant, seated.ID, false)
			if err != nil {
				return err
			}
			return audit.Write(ctx, tx, o.grant(), "a", "made", o.at(), audit.Touched{Table: "accounts", ID: "a"})
		})
		o.is(o.undo(i.ID), Undone, [5]int64{3, 0, 0, 0, 0})
		if o.byNumber(person(1)).ID != "" || o.byNumber(person(2)).Person.Duty != "科长" || o.byNumber(person(3)).ID == "" {
			t.Error("the wrong ones went back")
		}
		var told []string
		for _, p := range o.problems(i.ID) {
			told = append(told, p.Code+" "+p.Name)
		}
		if got := fmt.Sprint(told); got != "[undo.kept 李二 undo.kept 王三]" && got != "[undo.kept 王三 undo.kept 李二]" {
			t.Errorf("told: %s", got)
		}
		o.proven()
	})
}

// law: MEM-05
func TestMembersOfOtherUnions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		o := established(t, db)
		head := []string{"姓名", "身份证号", "工作单位", "移动电话"}
		o.confirm(o.judged(Roster, "一.xlsx", sheetOf(t, head, []string{"张一", person(1), "滨江市财政局", ""}, []string{"李二", person(2), "滨江市教育局", ""})).ID, false)
		there := sheetOf(t, head, []string{"张一", person(1), "滨江市教育局", "13912345678"}, []string{"李二", person(2), "滨江市教育局", ""})
		t.Run("MEM-05 refused and offered", func(t *testing.T) {
			i := o.judged(Roster, "二.xlsx", there)
			o.is(i, Judged, [5]int64{0, 0, 1, 1, 0})
			if ps := o.problems(i.ID); len(ps) != 1 || ps[0].Code != "duplicate.elsewhere" || ps[0].Severity != Refuse || i.Offered != 1 {
				t.Errorf("problems %+v, %d offered", ps, i.Offered)
			}
			o.confirm(i.ID, false)
			if m := o.byNumber(person(1)); m.Union.Name != "滨江市财政局工会" && m.Person.Phone != "" {
				t.Errorf("张一 was moved to %s unasked", m.Union.Name)
			}
			o.undo(i.ID)
		})
		t.Run("MEM-05 brought over when asked for", func(t *testing.T) {
			held := o.holdings()
			i := o.judged(Roster, "二.xlsx", there)
			o.is(o.confirm(i.ID, true), Confirmed, [5]int64{0, 0, 1, 1, 0})
			if m := o.byNumber(person(1)); m.Union != o.byNumber(person(2)).Union || m.Person.Phone != "13912345678" {
				t.Errorf("张一 is at %s, %s", m.Union.Name, m.Person.Phone)
			}
			o.proven()
			o.undo(i.ID)
			if got := o.holdings(); got != held {
				t.Errorf("holdings differ:\n%s\nwant\n%s", got, held)
			}
			o.proven()
		})
		t.Run("house 3 beyond the reach nothing is said or offered", func(t *testing.T) {
			home := o.byNumber(person(2)).Union
			chair := auth.As(tenant, "chair", auth.Chair, Run, home.ID)
			i := o.as(chair, home.ID, "三.xlsx", there)
			if i.Moved != 1 || i.Offered != 0 || i.Same != 1 {
				t.Errorf("counts %v, offered %d", i.count(), i.Offered)
			}
			if ps := o.problems(i.ID); len(ps) != 1 || ps[0].Message != "此人已是其他工会的会员，未写入。请与原工会办理会籍接转。" {
				t.Errorf("problems %+v", ps)
			}
		})
	})
}

// MEM-05, MEM-26: those whom an import met elsewhere are asked for in one
// press; pressed again, and by twenty at once, each is asked for once. It is
// nothing that another union's officer, or an import of unions, may do.
func TestAskFor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		o := established(t, db)
		o.room.Transfers = transfer.Room{}
		head := []string{"姓名", "身份证号", "工作单位"}
		o.confirm(o.judged(Roster, "一.xlsx", sheetOf(t, head, []string{"张一", person(1), "滨江市财政局"}, []string{"李二", person(2), "滨江市财政局"}, []string{"王三", person(3), "滨江市教育局"})).ID, false)
		home, from := o.byNumber(person(3)).Union, o.byNumber(person(1)).Union
		chair := auth.As(tenant, "chair", auth.Chair, Run, home.ID)
		i := o.as(chair, home.ID, "三.xlsx", sheetOf(t, head, []string{"张一", person(1), "滨江市教育局"}, []string{"李二", person(2), "滨江市教育局"}, []string{"王三", person(3), "滨江市教育局"}))
		ask := func(g auth.Grant) (got Offers, err error) {
			err = db.Do(ctx, func(tx *sqldb.Tx) (err error) { got, err = o.room.AskFor(ctx, tx, g, i.ID, o.at()); return err })
			return got, err
		}
		if _, err := ask(auth.As(tenant, "other", auth.Chair, Run, from.ID)); fault.Of(err).Kind != fault.NotFound {
			t.Errorf("PL-05 another union's: %v", err)
		}
		asked := make(chan int, 20)
		for range 20 {
			go func() {
				got, err := ask(chair)
				if err != nil && fault.Of(err).Kind != fault.Conflict {
					t.Errorf("raced: %v", err)
				}
				if err != nil {
					got.Asked = 0
				}
				asked <- got.Asked
			}()
		}
		sum := 0
		for range 20 {
			sum += <-asked
		}
		if sum != 2 {
			t.Errorf("asked for %d, want 2", sum)
		}
		if got, err := ask(chair); err != nil || got.Asked != 0 || got.Left {
			t.Errorf("again: %+v %v", got, err)
		}
		o.view(func(tx *sqldb.Tx) error {
			all, err := transfer.List(ctx, tx, chair.For(transfer.Look), transfer.Query{Side: transfer.In, Limit: 9})
			if len(all) != 2 || all[0].AskedBy != transfer.In || all[0].From.ID != from.ID || all[0].To.ID != home.ID || all[0].State != transfer.Requested {
				t.Errorf("transfers %+v", all)
			}
			return err
		})
		if m := o.byNumber(person(1)); m.Union.ID != from.ID {
			t.Errorf("MEM-26 moved before it was let go: %s", m.Union.Name)
		}
		o.proven()
	})
}

// as judges a roster in another's name, for another union.
func (o *office) as(g auth.Grant, under, name string, content []byte) (i Import) {
	o.Helper()
	blob, err := o.room.Files.Put(ctx, bytes.NewReader(content), 200<<20)
	o.must(err)
	o.do(func(tx *sqldb.Tx) (err error) {
		i, _, err = o.room.Begin(ctx, tx, g, Import{Kind: Roster, UnderID: under, FileName: name, FileHash: blob.Hash}, o.at())
		return err
	})
	o.must(o.room.Runner.RunDue(ctx))
	return o.find(i.ID)
}

// Of twenty who press at once one wins; the others learn why not.
func TestGuardedActsRaced(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		o := established(t, db)
		i := o.judged(Roster, flawed, sample(t, flawed))
		race := func(act func(tx *sqldb.Tx) error) {
			t.Helper()
			var won, lost atomic.Int64
			var all sync.WaitGroup
			for range 20 {
				all.Go(func() {
					switch err := db.Do(ctx, act); {
					case err == nil:
						won.Add(1)
					case fault.Of(err).Kind == fault.Conflict:
						lost.Add(1)
					default:
						t.Error(err)
					}
				})
			}
			all.Wait()
			if won.Load() != 1 || lost.Load() != 19 {
				t.Errorf("%d won, %d lost", won.Load(), lost.Load())
			}
			o.must(o.room.Runner.RunDue(ctx))
			o.proven()
		}
		race(func(tx *sqldb.Tx) error {
			_, err := o.room.Confirm(ctx, tx, o.grant(), i.ID, 0, false, o.at())
			return err
		})
		o.is(o.find(i.ID), Confirmed, [5]int64{301, 0, 0, 0, 159})
		blob, err := o.room.Files.Put(ctx, bytes.NewReader(sample(t, samples[1].name)), 200<<20)
		o.must(err)
		ids := sync.Map{}
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				err := db.Do(ctx, func(tx *sqldb.Tx) error {
					i, _, err := o.room.Begin(ctx, tx, o.grant(), Import{Kind: Roster, UnderID: o.root.ID, FileName: "x", FileHash: blob.Hash}, o.at())
					ids.Store(i.ID, true)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		n := 0
		ids.Range(func(any, any) bool { n++; return true })
		if n != 1 {
			t.Errorf("the same bytes twenty times at once became %d imports", n)
		}
	})
}

// Whoever edits between judging and writing is not overwritten.
func TestEditedBetweenJudgingAndWriting(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		o := established(t, db)
		head := []string{"姓名", "身份证号", "工作单位", "学历"}
		o.confirm(o.judged(Roster, "一.xlsx", sheetOf(t, head, []string{"张一", person(1), "滨江市财政局", "大学本科"})).ID, false)
		i := o.judged(Roster, "二.xlsx", sheetOf(t, head, []string{"张一", person(1), "滨江市财政局", "研究生"}, []string{"李二", person(2), "滨江市财政局", ""}))
		o.is(i, Judged, [5]int64{1, 1, 0, 0, 0})
		was := o.byNumber(person(1))
		now := was
		now.Person.Duty = "科长"
		o.do(func(tx *sqldb.Tx) error {
			b := member.NewBatch(tx, o.grant(), o.at())
			if err := b.Update(ctx, was, now); err != nil {
				return err
			}
			return b.Audit(ctx, was.ID, "duty")
		})
		o.confirm(o.judged(Roster, "三.xlsx", sheetOf(t, head, []string{"李贰", person(2), "滨江市财政局", ""})).ID, false)
		o.is(o.confirm(i.ID, false), Confirmed, [5]int64{0, 0, 0, 0, 2})
		if ps := o.problems(i.ID); len(ps) != 2 || ps[0].Code != "row.late" || ps[1].Code != "row.late" {
			t.Errorf("problems %+v", ps)
		}
		if m := o.byNumber(person(1)); m.Person.Duty != "科长" || m.Person.Education == "14" {
			t.Errorf("the edit is gone: %+v", m.Person)
		}
		o.proven()
	})
}
