package bank

import (
	"context"
	"fmt"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

// Agreed says what is lacking before bank and cash of a book agree at the end
// of a month: a confirmed reconciliation that still tells what the books say,
// and a watched count of cash without a difference. A union that registered
// no account lacks nothing here; see Hints.
//
// law: F3.16, K8
func Agreed(ctx context.Context, tx *sqldb.Tx, g auth.Grant, book ledger.Book, month int) (lacking []string, err error) {
	p := Period{book.Year, month}
	all, err := Accounts(ctx, tx, g, book.Union.ID, "")
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		if a.Since > p.Last() || a.Ended != "" && a.Ended < p.First() {
			continue
		}
		what := ""
		if a.Kind == Bank {
			what, err = bankAgrees(ctx, tx, g, a, p)
		} else {
			what, err = cashAgrees(ctx, tx, g, a, p)
		}
		if err != nil {
			return nil, err
		}
		if what != "" {
			lacking = append(lacking, what)
		}
	}
	return lacking, nil
}

// Hints says what a book should have and has not: nobody is held up by it.
func Hints(ctx context.Context, tx *sqldb.Tx, g auth.Grant, book ledger.Book) (out []string, err error) {
	all, err := Accounts(ctx, tx, g, book.Union.ID, "")
	if err == nil && len(all) == 0 {
		out = []string{"还没有登记银行账户和库存现金，系统不能核对银行存款和现金是否相符。"}
	}
	return out, err
}

func bankAgrees(ctx context.Context, tx *sqldb.Tx, g auth.Grant, a Account, p Period) (string, error) {
	t, is, err := TableOf(ctx, tx, g, a.ID, p)
	if err != nil {
		return "", err
	}
	switch {
	case !is || t.State == Returned:
		return fmt.Sprintf("%s（%s）：%s的余额调节表还没有编制", a.Name, a.Code, p.Label()), nil
	case t.State != Confirmed:
		return fmt.Sprintf("%s（%s）：%s的余额调节表还没有确认", a.Name, a.Code, p.Label()), nil
	}
	book, err := bookBalance(ctx, tx, g.Tenant(), a, p.Last())
	if err == nil && book != t.Sheet.Book {
		return fmt.Sprintf("%s（%s）：%s的余额调节表确认以后，账面余额又由 %s 变为 %s，要退回重编", a.Name, a.Code, p.Label(), t.Sheet.Book.Grouped(), book.Grouped()), nil
	}
	return "", err
}

func cashAgrees(ctx context.Context, tx *sqldb.Tx, g auth.Grant, a Account, p Period) (string, error) {
	last, err := sqldb.List(ctx, tx, scanCount, selectCounts+` AND c.bank_id = $3 AND c.state = 'watched' AND c.day >= $4 AND c.day <= $5 ORDER BY c.day DESC, c.id DESC LIMIT 1`,
		g.Tenant(), g.Under(), a.ID, string(p.First()), string(p.Last()))
	if err != nil {
		return "", err
	}
	book, err := bookBalance(ctx, tx, g.Tenant(), a, p.Last())
	if err != nil {
		return "", err
	}
	if len(last) == 0 {
		j, err := JournalOf(ctx, tx, g, a, p)
		if err != nil || book == 0 && len(j.Entries) == 0 {
			return "", err // an empty box that nothing moved
		}
		return fmt.Sprintf("%s（%s）：%s没有经监盘的现金盘点", a.Name, a.Code, p.Label()), nil
	}
	then, err := bookBalance(ctx, tx, g.Tenant(), a, last[0].Day)
	if err == nil && last[0].Counted != then {
		return fmt.Sprintf("%s（%s）：%s 盘点 %s，账面 %s，差额还没有处理", a.Name, a.Code, last[0].Day, last[0].Counted.Grouped(), then.Grouped()), nil
	}
	return "", err
}

// Waits is what waits at an account.
type Waits struct {
	Account Account
	Lines   int64  // statements' lines that no voucher answers
	Table   string // the month whose reconciliation waits to be confirmed
	Due     string // the last month, where it has none that is confirmed
	Count   string // a count of cash that waits for its witness
}

// Waiting lists, within g's reach, the accounts at which something waits, at
// most limit of them.
//
// law: K8
func Waiting(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day, limit int) ([]Waits, error) {
	last := periodOf(today).add(-1)
	return sqldb.List(ctx, tx, func(row sqldb.Row) (w Waits, err error) {
		a := &w.Account
		var done int64
		err = row(&a.ID, &a.Union.ID, &a.Union.Code, &a.Union.Name, &a.Kind, &a.Name, &a.Code, &a.Since, &w.Lines, &w.Table, &w.Count, &done)
		if done == 0 && a.Kind == Bank && a.Since <= last.Last() {
			w.Due = last.String()
		}
		return w, err
	}, `
		SELECT w.id, w.union_id, w.code, w.name, w.kind, w.title, w.account, w.since, w.lines, w.made, w.counts, w.done FROM (
			SELECT a.id, a.union_id, u.code, u.name, a.kind, a.name AS title, a.account, a.since,
				(SELECT count(*) FROM bank_open o WHERE o.tenant_id = a.tenant_id AND o.bank_id = a.id) AS lines,
				(SELECT max(t.period) FROM bank_tables t WHERE t.tenant_id = a.tenant_id AND t.bank_id = a.id AND t.state = 'made') AS made,
				(SELECT max(c.id) FROM cash_counts c WHERE c.tenant_id = a.tenant_id AND c.bank_id = a.id AND c.state = 'counted') AS counts,
				(SELECT count(*) FROM bank_tables d WHERE d.tenant_id = a.tenant_id AND d.bank_id = a.id AND d.period = $3 AND d.state = 'confirmed') AS done
			FROM bank_accounts a
			JOIN unions u ON u.tenant_id = a.tenant_id AND u.id = a.union_id
			WHERE a.tenant_id = $1 AND a.ended IS NULL AND EXISTS (
				SELECT 1 FROM union_reach r WHERE r.tenant_id = a.tenant_id AND r.above_id = $2 AND r.union_id = a.union_id)) w
		WHERE w.lines > 0 OR w.made IS NOT NULL OR w.counts IS NOT NULL OR w.kind = 'bank' AND w.done = 0 AND w.since <= $4
		ORDER BY w.id LIMIT $5`, g.Tenant(), g.Under(), last.String(), string(last.Last()), int64(limit))
}

// Verify proves that matches are what was sealed: every one adds up, no line
// and no entry is in two, and open lines are those that no match holds.
//
// law: K8, S4
func Verify(ctx context.Context, tx *sqldb.Tx, tenant int64) (out []audit.Finding, err error) {
	find := func(where, what string) {
		if len(out) < 100 {
			out = append(out, audit.Finding{Where: where, What: what})
		}
	}
	type match struct {
		x       Matched
		l, e    int64
		ll, ee  int64
		lineSum int64
		itemSum int64
	}
	err = sqldb.Each(ctx, tx, func(row sqldb.Row) (m match, err error) {
		m.x, err = scanMatch(func(dest ...any) error { return row(append(dest, &m.l, &m.lineSum, &m.e, &m.itemSum)...) })
		return m, err
	}, func(m match) error {
		if m.lineSum != m.itemSum {
			find("bank_matches "+m.x.ID, "这条勾对两边的合计不相等")
		}
		if m.l != int64(len(m.x.of.Lines)) || m.e != int64(len(m.x.of.Entries)) {
			find("bank_matches "+m.x.ID, "这条勾对的内容在程序之外被改动过")
		}
		return nil
	}, `
		SELECT x.id, x.bank_id, x.how, x.first_day, x.last_day, x.members, x.words, x.made,
			(SELECT count(*) FROM bank_match_lines ml WHERE ml.tenant_id = x.tenant_id AND ml.match_id = x.id),
			(SELECT cast(coalesce(sum(l.amount), 0) as bigint) FROM bank_match_lines ml JOIN bank_lines l ON l.tenant_id = ml.tenant_id AND l.id = ml.line_id WHERE ml.tenant_id = x.tenant_id AND ml.match_id = x.id),
			(SELECT count(*) FROM bank_match_entries me WHERE me.tenant_id = x.tenant_id AND me.match_id = x.id),
			(SELECT cast(coalesce(sum(e.debit - e.credit), 0) as bigint) FROM bank_match_entries me JOIN entries e ON e.tenant_id = me.tenant_id AND e.voucher_id = me.voucher_id AND e.line = me.line WHERE me.tenant_id = x.tenant_id AND me.match_id = x.id) +
			(SELECT cast(coalesce(sum(i.amount), 0) as bigint) FROM bank_match_entries me JOIN bank_items i ON i.tenant_id = me.tenant_id AND i.id = me.voucher_id WHERE me.tenant_id = x.tenant_id AND me.match_id = x.id)
		FROM bank_matches x WHERE x.tenant_id = $1 ORDER BY x.id`, tenant)
	if err != nil {
		return out, err
	}
	return out, sqldb.Each(ctx, tx, sqldb.Text, func(id string) error {
		find("bank_lines "+id, "这笔流水既不在勾对里、也不在未勾对里，或者两边都在")
		return nil
	}, `
		SELECT l.id FROM bank_lines l
		LEFT JOIN bank_open o ON o.tenant_id = l.tenant_id AND o.bank_id = l.bank_id AND o.line_id = l.id
		LEFT JOIN bank_match_lines ml ON ml.tenant_id = l.tenant_id AND ml.line_id = l.id
		WHERE l.tenant_id = $1 AND (o.line_id IS NULL AND ml.line_id IS NULL OR o.line_id IS NOT NULL AND ml.line_id IS NOT NULL) ORDER BY l.id LIMIT 100`, tenant)
}
