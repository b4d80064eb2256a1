package bill

import (
	"context"
	"fmt"
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// selectBatches reads batches within a grant's reach, with the tally of their
// numbers.
const selectBatches = `
	SELECT b.id, b.union_id, u.code, u.name, b.code, b.first_no, b.last_no, b.issuer, b.received, b.version,
		(SELECT count(*) FROM receipts x WHERE x.tenant_id = b.tenant_id AND x.book_id = b.id AND x.state = 'unused'),
		(SELECT count(*) FROM receipts x WHERE x.tenant_id = b.tenant_id AND x.book_id = b.id AND x.state = 'issued'),
		(SELECT count(*) FROM receipts x WHERE x.tenant_id = b.tenant_id AND x.book_id = b.id AND x.state = 'voided'),
		(SELECT count(*) FROM receipts x WHERE x.tenant_id = b.tenant_id AND x.book_id = b.id AND x.state = 'returned'),
		(SELECT min(x.number) FROM receipts x WHERE x.tenant_id = b.tenant_id AND x.book_id = b.id AND x.state = 'unused')
	FROM receipt_books b
	JOIN unions u ON u.tenant_id = b.tenant_id AND u.id = b.union_id
	WHERE b.tenant_id = $1 AND EXISTS (
		SELECT 1 FROM union_reach r WHERE r.tenant_id = b.tenant_id AND r.above_id = $2 AND r.union_id = b.union_id)`

func scanBatch(row sqldb.Row) (b Batch, err error) {
	err = row(&b.ID, &b.Union.ID, &b.Union.Code, &b.Union.Name, &b.Code, &b.First, &b.Last, &b.Issuer, &b.Received, &b.Version, &b.Unused, &b.Issued, &b.Voided, &b.Returned, &b.Next)
	b.Code = some(b.Code)
	return b, err
}

// FindBatch returns a batch within g's reach, or fault.NotFound.
func FindBatch(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Batch, error) {
	return sqldb.One(ctx, tx, scanBatch, selectBatches+` AND b.id = $3`, g.Tenant(), g.Under(), id)
}

// Batches lists the batches within g's reach, or of one union, the latest
// first.
func Batches(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string) ([]Batch, error) {
	if union != "" {
		return sqldb.List(ctx, tx, scanBatch, selectBatches+` AND b.union_id = $3 ORDER BY b.id DESC LIMIT 200`, g.Tenant(), g.Under(), union)
	}
	return sqldb.List(ctx, tx, scanBatch, selectBatches+` ORDER BY b.id DESC LIMIT 200`, g.Tenant(), g.Under())
}

// touchBatch takes the head of a batch: whoever takes a number of it queues
// here. A version that is not 0 must be the latest.
func touchBatch(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, id string, version int64) (Batch, error) {
	b, err := FindBatch(ctx, tx, g, id)
	if err != nil {
		return b, err
	}
	n, err := tx.Exec(ctx, `UPDATE receipt_books SET version = version + 1 WHERE tenant_id = $1 AND id = $2 AND ($3 = 0 OR version = $3)`, g.Tenant(), b.ID, version)
	if err != nil {
		return b, err
	}
	if n == 0 {
		return b, fault.New(fault.Conflict, "%s刚刚已由他人用过，请刷新后再办。", b.Name())
	}
	if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "receipt_books", ID: b.ID}); err != nil {
		return b, err
	}
	return FindBatch(ctx, tx, g, id) // as it stands now that nobody else is at it
}

// selectReceipts reads receipts within a grant's reach.
const selectReceipts = `
	SELECT x.id, x.union_id, u.code, u.name, x.book_id, x.kind, x.code, x.number, x.check_code, x.state, x.date, x.payer, x.item, x.amount, x.handler, x.copies, x.words,
		x.voucher_id, k.year, v.month, v.number, x.account_id, x.at, x.version
	FROM receipts x
	JOIN unions u ON u.tenant_id = x.tenant_id AND u.id = x.union_id
	LEFT JOIN vouchers v ON v.tenant_id = x.tenant_id AND v.id = x.voucher_id
	LEFT JOIN books k ON k.tenant_id = v.tenant_id AND k.id = v.book_id
	WHERE x.tenant_id = $1 AND EXISTS (
		SELECT 1 FROM union_reach r WHERE r.tenant_id = x.tenant_id AND r.above_id = $2 AND r.union_id = x.union_id)`

func scanReceipt(row sqldb.Row) (r Receipt, err error) {
	var amount int64
	err = row(&r.ID, &r.Union.ID, &r.Union.Code, &r.Union.Name, &r.BatchID, &r.Kind, &r.Code, &r.Number, &r.Check, &r.State, &r.Date, &r.Payer, &r.Item, &amount, &r.Handler, &r.Copies, &r.Words,
		&r.Voucher.ID, &r.Voucher.Year, &r.Voucher.Month, &r.Voucher.Number, &r.By, &r.At, &r.Version)
	r.Amount, r.Code = money.Fen(amount), some(r.Code)
	return r, err
}

// FindReceipt returns a number within g's reach, or fault.NotFound.
func FindReceipt(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Receipt, error) {
	return sqldb.One(ctx, tx, scanReceipt, selectReceipts+` AND x.id = $3`, g.Tenant(), g.Under(), id)
}

// saveReceipt stores what became of a receipt that was read as was. Somebody
// who was faster is fault.Conflict.
func saveReceipt(ctx context.Context, tx *sqldb.Tx, tenant int64, m audit.Moves, was, now Receipt) error {
	n, err := tx.Exec(ctx, `
		UPDATE receipts SET state = $1, date = $2, payer = $3, item = $4, amount = $5, handler = $6, copies = $7, words = $8, voucher_id = $9, account_id = $10, at = $11, version = version + 1
		WHERE tenant_id = $12 AND id = $13 AND version = $14 AND state = $15`,
		string(now.State), string(now.Date), now.Payer, now.Item, int64(now.Amount), now.Handler, now.Copies, now.Words, now.Voucher.ID, now.By, string(now.At), tenant, was.ID, was.Version, string(was.State))
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.ByRule(fault.Conflict, "F1.21", "收据 %s 刚刚已由他人办过，请刷新后再看。", was.Number)
	}
	return m.Touch(ctx, tx, tenant, audit.Touched{Table: "receipts", ID: was.ID})
}

// Voiding asks for a receipt to be voided: why, and how many copies are kept.
type Voiding struct {
	flow.Given
	ID      string `json:"id" doc:"编号"`
	Version int64  `json:"version" doc:"版本"`
	Copies  int64  `json:"copies" doc:"保存的联数"`
}

// VoidReceipt voids a number, whether it was issued or spoilt before that. One
// on paper keeps all its copies.
//
// law: F1.21
func VoidReceipt(ctx context.Context, tx *sqldb.Tx, g auth.Grant, v Voiding, at day.Instant) (Receipt, error) {
	was, err := FindReceipt(ctx, tx, g, v.ID)
	if err != nil {
		return was, err
	}
	if err := currentReceipt(was, v.Version); err != nil {
		return was, err
	}
	v.Words = strings.TrimSpace(v.Words)
	m := audit.Moves{}
	step, err := Receipting.Advance(ctx, tx, g, m, was.ID, was.State, "", v.Given, at)
	if err != nil {
		return was, err
	}
	if was.Kind == OnPaper && (v.Copies < 1 || v.Copies > 9) {
		return was, &fault.Error{Kind: fault.Invalid, Rule: "F1.21", Text: "作废的收据要把各联收齐，加盖作废章一并保存。", Fields: map[string]string{"copies": "保存的联数：请填收齐的联数"}}
	}
	now := was
	now.State, now.Words, now.Copies, now.By, now.At, now.Version = step.To, v.Words, v.Copies, g.Account(), at, was.Version+1
	if err := saveReceipt(ctx, tx, g.Tenant(), m, was, now); err != nil {
		return was, err
	}
	return now, m.Write(ctx, tx, g, now.ID, deed{Did: "voided", Union: now.Union.Name, Number: now.Number, Amount: now.Amount.String(), Words: v.Words}, at)
}

func currentReceipt(r Receipt, version int64) error {
	if version != 0 && version != r.Version {
		return fault.New(fault.Conflict, "收据 %s 刚刚已由他人办过，现在是“%s”，请刷新后再看。", r.Number, r.State.Label())
	}
	return nil
}

// Returning asks for the unused numbers of a batch to be given back.
type Returning struct {
	flow.Given
	ID      string `json:"id" doc:"编号"`
	Version int64  `json:"version" doc:"版本"`
}

// ReturnRest gives the unused numbers of a batch back to whoever issued it.
//
// law: F1.21
func ReturnRest(ctx context.Context, tx *sqldb.Tx, g auth.Grant, v Returning, at day.Instant) (Batch, error) {
	m := audit.Moves{}
	b, err := touchBatch(ctx, tx, g, m, v.ID, v.Version)
	if err != nil {
		return b, err
	}
	if v.Words = strings.TrimSpace(v.Words); v.Words == "" {
		return b, &fault.Error{Kind: fault.Invalid, Rule: "F1.21", Text: "请写明缴回给谁、为什么缴回。", Fields: map[string]string{"words": "说明：请写明缴回给谁"}}
	}
	rest, err := sqldb.List(ctx, tx, scanReceipt, selectReceipts+` AND x.book_id = $3 AND x.state = 'unused' ORDER BY x.number`, g.Tenant(), g.Under(), b.ID)
	if err != nil {
		return b, err
	}
	if len(rest) == 0 {
		return b, fault.ByRule(fault.Conflict, "F1.21", "%s没有未用的号码，不用缴回。", b.Name())
	}
	for _, was := range rest { // each has a seal of its own
		now := was
		now.State, now.Words, now.By, now.At = Returned, v.Words, g.Account(), at
		if err := saveReceipt(ctx, tx, g.Tenant(), m, was, now); err != nil {
			return b, err
		}
	}
	if err := Receipting.Trace(ctx, tx, g, m, b.ID, Unused, Returned, v.Given, at); err != nil {
		return b, err
	}
	b.Returned, b.Unused, b.Next = b.Returned+b.Unused, 0, ""
	return b, m.Write(ctx, tx, g, b.ID, deed{Did: "returned", Union: b.Union.Name, Number: rest[0].Number, Last: rest[len(rest)-1].Number, Count: len(rest), Words: v.Words}, at)
}

// Tying asks for a receipt to be linked to a voucher.
type Tying struct {
	ID      string `json:"id" doc:"编号"`
	Version int64  `json:"version" doc:"版本"`
	Voucher string `json:"voucher" doc:"凭证"`
}

// TieReceipt links an issued receipt to the voucher that books the money.
//
// law: F1.21
func TieReceipt(ctx context.Context, tx *sqldb.Tx, g auth.Grant, v Tying, at day.Instant) (Receipt, error) {
	was, err := FindReceipt(ctx, tx, g, v.ID)
	if err != nil {
		return was, err
	}
	if err := currentReceipt(was, v.Version); err != nil {
		return was, err
	}
	m := audit.Moves{}
	now, err := tie(ctx, tx, g, m, was, v.Voucher)
	if err != nil {
		return was, err
	}
	return now, m.Write(ctx, tx, g, now.ID, deed{Did: "tied", Union: now.Union.Name, Number: now.Number, Voucher: now.Voucher.ID}, at)
}

// tie links a receipt to a voucher of the same union that receives at least as
// much. The voucher's book month is not asked: the link changes no entry.
func tie(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, was Receipt, voucher string) (Receipt, error) {
	wrong := func(kind fault.Kind, text string) (Receipt, error) {
		return was, &fault.Error{Kind: kind, Rule: "F1.21", Text: text, Fields: map[string]string{"voucher": "凭证：" + text}}
	}
	if was.State != Issued {
		return wrong(fault.Conflict, "收据"+was.State.Label()+"，不能关联凭证。")
	}
	if was.Voucher.ID != "" && was.Voucher.ID != voucher {
		old, err := ledger.Find(ctx, tx, g, was.Voucher.ID)
		if err != nil || old.State != ledger.Discarded {
			return wrong(fault.Conflict, "这张收据已经关联了凭证，一张收据只对应一张凭证。")
		}
	}
	v, err := voucherOf(ctx, tx, g, was.Union.ID, voucher)
	if err != nil {
		return was, err
	}
	tied, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT cast(coalesce(sum(x.amount), 0) as bigint) FROM receipts x WHERE x.tenant_id = $1 AND x.voucher_id = $2 AND x.state = 'issued' AND x.id <> $3`, g.Tenant(), v.ID, was.ID)
	if err != nil {
		return was, err
	}
	if in := received(v); money.Fen(tied)+was.Amount > in {
		return wrong(fault.Invalid, fmt.Sprintf("%s收到的钱是 %s 元，关联的收据合计会到 %s 元，请核对。", v.Name(), in.Grouped(), (money.Fen(tied)+was.Amount).Grouped()))
	}
	now := was
	now.Voucher, now.Version = Paper{v.ID, v.Year, v.Month, v.Number}, was.Version+1
	return now, saveReceipt(ctx, tx, g.Tenant(), m, was, now)
}

// received is what a voucher takes in: into cash, the bank, or as a claim.
func received(v ledger.Voucher) (n money.Fen) {
	for _, l := range v.Lines {
		switch books.Top(l.Account) {
		case "101", "102", "131", "132", "135":
			n += l.Debit
		}
	}
	return n
}

// voucherOf returns a voucher of the union that papers may be linked to.
func voucherOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union, id string) (ledger.Voucher, error) {
	wrong := func(text string) error {
		return &fault.Error{Kind: fault.Invalid, Rule: "F3.20", Text: "请按提示改正后再提交。", Fields: map[string]string{"voucher": "凭证：" + text}}
	}
	if id == "" {
		return ledger.Voucher{}, wrong("请选择凭证")
	}
	v, err := ledger.Find(ctx, tx, g, id)
	switch {
	case fault.Of(err).Kind == fault.NotFound:
		return v, wrong("没有这张凭证，请从列表中选择")
	case err != nil:
		return v, err
	case v.Union.ID != union:
		return v, wrong("这张凭证是别的工会的，请选择本工会的凭证")
	case v.State == ledger.Discarded || v.Nature != ledger.Normal && v.Nature != ledger.Fix:
		return v, wrong(v.Name() + "是“" + v.Nature.Label() + "”或已作废，不能关联票据")
	}
	return v, nil
}

// positive reads an amount that must be more than nothing.
func positive(s string) (money.Fen, error) {
	n, err := money.Parse(s)
	switch {
	case err != nil:
		return 0, err
	case n <= 0:
		return 0, fault.New(fault.Invalid, "要大于零")
	case n > books.MostFen:
		return 0, fault.New(fault.Invalid, "超过 %s 元，请核对位数", books.MostFen.Grouped())
	}
	return n, nil
}

func electronicNumber(r Receipt, fields map[string]string) {
	n := books.Serial{Kind: books.Fiscal, Code: r.Code, Number: r.Number, Check: r.Check}
	for field, text := range n.Wrong() {
		fields[field] = text
	}
	if r.Check == "" {
		fields["check"] = "校验码：请填 6 位校验码"
	}
}

// Series is the numbers of a batch, in their order.
type Series struct {
	Batch
	Items []Receipt `json:"items"`
}

// Numbers lists every number of a batch within g's reach.
func Numbers(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (s Series, err error) {
	if s.Batch, err = FindBatch(ctx, tx, g, id); err != nil {
		return s, err
	}
	s.Items, err = sqldb.List(ctx, tx, scanReceipt, selectReceipts+` AND x.book_id = $3 ORDER BY x.number`, g.Tenant(), g.Under(), id)
	return s, err
}

// Gaps lists the unused numbers below the last one that was used: those that
// were passed over.
//
// law: F1.21
func (s Series) Gaps() (out []string) {
	last := ""
	for _, r := range s.Items {
		if r.State == Issued || r.State == Voided {
			last = r.Number
		}
	}
	for _, r := range s.Items {
		if r.State == Unused && r.Number < last {
			out = append(out, r.Number)
		}
	}
	return out
}
