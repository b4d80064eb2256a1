package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"

	"unionhall/grassroots/finance/closing"
	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/finance/statement"
	"unionhall/grassroots/registry"
	"unionhall/hall/city"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
)

// closedUnions is how many unions the year is closed for.
const closedUnions = 100

// yearEnd measures the end of a year: December and the year of a hundred
// unions, checked, carried, locked and brought into the next, beside the same
// closing as raw SQL.
func (b *bench) yearEnd(ctx context.Context) error {
	var ours, raw cost
	for range min(b.rounds, 2) {
		for name, into := range map[string]*cost{"closes": &ours, "rawcloses": &raw} {
			data, err := b.million(ctx)
			if err != nil {
				return err
			}
			c, err := b.alone(ctx, name, data)
			if err != nil {
				return err
			}
			into.best(c)
		}
	}
	b.table.times("year end of 100 unions, a million entries in the books", amount{raw.Seconds, seconds}, amount{ours.Seconds, seconds}, 3)
	b.table.most("the same: memory at most", amount{}, amount{ours.Peak, megabytes}, 150)
	return nil
}

// house opens the books of a folder in this process.
func house(ctx context.Context, data string) (db *sqldb.DB, root registry.Union, all []registry.Union, err error) {
	if db, err = sqldb.Open(database(data)); err != nil {
		return nil, root, nil, err
	}
	keys, err := seal.Load(filepath.Join(data, "keys.json"))
	if err != nil {
		return nil, root, nil, errors.Join(err, db.Close())
	}
	db.UseKeys(keys)
	err = db.View(ctx, func(tx *sqldb.Tx) (err error) {
		if root, err = registry.Root(ctx, tx, city.Tenant); err != nil {
			return err
		}
		all, err = registry.All(ctx, tx, auth.System(city.Tenant, "bench", ledger.Look, root.ID))
		return err
	})
	return db, root, all, err
}

// closes is the child that ends the year; the months before December are
// closed before the clock runs.
func closes(ctx context.Context, args []string) (func() error, map[string]float64, error) {
	db, root, all, err := house(ctx, args[0])
	if err != nil {
		return nil, nil, err
	}
	rm := &closing.Room{}
	const at = day.Instant("2025-01-20T02:00:00.000000Z")
	g := auth.As(city.Tenant, "bench", auth.Accountant, closing.Close, root.ID)
	all = all[:min(closedUnions, len(all))]
	for _, u := range all {
		for month := 1; month < 12; month++ {
			err := db.Do(ctx, func(tx *sqldb.Tx) error {
				_, err := rm.Shut(ctx, tx, g, u.ID, fmt.Sprintf("%d-%02d", millionYear, month), at)
				return err
			})
			if err != nil {
				return nil, nil, fmt.Errorf("%s, month %d: %w", u.Name, month, err)
			}
		}
	}
	return func() error {
		for _, u := range all {
			err := db.Do(ctx, func(tx *sqldb.Tx) error {
				_, err := rm.Whole(ctx, tx, g.For(closing.Year), u.ID, millionYear, at)
				return err
			})
			if err != nil {
				return fmt.Errorf("%s: %w", u.Name, err)
			}
		}
		return nil
	}, nil, nil
}

// rawClosing is the year's end of one book without any check: its result
// carried, the year locked, what is left brought into the next.
var rawClosing = []string{
	`INSERT INTO vouchers (tenant_id, id, book_id, month, date, number, state, nature, summary, attachments, total, digest, maker, made, version)
		SELECT tenant_id, 'c' || id, id, 12, '2024-12-31', 100000, 'posted', 'carry', '结转', 0, 0, '-', '-', '-', 1 FROM books WHERE tenant_id = 2106000001 AND id = $1`,
	`INSERT INTO entries (tenant_id, voucher_id, line, book_id, month, date, number, carry, account, debit, credit, source, project, summary)
		SELECT tenant_id, 'c' || $1, row_number() OVER (ORDER BY account, source, project), book_id, 12, '2024-12-31', 100000, true, account, sum(credit), sum(debit), source, project, '结转'
		FROM entries WHERE tenant_id = 2106000001 AND book_id = $1 AND account >= '4' GROUP BY tenant_id, book_id, account, source, project`,
	`UPDATE book_months SET state = 'closed' WHERE tenant_id = 2106000001 AND book_id = $1`,
	`UPDATE books SET state = 'closed' WHERE tenant_id = 2106000001 AND id = $1`,
	`INSERT INTO books (tenant_id, id, union_id, year, system, level, state, opened, account_id, version)
		SELECT tenant_id, 'n' || id, union_id, year + 100, system, level, 'open', '-', '-', 1 FROM books WHERE tenant_id = 2106000001 AND id = $1`,
	`INSERT INTO vouchers (tenant_id, id, book_id, month, date, number, state, nature, summary, attachments, total, digest, maker, made, version)
		SELECT tenant_id, 'o' || id, 'n' || id, 0, '2025-01-01', 1, 'posted', 'opening', '年初余额', 0, 0, '-', '-', '-', 1 FROM books WHERE tenant_id = 2106000001 AND id = $1`,
	`INSERT INTO entries (tenant_id, voucher_id, line, book_id, month, date, number, carry, account, debit, credit, source, project, summary)
		SELECT tenant_id, 'o' || $1, row_number() OVER (ORDER BY account, source, project), 'n' || book_id, 0, '2025-01-01', 1, false, account, sum(debit) - sum(credit), 0, source, project, '年初余额'
		FROM entries WHERE tenant_id = 2106000001 AND book_id = $1 AND account < '4' GROUP BY tenant_id, book_id, account, source, project`,
}

func rawCloses(ctx context.Context, args []string) (func() error, map[string]float64, error) {
	db, err := sql.Open("sqlite", "file:"+database(args[0])+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=cache_size(-16000)&_txlock=immediate")
	if err != nil {
		return nil, nil, err
	}
	db.SetMaxOpenConns(1)
	rows, err := db.QueryContext(ctx, `SELECT id FROM books WHERE tenant_id = $1 AND year = $2 ORDER BY id LIMIT $3`, rawTenant, millionYear, closedUnions)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, nil, err
		}
		all = append(all, id)
	}
	return func() error {
		for _, id := range all {
			tx, err := db.BeginTx(ctx, nil)
			if err != nil {
				return err
			}
			for _, q := range rawClosing {
				if _, err := tx.ExecContext(ctx, q, id); err != nil {
					return errors.Join(err, tx.Rollback())
				}
			}
			if err := tx.Commit(); err != nil {
				return err
			}
		}
		return nil
	}, nil, rows.Err()
}

// proves is the child that adds the entries of all unions up anew.
func proves(ctx context.Context, args []string) (func() error, map[string]float64, error) {
	db, root, _, err := house(ctx, args[0])
	if err != nil {
		return nil, nil, err
	}
	g := auth.System(city.Tenant, "bench", statement.Look, root.ID)
	return func() error {
		return db.View(ctx, func(tx *sqldb.Tx) error {
			found, read, err := statement.Prove(ctx, tx, g, statement.Ask{Union: root.ID, Below: true, Span: statement.Span{Year: millionYear}})
			if err == nil && (len(found) > 0 || read == 0) {
				err = fmt.Errorf("%d entries read, %d differences", read, len(found))
			}
			return err
		})
	}, nil, nil
}
