package hall

import (
	"context"
	"fmt"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/office/desk"
)

// fromLedger lists vouchers that wait: for whom may review them, for the
// accountant who posts them, and for the cashier's signature.
//
// law: F3.23, S2-36
func fromLedger(ctx context.Context, tx *sqldb.Tx, v desk.Viewer) (p desk.Part, err error) {
	look, ok := v.Grant(ledger.Look)
	if !ok {
		return p, nil
	}
	all, err := ledger.Queues(ctx, tx, look)
	if err != nil {
		return p, err
	}
	_, reviews := v.Grant(ledger.Review)
	_, posts := v.Grant(ledger.Post)
	for _, q := range all {
		d := desk.Duty{Kind: ui.Info, Href: fmt.Sprintf("%s/vouchers?year=%d&state=%s", ledger.Home, q.Year, q.State)}
		switch {
		case q.State == ledger.Draft && reviews:
			d.Title, d.Tag, d.Act, d.Note = fmt.Sprintf("%s 张 %d 年的凭证等您审核", grouped(q.N), q.Year), "待审核", "去审核", "制单人和审核人要分开；可以勾选后一起审核"
		case q.State == ledger.Reviewed && posts:
			d.Title, d.Tag, d.Act, d.Note = fmt.Sprintf("%s 张 %d 年的凭证审核过了，等您记账", grouped(q.N), q.Year), "待记账", "去记账", "记账时编号，记账后不能再改"
		default:
			continue
		}
		d.ActHref = d.Href
		p.Duties = append(p.Duties, d)
	}
	if _, signs := v.Grant(ledger.Sign); !signs {
		return p, nil
	}
	n, err := ledger.Unsigned(ctx, tx, look)
	if n > 0 {
		href := ledger.Home + "/vouchers?state=reviewed"
		p.Duties = append(p.Duties, desk.Duty{Kind: ui.Info, Title: fmt.Sprintf("%s 张收付款凭证等您签章", grouped(n)), Note: "付出或收到款项后签章", Tag: "待签章", Act: "去签章", Href: href, ActHref: href})
	}
	return p, err
}
