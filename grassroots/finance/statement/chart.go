package statement

import (
	"fmt"
	"slices"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/kit/money"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/law/books"
)

// Class is a level-1 account of income or expenditure with its year and the
// year before.
type Class struct {
	Account string      `json:"account"`
	Name    string      `json:"name"`
	Class   books.Class `json:"class"`
	Year    money.Fen   `json:"year"`
	Last    money.Fen   `json:"last_year"`
}

// MonthSum is the income and the expenditure of a month.
type MonthSum struct {
	Month   int       `json:"month"`
	Income  money.Fen `json:"income"`
	Expense money.Fen `json:"expense"`
}

// ByUnion is the income and the expenditure of one union.
type ByUnion struct {
	registry.Ref
	Income  money.Fen `json:"income"`
	Expense money.Fen `json:"expense"`
}

// ChartsPage is income and expenditure in pictures, each with its table.
type ChartsPage struct {
	Union   registry.Ref `json:"union"`
	Year    int          `json:"year"`
	Period  string       `json:"period"`
	Income  money.Fen    `json:"income"`
	Expense money.Fen    `json:"expense"`
	Classes []Class      `json:"classes"`
	Months  []MonthSum   `json:"months"`
	Unions  []ByUnion    `json:"unions,omitempty"`
	bar     bar
	last    bool // the year before has books of the same system
}

// charts adds up what happened, closing vouchers left out.
//
// law: F3.13
func charts(r *web.Request, in Query) (p ChartsPage, err error) {
	s, err := scopeOf(r, in, wholeYear(r))
	if err != nil {
		return p, err
	}
	p = ChartsPage{Union: s.union.Ref(), Year: s.Year, Period: s.Text(), Months: []MonthSum{}, Classes: []Class{}}
	if p.bar, err = barOf(r, s, Home+"/charts"); err != nil {
		return p, err
	}
	now, err := figures(r.Ctx, r.Tx, r.Grant, s.Ask, false)
	if err != nil {
		return p, err
	}
	before := ledger.Figures{System: s.System()}
	if !first(s.Year) {
		ask := s.Ask
		ask.Year--
		if before, err = figures(r.Ctx, r.Tx, r.Grant, ask, false); err != nil {
			return p, err
		}
		p.last = len(before.Sums) > 0
	}
	a, b := index(toDate(now)), index(toDate(before))
	for _, x := range books.Chart(s.System()) {
		if x.Level != 1 || x.Class != books.Income && x.Class != books.Expense {
			continue
		}
		c := Class{x.Code, x.Name, x.Class, happened(a, x), happened(b, x)}
		if x.Class == books.Income {
			p.Income += c.Year
		} else {
			p.Expense += c.Year
		}
		if c.Year != 0 || c.Last != 0 {
			p.Classes = append(p.Classes, c)
		}
	}
	if p.Months, err = monthSums(r, s); err != nil || !s.Below {
		return p, err
	}
	p.Unions, err = unionSums(r, s)
	return p, err
}

// happened is an account's turnover on its natural side.
func happened(l lookup, a books.Account) money.Fen {
	return l.natural(a.Code, l.Debit(a.Code, "", false)-l.Credit(a.Code, "", false))
}

func monthSums(r *web.Request, s scope) (out []MonthSum, err error) {
	out = make([]MonthSum, s.To())
	for i := range out {
		out[i].Month = i + 1
	}
	type row struct {
		month           int
		income, expense money.Fen
	}
	err = each(r, func(scan func(...any) error) (x row, err error) { return x, scan(&x.month, &x.income, &x.expense) }, func(x row) {
		out[x.month-1].Income, out[x.month-1].Expense = x.income, x.expense
	}, `
		SELECT x.month, cast(sum(CASE WHEN x.account < '5' THEN x.credit - x.debit ELSE 0 END) as bigint), cast(sum(CASE WHEN x.account >= '5' THEN x.debit - x.credit ELSE 0 END) as bigint)
		FROM books b
		JOIN balances x ON x.tenant_id = b.tenant_id AND x.book_id = b.id AND x.month >= 1 AND x.month <= $5
		WHERE b.tenant_id = $1 AND b.year = $4 AND x.account >= '4' AND x.account < '6' AND `+within(s.Below, "b.union_id", "$3")+reached("b", "union_id")+`
		GROUP BY x.month ORDER BY x.month`, r.Grant.Tenant(), r.Grant.Under(), s.Union, int64(s.Year), int64(s.To()))
	return out, err
}

func unionSums(r *web.Request, s scope) (out []ByUnion, err error) {
	err = each(r, func(scan func(...any) error) (x ByUnion, err error) {
		return x, scan(&x.ID, &x.Code, &x.Name, &x.Income, &x.Expense)
	}, func(x ByUnion) { out = append(out, x) }, `
		SELECT u.id, u.code, u.name, cast(sum(CASE WHEN x.account < '5' THEN x.credit - x.debit ELSE 0 END) as bigint), cast(sum(CASE WHEN x.account >= '5' THEN x.debit - x.credit ELSE 0 END) as bigint)
		FROM books b
		JOIN unions u ON u.tenant_id = b.tenant_id AND u.id = b.union_id
		JOIN balances x ON x.tenant_id = b.tenant_id AND x.book_id = b.id AND x.month >= 1 AND x.month <= $5
		WHERE b.tenant_id = $1 AND b.year = $4 AND x.account >= '4' AND x.account < '6' AND `+within(s.Below, "b.union_id", "$3")+reached("b", "union_id")+`
		GROUP BY u.id, u.code, u.name ORDER BY 5 DESC, u.id`, r.Grant.Tenant(), r.Grant.Under(), s.Union, int64(s.Year), int64(s.To()))
	return out, err
}

// bars compares the classes of income or of expenditure.
func (p ChartsPage) bars(c books.Class) (out []ui.Bar) {
	for _, x := range p.Classes {
		if x.Class == c && x.Year > 0 {
			out = append(out, ui.Bar{Label: x.Name, Href: p.detailOf(x.Account), Value: int64(x.Year), Text: x.Year.Grouped()})
		}
	}
	slices.SortStableFunc(out, func(a, b ui.Bar) int { return int(max(-1, min(1, b.Value-a.Value))) })
	return out
}

func (p ChartsPage) detailOf(account string) string {
	if p.bar.Below {
		return p.bar.at(Books+"/general", "account", account)
	}
	return address(Books+"/detail", p.Union.Code, Span{Year: p.Year}, false, "account", account, "to", itoa(p.bar.To()))
}

// mostBars is how many unions a picture compares.
const mostBars = 30

func (p ChartsPage) unionBars() (out []ui.Bar) {
	for _, u := range p.Unions[:min(len(p.Unions), mostBars)] {
		out = append(out, ui.Bar{Label: u.Name, Href: address(Home+"/charts", u.Code, p.bar.Span, false), Value: int64(max(0, u.Expense)), Text: u.Expense.Grouped()})
	}
	return out
}

// series is income and expenditure by month, in whole yuan.
func (p ChartsPage) series() ui.Series {
	s := ui.Series{Unit: "元", A: "收入", B: "支出", Summary: p.summary()}
	for _, m := range p.Months {
		s.Months = append(s.Months, ui.Month{Label: itoa(m.Month) + "月", A: max(0, int64(m.Income)/100), B: max(0, int64(m.Expense)/100)})
	}
	return s
}

// summary is the year in a sentence.
func (p ChartsPage) summary() string {
	text := fmt.Sprintf("%s收入 %s 元，支出 %s 元，收支差额 %s 元。", p.bar.Name(), p.Income.Grouped(), p.Expense.Grouped(), (p.Income - p.Expense).Grouped())
	var most Class
	for _, c := range p.Classes {
		if c.Class == books.Expense && c.Year > most.Year {
			most = c
		}
	}
	if most.Year > 0 && p.Expense > 0 {
		text += fmt.Sprintf("支出最多的是%s，占 %d%%。", most.Name, int64(most.Year)*100/int64(p.Expense))
	}
	return text
}

// against is a class against the year before.
func (c Class) against() string {
	if c.Last == 0 {
		return "—"
	}
	d := int64(c.Year-c.Last) * 1000 / int64(c.Last)
	sign := "+"
	if d < 0 {
		sign, d = "−", -d
	}
	return fmt.Sprintf("%s%d.%d%%", sign, d/10, d%10)
}
