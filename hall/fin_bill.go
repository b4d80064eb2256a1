package hall

import (
	"context"
	"fmt"
	"strings"

	"unionhall/grassroots/finance/bill"
	"unionhall/grassroots/registry"
	"unionhall/hall/city"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/money"
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

// demoBills gives two unions and the office above them the papers of this
// year's vouchers: a book of receipts of which some are used and one is spoilt,
// invoices with their electronic originals, one that waits.
func (h *House) demoBills(ctx context.Context, root registry.Ref, who map[string]string, unions []registry.Ref, at day.Instant) error {
	for n, u := range append([]registry.Ref{root}, unions...) {
		b := billing{house: h, ctx: ctx, root: root.ID, union: u, who: who, at: at, serial: int64(n+1) * 1000}
		if err := b.receipts(); err != nil {
			return fmt.Errorf("receipts of %s: %w", u.Name, err)
		}
		if err := b.invoices(); err != nil {
			return fmt.Errorf("invoices of %s: %w", u.Name, err)
		}
	}
	return nil
}

type billing struct {
	house  *House
	ctx    context.Context
	root   string
	union  registry.Ref
	who    map[string]string
	at     day.Instant
	serial int64
}

func (b *billing) as(act auth.Action) auth.Grant {
	return auth.As(city.Tenant, b.who["accountant"], auth.Accountant, act, b.root)
}

// booked is a posted voucher of this year.
type booked struct {
	id    string
	date  day.Day
	total money.Fen
}

// posted lists this year's posted vouchers that move an account, the first of
// them.
func (b *billing) posted(tx *sqldb.Tx, account string, limit int) ([]booked, error) {
	return sqldb.List(b.ctx, tx, func(row sqldb.Row) (v booked, err error) { return v, row(&v.id, &v.date, &v.total) }, `
		SELECT v.id, v.date, v.total FROM vouchers v JOIN books k ON k.tenant_id = v.tenant_id AND k.id = v.book_id
		WHERE v.tenant_id = $1 AND k.union_id = $2 AND k.year = $3 AND v.number IS NOT NULL AND v.nature = 'normal' AND v.date <= $4
			AND NOT EXISTS (SELECT 1 FROM vouchers red WHERE red.tenant_id = v.tenant_id AND red.reverses_id = v.id)
			AND EXISTS (SELECT 1 FROM entries e WHERE e.tenant_id = v.tenant_id AND e.voucher_id = v.id AND e.account >= $5 AND e.account < $6)
		ORDER BY v.date, v.id LIMIT $7`, int64(city.Tenant), b.union.ID, int64(b.at.Day().Year()), string(b.at.Day()), account, account+"~", int64(limit))
}

func (b *billing) receipts() error {
	return b.house.DB.Do(b.ctx, func(tx *sqldb.Tx) error {
		first := b.serial * 10
		batch, err := bill.Receive(b.ctx, tx, b.as(bill.Take), bill.Taking{Union: b.union.ID, First: fmt.Sprintf("%08d", first+1), Last: fmt.Sprintf("%08d", first+25), Issuer: "滨江市总工会", Received: day.Day(fmt.Sprintf("%d-01-04", b.at.Day().Year()-1))}, b.at)
		if err != nil {
			return err
		}
		all, err := b.posted(tx, "402", 12)
		if err != nil {
			return err
		}
		give := func(v booked) (bill.Receipt, error) {
			return bill.Give(b.ctx, tx, b.as(bill.Issue), bill.Giving{Batch: batch.ID, Date: v.date, Payer: payerOf(b.union.Name), Item: fmt.Sprintf("%d 年 %d 月工会经费", v.date.Year(), v.date.Month()), Amount: v.total.String(), Handler: "周敏", Voucher: v.id}, b.at)
		}
		for i, v := range all {
			if i == 1 { // written wrong, and once more
				spoilt := v
				spoilt.id, spoilt.total = "", v.total+1_00
				r, err := give(spoilt)
				if err != nil {
					return err
				}
				if _, err := bill.VoidReceipt(b.ctx, tx, b.as(bill.Void), bill.Voiding{ID: r.ID, Copies: 3, Given: flow.Given{Words: "金额写错，重新开具"}}, b.at); err != nil {
					return err
				}
			}
			if _, err := give(v); err != nil {
				return err
			}
		}
		return nil
	})
}

// payerOf is the unit whose union it is.
func payerOf(union string) string { return strings.TrimSuffix(union, "工会") }

func (b *billing) invoices() error {
	sellers := []string{"滨江百货有限公司", "滨江市文化用品商店", "滨江市体育场馆管理中心", "滨江鲜花食品有限公司"}
	var all []booked
	err := b.house.DB.View(b.ctx, func(tx *sqldb.Tx) (err error) {
		all, err = b.posted(tx, "501", 12)
		return err
	})
	if err != nil {
		return err
	}
	for i, v := range all {
		e := demoInvoice{Number: fmt.Sprintf("%02d212000%012d", v.date.Year()%100, b.serial+int64(i)), Seller: sellers[i%len(sellers)], Buyer: b.union.Name, Date: v.date, Amount: v.total}
		xml := e.xml()
		blob, err := b.house.Files.Put(b.ctx, strings.NewReader(xml), int64(len(xml)))
		if err != nil {
			return err
		}
		form, read, err := bill.Read(strings.NewReader(xml), int64(len(xml)), e.Number+".xml")
		if err != nil {
			return err
		}
		err = b.house.DB.Do(b.ctx, func(tx *sqldb.Tx) error {
			f, err := bill.Upload(b.ctx, tx, b.as(bill.Enter), b.union.ID, "", "dzfp_"+e.Number+".xml", blob, form, read, b.at)
			if err != nil {
				return err
			}
			in := bill.Entry{Union: b.union.ID, File: f.ID, Voucher: v.id}
			if i == len(all)-1 { // the last waits for its voucher
				in.Voucher = ""
			}
			_, err = bill.Register(b.ctx, tx, b.as(bill.Enter), in, b.at)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// demoInvoice is an invoice of the city.
type demoInvoice struct {
	Number, Seller, Buyer string
	Date                  day.Day
	Amount                money.Fen
}

// xml is the invoice as the tax bureau's platform hands it out.
func (d demoInvoice) xml() string {
	return `<?xml version="1.0" encoding="UTF-8"?>
<EInvoice><Header><EIid>` + d.Number + `</EIid></Header><EInvoiceData>
<SellerInformation><SellerName>` + d.Seller + `</SellerName></SellerInformation>
<BuyerInformation><BuyerName>` + d.Buyer + `</BuyerName></BuyerInformation>
<BasicInformation><TotalTax-includedAmount>` + d.Amount.String() + `</TotalTax-includedAmount><RequestTime>` + string(d.Date) + ` 10:30:12</RequestTime></BasicInformation>
</EInvoiceData><TaxSupervisionInfo><InvoiceNumber>` + d.Number + `</InvoiceNumber><IssueTime>` + string(d.Date) + `</IssueTime></TaxSupervisionInfo></EInvoice>
`
}
