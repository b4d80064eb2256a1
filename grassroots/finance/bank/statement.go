package bank

import (
	"context"
	"encoding/json"
	"fmt"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
)

// State is where a statement stands.
type State string

const (
	Judged State = "judged"    // 待确认
	Taken  State = "confirmed" // 已收下
	Undone State = "undone"    // 已撤销
)

func (s State) Label() string {
	return map[State]string{Judged: "待确认", Taken: "已收下", Undone: "已撤销"}[s]
}

func (s State) Tone() ui.Kind {
	return map[State]ui.Kind{Judged: ui.Warn, Taken: ui.OK, Undone: ui.Mute}[s]
}

// Statement is a bank's statement that was taken in (对账单).
type Statement struct {
	ID        string            `json:"id"`
	BankID    string            `json:"bank"`
	Account   string            `json:"account_name"`
	Union     string            `json:"union"`
	File      string            `json:"file"`
	Hash      string            `json:"hash"`
	State     State             `json:"state"`
	From      day.Day           `json:"from,omitempty"`
	To        day.Day           `json:"to,omitempty"`
	Rows      int64             `json:"rows"`
	Fresh     int64             `json:"new"`
	Known     int64             `json:"known"`
	Refused   int64             `json:"refused"`
	Warned    int64             `json:"warned"`
	Came      money.Fen         `json:"in"`
	Went      money.Fen         `json:"out"`
	Opening   *money.Fen        `json:"opening,omitempty"`
	Closing   *money.Fen        `json:"closing,omitempty"`
	Layout    map[string]string `json:"columns"`
	Problems  []Problem         `json:"problems"`
	Maker     string            `json:"maker"`
	Made      day.Instant       `json:"made"`
	Confirmer string            `json:"confirmer,omitempty"`
	Confirmed day.Instant       `json:"confirmed,omitempty"`
	Version   int64             `json:"version"`
	shape     shape
	body      []byte
}

// shape is what the page shows of the columns.
type shape struct {
	Headers []string          `json:"headers"`
	Layout  map[string]string `json:"layout"`
	Sure    map[string]bool   `json:"sure"`
	Samples map[string]string `json:"samples"`
}

// Place is the statement's page.
func (s Statement) Place() string { return Home + "/statements/" + s.ID }

// Revision is what a step must name to be sure that it saw the latest.
func (s Statement) Revision() int64 { return s.Version }

const statementColumns = `s.id, s.bank_id, a.name, u.name, s.file_name, s.file_hash, s.state, s.from_day, s.to_day, s.counted, s.fresh, s.known, s.refused, s.warned, s.came, s.went,
	coalesce(s.opening, 0), CASE WHEN s.opening IS NULL THEN 0 ELSE 1 END, coalesce(s.closing, 0), CASE WHEN s.closing IS NULL THEN 0 ELSE 1 END,
	s.layout, s.problems, s.body, s.maker, s.made, s.confirmer, s.confirmed, s.version`

const fromStatements = `
	FROM bank_statements s
	JOIN bank_accounts a ON a.tenant_id = s.tenant_id AND a.id = s.bank_id
	JOIN unions u ON u.tenant_id = a.tenant_id AND u.id = a.union_id
	WHERE s.tenant_id = $1 AND EXISTS (
		SELECT 1 FROM union_reach r WHERE r.tenant_id = a.tenant_id AND r.above_id = $2 AND r.union_id = a.union_id)`

func scanStatement(row sqldb.Row) (s Statement, err error) {
	var opening, hasOpening, closing, hasClosing int64
	var layout, problems string
	err = row(&s.ID, &s.BankID, &s.Account, &s.Union, &s.File, &s.Hash, &s.State, &s.From, &s.To, &s.Rows, &s.Fresh, &s.Known, &s.Refused, &s.Warned, &s.Came, &s.Went,
		&opening, &hasOpening, &closing, &hasClosing, &layout, &problems, &s.body, &s.Maker, &s.Made, &s.Confirmer, &s.Confirmed, &s.Version)
	if hasOpening == 1 {
		s.Opening = (*money.Fen)(&opening)
	}
	if hasClosing == 1 {
		s.Closing = (*money.Fen)(&closing)
	}
	s.Problems = []Problem{}
	if err == nil && layout != "" {
		err = json.Unmarshal([]byte(layout), &s.shape)
		s.Layout = s.shape.Layout
	}
	if err == nil && problems != "" {
		err = json.Unmarshal([]byte(problems), &s.Problems)
	}
	return s, err
}

// FindStatement returns a statement within g's reach, or fault.NotFound.
func FindStatement(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Statement, error) {
	return sqldb.One(ctx, tx, scanStatement, `SELECT `+statementColumns+fromStatements+` AND s.id = $3`, g.Tenant(), g.Under(), id)
}

// Statements lists what was taken in for an account, or anywhere within reach,
// the latest first.
func Statements(ctx context.Context, tx *sqldb.Tx, g auth.Grant, bankID, after string, limit int) ([]Statement, error) {
	if after == "" {
		after = "~"
	}
	text, args := `SELECT `+statementColumns+fromStatements+` AND s.id < $3`, []any{g.Tenant(), g.Under(), after}
	if bankID != "" {
		text += ` AND s.bank_id = $4`
		args = append(args, bankID)
	}
	args = append(args, int64(limit))
	return sqldb.List(ctx, tx, scanStatement, text+fmt.Sprintf(` ORDER BY s.id DESC LIMIT $%d`, len(args)), args...)
}

// Begin takes in what was read of a file for an account, to be confirmed. The
// same bytes again lead to the statement that is there; again reports that.
//
// law: S2-42, K8
func Begin(ctx context.Context, tx *sqldb.Tx, g auth.Grant, bankID, file, hash string, r Read, at day.Instant) (s Statement, again bool, err error) {
	a, err := Find(ctx, tx, g, bankID)
	if err != nil {
		return s, false, err
	}
	if a.Kind != Bank || a.Ended != "" {
		return s, false, fault.New(fault.Conflict, "“%s”不是在用的银行账户，不能导入对账单。", a.Name)
	}
	if err := turn(ctx, tx, g.Tenant(), a.ID); err != nil {
		return s, false, err
	}
	was, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT id FROM bank_statements WHERE tenant_id = $1 AND bank_id = $2 AND file_hash = $3 AND state <> 'undone'`, g.Tenant(), a.ID, hash)
	if err != nil {
		return s, false, err
	}
	if len(was) > 0 {
		s, err = FindStatement(ctx, tx, g, was[0])
		return s, true, err
	}
	s = Statement{ID: sqldb.NewID(), BankID: a.ID, File: file, Hash: hash, State: Judged, Maker: g.Account(), Made: at, Version: 1}
	if err := s.judge(ctx, tx, g.Tenant(), a, r); err != nil {
		return s, false, err
	}
	v, err := s.values(tx, g.Tenant())
	if err != nil {
		return s, false, err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO bank_statements (from_day, to_day, counted, fresh, known, refused, warned, came, went, opening, closing, layout, problems, body, tenant_id, id, bank_id, file_name, file_hash, state, maker, made, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, 1)`,
		append(v, g.Tenant(), s.ID, s.BankID, s.File, s.Hash, string(s.State), s.Maker, string(s.Made))...)
	if err != nil {
		return s, false, err
	}
	err = audit.Write(ctx, tx, g, s.ID, deed{Did: "read", Account: a.Code, Lines: int(s.Fresh), Words: file}, at, audit.Touched{Table: "bank_statements", ID: s.ID})
	if err != nil {
		return s, false, err
	}
	s, err = FindStatement(ctx, tx, g, s.ID)
	return s, false, err
}

// judge counts what of a file is new, and keeps its lines, sealed.
func (s *Statement) judge(ctx context.Context, tx *sqldb.Tx, tenant int64, a Account, r Read) error {
	s.shape = shape{r.Headers, r.Layout, r.Sure, r.Samples}
	s.Rows, s.Refused, s.Problems, s.Opening, s.Closing = r.Rows, r.Refused, r.Problems, r.Opening, r.Closing
	early := 0
	kept := r.Lines[:0:0]
	for _, l := range r.Lines {
		if l.Day < a.Since {
			early++
			continue
		}
		kept = append(kept, l)
	}
	if r.Lines = kept; early > 0 {
		s.Refused += int64(early)
		s.Problems = append(s.Problems, Problem{Severity: Refuse, Code: "line.early", Rule: "K8", Message: fmt.Sprintf("有 %d 笔在对账起始日 %s 之前，没有收下。", early, a.Since)})
	}
	s.From, s.To = "", ""
	for _, l := range r.Lines {
		if s.From == "" || l.Day < s.From {
			s.From = l.Day
		}
		s.To = max(s.To, l.Day)
	}
	there, err := linesBetween(ctx, tx, tenant, a.ID, s.From, s.To)
	if err != nil {
		return err
	}
	fresh, known := r.known(there)
	s.Fresh, s.Known, s.Came, s.Went = int64(len(fresh)), int64(len(known)), 0, 0
	for _, l := range fresh {
		if l.Amount > 0 {
			s.Came += l.Amount
		} else {
			s.Went -= l.Amount
		}
	}
	for _, l := range known[:min(len(known), 200)] {
		s.Problems = append(s.Problems, Problem{Row: l.Row, Severity: Warn, Code: "line.known", Rule: "K8", Message: "这一笔以前已经导入，不重复收下。"})
	}
	s.Warned = 0
	for _, p := range s.Problems {
		if p.Severity == Warn {
			s.Warned++
		}
	}
	body, err := json.Marshal(r.Lines)
	s.body = tx.Keys().SealBlob(tenant, "bank_statements", "body", body)
	return err
}

// values are the columns that judging fills, in the order of Begin and Remap.
func (s Statement) values(*sqldb.Tx, int64) ([]any, error) {
	layout, err := json.Marshal(s.shape)
	if err != nil {
		return nil, err
	}
	problems, err := json.Marshal(s.Problems)
	return []any{string(s.From), string(s.To), s.Rows, s.Fresh, s.Known, s.Refused, s.Warned, int64(s.Came), int64(s.Went), orNull(s.Opening), orNull(s.Closing), string(layout), string(problems), s.body}, err
}

// waiting are the lines of a statement that nobody has confirmed yet.
func (s Statement) waiting(tx *sqldb.Tx, tenant int64) (out []Line, err error) {
	if len(s.body) == 0 {
		return nil, nil
	}
	body, err := tx.Keys().OpenBlob(tenant, "bank_statements", "body", s.body)
	if err == nil {
		err = json.Unmarshal(body, &out)
	}
	return out, err
}

// Remap judges a file anew by the columns that a person chose, and remembers
// them for the account.
func Remap(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, layout map[string]string, r Read, at day.Instant) (Statement, error) {
	s, err := FindStatement(ctx, tx, g, id)
	if err != nil {
		return s, err
	}
	if s.State != Judged {
		return s, fault.New(fault.Conflict, "这份对账单现在是“%s”，不能再改对应列。", s.State.Label())
	}
	a, err := Find(ctx, tx, g, s.BankID)
	if err != nil {
		return s, err
	}
	if err := turn(ctx, tx, g.Tenant(), a.ID); err != nil {
		return s, err
	}
	if err := s.judge(ctx, tx, g.Tenant(), a, r); err != nil {
		return s, err
	}
	v, err := s.values(tx, g.Tenant())
	if err != nil {
		return s, err
	}
	n, err := tx.Exec(ctx, `
		UPDATE bank_statements SET from_day = $1, to_day = $2, counted = $3, fresh = $4, known = $5, refused = $6, warned = $7, came = $8, went = $9, opening = $10, closing = $11,
			layout = $12, problems = $13, body = $14, version = version + 1
		WHERE tenant_id = $15 AND id = $16 AND version = $17 AND state = 'judged'`, append(v, g.Tenant(), s.ID, s.Version)...)
	if err != nil {
		return s, err
	}
	if n == 0 {
		return s, stale("这份对账单")
	}
	all := map[string]string{}
	for h, f := range a.layout {
		all[h] = f
	}
	for h, f := range layout {
		all[h] = f
	}
	text, err := json.Marshal(all)
	if err != nil {
		return s, err
	}
	if _, err := tx.Exec(ctx, `UPDATE bank_accounts SET layout = $1 WHERE tenant_id = $2 AND id = $3`, string(text), g.Tenant(), a.ID); err != nil {
		return s, err
	}
	err = audit.Write(ctx, tx, g, s.ID, deed{Did: "remapped", Lines: int(s.Fresh)}, at, audit.Touched{Table: "bank_statements", ID: s.ID}, audit.Touched{Table: "bank_accounts", ID: a.ID})
	if err != nil {
		return s, err
	}
	return FindStatement(ctx, tx, g, s.ID)
}
