package sqldb_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/schema"
	"unionhall/schema/dbtest"
)

const tenant = 2106000001

func put(ctx context.Context, tx *sqldb.Tx, scope string) error {
	_, err := tx.Exec(ctx, `INSERT INTO counters (tenant_id, kind, scope, last) VALUES ($1, 'test', $2, 1)`, tenant, scope)
	return err
}

func stored(t *testing.T, db *sqldb.DB) (scopes []string) {
	t.Helper()
	err := db.View(t.Context(), func(tx *sqldb.Tx) (err error) {
		scopes, err = sqldb.List(t.Context(), tx, sqldb.Text, `SELECT scope FROM counters WHERE tenant_id = $1 AND kind = 'test' ORDER BY scope`, tenant)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return scopes
}

// Of fifty who write at once, those who fail, panic or swallow an error leave
// nothing behind, and the others everything.
func TestEachAnswersForItself(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		ctx, want := t.Context(), 0
		var wg sync.WaitGroup
		for i := range 50 {
			scope := fmt.Sprintf("%02d", i)
			if i%5 == 0 {
				want++
			}
			wg.Go(func() {
				defer func() {
					if v := recover(); (v != nil) != (i%5 == 3) {
						t.Errorf("%d: panic %v", i, v)
					}
				}()
				err := db.Do(ctx, func(tx *sqldb.Tx) error {
					if err := put(ctx, tx, scope); err != nil {
						return err
					}
					switch i % 5 {
					case 1:
						return errors.New("refused")
					case 2: // swallowed
						tx.Exec(ctx, `INSERT INTO counters (tenant_id, kind, scope, last) VALUES ($1, 'test', $2, 1)`, tenant, scope)
					case 3:
						panic("mine alone")
					case 4: // a statement after a failed one must not get through
						tx.Exec(ctx, `INSERT INTO nowhere (a) VALUES (1)`)
						return put(ctx, tx, scope+"x")
					}
					return nil
				})
				if (err == nil) != (i%5 == 0) {
					t.Errorf("%d: %v", i, err)
				}
				if i%5 == 2 && fault.Of(err).Kind != fault.Conflict {
					t.Errorf("%d: a taken key is %v", i, err)
				}
			})
		}
		wg.Wait()
		got := stored(t, db)
		if len(got) != want {
			t.Errorf("stored %v, want the %d good ones", got, want)
		}
	})
}

// A head row that is touched first keeps the invariant whatever the isolation:
// eight who withdraw at once never overdraw.
func TestHeadRowKeepsTheInvariant(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		err := db.Do(ctx, func(tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO counters (tenant_id, kind, scope, last) VALUES ($1, 'purse', 'all', 1000)`, tenant)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				err := db.Do(ctx, func(tx *sqldb.Tx) error {
					n, err := tx.Exec(ctx, `UPDATE counters SET last = last - 100 WHERE tenant_id = $1 AND kind = 'purse' AND scope = 'all' AND last >= 100`, tenant)
					if err == nil && n == 0 {
						err = fault.New(fault.Conflict, "没有了。")
					}
					return err
				})
				if err != nil && fault.Of(err).Kind != fault.Conflict {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		err = db.View(ctx, func(tx *sqldb.Tx) error {
			left, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT last FROM counters WHERE tenant_id = $1 AND kind = 'purse' AND scope = 'all'`, tenant)
			if left != 0 {
				t.Errorf("left %d", left)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// After runs once, after the commit, and not for what was refused.
func TestAfter(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		ran := 0
		for _, refuse := range []bool{true, false} {
			err := db.Do(t.Context(), func(tx *sqldb.Tx) error {
				tx.After(func() { ran++ })
				if refuse {
					return errors.New("refused")
				}
				return put(t.Context(), tx, "a")
			})
			if (err != nil) != refuse {
				t.Error(err)
			}
		}
		if ran != 1 {
			t.Errorf("ran %d times", ran)
		}
	})
}

// Many rows, more than one statement takes and not a multiple of it, arrive
// whole, and an empty text is NULL on both engines.
func TestInsertMany(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		rows := make([][]any, 257)
		for i := range rows {
			rows[i] = []any{int64(tenant), fmt.Sprintf("m%03d", i), "someone", "", int64(i)}
		}
		err := db.Do(ctx, func(tx *sqldb.Tx) error {
			full := make([][]any, len(rows))
			for i, r := range rows {
				full[i] = []any{r[0], r[1], r[2], "题", r[3], "2026-11-22T00:00:00.000000Z"}
			}
			return tx.Insert(ctx, "messages", "tenant_id, id, account_id, title, body, at", full)
		})
		if err != nil {
			t.Fatal(err)
		}
		err = db.View(ctx, func(tx *sqldb.Tx) error {
			n, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM messages WHERE tenant_id = $1 AND body IS NULL`, tenant)
			if n != 257 {
				t.Errorf("%d rows", n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// A database that was closed is one file: what the log held is in it, so that
// the file can be copied and the next start has nothing to catch up with.
func TestClosedIsOneFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "unionhall.db")
	db, err := sqldb.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), schema.Files); err != nil {
		t.Fatal(err)
	}
	if err := db.Do(t.Context(), func(tx *sqldb.Tx) error { return put(t.Context(), tx, "a") }); err != nil {
		t.Fatal(err)
	}
	if n := len(stored(t, db)); n != 1 {
		t.Fatal(n)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("%v, %v", left, err)
	}
}

// A piece of a long work does not wait for the disk; whatever a person waits
// for does, and brings the pieces before it there too.
func TestPiecesDoNotWaitForTheDisk(t *testing.T) {
	db := dbtest.SQLite(t)
	level := func(way func(context.Context, func(*sqldb.Tx) error) error) (n int64) {
		t.Helper()
		err := way(context.Background(), func(tx *sqldb.Tx) (err error) {
			n, err = sqldb.One(context.Background(), tx, sqldb.Int, `PRAGMA synchronous`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	const normal, full = 1, 2
	for i, c := range []struct {
		way  func(context.Context, func(*sqldb.Tx) error) error
		want int64
	}{{db.Do, full}, {db.Chunk, normal}, {db.Chunk, normal}, {db.Do, full}, {db.Do, full}, {db.Chunk, normal}} {
		if got := level(c.way); got != c.want {
			t.Errorf("write %d: synchronous is %d, want %d", i, got, c.want)
		}
	}
}
