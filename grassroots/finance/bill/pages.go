package bill

import (
	"context"
	"io"
	"net/url"
	"strconv"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/money"
	"unionhall/kit/sheet"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

const (
	receiptsPlace = Home + "/receipts"
	booksPlace    = Home + "/books"
	invoicesPlace = Home + "/invoices"
	filesPlace    = Home + "/files"
	agePlace      = Home + "/aging"
	flagsPlace    = Home + "/flags"
)

// Routes is every page of this room with the action it needs.
func (rm Room) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET " + receiptsPlace, Needs: Look, Doc: "收据登记簿", Do: web.Page(receiptList, receiptListView)},
		{Pattern: "GET " + receiptsPlace + ".csv", Needs: Look, Doc: "导出收据登记簿（文本）", Do: web.Download(receiptsCSV)},
		{Pattern: "GET " + receiptsPlace + ".xlsx", Needs: Look, Doc: "导出收据登记簿（电子表格）", Do: web.Download(receiptsXLSX)},
		{Pattern: "GET " + receiptsPlace + "/new", Needs: Issue, Doc: "开具收据的表", Do: web.Page(giveForm, giveView)},
		{Pattern: "POST " + receiptsPlace, Needs: Issue, Doc: "开具收据", Do: web.Again(web.Act(giveAct), giveForm, giveView)},
		{Pattern: "GET " + receiptsPlace + "/{id}", Needs: Look, Doc: "一张收据", Do: web.Page(rm.receiptPage, receiptView)},
		{Pattern: "GET " + receiptsPlace + "/{id}/receipt.pdf", Needs: Look, Doc: "打印收据", Do: web.Download(receiptPDF)},
		{Pattern: "POST " + receiptsPlace + "/{id}/void", Needs: Void, Doc: "作废收据", Do: web.Again(web.Act(voidAct), rm.receiptPage, receiptView)},
		{Pattern: "POST " + receiptsPlace + "/{id}/tie", Needs: Tie, Doc: "收据关联凭证", Do: web.Again(web.Act(tieAct), rm.receiptPage, receiptView)},
		{Pattern: "GET " + booksPlace, Needs: Look, Doc: "领入的收据", Do: web.Page(batchList, batchListView)},
		{Pattern: "GET " + booksPlace + "/new", Needs: Take, Doc: "登记领入收据的表", Do: web.Page(takeForm, takeView)},
		{Pattern: "POST " + booksPlace, Needs: Take, Doc: "登记领入的收据", Do: web.Again(web.Act(takeAct), takeForm, takeView)},
		{Pattern: "GET " + booksPlace + "/{id}", Needs: Look, Doc: "一本收据的号码", Do: web.Page(batchPage, batchView)},
		{Pattern: "POST " + booksPlace + "/{id}/return", Needs: Return, Doc: "缴回未用的收据", Do: web.Again(web.Act(returnAct), batchPage, batchView)},
		{Pattern: "GET " + invoicesPlace, Needs: Look, Doc: "发票台账", Do: web.Page(invoiceList, invoiceListView)},
		{Pattern: "GET " + invoicesPlace + ".csv", Needs: Look, Doc: "导出发票台账（文本）", Do: web.Download(invoicesCSV)},
		{Pattern: "GET " + invoicesPlace + ".xlsx", Needs: Look, Doc: "导出发票台账（电子表格）", Do: web.Download(invoicesXLSX)},
		{Pattern: "GET " + invoicesPlace + "/new", Needs: Enter, Doc: "登记发票的表", Do: web.Page(entryForm, entryView)},
		{Pattern: "POST " + invoicesPlace, Needs: Enter, Doc: "登记发票", Do: web.Again(web.ActAfter(noteTwice, registerAct), entryForm, entryView)},
		{Pattern: "GET " + invoicesPlace + "/{id}", Needs: Look, Doc: "一张发票", Do: web.Page(rm.invoicePage, invoiceView)},
		{Pattern: "GET " + invoicesPlace + "/{id}/edit", Needs: Enter, Doc: "更正发票的表", Do: web.Page(editForm, editView)},
		{Pattern: "POST " + invoicesPlace + "/{id}", Needs: Enter, Doc: "更正发票", Do: web.Again(web.Act(amendAct), editForm, editView)},
		{Pattern: "POST " + invoicesPlace + "/{id}/files", Needs: Enter, Doc: "补传发票的文件", Do: web.Again(web.ActAfter(readFile, addFileAct), rm.invoicePage, invoiceView)},
		{Pattern: "POST " + invoicesPlace + "/{id}/link", Needs: Link, Doc: "发票关联凭证", Do: web.Again(web.Act(stepAct), rm.invoicePage, invoiceView)},
		{Pattern: "POST " + invoicesPlace + "/{id}/unlink", Needs: Unlink, Doc: "取消发票与凭证的关联", Do: web.Again(web.Act(stepAct), rm.invoicePage, invoiceView)},
		{Pattern: "POST " + invoicesPlace + "/{id}/cancel", Needs: Cancel, Doc: "作废发票", Do: web.Again(web.Act(stepAct), rm.invoicePage, invoiceView)},
		{Pattern: "POST " + filesPlace, Needs: Enter, Doc: "上传发票文件", Do: web.Again(web.ActAfter(readFile, uploadAct), entryForm, entryView)},
		{Pattern: "GET " + filesPlace + "/{id}", Needs: Look, Doc: "下载发票文件", Do: web.Download(fileBytes)},
		{Pattern: "GET " + agePlace, Needs: Look, Doc: "往来账龄", Do: web.Page(agePage, ageView)},
		{Pattern: "GET " + agePlace + ".csv", Needs: Look, Doc: "导出往来账龄（文本）", Do: web.Download(ageCSV)},
		{Pattern: "GET " + agePlace + ".xlsx", Needs: Look, Doc: "导出往来账龄（电子表格）", Do: web.Download(ageXLSX)},
		{Pattern: "GET " + agePlace + "/letter.pdf", Needs: Look, Doc: "打印催办单", Do: web.Download(letterPDF)},
		{Pattern: "GET " + flagsPlace, Needs: Look, Doc: "记账疑点", Do: web.Page(rm.flagPage, flagView)},
		{Pattern: "GET " + flagsPlace + ".xlsx", Needs: Look, Doc: "导出记账疑点（电子表格）", Do: web.Download(rm.flagsXLSX)},
		{Pattern: "POST " + flagsPlace, Needs: Answer, Doc: "说明疑点", Do: web.Again(web.Act(answerAct), rm.flagPage, flagView)},
	}
}

// ByID names a thing.
type ByID struct {
	ID string `json:"id" doc:"编号"`
}

// mostUnions is how many unions a form offers by name; beyond, their code is
// typed.
const mostUnions = 300

// unionsOf lists the unions within g's reach for a choice; nil where there are
// too many.
func unionsOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant) ([]ui.Option, error) {
	all, err := sqldb.List(ctx, tx, func(row sqldb.Row) (o ui.Option, err error) { return o, row(&o.Value, &o.Text) }, `
		SELECT u.code, u.name FROM unions u
		JOIN union_reach r ON r.tenant_id = u.tenant_id AND r.union_id = u.id AND r.above_id = $2
		WHERE u.tenant_id = $1 AND u.closed IS NULL ORDER BY u.name_key, u.id LIMIT $3`, g.Tenant(), g.Under(), int64(mostUnions+1))
	if len(all) > mostUnions {
		return nil, err
	}
	return all, err
}

// ownCode is the code of the union that g acts for.
func ownCode(ctx context.Context, tx *sqldb.Tx, g auth.Grant) (string, error) {
	u, err := ledger.Union(ctx, tx, g, "")
	return u.Code, err
}

// everyUnion is a choice among unions that begins with all of them.
func everyUnion(all []ui.Option) []ui.Option {
	return append([]ui.Option{{Value: "", Text: "全部"}}, all...)
}

// vouchersFor offers the vouchers of a union that a paper may be linked to: the
// latest of the year and of the one after, those that wait included.
func vouchersFor(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string, from day.Day) ([]ui.Option, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (o ui.Option, err error) {
		var p Paper
		var summary string
		var total int64
		var on day.Day
		if err := row(&p.ID, &p.Year, &p.Month, &p.Number, &on, &summary, &total); err != nil {
			return o, err
		}
		return ui.Option{Value: p.ID, Text: p.Name() + "　" + string(on) + "　" + summary + "　" + money.Fen(total).Grouped()}, nil
	}, `
		SELECT v.id, b.year, v.month, v.number, v.date, v.summary, v.total
		FROM vouchers v JOIN books b ON b.tenant_id = v.tenant_id AND b.id = v.book_id
		WHERE v.tenant_id = $1 AND b.union_id = $3 AND v.date >= $4 AND v.state <> 'discarded' AND v.nature IN ('normal', 'fix')
			AND EXISTS (SELECT 1 FROM union_reach r WHERE r.tenant_id = b.tenant_id AND r.above_id = $2 AND r.union_id = b.union_id)
		ORDER BY v.date DESC, v.id DESC LIMIT 100`, g.Tenant(), g.Under(), union, string(from))
}

// table writes rows as a CSV or a workbook.
func table(title string, columns []sheet.Column, csv bool, rows func(write func(...string) error) error) web.File {
	f := web.File{Name: title + ".xlsx", Type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
	if csv {
		f.Name, f.Type = title+".csv", "text/csv; charset=utf-8"
	}
	f.Write = func(dst io.Writer) error {
		s, err := writer(dst, title, columns, csv)
		if err != nil {
			return err
		}
		if err := rows(s.Row); err != nil {
			return err
		}
		return s.Close()
	}
	return f
}

func writer(dst io.Writer, title string, columns []sheet.Column, csv bool) (*sheet.Writer, error) {
	if csv {
		return sheet.NewCSV(dst, columns)
	}
	return sheet.NewXLSX(dst, title, columns)
}

// story is what was done to a thing, for its page.
func story[S ~string](past []flow.Past[S], who map[string]string, labels map[S]string) (out []ui.Event) {
	for _, s := range past {
		title := Labels[s.Act]
		if s.Before == "-" || s.Before == "" {
			title = "登记"
		}
		e := ui.Event{Kind: ui.Info, At: s.At.Local(), Title: title + "：" + labels[s.After], Words: s.Words, Who: s.Office.Label()}
		if name := who[s.Account]; name != "" {
			e.Who = name + "（" + e.Who + "）"
		}
		out = append(out, e)
	}
	return out
}

func accountsOf[S ~string](past []flow.Past[S], more ...string) []string {
	for _, s := range past {
		more = append(more, s.Account)
	}
	return more
}

// address is a path with the values that are not empty.
func address(path string, pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

func version(n int64) string { return strconv.FormatInt(n, 10) }

func count(n int64) string { return strconv.FormatInt(n, 10) }

func limit(n int) int {
	if n <= 0 || n > 200 {
		return 50
	}
	return n
}
