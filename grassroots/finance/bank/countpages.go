package bank

import (
	"io"
	"net/url"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/money"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// CountsPage is the counts of a cash box, the latest first.
type CountsPage struct {
	Items []CashCount `json:"items"`
	Next  string      `json:"next,omitempty"`
	q     StatementsQuery
	boxes map[string]Account
	may   bool
}

func counts(r *web.Request, in StatementsQuery) (p CountsPage, err error) {
	if in.Limit < 1 || in.Limit > 200 {
		in.Limit = 50
	}
	p = CountsPage{q: in, may: r.May(Count), boxes: map[string]Account{}}
	if p.Items, err = Counts(r.Ctx, r.Tx, r.Grant, in.Bank, in.After, in.Limit+1); err != nil {
		return p, err
	}
	if len(p.Items) > in.Limit {
		p.Items = p.Items[:in.Limit]
		p.Next = p.Items[in.Limit-1].ID
	}
	all, err := Accounts(r.Ctx, r.Tx, r.Grant, "", "")
	for _, a := range all {
		p.boxes[a.ID] = a
	}
	return p, err
}

func (p CountsPage) next() string {
	if p.Next == "" {
		return ""
	}
	return Home + "/counts?bank=" + p.q.Bank + "&after=" + p.Next
}

// CountFormPage is the form of a count.
type CountFormPage struct {
	Bank  string    `json:"bank"`
	Boxes []Account `json:"boxes"`
	Book  money.Fen `json:"book"`
	today day.Day
}

func blankCount(r *web.Request, in JournalQuery) (p CountFormPage, err error) {
	p.Bank, p.today = in.Bank, r.Today
	a, others, err := pick(r, in.Bank, Cash)
	if err != nil {
		return p, err
	}
	p.Boxes = others
	if p.Bank = a.ID; a.ID != "" {
		p.Book, err = bookBalance(r.Ctx, r.Tx, r.Grant.Tenant(), a, r.Today)
	}
	return p, err
}

func (p CountFormPage) options() []ui.Option { return accountOptions(p.Boxes) }

// CountDone is a count that an act changed.
type CountDone struct {
	CashCount
	said    string
	created bool
}

func (d CountDone) Said() string  { return d.said }
func (d CountDone) Created() bool { return d.created }

func count(r *web.Request, in Counting) (CountDone, error) {
	c, err := CountCash(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return CountDone{c, "盘点表已保存，请监盘人确认。", true}, err
}

// ByCount names a count.
type ByCount struct {
	ID string `json:"count" doc:"盘点"`
}

// CountPage is one count.
type CountPage struct {
	CashCount
	Box   Account                 `json:"box"`
	Steps []flow.Past[CountState] `json:"steps"`
	names map[string]string
	open  []flow.Step[CountState]
	make  bool
}

func (rm Room) oneCount(r *web.Request, in ByCount) (p CountPage, err error) {
	if p.CashCount, err = FindCount(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	if p.Box, err = Find(r.Ctx, r.Tx, r.Grant, p.BankID); err != nil {
		return p, err
	}
	if p.Steps, err = CountFlow.History(r.Ctx, r.Tx, r.Grant, p.ID); err != nil {
		return p, err
	}
	p.open, p.make = CountFlow.Open(p.State, flow.WhoOf(r.Grant), "", p.Steps), r.May(ledger.Make)
	accounts := []string{p.Maker, p.Witness}
	for _, s := range p.Steps {
		accounts = append(accounts, s.Account)
	}
	p.names, err = rm.Names(r.Ctx, r.Tx, r.Grant.Tenant(), accounts)
	return p, err
}

func (rm Room) countPDF(r *web.Request, in ByCount) (web.File, error) {
	p, err := rm.oneCount(r, in)
	return web.File{Name: "现金盘点表-" + string(p.Day) + ".pdf", Type: "application/pdf", Write: func(w io.Writer) error {
		return p.PDF(w, p.Box, p.names, r.Actor().Name(), r.Now)
	}}, err
}

// CountStep takes a step of a count.
type CountStep struct {
	flow.Given
	ID      string `json:"count" doc:"盘点"`
	Version int64  `json:"version" doc:"版本"`
}

func stepCount(r *web.Request, in CountStep) (CountDone, error) {
	c, err := StepCount(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, in.Given, r.Now)
	return CountDone{CashCount: c, said: "现金盘点：" + c.State.Label() + "。"}, err
}

// voucher is the form of the voucher that a difference asks for: to 其他应收款
// until its cause is known.
//
// law: J35
func (p CountPage) voucher() string {
	n := p.Difference()
	q := url.Values{"union": {p.Box.Union.Code}, "year": {text(int64(p.Day.Year()))}, "date": {string(p.Day)}, "summary": {string(p.Day) + " 现金盘点" + p.verdict()}}
	if n < 0 {
		q.Set("lines.0.account", "182")
		q.Set("lines.0.debit", (-n).String())
		q.Set("lines.1.account", p.Box.Code)
		q.Set("lines.1.credit", (-n).String())
	} else {
		q.Set("lines.0.account", p.Box.Code)
		q.Set("lines.0.debit", n.String())
		q.Set("lines.1.account", "182")
		q.Set("lines.1.credit", n.String())
	}
	return ledger.Home + "/vouchers/new?" + q.Encode()
}

// story tells the steps of a procedure as a page's time line.
func story[S ~string](steps []flow.Past[S], names map[string]string) (out []ui.Event) {
	for _, s := range steps {
		e := ui.Event{Kind: ui.Info, At: s.At.Local(), Title: Labels[s.Act], Words: s.Words, Who: s.Office.Label()}
		if name := names[s.Account]; name != "" {
			e.Who = name + "（" + e.Who + "）"
		}
		out = append(out, e)
	}
	return out
}
