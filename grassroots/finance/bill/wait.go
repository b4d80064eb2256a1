package bill

import (
	"context"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// Wait is what waits in this room within a grant's reach.
type Wait struct {
	Unlinked int64     // invoices that no voucher uses yet
	Files    int64     // files that nobody has registered
	Loose    int64     // receipts that were issued and have no voucher
	Low      int64     // unions whose receipts run out
	Parties  int64     // who holds an overdue advance
	Overdue  money.Fen // how much that is
}

// Waits counts what waits, for the work table: in one look over all unions,
// however many.
//
// law: F1.21, F3.16, F6.1
func Waits(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day) (w Wait, err error) {
	low, err := param(ctx, tx, g.Tenant(), "books.receipt.low", today)
	if err != nil {
		return w, err
	}
	w, err = sqldb.One(ctx, tx, func(row sqldb.Row) (w Wait, err error) {
		return w, row(&w.Unlinked, &w.Files, &w.Loose, &w.Low)
	}, `
		SELECT
			(SELECT count(*) FROM invoices i JOIN union_reach r ON r.tenant_id = i.tenant_id AND r.union_id = i.union_id AND r.above_id = $2 WHERE i.tenant_id = $1 AND i.state = 'registered' AND i.amount > 0),
			(SELECT count(*) FROM invoice_files f JOIN union_reach r ON r.tenant_id = f.tenant_id AND r.union_id = f.union_id AND r.above_id = $2 WHERE f.tenant_id = $1 AND f.invoice_id IS NULL),
			(SELECT count(*) FROM receipts x JOIN union_reach r ON r.tenant_id = x.tenant_id AND r.union_id = x.union_id AND r.above_id = $2 WHERE x.tenant_id = $1 AND x.state = 'issued' AND x.voucher_id IS NULL),
			(SELECT count(*) FROM (SELECT x.union_id FROM receipts x JOIN union_reach r ON r.tenant_id = x.tenant_id AND r.union_id = x.union_id AND r.above_id = $2
				WHERE x.tenant_id = $1 AND x.kind = 'paper' GROUP BY x.union_id HAVING count(CASE WHEN x.state = 'unused' THEN 1 END) <= $3) n)`, g.Tenant(), g.Under(), int64(low))
	if err != nil {
		return w, err
	}
	most, err := AdvanceDays(ctx, tx, g.Tenant(), today)
	if err != nil {
		return w, err
	}
	// oldest first: what was lent up to the day, less all that came back
	top := advances[books.SystemOn(today)]
	type late struct {
		parties int64
		sum     int64
	}
	l, err := sqldb.One(ctx, tx, func(row sqldb.Row) (l late, err error) { return l, row(&l.parties, &l.sum) }, `
		SELECT count(*), cast(coalesce(sum(o.rest), 0) as bigint) FROM (
			SELECT cast(sum(CASE WHEN e.date < $3 THEN e.debit ELSE 0 END) as bigint) - cast(sum(e.credit) as bigint) AS rest
			FROM books b
			JOIN union_reach r ON r.tenant_id = b.tenant_id AND r.union_id = b.union_id AND r.above_id = $2
			JOIN entries e ON e.tenant_id = b.tenant_id AND e.book_id = b.id AND e.account >= $5 AND e.account < $6
			WHERE b.tenant_id = $1 AND b.year = $4
			GROUP BY e.book_id, e.account, e.party) o
		WHERE o.rest > 0`, g.Tenant(), g.Under(), string(today.AddDays(-most)), int64(today.Year()), top[len(top)-1], top[len(top)-1]+"~")
	w.Parties, w.Overdue = l.parties, money.Fen(l.sum)
	return w, err
}
