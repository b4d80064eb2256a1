package bank

import (
	"context"
	"fmt"

	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
)

// Side is which of the four lists an open item stands in.
type Side string

const (
	BookIn  Side = "book_in"  // 企业已收、银行未收
	BookOut Side = "book_out" // 企业已付、银行未付
	BankIn  Side = "bank_in"  // 银行已收、企业未收
	BankOut Side = "bank_out" // 银行已付、企业未付
)

// Sides are all, in the order of the paper.
var Sides = []Side{BookIn, BookOut, BankIn, BankOut}

func (s Side) Label() string {
	return map[Side]string{BookIn: "加：本单位已收、银行未收", BookOut: "减：本单位已付、银行未付", BankIn: "加：银行已收、本单位未收", BankOut: "减：银行已付、本单位未付"}[s]
}

// Outstanding is an item that one side has and the other has not (未达账项). Amount is
// without a sign, as the paper lists it.
type Outstanding struct {
	Side    Side      `json:"side"`
	Day     day.Day   `json:"date"`
	Summary string    `json:"summary"`
	Voucher string    `json:"voucher,omitempty"`
	Number  int64     `json:"number,omitempty"`
	Amount  money.Fen `json:"amount"`
	Stale   bool      `json:"stale,omitempty"` // open for longer than it should
}

// Sheet is what a reconciliation says (银行存款余额调节表).
type Sheet struct {
	Period       string        `json:"period"`
	Bank         money.Fen     `json:"bank"` // 银行对账单余额
	Book         money.Fen     `json:"book"` // 账面余额
	BankAdjusted money.Fen     `json:"bank_adjusted"`
	BookAdjusted money.Fen     `json:"book_adjusted"`
	Items        []Outstanding `json:"items"`
	Lacking      []string      `json:"lacking,omitempty"` // why it can't be drawn up yet
}

// Difference is what the two adjusted balances differ by.
func (s Sheet) Difference() money.Fen { return s.BankAdjusted - s.BookAdjusted }

// Sum adds up one of the four lists.
func (s Sheet) Sum(side Side) (n money.Fen) {
	for _, i := range s.Items {
		if i.Side == side {
			n += i.Amount
		}
	}
	return n
}

// Of lists one of the four.
func (s Sheet) Of(side Side) (out list) {
	for _, i := range s.Items {
		if i.Side == side {
			out = append(out, i)
		}
	}
	return out
}

// bookBalance is what the account's entries come to at the end of a day, from
// the kept balances and the entries of one month.
func bookBalance(ctx context.Context, tx *sqldb.Tx, tenant int64, a Account, on day.Day) (money.Fen, error) {
	n, err := sqldb.One(ctx, tx, sqldb.Int, `
		SELECT cast(coalesce(sum(x.debit - x.credit + x.carry_debit - x.carry_credit), 0) as bigint) FROM books b
		JOIN balances x ON x.tenant_id = b.tenant_id AND x.book_id = b.id AND x.account = $4 AND x.month < $5
		WHERE b.tenant_id = $1 AND b.union_id = $2 AND b.year = $3`, tenant, a.Union.ID, int64(on.Year()), a.Code, int64(on.Month()))
	if err != nil {
		return 0, err
	}
	m, err := sqldb.One(ctx, tx, sqldb.Int, `
		SELECT cast(coalesce(sum(e.debit - e.credit), 0) as bigint) FROM books b
		JOIN entries e ON e.tenant_id = b.tenant_id AND e.book_id = b.id AND e.account = $4 AND e.month = $5 AND e.date <= $6
		WHERE b.tenant_id = $1 AND b.union_id = $2 AND b.year = $3`, tenant, a.Union.ID, int64(on.Year()), a.Code, int64(on.Month()), string(on))
	return money.Fen(n + m), err
}

// bankBalance is what the bank holds at the end of a day by its lines; stated
// is what its last line says itself.
func bankBalance(ctx context.Context, tx *sqldb.Tx, tenant int64, a Account, on day.Day) (n money.Fen, stated *money.Fen, err error) {
	sum, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT cast(coalesce(sum(l.amount), 0) as bigint) FROM bank_lines l WHERE l.tenant_id = $1 AND l.bank_id = $2 AND l.day >= $3 AND l.day <= $4`, tenant, a.ID, string(a.Since), string(on))
	if err != nil {
		return 0, nil, err
	}
	if a.Opening != nil {
		n = *a.Opening + money.Fen(sum)
	}
	last, err := sqldb.List(ctx, tx, scanLine(tx, tenant), `SELECT `+lineFields+` FROM bank_lines l WHERE l.tenant_id = $1 AND l.bank_id = $2 AND l.day >= $3 AND l.day <= $4 ORDER BY l.day DESC, l.id DESC LIMIT 1`, tenant, a.ID, string(a.Since), string(on))
	if len(last) > 0 {
		stated = last[0].Balance
	}
	return n, stated, err
}

// outstanding lists what one side has at the end of a day and the other has
// not: what is open, and what was matched with something of a later day.
func outstanding(ctx context.Context, tx *sqldb.Tx, tenant int64, a Account, on day.Day) (out []Outstanding, err error) {
	months, err := number(ctx, tx, tenant, "books.bank.stale_months", on)
	if err != nil {
		return nil, err
	}
	lines, err := openLines(ctx, tx, tenant, a.ID, on)
	if err != nil {
		return nil, err
	}
	later, err := sqldb.List(ctx, tx, scanLine(tx, tenant), `SELECT `+lineFields+` FROM bank_lines l
		JOIN bank_match_lines ml ON ml.tenant_id = l.tenant_id AND ml.line_id = l.id
		JOIN bank_matches x ON x.tenant_id = ml.tenant_id AND x.id = ml.match_id
		WHERE x.tenant_id = $1 AND x.bank_id = $2 AND x.last_day > $3 AND l.day <= $3 ORDER BY l.day, l.id`, tenant, a.ID, string(on))
	if err != nil {
		return nil, err
	}
	items, err := openItems(ctx, tx, tenant, a, on)
	if err != nil {
		return nil, err
	}
	more, err := laterItems(ctx, tx, tenant, a, on)
	if err != nil {
		return nil, err
	}
	old := on.AddDays(1).AddMonths(-months)
	for _, e := range append(items, more...) {
		o := Outstanding{Side: BookIn, Day: e.Day, Summary: e.Summary, Voucher: e.Voucher, Number: e.Number, Amount: e.Amount, Stale: e.Day < old}
		if e.Line == 0 {
			o.Voucher = ""
		}
		if e.Amount < 0 {
			o.Side, o.Amount = BookOut, -e.Amount
		}
		out = append(out, o)
	}
	for _, l := range append(lines, later...) {
		o := Outstanding{Side: BankIn, Day: l.Day, Summary: l.words(), Amount: l.Amount, Stale: l.Day < old}
		if l.Amount < 0 {
			o.Side, o.Amount = BankOut, -l.Amount
		}
		out = append(out, o)
	}
	return out, nil
}

// words is what a line is about.
func (l Line) words() string {
	switch {
	case l.Summary == "":
		return l.Other
	case l.Other == "":
		return l.Summary
	}
	return l.Summary + "（" + l.Other + "）"
}

// laterItems are entries up to a day that were matched with something later.
func laterItems(ctx context.Context, tx *sqldb.Tx, tenant int64, a Account, on day.Day) ([]Item, error) {
	out, err := sqldb.List(ctx, tx, scanItem, `
		SELECT e.voucher_id, e.line, e.date, e.number, e.debit - e.credit, e.summary, e.party, '', '', ''
		FROM bank_matches x
		JOIN bank_match_entries me ON me.tenant_id = x.tenant_id AND me.match_id = x.id
		JOIN entries e ON e.tenant_id = me.tenant_id AND e.voucher_id = me.voucher_id AND e.line = me.line
		WHERE x.tenant_id = $1 AND x.bank_id = $2 AND x.last_day > $3 AND e.date <= $3 ORDER BY e.date, e.number, e.line`, tenant, a.ID, string(on))
	if err != nil {
		return nil, err
	}
	before, err := sqldb.List(ctx, tx, func(row sqldb.Row) (e Item, err error) { return e, row(&e.Voucher, &e.Day, &e.Amount, &e.Summary) }, `
		SELECT i.id, i.day, i.amount, i.summary FROM bank_matches x
		JOIN bank_match_entries me ON me.tenant_id = x.tenant_id AND me.match_id = x.id AND me.line = 0
		JOIN bank_items i ON i.tenant_id = me.tenant_id AND i.id = me.voucher_id
		WHERE x.tenant_id = $1 AND x.bank_id = $2 AND x.last_day > $3 ORDER BY i.day, i.id`, tenant, a.ID, string(on))
	return append(before, out...), err
}

// SheetOf draws up the reconciliation of an account at a month's end as things
// stand now, and says what it lacks.
//
// law: K8, S2-42
func SheetOf(ctx context.Context, tx *sqldb.Tx, tenant int64, a Account, p Period) (s Sheet, err error) {
	s = Sheet{Period: p.String(), Items: []Outstanding{}}
	if a.Kind != Bank || p.Last() < a.Since {
		return s, fault.ByRule(fault.Conflict, "K8", "“%s”从 %s 起对账，%s没有余额调节表。", a.Name, a.Since, p.Label())
	}
	if s.Book, err = bookBalance(ctx, tx, tenant, a, p.Last()); err != nil {
		return s, err
	}
	bank, stated, err := bankBalance(ctx, tx, tenant, a, p.Last())
	if err != nil {
		return s, err
	}
	s.Bank = bank
	switch {
	case a.Opening == nil:
		s.Lacking = append(s.Lacking, "还不知道对账起始日前的银行余额：请导入带余额的对账单，或在账户里填写。")
	case stated != nil && *stated != bank:
		s.Lacking = append(s.Lacking, fmt.Sprintf("流水不全：按流水推算银行余额是 %s，对账单最后一笔写的是 %s，相差 %s。请补导缺的流水。", bank.Grouped(), stated.Grouped(), (bank-*stated).Grouped()))
	}
	if s.Items, err = outstanding(ctx, tx, tenant, a, p.Last()); err != nil {
		return s, err
	}
	s.BankAdjusted = s.Bank + s.Sum(BookIn) - s.Sum(BookOut)
	s.BookAdjusted = s.Book + s.Sum(BankIn) - s.Sum(BankOut)
	if d := s.Difference(); d != 0 {
		s.Lacking = append(s.Lacking, fmt.Sprintf("调节后两边相差 %s 元。请核对期初未达账项、起始余额和起始日以前日期的凭证。", d.Grouped()))
	}
	return s, nil
}
