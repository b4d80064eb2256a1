package dbtest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"unionhall/kit/sqldb"
	"unionhall/schema"
)

// Postgres returns a database of the test's own on the server that PG names.
func Postgres(t testing.TB) *sqldb.DB {
	t.Helper()
	return clone(t, whole)
}

// Partitioned is Postgres with every table in four partitions by tenant.
func Partitioned(t testing.TB) *sqldb.DB {
	t.Helper()
	return clone(t, split)
}

// The databases that tests get a copy of, found or made once a process.
var (
	whole = sync.OnceValues(func() (string, error) { return template(schema.Files) })
	split = sync.OnceValues(func() (string, error) {
		files, err := Split(schema.Files)
		if err != nil {
			return "", err
		}
		return template(files)
	})
	server = sync.OnceValues(func() (*sql.DB, error) { return sql.Open("pgx", os.Getenv("PG")) })
)

func clone(t testing.TB, source func() (string, error)) *sqldb.DB {
	t.Helper()
	from, err := source()
	if err != nil {
		t.Fatal(err)
	}
	admin, err := server()
	if err != nil {
		t.Fatal(err)
	}
	name := "t" + strings.ReplaceAll(sqldb.NewID(), "-", "")
	if _, err := admin.Exec(`CREATE DATABASE ` + name + ` TEMPLATE ` + from); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec(`DROP DATABASE ` + name + ` WITH (FORCE)`); err != nil {
			t.Error(err)
		}
	})
	where, err := address(name)
	if err != nil {
		t.Fatal(err)
	}
	return open(t, where)
}

// address leads to another database of the server.
func address(name string) (string, error) {
	u, err := url.Parse(os.Getenv("PG"))
	if err != nil {
		return "", errors.New("PG is no postgres:// address")
	}
	u.Path = "/" + name
	return u.String(), nil
}

// template returns a database with these migrations, which the packages that
// are tested side by side share: the first who needs it makes it.
func template(files fs.FS) (name string, err error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, n := range names {
		text, err := fs.ReadFile(files, n)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, "%s %d\n%s", n, len(text), text)
	}
	name = "schema_" + hex.EncodeToString(sum.Sum(nil))[:16]
	admin, err := server()
	if err != nil {
		return "", err
	}
	ctx := context.Background()
	conn, err := admin.Conn(ctx)
	if err != nil {
		return "", err
	}
	_, err = conn.ExecContext(ctx, `SELECT pg_advisory_lock(hashtext($1))`, name)
	if err == nil {
		err = makeTemplate(ctx, conn, name, files)
	}
	return name, errors.Join(err, unlock(ctx, conn, name))
}

func unlock(ctx context.Context, conn *sql.Conn, name string) error {
	_, err := conn.ExecContext(ctx, `SELECT pg_advisory_unlock(hashtext($1))`, name)
	return errors.Join(err, conn.Close())
}

// makeTemplate gives the database its name when it is whole, so that nobody
// ever copies half of one.
func makeTemplate(ctx context.Context, conn *sql.Conn, name string, files fs.FS) error {
	var there bool
	if err := conn.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)`, name).Scan(&there); err != nil || there {
		return err
	}
	where, err := address(name + "_new")
	if err != nil {
		return err
	}
	for _, q := range []string{
		`DROP DATABASE IF EXISTS ` + name + `_new WITH (FORCE)`,
		`CREATE DATABASE ` + name + `_new TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'`,
	} {
		if _, err := conn.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	if err := migrate(where, files); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, `ALTER DATABASE `+name+`_new RENAME TO `+name)
	return err
}

// Empty returns the address of a database without any tables on the server
// that PG names.
func Empty(t testing.TB) string {
	t.Helper()
	admin, err := server()
	if err != nil {
		t.Fatal(err)
	}
	name := "e" + strings.ReplaceAll(sqldb.NewID(), "-", "")
	if _, err := admin.Exec(`CREATE DATABASE ` + name + ` TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C.UTF-8' ENCODING 'UTF8'`); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec(`DROP DATABASE ` + name + ` WITH (FORCE)`); err != nil {
			t.Error(err)
		}
	})
	where, err := address(name)
	if err != nil {
		t.Fatal(err)
	}
	return where
}
