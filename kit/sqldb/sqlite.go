package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
)

// sqlite is one connection with its statements, each prepared once.
type sqlite struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

// always is the context of statements inside a transaction: a caller who
// leaves must not interrupt a batch that strangers share.
var always = context.Background()

// prepared is how many statements a connection keeps; texts built for one
// call only must not pile up.
const prepared = 400

func (s *sqlite) stmt(q string) (*sql.Stmt, error) {
	if st := s.stmts[q]; st != nil {
		return st, nil
	}
	st, err := s.conn.PrepareContext(always, q)
	if err != nil {
		return nil, err
	}
	if len(s.stmts) >= prepared {
		for _, old := range s.stmts {
			old.Close()
		}
		clear(s.stmts)
	}
	s.stmts[q] = st
	return st, nil
}

func (s *sqlite) query(q string, args []any) (*sql.Rows, error) {
	st, err := s.stmt(q)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(always, args...)
}

func (s *sqlite) exec(q string, args []any) (sql.Result, error) {
	st, err := s.stmt(q)
	if err != nil {
		return nil, err
	}
	return st.ExecContext(always, args...)
}

func (s *sqlite) plain(q string) error {
	_, err := s.exec(q, nil)
	return err
}

// close gives the connection back. While a statement is open, SQLite keeps it.
func (s *sqlite) close() error {
	var errs []error
	for _, st := range s.stmts {
		errs = append(errs, st.Close())
	}
	return errors.Join(append(errs, s.conn.Close())...)
}

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
	readers := min(8, 2*runtime.GOMAXPROCS(0)+2)
	pool.SetMaxOpenConns(readers + 3) // and the writer, a backup, a check
	pool.SetMaxIdleConns(readers + 3)
	d := &DB{where: path, pool: pool, read: make(chan *sqlite, readers)}
	c, err := pool.Conn(always)
	if err == nil {
		w := &sqlite{c, map[string]*sql.Stmt{}}
		err = w.plain(`PRAGMA cache_size = -16000`)
		d.lane = newLane(w)
	}
	if err != nil {
		return nil, errors.Join(explain(path, err), pool.Close())
	}
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
	c, err := d.pool.Conn(ctx)
	if err != nil {
		d.read <- nil
		return nil, err
	}
	s := &sqlite{c, map[string]*sql.Stmt{}}
	if err := s.plain(`PRAGMA query_only = 1`); err != nil {
		d.read <- nil
		return nil, errors.Join(err, c.Close())
	}
	return s, nil
}

// letGo gives the connections at rest back to where they came from, so that
// the last one to be closed brings the log into the database file.
func (d *DB) letGo() error {
	errs := []error{d.lane.db.close()}
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
		return errors.Join(err, s.conn.Close())
	}
	defer func() {
		if end := s.plain(`COMMIT`); end != nil {
			err = errors.Join(err, end, s.conn.Close())
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
