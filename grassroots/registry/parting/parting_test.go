package parting

import (
	"context"
	"flag"
	"os"
	"testing"

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
	passed = Meeting{7, 6, 5}
)

// MEM-21, MEM-22: state × act × office, a line a right.
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

func TestMeeting(t *testing.T) {
	for _, c := range []struct {
		law   string
		m     Meeting
		field string
	}{
		{"MEM-23 more than half are there, more than half of them agree", Meeting{7, 4, 3}, ""},
		{"MEM-23 half of the committee", Meeting{8, 4, 4}, "present"},
		{"MEM-23 half of those there", Meeting{7, 4, 2}, "agreed"},
		{"MEM-23 all of a committee of three", Meeting{3, 3, 2}, ""},
		{"ours: more than there are", Meeting{3, 4, 4}, "present"},
		{"ours: more agree than are there", Meeting{7, 5, 6}, "agreed"},
		{"ours: no committee", Meeting{0, 0, 0}, "due"},
	} {
		err := c.m.Check()
		if f := fault.Of(err).Fields; (err == nil) != (c.field == "") || c.field != "" && f[c.field] == "" {
			t.Errorf("%s: %v %v", c.law, err, f)
		}
	}
}

func TestMonths(t *testing.T) {
	for _, c := range []struct {
		since string
		today day.Day
		want  int
	}{{"2026-05", "2026-11-26", 6}, {"2026-06", "2026-11-30", 5}, {"2025-12", "2026-01-01", 1}, {"2026-11", "2026-11-26", 0}} {
		if got := Months(c.since, c.today); got != c.want {
			t.Errorf("MEM-21 from %s to %s: %d, want %d", c.since, c.today, got, c.want)
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

func (s scene) open(g auth.Grant, o Opening) (m Matter, err error) {
	err = s.DB.Do(ctx, func(tx *sqldb.Tx) (err error) { m, err = Open(ctx, tx, g, o, town.Now); return err })
	return m, err
}

func (s scene) step(g auth.Grant, id string, v flow.Given, vote Meeting) (m Matter, err error) {
	err = s.DB.Do(ctx, func(tx *sqldb.Tx) (err error) { m, err = Advance(ctx, tx, g, id, 0, v, vote, town.Now); return err })
	return m, err
}

// MEM-21, MEM-24: listed, talked to, decided; nothing by itself.
func TestLapse(t *testing.T) {
	each(t, func(s scene) {
		m := s.Join(s.A, "丁松")
		if _, err := s.open(s.Chair(s.A, Begin), Opening{m.ID, Unpaid, "2026-06", "联系不上"}); fault.Of(err).Fields["since"] == "" {
			t.Errorf("MEM-21 five months: %v", err)
		}
		x, err := s.open(s.Chair(s.A, Begin), Opening{m.ID, Unpaid, "2026-05", "联系不上"})
		if err != nil || x.State != Listed || s.Member(m.ID).Status != member.Active {
			t.Fatalf("%+v %v", x, err)
		}
		if _, err := s.open(s.Chair(s.A, Begin), Opening{m.ID, Crime, "", "判刑"}); fault.Of(err).Kind != fault.Conflict {
			t.Errorf("listed twice: %v", err)
		}
		wrong := func(law string, g auth.Grant, v flow.Given, vote Meeting, want fault.Kind) {
			t.Helper()
			if _, err := s.step(g, x.ID, v, vote); err == nil || fault.Of(err).Kind != want {
				t.Errorf("%s: %v", law, err)
			}
		}
		paper := flow.Given{Document: "滨财工〔2026〕9号"}
		wrong("MEM-24 decided before the talk", s.Chair(s.A, Lapse), paper, passed, fault.Conflict)
		wrong("MEM-24 a talk without words", s.Chair(s.A, Talk), flow.Given{}, passed, fault.Invalid)
		wrong("PL-05 another union", s.Chair(s.B, Talk), flow.Given{Words: "谈"}, passed, fault.NotFound)
		wrong("the member", s.Self(m, auth.Chair, s.A.ID, Talk), flow.Given{Words: "谈"}, passed, fault.Denied)
		if _, err := s.step(s.Chair(s.A, Talk), x.ID, flow.Given{Words: "谈了，不改"}, Meeting{}); err != nil {
			t.Fatal(err)
		}
		wrong("MEM-21 no document", s.Chair(s.A, Lapse), flow.Given{}, passed, fault.Invalid)
		wrong("MEM-23 no quorum", s.Chair(s.A, Lapse), paper, Meeting{7, 3, 3}, fault.Invalid)
		errs := s.Race(func(tx *sqldb.Tx, _ int) error {
			_, err := Advance(ctx, tx, s.Chair(s.A, Lapse), x.ID, 0, paper, passed, town.Now)
			return err
		})
		if town.Won(errs) != 1 {
			t.Errorf("%d decided: %v", town.Won(errs), errs)
		}
		if got := s.Member(m.ID); got.Status != member.Left || got.LeftDay != "2026-11-26" {
			t.Errorf("MEM-21 %+v", got)
		}
		wrong("after the end", s.Chair(s.A, Drop), flow.Given{Words: "算了"}, passed, fault.Conflict)
		s.Whole()
	})
}

// MEM-22: opinion, decision, filing with the higher union.
func TestExpel(t *testing.T) {
	each(t, func(s scene) {
		m := s.Join(s.A, "冯宇")
		x, err := s.open(s.Chair(s.A, Begin), Opening{m.ID, Crime, "", "因犯罪被判刑"})
		if err != nil || x.State != Opened {
			t.Fatalf("%+v %v", x, err)
		}
		paper := flow.Given{Document: "滨财工〔2026〕9号"}
		if _, err := s.step(s.Chair(s.A, Expel), x.ID, paper, passed); fault.Of(err).Kind != fault.Conflict {
			t.Errorf("MEM-22 before the opinion: %v", err)
		}
		for _, c := range []struct {
			g auth.Grant
			v flow.Given
		}{{s.Chair(s.A, Advise), flow.Given{Words: "小组建议开除"}}, {s.Chair(s.A, Expel), paper}} {
			if _, err := s.step(c.g, x.ID, c.v, passed); err != nil {
				t.Fatal(err)
			}
		}
		if got := s.Member(m.ID); got.Status != member.Expelled {
			t.Errorf("MEM-22 %s", got.Status)
		}
		if _, err := s.step(s.Chair(s.A, File), x.ID, paper, passed); fault.Of(err).Kind != fault.Denied {
			t.Errorf("MEM-22 the base union files with itself: %v", err)
		}
		if got, err := s.step(s.Officer(File), x.ID, flow.Given{Document: "滨直工备〔2026〕1号"}, passed); err != nil || got.State != Filed || got.Ended == "" {
			t.Errorf("filed: %+v %v", got, err)
		}
		y := s.Join(s.A, "轻微")
		z, err := s.open(s.Chair(s.A, Begin), Opening{y.ID, Crime, "", "行政处罚"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.step(s.Chair(s.A, Drop), z.ID, flow.Given{Words: "批评教育"}, Meeting{}); err != nil || s.Member(y.ID).Status != member.Active {
			t.Errorf("MEM-23 lesser breaches: %v", err)
		}
		s.Whole()
	})
}
