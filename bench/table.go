package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// unit is what an amount is counted in.
type unit string

const (
	none      unit = ""
	seconds   unit = "s"
	millis    unit = "ms"
	perSecond unit = "/s"
	megabytes unit = "MB"
	kilobytes unit = "KB"
)

// amount is a figure as it was measured.
type amount struct {
	n float64
	u unit
}

func (a amount) String() string {
	digits := 0
	switch {
	case a.n == float64(int64(a.n)) && a.u == none:
	case a.n < 1:
		digits = 3
	case a.n < 10:
		digits = 2
	case a.n < 100:
		digits = 1
	}
	s := strconv.FormatFloat(a.n, 'f', digits, 64)
	if a.u == none || a.u == perSecond {
		return s + string(a.u)
	}
	return s + " " + string(a.u)
}

// line is one figure of the table.
type line struct {
	work, floor, ours, ratio, goal string
	reached                        string
}

// table gathers what was measured.
type table struct{ lines []line }

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "NO"
}

func newLine(work string, floor, ours amount) line {
	l := line{work: work, floor: "–", ours: ours.String(), ratio: "–", goal: "–", reached: "–"}
	if floor.n > 0 {
		l.floor = floor.String()
		l.ratio = strconv.FormatFloat(ours.n/floor.n, 'f', 2, 64)
		if ours.n/floor.n < 0.1 {
			l.ratio = strconv.FormatFloat(ours.n/floor.n, 'f', 4, 64)
		}
	}
	return l
}

// most adds a figure that may be at most limit, in its own unit.
func (t *table) most(work string, floor, ours amount, limit float64) {
	l := newLine(work, floor, ours)
	l.goal, l.reached = "≤ "+amount{limit, ours.u}.String(), yes(ours.n <= limit)
	t.lines = append(t.lines, l)
}

// times adds a figure that may be at most limit times its floor.
func (t *table) times(work string, floor, ours amount, limit float64) {
	l := newLine(work, floor, ours)
	l.goal, l.reached = "≤ "+number(limit)+"×", yes(ours.n <= limit*floor.n)
	t.lines = append(t.lines, l)
}

// share adds a figure that must be at least limit times its floor.
func (t *table) share(work string, floor, ours amount, limit float64) {
	l := newLine(work, floor, ours)
	l.goal, l.reached = "≥ "+number(limit)+"×", yes(ours.n >= limit*floor.n)
	t.lines = append(t.lines, l)
}

// note adds a figure that is held to nothing.
func (t *table) note(work string, floor, ours amount) {
	t.lines = append(t.lines, newLine(work, floor, ours))
}

func number(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// print writes the table in columns.
func (t *table) print(out io.Writer) {
	all := append([]line{{"work", "floor", "ours", "ratio", "to reach", "reached"}}, t.lines...)
	cells := func(l line) []string { return []string{l.work, l.floor, l.ours, l.ratio, l.goal, l.reached} }
	width := make([]int, 6)
	for _, l := range all {
		for i, c := range cells(l) {
			width[i] = max(width[i], utf8.RuneCountInString(c))
		}
	}
	rule := strings.Repeat("-", width[0]+width[1]+width[2]+width[3]+width[4]+width[5]+5*3)
	missed := 0
	for n, l := range all {
		var row []string
		for i, c := range cells(l) {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(c))
			if i == 0 || i == 5 {
				row = append(row, c+pad)
			} else {
				row = append(row, pad+c)
			}
		}
		fmt.Fprintln(out, strings.TrimRight(strings.Join(row, " | "), " "))
		if n == 0 {
			fmt.Fprintln(out, rule)
		}
		if l.reached == yes(false) {
			missed++
		}
	}
	fmt.Fprintf(out, "%s\n%d figures, %d not reached\n", rule, len(t.lines), missed)
}
