package desk

import (
	"cmp"
	"fmt"
	"slices"

	"unionhall/kit/day"
	"unionhall/kit/ui"
)

// soon is how many days ahead a duty is pressing.
const soon = 7

// word says of a duty how it stands on the day today.
func (d Duty) word(today day.Day) (ui.Kind, string) {
	if d.Due == "" {
		return cmp.Or(d.Kind, ui.Info), d.Tag
	}
	switch n := day.Days(today, d.Due); {
	case n < 0:
		return ui.Bad, fmt.Sprintf("逾期 %d 天", -n)
	case n == 0:
		return ui.Warn, "今天到期"
	case n <= 30:
		return ui.Warn, fmt.Sprintf("剩 %d 天", n)
	default:
		return ui.Mute, fmt.Sprintf("剩 %d 天", n)
	}
}

// rank puts what is overdue first, then what presses, then what waits without
// a day, then what has time.
func (d Duty) rank(today day.Day) int {
	switch n := day.Days(today, d.Due); {
	case d.Due == "":
		return 2
	case n < 0:
		return 0
	case n <= soon:
		return 1
	}
	return 3
}

// arrange orders duties and words each of them; it counts those overdue.
func arrange(duties []Duty, today day.Day) (overdue int) {
	slices.SortStableFunc(duties, func(a, b Duty) int {
		return cmp.Or(cmp.Compare(a.rank(today), b.rank(today)), cmp.Compare(a.Due, b.Due))
	})
	for i := range duties {
		d := &duties[i]
		if d.rank(today) == 0 {
			overdue++
		}
		d.Kind, d.Tag = d.word(today)
	}
	return overdue
}

// latest keeps the newest changes, newest first.
func latest(all []Change, n int) []Change {
	slices.SortStableFunc(all, func(a, b Change) int { return cmp.Compare(b.At, a.At) })
	return all[:min(n, len(all))]
}

// lead greets the viewer and says how the day stands.
func (p Page) lead() string {
	n := len(p.Duties) + p.Hidden
	switch {
	case n == 0 && p.Start != nil:
		return fmt.Sprintf("%s，您好。请按下面 %d 步开始使用，已做好 %d 步。", p.Name, len(p.Start.Steps), p.Start.done())
	case n == 0:
		return p.Name + "，您好。今天没有等您办的事。"
	case p.Overdue == 0:
		return fmt.Sprintf("%s，您好。有 %d 件事等您办，没有逾期的。", p.Name, n)
	}
	return fmt.Sprintf("%s，您好。有 %d 件事等您办，其中 %d 件已逾期。", p.Name, n, p.Overdue)
}
