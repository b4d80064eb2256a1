package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strconv"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/hall/city"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/money"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// millionYear is the year whose books hold the million entries: one before
// those of the synthetic city, so that it can be closed into the next.
const millionYear = 2024

// million returns a folder of this run with a city whose unions keep, for one
// year, so many entries together; it is made once and then copied.
func (b *bench) million(ctx context.Context) (string, error) {
	n := map[bool]int{false: 1_000_000, true: 60_000}[b.short]
	return b.keptBy(ctx, "books-"+strconv.Itoa(n), func(made string) error {
		if err := b.demo(ctx, made, "--unions", "150", "--members", strconv.Itoa(booksMembers), "--years", "1"); err != nil {
			return err
		}
		_, err := b.alone(ctx, "enroll", made, strconv.Itoa(n))
		return err
	})
}

// enrolls is the child that writes the books.
func enrolls(ctx context.Context, args []string) (func() error, map[string]float64, error) {
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return nil, nil, err
	}
	db, err := sqldb.Open(database(args[0]))
	if err != nil {
		return nil, nil, err
	}
	keys, err := seal.Load(filepath.Join(args[0], "keys.json"))
	if err != nil {
		return nil, nil, err
	}
	db.UseKeys(keys)
	return func() error {
		var root registry.Union
		var all []registry.Union
		err := db.View(ctx, func(tx *sqldb.Tx) (err error) {
			if root, err = registry.Root(ctx, tx, city.Tenant); err != nil {
				return err
			}
			all, err = registry.All(ctx, tx, auth.System(city.Tenant, "bench", ledger.Look, root.ID))
			return err
		})
		if err != nil {
			return err
		}
		r := rand.New(rand.NewPCG(1, 1))
		for _, u := range all {
			if err := db.Do(ctx, func(tx *sqldb.Tx) error { return enroll(ctx, tx, r, root.ID, u, n/len(all)/3) }); err != nil {
				return fmt.Errorf("%s: %w", u.Name, err)
			}
		}
		return db.Close()
	}, nil, nil
}

// enroll writes a year of so many vouchers of three lines into the books of a
// union.
func enroll(ctx context.Context, tx *sqldb.Tx, r *rand.Rand, root string, u registry.Union, n int) error {
	g := auth.As(city.Tenant, "bench", auth.Accountant, ledger.Open, root)
	const at = day.Instant("2024-12-31T02:00:00.000000Z")
	b, err := ledger.Start(ctx, tx, g, ledger.Opens{Union: u.ID, Year: millionYear}, at)
	if err != nil {
		return err
	}
	records := []ledger.Record{record("2024-01-01", ledger.Opening, at, books.Line{Account: "102", Debit: 10_000_000_000}, books.Line{Account: "32205", Credit: 10_000_000_000})}
	spend := []string{"50101", "50102", "50103", "50104", "50105", "50301", "50302", "50404", "50405", "50501", "50502", "50504"}
	for i := range n {
		one, two := money.Fen(100+r.Int64N(90_000)), money.Fen(100+r.Int64N(90_000))
		on := day.Day(fmt.Sprintf("2024-%02d-%02d", 1+i*12/n, 1+i%28))
		lines := []books.Line{{Account: spend[i%len(spend)], Debit: one, Source: books.FR, Project: ledger.Office}, {Account: spend[(i+5)%len(spend)], Debit: two, Source: books.FR, Project: ledger.Office}, {Account: "102", Credit: one + two}}
		if i%4 == 0 {
			lines = []books.Line{{Account: "102", Debit: one + two}, {Account: "401", Credit: one, Source: books.FR}, {Account: "402", Credit: two, Source: books.FR}}
		}
		records = append(records, record(on, ledger.Normal, at, lines...))
	}
	m := audit.Moves{}
	if _, err := ledger.Enroll(ctx, tx, g.For(ledger.Post), m, b, records); err != nil {
		return err
	}
	return m.Write(ctx, tx, g, b.ID, map[string]any{"did": "enrolled", "vouchers": len(records)}, at)
}

func record(on day.Day, nature ledger.Nature, at day.Instant, lines ...books.Line) ledger.Record {
	return ledger.Record{Entry: ledger.Entry{Date: on, Summary: "会员活动", Attachments: 1, Nature: nature, Lines: lines}, Maker: "a", Reviewer: "b", Poster: "a", Cashier: "c", Made: at, Posted: at}
}
