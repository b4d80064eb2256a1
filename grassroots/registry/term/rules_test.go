package term

import (
	"os"
	"strings"
	"testing"

	"unionhall/grassroots/registry"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/law"
)

func bounds(t *testing.T, tenant int64, on day.Day) Bounds {
	t.Helper()
	b, err := BoundsOf(law.Shipped, tenant, on)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// judged is a refusal in two words, or ok.
func judged(err error) string {
	if err == nil {
		return "ok"
	}
	return string(fault.Of(err).Kind) + " " + fault.Of(err).Rule
}

func TestExtends(t *testing.T) {
	l := bounds(t, binjiang, "2026-12-01")
	b := registry.Body{Kind: registry.Committee, Nth: 3, Due: "2026-12-31"}
	ended := b
	ended.Ended = "2026-06-01"
	for _, c := range []struct {
		law     string
		b       registry.Body
		until   day.Day
		before  int
		pending bool
		want    string
	}{
		{"ELE-02 six months to the day", b, "2027-06-30", 0, false, "ok"},
		{"ELE-02 a day more", b, "2027-07-01", 0, false, "invalid ELE-02"},
		{"ELE-02 a day after the due day", b, "2027-01-01", 0, false, "ok"},
		{"ELE-02 the due day itself", b, "2026-12-31", 0, false, "invalid ELE-02"},
		{"ELE-02 no day", b, "", 0, false, "invalid ELE-02"},
		{"ELE-02 a second time", b, "2027-06-30", 1, false, "conflict ELE-02"},
		{"ELE-02 while one waits", b, "2027-06-30", 0, true, "conflict ELE-02"},
		{"ELE-02 one that has ended", ended, "2027-06-30", 0, false, "conflict ELE-02"},
		{"ORG-01 an agency", registry.Body{}, "2027-06-30", 0, false, "conflict ORG-01"},
	} {
		if got := judged(Extends(c.b, c.until, c.before, c.pending, l)); got != c.want {
			t.Errorf("%s: %s, want %s", c.law, got, c.want)
		}
	}
	l.Today = "2027-06-30"
	if got := judged(Extends(b, "2027-06-30", 0, false, l)); got != "invalid ELE-02" {
		t.Errorf("ELE-02 until today: %s", got)
	}
}

func TestUrges(t *testing.T) {
	b := registry.Body{Kind: registry.Committee, Due: "2026-12-31"}
	for _, c := range []struct {
		law             string
		today, deadline day.Day
		want            string
	}{
		{"ELE-03 on the due day it is not overdue", "2026-12-31", "2027-02-01", "conflict ELE-03"},
		{"ELE-03 the day after it is", "2027-01-01", "2027-02-01", "ok"},
		{"ELE-03 red as well", "2027-09-01", "2027-10-01", "ok"},
		{"ELE-03 a deadline that has come", "2027-01-01", "2027-01-01", "invalid ELE-03"},
		{"ELE-03 more than a year", "2027-01-01", "2028-01-02", "invalid ELE-03"},
	} {
		if got := judged(Urges(b, c.deadline, bounds(t, binjiang, c.today).Clock)); got != c.want {
			t.Errorf("%s: %s, want %s", c.law, got, c.want)
		}
	}
}

func TestExtraordinary(t *testing.T) {
	third := law.Ratio{Num: 1, Den: 3}
	for _, c := range []struct {
		law       string
		called    Caller
		proposers int64
		want      string
	}{
		{"ELE-06 by the committee", ByCommittee, 0, "ok"},
		{"ELE-06 30 of 90 is a third", ByMembers, 30, "ok"},
		{"ELE-06 29 of 90 is not", ByMembers, 29, "invalid ELE-06"},
		{"ELE-06 by nobody", Yearly, 90, "invalid ELE-06"},
	} {
		if got := judged(Extraordinary(c.called, c.proposers, 90, third)); got != c.want {
			t.Errorf("%s: %s, want %s", c.law, got, c.want)
		}
	}
}

func TestLeads(t *testing.T) {
	for _, c := range []struct {
		law         string
		vacant      bool
		from, until day.Day
		want        string
	}{
		{"ELE-60 six months", true, "2026-04-02", "2026-10-02", "ok"},
		{"ELE-60 a day more", true, "2026-04-02", "2026-10-03", "invalid ELE-60"},
		{"ELE-60 the chair sits", false, "2026-04-02", "2026-10-02", "conflict ELE-60"},
		{"ELE-60 from tomorrow", true, "2026-04-03", "2026-10-02", "invalid ELE-60"},
		{"ELE-60 over already", true, "2026-01-02", "2026-04-01", "invalid ELE-60"},
	} {
		if got := judged(Leads(c.vacant, c.from, c.until, 6, today)); got != c.want {
			t.Errorf("%s: %s, want %s", c.law, got, c.want)
		}
	}
}

func TestGap(t *testing.T) {
	ten := law.Ratio{Num: 10, Den: 100}
	for _, c := range []struct {
		law                              string
		women, members, among, delegates int64
		points                           int64
		wide                             bool
	}{
		{"WOM-04 the same share", 45, 100, 18, 40, 0, false},
		{"WOM-04 ten points are allowed", 45, 100, 14, 40, 1000, false},
		{"WOM-04 more are not", 46, 100, 14, 40, 1100, true},
		{"WOM-04 too many women count alike", 20, 100, 20, 40, 3000, true},
		{"WOM-04 no delegates", 45, 100, 0, 0, 0, false},
	} {
		if n, wide := Gap(c.women, c.members, c.among, c.delegates, ten); n != c.points || wide != c.wide {
			t.Errorf("%s: %d %v", c.law, n, wide)
		}
	}
}

func TestHavingOf(t *testing.T) {
	for _, c := range []struct {
		law          string
		women        int64
		sits, member bool
		want         Having
	}{
		{"WOM-01 ten women and none", 10, false, true, Lacks},
		{"WOM-01 nine with a member", 9, false, true, HasMember},
		{"WOM-01 nine without", 9, false, false, NoMember},
		{"WOM-01 with a committee", 4, true, false, Has},
		{"WOM-01 no women", 0, false, false, NoWomen},
	} {
		if got := HavingOf(c.women, c.sits, c.member, 10); got != c.want {
			t.Errorf("%s: %s", c.law, got)
		}
	}
}

func TestProtect(t *testing.T) {
	b, err := CareBoundsOf(law.Shipped, binjiang, today)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		law  string
		care Care
		want string
	}{
		{"WOM-05 expected on 1 July", Care{Kind: Pregnant, Day: "2026-07-01", Children: 1}, "不延长工作时间、不安排夜班 2026-04-08 2026-06-30；产假 2026-06-16 2026-09-21"},
		{"WOM-05 98 days, 15 of them before", Care{Kind: Born, Day: "2026-03-01", Children: 1}, "产假 2026-02-14 2026-05-22；不延长工作时间、不安排夜班 2026-03-01 2027-02-28；哺乳时间 2026-03-01 2027-02-28"},
		{"WOM-05 difficult, twins: 128 days and two hours", Care{Kind: Born, Day: "2026-03-01", Children: 2, Difficult: true}, "产假 2026-02-14 2026-06-21；不延长工作时间、不安排夜班 2026-03-01 2027-02-28；哺乳时间 2026-03-01 2027-02-28"},
		{"WOM-05 miscarriage below four months: 15", Care{Kind: Miscarriage, Day: "2026-03-01", Months: 3}, "流产假 2026-03-01 2026-03-15"},
		{"WOM-05 at four months: 42", Care{Kind: Miscarriage, Day: "2026-03-01", Months: 4}, "流产假 2026-03-01 2026-04-11"},
		{"WOM-05 born on 29 February", Care{Kind: Born, Day: "2024-02-29", Children: 1}, "产假 2024-02-14 2024-05-21；不延长工作时间、不安排夜班 2024-02-29 2025-02-27；哺乳时间 2024-02-29 2025-02-27"},
	} {
		var got []string
		for _, p := range Protect(c.care, b) {
			got = append(got, p.What+" "+string(p.From)+" "+string(p.To))
		}
		if s := strings.Join(got, "；"); s != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.law, s, c.want)
		}
	}
	if p := Protect(Care{Kind: Born, Day: "2026-03-01", Children: 2}, b); p[2].Note != "每天 2 小时" {
		t.Errorf("WOM-05 twins: %s", p[2].Note)
	}
	if b, _ := CareBoundsOf(law.Shipped, binjiang, "2010-01-01"); len(Protect(Care{Kind: Miscarriage, Day: "2010-01-01", Months: 3}, b)) != 0 {
		t.Error("WOM-05 before the regulation was in force")
	}
}

// Every state × act × office of both procedures: a new right is a new line.
func TestMatrix(t *testing.T) {
	got := "延期换届 extension\n" + Extending.Matrix() + "任期内调动 move\n" + Moving.Matrix()
	const file = "testdata/matrix.txt"
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || got != string(want) {
		t.Errorf("%v\n%s", err, got)
	}
}

// RFC 5545: lines of 75 octets at most, broken between characters; texts with
// their signs escaped.
func TestICS(t *testing.T) {
	var b strings.Builder
	long := strings.Repeat("滨江市直机关工会", 12) + ", 分会; 一"
	err := writeICS(&b, []Row{{Body: registry.Body{ID: "b1", Kind: registry.Committee, Nth: 3, Elected: "2023-12-31", Due: "2026-12-31", FirstDue: "2026-06-30"}, Union: long, Stage: registry.Nearing}}, now)
	if err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, l := range strings.Split(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		if len(l) > 75 || strings.ContainsAny(l, "\r\n") || !strings.HasPrefix(l, " ") && !strings.Contains(l, ":") {
			t.Errorf("a line of %d octets: %q", len(l), l)
		}
	}
	whole := strings.ReplaceAll(text, "\r\n ", "")
	for _, want := range []string{"BEGIN:VCALENDAR\r\n", "UID:b1@terms.unionhall\r\n", "DTSTAMP:20260402T010000Z\r\n", "DTSTART;VALUE=DATE:20261231\r\n", "DTEND;VALUE=DATE:20270101\r\n",
		`SUMMARY:` + strings.NewReplacer(",", `\,`, ";", `\;`).Replace(long) + " 工会委员会届满\r\n", "END:VCALENDAR\r\n"} {
		if !strings.Contains(whole, want) {
			t.Errorf("without %q:\n%s", want, whole)
		}
	}
}
