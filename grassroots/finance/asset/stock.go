package asset

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// Method is how what leaves the store is valued (发出计价方法).
type Method string

const (
	FIFO     Method = "fifo"     // 先进先出法
	Average  Method = "average"  // 加权平均法, after every receipt
	Specific Method = "specific" // 个别计价法
)

func (m Method) Label() string {
	return map[Method]string{FIFO: "先进先出法", Average: "加权平均法", Specific: "个别计价法"}[m]
}

// Goods is one kind of goods in store (库存物品).
type Goods struct {
	ID       string       `json:"id"`
	Union    registry.Ref `json:"union"`
	No       int64        `json:"no"`
	Name     string       `json:"name"`
	Spec     string       `json:"spec,omitempty"`
	Unit     string       `json:"unit"`
	Owner    string       `json:"owner"`
	Quantity Quantity     `json:"quantity"`
	Amount   money.Fen    `json:"amount"`
}

// Place is the stock book of the goods.
func (i Goods) Place() string { return StockHome + "/" + i.ID }

// StockHome is the store.
const StockHome = "/grassroots/finance/stock"

// Ways that goods move.
const (
	wayIn    = "in"
	wayOut   = "out"
	wayFound = "found"
	wayLoss  = "loss"
)

// Slip is one line of the stock book (收发存): an inward or outward slip.
type Slip struct {
	ID       string      `json:"id"`
	No       int64       `json:"no"`
	ItemID   string      `json:"-"`
	Way      string      `json:"way"`
	Day      day.Day     `json:"day"`
	Quantity Quantity    `json:"quantity"`
	Amount   money.Fen   `json:"amount"`
	Lot      string      `json:"lot,omitempty"`
	Receiver string      `json:"receiver,omitempty"`
	Voucher  string      `json:"voucher,omitempty"`
	Matter   string      `json:"matter,omitempty"`
	Standing string      `json:"standing"` // booked, waiting, void
	Number   int64       `json:"number,omitempty"`
	Left     Quantity    `json:"left"` // in store after it
	Worth    money.Fen   `json:"worth"`
	At       day.Instant `json:"at"`
}

// WayLabel names what the slip is.
func (s Slip) WayLabel() string {
	return map[string]string{wayIn: "入库", wayOut: "领用", wayFound: "盘盈", wayLoss: "盘亏"}[s.Way]
}

// In reports whether goods came.
func (s Slip) In() bool { return s.Way == wayIn || s.Way == wayFound }

// Lot is what is left of one receipt.
type Lot struct {
	ID       string    `json:"id"`
	No       int64     `json:"no"`
	Day      day.Day   `json:"day"`
	Quantity Quantity  `json:"quantity"`
	Amount   money.Fen `json:"amount"`
}

// Store is what is left after slips, in lots.
type Store struct {
	Lots     []Lot
	Quantity Quantity
	Amount   money.Fen
}

// Take puts a slip into the store. What goes out leaves the oldest lots first,
// or the lot it names; its amount is what the slip says.
func (s *Store) Take(x Slip) {
	if x.In() {
		s.Lots = append(s.Lots, Lot{x.ID, x.No, x.Day, x.Quantity, x.Amount})
		s.Quantity, s.Amount = s.Quantity+x.Quantity, s.Amount+x.Amount
		return
	}
	s.Quantity, s.Amount = s.Quantity-x.Quantity, s.Amount-x.Amount
	left := x.Quantity
	for i := range s.Lots {
		l := &s.Lots[i]
		if x.Lot != "" && l.ID != x.Lot {
			continue
		}
		n := min(left, l.Quantity)
		l.Amount -= part(l.Amount, n, l.Quantity)
		l.Quantity, left = l.Quantity-n, left-n
	}
	s.Lots = slices.DeleteFunc(s.Lots, func(l Lot) bool { return l.Quantity == 0 })
}

// part is n of of an amount; all of it is the whole amount.
func part(amount money.Fen, n, of Quantity) money.Fen {
	if n == of || of == 0 {
		return amount
	}
	return amount.Share(int64(n), int64(of))
}

// Price is what n of the goods leave at. More than there is, is refused; all
// that there is leaves at all that it is worth.
//
// law: F3.10
func (s Store) Price(m Method, n Quantity, lot string) (money.Fen, error) {
	short := func(have Quantity) error {
		return &fault.Error{Kind: fault.Conflict, Rule: "F3.10", Text: fmt.Sprintf("库存只有 %s，不能发出 %s。", have, n), Fields: map[string]string{"quantity": fmt.Sprintf("数量：库存只有 %s", have)}}
	}
	if n > s.Quantity {
		return 0, short(s.Quantity)
	}
	if m == Specific {
		i := slices.IndexFunc(s.Lots, func(l Lot) bool { return l.ID == lot })
		if i < 0 {
			return 0, &fault.Error{Kind: fault.Invalid, Rule: "F3.10", Text: "个别计价法要指明是哪一批。", Fields: map[string]string{"lot": "批次：请选择发出的是哪一批"}}
		}
		if n > s.Lots[i].Quantity {
			return 0, short(s.Lots[i].Quantity)
		}
		if n < s.Quantity {
			return part(s.Lots[i].Amount, n, s.Lots[i].Quantity), nil
		}
	}
	if n == s.Quantity || m == Average {
		return part(s.Amount, n, s.Quantity), nil
	}
	var sum money.Fen
	for _, l := range s.Lots {
		take := min(n, l.Quantity)
		sum += part(l.Amount, take, l.Quantity)
		n -= take
	}
	return min(sum, s.Amount), nil
}

const goodsColumns = `i.id, i.union_id, u.code, u.name, i.no, i.name, i.spec, i.unit, i.owner`

const fromGoods = `
	FROM stock_items i
	JOIN unions u ON u.tenant_id = i.tenant_id AND u.id = i.union_id
	WHERE i.tenant_id = $1 AND EXISTS (
		SELECT 1 FROM union_reach q WHERE q.tenant_id = i.tenant_id AND q.above_id = $2 AND q.union_id = i.union_id)`

func scanGoods(row sqldb.Row) (i Goods, err error) {
	err = row(&i.ID, &i.Union.ID, &i.Union.Code, &i.Union.Name, &i.No, &i.Name, &i.Spec, &i.Unit, &i.Owner)
	return i, err
}

// FindGoods returns goods within g's reach, or fault.NotFound.
func FindGoods(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Goods, error) {
	return sqldb.One(ctx, tx, scanGoods, `SELECT `+goodsColumns+fromGoods+` AND i.id = $3`, g.Tenant(), g.Under(), id)
}

// StockOf lists the goods of a union with what is in store on a day.
func StockOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string, on day.Day) ([]Goods, error) {
	all, err := sqldb.List(ctx, tx, scanGoods, `SELECT `+goodsColumns+fromGoods+` AND i.union_id = $3 ORDER BY i.no`, g.Tenant(), g.Under(), union)
	if err != nil || len(all) == 0 {
		return all, err
	}
	at := map[string]*Goods{}
	for i := range all {
		at[all[i].ID] = &all[i]
	}
	type held struct {
		id string
		n  Quantity
		a  money.Fen
	}
	err = sqldb.Each(ctx, tx, func(row sqldb.Row) (h held, err error) { return h, row(&h.id, &h.n, &h.a) }, func(h held) error {
		at[h.id].Quantity, at[h.id].Amount = h.n, h.a
		return nil
	}, `
		SELECT s.item_id, cast(sum(CASE WHEN s.way IN ('in', 'found') THEN s.quantity ELSE -s.quantity END) as bigint), cast(sum(CASE WHEN s.way IN ('in', 'found') THEN s.amount ELSE -s.amount END) as bigint)
		FROM stock_slips s`+vouchersOf("s", 4)+`
		WHERE s.tenant_id = $1 AND s.union_id = $2 AND s.day <= $3 AND r.id IS NULL AND (s.voucher_id IS NULL OR v.state <> 'discarded')
		GROUP BY s.item_id`, g.Tenant(), union, on, forever)
	return all, err
}

// SlipsOf is the stock book of goods: every slip with what was left after it.
// A slip whose voucher was discarded or taken back is there and counts not.
func SlipsOf(ctx context.Context, tx *sqldb.Tx, tenant int64, item string) ([]Slip, Store, error) {
	all, err := sqldb.List(ctx, tx, func(row sqldb.Row) (s Slip, err error) {
		return s, row(&s.ID, &s.No, &s.ItemID, &s.Way, &s.Day, &s.Quantity, &s.Amount, &s.Lot, &s.Receiver, &s.Voucher, &s.Matter, &s.At, &s.Standing, &s.Number)
	}, `
		SELECT s.id, s.no, s.item_id, s.way, s.day, s.quantity, s.amount, s.lot_id, s.receiver, s.voucher_id, s.matter_id, s.at, `+standingOf("s")+`, coalesce(v.number, 0)
		FROM stock_slips s`+vouchersOf("s", 3)+`
		WHERE s.tenant_id = $1 AND s.item_id = $2 ORDER BY s.day, s.no`, tenant, item, forever)
	var left Store
	for i := range all {
		if all[i].Standing != "void" {
			left.Take(all[i])
		}
		all[i].Left, all[i].Worth = left.Quantity, left.Amount
	}
	return all, left, err
}

// GoodsForm asks for a new kind of goods.
type GoodsForm struct {
	Union string `json:"union" doc:"工会"`
	Name  string `json:"name" doc:"品名"`
	Spec  string `json:"spec" doc:"规格"`
	Unit  string `json:"unit" doc:"单位"`
	Owner string `json:"owner" doc:"产权"`
}

// AddGoods opens a stock book.
func AddGoods(ctx context.Context, tx *sqldb.Tx, g auth.Grant, f GoodsForm, at day.Instant) (Goods, error) {
	u, err := ledger.Union(ctx, tx, g, f.Union)
	if err != nil {
		return Goods{}, err
	}
	f.Name, f.Spec, f.Unit = strings.TrimSpace(f.Name), strings.TrimSpace(f.Spec), strings.TrimSpace(f.Unit)
	fields := map[string]string{}
	if n := utf8.RuneCountInString(f.Name); n == 0 || n > longestName {
		fields["name"] = "品名：请用 1 到 100 个字"
	}
	if utf8.RuneCountInString(f.Spec) > longestName {
		fields["spec"] = "规格：最多 100 个字"
	}
	if n := utf8.RuneCountInString(f.Unit); n == 0 || n > 10 {
		fields["unit"] = "单位：例如 件、箱、本"
	}
	if f.Owner == "" {
		f.Owner = books.FR
	}
	if f.Owner != books.FR && f.Owner != books.FT {
		fields["owner"] = "产权：请选择工会资产或国有资产"
	}
	if err := invalid("F3.10", fields); err != nil {
		return Goods{}, err
	}
	i := Goods{ID: sqldb.NewID(), Union: u.Ref(), Name: f.Name, Spec: f.Spec, Unit: f.Unit, Owner: f.Owner}
	if i.No, err = head(ctx, tx, g.Tenant(), u.ID, "items", 1); err != nil {
		return i, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO stock_items (tenant_id, id, union_id, no, name, spec, unit, owner, made, account_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		g.Tenant(), i.ID, u.ID, i.No, i.Name, i.Spec, i.Unit, i.Owner, string(at), g.Account())
	if err != nil {
		return i, err
	}
	return i, audit.Write(ctx, tx, g, i.ID, deed{Did: "goods", Union: u.Name, Name: i.Name}, at, audit.Touched{Table: "stock_items", ID: i.ID})
}
