package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"unionhall/kit/sqldb"
	"unionhall/schema"
)

// What a posting writes, as raw as it goes: the same rows into the same
// tables with the same indexes, by prepared statements.
var rawPost = []string{
	`UPDATE book_months SET last = last + 1 WHERE tenant_id = $1 AND book_id = $2 AND month = $3 AND state = 'open' RETURNING last`,
	`UPDATE vouchers SET number = $1, state = 'posted', lines = NULL, poster = $2, posted = $3, version = version + 1, mac = $4 WHERE tenant_id = $5 AND id = $6 AND state = 'reviewed'`,
	`INSERT INTO entries (tenant_id, voucher_id, line, book_id, month, date, number, carry, account, debit, credit, source, project, summary) VALUES ($1, $2, $3, $4, $5, $6, $7, false, $8, $9, $10, $11, $12, $13)`,
	`INSERT INTO balances (tenant_id, book_id, month, account, source, project, debit, credit, carry_debit, carry_credit) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0)
		ON CONFLICT (tenant_id, book_id, month, account, source, project) DO UPDATE SET debit = balances.debit + excluded.debit, credit = balances.credit + excluded.credit`,
	`INSERT INTO audit_rows (tenant_id, id, at, account_id, office, act, thing_id, change, moved, hash) VALUES ($1, $2, $3, $4, 'accountant', 'ledger.post', $5, $6, $7, $8)`,
	`INSERT INTO answers (tenant_id, account_id, key, request, body, at) VALUES ($1, $2, $3, $4, $5, $6)`,
}

const rawTenant = 2106000001

var rawLines = []struct {
	account, source, project string
	debit, credit            int64
}{{"50105", "fr", "office", 12050, 0}, {"50102", "fr", "office", 7950, 0}, {"102", "-", "-", 0, 20000}}

// rawSeed makes the books and the reviewed vouchers that a raw poster posts.
func rawSeed(ctx context.Context, db *sql.DB, n int) (books, vouchers []string, err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, nil, err
	}
	defer tx.Rollback()
	exec := func(q string, args ...any) {
		if err == nil {
			_, err = tx.ExecContext(ctx, q, args...)
		}
	}
	for range 150 {
		u, k := sqldb.NewID(), sqldb.NewID()
		exec(`INSERT INTO unions (tenant_id, id, code, name, name_key, kind, state, staff, own_account, version) VALUES ($1, $2, $2, $2, $2, 'base', 'standing', 1, true, 1)`, rawTenant, u)
		exec(`INSERT INTO books (tenant_id, id, union_id, year, system, level, state, opened, account_id, version) VALUES ($1, $2, $3, 2027, '2021', 'grassroots', 'open', '-', '-', 1)`, rawTenant, k, u)
		for m := range 13 {
			exec(`INSERT INTO book_months (tenant_id, book_id, month, state, last) VALUES ($1, $2, $3, 'open', 0)`, rawTenant, k, m)
		}
		books = append(books, k)
	}
	for i := range n {
		v := sqldb.NewID()
		exec(`INSERT INTO vouchers (tenant_id, id, book_id, month, date, state, nature, summary, attachments, total, lines, digest, maker, made, reviewer, reviewed, version)
			VALUES ($1, $2, $3, 1, '2027-01-15', 'reviewed', 'normal', '慰问会员', 2, 20000, $4, $4, $2, $2, $2, $2, 2)`, rawTenant, v, books[i%len(books)], fmt.Sprintf("%0300d", i))
		vouchers = append(vouchers, v)
	}
	if err != nil {
		return nil, nil, err
	}
	return books, vouchers, tx.Commit()
}

// rawOne posts one voucher in a transaction of its own.
func rawOne(ctx context.Context, db *sql.DB, st []*sql.Stmt, book, voucher string, i int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	on := make([]*sql.Stmt, len(st))
	for k, s := range st {
		on[k] = tx.StmtContext(ctx, s)
	}
	at, mac := "2026-11-27T02:00:00.000000Z", []byte("0123456789abcdef")
	var number int64
	err = on[0].QueryRowContext(ctx, rawTenant, book, 1).Scan(&number)
	exec := func(k int, args ...any) {
		if err == nil {
			_, err = on[k].ExecContext(ctx, args...)
		}
	}
	exec(1, number, voucher, at, mac, rawTenant, voucher)
	for n, l := range rawLines {
		exec(2, rawTenant, voucher, n+1, book, 1, "2027-01-15", number, l.account, l.debit, l.credit, l.source, l.project, "慰问会员，第 1 批")
	}
	for _, l := range rawLines {
		exec(3, rawTenant, book, 1, l.account, l.source, l.project, l.debit, l.credit)
	}
	exec(4, rawTenant, sqldb.NewID(), at, voucher, voucher, `{"did":"posted","voucher":"记-12","month":1,"total":"200.00"}`, "vouchers=0123456789abcdef0123456789abcdef ", fmt.Sprintf("%064d", i))
	exec(5, rawTenant, voucher, strconv.Itoa(i), fmt.Sprintf("%064d", i), fmt.Sprintf("%0700d", i), at)
	if err != nil {
		return err
	}
	return tx.Commit()
}

// postsRaw is the floor of posting on SQLite: one connection, a transaction
// and an fsync for each voucher.
func postsRaw(ctx context.Context, args []string) (func() error, map[string]float64, error) {
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return nil, nil, err
	}
	path := filepath.Join(args[0], "raw.db")
	if err := os.MkdirAll(args[0], 0o755); err != nil {
		return nil, nil, err
	}
	d, err := sqldb.Open(path)
	if err == nil {
		err = errors.Join(d.Migrate(ctx, schema.Files), d.Close())
	}
	if err != nil {
		return nil, nil, err
	}
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=cache_size(-16000)&_pragma=wal_autocheckpoint(4000)&_txlock=immediate")
	if err != nil {
		return nil, nil, err
	}
	db.SetMaxOpenConns(1)
	books, vouchers, err := rawSeed(ctx, db, n)
	if err != nil {
		return nil, nil, err
	}
	st := make([]*sql.Stmt, len(rawPost))
	for i, q := range rawPost {
		if st[i], err = db.PrepareContext(ctx, q); err != nil {
			return nil, nil, err
		}
	}
	return func() error {
		for i, v := range vouchers {
			if err := rawOne(ctx, db, st, books[i%len(books)], v, i); err != nil {
				return err
			}
		}
		return nil
	}, nil, nil
}

// rawPosts is how many vouchers a second are posted raw.
func (b *bench) rawPosts(ctx context.Context, n int) (float64, error) {
	dir, err := os.MkdirTemp(b.dir, "raw-*")
	if err != nil {
		return 0, err
	}
	c, err := b.alone(ctx, "posts", dir, strconv.Itoa(n))
	return float64(n) / c.Seconds, err
}
