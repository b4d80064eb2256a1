package handover

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/finance/ledger/shop"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/schema/dbtest"
)

// nobody names nobody, as a house without accounts would.
func nobody(context.Context, *sqldb.Tx, int64, []string) (map[string]string, error) {
	return map[string]string{}, nil
}

// row is one record of a table, by the names of its fields.
type row map[string]string

// tables reads a document of the interface: its root and its records.
func tables(t *testing.T, r io.Reader) (root string, all map[string][]row) {
	t.Helper()
	all = map[string][]row{}
	d := xml.NewDecoder(r)
	var path []string
	var at row
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return root, all
		}
		if err != nil {
			t.Fatal(err)
		}
		switch x := tok.(type) {
		case xml.StartElement:
			path = append(path, x.Name.Local)
			if len(path) == 1 {
				root = path[0]
			}
			if len(path) == 2 {
				at = row{}
			}
			if len(path) == 3 {
				at[path[2]] = ""
			}
		case xml.EndElement:
			if len(path) == 2 {
				all[path[1]] = append(all[path[1]], at)
			}
			path = path[:len(path)-1]
		case xml.CharData:
			if len(path) == 3 {
				at[path[2]] += string(x)
			}
		}
	}
}

// unpacked exports a year and reads both documents.
func unpacked(t *testing.T, s shop.Shop, union string) map[string][]row {
	t.Helper()
	var b bytes.Buffer
	s.Do(func(tx *sqldb.Tx) error {
		b.Reset()
		return GBT(ctx, tx, s.Accountant(Look), nobody, union, 2026, "2026-11-26T02:00:00.000000Z", &b)
	})
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]row{}
	for _, name := range []string{"公共档案", "总账"} {
		f, err := z.Open(name + ".xml")
		if err != nil {
			t.Fatal(err)
		}
		root, part := tables(t, f)
		if root != name {
			t.Errorf("root of %s is %s", name, root)
		}
		for k, v := range part {
			all[k] = v
		}
	}
	f, err := z.Open("说明.txt")
	if err != nil {
		t.Fatal(err)
	}
	if words, err := io.ReadAll(f); err != nil || !strings.Contains(string(words), "待核实") {
		t.Errorf("the words are %q, %v", words, err)
	}
	return all
}

func fen(t *testing.T, text string) money.Fen {
	t.Helper()
	n, err := money.Parse(text)
	if err != nil || strings.Contains(text, ",") {
		t.Fatalf("amount %q: %v", text, err)
	}
	return n
}

// S2-48, S05: the balances of the exported files are what their own vouchers add up
// to, by account, source, project and month; one month begins as the one before
// ended; and they are the books' balances.
func TestInterfaceReAdded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		s := furnish(t, db)
		all := unpacked(t, s, s.A.Code)
		reAdd(t, all)
		var f ledger.Figures
		s.Do(func(tx *sqldb.Tx) (err error) {
			f, err = ledger.FiguresOf(ctx, tx, s.Accountant(Look), ledger.Ask{Union: s.A.ID, Year: 2026, From: 1, To: 4})
			return err
		})
		ours, theirs := map[string]money.Fen{}, map[string]money.Fen{}
		for _, x := range f.Sums {
			ours[x.Account] += x.Closing()
		}
		for _, b := range all["科目余额及发生额"] {
			if b["会计期间号"] == "4" {
				theirs[b["科目编号"]] += signed(t, b, "期末本币余额")
			}
		}
		for code, n := range ours {
			if theirs[code] != n {
				t.Errorf("%s: %s in the books, %s in the file", code, n, theirs[code])
			}
		}
		if len(ours) < 3 || len(theirs) != len(ours) {
			t.Errorf("%d accounts in the books, %d in the file", len(ours), len(theirs))
		}
	})
}

// signed is a balance as a debit.
func signed(t *testing.T, b row, field string) money.Fen {
	n := fen(t, b[field])
	if b["期末余额方向"] == "贷" {
		return -n
	}
	return n
}

// reAdd knows the files alone.
func reAdd(t *testing.T, all map[string][]row) {
	t.Helper()
	type key struct{ account, source, project, month string }
	debit, credit := map[key]money.Fen{}, map[key]money.Fen{}
	sum := money.Fen(0)
	for _, v := range all["记账凭证"] {
		k := key{v["科目编号"], v["辅助项1编号"], v["辅助项2编号"], v["会计期间号"]}
		d, c := fen(t, v["借方本币金额"]), fen(t, v["贷方本币金额"])
		debit[k], credit[k] = debit[k]+d, credit[k]+c
		sum += d - c
		if len(v["记账凭证日期"]) != 8 || v["记账标志"] != "1" || v["制单人"] == "" || v["审核人"] == "" || v["记账人"] == "" {
			t.Errorf("voucher line %v", v)
		}
	}
	if sum != 0 || len(all["记账凭证"]) < 6 {
		t.Errorf("%d lines come to %s", len(all["记账凭证"]), sum)
	}
	held := map[key]money.Fen{}
	for _, b := range all["科目余额及发生额"] {
		k := key{b["科目编号"], b["辅助项1编号"], b["辅助项2编号"], b["会计期间号"]}
		d, c := fen(t, b["借方本币发生额"]), fen(t, b["贷方本币发生额"])
		if d != debit[k] || c != credit[k] {
			t.Errorf("%v: %s and %s in the balances, %s and %s in the vouchers", k, d, c, debit[k], credit[k])
		}
		delete(debit, k)
		delete(credit, k)
		if end := signed(t, b, "期初本币余额") + d - c; end != signed(t, b, "期末本币余额") {
			t.Errorf("%v ends at %s", k, b["期末本币余额"])
		}
		whole := key{account: k.account, source: k.source, project: k.project}
		if before, ok := held[whole]; ok && before != signed(t, b, "期初本币余额") {
			t.Errorf("%v begins at %s", k, b["期初本币余额"])
		}
		held[whole] = signed(t, b, "期末本币余额")
	}
	for k := range debit {
		t.Errorf("%v has vouchers and no balance", k)
	}
}

// GB/T 24589.2: every table has the least of fields, whatever people wrote.
func TestInterfaceFields(t *testing.T) {
	s := furnish(t, dbtest.SQLite(t))
	all := unpacked(t, s, s.A.Code)
	for table, fields := range map[string]string{
		"电子账簿":     "电子账簿编号 电子账簿名称 会计核算单位 组织机构代码 开发单位 版本号 本位币 会计年度 标准版本号",
		"会计期间":     "会计年度 会计期间号",
		"记账凭证类型":   "记账凭证类型编号 记账凭证类型名称",
		"币种":       "币种编码",
		"员工档案":     "员工编码 员工姓名",
		"客户档案":     "客户编码 客户名称",
		"自定义档案项":   "档案编码",
		"自定义档案值":   "档案值编码 档案值名称",
		"总账基础信息":   "结构分隔符",
		"会计科目":     "科目编号 科目名称 科目级次 科目类型 余额方向",
		"科目辅助核算":   "科目编号 辅助项编号",
		"科目余额及发生额": "科目编号 辅助项1编号 辅助项2编号 期初余额方向 期末余额方向 币种编码 会计年度 会计期间号 期初本币余额 借方本币发生额 贷方本币发生额 期末本币余额",
		"记账凭证":     "记账凭证日期 会计年度 会计期间号 记账凭证类型编号 记账凭证编号 记账凭证行号 记账凭证摘要 科目编号 币种编码 借方本币金额 贷方本币金额 汇率 附件数 制单人 审核人 记账人 记账标志 作废标志",
		"报表集":      "报表编号 报表名称 报表报告日",
		"报表项数据":    "报表编号 报表项编号 报表项名称 报表项公式 报表项数值",
	} {
		if len(all[table]) == 0 {
			t.Errorf("%s has no record", table)
			continue
		}
		for _, f := range strings.Fields(fields) {
			if _, ok := all[table][0][f]; !ok {
				t.Errorf("%s lacks %s", table, f)
			}
		}
	}
	if !slices.ContainsFunc(all["记账凭证"], func(r row) bool { return r["记账凭证摘要"] == `收到会费 "一月"; 第一笔, 见附件` }) {
		t.Error("a summary did not come through as it was written")
	}
	if n := len(all["会计期间"]); n != 12 {
		t.Errorf("%d periods", n)
	}
	if got := fmt.Sprint(all["客户档案"][0]["客户名称"]); got != "张三；李四" {
		t.Errorf("the customer is %s", got)
	}
}
