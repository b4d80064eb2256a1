package hall_test

import (
	"maps"
	"testing"

	"unionhall/grassroots/finance/closing"
	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
	"unionhall/office/account"
)

const (
	closingHome  = closing.Home
	closingYears = closing.Years
)

func init() {
	maps.Copy(kinds, map[string]string{
		closingHome + "/{union}":                "book union",
		closingHome + "/{union}/{period}":       "book period",
		closingYears + "/{union}":               "book union",
		closingYears + "/{union}/{year}":        "book year",
		closingYears + "/{union}/{year}/{step}": "year step",
		ledger.Home + "/books/{id}":             "book",
		ledger.Home + "/vouchers/{id}":          "voucher",
	})
}

// closed gives the union books of the year, for the months and years that the
// rooms about closing are asked for.
func (s *stand) closed(t testing.TB, tenant int64, union string, x things) {
	t.Helper()
	x["book union"], x["book period"], x["book year"], x["year step"] = union, "2026-01", "2026", "gather"
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
