package ledger

import (
	"unionhall/kit/money"
	"unionhall/kit/web"
	"unionhall/law/books"
)

// BalancesQuery asks for the trial balance.
type BalancesQuery struct {
	Union  string `json:"union" doc:"工会"`
	Year   int    `json:"year" doc:"年度"`
	Period string `json:"period" doc:"月份"`
	Below  bool   `json:"below" doc:"汇总下级"`
}

// Balance is one account of the trial balance (科目余额表). Opening and Closing
// are on the account's natural side; Debit and Credit are of the months from
// January to the period, closing vouchers included.
type Balance struct {
	Account string     `json:"account"`
	Name    string     `json:"name"`
	Side    books.Side `json:"side"`
	Opening money.Fen  `json:"opening"`
	Debit   money.Fen  `json:"debit"`
	Credit  money.Fen  `json:"credit"`
	Closing money.Fen  `json:"closing"`
}

// BalancesPage is the trial balance of a union, or of a part of the tree.
type BalancesPage struct {
	Union  string    `json:"union"`
	Year   int       `json:"year"`
	Period string    `json:"period"`
	Items  []Balance `json:"items"`
	name   string
	q      BalancesQuery
}

func (rm Room) balances(r *web.Request, in BalancesQuery) (p BalancesPage, err error) {
	u, err := Union(r.Ctx, r.Tx, r.Grant, in.Union)
	if err != nil {
		return p, err
	}
	if in.Year == 0 {
		in.Year = r.Today.Year()
	}
	q := Query{Period: in.Period}
	month := q.month()
	if month == 0 {
		month = 12
	}
	f, err := FiguresOf(r.Ctx, r.Tx, r.Grant, Ask{Union: u.ID, Below: in.Below, Year: in.Year, From: 1, To: month})
	if err != nil {
		return p, err
	}
	chart, err := ChartOf(r.Ctx, r.Tx, r.Grant.Tenant(), f.System)
	if err != nil {
		return p, err
	}
	p = BalancesPage{Union: u.Code, Year: in.Year, Period: Voucher{Year: in.Year, Month: month}.Period(), name: u.Name, q: in, Items: f.Balances(chart)}
	return p, nil
}

// Balances lists the accounts that hold or moved anything, each once.
func (f Figures) Balances(chart Accounts) []Balance {
	out := []Balance{}
	for _, s := range f.Sums {
		if len(out) == 0 || out[len(out)-1].Account != s.Account {
			a, _ := chart.Find(s.Account)
			out = append(out, Balance{Account: s.Account, Name: chart.Name(s.Account), Side: a.Side})
		}
		b := &out[len(out)-1]
		sign := money.Fen(1)
		if b.Side == books.Credit {
			sign = -1
		}
		b.Opening += sign * s.Opening.Net()
		b.Closing += sign * s.Closing()
		b.Debit += s.In.Debit + s.In.CarryDebit
		b.Credit += s.In.Credit + s.In.CarryCredit
	}
	return out
}
