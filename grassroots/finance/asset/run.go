package asset

import (
	"context"
	"fmt"
	"slices"
	"strings"

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

// MonthRun is the write-off of one month of a union (计提折旧和摊销).
type MonthRun struct {
	ID      string       `json:"id"`
	Union   registry.Ref `json:"union"`
	Month   Month        `json:"month"`
	Round   int64        `json:"round"`
	Total   money.Fen    `json:"total"`
	Cards   int64        `json:"cards"`
	Voucher string       `json:"voucher,omitempty"`
	Number  int64        `json:"number,omitempty"` // of the voucher
	At      day.Instant  `json:"at"`
	By      string       `json:"by"`
	Undone  bool         `json:"undone"` // its voucher was taken back by a red one
}

// Place is the page of the run.
func (r MonthRun) Place() string { return Home + "/runs/" + r.ID }

const selectRuns = `
	SELECT x.id, x.union_id, u.code, u.name, x.month, x.round, x.total, x.cards, x.voucher_id, coalesce(v.number, 0), x.at, x.account_id, r.id IS NOT NULL
	FROM asset_runs x
	JOIN unions u ON u.tenant_id = x.tenant_id AND u.id = x.union_id
	LEFT JOIN vouchers v ON v.tenant_id = x.tenant_id AND v.id = x.voucher_id
	LEFT JOIN vouchers r ON r.tenant_id = x.tenant_id AND r.reverses_id = x.voucher_id AND r.state = 'posted' AND r.state <> 'discarded'
	WHERE x.tenant_id = $1 AND EXISTS (
		SELECT 1 FROM union_reach q WHERE q.tenant_id = x.tenant_id AND q.above_id = $2 AND q.union_id = x.union_id)`

func scanRun(row sqldb.Row) (r MonthRun, err error) {
	err = row(&r.ID, &r.Union.ID, &r.Union.Code, &r.Union.Name, &r.Month, &r.Round, &r.Total, &r.Cards, &r.Voucher, &r.Number, &r.At, &r.By, &r.Undone)
	return r, err
}

// Runs lists the runs of a union, the latest month first.
func Runs(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string) ([]MonthRun, error) {
	return sqldb.List(ctx, tx, scanRun, selectRuns+` AND x.union_id = $3 ORDER BY x.month DESC, x.round DESC`, g.Tenant(), g.Under(), union)
}

// FindRun returns a run within g's reach, or fault.NotFound.
func FindRun(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (MonthRun, error) {
	return sqldb.One(ctx, tx, scanRun, selectRuns+` AND x.id = $3`, g.Tenant(), g.Under(), id)
}

// firstRun is the month from which on the books write anything off at all.
const firstRun Month = "2022-01"

// Next is the month whose write-off a union must run next: months run in order
// and none is skipped. It is empty while there is nothing to write off.
//
// law: F3.9
func Next(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string) (Month, error) {
	first, err := sqldb.One(ctx, tx, sqldb.Text, `
		SELECT coalesce(min(m.plan_from), '') FROM asset_moves m
		JOIN asset_cards c ON c.tenant_id = m.tenant_id AND c.id = m.card_id`+vouchersOf("m", 3)+`
		WHERE m.tenant_id = $1 AND c.union_id = $2 AND m.plan_months > 0 AND m.act = 'in' AND r.id IS NULL AND (m.voucher_id IS NULL OR v.state <> 'discarded')`, g.Tenant(), union, forever)
	if err != nil || first == "" {
		return "", err
	}
	next := max(Month(first), firstRun)
	runs, err := Runs(ctx, tx, g, union)
	if err != nil {
		return "", err
	}
	done := map[Month]bool{}
	for _, r := range runs {
		if !r.Undone {
			done[r.Month] = true
		}
	}
	if len(runs) > 0 { // a card that came late joins in where the runs stand
		next = runs[len(runs)-1].Month
	}
	for done[next] {
		next = next.Plus(1)
	}
	return next, nil
}

// due is one card in a run.
type due struct {
	card   Card
	amount money.Fen
}

// dues are what a month writes off of every card of a union. A card that has
// left by the end of the month is none of it, nor one whose leaving waits for
// its voucher.
//
// law: F3.9
func dues(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string, month Month) ([]due, error) {
	cards, err := sqldb.List(ctx, tx, scanCard, `SELECT `+cardColumns+fromCards+` AND c.union_id = $3 AND c.acquired <= $4 ORDER BY c.no`, g.Tenant(), g.Under(), union, month.Last())
	if err != nil {
		return nil, err
	}
	all, err := sums(ctx, tx, g.Tenant(), forever, `m.day <= $4 AND m.card_id IN (SELECT c.id FROM asset_cards c WHERE c.tenant_id = $1 AND c.union_id = $3)`, union, month.Last())
	if err != nil {
		return nil, err
	}
	at := map[string]*Card{}
	for i := range cards {
		cards[i].State = Void
		at[cards[i].ID] = &cards[i]
	}
	for _, s := range all {
		if at[s.card] != nil {
			at[s.card].add(s)
		}
	}
	left, err := sqldb.List(ctx, tx, sqldb.Text, `
		SELECT m.card_id FROM asset_moves m
		JOIN asset_cards c ON c.tenant_id = m.tenant_id AND c.id = m.card_id`+vouchersOf("m", 4)+`
		WHERE m.tenant_id = $1 AND c.union_id = $2 AND m.act = 'out' AND m.day <= $3 AND r.id IS NULL AND v.state <> 'discarded'`, g.Tenant(), union, month.Last(), forever)
	if err != nil {
		return nil, err
	}
	plan, err := plans(ctx, tx, g.Tenant(), `m.day <= $4 AND m.card_id IN (SELECT c.id FROM asset_cards c WHERE c.tenant_id = $1 AND c.union_id = $3)`, union, month.Last())
	if err != nil {
		return nil, err
	}
	var out []due
	for _, c := range cards {
		if c.State == Void || c.State == Pending || slices.Contains(left, c.ID) {
			continue
		}
		if amount := min(plan[c.ID].Through(month)-c.Worth.Used, c.Worth.Net()); amount > 0 { // a month that runs once more does not see those after it
			out = append(out, due{c, amount})
		}
	}
	return out, nil
}

// waiting is how many acts of a month still wait for their vouchers: they
// change what the month writes off.
func waiting(ctx context.Context, tx *sqldb.Tx, tenant int64, union string, month Month) (int64, error) {
	return sqldb.One(ctx, tx, sqldb.Int, `
		SELECT count(DISTINCT m.voucher_id) FROM asset_moves m
		JOIN asset_cards c ON c.tenant_id = m.tenant_id AND c.id = m.card_id
		JOIN vouchers v ON v.tenant_id = m.tenant_id AND v.id = m.voucher_id
		WHERE m.tenant_id = $1 AND c.union_id = $2 AND m.day <= $3 AND m.act IN ('in', 'improve') AND v.state IN ('draft', 'reviewed')`, tenant, union, month.Last())
}

// RunMonth writes off a month of a union: every card's part, and one voucher by
// class, posted at once. A month runs once, in its turn. A month in which there
// is nothing to write off has a run without a voucher.
//
// law: F3.9, J29, S9
func RunMonth(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string, month Month, at day.Instant) (MonthRun, error) {
	u, err := ledger.Union(ctx, tx, g, union)
	if err != nil {
		return MonthRun{}, err
	}
	if _, ok := ParseMonth(string(month)); !ok {
		return MonthRun{}, invalid("F3.9", map[string]string{"month": "月份：请按 2026-03 的样子填写"})
	}
	if _, err := head(ctx, tx, g.Tenant(), u.ID, "cards", 0); err != nil {
		return MonthRun{}, err
	}
	r := MonthRun{ID: sqldb.NewID(), Union: u.Ref(), Month: month, At: at, By: g.Account()}
	if err := r.turn(ctx, tx, g, at.Day()); err != nil {
		return r, err
	}
	b, err := ledger.BookOf(ctx, tx, g, u.ID, month.Year())
	if err != nil {
		return r, err
	}
	if b.System == books.A09 {
		return r, fault.ByRule(fault.Conflict, "F3.9", "2021 年及以前执行 2009 年的会计制度，不计提折旧。")
	}
	all, err := dues(ctx, tx, g, u.ID, month)
	if err != nil {
		return r, err
	}
	m := audit.Moves{}
	moves := make([]Move, len(all))
	for i, d := range all {
		moves[i] = Move{CardID: d.card.ID, Act: ActRun, Day: month.Last(), Used: d.amount, At: at}
		r.Total += d.amount
	}
	r.Cards = int64(len(all))
	if len(all) > 0 {
		v, err := ledger.Enter(ctx, tx, g.For(ledger.Make), m, b, ledger.Entry{Union: u.ID, Date: month.Last(), Summary: "计提 " + month.Label() + "折旧和摊销", Attachments: 1, Nature: ledger.Normal,
			Event: "depreciation", SourceID: r.ID, Lines: linesOf(all)}, at)
		if err != nil {
			return r, err
		}
		r.Voucher, r.Number = v.ID, v.Number
		for i := range moves {
			moves[i].Voucher = v.ID
		}
		if err := insertMoves(ctx, tx, g.Tenant(), m, moves...); err != nil {
			return r, err
		}
	}
	_, err = tx.Exec(ctx, `INSERT INTO asset_runs (tenant_id, id, union_id, month, round, total, cards, voucher_id, at, account_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		g.Tenant(), r.ID, u.ID, string(month), r.Round, int64(r.Total), r.Cards, r.Voucher, string(at), r.By)
	if fault.Of(err).Kind == fault.Conflict {
		return r, fault.ByRule(fault.Conflict, "F3.9", "%s %s的折旧刚刚已由他人计提，请刷新后再看。", u.Name, month.Label())
	}
	if err != nil {
		return r, err
	}
	if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "asset_runs", ID: r.ID}); err != nil {
		return r, err
	}
	return r, m.Write(ctx, tx, g, r.ID, deed{Did: "run", Union: u.Name, Month: string(month), Count: len(all), Amount: r.Total.String(), Voucher: r.Voucher}, at)
}

// turn refuses a month that is not the next, and counts the rounds it had.
func (r *MonthRun) turn(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day) error {
	next, err := Next(ctx, tx, g, r.Union.ID)
	if err != nil {
		return err
	}
	field := func(text string, args ...any) error {
		s := fmt.Sprintf(text, args...)
		return &fault.Error{Kind: fault.Conflict, Rule: "F3.9", Text: s, Fields: map[string]string{"month": "月份：" + s}}
	}
	switch {
	case next == "":
		return field("%s还没有要计提折旧或摊销的资产，不用计提。", r.Union.Name)
	case r.Month < next:
		return field("%s的折旧已经计提，一个月只计提一次。", r.Month.Label())
	case r.Month > next:
		return field("请先计提 %s的折旧，逐月计提，不能跳过。", next.Label())
	case r.Month > MonthOf(today):
		return field("%s还没有到，不能提前计提。", r.Month.Label())
	}
	n, err := waiting(ctx, tx, g.Tenant(), r.Union.ID, r.Month)
	if err != nil {
		return err
	}
	if n > 0 {
		return field("有 %d 张增加资产的凭证还没有记账，请先审核、记账，再计提 %s的折旧。", n, r.Month.Label())
	}
	r.Round, err = sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM asset_runs WHERE tenant_id = $1 AND union_id = $2 AND month = $3`, g.Tenant(), r.Union.ID, string(r.Month))
	return err
}

// linesOf are the lines of a run's voucher, by kind, class and owner.
//
// law: J29, F3.5
func linesOf(all []due) (out []books.Line) {
	type key struct {
		kind         Kind
		class, owner string
	}
	sum := map[key]money.Fen{}
	var keys []key
	for _, d := range all {
		k := key{d.card.Kind, d.card.Class, d.card.Owner}
		if sum[k] == 0 {
			keys = append(keys, k)
		}
		sum[k] += d.amount
	}
	slices.SortFunc(keys, func(a, b key) int {
		return strings.Compare(accountsOf(books.A21, a.kind).asset+a.class+a.owner, accountsOf(books.A21, b.kind).asset+b.class+b.owner)
	})
	for _, k := range keys {
		acc := accountsOf(books.A21, k.kind)
		word := "折旧："
		if acc.used == "" {
			acc.used = acc.asset
		}
		if k.kind != Fixed {
			word = "摊销："
		}
		out = append(out, books.Line{Account: acc.fund, Debit: sum[k], Source: k.owner, Summary: word + k.class}, books.Line{Account: acc.used, Credit: sum[k], Source: k.owner, Summary: word + k.class})
	}
	return out
}

// Depreciated reports whether all write-offs of a book up to and with a month
// have run, as the closing of the month asks. A book of A09 has none.
//
// law: F3.16, F3.9
func Depreciated(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book, month int) (bool, error) {
	if b.System == books.A09 {
		return true, nil
	}
	next, err := Next(ctx, tx, g, b.Union.ID)
	return next == "" || next > Month(fmt.Sprintf("%04d-%02d", b.Year, month)), err
}

// Part is one card's part of a run.
type Part struct {
	Card   Card      `json:"card"`
	Amount money.Fen `json:"amount"`
}

// PartsOf lists what a run wrote off of each card, in the order of their
// numbers: the sheet that goes with its voucher.
func PartsOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, r MonthRun) ([]Part, error) {
	if r.Voucher == "" {
		return nil, nil
	}
	return sqldb.List(ctx, tx, func(row sqldb.Row) (p Part, err error) {
		p.Card, err = scanCard(func(dest ...any) error { return row(append([]any{&p.Amount}, dest...)...) })
		return p, err
	}, `SELECT m.used, `+cardColumns+`
		FROM asset_moves m
		JOIN asset_cards c ON c.tenant_id = m.tenant_id AND c.id = m.card_id
		JOIN unions u ON u.tenant_id = c.tenant_id AND u.id = c.union_id
		WHERE m.tenant_id = $1 AND m.voucher_id = $2 AND m.act = 'depreciation' AND EXISTS (
			SELECT 1 FROM union_reach q WHERE q.tenant_id = c.tenant_id AND q.above_id = $3 AND q.union_id = c.union_id)
		ORDER BY c.no`, g.Tenant(), r.Voucher, g.Under())
}
