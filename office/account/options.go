package account

import (
	"strconv"
	"strings"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/ui"
)

func tenantOptions(all []Tenant) (out []ui.Option) {
	for _, t := range all {
		out = append(out, ui.Option{Value: strconv.FormatInt(t.ID, 10), Text: t.Name})
	}
	return out
}

func officeOptions(first string, all []auth.Office) (out []ui.Option) {
	if first != "" {
		out = append(out, ui.Option{Text: first})
	}
	for _, o := range all {
		out = append(out, ui.Option{Value: string(o), Text: o.Label()})
	}
	return out
}

var stateOptions = []ui.Option{{Text: "全部"}, {Value: "open", Text: "启用"}, {Value: "locked", Text: "已停用"}, {Value: "first", Text: "未改初始密码"}, {Value: "idle", Text: "没有岗位"},
	{Value: "officer", Text: "有岗位"}, {Value: "second", Text: "有岗位、没有动态口令"}, {Value: "stale", Text: "久未登录"}}

// state is the account's state in a word.
func (a Account) state() string {
	switch {
	case a.Locked:
		return "已停用"
	case a.MustChange:
		return "待改初始密码"
	}
	return "启用"
}

func (a Account) kind() ui.Kind {
	switch {
	case a.Locked:
		return ui.Bad
	case a.MustChange:
		return ui.Warn
	}
	return ui.OK
}

func postLabels(posts []Post) string {
	var out []string
	for _, p := range posts {
		out = append(out, p.Label())
	}
	return strings.Join(out, "、")
}

// stands says where a post stands on a day.
func (p Post) stands(on day.Day) (ui.Kind, string) {
	switch {
	case p.From > on:
		return ui.Info, "未到任"
	case !p.Holds(on):
		return ui.Mute, "已结束"
	case p.To != "" && day.Days(on, p.To) <= 30:
		return ui.Warn, "剩 " + digits(day.Days(on, p.To)+1) + " 天"
	}
	return ui.OK, "在任"
}

func (p Post) span() string { return span(string(p.From), string(p.To)) }

// where is an address as people call it.
func where(address string) string {
	switch {
	case address == "":
		return "地址不详"
	case strings.HasPrefix(address, "127.") || address == "::1":
		return "服务器本机"
	case strings.HasPrefix(address, "10.") || strings.HasPrefix(address, "192.168."):
		return "内网 " + address
	}
	return "IP " + address
}
