package ledger

import (
	"context"
	"fmt"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// Record is a voucher that was posted before these books were kept here (补录):
// who made, reviewed and posted it, and when.
type Record struct {
	Entry
	ID                               string // empty: a fresh one
	Maker, Reviewer, Poster, Cashier string
	Made, Posted                     day.Instant
}

// Enroll stores vouchers that were posted before, in the order in which they
// come: each is judged as any other, numbers are given without a gap, and all
// are stored or none. Projects are named by their ids. m takes up the seals;
// the caller writes the log. At least one month that is closed is
// fault.Conflict.
//
// law: K1, F3.19, F3.23
func Enroll(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, b Book, records []Record) ([]Voucher, error) {
	chart, err := ChartOf(ctx, tx, g.Tenant(), b.System)
	if err != nil {
		return nil, err
	}
	last, err := holdAll(ctx, tx, g.Tenant(), b)
	if err != nil {
		return nil, err
	}
	total, out := sums{}, make([]Voucher, 0, len(records))
	var vouchers, entries [][]any
	for i := range records {
		r := &records[i]
		if r.Nature == "" {
			r.Nature = Normal
		}
		if r.ID == "" {
			r.ID = sqldb.NewID()
		}
		v, err := r.judge(b, chart, Voucher{ID: r.ID, State: Posted, Nature: r.Nature, SourceID: r.SourceID, ReversesID: r.Reverses, CorrectsID: r.Corrects,
			Maker: r.Maker, Made: r.Made, Reviewer: r.Reviewer, Reviewed: r.Made, Poster: r.Poster, Posted: r.Posted, Cashier: r.Cashier, Version: 1})
		if err != nil {
			return nil, fmt.Errorf("record %d of %d: %w", i+1, len(records), err)
		}
		if v.Cashier != "" {
			v.Signed = r.Posted
		}
		if books.MissingAttachment(judged(v.Nature, v.Attachments, v.Summary, v.Lines)) {
			return nil, fault.ByRule(fault.Invalid, "F3.20", "第 %d 张凭证“%s”没有附单据，不能记账。", i+1, v.Summary)
		}
		n, open := last[v.Month]
		if !open {
			return nil, ClosedMonth(b.Year, v.Month)
		}
		last[v.Month] = n + 1
		v.Number, v.text = n+1, ""
		row := v.row(g.Tenant())
		mac := voucherSeal.Seal(tx.Keys(), row)
		m.Add("vouchers", mac)
		vouchers, entries = append(vouchers, append(row, mac)), append(entries, v.entries(g.Tenant())...)
		total.add(v)
		out = append(out, v)
	}
	if err := tx.Insert(ctx, "vouchers", voucherColumns+", mac", vouchers); err != nil {
		return nil, err
	}
	if err := tx.Insert(ctx, "entries", entryColumns, entries); err != nil {
		return nil, err
	}
	for month, n := range last {
		if _, err := tx.Exec(ctx, `UPDATE book_months SET last = $1 WHERE tenant_id = $2 AND book_id = $3 AND month = $4`, n, g.Tenant(), b.ID, int64(month)); err != nil {
			return nil, err
		}
	}
	return out, total.store(ctx, tx, g.Tenant(), b.ID)
}

// holdAll takes the heads of all months of a book in their order, and returns
// the last numbers of those that are open.
func holdAll(ctx context.Context, tx *sqldb.Tx, tenant int64, b Book) (map[int]int64, error) {
	last := map[int]int64{}
	for month := range 13 {
		m, err := sqldb.List(ctx, tx, sqldb.Int, `UPDATE book_months SET last = last WHERE tenant_id = $1 AND book_id = $2 AND month = $3 AND state = 'open' RETURNING last`, tenant, b.ID, int64(month))
		if err != nil {
			return nil, err
		}
		if len(m) > 0 {
			last[month] = m[0]
		}
	}
	return last, nil
}
