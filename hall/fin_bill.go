package hall

import (
	"context"
	"fmt"

	"unionhall/grassroots/finance/bill"
	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/office/desk"
)

// fromBills tells the finance officers which papers wait: invoices that no
// voucher uses, receipts that run out, advances that are overdue.
//
// law: F1.21, F3.16, F6.1
func fromBills(ctx context.Context, tx *sqldb.Tx, v desk.Viewer) (p desk.Part, err error) {
	g, ok := v.Grant(bill.Look)
	if !ok || g.Office() != auth.Accountant && g.Office() != auth.Cashier {
		return p, nil
	}
	w, err := bill.Waits(ctx, tx, g, v.Today)
	if err != nil {
		return p, err
	}
	add := func(n int64, kind ui.Kind, tag, title, note, place, act string) {
		if n > 0 {
			p.Duties = append(p.Duties, desk.Duty{Title: title, Href: bill.Home + place, Note: note, Tag: tag, Kind: kind, Act: act, ActHref: bill.Home + place})
		}
	}
	add(w.Parties, ui.Bad, "逾期", fmt.Sprintf("%d 笔借支逾期未清，共 %s 元", w.Parties, w.Overdue.Grouped()), "请催还或报销；月末结账前要列出。", "/aging?overdue=1", "看账龄")
	add(w.Low, ui.Warn, "快用完", fmt.Sprintf("%d 家工会的收据快用完了", w.Low), "请到上级工会领入，并登记号码。", "/books", "看余量")
	add(w.Files, ui.Warn, "待登记", fmt.Sprintf("%d 个发票文件还没有登记", w.Files), "核对读出的内容，登记后才能报销。", "/invoices", "去登记")
	add(w.Unlinked, ui.Info, "待入账", fmt.Sprintf("%d 张发票还没有关联凭证", w.Unlinked), "一张发票只能用于一张凭证。", "/invoices?state=registered", "去关联")
	add(w.Loose, ui.Info, "待关联", fmt.Sprintf("%d 张收据还没有关联凭证", w.Loose), "自主拨缴的每笔收入对应一张收据。", "/receipts?loose=1", "去关联")
	return p, nil
}
