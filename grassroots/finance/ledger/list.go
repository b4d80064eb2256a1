package ledger

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
)

// Query narrows the list of vouchers.
type Query struct {
	Union  string `json:"union" doc:"工会"`
	Year   int    `json:"year" doc:"年度"`
	Period string `json:"period" doc:"月份"` // 2026-03, or 3
	State  State  `json:"state" doc:"状态"`
	Q      string `json:"q" doc:"摘要或凭证号"`
	After  string `json:"after" doc:"从哪一张之后"`
	Limit  int    `json:"limit" doc:"条数"`
}

// month reads Period; 0 is none.
func (q Query) month() int {
	p := q.Period
	if _, m, ok := strings.Cut(p, "-"); ok {
		p = m
	}
	n, err := strconv.Atoi(p)
	if err != nil || n < 1 || n > 12 {
		return 0
	}
	return n
}

// List returns vouchers of a book without their lines: those that wait, the
// oldest first; then the posted ones by month and number, the latest first.
func List(ctx context.Context, tx *sqldb.Tx, g auth.Grant, book string, q Query) ([]Voucher, error) {
	text, args := selectVouchers+` AND v.book_id = $3`, []any{g.Tenant(), g.Under(), book}
	add := func(cond string, v any) {
		args = append(args, v)
		text += fmt.Sprintf(cond, len(args))
	}
	if m := q.month(); m > 0 {
		add(` AND v.month = $%d`, int64(m))
	}
	if s := strings.TrimSpace(q.Q); s != "" {
		if n, err := strconv.ParseInt(strings.TrimPrefix(s, "记-"), 10, 64); err == nil {
			add(` AND v.number = $%d`, n)
		} else {
			add(` AND v.summary LIKE $%d ESCAPE '\'`, "%"+strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)+"%")
		}
	}
	if q.State != Posted && q.State != "" {
		add(` AND v.number IS NULL AND v.state = $%d`, string(q.State))
		add(` AND v.id > $%d`, orNone(q.After))
		add(` ORDER BY v.id LIMIT $%d`, int64(q.Limit))
		return sqldb.List(ctx, tx, scanVoucher, text, args...)
	}
	text += ` AND v.number IS NOT NULL`
	if m, n, ok := strings.Cut(q.After, "-"); ok {
		month, _ := strconv.ParseInt(m, 10, 64)
		number, _ := strconv.ParseInt(n, 10, 64)
		add(` AND (v.month, v.number) < ($%d`, month)
		add(`, $%d)`, number)
	}
	add(` ORDER BY v.month DESC, v.number DESC LIMIT $%d`, int64(q.Limit))
	return sqldb.List(ctx, tx, scanVoucher, text, args...)
}

// mark is where a list goes on after v.
func (v Voucher) mark() string {
	if v.Number == 0 {
		return v.ID
	}
	return fmt.Sprintf("%d-%d", v.Month, v.Number)
}

// Waiting counts what waits in a book, by state.
func Waiting(ctx context.Context, tx *sqldb.Tx, g auth.Grant, book string) (map[State]int64, error) {
	out := map[State]int64{}
	type count struct {
		state State
		n     int64
	}
	err := sqldb.Each(ctx, tx, func(row sqldb.Row) (c count, err error) { return c, row(&c.state, &c.n) },
		func(c count) error { out[c.state] = c.n; return nil },
		`SELECT state, count(*) FROM vouchers WHERE tenant_id = $1 AND book_id = $2 AND number IS NULL GROUP BY state`, g.Tenant(), book)
	return out, err
}
