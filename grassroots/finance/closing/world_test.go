package closing_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"unionhall/grassroots/finance/closing"
	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/finance/ledger/shop"
	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/town"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
	"unionhall/schema/dbtest"
)

type contextT = context.Context

func moneyOf(yuan int) money.Fen { return money.Fen(yuan * 100) }

var ctx = context.Background()

// shops are a committee with a room that closes its books.
type world struct {
	shop.Shop
	room *closing.Room
}

func each(t *testing.T, f func(t *testing.T, w world)) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) { f(t, world{shop.New(t, db), &closing.Room{}}) })
}

func (w world) verify() {
	w.T.Helper()
	w.Do(func(tx *sqldb.Tx) error {
		found, err := ledger.Verify(ctx, tx, w.Tenant)
		for _, f := range found {
			w.T.Errorf("verify: %s: %s", f.Where, f.What)
		}
		return err
	})
	w.Whole()
}

// shut closes a month and returns what became of it.
func (w world) shut(u registry.Union, period string) (r closing.Result, err error) {
	err = w.DB.Do(ctx, func(tx *sqldb.Tx) (err error) {
		r, err = w.room.Shut(ctx, tx, w.Accountant(closing.Close), u.Code, period, town.Now)
		return err
	})
	return r, err
}

func (w world) mustShut(u registry.Union, periods ...string) (r closing.Result) {
	w.T.Helper()
	for _, p := range periods {
		var err error
		if r, err = w.shut(u, p); err != nil {
			w.T.Fatalf("close %s: %v", p, err)
		}
	}
	return r
}

func (w world) reopen(o auth.Office, u registry.Union, period, words string) (r closing.Result, err error) {
	err = w.DB.Do(ctx, func(tx *sqldb.Tx) (err error) {
		r, err = w.room.Reopens(ctx, tx, w.As(o, closing.Reopen), u.Code, period, flow.Given{Words: words}, town.Now)
		return err
	})
	return r, err
}

func (w world) step(u registry.Union, year int, key string, fates map[string]string) (e closing.Ended, err error) {
	err = w.DB.Do(ctx, func(tx *sqldb.Tx) (err error) {
		e, err = w.room.Takes(ctx, tx, w.Accountant(closing.Year), u.Code, year, key, fates, town.Now)
		return err
	})
	return e, err
}

func (w world) ending(u registry.Union, year int) (e closing.Ending) {
	w.T.Helper()
	w.Do(func(tx *sqldb.Tx) (err error) {
		e, err = w.room.EndingOf(ctx, tx, w.Accountant(closing.Look), u.Code, year)
		return err
	})
	return e
}

func (w world) figures(u registry.Union, year, from, to int) (f ledger.Figures) {
	w.T.Helper()
	w.Do(func(tx *sqldb.Tx) (err error) {
		f, err = ledger.FiguresOf(ctx, tx, w.Accountant(ledger.Look), ledger.Ask{Union: u.ID, Year: year, From: from, To: to, Projects: true})
		return err
	})
	return f
}

func (w world) voucher(id string) (v ledger.Voucher) {
	w.T.Helper()
	w.Do(func(tx *sqldb.Tx) (err error) {
		v, err = ledger.Find(ctx, tx, w.Accountant(ledger.Look), id)
		return err
	})
	return v
}

// project registers a project of the union and returns its id.
func (w world) project(u registry.Union, code string) (id string) {
	w.T.Helper()
	w.Do(func(tx *sqldb.Tx) error {
		p, err := ledger.AddProject(ctx, tx, w.Accountant(ledger.Plan), ledger.Plans{Union: u.Code, Code: code, Name: "项目" + code, From: "2026-01-01"}, town.Now)
		id = p.ID
		return err
	})
	return id
}

// refused checks how something was refused.
func refused(t *testing.T, law string, err error, kind fault.Kind, rule, field string) {
	t.Helper()
	f := fault.Of(err)
	if err == nil || f.Kind != kind || rule != "" && f.Rule != rule || field != "" && f.Fields[field] == "" {
		t.Errorf("%s: %v, rule %q, fields %v", law, err, f.Rule, f.Fields)
	}
}

func want(t *testing.T, what string, got, want money.Fen) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %s, want %s", what, got, want)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE") != "" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil || string(b) != got {
		t.Errorf("%s is now\n%s\n(%v); UPDATE=1 writes it", path, got, err)
	}
}

func sum(lines []books.Line, account string) (n money.Fen) {
	for _, l := range lines {
		if l.Account == account {
			n += l.Debit - l.Credit
		}
	}
	return n
}

func (w world) now() day.Instant { return town.Now }

// undone drafts the red voucher of v.
func (w world) undone(v ledger.Voucher) (red ledger.Voucher) {
	w.T.Helper()
	w.Do(func(tx *sqldb.Tx) (err error) {
		red, err = ledger.Undo(ctx, tx, w.Accountant(ledger.Reverse), v.ID, "", town.Now)
		return err
	})
	return red
}
