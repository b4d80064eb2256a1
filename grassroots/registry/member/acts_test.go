package member

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/fault"
	"unionhall/kit/files"
	"unionhall/kit/sqldb"
	"unionhall/schema"
	"unionhall/schema/dbtest"
)

var ding = Form{Name: "丁晓燕", IDType: "1", IDNo: "210602199001010012", Phone: "138 1234 5678", Education: "20", Duty: "科员"}

// must runs an act that has to succeed.
func (o *office) must(f func(*sqldb.Tx) (Member, error)) (m Member) {
	o.t.Helper()
	o.do(func(tx *sqldb.Tx) (err error) { m, err = f(tx); return err })
	return m
}

// refused runs an act and returns the fault that it has to end in.
func (o *office) refused(f func(*sqldb.Tx) (Member, error)) *fault.Error {
	o.t.Helper()
	err := o.db.Do(ctx, func(tx *sqldb.Tx) error { _, err := f(tx); return err })
	if err == nil {
		o.t.Error("nothing was refused")
	}
	return fault.Of(err)
}

func (o *office) register(g auth.Grant, u int, f Form) Member {
	o.t.Helper()
	return o.must(func(tx *sqldb.Tx) (Member, error) {
		return Register(ctx, tx, g, o.unions[u].Code, f, "2015-03-01", "滨财工〔2015〕3号", now)
	})
}

// whole proves the log, the seals and the figures.
func (o *office) whole() {
	o.t.Helper()
	o.view(func(tx *sqldb.Tx) error {
		rep, err := audit.Verify(ctx, tx, o.tenant, schema.Sealed)
		if err != nil {
			return err
		}
		found, err := Recount(ctx, tx, o.tenant)
		for _, f := range append(rep.Findings, found...) {
			o.t.Errorf("verify: %s: %s", f.Where, f.What)
		}
		return err
	})
}

func TestRegister(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db, tenant, 0)
		g := o.officer(Edit)
		m := o.register(g, 0, ding)
		if m.Person.Sex != Male || m.Person.Birthday != "1990-01-01" || m.Person.Phone != "13812345678" || m.Status != Active || m.Joined != "2015-03-01" {
			t.Errorf("registered %+v", m)
		}
		if m.CardNo != o.unions[0].Code+"000001" {
			t.Errorf("CARD-02 number %s", m.CardNo)
		}
		again := func(g auth.Grant) func(*sqldb.Tx) (Member, error) {
			return func(tx *sqldb.Tx) (Member, error) {
				f := ding
				f.IDNo = "210602199001010012"
				return Register(ctx, tx, g, o.unions[3].Code, f, "", "", now)
			}
		}
		if f := o.refused(again(g)); f.Kind != fault.Conflict || f.Rule != "MEM-05" || !strings.Contains(f.Text, "市财政局") || f.Fields["id_no"] == "" {
			t.Errorf("MEM-05 twice in the officer's reach: %+v", f)
		}
		if f := o.refused(again(o.chair(3, Edit))); f.Rule != "MEM-05" || strings.Contains(f.Text, "丁晓燕") || strings.Contains(f.Text, "财政局") {
			t.Errorf("MEM-05 beyond a chair's reach no more is told than that: %+v", f)
		}
		for law, c := range map[string]struct {
			change func(*Form)
			field  string
		}{
			"IMP-02 checksum":       {func(f *Form) { f.IDNo = "210602199001010013" }, "id_no"},
			"IMP-02 missing number": {func(f *Form) { f.IDNo = "" }, "id_no"},
			"ours: one character":   {func(f *Form) { f.Name = "丁" }, "name"},
			"IMP-04 phone":          {func(f *Form) { f.Phone = "12" }, "phone"},
			"ours: unknown code":    {func(f *Form) { f.Education = "999" }, "education"},
			"ours: a long text":     {func(f *Form) { f.Duty = strings.Repeat("长", 201) }, "duty"},
			"ours: born to come":    {func(f *Form) { f.IDType, f.IDNo, f.Birthday = "2", "E12345678", "2027-01-01" }, "birthday"},
		} {
			f := ding
			f.IDNo = "210603198507051227"
			c.change(&f)
			if r := o.refused(func(tx *sqldb.Tx) (Member, error) {
				return Register(ctx, tx, g, o.unions[0].Code, f, "", "", now)
			}); r.Kind != fault.Invalid || r.Fields[c.field] == "" {
				t.Errorf("%s: %+v", law, r)
			}
		}
		if r := o.refused(func(tx *sqldb.Tx) (Member, error) {
			f := ding
			f.IDNo = "210603198507051227"
			return Register(ctx, tx, o.chair(3, Edit), o.unions[0].Code, f, today.AddDays(1), "", now)
		}); r.Fields["union"] == "" || r.Fields["joined"] == "" {
			t.Errorf("another union, tomorrow: %+v", r)
		}
		o.whole()
	})
}

func TestCorrect(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db, tenant, 0)
		g := o.officer(Edit)
		m := o.register(g, 0, ding)
		f := formOf(m.Person)
		f.Name, f.Phone, f.Education = "丁小燕", "13987654321", "10"
		after := o.must(func(tx *sqldb.Tx) (Member, error) { return Correct(ctx, tx, g, m.ID, 1, f, m.Joined, now) })
		if after.Version != 2 || after.Person.Name != "丁小燕" {
			t.Errorf("corrected %+v", after)
		}
		o.view(func(tx *sqldb.Tx) error {
			row, err := audit.Last(ctx, tx, g, m.ID)
			if strings.Contains(row.Change, "13987654321") || strings.Contains(row.Change, "13812345678") || !strings.Contains(row.Change, changedNumber) || !strings.Contains(row.Change, "研究生") {
				t.Errorf("the log tells %s", row.Change)
			}
			for q, want := range map[string]int{"丁小燕": 1, "丁晓燕": 0, "dingxiaoyan": 1, "4321": 1, "5678": 0} {
				p, err := List(ctx, tx, g, Query{Q: q})
				if err != nil || len(p.Items) != want {
					t.Errorf("search %s finds %d, %v", q, len(p.Items), err)
				}
			}
			return err
		})
		stale := o.refused(func(tx *sqldb.Tx) (Member, error) { return Correct(ctx, tx, g, m.ID, 1, f, m.Joined, now) })
		if stale.Kind != fault.Conflict || !strings.Contains(stale.Text, "组织干事") || !strings.Contains(stale.Text, "2026-11-22 10:00") {
			t.Errorf("a stale version: %+v", stale)
		}
		other := ding
		other.IDNo, other.Phone = "210603198507051227", ""
		second := o.register(g, 3, other)
		f = formOf(second.Person)
		f.IDNo = ding.IDNo
		if r := o.refused(func(tx *sqldb.Tx) (Member, error) { return Correct(ctx, tx, g, second.ID, 1, f, second.Joined, now) }); r.Rule != "MEM-05" {
			t.Errorf("MEM-05 another's number: %+v", r)
		}
		if r := o.refused(func(tx *sqldb.Tx) (Member, error) {
			return Correct(ctx, tx, o.chair(3, Edit), m.ID, 2, f, m.Joined, now)
		}); r.Kind != fault.NotFound {
			t.Errorf("PL-05 another union's member: %+v", r)
		}
		o.whole()
	})
}

// Every status × step: what it leads to, or that it is refused.
func TestMoves(t *testing.T) {
	want := map[Status]map[Step]Status{
		Active: {Retain: Retained, Leave: Left, Expel: Expelled, Die: Deceased, Transfer: Active,
			Second: Active, Return: Active, Study: Active, Idle: Active, Rest: Active},
		Retained:     {Resume: Active, Leave: Left, Expel: Expelled, Die: Deceased, Transfer: Retained},
		Left:         {Rejoin: Active},
		Expelled:     {Rejoin: Active},
		Applied:      {Die: Deceased},
		Transferring: {},
		Deceased:     {},
	}
	for _, s := range Statuses {
		for _, step := range []Step{Retain, Resume, Rejoin, Leave, Expel, Die, Transfer, Second, Return, Study, Idle, Rest} {
			m := Member{Status: s, Joined: "2015-01-01"}
			w, err := moveOf(m, step)
			to, open := want[s][step]
			switch {
			case open != (err == nil):
				t.Errorf("%s %s: %v", s, step, err)
			case open && w.apply(m, Paper{Day: today}).Status != to:
				t.Errorf("%s %s leads to %s, want %s", s, step, w.apply(m, Paper{Day: today}).Status, to)
			case open && w.apply(m, Paper{Day: today}).Status.Open() == (w.apply(m, Paper{Day: today}).LeftDay != ""):
				t.Errorf("%s %s: the day of leaving is wrong", s, step)
			}
		}
	}
}

func TestPapers(t *testing.T) {
	for _, c := range []struct {
		law    string
		status Status
		step   Step
		paper  Paper
		field  string // refused there; empty: taken
	}{
		{"MEM-15 retirement", Active, Retain, Paper{Reason: "12"}, ""},
		{"MEM-17 unemployment", Active, Retain, Paper{Reason: "3"}, ""},
		{"MEM-18 military service", Active, Retain, Paper{Reason: "13"}, ""},
		{"MEM-15 another reason", Active, Retain, Paper{Reason: "5"}, "reason"},
		{"MEM-15 none", Active, Retain, Paper{}, "reason"},
		{"MEM-20 own wish", Active, Leave, Paper{Reason: "5"}, ""},
		{"MEM-21 MEM-24 the committee decides", Active, Leave, Paper{Reason: "15"}, "document"},
		{"MEM-21 decided", Active, Leave, Paper{Reason: "15", Document: "滨财工〔2026〕9号"}, ""},
		{"MEM-22 needs the decision", Active, Expel, Paper{Reason: "6"}, "document"},
		{"MEM-22 decided", Active, Expel, Paper{Reason: "6", Document: "滨财工〔2026〕9号"}, ""},
		{"MEM-10 a transfer needs a document", Active, Transfer, Paper{}, "document"},
		{"MEM-02 back after expulsion needs one", Expelled, Rejoin, Paper{}, "document"},
		{"MEM-02 back after leaving", Left, Rejoin, Paper{}, ""},
		{"MEM-25 today", Active, Die, Paper{Day: today}, ""},
		{"MEM-25 tomorrow", Active, Die, Paper{Day: today.AddDays(1)}, "day"},
		{"MEM-25 the day of the change before", Active, Die, Paper{Day: "2020-05-01"}, ""},
		{"MEM-25 a day before that", Active, Die, Paper{Day: "2020-04-30"}, "day"},
	} {
		t.Run(c.law, func(t *testing.T) {
			w, err := moveOf(Member{Status: c.status}, c.step)
			if err != nil {
				t.Fatal(err)
			}
			err = c.paper.check(w, "2020-05-01", today)
			if f := fault.Of(err).Fields; (err == nil) != (c.field == "") || c.field != "" && f[c.field] == "" {
				t.Errorf("%v %v", err, f)
			}
		})
	}
}

func TestAlter(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db, tenant, 0)
		m := o.register(o.officer(Edit), 0, ding)
		g := o.officer(Change)
		take := func(s Step, p Paper) Member {
			return o.must(func(tx *sqldb.Tx) (Member, error) { return Alter(ctx, tx, g, m.ID, 0, s, p, now) })
		}
		if got := take(Retain, Paper{Reason: "12", Day: "2020-05-01"}); got.Status != Retained || got.Person.Employment != "4" {
			t.Errorf("MEM-15 %+v", got)
		}
		take(Resume, Paper{Day: "2021-05-01"})
		if got := take(Transfer, Paper{Day: "2022-05-01", Document: "转〔2022〕1号", Union: o.unions[3].Code}); got.Union.ID != o.unions[3].ID || got.CardNo != m.CardNo {
			t.Errorf("MEM-10 CARD-02 %+v", got)
		}
		if r := o.refused(func(tx *sqldb.Tx) (Member, error) {
			return Alter(ctx, tx, o.chair(3, Change), m.ID, 0, Transfer, Paper{Document: "1号", Union: o.unions[0].Code}, now)
		}); r.Fields["union"] == "" || r.Rule != "MEM-10" {
			t.Errorf("MEM-10 MEM-26 a chair reaches one union only: %+v", r)
		}
		if got := take(Leave, Paper{Reason: "5", Day: "2023-05-01"}); got.LeftDay != "2023-05-01" {
			t.Errorf("MEM-20 %+v", got)
		}
		if got := take(Rejoin, Paper{Day: "2024-05-01"}); got.LeftDay != "" || got.Joined != "2024-05-01" || got.CardNo != m.CardNo {
			t.Errorf("MEM-02 %+v", got)
		}
		o.view(func(tx *sqldb.Tx) error {
			events, err := History(ctx, tx, g, m.ID)
			got := ""
			for _, e := range events {
				got += string(e.Type) + " "
			}
			if got != "joined retained resumed moved_in left joined " {
				t.Errorf("MEM-25 history: %s", got)
			}
			return err
		})
		if r := o.refused(func(tx *sqldb.Tx) (Member, error) { return Alter(ctx, tx, g, m.ID, 0, Resume, Paper{}, now) }); r.Kind != fault.Conflict {
			t.Errorf("a step that is not open: %+v", r)
		}
		o.whole()
	})
}

// Twenty officers at once: one retires the member, nineteen are told.
func TestAlterIsRaced(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db, tenant, 0)
		m := o.register(o.officer(Edit), 0, ding)
		won := race(func(i int) error {
			return db.Do(ctx, func(tx *sqldb.Tx) error {
				_, err := Alter(ctx, tx, o.officer(Change), m.ID, 1, []Step{Retain, Leave}[i%2], Paper{Reason: []string{"12", "5"}[i%2]}, now)
				return err
			})
		})
		if won != 1 {
			t.Errorf("%d of 20 altered the same membership", won)
		}
		f := ding
		f.IDNo = "210603198507051227"
		won = race(func(i int) error {
			return db.Do(ctx, func(tx *sqldb.Tx) error {
				_, err := Register(ctx, tx, o.officer(Edit), o.unions[i%4].Code, f, "", "", now)
				return err
			})
		})
		if won != 1 {
			t.Errorf("MEM-05 %d of 20 registered the same person", won)
		}
		o.whole()
	})
}

// race runs f twenty times at once and counts those that were not refused.
func race(f func(int) error) (won int) {
	var all sync.WaitGroup
	var mu sync.Mutex
	for i := range 20 {
		all.Go(func() {
			if err := f(i); err == nil {
				mu.Lock()
				won++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return won
}

func TestAlterMany(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db, tenant, 0)
		o.enrol(o.crowd(30)...)
		var active []string
		for _, m := range o.people {
			if m.Status == Active {
				active = append(active, m.ID)
			}
		}
		o.do(func(tx *sqldb.Tx) error {
			n, err := AlterMany(ctx, tx, o.officer(Change), append(active, active[0]), Retain, Paper{Reason: "12"}, now)
			if n != len(active) {
				t.Errorf("%d of %d", n, len(active))
			}
			return err
		})
		err := db.Do(ctx, func(tx *sqldb.Tx) error {
			_, err := AlterMany(ctx, tx, o.officer(Change), append([]string{active[0]}, "unknown"), Resume, Paper{}, now)
			return err
		})
		if fault.Of(err).Kind != fault.NotFound {
			t.Errorf("one unknown: %v", err)
		}
		o.view(func(tx *sqldb.Tx) error {
			m, err := Find(ctx, tx, o.officer(Look), active[0])
			if m.Status != Retained {
				t.Errorf("all or none: %s", m.Status)
			}
			return err
		})
		o.whole()
	})
}

func TestReveal(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db, tenant, 0)
		m := o.register(o.officer(Edit), 0, ding)
		reveal := func(g auth.Grant, field, reason string) (string, error) {
			value := ""
			err := db.Do(ctx, func(tx *sqldb.Tx) (err error) { value, err = Reveal(ctx, tx, g, m, field, reason, now); return err })
			return value, err
		}
		if v, err := reveal(o.officer(Reveals), IDField, "三个字"); err == nil || v != "" || fault.Of(err).Fields["reason"] == "" {
			t.Errorf("R1.74 without a reason: %q %v", v, err)
		}
		if v, err := reveal(o.officer(Reveals), IDField, "核对工资名单"); err != nil || v != "210602199001010012" {
			t.Errorf("R1.74 %q %v", v, err)
		}
		if _, err := reveal(o.officer(Reveals), "name", "核对工资名单"); err == nil {
			t.Error("a field that is not sealed")
		}
		self := auth.NewActor(tenant, "ding", "丁晓燕", m.ID, Roles(), "", auth.Post{Office: auth.Member, UnionID: o.unions[0].ID, From: "2015-01-01"})
		g, err := self.Grant(auth.Anyone, today)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := reveal(g, PhoneField, ""); err != nil || v != "13812345678" {
			t.Errorf("one's own: %q %v", v, err)
		}
		if err := LogExport(ctx, db, o.officer(Export), ExportQuery{Full: true, Reason: "发放节日慰问"}, now); err != nil {
			t.Error(err)
		}
		if err := LogExport(ctx, db, o.chair(3, Export), ExportQuery{Full: true, Reason: "别的工会的名单"}, now); err != nil {
			t.Error(err)
		}
		o.view(func(tx *sqldb.Tx) error {
			looks, err := LooksAt(ctx, tx, tenant, m, "", 50)
			got := ""
			for _, l := range looks {
				got += l.Title + "（" + l.Words + "）"
			}
			if got != "导出名单（完整号码，可能含本人）（用途：发放节日慰问）本人查看移动电话（）查看证件号码（用途：核对工资名单）" {
				t.Errorf("S3-25 who looked: %s", got)
			}
			return err
		})
		o.whole()
	})
}

func TestFiles(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db, tenant, 0)
		m := o.register(o.officer(Edit), 0, ding)
		g := o.officer(Edit)
		good := files.Blob{Hash: strings.Repeat("a", 64), Size: 1000, Type: "application/pdf"}
		for name, b := range map[string]files.Blob{"none": {}, "large": {Hash: good.Hash, Size: largest + 1, Type: good.Type}, "program": {Hash: good.Hash, Size: 9, Type: "application/octet-stream"}} {
			if r := o.refused(func(tx *sqldb.Tx) (Member, error) { return Attach(ctx, tx, g, m.ID, "a.pdf", b, now) }); r.Fields["file"] == "" {
				t.Errorf("%s: %+v", name, r)
			}
		}
		o.must(func(tx *sqldb.Tx) (Member, error) {
			return Attach(ctx, tx, g, m.ID, `C:\文件\`+strings.Repeat("长", 120)+"入会申请书.pdf", good, now)
		})
		var f File
		o.view(func(tx *sqldb.Tx) error {
			fs, err := filesOf(ctx, tx, g, m.ID)
			if len(fs) != 1 || !strings.HasSuffix(fs[0].Name, "入会申请书.pdf") || len([]rune(fs[0].Name)) != 100 {
				t.Errorf("%+v", fs)
			}
			f = fs[0]
			if _, err := FindFile(ctx, tx, o.chair(3, Look), m.ID, f.ID); fault.Of(err).Kind != fault.NotFound {
				t.Errorf("PL-05 another union's file: %v", err)
			}
			return err
		})
		if r := o.refused(func(tx *sqldb.Tx) (Member, error) { return Detach(ctx, tx, o.chair(0, Edit), m.ID, f.ID, now) }); r.Kind != fault.Denied {
			t.Errorf("another's file: %+v", r)
		}
		o.whole()
		o.must(func(tx *sqldb.Tx) (Member, error) { return Detach(ctx, tx, g, m.ID, f.ID, now) })
		o.whole()
	})
}

// MEM-10, MEM-17: what goes on is handed over, what ended stays.
func TestHandOver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db, tenant, 0)
		o.enrol(o.crowd(300)...)
		g := o.officer(registry.Change)
		want := int64(0)
		for _, m := range o.people {
			if m.Union.ID == o.unions[3].ID && m.Status.Open() {
				want++
			}
		}
		o.do(func(tx *sqldb.Tx) error {
			n, err := People{}.Count(ctx, tx, g, o.unions[3].ID)
			if err != nil || n != want || n == 0 {
				t.Errorf("counts %d of %d, %v", n, want, err)
			}
			return People{}.HandOver(ctx, tx, g, o.unions[3].Ref(), o.unions[0].Ref(), "滨工委〔2026〕5号", now)
		})
		o.view(func(tx *sqldb.Tx) error {
			n, err := People{}.Count(ctx, tx, g, o.unions[3].ID)
			stay, err2 := List(ctx, tx, g, Query{Union: o.unions[3].Code, Limit: 200})
			if n != 0 || len(stay.Items) == 0 {
				t.Errorf("%d go on, %d stay", n, len(stay.Items))
			}
			return errors.Join(err, err2)
		})
		o.whole()
	})
}

// What is changed behind the program's back shows.
func TestRecountFinds(t *testing.T) {
	for what, q := range map[string]string{
		"member_figures": `UPDATE member_figures SET n = n + 1`,
		"member_totals":  `UPDATE member_totals SET n = n + 1`,
		"member_months":  `UPDATE member_months SET joined = joined + 1`,
		"member_years":   `DELETE FROM member_years`,
		"member_tokens":  `UPDATE member_tokens SET token = token || 'x'`,
	} {
		o := newOffice(t, dbtest.SQLite(t), tenant, 0)
		o.enrol(o.crowd(50)...)
		o.whole()
		o.do(func(tx *sqldb.Tx) error {
			if _, err := tx.Exec(ctx, q+` WHERE tenant_id = $1`, int64(tenant)); err != nil {
				return err
			}
			found, err := Recount(ctx, tx, tenant)
			if len(found) == 0 || !strings.HasPrefix(found[0].Where, what) {
				t.Errorf("%s: %v", what, found)
			}
			return err
		})
	}
}

func TestDifferenceTellsNoNumber(t *testing.T) {
	was, now := Person{Name: "王建国", IDNo: "210602199001010012", Phone: "13812345678", Sex: Male}, Person{Name: "王建国", IDNo: "210603198507051227", Phone: "", Sex: Female, Migrant: true}
	got := fmt.Sprint(difference(was, now))
	for _, no := range []string{was.IDNo, now.IDNo, was.Phone} {
		if strings.Contains(got, no) {
			t.Errorf("%s stands in %s", no, got)
		}
	}
	d := Deed{Did: "corrected", Fields: difference(was, now)}
	if d.words() != "性别：“男”改为“女”；证件号码已更改；移动电话已更改；是否农民工：“否”改为“是”" {
		t.Errorf("%s", d.words())
	}
}
