package bill

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
	"unionhall/kit/zh"
	"unionhall/law/books"
)

const fileColumns = `tenant_id, id, union_id, invoice_id, name, hash, type, size, form, read, account_id, at, version`

var fileSeal = audit.LayoutOf("invoice_files", columnsOf(fileColumns))

const selectFiles = `
	SELECT f.id, f.union_id, u.code, u.name, f.invoice_id, f.name, f.hash, f.type, f.size, f.form, f.read, f.account_id, f.at, f.version
	FROM invoice_files f
	JOIN unions u ON u.tenant_id = f.tenant_id AND u.id = f.union_id
	WHERE f.tenant_id = $1 AND EXISTS (
		SELECT 1 FROM union_reach r WHERE r.tenant_id = f.tenant_id AND r.above_id = $2 AND r.union_id = f.union_id)`

func scanFile(row sqldb.Row) (f File, err error) {
	var read string
	if err := row(&f.ID, &f.Union.ID, &f.Union.Code, &f.Union.Name, &f.InvoiceID, &f.Name, &f.Hash, &f.Type, &f.Size, &f.Form, &read, &f.By, &f.At, &f.Version); err != nil {
		return f, err
	}
	if err := json.Unmarshal([]byte(read), &f.Read); err != nil {
		return f, fmt.Errorf("file %s: %w", f.ID, err)
	}
	return f, nil
}

// FindFile returns a file within g's reach, or fault.NotFound.
func FindFile(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (File, error) {
	return sqldb.One(ctx, tx, scanFile, selectFiles+` AND f.id = $3`, g.Tenant(), g.Under(), id)
}

// filesOf lists what lies with an invoice that g was seen to reach.
func filesOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, invoice string) ([]File, error) {
	return sqldb.List(ctx, tx, scanFile, selectFiles+` AND f.invoice_id = $3 ORDER BY f.id`, g.Tenant(), g.Under(), invoice)
}

// Waiting lists the files that nobody has registered yet, the oldest first.
func Waiting(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string) ([]File, error) {
	if union == "" {
		return sqldb.List(ctx, tx, scanFile, selectFiles+` AND f.invoice_id IS NULL ORDER BY f.id LIMIT 100`, g.Tenant(), g.Under())
	}
	return sqldb.List(ctx, tx, scanFile, selectFiles+` AND f.invoice_id IS NULL AND f.union_id = $3 ORDER BY f.id LIMIT 100`, g.Tenant(), g.Under(), union)
}

// waiting returns a file of the union that waits to be registered.
func waiting(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union, id string) (File, error) {
	f, err := FindFile(ctx, tx, g, id)
	if err != nil {
		return f, err
	}
	if f.Union.ID != union {
		return f, &fault.Error{Kind: fault.Invalid, Rule: "F6.2", Text: "请按提示改正后再提交。", Fields: map[string]string{"file": "文件：是为“" + f.Union.Name + "”上传的，请选择同一个工会"}}
	}
	if f.InvoiceID != "" {
		return f, usedFile(ctx, tx, g, f)
	}
	return f, nil
}

// usedFile is the refusal of bytes that belong to an invoice already.
//
// law: F6.1
func usedFile(ctx context.Context, tx *sqldb.Tx, g auth.Grant, f File) error {
	i, err := FindInvoice(ctx, tx, g, f.InvoiceID)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("这个文件是发票 %s 的，%s已登记，%s，不能重复报销。", i.Number, i.Union.Name, i.used())
	return &fault.Error{Kind: fault.Conflict, Rule: "F6.1", Text: text, Fields: map[string]string{"file": "文件：" + text}}
}

// sameFile answers who brings bytes that are there: whoever waits with them is
// led on, whoever used them already is told so.
func sameFile(ctx context.Context, tx *sqldb.Tx, g auth.Grant, f File) (File, error) {
	all, err := sqldb.List(ctx, tx, scanFile, selectFiles+` AND f.hash = $3`, g.Tenant(), g.Under(), f.Hash)
	if err != nil {
		return f, err
	}
	if len(all) == 0 {
		text := "这个文件已由其他工会上传，不能重复报销。如有疑问，请向工委财务核实。"
		return f, &fault.Error{Kind: fault.Conflict, Rule: "F6.1", Text: text, Fields: map[string]string{"file": "文件：" + text}}
	}
	had := all[0]
	switch {
	case had.InvoiceID != "" && had.InvoiceID == f.InvoiceID:
		return had, nil
	case had.InvoiceID != "":
		return had, usedFile(ctx, tx, g, had)
	case had.Union.ID != f.Union.ID:
		text := "这个文件已为“" + had.Union.Name + "”上传，等待登记。"
		return had, &fault.Error{Kind: fault.Conflict, Rule: "F6.1", Text: text, Fields: map[string]string{"file": "文件：" + text}}
	}
	return had, nil
}

// hang gives a waiting file to an invoice; only one can have it.
func hang(ctx context.Context, tx *sqldb.Tx, tenant int64, m audit.Moves, f File, invoice string) error {
	n, err := tx.Exec(ctx, `UPDATE invoice_files SET invoice_id = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND invoice_id IS NULL`, invoice, tenant, f.ID)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.ByRule(fault.Conflict, "F6.1", "文件“%s”刚刚已由他人登记，请刷新后再看。", f.Name)
	}
	return m.Touch(ctx, tx, tenant, audit.Touched{Table: "invoice_files", ID: f.ID})
}

// nameOf keeps the end of a long file name, which has its kind.
func nameOf(name string) string {
	name = strings.TrimSpace(zh.Narrow(name[strings.LastIndexAny(name, `/\`)+1:]))
	if r := []rune(name); len(r) > longestName {
		name = string(r[len(r)-longestName:])
	}
	return or(name, "发票")
}

// Step asks for a step of an invoice.
type Step struct {
	flow.Given
	ID      string `json:"id" doc:"编号"`
	Version int64  `json:"version" doc:"版本"`
	Voucher string `json:"voucher" doc:"凭证"`
}

// Advance takes the step that g's action names on an invoice, in the version
// that was read: Link, Unlink or Cancel.
//
// law: F6.1, F6.2
func Advance(ctx context.Context, tx *sqldb.Tx, g auth.Grant, s Step, at day.Instant) (Invoice, error) {
	was, err := FindInvoice(ctx, tx, g, s.ID)
	if err != nil {
		return was, err
	}
	if s.Version != 0 && s.Version != was.Version {
		return was, fault.New(fault.Conflict, "发票 %s 刚刚已由他人办过，现在是“%s”，请刷新后再看。", was.Number, was.State.Label())
	}
	m := audit.Moves{}
	if g.Action() == Link {
		now, err := link(ctx, tx, g, m, was, s.Voucher, at)
		if err != nil {
			return was, err
		}
		return now, m.Write(ctx, tx, g, now.ID, deed{Did: "linked", Union: now.Union.Name, Number: now.Number, Voucher: now.Voucher.ID}, at)
	}
	s.Words = strings.TrimSpace(s.Words)
	step, err := Invoicing.Advance(ctx, tx, g, m, was.ID, was.State, "", s.Given, at)
	if err != nil {
		return was, err
	}
	now := was
	now.State = step.To
	if g.Action() == Unlink {
		if err := loose(ctx, tx, g, was); err != nil {
			return was, err
		}
		now.Voucher = Paper{}
	}
	if err := saveInvoice(ctx, tx, g.Tenant(), m, was, now); err != nil {
		return was, err
	}
	now.Version++
	return now, m.Write(ctx, tx, g, now.ID, deed{Did: string(now.State), Union: now.Union.Name, Number: now.Number, Voucher: was.Voucher.ID, Words: s.Words}, at)
}

// link gives an invoice to the voucher that books it: of the same union, not
// before the invoice, and with the electronic original in the house.
//
// law: F6.1, F6.2, F3.20, F3.21
func link(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, was Invoice, voucher string, at day.Instant) (Invoice, error) {
	if _, err := Invoicing.Take(was.State, g.Action(), flow.WhoOf(g), "", nil); err != nil {
		if was.State == Linked {
			return was, fault.ByRule(fault.Conflict, "F6.1", "这张发票已%s，一张发票只能用于一张凭证。", was.used())
		}
		return was, err
	}
	v, err := voucherOf(ctx, tx, g, was.Union.ID, voucher)
	if err != nil {
		return was, err
	}
	wrong := func(rule, field, text string) error {
		return &fault.Error{Kind: fault.Invalid, Rule: rule, Text: "这张发票还不能入账，请按提示办理。", Fields: map[string]string{field: text}}
	}
	switch {
	case !was.Whole():
		return was, wrong("F6.2", "file", "文件：请先上传发票的电子原件（PDF、OFD 或 XML）；照片和打印件不能代替原件。只有纸质的旧版发票，请勾选“只有纸质发票”")
	case was.Date > v.Date:
		return was, wrong("F3.21", "voucher", fmt.Sprintf("凭证：%s的日期 %s 早于开票日期 %s", v.Name(), v.Date, was.Date))
	}
	now := was
	now.State, now.Voucher, now.Version = Linked, Paper{v.ID, v.Year, v.Month, v.Number}, was.Version+1
	if err := Invoicing.Trace(ctx, tx, g, m, was.ID, was.State, Linked, flow.Given{Words: now.Voucher.Name()}, at); err != nil {
		return was, err
	}
	return now, saveInvoice(ctx, tx, g.Tenant(), m, was, now)
}

// loose refuses to take an invoice off a voucher that stands: only a draft, a
// discarded voucher or one that was reversed lets it go.
//
// law: F3.20, F3.22
func loose(ctx context.Context, tx *sqldb.Tx, g auth.Grant, i Invoice) error {
	v, err := ledger.Find(ctx, tx, g, i.Voucher.ID)
	if err != nil || v.State != ledger.Posted {
		return err
	}
	red, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM vouchers WHERE tenant_id = $1 AND reverses_id = $2 AND state = 'posted'`, g.Tenant(), v.ID)
	if err == nil && red == 0 {
		err = fault.ByRule(fault.Conflict, "F3.22", "%s已经记账，它的发票不能拿走。记错了的，先用红字凭证冲销，再把发票关联到正确的凭证。", v.Name())
	}
	return err
}

// Amend puts right what the register says of an invoice that no voucher uses
// yet, in the version that was read.
//
// law: F6.4
func Amend(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, e Entry, at day.Instant) (Invoice, error) {
	was, err := FindInvoice(ctx, tx, g, id)
	if err != nil {
		return was, err
	}
	if version != 0 && version != was.Version {
		return was, fault.New(fault.Conflict, "发票 %s 刚刚已由他人改过，请刷新后再改。", was.Number)
	}
	if was.State != Registered {
		return was, fault.ByRule(fault.Conflict, "F6.1", "发票现在是“%s”，不能再更正。", was.State.Label())
	}
	now := was
	if now.Reading, err = e.reading(Reading{}, at.Day()); err != nil {
		return was, err
	}
	now.Paper, now.Note = e.Paper, strings.TrimSpace(e.Note)
	m := audit.Moves{}
	if key(now.Serial) != key(was.Serial) {
		if err := renumber(ctx, tx, g, was, now.Serial); err != nil {
			return was, err
		}
	}
	if err := saveInvoice(ctx, tx, g.Tenant(), m, was, now); err != nil {
		return was, err
	}
	now.Version++
	return now, m.Write(ctx, tx, g, now.ID, deed{Did: "amended", Union: now.Union.Name, Number: now.Number, Amount: now.Amount.String()}, at)
}

// renumber gives an invoice another number, unless somebody has it.
func renumber(ctx context.Context, tx *sqldb.Tx, g auth.Grant, was Invoice, n books.Serial) error {
	if err := taken(ctx, tx, g, n); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE invoices SET kind = $1, code = $2, number = $3 WHERE tenant_id = $4 AND id = $5 AND version = $6`, string(n.Kind), orNone(n.Code), n.Number, g.Tenant(), was.ID, was.Version)
	if fault.Of(err).Kind == fault.Conflict {
		return &fault.Error{Kind: fault.Conflict, Rule: "F6.1", Text: "刚刚有人登记了同一张发票，不能重复报销。", Fields: map[string]string{"number": "号码：刚刚已由他人登记"}}
	}
	return err
}

// Doubts says what is odd about an invoice, beside the voucher that uses it.
//
// law: F6.4, F3.21, F6.2
func Doubts(i Invoice, u registry.Union, v *ledger.Voucher) []books.Doubt {
	out := i.Serial.Doubts(i.Date)
	add := func(field, rule, format string, args ...any) {
		out = append(out, books.Doubt{Field: field, Rule: rule, Text: fmt.Sprintf(format, args...)})
	}
	switch {
	case i.BuyerUSCC != "" && u.USCC != "" && i.BuyerUSCC != u.USCC:
		add("buyer_uscc", "F3.21", "购买方税号 %s 不是本工会的统一社会信用代码 %s。", i.BuyerUSCC, u.USCC)
	case i.Buyer != "" && !sameUnit(i.Buyer, u.Name) && !sameUnit(i.Buyer, u.ShortName):
		add("buyer", "F3.21", "购买方“%s”不是本工会“%s”。", i.Buyer, u.Name)
	case i.Buyer == "" && i.BuyerUSCC == "":
		add("buyer", "F3.21", "没有登记购买方，请核对发票抬头是不是本工会。")
	}
	if !i.Whole() {
		add("file", "F6.2", "还没有电子原件。")
	}
	if i.Amount < 0 && i.RedOf == "" {
		add("original", "F6.2", "红字发票没有写明对应哪一张发票。")
	}
	if v != nil && v.ID != "" {
		if i.Date.Year() != v.Year {
			add("date", "F3.21", "发票是 %d 年开的，记在 %d 年的账上，请核对是否跨年。", i.Date.Year(), v.Year)
		}
		if i.Amount > v.Total {
			add("amount", "F3.21", "发票 %s 元，大于%s的 %s 元。", i.Amount.Grouped(), v.Name(), v.Total.Grouped())
		}
	}
	return out
}

// sameUnit reports whether two names are one, but for blanks and brackets.
func sameUnit(a, b string) bool {
	tidy := strings.NewReplacer(" ", "", "（", "(", "）", ")", "\u3000", "")
	return b != "" && tidy.Replace(a) == tidy.Replace(b)
}

// key is what no two invoices have alike.
func key(n books.Serial) [3]string { return [3]string{string(n.Kind), n.Code, n.Number} }
