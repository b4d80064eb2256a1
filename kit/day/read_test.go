package day

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestRead(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       Day // "" = refused
		part       bool
	}{
		{"IMP-03 yyyyMMdd", "19730225", "1973-02-25", false},
		{"IMP-03 yyyy-MM-dd", "1973-02-25", "1973-02-25", false},
		{"IMP-03 yyyy/M/d", "1973/2/25", "1973-02-25", false},
		{"IMP-03 yyyy.MM.dd", "1973.02.25", "1973-02-25", false},
		{"IMP-03 yyyy.MM", "1973.02", "1973-02-01", true},
		{"IMP-03 yyyy-MM", "1973-02", "1973-02-01", true},
		{"IMP-03 yyyyMM", "197302", "1973-02-01", true},
		{"IMP-03 yyyy年M月", "1973年2月", "1973-02-01", true},
		{"IMP-03 1973年2月25日", "1973年2月25日", "1973-02-25", false},
		{"IMP-03 the day without 日", "1973年02月25", "1973-02-25", false},
		{"IMP-03 号", "1973年2月25号", "1973-02-25", false},
		{"IMP-03 an Excel serial", "34467", "1994-05-13", false},
		{"IMP-03 the last serial", "73050", "2099-12-31", false},
		{"IMP-03 beyond the last serial", "73051", "", false},
		{"ours: a serial of four digits could be a year", "9999", "", false},
		{"ours: a year is no date", "1973", "", false},
		{"IMP-02 blanks and full width", "　１９７３ － ０２ － ２５ ", "1973-02-25", false},
		{"ours: blanks in the Chinese form", "1973 年 2 月 25 日", "1973-02-25", false},
		{"ours: a time of day", "1973-02-25 00:00:00", "1973-02-25", false},
		{"ours: an instant", "1973-02-25T00:00:00Z", "1973-02-25", false},
		{"ours: a leap day", "2000.2.29", "2000-02-29", false},
		{"IMP-03 an impossible date", "1980-02-30", "", false},
		{"IMP-03 no leap year", "19000229", "", false},
		{"IMP-03 month 13", "1973-13", "", false},
		{"IMP-03 day 0", "1973/2/0", "", false},
		{"ours: 1973.1 may have been 1973.10", "1973.1", "", false},
		{"ours: 1973.2 cannot", "1973.2", "1973-02-01", true},
		{"ours: 1973-1 was typed so", "1973-1", "1973-01-01", true},
		{"ours: a year of two digits", "73-02-25", "", false},
		{"ours: an area code is no month", "210602", "", false},
		{"ours: mixed separators", "1973-02.25", "", false},
		{"ours: the year is out of reach", "2973-02-25", "", false},
		{"ours: two dates", "1973-02-25-26", "", false},
		{"ours: words", "至今", "", false},
		{"ours: nothing", " ", "", false},
		{"IMP-02 a float", "2.10602E+17", "", false},
		{"ours: a separator at the end", "1973.02.", "", false},
		{"ours: only separators", "--", "", false},
		{"ours: many digits", strings.Repeat("1", 40), "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, full, ok := Read(c.text)
			if d != c.want || ok != (c.want != "") || full != (ok && !c.part) {
				t.Errorf("Read(%q) = %q, %v, %v; want %q", c.text, d, full, ok, c.want)
			}
		})
	}
}

// Every real date of the years we believe is read in each of the forms.
func TestReadEveryForm(t *testing.T) {
	forms := []string{"20060102", "2006-01-02", "2006-1-2", "2006/01/02", "2006/1/2", "2006.01.02", "2006.1.2", "2006年01月02日", "2006年1月2日", "2006年1月2号 15:04"}
	rapid.Check(t, func(t *rapid.T) {
		at := time.Date(1900, 1, 1+rapid.IntRange(0, 73048).Draw(t, "d"), 8, 30, 0, 0, time.UTC)
		want := Day(at.Format(time.DateOnly))
		for _, f := range forms {
			if d, full, ok := Read(at.Format(f)); d != want || !full || !ok {
				t.Fatalf("Read(%q) = %q, %v, %v", at.Format(f), d, full, ok)
			}
		}
	})
}

// Whatever is read is a day of the calendar.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"1973-02-25", "34467", "1973年2月", "1973.1", "：", "1 9 7 3 0 2 2 5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, full, ok := Read(text)
		if _, err := Parse(string(d)); ok != (err == nil) || full && !ok {
			t.Errorf("Read(%q) = %q, %v, %v", text, d, full, ok)
		}
	})
}
