package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"reflect"
	"slices"

	"unionhall/kit/fault"
	"unionhall/kit/seal"
)

// Tx is an open transaction. Stores take a Tx and never a DB, so that no read
// can slip out of the transaction it belongs to. After any SQL error it
// refuses every further statement, on both engines alike.
type Tx struct {
	run    runner
	keys   *seal.Keys
	writes bool
	lost   error // the first SQL error
	after  []func()
	once   bool
}

// runner is a connection within a transaction.
type runner interface {
	query(q string, args []any) (rows, error)
	exec(q string, args []any) (int64, error) // rows touched
}

// rows is a result that is read row by row. next fills in the values of one
// row, or reports that there is none left.
type rows interface {
	Columns() []string
	next(into []driver.Value) (bool, error)
	Close() error
}

// After has f run once, after the commit: for wake-ups and caches only.
func (t *Tx) After(f func()) { t.after = append(t.after, f) }

// Once says that the closure, run again after a commit of unknown outcome,
// finds what it has stored and does nothing twice.
func (t *Tx) Once() { t.once = true }

// Keys returns the keys of sealed fields and rows.
func (t *Tx) Keys() *seal.Keys { return t.keys }

// Writes reports whether the transaction may change anything.
func (t *Tx) Writes() bool { return t.writes }

func (t *Tx) done() {
	for _, f := range t.after {
		f()
	}
}

// Exec runs q and returns how many rows it touched. An argument that is an
// empty text is written as NULL: "nothing" has one spelling in the database.
func (t *Tx) Exec(_ context.Context, q string, args ...any) (int64, error) {
	if t.lost != nil {
		return 0, t.lost
	}
	empty(args)
	n, err := t.run.exec(q, args)
	if err != nil {
		return 0, t.fail(err)
	}
	return n, nil
}

func empty(args []any) {
	for i, a := range args {
		if v := reflect.ValueOf(a); v.Kind() == reflect.String && v.Len() == 0 {
			args[i] = nil
		}
	}
}

// queuer sends statements together with the next one.
type queuer interface {
	queue(q string, args []any) error
	flush() error
}

// Queue is Exec for a statement that nobody need wait for. On a server it is
// sent with the next one that is waited for, at the latest when the closure
// has ended; its error is that statement's, or the closure's. Elsewhere it is
// done at once. The arguments must stay as they are.
func (t *Tx) Queue(ctx context.Context, q string, args ...any) error {
	own, ok := t.run.(queuer)
	if !ok {
		_, err := t.Exec(ctx, q, args...)
		return err
	}
	if t.lost != nil {
		return t.lost
	}
	empty(args)
	if err := own.queue(q, args); err != nil {
		return t.fail(err)
	}
	return nil
}

// flush sends what was queued.
func (t *Tx) flush() error {
	own, ok := t.run.(queuer)
	if !ok || t.lost != nil {
		return t.lost
	}
	if err := own.flush(); err != nil {
		return t.fail(err)
	}
	return nil
}

func (t *Tx) fail(err error) error {
	t.lost = classify(err)
	return t.lost
}

// Row scans the columns of one row, in order, into pointers. NULL becomes the
// zero value of what the pointer points at.
type Row = func(...any) error

// Scan reads one row through the function it is given, columns in order.
type Scan[T any] func(row Row) (T, error)

// Each runs q and hands every row to f, which must not use t.
func Each[T any](_ context.Context, t *Tx, scan Scan[T], f func(T) error, q string, args ...any) error {
	if t.lost != nil {
		return t.lost
	}
	rows, err := t.run.query(q, args)
	if err != nil {
		return t.fail(err)
	}
	defer rows.Close()
	raw := make([]driver.Value, len(rows.Columns()))
	row := func(dest ...any) error {
		if len(dest) != len(raw) {
			return fmt.Errorf("sqldb: %d columns for %d values", len(raw), len(dest))
		}
		for i, d := range dest {
			if err := assign(d, raw[i]); err != nil {
				return fmt.Errorf("column %d: %w", i+1, err)
			}
		}
		return nil
	}
	for {
		more, err := rows.next(raw)
		if err != nil {
			return t.fail(err)
		}
		if !more {
			return nil
		}
		v, err := scan(row)
		if err == nil {
			err = f(v)
		}
		if err != nil {
			return err
		}
	}
}

// List runs q and scans every row.
func List[T any](ctx context.Context, t *Tx, scan Scan[T], q string, args ...any) ([]T, error) {
	out := []T{}
	err := Each(ctx, t, scan, func(v T) error {
		if len(out) == cap(out) {
			out = slices.Grow(out, max(4, 3*len(out))) // rows are large, and a page has fifty
		}
		out = append(out, v)
		return nil
	}, q, args...)
	return out, err
}

// One is List for a single row; no row is fault.NotFound.
func One[T any](ctx context.Context, t *Tx, scan Scan[T], q string, args ...any) (T, error) {
	var first, zero T
	found := false
	err := Each(ctx, t, scan, func(v T) error {
		if !found {
			first, found = v, true
		}
		return nil
	}, q, args...)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "记录不存在或已被移走。")
	}
	if err != nil {
		return zero, err
	}
	return first, nil
}

// Record is one row as it stands: names of columns and their values.
type Record struct {
	Columns []string
	Values  []any
}

// Records runs q and hands over every row as a Record, the values as int64,
// bool, string, []byte or nil whatever the engine calls them.
func Records(t *Tx, f func(Record) error, q string, args ...any) error {
	if t.lost != nil {
		return t.lost
	}
	rows, err := t.run.query(q, args)
	if err != nil {
		return t.fail(err)
	}
	defer rows.Close()
	columns := rows.Columns()
	raw := make([]driver.Value, len(columns))
	for {
		more, err := rows.next(raw)
		if err != nil {
			return t.fail(err)
		}
		if !more {
			return nil
		}
		values := make([]any, len(columns))
		for i, v := range raw {
			values[i] = v
		}
		if err := f(Record{columns, values}); err != nil {
			return err
		}
	}
}

// Text scans one text column, Int one whole number.
func Text(row Row) (s string, err error) { err = row(&s); return s, err }
func Int(row Row) (n int64, err error)   { err = row(&n); return n, err }

// assign puts what a driver gave into dest.
func assign(dest, src any) error {
	switch d := dest.(type) {
	case *string:
		if src == nil {
			*d = ""
			return nil
		}
		if s, ok := src.(string); ok {
			*d = s
			return nil
		}
	case *int64:
		if n, ok := src.(int64); ok {
			*d = n
			return nil
		}
	case *bool:
		if b, ok := src.(bool); ok {
			*d = b
			return nil
		}
	case *[]byte:
		if b, ok := src.([]byte); ok || src == nil {
			*d = b
			return nil
		}
	case *any:
		*d = src
		return nil
	case sql.Scanner:
		return d.Scan(src)
	}
	return assignKind(reflect.ValueOf(dest).Elem(), src)
}

func assignKind(v reflect.Value, src any) error {
	switch s := src.(type) {
	case nil:
		v.SetZero()
		return nil
	case string:
		if v.Kind() == reflect.String {
			v.SetString(s)
			return nil
		}
	case int64:
		switch v.Kind() {
		case reflect.Int, reflect.Int64, reflect.Int32:
			v.SetInt(s)
			return nil
		case reflect.Bool:
			v.SetBool(s != 0)
			return nil
		}
	case bool:
		if v.Kind() == reflect.Bool {
			v.SetBool(s)
			return nil
		}
	case []byte:
		if v.Kind() == reflect.String {
			v.SetString(string(s))
			return nil
		}
	}
	return fmt.Errorf("sqldb: cannot read %T into %s", src, v.Type())
}
