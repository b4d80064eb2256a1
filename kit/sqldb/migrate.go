package sqldb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing/fstest"

	"github.com/pressly/goose/v3"
)

// rowless marks a table that SQLite keeps as one tree instead of two; other
// engines read a comment.
const rowless = "/* rowless */"

func (d *DB) provider(files fs.FS) (*goose.Provider, error) {
	dialect := goose.DialectPostgres
	if d.Embedded() {
		dialect = goose.DialectSQLite3
		names, err := fs.Glob(files, "*.sql")
		if err != nil {
			return nil, err
		}
		own := fstest.MapFS{}
		for _, n := range names {
			text, err := fs.ReadFile(files, n)
			if err != nil {
				return nil, err
			}
			own[n] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(string(text), rowless, "WITHOUT ROWID"))}
		}
		files = own
	}
	return goose.NewProvider(dialect, d.pool, files)
}

// Migrate brings the schema to the last of the numbered files.
func (d *DB) Migrate(ctx context.Context, files fs.FS) error {
	p, err := d.provider(files)
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

// Versions returns the number of the schema in the database (0 = empty) and
// of the newest of files.
func (d *DB) Versions(ctx context.Context, files fs.FS) (has, newest int64, err error) {
	p, err := d.provider(files)
	if err != nil {
		return 0, 0, err
	}
	newest = p.ListSources()[len(p.ListSources())-1].Version
	has, err = p.GetDBVersion(ctx)
	return has, newest, err
}

// checkPath refuses, before SQLite would say it in its own way, a folder that
// is missing or may not be written.
func checkPath(path string) error {
	dir := filepath.Dir(path)
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		return fmt.Errorf("folder %s does not exist: create it or name another with --data", dir)
	}
	probe, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return fmt.Errorf("folder %s cannot be written: check its owner and rights, or name another with --data", dir)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

func explain(path string, err error) error {
	switch sqliteCode(err) & firstByte {
	case readOnlyFile, cannotOpen:
		return fmt.Errorf("database %s cannot be opened for writing: check its owner and rights", path)
	case corrupt, 26:
		return fmt.Errorf("%s is not a database of this program or is damaged: restore the last backup", path)
	case busy:
		return fmt.Errorf("database %s is in use by another process: stop it first", path)
	}
	return err
}
