package hall_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unionhall/grassroots/finance/ledger"
	"unionhall/hall"
	"unionhall/hall/city"
	"unionhall/kit/browser"
)

const vouchers = ledger.Home + "/vouchers"

// keyed types a voucher by keyboard alone: the account by its initials, the
// second amount by the key that fills the difference.
func keyed(t *testing.T, p *browser.Page, summary string) {
	t.Helper()
	p.Type("#f-summary", summary)
	p.Type("#f-attachments", "1")
	p.Press("\r")
	if !strings.Contains(p.Focused(), `name="lines.0.account"`) {
		t.Fatalf("Enter leads to %s", p.Focused())
	}
	p.Press("hyhdzc") // 会员活动支出
	p.See("50105")
	p.Press("\r")
	if got := p.Value("[name='lines.0.account']"); !strings.HasPrefix(got, "50105 ") {
		t.Fatalf("the account is %q", got)
	}
	p.Press("1409.50\r")
	p.See("贷方还差 1,409.50 元")
	if !strings.Contains(p.Focused(), `name="lines.0.source"`) {
		t.Errorf("from an amount Enter leads to %s", p.Focused())
	}
	p.Press("\r\r")
	p.Press("102\r\r=")
	if got := p.Value("[name='lines.1.credit']"); got != "1409.50" {
		t.Errorf("= fills in %q", got)
	}
	p.See("借贷平衡")
}

// K1, F3.12, F3.22, F3.23: an accountant writes a voucher by keyboard, is
// refused at a cell and loses nothing, mends and saves; the chair reviews it;
// it is posted, cancelled by a red one, and printed.
func TestJourneyVoucher(t *testing.T) {
	s := one()
	code := s.first(t, `SELECT code FROM unions WHERE tenant_id = $1 AND id = $2`, int64(city.Tenant), s.unionOf(t, "chair"))
	desk := browser.Open(t, s.url)
	desk.Size(1366, 768)
	desk.Login("accountant", hall.DemoPassword())
	desk.Go(vouchers + "/new?union=" + code)
	summary := "组织健步走" + fresh()
	keyed(t, desk, summary)
	desk.Click("form button.main")
	desk.See("要注明资金来源")
	if desk.Status() != 422 || desk.Value("[name='lines.0.debit']") != "1409.50" || !strings.Contains(desk.Focused(), "summary") {
		t.Errorf("F3.12: refused with %d, %q, at %s", desk.Status(), desk.Value("[name='lines.0.debit']"), desk.Focused())
	}
	desk.Accessible()
	desk.Fits()
	desk.Click("第 1 行：")
	if !strings.Contains(desk.Focused(), `name="lines.0.source"`) {
		t.Errorf("the message leads to %s", desk.Focused())
	}
	desk.Set("[name='lines.0.source']", "fr")
	desk.Set("[name='lines.0.project']", "office")
	desk.Click("form button.main")
	desk.See("凭证已保存")
	desk.See("合计：壹仟肆佰零玖元伍角整")
	place := desk.Path()
	desk.Accessible()

	dir := t.TempDir()
	scan := filepath.Join(dir, "发票.pdf")
	if err := os.WriteFile(scan, []byte("%PDF-1.4 "+fresh()+"\n%%EOF\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	desk.Upload("#f-file", scan)
	desk.Click("上传")
	desk.See("附件已添加")

	chair := browser.Open(t, s.url)
	chair.Login("chair", hall.DemoPassword())
	chair.Go(vouchers + "?state=draft")
	chair.Click(summary)
	chair.Click(".acts .btn.main")
	chair.See("待记账")

	desk.Go(place)
	desk.Click(".acts .btn.main")
	desk.See("已记账")
	desk.Click("红字冲销")
	desk.Click("dialog .btn.danger")
	desk.See("红字凭证已生成")
	desk.See("-1,409.50")
	red := desk.Path()
	chair.Go(red)
	chair.Click(".acts .btn.main")
	desk.Go(red)
	desk.Click(".acts .btn.main")
	desk.See("已记账")
	desk.See("冲销了")
	for _, path := range []string{place + "/print", red + "/print"} {
		if a := s.as(t, "accountant").get(t, path); a.code != 200 || !bytes.HasPrefix(a.body, []byte("%PDF-")) {
			t.Errorf("%s: %d", path, a.code)
		}
	}
}

// The same form on a phone: cards one under the other, by finger.
func TestJourneyVoucherPhone(t *testing.T) {
	s := one()
	code := s.first(t, `SELECT code FROM unions WHERE tenant_id = $1 AND id = $2`, int64(city.Tenant), s.unionOf(t, "chair2"))
	p := browser.Open(t, s.url)
	p.Size(390, 844)
	p.Login("accountant", hall.DemoPassword())
	p.Go(vouchers + "/new?union=" + code)
	p.Fits()
	p.Type("#f-summary", "收到会费"+fresh())
	p.Type("#f-attachments", "1")
	p.Type("[name='lines.0.account']", "102")
	p.Type("[name='lines.0.debit']", "30")
	p.Type("[name='lines.1.account']", "401")
	p.Type("[name='lines.1.credit']", "3")
	p.Click("form button.main")
	p.See("借方合计 30.00 元")
	p.Fits()
	p.Accessible()
	p.Type("[name='lines.1.credit']", "30")
	p.Click("form button.main")
	p.See("凭证已保存")
	p.Fits()
	p.Accessible()
	p.Go(vouchers + "?union=" + code + "&state=draft")
	p.Fits()
	p.Go(ledger.Home)
	p.Fits()
}

// The ledger's pages at a desk and on a phone: axe finds nothing, nothing is
// wider than the screen.
func TestLedgerPagesFit(t *testing.T) {
	s := one()
	x := s.near(t, "accountant")
	code := s.first(t, `SELECT code FROM unions WHERE tenant_id = $1 AND id = $2`, int64(city.Tenant), x["union"])
	p := browser.Open(t, s.url)
	p.Login("accountant", hall.DemoPassword())
	for _, path := range []string{"", "/books/new", "/books/" + x["book"], "/accounts?system=2021&class=net", "/projects?union=" + code, "/templates?union=" + code,
		"/vouchers?union=" + code, "/vouchers?state=reviewed", "/vouchers/many?act=post&id=" + x["voucher"], "/vouchers/" + x["voucher"], "/vouchers/" + x["voucher"] + "/correct", "/vouchers/new?union=" + code + "&copy=" + x["voucher"]} {
		p.Size(1366, 768)
		p.Go(ledger.Home + path)
		if p.Status() != 200 {
			t.Errorf("%s: %d", path, p.Status())
		}
		p.Accessible()
		p.Fits()
		p.Size(390, 844)
		p.Fits()
	}
}
