package sqldb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// server is a lane's own connection to PostgreSQL. What nobody waits for (the
// start of a transaction, savepoints, statements that were queued) is sent
// with the next statement whose answer is read: one trip for all of them.
type server struct {
	dial    func() (*pgx.Conn, error)
	conn    *pgx.Conn // nil until it is needed, and after it broke
	since   time.Time
	waiting []sending
	point   point
	at      int // where in waiting the savepoint stands
}

type sending struct {
	q    string
	args []any
}

// point is how far the savepoint of the job under way has come.
type point int

const (
	none    point = iota
	pended        // it waits to be sent
	sent          // whether it is set is not known
	planted       // it is set
)

const (
	// crowd is how many statements are sent in one go.
	crowd = 64
	// stuck is when a statement without an answer is given up, and the
	// connection with it.
	stuck = time.Minute
	// worn is when a connection is made anew, as those of the pool are.
	worn = time.Hour

	beginText   = `begin isolation level read committed`
	saveText    = `savepoint j`
	releaseText = `release savepoint j`
	backText    = `rollback to savepoint j`
	// Who waits for a row longer than this frees the rows of the batch and
	// waits alone, so that two batches don't stand in each other's way.
	yieldText = `set local lock_timeout = '80ms'`
)

var (
	errNoPoint    = errors.New("sqldb: the savepoint may not be set")
	errRolledBack = errors.New("sqldb: the server rolled back what was to be committed")
)

// inDoubt is the failure of a COMMIT that the server may have done all the same.
type inDoubt struct{ error }

func (e inDoubt) Unwrap() error { return e.error }

func (s *server) begin(jobs int, _ bool) (err error) {
	s.waiting, s.point = s.waiting[:0], none
	if s.conn != nil && (s.conn.IsClosed() || s.conn.PgConn().TxStatus() != 'I' || time.Since(s.since) > worn) {
		s.drop()
	}
	if s.conn == nil {
		if s.conn, err = s.dial(); err != nil {
			return err
		}
		s.since = time.Now()
	}
	s.waiting = append(s.waiting, sending{q: beginText})
	if jobs > 1 {
		s.waiting = append(s.waiting, sending{q: yieldText})
	}
	return nil
}

func (s *server) save() error {
	s.point, s.at = pended, len(s.waiting)
	s.waiting = append(s.waiting, sending{q: saveText})
	return nil
}

func (s *server) release() error {
	if s.point == pended { // the job sent nothing at all
		s.waiting = s.waiting[:s.at]
	} else {
		s.waiting = append(s.waiting, sending{q: releaseText})
	}
	s.point = none
	return nil
}

func (s *server) back() error {
	switch s.point {
	case pended:
		s.waiting = s.waiting[:s.at]
	case planted:
		s.waiting = s.waiting[:0]
		if err := s.plain(backText); err != nil {
			return fmt.Errorf("%w: %v", errNoPoint, err) // whatever it was, it concerns the job alone
		}
		s.waiting = append(s.waiting, sending{q: releaseText})
	default:
		return errNoPoint
	}
	s.point = none
	return nil
}

// commit sends no savepoint's release: COMMIT does that too.
func (s *server) commit() error {
	s.waiting = s.waiting[:0]
	if s.conn.IsClosed() {
		return driver.ErrBadConn
	}
	if s.conn.PgConn().TxStatus() == 'I' {
		return nil // no job has sent anything
	}
	s.hurry()
	tag, err := s.conn.Exec(always, `commit`)
	switch {
	case err != nil && uncertain(err):
		return inDoubt{err}
	case err == nil && tag.String() == "ROLLBACK":
		return errRolledBack
	}
	return err
}

func (s *server) rollback() {
	s.waiting, s.point = s.waiting[:0], none
	if s.conn == nil || s.conn.PgConn().TxStatus() == 'I' && !s.conn.IsClosed() {
		return
	}
	if s.conn.IsClosed() || s.plain(`rollback`) != nil {
		s.drop()
	}
}

func (s *server) drop() {
	if c := s.conn; c != nil {
		s.conn = nil
		ctx, cancel := context.WithTimeout(always, reach)
		defer cancel()
		c.Close(ctx)
	}
}

func (s *server) close() error {
	s.drop()
	return nil
}

// hurry sets the time until which the server has to answer.
func (s *server) hurry() {
	s.conn.PgConn().Conn().SetDeadline(time.Now().Add(stuck)) // its failure shows in what follows
}

func (s *server) plain(q string) error {
	s.hurry()
	_, err := s.conn.Exec(always, q)
	return err
}

// queue has a statement sent with the next one.
func (s *server) queue(q string, args []any) error {
	if len(args) == 0 {
		_, err := s.exec(q, nil)
		return err
	}
	s.waiting = append(s.waiting, sending{q, args})
	if len(s.waiting) >= crowd {
		return s.flush()
	}
	return nil
}

// flush sends what was queued; nothing but the marks of transactions may wait.
func (s *server) flush() error {
	n := len(s.waiting)
	if n == 0 || s.waiting[n-1].args == nil {
		return nil
	}
	last := s.waiting[n-1]
	s.waiting = s.waiting[:n-1]
	_, err := s.exec(last.q, last.args)
	return err
}

func (s *server) exec(q string, args []any) (int64, error) {
	if len(args) == 0 { // may be several in one text
		if err := s.sendAll(); err != nil {
			return 0, err
		}
	}
	s.hurry()
	if len(s.waiting) == 0 {
		tag, err := s.conn.Exec(always, q, args...)
		return tag.RowsAffected(), err
	}
	results, err := s.send(q, args)
	if err != nil {
		return 0, err
	}
	tag, err := results.Exec()
	if end := results.Close(); err == nil {
		err = end
	}
	return tag.RowsAffected(), err
}

func (s *server) query(q string, args []any) (rows, error) {
	s.hurry()
	if len(s.waiting) == 0 {
		r, err := s.conn.Query(always, q, args...)
		if err != nil {
			return nil, err
		}
		return &serverRows{Rows: r, of: s.conn}, nil
	}
	results, err := s.send(q, args)
	if err != nil {
		return nil, err
	}
	r, err := results.Query()
	if err != nil {
		r.Close()
		results.Close()
		return nil, err
	}
	return &serverRows{Rows: r, of: s.conn, in: results}, nil
}

// sendAll sends what waits.
func (s *server) sendAll() error {
	if len(s.waiting) == 0 {
		return nil
	}
	last := s.waiting[len(s.waiting)-1]
	point := s.point == pended && s.at == len(s.waiting)-1
	s.waiting = s.waiting[:len(s.waiting)-1]
	s.hurry()
	results, err := s.send(last.q, last.args)
	if err != nil {
		return err
	}
	if err := results.Close(); err != nil {
		return err
	}
	if point {
		s.point = planted
	}
	return nil
}

// send sends what waits and q behind it, and reads the answers before that of q.
func (s *server) send(q string, args []any) (pgx.BatchResults, error) {
	all := &pgx.Batch{}
	for _, w := range s.waiting {
		all.Queue(w.q, w.args...)
	}
	all.Queue(q, args...)
	n, point := len(s.waiting), -1
	s.waiting = s.waiting[:0]
	if s.point == pended {
		s.point, point = sent, s.at
	}
	results := s.conn.SendBatch(always, all)
	for i := range n {
		if _, err := results.Exec(); err != nil {
			results.Close() // says the same again
			return nil, err
		}
		if i == point {
			s.point = planted
		}
	}
	return results, nil
}

// serverRows is a result of the server.
type serverRows struct {
	pgx.Rows
	of *pgx.Conn
	in pgx.BatchResults // nil if it was sent alone
}

func (r *serverRows) Columns() []string {
	fields := r.FieldDescriptions()
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return names
}

func (r *serverRows) next(into []driver.Value) (bool, error) {
	if !r.Rows.Next() {
		return false, r.Err()
	}
	fields := r.FieldDescriptions()
	for i, raw := range r.RawValues() {
		f := &fields[i]
		if raw == nil {
			into[i] = nil
			continue
		}
		t, known := r.of.TypeMap().TypeForOID(f.DataTypeOID)
		if !known {
			into[i] = string(raw)
			continue
		}
		v, err := t.Codec.DecodeDatabaseSQLValue(r.of.TypeMap(), f.DataTypeOID, f.Format, raw)
		if err != nil {
			return false, fmt.Errorf("column %s: %w", f.Name, err)
		}
		into[i] = v
	}
	return true, nil
}

func (r *serverRows) Close() error {
	r.Rows.Close()
	if r.in != nil {
		return r.in.Close()
	}
	return nil
}
