package ledger

import (
	"context"
	"fmt"
	"io"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/print"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

// Volume is what is bound together of a month's posted vouchers (册): as many
// as one file holds.
type Volume struct {
	Month  int
	No, Of int
}

// Volumes parts the posted vouchers of a book, month by month. The balances
// that a year began with are no month's.
func Volumes(ctx context.Context, tx *sqldb.Tx, tenant int64, book string) (out []Volume, err error) {
	months, err := Months(ctx, tx, tenant, book)
	for _, m := range months {
		of := (int(m.Last) + mostPrinted - 1) / mostPrinted
		for no := range of {
			if m.Month > 0 {
				out = append(out, Volume{m.Month, no + 1, of})
			}
		}
	}
	return out, err
}

// Print writes one volume as it is bound: under its cover, in the order of the
// numbers.
//
// law: F3.19, F3.27
func (rm Room) Print(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b Book, v Volume, at day.Instant, w io.Writer) error {
	r := &web.Request{Ctx: ctx, Tx: tx, Grant: g, Now: at, Today: at.Day()}
	q := Query{Period: fmt.Sprint(v.Month), State: Posted, Sort: "number", After: fmt.Sprintf("%d-%d", v.Month, (v.No-1)*mostPrinted), Limit: mostPrinted}
	all, err := List(ctx, tx, g, b.ID, q)
	if err != nil {
		return err
	}
	if err := fillLines(r, q, b.ID, all); err != nil {
		return err
	}
	t, err := tallyOf(r, b, v.Month)
	if err != nil {
		return err
	}
	t.no, t.of = v.No, v.Of
	t.count(all)
	c, err := print.NewCanvas("记账凭证", b.Union.Name, r.Today)
	if err != nil {
		return err
	}
	t.draw(c)
	if err := rm.drawn(r, c, all); err != nil {
		return err
	}
	c.Foot()
	return c.Save(w)
}

// count has the cover tell of its own volume only.
func (t *tally) count(all []Voucher) {
	t.n, t.papers, t.sheets = int64(len(all)), 0, 0
	for i, v := range all {
		if i == 0 {
			t.from = v.Number
		}
		t.to = v.Number
		t.papers += v.Attachments
		t.sheets += int64(max(1, (len(v.Lines)+perSheet-1)/perSheet))
	}
}
