// Package audit keeps the record (审计日志) of every write: one row in the same
// transaction with a keyed hash of its own; within a second a sealer chains
// the rows of a tenant in blocks.
package audit

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
)

// Row is one write. Change is the JSON of what changed, as text; it holds no
// sealed field in the clear.
type Row struct {
	Tenant  int64       `json:"-"`
	ID      string      `json:"id"`
	At      day.Instant `json:"at"`
	Account string      `json:"account"`
	Office  auth.Office `json:"office"`
	Acting  string      `json:"acting_for,omitempty"`
	Act     auth.Action `json:"act"`
	Thing   string      `json:"thing"`
	Change  string      `json:"change"`
	moved   string
	block   int64
	hash    string
}

func (r Row) seal(k *seal.Keys) string {
	b := strconv.AppendInt(nil, r.Tenant, 10)
	for _, s := range []string{r.ID, string(r.At), r.Account, string(r.Office), r.Acting, string(r.Act), r.Thing, r.Change, r.moved} {
		b = appendPart(b, "", s)
	}
	return hex.EncodeToString(k.MAC(b))
}

// Write records that g did its action to thing at the instant at, and seals
// the rows that were written. It comes after the writes it tells of.
func Write(ctx context.Context, tx *sqldb.Tx, g auth.Grant, thing string, change any, at day.Instant, rows ...Touched) error {
	m := Moves{}
	for _, t := range rows {
		if err := m.reseal(ctx, tx, g.Tenant(), t); err != nil {
			return fmt.Errorf("audit %s: %w", thing, err)
		}
	}
	return m.Write(ctx, tx, g, thing, change, at)
}

// Write is the package's Write for an act that sealed its rows itself.
func (m Moves) Write(ctx context.Context, tx *sqldb.Tx, g auth.Grant, thing string, change any, at day.Instant) error {
	c, err := json.Marshal(change)
	if err != nil {
		return fmt.Errorf("audit %s: %w", thing, err)
	}
	r := Row{Tenant: g.Tenant(), ID: sqldb.NewID(), At: at, Account: g.Account(), Office: g.Office(), Acting: g.ActingFor(), Act: g.Action(), Thing: thing, Change: string(c), moved: m.text()}
	err = tx.Queue(ctx, `
		INSERT INTO audit_rows (tenant_id, id, at, account_id, office, acting_for, act, thing_id, change, moved, hash)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		r.Tenant, r.ID, string(r.At), r.Account, string(r.Office), r.Acting, string(r.Act), r.Thing, r.Change, r.moved, r.seal(tx.Keys()))
	if err != nil {
		return fmt.Errorf("audit %s: %w", thing, err)
	}
	return nil
}

// Removed adds the seal of a row that is about to be deleted.
func (m Moves) Removed(ctx context.Context, tx *sqldb.Tx, tenant int64, t Touched) error {
	mac, err := sqldb.One(ctx, tx, func(row sqldb.Row) (b []byte, err error) { return b, row(&b) },
		`SELECT mac FROM `+t.Table+` WHERE tenant_id = $1 AND id = $2`, tenant, t.ID)
	if err != nil {
		return err
	}
	m.Add(t.Table, mac)
	return nil
}

// Touch seals rows within an act that goes on.
func (m Moves) Touch(ctx context.Context, tx *sqldb.Tx, tenant int64, rows ...Touched) error {
	for _, t := range rows {
		if err := m.reseal(ctx, tx, tenant, t); err != nil {
			return err
		}
	}
	return nil
}

const selectRows = `
	SELECT tenant_id, id, at, account_id, office, acting_for, act, thing_id, change, moved, block, hash
	FROM audit_rows WHERE tenant_id = $1`

func scanRow(row sqldb.Row) (r Row, err error) {
	err = row(&r.Tenant, &r.ID, &r.At, &r.Account, &r.Office, &r.Acting, &r.Act, &r.Thing, &r.Change, &r.moved, &r.block, &r.hash)
	return r, err
}

// Of returns the latest writes to thing, newest first, before the row with the
// id before (empty: from the newest on). Who may see the thing may see them.
func Of(ctx context.Context, tx *sqldb.Tx, g auth.Grant, thing, before string, limit int) ([]Row, error) {
	if before == "" {
		before = "~"
	}
	return sqldb.List(ctx, tx, scanRow, selectRows+` AND thing_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4`, g.Tenant(), thing, before, int64(limit))
}

// Last returns the latest write to thing, or fault.NotFound.
func Last(ctx context.Context, tx *sqldb.Tx, g auth.Grant, thing string) (Row, error) {
	return sqldb.One(ctx, tx, scanRow, selectRows+` AND thing_id = $2 ORDER BY id DESC LIMIT 1`, g.Tenant(), thing)
}

// Find returns one line of the tenant's log, or fault.NotFound.
func Find(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Row, error) {
	return sqldb.One(ctx, tx, scanRow, selectRows+` AND id = $2`, g.Tenant(), id)
}

// InBlock returns the lines that one block of the tenant's log holds.
func InBlock(ctx context.Context, tx *sqldb.Tx, g auth.Grant, no int64) ([]Row, error) {
	return sqldb.List(ctx, tx, scanRow, selectRows+` AND block = $2 ORDER BY id`, g.Tenant(), no)
}

// Filter narrows the log of a whole tenant; empty parts don't.
type Filter struct {
	Account, Act, Thing string
	From, To            day.Day
	Words               Words
	Before              string // the id of the last row of the page before
	Limit               int
}

// Words narrow the log to lines that tell of a text: by what changed, or by who
// or what is called so.
type Words struct {
	Text             string
	Accounts, Things []string
}

// where writes the condition; its marks go on after those of args.
func (w Words) where(args []any) (string, []any) {
	if w.Text == "" {
		return "", args
	}
	args = append(args, "%"+strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(w.Text))+"%")
	q := fmt.Sprintf(` AND (lower(change) LIKE $%d ESCAPE '\'`, len(args))
	for _, in := range []struct {
		column string
		ids    []string
	}{{"account_id", w.Accounts}, {"thing_id", w.Things}} {
		for i, id := range in.ids {
			args = append(args, id)
			if i == 0 {
				q += " OR " + in.column + " IN ("
			} else {
				q += ", "
			}
			q += "$" + strconv.Itoa(len(args))
		}
		if len(in.ids) > 0 {
			q += ")"
		}
	}
	return q + ")", args
}

// Search lists the tenant's log, newest first.
func Search(ctx context.Context, tx *sqldb.Tx, g auth.Grant, f Filter) ([]Row, error) {
	if f.Before == "" {
		f.Before = "~"
	}
	q, args := selectRows+` AND id < $2`, []any{g.Tenant(), f.Before}
	add := func(text string, v string) {
		if v != "" {
			args = append(args, v)
			q += fmt.Sprintf(text, len(args))
		}
	}
	add(` AND account_id = $%d`, f.Account)
	add(` AND act = $%d`, f.Act)
	add(` AND thing_id = $%d`, f.Thing)
	add(` AND at >= $%d`, f.From.Start())
	add(` AND at < $%d`, f.To.End())
	words, args := f.Words.where(args)
	q += words
	args = append(args, int64(f.Limit))
	return sqldb.List(ctx, tx, scanRow, q+fmt.Sprintf(` ORDER BY id DESC LIMIT $%d`, len(args)), args...)
}
