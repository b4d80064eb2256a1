// Package sqldb runs one SQL text on SQLite and on PostgreSQL.
package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"hash/fnv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	_ "modernc.org/sqlite"

	"unionhall/kit/seal"
)

// DB is a database with one way to read and one way to write.
type DB struct {
	where   string
	pool    *sql.DB                 // PostgreSQL: pages and long works; SQLite: migrations and backups
	lanes   []*lane                 // the writers: one on SQLite
	turn    atomic.Uint32           // PostgreSQL: the lane of the next writer of whom nothing is known
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
func (d *DB) Embedded() bool { return d.read != nil }

// Where returns what Open was given.
func (d *DB) Where() string { return d.where }

// Close waits for the writes under way and lets the database go.
func (d *DB) Close() error {
	for _, l := range d.lanes {
		l.stop()
	}
	if d.Embedded() {
		return errors.Join(d.letGo(), d.pool.Close())
	}
	for _, l := range d.lanes {
		l.db.close()
	}
	return d.pool.Close()
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
	if d.Embedded() {
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
	if d.Embedded() {
		return d.viewSQLite(ctx, f)
	}
	return d.viewPostgres(ctx, f)
}

type laneKey struct{}

// Lane says what the writes under ctx mostly meet each other at, such as one
// union: on a server, writes of the same key go into the same lane, where they
// are committed together instead of waiting for each other. It is a matter of
// speed only. Without it they go into the lanes in turn.
func Lane(ctx context.Context, key string) context.Context {
	h := fnv.New32a()
	h.Write([]byte(key))
	return context.WithValue(ctx, laneKey{}, h.Sum32())
}

func (d *DB) lane(ctx context.Context) *lane {
	at, ok := ctx.Value(laneKey{}).(uint32)
	if !ok {
		at = d.turn.Add(1)
	}
	return d.lanes[at%uint32(len(d.lanes))]
}

// Do runs f in a transaction and returns once that is durable. It commits if f
// returns nil. f may run again as a whole and shares its transaction with
// strangers: it must have no effect outside the Tx and must not wait for
// anything. Once it has begun it runs to its end, whatever becomes of ctx. A
// connection lost during commit may hide a success: where f knows its own
// traces (see Tx.Once) it runs again and finds them, else the answer is
// ErrUnsure.
func (d *DB) Do(ctx context.Context, f func(*Tx) error) error {
	if d.Embedded() {
		return d.lanes[0].do(ctx, d.keys, false, f)
	}
	l := d.lane(ctx)
	return d.patiently(ctx, func(time.Time) error {
		if d.out.hopeless() {
			return away(errKnown)
		}
		return l.do(ctx, d.keys, false, f)
	})
}

// Chunk is Do for one piece of a long work (an import, a purge): it goes
// behind the people who wait, or on a server beside them. The caller keeps a
// piece to some milliseconds.
func (d *DB) Chunk(ctx context.Context, f func(*Tx) error) error {
	if !d.Embedded() {
		return d.patiently(ctx, func(until time.Time) error { return d.beside(ctx, f, until) })
	}
	d.lanes[0].rest(ctx)
	return d.lanes[0].do(ctx, d.keys, true, f)
}

// Quiet reports whether a longer piece would keep nobody waiting: no person has
// written for a second. On a server pieces keep nobody waiting anyway.
func (d *DB) Quiet() bool {
	return !d.Embedded() || time.Since(time.Unix(0, d.lanes[0].person.Load())) > time.Second
}
