package procedure

import (
	"strings"

	"unionhall/kit/ui"
	"unionhall/law"
)

// chainText says who approves, in a sentence.
func chainText(k Kind, c law.Chain) string {
	if len(c) == 0 {
		return "按本单位的审批链办理。"
	}
	out := []string{"提出"}
	for _, s := range c {
		out = append(out, s.Body+string(s.Mode))
	}
	return k.Label() + "：" + strings.Join(out, " → ")
}

func (p FormPage) chainText() string { return chainText(p.Case.Kind, p.Chain) }

func (d Detail) chainText() string { return chainText(d.Kind, d.Chain) }

func (p FormPage) lead() string {
	if p.Case.Kind == Found {
		return "上级工会：" + p.Case.Union.Name
	}
	return p.Case.Union.Name
}

func (p FormPage) crumbs() []ui.Link {
	out := []ui.Link{{Text: "办理事项", Href: place}}
	if p.Case.ID != "" {
		out = append(out, ui.Link{Text: p.Case.Title, Href: p.Case.Place()})
	}
	return out
}

// action is where the form goes; a new one names what it is for, so that it
// can be drawn again.
func (p FormPage) action() string {
	if p.Case.ID != "" {
		return p.Case.Place() + "/edit"
	}
	return place + "?kind=" + string(p.Case.Kind) + "&union=" + p.Case.Union.Code
}

func (p FormPage) version() string {
	if p.Case.ID == "" {
		return ""
	}
	return digits(p.Case.Version)
}

func (p FormPage) back() string {
	if p.Case.ID == "" {
		return place
	}
	return p.Case.Place()
}

// chosen is the union that the choice begins with.
func (p FormPage) chosen() string {
	if p.Case.Union.Code != "" || len(p.Unions) != 1 {
		return p.Case.Union.Code
	}
	return p.Unions[0].Code
}

func (p FormPage) paperText() string {
	var out []string
	for _, n := range p.Papers {
		name := n.Name
		if !n.Must {
			name += "（可选）"
		}
		out = append(out, name)
	}
	return strings.Join(out, "、")
}

// mains and others are the steps that the viewer may take: those that lead on,
// and the rest.
func (d Detail) mains() (out []Option) {
	for _, o := range d.Open {
		if o.main {
			out = append(out, o)
		}
	}
	return out
}

func (d Detail) others() (out []Option) {
	for _, o := range d.Open {
		if !o.main {
			out = append(out, o)
		}
	}
	return out
}

func (p Paper) badge() (ui.Kind, string) {
	switch {
	case len(p.Files) > 0:
		return ui.OK, "已交"
	case p.Must:
		return ui.Warn, "缺少"
	}
	return ui.Mute, "可选"
}

func (d Detail) paperOptions() (out []ui.Option) {
	for _, p := range d.Papers {
		if p.ID != other {
			out = append(out, ui.Option{Value: p.ID, Text: p.Name})
		}
	}
	return append(out, ui.Option{Value: other, Text: "其他材料"})
}

// nextPaper is the first paper that is still missing.
func (d Detail) nextPaper() string {
	for _, p := range d.Papers {
		if p.Must && len(p.Files) == 0 {
			return p.ID
		}
	}
	return other
}

// effect says what a step will do.
func (p TakePage) effect() string {
	_, _, decided := p.stand().after(p.Kind)
	acts := map[Kind]string{
		Found: "随即建会并编号", Rename: "随即更名，原名称记入沿革", Move: "随即改变隶属关系", Merge: "随即并入，会籍移交，班子结束", Dissolve: "随即撤销，记入沿革",
	}
	switch p.Step.Act {
	case Check:
		return "表格和材料审查无误，报主任审批。审查的人不能再签署审批。"
	case Return:
		return "退回提出的一方，写明哪里要补正；补正后可以重新提交。"
	case Approve, Record:
		switch {
		case !decided:
			return "同意后报" + stand{p.Chain, p.Level + 1}.body() + "，由组织干事登记来文。"
		case p.Kind.Legal():
			return "批准后由组织干事登记证书。"
		}
		return "批准并编批复文号，" + acts[p.Kind] + "；这一步不能撤回。"
	case Refuse, Decline:
		return "办理到此结束，理由会告诉提出的一方。"
	case Issue:
		if p.Kind == Cancel {
			return "证书正副本已经收回，登记为注销。"
		}
		return "按登记机关发的证书核对，写入登记册；工会的统一社会信用代码随之更新。"
	case File:
		return "登记备案机关的文号或回执。"
	case Prolong:
		return "这一步的期限按原来的长度再给一次，只能延长一次，要写明理由。"
	case Withdraw:
		return "办理到此结束；以后可以另提一件。"
	}
	return ""
}

func (p TakePage) wordsLabel() string {
	switch p.Step.Act {
	case Check:
		return "审查意见"
	case Return:
		return "哪里要补正"
	case Approve:
		return "审批意见"
	case Refuse, Decline, Prolong, Withdraw:
		return "理由"
	}
	return "说明"
}

// What the register's pages show.

func (p LegalPage) tone(status string) ui.Kind {
	if p.Counts[status] == 0 {
		return ""
	}
	return map[string]ui.Kind{"soon": ui.Warn, "window": ui.Warn, "expired": ui.Bad}[status]
}

func (p LegalPage) chips() (out []ui.Chip) {
	if p.q.Status != "" {
		out = append(out, ui.Chip{Text: statusLabel(p.q.Status), Off: p.q.address(legalPlace, "status", "")})
	}
	if p.q.Due != "" {
		text := "应办" + Kind(p.q.Due).Label()
		if p.q.Due == "any" {
			text = "有应办的"
		}
		out = append(out, ui.Chip{Text: text, Off: p.q.address(legalPlace, "due", "")})
	}
	return out
}

func (p LegalPage) keep() (out []ui.Pair) {
	if p.q.Sort != "" {
		out = append(out, ui.Pair{Name: "sort", Value: p.q.Sort})
	}
	return out
}

func (p LegalPage) sorted() string { return first(p.q.Sort, "name") }

func (p LegalPage) turned(name string) string {
	if p.sorted() == name {
		return p.q.address(legalPlace, "sort", "-"+name)
	}
	return p.q.address(legalPlace, "sort", name)
}

func (p LegalPage) span() ui.Span {
	s := ui.Span{Unit: "家", Total: digits(int64(p.Total))}
	if p.q.After == "" && len(p.Items) > 0 {
		s.First, s.Last = 1, len(p.Items)
	}
	if p.Next != "" {
		s.Next = p.q.address(legalPlace, "after", p.Next)
	}
	if p.q.After != "" {
		s.Prev = p.q.address(legalPlace, "", "")
	}
	return s
}

func (r Row) code() string {
	if r.Certificate == nil {
		return ""
	}
	return r.Certificate.USCC
}

func (r Row) representative() string {
	if r.Certificate == nil {
		return ""
	}
	return r.Certificate.Representative
}

func (r Row) validTo() string {
	if r.Certificate == nil {
		return ""
	}
	return string(r.Certificate.To)
}

func (r Row) dueText() string {
	var out []string
	for _, d := range r.Due {
		out = append(out, d.Kind.Label())
	}
	return strings.Join(out, "、")
}

func (a Alteration) label() string {
	if a.Act == "entered" {
		return "补登"
	}
	return Kind(a.Act).Label()
}

// newCase is where a case of the kind begins for the union.
func (l LegalOne) newCase(k Kind) string {
	return place + "/new?kind=" + string(k) + "&union=" + l.Union.Code
}
