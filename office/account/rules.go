package account

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/zh"
)

// shell is the office of whoever runs the program on its server: auth.System.
const shell auth.Office = "system"

// loginFlaw returns why a login won't do, or "".
func loginFlaw(login string) string {
	n := utf8.RuneCountInString(login)
	if n < 2 || n > 40 {
		return "账号请用 2 至 40 个字符。"
	}
	for _, r := range login {
		if !zh.Han(r) && !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789._-@", r) {
			return "账号只能用汉字、字母、数字和 . _ - @，不能有空格。"
		}
	}
	return ""
}

// nameFlaw returns why a name won't do, or "".
func nameFlaw(name string) string {
	n := utf8.RuneCountInString(name)
	if n < 1 || n > 50 || strings.ContainsFunc(name, unicode.IsControl) {
		return "姓名请用 1 至 50 个字。"
	}
	return ""
}

// overlap reports whether two spans share a day; no end is open.
func overlap(a, b auth.Post) bool {
	return (a.To == "" || b.From <= a.To) && (b.To == "" || a.From <= b.To)
}

// mayGive returns why the holder of giver may not give or end a post of the
// office, or nil. The system administrator gives the working posts, the
// security administrator those of the three; only while nobody holds the
// latter's may the former found the three. The shell may give any.
//
// law: R1.69
func mayGive(g auth.Grant, office auth.Office, securityHeld bool) error {
	trusted := slices.Contains(Trusted, office)
	switch {
	case !trusted && !slices.Contains(Working, office):
		return &fault.Error{Kind: fault.Invalid, Text: "请选择岗位；会员身份随会籍而来，不需任命。", Fields: map[string]string{"office": "岗位：请从列表中选择"}}
	case g.Office() == shell:
		return nil
	case g.Action() == Appoint && trusted && securityHeld:
		return fault.New(fault.Denied, "三员的任免由安全管理员办理，请联系安全管理员。")
	case g.Action() == Entrust && !trusted:
		return fault.New(fault.Denied, "%s由系统管理员任免，请联系系统管理员。", office.Label())
	}
	return nil
}

// apart returns why a person who holds posts may not also hold the new one, or
// nil: of the three administrators one person is one at most.
//
// law: R1.69
func apart(held []Post, fresh auth.Post) error {
	for _, p := range held {
		if !overlap(p.Post, fresh) {
			continue
		}
		if p.Office == fresh.Office && p.UnionID == fresh.UnionID {
			return fault.New(fault.Conflict, "此人在这段时间已任%s，不必重复任命。", p.Label())
		}
		if p.Office != fresh.Office && slices.Contains(Trusted, p.Office) && slices.Contains(Trusted, fresh.Office) {
			return &fault.Error{Kind: fault.Conflict, Text: "三员须由不同的人担任：此人已任" + p.Office.Label() + "，不能再任" + fresh.Office.Label() + "。请另选一人，或先结束原岗位。",
				Fields: map[string]string{"office": "岗位：与" + p.Office.Label() + "不能由一人兼任"}}
		}
	}
	return nil
}

// spanFlaw returns what is wrong with the days of a new post, by field.
func spanFlaw(from, to day.Day, acting bool) map[string]string {
	f := map[string]string{}
	if from == "" {
		f["from"] = "开始日期：请填写"
	}
	if to != "" && to < from {
		f["to"] = "最后一天：不能早于开始日期"
	}
	if acting && to == "" { // law: PL-10
		f["to"] = "最后一天：代理须有期限"
	}
	return f
}

// holder is who holds a post, for the rule that somebody must administer.
type holder struct {
	post    auth.Post
	id      string // of the account
	blocked bool
}

// administered reports whether on the day on somebody who is not locked still
// holds the system administrator's post, when account's posts, or the one post
// with the id, no longer count.
func administered(all []holder, on day.Day, without string) bool {
	return slices.ContainsFunc(all, func(h holder) bool {
		return h.post.Holds(on) && !h.blocked && h.id != without && h.post.ID != without
	})
}

// mayReset returns why g may not hand out a new password for the holder of
// posts, or nil: whoever resets a password could sign in with it, so nobody
// resets one of the three but the shell.
//
// law: R1.69
func mayReset(g auth.Grant, posts []Post, today day.Day) error {
	if g.Office() == shell {
		return nil
	}
	for _, p := range posts {
		if slices.Contains(Trusted, p.Office) && (p.Holds(today) || p.From > today) {
			return fault.New(fault.Denied, "%s的密码只能由本人修改；忘记时请运维人员在服务器上重设。", p.Office.Label())
		}
	}
	return nil
}
