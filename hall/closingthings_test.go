package hall_test

import (
	"strings"
	"testing"

	"unionhall/grassroots/finance/closing"
	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
	"unionhall/law/books"
	"unionhall/office/account"
)

const (
	closingHome  = closing.Home
	closingYears = closing.Years
)

func init() {
	for path, kind := range map[string]string{
		closingHome + "/{union}":                "book union",
		closingHome + "/{union}/{period}":       "book period",
		closingYears + "/{union}":               "book union",
		closingYears + "/{union}/{year}":        "book year",
		closingYears + "/{union}/{year}/{step}": "year step",
		closing.Openings + "/{union}":           "book union",
		closing.Openings + "/{union}/{year}":    "book year",
		closing.Openings + "/files/{file}":      "opening file",
		closing.Moves + "/{union}":              "book union",
		closing.Runs + "/{run}":                 "closing run",
		ledger.Home + "/books/{id}":             "book",
		ledger.Home + "/vouchers/{id}":          "voucher",
		"/grassroots/finance/events/{key}":      "shared event",
	} {
		if kinds[path] == "" {
			kinds[path] = kind
		}
	}
}

// closed gives the union books of the year, for the months and years that the
// rooms about closing are asked for.
func (s *stand) closed(t testing.TB, tenant int64, union string, x things) {
	t.Helper()
	x["book union"], x["book period"], x["book year"], x["year step"] = union, "2026-01", "2026", "gather"
	if x["shared event"] == "" {
		x["shared event"] = "dues"
	}
	if x["opening file"] == "" {
		s.opened(t, tenant, union, x)
	}
	if all := s.look(t, `SELECT v.id FROM vouchers v JOIN books b ON b.tenant_id = v.tenant_id AND b.id = v.book_id WHERE v.tenant_id = $1 AND b.union_id = $2 AND b.year = 2026`, tenant, union); len(all) > 0 {
		x["voucher"], x["book"] = all[0], s.first(t, `SELECT id FROM books WHERE tenant_id = $1 AND union_id = $2 AND year = 2026`, tenant, union)
		return
	}
	s.write(t, func(tx *sqldb.Tx) error {
		g, err := account.Shell(ctx, tx, tenant, "test", ledger.Open)
		if err != nil {
			return err
		}
		b, err := ledger.BookOf(ctx, tx, g, union, 2026)
		if b.ID == "" {
			b, err = ledger.Start(ctx, tx, g, ledger.Opens{Union: union, Year: 2026}, day.At(s.house.Now()))
		}
		if err != nil {
			return err
		}
		v, err := ledger.Write(ctx, tx, g.For(ledger.Make), ledger.Entry{Union: union, Date: "2026-02-03", Summary: "收到会费", Attachments: 1,
			Lines: []books.Line{{Account: "102", Debit: 100_00}, {Account: "401", Credit: 100_00, Source: books.FR}}}, day.At(s.house.Now()))
		x["book"], x["voucher"] = b.ID, v.ID
		return err
	})
}

// opened gives the union a workbook of opening balances and a run.
func (s *stand) opened(t testing.TB, tenant int64, union string, x things) {
	t.Helper()
	at := day.At(s.house.Now())
	blob, err := s.house.Files.Put(ctx, strings.NewReader("科目编码,借方,贷方\n102,1.00,\n32205,,1.00\n"), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, func(tx *sqldb.Tx) error {
		g, err := account.Shell(ctx, tx, tenant, "test", closing.Begin)
		if err != nil {
			return err
		}
		g = auth.As(tenant, g.Account(), auth.Accountant, closing.Begin, union)
		f, err := closing.Keep(ctx, tx, g, web.Upload{Name: "年初余额.csv", Blob: blob}, union, 2026, at)
		if err != nil {
			return err
		}
		x["opening file"], x["closing run"] = f.ID, sqldb.NewID()
		_, err = tx.Exec(ctx, `INSERT INTO closing_runs (tenant_id, id, kind, year, month, under_id, unions, account_id, office, made) VALUES ($1, $2, 'month', 2026, 1, $3, $3, $4, 'accountant', $5)`,
			tenant, x["closing run"], union, g.Account(), string(at))
		return err
	})
}
