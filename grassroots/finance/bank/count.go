package bank

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
)

// Notes are the notes and coins that are counted, by their worth.
var Notes = []money.Fen{100_00, 50_00, 20_00, 10_00, 5_00, 1_00, 50, 10, 5, 2, 1}

// noteLabel is what people call one.
func noteLabel(n money.Fen) string {
	switch {
	case n >= 100:
		return strconv.FormatInt(int64(n/100), 10) + " 元"
	case n >= 10:
		return strconv.FormatInt(int64(n/10), 10) + " 角"
	}
	return strconv.FormatInt(int64(n), 10) + " 分"
}

func noteKey(n money.Fen) string { return strconv.FormatInt(int64(n), 10) }

// CashCount is a count of cash (现金盘点).
type CashCount struct {
	ID        string           `json:"id"`
	BankID    string           `json:"bank"`
	Day       day.Day          `json:"date"`
	State     CountState       `json:"state"`
	Pieces    map[string]int64 `json:"pieces"` // how many, by the worth in fen
	Counted   money.Fen        `json:"counted"`
	Book      money.Fen        `json:"book"`
	Words     string           `json:"words,omitempty"`
	Maker     string           `json:"maker"`
	Made      day.Instant      `json:"made"`
	Witness   string           `json:"witness,omitempty"`
	Witnessed day.Instant      `json:"witnessed,omitempty"`
	Version   int64            `json:"version"`
}

// Difference is what was counted less what the books say: positive is over
// (长款), negative short (短款).
func (c CashCount) Difference() money.Fen { return c.Counted - c.Book }

// Place is its page.
func (c CashCount) Place() string { return Home + "/counts/" + c.ID }

// Revision is what a step must name to be sure that it saw the latest.
func (c CashCount) Revision() int64 { return c.Version }

const selectCounts = `
	SELECT c.id, c.bank_id, c.day, c.state, c.pieces, c.counted, c.book, c.words, c.maker, c.made, c.witness, c.witnessed, c.version
	FROM cash_counts c
	JOIN bank_accounts a ON a.tenant_id = c.tenant_id AND a.id = c.bank_id
	WHERE c.tenant_id = $1 AND EXISTS (
		SELECT 1 FROM union_reach r WHERE r.tenant_id = a.tenant_id AND r.above_id = $2 AND r.union_id = a.union_id)`

func scanCount(row sqldb.Row) (c CashCount, err error) {
	var pieces string
	if err = row(&c.ID, &c.BankID, &c.Day, &c.State, &pieces, &c.Counted, &c.Book, &c.Words, &c.Maker, &c.Made, &c.Witness, &c.Witnessed, &c.Version); err == nil {
		err = json.Unmarshal([]byte(pieces), &c.Pieces)
	}
	return c, err
}

// FindCount returns a count within g's reach, or fault.NotFound.
func FindCount(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (CashCount, error) {
	return sqldb.One(ctx, tx, scanCount, selectCounts+` AND c.id = $3`, g.Tenant(), g.Under(), id)
}

// Counts lists the counts of a cash box, the latest first.
func Counts(ctx context.Context, tx *sqldb.Tx, g auth.Grant, bankID, after string, limit int) ([]CashCount, error) {
	if after == "" {
		after = "~"
	}
	if bankID == "" {
		return sqldb.List(ctx, tx, scanCount, selectCounts+` AND c.id < $3 ORDER BY c.id DESC LIMIT $4`, g.Tenant(), g.Under(), after, int64(limit))
	}
	return sqldb.List(ctx, tx, scanCount, selectCounts+` AND c.id < $3 AND c.bank_id = $4 ORDER BY c.id DESC LIMIT $5`, g.Tenant(), g.Under(), after, bankID, int64(limit))
}

// Counting is what somebody counted.
type Counting struct {
	Bank   string            `json:"bank" doc:"现金账户"`
	Day    day.Day           `json:"day" doc:"盘点日期"`
	Pieces map[string]string `json:"pieces" doc:"张数"`
	Words  string            `json:"words" doc:"说明"`
}

// mostPieces is how many of one kind a cash box may hold.
const mostPieces = 1_000_000

// read judges what was typed.
func (in *Counting) read(a Account, today day.Day) (pieces map[string]int64, sum money.Fen, err error) {
	fields := map[string]string{}
	pieces = map[string]int64{}
	for _, n := range Notes {
		text := strings.TrimSpace(in.Pieces[noteKey(n)])
		if text == "" {
			continue
		}
		count, err := strconv.ParseInt(text, 10, 64)
		if err != nil || count < 0 || count > mostPieces {
			fields["pieces."+noteKey(n)] = noteLabel(n) + "：请填张数，例如 12"
			continue
		}
		if count > 0 {
			pieces[noteKey(n)] = count
			sum += n * money.Fen(count)
		}
	}
	if in.Day == "" || in.Day > today || in.Day < a.Since {
		fields["day"] = "盘点日期：请填启用之后、今天以前的日期"
	}
	if in.Words = strings.TrimSpace(in.Words); utf8.RuneCountInString(in.Words) > 200 {
		fields["words"] = "说明：最多 200 个字"
	}
	if len(fields) > 0 {
		return nil, 0, &fault.Error{Kind: fault.Invalid, Rule: "K8", Text: "盘点表的内容不对，请按提示改正后再提交。", Fields: fields}
	}
	return pieces, sum, nil
}

// CountCash writes down a count against the books at the end of its day; it
// waits for the person who watched.
//
// law: K8, F3.24
func CountCash(ctx context.Context, tx *sqldb.Tx, g auth.Grant, in Counting, at day.Instant) (CashCount, error) {
	a, err := Find(ctx, tx, g, in.Bank)
	if err != nil {
		return CashCount{}, err
	}
	if a.Kind != Cash || a.Ended != "" {
		return CashCount{}, fault.New(fault.Conflict, "“%s”不是在用的库存现金，不能盘点。", a.Name)
	}
	pieces, sum, err := in.read(a, at.Day())
	if err != nil {
		return CashCount{}, err
	}
	if err := turn(ctx, tx, g.Tenant(), a.ID); err != nil {
		return CashCount{}, err
	}
	waiting, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT c.id FROM cash_counts c WHERE c.tenant_id = $1 AND c.bank_id = $2 AND c.day = $3 AND c.state = 'counted'`, g.Tenant(), a.ID, string(in.Day))
	if err != nil {
		return CashCount{}, err
	}
	if len(waiting) > 0 {
		return CashCount{}, fault.ByRule(fault.Conflict, "K8", "%s 已有一张盘点表在等监盘人确认，请先确认或作废那一张。", in.Day)
	}
	book, err := bookBalance(ctx, tx, g.Tenant(), a, in.Day)
	if err != nil {
		return CashCount{}, err
	}
	text, err := json.Marshal(pieces)
	if err != nil {
		return CashCount{}, err
	}
	id := sqldb.NewID()
	_, err = tx.Exec(ctx, `INSERT INTO cash_counts (tenant_id, id, bank_id, day, state, pieces, counted, book, words, maker, made, version) VALUES ($1, $2, $3, $4, 'counted', $5, $6, $7, $8, $9, $10, 1)`,
		g.Tenant(), id, a.ID, string(in.Day), string(text), int64(sum), int64(book), in.Words, g.Account(), string(at))
	if err != nil {
		return CashCount{}, err
	}
	m := audit.Moves{}
	if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "cash_counts", ID: id}); err != nil {
		return CashCount{}, err
	}
	if err := CountFlow.Trace(ctx, tx, g, m, id, "", Counted, flow.Given{Words: in.Words}, at); err != nil {
		return CashCount{}, err
	}
	if err := m.Write(ctx, tx, g, id, deed{Did: "counted", Account: a.Code, Period: string(in.Day), Amount: sum.String()}, at); err != nil {
		return CashCount{}, err
	}
	return FindCount(ctx, tx, g, id)
}

// StepCount takes the step that g's action names on a count.
//
// law: K8, F3.24
func StepCount(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, given flow.Given, at day.Instant) (CashCount, error) {
	c, err := FindCount(ctx, tx, g, id)
	if err != nil {
		return c, err
	}
	if version != 0 && version != c.Version {
		return c, fault.New(fault.Conflict, "这张盘点表刚刚已由他人办过，现在是“%s”，请刷新后再看。", c.State.Label())
	}
	m := audit.Moves{}
	step, err := CountFlow.Advance(ctx, tx, g, m, c.ID, c.State, "", given, at)
	if err != nil {
		return c, err
	}
	witness, witnessed := "", ""
	if step.To == Watched {
		witness, witnessed = g.Account(), string(at)
	}
	n, err := tx.Exec(ctx, `UPDATE cash_counts SET state = $1, witness = $2, witnessed = $3, version = version + 1 WHERE tenant_id = $4 AND id = $5 AND version = $6 AND state = $7`,
		string(step.To), witness, witnessed, g.Tenant(), c.ID, c.Version, string(c.State))
	if err != nil {
		return c, err
	}
	if n == 0 {
		return c, fault.New(fault.Conflict, "这张盘点表刚刚已由他人办过，请刷新后再看。")
	}
	if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "cash_counts", ID: c.ID}); err != nil {
		return c, err
	}
	if err := m.Write(ctx, tx, g, c.ID, deed{Did: string(step.To), Period: string(c.Day), Words: given.Words}, at); err != nil {
		return c, err
	}
	return FindCount(ctx, tx, g, c.ID)
}
