// Package sqldb runs one SQL text on SQLite and on PostgreSQL.
package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
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
	out     outage // PostgreSQL: whether the server can be reached
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

// Size is about how many bytes the database takes.
func (d *DB) Size(ctx context.Context) (n int64, err error) {
	q := `SELECT pg_database_size(current_database())`
	if d.lane != nil {
		q = `SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`
	}
	err = d.View(ctx, func(tx *Tx) error {
		n, err = One(ctx, tx, Int, q)
		return err
	})
	return n, err
}

// View runs f on a snapshot that it cannot change. A server that cannot be
// reached is waited for some seconds, then it is fault.Busy.
func (d *DB) View(ctx context.Context, f func(*Tx) error) error {
	if d.lane != nil {
		return d.viewSQLite(ctx, f)
	}
	return d.viewPostgres(ctx, f)
}

// Do runs f in a transaction and returns once that is durable. It commits if f
// returns nil. f may run again as a whole and, on SQLite, shares its
// transaction with strangers: it must have no effect outside the Tx and must
// not wait for anything. A connection lost during commit may hide a success:
// where f knows its own traces (see Tx.Once) it runs again and finds them,
// else the answer is ErrUnsure.
func (d *DB) Do(ctx context.Context, f func(*Tx) error) error {
	if d.lane != nil {
		return d.lane.do(ctx, d.keys, false, f)
	}
	return d.doPostgres(ctx, f)
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
