package asset

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// MethodOf is how a union values what leaves its store in a year; empty where
// none was chosen yet.
func MethodOf(ctx context.Context, tx *sqldb.Tx, tenant int64, union string, year int) (Method, error) {
	all, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT method FROM stock_methods WHERE tenant_id = $1 AND union_id = $2 AND year = $3`, tenant, union, int64(year))
	if err != nil || len(all) == 0 {
		return "", err
	}
	return Method(all[0]), nil
}

// keep holds a union to one method in a year: the first one asked for stays.
//
// law: F3.10
func keep(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, union string, year int, want Method, at day.Instant) (Method, error) {
	is, err := MethodOf(ctx, tx, g.Tenant(), union, year)
	switch {
	case err != nil:
		return is, err
	case is != "" && want != "" && want != is:
		return is, &fault.Error{Kind: fault.Conflict, Rule: "F3.10", Text: fmt.Sprintf("%d 年已采用%s，年度内不得变更。", year, is.Label()), Fields: map[string]string{"method": "计价方法：本年已采用" + is.Label()}}
	case is != "":
		return is, nil
	case want == "":
		want = FIFO
	case want.Label() == "":
		return is, invalid("F3.10", map[string]string{"method": "计价方法：请从列表中选择"})
	}
	id := sqldb.NewID()
	_, err = tx.Exec(ctx, `INSERT INTO stock_methods (tenant_id, id, union_id, year, method, at, account_id) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		g.Tenant(), id, union, int64(year), string(want), string(at), g.Account())
	if err != nil {
		return want, err
	}
	return want, m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "stock_methods", ID: id})
}

// SlipForm moves goods in or out.
type SlipForm struct {
	ID       string  `json:"id" doc:"库存物品"`
	Day      day.Day `json:"day" doc:"日期"`
	Quantity string  `json:"quantity" doc:"数量"`
	Amount   string  `json:"amount" doc:"金额"`
	Lot      string  `json:"lot" doc:"批次"`
	Receiver string  `json:"receiver" doc:"领用人"`
	Method   Method  `json:"method" doc:"计价方法"`
	Paying
}

// begin queues at the union's head and reads the store behind it.
func begin(ctx context.Context, tx *sqldb.Tx, g auth.Grant, f *SlipForm) (i Goods, b ledger.Book, s Slip, left Store, err error) {
	if i, err = FindGoods(ctx, tx, g, f.ID); err != nil {
		return i, b, s, left, err
	}
	if b, err = bookFor(ctx, tx, g, i.Union.ID, f.Day); err != nil {
		return i, b, s, left, err
	}
	f.Receiver = strings.TrimSpace(f.Receiver)
	n, err := ParseQuantity(f.Quantity)
	if err == nil && n == 0 {
		err = fault.New(fault.Invalid, "请填写大于零的数量")
	}
	if err != nil {
		return i, b, s, left, invalid("F3.10", map[string]string{"quantity": "数量：" + fault.Of(err).Text})
	}
	if utf8.RuneCountInString(f.Receiver) > longestName {
		return i, b, s, left, invalid("F3.10", map[string]string{"receiver": "领用人：最多 100 个字"})
	}
	s = Slip{ID: sqldb.NewID(), ItemID: i.ID, Day: f.Day, Quantity: n, Receiver: f.Receiver}
	if s.No, err = head(ctx, tx, g.Tenant(), i.Union.ID, "slips", 1); err != nil {
		return i, b, s, left, err
	}
	all, left, err := SlipsOf(ctx, tx, g.Tenant(), i.ID)
	for _, x := range all {
		if x.Standing != "void" && x.Day > f.Day {
			return i, b, s, left, &fault.Error{Kind: fault.Conflict, Rule: "F3.10", Text: fmt.Sprintf("%s在 %s已有单据，出入库按日期顺序登记。", i.Name, x.Day), Fields: map[string]string{"day": "日期：不能早于 " + string(x.Day)}}
		}
	}
	return i, b, s, left, err
}

// TakeIn puts goods into store, with the draft of their voucher: what is bought
// is spent at once, and stands in store against the fund.
//
// law: J27
func TakeIn(ctx context.Context, tx *sqldb.Tx, g auth.Grant, f SlipForm, at day.Instant) (Slip, error) {
	i, b, s, _, err := begin(ctx, tx, g, &f)
	if err != nil {
		return s, err
	}
	amount, err := money.Parse(f.Amount)
	if err != nil || amount <= 0 {
		return s, invalid("J27", map[string]string{"amount": "金额：请填写大于零的金额"})
	}
	s.Way, s.Amount, s.Receiver = wayIn, amount, ""
	e := ledger.Entry{Summary: fmt.Sprintf("购入%s %s%s", i.Name, s.Quantity, i.Unit), Attachments: f.Attachments, Event: "stock_bought"}
	if b.System == books.A09 {
		e.Lines = []books.Line{{Account: "141", Debit: amount, Source: i.Owner}, {Account: f.bank(), Credit: amount, Party: f.Party}}
	} else {
		if e.Lines, err = f.spent(b.System, amount); err != nil {
			return s, err
		}
		e.Lines = append(e.Lines, books.Line{Account: "141", Debit: amount, Source: i.Owner}, books.Line{Account: "30101", Credit: amount, Source: i.Owner})
	}
	m := audit.Moves{}
	if _, err := keep(ctx, tx, g, m, i.Union.ID, f.Day.Year(), f.Method, at); err != nil {
		return s, err
	}
	return s.write(ctx, tx, g, m, i, e, at)
}

// HandOut takes goods out of store for somebody, at what the method says that
// they cost.
//
// law: J27, F3.10
func HandOut(ctx context.Context, tx *sqldb.Tx, g auth.Grant, f SlipForm, at day.Instant) (Slip, error) {
	i, b, s, left, err := begin(ctx, tx, g, &f)
	if err != nil {
		return s, err
	}
	if f.Receiver == "" {
		return s, invalid("J27", map[string]string{"receiver": "领用人：请写明谁领用、作什么用"})
	}
	m := audit.Moves{}
	method, err := keep(ctx, tx, g, m, i.Union.ID, f.Day.Year(), f.Method, at)
	if err != nil {
		return s, err
	}
	s.Way = wayOut
	if method == Specific {
		s.Lot = f.Lot
	}
	if s.Amount, err = left.Price(method, s.Quantity, f.Lot); err != nil {
		return s, err
	}
	e := ledger.Entry{Summary: fmt.Sprintf("领用%s %s%s", i.Name, s.Quantity, i.Unit), Attachments: max(f.Attachments, 1), Event: "stock_out"}
	out := books.Line{Account: "30101", Debit: s.Amount, Source: i.Owner}
	if b.System == books.A09 {
		out = books.Line{Account: f.Expense, Debit: s.Amount, Source: f.Source, Project: f.Project, Econ: f.Econ}
	}
	e.Lines = []books.Line{out, {Account: "141", Credit: s.Amount, Source: i.Owner}}
	return s.write(ctx, tx, g, m, i, e, at)
}

// write stores a slip with the draft of its voucher. Goods of no worth left
// have none.
func (s Slip) write(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, i Goods, e ledger.Entry, at day.Instant) (Slip, error) {
	s.At = at
	if s.Amount > 0 {
		e.Union, e.Date, e.SourceID = i.Union.ID, s.Day, s.ID
		v, err := ledger.Write(ctx, tx, g.For(ledger.Make), e, at)
		if err != nil {
			return s, told(err)
		}
		s.Voucher = v.ID
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO stock_slips (tenant_id, id, union_id, item_id, no, way, day, quantity, amount, lot_id, receiver, voucher_id, matter_id, at, account_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		g.Tenant(), s.ID, i.Union.ID, i.ID, s.No, s.Way, string(s.Day), int64(s.Quantity), int64(s.Amount), s.Lot, s.Receiver, s.Voucher, s.Matter, string(at), g.Account())
	if err != nil {
		return s, err
	}
	if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "stock_slips", ID: s.ID}); err != nil {
		return s, err
	}
	return s, m.Write(ctx, tx, g, s.ID, deed{Did: s.Way, Union: i.Union.Name, Name: i.Name, Quantity: s.Quantity.String() + i.Unit, Amount: s.Amount.String(), Voucher: s.Voucher}, at)
}

// Differ proposes what a count found more or less of goods than the book says:
// it waits in 182 until it is approved.
//
// law: J33, F3.10
func Differ(ctx context.Context, tx *sqldb.Tx, g auth.Grant, item string, found, expected Quantity, on day.Day, reason, count string, at day.Instant) (Matter, error) {
	n := found - expected
	way, kind := wayFound, StockFound
	if n < 0 {
		n, way, kind = -n, wayLoss, StockLoss
	}
	f := SlipForm{ID: item, Day: on, Quantity: n.String()}
	i, b, s, left, err := begin(ctx, tx, g, &f)
	if err != nil {
		return Matter{}, err
	}
	s.Way = way
	if way == wayFound {
		s.Amount = books.Nominal // of what nothing is left to tell the worth
		if left.Quantity > 0 && left.Amount > 0 {
			s.Amount = max(left.Amount.Share(int64(n), int64(left.Quantity)), 1)
		}
	} else if s.Amount, err = left.Price(FIFO, n, ""); err != nil {
		return Matter{}, err
	}
	no, err := head(ctx, tx, g.Tenant(), i.Union.ID, "matters", 1)
	if err != nil {
		return Matter{}, err
	}
	x := Matter{ID: sqldb.NewID(), Union: i.Union, No: no, Kind: kind, ItemID: i.ID, Quantity: n, Cost: s.Amount, State: Asked, Day: on, Reason: reason, CountID: count, Asked: at, Version: 1, Name: i.Name}
	s.Matter = x.ID
	e := ledger.Entry{Summary: fmt.Sprintf("%s%s %s%s", kind.Label(), i.Name, n, i.Unit), Attachments: 1, Event: "stock_surplus"}
	store, other := books.Line{Account: "141", Debit: s.Amount, Source: i.Owner}, books.Line{Account: "18201", Credit: s.Amount, Source: i.Owner}
	if b.System == books.A09 {
		other = books.Line{Account: map[string]string{wayFound: "408", wayLoss: "508"}[way], Credit: s.Amount}
	}
	if way == wayLoss {
		e.Event = "stock_loss"
		store.Debit, store.Credit, other.Debit, other.Credit = 0, s.Amount, s.Amount, 0
	}
	e.Lines = []books.Line{store, other}
	if s, err = s.write(ctx, tx, g, audit.Moves{}, i, e, at); err != nil {
		return x, err
	}
	x.First = s.Voucher
	if x.First == "" { // goods of no worth: nothing to book, only to know
		x.State, x.Ended = Booked, at
	}
	return x, open(ctx, tx, g, audit.Moves{}, x, at)
}
