package asset

import (
	"context"
	"fmt"
	"strings"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
)

// head queues at a union's head row and takes n numbers of a kind (cards,
// items, slips, matters); it returns the first. With n 0 it only queues.
func head(ctx context.Context, tx *sqldb.Tx, tenant int64, union, of string, n int64) (int64, error) {
	last, err := sqldb.One(ctx, tx, sqldb.Int, `
		INSERT INTO asset_heads (tenant_id, union_id, cards, items, slips, matters) VALUES ($1, $2, 0, 0, 0, 0)
		ON CONFLICT (tenant_id, union_id) DO UPDATE SET cards = asset_heads.cards RETURNING `+of, tenant, union)
	if err != nil || n == 0 {
		return last, err
	}
	_, err = tx.Exec(ctx, `UPDATE asset_heads SET `+of+` = `+of+` + $1 WHERE tenant_id = $2 AND union_id = $3`, n, tenant, union)
	return last + 1, err
}

const cardColumns = `c.id, c.union_id, u.code, u.name, c.no, c.kind, c.class, c.content, c.name, c.model, c.origin, c.owner, c.share, c.acquired, c.in_use, c.years, c.cost,
	c.place, c.keeper, c.reason, c.from_card, c.made, c.account_id, c.version`

const fromCards = `
	FROM asset_cards c
	JOIN unions u ON u.tenant_id = c.tenant_id AND u.id = c.union_id
	WHERE c.tenant_id = $1 AND EXISTS (
		SELECT 1 FROM union_reach r WHERE r.tenant_id = c.tenant_id AND r.above_id = $2 AND r.union_id = c.union_id)`

func scanCard(row sqldb.Row) (c Card, err error) {
	err = row(&c.ID, &c.Union.ID, &c.Union.Code, &c.Union.Name, &c.No, &c.Kind, &c.Class, &c.Content, &c.Name, &c.Model, &c.Origin, &c.Owner, &c.Share, &c.Acquired, &c.Used, &c.Years, &c.Cost,
		&c.Place, &c.Keeper, &c.Reason, &c.FromCard, &c.Made, &c.By, &c.Version)
	return c, err
}

// Find returns a card within g's reach with what it is worth, or
// fault.NotFound.
func Find(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Card, error) {
	c, err := sqldb.One(ctx, tx, scanCard, `SELECT `+cardColumns+fromCards+` AND c.id = $3`, g.Tenant(), g.Under(), id)
	if err != nil {
		return c, err
	}
	all := []Card{c}
	err = value(ctx, tx, g.Tenant(), all, forever)
	return all[0], err
}

// forever is later than any day on a voucher.
const forever day.Day = "9999-12-31"

// standing is whether a move or a slip counts, by its voucher v and the posted
// red voucher r of that; the mark @ stands for the day to look at.
const standing = `CASE WHEN @.voucher_id IS NULL THEN 'booked' WHEN r.id IS NOT NULL THEN 'void' WHEN v.state = 'posted' THEN 'booked' WHEN v.state = 'discarded' THEN 'void' ELSE 'waiting' END`

// vouchersOf joins the two vouchers to a row as of the day $n. What a posted
// voucher is not is said once more: SQLite takes the index of reversals only
// where its very condition stands.
func vouchersOf(alias string, n int) string {
	return strings.ReplaceAll(fmt.Sprintf(`
		LEFT JOIN vouchers v ON v.tenant_id = @.tenant_id AND v.id = @.voucher_id
		LEFT JOIN vouchers r ON r.tenant_id = @.tenant_id AND r.reverses_id = @.voucher_id AND r.state = 'posted' AND r.state <> 'discarded' AND r.date <= $%d`, n), "@", alias)
}

func standingOf(alias string) string { return strings.ReplaceAll(standing, "@", alias) }

// sum is what the moves of a card add up to, of one act and standing.
type sum struct {
	card, act, standing string
	cost, used          money.Fen
}

func scanSum(row sqldb.Row) (s sum, err error) {
	return s, row(&s.card, &s.act, &s.standing, &s.cost, &s.used)
}

// sums adds up moves up to a day, by card, act and standing. cond narrows them
// and goes on counting its marks from $3.
func sums(ctx context.Context, tx *sqldb.Tx, tenant int64, on day.Day, cond string, args ...any) ([]sum, error) {
	return sqldb.List(ctx, tx, scanSum, `
		SELECT x.card_id, x.act, x.standing, cast(sum(x.cost) as bigint), cast(sum(x.used) as bigint) FROM (
			SELECT m.card_id, m.act, m.cost, m.used, `+standingOf("m")+` AS standing
			FROM asset_moves m`+vouchersOf("m", 2)+`
			WHERE m.tenant_id = $1 AND coalesce(v.date, m.day) <= $2 AND `+cond+`
		) x GROUP BY x.card_id, x.act, x.standing ORDER BY x.card_id`, append([]any{tenant, on}, args...)...)
}

// value fills in worth and state of cards as of a day.
func value(ctx context.Context, tx *sqldb.Tx, tenant int64, cards []Card, on day.Day) error {
	at := map[string]*Card{}
	for i := range cards {
		cards[i].State = Void
		at[cards[i].ID] = &cards[i]
	}
	const some = 200
	for from := 0; from < len(cards); from += some {
		part := cards[from:min(from+some, len(cards))]
		marks, args := make([]string, len(part)), make([]any, len(part))
		for i, c := range part {
			marks[i], args[i] = fmt.Sprintf("$%d", i+3), c.ID
		}
		all, err := sums(ctx, tx, tenant, on, `m.card_id IN (`+strings.Join(marks, ", ")+`)`, args...)
		if err != nil {
			return err
		}
		for _, s := range all {
			at[s.card].add(s)
		}
		open, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT card_id FROM asset_matters m WHERE m.tenant_id = $1 AND m.day <= $2 AND m.ended IS NULL AND m.card_id IN (`+strings.Join(marks, ", ")+`)`, append([]any{tenant, on}, args...)...)
		if err != nil {
			return err
		}
		for _, id := range open {
			if at[id].State == InUse {
				at[id].State = Leaving
			}
		}
	}
	return nil
}

// add takes a sum of moves into the card. The order of states is that of what
// outweighs what.
func (c *Card) add(s sum) {
	rank := map[State]int{Void: 0, Pending: 1, InUse: 2, Leaving: 3, Gone: 4}
	is := Void
	switch {
	case s.act == ActIn && s.standing == "booked":
		is = InUse
	case s.act == ActIn && s.standing == "waiting":
		is = Pending
	case s.act == ActOut && s.standing == "booked":
		is = Gone
	case s.act == ActOut && s.standing == "waiting":
		is = Leaving
	}
	if rank[is] > rank[c.State] {
		c.State = is
	}
	if s.standing == "booked" {
		c.Worth.Cost += s.cost
		c.Worth.Used += s.used
	}
}

// What a move is of.
const (
	ActIn      = "in"
	ActImprove = "improve"
	ActRun     = "depreciation"
	ActOut     = "out"
)

// Move is one line of a card's story.
type Move struct {
	ID       string      `json:"id"`
	CardID   string      `json:"-"`
	Act      string      `json:"act"`
	Day      day.Day     `json:"day"`
	Cost     money.Fen   `json:"cost"`
	Used     money.Fen   `json:"used"`
	Plan     Plan        `json:"-"`
	Voucher  string      `json:"voucher,omitempty"`
	Matter   string      `json:"matter,omitempty"`
	At       day.Instant `json:"at"`
	Standing string      `json:"standing"` // booked, waiting, void
	Number   int64       `json:"number,omitempty"`
}

// ActLabel is what a move is called.
func (m Move) ActLabel() string {
	return map[string]string{ActIn: "增加", ActImprove: "改扩建", ActRun: "折旧、摊销", ActOut: "减少"}[m.Act]
}

const moveColumns = `tenant_id, id, card_id, act, day, cost, used, plan_basis, plan_used, plan_from, plan_months, voucher_id, matter_id, at`

var moveSeal = audit.LayoutOf("asset_moves", columnsOf(moveColumns))

// insertMoves stores moves; m takes up their seals.
func insertMoves(ctx context.Context, tx *sqldb.Tx, tenant int64, m audit.Moves, moves ...Move) error {
	rows := make([][]any, len(moves))
	for i, x := range moves {
		if x.ID == "" {
			x.ID = sqldb.NewID()
		}
		row := []any{tenant, x.ID, x.CardID, x.Act, string(x.Day), int64(x.Cost), int64(x.Used), int64(x.Plan.Basis), int64(x.Plan.Before), string(x.Plan.From), x.Plan.Months, x.Voucher, x.Matter, string(x.At)}
		mac := moveSeal.Seal(tx.Keys(), row)
		m.Add("asset_moves", mac)
		rows[i] = append(row, mac)
	}
	return tx.Insert(ctx, "asset_moves", moveColumns+", mac", rows)
}

// MovesOf lists the moves of a card, the first one first.
func MovesOf(ctx context.Context, tx *sqldb.Tx, tenant int64, card string) ([]Move, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (m Move, err error) {
		return m, row(&m.ID, &m.Act, &m.Day, &m.Cost, &m.Used, &m.Voucher, &m.Matter, &m.At, &m.Standing, &m.Number)
	}, `
		SELECT m.id, m.act, m.day, m.cost, m.used, m.voucher_id, m.matter_id, m.at, `+standingOf("m")+`, coalesce(v.number, 0)
		FROM asset_moves m`+vouchersOf("m", 3)+`
		WHERE m.tenant_id = $1 AND m.card_id = $2 ORDER BY m.day, m.id`, tenant, card, forever)
}

// plans returns the plan in force of every card that cond means: that of the
// last move which plans and counts. cond goes on counting its marks from $3.
func plans(ctx context.Context, tx *sqldb.Tx, tenant int64, cond string, args ...any) (map[string]Plan, error) {
	out := map[string]Plan{}
	type planned struct {
		card string
		plan Plan
	}
	err := sqldb.Each(ctx, tx, func(row sqldb.Row) (p planned, err error) {
		return p, row(&p.card, &p.plan.Basis, &p.plan.Before, &p.plan.From, &p.plan.Months)
	}, func(p planned) error {
		out[p.card] = p.plan
		return nil
	}, `
		SELECT m.card_id, m.plan_basis, m.plan_used, m.plan_from, m.plan_months
		FROM asset_moves m`+vouchersOf("m", 2)+`
		WHERE m.tenant_id = $1 AND m.act <> 'depreciation' AND m.plan_months > 0 AND r.id IS NULL AND (m.voucher_id IS NULL OR v.state = 'posted') AND `+cond+`
		ORDER BY m.id`, append([]any{tenant, forever}, args...)...)
	return out, err
}

const storedCard = `tenant_id, id, union_id, no, kind, class, content, name, model, origin, owner, share, acquired, in_use, years, cost, place, keeper, reason, from_card, made, account_id, version`

var cardSeal = audit.LayoutOf("asset_cards", columnsOf(storedCard))

// insertCards stores new cards; m takes up their seals.
func insertCards(ctx context.Context, tx *sqldb.Tx, tenant int64, m audit.Moves, cards []Card) error {
	rows := make([][]any, len(cards))
	for i, c := range cards {
		row := []any{tenant, c.ID, c.Union.ID, c.No, string(c.Kind), c.Class, c.Content, c.Name, c.Model, string(c.Origin), c.Owner, c.Share, string(c.Acquired), c.Used, c.Years, int64(c.Cost),
			c.Place, c.Keeper, c.Reason, c.FromCard, string(c.Made), c.By, c.Version}
		mac := cardSeal.Seal(tx.Keys(), row)
		m.Add("asset_cards", mac)
		rows[i] = append(row, mac)
	}
	return tx.Insert(ctx, "asset_cards", storedCard+", mac", rows)
}

func columnsOf(list string) (out []string) {
	for c := range strings.SplitSeq(list, ",") {
		out = append(out, strings.TrimSpace(c))
	}
	return out
}

// deed is what the log tells of assets.
type deed struct {
	Did      string `json:"did"`
	Union    string `json:"union,omitempty"`
	Name     string `json:"name,omitempty"`
	Count    int    `json:"count,omitempty"`
	Amount   string `json:"amount,omitempty"`
	Month    string `json:"month,omitempty"`
	Quantity string `json:"quantity,omitempty"`
	Voucher  string `json:"voucher,omitempty"`
	Words    string `json:"words,omitempty"`
	Document string `json:"document,omitempty"`
}

// invalid is the refusal of a form, by the rule of the first field at fault.
func invalid(rule string, fields map[string]string) error {
	if len(fields) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Invalid, Rule: rule, Text: "请按提示改正后再提交。", Fields: fields}
}
