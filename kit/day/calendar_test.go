package day

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
	"unionhall/kit/fault"
)

func TestWorkday(t *testing.T) {
	for _, c := range []struct {
		name string
		d    Day
		want bool
	}{
		{"PL-25 the eve of Spring Festival 2024 was not a day off", "2024-02-09", true},
		{"PL-25 Spring Festival 2024 begins", "2024-02-10", false},
		{"PL-25 Spring Festival 2024, a Friday", "2024-02-16", false},
		{"PL-25 Sunday made up for Spring Festival 2024", "2024-02-18", true},
		{"PL-25 Sunday made up for Spring Festival 2025", "2025-01-26", true},
		{"PL-25 the eve of Spring Festival 2025", "2025-01-28", false},
		{"PL-25 Friday after New Year 2026", "2026-01-02", false},
		{"PL-25 Sunday made up for New Year 2026", "2026-01-04", true},
		{"PL-25 Saturday made up for Spring Festival 2026", "2026-02-14", true},
		{"PL-25 the day after Spring Festival 2026", "2026-02-24", true},
		{"PL-25 National Day 2026, a Wednesday", "2026-10-07", false},
		{"PL-25 Saturday made up for National Day 2026", "2026-10-10", true},
		{"PL-25 the anniversary of 2015", "2015-09-03", false},
		{"ours: a plain Monday", "2026-11-23", true},
		{"ours: a plain Sunday", "2026-11-22", false},
		{"ours: no day", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := China().Workday(c.d); got != c.want {
				t.Errorf("Workday(%s) = %v", c.d, got)
			}
		})
	}
}

func TestAddWorkdays(t *testing.T) {
	for _, c := range []struct {
		name string
		d    Day
		n    int
		want Day
	}{
		{"PL-25 over National Day 2026", "2026-09-30", 1, "2026-10-08"},
		{"PL-25 onto the Saturday made up", "2026-09-30", 3, "2026-10-10"},
		{"PL-25 from within the holiday", "2026-10-03", 1, "2026-10-08"},
		{"PL-25 back over the holiday", "2026-10-08", -1, "2026-09-30"},
		{"ours: none", "2026-10-03", 0, "2026-10-03"},
		{"ours: fifteen plain days", "2026-11-02", 15, "2026-11-23"},
		{"ours: beyond the last year", "9999-12-31", 1, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := China().AddWorkdays(c.d, c.n); got != c.want {
				t.Errorf("AddWorkdays(%s, %d) = %s, want %s", c.d, c.n, got, c.want)
			}
		})
	}
}

func TestWorkdaysUndoAddWorkdays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Day("2003-06-01").AddDays(rapid.IntRange(0, 10_000).Draw(t, "d"))
		n := rapid.IntRange(-300, 300).Draw(t, "n")
		c := China()
		e := c.AddWorkdays(d, n)
		if got := c.Workdays(d, e); got != n {
			t.Fatalf("%s + %d = %s, but Workdays = %d", d, n, e, got)
		}
		if n != 0 && !c.Workday(e) {
			t.Fatalf("%s + %d = %s is no working day", d, n, e)
		}
		if there, back := c.Workdays(d, e), c.Workdays(e, d); n > 0 && c.Workday(d) && there+back != 0 {
			t.Fatalf("%s to %s is %d there, %d back", d, e, there, back)
		}
	})
}

// A year has some 250 working days, and nobody makes up for a weekday.
func TestShippedCalendar(t *testing.T) {
	c := China()
	for y := 2004; y <= 2026; y++ {
		if n := c.Workdays(of(y-1, 12, 31), of(y, 12, 31)); n < 246 || n > 253 || !c.Known(y) {
			t.Errorf("%d has %d working days, known %v", y, n, c.Known(y))
		}
	}
	for n, e := range c.days {
		if e.Works && (Calendar{}).works(n) || e.Name == "" || byNumber(n) != e.Day {
			t.Errorf("%+v makes no sense", e)
		}
	}
	if c.Known(2003) || c.Known(2027) || (Calendar{}).Known(2026) {
		t.Error("a year without data is known")
	}
	if e, ok := c.Holiday("2024-02-10"); !ok || e.Works || e.Name != "春节" {
		t.Errorf("10 February 2024 is %+v", e)
	}
}

func TestNotice(t *testing.T) {
	text := "\ufeff日期,安排,名称\r\n2027-01-01 休 元旦\n2027/1/3,班,元旦\n\n# a note\n2027年10月1日\t放假\t国庆节\n"
	days, err := ParseNotice(text)
	if err != nil || len(days) != 3 || days[1] != (Exception{"2027-01-03", true, "元旦"}) {
		t.Fatalf("ParseNotice = %v, %v", days, err)
	}
	c := China().With(days)
	if !c.Known(2027) || c.Workday("2027-01-01") || !c.Workday("2027-01-03") || c.Workday("2027-10-01") {
		t.Error("the notice is not in force")
	}
	if China().Known(2027) || !China().Workday("2027-01-01") {
		t.Error("With changed the calendar it began with")
	}
	_, err = ParseNotice("2027-01-01 休 元旦\n2027-02-30 休\n2027-01-04 班\n2027-01-01 休\n2027-05-01 假日\n2027-05-02\n")
	f := fault.Of(err)
	for _, want := range []string{"第 2 行：「2027-02-30」不是日期", "第 3 行：2027-01-04是星期一", "第 4 行：2027-01-01在第 1 行", "第 5 行：「假日」看不懂", "第 6 行：日期后面"} {
		if f.Kind != fault.Invalid || !strings.Contains(f.Text, want) {
			t.Errorf("%q lacks %q", f.Text, want)
		}
	}
	if _, err := ParseNotice("日期\t安排\n"); fault.Of(err).Kind != fault.Invalid {
		t.Errorf("a notice of nothing: %v", err)
	}
}
