package closing_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/xuri/excelize/v2"

	"unionhall/grassroots/finance/closing"
	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/finance/ledger/shop"
	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/money"
	"unionhall/kit/sheet"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
	"unionhall/schema/dbtest"
)

// founded is a world with so many further unions.
func founded(b *testing.B, n int) (world, []registry.Union) {
	w := world{shop.New(b, dbtest.SQLite(b)), &closing.Room{}}
	var all []registry.Union
	w.Do(func(tx *sqldb.Tx) error {
		for i := range n {
			code, err := registry.NextCode(ctx, tx, w.Tenant)
			if err != nil {
				return err
			}
			u := registry.Union{ID: sqldb.NewID(), Code: code, Name: fmt.Sprintf("第%d机关工会", i+1), ShortName: fmt.Sprint(i + 1), Kind: registry.Base, ParentID: w.Root.ID, State: registry.Standing, Version: 1}
			g, m := auth.System(w.Tenant, "test", "test.found", w.Root.ID), audit.Moves{}
			if err = registry.Insert(ctx, tx, g, m, u, "founded", "2010-01-01", "滨直工〔2010〕1号", ""); err == nil {
				err = m.Write(ctx, tx, g, u.ID, map[string]any{"did": "founded"}, w.now())
			}
			if err != nil {
				return err
			}
			all = append(all, u)
		}
		return nil
	})
	return w, all
}

// The opening balances of 150 unions with 100 accounts each from one workbook:
// read, judged and written, beside what the library needs to read it alone.
func BenchmarkWorkbook(b *testing.B) {
	w, all := founded(b, 150)
	content := manyBalances(b, all, 100)
	b.Run("excelize reads", func(b *testing.B) {
		for b.Loop() {
			f, err := excelize.OpenReader(bytes.NewReader(content))
			if err != nil {
				b.Fatal(err)
			}
			if _, err := f.GetRows(f.GetSheetName(0)); err != nil {
				b.Fatal(err)
			}
			f.Close()
		}
	})
	b.Run("opened", func(b *testing.B) {
		year := 2022
		for b.Loop() {
			var j closing.Judged
			g := w.Accountant(closing.Begin)
			w.Do(func(tx *sqldb.Tx) error {
				book, err := sheet.Open(bytes.NewReader(content), int64(len(content)), "年初余额.xlsx", sheet.Limits{})
				if err == nil {
					j, err = closing.Judge(ctx, tx, g, book, year, w.Root.ID)
				}
				return err
			})
			if len(j.Openings) != len(all) || j.Refused > 0 {
				b.Fatalf("%d unions, %d problems: %+v", len(j.Openings), j.Refused, j.Problems[:min(3, len(j.Problems))])
			}
			for _, o := range j.Openings {
				w.Do(func(tx *sqldb.Tx) error { return o.Drafts(ctx, tx, g, year, w.now()) })
			}
			year++
		}
	})
}

func manyBalances(t testing.TB, unions []registry.Union, accounts int) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := sheet.NewXLSX(&out, "年初余额", []sheet.Column{{Name: "工会编号"}, {Name: "科目编码"}, {Name: "科目名称"}, {Name: "借方", Kind: sheet.Money}, {Name: "贷方", Kind: sheet.Money}, {Name: "往来单位"}})
	if err != nil {
		t.Fatal(err)
	}
	leaves := []books.Account{}
	for _, a := range books.Chart(books.A21) {
		if a.Leaf && (a.Class == books.Asset || a.Class == books.Liability) {
			leaves = append(leaves, a)
		}
	}
	for _, u := range unions {
		for i := range accounts - 1 {
			a := leaves[i%len(leaves)]
			if err := w.Row(u.Code, a.Code, a.Name, "10.00", "", fmt.Sprintf("往来%d", i)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Row(u.Code, "32205", "累计结余", "", fmt.Sprintf("%d.00", 10*(accounts-1)), ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// yearUnions is how many unions end their year, 3,333 vouchers each.
const yearUnions = 100

// The end of the year of 100 unions over 1,000,000 entries: twelve months
// carried and closed, projects gathered, the year checked and locked, the next
// one opened; beside the same sums by plain statements over the entries.
func BenchmarkYear(b *testing.B) {
	w, all := founded(b, yearUnions)
	for _, u := range all {
		w.enrolled(b, u, 2025, 3333)
	}
	raw := func() error {
		return w.DB.Do(ctx, func(tx *sqldb.Tx) error {
			for _, q := range []string{
				`CREATE TEMP TABLE raw_carry AS SELECT book_id, month, account, source, project, sum(debit) AS debit, sum(credit) AS credit FROM entries WHERE tenant_id = $1 AND account >= '4' GROUP BY book_id, month, account, source, project`,
				`CREATE TEMP TABLE raw_close AS SELECT book_id, account, source, project, party, sum(debit) - sum(credit) AS net FROM entries WHERE tenant_id = $1 GROUP BY book_id, account, source, project, party`,
			} {
				if _, err := tx.Exec(ctx, q, w.Tenant); err != nil {
					return err
				}
			}
			for _, q := range []string{`DROP TABLE raw_carry`, `DROP TABLE raw_close`} {
				if _, err := tx.Exec(ctx, q); err != nil {
					return err
				}
			}
			return nil
		})
	}
	b.Run("plain statements", func(b *testing.B) {
		for b.Loop() {
			if err := raw(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("closed", func(b *testing.B) {
		if b.N > 1 {
			b.Skip("a year is closed once: -benchtime 1x")
		}
		var peak uint64
		for _, u := range all {
			w.Do(func(tx *sqldb.Tx) error {
				_, err := w.room.Whole(ctx, tx, w.Accountant(closing.Year), u.ID, 2025, w.now())
				return err
			})
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapInuse)
		}
		b.ReportMetric(float64(peak>>20), "MB-heap")
	})
}

// enrolled gives a union a year of so many vouchers of three lines.
func (w world) enrolled(t testing.TB, u registry.Union, year, n int) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, uint64(n)))
	b := w.Open(u, year)
	p := w.project(u, fmt.Sprint(year))
	at := w.now()
	records := make([]ledger.Record, 0, n)
	for i := range n {
		amount := money.Fen(100 + r.IntN(100_000))
		lines := []books.Line{{Account: "102", Debit: 2 * amount}, {Account: "401", Credit: amount, Source: books.FR}, {Account: "40302", Credit: amount, Source: books.SP, Project: p}}
		switch i % 4 {
		case 1:
			lines = []books.Line{{Account: "50105", Debit: amount, Source: books.FR, Project: ledger.Office}, {Account: "50404", Debit: amount, Source: books.SP, Project: p}, {Account: "102", Credit: 2 * amount}}
		case 2:
			lines = []books.Line{{Account: "135", Debit: amount, Party: fmt.Sprintf("职工%d", i%40)}, {Account: "50301", Debit: amount, Source: books.FR, Project: ledger.Office}, {Account: "102", Credit: 2 * amount}}
		}
		records = append(records, ledger.Record{Entry: ledger.Entry{Union: u.ID, Date: day.Day(fmt.Sprintf("%d-%02d-%02d", year, 1+i%12, 1+i%28)), Summary: "业务", Attachments: 1, Lines: lines},
			Maker: "accountant", Reviewer: "director", Poster: "accountant", Cashier: "cashier", Made: at, Posted: at})
	}
	w.Do(func(tx *sqldb.Tx) error {
		m := audit.Moves{}
		if _, err := ledger.Enroll(ctx, tx, w.Accountant(ledger.Post), m, b, records); err != nil {
			return err
		}
		return m.Write(ctx, tx, w.Accountant(ledger.Post), b.ID, map[string]string{"did": "enrolled"}, at)
	})
}
