package bill

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/files"
	"unionhall/kit/flow"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// Entry asks for an invoice to be registered, or says what one should be. What
// a file tells fills what was left empty; what was typed wins.
type Entry struct {
	Union      string  `json:"union" doc:"工会"`
	File       string  `json:"file" doc:"文件"`
	Kind       string  `json:"kind" doc:"票据种类"`
	Code       string  `json:"code" doc:"代码"`
	Number     string  `json:"number" doc:"号码"`
	Check      string  `json:"check" doc:"校验码"`
	Date       day.Day `json:"date" doc:"开票日期"`
	Amount     string  `json:"amount" doc:"价税合计"`
	Seller     string  `json:"seller" doc:"销售方"`
	SellerUSCC string  `json:"seller_uscc" doc:"销售方税号"`
	Buyer      string  `json:"buyer" doc:"购买方"`
	BuyerUSCC  string  `json:"buyer_uscc" doc:"购买方税号"`
	Paper      bool    `json:"paper" doc:"只有纸质发票"`
	Original   string  `json:"original" doc:"红字对应的发票号码"`
	Note       string  `json:"note" doc:"备注"`
	Voucher    string  `json:"voucher" doc:"凭证"`
}

// reading judges what the fields say, over what was read out of the file.
//
// law: F6.4, F3.21
func (e Entry) reading(read Reading, today day.Day) (r Reading, err error) {
	r = Reading{Date: e.Date, Seller: cut(e.Seller), SellerUSCC: strings.ToUpper(plain(e.SellerUSCC)), Buyer: cut(e.Buyer), BuyerUSCC: strings.ToUpper(plain(e.BuyerUSCC))}
	if strings.TrimSpace(e.Number) != "" {
		r.Serial = books.Serial{Kind: books.InvoiceKind(e.Kind), Code: e.Code, Number: e.Number, Check: e.Check}.Tidy()
	}
	fields := map[string]string{}
	if strings.TrimSpace(e.Amount) != "" {
		if r.Amount, err = money.Parse(e.Amount); err != nil {
			fields["amount"] = "价税合计：" + fault.Of(err).Text
		}
	}
	r.fill(read)
	for field, text := range r.Wrong() {
		fields[field] = text
	}
	if r.Number == "" {
		fields["number"] = "号码：请填写，文件里没有读出号码"
		delete(fields, "kind")
	}
	switch {
	case r.Date == "":
		fields["date"] = "开票日期：请填写"
	case r.Date > today:
		fields["date"] = "开票日期：不能晚于今天"
	}
	switch {
	case fields["amount"] != "":
	case r.Amount == 0:
		fields["amount"] = "价税合计：请填写，红字发票填负数"
	case r.Amount > books.MostFen || r.Amount < -books.MostFen:
		fields["amount"] = "价税合计：超过 " + books.MostFen.Grouped() + " 元，请核对位数"
	}
	if r.Seller == "" {
		fields["seller"] = "销售方：请填写开票单位的名称"
	}
	for name, code := range map[string]string{"seller_uscc": r.SellerUSCC, "buyer_uscc": r.BuyerUSCC} {
		if code != "" && uscc(code) == "" {
			fields[name] = "税号：只能是数字和大写字母，最多 20 位"
		}
	}
	if utf8.RuneCountInString(e.Note) > 200 {
		fields["note"] = "备注：最多 200 个字"
	}
	if len(fields) > 0 {
		return r, &fault.Error{Kind: fault.Invalid, Rule: "F6.4", Text: "发票的内容不全或不对，请按提示改正后再提交。", Fields: fields}
	}
	return r, nil
}

// Register puts an invoice into the register; one whose number is there
// already is fault.Conflict, whichever union has it. With a voucher it is
// linked in the same act. A red one takes its original back.
//
// law: F6.1, F6.2, F6.4
func Register(ctx context.Context, tx *sqldb.Tx, g auth.Grant, e Entry, at day.Instant) (Invoice, error) {
	u, err := ledger.Union(ctx, tx, g, e.Union)
	if err != nil {
		return Invoice{}, err
	}
	var file File
	if e.File != "" {
		if file, err = waiting(ctx, tx, g, u.ID, e.File); err != nil {
			return Invoice{}, err
		}
	}
	now := Invoice{ID: sqldb.NewID(), Union: u.Ref(), Paper: e.Paper, State: Registered, Note: strings.TrimSpace(e.Note), By: g.Account(), At: at, Version: 1}
	if now.Reading, err = e.reading(file.Read, at.Day()); err != nil {
		return now, err
	}
	m := audit.Moves{}
	original, err := redOf(ctx, tx, g, m, now, e.Original, at)
	if err != nil {
		return now, err
	}
	now.RedOf = original
	if err := insertInvoice(ctx, tx, g, m, now); err != nil {
		return now, err
	}
	if err := Invoicing.Trace(ctx, tx, g, m, now.ID, "", Registered, flow.Given{}, at); err != nil {
		return now, err
	}
	if file.ID != "" {
		if err := hang(ctx, tx, g.Tenant(), m, file, now.ID); err != nil {
			return now, err
		}
	}
	d := deed{Did: "registered", Union: u.Name, Number: now.Number, Amount: now.Amount.String(), File: file.Name}
	if e.Voucher != "" {
		if now, err = FindInvoice(ctx, tx, g, now.ID); err != nil { // with its files counted
			return now, err
		}
		if now, err = link(ctx, tx, g.For(Link), m, now, e.Voucher, at); err != nil {
			return now, err
		}
		d.Voucher = now.Voucher.ID
	}
	return now, m.Write(ctx, tx, g, now.ID, d, at)
}

const invoiceColumns = `tenant_id, id, union_id, kind, code, number, check_code, date, amount, seller, seller_uscc, buyer, buyer_uscc, paper, state, voucher_id, red_of, note, account_id, at, version`

var invoiceSeal = audit.LayoutOf("invoices", columnsOf(invoiceColumns))

func (i Invoice) row(tenant int64) []any {
	return []any{tenant, i.ID, i.Union.ID, string(i.Kind), orNone(i.Code), i.Number, i.Check, string(i.Date), int64(i.Amount), i.Seller, i.SellerUSCC, i.Buyer, i.BuyerUSCC, i.Paper, string(i.State),
		i.Voucher.ID, i.RedOf, i.Note, i.By, string(i.At), i.Version}
}

// insertInvoice stores an invoice unless its number is there: of twenty at
// once, one is first.
func insertInvoice(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, i Invoice) error {
	row := i.row(g.Tenant())
	mac := invoiceSeal.Seal(tx.Keys(), row)
	n, err := tx.Exec(ctx, `
		INSERT INTO invoices (`+invoiceColumns+`, mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
		ON CONFLICT (tenant_id, kind, code, number) DO NOTHING`, append(row, mac)...)
	if err != nil {
		return err
	}
	if n == 0 {
		return taken(ctx, tx, g, i.Serial)
	}
	m.Add("invoices", mac)
	return nil
}

// holder returns who has a number in the whole committee, "" for nobody, and
// the invoice itself where g reaches it.
func holder(ctx context.Context, tx *sqldb.Tx, g auth.Grant, n books.Serial) (id string, i Invoice, err error) {
	ids, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT id FROM invoices WHERE tenant_id = $1 AND kind = $2 AND code = $3 AND number = $4`, g.Tenant(), string(n.Kind), orNone(n.Code), n.Number)
	if err != nil || len(ids) == 0 {
		return "", i, err
	}
	all, err := sqldb.List(ctx, tx, scanInvoice, selectInvoices+` AND i.id = $3`, g.Tenant(), g.Under(), ids[0])
	if len(all) > 0 {
		i = all[0]
	}
	return ids[0], i, err
}

// taken is the refusal of a number that is there already: where and when it
// was used, if the asker may know that.
//
// law: F6.1
func taken(ctx context.Context, tx *sqldb.Tx, g auth.Grant, n books.Serial) error {
	id, i, err := holder(ctx, tx, g, n)
	if err != nil || id == "" {
		return err
	}
	text := "这张发票已由其他工会登记，不能重复报销。如有疑问，请向工委财务核实。"
	if i.ID != "" {
		text = fmt.Sprintf("这张发票已于 %s 由%s登记，%s，不能重复报销。", i.At.Day().Chinese(), i.Union.Name, i.used())
	}
	return &fault.Error{Kind: fault.Conflict, Rule: "F6.1", Text: text, Fields: map[string]string{"number": "号码：" + text}}
}

// used says in a few words what became of the invoice.
func (i Invoice) used() string {
	if i.State == Linked {
		return "用在 " + i.Voucher.Name() + " 号凭证"
	}
	return "现在是“" + i.State.Label() + "”"
}

// Name is how a voucher is called beside a paper: 2026 年 3 月 记-12.
func (p Paper) Name() string {
	if p.ID == "" {
		return ""
	}
	if p.Number == 0 {
		return fmt.Sprintf("%d 年 %d 月 记（未编号）", p.Year, p.Month)
	}
	return fmt.Sprintf("%d 年 %d 月 记-%d", p.Year, p.Month, p.Number)
}

// Place is the voucher's page.
func (p Paper) Place() string { return ledger.Home + "/vouchers/" + p.ID }

// redOf finds the invoice that a red one takes back, and marks it.
//
// law: F6.2
func redOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, now Invoice, original string, at day.Instant) (string, error) {
	original = plain(original)
	wrong := func(kind fault.Kind, text string) error {
		return &fault.Error{Kind: kind, Rule: "F6.2", Text: "请按提示改正后再提交。", Fields: map[string]string{"original": "红字对应的发票号码：" + text}}
	}
	switch {
	case original == "":
		return "", nil // the original may be older than the register
	case now.Amount > 0:
		return "", wrong(fault.Invalid, "只有红字（负数）发票才填")
	}
	all, err := sqldb.List(ctx, tx, scanInvoice, selectInvoices+` AND i.number = $3 AND i.union_id = $4`, g.Tenant(), g.Under(), original, now.Union.ID)
	if err != nil {
		return "", err
	}
	if len(all) != 1 {
		return "", wrong(fault.Invalid, "本工会没有登记过这个号码")
	}
	was := all[0]
	if was.Amount < 0 || was.State == Reddened || was.State == Cancelled {
		return "", wrong(fault.Conflict, "这张发票现在是“"+was.State.Label()+"”，不能再红冲")
	}
	if -now.Amount > was.Amount {
		return "", wrong(fault.Invalid, "红字金额大于原发票的 "+was.Amount.Grouped()+" 元")
	}
	after := was
	after.State = Reddened
	if err := Invoicing.Trace(ctx, tx, g.For(Redden), m, was.ID, was.State, Reddened, flow.Given{Words: "红字发票 " + now.Number}, at); err != nil {
		return "", err
	}
	return was.ID, saveInvoice(ctx, tx, g.Tenant(), m, was, after)
}

// selectInvoices reads invoices within a grant's reach.
const selectInvoices = `
	SELECT i.id, i.union_id, u.code, u.name, i.kind, i.code, i.number, i.check_code, i.date, i.amount, i.seller, i.seller_uscc, i.buyer, i.buyer_uscc, i.paper, i.state,
		i.voucher_id, k.year, v.month, v.number, i.red_of, i.note, i.account_id, i.at, i.version,
		(SELECT count(*) FROM invoice_files f WHERE f.tenant_id = i.tenant_id AND f.invoice_id = i.id),
		(SELECT count(*) FROM invoice_files f WHERE f.tenant_id = i.tenant_id AND f.invoice_id = i.id AND f.form <> 'image')
	FROM invoices i
	JOIN unions u ON u.tenant_id = i.tenant_id AND u.id = i.union_id
	LEFT JOIN vouchers v ON v.tenant_id = i.tenant_id AND v.id = i.voucher_id
	LEFT JOIN books k ON k.tenant_id = v.tenant_id AND k.id = v.book_id
	WHERE i.tenant_id = $1 AND EXISTS (
		SELECT 1 FROM union_reach r WHERE r.tenant_id = i.tenant_id AND r.above_id = $2 AND r.union_id = i.union_id)`

func scanInvoice(row sqldb.Row) (i Invoice, err error) {
	err = row(&i.ID, &i.Union.ID, &i.Union.Code, &i.Union.Name, &i.Kind, &i.Code, &i.Number, &i.Check, &i.Date, &i.Amount, &i.Seller, &i.SellerUSCC, &i.Buyer, &i.BuyerUSCC, &i.Paper, &i.State,
		&i.Voucher.ID, &i.Voucher.Year, &i.Voucher.Month, &i.Voucher.Number, &i.RedOf, &i.Note, &i.By, &i.At, &i.Version, &i.Files, &i.Origins)
	i.Code = some(i.Code)
	return i, err
}

// FindInvoice returns an invoice within g's reach, or fault.NotFound.
func FindInvoice(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Invoice, error) {
	return sqldb.One(ctx, tx, scanInvoice, selectInvoices+` AND i.id = $3`, g.Tenant(), g.Under(), id)
}

// saveInvoice stores what became of an invoice that was read as was; its
// number is stored apart. Somebody who was faster is fault.Conflict.
func saveInvoice(ctx context.Context, tx *sqldb.Tx, tenant int64, m audit.Moves, was, now Invoice) error {
	n, err := tx.Exec(ctx, `
		UPDATE invoices SET check_code = $1, date = $2, amount = $3, seller = $4, seller_uscc = $5, buyer = $6, buyer_uscc = $7, paper = $8, state = $9, voucher_id = $10, note = $11, version = version + 1
		WHERE tenant_id = $12 AND id = $13 AND version = $14 AND state = $15`,
		now.Check, string(now.Date), int64(now.Amount), now.Seller, now.SellerUSCC, now.Buyer, now.BuyerUSCC, now.Paper, string(now.State), now.Voucher.ID, now.Note, tenant, was.ID, was.Version, string(was.State))
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.ByRule(fault.Conflict, "F6.1", "发票 %s 刚刚已由他人办过，请刷新后再看。", was.Number)
	}
	return m.Touch(ctx, tx, tenant, audit.Touched{Table: "invoices", ID: was.ID})
}

// Upload keeps the file of an invoice, with what was read out of it, until
// somebody registers it. Bytes that are there already lead to where they are,
// or are refused where they were used.
//
// law: F6.1, F6.2
func Upload(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union, invoice, name string, blob files.Blob, form Form, read Reading, at day.Instant) (File, error) {
	u, err := ledger.Union(ctx, tx, g, union)
	if err != nil {
		return File{}, err
	}
	b, err := json.Marshal(read)
	if err != nil {
		return File{}, err
	}
	f := File{ID: sqldb.NewID(), Union: u.Ref(), InvoiceID: invoice, Name: nameOf(name), Hash: blob.Hash, Type: blob.Type, Size: blob.Size, Form: form, Read: read, By: g.Account(), At: at, Version: 1}
	row := []any{g.Tenant(), f.ID, u.ID, f.InvoiceID, f.Name, f.Hash, f.Type, f.Size, string(f.Form), string(b), f.By, string(at), int64(1)}
	mac := fileSeal.Seal(tx.Keys(), row)
	n, err := tx.Exec(ctx, `INSERT INTO invoice_files (`+fileColumns+`, mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (tenant_id, hash) DO NOTHING`, append(row, mac)...)
	if err != nil {
		return f, err
	}
	if n == 0 {
		return sameFile(ctx, tx, g, f)
	}
	m := audit.Moves{}
	m.Add("invoice_files", mac)
	return f, m.Write(ctx, tx, g, or(invoice, f.ID), deed{Did: "filed", Union: u.Name, File: f.Name}, at)
}
