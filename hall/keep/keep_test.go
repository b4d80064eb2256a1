package keep_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"unionhall/grassroots/registry"
	"unionhall/hall/city"
	"unionhall/hall/keep"
	"unionhall/kit/files"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/office/account"
	"unionhall/schema/dbtest"
)

const now = "2026-11-22T01:00:00.000000Z"

// town is a small office with people and one file.
func town(t *testing.T, db *sqldb.DB) keep.Source {
	t.Helper()
	dir, ctx := t.TempDir(), t.Context()
	keyFile := filepath.Join(dir, "keys.json")
	keys, err := seal.Create(keyFile)
	if err != nil {
		t.Fatal(err)
	}
	db.UseKeys(keys)
	store, err := files.OpenFolder(filepath.Join(dir, "files"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	if _, err := store.Put(ctx, strings.NewReader("会员入会申请书"), 1<<20); err != nil {
		t.Fatal(err)
	}
	var root registry.Union
	err = db.Do(ctx, func(tx *sqldb.Tx) (err error) {
		_, root, _, err = account.Init(ctx, tx, city.Tenant, account.Beginning{Name: city.Office, Region: city.Region, Login: "admin", Person: "郑宇", Hash: "-", By: "test"}, now)
		return err
	})
	if err == nil {
		_, err = city.Fill(ctx, db, root, city.Plan{Unions: 12, Members: 300, Years: 3, Seed: 3, Today: "2026-11-22"})
	}
	if err != nil {
		t.Fatal(err)
	}
	return keep.Source{DB: db, Files: store, KeyFile: keyFile}
}

func hashes(t *testing.T, db *sqldb.DB) map[string]string {
	t.Helper()
	h, err := keep.TableHashes(t.Context(), db)
	if err != nil || len(h) < 20 {
		t.Fatal(len(h), err)
	}
	return h
}

func opened(t *testing.T, where string) *sqldb.DB {
	t.Helper()
	db, err := sqldb.Open(where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// What is restored equals what was backed up, table by table, whichever engine
// it comes from and whichever way it was packed (PL-02).
func TestRestoreEqualsTheSource(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		src := town(t, db)
		want := hashes(t, db)
		for _, portable := range []bool{false, true} {
			src.Portable = portable
			path, dir := filepath.Join(t.TempDir(), "b.tar.zst"), filepath.Join(t.TempDir(), "restored")
			m, err := keep.Backup(t.Context(), src, path, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := keep.Restore(t.Context(), path, keep.Target{Dir: dir}); err != nil {
				t.Fatal(m.Format, err)
			}
			if got := hashes(t, opened(t, filepath.Join(dir, "unionhall.db"))); !maps.Equal(got, want) {
				t.Errorf("%s: tables differ: %v", m.Format, differing(got, want))
			}
			if _, err := seal.Load(filepath.Join(dir, "keys.json")); err != nil {
				t.Error(err)
			}
			store, err := files.OpenFolder(filepath.Join(dir, "files"))
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			err = store.Walk(func(hash string, _ int64) error { n++; return store.Verify(hash) })
			if n != 1 || err != nil {
				t.Errorf("%d files, %v", n, err)
			}
			store.Close()
		}
	})
}

func differing(a, b map[string]string) (out []string) {
	for k := range b {
		if a[k] != b[k] {
			out = append(out, k)
		}
	}
	return out
}

// PL-02: SQLite to PostgreSQL and back holds the same.
func TestThereAndBack(t *testing.T) {
	if os.Getenv("PG") == "" {
		t.Log("no PostgreSQL: only the way through SQLite is tried")
	}
	src := town(t, dbtest.SQLite(t))
	src.Portable = true
	want, ctx := hashes(t, src.DB), t.Context()
	from := filepath.Join(t.TempDir(), "a.tar.zst")
	if _, err := keep.Backup(ctx, src, from, time.Now()); err != nil {
		t.Fatal(err)
	}
	if os.Getenv("PG") != "" {
		empty := dbtest.Empty(t)
		dir := filepath.Join(t.TempDir(), "server")
		if _, err := keep.Restore(ctx, from, keep.Target{Dir: dir, DB: empty}); err != nil {
			t.Fatal(err)
		}
		pg := opened(t, empty)
		if got := hashes(t, pg); !maps.Equal(got, want) {
			t.Fatalf("on the server: %v differ", differing(got, want))
		}
		from = filepath.Join(t.TempDir(), "b.tar.zst")
		if _, err := keep.Backup(ctx, keep.Source{DB: pg, Files: src.Files, KeyFile: src.KeyFile}, from, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	dir := filepath.Join(t.TempDir(), "back")
	if _, err := keep.Restore(ctx, from, keep.Target{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	if got := hashes(t, opened(t, filepath.Join(dir, "unionhall.db"))); !maps.Equal(got, want) {
		t.Errorf("back again: %v differ", differing(got, want))
	}
}

// A backup of which a byte was changed, or that was cut off, is refused, and
// nothing is put in place.
func TestDamagedBackupIsRefused(t *testing.T) {
	src := town(t, dbtest.SQLite(t))
	path := filepath.Join(t.TempDir(), "b.tar.zst")
	if _, err := keep.Backup(t.Context(), src, path, time.Now()); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{
		"cut off":   whole[:len(whole)*2/3],
		"a byte":    append(append(append([]byte{}, whole[:len(whole)/2]...), whole[len(whole)/2]^0x40), whole[len(whole)/2+1:]...),
		"no backup": []byte("hello"),
		"empty":     {},
	} {
		dir := filepath.Join(t.TempDir(), "x")
		p := filepath.Join(t.TempDir(), "bad")
		if err := os.WriteFile(p, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := keep.Restore(t.Context(), p, keep.Target{Dir: dir}); err == nil {
			t.Errorf("%s: restored", name)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s: something was put in place", name)
		}
	}
}

// A folder that holds an office is left alone; with force it is put aside.
func TestRestoreIntoAnOffice(t *testing.T) {
	src := town(t, dbtest.SQLite(t))
	path, above := filepath.Join(t.TempDir(), "b.tar.zst"), t.TempDir()
	if _, err := keep.Backup(t.Context(), src, path, time.Now()); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(above, "data")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "mine"), []byte("1"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := keep.Restore(t.Context(), path, keep.Target{Dir: dir}); err == nil || !strings.Contains(err.Error(), "--force") {
		t.Errorf("without force: %v", err)
	}
	if _, err := keep.Restore(t.Context(), path, keep.Target{Dir: dir, Force: true}); err != nil {
		t.Fatal(err)
	}
	aside, err := filepath.Glob(filepath.Join(above, "data.before-*", "mine"))
	if err != nil || len(aside) != 1 {
		t.Errorf("put aside: %v, %v", aside, err)
	}
}

// While a backup is made, nobody who writes waits long, and what is restored
// stands as it was at one moment: every union that was added is whole.
func TestBackupWhileOthersWrite(t *testing.T) {
	src := town(t, dbtest.SQLite(t))
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			err := src.DB.Do(context.Background(), func(tx *sqldb.Tx) error {
				for _, kind := range []string{"left", "right"} {
					if _, err := tx.Exec(ctx, `INSERT INTO counters (tenant_id, kind, scope, last) VALUES ($1, $2, $3, 1)`, int64(city.Tenant), kind, fmt.Sprint(i)); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
				return
			}
		}
	})
	path, dir := filepath.Join(t.TempDir(), "b.tar.zst"), filepath.Join(t.TempDir(), "r")
	_, err := keep.Backup(t.Context(), src, path, time.Now())
	stop()
	wg.Wait()
	if err == nil {
		_, err = keep.Restore(t.Context(), path, keep.Target{Dir: dir})
	}
	if err != nil {
		t.Fatal(err)
	}
	db := opened(t, filepath.Join(dir, "unionhall.db"))
	err = db.View(t.Context(), func(tx *sqldb.Tx) error {
		odd, err := sqldb.One(t.Context(), tx, sqldb.Int, `
			SELECT (SELECT count(*) FROM counters WHERE tenant_id = $1 AND kind = 'left') - (SELECT count(*) FROM counters WHERE tenant_id = $1 AND kind = 'right')`, int64(city.Tenant))
		if odd != 0 {
			t.Errorf("%d halves", odd)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
