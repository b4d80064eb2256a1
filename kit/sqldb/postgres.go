package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"unionhall/kit/fault"
)

const (
	// patience is how long Do keeps trying before the person is told to, and
	// how long an outage lasts before people are told at once.
	patience = 10 * time.Second
	// glance is how long a page waits for the server to come back.
	glance = 3 * time.Second
	// knock is how often a server that is away is tried.
	knock = 300 * time.Millisecond
	// reach is how long one host may take to answer a new connection.
	reach = 3 * time.Second
)

// openPostgres takes an address that may name several hosts, the one that
// writes among them found by target_session_attrs=read-write.
func openPostgres(url string) (*DB, error) {
	c, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = reach
	}
	p := stdlib.OpenDB(*c)
	p.SetMaxOpenConns(16)
	p.SetMaxIdleConns(16)
	p.SetConnMaxLifetime(time.Hour)
	if err := p.Ping(); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	d := &DB{where: url, pool: p}
	dial := func() (*pgx.Conn, error) { return d.dial(c) }
	for range min(mostLanes, 2*runtime.GOMAXPROCS(0)) {
		d.lanes = append(d.lanes, newLane(&server{dial: dial}, limits{jobs: 32, span: 50 * time.Millisecond, queue: 1024, slow: 500 * time.Millisecond}))
	}
	return d, nil
}

// mostLanes bounds the connections of an instance that is one of many.
const mostLanes = 8

// dial opens a connection of a lane. Where the role may, a deadlock shows as
// soon as it does between batches; a pooler's connection is not ours to set up.
func (d *DB) dial(c *pgx.ConnConfig) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(always, c)
	if err != nil {
		if unreachable(err) {
			d.out.begin(err)
		}
		return nil, fmt.Errorf("begin: %w", err)
	}
	d.out.over()
	if c.DefaultQueryExecMode == pgx.QueryExecModeCacheStatement {
		if _, err := conn.Exec(always, `SET deadlock_timeout = '100ms'`); err != nil && conn.IsClosed() {
			return nil, fmt.Errorf("begin: %w", err)
		}
	}
	return conn, nil
}

// outage is what is known of a server that cannot be reached: once it has
// been away for longer than our patience, nobody waits for it any more, and
// one request in a while tries whether it is back.
type outage struct{ since, tried atomic.Int64 } // 0: it is there

func (o *outage) over() {
	if since := o.since.Load(); since != 0 && o.since.CompareAndSwap(since, 0) {
		slog.Warn("the database server is back", "away", time.Since(time.Unix(0, since)).Round(time.Millisecond))
	}
}

func (o *outage) begin(err error) {
	if o.since.CompareAndSwap(0, time.Now().UnixNano()) {
		slog.Error("the database server is away", "err", err)
	}
}

// hopeless reports whether trying now is for others to do.
func (o *outage) hopeless() bool {
	since, now := o.since.Load(), time.Now().UnixNano()
	if since == 0 || now-since < int64(patience) {
		return false
	}
	last := o.tried.Load()
	return now-last < int64(knock) || !o.tried.CompareAndSwap(last, now)
}

func away(err error) error {
	return errors.Join(fault.New(fault.Busy, "数据库暂时连不上，请过一会儿再试；已经保存的内容都在。"), ErrAway, err)
}

// ErrAway says that the database server cannot be reached for now.
var ErrAway = errors.New("the database server cannot be reached")

var errKnown = errors.New("it has been away for a while")

// ErrUnsure says that the connection was lost while the server committed: the
// transaction may be stored or not.
var ErrUnsure = errors.New("the connection was lost during commit: it may be stored or not")

func unsure(err error) error {
	return errors.Join(fault.New(fault.Busy, "数据库的连接在保存的一刻断了，不能确定是否已经保存。请先刷新页面看看，没有的话再办一次。"), ErrUnsure, err)
}

// begin opens a transaction, and waits until the time is up for a server that
// is away.
func (d *DB) begin(ctx context.Context, o sql.TxOptions, until time.Time) (*sql.Tx, error) {
	for {
		if d.out.hopeless() {
			return nil, away(errKnown)
		}
		tx, err := d.pool.BeginTx(ctx, &o)
		if err == nil {
			d.out.over()
			return tx, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if !unreachable(err) {
			return nil, fmt.Errorf("begin: %w", err)
		}
		d.out.begin(err)
		if time.Now().After(until) {
			return nil, away(err)
		}
		if err := doze(ctx, rand.N(100*time.Millisecond)); err != nil {
			return nil, err
		}
	}
}

func doze(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func (d *DB) viewPostgres(ctx context.Context, f func(*Tx) error) error {
	tx, err := d.begin(ctx, sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, time.Now().Add(glance))
	if err != nil {
		return err
	}
	defer tx.Rollback()
	return f(&Tx{run: pgTx{ctx, tx}, keys: d.keys})
}

// patiently runs a try again while that may help and our patience lasts.
func (d *DB) patiently(ctx context.Context, try func(until time.Time) error) error {
	until, pause := time.Now().Add(patience), time.Millisecond
	for {
		err := try(until)
		switch {
		case err == nil || ctx.Err() != nil || errors.Is(err, errKnown):
			return err
		case errors.Is(err, ErrUnsure), !retryable(err), time.Now().After(until):
			return err
		}
		if err := doze(ctx, rand.N(pause)); err != nil {
			return err
		}
		pause = min(2*pause, 50*time.Millisecond)
	}
}

// beside writes by a transaction of its own. It is READ COMMITTED, as in the
// lanes: every invariant has a head row that its act touches first, see
// ARCHITECTURE.md.
func (d *DB) beside(ctx context.Context, f func(*Tx) error, until time.Time) error {
	tx, err := d.begin(ctx, sql.TxOptions{Isolation: sql.LevelReadCommitted}, until)
	if err != nil {
		return err
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
		if uncertain(err) && !t.once {
			return unsure(err)
		}
		return classify(err)
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
