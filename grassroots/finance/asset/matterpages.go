package asset

import (
	"fmt"
	"net/url"
	"slices"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/money"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// MattersPage is the list of matters.
type MattersPage struct {
	Items []Matter `json:"items"`
	Next  string   `json:"next,omitempty"`
	q     MatterQuery
	ask   bool
}

func (rm Room) matters(r *web.Request, in MatterQuery) (p MattersPage, err error) {
	if in.Limit <= 0 || in.Limit > 200 {
		in.Limit = 50
	}
	p = MattersPage{q: in, ask: r.May(Ask)}
	q := in
	q.Limit++
	if p.Items, err = Matters(r.Ctx, r.Tx, r.Grant, q); err != nil {
		return p, err
	}
	if len(p.Items) > in.Limit {
		p.Items = p.Items[:in.Limit]
		p.Next = p.Items[in.Limit-1].ID
	}
	return p, nil
}

func (p MattersPage) next() string {
	if p.Next == "" {
		return ""
	}
	v := url.Values{"after": {p.Next}}
	if p.q.Done {
		v.Set("done", "1")
	}
	return Home + "/matters?" + v.Encode()
}

// MatterPage is one matter with what may be done.
type MatterPage struct {
	Matter
	Steps    []flow.Past[MatterState] `json:"steps"`
	vouchers []ledger.Voucher
	open     []flow.Step[MatterState]
	who      map[string]string
	choices  Choices
	today    day.Day
}

func (rm Room) matter(r *web.Request, in ByID) (p MatterPage, err error) {
	if p.Matter, err = FindMatter(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	p.today = r.Today
	if p.Steps, err = Procedure.History(r.Ctx, r.Tx, r.Grant, p.ID); err != nil {
		return p, err
	}
	p.open = Procedure.Open(p.State, flow.WhoOf(r.Grant), "", p.Steps)
	for _, id := range []string{p.First, p.Second} {
		if id == "" {
			continue
		}
		v, err := ledger.Find(r.Ctx, r.Tx, r.Grant, id)
		if err != nil {
			return p, err
		}
		p.vouchers = append(p.vouchers, v)
	}
	var accounts []string
	for _, s := range p.Steps {
		accounts = append(accounts, s.Account)
	}
	if p.who, err = rm.Names(r.Ctx, r.Tx, r.Grant.Tenant(), accounts); err != nil {
		return p, err
	}
	if slices.ContainsFunc(p.open, func(s flow.Step[MatterState]) bool { return s.Act == Book }) {
		p.choices, err = choices(r, p.Union.ID, r.Today)
	}
	return p, err
}

func (rm Room) step(r *web.Request, in StepForm) (Decided, error) {
	x, err := Advance(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, in.Given, in.Booking, r.Now)
	return Decided{Matter: x, said: x.Name + "：" + x.State.Label() + "。"}, err
}

func (p MatterPage) path(s flow.Step[MatterState]) string { return p.Place() + "/" + pathOf(s.Act) }

func (p MatterPage) story() (out []ui.Event) {
	for _, s := range p.Steps {
		e := ui.Event{Kind: ui.Info, At: s.At.Local(), Title: Labels[s.Act], Words: s.Words, Who: s.Office.Label()}
		if name := p.who[s.Account]; name != "" {
			e.Who = name + "（" + e.Who + "）"
		}
		if s.Document != "" {
			e.Words += "（文号 " + s.Document + "）"
		}
		out = append(out, e)
	}
	if next := Procedure.Next(p.State); len(next) > 0 {
		out = append(out, ui.Event{Kind: ui.Warn, Title: p.State.Label(), Who: next[0].Who()})
	}
	return out
}

// outcome says what a step will do.
func (p MatterPage) outcome(s flow.Step[MatterState]) string {
	switch {
	case s.Act == Approve:
		return "批准后由会计入账。请填写批准文件的文号。"
	case s.Act == Refuse && p.First != "":
		return "不同意后，会计要把已生成的凭证作废或红字冲销，资产回到原状。"
	case s.Act == Refuse:
		return "不同意，资产不变。"
	case s.Act == Drop && p.First != "":
		return "撤回后，请把已生成的凭证作废或红字冲销，资产回到原状。"
	case s.Act == Drop:
		return "撤回，资产不变。"
	case p.Kind == Handover:
		return "将在调出、调入两个工会各生成一张凭证，并在调入工会建立卡片。"
	}
	return "将生成一张凭证，审核、记账后生效。没有收入、费用的空着。"
}

// leftover says that a voucher of a matter that came to nothing still stands.
func (p MatterPage) leftover() bool {
	return (p.State == Refused || p.State == Dropped) && len(p.vouchers) > 0 && p.vouchers[0].State != ledger.Discarded
}

// RunForm writes off a month.
type RunForm struct {
	Union string `json:"union" doc:"工会"`
	Month Month  `json:"month" doc:"月份"`
}

// RunsPage is the runs of a union and the month that comes next.
type RunsPage struct {
	Union  string     `json:"union"`
	Next   Month      `json:"next,omitempty"`
	Items  []MonthRun `json:"items"`
	Due    money.Fen  `json:"due"` // what the next month will write off
	unions []ui.Option
	name   string
	may    bool
}

func (rm Room) runs(r *web.Request, in UnionQuery) (p RunsPage, err error) {
	c, err := choices(r, in.Union, r.Today)
	if err != nil {
		return p, err
	}
	p = RunsPage{Union: c.Code, unions: c.unions, name: c.Name}
	u, err := ledger.Union(r.Ctx, r.Tx, r.Grant, c.Code)
	if err != nil {
		return p, err
	}
	if p.Next, err = Next(r.Ctx, r.Tx, r.Grant, u.ID); err != nil {
		return p, err
	}
	if p.Next != "" && p.Next <= MonthOf(r.Today) {
		all, err := dues(r.Ctx, r.Tx, r.Grant, u.ID, p.Next)
		if err != nil {
			return p, err
		}
		for _, d := range all {
			p.Due += d.amount
		}
		p.may = r.May(Run)
	}
	p.Items, err = Runs(r.Ctx, r.Tx, r.Grant, u.ID)
	return p, err
}

// RanOff is a run that was done.
type RanOff struct{ MonthRun }

func (d RanOff) Created() bool { return true }
func (d RanOff) Said() string {
	if d.Voucher == "" {
		return d.Month.Label() + "没有要计提的折旧，已记下。"
	}
	return fmt.Sprintf("已计提 %s折旧和摊销 %s 元，凭证 记-%d 已记账。", d.Month.Label(), d.Total.Grouped(), d.Number)
}

func (rm Room) run(r *web.Request, in RunForm) (RanOff, error) {
	x, err := RunMonth(r.Ctx, r.Tx, r.Grant, in.Union, in.Month, r.Now)
	return RanOff{x}, err
}

// RunPage is what a month wrote off of each card.
type RunPage struct {
	MonthRun
	Parts []Part `json:"parts"`
	by    string
}

func (rm Room) one(r *web.Request, in ByID) (p RunPage, err error) {
	if p.MonthRun, err = FindRun(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	if p.Parts, err = PartsOf(r.Ctx, r.Tx, r.Grant, p.MonthRun); err != nil {
		return p, err
	}
	names, err := rm.Names(r.Ctx, r.Tx, r.Grant.Tenant(), []string{p.By})
	p.by = names[p.By]
	return p, err
}
