package hall_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"unionhall/grassroots/finance/asset"
	"unionhall/grassroots/finance/ledger"
	"unionhall/hall"
	"unionhall/hall/city"
	"unionhall/kit/browser"
	"unionhall/kit/day"
)

// passed has every voucher of a source reviewed and posted.
func (s *stand) passed(t *testing.T, source string) {
	t.Helper()
	all := s.look(t, `SELECT id FROM vouchers WHERE tenant_id = $1 AND source_id = $2 AND state = 'draft'`, int64(city.Tenant), source)
	if len(all) == 0 {
		t.Fatalf("no voucher waits for %s", source)
	}
	for _, id := range all {
		s.as(t, "director").post(t, ledger.Home+"/vouchers/"+id+"/review", `{}`)
		s.as(t, "accountant").post(t, ledger.Home+"/vouchers/"+id+"/post", `{}`)
	}
}

// J28, J29, J33: at a desk the accountant buys a computer of 6,000, writes its
// month off and sees 83.33, and asks to scrap it; the director approves, the
// accountant books. On a phone the code on its label opens the card for whoever
// is signed in, and tells a stranger nothing.
func TestJourneyAsset(t *testing.T) {
	s := one()
	union := s.first(t, `
		SELECT u.code FROM unions u JOIN books b ON b.tenant_id = u.tenant_id AND b.union_id = u.id AND b.state = 'open'
		WHERE u.tenant_id = $1 AND u.parent_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM posts p WHERE p.tenant_id = u.tenant_id AND p.union_id = u.id AND p.office = 'chair') ORDER BY u.code DESC`, int64(city.Tenant))
	desk := browser.Open(t, s.url)
	desk.Size(1366, 768)
	desk.Login("accountant", hall.DemoPassword())
	var runs struct{ Next asset.Month }
	if err := json.Unmarshal([]byte(asked(desk, asset.Home+"/runs?union="+union)), &runs); err != nil {
		t.Fatal(err)
	}
	on := min(runs.Next.Last(), day.At(s.house.Now()).Day())

	desk.Go(asset.Home + "/new?union=" + union)
	name := "一体机" + fresh()
	desk.Select("#f-sort", "通用设备—计算机设备（6 年起）")
	desk.Type("#f-name", name)
	desk.Type("#f-price", "600")
	desk.Set("#f-day", string(on))
	desk.Select("#f-expense", "50702 资本性支出—办公设备购置")
	desk.Click("登记并生成凭证")
	desk.See("一般资产应在 1000 元以上")
	if desk.Status() != 422 || desk.Value("#f-name") != name {
		t.Errorf("F3.8 a refused form comes back with %d, %q", desk.Status(), desk.Value("#f-name"))
	}
	desk.Type("#f-price", "6000")
	desk.Click("登记并生成凭证")
	desk.See("卡片已建立")
	desk.See("待记账")
	desk.Fits()
	card := desk.Path()
	s.passed(t, card[strings.LastIndexByte(card, '/')+1:])

	desk.Go(asset.Home + "/runs?union=" + union)
	desk.Click("计提 " + runs.Next.Label())
	desk.See("折旧计算表")
	desk.See("83.33")
	desk.Go(card)
	desk.See("每月 83.33 元")
	desk.See("5,916.67")
	desk.Fits()

	phone := browser.Open(t, s.url)
	phone.Size(390, 844)
	phone.Go(card)
	if strings.Contains(phone.HTML(), name) {
		t.Error("a stranger reads the card")
	}
	phone.Login("auditor", hall.DemoPassword())
	phone.Go(card)
	phone.See(name)
	phone.See("5,916.67")
	phone.Fits()
	if strings.Contains(phone.Text(), "提出处置") {
		t.Error("F5.7 the auditor may act")
	}

	desk.Click("提出处置")
	desk.Select("#f-kind", "报废")
	desk.Set("#f-day-l", string(runs.Next.Plus(1).First()))
	desk.Type("#f-reason", "主板烧毁，无法修复")
	desk.Click("dialog .btn.danger")
	desk.See("已提出，请工会主席或主任批准")
	matter := desk.Path()
	id := matter[strings.LastIndexByte(matter, '/')+1:]
	s.passed(t, id)
	desk.Login("director", hall.DemoPassword())
	desk.Go(matter)
	desk.Click("批准")
	desk.Type("#f-document", "滨直工〔2026〕9号")
	desk.Click("dialog .btn.main")
	desk.See("已批准，待入账")
	desk.Fits()
	desk.Login("accountant", hall.DemoPassword())
	desk.Go(matter)
	desk.Click("入账")
	desk.Set("#f-day", string(runs.Next.Plus(1).First()))
	desk.Type("#f-proceeds", "50")
	desk.Click("dialog .btn.main")
	desk.See("已办结")
	s.passed(t, id)
	desk.Go(card)
	desk.See("已处置")
	desk.See("卡片保管到")
	var check struct{ OK bool }
	month := runs.Next.Plus(1)
	if err := json.Unmarshal([]byte(asked(desk, fmt.Sprintf("%s/check?union=%s&month=%s", asset.Home, union, month))), &check); err != nil || !check.OK {
		t.Errorf("K3 after all: %v %v", check, err)
	}
}
