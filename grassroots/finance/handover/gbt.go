package handover

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// interfaceName is the standard whose 2010 tables the files follow.
const interfaceName = "GB/T 24589.2-2010"

// unverified says which parts of the standard we have not seen, for the page
// and for the file that goes with the tables.
var unverified = []string{
	"表名和最少字段按公开资料整理，没有见到标准全文；字段的先后、长度和代码表待核实。",
	"2024 年修订的行政事业单位部分没有见到，本导出按 2010 年版的表。",
	"固定资产、应收应付、工资各册没有导出。",
	"汇率类型、现金流量项目和凭证的数量、单价、结算方式、票据各项，工会账簿不用，没有行或者为空。",
}

// names tells who accounts are.
type names = func(ctx context.Context, tx *sqldb.Tx, tenant int64, accounts []string) (map[string]string, error)

// gbt is an export at work.
type gbt struct {
	ctx      context.Context
	tx       *sqldb.Tx
	g        auth.Grant
	book     ledger.Book
	chart    ledger.Accounts
	projects map[string]string
	who      map[string]string
	x        *xmlFile
}

// GBT writes the books of a union's year as the tables of the national data
// interface, as far as finance.md 6.1 knows them: one archive of two documents.
// It streams.
//
// law: S2-48, F3.24, S05
func GBT(ctx context.Context, tx *sqldb.Tx, g auth.Grant, who names, union string, year int, at day.Instant, dst io.Writer) error {
	b, err := ledger.BookOf(ctx, tx, g, union, year)
	if err != nil {
		return err
	}
	return gbtOf(ctx, tx, g, who, b, at, dst)
}

func gbtOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, who names, b ledger.Book, at day.Instant, dst io.Writer) (err error) {
	e := &gbt{ctx: ctx, tx: tx, g: g, book: b}
	if e.chart, err = ledger.ChartOf(ctx, tx, g.Tenant(), b.System); err != nil {
		return err
	}
	if e.projects, err = projectNames(ctx, tx, g, b.Union.ID); err != nil {
		return err
	}
	if e.who, err = handlers(ctx, tx, g.Tenant(), who, b.ID); err != nil {
		return err
	}
	z := zip.NewWriter(dst)
	for _, part := range []struct {
		root  string
		write func() error
	}{{"公共档案", e.common}, {"总账", e.general}} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: part.root + ".xml", Method: zip.Deflate, Modified: stamp(at)})
		if err != nil {
			return err
		}
		e.x = newXML(w, part.root)
		if err := part.write(); err != nil {
			return err
		}
		if err := e.x.close(); err != nil {
			return err
		}
	}
	w, err := z.CreateHeader(&zip.FileHeader{Name: "说明.txt", Method: zip.Deflate, Modified: stamp(at)})
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s（%s）%d 年账簿，按 %s 的表导出。日期为年月日八位，金额单位元。\r\n年初余额在“科目余额及发生额”第 1 期的期初；“记账凭证”只有记了账的凭证。\r\n\r\n待核实：\r\n", b.Union.Name, b.Union.Code, b.Year, interfaceName)
	for i, s := range unverified {
		fmt.Fprintf(w, "%d．%s\r\n", i+1, s)
	}
	return z.Close()
}

// projectNames names a union's projects by id, basic spending too.
func projectNames(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string) (map[string]string, error) {
	all, err := ledger.Projects(ctx, tx, g, union)
	out := map[string]string{ledger.Staff: "基本支出—" + books.Basic[0], ledger.Office: "基本支出—" + books.Basic[1]}
	for _, p := range all {
		out[p.ID] = p.Code + " " + p.Name
	}
	return out, err
}

// handlers names everybody who had a hand in the posted vouchers of a book.
func handlers(ctx context.Context, tx *sqldb.Tx, tenant int64, who names, book string) (map[string]string, error) {
	ids, err := sqldb.List(ctx, tx, sqldb.Text, `
		SELECT x.id FROM (
			SELECT maker AS id FROM vouchers WHERE tenant_id = $1 AND book_id = $2 AND number IS NOT NULL
			UNION SELECT reviewer FROM vouchers WHERE tenant_id = $1 AND book_id = $2 AND number IS NOT NULL AND reviewer IS NOT NULL
			UNION SELECT poster FROM vouchers WHERE tenant_id = $1 AND book_id = $2 AND number IS NOT NULL AND poster IS NOT NULL
			UNION SELECT cashier FROM vouchers WHERE tenant_id = $1 AND book_id = $2 AND number IS NOT NULL AND cashier IS NOT NULL) x
		ORDER BY x.id`, tenant, book)
	if err != nil {
		return nil, err
	}
	out, err := who(ctx, tx, tenant, ids)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if out[id] == "" {
			out[id] = id // one that no account is kept of
		}
	}
	out[ledger.Auto] = "规则自动审核"
	return out, nil
}

// common writes 公共档案.
func (e *gbt) common() error {
	uscc, err := sqldb.List(e.ctx, e.tx, sqldb.Text, `SELECT uscc FROM legal_persons WHERE tenant_id = $1 AND union_id = $2`, e.g.Tenant(), e.book.Union.ID)
	if err != nil {
		return err
	}
	year := fmt.Sprint(e.book.Year)
	e.x.record("电子账簿", cell{"电子账簿编号", e.book.Union.Code + "-" + year}, cell{"电子账簿名称", e.book.Union.Name + year + "年账簿"}, cell{"会计核算单位", e.book.Union.Name},
		cell{"组织机构代码", strings.Join(uscc, "")}, cell{"开发单位", product}, cell{"版本号", release()}, cell{"本位币", "人民币"}, cell{"会计年度", year}, cell{"标准版本号", interfaceName})
	for m := 1; m <= 12; m++ {
		first := day.Day(fmt.Sprintf("%s-%02d-01", year, m))
		e.x.record("会计期间", cell{"会计年度", year}, cell{"会计期间号", fmt.Sprint(m)}, cell{"会计期间起始日期", compact(first)}, cell{"会计期间结束日期", compact(first.MonthEnd())})
	}
	e.x.record("记账凭证类型", cell{"记账凭证类型编号", "记"}, cell{"记账凭证类型名称", "记账凭证"}, cell{"记账凭证类型简称", "记"})
	e.x.record("币种", cell{"币种编码", "CNY"}, cell{"币种名称", "人民币"})
	depts, err := e.tags("dept")
	if err != nil {
		return err
	}
	for _, d := range depts {
		e.x.record("部门档案", cell{"部门编码", d[0]}, cell{"部门名称", d[0]})
	}
	for _, id := range slices.Sorted(maps.Keys(e.who)) {
		e.x.record("员工档案", cell{"员工编码", id}, cell{"员工姓名", e.who[id]})
	}
	parties, err := e.tags("party")
	if err != nil {
		return err
	}
	var last, as string
	for _, p := range parties { // by name, then account: those who owe us are customers
		kind := "供应商"
		if a, ok := e.chart.Find(p[1]); ok && a.Class == books.Asset {
			kind = "客户"
		}
		if p[0] == last && strings.Contains(as, kind) {
			continue
		}
		if p[0] != last {
			as = ""
		}
		last, as = p[0], as+kind
		e.x.record(kind+"档案", cell{kind + "编码", p[0]}, cell{kind + "名称", p[0]})
	}
	e.custom()
	return e.x.err
}

// auxiliaries are the items (辅助核算项) that a line may be tagged with, in the
// order of their columns.
var auxiliaries = []struct{ code, name, of string }{
	{"1", "资金来源", "自定义档案"}, {"2", "项目", "自定义档案"}, {"3", "往来单位或个人", "供应商档案、客户档案"}, {"4", "部门", "部门档案"}, {"5", "支出经济分类", ""}, {"6", "支出功能分类", ""},
}

func (e *gbt) custom() {
	for _, a := range auxiliaries[:2] {
		e.x.record("自定义档案项", cell{"档案编码", a.code}, cell{"档案名称", a.name})
	}
	for _, s := range []string{books.FR, books.SP, books.FT} {
		e.x.record("自定义档案值", cell{"档案编码", "1"}, cell{"档案值编码", s}, cell{"档案值名称", books.SourceLabel(s)})
	}
	for _, id := range slices.Sorted(maps.Keys(e.projects)) {
		e.x.record("自定义档案值", cell{"档案编码", "2"}, cell{"档案值编码", id}, cell{"档案值名称", e.projects[id]})
	}
}

// tags lists what a column of the entries holds, with each account it stands at.
func (e *gbt) tags(column string) ([][2]string, error) {
	account := "''"
	if column == "party" {
		account = "account"
	}
	return sqldb.List(e.ctx, e.tx, func(row sqldb.Row) (v [2]string, err error) { return v, row(&v[0], &v[1]) },
		`SELECT DISTINCT `+column+`, `+account+` FROM entries WHERE tenant_id = $1 AND book_id = $2 AND `+column+` IS NOT NULL ORDER BY 1, 2`, e.g.Tenant(), e.book.ID)
}

// compact is a day as the interface writes it: 20260331.
func compact(d day.Day) string { return strings.ReplaceAll(string(d), "-", "") }
