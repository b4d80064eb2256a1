// Package sqldb runs one SQL text on SQLite and on PostgreSQL.
package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/uuid"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"unionhall/kit/seal"
)

// DB is a database with one way to read and one way to write.
type DB struct {
	where   string
	pool    *sql.DB                 // PostgreSQL: everything; SQLite: migrations and backups
	lane    *lane                   // SQLite: the one writer
	read    chan *sqlite            // SQLite: readers at rest
	connect func() (*sqlite, error) // SQLite: a new connection
	keys    *seal.Keys
}

// UseKeys gives every Tx the keys that open sealed fields and seal rows.
func (d *DB) UseKeys(k *seal.Keys) { d.keys = k }

// Keys returns what UseKeys was given.
func (d *DB) Keys() *seal.Keys { return d.keys }

// NewID returns a fresh UUIDv7 as lower-case text: ids of one process rise.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// Server reports whether where names a PostgreSQL server and not a file.
func Server(where string) bool {
	return strings.HasPrefix(where, "postgres://") || strings.HasPrefix(where, "postgresql://")
}

// Open opens the PostgreSQL server that a postgres:// address names, or else
// the SQLite file at the path where.
func Open(where string) (*DB, error) {
	if Server(where) {
		return openPostgres(where)
	}
	return openSQLite(where)
}

func openPostgres(url string) (*DB, error) {
	p, err := sql.Open("pgx", url)
	if err != nil {
		return nil, err
	}
	p.SetMaxOpenConns(16)
	p.SetMaxIdleConns(16)
	if err := p.Ping(); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return &DB{where: url, pool: p}, nil
}

// Embedded reports whether the database is the SQLite file inside the program.
func (d *DB) Embedded() bool { return d.lane != nil }

// Where returns what Open was given.
func (d *DB) Where() string { return d.where }

// Close waits for the writes under way and lets the database go.
func (d *DB) Close() error {
	if d.lane == nil {
		return d.pool.Close()
	}
	d.lane.stop()
	return errors.Join(d.letGo(), d.pool.Close())
}

// Ping reports whether the database answers.
func (d *DB) Ping(ctx context.Context) error {
	return d.View(ctx, func(tx *Tx) error {
		_, err := One(ctx, tx, func(row Row) (n int64, err error) { return n, row(&n) }, `SELECT 1`)
		return err
	})
}

// View runs f on a snapshot that it cannot change.
func (d *DB) View(ctx context.Context, f func(*Tx) error) error {
	if d.lane != nil {
		return d.viewSQLite(ctx, f)
	}
	tx, err := d.pool.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback()
	return f(&Tx{run: pgTx{ctx, tx}, keys: d.keys})
}

// patience is how long Do keeps trying before the person is told to.
const patience = 10 * time.Second

// Do runs f in a transaction and returns once that is durable. It commits if f
// returns nil. f may run again as a whole and, on SQLite, shares its
// transaction with strangers: it must have no effect outside the Tx and must
// not wait for anything. A lost connection during commit may hide a success;
// what comes from outside carries an idempotency key for that.
func (d *DB) Do(ctx context.Context, f func(*Tx) error) error {
	if d.lane != nil {
		return d.lane.do(ctx, d.keys, false, f)
	}
	start, pause := time.Now(), time.Millisecond
	for {
		err := d.oncePostgres(ctx, f)
		if !retryable(err) || time.Since(start) > patience {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(rand.N(pause)):
			pause = min(2*pause, 50*time.Millisecond)
		}
	}
}

// Chunk is Do for one piece of a long work (an import, a purge): it goes
// behind the people who wait. The caller keeps a piece to some milliseconds.
func (d *DB) Chunk(ctx context.Context, f func(*Tx) error) error {
	if d.lane == nil {
		return d.Do(ctx, f)
	}
	d.lane.rest(ctx)
	return d.lane.do(ctx, d.keys, true, f)
}

// Quiet reports whether a longer piece would keep nobody waiting: no person has
// written for a second. On a server pieces keep nobody waiting anyway.
func (d *DB) Quiet() bool {
	return d.lane == nil || time.Since(time.Unix(0, d.lane.person.Load())) > time.Second
}

// oncePostgres writes READ COMMITTED: every invariant has a head row that its
// act touches first, see design notes in ARCHITECTURE.md.
func (d *DB) oncePostgres(ctx context.Context, f func(*Tx) error) error {
	tx, err := d.pool.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback()
	t := &Tx{run: pgTx{ctx, tx}, keys: d.keys, writes: true}
	if err := f(t); err != nil {
		return err
	}
	if t.lost != nil { // an error that f swallowed
		return t.lost
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	t.done()
	return nil
}

type pgTx struct {
	ctx context.Context
	tx  *sql.Tx
}

func (p pgTx) query(q string, args []any) (rows, error) {
	r, err := p.tx.QueryContext(p.ctx, q, args...)
	if err != nil {
		return nil, err
	}
	columns, err := r.Columns()
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	out := &pgRows{Rows: r, columns: columns, raw: make([]any, len(columns)), into: make([]any, len(columns))}
	for i := range out.raw {
		out.into[i] = &out.raw[i]
	}
	return out, nil
}

func (p pgTx) exec(q string, args []any) (int64, error) {
	r, err := p.tx.ExecContext(p.ctx, q, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// pgRows is a result of the server.
type pgRows struct {
	*sql.Rows
	columns   []string
	raw, into []any
}

func (r *pgRows) Columns() []string { return r.columns }

func (r *pgRows) next(into []driver.Value) (bool, error) {
	if !r.Rows.Next() {
		return false, r.Err()
	}
	if err := r.Scan(r.into...); err != nil {
		return false, err
	}
	for i, v := range r.raw {
		into[i] = v
	}
	return true, nil
}
