package bill

import (
	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/sheet"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// FlagQuery asks for the doubts of a book.
type FlagQuery struct {
	BookQuery
	Kind FlagKind `json:"kind" doc:"疑点种类"`
	Open bool     `json:"open" doc:"还没有说明"`
}

// FlagPage is the doubts of a book.
type FlagPage struct {
	Chosen
	Items  []Flag `json:"items"`
	q      FlagQuery
	who    map[string]string
	answer bool
	this   int // year
	all    int
	left   int
}

func (rm Room) flagPage(r *web.Request, in FlagQuery) (p FlagPage, err error) {
	p = FlagPage{q: in, answer: r.May(Answer), this: r.Today.Year(), Items: []Flag{}}
	if p.Chosen, err = choose(r, in.BookQuery); err != nil || p.Book == nil {
		return p, err
	}
	all, err := Flags(r.Ctx, r.Tx, r.Grant, *p.Book)
	if err != nil {
		return p, err
	}
	var by []string
	p.all = len(all)
	for _, f := range all {
		if f.Answer == nil {
			p.left++
		} else {
			by = append(by, f.Answer.By)
		}
		if (in.Kind == "" || f.Kind == in.Kind) && (!in.Open || f.Answer == nil) {
			p.Items = append(p.Items, f)
		}
	}
	p.who, err = rm.Names(r.Ctx, r.Tx, r.Grant.Tenant(), by)
	return p, err
}

// mostFlags is how many doubts a page draws; the export has them all.
const mostFlags = 200

func (p FlagPage) shown() []Flag { return p.Items[:min(mostFlags, len(p.Items))] }

func (p FlagPage) address(path string) string {
	open := ""
	if p.q.Open {
		open = "1"
	}
	return address(path, "union", p.union(), "year", yearText(p.Year), "kind", string(p.q.Kind), "open", open)
}

func flagOptions() []ui.Option {
	out := []ui.Option{{Value: "", Text: "全部"}}
	for _, k := range FlagKinds {
		out = append(out, ui.Option{Value: string(k), Text: k.Label()})
	}
	return out
}

// Place is the voucher's page.
func (n Named) Place() string { return ledger.Home + "/vouchers/" + n.ID }

// Replied is the books whose doubt was answered.
type Replied struct{ ledger.Book }

// Place is the list of their doubts.
func (r Replied) Place() string {
	return address(flagsPlace, "union", r.Union.Code, "year", yearText(r.Year))
}
func (r Replied) Said() string { return "说明已保存，不能再改动。" }

func answerAct(r *web.Request, in Answering) (Replied, error) {
	b, err := Reply(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Replied{b}, err
}

var flagExport = []sheet.Column{{Name: "种类", Width: 16}, {Name: "日期", Kind: sheet.Date}, {Name: "情况", Width: 60}, {Name: "凭证", Width: 30}, {Name: "依据"}, {Name: "说明", Width: 40}, {Name: "说明人"}, {Name: "说明时间", Width: 18}}

func (rm Room) flagsXLSX(r *web.Request, in FlagQuery) (web.File, error) {
	p, err := rm.flagPage(r, in)
	return table("记账疑点", flagExport, false, func(write func(...string) error) error {
		for _, f := range p.Items {
			names, a := "", Answered{}
			for _, v := range f.Vouchers {
				names += string(v.Date) + " " + v.Name + " "
			}
			if f.Answer != nil {
				a = *f.Answer
			}
			if err := write(f.Kind.Label(), string(f.Date), f.Text, names, f.Rule, a.Words, p.who[a.By], a.At.Local()); err != nil {
				return err
			}
		}
		return nil
	}), err
}

// mostNamed is how many vouchers a line names.
const mostNamed = 6

func (f Flag) few() []Named { return f.Vouchers[:min(mostNamed, len(f.Vouchers))] }

func (n Named) label() string { return string(n.Date)[5:] + " " + n.Name }

func (f Flag) tone() ui.Kind {
	if f.Answer != nil {
		return ui.Mute
	}
	if f.Kind == Twice || f.Kind == Same {
		return ui.Bad
	}
	return ui.Warn
}
