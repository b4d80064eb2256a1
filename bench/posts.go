package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"unionhall/kit/sqldb"
	"unionhall/schema"
)

// posts measures posting on PostgreSQL: vouchers of three lines through the
// HTTP address, by one connection and by fifty over all unions, beside the
// same rows written raw by as many connections, a transaction each.
func (b *bench) posts(ctx context.Context) (err error) {
	e, err := startPostgres(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.stop()) }()
	house, floor, err := e.two()
	if err != nil {
		return err
	}
	data := filepath.Join(b.dir, "posts")
	for _, args := range [][]string{{"migrate"}, {"demo", "--members", "2000", "--years", "1"}} {
		if out, err := command(ctx, b.bin, append(args, "--data", data, "--db", house)...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", args[0], err, out[max(0, len(out)-2000):])
		}
	}
	s, err := b.productOn(ctx, data, house)
	if err != nil {
		return err
	}
	defer s.stop()
	c, err := b.clerks(ctx, s)
	if err != nil {
		return err
	}
	floors, err := newRawPosters(ctx, floor)
	if err != nil {
		return err
	}
	defer floors.db.Close()
	for _, conns := range []int{1, 50} {
		n := map[int]int{1: 600, 50: 3000}[conns]
		var best, ours result
		for range b.rounds {
			f, err := floors.post(ctx, n, conns)
			if err != nil {
				return err
			}
			ids, _, err := c.ready(ctx, n, 20)
			if err != nil {
				return err
			}
			requests := make([][]byte, len(ids))
			for i, id := range ids {
				requests[i] = c.written(c.accountant, ledgerPath+"/vouchers/"+id+"/post", "{}")
			}
			r, err := c.once(ctx, conns, requests, nil)
			if err != nil {
				return err
			}
			say("%d connections: %.0f posts/s, CPU of the program %.2f ms, p99 %v; raw %.0f/s", conns, r.rate(), r.cpuEach(), r.at(0.99), f.rate())
			if best.n == 0 || f.rate() > best.rate() {
				best = f
			}
			if ours.n == 0 || r.rate() > ours.rate() {
				ours = r
			}
		}
		name := fmt.Sprintf("post a voucher of 3 lines, PostgreSQL, %d connections", conns)
		if conns == 50 {
			b.table.share(name, amount{best.rate(), perSecond}, amount{ours.rate(), perSecond}, 0.3)
		} else {
			b.table.note(name, amount{best.rate(), perSecond}, amount{ours.rate(), perSecond})
		}
	}
	return nil
}

// two makes two databases of the server and returns their addresses.
func (e *elephant) two() (house, floor string, err error) {
	db, err := sql.Open("pgx", e.address)
	if err != nil {
		return "", "", err
	}
	defer db.Close()
	for _, name := range []string{"house", "floor"} {
		if _, err := db.Exec(`CREATE DATABASE ` + name + ` TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'`); err != nil {
			return "", "", err
		}
	}
	return strings.Replace(e.address, "/postgres?", "/house?", 1), strings.Replace(e.address, "/postgres?", "/floor?", 1), nil
}

// rawPosters post on a server of its own, by prepared statements.
type rawPosters struct {
	db *sql.DB
}

func newRawPosters(ctx context.Context, where string) (*rawPosters, error) {
	d, err := sqldb.Open(where)
	if err == nil {
		err = errors.Join(d.Migrate(ctx, schema.Files), d.Close())
	}
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("pgx", where)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(50)
	db.SetMaxIdleConns(50)
	return &rawPosters{db: db}, nil
}

// post posts n vouchers over 150 unions by so many at once.
func (p *rawPosters) post(ctx context.Context, n, conns int) (r result, err error) {
	books, vouchers, err := rawSeed(ctx, p.db, n)
	if err != nil {
		return r, err
	}
	st := make([]*sql.Stmt, len(rawPost))
	for i, q := range rawPost {
		if st[i], err = p.db.PrepareContext(ctx, q); err != nil {
			return r, err
		}
		defer st[i].Close()
	}
	errs := make([]error, conns)
	var all sync.WaitGroup
	began := time.Now()
	for w := range conns {
		all.Go(func() {
			for i := w; i < n && errs[w] == nil; i += conns {
				errs[w] = rawOne(ctx, p.db, st, books[i%len(books)], vouchers[i], i)
			}
		})
	}
	all.Wait()
	return result{n: n, took: time.Since(began).Seconds()}, errors.Join(errs...)
}
