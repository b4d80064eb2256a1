package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// openSQLite gives writing one connection and readers a pool of their own: in
// WAL a reader waits for nobody.
func openSQLite(path string) (*DB, error) {
	if err := checkPath(path); err != nil {
		return nil, err
	}
	// temp_store stays "file": kept in memory, what a savepoint may take back is
	// walked through by every statement, and a long batch takes eight times as long.
	dsn := "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path) +
		"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=foreign_keys(1)&_pragma=case_sensitive_like(1)&_pragma=cache_size(-4000)"
	pool, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(3) // for migrations and backups; what follows has its own
	pool.SetConnMaxIdleTime(time.Minute)
	readers := min(8, 2*runtime.GOMAXPROCS(0)+2)
	d := &DB{where: path, pool: pool, read: make(chan *sqlite, readers)}
	d.connect = func() (*sqlite, error) { return connect(pool.Driver(), dsn) }
	w, err := d.connect()
	if err != nil {
		return nil, errors.Join(explain(path, err), pool.Close())
	}
	if err := w.plain(`PRAGMA cache_size = -16000`); err != nil {
		return nil, errors.Join(explain(path, err), w.close(), pool.Close())
	}
	if err := w.plain(`PRAGMA wal_autocheckpoint = 4000`); err != nil {
		return nil, errors.Join(explain(path, err), w.close(), pool.Close())
	}
	d.lanes = []*lane{newLane(w, limits{jobs: 256, span: 20 * time.Millisecond, queue: 4096, slow: 50 * time.Millisecond})}
	for range readers {
		d.read <- nil // opened when first needed
	}
	return d, nil
}

// reader takes a connection from the pool, opening it the first time.
func (d *DB) reader(ctx context.Context) (*sqlite, error) {
	select {
	case s := <-d.read:
		if s != nil {
			return s, nil
		}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s, err := d.connect()
	if err == nil {
		if err = s.plain(`PRAGMA query_only = 1`); err != nil {
			err = errors.Join(err, s.close())
		}
	}
	if err != nil {
		d.read <- nil
		return nil, err
	}
	return s, nil
}

// letGo closes the connections at rest; the last one to be closed brings the
// log into the database file.
func (d *DB) letGo() error {
	errs := []error{d.lanes[0].db.close()}
	for range cap(d.read) {
		select {
		case s := <-d.read:
			if s != nil {
				errs = append(errs, s.close())
			}
		default: // one that still reads
		}
	}
	return errors.Join(errs...)
}

func (d *DB) viewSQLite(ctx context.Context, f func(*Tx) error) (err error) {
	s, err := d.reader(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := s.plain(`BEGIN`); err != nil {
		d.read <- nil
		return errors.Join(err, s.close())
	}
	defer func() {
		if end := s.plain(`COMMIT`); end != nil {
			err = errors.Join(err, end, s.close())
			s = nil
		}
		d.read <- s
	}()
	return f(&Tx{run: s, keys: d.keys})
}

// Snapshot writes the embedded database as it stands now into a new file at
// path, while others read and write.
func (d *DB) Snapshot(ctx context.Context, path string) error {
	c, err := d.pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.ExecContext(ctx, `VACUUM INTO ?`, path); err != nil {
		return classify(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// QuickCheck reads an SQLite file through and reports whether it is sound.
func QuickCheck(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		return err
	}
	defer db.Close()
	var said string
	if err := db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&said); err != nil {
		return err
	}
	if said != "ok" {
		return fmt.Errorf("the database file is damaged: %s", said)
	}
	return nil
}
