package procedure

import (
	"flag"
	"os"
	"strings"
	"testing"

	"unionhall/kit/day"
	"unionhall/law"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Every state × act × office, for each shape of chain and both classes of
// case: a new right shows as one new line.
func TestLadder(t *testing.T) {
	var b strings.Builder
	for _, k := range []Kind{Found, Registration} {
		for _, chain := range []string{"工委批准", "工委批准,市总工会备案", "工委批准,市总工会批准", "工委签署意见,市总工会批准,省总工会备案"} {
			c, err := law.Param{Kind: law.Ladder, Value: chain}.Chain()
			if err != nil {
				t.Fatal(err)
			}
			for level := range c {
				b.WriteString("# " + k.Label() + " " + chain + " at " + c[level].Body + "\n" + ladder(k, stand{c, level}).Matrix())
			}
		}
	}
	const file = "testdata/ladder.txt"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("the ladder is no longer that of %s; if that is meant, run with -update\n%s", file, b.String())
	}
}

// ORG-02: where a case goes from each stage of a chain.
func TestChainOrder(t *testing.T) {
	for _, c := range []struct {
		name, chain string
		kind        Kind
		level       int
		to          State
		next        int
		decided     bool
	}{
		{"ORG-02 the office alone", "工委批准", Found, 0, Done, 0, true},
		{"ORG-02 Foshan 2002: two approvals", "工委批准,市总工会批准", Found, 0, Sent, 1, false},
		{"ORG-02 Foshan 2002: the second", "工委批准,市总工会批准", Found, 1, Done, 1, true},
		{"ORG-02 approved and filed", "工委批准,市总工会备案", Rename, 0, Filing, 1, true},
		{"LEG-03 the office gives its word", "工委签署意见,市总工会批准", Registration, 0, Sent, 1, false},
		{"LEG-03 the city registers", "工委签署意见,市总工会批准", Registration, 1, Approved, 1, true},
		{"three levels, then a file", "工委批准,市总工会批准,省总工会备案", Dissolve, 1, Filing, 2, true},
	} {
		chain, err := law.Param{Kind: law.Ladder, Value: c.chain}.Chain()
		if err != nil {
			t.Fatal(err)
		}
		if to, next, decided := (stand{chain, c.level}).after(c.kind); to != c.to || next != c.next || decided != c.decided {
			t.Errorf("%s: %s %d %v", c.name, to, next, decided)
		}
	}
}

// LEG-07, PL-25: limits against a second computation, day by day over the
// notices of 2014 to 2026 with their 调休.
func TestClocks(t *testing.T) {
	cal := day.China()
	off := map[day.Day]bool{}
	for d := day.Day("2014-01-01"); d <= "2027-06-30"; d = d.AddDays(1) {
		e, special := cal.Holiday(d)
		weekend := d.Weekday() == "星期六" || d.Weekday() == "星期日"
		off[d] = special && !e.Works || weekend && !(special && e.Works)
	}
	slow := func(began day.Day, n int) day.Day {
		d := began
		for n > 0 {
			d = d.AddDays(1)
			if !off[d] {
				n--
			}
		}
		return d
	}
	shifted := 0
	for began := day.Day("2014-01-01"); began <= "2026-12-31"; began = began.AddDays(1) {
		for _, n := range []int{5, 10, 15} {
			due, alert := clockFrom(cal, began, law.Span{Days: n, Working: true}, law.Ratio{Num: 80, Den: 100})
			if want := slow(began, n); due != want {
				t.Fatalf("%d working days from %s: %s, want %s", n, began, due, want)
			}
			if want := slow(began, n*4/5); alert != want {
				t.Fatalf("four fifths of %d working days from %s: %s, want %s", n, began, alert, want)
			}
			if day.Days(began, due) > n+2*((n+4)/5) {
				shifted++
			}
		}
		due, alert := clockFrom(cal, began, law.Span{Days: 15}, law.Ratio{Num: 80, Den: 100})
		if due != began.AddDays(15) || alert != began.AddDays(12) {
			t.Fatalf("LEG-07 fifteen days from %s: %s, %s", began, due, alert)
		}
	}
	if shifted < 500 {
		t.Errorf("holidays moved only %d limits: the calendar is empty", shifted)
	}
	if _, alert := clockFrom(cal, "2026-04-02", law.Span{Days: 1}, law.Ratio{Num: 80, Den: 100}); alert != "2026-04-03" {
		t.Errorf("a part of a day is a day: %s", alert)
	}
}
