package asset

import (
	"context"
	"fmt"
	"slices"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// Identity is one line of the check: what the cards or the stock books add up
// to, and what the books say.
type Identity struct {
	Rule   string    `json:"rule"`
	Label  string    `json:"label"`
	Cards  money.Fen `json:"cards"`
	Ledger money.Fen `json:"ledger"`
	// By is what opens the list behind it; empty where both are the books'.
	By string `json:"-"`
}

// Off is what the two differ by.
func (i Identity) Off() money.Fen { return i.Cards - i.Ledger }

// Stray is a voucher that moved an account by another amount than cards and
// slips know of.
type Stray struct {
	Voucher string    `json:"voucher"`
	Number  int64     `json:"number"`
	Month   int64     `json:"month"`
	Summary string    `json:"summary"`
	Account string    `json:"account"`
	Ledger  money.Fen `json:"ledger"`
	Cards   money.Fen `json:"cards"`
	Card    string    `json:"card,omitempty"`
}

// Checked is whether the cards agree with the books of a union.
type Checked struct {
	Book   ledger.Book `json:"book"`
	Month  Month       `json:"month"`
	Lines  []Identity  `json:"lines"`
	Strays []Stray     `json:"strays"`
}

// OK reports whether every identity holds.
func (c Checked) OK() bool {
	return !slices.ContainsFunc(c.Lines, func(i Identity) bool { return i.Off() != 0 })
}

// accountSums are what cards and stock books say of the accounts at the end of
// a day.
func accountSums(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book, on day.Day) (map[string]money.Fen, error) {
	out := map[string]money.Fen{}
	type kindSum struct {
		kind       Kind
		cost, used money.Fen
	}
	err := sqldb.Each(ctx, tx, func(row sqldb.Row) (k kindSum, err error) { return k, row(&k.kind, &k.cost, &k.used) }, func(k kindSum) error {
		acc := accountsOf(b.System, k.kind)
		out[acc.asset] += k.cost
		if acc.used != "" {
			out[acc.used] += k.used
		} else if b.System == books.A21 {
			out[acc.asset] -= k.used
		}
		return nil
	}, `
		SELECT c.kind, cast(sum(m.cost) as bigint), cast(sum(m.used) as bigint)
		FROM asset_moves m
		JOIN asset_cards c ON c.tenant_id = m.tenant_id AND c.id = m.card_id`+vouchersOf("m", 3)+`
		WHERE m.tenant_id = $1 AND c.union_id = $2 AND coalesce(v.date, m.day) <= $3 AND r.id IS NULL AND (m.voucher_id IS NULL OR v.state = 'posted')
		GROUP BY c.kind`, g.Tenant(), b.Union.ID, on)
	if err != nil {
		return nil, err
	}
	stock, err := sqldb.One(ctx, tx, sqldb.Int, `
		SELECT cast(coalesce(sum(CASE WHEN s.way IN ('in', 'found') THEN s.amount ELSE -s.amount END), 0) as bigint)
		FROM stock_slips s`+vouchersOf("s", 3)+`
		WHERE s.tenant_id = $1 AND s.union_id = $2 AND coalesce(v.date, s.day) <= $3 AND r.id IS NULL AND (s.voucher_id IS NULL OR v.state = 'posted')`, g.Tenant(), b.Union.ID, on)
	out["141"] = money.Fen(stock)
	return out, err
}

// Check compares the cards and the stock books of a union with its accounts at
// the end of a month, and the asset fund with what it stands against.
//
// law: K3, K7
func Check(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string, month Month) (c Checked, err error) {
	if c.Book, err = ledger.BookOf(ctx, tx, g, union, month.Year()); err != nil {
		return c, err
	}
	c.Month = month
	b := c.Book
	f, err := ledger.FiguresOf(ctx, tx, g, ledger.Ask{Union: b.Union.ID, Year: b.Year, From: 1, To: month.First().Month()})
	if err != nil {
		return c, err
	}
	have, err := accountSums(ctx, tx, g, b, month.Last())
	if err != nil {
		return c, err
	}
	at := func(code string) money.Fen { return f.Closing(code, "") }
	kind := func(k Kind) string { return Home + "?union=" + b.Union.Code + "&kind=" + string(k) }
	card := func(code, label, by string) {
		c.Lines = append(c.Lines, Identity{Rule: "K3", Label: label + " = 科目 " + code, Cards: have[code], Ledger: at(code), By: by})
	}
	card("162", "固定资产卡片原值合计", kind(Fixed))
	if b.System == books.A21 {
		card("163", "固定资产卡片累计折旧合计", kind(Fixed))
		card("171", "无形资产卡片原值合计", kind(Intangible))
		card("172", "无形资产卡片累计摊销合计", kind(Intangible))
		card("181", "长期待摊费用卡片余额合计", kind(Prepaid))
	}
	card("141", "库存物品收发存余额合计", StockHome+"?union="+b.Union.Code)
	fund := func(rule, label string, left, right money.Fen) {
		c.Lines = append(c.Lines, Identity{Rule: rule, Label: label, Cards: left, Ledger: right})
	}
	if b.System == books.A09 {
		fund("K7", "固定基金 301 = 固定资产 162", at("301"), at("162"))
	} else {
		fund("K3", "资产基金 30101 = 141", at("30101"), at("141"))
		fund("K3", "资产基金 30104 = 162 − 163", at("30104"), at("162")-at("163"))
		fund("K3", "资产基金 30105 = 171 − 172", at("30105"), at("171")-at("172"))
		fund("K3", "资产基金 30106 = 181", at("30106"), at("181"))
		if w := at("18201"); w != 0 { // what waits for approval stands between
			lines := &c.Lines
			*lines = append(*lines, Identity{Rule: "K3", Label: "资产基金 301 = 141 + 151 + 161 + 162 − 163 + 171 − 172 + 181 + 待处理财产价值 18201", Cards: at("301"),
				Ledger: at("141") + at("151") + at("161") + at("162") - at("163") + at("171") - at("172") + at("181") + w})
		}
	}
	c.Strays, err = strays(ctx, tx, g, b, month)
	return c, err
}

// strays are the vouchers of a book up to a month that moved the accounts by
// another amount than cards and slips know of. A red voucher is judged with the
// one it takes back.
func strays(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book, month Month) ([]Stray, error) {
	type key struct{ voucher, account string }
	at := map[key]*Stray{}
	var order []key
	of := func(k key) *Stray {
		if at[k] == nil {
			at[k] = &Stray{Voucher: k.voucher, Account: k.account}
			order = append(order, k)
		}
		return at[k]
	}
	err := sqldb.Each(ctx, tx, func(row sqldb.Row) (s Stray, err error) {
		return s, row(&s.Voucher, &s.Number, &s.Month, &s.Summary, &s.Account, &s.Ledger)
	}, func(s Stray) error {
		k := key{s.Voucher, s.Account}
		*of(k) = s
		return nil
	}, `
		SELECT v.id, v.number, v.month, v.summary, substr(e.account, 1, 3), cast(sum(e.debit - e.credit) as bigint)
		FROM entries e
		JOIN vouchers v ON v.tenant_id = e.tenant_id AND v.id = e.voucher_id
		LEFT JOIN vouchers r ON r.tenant_id = v.tenant_id AND r.reverses_id = v.id AND r.state = 'posted' AND r.state <> 'discarded' AND r.date <= $4
		WHERE e.tenant_id = $1 AND e.book_id = $2 AND e.month > 0 AND e.month <= $3 AND v.nature <> 'red' AND r.id IS NULL
			AND substr(e.account, 1, 3) IN ('141', '162', '163', '171', '172', '181')
		GROUP BY v.id, v.number, v.month, v.summary, substr(e.account, 1, 3)
		ORDER BY v.month, v.number`, g.Tenant(), b.ID, int64(month.First().Month()), month.Last())
	if err != nil {
		return nil, err
	}
	if err := known(ctx, tx, g, b, month, func(voucher, account, card string, n money.Fen) {
		s := of(key{voucher, account})
		s.Cards += n
		if card != "" {
			s.Card = card
		}
	}); err != nil {
		return nil, err
	}
	var out []Stray
	for _, k := range order {
		if s := at[k]; s.Ledger != s.Cards {
			out = append(out, *s)
		}
	}
	return out, nil
}

// known tells by how much the cards and slips of each voucher moved which
// account, a debit above zero.
func known(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book, month Month, add func(voucher, account, card string, n money.Fen)) error {
	type part struct {
		voucher, kind, card string
		cost, used          money.Fen
	}
	return sqldb.Each(ctx, tx, func(row sqldb.Row) (p part, err error) {
		return p, row(&p.voucher, &p.kind, &p.card, &p.cost, &p.used)
	}, func(p part) error {
		if p.kind == "stock" {
			add(p.voucher, "141", "", p.cost)
			return nil
		}
		acc := accountsOf(b.System, Kind(p.kind))
		switch {
		case acc.used != "":
			add(p.voucher, acc.used, p.card, -p.used)
		case b.System == books.A21: // what is written off goes from the account itself
			add(p.voucher, acc.asset, p.card, -p.used)
		}
		add(p.voucher, acc.asset, p.card, p.cost)
		return nil
	}, `
		SELECT m.voucher_id, c.kind, min(c.id), cast(sum(m.cost) as bigint), cast(sum(m.used) as bigint)
		FROM vouchers v
		JOIN asset_moves m ON m.tenant_id = v.tenant_id AND m.voucher_id = v.id
		JOIN asset_cards c ON c.tenant_id = m.tenant_id AND c.id = m.card_id
		LEFT JOIN vouchers r ON r.tenant_id = v.tenant_id AND r.reverses_id = v.id AND r.state = 'posted' AND r.state <> 'discarded' AND r.date <= $4
		WHERE v.tenant_id = $1 AND v.book_id = $2 AND v.month <= $3 AND v.state = 'posted' AND r.id IS NULL
		GROUP BY m.voucher_id, c.kind
		UNION ALL
		SELECT s.voucher_id, 'stock', '', cast(sum(CASE WHEN s.way IN ('in', 'found') THEN s.amount ELSE -s.amount END) as bigint), 0
		FROM vouchers v
		JOIN stock_slips s ON s.tenant_id = v.tenant_id AND s.voucher_id = v.id
		LEFT JOIN vouchers r ON r.tenant_id = v.tenant_id AND r.reverses_id = v.id AND r.state = 'posted' AND r.state <> 'discarded' AND r.date <= $4
		WHERE v.tenant_id = $1 AND v.book_id = $2 AND v.month <= $3 AND v.state = 'posted' AND r.id IS NULL
		GROUP BY s.voucher_id`, g.Tenant(), b.ID, int64(month.First().Month()), month.Last())
}

// Name is how people call the voucher.
func (s Stray) Name() string {
	if s.Number == 0 {
		return "凭证"
	}
	return fmt.Sprintf("%d 月 记-%d", s.Month, s.Number)
}
