package hall_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unionhall/grassroots/finance/bill"
	"unionhall/hall"
	"unionhall/kit/auth"
	"unionhall/kit/browser"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

const bills = "/grassroots/finance/bill"

// papered gives a union a receipt and an invoice with its file.
func (s *stand) papered(t testing.TB, tenant int64, union string, x things) {
	t.Helper()
	at := day.At(s.house.Now())
	as := func(act auth.Action) auth.Grant { return auth.As(tenant, "test", auth.Accountant, act, union) }
	if held := s.look(t, `SELECT f.id FROM invoice_files f JOIN invoices i ON i.tenant_id = f.tenant_id AND i.id = f.invoice_id WHERE f.tenant_id = $1 AND f.union_id = $2 AND i.state = 'registered' ORDER BY f.id`, tenant, union); len(held) > 0 {
		x["invoice file"] = held[0]
		x["invoice"] = s.first(t, `SELECT invoice_id FROM invoice_files WHERE tenant_id = $1 AND id = $2`, tenant, held[0])
		x["receipt book"] = s.first(t, `SELECT id FROM receipt_books WHERE tenant_id = $1 AND union_id = $2`, tenant, union)
		x["receipt"] = s.first(t, `SELECT id FROM receipts WHERE tenant_id = $1 AND union_id = $2 AND state = 'issued' ORDER BY id`, tenant, union)
		return
	}
	digits := "26212000007" + fresh()
	body := "<EInvoice><InvoiceNumber>" + digits + "</InvoiceNumber></EInvoice>"
	blob, err := s.house.Files.Put(ctx, strings.NewReader(body), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, func(tx *sqldb.Tx) error {
		b, err := bill.Receive(ctx, tx, as(bill.Take), bill.Taking{Union: union, Code: fresh(), First: "00001", Last: "00012", Issuer: "市总工会", Received: "2026-01-05"}, at)
		if err != nil {
			return err
		}
		r, err := bill.Give(ctx, tx, as(bill.Issue), bill.Giving{Batch: b.ID, Payer: "航道处", Item: "工会经费", Amount: "5.00"}, at)
		if err != nil {
			return err
		}
		f, err := bill.Upload(ctx, tx, as(bill.Enter), union, "", "发票.xml", blob, bill.FormXML, bill.Reading{}, at)
		if err != nil {
			return err
		}
		i, err := bill.Register(ctx, tx, as(bill.Enter), bill.Entry{Union: union, File: f.ID, Number: digits, Date: "2026-03-05", Amount: "30.00", Seller: "滨江百货有限公司"}, at)
		x["receipt book"], x["receipt"], x["invoice"], x["invoice file"] = b.ID, r.ID, i.ID, f.ID
		return err
	})
}

// S2-47, F6.1: the accountant brings an invoice's file, checks what was read,
// books it, and is refused the second time; gives a receipt and voids it.
func TestJourneyBills(t *testing.T) {
	s := one()
	p := browser.Open(t, s.url)
	p.Size(1366, 768)
	p.Login("accountant", hall.DemoPassword())
	dir := t.TempDir()
	digits := "26212000009" + fresh()
	file := func(name, more string) string {
		path := filepath.Join(dir, name)
		text := `<EInvoice><EInvoiceData><SellerInformation><SellerName>滨江百货有限公司</SellerName></SellerInformation><BasicInformation><TotalTax-includedAmount>88.50</TotalTax-includedAmount></BasicInformation></EInvoiceData>` +
			`<TaxSupervisionInfo><InvoiceNumber>` + digits + `</InvoiceNumber><IssueTime>2026-01-05</IssueTime></TaxSupervisionInfo>` + more + `</EInvoice>`
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	bring := func(path string) {
		p.Go(bills + "/invoices")
		p.Click("登记发票")
		p.Upload("#f-file", path)
		p.Click("上传并读取")
		p.See("请与发票核对")
	}
	bring(file("发票.xml", ""))
	if p.Value("#f-number") != digits || p.Value("#f-amount") != "88.50" || p.Value("#f-seller") != "滨江百货有限公司" || p.Value("#f-date") != "2026-01-05" {
		t.Errorf("F6.1: read %q %q %q", p.Value("#f-number"), p.Value("#f-amount"), p.Value("#f-seller"))
	}
	p.Click("form button.main")
	p.See("发票已登记")
	p.See("没有登记购买方")
	first := p.Path()
	bring(file("同一张.xml", "<!-- printed once more -->"))
	p.Click("form button.main")
	p.See("不能重复报销")
	if p.Status() != 409 {
		t.Errorf("the second use: %d", p.Status())
	}
	p.Go(bills + "/flags?kind=twice")
	p.See("已拒绝")
	p.Go(first)
	p.See("已登记")

	p.Go(bills + "/books/new")
	serial := "3" + fresh()
	p.Type("#f-first", serial+"1")
	p.Type("#f-last", serial+"9")
	p.Type("#f-issuer", "滨江市总工会")
	p.Click("form button.main")
	p.See("已登记 9 张收据")
	p.Click("开具收据")
	if p.Value("#f-number") != serial+"1" {
		t.Errorf("F1.21: the next number is %q", p.Value("#f-number"))
	}
	p.Type("#f-payer", "滨江市航道处")
	p.Type("#f-amount", "1409.50")
	p.Click("form button.main")
	p.See("壹仟肆佰零玖元伍角整")
	p.Click("summary.danger-line")
	p.Type("#f-words", "写错")
	p.Click("dialog .btn.danger")
	p.See("已作废")
}

// The same pages on a phone: one column, nothing wider than the screen.
func TestJourneyBillsOnAPhone(t *testing.T) {
	s := one()
	p := browser.Open(t, s.url)
	p.Login("accountant", hall.DemoPassword())
	p.Size(390, 844)
	for _, place := range []string{"/invoices", "/invoices/new", "/receipts", "/books", "/aging", "/flags"} {
		p.Go(bills + place)
		p.Accessible()
		p.Fits()
	}
}
