// Package dbtest gives a test a fresh database on every engine there is:
// SQLite always, PostgreSQL and PostgreSQL with every table partitioned by
// tenant when the variable PG holds the postgres:// address of a server on
// which databases may be made (go run ./cmd/dev test sees to that).
package dbtest

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"unionhall/kit/sqldb"
	"unionhall/schema"
)

// Each runs f once per engine, on an empty schema.
func Each(t *testing.T, f func(t *testing.T, db *sqldb.DB)) {
	t.Run("sqlite", func(t *testing.T) { f(t, SQLite(t)) })
	if os.Getenv("PG") == "" {
		if os.Getenv("CI") == "true" {
			t.Error("PG names no server, and in CI no engine may be left out")
		}
		return
	}
	t.Run("postgres", func(t *testing.T) { f(t, Postgres(t)) })
	t.Run("partitioned", func(t *testing.T) { f(t, Partitioned(t)) })
}

// SQLite returns a database in a file of the test's own.
func SQLite(t testing.TB) *sqldb.DB {
	t.Helper()
	image, err := migrated()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "t.db")
	if err := os.WriteFile(path, image, 0o600); err != nil {
		t.Fatal(err)
	}
	return open(t, path)
}

// migrated is the file that SQLite makes of the schema, made once a process.
var migrated = sync.OnceValues(func() (image []byte, err error) {
	dir, err := os.MkdirTemp("", "unionhall-dbtest")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "t.db")
	if err := migrate(path, schema.Files); err != nil {
		return nil, err
	}
	return os.ReadFile(path) // closed and thus whole, without a -wal beside it
})

func migrate(where string, files fs.FS) error {
	db, err := sqldb.Open(where)
	if err != nil {
		return err
	}
	err = db.Migrate(context.Background(), files)
	if shut := db.Close(); err == nil {
		err = shut
	}
	return err
}

func open(t testing.TB, where string) *sqldb.DB {
	t.Helper()
	db, err := sqldb.Open(where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

var create = regexp.MustCompile(`(?s)CREATE TABLE (\w+) \((.*?)\n\)([^;]*);`)

// Split rewrites the schema as a distributed engine would hold it: what works
// on four hash partitions by tenant works on four machines. Tables without a
// tenant stay whole.
func Split(files fs.FS) (fs.FS, error) {
	out := fstest.MapFS{}
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	for _, n := range names {
		text, err := fs.ReadFile(files, n)
		if err != nil {
			return nil, err
		}
		split := create.ReplaceAllStringFunc(string(text), func(stmt string) string {
			m := create.FindStringSubmatch(stmt)
			if !strings.Contains(m[2], "tenant_id") {
				return stmt
			}
			with := "CREATE TABLE " + m[1] + " (" + m[2] + "\n)" + m[3] + " PARTITION BY HASH (tenant_id);"
			for _, i := range []string{"0", "1", "2", "3"} {
				with += "\nCREATE TABLE " + m[1] + "_p" + i + " PARTITION OF " + m[1] + " FOR VALUES WITH (MODULUS 4, REMAINDER " + i + ");"
			}
			return with
		})
		out[n] = &fstest.MapFile{Data: []byte(split)}
	}
	return out, nil
}
