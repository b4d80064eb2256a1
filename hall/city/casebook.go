package city

import (
	"fmt"

	"unionhall/grassroots/registry/procedure"
	"unionhall/kit/auth"
	"unionhall/kit/ident"
)

// nth is a unit's union by its place in the list, for cases that need one with
// a certificate or one without.
func (w *casework) nth(n int, certified bool) standing {
	for i, s := range w.standing {
		if s.ID == w.who.Unions[0].ID || s.ID == w.who.Unions[1].ID || bare(i) == certified || s.due <= w.today || s.elected >= w.today.AddDays(-400) || i%17 == 3 || i%17 == 8 || i%17 == 12 || i%17 == 14 {
			continue
		}
		if n == 0 {
			return s
		}
		n--
	}
	return standing{}
}

// sign is the way of a case to the director and past him, days after it was
// asked for.
func sign(ago int, words string) []move {
	return []move{{ago: ago, act: procedure.Submit}, {ago: ago - 2, act: procedure.Check, words: words}, {ago: ago - 3, act: procedure.Approve, words: "同意。"}}
}

func (w *casework) letter(no int, ago int, act auth.Action) move {
	return move{ago: ago, act: act, document: fmt.Sprintf("滨总工复〔%d〕%d号", w.today.AddDays(-ago).Year(), no)}
}

// plan is the casebook of three years.
func (w *casework) plan() []story {
	out := append(w.unionsBook(), w.legalBook()...)
	var have []story
	for _, s := range out {
		into, merging := s.fields["into"]
		if s.union.ID != "" && (!merging || into != "") { // a small city has not enough unions for all
			have = append(have, s)
		}
	}
	return have
}

// unionsBook are the cases about unions.
func (w *casework) unionsBook() []story {
	founding := func(name, short string, staff int) map[string]string {
		return map[string]string{"name": name, "short_name": short, "kind": "base", "party_org": "中共" + name[:len(name)-len("机关工会")] + "机关委员会", "staff": fmt.Sprint(staff), "members": fmt.Sprint(staff - 3),
			"women": fmt.Sprint(staff / 2), "leader": "姜海涛", "organ_kind": "government", "address": "滨江市振兴大街201号", "reason": "单位新设，具备建会条件"}
	}
	renaming := func(s standing, name string) map[string]string {
		return map[string]string{"name": name, "basis": fmt.Sprintf("滨编办发〔%d〕14号", w.today.Year()-1)}
	}
	a, b, c, d, e := w.nth(2, true), w.nth(4, true), w.nth(6, true), w.nth(7, true), w.nth(8, true)
	kept := func(s standing) string { return s.Name }
	return []story{
		{kind: procedure.Found, union: w.root, chair: -1, ago: 900, fields: founding("滨江市数据局机关工会", "市数据局", 46), moves: append(sign(899, "材料齐全，符合建会条件。"), w.letter(31, 885, procedure.Record))},
		{kind: procedure.Rename, union: a.Ref, chair: -1, ago: 620, fields: renaming(a, kept(a)+"委员会"), moves: append(sign(618, "依据充分。"), w.letter(44, 604, procedure.File))},
		{kind: procedure.Merge, union: b.Ref, chair: -1, ago: 330, fields: map[string]string{"into": c.Code, "basis": "滨编发〔2025〕3号", "assets": "账户余额已列清册"},
			moves: []move{{ago: 329, act: procedure.Submit}, {ago: 327, act: procedure.Check, words: "请主任定夺。"}, {ago: 325, act: procedure.Refuse, words: "单位尚未正式合并，待机构编制文件下达后再报。"}}},
		{kind: procedure.Rename, union: c.Ref, chair: -1, ago: 210, fields: renaming(c, kept(c)+"（筹）"), moves: []move{{ago: 209, act: procedure.Submit}, {ago: 208, act: procedure.Withdraw, words: "改革方案暂缓。"}}},
		{kind: procedure.Rename, union: d.Ref, chair: -1, ago: 12, fields: renaming(d, kept(d)+"委员会"), moves: sign(10, "依据充分。")},
		{kind: procedure.Found, union: w.root, chair: -1, ago: 16, fields: founding("滨江市低空经济发展中心机关工会", "市低空经济中心", 31), moves: sign(15, "符合建会条件，拟报市总工会。")},
		{kind: procedure.Move, union: e.Ref, chair: -1, ago: 20, fields: map[string]string{"parent": w.who.Unions[1].Code, "basis": "滨编办发〔2026〕9号", "reason": "单位划归市教育局管理"},
			moves: []move{{ago: 18, act: procedure.Submit}, {ago: 4, act: procedure.Check, words: "两家意见一致。"}}},
		{kind: procedure.Rename, union: w.who.Unions[0], chair: 0, ago: 6, fields: map[string]string{"name": "滨江市财政和国有资产监督管理局机关工会", "short_name": "市财政局", "basis": "滨编办发〔2026〕11号"},
			moves: []move{{ago: 5, act: procedure.Submit}, {ago: 2, act: procedure.Return, words: "请补充机构编制部门的正式文件，目前上传的是征求意见稿。"}}},
		{kind: procedure.Found, union: w.who.Unions[1], chair: 1, ago: 3, bare: true, fields: map[string]string{"name": "滨江市第三中学工会", "kind": "base", "reason": "学校新建"}},
	}
}

// legalBook are the cases about legal persons.
func (w *casework) legalBook() []story {
	one, two, three := w.nth(0, false), w.nth(1, false), w.nth(2, false)
	r1, r2, x, z := w.nth(9, true), w.nth(10, true), w.nth(11, true), w.nth(12, true)
	registering := func(s standing) map[string]string {
		return map[string]string{"name": s.Name, "approved_by": Office, "approved_on": "1998-05-01", "approved_doc": "滨直工〔1998〕12号", "staff": "60", "members": "57", "chair": first(s.chair, "李敏"), "term_end": string(s.due),
			"premises": s.address, "liability": "有独立的经费和财产，能够独立承担民事责任", "balance": "42600.00", "dues": "8400.00", "share": "96000.00", "fixed_assets": "35000.00", "activity_place": "单位三楼活动室"}
	}
	renewing := func(s standing) map[string]string {
		return map[string]string{"elected": string(s.elected), "nth": "6", "term_end": string(s.due), "chair": first(s.chair, "李敏"), "approval_doc": "滨直工〔2026〕21号"}
	}
	return []story{
		{kind: procedure.Registration, union: one.Ref, chair: -1, ago: 380, fields: registering(one), moves: append(sign(378, "条件具备，同意上报。"), w.letter(58, 366, procedure.Record), move{ago: 362, act: procedure.Issue, entry: procedure.Entry{
			USCC: ident.CheckedUSCC(fmt.Sprintf("81%sMC%06d", Region, 800001)), Number: "工法证字第2106009001号", Authority: "滨江市总工会"}})},
		{kind: procedure.Registration, union: two.Ref, chair: -1, ago: 24, fields: registering(two), moves: append(sign(22, "条件具备，同意上报。"), w.letter(61, 2, procedure.Record))},
		{kind: procedure.Registration, union: three.Ref, chair: -1, ago: 3, bare: true, fields: registering(three)},
		{kind: procedure.Change, union: w.who.Unions[0], chair: 0, ago: 19, fields: map[string]string{"new_premises": "滨江市锦山大街9号", "changed_on": string(w.today.AddDays(-25)), "reason": "办公地点搬迁"}, moves: sign(17, "情况属实。")},
		{kind: procedure.Renew, union: r1.Ref, chair: -1, ago: 3, fields: renewing(r1), moves: []move{{ago: 2, act: procedure.Submit}}},
		{kind: procedure.Renew, union: r2.Ref, chair: -1, ago: 22, fields: renewing(r2), moves: []move{{ago: 20, act: procedure.Submit}}},
		{kind: procedure.Replace, union: x.Ref, chair: -1, ago: 140, fields: map[string]string{"lost": string(w.today.AddDays(-150)), "how": "办公室搬迁时遗失，已登报声明"}, moves: append(sign(138, "同意补领。"), w.letter(70, 126, procedure.Record), move{ago: 124, act: procedure.Issue, entry: procedure.Entry{Number: "工法证字第2106009002号"}})},
		{kind: procedure.Extend, union: z.Ref, chair: -1, ago: 9, fields: map[string]string{"until": string(z.due.AddMonths(3)), "approval_doc": "滨直工〔2026〕33号", "reason": "因机构改革延期换届"},
			moves: []move{{ago: 8, act: procedure.Submit}, {ago: 1, act: procedure.Check, words: "延期未超过六个月。"}}},
	}
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
