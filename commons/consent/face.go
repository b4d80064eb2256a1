package consent

import (
	"fmt"
	"strconv"

	"github.com/a-h/templ"

	"unionhall/kit/ui"
	"unionhall/law"
)

// clause is a rule as pages quote it.
func clause(id string) ui.Article {
	r, _ := law.RuleOf(id)
	return ui.Article{ID: r.ID, Text: r.Text, Citation: r.Citation, Recalled: r.Confidence == law.Recalled}
}

func (n Notice) edition() string { return fmt.Sprintf("第 %d 版（%s）", n.Nth, n.At.Day()) }

// short is how the fingerprint of the text begins.
func (n Notice) short() string { return n.Hash[:min(12, len(n.Hash))] }

func publicLead(p PublicPage) string {
	if p.Office.Name == "" {
		return "我们怎样处理会员的个人信息。"
	}
	return p.Office.Name + "怎样处理会员的个人信息。"
}

func officeOptions(all []Office) (out []ui.Option) {
	for _, o := range all {
		out = append(out, ui.Option{Value: strconv.FormatInt(o.ID, 10), Text: o.Name})
	}
	return out
}

func draftLead(p DraftPage) string {
	if p.Notice.ID == "" {
		return "还没有发布过；下面是参考文本，请按本单位的实际修改。"
	}
	return "现行" + p.Notice.edition() + "。改好后发布新版本。"
}

func (p Purpose) nature() string {
	switch {
	case p.Needed:
		return "会籍必需"
	case p.Sensitive:
		return "敏感，单独同意"
	}
	return "自愿"
}

func (p Purpose) tone() ui.Kind {
	switch {
	case p.Needed:
		return ui.Info
	case p.Sensitive:
		return ui.Warn
	}
	return ui.Mute
}

// tag is how the person stands, beside the heading.
func (s Standing) tag() templ.Component {
	switch {
	case s.Asked:
		return ui.Tag(ui.Warn, "待答复")
	case s.Consent.Holds():
		return ui.Tag(ui.OK, s.Consent.Words(s.Purpose))
	}
	return ui.Tag(ui.Mute, s.Consent.Words(s.Purpose))
}

func story(past []Consent) (out []ui.Event) {
	for _, c := range past {
		p, _ := PurposeOf(c.Purpose)
		e := ui.Event{Kind: ui.OK, At: c.Given.Local(), Title: p.Label + "：" + c.Words(p), Words: fmt.Sprintf("第 %d 版", c.Nth)}
		if !c.Holds() {
			e.Kind = ui.Mute
		}
		if c.Ended != "" && c.HowEnded != Declined {
			e.Words += fmt.Sprintf("；%s 终止", c.Ended.Local())
		}
		out = append(out, e)
	}
	return out
}
