package bill

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"unionhall/commons/rulebook"
	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
	"unionhall/kit/zh"
	"unionhall/law"
)

// Taking asks for a batch of receipts to be registered.
type Taking struct {
	Union    string  `json:"union" doc:"工会"`
	Code     string  `json:"code" doc:"票据代码"`
	First    string  `json:"first" doc:"起始号码"`
	Last     string  `json:"last" doc:"终止号码"`
	Issuer   string  `json:"issuer" doc:"从哪里领入"`
	Received day.Day `json:"received" doc:"领入日期"`
}

// check refuses what is no range; count is how many numbers it has.
func (k *Taking) check(today day.Day, mostNumbers int) (count int, err error) {
	k.Code, k.First, k.Last = plain(k.Code), plain(k.First), plain(k.Last)
	k.Issuer = strings.TrimSpace(k.Issuer)
	fields := map[string]string{}
	first, ok1 := numberOf(k.First)
	last, ok2 := numberOf(k.Last)
	switch {
	case !ok1:
		fields["first"] = "起始号码：请填 1 到 18 位数字，保留前面的零"
	case !ok2 || len(k.Last) != len(k.First):
		fields["last"] = "终止号码：位数应与起始号码一样"
	case last < first:
		fields["last"] = "终止号码：不能小于起始号码"
	case last-first >= int64(mostNumbers):
		fields["last"] = fmt.Sprintf("终止号码：一次最多登记 %d 张，请分批登记", mostNumbers)
	}
	if utf8.RuneCountInString(k.Code) > 20 {
		fields["code"] = "票据代码：最多 20 个字"
	}
	if n := utf8.RuneCountInString(k.Issuer); n == 0 || n > longestName {
		fields["issuer"] = "从哪里领入：请填写发放票据的工会"
	}
	if k.Received == "" || k.Received > today {
		fields["received"] = "领入日期：请填写今天或以前的日期"
	}
	if len(fields) > 0 {
		return 0, &fault.Error{Kind: fault.Invalid, Rule: "F1.21", Text: "请按提示改正后再提交。", Fields: fields}
	}
	return int(last-first) + 1, nil
}

func plain(s string) string { return strings.ReplaceAll(strings.TrimSpace(zh.Narrow(s)), " ", "") }

func numberOf(s string) (int64, bool) {
	if len(s) == 0 || len(s) > 18 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

const receiptColumns = `tenant_id, id, union_id, book_id, kind, code, number, check_code, state, date, payer, item, amount, handler, copies, words, voucher_id, account_id, at, version`

var receiptSeal = audit.LayoutOf("receipts", columnsOf(receiptColumns))

func columnsOf(list string) (out []string) {
	for c := range strings.SplitSeq(list, ",") {
		out = append(out, strings.TrimSpace(c))
	}
	return out
}

// Receive registers a batch of receipts with every number of it. A number that
// is there already is fault.Conflict, whoever has it.
//
// law: F1.20, F1.21
func Receive(ctx context.Context, tx *sqldb.Tx, g auth.Grant, k Taking, at day.Instant) (Batch, error) {
	u, err := ledger.Union(ctx, tx, g, k.Union)
	if err != nil {
		return Batch{}, err
	}
	most, err := param(ctx, tx, g.Tenant(), "books.receipt.book_most", at.Day())
	if err != nil {
		return Batch{}, err
	}
	count, err := k.check(at.Day(), most)
	if err != nil {
		return Batch{}, err
	}
	b := Batch{ID: sqldb.NewID(), Union: u.Ref(), Code: k.Code, First: k.First, Last: k.Last, Issuer: k.Issuer, Received: k.Received, Unused: int64(count), Next: k.First, Version: 1}
	taken, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT number FROM receipts WHERE tenant_id = $1 AND kind = $2 AND code = $3 AND number >= $4 AND number <= $5 AND length(number) = $6 ORDER BY number LIMIT 1`,
		g.Tenant(), OnPaper, orNone(b.Code), b.First, b.Last, int64(len(b.First)))
	if err != nil {
		return b, err
	}
	if len(taken) > 0 {
		return b, &fault.Error{Kind: fault.Conflict, Rule: "F1.21", Text: "号码 " + taken[0] + " 已经登记过，同一个号码不能领入两次，请核对收据。", Fields: map[string]string{"first": "起始号码：这一段里有已经登记的号码"}}
	}
	_, err = tx.Exec(ctx, `INSERT INTO receipt_books (tenant_id, id, union_id, code, first_no, last_no, issuer, received, account_id, at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)`,
		g.Tenant(), b.ID, u.ID, orNone(b.Code), b.First, b.Last, b.Issuer, string(b.Received), g.Account(), string(at))
	if err != nil {
		return b, err
	}
	m := audit.Moves{}
	if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "receipt_books", ID: b.ID}); err != nil {
		return b, err
	}
	first, _ := numberOf(b.First)
	rows := make([][]any, count)
	for i := range rows {
		r := Receipt{ID: sqldb.NewID(), Union: b.Union, BatchID: b.ID, Kind: OnPaper, Code: b.Code, Number: fmt.Sprintf("%0*d", len(b.First), first+int64(i)), State: Unused, By: g.Account(), At: at, Version: 1}
		row := r.row(g.Tenant())
		mac := receiptSeal.Seal(tx.Keys(), row)
		m.Add("receipts", mac)
		rows[i] = append(row, mac)
	}
	err = tx.Insert(ctx, "receipts", receiptColumns+", mac", rows)
	if fault.Of(err).Kind == fault.Conflict {
		return b, fault.ByRule(fault.Conflict, "F1.21", "这一段号码刚刚已由他人登记，请刷新后核对。")
	}
	if err != nil {
		return b, err
	}
	return b, m.Write(ctx, tx, g, b.ID, deed{Did: "received", Union: u.Name, Number: b.First, Last: b.Last, Count: count}, at)
}

// row is the receipt as it is stored, without its seal.
func (r Receipt) row(tenant int64) []any {
	return []any{tenant, r.ID, r.Union.ID, r.BatchID, r.Kind, orNone(r.Code), r.Number, r.Check, string(r.State), string(r.Date), r.Payer, r.Item, int64(r.Amount), r.Handler, r.Copies, r.Words, r.Voucher.ID,
		r.By, string(r.At), r.Version}
}

func param(ctx context.Context, tx *sqldb.Tx, tenant int64, id string, on day.Day) (int, error) {
	book, err := rulebook.Of(ctx, tx, tenant)
	if err != nil {
		return 0, err
	}
	return book.Int(id, law.PlaceOf(tenant), on)
}

// Giving asks for a receipt to be issued: the next number of a batch, or the
// one that is named; or an electronic one that the platform has given.
type Giving struct {
	Kind    string  `json:"kind" doc:"收据种类"`
	Union   string  `json:"union" doc:"工会"`
	Batch   string  `json:"book" doc:"收据本"`
	Code    string  `json:"code" doc:"票据代码"`
	Number  string  `json:"number" doc:"号码"`
	Check   string  `json:"check" doc:"校验码"`
	Date    day.Day `json:"date" doc:"开具日期"`
	Payer   string  `json:"payer" doc:"交款单位"`
	Item    string  `json:"item" doc:"收款项目"`
	Amount  string  `json:"amount" doc:"金额"`
	Handler string  `json:"handler" doc:"经办人"`
	Voucher string  `json:"voucher" doc:"凭证"`
}

// Give issues a receipt. Who takes a number that another has just taken is
// told the next one (fault.Conflict).
//
// law: F1.20, F1.21, F3.21
func Give(ctx context.Context, tx *sqldb.Tx, g auth.Grant, v Giving, at day.Instant) (Receipt, error) {
	now, err := v.filled(at)
	if err != nil {
		return Receipt{}, err
	}
	now.By = g.Account()
	m := audit.Moves{}
	if v.Kind == Electronic {
		if now, err = electronic(ctx, tx, g, m, v, now); err != nil {
			return now, err
		}
	} else if now, err = fromBatch(ctx, tx, g, m, v, now); err != nil {
		return now, err
	}
	d := deed{Did: "issued", Union: now.Union.Name, Number: now.Number, Amount: now.Amount.String()}
	if v.Voucher != "" {
		if now, err = tie(ctx, tx, g, m, now, v.Voucher); err != nil {
			return now, err
		}
		d.Voucher = now.Voucher.ID
	}
	if err := Receipting.Trace(ctx, tx, g, m, now.ID, Unused, Issued, flow.Given{}, at); err != nil {
		return now, err
	}
	return now, m.Write(ctx, tx, g, now.ID, d, at)
}

// electronic registers a receipt that the fiscal platform has issued.
//
// law: F6.4
func electronic(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, v Giving, now Receipt) (Receipt, error) {
	u, err := ledger.Union(ctx, tx, g, v.Union)
	if err != nil {
		return now, err
	}
	now.Union = u.Ref()
	row := now.row(g.Tenant())
	mac := receiptSeal.Seal(tx.Keys(), row)
	n, err := tx.Exec(ctx, `
		INSERT INTO receipts (`+receiptColumns+`, mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
		ON CONFLICT (tenant_id, kind, code, number) DO NOTHING`, append(row, mac)...)
	if err != nil {
		return now, err
	}
	if n == 0 {
		return now, &fault.Error{Kind: fault.Conflict, Rule: "F1.21", Text: "这张电子票据已经登记过，同一个号码只能登记一次。", Fields: map[string]string{"number": "号码：已经登记过"}}
	}
	m.Add("receipts", mac)
	return now, nil
}

// fromBatch takes a number out of a batch, whose row is the head.
func fromBatch(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, v Giving, now Receipt) (Receipt, error) {
	b, err := touchBatch(ctx, tx, g, m, v.Batch, 0)
	if err != nil {
		return now, err
	}
	number := plain(v.Number)
	if number == "" {
		number = b.Next
	}
	if number == "" {
		return now, &fault.Error{Kind: fault.Conflict, Rule: "F1.21", Text: b.Name() + "已经用完，请另选一本，或先登记新领入的收据。", Fields: map[string]string{"book": "收据本：已经用完"}}
	}
	all, err := sqldb.List(ctx, tx, scanReceipt, selectReceipts+` AND x.book_id = $3 AND x.number = $4`, g.Tenant(), g.Under(), b.ID, number)
	if err != nil {
		return now, err
	}
	switch {
	case len(all) == 0:
		return now, &fault.Error{Kind: fault.Invalid, Rule: "F1.21", Text: "请按提示改正后再提交。", Fields: map[string]string{"number": "号码：" + number + " 不在这一本里（" + b.First + "—" + b.Last + "）"}}
	case all[0].State != Unused:
		return now, &fault.Error{Kind: fault.Conflict, Rule: "F1.21", Text: "号码 " + number + "“" + all[0].State.Label() + "”，不能再用；下一个未用的号码是 " + or(b.Next, "（没有了）") + "。",
			Fields: map[string]string{"number": "号码：" + all[0].State.Label()}}
	}
	was := all[0]
	now.ID, now.Union, now.BatchID, now.Code, now.Number, now.Check, now.Version = was.ID, was.Union, was.BatchID, was.Code, was.Number, "", was.Version+1
	return now, saveReceipt(ctx, tx, g.Tenant(), m, was, now)
}

// filled judges what a receipt must say.
//
// law: F3.21, F6.4
func (v Giving) filled(at day.Instant) (r Receipt, err error) {
	fields := map[string]string{}
	r = Receipt{ID: sqldb.NewID(), Kind: OnPaper, State: Issued, Date: v.Date, Payer: strings.TrimSpace(v.Payer), Item: strings.TrimSpace(v.Item), Handler: strings.TrimSpace(v.Handler), At: at, Version: 1}
	if v.Kind == Electronic {
		r.Kind, r.Code, r.Number, r.Check = Electronic, plain(v.Code), plain(v.Number), plain(v.Check)
		electronicNumber(r, fields)
	}
	if r.Date == "" {
		r.Date = at.Day()
	}
	if r.Date > at.Day() {
		fields["date"] = "开具日期：不能晚于今天"
	}
	for _, t := range []struct {
		name, label, text string
	}{{"payer", "交款单位", r.Payer}, {"item", "收款项目", r.Item}} {
		if n := utf8.RuneCountInString(t.text); n == 0 || n > longestName {
			fields[t.name] = t.label + "：请用 1 到 100 个字写明"
		}
	}
	if utf8.RuneCountInString(r.Handler) > 30 {
		fields["handler"] = "经办人：最多 30 个字"
	}
	if r.Amount, err = positive(v.Amount); err != nil {
		fields["amount"] = "金额：" + fault.Of(err).Text
	}
	if len(fields) > 0 {
		return r, &fault.Error{Kind: fault.Invalid, Rule: "F3.21", Text: "收据的内容不全，请按提示改正后再提交。", Fields: fields}
	}
	return r, nil
}
