package hall_test

import (
	"context"
	"maps"
	"testing"

	"unionhall/grassroots/finance/handover"
	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
	"unionhall/office/account"
)

const (
	keptPlace   = handover.Home + "/archives"
	changePlace = handover.Home + "/officers"
)

func init() {
	maps.Copy(kinds, map[string]string{
		keptPlace + "/{archive}":       "archive",
		changePlace + "/{change}":      "officer change",
		ledger.Home + "/books/{id}":    "book",
		ledger.Home + "/vouchers/{id}": "voucher",
	})
}

// handed gives the union books with a draft of their archive, and a list by
// which its accountant hands over.
func (s *stand) handed(t testing.TB, tenant int64, union string, x things) {
	t.Helper()
	at := day.At(s.house.Now())
	if x["book"] == "" {
		s.booked(t, tenant, union, x)
	}
	if all := s.look(t, `SELECT id FROM officer_changes WHERE tenant_id = $1 AND union_id = $2`, tenant, union); len(all) > 0 {
		x["officer change"], x["archive"] = all[0], s.first(t, `SELECT id FROM book_archives WHERE tenant_id = $1 AND union_id = $2 AND kind = 'draft' ORDER BY id`, tenant, union)
		return
	}
	room := *s.house.Handover()
	room.Keepers = func(context.Context, *sqldb.Tx, int64, string, day.Day) ([]handover.Person, error) {
		return []handover.Person{{Account: "taker", Name: "接任人", Office: auth.Accountant}, {Account: "witness", Name: "监交人", Office: auth.Director}}, nil
	}
	s.write(t, func(tx *sqldb.Tx) error {
		g, err := account.Shell(ctx, tx, tenant, "test", handover.List)
		if err != nil {
			return err
		}
		c, err := room.Make(ctx, tx, auth.As(tenant, "giver", auth.Accountant, handover.List, g.Under()), handover.Opens{Union: union, Taker: "taker", Witness: "witness"}, at)
		if err != nil {
			return err
		}
		k, err := room.Begin(ctx, tx, auth.As(tenant, g.Account(), auth.Accountant, handover.Archive, g.Under()), handover.Archiving{Union: union, Year: at.Day().Year(), Draft: true}, at)
		x["officer change"], x["archive"] = c.ID, k.ID
		return err
	})
	if err := s.house.Runner.RunAbout(ctx, tenant, x["archive"]); err != nil {
		t.Fatal(err)
	}
}

// booked gives the union books of this year with a voucher.
func (s *stand) booked(t testing.TB, tenant int64, union string, x things) {
	t.Helper()
	at := day.At(s.house.Now())
	s.write(t, func(tx *sqldb.Tx) error {
		g, err := account.Shell(ctx, tx, tenant, "test", ledger.Open)
		if err != nil {
			return err
		}
		b, err := ledger.BookOf(ctx, tx, g, union, at.Day().Year())
		if b.ID == "" {
			b, err = ledger.Start(ctx, tx, g, ledger.Opens{Union: union, Year: at.Day().Year()}, at)
		}
		if err != nil {
			return err
		}
		v, err := ledger.Write(ctx, tx, g.For(ledger.Make), ledger.Entry{Union: union, Date: at.Day(), Summary: "收到会费", Attachments: 1,
			Lines: []books.Line{{Account: "102", Debit: 100_00}, {Account: "401", Credit: 100_00, Source: books.FR}}}, at)
		x["book"], x["voucher"] = b.ID, v.ID
		return err
	})
}
