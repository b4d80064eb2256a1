package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"unionhall/kit/sqldb"
)

// What is written is shaped like a voucher: its number from the union's
// counter, itself, three entries, three balances, a line of the log.
var bookTables = []string{
	`CREATE TABLE numbers (tenant_id bigint, union_id text, last bigint, PRIMARY KEY (tenant_id, union_id))`,
	`CREATE TABLE vouchers (tenant_id bigint, id text, union_id text, no bigint, day text, words text, PRIMARY KEY (tenant_id, id), UNIQUE (tenant_id, union_id, no))`,
	`CREATE TABLE entries (tenant_id bigint, voucher_id text, line bigint, account text, fen bigint, PRIMARY KEY (tenant_id, voucher_id, line))`,
	`CREATE TABLE balances (tenant_id bigint, union_id text, account text, fen bigint, PRIMARY KEY (tenant_id, union_id, account))`,
	`CREATE TABLE log (tenant_id bigint, id text, at text, account_id text, act text, thing_id text, change text, hash text, PRIMARY KEY (tenant_id, id))`,
}

const (
	takeNumber = `INSERT INTO numbers (tenant_id, union_id, last) VALUES ($1, $2, 1) ON CONFLICT (tenant_id, union_id) DO UPDATE SET last = numbers.last + 1 RETURNING last`
	addVoucher = `INSERT INTO vouchers (tenant_id, id, union_id, no, day, words) VALUES ($1, $2, $3, $4, $5, $6)`
	addEntries = `INSERT INTO entries (tenant_id, voucher_id, line, account, fen) VALUES ($1, $2, $3, $4, $5), ($1, $2, $6, $7, $8), ($1, $2, $9, $10, $11)`
	addBalance = `INSERT INTO balances (tenant_id, union_id, account, fen) VALUES ($1, $2, $3, $4) ON CONFLICT (tenant_id, union_id, account) DO UPDATE SET fen = balances.fen + excluded.fen`
	addLine    = `INSERT INTO log (tenant_id, id, at, account_id, act, thing_id, change, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
)

const booksTenant = int64(2106000001)

// booking is one voucher's statements behind its number.
type booking struct {
	q    string
	args []any
}

func bookings(union string, no int64) (all []booking) {
	id, fen := sqldb.NewID(), 1+rand.Int64N(100000)
	all = append(all,
		booking{addVoucher, []any{booksTenant, id, union, no, "2026-11-27", "发放困难补助"}},
		booking{addEntries, []any{booksTenant, id, int64(1), "502.03", 2 * fen, int64(2), "102", -fen, int64(3), "101", -fen}})
	for i, account := range []string{"101", "102", "502.03"} { // heads in the order of their keys
		all = append(all, booking{addBalance, []any{booksTenant, union, account, []int64{-fen, -fen, 2 * fen}[i]}})
	}
	return append(all, booking{addLine, []any{booksTenant, sqldb.NewID(), "2026-11-27T02:00:00.000000Z", "a1", "books.post", id, `{"did":"posted"}`, fmt.Sprintf("%064d", fen)}})
}

// poster writes one voucher of a union.
type poster func(ctx context.Context, union string) error

// raw is the floor: one who speaks to the server alone, one prepared
// statement after the other in a transaction of its own.
func raw(conns chan *pgx.Conn) poster {
	return func(ctx context.Context, union string) error {
		c := <-conns
		defer func() { conns <- c }()
		tx, err := c.Begin(ctx)
		if err != nil {
			return err
		}
		defer tx.Rollback(ctx)
		var no int64
		if err := tx.QueryRow(ctx, takeNumber, booksTenant, union).Scan(&no); err != nil {
			return err
		}
		for _, b := range bookings(union, no) {
			if _, err := tx.Exec(ctx, b.q, b.args...); err != nil {
				return err
			}
		}
		return tx.Commit(ctx)
	}
}

// ours writes through one of the ways of kit/sqldb.
func ours(way func(context.Context, func(*sqldb.Tx) error) error) poster {
	return func(ctx context.Context, union string) error {
		return way(sqldb.Lane(ctx, union), func(tx *sqldb.Tx) error {
			no, err := sqldb.One(ctx, tx, sqldb.Int, takeNumber, booksTenant, union)
			if err != nil {
				return err
			}
			for _, b := range bookings(union, no) {
				if err := tx.Queue(ctx, b.q, b.args...); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// posting has so many post at once and counts.
func posting(ctx context.Context, post poster, people, unions int, span time.Duration) (r result, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	var mu sync.Mutex
	began := time.Now()
	for range people {
		wg.Go(func() {
			var waits []time.Duration
			for time.Since(began) < span && ctx.Err() == nil {
				start := time.Now()
				if failed := post(ctx, fmt.Sprintf("union-%03d", rand.IntN(unions))); failed != nil {
					mu.Lock()
					err = errors.Join(err, failed)
					mu.Unlock()
					cancel()
					return
				}
				waits = append(waits, time.Since(start))
			}
			mu.Lock()
			r.waits = append(r.waits, waits...)
			mu.Unlock()
		})
	}
	wg.Wait()
	r.n, r.took = len(r.waits), time.Since(began).Seconds()
	slices.Sort(r.waits)
	return r, err
}

// writes measures vouchers a second on PostgreSQL: as a server alone does it,
// in a transaction each, and in lanes.
func (b *bench) writes(ctx context.Context) error {
	e, err := startPostgres(ctx)
	if err != nil {
		return err
	}
	defer e.stop()
	db, err := sqldb.Open(e.address)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, q := range bookTables {
		if err := db.Do(ctx, func(tx *sqldb.Tx) error { _, err := tx.Exec(ctx, q); return err }); err != nil {
			return err
		}
	}
	conns := make(chan *pgx.Conn, 50)
	for range cap(conns) {
		c, err := pgx.Connect(ctx, e.address)
		if err != nil {
			return err
		}
		defer c.Close(ctx)
		conns <- c
	}
	ways := []wayOf{{"raw", raw(conns)}, {"a transaction each", ours(db.Chunk)}, {"in lanes", ours(db.Do)}}
	for _, unions := range []int{150, 1} {
		for _, people := range []int{1, 10, 50} {
			best, err := b.weigh(ctx, e, ways, people, unions)
			if err != nil {
				return err
			}
			where := fmt.Sprintf("%d unions, %d connections", unions, people)
			floor, each, lanes := best[0], best[1], best[2]
			b.table.note("write: vouchers, a transaction each, "+where, amount{floor.rate(), perSecond}, amount{each.rate(), perSecond})
			held := b.table.note
			if people == 50 && unions == 150 {
				held = func(work string, floor, ours amount) { b.table.share(work, floor, ours, 0.3) }
			}
			held("write: vouchers, in lanes, "+where, amount{floor.rate(), perSecond}, amount{lanes.rate(), perSecond})
			b.table.note("write: CPU a voucher, a transaction each, "+where, amount{floor.cpuEach(), millis}, amount{each.cpuEach(), millis})
			b.table.note("write: CPU a voucher, in lanes, "+where, amount{floor.cpuEach(), millis}, amount{lanes.cpuEach(), millis})
			b.table.note("write: 99 of 100 within, in lanes, "+where, ms(floor.at(0.99)), ms(lanes.at(0.99)))
		}
	}
	return whole(ctx, db)
}

type wayOf struct {
	name string
	post poster
}

// weigh measures the ways in turn and returns the best of each.
func (b *bench) weigh(ctx context.Context, e *elephant, ways []wayOf, people, unions int) ([]result, error) {
	best := make([]result, len(ways))
	for range b.rounds {
		for i, w := range ways {
			before, err := e.used()
			if err != nil {
				return nil, err
			}
			r, err := posting(ctx, w.post, people, unions, b.span/2)
			if err != nil {
				return nil, fmt.Errorf("%s, %d at once: %w", w.name, people, err)
			}
			after, err := e.used()
			if err != nil {
				return nil, err
			}
			r.cpu = after - before
			if best[i].n == 0 || r.rate() > best[i].rate() {
				best[i] = r
			}
		}
	}
	return best, nil
}

// whole proves what was written: no number twice or left out, and balances
// that are the sums of their entries.
func whole(ctx context.Context, db *sqldb.DB) error {
	return db.View(ctx, func(tx *sqldb.Tx) error {
		for what, q := range map[string]string{
			"counters and vouchers":  `SELECT count(*) FROM numbers n WHERE n.last <> (SELECT count(*) FROM vouchers v WHERE v.tenant_id = n.tenant_id AND v.union_id = n.union_id)`,
			"vouchers and log":       `SELECT (SELECT count(*) FROM vouchers) - (SELECT count(*) FROM log)`,
			"vouchers and entries":   `SELECT 3 * (SELECT count(*) FROM vouchers) - (SELECT count(*) FROM entries)`,
			"a balance of all books": `SELECT cast(sum(fen) as bigint) FROM balances`,
		} {
			n, err := sqldb.One(ctx, tx, sqldb.Int, q)
			if err != nil || n != 0 {
				return fmt.Errorf("%s: off by %d, %w", what, n, err)
			}
		}
		return nil
	})
}
