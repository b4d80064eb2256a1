package sqldb

import (
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	driver "modernc.org/sqlite"

	"unionhall/kit/fault"
)

// SQLite's result codes that matter here.
const (
	busy             = 5
	noMemory         = 7
	interrupted      = 9
	ioError          = 10
	diskFull         = 13
	uniqueKey        = 2067
	primaryKey       = 1555
	foreignKey       = 787
	readOnlyFile     = 8
	cannotOpen       = 14
	corrupt          = 11
	firstByte        = 0xff
	uniqueViolation  = "23505"
	foreignViolation = "23503"
	pgDiskFull       = "53100"
	internalError    = "XX000"
)

func sqliteCode(err error) int {
	var s *driver.Error
	if errors.As(err, &s) {
		return s.Code()
	}
	return 0
}

func pgCode(err error) string {
	var p *pgconn.PgError
	if errors.As(err, &p) {
		return p.Code
	}
	return ""
}

// classify turns what a person can act upon into a fault: the breach of a
// unique key, a reference to what is gone, a full disk.
func classify(err error) error {
	code, pg := sqliteCode(err), pgCode(err)
	switch {
	case code == uniqueKey || code == primaryKey || pg == uniqueViolation:
		return errors.Join(fault.New(fault.Conflict, "已有相同的记录，请刷新后再看。"), err)
	case code == foreignKey || pg == foreignViolation:
		return errors.Join(fault.New(fault.Conflict, "这条记录还与别的记录相连，请刷新后再看。"), err)
	case sqliteCode(err) == 0 && unreachable(err):
		return away(err)
	case code&firstByte == diskFull || pg == pgDiskFull:
		return errors.Join(fault.New(fault.Busy, "服务器磁盘已满，数据未保存。请联系系统管理员腾出空间后重试，您填写的内容仍在页面上。"), err)
	}
	return err
}

// takesAll reports whether an error may have taken the whole transaction and
// not only the statement: SQLite drops it by itself on a full disk, a server
// with the connection.
func takesAll(err error) bool {
	if pgCode(err) == "40001" {
		return true
	}
	switch sqliteCode(err) & firstByte {
	case diskFull, ioError, noMemory, interrupted, busy:
		return true
	}
	return sqliteCode(err) == 0 && unreachable(err)
}

// blocked tells that a statement met a row which another transaction holds.
func blocked(err error) bool {
	code := pgCode(err)
	return code == "55P03" || code == "40P01"
}

// hopeless tells, of a transaction that was lost, that its parts would fare no
// better one by one: the server is away, or nobody knows whether they are stored.
func hopeless(err error) bool {
	return sqliteCode(err) == 0 && unreachable(err) || errors.As(err, new(inDoubt))
}

// retryable tells the failures that another try may survive: serialisation,
// deadlock, lock time-out, lost or closing connection, a busy SQLite file.
func retryable(err error) bool {
	if err == nil {
		return false
	}
	if code := sqliteCode(err); code != 0 {
		return code&firstByte == busy
	}
	switch pgCode(err) {
	case "40001", "40P01", "53200", "55P03":
		return true
	case "0A000": // a column was added since the statement was prepared
		return strings.Contains(err.Error(), "cached plan")
	}
	return unreachable(err) || uncertain(err)
}

// unreachable tells that the server, or the way to it, is away or going.
func unreachable(err error) bool {
	switch pg := pgCode(err); pg {
	case "":
	case "57P01", "57P02", "57P03", "53300":
		return true
	default:
		return strings.HasPrefix(pg, "08")
	}
	var connect *pgconn.ConnectError
	var network net.Error
	return pgconn.SafeToRetry(err) || errors.As(err, &connect) || errors.As(err, &network) ||
		errors.Is(err, sqldriver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

// uncertain tells, of the failure of a COMMIT, that the server may have done
// it all the same: the answer was lost on the way, or a distributed engine
// could not hear from all of its nodes.
func uncertain(err error) bool {
	if pgCode(err) == internalError {
		return strings.Contains(err.Error(), "could not commit")
	}
	// The driver says "conn closed" and safe to retry of a COMMIT that was sent.
	return unreachable(err)
}
