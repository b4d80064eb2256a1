package bank

import (
	"context"
	"slices"
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// Entry is a line of a journal.
type Entry struct {
	Voucher string    `json:"voucher"`
	Day     day.Day   `json:"date"`
	Number  int64     `json:"number"`
	Summary string    `json:"summary"`
	Counter string    `json:"counter"` // 对方科目
	Debit   money.Fen `json:"debit"`
	Credit  money.Fen `json:"credit"`
	Balance money.Fen `json:"balance"`
	end     *total    // of the day, after its last line
}

// total is what moved in a day, a month or the year so far, and what was left.
type total struct{ Debit, Credit, Balance money.Fen }

// Journal is one month of a cash or bank journal (日记账), from posted vouchers:
// every line with the balance after it, every day and the month added up.
type Journal struct {
	Account Account   `json:"account"`
	Period  string    `json:"period"`
	Opening money.Fen `json:"opening"`
	Entries []Entry   `json:"items"`
	Debit   money.Fen `json:"debit"` // of the month
	Credit  money.Fen `json:"credit"`
	Closing money.Fen `json:"closing"`
	YearIn  money.Fen `json:"year_debit"` // 本年累计
	YearOut money.Fen `json:"year_credit"`
}

// JournalOf draws up a month's journal. It reads the balances kept for the
// months before and the entries of this one: history is never gone through.
//
// law: F3.24, K8, S2-42
func JournalOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, a Account, p Period) (j Journal, err error) {
	j = Journal{Account: a, Period: p.String(), Entries: []Entry{}}
	bookID, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT b.id FROM books b WHERE b.tenant_id = $1 AND b.union_id = $2 AND b.year = $3`, g.Tenant(), a.Union.ID, int64(p.Year))
	if err != nil || len(bookID) == 0 {
		return j, err
	}
	err = sqldb.Each(ctx, tx, func(row sqldb.Row) (n [3]int64, err error) { return n, row(&n[0], &n[1], &n[2]) }, func(n [3]int64) error {
		j.Opening += money.Fen(n[1] - n[2])
		if n[0] > 0 {
			j.YearIn, j.YearOut = j.YearIn+money.Fen(n[1]), j.YearOut+money.Fen(n[2])
		}
		return nil
	}, `SELECT x.month, cast(sum(x.debit + x.carry_debit) as bigint), cast(sum(x.credit + x.carry_credit) as bigint) FROM balances x
		WHERE x.tenant_id = $1 AND x.book_id = $2 AND x.account = $3 AND x.month < $4 GROUP BY x.month`, g.Tenant(), bookID[0], a.Code, int64(p.Month))
	if err != nil {
		return j, err
	}
	counter, err := counters(ctx, tx, g.Tenant(), bookID[0], a, p)
	if err != nil {
		return j, err
	}
	j.Entries, err = sqldb.List(ctx, tx, func(row sqldb.Row) (e Entry, err error) {
		err = row(&e.Voucher, &e.Day, &e.Number, &e.Summary, &e.Debit, &e.Credit)
		return e, err
	}, `SELECT e.voucher_id, e.date, e.number, e.summary, e.debit, e.credit FROM entries e
		WHERE e.tenant_id = $1 AND e.book_id = $2 AND e.account = $3 AND e.month = $4 ORDER BY e.date, e.number, e.line`, g.Tenant(), bookID[0], a.Code, int64(p.Month))
	for i := range j.Entries {
		e := &j.Entries[i]
		debit := e.Debit != 0
		if e.Counter = strings.Join(counter[e.Voucher][debit], "、"); e.Counter == "" {
			e.Counter = strings.Join(counter[e.Voucher][!debit], "、")
		}
	}
	j.add()
	return j, err
}

// add runs the balance down the lines and adds up days and the month.
func (j *Journal) add() {
	balance, today := j.Opening, total{}
	for i := range j.Entries {
		e := &j.Entries[i]
		balance += e.Debit - e.Credit
		e.Balance = balance
		today.Debit, today.Credit = today.Debit+e.Debit, today.Credit+e.Credit
		j.Debit, j.Credit = j.Debit+e.Debit, j.Credit+e.Credit
		if i+1 == len(j.Entries) || j.Entries[i+1].Day != e.Day {
			today.Balance = balance
			end := today
			e.end, today = &end, total{}
		}
	}
	j.Closing = balance
	j.YearIn, j.YearOut = j.YearIn+j.Debit, j.YearOut+j.Credit
}

// counters names, by voucher, the accounts on the other side of the journal's:
// those credited where it was debited, and the other way round.
func counters(ctx context.Context, tx *sqldb.Tx, tenant int64, book string, a Account, p Period) (map[string]map[bool][]string, error) {
	chart, err := ledger.ChartOf(ctx, tx, tenant, books.SystemOn(p.First()))
	if err != nil {
		return nil, err
	}
	type side struct {
		voucher, account string
		debit            int64
	}
	out := map[string]map[bool][]string{}
	return out, sqldb.Each(ctx, tx, func(row sqldb.Row) (s side, err error) { return s, row(&s.voucher, &s.account, &s.debit) }, func(s side) error {
		if out[s.voucher] == nil {
			out[s.voucher] = map[bool][]string{}
		}
		for_ := s.debit == 0 // what is credited stands against a debit
		name := s.account + " " + chart.Name(s.account)
		if !slices.Contains(out[s.voucher][for_], name) {
			out[s.voucher][for_] = append(out[s.voucher][for_], name)
		}
		return nil
	}, `
		SELECT o.voucher_id, o.account, o.debit FROM entries o
		WHERE o.tenant_id = $1 AND o.book_id = $2 AND o.month = $4 AND o.account <> $3 AND o.voucher_id IN (
			SELECT e.voucher_id FROM entries e WHERE e.tenant_id = $1 AND e.book_id = $2 AND e.account = $3 AND e.month = $4)
		ORDER BY o.voucher_id, o.line`, tenant, book, a.Code, int64(p.Month))
}
