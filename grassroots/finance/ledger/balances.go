package ledger

import (
	"unionhall/kit/money"
	"unionhall/law/books"
)

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
