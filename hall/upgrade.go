package hall

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"unionhall/kit/sqldb"
	"unionhall/schema"
)

// upgraded brings the embedded database to this version; a server's is only
// looked at. One that is newer than this program is left alone.
func upgraded(ctx context.Context, db *sqldb.DB, s Settings) error {
	has, newest, err := db.Versions(ctx, schema.Files)
	if err != nil {
		return err
	}
	switch {
	case has > newest:
		return fmt.Errorf("the database is of a newer version (%d) than this program (%d): use the newer program", has, newest)
	case has == newest:
		return nil
	case !db.Embedded():
		return fmt.Errorf("the database is of version %d, this program needs %d: run unionhall migrate first", has, newest)
	}
	return upgrade(ctx, db, s, has, newest)
}

// Migrate brings a database to this version, or with dry only says from what
// to what that would be.
func Migrate(ctx context.Context, s Settings, dry bool) (from, to int64, err error) {
	if s.Embedded() {
		if err := os.MkdirAll(s.Data, 0o700); err != nil {
			return 0, 0, err
		}
	}
	db, err := sqldb.Open(s.Where())
	if err != nil {
		return 0, 0, err
	}
	defer db.Close()
	if from, to, err = db.Versions(ctx, schema.Files); err != nil || dry || from >= to {
		return from, to, err
	}
	return from, to, upgrade(ctx, db, s, from, to)
}

// keptCopies is how many databases of before upgrades are kept.
const keptCopies = 3

// upgrade migrates a database. The embedded one is copied beside itself first,
// and the migrations are tried on a second copy: if one of them fails, the
// database stays of the old version, and the old program runs on it as before.
// A server migrates one file after the other, each whole or not at all, and
// every one leaves what the old version needs.
//
// law: PL-03
func upgrade(ctx context.Context, db *sqldb.DB, s Settings, has, newest int64) error {
	if !db.Embedded() || has == 0 {
		return db.Migrate(ctx, schema.Files)
	}
	kept := filepath.Join(s.Data, fmt.Sprintf("unionhall-%05d-%s.db", has, sqldb.NewID()[:13]))
	if err := db.Snapshot(ctx, kept); err != nil {
		return errors.Join(fmt.Errorf("the database cannot be copied before the upgrade from version %d to %d, nothing was changed: %w", has, newest, err), remove(kept))
	}
	if err := rehearsed(ctx, kept); err != nil {
		return fmt.Errorf("the upgrade from version %d to %d fails and nothing was changed, go on with the old program: %w", has, newest, err)
	}
	if err := db.Migrate(ctx, schema.Files); err != nil {
		return fmt.Errorf("the upgrade stopped half way, put back %s as unionhall.db for the old program: %w", kept, err)
	}
	slog.Info("the database was upgraded", "from", has, "to", newest, "copy of before", kept)
	return trim(s.Data)
}

// rehearsed migrates a copy of the copy at path.
func rehearsed(ctx context.Context, path string) (err error) {
	trial := path + ".trial"
	defer func() { err = errors.Join(err, remove(trial), remove(trial+"-wal"), remove(trial+"-shm")) }()
	if err := copyFile(path, trial); err != nil {
		return err
	}
	db, err := sqldb.Open(trial)
	if err != nil {
		return err
	}
	return errors.Join(db.Migrate(ctx, schema.Files), db.Close())
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func copyFile(from, to string) error {
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return errors.Join(err, w.Close())
}

// trim keeps the latest copies: their names rise with time.
func trim(dir string) error {
	all, err := filepath.Glob(filepath.Join(dir, "unionhall-[0-9][0-9][0-9][0-9][0-9]-*.db"))
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b string) int {
		stamp := func(p string) string { return filepath.Base(p)[len("unionhall-00000-"):] }
		return slices.Compare([]byte(stamp(a)), []byte(stamp(b)))
	})
	for len(all) > keptCopies {
		if err := remove(all[0]); err != nil {
			return err
		}
		all = all[1:]
	}
	return nil
}
