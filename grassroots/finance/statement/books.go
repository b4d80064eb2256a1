package statement

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// Moved is what an account moved by in one month, closing vouchers included.
type Moved struct {
	Month   int       `json:"month"`
	Debit   money.Fen `json:"debit"`
	Credit  money.Fen `json:"credit"`
	Balance money.Fen `json:"balance"` // at its end, on the natural side
}

// General is one account of the general ledger (总账).
type General struct {
	Account string     `json:"account"`
	Name    string     `json:"name"`
	Side    books.Side `json:"side"`
	Opening money.Fen  `json:"opening"`
	Months  []Moved    `json:"months"`
	Debit   money.Fen  `json:"debit"`
	Credit  money.Fen  `json:"credit"`
	Closing money.Fen  `json:"closing"`
}

// GeneralOf makes the general ledger of a year from the balances: each account
// of level 1, or those below an account.
//
// law: F3.24
func GeneralOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, a Ask, below string) ([]General, error) {
	chart, err := ledger.ChartOf(ctx, tx, g.Tenant(), a.System())
	if err != nil {
		return nil, err
	}
	width := 3
	if below != "" {
		width = len(below) + 2
	}
	type move struct {
		account string
		month   int
		debit   money.Fen
		credit  money.Fen
	}
	out := []General{}
	err = sqldb.Each(ctx, tx, func(row sqldb.Row) (m move, err error) { return m, row(&m.account, &m.month, &m.debit, &m.credit) }, func(m move) error {
		if n := len(out); n == 0 || out[n-1].Account != m.account {
			acc, _ := chart.Find(m.account)
			out = append(out, General{Account: m.account, Name: chart.Name(m.account), Side: acc.Side})
		}
		x := &out[len(out)-1]
		sign := money.Fen(1)
		if x.Side == books.Credit {
			sign = -1
		}
		if m.month == 0 {
			x.Opening = sign * (m.debit - m.credit)
			x.Closing = x.Opening
			return nil
		}
		x.Closing += sign * (m.debit - m.credit)
		x.Debit += m.debit
		x.Credit += m.credit
		x.Months = append(x.Months, Moved{m.month, m.debit, m.credit, x.Closing})
		return nil
	}, `
		SELECT substr(x.account, 1, $6) AS top, x.month, cast(sum(x.debit + x.carry_debit) as bigint), cast(sum(x.credit + x.carry_credit) as bigint)
		FROM books b
		JOIN balances x ON x.tenant_id = b.tenant_id AND x.book_id = b.id AND x.month <= $5
		WHERE b.tenant_id = $1 AND b.year = $4 AND x.account >= $7 AND x.account < $8 AND `+within(a.Below, "b.union_id", "$3")+reached("b", "union_id")+`
		GROUP BY substr(x.account, 1, $6), x.month
		ORDER BY top, x.month`, g.Tenant(), g.Under(), a.Union, int64(a.Year), int64(a.To()), int64(width), lower(below), upper(below))
	return out, err
}

// EntryQuery asks for the entries of an account.
type EntryQuery struct {
	Account string `json:"account" doc:"科目"`
	From    int    `json:"from" doc:"从几月"`
	To      int    `json:"to" doc:"到几月"`
	Source  string `json:"source" doc:"资金来源"`
	Project string `json:"project" doc:"项目"`
	Party   string `json:"party" doc:"往来单位"`
	Dept    string `json:"dept" doc:"部门"`
	After   string `json:"after" doc:"从哪一行之后"`
	Limit   int    `json:"limit" doc:"条数"`
}

// Entry is one line of a detail ledger (明细账).
type Entry struct {
	Voucher string    `json:"voucher"`
	Date    day.Day   `json:"date"`
	Month   int       `json:"month"`
	Number  int64     `json:"number"`
	Line    int64     `json:"line"`
	Account string    `json:"account"`
	Summary string    `json:"summary"`
	Counter string    `json:"counter"` // 对方科目
	Debit   money.Fen `json:"debit"`
	Credit  money.Fen `json:"credit"`
	Balance money.Fen `json:"balance"` // after it, on the natural side
	sheets  int64
}

// Name is how people call the voucher.
func (e Entry) Name() string {
	if e.Month == 0 {
		return "年初"
	}
	return fmt.Sprintf("记-%d", e.Number)
}

// Detail is a part of a detail ledger: what stood before it, and the entries.
type Detail struct {
	Opening money.Fen // before the first entry
	Entries []Entry
	Next    string
	months  map[int]Moved // of the whole account, for the totals of months
	start   money.Fen     // at the start of the year
	side    books.Side
}

// conditions narrows entries e or balances to the query, from argument n on.
func (q EntryQuery) conditions(table string, args []any) (string, []any) {
	text := ""
	add := func(cond string, v any) {
		args = append(args, v)
		text += " AND " + strings.Replace(strings.ReplaceAll(cond, "?", table), "$", "$"+itoa(len(args)), 1)
	}
	add("?.account >= $", q.Account)
	add("?.account < $", upper(q.Account))
	for _, c := range [][2]string{{"source", q.Source}, {"project", q.Project}, {"party", q.Party}, {"dept", q.Dept}} {
		if c[1] != "" {
			add("?."+c[0]+" = $", c[1])
		}
	}
	return text, args
}

// tagged reports whether the query asks for what balances don't keep apart.
func (q EntryQuery) tagged() bool { return q.Party != "" || q.Dept != "" }

// at is how a list goes on after an entry.
func (e Entry) mark() string { return fmt.Sprintf("%d-%d-%d", e.Month, e.Number, e.Line) }

func marked(text string) (month, number, line int64, ok bool) {
	n, err := fmt.Sscanf(text, "%d-%d-%d", &month, &number, &line)
	return month, number, line, err == nil && n == 3
}

// DetailOf returns entries of an account and all below it, in the order of
// vouchers, with the running balance. Months From to To; a list goes on after
// After. It starts from the kept balances, not from history.
//
// law: F3.24
func DetailOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book, chart ledger.Accounts, q EntryQuery) (d Detail, err error) {
	acc, ok := accountOf(chart, q.Account)
	if !ok {
		return d, &fault.Error{Kind: fault.Invalid, Rule: "F3.3", Text: "没有这个科目，请从列表中选择。", Fields: map[string]string{"account": "科目：没有 " + q.Account}}
	}
	d.side = acc.Side
	if d.months, d.start, err = monthsOf(ctx, tx, g.Tenant(), b, q, d.side); err != nil {
		return d, err
	}
	d.Opening = d.start
	for m := 1; m < q.From; m++ {
		if x, ok := d.months[m]; ok {
			d.Opening = x.Balance
		}
	}
	text, args := q.conditions("e", []any{g.Tenant(), b.ID, int64(max(q.From, 1)), int64(q.To)})
	if month, number, line, ok := marked(q.After); ok {
		if d.Opening, err = balanceAt(ctx, tx, g.Tenant(), b, q, d, month, number, line); err != nil {
			return d, err
		}
		args = append(args, month, number, line)
		text += fmt.Sprintf(` AND (e.month, e.number, e.line) > ($%d, $%d, $%d)`, len(args)-2, len(args)-1, len(args))
	}
	args = append(args, int64(q.Limit+1))
	d.Entries, err = sqldb.List(ctx, tx, func(row sqldb.Row) (e Entry, err error) {
		var others int64
		err = row(&e.Voucher, &e.Date, &e.Month, &e.Number, &e.Line, &e.Account, &e.Summary, &e.Debit, &e.Credit, &e.Counter, &others, &e.sheets)
		if a, ok := chart.Find(e.Counter); ok {
			e.Counter = a.Name
		}
		if others > 1 {
			e.Counter += "等"
		}
		return e, err
	}, `
		SELECT e.voucher_id, e.date, e.month, e.number, e.line, e.account, e.summary, e.debit, e.credit, `+counter(`min(o.account)`)+`, `+counter(`count(DISTINCT o.account)`)+`,
			(SELECT v.attachments FROM vouchers v WHERE v.tenant_id = e.tenant_id AND v.id = e.voucher_id)
		FROM entries e
		WHERE e.tenant_id = $1 AND e.book_id = $2 AND e.month >= $3 AND e.month <= $4`+text+fmt.Sprintf(`
		ORDER BY e.month, e.number, e.line LIMIT $%d`, len(args)), args...)
	if err != nil {
		return d, err
	}
	if len(d.Entries) > q.Limit {
		d.Entries = d.Entries[:q.Limit]
		d.Next = d.Entries[q.Limit-1].mark()
	}
	at := d.Opening
	for i := range d.Entries {
		e := &d.Entries[i]
		at += natural(d.side, e.Debit-e.Credit)
		e.Balance = at
	}
	return d, nil
}

// classes are the accounts of a class as one: all income, all expenditure.
var classes = map[string]books.Account{
	"4": {Code: "4", Name: "全部收入", Class: books.Income, Side: books.Credit},
	"5": {Code: "5", Name: "全部支出", Class: books.Expense, Side: books.Debit},
}

// accountOf is the account of a code with its full name, or a class of them.
func accountOf(chart ledger.Accounts, code string) (books.Account, bool) {
	if c, ok := classes[code]; ok {
		return c, true
	}
	a, ok := chart.Find(code)
	a.Name = chart.Name(code)
	return a, ok
}

// lower and upper bound the codes that begin with one; codes are digits.
func lower(code string) string {
	if code == "" {
		return "1"
	}
	return code
}

func upper(code string) string {
	n, err := strconv.Atoi(code)
	if err != nil || code == "" {
		return "6"
	}
	return strconv.Itoa(n + 1)
}

// counter reads of the other side of an entry's voucher (对方科目).
func counter(what string) string {
	return `(SELECT ` + what + ` FROM entries o WHERE o.tenant_id = e.tenant_id AND o.voucher_id = e.voucher_id AND (CASE WHEN o.debit <> 0 THEN 1 ELSE 0 END) <> (CASE WHEN e.debit <> 0 THEN 1 ELSE 0 END))`
}

func natural(s books.Side, n money.Fen) money.Fen {
	if s == books.Credit {
		return -n
	}
	return n
}

// monthsOf is what an account moved by in each month and what it held at the
// start of the year: from balances, or where a tag is asked for that balances
// don't keep, from its entries.
func monthsOf(ctx context.Context, tx *sqldb.Tx, tenant int64, b ledger.Book, q EntryQuery, side books.Side) (out map[int]Moved, start money.Fen, err error) {
	table, sums := `balances`, `cast(sum(e.debit + e.carry_debit) as bigint), cast(sum(e.credit + e.carry_credit) as bigint)`
	if q.tagged() {
		table, sums = `entries`, `cast(sum(e.debit) as bigint), cast(sum(e.credit) as bigint)`
	}
	text, args := q.conditions("e", []any{tenant, b.ID})
	out = map[int]Moved{}
	at := money.Fen(0)
	err = sqldb.Each(ctx, tx, func(row sqldb.Row) (m Moved, err error) { return m, row(&m.Month, &m.Debit, &m.Credit) }, func(m Moved) error {
		at += natural(side, m.Debit-m.Credit)
		if m.Month == 0 {
			start = at
			return nil
		}
		m.Balance = at
		out[m.Month] = m
		return nil
	}, `SELECT e.month, `+sums+` FROM `+table+` e WHERE e.tenant_id = $1 AND e.book_id = $2`+text+` GROUP BY e.month ORDER BY e.month`, args...)
	return out, start, err
}

// balanceAt is the balance right after an entry: what stood at the start of
// its month, and what moved up to it.
func balanceAt(ctx context.Context, tx *sqldb.Tx, tenant int64, b ledger.Book, q EntryQuery, d Detail, month, number, line int64) (money.Fen, error) {
	at := d.start
	for m := 1; m < int(month); m++ {
		if x, ok := d.months[m]; ok {
			at = x.Balance
		}
	}
	text, args := q.conditions("e", []any{tenant, b.ID, month, number, line})
	n, err := sqldb.One(ctx, tx, sqldb.Int, `
		SELECT cast(coalesce(sum(e.debit - e.credit), 0) as bigint) FROM entries e
		WHERE e.tenant_id = $1 AND e.book_id = $2 AND e.month = $3 AND (e.number, e.line) <= ($4, $5)`+text, args...)
	return at + natural(d.side, money.Fen(n)), err
}
