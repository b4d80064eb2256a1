package ledger

import (
	"context"
	"fmt"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
)

// What happens to a month.
const (
	MonthClosed   = "close"  // 结账
	MonthAsked    = "ask"    // 申请重新开账
	MonthReopened = "reopen" // 同意重新开账
	MonthRefused  = "refuse" // 不同意重新开账
)

// MonthAct is one thing that happened to a month (结账记录).
type MonthAct struct {
	Month   int         `json:"month"`
	Act     string      `json:"act"`
	Account string      `json:"account"`
	Office  auth.Office `json:"office"`
	Words   string      `json:"words,omitempty"`
	At      day.Instant `json:"at"`
}

// MonthActs lists what happened to the months of a book that g was shown, the
// first act first.
func MonthActs(ctx context.Context, tx *sqldb.Tx, tenant int64, book string) ([]MonthAct, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (a MonthAct, err error) {
		return a, row(&a.Month, &a.Act, &a.Account, &a.Office, &a.Words, &a.At)
	}, `SELECT month, act, account_id, office, words, at FROM month_acts WHERE tenant_id = $1 AND book_id = $2 ORDER BY id`, tenant, book)
}

// Hold takes the row at which posters queue, so that nobody posts into the
// month before the act at hand is over, and returns the month.
func Hold(ctx context.Context, tx *sqldb.Tx, tenant int64, b Book, month int) (Month, error) {
	return sqldb.One(ctx, tx, func(row sqldb.Row) (m Month, err error) { return m, row(&m.Month, &m.State, &m.Last) },
		`UPDATE book_months SET last = last WHERE tenant_id = $1 AND book_id = $2 AND month = $3 RETURNING month, state, last`, tenant, b.ID, int64(month))
}

var monthSeal = audit.LayoutOf("month_acts", columnsOf(monthColumns))

const monthColumns = `tenant_id, id, book_id, month, act, account_id, office, words, at`

// Note records an act on a month; m takes up its seal.
func Note(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, b Book, month int, act, words string, at day.Instant) error {
	row := []any{g.Tenant(), sqldb.NewID(), b.ID, int64(month), act, g.Account(), string(g.Office()), words, string(at)}
	mac := monthSeal.Seal(tx.Keys(), row)
	m.Add("month_acts", mac)
	return tx.Insert(ctx, "month_acts", monthColumns+", mac", [][]any{append(row, mac)})
}

// Lock closes a month that is open; one that is not is fault.Conflict.
//
// law: F3.16
func Lock(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, b Book, month int, words string, at day.Instant) error {
	if err := turn(ctx, tx, g.Tenant(), b, month, "open", "closed"); err != nil {
		return err
	}
	return Note(ctx, tx, g, m, b, month, MonthClosed, words, at)
}

// Unlock opens a closed month again, for new vouchers only: what was posted
// stays as it is.
//
// law: F3.17
func Unlock(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, b Book, month int, words string, at day.Instant) error {
	if err := turn(ctx, tx, g.Tenant(), b, month, "closed", "open"); err != nil {
		return err
	}
	return Note(ctx, tx, g, m, b, month, MonthReopened, words, at)
}

func turn(ctx context.Context, tx *sqldb.Tx, tenant int64, b Book, month int, from, to string) error {
	n, err := tx.Exec(ctx, `UPDATE book_months SET state = $1 WHERE tenant_id = $2 AND book_id = $3 AND month = $4 AND state = $5`, to, tenant, b.ID, int64(month), from)
	if err == nil && n == 0 {
		err = fault.ByRule(fault.Conflict, "F3.16", "%s刚刚已由他人办过，请刷新后再看。", monthName(b.Year, month))
	}
	return err
}

// Within lets the closing vouchers of f into a month that is closed already:
// those of the end of the year, which follow December's closing. The month is
// closed again before anybody else sees it.
//
// law: F3.14
func Within(ctx context.Context, tx *sqldb.Tx, tenant int64, b Book, month int, f func() error) error {
	if err := turn(ctx, tx, tenant, b, month, "closed", "open"); err != nil {
		return err
	}
	if err := f(); err != nil {
		return err
	}
	return turn(ctx, tx, tenant, b, month, "open", "closed")
}

// End closes a book for good; all its months are closed. One that was ended
// already is fault.Conflict.
//
// law: F3.16, F3.17
func End(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, b Book, at day.Instant) error {
	n, err := tx.Exec(ctx, `
		UPDATE books SET state = 'closed', closed = $1, version = version + 1
		WHERE tenant_id = $2 AND id = $3 AND state = 'open'
			AND NOT EXISTS (SELECT 1 FROM book_months x WHERE x.tenant_id = books.tenant_id AND x.book_id = books.id AND x.state = 'open')`,
		string(at), g.Tenant(), b.ID)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.ByRule(fault.Conflict, "F3.16", "%d 年的账刚刚已由他人年结，或者还有月份没有结账，请刷新后再看。", b.Year)
	}
	return m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "books", ID: b.ID})
}

// locked proves that months stand as their last act says.
func locked(ctx context.Context, tx *sqldb.Tx, s scope, find func(string, string, ...any)) error {
	type month struct {
		book  string
		month int64
		open  bool
	}
	return sqldb.Each(ctx, tx, func(row sqldb.Row) (m month, err error) {
		var state string
		err = row(&m.book, &m.month, &state)
		m.open = state == "open"
		return m, err
	}, func(m month) error {
		find(fmt.Sprintf("books %s %d", m.book, m.month), "会计期间的结账状态与结账记录不符")
		return nil
	}, `
		SELECT x.book_id, x.month, x.state FROM book_months x
		WHERE x.tenant_id = $1 AND (x.state = 'closed') <> (coalesce((
			SELECT a.act FROM month_acts a
			WHERE a.tenant_id = x.tenant_id AND a.book_id = x.book_id AND a.month = x.month AND a.act IN ('close', 'reopen')
			ORDER BY a.id DESC LIMIT 1), 'reopen') = 'close')`+s.of("x.")+`
		ORDER BY x.book_id, x.month`, s.args...)
}
