package privacy

import (
	"strconv"

	"unionhall/kit/ui"
	"unionhall/law"
)

// clause is a rule as pages quote it.
func clause(id string) ui.Article {
	r, _ := law.RuleOf(id)
	return ui.Article{ID: r.ID, Text: r.Text, Citation: r.Citation, Recalled: r.Confidence == law.Recalled}
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

func (p HubPage) entries() []ui.Entry {
	out := []ui.Entry{
		{Title: "告知书和同意情况", Note: "按用途告知会员，登记同意和撤回。", Href: place + "/notices"},
		{Title: "谁看得到哪些信息", Note: "按岗位列出每一项信息可见、遮盖或看不到。", Href: place + "/fields"},
	}
	for _, r := range Registers {
		out = append(out, ui.Entry{Title: r.Title + "台账", Note: r.Lead, Href: r.at(recordPlace), Kind: ui.Mute, Tag: number(p.Counts[r.Key]) + " 条"})
	}
	return out
}

// at is an address of this register.
func (r Register) at(path string) string { return path + "?kind=" + r.Key }

func options(choices []string) (out []ui.Option) {
	for _, c := range choices {
		out = append(out, ui.Option{Value: c, Text: c})
	}
	return out
}

// tone is how a table of sights shows a word.
func tone(words string) ui.Kind {
	switch words {
	case "可见", "本人可见":
		return ui.OK
	case "看不到":
		return ui.Mute
	}
	return ui.Warn
}
