package handover

import (
	"context"
	"fmt"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/law/books"
)

// Lists is what a handing over is about: what the books say on the day, and
// what only people know.
type Lists struct {
	Year     int       `json:"year"`
	Vouchers []Numbers `json:"vouchers"` // 凭证
	Waiting  int64     `json:"waiting"`  // 未记账
	Balances []Held    `json:"balances"` // 现金和银行存款
	Advances []Held    `json:"advances"` // 没有结清的往来
	Rows     []Row     `json:"rows"`     // 印章、钥匙、票据、口令、数据、资料
	Matters  string    `json:"matters"`  // 未了事项
}

// Numbers are the posted vouchers of a month.
type Numbers struct {
	Month  int   `json:"month"`
	Count  int64 `json:"count"`
	First  int64 `json:"first"`
	Last   int64 `json:"last"`
	Sheets int64 `json:"sheets"`
}

// Held is what an account, or a party at it, holds.
type Held struct {
	Account string    `json:"account"`
	Name    string    `json:"name"`
	Party   string    `json:"party,omitempty"`
	Amount  money.Fen `json:"amount"`
}

// Row is one thing that is handed over.
type Row struct {
	Kind  string `json:"kind"`
	Name  string `json:"name"`
	Count string `json:"count"`
	Note  string `json:"note"`
}

// kindOptions are what is handed over beside the books.
var kindOptions = []ui.Option{
	{Value: "seal", Text: "印章"}, {Value: "key", Text: "钥匙、密钥"}, {Value: "receipt", Text: "票据"}, {Value: "cash", Text: "现金、有价证券"},
	{Value: "password", Text: "口令（接管人当场更换）"}, {Value: "data", Text: "电子数据"}, {Value: "document", Text: "文件资料"},
}

func (r Row) label() string {
	for _, o := range kindOptions {
		if o.Value == r.Kind {
			return o.Text
		}
	}
	return ""
}

// usual are the rows a list begins with, to be completed.
var usual = []Row{
	{Kind: "seal", Name: "财务专用章", Count: "1 枚"}, {Kind: "seal", Name: "个人名章", Count: "1 枚"}, {Kind: "key", Name: "保险柜钥匙", Count: "1 把"}, {Kind: "key", Name: "网上银行密钥", Count: "1 个"},
	{Kind: "receipt", Name: "空白收据", Count: "起止号："}, {Kind: "receipt", Name: "空白支票", Count: "起止号："},
	{Kind: "password", Name: "本系统账号", Note: "移交人账号停用，接管人用自己的账号"}, {Kind: "password", Name: "网上银行操作员口令", Note: "当场更换"}, {Kind: "password", Name: "保险柜密码", Note: "当场更换"},
	{Kind: "data", Name: "本年账簿电子数据", Count: "1 份"}, {Kind: "document", Name: "会计凭证、账簿、报表", Count: ""}, {Kind: "document", Name: "合同、批复等资料", Count: ""},
}

// mostOpen is how many open advances a list names.
const mostOpen = 500

// receivables are the accounts whose parties owe the union or are owed by it
// until they settle (往来).
var receivables = map[books.System][]string{books.A21: {"135", "215"}, books.A09: {"121", "135", "211", "225"}}

// listsOf reads the books of the year as of a day.
//
// law: F3.26
func listsOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string, on day.Day) (l Lists, err error) {
	l = Lists{Year: on.Year(), Vouchers: []Numbers{}, Balances: []Held{}, Advances: []Held{}, Rows: usual}
	b, err := ledger.BookOf(ctx, tx, g, union, l.Year)
	if err != nil {
		return l, err
	}
	months, err := numbersOf(ctx, tx, g.Tenant(), b.ID, string(on))
	if err != nil {
		return l, err
	}
	for _, m := range months {
		l.Vouchers = append(l.Vouchers, Numbers{m.month, m.count, m.first, m.last, m.sheets})
	}
	if l.Waiting, err = sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM vouchers WHERE tenant_id = $1 AND book_id = $2 AND number IS NULL AND state <> 'discarded'`, g.Tenant(), b.ID); err != nil {
		return l, err
	}
	chart, err := ledger.ChartOf(ctx, tx, g.Tenant(), b.System)
	if err != nil {
		return l, err
	}
	scan := func(row sqldb.Row) (h Held, err error) {
		err = row(&h.Account, &h.Party, &h.Amount)
		h.Name = chart.Name(h.Account)
		return h, err
	}
	if l.Balances, err = sqldb.List(ctx, tx, scan, `
		SELECT account, '', cast(sum(debit - credit) as bigint) FROM entries
		WHERE tenant_id = $1 AND book_id = $2 AND account >= '101' AND account < '103' AND (month = 0 OR date <= $3) GROUP BY account ORDER BY account`, g.Tenant(), b.ID, string(on)); err != nil {
		return l, err
	}
	for _, top := range receivables[b.System] {
		open, err := sqldb.List(ctx, tx, scan, `
			SELECT account, coalesce(party, ''), cast(sum(debit - credit) as bigint) FROM entries
			WHERE tenant_id = $1 AND book_id = $2 AND account LIKE $3 ESCAPE '\' AND (month = 0 OR date <= $4)
			GROUP BY account, coalesce(party, '') HAVING sum(debit - credit) <> 0 ORDER BY 1, 2 LIMIT $5`,
			g.Tenant(), b.ID, top+"%", string(on), int64(mostOpen))
		if err != nil {
			return l, err
		}
		for _, h := range open {
			if a, ok := books.Stated(b.System, h.Account); ok && a.Side == books.Credit {
				h.Amount = -h.Amount
			}
			l.Advances = append(l.Advances, h)
		}
	}
	return l, nil
}

// last is the last number of each month in words.
func (l Lists) last(n Numbers) string { return fmt.Sprintf("记-%d 至 记-%d", n.First, n.Last) }
