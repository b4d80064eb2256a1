package day

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestAddMonths(t *testing.T) {
	for _, c := range []struct {
		name string
		d    Day
		n    int
		want Day
	}{
		{"ours: the same day", "2026-01-15", 3, "2026-04-15"},
		{"ours: clipped to a shorter month", "2026-01-31", 1, "2026-02-28"},
		{"ours: clipped to a leap day", "2024-01-31", 1, "2024-02-29"},
		{"ours: back over the year", "2026-03-31", -4, "2025-11-30"},
		{"ELE-01 29 February in a common year", "2024-02-29", 36, "2027-02-28"},
		{"ours: beyond four digits of year", "9999-12-01", 1, ""},
		{"ours: before the first year", "0001-01-01", -1, ""},
		{"ours: no day stays none", "", 5, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.d.AddMonths(c.n); got != c.want {
				t.Errorf("%s.AddMonths(%d) = %q, want %q", c.d, c.n, got, c.want)
			}
		})
	}
}

// Every day agrees with the standard library's calendar.
func TestAgainstTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Date(rapid.IntRange(1, 9999).Draw(t, "y"), 1, 1+rapid.IntRange(0, 364).Draw(t, "d"), 0, 0, 0, 0, time.UTC)
		n := rapid.IntRange(-300_000, 300_000).Draw(t, "n")
		d := Day(at.Format(time.DateOnly))
		if p, err := Parse(string(d)); p != d || err != nil {
			t.Fatalf("Parse(%s) = %s, %v", d, p, err)
		}
		if d.Year() != at.Year() || d.Month() != int(at.Month()) {
			t.Fatalf("%s is in %d-%d", d, d.Year(), d.Month())
		}
		if w := d.Weekday(); w != "星期"+[]string{"日", "一", "二", "三", "四", "五", "六"}[at.Weekday()] {
			t.Fatalf("%s is %s", d, w)
		}
		if e := at.AddDate(0, 1, -at.Day()); d.MonthEnd() != Day(e.Format(time.DateOnly)) || d.MonthStart().AddMonths(1).AddDays(-1) != d.MonthEnd() && d < "9999-12" {
			t.Fatalf("%s ends with %s", d, d.MonthEnd())
		}
		if to := at.AddDate(0, 0, n); to.Year() >= 1 && to.Year() <= 9999 {
			e := d.AddDays(n)
			if e != Day(to.Format(time.DateOnly)) || Days(d, e) != n {
				t.Fatalf("%s.AddDays(%d) = %s, Days = %d", d, n, e, Days(d, e))
			}
		}
	})
}

func TestYears(t *testing.T) {
	for _, c := range []struct {
		name     string
		from, to Day
		want     int
	}{
		{"ours: the day before the birthday", "1966-11-22", "2026-11-21", 59},
		{"ours: the birthday", "1966-11-22", "2026-11-22", 60},
		{"ours: a leap birthday is full on 1 March", "2008-02-29", "2026-02-28", 17},
		{"ours: 1 March", "2008-02-29", "2026-03-01", 18},
		{"ours: not born yet", "2026-11-22", "2026-11-21", 0},
		{"ours: no day", "", "2026-11-21", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Years(c.from, c.to); got != c.want {
				t.Errorf("Years = %d, want %d", got, c.want)
			}
		})
	}
}

func TestWords(t *testing.T) {
	if got := Day("2026-03-05").Chinese(); got != "2026年3月5日" {
		t.Errorf("Chinese = %s", got)
	}
	if got := Instant("2026-11-22T16:30:00.000000Z"); got.Day() != "2026-11-23" || got.Local() != "2026-11-23 00:30" {
		t.Errorf("in Beijing %s, %s", got.Day(), got.Local())
	}
	if At(time.Date(2026, 11, 23, 0, 30, 0, 5000, beijing)) != "2026-11-22T16:30:00.000005Z" {
		t.Error("At does not write UTC")
	}
	for _, s := range []string{"2026-02-30", "2026-13-01", "2026-2-3", "2026-02-0x", "0000-01-01", "２０２６-01-01"} {
		if _, err := Parse(s); err == nil {
			t.Errorf("Parse(%q) was taken", s)
		}
	}
	var none Day = "2026-01-01"
	if err := none.UnmarshalText(nil); err != nil || none != "" {
		t.Errorf("the empty text is %q, %v", none, err)
	}
}

func BenchmarkRead(b *testing.B) {
	for b.Loop() {
		if _, _, ok := Read("1973-02-25"); !ok {
			b.Fatal("not read")
		}
	}
}

func BenchmarkAddWorkdays(b *testing.B) {
	c := China()
	for b.Loop() {
		c.AddWorkdays("2026-09-20", 15)
	}
}
