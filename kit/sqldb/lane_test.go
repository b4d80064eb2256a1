package sqldb_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/schema/dbtest"
)

// together stops the lane of one union, has n come to write there, and lets
// the lane go on: they are committed in one batch, or in as few as it takes.
func together(t *testing.T, db *sqldb.DB, n int, f func(ctx context.Context, i int, tx *sqldb.Tx) error) (errs []error) {
	t.Helper()
	ctx := sqldb.Lane(context.Background(), "one union")
	goOn := plug(t, db, ctx)
	errs = make([]error, n)
	var come, wg sync.WaitGroup
	come.Add(n)
	for i := range n {
		wg.Go(func() {
			defer func() {
				if v := recover(); v != nil {
					errs[i] = fmt.Errorf("panic: %v", v)
				}
			}()
			come.Done()
			errs[i] = db.Do(ctx, func(tx *sqldb.Tx) error { return f(ctx, i, tx) })
		})
	}
	come.Wait()
	time.Sleep(20 * time.Millisecond)
	goOn()
	wg.Wait()
	return errs
}

// plug stops a lane until it is told to go on.
func plug(t *testing.T, db *sqldb.DB, ctx context.Context) (goOn func()) {
	t.Helper()
	begun, end := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		err := db.Do(ctx, func(*sqldb.Tx) error {
			close(begun)
			<-end
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-begun
	return func() { close(end); wg.Wait() }
}

func number(ctx context.Context, tx *sqldb.Tx) (int64, error) {
	return sqldb.One(ctx, tx, sqldb.Int, `
		INSERT INTO counters (tenant_id, kind, scope, last) VALUES ($1, 'no', 'all', 1)
		ON CONFLICT (tenant_id, kind, scope) DO UPDATE SET last = counters.last + 1 RETURNING last`, tenant)
}

// Numbers are gapless however many come at once, whether they meet in one lane
// or in all of them, and though some are refused, break a key or panic.
func TestNumbersAreGapless(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		given := map[int64]string{}
		var mu sync.Mutex
		take := func(ctx context.Context, tx *sqldb.Tx, scope string, i int) error {
			n, err := number(ctx, tx)
			if err == nil {
				err = put(ctx, tx, scope)
			}
			if err != nil {
				return err
			}
			tx.After(func() { mu.Lock(); given[n] += scope; mu.Unlock() })
			switch i % 7 {
			case 2:
				return errors.New("refused")
			case 4:
				return put(ctx, tx, scope)
			case 6:
				panic("mine alone")
			}
			return nil
		}
		want := 0
		for _, size := range []int{20, 200} {
			errs := together(t, db, size, func(ctx context.Context, i int, tx *sqldb.Tx) error {
				return take(ctx, tx, fmt.Sprintf("same %d-%d", size, i), i)
			})
			var wg sync.WaitGroup
			for i := range size { // in turn, by all lanes
				wg.Go(func() {
					defer func() { recover() }()
					err := db.Do(t.Context(), func(tx *sqldb.Tx) error { return take(t.Context(), tx, fmt.Sprintf("all %d-%d", size, i), i) })
					if (err == nil) != (i%7%2 == 1 || i%7 == 0) {
						t.Errorf("%d: %v", i, err)
					}
				})
			}
			wg.Wait()
			for i, err := range errs {
				if ok := i%7%2 == 1 || i%7 == 0; ok != (err == nil) {
					t.Errorf("%d of %d: %v", i, size, err)
				} else if ok {
					want += 2
				}
			}
		}
		if len(given) != want {
			t.Errorf("%d numbers were given, want %d", len(given), want)
		}
		for n := range int64(want) {
			if given[n+1] == "" || strings.Count(given[n+1], " ") > 1 {
				t.Errorf("number %d went to %q", n+1, given[n+1])
			}
		}
		if got := len(stored(t, db)); got != want {
			t.Errorf("%d stored, want %d", got, want)
		}
	})
}

// A caller who gives up while waiting has nothing written; one whose closure
// has begun is answered by its end.
func TestGivingUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		begun, goOn := make(chan struct{}), make(chan struct{})
		var wg sync.WaitGroup
		ctx, cancel := context.WithCancel(sqldb.Lane(t.Context(), "one union"))
		wg.Go(func() {
			err := db.Do(ctx, func(tx *sqldb.Tx) error {
				close(begun)
				<-goOn
				return put(ctx, tx, "begun")
			})
			if err != nil {
				t.Errorf("who had begun: %v", err)
			}
		})
		<-begun
		gone, leave := context.WithCancel(ctx)
		answered := make(chan struct{})
		wg.Go(func() {
			defer close(answered)
			if err := db.Do(gone, func(tx *sqldb.Tx) error { return put(gone, tx, "waiting") }); !errors.Is(err, context.Canceled) {
				t.Errorf("who was waiting: %v", err)
			}
		})
		time.Sleep(10 * time.Millisecond)
		leave()
		<-answered // before the lane is free to begin what waits
		cancel()
		close(goOn)
		wg.Wait()
		if got := strings.Join(stored(t, db), " "); got != "begun" {
			t.Errorf("stored %q", got)
		}
	})
}

// A closure that ends its goroutine (t.Fatal inside) takes nobody with it.
func TestClosureEndsItsGoroutine(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		errs := together(t, db, 20, func(ctx context.Context, i int, tx *sqldb.Tx) error {
			if err := put(ctx, tx, fmt.Sprint(i)); err != nil {
				return err
			}
			if i == 7 {
				runtime.Goexit()
			}
			return nil
		})
		for i, err := range errs {
			if (err == nil) != (i != 7) {
				t.Errorf("%d: %v", i, err)
			}
		}
		if got := stored(t, db); len(got) != 19 || slices.Contains(got, "7") {
			t.Errorf("stored %v", got)
		}
	})
}

// Eight withdraw while the sum of two purses is at least a hundred. Under READ
// COMMITTED each might see the other's purse as it was; whoever touches the
// head row first does not, so that nothing is overdrawn.
func TestHeadRowKeepsASum(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		purse := func(tx *sqldb.Tx, scope string, n int64) error {
			_, err := tx.Exec(ctx, `INSERT INTO counters (tenant_id, kind, scope, last) VALUES ($1, 'purse', $2, $3)`, tenant, scope, n)
			return err
		}
		sum := func(tx *sqldb.Tx) (int64, error) {
			return sqldb.One(ctx, tx, sqldb.Int, `SELECT cast(sum(last) as bigint) FROM counters WHERE tenant_id = $1 AND kind = 'purse'`, tenant)
		}
		err := db.Do(ctx, func(tx *sqldb.Tx) error { return errors.Join(purse(tx, "a", 1000), purse(tx, "b", 1000)) })
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				for range 10 {
					err := db.Do(ctx, func(tx *sqldb.Tx) error {
						if _, err := number(ctx, tx); err != nil { // the head row
							return err
						}
						left, err := sum(tx)
						if err != nil || left < 100 {
							return err
						}
						return tx.Queue(ctx, `UPDATE counters SET last = last - 100 WHERE tenant_id = $1 AND kind = 'purse' AND scope = $2`, tenant, string("ab"[i%2]))
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		err = db.View(ctx, func(tx *sqldb.Tx) error {
			left, err := sum(tx)
			if left != 0 {
				t.Errorf("left %d", left)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// What is queued is there for the next read, in order; its failure is the
// closure's own, and harms nobody else.
func TestQueue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		errs := together(t, db, 30, func(ctx context.Context, i int, tx *sqldb.Tx) error {
			const add = `INSERT INTO counters (tenant_id, kind, scope, last) VALUES ($1, 'test', $2, $3)`
			scope := fmt.Sprintf("%02d", i)
			if err := tx.Queue(ctx, add, tenant, scope, int64(1)); err != nil {
				return err
			}
			for range 70 { // more than are sent in one go
				if err := tx.Queue(ctx, `UPDATE counters SET last = last * 2 % 1009 + 1 WHERE tenant_id = $1 AND kind = 'test' AND scope = $2`, tenant, scope); err != nil {
					return err
				}
			}
			switch i % 3 {
			case 1:
				return tx.Queue(ctx, add, tenant, scope, int64(1)) // there already, found at the end
			case 2:
				tx.Queue(ctx, add, tenant, scope, int64(1))
				_, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM counters WHERE tenant_id = $1`, tenant)
				return err // found here
			}
			n, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT last FROM counters WHERE tenant_id = $1 AND kind = 'test' AND scope = $2`, tenant, scope)
			want := int64(1)
			for range 70 {
				want = want*2%1009 + 1
			}
			if err == nil && n != want {
				err = fmt.Errorf("read %d, want %d", n, want)
			}
			return err
		})
		for i, err := range errs {
			if (err == nil) != (i%3 == 0) || err != nil && fault.Of(err).Kind != fault.Conflict {
				t.Errorf("%d: %v", i, err)
			}
		}
		if got := stored(t, db); len(got) != 10 {
			t.Errorf("stored %v", got)
		}
	})
}

// A commit that is refused as a whole is the fault of one: the others are
// stored, each by itself.
func TestCommitRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		err := db.Do(t.Context(), func(tx *sqldb.Tx) error {
			for _, q := range []string{
				`CREATE TABLE heads (id bigint PRIMARY KEY)`,
				`CREATE TABLE tails (id bigint PRIMARY KEY, head bigint REFERENCES heads (id) DEFERRABLE INITIALLY DEFERRED)`,
				`INSERT INTO heads (id) VALUES (0)`,
			} {
				if _, err := tx.Exec(t.Context(), q); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		errs := together(t, db, 20, func(ctx context.Context, i int, tx *sqldb.Tx) error {
			return errors.Join(put(ctx, tx, fmt.Sprint(i)), tx.Queue(ctx, `INSERT INTO tails (id, head) VALUES ($1, $2)`, int64(i), int64(i/19)))
		})
		for i, err := range errs {
			if (err == nil) != (i < 19) {
				t.Errorf("%d: %v", i, err)
			}
		}
		if got := stored(t, db); len(got) != 19 {
			t.Errorf("stored %v", got)
		}
	})
}

// More than may wait are told so at once, and whoever waits is served.
func TestFullLane(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		ctx := sqldb.Lane(t.Context(), "one union")
		goOn := plug(t, db, ctx)
		var wg sync.WaitGroup
		var served, told atomic.Int64
		for range 4200 {
			wg.Go(func() {
				switch err := db.Do(ctx, func(*sqldb.Tx) error { return nil }); {
				case err == nil:
					served.Add(1)
				case fault.Of(err).Kind == fault.Busy:
					told.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		for until := time.Now().Add(5 * time.Second); told.Load() == 0 && time.Now().Before(until); time.Sleep(time.Millisecond) {
		}
		goOn()
		wg.Wait()
		if told.Load() == 0 || served.Load() < 1000 {
			t.Errorf("%d served, %d told to come again", served.Load(), told.Load())
		}
	})
}

// Who comes while the database is closed is stored or told, and never left
// without an answer.
func TestClosingAnswersAll(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				if err := db.Do(context.Background(), func(tx *sqldb.Tx) error { return put(context.Background(), tx, fmt.Sprint(i)) }); err != nil && fault.Of(err).Kind != fault.Busy {
					t.Error(err)
				}
			})
		}
		time.Sleep(time.Millisecond)
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		wg.Wait()
	})
}
