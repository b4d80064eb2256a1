package bank

import (
	"slices"
	"strings"
	"unicode/utf8"

	"unionhall/kit/audit"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

// AccountPage is an account with its months.
type AccountPage struct {
	Account
	Book   money.Fen `json:"balance"`
	Months []Month   `json:"months"`
	Before []Item    `json:"before"` // booked before the first day, not yet at the bank
	rights map[string]bool
	today  day.Day
}

// Month is how a month of an account stands.
type Month struct {
	Period string     `json:"period"`
	Book   money.Fen  `json:"balance"`
	Table  TableState `json:"table,omitempty"`
}

func (rm Room) account(r *web.Request, in ByBank) (p AccountPage, err error) {
	if p.Account, err = Find(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	p.today = r.Today
	p.rights = map[string]bool{"keep": r.May(Keep) && p.Ended == "", "reveal": r.May(Reveal) && p.Number != "", "import": r.May(Import), "count": r.May(Count)}
	if p.Book, err = bookBalance(r.Ctx, r.Tx, r.Grant.Tenant(), p.Account, r.Today); err != nil {
		return p, err
	}
	states := map[string]TableState{}
	err = sqldb.Each(r.Ctx, r.Tx, scanTable, func(t Table) error { states[t.Sheet.Period] = t.State; return nil }, selectTables+` AND t.bank_id = $3 AND t.period >= $4`, r.Grant.Tenant(), r.Grant.Under(), p.ID, periodOf(r.Today).add(-11).String())
	if err != nil {
		return p, err
	}
	for k := 0; k < 12; k++ { // twelve months, each of kept balances
		m := periodOf(r.Today).add(-k)
		if m.Last() < p.Since {
			break
		}
		balance, err := bookBalance(r.Ctx, r.Tx, r.Grant.Tenant(), p.Account, m.Last())
		if err != nil {
			return p, err
		}
		p.Months = append(p.Months, Month{m.String(), balance, states[m.String()]})
	}
	p.Before, err = sqldb.List(r.Ctx, r.Tx, func(row sqldb.Row) (e Item, err error) { return e, row(&e.Voucher, &e.Day, &e.Amount, &e.Summary) },
		`SELECT i.id, i.day, i.amount, i.summary FROM bank_items i WHERE i.tenant_id = $1 AND i.bank_id = $2 ORDER BY i.day, i.id`, r.Grant.Tenant(), p.ID)
	return p, err
}

// Earlier is what one side had before the account's first day and the other
// had not (期初未达账项).
type Earlier struct {
	ID      string  `json:"bank" doc:"账户"`
	Side    Side    `json:"side" doc:"哪一方"`
	Day     day.Day `json:"day" doc:"日期"`
	Amount  string  `json:"amount" doc:"金额"`
	Summary string  `json:"summary" doc:"摘要"`
}

func before(r *web.Request, in Earlier) (Done, error) {
	a, err := Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return Done{}, err
	}
	n, err := money.Parse(in.Amount)
	in.Summary = strings.TrimSpace(in.Summary)
	fields := map[string]string{}
	switch {
	case err != nil:
		fields["amount"] = "金额：" + fault.Of(err).Text
	case n <= 0:
		fields["amount"] = "金额：请填正数"
	}
	if !slices.Contains(Sides, in.Side) {
		fields["side"] = "哪一方：请从列表中选择"
	}
	if in.Day == "" || in.Day >= a.Since {
		fields["day"] = "日期：请填对账起始日 " + string(a.Since) + " 以前的日期"
	}
	if k := utf8.RuneCountInString(in.Summary); k == 0 || k > 200 {
		fields["summary"] = "摘要：请用 1 到 200 个字"
	}
	if len(fields) > 0 {
		return Done{}, &fault.Error{Kind: fault.Invalid, Rule: "K8", Text: "请按提示改正后再提交。", Fields: fields}
	}
	if in.Side == BookOut || in.Side == BankOut {
		n = -n
	}
	if err := turn(r.Ctx, r.Tx, r.Grant.Tenant(), a.ID); err != nil {
		return Done{}, err
	}
	m := audit.Moves{}
	id := sqldb.NewID()
	if in.Side == BankIn || in.Side == BankOut {
		err = insertLines(r.Ctx, r.Tx, r.Grant.Tenant(), m, a.ID, "", []Line{{Day: in.Day, Amount: n, Summary: in.Summary}})
	} else if _, err = r.Tx.Exec(r.Ctx, `INSERT INTO bank_items (tenant_id, id, bank_id, day, amount, summary) VALUES ($1, $2, $3, $4, $5, $6)`, r.Grant.Tenant(), id, a.ID, string(in.Day), int64(n), in.Summary); err == nil {
		err = m.Touch(r.Ctx, r.Tx, r.Grant.Tenant(), audit.Touched{Table: "bank_items", ID: id})
	}
	if err != nil {
		return Done{}, err
	}
	return Done{Account: a, said: "期初未达账项已登记。"}, m.Write(r.Ctx, r.Tx, r.Grant, a.ID, deed{Did: "outstanding", Account: a.Code, Amount: n.String(), Words: in.Summary}, r.Now)
}
