package registry

import (
	"unionhall/kit/ui"
	"unionhall/law"
)

// What the list's page shows of its query and rows.

func kindOptions() []ui.Option {
	out := []ui.Option{{Value: "", Text: "全部"}}
	for _, k := range Kinds {
		out = append(out, ui.Option{Value: string(k), Text: k.Label()})
	}
	return out
}

func missingOptions() []ui.Option {
	return append([]ui.Option{{Value: "", Text: "不限"}, {Value: Any, Text: "任何一项"}}, lackWords...)
}

func stateOptions() []ui.Option {
	out := []ui.Option{}
	for _, s := range []State{Standing, Closed, Merged} {
		out = append(out, ui.Option{Value: string(s), Text: s.Label()})
	}
	return append(out, ui.Option{Value: Any, Text: "全部"})
}

var overdueOptions = []ui.Option{{Value: "", Text: "不限"}, {Value: "1", Text: "届满未换届"}}

func overdueValue(on bool) string {
	if on {
		return "1"
	}
	return ""
}

// sorted is the sort of the list as the heads of its columns know it.
func (q Query) sorted() string {
	if q.Sort == "" {
		return "name"
	}
	return q.Sort
}

// chips are the filters at work.
func (p ListPage) chips() (out []ui.Chip) {
	add := func(on bool, name, text string) {
		if on {
			out = append(out, ui.Chip{Text: text, Off: p.q.at(name, "")})
		}
	}
	missing := "缺任何一项"
	if p.q.Missing != Any {
		missing = lackWord(p.q.Missing)
	}
	parent := "上级：" + p.q.Parent
	if len(p.Items) > 0 && p.q.Parent != "" {
		parent = "上级：" + p.Items[0].ParentName
	}
	add(p.q.Kind != "", "kind", p.q.Kind.Label())
	add(p.q.Parent != "", "parent", parent)
	add(p.q.Missing != "", "missing", missing)
	add(p.q.Overdue, "overdue", "届满未换届")
	add(p.q.State != "" && p.q.State != Standing, "state", "状态："+stateText(p.q.State))
	return out
}

func stateText(s State) string {
	if s == Any {
		return "全部"
	}
	return s.Label()
}

// keep is what the filter form must carry on.
func (p ListPage) keep() (out []ui.Pair) {
	for _, k := range []ui.Pair{{Name: "sort", Value: p.q.Sort}, {Name: "parent", Value: p.q.Parent}} {
		if k.Value != "" {
			out = append(out, k)
		}
	}
	return out
}

// span is the part of the list on this page. A page found by its key does not
// know how many stood before it.
func (p ListPage) span() ui.Span {
	s := ui.Span{Unit: "个", Total: digits(p.Total)}
	if p.q.After == "" && len(p.Items) > 0 {
		s.First, s.Last = 1, len(p.Items)
	}
	if p.Next != "" {
		s.Next = p.q.at("after", p.Next)
	}
	if p.q.After != "" {
		s.Prev = p.q.at("", "")
	}
	return s
}

// standing is the state of a union in one word, the worst first.
func (r Row) standing() (ui.Kind, string) {
	switch {
	case r.State != Standing:
		return ui.Mute, r.State.Label()
	case r.Overdue:
		return ui.Bad, "届满未换届"
	case len(r.Missing) > 0:
		return ui.Warn, "缺 " + plain(len(r.Missing)) + " 项"
	}
	return ui.OK, "健全"
}

// ruleTitle is what a clause is called.
func ruleTitle(id string) string {
	r, _ := law.RuleOf(id)
	return r.Title
}
