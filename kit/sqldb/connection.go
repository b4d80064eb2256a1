package sqldb

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
)

// sqlite is one connection with its statements, each prepared once. It speaks
// to the driver itself: database/sql, which looks after pools and contexts that
// are not needed here, took a tenth of the time of a page.
type sqlite struct {
	conn  driver.ConnPrepareContext
	stmts map[string]statement
	open  int  // results that are being read
	lax   bool // commits do not wait for the disk
}

// statement is one that the driver has prepared.
type statement interface {
	driver.Stmt
	driver.StmtQueryContext
	driver.StmtExecContext
}

// always is the context of statements inside a transaction: a caller who
// leaves must not interrupt a batch that strangers share.
var always = context.Background()

// prepared is how many statements a connection keeps; texts built for one
// call only must not pile up.
const prepared = 400

var errDriver = errors.New("sqldb: a driver without prepared statements")

func connect(d driver.Driver, dsn string) (*sqlite, error) {
	c, err := d.Open(dsn)
	if err != nil {
		return nil, err
	}
	conn, ok := c.(driver.ConnPrepareContext)
	if !ok {
		return nil, errors.Join(errDriver, c.Close())
	}
	return &sqlite{conn: conn, stmts: map[string]statement{}}, nil
}

func (s *sqlite) stmt(q string) (statement, error) {
	if st := s.stmts[q]; st != nil {
		return st, nil
	}
	p, err := s.conn.PrepareContext(always, q)
	if err != nil {
		return nil, err
	}
	st, ok := p.(statement)
	if !ok {
		return nil, errors.Join(errDriver, p.Close())
	}
	if len(s.stmts) >= prepared && s.open == 0 {
		for _, old := range s.stmts {
			old.Close()
		}
		clear(s.stmts)
	}
	s.stmts[q] = st
	return st, nil
}

// bound gives arguments the few types that the engine knows.
func bound(args []any) ([]driver.NamedValue, error) {
	out := make([]driver.NamedValue, len(args))
	for i, a := range args {
		switch a.(type) {
		case nil, string, int64, bool, []byte:
		default:
			var err error
			if a, err = driver.DefaultParameterConverter.ConvertValue(a); err != nil {
				return nil, err
			}
		}
		out[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	return out, nil
}

func (s *sqlite) query(q string, args []any) (rows, error) {
	st, err := s.stmt(q)
	if err != nil {
		return nil, err
	}
	in, err := bound(args)
	if err != nil {
		return nil, err
	}
	r, err := st.QueryContext(always, in)
	if err != nil {
		return nil, err
	}
	s.open++
	return &ownRows{r, s}, nil
}

func (s *sqlite) exec(q string, args []any) (int64, error) {
	st, err := s.stmt(q)
	if err != nil {
		return 0, err
	}
	in, err := bound(args)
	if err != nil {
		return 0, err
	}
	r, err := st.ExecContext(always, in)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func (s *sqlite) plain(q string) error {
	_, err := s.exec(q, nil)
	return err
}

// once runs a pragma that takes effect as it is prepared, so that no statement
// of it may be kept.
func (s *sqlite) once(q string) error {
	p, err := s.conn.PrepareContext(always, q)
	if err != nil {
		return err
	}
	st, ok := p.(driver.StmtExecContext)
	if !ok {
		return errors.Join(errDriver, p.Close())
	}
	_, err = st.ExecContext(always, nil)
	return errors.Join(err, p.Close())
}

func (s *sqlite) begin(_ int, piece bool) error {
	if err := s.hurry(piece); err != nil {
		return err
	}
	return s.plain(`BEGIN IMMEDIATE`)
}

func (s *sqlite) save() error    { return s.plain(`SAVEPOINT j`) }
func (s *sqlite) release() error { return s.plain(`RELEASE j`) }
func (s *sqlite) commit() error  { return s.plain(`COMMIT`) }
func (s *sqlite) rollback()      { s.plain(`ROLLBACK`) } // fails when SQLite has done so by itself

func (s *sqlite) back() error {
	if err := s.plain(`ROLLBACK TO j`); err != nil {
		return err
	}
	return s.release()
}

// hurry sets how the next transaction is committed. A piece of a long work does
// not wait for the disk: nobody is told of it before a later write that does
// wait, which brings all before it to the disk too. Losing power loses the last
// pieces whole, and the work goes on from the last that stayed.
func (s *sqlite) hurry(piece bool) error {
	if piece == s.lax {
		return nil
	}
	mode := map[bool]string{true: `PRAGMA synchronous = NORMAL`, false: `PRAGMA synchronous = FULL`}[piece]
	if err := s.once(mode); err != nil {
		return err
	}
	s.lax = piece
	return nil
}

// close ends the connection. While a statement is open, SQLite keeps it.
func (s *sqlite) close() error {
	var errs []error
	for _, st := range s.stmts {
		errs = append(errs, st.Close())
	}
	if c, ok := s.conn.(io.Closer); ok {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// ownRows is a result of the embedded engine.
type ownRows struct {
	driver.Rows
	of *sqlite
}

func (r *ownRows) next(into []driver.Value) (bool, error) {
	err := r.Rows.Next(into)
	if err == io.EOF {
		return false, nil
	}
	return err == nil, err
}

func (r *ownRows) Close() error {
	r.of.open--
	return r.Rows.Close()
}
