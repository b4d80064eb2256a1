package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

const bookColumns = `b.id, b.union_id, u.code, u.name, b.year, b.system, b.level, b.state, b.opened, b.account_id, b.closed, b.version`

// fromBooks reads the books within a grant's reach.
const fromBooks = `
	FROM books b
	JOIN unions u ON u.tenant_id = b.tenant_id AND u.id = b.union_id
	WHERE b.tenant_id = $1 AND EXISTS (
		SELECT 1 FROM union_reach r WHERE r.tenant_id = b.tenant_id AND r.above_id = $2 AND r.union_id = b.union_id)`

func scanBook(row sqldb.Row) (b Book, err error) {
	err = row(&b.ID, &b.Union.ID, &b.Union.Code, &b.Union.Name, &b.Year, &b.System, &b.Level, &b.State, &b.Opened, &b.By, &b.Closed, &b.Version)
	return b, err
}

// FindBook returns a book within g's reach, or fault.NotFound.
func FindBook(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Book, error) {
	return sqldb.One(ctx, tx, scanBook, `SELECT `+bookColumns+fromBooks+` AND b.id = $3`, g.Tenant(), g.Under(), id)
}

// BookOf returns a union's book of a year. A union out of reach is
// fault.NotFound; a year without books is fault.Conflict and says how to go on.
func BookOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string, year int) (Book, error) {
	u, err := Union(ctx, tx, g, union)
	if err != nil {
		return Book{}, err
	}
	all, err := sqldb.List(ctx, tx, scanBook, `SELECT `+bookColumns+fromBooks+` AND b.union_id = $3 AND b.year = $4`, g.Tenant(), g.Under(), u.ID, int64(year))
	if err != nil {
		return Book{}, err
	}
	if len(all) == 0 {
		return Book{Union: u.Ref(), Year: year}, fault.ByRule(fault.Conflict, "F3.1", "%s还没有 %d 年的账套，请先建账。", u.Name, year)
	}
	return all[0], nil
}

// Union returns a union within g's reach by its code or its id.
func Union(ctx context.Context, tx *sqldb.Tx, g auth.Grant, codeOrID string) (registry.Union, error) {
	if codeOrID == "" {
		return registry.Find(ctx, tx, g, g.Under())
	}
	if len(codeOrID) == len(Auto)+30 { // a UUID has 36 characters
		return registry.Find(ctx, tx, g, codeOrID)
	}
	return registry.ByCode(ctx, tx, g, codeOrID)
}

// Books lists the books of a year within g's reach, or with union those of one
// union, all years, the latest first.
func Books(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string, year int) ([]Book, error) {
	if union != "" {
		return sqldb.List(ctx, tx, scanBook, `SELECT `+bookColumns+fromBooks+` AND b.union_id = $3 ORDER BY b.year DESC`, g.Tenant(), g.Under(), union)
	}
	return sqldb.List(ctx, tx, scanBook, `SELECT `+bookColumns+fromBooks+` AND b.year = $3 ORDER BY u.name_key, u.id`, g.Tenant(), g.Under(), int64(year))
}

// Months lists the months of a book, 0 first.
func Months(ctx context.Context, tx *sqldb.Tx, tenant int64, book string) ([]Month, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (m Month, err error) { return m, row(&m.Month, &m.State, &m.Last) },
		`SELECT month, state, last FROM book_months WHERE tenant_id = $1 AND book_id = $2 ORDER BY month`, tenant, book)
}

const voucherColumns = `tenant_id, id, book_id, month, date, number, state, nature, summary, attachments, total, lines, digest, event, source_id,
	reverses_id, corrects_id, maker, made, reviewer, reviewed, poster, posted, cashier, signed, version`

// selectVouchers reads vouchers within a grant's reach.
const selectVouchers = `
	SELECT v.id, v.book_id, b.union_id, u.code, u.name, b.year, b.system, v.month, v.date, v.number, v.state, v.nature, v.summary, v.attachments, v.total,
		v.lines, v.digest, v.event, v.source_id, v.reverses_id, v.corrects_id, v.maker, v.made, v.reviewer, v.reviewed, v.poster, v.posted, v.cashier, v.signed, v.version, v.mac
	FROM vouchers v
	JOIN books b ON b.tenant_id = v.tenant_id AND b.id = v.book_id
	JOIN unions u ON u.tenant_id = b.tenant_id AND u.id = b.union_id
	WHERE v.tenant_id = $1 AND EXISTS (
		SELECT 1 FROM union_reach r WHERE r.tenant_id = b.tenant_id AND r.above_id = $2 AND r.union_id = b.union_id)`

func scanVoucher(row sqldb.Row) (v Voucher, err error) {
	v.Kind = "记"
	err = row(&v.ID, &v.BookID, &v.Union.ID, &v.Union.Code, &v.Union.Name, &v.Year, &v.System, &v.Month, &v.Date, &v.Number, &v.State, &v.Nature, &v.Summary, &v.Attachments, &v.Total,
		&v.text, &v.digest, &v.Event, &v.SourceID, &v.ReversesID, &v.CorrectsID, &v.Maker, &v.Made, &v.Reviewer, &v.Reviewed, &v.Poster, &v.Posted, &v.Cashier, &v.Signed, &v.Version, &v.mac)
	return v, err
}

// Find returns a voucher with its lines, or fault.NotFound where g does not
// reach.
func Find(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Voucher, error) {
	v, err := sqldb.One(ctx, tx, scanVoucher, selectVouchers+` AND v.id = $3`, g.Tenant(), g.Under(), id)
	if err != nil {
		return v, err
	}
	if v.Number == 0 {
		return v, v.unpack()
	}
	v.Lines, err = sqldb.List(ctx, tx, scanLine, `SELECT `+lineColumns+` FROM entries WHERE tenant_id = $1 AND voucher_id = $2 ORDER BY line`, g.Tenant(), id)
	return v, err
}

const lineColumns = `account, debit, credit, source, project, party, dept, econ, func, summary`

func scanLine(row sqldb.Row) (l books.Line, err error) {
	err = row(&l.Account, &l.Debit, &l.Credit, &l.Source, &l.Project, &l.Party, &l.Dept, &l.Econ, &l.Func, &l.Summary)
	l.Source, l.Project = some(l.Source), some(l.Project)
	return l, err
}

// none stands for no source and no project: a key must have a value.
const none = "-"

func orNone(s string) string {
	if s == "" {
		return none
	}
	return s
}

func some(s string) string {
	if s == none {
		return ""
	}
	return s
}

// pack writes the lines as a draft stores them, with their digest.
func (v *Voucher) pack() error {
	b, err := json.Marshal(v.Lines)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(b)
	v.text, v.digest = string(b), hex.EncodeToString(sum[:])
	return nil
}

// unpack reads the lines of a draft.
func (v *Voucher) unpack() error {
	if v.text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(v.text), &v.Lines); err != nil {
		return fmt.Errorf("lines of voucher %s: %w", v.ID, err)
	}
	return nil
}

var voucherSeal = audit.LayoutOf("vouchers", columnsOf(voucherColumns))

// row is the voucher as it is stored, without its seal.
func (v Voucher) row(tenant int64) []any {
	var number any
	if v.Number != 0 {
		number = v.Number
	}
	return []any{tenant, v.ID, v.BookID, int64(v.Month), string(v.Date), number, string(v.State), string(v.Nature), v.Summary, v.Attachments, int64(v.Total), v.text, v.digest, v.Event, v.SourceID,
		v.ReversesID, v.CorrectsID, v.Maker, string(v.Made), v.Reviewer, string(v.Reviewed), v.Poster, string(v.Posted), v.Cashier, string(v.Signed), v.Version}
}

// insert stores a new voucher; m takes up its seal.
func insert(ctx context.Context, tx *sqldb.Tx, tenant int64, m audit.Moves, v Voucher) error {
	row := v.row(tenant)
	mac := voucherSeal.Seal(tx.Keys(), row)
	m.Add("vouchers", mac)
	return tx.Insert(ctx, "vouchers", voucherColumns+", mac", [][]any{append(row, mac)})
}

// save stores what became of a voucher that was read as was. Somebody who was
// faster is fault.Conflict.
func save(ctx context.Context, tx *sqldb.Tx, tenant int64, m audit.Moves, was, now Voucher) error {
	now.Version = was.Version + 1
	row := now.row(tenant)
	mac := voucherSeal.Seal(tx.Keys(), row)
	n, err := tx.Exec(ctx, `
		UPDATE vouchers SET month = $1, date = $2, number = $3, state = $4, summary = $5, attachments = $6, total = $7, lines = $8, digest = $9, event = $10,
			maker = $11, made = $12, reviewer = $13, reviewed = $14, poster = $15, posted = $16, cashier = $17, signed = $18, version = $19, mac = $20
		WHERE tenant_id = $21 AND id = $22 AND version = $23 AND state = $24`,
		row[3], row[4], row[5], row[6], row[8], row[9], row[10], row[11], row[12], row[13],
		row[17], row[18], row[19], row[20], row[21], row[22], row[23], row[24], row[25], mac,
		tenant, was.ID, was.Version, string(was.State))
	if err != nil {
		return err
	}
	if n == 0 {
		return errors.Join(fault.New(fault.Conflict, "这张凭证刚刚已由他人办过，请刷新后再看；您填写的内容还在本页。"), errRaced)
	}
	m.Add("vouchers", was.mac)
	m.Add("vouchers", mac)
	return nil
}

func columnsOf(list string) (out []string) {
	for c := range strings.SplitSeq(list, ",") {
		out = append(out, strings.TrimSpace(c))
	}
	return out
}
