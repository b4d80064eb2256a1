package closing

import (
	"context"
	"fmt"
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/auth"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// Checks lists what F3.16 asks before a month is closed, what is in order
// first told as such.
//
// law: F3.16, K1, K2, K3, K4, K7, K9
func (rm *Room) Checks(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book, month int) (out []Item, err error) {
	for _, f := range []Inquiry{before, started, drafts, numbers, identities, signatures} {
		items, err := f(ctx, tx, g, b, month)
		if err != nil {
			return nil, err
		}
		out = append(out, items...)
	}
	if month == 0 {
		return out, nil
	}
	for _, f := range rm.Asks {
		items, err := f(ctx, tx, g, b, month)
		if err != nil {
			return nil, err
		}
		out = append(out, items...)
	}
	return out, nil
}

// lacking is the refusal of a closing: every item that is not in order, by its
// key, with the way to mend it.
func lacking(title string, items []Item) error {
	fields, words, rule := map[string]string{}, []string{}, ""
	for _, i := range items {
		if !i.OK && !i.Warn {
			fields[i.Key] = i.Text
			words = append(words, i.Text)
			if rule == "" {
				rule = i.Rule
			}
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Conflict, Rule: rule, Fields: fields, Text: fmt.Sprintf("%s还不能结账，缺 %d 项：%s", title, len(words), strings.Join(words, ""))}
}

// before asks for the months before to be closed, in their order.
func before(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book, month int) ([]Item, error) {
	if month <= 1 {
		return nil, nil
	}
	open, err := sqldb.List(ctx, tx, sqldb.Int, `SELECT month FROM book_months WHERE tenant_id = $1 AND book_id = $2 AND month >= 1 AND month < $3 AND state = 'open' ORDER BY month`, g.Tenant(), b.ID, int64(month))
	if err != nil {
		return nil, err
	}
	if len(open) == 0 {
		return []Item{{Key: "before", Rule: "F3.16", OK: true, Text: "以前各月都已结账。"}}, nil
	}
	p := Period{Union: b.Union, Year: b.Year, Month: int(open[0])}
	return []Item{{Key: "before", Rule: "F3.16", Text: fmt.Sprintf("%s还没有结账，请按月份先后结账。", p.Title()), Href: p.Place(), Act: "去结账"}}, nil
}

// started asks for the opening balances. They must be carried where the books
// of the year before are here; without those it is only told that there are
// none.
func started(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book, month int) ([]Item, error) {
	if month > 1 {
		return nil, nil
	}
	n, err := sqldb.One(ctx, tx, func(row sqldb.Row) (v [2]int64, err error) { return v, row(&v[0], &v[1]) }, `
		SELECT (SELECT count(*) FROM vouchers v WHERE v.tenant_id = $1 AND v.book_id = $2 AND v.month = 0 AND v.number IS NOT NULL),
			(SELECT count(*) FROM vouchers w WHERE w.tenant_id = $1 AND w.book_id = $2 AND w.number IS NULL AND w.month = 0 AND w.state <> 'discarded')`, g.Tenant(), b.ID)
	if err != nil {
		return nil, err
	}
	if n[1] > 0 {
		return []Item{{Key: "opening", Rule: "F3.16", Text: fmt.Sprintf("年初余额还有 %d 张凭证没有记账。", n[1]), Href: openingPlace(b), Act: "看年初余额"}}, nil
	}
	if n[0] > 0 {
		return []Item{{Key: "opening", Rule: "F3.16", OK: true, Text: "年初余额已经记账。"}}, nil
	}
	last, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT state FROM books WHERE tenant_id = $1 AND union_id = $2 AND year = $3`, g.Tenant(), b.Union.ID, int64(b.Year-1))
	if err != nil {
		return nil, err
	}
	switch {
	case len(last) == 0:
		return []Item{{Key: "opening", Rule: "F3.16", Warn: true, Text: "还没有年初余额；新建工会没有余额的可以不录。", Href: openingPlace(b), Act: "录入年初余额"}}, nil
	case last[0] == "closed": // it ended with nothing to carry
		return []Item{{Key: "opening", Rule: "F3.16", OK: true, Text: "上年结账后没有余额。"}}, nil
	}
	return []Item{{Key: "opening", Rule: "F3.16", Text: fmt.Sprintf("%d 年的账还没有年结，年初余额没有转入。", b.Year-1), Href: yearPlace(b.Union.Code, b.Year-1), Act: "去年结"}}, nil
}

// drafts asks that no voucher of the month waits.
func drafts(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book, month int) ([]Item, error) {
	n, err := sqldb.One(ctx, tx, sqldb.Int, `
		SELECT count(*) FROM vouchers WHERE tenant_id = $1 AND book_id = $2 AND number IS NULL AND month = $3 AND state <> 'discarded'`, g.Tenant(), b.ID, int64(month))
	if err != nil || n == 0 {
		return []Item{{Key: "drafts", Rule: "F3.16", OK: true, Text: "没有未记账的凭证。"}}, err
	}
	return []Item{{Key: "drafts", Rule: "F3.16", Text: fmt.Sprintf("还有 %d 张凭证没有记账，请审核、记账或作废。", n), Act: "看凭证",
		Href: fmt.Sprintf("%s/vouchers?union=%s&year=%d&period=%d&state=draft", ledger.Home, b.Union.Code, b.Year, month)}}, nil
}

// numbers asks that the month's numbers have no gap.
//
// law: F3.19
func numbers(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book, month int) ([]Item, error) {
	n, err := sqldb.One(ctx, tx, func(row sqldb.Row) (v [3]int64, err error) { return v, row(&v[0], &v[1], &v[2]) }, `
		SELECT count(v.number), coalesce(max(v.number), 0), (SELECT m.last FROM book_months m WHERE m.tenant_id = $1 AND m.book_id = $2 AND m.month = $3)
		FROM vouchers v WHERE v.tenant_id = $1 AND v.book_id = $2 AND v.month = $3 AND v.number IS NOT NULL`, g.Tenant(), b.ID, int64(month))
	if err != nil {
		return nil, err
	}
	if n[0] == n[1] && n[1] == n[2] {
		return []Item{{Key: "numbers", Rule: "F3.19", OK: true, Text: fmt.Sprintf("凭证号连续，共 %d 张。", n[0])}}, nil
	}
	return []Item{{Key: "numbers", Rule: "F3.19", Text: fmt.Sprintf("凭证号不连续：共 %d 张，应当编到 %d，请联系系统管理员核对。", n[0], n[2]), Href: "/audit", Act: "操作日志"}}, nil
}

// identities asks that the books agree with themselves.
func identities(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book, month int) ([]Item, error) {
	f, err := ledger.FiguresOf(ctx, tx, g, ledger.Ask{Union: b.Union.ID, Year: b.Year, From: 1, To: month})
	if err != nil {
		return nil, err
	}
	return broken(b, books.Check(b.System, f, false), fmt.Sprintf("%d-%02d", b.Year, month)), nil
}

// broken words what of the identities does not hold.
func broken(b ledger.Book, found []books.Broken, period string) (out []Item) {
	for i, x := range found {
		out = append(out, Item{Key: fmt.Sprintf("%s.%d", x.Rule, i+1), Rule: x.Rule, Text: x.Text, Act: "科目余额",
			Href: fmt.Sprintf("%s/balances?union=%s&year=%d&period=%s", ledger.Home, b.Union.Code, b.Year, period)})
	}
	if len(out) == 0 {
		held := "试算平衡，资产基金和往来勾稽相符，代管经费单独存放。"
		if b.System == books.A09 {
			held = "试算平衡，固定基金、在建工程占用资金和投资基金与资产相等。"
		}
		out = append(out, Item{Key: "identities", Rule: "K2", OK: true, Text: held})
	}
	return out
}

// signatures tells of vouchers of cash and bank that the cashier has not
// signed.
//
// law: F3.18
func signatures(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book, month int) ([]Item, error) {
	if month == 0 {
		return nil, nil
	}
	n, err := sqldb.One(ctx, tx, sqldb.Int, `
		SELECT count(*) FROM vouchers v
		WHERE v.tenant_id = $1 AND v.book_id = $2 AND v.month = $3 AND v.number IS NOT NULL AND v.cashier IS NULL AND EXISTS (
			SELECT 1 FROM entries e WHERE e.tenant_id = v.tenant_id AND e.voucher_id = v.id AND e.account >= '101' AND e.account < '103')`, g.Tenant(), b.ID, int64(month))
	if err != nil || n == 0 {
		return []Item{{Key: "signatures", Rule: "F3.18", OK: true, Text: "收付款凭证都有出纳签章。"}}, err
	}
	return []Item{{Key: "signatures", Rule: "F3.18", Warn: true, Text: fmt.Sprintf("%d 张收付款凭证没有出纳签章，请提醒出纳补签。", n), Act: "看凭证",
		Href: fmt.Sprintf("%s/vouchers?union=%s&year=%d&period=%d&state=posted", ledger.Home, b.Union.Code, b.Year, month)}}, nil
}

func yearPlace(union string, year int) string { return fmt.Sprintf("%s/%s/%d", Years, union, year) }

func openingPlace(b ledger.Book) string {
	return fmt.Sprintf("%s/%s/%d", Openings, b.Union.Code, b.Year)
}
