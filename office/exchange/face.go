package exchange

import (
	"strconv"
	"strings"

	"unionhall/kit/ui"
	"unionhall/law"
)

func count(n int64) string { return strconv.FormatInt(n, 10) }

// grouped writes a whole number in groups of three: 20,014.
func grouped(n int64) string {
	s := count(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// lacks words the clauses that a union fails.
func (l Line) lacks() string {
	var out []string
	for _, id := range l.Missing {
		if r, ok := law.RuleOf(id); ok {
			out = append(out, r.Title)
		} else {
			out = append(out, id)
		}
	}
	return strings.Join(out, "；")
}

// change tells how a figure moved since the bundle before.
func (d Detail) change(now, was int64) string {
	switch {
	case d.Before == nil:
		return "第一次"
	case now > was:
		return "比上次多 " + grouped(now-was)
	case now < was:
		return "比上次少 " + grouped(was-now)
	}
	return "与上次相同"
}

func (d Detail) title() string {
	if d.Way == Out {
		return "发出的数据 · 截至 " + string(d.AsOf)
	}
	return d.Peer + " · 截至 " + string(d.AsOf)
}

func (d Detail) was() Bundle {
	if d.Before == nil {
		return Bundle{}
	}
	return *d.Before
}

func (p ListPage) span() ui.Span {
	s := ui.Span{}
	if p.Next != "" {
		s.Next = home + "?after=" + p.Next
	}
	if p.q.After != "" {
		s.Prev = home
	}
	return s
}

func (p Peer) state() (ui.Kind, string) {
	if p.Ended != "" {
		return ui.Mute, "已停止"
	}
	return ui.OK, "往来中"
}

func (w Way) tone() (ui.Kind, string) {
	if w == Out {
		return ui.Info, w.Label()
	}
	return ui.OK, w.Label()
}
