package hall_test

import (
	"fmt"
	"testing"

	"unionhall/grassroots/finance/closing"
	"unionhall/grassroots/finance/ledger"
	"unionhall/hall"
	"unionhall/hall/city"
	"unionhall/kit/browser"
)

// posts has a voucher made, reviewed and posted.
func (s *stand) posts(t *testing.T, union, date, lines string) {
	t.Helper()
	accountant, director := s.as(t, "accountant"), s.as(t, "director")
	id := accountant.post(t, ledger.Home+"/vouchers", fmt.Sprintf(`{"union":%q,"date":%q,"summary":"收到款项","attachments":1,"lines":[%s]}`, union, date, lines)).text(t, "id")
	director.post(t, ledger.Home+"/vouchers/"+id+"/review", `{}`)
	accountant.post(t, ledger.Home+"/vouchers/"+id+"/post", `{}`)
}

// F3.14, F3.16, F3.17: opening balances by hand, a month that lacks a posting,
// is mended, closed, opened again by two and closed; then the year by the list,
// until the next one is open.
func TestJourneyClosing(t *testing.T) {
	s := one()
	code := s.first(t, `SELECT code FROM unions WHERE tenant_id = $1 AND id = $2`, int64(city.Tenant), s.unionOf(t, "chair"))
	accountant, director := s.as(t, "accountant"), s.as(t, "director")
	accountant.post(t, ledger.Home+"/books", fmt.Sprintf(`{"union":%q,"year":2022}`, code))
	project := accountant.post(t, ledger.Home+"/projects", fmt.Sprintf(`{"union":%q,"code":"J22-%s","name":"职工之家改造","from":"2022-01-01"}`, code, fresh())).text(t, "id")

	desk := browser.Open(t, s.url)
	desk.Size(1366, 768)
	desk.Login("accountant", hall.DemoPassword())
	desk.Go(closing.Openings + "/" + code + "/2022")
	field := func(account, side string) string {
		return browser.Eval[string](desk, fmt.Sprintf(`"#" + CSS.escape(document.querySelector('input[type=hidden][value="%s"]').name.replace("account", "%s").replace(/^/, "f-"))`, account, side))
	}
	desk.Type(field("102", "debit"), "8000.00")
	desk.Type(field("32205", "credit"), "7999.99")
	desk.Click("保存并试算")
	desk.See("贷方还差 0.01 元")
	if got := desk.Value(field("102", "debit")); got != "8000.00" {
		t.Errorf("what was typed is lost: %q", got)
	}
	desk.Set(field("32205", "credit"), "8000.00")
	desk.Click("保存并试算")
	desk.See("年初余额已保存为凭证")
	desk.Fits()
	opening := s.first(t, `SELECT v.id FROM vouchers v JOIN books b ON b.tenant_id = v.tenant_id AND b.id = v.book_id JOIN unions u ON u.tenant_id = b.tenant_id AND u.id = b.union_id
		WHERE v.tenant_id = $1 AND u.code = $2 AND b.year = 2022 AND v.nature = 'opening'`, int64(city.Tenant), code)
	s.posts(t, code, "2022-01-05", `{"account":"102","debit":"100"},{"account":"401","credit":"100","source":"fr"}`)

	month := closing.Home + "/" + code + "/2022-01"
	desk.Go(month)
	desk.See("还缺")
	desk.See("年初余额还有 1 张凭证没有记账")
	director.post(t, ledger.Home+"/vouchers/"+opening+"/review", `{}`)
	accountant.post(t, ledger.Home+"/vouchers/"+opening+"/post", `{}`)
	desk.Go(month)
	desk.See("年初余额已经记账")
	desk.Fits()
	desk.Click("summary.btn")
	desk.Click("dialog .btn.main")
	desk.See("已结账，结转凭证 记-2 已记账")
	desk.Click("申请重新开账")
	desk.Type("#f-wordsreopen", "漏记一笔补助")
	desk.Click("dialog .btn.main")
	desk.See("请工会主席或主任同意")

	phone := browser.Open(t, s.url)
	phone.Size(390, 844)
	phone.Login("director", hall.DemoPassword())
	phone.Go(month)
	phone.See("漏记一笔补助")
	phone.Fits()
	phone.Click("同意重新开账")
	phone.Click("dialog .btn.main")
	phone.See("已重新开账")
	phone.Fits()

	s.posts(t, code, "2022-01-20", fmt.Sprintf(`{"account":"102","debit":"500"},{"account":"40302","credit":"500","source":"sp","project":%q}`, project))
	desk.Go(month)
	desk.Click("summary.btn")
	desk.Click("dialog .btn.main")
	desk.See("结转凭证 记-4 已记账")
	for m := 2; m <= 12; m++ {
		accountant.post(t, fmt.Sprintf("%s/%s/2022-%02d/close", closing.Home, code, m), `{}`)
	}
	desk.Go(fmt.Sprintf("%s/%s/2022", closing.Years, code))
	desk.Click("form.press .btn")
	desk.See("归集结转资金：结转凭证")
	desk.See("职工之家改造")
	desk.Click("继续结转到下年")
	desk.Click("确认分析结果")
	desk.See("分析项目：已办")
	desk.Click("form.press .btn")
	desk.See("归集结余资金：结转凭证")
	desk.Fits()
	desk.Click("summary.btn.danger-line")
	desk.Click("dialog .btn.danger")
	desk.See("2022 年已年结，2023 年的年初余额已转入")
	desk.Fits()
	phone.Go(fmt.Sprintf("%s/%s/2022", closing.Years, code))
	phone.See("已年结")
	phone.Fits()
}
