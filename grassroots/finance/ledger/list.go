package ledger

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"unionhall/kit/auth"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
)

// Query narrows the list of vouchers.
type Query struct {
	Union    string `json:"union" doc:"工会"`
	Year     int    `json:"year" doc:"年度"`
	Period   string `json:"period" doc:"月份"` // 2026-03, or 3
	State    State  `json:"state" doc:"状态"`
	Q        string `json:"q" doc:"摘要、凭证号或金额"`
	Account  string `json:"account" doc:"科目"` // of posted vouchers
	Maker    string `json:"maker" doc:"制单人"`
	Nature   Nature `json:"nature" doc:"类型"`
	Unsigned bool   `json:"unsigned" doc:"出纳未签章"`
	Sort     string `json:"sort" doc:"排序"` // number, date, amount, made; with - the other way
	After    string `json:"after" doc:"从哪一张之后"`
	Limit    int    `json:"limit" doc:"条数"`
}

// month reads Period; 0 is none.
func (q Query) month() int {
	p := q.Period
	if _, m, ok := strings.Cut(p, "-"); ok {
		p = m
	}
	n, err := strconv.Atoi(p)
	if err != nil || n < 1 || n > 12 {
		return 0
	}
	return n
}

// order is one way to sort vouchers: by two columns, which together no other
// voucher shares.
type order struct {
	columns string // v.month, v.number
	down    bool
	mark    func(Voucher) string
}

// orders are the ways to sort. What was made later has the greater id.
var orders = map[string]order{
	"number": {columns: "v.month, v.number", mark: func(v Voucher) string { return fmt.Sprintf("%d-%d", v.Month, v.Number) }},
	"date":   {columns: "v.date, v.id", mark: func(v Voucher) string { return string(v.Date) + "~" + v.ID }},
	"amount": {columns: "v.total, v.id", mark: func(v Voucher) string { return strconv.FormatInt(int64(v.Total), 10) + "~" + v.ID }},
	"made":   {columns: "v.id, v.id", mark: func(v Voucher) string { return v.ID }},
}

// sorted is how q sorts: as it asks, or what waits by age, what is posted in
// one book by its number, the latest first, and all else the latest first.
func (q Query) sorted(book string) (order, string, error) {
	name := q.Sort
	switch {
	case name != "":
	case q.State == Draft || q.State == Reviewed:
		name = "made"
	case q.State == Posted && book != "":
		name = "-number"
	default:
		name = "-made"
	}
	key, down := strings.CutPrefix(name, "-")
	o, ok := orders[key]
	if !ok || key == "number" && (book == "" || q.State != Posted) {
		return o, name, &fault.Error{Kind: fault.Invalid, Text: "不能这样排序。", Fields: map[string]string{"sort": "排序：可以按日期、金额、填制先后；已记账的可以按凭证号"}}
	}
	o.down = down
	return o, name, nil
}

// builder writes a condition after the other.
type builder struct {
	text string
	args []any
}

func (b *builder) add(cond string, values ...any) {
	marks := make([]any, len(values))
	for i, v := range values {
		b.args = append(b.args, v)
		marks[i] = len(b.args)
	}
	b.text += fmt.Sprintf(cond, marks...)
}

// where writes what q narrows, but for the state, the sort and the page.
func (q Query) where(b *builder, book string) {
	if book != "" {
		b.add(` AND v.book_id = $%d`, book)
	} else if q.Year != 0 {
		b.add(` AND b.year = $%d`, int64(q.Year))
	}
	if m := q.month(); m > 0 {
		b.add(` AND v.month = $%d`, int64(m))
	}
	if q.Maker != "" {
		b.add(` AND v.maker = $%d`, q.Maker)
	}
	if q.Nature != "" {
		b.add(` AND v.nature = $%d`, string(q.Nature))
	}
	if q.Account != "" {
		b.add(` AND EXISTS (SELECT 1 FROM entries e WHERE e.tenant_id = v.tenant_id AND e.voucher_id = v.id AND e.account >= $%d AND e.account < $%d)`, q.Account, q.Account+"~")
	}
	if q.Unsigned {
		b.add(` AND v.cashier IS NULL AND v.number IS NOT NULL AND EXISTS (SELECT 1 FROM entries e WHERE e.tenant_id = v.tenant_id AND e.voucher_id = v.id AND e.account >= $%d AND e.account < $%d)`, "101", "103")
	}
	q.words(b)
}

// words finds a number, an amount, or a part of the summary.
func (q Query) words(b *builder) {
	s := strings.TrimSpace(q.Q)
	n, whole := strconv.ParseInt(strings.TrimPrefix(s, "记-"), 10, 64)
	amount, isAmount := money.Parse(s)
	switch {
	case s == "":
	case whole == nil && isAmount == nil:
		b.add(` AND (v.number = $%d OR v.total = $%d)`, n, int64(amount))
	case whole == nil:
		b.add(` AND v.number = $%d`, n)
	case isAmount == nil:
		b.add(` AND v.total = $%d`, int64(amount))
	default:
		b.add(` AND v.summary LIKE $%d ESCAPE '\'`, "%"+strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)+"%")
	}
}

// List returns vouchers without their lines: of a book, or with book "" of all
// books of q's year within g's reach; those of no state are all that were not
// discarded.
func List(ctx context.Context, tx *sqldb.Tx, g auth.Grant, book string, q Query) ([]Voucher, error) {
	o, _, err := q.sorted(book)
	if err != nil {
		return nil, err
	}
	b := builder{selectVouchers, []any{g.Tenant(), g.Under()}}
	q.where(&b, book)
	switch q.State {
	case Posted:
		b.text += ` AND v.number IS NOT NULL`
	case "":
		b.add(` AND v.state <> $%d`, string(Discarded))
	default:
		b.add(` AND v.number IS NULL AND v.state = $%d`, string(q.State))
	}
	if err := q.after(&b, o); err != nil {
		return nil, err
	}
	by := slices.Compact(strings.Split(o.columns, ", "))
	if o.down {
		for i := range by {
			by[i] += " DESC"
		}
	}
	b.text += ` ORDER BY ` + strings.Join(by, ", ")
	if q.Limit > 0 {
		b.add(` LIMIT $%d`, int64(q.Limit))
	}
	return sqldb.List(ctx, tx, scanVoucher, b.text, b.args...)
}

// after goes on where the page before ended.
func (q Query) after(b *builder, o order) error {
	if q.After == "" {
		return nil
	}
	first, second, _ := strings.Cut(q.After, "~")
	values := []any{first, cmp.Or(second, first)}
	switch {
	case strings.HasPrefix(o.columns, "v.month"):
		m, n, _ := strings.Cut(q.After, "-")
		month, err1 := strconv.ParseInt(m, 10, 64)
		number, err2 := strconv.ParseInt(n, 10, 64)
		if err1 != nil || err2 != nil {
			return notHere
		}
		values = []any{month, number}
	case strings.HasPrefix(o.columns, "v.total"):
		total, err := strconv.ParseInt(first, 10, 64)
		if err != nil {
			return notHere
		}
		values[0] = total
	}
	than := ">"
	if o.down {
		than = "<"
	}
	b.add(` AND (`+o.columns+`) `+than+` ($%d, $%d)`, values...)
	return nil
}

var notHere = fault.New(fault.Invalid, "这一页已经不在了，请从第一页看起。")

// Counts are how many vouchers stand in each state.
type Counts map[State]int64

// Waiting counts what waits in a book, by state.
func Waiting(ctx context.Context, tx *sqldb.Tx, g auth.Grant, book string) (map[State]int64, error) {
	return counts(ctx, tx, g, book, Query{})
}

// counts counts what is not posted, by state: of a book, or with book "" of
// all of a year.
func counts(ctx context.Context, tx *sqldb.Tx, g auth.Grant, book string, q Query) (Counts, error) {
	out := Counts{}
	type count struct {
		state State
		n     int64
	}
	b := builder{`
		SELECT v.state, count(*) FROM vouchers v JOIN books b ON b.tenant_id = v.tenant_id AND b.id = v.book_id
		WHERE v.tenant_id = $1 AND v.number IS NULL AND EXISTS (
			SELECT 1 FROM union_reach r WHERE r.tenant_id = b.tenant_id AND r.above_id = $2 AND r.union_id = b.union_id)`, []any{g.Tenant(), g.Under()}}
	(Query{Year: q.Year}).where(&b, book)
	err := sqldb.Each(ctx, tx, func(row sqldb.Row) (c count, err error) { return c, row(&c.state, &c.n) },
		func(c count) error { out[c.state] = c.n; return nil }, b.text+` GROUP BY v.state`, b.args...)
	return out, err
}

// Unsigned counts reviewed vouchers of all books within g's reach that move
// cash or the bank and lack the cashier's signature, the posted ones left out.
//
// law: F3.18, F3.23
func Unsigned(ctx context.Context, tx *sqldb.Tx, g auth.Grant) (n int64, err error) {
	v := Voucher{}
	err = sqldb.Each(ctx, tx, sqldb.Text, func(lines string) error {
		if v.text = lines; lines == "" {
			return nil
		}
		v.Lines = nil
		if err := v.unpack(); err != nil {
			return err
		}
		if v.touchesCash() {
			n++
		}
		return nil
	}, `
		SELECT v.lines FROM vouchers v JOIN books b ON b.tenant_id = v.tenant_id AND b.id = v.book_id
		WHERE v.tenant_id = $1 AND v.number IS NULL AND v.state = 'reviewed' AND v.cashier IS NULL AND EXISTS (
			SELECT 1 FROM union_reach r WHERE r.tenant_id = b.tenant_id AND r.above_id = $2 AND r.union_id = b.union_id)`, g.Tenant(), g.Under())
	return n, err
}

// makers are who made the vouchers of a book.
func makers(ctx context.Context, tx *sqldb.Tx, g auth.Grant, book string) ([]string, error) {
	return sqldb.List(ctx, tx, sqldb.Text, `SELECT DISTINCT maker FROM vouchers WHERE tenant_id = $1 AND book_id = $2 ORDER BY maker`, g.Tenant(), book)
}

// Queue is how many vouchers of a year wait in a state.
type Queue struct {
	Year  int
	State State
	N     int64
}

// Queues lists what waits in all books within g's reach, by year: vouchers to
// review that g's account did not make itself, and those to post.
//
// law: F3.23
func Queues(ctx context.Context, tx *sqldb.Tx, g auth.Grant) ([]Queue, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (q Queue, err error) { return q, row(&q.Year, &q.State, &q.N) }, `
		SELECT b.year, v.state, count(*) FROM vouchers v JOIN books b ON b.tenant_id = v.tenant_id AND b.id = v.book_id
		WHERE v.tenant_id = $1 AND v.number IS NULL AND (v.state = 'draft' AND v.maker <> $3 OR v.state = 'reviewed' AND v.reviewer <> $3) AND EXISTS (
			SELECT 1 FROM union_reach r WHERE r.tenant_id = b.tenant_id AND r.above_id = $2 AND r.union_id = b.union_id)
		GROUP BY b.year, v.state ORDER BY b.year, v.state`, g.Tenant(), g.Under(), g.Account())
}
