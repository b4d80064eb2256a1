package sqldb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"unionhall/kit/fault"
)

func pg(code, text string) error {
	return fmt.Errorf("act: %w", &pgconn.PgError{Code: code, Message: text})
}

// What another try may survive, what leaves a commit in doubt, and what the
// person is told.
func TestFaultClasses(t *testing.T) {
	for _, c := range []struct {
		name                  string
		err                   error
		again, doubt, waiting bool // told as busy
	}{
		{"serialisation", pg("40001", ""), true, false, false},
		{"deadlock", pg("40P01", ""), true, false, false},
		{"out of memory", pg("53200", ""), true, false, false},
		{"lock not free", pg("55P03", ""), true, false, false},
		{"connection failure", pg("08006", ""), true, true, true},
		{"a pooler's word", pg("08P01", "server_login_retry"), true, true, true},
		{"shut down", pg("57P01", ""), true, true, true},
		{"crash", pg("57P02", ""), true, true, true},
		{"starting", pg("57P03", ""), true, true, true},
		{"too many clients", pg("53300", ""), true, true, true},
		{"a node did not answer", pg("XX000", "could not commit transaction for shard 1 on any active node"), true, true, false},
		{"another internal error", pg("XX000", "cache lookup failed"), false, false, false},
		{"a plan grown old", pg("0A000", "cached plan must not change result type"), true, false, false},
		{"not supported", pg("0A000", "no such feature"), false, false, false},
		{"unique key", pg("23505", ""), false, false, false},
		{"cancelled statement", pg("57014", ""), false, false, false},
		{"cut off", fmt.Errorf("read: %w", io.ErrUnexpectedEOF), true, true, true},
		{"refused", &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, true, true, true},
		{"bad connection", driver.ErrBadConn, true, true, true},
		{"our own mistake", errors.New("cannot encode"), false, false, false},
		{"the person has left", context.Canceled, false, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := retryable(c.err); got != c.again {
				t.Errorf("another try: %v", got)
			}
			if got := uncertain(c.err); got != c.doubt {
				t.Errorf("in doubt: %v", got)
			}
			if got := fault.Of(classify(c.err)).Kind == fault.Busy; got != c.waiting {
				t.Errorf("told to wait: %v", got)
			}
			if !errors.Is(classify(c.err), c.err) {
				t.Error("the cause is lost")
			}
		})
	}
}
