package statement

import (
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/money"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/law/books"
)

// BalancesQuery asks for the trial balance, down to a level; 0 is all.
type BalancesQuery struct {
	Query
	Level int `json:"level" doc:"科目级次"`
}

// Balance is one account of the trial balance (科目余额表). Opening and Closing
// are on the account's natural side; Debit and Credit are of January to the
// period, MonthDebit and MonthCredit of the period's months, closing vouchers
// included.
type Balance struct {
	ledger.Balance
	MonthDebit  money.Fen `json:"month_debit"`
	MonthCredit money.Fen `json:"month_credit"`
	Level       int       `json:"level"`
	total       bool
}

// BalancesPage is the trial balance of a union, or of a part of the tree:
// Items are the accounts that bear entries.
type BalancesPage struct {
	Union  string    `json:"union"`
	Year   int       `json:"year"`
	Period string    `json:"period"`
	Items  []Balance `json:"items"`
	tree   []Balance // with those above, by class and with totals
	name   string
	level  int
	bar    bar
}

// balances is the trial balance.
//
// law: F3.24, K2
func balances(r *web.Request, in BalancesQuery) (p BalancesPage, err error) {
	s, err := scopeOf(r, in.Query, wholeYear(r))
	if err != nil {
		return p, err
	}
	sums, err := figures(r.Ctx, r.Tx, r.Grant, s.Ask, false)
	if err != nil {
		return p, err
	}
	chart, err := ledger.ChartOf(r.Ctx, r.Tx, r.Grant.Tenant(), sums.System)
	if err != nil {
		return p, err
	}
	p = BalancesPage{Union: s.union.Code, Year: s.Year, Period: Span{s.Year, s.To()}.Text(), name: s.union.Name, level: in.Level, Items: leaves(sums, chart)}
	p.tree = grown(sums, chart, in.Level)
	p.bar, err = barOf(r, s, ledger.Home+"/balances", ui.Pair{Name: "level", Value: level(in.Level)})
	return p, err
}

func level(n int) string {
	if n <= 0 {
		return ""
	}
	return itoa(n)
}

// put adds a sum to a line of the trial balance.
func (b *Balance) put(s ledger.Sum) {
	b.Opening += natural(b.Side, s.Opening.Net())
	b.Closing += natural(b.Side, s.Closing())
	b.MonthDebit += s.In.Debit + s.In.CarryDebit
	b.MonthCredit += s.In.Credit + s.In.CarryCredit
	b.Debit += s.Before.Debit + s.Before.CarryDebit + s.In.Debit + s.In.CarryDebit
	b.Credit += s.Before.Credit + s.Before.CarryCredit + s.In.Credit + s.In.CarryCredit
}

func lineOf(chart ledger.Accounts, code string) Balance {
	a, _ := chart.Find(code)
	return Balance{Balance: ledger.Balance{Account: code, Name: chart.Name(code), Side: a.Side}, Level: (len(code) - 1) / 2}
}

// leaves lists the accounts that hold or moved anything, each once.
func leaves(f ledger.Figures, chart ledger.Accounts) []Balance {
	out := []Balance{}
	for _, s := range f.Sums {
		if n := len(out); n == 0 || out[n-1].Account != s.Account {
			out = append(out, lineOf(chart, s.Account))
		}
		out[len(out)-1].put(s)
	}
	return out
}

// grown lists every account with those above it, down to a level, with the
// totals of its class and of all. Sums come in the order of accounts.
func grown(f ledger.Figures, chart ledger.Accounts, deepest int) (out []Balance) {
	at := map[string]int{}
	var class books.Class
	var subtotal, all Balance
	end := func() {
		if class != "" {
			subtotal.Name, subtotal.total = class.Label()+"小计", true
			out = append(out, subtotal)
		}
		subtotal = Balance{}
	}
	for _, s := range f.Sums {
		a, _ := chart.Find(s.Account)
		if a.Class != class {
			end()
			class = a.Class
			subtotal.Side = books.Debit
			if class == books.Liability || class == books.Net || class == books.Income {
				subtotal.Side = books.Credit
			}
		}
		for n := 3; n <= len(s.Account); n += 2 {
			code := s.Account[:n]
			if deepest > 0 && (n-1)/2 > deepest {
				break
			}
			i, ok := at[code]
			if !ok {
				i = len(out)
				at[code] = i
				out = append(out, lineOf(chart, code))
			}
			out[i].put(s)
		}
		subtotal.put(s)
		all.Side = books.Debit
		all.put(s)
	}
	end()
	if len(out) > 0 {
		all.Name, all.total = "合计（借减贷为零即平）", true
		out = append(out, all)
	}
	return out
}

// detailOf is the detail ledger of a line.
func (p BalancesPage) detailOf(b Balance) string {
	if p.bar.Below {
		return p.bar.at(Books+"/general", "account", b.Account)
	}
	return address(Books+"/detail", p.Union, Span{Year: p.Year}, false, "account", b.Account, "to", itoa(p.bar.To()))
}

// words is a line's name: below level 1 only its own, set in.
func (b Balance) words() string {
	name := b.Name
	if i := strings.LastIndex(b.Name, "—"); i >= 0 {
		name = b.Name[i+len("—"):]
	}
	indent := ""
	for n := 1; n < b.Level; n++ {
		indent += "　"
	}
	if b.Account == "" {
		return name
	}
	return indent + b.Account + " " + name
}
