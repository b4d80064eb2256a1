// Package outbox sends what is to leave the house: rows written in the same
// transaction as what they tell of, delivered after the commit by lease, so
// that several instances share them, a crash loses none and no page waits for
// another machine. A row may be delivered more than once: its id is the key by
// which receivers drop repeats.
package outbox

import (
	"context"
	"errors"
	"fmt"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
)

// State is where a letter stands.
type State string

const (
	Waiting  State = "waiting"
	Sending  State = "sending"
	Sent     State = "sent"
	Dead     State = "dead"     // given up; a person may send it again
	Unneeded State = "unneeded" // what it told of was read before it went
	Replaced State = "replaced" // sent another way
)

// Labels says what the states are called.
var Labels = map[State]string{
	Waiting: "等待发送", Sending: "正在发送", Sent: "已送达", Dead: "未送达", Unneeded: "已读，未发", Replaced: "已改发",
}

// Letter is one row. Target names the machine it goes to, of which only some
// are written to at once; Title is what people see of it.
type Letter struct {
	Tenant  int64       `json:"-"`
	ID      string      `json:"id"`
	Kind    string      `json:"kind"`
	Title   string      `json:"title"`
	Body    string      `json:"-"`
	Target  string      `json:"-"`
	Account string      `json:"account,omitempty"`
	Thing   string      `json:"thing,omitempty"`
	State   State       `json:"state"`
	Tries   int64       `json:"tries"`
	Due     day.Instant `json:"due"`
	Error   string      `json:"error,omitempty"`
	Made    day.Instant `json:"made"`
	Ended   day.Instant `json:"ended,omitempty"`
}

// Place is the letter's page.
func (l Letter) Place() string { return "/system/outbox/" + l.ID }

// Failure is why a letter did not go, in words for people. One that is Final
// is not tried again.
type Failure struct {
	Text   string
	Status int // of the answer, where there was one
	Final  bool
	Cause  error
}

func (f *Failure) Error() string {
	if f.Cause == nil {
		return f.Text
	}
	return fmt.Sprintf("%s (%v)", f.Text, f.Cause)
}
func (f *Failure) Unwrap() error { return f.Cause }

// ErrUnneeded is what a Send answers that finds nothing left to tell.
var ErrUnneeded = errors.New("outbox: nothing to tell any more")

const columns = `tenant_id, id, kind, title, body, target, account_id, thing_id, state, tries, due, error, made, ended`

func scan(row sqldb.Row) (l Letter, err error) {
	err = row(&l.Tenant, &l.ID, &l.Kind, &l.Title, &l.Body, &l.Target, &l.Account, &l.Thing, &l.State, &l.Tries, &l.Due, &l.Error, &l.Made, &l.Ended)
	return l, err
}

// Put leaves letters in the outbox of their tenants, in the transaction of
// what they tell of. Each needs a Kind, and is due at Due; an ID is made for
// one that has none.
func (b *Box) Put(ctx context.Context, tx *sqldb.Tx, at day.Instant, letters ...Letter) error {
	rows := make([][]any, len(letters))
	for i, l := range letters {
		if l.ID == "" {
			l.ID = sqldb.NewID()
		}
		if l.Target == "" {
			l.Target = l.Kind
		}
		if l.Due == "" {
			l.Due = at
		}
		if l.Body == "" {
			l.Body = "{}"
		}
		rows[i] = []any{l.Tenant, l.ID, l.Kind, l.Title, l.Body, l.Target, l.Account, l.Thing, string(Waiting), int64(0), string(l.Due), nil, string(at), nil}
	}
	if len(rows) == 0 {
		return nil
	}
	tx.After(b.Wake)
	return tx.QueueInsert(ctx, "outbox", columns, rows)
}

// Find returns one letter of the tenant, or fault.NotFound.
func Find(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Letter, error) {
	return sqldb.One(ctx, tx, scan, `SELECT `+columns+` FROM outbox WHERE tenant_id = $1 AND id = $2`, g.Tenant(), id)
}

// Filter narrows a list of letters; empty parts don't.
type Filter struct {
	State  State
	Kind   string
	Thing  string
	Before string
	Limit  int
}

// List returns letters of the tenant, the newest first.
func List(ctx context.Context, tx *sqldb.Tx, g auth.Grant, f Filter) ([]Letter, error) {
	if f.Before == "" {
		f.Before = "~"
	}
	q, args := `SELECT `+columns+` FROM outbox WHERE tenant_id = $1 AND id < $2`, []any{g.Tenant(), f.Before}
	for _, c := range []struct{ column, value string }{{"state", string(f.State)}, {"kind", f.Kind}, {"thing_id", f.Thing}} {
		if c.value != "" {
			args = append(args, c.value)
			q += fmt.Sprintf(` AND %s = $%d`, c.column, len(args))
		}
	}
	args = append(args, int64(f.Limit))
	return sqldb.List(ctx, tx, scan, q+fmt.Sprintf(` ORDER BY id DESC LIMIT $%d`, len(args)), args...)
}

// Try is one try to send a letter: how long it took, in ms, and the answer.
type Try struct {
	At     day.Instant `json:"at"`
	Took   int64       `json:"took_ms"`
	Status int64       `json:"status"`
	Error  string      `json:"error,omitempty"`
}

// Tries lists how often a letter was tried, the first one first.
func Tries(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) ([]Try, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (t Try, err error) { return t, row(&t.At, &t.Took, &t.Status, &t.Error) },
		`SELECT at, took, status, error FROM tries WHERE tenant_id = $1 AND outbox_id = $2 ORDER BY id`, g.Tenant(), id)
}

// Again has a letter that ended sent once more, under the same id; one that
// still goes by itself is fault.Conflict.
func (b *Box) Again(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, at day.Instant) (Letter, error) {
	if _, err := Find(ctx, tx, g, id); err != nil {
		return Letter{}, err
	}
	n, err := tx.Exec(ctx, `
		UPDATE outbox SET state = 'waiting', tries = 0, due = $1, error = NULL, ended = NULL, lease = NULL
		WHERE tenant_id = $2 AND id = $3 AND state IN ('dead', 'sent', 'unneeded')`, string(at), g.Tenant(), id)
	if err != nil {
		return Letter{}, err
	}
	if n == 0 {
		return Letter{}, fault.New(fault.Conflict, "这一条正在发送或已改用别的方式，不用重发。请刷新后再看。")
	}
	tx.After(b.Wake)
	return Find(ctx, tx, g, id)
}

// Replace ends a letter that did not arrive, since another goes in its stead.
// One that is not dead is fault.Conflict.
func Replace(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, at day.Instant) error {
	n, err := tx.Exec(ctx, `UPDATE outbox SET state = 'replaced', ended = $1 WHERE tenant_id = $2 AND id = $3 AND state = 'dead'`, string(at), g.Tenant(), id)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "这一条不是“未送达”，不能改发。请刷新后再看。")
	}
	return err
}

// keepDays is how long a letter that ended stays in the list.
const keepDays = 90

// sweepRows is how many rows one sweep removes at most.
const sweepRows = 2000

// Sweep removes letters of long ago with their tries.
func Sweep(ctx context.Context, tx *sqldb.Tx, tenant int64, today day.Day) error {
	before := today.AddDays(-keepDays).Start()
	for _, q := range []string{
		`DELETE FROM tries WHERE tenant_id = $1 AND id IN (SELECT t.id FROM tries t WHERE t.tenant_id = $1 AND t.at < $2 ORDER BY t.id LIMIT $3)`,
		`DELETE FROM outbox WHERE tenant_id = $1 AND id IN (
			SELECT o.id FROM outbox o WHERE o.tenant_id = $1 AND o.state IN ('sent', 'dead', 'unneeded', 'replaced') AND o.ended < $2 ORDER BY o.id LIMIT $3)`,
	} {
		if _, err := tx.Exec(ctx, q, tenant, before, int64(sweepRows)); err != nil {
			return err
		}
	}
	return nil
}
