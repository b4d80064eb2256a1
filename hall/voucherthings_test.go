package hall_test

import (
	"maps"
	"strings"
	"testing"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

func init() {
	maps.Copy(kinds, map[string]string{
		ledger.Home + "/books/{id}":                 "book",
		ledger.Home + "/books/{id}/covers/{cover}":  "cover",
		ledger.Home + "/vouchers/{id}":              "voucher",
		ledger.Home + "/vouchers/{id}/files/{file}": "voucher paper",
		ledger.Home + "/projects/{id}":              "project",
		ledger.Home + "/templates/{id}":             "voucher template",
	})
	kinds["/grassroots/finance/events/{key}"] = "shared event"
	forms = append(forms, "GET "+ledger.Home+"/vouchers/many")
}

// vouched gives the union books of the year with a posted voucher that has a
// paper and was kept as a template, and a project.
func (s *stand) vouched(t testing.TB, tenant int64, union string, x things) {
	t.Helper()
	at := day.At(s.house.Now())
	root := s.first(t, `SELECT id FROM unions WHERE tenant_id = $1 AND parent_id IS NULL`, tenant)
	as := func(o auth.Office, act auth.Action) auth.Grant {
		return auth.As(tenant, "test "+string(o), o, act, root)
	}
	year := at.Day().Year()
	blob, err := s.house.Files.Put(ctx, strings.NewReader("%PDF-1.4 "+fresh()+"\n%%EOF\n"), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	x["cover"], x["shared event"] = "3.pdf", books.Events()[0].Key
	s.write(t, func(tx *sqldb.Tx) error {
		b, err := ledger.BookOf(ctx, tx, as(auth.Accountant, ledger.Look), union, year)
		if b.ID == "" && b.Year == year {
			b, err = ledger.Start(ctx, tx, as(auth.Accountant, ledger.Open), ledger.Opens{Union: union, Year: year}, at)
		}
		if err != nil {
			return err
		}
		x["book"] = b.ID
		p, err := ledger.AddProject(ctx, tx, as(auth.Accountant, ledger.Plan), ledger.Plans{Union: union, Code: "P" + fresh(), Name: "送温暖"}, at)
		if err != nil {
			return err
		}
		x["project"] = p.ID
		v, err := ledger.Write(ctx, tx, as(auth.Accountant, ledger.Make), ledger.Entry{Union: union, Date: at.Day(), Summary: "收到会费", Attachments: 1,
			Lines: []books.Line{{Account: "102", Debit: 100_00}, {Account: "401", Credit: 100_00, Source: books.FR}}}, at)
		if err != nil {
			return err
		}
		x["voucher"] = v.ID
		if _, err = ledger.Hang(ctx, tx, as(auth.Accountant, ledger.Make), v.ID, "收据.PDF", blob, at); err != nil {
			return err
		}
		kept, err := ledger.Keep(ctx, tx, as(auth.Accountant, ledger.Make), v.ID, "会费"+fresh(), true, at)
		if err != nil {
			return err
		}
		x["voucher template"] = kept.ID
		if _, err = ledger.Advance(ctx, tx, as(auth.Director, ledger.Review), v.ID, 0, flow.Given{}, at); err != nil {
			return err
		}
		_, err = ledger.Advance(ctx, tx, as(auth.Accountant, ledger.Post), v.ID, 0, flow.Given{}, at)
		return err
	})
	x["voucher paper"] = s.first(t, `SELECT id FROM attachments WHERE tenant_id = $1 AND thing_id = $2`, tenant, x["voucher"])
}
