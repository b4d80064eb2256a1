package transfer

import (
	"bytes"
	"context"
	"flag"
	"os"
	"strings"
	"testing"

	"unionhall/commons/certificate"
	"unionhall/grassroots/registry/member"
	"unionhall/grassroots/registry/town"
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

// MEM-26: state × act × office, a line a right.
func TestMatrix(t *testing.T) {
	const file = "testdata/matrix.txt"
	got := Procedure.Matrix()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || got != string(want) {
		t.Errorf("the procedure is no longer that of %s (%v):\n%s", file, err, got)
	}
}

// S2-12: dues switch at the month's end.
func TestDuesFrom(t *testing.T) {
	for day, want := range map[day.Day]string{"2026-11-01": "2026-12", "2026-11-30": "2026-12", "2026-12-31": "2027-01", "2028-02-29": "2028-03"} {
		if got := DuesFrom(day); got != want {
			t.Errorf("accepted on %s: from %s, want %s", day, got, want)
		}
	}
}

type scene struct {
	*town.Town
	t *testing.T
}

func each(t *testing.T, f func(s scene)) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) { f(scene{town.New(t, db, town.Tenant), t}) })
}

func (s scene) ask(m member.Member) (x Transfer) {
	s.t.Helper()
	s.Do(func(tx *sqldb.Tx) (err error) {
		x, err = AskOut(ctx, tx, s.Chair(s.A, Ask), m.ID, s.B.Code, "调入市教育局", town.Now)
		return err
	})
	return x
}

func (s scene) step(g auth.Grant, id string, version int64, words string) (x Transfer, err error) {
	err = s.DB.Do(ctx, func(tx *sqldb.Tx) (err error) {
		x, err = Advance(ctx, tx, g, id, version, flow.Given{Words: words}, town.Now)
		return err
	})
	return x, err
}

func (s scene) must(g auth.Grant, id string, words string) Transfer {
	s.t.Helper()
	x, err := s.step(g, id, 0, words)
	if err != nil {
		s.t.Fatal(err)
	}
	return x
}

// MEM-10, MEM-26: until the new union accepts the member counts in the old one.
func TestTwoHands(t *testing.T) {
	each(t, func(s scene) {
		m := s.Join(s.A, "丁晓燕")
		x := s.ask(m)
		if x.State != Requested || s.Member(m.ID).Status != member.Active {
			t.Errorf("asked: %+v", x)
		}
		s.must(s.Chair(s.A, Confirm), x.ID, "")
		if got := s.Member(m.ID); got.Status != member.Transferring || !got.Status.Counts() || got.Union.ID != s.A.ID {
			t.Errorf("confirmed: %s in %s", got.Status, got.Union.Name)
		}
		x = s.must(s.Chair(s.B, Accept), x.ID, "")
		got := s.Member(m.ID)
		if got.Status != member.Active || got.Union.ID != s.B.ID || got.CardNo != m.CardNo || x.DuesFrom != "2026-12" {
			t.Errorf("accepted: %+v, dues from %s", got, x.DuesFrom)
		}
		s.Do(func(tx *sqldb.Tx) error {
			events, err := member.History(ctx, tx, s.Officer(Look), m.ID)
			var types []string
			for _, e := range events {
				types = append(types, string(e.Type))
			}
			if strings.Join(types, " ") != "joined released moved_in" {
				t.Errorf("MEM-25 events: %v", types)
			}
			return err
		})
		s.Whole()
	})
}

// MEM-26: refused or called off, everything is as it was; somebody retained
// stays so and is counted nowhere.
func TestBackAgain(t *testing.T) {
	each(t, func(s scene) {
		for _, c := range []struct {
			law      string
			retained bool
			end      auth.Action
		}{{"MEM-26 refused", false, Refuse}, {"MEM-26 called off", false, Cancel}, {"MEM-19 retained, refused", true, Refuse}, {"MEM-19 retained, accepted", true, Accept}} {
			m := s.Join(s.A, "单立新")
			kept := member.Active
			if c.retained {
				kept = member.Retained
				s.Do(func(tx *sqldb.Tx) error {
					_, err := member.Alter(ctx, tx, s.Officer(member.Change), m.ID, 0, member.Retain, member.Paper{Reason: "12"}, town.Now)
					return err
				})
			}
			x := s.ask(m)
			s.must(s.Chair(s.A, Confirm), x.ID, "")
			if got := s.Member(m.ID); c.retained && got.Status.Counts() {
				t.Errorf("%s: counted on the way", c.law)
			}
			by := s.Chair(s.B, c.end)
			if c.end == Cancel {
				by = s.Chair(s.A, c.end)
			}
			if c.end == Refuse {
				if _, err := s.step(by, x.ID, 0, ""); fault.Of(err).Fields["words"] == "" {
					t.Errorf("%s without a reason: %v", c.law, err)
				}
			}
			s.must(by, x.ID, "尚未报到")
			at := s.A.ID
			if c.end == Accept {
				at = s.B.ID
			}
			if got := s.Member(m.ID); got.Status != kept || got.Union.ID != at {
				t.Errorf("%s: %s in %s", c.law, got.Status, got.Union.Name)
			}
		}
		s.Whole()
	})
}

// PL-28: the letter verifies from the moment the old union lets go, until
// nothing comes of it.
func TestVouch(t *testing.T) {
	each(t, func(s scene) {
		m := s.Join(s.A, "单立新")
		x := s.ask(m)
		state := func() (out []certificate.State) {
			s.Do(func(tx *sqldb.Tx) error {
				all, err := certificate.ByThing(ctx, tx, s.Officer(Look), x.ID)
				for _, c := range all {
					out = append(out, c.State(town.Now.Day()))
				}
				return err
			})
			return out
		}
		if got := state(); len(got) != 0 {
			t.Errorf("asked: %v", got)
		}
		s.must(s.Chair(s.A, Confirm), x.ID, "")
		if got := state(); len(got) != 1 || got[0] != certificate.Valid {
			t.Errorf("confirmed: %v", got)
		}
		s.must(s.Chair(s.B, Refuse), x.ID, "尚未报到")
		if got := state(); len(got) != 1 || got[0] != certificate.Revoked {
			t.Errorf("refused: %v", got)
		}
		s.Whole()
	})
}

// MEM-26: out of order, by the wrong side, by the member, twice, stale, on what
// is out of reach.
func TestRefusals(t *testing.T) {
	each(t, func(s scene) {
		m := s.Join(s.A, "仇雪")
		x := s.ask(m)
		wrong := func(law string, g auth.Grant, version int64, want fault.Kind) {
			t.Helper()
			if _, err := s.step(g, x.ID, version, "理由"); err == nil || fault.Of(err).Kind != want {
				t.Errorf("%s: %v, want %s", law, err, want)
			}
		}
		wrong("MEM-26 accepted before it is let go", s.Chair(s.B, Accept), 0, fault.Conflict)
		wrong("MEM-26 the new union lets go", s.Chair(s.B, Confirm), 0, fault.Denied)
		wrong("PL-05 a third union", s.Chair(s.C, Confirm), 0, fault.NotFound)
		wrong("ours: the member confirms", s.Self(m, auth.Chair, s.A.ID, Confirm), 0, fault.Denied)
		wrong("a stale version", s.Chair(s.A, Confirm), 7, fault.Conflict)
		wrong("the director", auth.As(s.Tenant, "director", auth.Director, Confirm, s.Root.ID), 0, fault.Denied)
		if err := s.DB.Do(ctx, func(tx *sqldb.Tx) error {
			_, err := AskOut(ctx, tx, s.Chair(s.A, Ask), m.ID, s.C.Code, "再转", town.Now)
			return err
		}); fault.Of(err).Kind != fault.Conflict || fault.Of(err).Rule != "MEM-26" {
			t.Errorf("MEM-26 two at a time: %v", err)
		}
		s.must(s.Chair(s.A, Confirm), x.ID, "")
		wrong("twice", s.Chair(s.A, Confirm), 0, fault.Conflict)
		wrong("MEM-26 the new union calls off what was let go", s.Chair(s.B, Cancel), 0, fault.Denied)
		s.must(s.Chair(s.B, Accept), x.ID, "")
		wrong("after the end", s.Chair(s.B, Refuse), 0, fault.Conflict)
		s.Whole()
	})
}

// MEM-05: the new union asks by name and number; what does not fit tells
// nothing about which.
func TestAskIn(t *testing.T) {
	each(t, func(s scene) {
		m := s.Join(s.A, "解晓东")
		ask := func(p Person) (x Transfer, err error) {
			err = s.DB.Do(ctx, func(tx *sqldb.Tx) (err error) {
				x, err = AskIn(ctx, tx, s.Chair(s.B, Ask), p, s.B.Code, "调入", town.Now)
				return err
			})
			return x, err
		}
		_, other := ask(Person{"解晓西", "1", m.Person.IDNo})
		_, nobody := ask(Person{"解晓东", "1", s.Number()})
		if a, b := fault.Of(other), fault.Of(nobody); a.Kind != fault.Invalid || a.Text != b.Text || a.Fields["id_no"] != b.Fields["id_no"] {
			t.Errorf("another name %v, another number %v", other, nobody)
		}
		x, err := ask(Person{"解晓东", "1", m.Person.IDNo})
		if err != nil || x.AskedBy != In || x.From.ID != s.A.ID {
			t.Errorf("%+v %v", x, err)
		}
		s.must(s.Chair(s.B, Cancel), x.ID, "不来了")
		if got := s.Member(m.ID); got.Status != member.Active || got.Version != m.Version {
			t.Errorf("called off before anything happened: %+v", got)
		}
	})
}

// MEM-10: a member asks for the own transfer, and calls it off; what others
// asked for is theirs.
func TestOwn(t *testing.T) {
	each(t, func(s scene) {
		m := s.Join(s.A, "查良")
		g := s.Self(m, auth.Member, "", Ask)
		var x Transfer
		s.Do(func(tx *sqldb.Tx) (err error) { x, err = AskOwn(ctx, tx, g, s.B.Code, "调动", town.Now); return err })
		cancel := func(id string) error {
			return s.DB.Do(ctx, func(tx *sqldb.Tx) error {
				_, err := CancelOwn(ctx, tx, g, id, 0, flow.Given{Words: "不转了"}, town.Now)
				return err
			})
		}
		if err := cancel(x.ID); err != nil {
			t.Error(err)
		}
		if err := cancel(x.ID); fault.Of(err).Kind != fault.Conflict {
			t.Errorf("twice: %v", err)
		}
		y := s.ask(s.Member(m.ID))
		if err := cancel(y.ID); fault.Of(err).Kind != fault.Denied {
			t.Errorf("what the union asked for: %v", err)
		}
		z := s.ask(s.Join(s.A, "别人"))
		if err := cancel(z.ID); fault.Of(err).Kind != fault.NotFound {
			t.Errorf("another's: %v", err)
		}
	})
}

// MEM-26: both sides press at once, twenty times: one wins.
func TestRace(t *testing.T) {
	each(t, func(s scene) {
		x := s.ask(s.Join(s.A, "盖明"))
		errs := s.Race(func(tx *sqldb.Tx, i int) error {
			g := s.Chair(s.A, Confirm)
			if i%2 == 1 {
				g = s.Chair(s.B, Cancel)
			}
			_, err := Advance(ctx, tx, g, x.ID, 0, flow.Given{Words: "理由"}, town.Now)
			return err
		})
		if town.Won(errs) != 1 {
			t.Errorf("both sides: %d won: %v", town.Won(errs), errs)
		}
		y := s.ask(s.Join(s.A, "区建"))
		s.must(s.Chair(s.A, Confirm), y.ID, "")
		errs = s.Race(func(tx *sqldb.Tx, i int) error {
			_, err := Advance(ctx, tx, s.Chair(s.B, Accept), y.ID, 0, flow.Given{}, town.Now)
			return err
		})
		for _, err := range errs {
			if err != nil && fault.Of(err).Kind != fault.Conflict {
				t.Errorf("a loser is told %v", err)
			}
		}
		if town.Won(errs) != 1 {
			t.Errorf("accept: %d won", town.Won(errs))
		}
		m := s.Join(s.A, "翟乐")
		errs = s.Race(func(tx *sqldb.Tx, i int) error {
			_, err := AskOut(ctx, tx, s.Chair(s.A, Ask), m.ID, s.B.Code, "调动", town.Now)
			return err
		})
		if town.Won(errs) != 1 {
			t.Errorf("ask: %d won", town.Won(errs))
		}
		s.Whole()
	})
}

// MEM-26: what became of the membership meanwhile stops the transfer, which
// can still be called off.
func TestMeanwhile(t *testing.T) {
	each(t, func(s scene) {
		m := s.Join(s.A, "华强")
		x := s.ask(m)
		s.Do(func(tx *sqldb.Tx) error {
			_, err := member.Alter(ctx, tx, s.Officer(member.Change), m.ID, 0, member.Leave, member.Paper{Reason: "5"}, town.Now)
			return err
		})
		if _, err := s.step(s.Chair(s.A, Confirm), x.ID, 0, ""); fault.Of(err).Kind != fault.Conflict {
			t.Errorf("confirmed though left: %v", err)
		}
		s.must(s.Chair(s.A, Cancel), x.ID, "本人已退会")
		if got := s.Member(m.ID); got.Status != member.Left {
			t.Errorf("called off: %s", got.Status)
		}
		s.Whole()
	})
}

// MEM-26: after thirty days both are reminded, once.
func TestRemind(t *testing.T) {
	each(t, func(s scene) {
		s.ask(s.Join(s.A, "乐平"))
		told := func(on day.Day) (n int64) {
			s.Do(func(tx *sqldb.Tx) error {
				return Remind(ctx, tx, auth.System(s.Tenant, "system", "daily.work", s.Root.ID), on, day.Instant(on.Start()))
			})
			s.Do(func(tx *sqldb.Tx) (err error) {
				n, err = sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM messages WHERE tenant_id = $1 AND title LIKE '会籍接转逾期%'`, s.Tenant)
				return err
			})
			return n
		}
		for _, c := range []struct {
			on   day.Day
			want int64
		}{{"2026-12-25", 0}, {"2026-12-26", 0}, {"2026-12-27", 1}, {"2026-12-28", 1}} {
			if n := told(c.on); n != c.want {
				t.Errorf("MEM-26 on %s: told %d times, want %d", c.on, n, c.want)
			}
		}
		s.Whole()
	})
}

func TestLetter(t *testing.T) {
	var b bytes.Buffer
	x := Transfer{No: "会转〔2026〕12号", Name: "阿布都热合曼·艾则孜江", CardNo: "210600000024000016", Reason: "调动", State: Accepted, Confirmed: town.Now, Ended: town.Now, DuesFrom: "2026-12"}
	x.From.Name, x.To.Name = "滨江市财政局机关工会", "滨江市教育局机关工会"
	if err := writeLetter(x, "https://example.cn/verify/ABCD", "周敏", town.Now, &b); err != nil || !bytes.HasPrefix(b.Bytes(), []byte("%PDF")) {
		t.Errorf("%v, %d bytes", err, b.Len())
	}
}
