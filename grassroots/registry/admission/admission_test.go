package admission

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/grassroots/registry/town"
	"unionhall/grassroots/registry/transfer"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
	"unionhall/schema/dbtest"
)

var (
	ctx    = context.Background()
	update = flag.Bool("update", false, "write the golden files anew")
)

// MEM-02: state × act × office, a line a right; the applicant's and the
// clock's own steps, which no post has, are told apart.
func TestMatrix(t *testing.T) {
	const file = "testdata/matrix.txt"
	got := Procedure.Matrix()
	for _, s := range Procedure.Steps {
		if slices.Contains(s.By, auth.Applicant) || slices.Contains(s.By, byClock) {
			got += fmt.Sprintf("%s\t%s\t%s -> %s\t%s\n", s.By[0], s.Act, s.From, s.To, s.Rule)
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || got != string(want) {
		t.Errorf("the procedure is no longer that of %s (%v):\n%s", file, err, got)
	}
	for o, acts := range Roles() {
		for _, a := range []auth.Action{Apply, Complete, Withdraw, Raise, move} {
			if slices.Contains(acts, a) {
				t.Errorf("%s may %s", o, a)
			}
		}
	}
}

type scene struct {
	*town.Town
	t    *testing.T
	room *Room
}

func each(t *testing.T, f func(s scene)) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		f(scene{town.New(t, db, town.Tenant), t, New(transfer.Room{}, nil)})
	})
}

func (s scene) invite(u registry.Union) (i Invitation) {
	s.t.Helper()
	s.Do(func(tx *sqldb.Tx) (err error) {
		i, err = Offer(ctx, tx, s.Officer(Invite), InviteForm{Union: u.Code, Name: "新入职", Expires: "2026-12-31"}, town.Now)
		return err
	})
	return i
}

func (s scene) form(name string) (f Form) {
	f.Name, f.IDType, f.IDNo, f.Phone = name, "1", s.Number(), "15400001234"
	return f
}

func (s scene) submit(code, key string, f Form, at day.Instant) (a Application, err error) {
	err = s.DB.Do(ctx, func(tx *sqldb.Tx) (err error) { a, _, err = Submit(ctx, tx, code, key, f, at); return err })
	return a, err
}

func (s scene) apply(i Invitation, f Form) Application {
	s.t.Helper()
	a, err := s.submit(i.Code, "", f, town.Now)
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

func (s scene) admit(g auth.Grant, id string, v flow.Given) (a Application, err error) {
	err = s.DB.Do(ctx, func(tx *sqldb.Tx) (err error) { a, err = s.room.Admit(ctx, tx, g, id, 0, v, town.Now); return err })
	return a, err
}

func (s scene) decide(g auth.Grant, id string, words string) error {
	return s.DB.Do(ctx, func(tx *sqldb.Tx) error {
		_, err := Decide(ctx, tx, g, id, 0, flow.Given{Words: words}, town.Now)
		return err
	})
}

// MEM-02, S2-11: a visitor applies, the chair approves, number and membership
// are of that day; what was accepted is on record with its hash.
func TestTakenIn(t *testing.T) {
	each(t, func(s scene) {
		i := s.invite(s.A)
		f := s.form("丁晓燕")
		f.Dispatched, f.Other = true, "滨江市人力资源公司"
		a := s.apply(i, f)
		if a.State != Applied || a.Due != "2026-12-03" || a.No != "入会〔2026〕1号" || a.Consent != noticeVersion || a.ConsentHash != noticeHash() || a.ConsentAt != town.Now {
			t.Errorf("applied: %+v", a)
		}
		s.Do(func(tx *sqldb.Tx) error {
			n, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM applications WHERE tenant_id = $1 AND cast(body AS text) LIKE '%' || $2 || '%'`, s.Tenant, f.Phone)
			if !s.DB.Embedded() { // bytes print otherwise there
				return nil
			}
			if n > 0 {
				t.Error("R1.66 the phone stands in the clear")
			}
			return err
		})
		got, err := s.admit(s.Chair(s.A, Approve), a.ID, flow.Given{})
		if err != nil || got.State != Approved {
			t.Fatalf("%+v %v", got, err)
		}
		m := s.Member(got.MemberID)
		if m.Status != member.Active || m.Joined != "2026-11-26" || m.CardNo != s.A.Code+"000001" || m.Person.Sex != member.Male || m.Union.ID != s.A.ID {
			t.Errorf("the member: %+v", m)
		}
		s.Do(func(tx *sqldb.Tx) error {
			past, err := member.History(ctx, tx, s.Officer(Look), m.ID)
			if len(past) != 1 || !strings.Contains(past[0].Document, "劳务派遣") || !strings.Contains(past[0].Document, a.No) {
				t.Errorf("MEM-04 the event: %+v", past)
			}
			v, err2 := FindInvite(ctx, tx, s.Officer(Invite), i.ID)
			if v.Came != 1 || v.Taken != 1 {
				t.Errorf("counts: %+v", v)
			}
			if err == nil {
				err = err2
			}
			return err
		})
		if _, err := s.admit(s.Chair(s.A, Approve), a.ID, flow.Given{}); fault.Of(err).Kind != fault.Conflict {
			t.Errorf("twice: %v", err)
		}
		s.Whole()
	})
}

// MEM-01, MEM-02, MEM-04: what can't be is told at its field.
func TestJudge(t *testing.T) {
	each(t, func(s scene) {
		i := s.invite(s.A)
		for law, c := range map[string]struct {
			change func(*Form)
			field  string
		}{
			"IMP-02 checksum":                {func(f *Form) { f.IDNo = "210602199001010013" }, "id_no"},
			"MEM-02 no phone":                {func(f *Form) { f.Phone = "" }, "phone"},
			"MEM-02 no name":                 {func(f *Form) { f.Name = "" }, "name"},
			"MEM-01 fifteen":                 {func(f *Form) { f.IDType, f.IDNo, f.Birthday = "2", "E12345678", "2010-11-27" }, "id_no"},
			"MEM-04 dispatched without whom": {func(f *Form) { f.Dispatched = true }, "other"},
			"MEM-03 which unit":              {func(f *Form) { f.Unionless = true }, "work_unit"},
			"ours: a long text":              {func(f *Form) { f.Resume = strings.Repeat("长", 501) }, "resume"},
		} {
			f := s.form("丁晓燕")
			c.change(&f)
			if _, err := s.submit(i.Code, "", f, town.Now); fault.Of(err).Kind != fault.Invalid || fault.Of(err).Fields[c.field] == "" {
				t.Errorf("%s: %v %v", law, err, fault.Of(err).Fields)
			}
		}
		f := s.form("丁晓燕")
		f.IDType, f.IDNo, f.Birthday = "2", "E12345678", "2010-11-26"
		if _, err := s.submit(i.Code, "", f, town.Now); err != nil {
			t.Errorf("MEM-01 sixteen today: %v", err)
		}
		for law, code := range map[string]string{"made up": "ytuw01-aaaaaaaaaaaaaaaa", "no code": "x", "empty": ""} {
			if _, err := s.submit(code, "", s.form("王"), town.Now); fault.Of(err).Kind != fault.NotFound {
				t.Errorf("%s: %v", law, err)
			}
		}
		if _, err := s.submit(i.Code, "", s.form("王建"), "2027-01-01T00:00:00.000000Z"); fault.Of(err).Kind != fault.NotFound {
			t.Errorf("after its last day: %v", err)
		}
		s.Do(func(tx *sqldb.Tx) error {
			_, err := Close(ctx, tx, s.Chair(s.A, Invite), i.ID, 1, town.Now)
			return err
		})
		if _, err := s.submit(i.Code, "", s.form("王建"), town.Now); fault.Of(err).Kind != fault.NotFound {
			t.Errorf("closed: %v", err)
		}
		if err := s.DB.Do(ctx, func(tx *sqldb.Tx) error {
			_, err := Close(ctx, tx, s.Chair(s.A, Invite), i.ID, 1, town.Now)
			return err
		}); fault.Of(err).Kind != fault.Conflict {
			t.Errorf("closed twice: %v", err)
		}
	})
}

// One press is one application, however often it arrives; another form under
// the same key is told so. Numbers have no gap.
func TestOncePerKey(t *testing.T) {
	each(t, func(s scene) {
		i, f := s.invite(s.A), s.form("解晓东")
		ids := make([]string, 20)
		errs := s.Race(func(tx *sqldb.Tx, n int) error {
			a, _, err := Submit(ctx, tx, i.Code, "key-1", f, town.Now)
			ids[n] = a.ID
			return err
		})
		if town.Won(errs) != 20 || len(slices.Compact(slices.Sorted(slices.Values(ids)))) != 1 {
			t.Errorf("%d won, %v", town.Won(errs), errs)
		}
		g := f
		g.Duty = "科长"
		if _, err := s.submit(i.Code, "key-1", g, town.Now); fault.Of(err).Kind != fault.Conflict || !strings.Contains(err.Error(), "入会〔2026〕1号") {
			t.Errorf("another form: %v", err)
		}
		if a, err := s.submit(i.Code, "key-2", g, town.Now); err != nil || a.No != "入会〔2026〕2号" {
			t.Errorf("the next number is %s, %v", a.No, err)
		}
		s.Whole()
	})
}

// MEM-02, PL-25: five working days, 调休 included, against counting by hand.
func TestDue(t *testing.T) {
	each(t, func(s scene) {
		i := s.invite(s.A)
		s.Do(func(tx *sqldb.Tx) error {
			_, err := Amend(ctx, tx, s.Chair(s.A, Invite), InviteForm{ID: i.ID, Name: "长期", Expires: "2027-11-25", Version: 1}, town.Now)
			return err
		})
		cal := day.China()
		for _, c := range []struct {
			at   day.Instant
			want day.Day
		}{
			{"2026-09-30T02:00:00.000000Z", "2026-10-13"}, // 国庆 1-7, 10 日补班
			{"2026-11-27T02:00:00.000000Z", "2026-12-04"},
			{"2026-11-28T02:00:00.000000Z", "2026-12-04"}, // a Saturday
			{"2026-11-26T16:30:00.000000Z", "2026-12-04"}, // half past midnight in Beijing
		} {
			a, err := s.submit(i.Code, "", s.form("仇雪"), c.at)
			if err != nil || a.Due != c.want {
				t.Errorf("applied %s: due %s, want %s, %v", c.at, a.Due, c.want, err)
			}
			d, n := c.at.Day(), 0
			for n < 5 {
				if d = d.AddDays(1); cal.Workday(d) {
					n++
				}
			}
			if d != a.Due {
				t.Errorf("applied %s: counted by hand %s, got %s", c.at, d, a.Due)
			}
		}
	})
}

// MEM-02: what the base committee lets lie goes one level up on the day after;
// where there is no chair, at once. Only then may the officer decide.
func TestRaise(t *testing.T) {
	each(t, func(s scene) {
		a := s.apply(s.invite(s.A), s.form("盖明亮"))
		if _, err := s.admit(s.Officer(Approve), a.ID, flow.Given{}); fault.Of(err).Kind != fault.Denied || fault.Of(err).Rule != "MEM-02" {
			t.Errorf("the officer before the time is up: %v", err)
		}
		state := func(on day.Day) (now Application) {
			s.Do(func(tx *sqldb.Tx) error {
				if err := RaiseLate(ctx, tx, auth.System(s.Tenant, "system", "daily.work", s.Root.ID), on, day.Instant(on.Start())); err != nil {
					return err
				}
				var err error
				now, err = Find(ctx, tx, s.Officer(Look), a.ID)
				return err
			})
			return now
		}
		if got := state("2026-12-03"); got.State != Applied {
			t.Errorf("on the last day: %s", got.State)
		}
		if got := state("2026-12-04"); got.State != Raised || got.Raised == "" {
			t.Errorf("on the day after: %s", got.State)
		}
		s.Do(func(tx *sqldb.Tx) error {
			n, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM messages WHERE tenant_id = $1 AND account_id = 'officer' AND title LIKE '入会申请请上级办理%'`, s.Tenant)
			if n != 1 {
				t.Errorf("the officer is told %d times", n)
			}
			return err
		})
		if got, err := s.admit(s.Officer(Approve), a.ID, flow.Given{}); err != nil || got.State != Approved {
			t.Errorf("the officer after: %v", err)
		}
		if b := s.apply(s.invite(s.C), s.form("翟乐")); b.State != Raised {
			t.Errorf("no chair: %s", b.State)
		}
		if b := s.apply(s.invite(s.Root), s.form("区建民")); b.State != Raised {
			t.Errorf("MEM-03 the higher union: %s", b.State)
		}
		s.Whole()
	})
}

// MEM-05: one person, one membership.
func TestOneMembership(t *testing.T) {
	each(t, func(s scene) {
		i := s.invite(s.A)
		there := s.Join(s.B, "单思远")
		f := s.form("单思远")
		f.IDNo = there.Person.IDNo
		fresh := s.apply(i, s.form("别的人"))
		known := s.apply(i, f)
		if known.State != fresh.State || known.Due != fresh.Due {
			t.Errorf("the answer tells who is known: %+v %+v", known, fresh)
		}
		got, err := s.admit(s.Chair(s.A, Approve), known.ID, flow.Given{})
		if err != nil || got.State != Moving || got.TransferID == "" || got.MemberID != "" {
			t.Fatalf("MEM-05 elsewhere: %+v %v", got, err)
		}
		s.Do(func(tx *sqldb.Tx) error {
			x, err := transfer.Find(ctx, tx, s.Chair(s.B, transfer.Look), got.TransferID)
			if x.AskedBy != transfer.In || x.From.ID != s.B.ID || x.To.ID != s.A.ID || x.State != transfer.Requested {
				t.Errorf("the transfer: %+v", x)
			}
			return err
		})
		if m := s.Member(there.ID); m.Status != member.Active || m.Union.ID != s.B.ID {
			t.Errorf("MEM-26 it counts where it was: %+v", m)
		}
		here := s.Join(s.A, "查良")
		f = s.form("查良")
		f.IDNo = here.Person.IDNo
		if _, err := s.admit(s.Chair(s.A, Approve), s.apply(i, f).ID, flow.Given{}); fault.Of(err).Kind != fault.Conflict || fault.Of(err).Rule != "MEM-05" {
			t.Errorf("a member here: %v", err)
		}
		gone := s.Join(s.B, "华强")
		s.Do(func(tx *sqldb.Tx) error {
			_, err := member.Alter(ctx, tx, s.Officer(member.Change), gone.ID, 0, member.Expel, member.Paper{Reason: "6", Document: "滨直工〔2026〕1号"}, town.Now)
			return err
		})
		f = s.form("华强")
		f.IDNo = gone.Person.IDNo
		a := s.apply(i, f)
		if _, err := s.admit(s.Chair(s.A, Approve), a.ID, flow.Given{}); fault.Of(err).Fields["document"] == "" {
			t.Errorf("MEM-02 after an expulsion without a decision: %v", err)
		}
		if _, err := s.admit(s.Chair(s.A, Approve), a.ID, flow.Given{Document: "滨财工〔2026〕2号"}); err != nil {
			t.Error(err)
		}
		if m := s.Member(gone.ID); m.Status != member.Active || m.Union.ID != s.A.ID || m.CardNo != gone.CardNo || m.Joined != "2026-11-26" {
			t.Errorf("CARD-02 taken in again: %+v", m)
		}
		s.Whole()
	})
}

// Every wrong step: out of order, by the wrong post, on another union's, by the
// applicant's own hand after the end.
func TestRefusals(t *testing.T) {
	each(t, func(s scene) {
		a := s.apply(s.invite(s.A), s.form("区建"))
		want := func(law string, err error, k fault.Kind) {
			t.Helper()
			if err == nil || fault.Of(err).Kind != k {
				t.Errorf("%s: %v, want %s", law, err, k)
			}
		}
		want("PL-05 another union's chair", s.decide(s.Chair(s.B, Refuse), a.ID, "不"), fault.NotFound)
		want("the director", s.decide(auth.As(s.Tenant, "d", auth.Director, Refuse, s.Root.ID), a.ID, "不"), fault.Denied)
		want("without a reason", s.decide(s.Chair(s.A, Return), a.ID, ""), fault.Invalid)
		again := func(f Form, version int64) error {
			return s.DB.Do(ctx, func(tx *sqldb.Tx) error {
				_, err := Again(ctx, tx, s.Tenant, a.ID, version, f, town.Now)
				return err
			})
		}
		want("completed before it was returned", again(s.form("区建"), 0), fault.Conflict)
		if err := s.decide(s.Chair(s.A, Return), a.ID, "请补职务"); err != nil {
			t.Fatal(err)
		}
		want("MEM-02 approved while it is with the applicant", func() error { _, err := s.admit(s.Chair(s.A, Approve), a.ID, flow.Given{}); return err }(), fault.Conflict)
		f := a.Form
		f.IDNo, f.Phone, f.Duty = "980001********0012", "154****1234", "科长"
		if err := again(f, 0); err != nil {
			t.Error(err)
		}
		s.Do(func(tx *sqldb.Tx) error {
			got, err := byID(ctx, tx, s.Tenant, a.ID)
			if got.State != Applied || got.Form.IDNo != a.Form.IDNo || got.Form.Phone != a.Form.Phone || got.Form.Duty != "科长" {
				t.Errorf("completed: %+v", got)
			}
			return err
		})
		recall := func() error {
			return s.DB.Do(ctx, func(tx *sqldb.Tx) error { _, err := Recall(ctx, tx, s.Tenant, a.ID, 0, town.Now); return err })
		}
		if err := recall(); err != nil {
			t.Error(err)
		}
		want("withdrawn twice", recall(), fault.Conflict)
		want("refused after it was withdrawn", s.decide(s.Chair(s.A, Refuse), a.ID, "不"), fault.Conflict)
		self := s.Join(s.B, "乐平")
		own := s.form("乐平")
		own.IDNo = self.Person.IDNo
		b := s.apply(s.invite(s.A), own)
		_, err := s.admit(s.Self(self, auth.Chair, s.A.ID, Approve), b.ID, flow.Given{})
		want("MEM-02 the applicant approves", err, fault.Denied)
		s.Whole()
	})
}

// CARD-02: twenty approve at once, one number each and no gap; twenty approve
// one, one wins.
func TestRace(t *testing.T) {
	each(t, func(s scene) {
		i := s.invite(s.A)
		ids := make([]string, 20)
		for n := range ids {
			ids[n] = s.apply(i, s.form(fmt.Sprintf("丁%c", '一'+rune(n)))).ID
		}
		got := make([]string, 20)
		errs := s.Race(func(tx *sqldb.Tx, n int) error {
			a, err := s.room.Admit(ctx, tx, s.Chair(s.A, Approve), ids[n], 0, flow.Given{}, town.Now)
			got[n] = a.MemberID
			return err
		})
		if town.Won(errs) != 20 {
			t.Fatalf("%d of 20: %v", town.Won(errs), errs)
		}
		cards := make([]string, 20)
		for n, id := range got {
			cards[n] = s.Member(id).CardNo
		}
		slices.Sort(cards)
		for n, c := range cards {
			if want := registry.CardNo(s.A.Code, int64(n+1)); c != want {
				t.Errorf("card %d is %s, want %s", n, c, want)
			}
		}
		one := s.apply(i, s.form("查良"))
		errs = s.Race(func(tx *sqldb.Tx, n int) error {
			_, err := s.room.Admit(ctx, tx, s.Chair(s.A, Approve), one.ID, 0, flow.Given{}, town.Now)
			return err
		})
		if town.Won(errs) != 1 {
			t.Errorf("one application: %d won", town.Won(errs))
		}
		s.Whole()
	})
}

// Many at once are approved all or none.
func TestMany(t *testing.T) {
	each(t, func(s scene) {
		i := s.invite(s.A)
		a, b := s.apply(i, s.form("丁一")), s.apply(i, s.form("丁二"))
		many := func(ids ...string) error {
			return s.DB.Do(ctx, func(tx *sqldb.Tx) error {
				_, err := s.room.AdmitMany(ctx, tx, s.Chair(s.A, Approve), ids, flow.Given{}, town.Now)
				return err
			})
		}
		other := s.apply(s.invite(s.B), s.form("丁三"))
		if err := many(a.ID, other.ID); fault.Of(err).Kind != fault.NotFound {
			t.Errorf("one of another union: %v", err)
		}
		if err := many(); fault.Of(err).Kind != fault.Invalid {
			t.Errorf("none: %v", err)
		}
		if err := many(a.ID, b.ID, a.ID); err != nil {
			t.Error(err)
		}
		s.Whole()
	})
}

// R1.75: what came to nothing is forgotten after a year.
func TestForget(t *testing.T) {
	each(t, func(s scene) {
		i := s.invite(s.A)
		a, b := s.apply(i, s.form("丁一")), s.apply(i, s.form("丁二"))
		if err := s.decide(s.Chair(s.A, Refuse), a.ID, "不在本单位"); err != nil {
			t.Fatal(err)
		}
		left := func(on day.Day) (n int64) {
			s.Do(func(tx *sqldb.Tx) error {
				return Forget(ctx, tx, auth.System(s.Tenant, "system", "daily.work", s.Root.ID), on, day.Instant(on.Start()))
			})
			s.Do(func(tx *sqldb.Tx) (err error) {
				n, err = sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM applications WHERE tenant_id = $1 AND id IN ($2, $3)`, s.Tenant, a.ID, b.ID)
				return err
			})
			return n
		}
		if n := left("2027-11-26"); n != 2 {
			t.Errorf("within the year %d are left", n)
		}
		if n := left("2027-11-27"); n != 1 {
			t.Errorf("after the year %d are left", n)
		}
		s.Whole()
	})
}

func TestCodes(t *testing.T) {
	each(t, func(s scene) {
		i := s.invite(s.A)
		if n, ok := tenantOf(i.Code); !ok || n != s.Tenant {
			t.Errorf("%s is of %d", i.Code, n)
		}
		a := s.apply(i, s.form("丁一"))
		k := s.DB.Keys()
		r, err := writeReceipt(k, s.Tenant, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		if n, id, ok := readReceipt(k, r); !ok || n != s.Tenant || id != a.ID {
			t.Errorf("%d %s", n, id)
		}
		for n := range r { // one letter wrong anywhere
			bad := []byte(r)
			if bad[n] == 'A' {
				bad[n] = 'B'
			} else {
				bad[n] = 'A'
			}
			if _, id, ok := readReceipt(k, string(bad)); ok && id != a.ID {
				t.Errorf("a forged receipt opens at %d", n)
			}
		}
	})
}

func TestPapers(t *testing.T) {
	var b bytes.Buffer
	i := Invitation{Name: "新入职", Code: newCode(town.Tenant), Expires: "2026-12-31", office: "市直机关工会工委"}
	i.Union.Name = "中国（滨江）自由贸易试验区高新技术产业开发区管理委员会机关工会"
	if err := writePoster(i, "https://example.cn/join/"+i.Code, "周敏", town.Now, &b); err != nil || !bytes.HasPrefix(b.Bytes(), []byte("%PDF")) {
		t.Error(err)
	}
	b.Reset()
	a := Application{No: "入会〔2026〕1号", State: Approved, Ended: town.Now}
	a.Form.Name, a.Form.IDNo, a.Form.IDType = "阿布都·买买提", "210602199001010012", "1"
	if err := writeForm(a, "周敏", town.Now, &b); err != nil || !bytes.HasPrefix(b.Bytes(), []byte("%PDF")) {
		t.Error(err)
	}
}
