package desk

import (
	"testing"

	"unionhall/kit/day"
	"unionhall/kit/ui"
)

func TestDutiesInOrder(t *testing.T) {
	const today = day.Day("2026-11-22")
	duties := []Duty{
		{Title: "eight days", Due: "2026-11-30"},
		{Title: "no day", Tag: "待确认"},
		{Title: "seven days", Due: "2026-11-29"},
		{Title: "yesterday", Due: "2026-11-21"},
		{Title: "today", Due: today},
		{Title: "last year", Due: "2025-11-22"},
		{Title: "in a month", Due: "2026-12-22"},
		{Title: "in 31 days", Due: "2026-12-23"},
		{Title: "no day, bad", Tag: "未能读取", Kind: ui.Bad},
	}
	if n := arrange(duties, today); n != 2 {
		t.Errorf("%d overdue", n)
	}
	want := []struct {
		title string
		kind  ui.Kind
		tag   string
	}{
		{"last year", ui.Bad, "逾期 365 天"},
		{"yesterday", ui.Bad, "逾期 1 天"},
		{"today", ui.Warn, "今天到期"},
		{"seven days", ui.Warn, "剩 7 天"},
		{"no day", ui.Info, "待确认"},
		{"no day, bad", ui.Bad, "未能读取"},
		{"eight days", ui.Warn, "剩 8 天"},
		{"in a month", ui.Warn, "剩 30 天"},
		{"in 31 days", ui.Mute, "剩 31 天"},
	}
	for i, w := range want {
		if d := duties[i]; d.Title != w.title || d.Kind != w.kind || d.Tag != w.tag {
			t.Errorf("%d: %s %s %s, want %v", i, d.Title, d.Kind, d.Tag, w)
		}
	}
}

func TestLead(t *testing.T) {
	for _, c := range []struct {
		page Page
		want string
	}{
		{Page{Name: "周敏"}, "周敏，您好。今天没有等您办的事。"},
		{Page{Name: "周敏", Start: &Start{Steps: []Step{{Done: true}, {}}}}, "周敏，您好。请按下面 2 步开始使用，已做好 1 步。"},
		{Page{Name: "周敏", Duties: make([]Duty, 2)}, "周敏，您好。有 2 件事等您办，没有逾期的。"},
		{Page{Name: "周敏", Duties: make([]Duty, 8), Hidden: 3, Overdue: 2}, "周敏，您好。有 11 件事等您办，其中 2 件已逾期。"},
	} {
		if got := c.page.lead(); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

func TestLatest(t *testing.T) {
	got := latest([]Change{{At: "1"}, {At: "3"}, {At: "2"}}, 2)
	if len(got) != 2 || got[0].At != "3" || got[1].At != "2" {
		t.Errorf("got %v", got)
	}
	if len(latest(nil, 2)) != 0 {
		t.Error("something of nothing")
	}
}
