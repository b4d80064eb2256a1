package asset

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

// Query narrows the register of cards.
type Query struct {
	Union string `json:"union" doc:"工会"`
	Kind  Kind   `json:"kind" doc:"资产种类"`
	Class string `json:"class" doc:"类别"`
	State State  `json:"state" doc:"状态"`
	Owner string `json:"owner" doc:"产权"`
	Q     string `json:"q" doc:"名称、型号、地点、保管人或编号"`
	Sort  string `json:"sort" doc:"排序"`
	After string `json:"after" doc:"从哪一张之后"`
	Limit int    `json:"limit" doc:"条数"`
}

// keys are what the register sorts by. A key that repeats is made one by the
// id.
var keys = map[string]string{"no": "c.no", "cost": "c.cost", "acquired": "c.acquired", "name": "c.name"}

// sort reads Sort; the newest number comes first unless it says otherwise.
func (q Query) sort() (column string, down bool) {
	name, down := strings.CutPrefix(q.Sort, "-")
	if keys[name] == "" {
		return keys["no"], true
	}
	return keys[name], down
}

// movesThat finds cards with a move of an act that stands as said.
func movesThat(act, standing string) string {
	return `EXISTS (SELECT 1 FROM asset_moves m` + vouchersOf("m", 3) + ` WHERE m.tenant_id = c.tenant_id AND m.card_id = c.id AND m.act = '` + act + `' AND ` + standing + `)`
}

const (
	standsBooked  = `r.id IS NULL AND (m.voucher_id IS NULL OR v.state = 'posted')`
	standsWaiting = `v.state IN ('draft', 'reviewed')`
)

// inState is the condition of a state; the states outweigh one another as in
// add.
func inState(s State) string {
	in, out := movesThat(ActIn, standsBooked), movesThat(ActOut, standsBooked)
	leaving := movesThat(ActOut, standsWaiting)
	open := `EXISTS (SELECT 1 FROM asset_matters x WHERE x.tenant_id = c.tenant_id AND x.card_id = c.id AND x.ended IS NULL)`
	switch s {
	case Gone:
		return ` AND ` + out
	case Leaving:
		return ` AND NOT ` + out + ` AND (` + leaving + ` OR ` + in + ` AND ` + open + `)`
	case InUse:
		return ` AND NOT ` + out + ` AND NOT ` + leaving + ` AND ` + in + ` AND NOT ` + open
	case Pending:
		return ` AND NOT ` + in + ` AND ` + movesThat(ActIn, standsWaiting)
	case Void:
		return ` AND NOT ` + in + ` AND NOT ` + movesThat(ActIn, standsWaiting)
	}
	return ""
}

// List returns cards of the register with what they are worth.
func List(ctx context.Context, tx *sqldb.Tx, g auth.Grant, q Query) ([]Card, error) {
	text, args := `SELECT `+cardColumns+fromCards+inState(q.State), []any{g.Tenant(), g.Under(), forever}
	if q.State == "" {
		text += ` AND $3 <> ''`
	}
	add := func(cond string, v any) {
		args = append(args, v)
		text += strings.ReplaceAll(cond, "@", fmt.Sprintf("$%d", len(args)))
	}
	if q.Union != "" {
		add(` AND (u.code = @ OR u.id = @)`, q.Union)
	}
	if q.Kind != "" {
		add(` AND c.kind = @`, string(q.Kind))
	}
	if q.Class != "" {
		add(` AND c.class = @`, q.Class)
	}
	if q.Owner != "" {
		add(` AND c.owner = @`, q.Owner)
	}
	if s := strings.TrimSpace(q.Q); s != "" {
		if n, err := strconv.ParseInt(strings.TrimPrefix(strings.ToUpper(s), "ZC"), 10, 64); err == nil {
			add(` AND c.no = @`, n)
		} else {
			add(` AND (c.name LIKE @ ESCAPE '\' OR c.model LIKE @ ESCAPE '\' OR c.place LIKE @ ESCAPE '\' OR c.keeper LIKE @ ESCAPE '\')`, "%"+strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)+"%")
		}
	}
	column, down := q.sort()
	sign, order := ">", ""
	if down {
		sign, order = "<", " DESC"
	}
	if key, id, ok := strings.Cut(q.After, "~"); ok {
		var from any = key
		if n, err := strconv.ParseInt(key, 10, 64); err == nil && (column == keys["no"] || column == keys["cost"]) {
			from = n
		}
		args = append(args, from, id)
		text += fmt.Sprintf(` AND (%s, c.id) %s ($%d, $%d)`, column, sign, len(args)-1, len(args))
	}
	add(` ORDER BY `+column+order+`, c.id`+order+` LIMIT @`, int64(q.Limit))
	cards, err := sqldb.List(ctx, tx, scanCard, text, args...)
	if err != nil {
		return nil, err
	}
	return cards, value(ctx, tx, g.Tenant(), cards, forever)
}

// mark is where a list that is sorted so goes on after the card.
func (q Query) mark(c Card) string {
	key := strconv.FormatInt(c.No, 10)
	switch column, _ := q.sort(); column {
	case keys["cost"]:
		key = strconv.FormatInt(int64(c.Cost), 10)
	case keys["acquired"]:
		key = string(c.Acquired)
	case keys["name"]:
		key = c.Name
	}
	return key + "~" + c.ID
}

// Whole returns every card that q means.
func Whole(ctx context.Context, tx *sqldb.Tx, g auth.Grant, q Query) (out []Card, err error) {
	for q.After, q.Limit = "", 500; ; {
		part, err := List(ctx, tx, g, q)
		if err != nil {
			return nil, err
		}
		out = append(out, part...)
		if len(part) < q.Limit {
			return out, nil
		}
		q.After = q.mark(part[len(part)-1])
	}
}

// Waiting counts, within g's reach, the matters that wait for a step.
func Waiting(ctx context.Context, tx *sqldb.Tx, g auth.Grant) (map[MatterState]int64, error) {
	out := map[MatterState]int64{}
	type count struct {
		state MatterState
		n     int64
	}
	err := sqldb.Each(ctx, tx, func(row sqldb.Row) (c count, err error) { return c, row(&c.state, &c.n) },
		func(c count) error { out[c.state] = c.n; return nil }, `
		SELECT x.state, count(*) FROM asset_matters x
		WHERE x.tenant_id = $1 AND x.ended IS NULL AND EXISTS (
			SELECT 1 FROM union_reach q WHERE q.tenant_id = x.tenant_id AND q.above_id = $2 AND q.union_id = x.union_id)
		GROUP BY x.state`, g.Tenant(), g.Under())
	return out, err
}

// Owner is a union that owns something, with what it must do about it.
type Owner struct {
	Union   string `json:"union"`
	Code    string `json:"code"`
	Name    string `json:"name"`
	Last    Month  `json:"last,omitempty"` // the last month written off
	First   Month  `json:"first"`          // the first that must be
	Counted bool   `json:"counted"`        // in the year of the day
}

// Owners lists the unions within g's reach whose assets are written off, with
// how far they are on a day.
//
// law: F3.9, F3.10
func Owners(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day) ([]Owner, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (o Owner, err error) {
		return o, row(&o.Union, &o.Code, &o.Name, &o.First, &o.Last, &o.Counted)
	}, `
		SELECT u.id, u.code, u.name, p.first,
			coalesce((SELECT max(x.month) FROM asset_runs x
				LEFT JOIN vouchers r ON r.tenant_id = x.tenant_id AND r.reverses_id = x.voucher_id AND r.state = 'posted' AND r.state <> 'discarded'
				WHERE x.tenant_id = u.tenant_id AND x.union_id = u.id AND r.id IS NULL), ''),
			EXISTS (SELECT 1 FROM asset_counts k WHERE k.tenant_id = u.tenant_id AND k.union_id = u.id AND k.state = 'done' AND k.day >= $3)
		FROM unions u
		JOIN union_reach q ON q.tenant_id = u.tenant_id AND q.above_id = $2 AND q.union_id = u.id
		JOIN (SELECT c.tenant_id, c.union_id, min(m.plan_from) AS first FROM asset_cards c
			JOIN asset_moves m ON m.tenant_id = c.tenant_id AND m.card_id = c.id AND m.act = 'in' AND m.plan_months > 0
			WHERE c.tenant_id = $1 GROUP BY c.tenant_id, c.union_id) p ON p.tenant_id = u.tenant_id AND p.union_id = u.id
		WHERE u.tenant_id = $1 AND u.state = 'standing' ORDER BY u.name_key, u.id`, g.Tenant(), g.Under(), fmt.Sprintf("%04d-01-01", today.Year()))
}
