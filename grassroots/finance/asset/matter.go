package asset

import (
	"context"
	"strings"
	"unicode/utf8"

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

const matterColumns = `x.id, x.union_id, u.code, u.name, x.no, x.kind, x.card_id, x.item_id, x.to_union, x.to_card, x.quantity, x.cost, x.used, x.state, x.day, x.reason, x.document, x.count_id,
	x.first_id, x.second_id, x.asked, x.ended, x.version, coalesce(c.name, i.name, ''), coalesce(c.owner, i.owner, 'fr'), coalesce(c.kind, 'fixed')`

const fromMatters = `
	FROM asset_matters x
	JOIN unions u ON u.tenant_id = x.tenant_id AND u.id = x.union_id
	LEFT JOIN asset_cards c ON c.tenant_id = x.tenant_id AND c.id = x.card_id
	LEFT JOIN stock_items i ON i.tenant_id = x.tenant_id AND i.id = x.item_id
	WHERE x.tenant_id = $1 AND EXISTS (
		SELECT 1 FROM union_reach q WHERE q.tenant_id = x.tenant_id AND q.above_id = $2 AND q.union_id = x.union_id)`

func scanMatter(row sqldb.Row) (m Matter, err error) {
	err = row(&m.ID, &m.Union.ID, &m.Union.Code, &m.Union.Name, &m.No, &m.Kind, &m.CardID, &m.ItemID, &m.ToUnion, &m.ToCard, &m.Quantity, &m.Cost, &m.Used, &m.State, &m.Day, &m.Reason, &m.Document, &m.CountID,
		&m.First, &m.Second, &m.Asked, &m.Ended, &m.Version, &m.Name, &m.owner, &m.of)
	return m, err
}

// FindMatter returns a matter within g's reach, or fault.NotFound.
func FindMatter(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Matter, error) {
	return sqldb.One(ctx, tx, scanMatter, `SELECT `+matterColumns+fromMatters+` AND x.id = $3`, g.Tenant(), g.Under(), id)
}

// MatterQuery narrows the list of matters.
type MatterQuery struct {
	Done  bool   `json:"done" doc:"已办结"`
	After string `json:"after" doc:"从哪一件之后"`
	Limit int    `json:"limit" doc:"条数"`
}

// Matters lists those that wait, or those that have ended, the latest first.
func Matters(ctx context.Context, tx *sqldb.Tx, g auth.Grant, q MatterQuery) ([]Matter, error) {
	if q.After == "" {
		q.After = "~"
	}
	ended := map[bool]string{false: ` AND x.ended IS NULL`, true: ` AND x.ended IS NOT NULL`}[q.Done]
	return sqldb.List(ctx, tx, scanMatter, `SELECT `+matterColumns+fromMatters+ended+` AND x.id < $3 ORDER BY x.id DESC LIMIT $4`, g.Tenant(), g.Under(), q.After, int64(q.Limit))
}

// MattersOf lists the matters of a card, the first one first.
func MattersOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, card string) ([]Matter, error) {
	return sqldb.List(ctx, tx, scanMatter, `SELECT `+matterColumns+fromMatters+` AND x.card_id = $3 ORDER BY x.id`, g.Tenant(), g.Under(), card)
}

// Asking proposes that an asset leaves.
type Asking struct {
	ID     string     `json:"id" doc:"卡片"`
	Kind   MatterKind `json:"kind" doc:"方式"`
	Day    day.Day    `json:"day" doc:"日期"`
	Reason string     `json:"reason" doc:"理由"`
	To     string     `json:"to" doc:"调入工会"`
	Count  string     `json:"-"`
}

func (f *Asking) check() error {
	f.Reason = strings.TrimSpace(f.Reason)
	fields := map[string]string{}
	switch f.Kind {
	case Sale, Scrap, Loss, GiveAway, Handover:
	default:
		fields["kind"] = "方式：请从列表中选择"
	}
	if n := utf8.RuneCountInString(f.Reason); n == 0 || n > 500 {
		fields["reason"] = "理由：请用 1 到 500 个字写明"
	}
	if f.Kind == Handover && f.To == "" {
		fields["to"] = "调入工会：请填写调入工会的编号"
	}
	return invalid(f.Kind.rule(), fields)
}

// Propose asks to let an asset go. What is scrapped or missing leaves its
// account at once for 182, where it waits until it is approved; what is sold or
// handed on stays until then.
//
// law: J32, J33
func Propose(ctx context.Context, tx *sqldb.Tx, g auth.Grant, f Asking, at day.Instant) (Matter, error) {
	c, err := Find(ctx, tx, g, f.ID)
	if err != nil {
		return Matter{}, err
	}
	if err := f.check(); err != nil {
		return Matter{}, err
	}
	b, err := bookFor(ctx, tx, g, c.Union.ID, f.Day)
	if err != nil {
		return Matter{}, err
	}
	no, err := head(ctx, tx, g.Tenant(), c.Union.ID, "matters", 1)
	if err != nil {
		return Matter{}, err
	}
	if c, err = Find(ctx, tx, g, f.ID); err != nil { // anew, behind the head
		return Matter{}, err
	}
	if c.State != InUse {
		return Matter{}, fault.ByRule(fault.Conflict, f.Kind.rule(), "%s现在是“%s”，不能提出处置。", c.Name, c.State.Label())
	}
	x := Matter{ID: sqldb.NewID(), Union: c.Union, No: no, Kind: f.Kind, CardID: c.ID, Cost: c.Worth.Cost, Used: c.Worth.Used, State: Asked, Day: f.Day, Reason: f.Reason, CountID: f.Count, Asked: at, Version: 1, Name: c.Name}
	if f.Kind == Handover {
		to, err := ledger.Union(ctx, tx, g, f.To)
		if fault.Of(err).Kind == fault.NotFound || err == nil && to.ID == c.Union.ID {
			return x, invalid("J32", map[string]string{"to": "调入工会：请填写您管理范围内另一个工会的编号"})
		}
		if err != nil {
			return x, err
		}
		x.ToUnion = to.ID
	}
	m := audit.Moves{}
	if f.Kind.waits() {
		if _, err := settled(ctx, tx, g, b, c, f.Day); err != nil {
			return x, err
		}
		v, err := ledger.Write(ctx, tx, g.For(ledger.Make), ledger.Entry{Union: c.Union.ID, Date: f.Day, Summary: f.Kind.Label() + c.Name, Attachments: 1, Event: "count_loss", SourceID: x.ID, Lines: off(b.System, c, true)}, at)
		if err != nil {
			return x, told(err)
		}
		x.First = v.ID
		if err := insertMoves(ctx, tx, g.Tenant(), m, Move{CardID: c.ID, Act: ActOut, Day: f.Day, Cost: -c.Worth.Cost, Used: -c.Worth.Used, Voucher: v.ID, Matter: x.ID, At: at}); err != nil {
			return x, err
		}
	}
	return x, open(ctx, tx, g, m, x, at)
}

// off are the lines that take an asset off its accounts, against the fund or,
// while it waits for approval, against 182.
//
// law: J32, J33
func off(s books.System, c Card, waits bool) (out []books.Line) {
	acc := accountsOf(s, c.Kind)
	against, cost := acc.fund, c.Worth.Cost
	if waits && s == books.A21 {
		against = "18201"
	}
	if acc.used == "" { // what is written off of it went from the account itself
		cost = c.Worth.Net()
	}
	add := func(account string, debit, credit money.Fen) {
		if debit != 0 || credit != 0 {
			out = append(out, books.Line{Account: account, Debit: debit, Credit: credit, Source: c.Owner})
		}
	}
	add(against, c.Worth.Net(), 0)
	if acc.used != "" {
		add(acc.used, c.Worth.Used, 0)
	}
	add(acc.asset, 0, cost)
	return out
}

// open stores a new matter with its first step.
func open(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, x Matter, at day.Instant) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO asset_matters (tenant_id, id, union_id, no, kind, card_id, item_id, to_union, quantity, cost, used, state, day, reason, count_id, first_id, asked, ended, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 1)`,
		g.Tenant(), x.ID, x.Union.ID, x.No, string(x.Kind), x.CardID, x.ItemID, x.ToUnion, int64(x.Quantity), int64(x.Cost), int64(x.Used), string(x.State), string(x.Day), x.Reason, x.CountID, x.First, string(at), string(x.Ended))
	if err != nil {
		return err
	}
	if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "asset_matters", ID: x.ID}); err != nil {
		return err
	}
	if err := Procedure.Trace(ctx, tx, g, m, x.ID, "", x.State, flow.Given{Words: x.Reason}, at); err != nil {
		return err
	}
	return m.Write(ctx, tx, g, x.ID, deed{Did: "asked", Union: x.Union.Name, Name: x.Name, Amount: (x.Cost - x.Used).String(), Words: x.Kind.Label() + "：" + x.Reason, Voucher: x.First}, at)
}

// FoundForm proposes to take up an asset that a count found without a card.
type FoundForm struct {
	Form
	Count string `json:"count" doc:"盘点"`
}

// TakeUp makes the card of an asset that was found, with the voucher that holds
// it in 182 until it is approved.
//
// law: J33, F3.7
func TakeUp(ctx context.Context, tx *sqldb.Tx, g auth.Grant, f FoundForm, at day.Instant) (Matter, error) {
	b, err := bookFor(ctx, tx, g, f.Union, f.Day)
	if err != nil {
		return Matter{}, err
	}
	f.Number = 1
	c, err := f.check(b.System)
	if err != nil {
		return Matter{}, err
	}
	if f.Evidence == "" && !f.Nominal {
		return Matter{}, invalid("F3.7", map[string]string{"evidence": "计价依据：请写凭据、评估报告或同类价格；都没有的按名义金额一元入账"})
	}
	no, err := head(ctx, tx, g.Tenant(), b.Union.ID, "matters", 1)
	if err != nil {
		return Matter{}, err
	}
	c.Union, c.Origin, c.Made, c.By, c.Reason = b.Union, Found, at, g.Account(), f.Evidence
	cards, err := number(ctx, tx, g, c, 1)
	if err != nil {
		return Matter{}, err
	}
	c = cards[0]
	x := Matter{ID: sqldb.NewID(), Union: b.Union, No: no, Kind: Surplus, CardID: c.ID, Cost: c.Cost, State: Asked, Day: f.Day, Reason: "盘点发现账外资产：" + c.Name, CountID: f.Count, Asked: at, Version: 1, Name: c.Name}
	acc := accountsOf(b.System, c.Kind)
	against := acc.fund
	if b.System == books.A21 {
		against = "18201"
	}
	v, err := ledger.Write(ctx, tx, g.For(ledger.Make), ledger.Entry{Union: b.Union.ID, Date: f.Day, Summary: "盘盈" + c.Name, Attachments: 1, Event: "count_surplus", SourceID: x.ID,
		Lines: []books.Line{{Account: acc.asset, Debit: c.Cost, Source: c.Owner}, {Account: against, Credit: c.Cost, Source: c.Owner}}}, at)
	if err != nil {
		return x, told(err)
	}
	x.First = v.ID
	if err := enter(ctx, tx, g, cards, v.ID, deed{Did: "found", Union: b.Union.Name, Name: c.Name, Count: 1, Amount: c.Cost.String(), Voucher: v.ID}, at); err != nil {
		return x, err
	}
	return x, open(ctx, tx, g, audit.Moves{}, x, at)
}
