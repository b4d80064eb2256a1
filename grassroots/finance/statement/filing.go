package statement

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// yearEnd is the month under which a year's statements are filed.
const yearEnd = 13

// Filing is the statements of a month or a year as a union submitted them
// (报送).
type Filing struct {
	ID      string       `json:"id"`
	Book    string       `json:"book"`
	Union   registry.Ref `json:"union"`
	Year    int          `json:"year"`
	Month   int          `json:"month"` // 13 is the whole year
	Period  string       `json:"period"`
	State   State        `json:"state"`
	Hash    string       `json:"hash"`
	Account string       `json:"account"`
	At      day.Instant  `json:"at"`
	Version int64        `json:"version"`
	Forms   []Statement  `json:"forms,omitempty"`
	text    string
}

// Place is the filing's page.
func (f Filing) Place() string { return Filings + "/" + f.ID }

// Span is what it is of.
func (f Filing) span() Span {
	if f.Month == yearEnd {
		return Span{Year: f.Year}
	}
	return Span{f.Year, f.Month}
}

// Whole reports whether the frozen forms are those that were submitted.
func (f Filing) Whole() bool { return f.Hash == hashOf(f.text) }

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

const filingColumns = `f.id, f.book_id, f.union_id, u.code, u.name, f.year, f.month, f.state, f.hash, f.account_id, f.at, f.version`

const fromFilings = `
	FROM filings f
	JOIN unions u ON u.tenant_id = f.tenant_id AND u.id = f.union_id
	WHERE f.tenant_id = $1`

func scanFiling(row sqldb.Row) (f Filing, err error) {
	err = row(&f.ID, &f.Book, &f.Union.ID, &f.Union.Code, &f.Union.Name, &f.Year, &f.Month, &f.State, &f.Hash, &f.Account, &f.At, &f.Version)
	f.Period = f.span().Text()
	return f, err
}

// Find returns a filing with its frozen forms, or fault.NotFound.
func Find(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Filing, error) {
	f, err := sqldb.One(ctx, tx, func(row sqldb.Row) (f Filing, err error) {
		var text string
		f, err = scanFiling(func(dest ...any) error { return row(append(dest, &text)...) })
		f.text = text
		return f, err
	}, `SELECT `+filingColumns+`, f.forms`+fromFilings+reached("f", "union_id")+` AND f.id = $3`, g.Tenant(), g.Under(), id)
	if err != nil {
		return f, err
	}
	if err := json.Unmarshal([]byte(f.text), &f.Forms); err != nil {
		return f, fmt.Errorf("forms of filing %s: %w", id, err)
	}
	for i := range f.Forms {
		f.Forms[i].form, _ = books.FormOf(f.Forms[i].Form)
		f.Forms[i].span = f.span()
	}
	return f, nil
}

// Submitted reports whether the statements of a month, or of a later one or
// the year, have been submitted and not returned: the month may not be
// reopened then.
//
// law: F3.17
func Submitted(ctx context.Context, tx *sqldb.Tx, g auth.Grant, bookID string, month int) (bool, error) {
	n, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM filings f WHERE f.tenant_id = $1 AND f.book_id = $2 AND f.month >= $3 AND f.state <> 'returned'`, g.Tenant(), bookID, int64(month))
	return n > 0, err
}

// filed reports whether the statements of just that month are submitted.
func filed(ctx context.Context, tx *sqldb.Tx, tenant int64, book string, month int) (bool, error) {
	n, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM filings f WHERE f.tenant_id = $1 AND f.book_id = $2 AND f.month = $3 AND f.state <> 'returned'`, tenant, book, int64(month))
	return n > 0, err
}

// SubmitForm asks to submit a union's statements of a month or a year.
type SubmitForm struct {
	Union  string `json:"union" doc:"工会"`
	Year   int    `json:"year" doc:"年度"`
	Period string `json:"period" doc:"期间"`
}

// formsOf makes every form that a book's union draws up for a span.
//
// law: F3.28
func formsOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book, s Span) (out []Statement, err error) {
	for _, f := range books.Forms(b.System) {
		if b.Level == "grassroots" && !f.Grassroots || !s.Annual() && !f.Monthly {
			continue
		}
		m, err := Make(ctx, tx, g, f.ID, Ask{Union: b.Union.ID, Span: s}, b.Union)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// Send submits the statements of a closed month, or of a closed year, and
// freezes them. A span that is not closed, breaks an identity or has been
// submitted already is fault.Conflict.
//
// law: F3.16, F3.17, F3.28
func Send(ctx context.Context, tx *sqldb.Tx, g auth.Grant, in SubmitForm, at day.Instant) (Filing, error) {
	s, err := span(in.Year, in.Period, Span{Year: at.Day().Year()})
	if err != nil {
		return Filing{}, err
	}
	b, err := ledger.BookOf(ctx, tx, g, in.Union, s.Year)
	if err != nil {
		return Filing{}, err
	}
	if err := hold(ctx, tx, g.Tenant(), b, s); err != nil {
		return Filing{}, err
	}
	f := Filing{ID: sqldb.NewID(), Book: b.ID, Union: b.Union, Year: s.Year, Month: s.Month, Period: s.Text(), State: Sent, Account: g.Account(), At: at, Version: 1}
	if s.Annual() {
		f.Month = yearEnd
	}
	if f.Forms, err = formsOf(ctx, tx, g, b, s); err != nil {
		return f, err
	}
	for _, m := range f.Forms {
		if err := m.Refuse(); err != nil {
			return f, err
		}
	}
	text, err := json.Marshal(f.Forms)
	if err != nil {
		return f, err
	}
	f.text, f.Hash = string(text), hashOf(string(text))
	_, err = tx.Exec(ctx, `
		INSERT INTO filings (tenant_id, id, book_id, union_id, year, month, state, forms, hash, account_id, at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1)`,
		g.Tenant(), f.ID, f.Book, f.Union.ID, int64(f.Year), int64(f.Month), string(f.State), f.text, f.Hash, f.Account, string(at))
	if fault.Of(err).Kind == fault.Conflict {
		return f, errors.Join(fault.ByRule(fault.Conflict, "F3.17", "%s%s的报表已经报送，请在报送情况里查看。", b.Union.Name, s.Name()), err)
	}
	if err != nil {
		return f, err
	}
	m := audit.Moves{}
	if err := Procedure.Trace(ctx, tx, g, m, f.ID, "", Sent, flow.Given{}, at); err != nil {
		return f, err
	}
	if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "filings", ID: f.ID}); err != nil {
		return f, err
	}
	return f, m.Write(ctx, tx, g, f.ID, deed{"submitted", b.Union.Name, s.Text(), f.Hash, ""}, at)
}

// deed is what the log tells of filings and notes.
type deed struct {
	Did    string `json:"did"`
	Union  string `json:"union,omitempty"`
	Period string `json:"period,omitempty"`
	Hash   string `json:"hash,omitempty"`
	Words  string `json:"words,omitempty"`
}

// hold queues at the months of a span, which must all be closed, and for a
// year at the book: none may be reopened meanwhile.
//
// law: F3.16
func hold(ctx context.Context, tx *sqldb.Tx, tenant int64, b ledger.Book, s Span) error {
	n, err := tx.Exec(ctx, `UPDATE book_months SET last = last WHERE tenant_id = $1 AND book_id = $2 AND month >= 1 AND month <= $3 AND state = 'closed'`, tenant, b.ID, int64(s.To()))
	if err != nil {
		return err
	}
	if int(n) < s.To() || s.Annual() && b.State != ledger.Ended {
		return fault.ByRule(fault.Conflict, "F3.16", "%s%s还没有结账，结账以后才能报送报表。", b.Union.Name, s.Name())
	}
	return nil
}

// StepForm takes a step of a filing.
type StepForm struct {
	flow.Given
	ID      string `json:"id" doc:"编号"`
	Version int64  `json:"version" doc:"版本"`
}

// Take takes the step of g's action on a filing. Who submitted it does not
// receive it; what was moved meanwhile is fault.Conflict.
//
// law: F3.17, F3.23
func Take(ctx context.Context, tx *sqldb.Tx, g auth.Grant, in StepForm, at day.Instant) (Filing, error) {
	f, err := Find(ctx, tx, g, in.ID)
	if err != nil {
		return f, err
	}
	stale := fault.New(fault.Conflict, "这次报送刚刚已由他人办过，请刷新后再看。")
	if in.Version != 0 && in.Version != f.Version {
		return f, stale
	}
	m := audit.Moves{}
	step, err := Procedure.Advance(ctx, tx, g, m, f.ID, f.State, "", in.Given, at)
	if err != nil {
		return f, err
	}
	n, err := tx.Exec(ctx, `UPDATE filings SET state = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND state = $4 AND version = $5`,
		string(step.To), g.Tenant(), f.ID, string(step.From), f.Version)
	if err == nil && n == 0 {
		err = stale
	}
	if err == nil {
		err = m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "filings", ID: f.ID})
	}
	if err != nil {
		return f, err
	}
	f.State, f.Version = step.To, f.Version+1
	return f, m.Write(ctx, tx, g, f.ID, deed{string(step.To), f.Union.Name, f.Period, f.Hash, in.Words}, at)
}

// Standing is how a union stands with its statements of a span.
type Standing struct {
	Union  registry.Ref `json:"union"`
	Book   string       `json:"book"`
	Closed bool         `json:"closed"` // the span is closed, so that it may submit
	Filing *Filing      `json:"filing,omitempty"`
	key    string
}

// StandingQuery narrows the list of who has submitted.
type StandingQuery struct {
	Year   int    `json:"year" doc:"年度"`
	Period string `json:"period" doc:"期间"`
	State  string `json:"state" doc:"报送情况"` // missing, sent, received, returned
	After  string `json:"after" doc:"从哪一行之后"`
	Limit  int    `json:"limit" doc:"条数"`
}

// missing is the state of who has not submitted.
const missing = "missing"

// Standings lists the unions with books of a span within reach, with the
// latest filing of each, by name.
func Standings(ctx context.Context, tx *sqldb.Tx, g auth.Grant, s Span, q StandingQuery) ([]Standing, error) {
	month := s.Month
	if s.Annual() {
		month = yearEnd
	}
	args := []any{g.Tenant(), g.Under(), int64(s.Year), int64(month), int64(s.To())}
	more := ""
	switch q.State {
	case missing:
		more = ` AND (f.id IS NULL OR f.state = 'returned')`
	case string(Sent), string(Received), string(Returned):
		args = append(args, q.State)
		more = ` AND f.state = $6`
	}
	if key, id, ok := cutAfter(q.After); ok {
		args = append(args, key, id)
		more += fmt.Sprintf(` AND (u.name_key, u.id) > ($%d, $%d)`, len(args)-1, len(args))
	}
	args = append(args, int64(q.Limit))
	return sqldb.List(ctx, tx, func(row sqldb.Row) (x Standing, err error) {
		var f Filing
		var ended, state string
		err = row(&x.Union.ID, &x.Union.Code, &x.Union.Name, &x.key, &x.Book, &ended, &state, &f.ID, &f.State, &f.Hash, &f.Account, &f.At, &f.Version)
		x.Closed = state == "closed" && (!s.Annual() || ended == string(ledger.Ended))
		if f.ID != "" {
			f.Book, f.Union, f.Year, f.Month, f.Period = x.Book, x.Union, s.Year, month, s.Text()
			x.Filing = &f
		}
		return x, err
	}, `
		SELECT u.id, u.code, u.name, u.name_key, b.id, b.state, m.state, f.id, f.state, f.hash, f.account_id, f.at, f.version
		FROM books b
		JOIN unions u ON u.tenant_id = b.tenant_id AND u.id = b.union_id
		JOIN book_months m ON m.tenant_id = b.tenant_id AND m.book_id = b.id AND m.month = $5
		LEFT JOIN filings f ON f.tenant_id = b.tenant_id AND f.id = (SELECT max(x.id) FROM filings x WHERE x.tenant_id = b.tenant_id AND x.book_id = b.id AND x.month = $4)
		WHERE b.tenant_id = $1 AND b.year = $3`+reached("b", "union_id")+more+fmt.Sprintf(`
		ORDER BY u.name_key, u.id LIMIT $%d`, len(args)), args...)
}

// Waiting counts the filings that wait to be received within reach, and how
// many closed books have not submitted the span.
func Waiting(ctx context.Context, tx *sqldb.Tx, g auth.Grant, s Span) (sent, unsent int64, err error) {
	sent, err = sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM filings f WHERE f.tenant_id = $1 AND f.state = 'sent'`+reached("f", "union_id"), g.Tenant(), g.Under())
	if err != nil {
		return 0, 0, err
	}
	month := s.Month
	if s.Annual() {
		month = yearEnd
	}
	unsent, err = sqldb.One(ctx, tx, sqldb.Int, `
		SELECT count(*) FROM books b
		WHERE b.tenant_id = $1 AND b.year = $3`+reached("b", "union_id")+`
			AND NOT EXISTS (SELECT 1 FROM filings f WHERE f.tenant_id = b.tenant_id AND f.book_id = b.id AND f.month = $4 AND f.state <> 'returned')`,
		g.Tenant(), g.Under(), int64(s.Year), int64(month))
	return sent, unsent, err
}
