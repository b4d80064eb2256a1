package ledger

import (
	"context"
	"fmt"

	"unionhall/kit/audit"
	"unionhall/kit/sqldb"
)

// Verify proves the books of a tenant: every posted voucher balances and is
// what was sealed, numbers have no gap, and the balances are what the entries
// add up to. It streams entries in the order of their vouchers.
//
// law: K1, K2, F3.19, S04, S2-35, S2-45
func Verify(ctx context.Context, tx *sqldb.Tx, tenant int64) ([]audit.Finding, error) {
	return proven(ctx, tx, scope{args: []any{tenant}})
}

// VerifyBook proves one book.
//
// law: K1, K2, F3.19
func VerifyBook(ctx context.Context, tx *sqldb.Tx, tenant int64, book string) ([]audit.Finding, error) {
	return proven(ctx, tx, scope{book: true, args: []any{tenant, book}})
}

// scope is what is proven: a tenant's books, or one.
type scope struct {
	book bool
	args []any
}

// of narrows a query to the book.
func (s scope) of(alias string) string {
	if s.book {
		return " AND " + alias + "book_id = $2"
	}
	return ""
}

func proven(ctx context.Context, tx *sqldb.Tx, s scope) (out []audit.Finding, err error) {
	find := func(where, what string, args ...any) {
		if len(out) < 100 {
			out = append(out, audit.Finding{Where: where, What: fmt.Sprintf(what, args...)})
		}
	}
	if err := lines(ctx, tx, s, find); err != nil {
		return out, err
	}
	if err := numbers(ctx, tx, s, find); err != nil {
		return out, err
	}
	if err := locked(ctx, tx, s, find); err != nil {
		return out, err
	}
	return out, derived(ctx, tx, s, find)
}

// lines proves that what was posted is what was sealed.
func lines(ctx context.Context, tx *sqldb.Tx, s scope, find func(string, string, ...any)) error {
	v, want := Voucher{}, ""
	done := func() error {
		if v.ID == "" {
			return nil
		}
		sum := v.Total
		for _, l := range v.Lines {
			sum -= l.Debit
		}
		var balance int64
		for _, l := range v.Lines {
			balance += int64(l.Debit - l.Credit)
		}
		if err := v.pack(); err != nil {
			return err
		}
		if v.digest != want || sum != 0 {
			find("vouchers "+v.ID, "这张凭证的分录在程序之外被改动过")
		}
		if balance != 0 || len(v.Lines) < 2 {
			find("vouchers "+v.ID, "这张凭证借贷不平")
		}
		return nil
	}
	type row struct {
		id, digest string
		v          Voucher
	}
	err := sqldb.Each(ctx, tx, func(scan sqldb.Row) (r row, err error) {
		line, err := scanLine(func(dest ...any) error { return scan(append([]any{&r.id, &r.digest, &r.v.Total}, dest...)...) })
		if line.Account != "" {
			r.v.Lines = append(r.v.Lines, line)
		}
		return r, err
	}, func(r row) error {
		if r.id != v.ID {
			if err := done(); err != nil {
				return err
			}
			v, want = Voucher{ID: r.id, Total: r.v.Total}, r.digest
		}
		v.Lines = append(v.Lines, r.v.Lines...)
		return nil
	}, `
		SELECT v.id, v.digest, v.total, e.account, e.debit, e.credit, e.source, e.project, e.party, e.dept, e.econ, e.func, e.summary
		FROM vouchers v LEFT JOIN entries e ON e.tenant_id = v.tenant_id AND e.voucher_id = v.id
		WHERE v.tenant_id = $1 AND v.number IS NOT NULL`+s.of("v.")+` ORDER BY v.id, e.line`, s.args...)
	if err != nil {
		return err
	}
	return done()
}

// numbers proves that every month's vouchers are numbered from 1 without a gap
// and that the month knows the last.
func numbers(ctx context.Context, tx *sqldb.Tx, s scope, find func(string, string, ...any)) error {
	type month struct {
		book            string
		month           int64
		last, n, lo, hi int64
	}
	return sqldb.Each(ctx, tx, func(row sqldb.Row) (m month, err error) {
		return m, row(&m.book, &m.month, &m.last, &m.n, &m.lo, &m.hi)
	}, func(m month) error {
		if m.n != m.last || m.n > 0 && (m.lo != 1 || m.hi != m.last) {
			find(fmt.Sprintf("books %s %d", m.book, m.month), "凭证号不连续：共 %d 张，编号从 %d 到 %d，应当到 %d", m.n, m.lo, m.hi, m.last)
		}
		return nil
	}, `
		SELECT m.book_id, m.month, m.last, count(v.number), coalesce(min(v.number), 0), coalesce(max(v.number), 0)
		FROM book_months m
		LEFT JOIN vouchers v ON v.tenant_id = m.tenant_id AND v.book_id = m.book_id AND v.month = m.month AND v.number IS NOT NULL
		WHERE m.tenant_id = $1`+s.of("m.")+` GROUP BY m.book_id, m.month, m.last ORDER BY m.book_id, m.month`, s.args...)
}

// derived proves that the balances are the sums of the entries.
func derived(ctx context.Context, tx *sqldb.Tx, s scope, find func(string, string, ...any)) error {
	return sqldb.Each(ctx, tx, func(row sqldb.Row) (v [3]string, err error) {
		var month int64
		err = row(&v[0], &month, &v[1])
		v[2] = fmt.Sprint(month)
		return v, err
	}, func(v [3]string) error {
		find("balances "+v[0]+" "+v[2]+" "+v[1], "科目余额与分录对不上")
		return nil
	}, `
		SELECT x.book_id, x.month, x.account FROM (
			SELECT book_id, month, account, source, project, debit, credit, carry_debit, carry_credit FROM balances WHERE tenant_id = $1`+s.of("")+`
			UNION ALL
			SELECT book_id, month, account, source, project,
				-cast(sum(CASE WHEN carry THEN 0 ELSE debit END) as bigint), -cast(sum(CASE WHEN carry THEN 0 ELSE credit END) as bigint),
				-cast(sum(CASE WHEN carry THEN debit ELSE 0 END) as bigint), -cast(sum(CASE WHEN carry THEN credit ELSE 0 END) as bigint)
			FROM entries WHERE tenant_id = $1`+s.of("")+` GROUP BY book_id, month, account, source, project
		) x
		GROUP BY x.book_id, x.month, x.account, x.source, x.project
		HAVING sum(x.debit) <> 0 OR sum(x.credit) <> 0 OR sum(x.carry_debit) <> 0 OR sum(x.carry_credit) <> 0
		ORDER BY x.book_id, x.month, x.account LIMIT 100`, s.args...)
}
