package sqldb_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/schema/dbtest"
)

func server(t *testing.T) *sqldb.DB {
	t.Helper()
	if os.Getenv("PG") == "" {
		t.Skip("PG names no PostgreSQL server")
	}
	return dbtest.Postgres(t)
}

// pooled is the same server as if behind a pooler: no statement is prepared.
func pooled(t *testing.T) *sqldb.DB {
	t.Helper()
	db, err := sqldb.Open(server(t).Where() + "&default_query_exec_mode=exec")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// The connection breaks in the middle of a batch: everyone runs again, and is
// stored once.
func TestConnectionLostInABatch(t *testing.T) {
	for name, open := range map[string]func(*testing.T) *sqldb.DB{"prepared": server, "pooled": pooled} {
		t.Run(name, func(t *testing.T) {
			db := open(t)
			var broken atomic.Bool
			errs := together(t, db, 40, func(ctx context.Context, i int, tx *sqldb.Tx) error {
				if err := put(ctx, tx, fmt.Sprint(i)); err != nil {
					return err
				}
				if i == 7 && broken.CompareAndSwap(false, true) {
					tx.Exec(ctx, `SELECT pg_terminate_backend(pg_backend_pid())`)
				}
				return tx.Queue(ctx, `UPDATE counters SET last = last + 1 WHERE tenant_id = $1 AND kind = 'test' AND scope = $2`, tenant, fmt.Sprint(i))
			})
			if err := errors.Join(errs...); err != nil || !broken.Load() {
				t.Error(err)
			}
			if got := stored(t, db); len(got) != 40 {
				t.Errorf("stored %v", got)
			}
		})
	}
}

// What the server fails as a whole, such as a serialisation, runs again by
// itself; what goes on failing is told to its own caller alone.
func TestLostTransaction(t *testing.T) {
	db := server(t)
	var tries [20]atomic.Int64
	began := time.Now()
	errs := together(t, db, 20, func(ctx context.Context, i int, tx *sqldb.Tx) error {
		n := tries[i].Add(1)
		err := put(ctx, tx, fmt.Sprint(i))
		if err == nil && (i == 3 && n < 4) {
			_, err = tx.Exec(ctx, `DO $$ BEGIN RAISE EXCEPTION 'as if' USING ERRCODE = '40001'; END $$`)
		}
		switch {
		case err == nil && i == 5: // no such table
			_, err = tx.Exec(ctx, `INSERT INTO nowhere (a) VALUES ($1)`, int64(1))
		case err == nil && i == 9: // the driver can't write it, and lets go of the connection
			err = tx.Queue(ctx, `UPDATE counters SET last = $1 WHERE tenant_id = $2`, make(chan int), tenant)
		}
		return err
	})
	for i, err := range errs {
		if (err == nil) != (i != 5 && i != 9) {
			t.Errorf("%d: %v", i, err)
		}
	}
	if got := stored(t, db); len(got) != 18 || tries[3].Load() != 4 || time.Since(began) > 5*time.Second {
		t.Errorf("stored %v, tried %d times, within %v", got, tries[3].Load(), time.Since(began))
	}
}

// A column that is added while an instance serves, as an upgrade does, makes
// what was prepared grow old; nobody is told of it.
func TestColumnAdded(t *testing.T) {
	db := server(t)
	ctx := t.Context()
	read := func() error {
		return db.Do(sqldb.Lane(ctx, "one union"), func(tx *sqldb.Tx) error {
			if err := put(ctx, tx, sqldb.NewID()); err != nil {
				return err
			}
			return sqldb.Records(tx, func(sqldb.Record) error { return nil }, `SELECT * FROM counters WHERE tenant_id = $1`, tenant)
		})
	}
	if err := read(); err != nil {
		t.Fatal(err)
	}
	err := db.Chunk(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `ALTER TABLE counters ADD COLUMN more text`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := read(); err != nil {
			t.Error(err)
		}
	}
	if got := stored(t, db); len(got) != 4 {
		t.Errorf("stored %v", got)
	}
}

// Two lanes whose batches meet at two rows in two orders stand in each other's
// way for a moment only, and nobody is told of it.
func TestLanesMeet(t *testing.T) {
	db := server(t)
	ctx := t.Context()
	err := db.Do(ctx, func(tx *sqldb.Tx) error { return errors.Join(put(ctx, tx, "a"), put(ctx, tx, "b")) })
	if err != nil {
		t.Fatal(err)
	}
	lanes := []context.Context{sqldb.Lane(ctx, "0"), sqldb.Lane(ctx, "1")}
	began := time.Now()
	for range 3 {
		gates := []func(){plug(t, db, lanes[0]), plug(t, db, lanes[1])}
		var wg sync.WaitGroup
		for lane, rows := range [][]string{{"a", "b"}, {"b", "a"}} {
			wg.Go(func() {
				var own sync.WaitGroup
				for i := range 20 {
					own.Go(func() {
						err := db.Do(lanes[lane], func(tx *sqldb.Tx) error {
							_, err := tx.Exec(ctx, `UPDATE counters SET last = last + 1 WHERE tenant_id = $1 AND kind = 'test' AND scope = $2`, tenant, rows[i%2])
							return err
						})
						if err != nil {
							t.Error(err)
						}
					})
				}
				time.Sleep(20 * time.Millisecond)
				gates[lane]()
				own.Wait()
			})
		}
		wg.Wait()
	}
	err = db.View(ctx, func(tx *sqldb.Tx) error {
		n, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT cast(sum(last) as bigint) FROM counters WHERE tenant_id = $1`, tenant)
		if n != 2+3*40 {
			t.Errorf("counted %d", n)
		}
		return err
	})
	if took := time.Since(began); err != nil || took > 3*time.Second {
		t.Errorf("%v, within %v", err, took)
	}
}

// A row that a long work holds is waited for.
func TestWaitsForARow(t *testing.T) {
	db := server(t)
	ctx := t.Context()
	if err := db.Do(ctx, func(tx *sqldb.Tx) error { return put(ctx, tx, "a") }); err != nil {
		t.Fatal(err)
	}
	add := func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE counters SET last = last + 1 WHERE tenant_id = $1 AND kind = 'test' AND scope = 'a'`, tenant)
		return err
	}
	held := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		err := db.Chunk(ctx, func(tx *sqldb.Tx) error {
			defer close(held)
			defer time.Sleep(300 * time.Millisecond)
			return add(tx)
		})
		if err != nil {
			t.Error(err)
		}
	})
	time.Sleep(50 * time.Millisecond)
	errs := together(t, db, 10, func(ctx context.Context, i int, tx *sqldb.Tx) error {
		if i == 4 {
			return add(tx)
		}
		return put(ctx, tx, fmt.Sprint(i))
	})
	<-held
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	if got := stored(t, db); len(got) != 10 {
		t.Errorf("stored %v", got)
	}
}

// Everything of one server works as if behind a pooler as well.
func TestPooled(t *testing.T) {
	db := pooled(t)
	errs := together(t, db, 40, func(ctx context.Context, i int, tx *sqldb.Tx) error {
		scope := fmt.Sprint(i)
		if err := tx.Queue(ctx, `INSERT INTO counters (tenant_id, kind, scope, last) VALUES ($1, 'test', $2, 0)`, tenant, scope); err != nil {
			return err
		}
		if _, err := number(ctx, tx); err != nil {
			return err
		}
		if i%4 == 3 {
			return put(ctx, tx, scope)
		}
		return nil
	})
	for i, err := range errs {
		if (err == nil) != (i%4 != 3) || err != nil && fault.Of(err).Kind != fault.Conflict {
			t.Errorf("%d: %v", i, err)
		}
	}
	if got := stored(t, db); len(got) != 30 {
		t.Errorf("stored %v", got)
	}
}
