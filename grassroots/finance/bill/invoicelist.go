package bill

import (
	"fmt"
	"strconv"
	"strings"

	"unionhall/kit/sheet"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/law/books"
)

// InvoiceQuery is the filter row of the register of invoices.
type InvoiceQuery struct {
	Union string            `json:"union" doc:"工会"`
	State InvoiceState      `json:"state" doc:"状态"`
	Kind  books.InvoiceKind `json:"kind" doc:"票据种类"`
	Bare  bool              `json:"bare" doc:"没有电子原件"`
	Q     string            `json:"q" doc:"号码、销售方"`
	After string            `json:"after" doc:"从哪一张之后"`
	Limit int               `json:"limit" doc:"条数"`
}

func (q InvoiceQuery) where(args []any) (string, []any) {
	out := ""
	add := func(text string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			text = strings.Replace(text, "?", "$"+strconv.Itoa(len(args)), 1)
		}
		out += " AND " + text
	}
	if q.Union != "" {
		add(`u.code = ?`, q.Union)
	}
	if q.State != "" {
		add(`i.state = ?`, string(q.State))
	}
	if q.Kind != "" {
		add(`i.kind = ?`, string(q.Kind))
	}
	if q.Bare {
		add(`NOT (i.paper AND i.kind = 'vat') AND NOT EXISTS (SELECT 1 FROM invoice_files f WHERE f.tenant_id = i.tenant_id AND f.invoice_id = i.id AND f.form <> 'image')`)
	}
	if s := strings.TrimSpace(q.Q); s != "" {
		add(`(i.number LIKE ? ESCAPE '\' OR i.code LIKE ? ESCAPE '\' OR i.seller LIKE ? ESCAPE '\')`, like(s), like(s), like(s))
	}
	if q.After != "" {
		add(`i.id < ?`, q.After)
	}
	return out, args
}

func (q InvoiceQuery) address(path, after string) string {
	bare := ""
	if q.Bare {
		bare = "1"
	}
	return address(path, "union", q.Union, "state", string(q.State), "kind", string(q.Kind), "bare", bare, "q", q.Q, "after", after)
}

// InvoiceListPage is the register of invoices, with the files that wait.
type InvoiceListPage struct {
	Items   []Invoice `json:"items"`
	Next    string    `json:"next,omitempty"`
	Waiting []File    `json:"waiting,omitempty"`
	q       InvoiceQuery
	unions  []ui.Option
	enter   bool
}

func invoiceList(r *web.Request, in InvoiceQuery) (p InvoiceListPage, err error) {
	in.Limit = limit(in.Limit)
	where, args := in.where([]any{r.Grant.Tenant(), r.Grant.Under()})
	args = append(args, int64(in.Limit+1))
	p = InvoiceListPage{q: in, enter: r.May(Enter)}
	if p.Items, err = sqldb.List(r.Ctx, r.Tx, scanInvoice, selectInvoices+where+fmt.Sprintf(` ORDER BY i.id DESC LIMIT $%d`, len(args)), args...); err != nil {
		return p, err
	}
	if len(p.Items) > in.Limit {
		p.Items, p.Next = p.Items[:in.Limit], p.Items[in.Limit-1].ID
	}
	if p.Items == nil {
		p.Items = []Invoice{}
	}
	if p.enter {
		if p.Waiting, err = Waiting(r.Ctx, r.Tx, r.Grant, ""); err != nil {
			return p, err
		}
	}
	p.unions, err = unionsOf(r.Ctx, r.Tx, r.Grant)
	return p, err
}

func (p InvoiceListPage) next() string {
	if p.Next == "" {
		return ""
	}
	return p.q.address(invoicesPlace, p.Next)
}

var invoiceExport = []sheet.Column{{Name: "工会", Width: 30}, {Name: "票据种类", Width: 18}, {Name: "代码", Width: 14}, {Name: "号码", Width: 24}, {Name: "校验码", Width: 12}, {Name: "开票日期", Kind: sheet.Date}, {Name: "价税合计", Kind: sheet.Money},
	{Name: "销售方", Width: 30}, {Name: "销售方税号", Width: 22}, {Name: "购买方", Width: 30}, {Name: "购买方税号", Width: 22}, {Name: "状态"}, {Name: "凭证", Width: 18}, {Name: "电子原件"}, {Name: "备注", Width: 24}}

func invoicesCSV(r *web.Request, in InvoiceQuery) (web.File, error) { return invoicesFile(r, in, true) }
func invoicesXLSX(r *web.Request, in InvoiceQuery) (web.File, error) {
	return invoicesFile(r, in, false)
}

func invoicesFile(r *web.Request, in InvoiceQuery, csv bool) (web.File, error) {
	where, args := in.where([]any{r.Grant.Tenant(), r.Grant.Under()})
	return table("发票台账", invoiceExport, csv, func(write func(...string) error) error {
		return sqldb.Each(r.Ctx, r.Tx, scanInvoice, func(i Invoice) error {
			return write(i.Union.Name, i.Kind.Label(), i.Code, i.Number, i.Check, string(i.Date), i.Amount.String(), i.Seller, i.SellerUSCC, i.Buyer, i.BuyerUSCC, i.State.Label(), i.Voucher.Name(), i.original(), i.Note)
		}, selectInvoices+where+` ORDER BY i.id DESC`, args...)
	}), nil
}

// original says in a word whether the electronic original is there.
func (i Invoice) original() string {
	switch {
	case i.Origins > 0:
		return "已保存"
	case i.Whole():
		return "纸质发票"
	}
	return "缺"
}
