package bank

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
)

// Table is a reconciliation that was drawn up.
type Table struct {
	ID        string      `json:"id"`
	BankID    string      `json:"bank"`
	State     TableState  `json:"state"`
	Sheet     Sheet       `json:"sheet"`
	Digest    string      `json:"digest"`
	Maker     string      `json:"maker"`
	Made      day.Instant `json:"made"`
	Confirmer string      `json:"confirmer,omitempty"`
	Confirmed day.Instant `json:"confirmed,omitempty"`
	Version   int64       `json:"version"`
}

// Place is its page.
func (t Table) Place() string {
	return Account{ID: t.BankID}.at("reconciliation", t.Sheet.Period)
}

// Revision is what a step must name to be sure that it saw the latest.
func (t Table) Revision() int64 { return t.Version }

const selectTables = `
	SELECT t.id, t.bank_id, t.state, t.content, t.digest, t.maker, t.made, t.confirmer, t.confirmed, t.version
	FROM bank_tables t
	JOIN bank_accounts a ON a.tenant_id = t.tenant_id AND a.id = t.bank_id
	WHERE t.tenant_id = $1 AND EXISTS (
		SELECT 1 FROM union_reach r WHERE r.tenant_id = a.tenant_id AND r.above_id = $2 AND r.union_id = a.union_id)`

func scanTable(row sqldb.Row) (t Table, err error) {
	var content string
	if err = row(&t.ID, &t.BankID, &t.State, &content, &t.Digest, &t.Maker, &t.Made, &t.Confirmer, &t.Confirmed, &t.Version); err == nil {
		err = json.Unmarshal([]byte(content), &t.Sheet)
	}
	return t, err
}

// FindTable returns a reconciliation within g's reach, or fault.NotFound.
func FindTable(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Table, error) {
	return sqldb.One(ctx, tx, scanTable, selectTables+` AND t.id = $3`, g.Tenant(), g.Under(), id)
}

// TableOf returns the reconciliation of an account's month; ok is false where
// none was drawn up.
func TableOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, bankID string, p Period) (t Table, ok bool, err error) {
	all, err := sqldb.List(ctx, tx, scanTable, selectTables+` AND t.bank_id = $3 AND t.period = $4`, g.Tenant(), g.Under(), bankID, p.String())
	if err != nil || len(all) == 0 {
		return t, false, err
	}
	return all[0], true, nil
}

// ConfirmedOf lists the reconciliations of a union's year that were confirmed, by
// account and month.
//
// law: K8, F3.27
func ConfirmedOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string, year int) ([]Table, error) {
	return sqldb.List(ctx, tx, scanTable, selectTables+` AND a.union_id = $3 AND t.state = 'confirmed' AND t.period >= $4 AND t.period <= $5 ORDER BY t.bank_id, t.period`,
		g.Tenant(), g.Under(), union, fmt.Sprintf("%04d-01", year), fmt.Sprintf("%04d-12", year))
}

// Draw draws up the reconciliation of an account's month and freezes it for
// another person to confirm. One that does not agree is refused with the
// difference.
//
// law: K8, F3.16, S2-42
func Draw(ctx context.Context, tx *sqldb.Tx, g auth.Grant, bankID, period string, at day.Instant) (t Table, err error) {
	a, err := Find(ctx, tx, g, bankID)
	if err != nil {
		return t, err
	}
	p := readPeriod(period, "")
	switch {
	case p.Year == 0:
		return t, &fault.Error{Kind: fault.Invalid, Rule: "K8", Text: "请选择月份。", Fields: map[string]string{"period": "月份：请按 2026-03 的样子填写"}}
	case p.Last() > at.Day():
		return t, fault.ByRule(fault.Conflict, "K8", "%s还没有过完，月末以后再编制余额调节表。", p.Label())
	}
	if err := turn(ctx, tx, g.Tenant(), a.ID); err != nil {
		return t, err
	}
	was, is, err := TableOf(ctx, tx, g, a.ID, p)
	if err != nil {
		return t, err
	}
	if is && was.State == Confirmed {
		return was, fault.ByRule(fault.Conflict, "K8", "%s的余额调节表已经确认，要重编请先退回。", p.Label())
	}
	s, err := SheetOf(ctx, tx, g.Tenant(), a, p)
	if err != nil {
		return t, err
	}
	if len(s.Lacking) > 0 {
		return t, fault.ByRule(fault.Conflict, "K8", "%s的余额调节表还不能编制：%s", p.Label(), s.Lacking[0])
	}
	t = Table{ID: sqldb.NewID(), BankID: a.ID, State: Made, Sheet: s, Maker: g.Account(), Made: at, Version: 1}
	if is {
		t.ID, t.Version = was.ID, was.Version+1
	}
	content, err := json.Marshal(s)
	if err != nil {
		return t, err
	}
	sum := sha256.Sum256(content)
	t.Digest = hex.EncodeToString(sum[:])
	if is {
		_, err = tx.Exec(ctx, `UPDATE bank_tables SET state = 'made', bank = $1, book = $2, adjusted = $3, content = $4, digest = $5, maker = $6, made = $7, confirmer = NULL, confirmed = NULL, version = version + 1 WHERE tenant_id = $8 AND id = $9 AND version = $10`,
			int64(s.Bank), int64(s.Book), int64(s.BankAdjusted), string(content), t.Digest, t.Maker, string(at), g.Tenant(), t.ID, was.Version)
	} else {
		_, err = tx.Exec(ctx, `INSERT INTO bank_tables (tenant_id, id, bank_id, period, state, bank, book, adjusted, content, digest, maker, made, version) VALUES ($1, $2, $3, $4, 'made', $5, $6, $7, $8, $9, $10, $11, 1)`,
			g.Tenant(), t.ID, a.ID, p.String(), int64(s.Bank), int64(s.Book), int64(s.BankAdjusted), string(content), t.Digest, t.Maker, string(at))
	}
	if err != nil {
		return t, err
	}
	m := audit.Moves{}
	if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "bank_tables", ID: t.ID}); err != nil {
		return t, err
	}
	from := TableState("")
	if is {
		from = was.State
	}
	if err := TableFlow.Trace(ctx, tx, g, m, t.ID, from, Made, flow.Given{}, at); err != nil {
		return t, err
	}
	return t, m.Write(ctx, tx, g, t.ID, deed{Did: "drawn up", Account: a.Code, Period: p.String(), Amount: s.BankAdjusted.String()}, at)
}

// Advance takes the step that g's action names on a reconciliation, in the
// version that was read.
//
// law: K8, F3.16, F3.17
func Advance(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, given flow.Given, at day.Instant) (Table, error) {
	t, err := FindTable(ctx, tx, g, id)
	if err != nil {
		return t, err
	}
	if version != 0 && version != t.Version {
		return t, fault.New(fault.Conflict, "这张余额调节表刚刚已由他人办过，现在是“%s”，请刷新后再看。", t.State.Label())
	}
	a, err := Find(ctx, tx, g, t.BankID)
	if err != nil {
		return t, err
	}
	if err := turn(ctx, tx, g.Tenant(), a.ID); err != nil {
		return t, err
	}
	m := audit.Moves{}
	step, err := TableFlow.Advance(ctx, tx, g, m, t.ID, t.State, "", given, at)
	if err != nil {
		return t, err
	}
	if step.To == Confirmed {
		err = t.unchanged(ctx, tx, g.Tenant(), a)
	} else if t.State == Confirmed {
		err = t.mayGoBack(ctx, tx, g, a)
	}
	if err != nil {
		return t, err
	}
	confirmer, confirmed := "", ""
	if step.To == Confirmed {
		confirmer, confirmed = g.Account(), string(at)
	}
	n, err := tx.Exec(ctx, `UPDATE bank_tables SET state = $1, confirmer = $2, confirmed = $3, version = version + 1 WHERE tenant_id = $4 AND id = $5 AND version = $6 AND state = $7`,
		string(step.To), confirmer, confirmed, g.Tenant(), t.ID, t.Version, string(t.State))
	if err != nil {
		return t, err
	}
	if n == 0 {
		return t, fault.New(fault.Conflict, "这张余额调节表刚刚已由他人办过，请刷新后再看。")
	}
	if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "bank_tables", ID: t.ID}); err != nil {
		return t, err
	}
	if err := m.Write(ctx, tx, g, t.ID, deed{Did: string(step.To), Account: a.Code, Period: t.Sheet.Period, Words: given.Words}, at); err != nil {
		return t, err
	}
	return FindTable(ctx, tx, g, t.ID)
}

// unchanged refuses to confirm what is no longer so.
func (t Table) unchanged(ctx context.Context, tx *sqldb.Tx, tenant int64, a Account) error {
	now, err := SheetOf(ctx, tx, tenant, a, readPeriod(t.Sheet.Period, ""))
	if err != nil {
		return err
	}
	if now.Bank != t.Sheet.Bank || now.Book != t.Sheet.Book || now.BankAdjusted != t.Sheet.BankAdjusted || len(now.Items) != len(t.Sheet.Items) {
		return fault.ByRule(fault.Conflict, "K8", "编制以后账面、流水或勾对又有变动，这张表已不是现在的样子。请退回，由会计重编。")
	}
	return nil
}

// mayGoBack refuses to open a month again that a later one, or the closing of
// the books, stands upon.
func (t Table) mayGoBack(ctx context.Context, tx *sqldb.Tx, g auth.Grant, a Account) error {
	p := readPeriod(t.Sheet.Period, "")
	shut, err := frozen(ctx, tx, g.Tenant(), a.ID)
	if err != nil {
		return err
	}
	if shut > p.Last() {
		return fault.ByRule(fault.Conflict, "K8", "后面的月份已经确认了余额调节表（到 %s），请从最后一个月退起。", shut)
	}
	b, err := ledger.BookOf(ctx, tx, g, a.Union.ID, p.Year)
	if err != nil {
		return err
	}
	months, err := ledger.Months(ctx, tx, g.Tenant(), b.ID)
	for _, m := range months {
		if m.Month == p.Month && m.Closed() {
			return fault.ByRule(fault.Conflict, "F3.17", "%s已经结账，余额调节表不能再退回。确有差错请先申请反结账。", p.Label())
		}
	}
	return err
}
