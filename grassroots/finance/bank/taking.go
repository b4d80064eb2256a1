package bank

import (
	"context"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
)

const lineColumns = `tenant_id, id, bank_id, statement_id, sheet_row, day, amount, balance, flow, summary, other, other_no`

var lineSeal = audit.LayoutOf("bank_lines", columnsOf(lineColumns))

const lineFields = `l.id, l.statement_id, l.sheet_row, l.day, l.amount, coalesce(l.balance, 0), CASE WHEN l.balance IS NULL THEN 0 ELSE 1 END, l.flow, l.summary, l.other, l.other_no`

// scanLine reads a line, its counterparty's number masked.
func scanLine(tx *sqldb.Tx, tenant int64) sqldb.Scan[Line] {
	return func(row sqldb.Row) (l Line, err error) {
		var balance, has int64
		var no []byte
		err = row(&l.ID, &l.Statement, &l.Row, &l.Day, &l.Amount, &balance, &has, &l.Flow, &l.Summary, &l.Other, &no)
		if has == 1 {
			l.Balance = (*money.Fen)(&balance)
		}
		if err == nil && len(no) > 0 {
			l.OtherNo, err = tx.Keys().Open(tenant, "bank_lines", "other_no", no)
			l.OtherNo = mask(l.OtherNo)
		}
		return l, err
	}
}

// linesBetween lists the lines of an account from one day to another.
func linesBetween(ctx context.Context, tx *sqldb.Tx, tenant int64, bankID string, from, to day.Day) ([]Line, error) {
	if from == "" {
		return nil, nil
	}
	return sqldb.List(ctx, tx, scanLine(tx, tenant), `SELECT `+lineFields+` FROM bank_lines l WHERE l.tenant_id = $1 AND l.bank_id = $2 AND l.day >= $3 AND l.day <= $4 ORDER BY l.day, l.id`, tenant, bankID, string(from), string(to))
}

// insertLines stores lines under their seals, each open.
func insertLines(ctx context.Context, tx *sqldb.Tx, tenant int64, m audit.Moves, bankID, statement string, lines []Line) error {
	rows, open := make([][]any, len(lines)), make([][]any, len(lines))
	for i, l := range lines {
		id := sqldb.NewID()
		var no any
		if l.OtherNo != "" {
			no = tx.Keys().Seal(tenant, "bank_lines", "other_no", l.OtherNo)
		}
		row := []any{tenant, id, bankID, statement, l.Row, string(l.Day), int64(l.Amount), orNull(l.Balance), l.Flow, l.Summary, l.Other, no}
		mac := lineSeal.Seal(tx.Keys(), row)
		m.Add("bank_lines", mac)
		rows[i], open[i] = append(row, mac), []any{tenant, bankID, id}
	}
	if err := tx.Insert(ctx, "bank_lines", lineColumns+", mac", rows); err != nil {
		return err
	}
	return tx.Insert(ctx, "bank_open", "tenant_id, bank_id, line_id", open)
}

// frozen is the last day that a confirmed reconciliation covers, "" of none.
func frozen(ctx context.Context, tx *sqldb.Tx, tenant int64, bankID string) (day.Day, error) {
	all, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT period FROM bank_tables WHERE tenant_id = $1 AND bank_id = $2 AND state = 'confirmed' ORDER BY period DESC LIMIT 1`, tenant, bankID)
	if err != nil || len(all) == 0 {
		return "", err
	}
	return readPeriod(all[0], "").Last(), nil
}

// Take confirms a statement: what is new of it becomes lines of the account,
// and what can be told without a person is matched at once.
//
// law: S2-42, K8
func Take(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, at day.Instant) (s Statement, matched int, err error) {
	if s, err = FindStatement(ctx, tx, g, id); err != nil {
		return s, 0, err
	}
	if version != 0 && version != s.Version {
		return s, 0, stale("这份对账单")
	}
	if s.State != Judged {
		return s, 0, fault.New(fault.Conflict, "这份对账单现在是“%s”，不能再确认一次。", s.State.Label())
	}
	if err := turn(ctx, tx, g.Tenant(), s.BankID); err != nil {
		return s, 0, err
	}
	a, err := Find(ctx, tx, g, s.BankID)
	if err != nil {
		return s, 0, err
	}
	lines, err := s.waiting(tx, g.Tenant())
	if err != nil {
		return s, 0, err
	}
	there, err := linesBetween(ctx, tx, g.Tenant(), a.ID, s.From, s.To)
	if err != nil {
		return s, 0, err
	}
	fresh, _ := (&Read{Lines: lines}).known(there)
	if len(fresh) == 0 {
		return s, 0, fault.New(fault.Conflict, "这份对账单里没有可以收下的新流水。如果列认错了，请改对应列后重新核对。")
	}
	shut, err := frozen(ctx, tx, g.Tenant(), a.ID)
	if err != nil {
		return s, 0, err
	}
	for _, l := range fresh {
		if l.Day <= shut {
			return s, 0, fault.ByRule(fault.Conflict, "K8", "%s 以前的余额调节表已经确认，不能再收下那以前的流水（%s 有一笔）。请先退回那个月的余额调节表。", shut, l.Day)
		}
	}
	m := audit.Moves{}
	if err := insertLines(ctx, tx, g.Tenant(), m, a.ID, s.ID, fresh); err != nil {
		return s, 0, err
	}
	if err := s.taken(ctx, tx, g, m, a, fresh, at); err != nil {
		return s, 0, err
	}
	if matched, err = pairUp(ctx, tx, g, m, a, at); err != nil {
		return s, 0, err
	}
	if err := m.Write(ctx, tx, g, s.ID, deed{Did: "taken", Account: a.Code, Lines: len(fresh), Matches: matched}, at); err != nil {
		return s, 0, err
	}
	s, err = FindStatement(ctx, tx, g, s.ID)
	return s, matched, err
}

// taken marks the statement; the first one also says what the bank held before
// the account's first day, where nobody has.
func (s Statement) taken(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, a Account, fresh []Line, at day.Instant) error {
	n, err := tx.Exec(ctx, `UPDATE bank_statements SET state = 'confirmed', body = NULL, fresh = $1, confirmer = $2, confirmed = $3, version = version + 1 WHERE tenant_id = $4 AND id = $5 AND version = $6 AND state = 'judged'`,
		int64(len(fresh)), g.Account(), string(at), g.Tenant(), s.ID, s.Version)
	if err != nil {
		return err
	}
	if n == 0 {
		return stale("这份对账单")
	}
	if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "bank_statements", ID: s.ID}); err != nil {
		return err
	}
	first := fresh[0]
	if a.Opening != nil || first.Balance == nil {
		return nil
	}
	if _, err := tx.Exec(ctx, `UPDATE bank_accounts SET opening = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND opening IS NULL`, int64(*first.Balance-first.Amount), g.Tenant(), a.ID); err != nil {
		return err
	}
	return m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "bank_accounts", ID: a.ID})
}

// Undo takes a statement back while no person has matched any of its lines and
// no month of it is confirmed; automatic matches are dissolved with it.
//
// law: S2-42
func Undo(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, at day.Instant) (Statement, error) {
	s, err := FindStatement(ctx, tx, g, id)
	if err != nil {
		return s, err
	}
	if version != 0 && version != s.Version || s.State == Undone {
		return s, stale("这份对账单")
	}
	if err := turn(ctx, tx, g.Tenant(), s.BankID); err != nil {
		return s, err
	}
	m := audit.Moves{}
	if s.State == Taken {
		if err := s.remove(ctx, tx, g, m); err != nil {
			return s, err
		}
	}
	n, err := tx.Exec(ctx, `UPDATE bank_statements SET state = 'undone', body = NULL, version = version + 1 WHERE tenant_id = $1 AND id = $2 AND version = $3 AND state <> 'undone'`, g.Tenant(), s.ID, s.Version)
	if err != nil {
		return s, err
	}
	if n == 0 {
		return s, stale("这份对账单")
	}
	if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "bank_statements", ID: s.ID}); err != nil {
		return s, err
	}
	if err := m.Write(ctx, tx, g, s.ID, deed{Did: "undone", Lines: int(s.Fresh), Words: s.File}, at); err != nil {
		return s, err
	}
	return FindStatement(ctx, tx, g, s.ID)
}

// remove deletes the lines of a statement with their automatic matches.
func (s Statement) remove(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves) error {
	shut, err := frozen(ctx, tx, g.Tenant(), s.BankID)
	if err != nil {
		return err
	}
	if shut >= s.From {
		return fault.ByRule(fault.Conflict, "K8", "这份对账单里有的月份已经确认了余额调节表，不能整体撤销。请先退回那个月的余额调节表。")
	}
	type held struct{ id, how string }
	all, err := sqldb.List(ctx, tx, func(row sqldb.Row) (h held, err error) { return h, row(&h.id, &h.how) }, `
		SELECT DISTINCT x.id, x.how FROM bank_lines l
		JOIN bank_match_lines ml ON ml.tenant_id = l.tenant_id AND ml.line_id = l.id
		JOIN bank_matches x ON x.tenant_id = ml.tenant_id AND x.id = ml.match_id
		WHERE l.tenant_id = $1 AND l.statement_id = $2 ORDER BY x.id`, g.Tenant(), s.ID)
	if err != nil {
		return err
	}
	for _, h := range all {
		if How(h.how) == ByHand {
			return fault.ByRule(fault.Conflict, "K8", "这份对账单里有人工勾对过的流水，不能整体撤销。请先取消那些勾对。")
		}
	}
	for _, h := range all { // few, and each moves its own seal
		if err := dissolve(ctx, tx, g.Tenant(), m, h.id); err != nil {
			return err
		}
	}
	err = sqldb.Each(ctx, tx, func(row sqldb.Row) (b []byte, err error) { return b, row(&b) }, func(mac []byte) error { m.Add("bank_lines", mac); return nil },
		`SELECT mac FROM bank_lines WHERE tenant_id = $1 AND statement_id = $2`, g.Tenant(), s.ID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM bank_open WHERE tenant_id = $1 AND bank_id = $2 AND EXISTS (
		SELECT 1 FROM bank_lines l WHERE l.tenant_id = bank_open.tenant_id AND l.id = bank_open.line_id AND l.statement_id = $3)`, g.Tenant(), s.BankID, s.ID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM bank_lines WHERE tenant_id = $1 AND statement_id = $2`, g.Tenant(), s.ID)
	return err
}
