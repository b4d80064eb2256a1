package bank

import (
	"io"
	"path"

	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/web"
)

// SheetPage is the reconciliation of an account's month.
type SheetPage struct {
	Account Account                 `json:"account"`
	Sheet   Sheet                   `json:"sheet"`
	Table   *Table                  `json:"table,omitempty"`
	Steps   []flow.Past[TableState] `json:"steps,omitempty"`
	period  Period
	others  []Account
	names   map[string]string
	open    []flow.Step[TableState]
	may     bool
	none    string
}

func (rm Room) reconciliation(r *web.Request, in JournalQuery) (p SheetPage, err error) {
	p.period = readPeriod(in.Period, r.Today.MonthStart().AddDays(-1))
	p.Sheet = Sheet{Period: p.period.String(), Items: []Outstanding{}}
	if p.Account, p.others, err = pick(r, in.Bank, Bank); err != nil || p.Account.ID == "" {
		return p, err
	}
	t, is, err := TableOf(r.Ctx, r.Tx, r.Grant, p.Account.ID, p.period)
	if err != nil {
		return p, err
	}
	p.may = r.May(Agree) && p.period.Last() <= r.Today && (!is || t.State != Confirmed)
	if is {
		p.Table = &t
		if p.Steps, err = TableFlow.History(r.Ctx, r.Tx, r.Grant, t.ID); err != nil {
			return p, err
		}
		p.open = TableFlow.Open(t.State, flow.WhoOf(r.Grant), "", p.Steps)
	}
	if is && t.State != Returned {
		p.Sheet = t.Sheet
	} else if s, err := SheetOf(r.Ctx, r.Tx, r.Grant.Tenant(), p.Account, p.period); err == nil {
		p.Sheet = s
	} else if f := fault.Of(err); f.Kind == fault.Conflict {
		p.none, p.may = f.Text, false
	} else {
		return p, err
	}
	accounts := []string{t.Maker, t.Confirmer}
	for _, s := range p.Steps {
		accounts = append(accounts, s.Account)
	}
	p.names, err = rm.Names(r.Ctx, r.Tx, r.Grant.Tenant(), accounts)
	return p, err
}

func (rm Room) sheetPDF(r *web.Request, in JournalQuery) (web.File, error) {
	p, err := rm.reconciliation(r, in)
	return web.File{Name: path.Base("银行存款余额调节表-" + p.Account.Name + "-" + p.Sheet.Period + ".pdf"), Type: "application/pdf", Write: func(w io.Writer) error {
		return p.Sheet.PDF(w, p.Account, p.Table, p.names, r.Actor().Name(), r.Now)
	}}, err
}

// Drawing draws up a reconciliation.
type Drawing struct {
	ID     string `json:"bank" doc:"账户"`
	Period string `json:"period" doc:"月份"`
}

// TableDone is a reconciliation that an act changed.
type TableDone struct {
	Table
	said    string
	created bool
}

func (d TableDone) Said() string  { return d.said }
func (d TableDone) Created() bool { return d.created }

func draw(r *web.Request, in Drawing) (TableDone, error) {
	t, err := Draw(r.Ctx, r.Tx, r.Grant, in.ID, in.Period, r.Now)
	return TableDone{t, "余额调节表已编制，请另一人确认。", true}, err
}

// TableStep takes a step of a reconciliation.
type TableStep struct {
	flow.Given
	ID      string `json:"table" doc:"余额调节表"`
	Version int64  `json:"version" doc:"版本"`
}

func step(r *web.Request, in TableStep) (TableDone, error) {
	t, err := Advance(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, in.Given, r.Now)
	return TableDone{Table: t, said: "余额调节表：" + t.State.Label() + "。"}, err
}
