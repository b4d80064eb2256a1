package hall_test

import (
	"os"
	"path/filepath"
	"testing"

	"unionhall/hall"
	"unionhall/hall/city"
	"unionhall/kit/browser"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

// S2-42: in the demo city nine in ten lines of the banks find their vouchers
// without a person, and what was matched adds up.
func TestDemoMatched(t *testing.T) {
	each(t, func(t *testing.T, s *stand) {
		count := func(q string) (n int64) {
			err := s.house.DB.View(ctx, func(tx *sqldb.Tx) (err error) {
				n, err = sqldb.One(ctx, tx, sqldb.Int, q, int64(city.Tenant))
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		all := count(`SELECT count(*) FROM bank_lines WHERE tenant_id = $1`)
		open := count(`SELECT count(*) FROM bank_open WHERE tenant_id = $1`)
		t.Logf("%d of %d lines matched, %d reconciliations confirmed", all-open, all, count(`SELECT count(*) FROM bank_tables WHERE tenant_id = $1 AND state = 'confirmed'`))
		if all < 50 || (all-open)*10 < all*9 {
			t.Errorf("%d of %d lines matched", all-open, all)
		}
	})
}

// S2-42, K8: the accountant imports a statement, looks at what was matched,
// matches the rest by hand; the director confirms the month; the cashier
// counts on the phone.
func TestJourneyBank(t *testing.T) {
	s := one()
	today := string(day.At(s.house.Now()).Day())
	acc := s.first(t, `SELECT bank_id FROM bank_statements WHERE tenant_id = $1 GROUP BY bank_id HAVING min(state) = 'confirmed' ORDER BY bank_id`, int64(city.Tenant))
	file := filepath.Join(t.TempDir(), "明细"+fresh()+".csv")
	text := "某银行账户明细\n交易日期,摘要,支出,收入,对方户名\n" + today + ",转入" + fresh() + ",,7.77,滨江印刷厂\n" + today + ",冲正" + fresh() + ",7.77,,滨江印刷厂\n" + today + ",坏行,1.005,,\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	accountant, director := s.tab(t, "accountant"), s.tab(t, "director")
	accountant.Go(banks + "/accounts/" + acc)
	accountant.See("近十二个月")
	accountant.Fits()
	accountant.Click("导入对账单")
	accountant.Upload("#f-file", file)
	accountant.Click("上传并核对")
	accountant.See("没有收下")
	accountant.See("比分还细")
	accountant.Fits()
	accountant.Click("收下 2 笔并自动勾对")
	accountant.See("已收下 2 笔流水")
	accountant.Click("去勾对")
	accountant.See("银行流水，还没有凭证对应")
	accountant.Fits()
	for _, id := range s.look(t, `SELECT l.id FROM bank_lines l JOIN bank_open o ON o.tenant_id = l.tenant_id AND o.line_id = l.id WHERE l.tenant_id = $1 AND l.amount IN (777, -777)`, int64(city.Tenant)) {
		accountant.Click(`input[value="` + id + `"]`)
	}
	accountant.Click("勾对选中的")
	accountant.See("写明为什么是同一笔")
	for _, id := range s.look(t, `SELECT l.id FROM bank_lines l JOIN bank_open o ON o.tenant_id = l.tenant_id AND o.line_id = l.id WHERE l.tenant_id = $1 AND l.amount IN (777, -777)`, int64(city.Tenant)) {
		accountant.Click(`input[value="` + id + `"]`)
	}
	accountant.Type("#f-words", "银行当日冲正")
	accountant.Click("勾对选中的")
	accountant.See("已勾对")
	accountant.See("银行当日冲正")

	table := s.first(t, `SELECT bank_id FROM bank_tables WHERE tenant_id = $1 AND state = 'made' ORDER BY bank_id`, int64(city.Tenant))
	period := s.first(t, `SELECT max(period) FROM bank_tables WHERE tenant_id = $1 AND state = 'made' AND bank_id = '`+table+`'`, int64(city.Tenant))
	director.Go(banks + "/reconciliation?bank=" + table + "&period=" + period)
	director.See("调节后余额")
	director.Fits()
	director.Click("确认相符")
	director.Click("dialog .btn.main")
	director.See("余额调节表：已确认")

	phone := browser.Open(t, s.url)
	phone.Size(390, 844)
	phone.Login("cashier", hall.DemoPassword())
	phone.Go(banks + "/journal?bank=" + acc)
	phone.See("本月合计")
	phone.Fits()
	phone.Go(banks + "/counts/new")
	phone.Set("#f-day", string(day.At(s.house.Now()).Day().AddDays(-3)))
	phone.Type(`[name="pieces.100"]`, "-3")
	phone.Click("保存盘点表")
	phone.See("请填张数")
	phone.Type(`[name="pieces.100"]`, "3")
	phone.Click("保存盘点表")
	phone.See("溢余")
	phone.Fits()
}

// S2-42: a program brings a statement of a bank that heads its columns
// strangely, says which is which, and takes what every page offers to take.
func TestBankFaces(t *testing.T) {
	each(t, func(t *testing.T, s *stand) {
		x := s.outside(t)
		accountant, stranger := s.as(t, "accountant"), s.as(t, "chair")
		today := string(day.At(s.house.Now()).Day())
		tag := fresh()
		file := []byte("日子,说明,甲方,乙方,结余\n" + today + ",转入" + tag + ",,9.99,\n")
		a := accountant.upload(t, banks+"/statements", "奇怪的表"+tag+".csv", file, "account", x["bank account"])
		if a.code != 422 && a.code != 400 {
			t.Errorf("a file without any known head: %s", a)
		}
		file = []byte("交易日期,说明,甲方,乙方,余额\n" + today + ",转入" + tag + ",,9.99,\n")
		a = accountant.upload(t, banks+"/statements", "奇怪的表"+tag+".csv", file, "account", x["bank account"])
		id := a.text(t, "id")
		if a.code != 201 || id == "" {
			t.Fatalf("uploaded: %s", a)
		}
		if again := accountant.upload(t, banks+"/statements", "又一次.csv", file, "account", x["bank account"]); again.code != 200 || again.text(t, "id") != id {
			t.Errorf("the same bytes again: %s", again)
		}
		if a := stranger.upload(t, banks+"/statements", "a.csv", file, "account", x["bank account"]); a.code != 403 {
			t.Errorf("a chair imports: %s", a)
		}
		a = accountant.post(t, banks+"/statements/"+id+"/columns", `{"columns":{"甲方":"went","乙方":"came","说明":"summary"}}`)
		if n := a.text(t, "new"); n != "1" {
			t.Errorf("after the columns were named %s new lines: %s", n, a)
		}
		if a := accountant.get(t, banks+"/statements/"+id); a.text(t, "state") != "judged" {
			t.Errorf("it stands as %s", a)
		}
		accountant.post(t, banks+"/statements/"+id+"/confirm", `{}`)
		accountant.post(t, banks+"/statements/"+id+"/undo", `{}`)
		for _, path := range []string{"/journal.pdf", "/journal.xlsx", "/journal.csv", "/reconciliation.pdf"} {
			if a := accountant.page(t, banks+path+"?bank="+x["bank account"]); a.code != 200 {
				t.Errorf("%s: %s", path, a)
			}
			if a := stranger.page(t, banks+path+"?bank="+x["bank account"]); a.code != 404 {
				t.Errorf("%s of another union: %s", path, a)
			}
		}
		if a := accountant.post(t, banks+"/accounts/"+x["bank account"]+"/reveal", `{"reason":"核对开户许可证"}`); len(a.text(t, "full")) < 6 {
			t.Errorf("revealed: %s", a)
		}
	})
}
