package day

import (
	_ "embed"
	"fmt"
	"maps"
	"strings"
	"sync"

	"unionhall/kit/fault"
)

//go:embed calendar.tsv
var shipped string

// Exception is a day that the State Council's notice sets apart from its
// weekday: a day off (休), or a make-up working day (班) at a weekend.
type Exception struct {
	Day   Day
	Works bool
	Name  string // the holiday it belongs to: 春节
}

// Calendar tells working days (工作日) from days off, make-up days (调休)
// included. The zero Calendar knows weekends only.
//
// law: PL-25
type Calendar struct{ days map[int]Exception } // by day number

// China returns the calendar that the program brings along, 2004 to 2026.
var China = sync.OnceValue(func() Calendar {
	c := Calendar{days: make(map[int]Exception, 800)}
	for line := range strings.Lines(shipped) {
		if f := strings.Split(strings.TrimSuffix(line, "\n"), "\t"); len(f) == 3 && f[0][0] != '#' {
			n, _ := Day(f[0]).number()
			c.days[n] = Exception{Day: Day(f[0]), Works: f[1] == "work", Name: f[2]}
		}
	}
	return c
})

// With returns c with the days of a further notice, which win over c's own.
func (c Calendar) With(notice []Exception) Calendar {
	days := make(map[int]Exception, len(c.days)+len(notice))
	maps.Copy(days, c.days)
	for _, e := range notice {
		if n, ok := e.Day.number(); ok {
			days[n] = e
		}
	}
	return Calendar{days}
}

// Known reports whether the year's notice is in the calendar; if not, only
// weekends count as days off and the page says 待公布. A year is known by its
// National Day: single days of it may stem from the notice of a neighbour.
func (c Calendar) Known(year int) bool {
	n, ok := of(year, 10, 1).number()
	e, found := c.days[n]
	return ok && found && !e.Works
}

// Holiday returns what sets d apart, if anything does.
func (c Calendar) Holiday(d Day) (Exception, bool) {
	n, ok := d.number()
	e, found := c.days[n]
	return e, ok && found
}

// Workday reports whether offices work on d; no day is no working day.
func (c Calendar) Workday(d Day) bool {
	n, ok := d.number()
	return ok && c.works(n)
}

func (c Calendar) works(n int) bool {
	if e, ok := c.days[n]; ok {
		return e.Works
	}
	w := weekday(n)
	return w != 0 && w != 6
}

// AddWorkdays returns the n-th working day after d, which itself does not
// count; before d where n is negative, and d where n is 0. Beyond the years
// that a Day can write there is no day.
func (c Calendar) AddWorkdays(d Day, n int) Day {
	at, ok := d.number()
	if !ok {
		return d
	}
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for n > 0 && at > -800_000 && at < 3_000_000 {
		at += step
		if c.works(at) {
			n--
		}
	}
	return byNumber(at)
}

// Workdays returns how many working days lie after from, up to and including
// to: Workdays(d, AddWorkdays(d, n)) is n, for negative n too.
func (c Calendar) Workdays(from, to Day) int {
	a, ok1 := from.number()
	b, ok2 := to.number()
	if !ok1 || !ok2 {
		return 0
	}
	n := 0
	for i := a + 1; i <= b; i++ {
		if c.works(i) {
			n++
		}
	}
	for i := b; i < a; i++ {
		if c.works(i) {
			n--
		}
	}
	return n
}

// ParseNotice reads a year's notice as an officer enters it, a day on each
// line: "2027-01-01 休 元旦", "2027-01-03 班 元旦", with blanks, commas or tabs
// between; a header is passed over. Everything wrong is told in one
// fault.Invalid, line by line.
//
// law: PL-25
func ParseNotice(text string) ([]Exception, error) {
	var days []Exception
	var wrong []string
	seen := map[Day]int{}
	header := true
	no := 0
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		no++
		f := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(", \t\r\n，　;；\"", r) })
		if len(f) == 0 || f[0][0] == '#' {
			continue
		}
		e, why := exception(f)
		if why != "" && header && !strings.ContainsAny(f[0], "0123456789０１２３４５６７８９") {
			header = false
			continue
		}
		header = false
		if first := seen[e.Day]; why == "" && first > 0 {
			why = fmt.Sprintf("%s在第 %d 行已经写过，请删去一行", e.Day, first)
		}
		if why != "" {
			wrong = append(wrong, fmt.Sprintf("第 %d 行：%s", no, why))
			continue
		}
		seen[e.Day] = no
		days = append(days, e)
	}
	if len(wrong) > 0 {
		return nil, fault.New(fault.Invalid, "%s。", strings.Join(wrong, "；"))
	}
	if len(days) == 0 {
		return nil, fault.New(fault.Invalid, "没有读到放假或调休的日期，请每行写一天，例如「2027-01-01 休 元旦」。")
	}
	return days, nil
}

func exception(f []string) (e Exception, why string) {
	d, full, ok := Read(f[0])
	if !ok || !full {
		return e, fmt.Sprintf("「%s」不是日期，请写成 2027-01-01 的样子", f[0])
	}
	e.Day = d
	if len(f) < 2 {
		return e, "日期后面请写「休」或「班」"
	}
	switch f[1] {
	case "休", "放假", "休息", "节假日":
	case "班", "上班", "调休上班", "补班":
		e.Works = true
	default:
		return e, fmt.Sprintf("「%s」看不懂，请写「休」或「班」", f[1])
	}
	if n, _ := d.number(); e.Works && (Calendar{}).works(n) {
		return e, fmt.Sprintf("%s是%s，本来就上班，请核对日期", d, d.Weekday())
	}
	e.Name = strings.Join(f[2:], "")
	return e, ""
}
