package member

import (
	"testing"

	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/law"
	"unionhall/schema/dbtest"
)

// MEM-15: the tables that the measure of 2024 comes with, one line of each
// step: the month of birth, the age and the month of retirement.
func TestRetires(t *testing.T) {
	a, err := AgesOf(law.Book{}, tenant, today)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		born day.Day
		sex  Sex
		want day.Day
	}{
		{"1964-12-31", Male, "2024-12-31"},
		{"1965-01-15", Male, "2025-02-15"}, {"1965-04-15", Male, "2025-05-15"}, {"1965-05-15", Male, "2025-07-15"},
		{"1966-01-15", Male, "2026-05-15"}, {"1976-08-15", Male, "2039-07-15"}, {"1976-09-15", Male, "2039-09-15"}, {"1985-01-31", Male, "2048-01-31"},
		{"1969-12-15", Female, "2024-12-15"}, {"1970-01-15", Female, "2025-02-15"}, {"1970-05-15", Female, "2025-07-15"}, {"1981-09-15", Female, "2039-09-15"},
		{"1970-05-15", Unknown, ""}, {"", Male, ""},
	} {
		if got := a.Retires(c.born, c.sex); got != c.want {
			t.Errorf("born %s, %s: %s, want %s", c.born, c.sex, got, c.want)
		}
	}
	before, err := AgesOf(law.Book{}, tenant, "2024-06-01")
	if err != nil || before.Retires("1966-01-15", Male) != "2026-01-15" {
		t.Errorf("before the measure: %s, %v", before.Retires("1966-01-15", Male), err)
	}
}

// MEM-12, MEM-13, MEM-14, MEM-16, DUE-04: what changes no membership is an event
// and no more; who is long on secondment, or of age, is listed and left alone.
func TestReminders(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db, tenant, 0)
		m := o.register(o.officer(Edit), 0, ding)
		g := o.officer(Change)
		take := func(s Step, p Paper) Member {
			return o.must(func(tx *sqldb.Tx) (Member, error) { return Alter(ctx, tx, g, m.ID, 0, s, p, now) })
		}
		for _, c := range []struct {
			law        string
			step       Step
			paper      Paper
			employment string
		}{
			{"MEM-14 full-time study", Study, Paper{Words: "省委党校，一年", Day: "2020-01-01"}, ""},
			{"MEM-12 laid off in the unit", Idle, Paper{Day: "2020-02-01"}, "2"},
			{"MEM-16 internal retirement", Rest, Paper{Day: "2020-03-01"}, "7"},
			{"MEM-13 secondment", Second, Paper{Words: "市委办，半年", Day: "2026-05-22"}, "7"},
		} {
			if got := take(c.step, c.paper); got.Status != Active || !got.Status.Pays() || got.Person.Employment != c.employment || got.LeftDay != "" {
				t.Errorf("%s: %+v", c.law, got)
			}
		}
		if f := o.refused(func(tx *sqldb.Tx) (Member, error) { return Alter(ctx, tx, g, m.ID, 0, Second, Paper{}, now) }); f.Fields["words"] == "" || f.Rule != "MEM-13" {
			t.Errorf("MEM-13 without where to: %+v", f)
		}
		seconded := func(since day.Day) (n int) {
			o.view(func(tx *sqldb.Tx) error {
				all, err := Seconded(ctx, tx, g, since)
				n = len(all)
				return err
			})
			return n
		}
		if seconded("2026-05-21") != 0 || seconded("2026-05-22") != 1 {
			t.Error("MEM-13 six months to the day")
		}
		take(Return, Paper{})
		if seconded("2026-05-22") != 0 {
			t.Error("MEM-13 came back")
		}
		old := ding
		old.Name, old.IDNo, old.Phone = "单立新", "", ""
		old.IDType, old.IDNo, old.Birthday, old.Sex = "2", "E12345678", "1966-06-01", Male
		reached := o.register(o.officer(Edit), 3, old)
		o.view(func(tx *sqldb.Tx) error {
			a, err := AgesOf(law.Book{}, tenant, today)
			if err != nil {
				return err
			}
			for until, want := range map[day.Day]int{"2026-10-31": 0, "2026-11-01": 1, today: 1} {
				all, err := Retiring(ctx, tx, g, a, until)
				if err != nil || len(all) != want || want == 1 && (all[0].ID != reached.ID || all[0].Day != "2026-11-01") {
					t.Errorf("MEM-15 until %s: %+v %v", until, all, err)
				}
			}
			mine, err := Retiring(ctx, tx, o.chair(0, Look), a, today)
			if len(mine) != 0 {
				t.Errorf("PL-05 another union's: %+v", mine)
			}
			return err
		})
		if Retained.Pays() || Left.Pays() || !Transferring.Pays() {
			t.Error("DUE-04 who pays")
		}
		o.whole()
	})
}
