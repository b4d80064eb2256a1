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
)

// CountState is whether a count still takes what was found.
type CountState string

const (
	Counting CountState = "open"
	Closed   CountState = "done"
)

func (s CountState) Label() string {
	return map[CountState]string{Counting: "盘点中", Closed: "已完成"}[s]
}

// Taking is a count (盘点) of all that a union owns as of a day.
type Taking struct {
	ID      string       `json:"id"`
	Union   registry.Ref `json:"union"`
	Day     day.Day      `json:"day"`
	State   CountState   `json:"state"`
	By      string       `json:"by"`
	At      day.Instant  `json:"at"`
	Ended   day.Instant  `json:"ended,omitempty"`
	Version int64        `json:"version"`
}

// CountHome is the list of counts.
const CountHome = "/grassroots/finance/counts"

// Place is the page of the count.
func (c Taking) Place() string { return CountHome + "/" + c.ID }

// Entry is one line of a count sheet: an asset, or goods in store.
type Entry struct {
	ID       string    `json:"id"`
	No       int64     `json:"no"`
	Thing    string    `json:"thing"` // card or item
	ThingID  string    `json:"thing_id"`
	Code     string    `json:"code"`
	Name     string    `json:"name"`
	Unit     string    `json:"unit"`
	Place    string    `json:"place,omitempty"`
	Keeper   string    `json:"keeper,omitempty"`
	Expected Quantity  `json:"expected"`
	Amount   money.Fen `json:"amount"`
	Found    Quantity  `json:"found"`
	Known    bool      `json:"known"` // somebody has looked
	Note     string    `json:"note,omitempty"`
}

// Differs reports whether what was found is not what the books say.
func (e Entry) Differs() bool { return e.Known && e.Found != e.Expected }

const selectTakings = `
	SELECT x.id, x.union_id, u.code, u.name, x.day, x.state, x.account_id, x.at, x.ended, x.version
	FROM asset_counts x
	JOIN unions u ON u.tenant_id = x.tenant_id AND u.id = x.union_id
	WHERE x.tenant_id = $1 AND EXISTS (
		SELECT 1 FROM union_reach q WHERE q.tenant_id = x.tenant_id AND q.above_id = $2 AND q.union_id = x.union_id)`

func scanTaking(row sqldb.Row) (c Taking, err error) {
	err = row(&c.ID, &c.Union.ID, &c.Union.Code, &c.Union.Name, &c.Day, &c.State, &c.By, &c.At, &c.Ended, &c.Version)
	return c, err
}

// FindCount returns a count within g's reach, or fault.NotFound.
func FindCount(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Taking, error) {
	return sqldb.One(ctx, tx, scanTaking, selectTakings+` AND x.id = $3`, g.Tenant(), g.Under(), id)
}

// Counts lists the counts of a union, the latest first.
func Counts(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string) ([]Taking, error) {
	return sqldb.List(ctx, tx, scanTaking, selectTakings+` AND x.union_id = $3 ORDER BY x.day DESC, x.id DESC`, g.Tenant(), g.Under(), union)
}

const entryColumns = `tenant_id, id, count_id, no, thing, thing_id, code, name, unit, place, keeper, expected, amount, found, note`

var entrySeal = audit.LayoutOf("asset_count_lines", columnsOf(entryColumns))

// EntriesOf lists the lines of a count in their order.
func EntriesOf(ctx context.Context, tx *sqldb.Tx, tenant int64, count string) ([]Entry, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (e Entry, err error) {
		return e, row(&e.ID, &e.No, &e.Thing, &e.ThingID, &e.Code, &e.Name, &e.Unit, &e.Place, &e.Keeper, &e.Expected, &e.Amount, &e.Found, &e.Known, &e.Note)
	}, `SELECT id, no, thing, thing_id, code, name, unit, place, keeper, expected, amount, coalesce(found, 0), found IS NOT NULL, note
		FROM asset_count_lines WHERE tenant_id = $1 AND count_id = $2 ORDER BY no`, tenant, count)
}

// Begin writes the sheet of a count: every asset and all goods that the books
// know on the day. A union has one count going on at a time.
//
// law: F3.10
func Begin(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string, on day.Day, at day.Instant) (Taking, error) {
	u, err := ledger.Union(ctx, tx, g, union)
	if err != nil {
		return Taking{}, err
	}
	if _, err := day.Parse(string(on)); err != nil || on > at.Day() {
		return Taking{}, invalid("F3.10", map[string]string{"day": "盘点日期：请填写今天或以前的日期"})
	}
	if _, err := head(ctx, tx, g.Tenant(), u.ID, "cards", 0); err != nil {
		return Taking{}, err
	}
	before, err := Counts(ctx, tx, g, u.ID)
	if err != nil {
		return Taking{}, err
	}
	if i := slices.IndexFunc(before, func(c Taking) bool { return c.State == Counting }); i >= 0 {
		return before[i], fault.ByRule(fault.Conflict, "F3.10", "%s在 %s的盘点还没有结束，请先办完。", u.Name, before[i].Day)
	}
	c := Taking{ID: sqldb.NewID(), Union: u.Ref(), Day: on, State: Counting, By: g.Account(), At: at, Version: 1}
	lines, err := sheetOf(ctx, tx, g, u.ID, on)
	if err != nil {
		return c, err
	}
	if len(lines) == 0 {
		return c, fault.ByRule(fault.Conflict, "F3.10", "%s在这一天没有登记资产和库存，不用盘点；盘到的账外资产请先建卡。", u.Name)
	}
	m := audit.Moves{}
	if _, err := tx.Exec(ctx, `INSERT INTO asset_counts (tenant_id, id, union_id, day, state, account_id, at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, 1)`,
		g.Tenant(), c.ID, u.ID, string(on), string(c.State), c.By, string(at)); err != nil {
		return c, err
	}
	rows := make([][]any, len(lines))
	for i, e := range lines {
		row := []any{g.Tenant(), sqldb.NewID(), c.ID, int64(i + 1), e.Thing, e.ThingID, e.Code, e.Name, e.Unit, e.Place, e.Keeper, int64(e.Expected), int64(e.Amount), nil, ""}
		mac := entrySeal.Seal(tx.Keys(), row)
		m.Add("asset_count_lines", mac)
		rows[i] = append(row, mac)
	}
	if err := tx.Insert(ctx, "asset_count_lines", entryColumns+", mac", rows); err != nil {
		return c, err
	}
	if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "asset_counts", ID: c.ID}); err != nil {
		return c, err
	}
	return c, m.Write(ctx, tx, g, c.ID, deed{Did: "counting", Union: u.Name, Count: len(lines), Words: string(on)}, at)
}

// sheetOf is what the books know of a union on a day.
func sheetOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string, on day.Day) (out []Entry, err error) {
	cards, err := sqldb.List(ctx, tx, scanCard, `SELECT `+cardColumns+fromCards+` AND c.union_id = $3 AND c.acquired <= $4 ORDER BY c.no`, g.Tenant(), g.Under(), union, on)
	if err != nil {
		return nil, err
	}
	if err := value(ctx, tx, g.Tenant(), cards, on); err != nil {
		return nil, err
	}
	for _, c := range cards {
		if c.Kind != Prepaid && (c.State == InUse || c.State == Leaving && c.Worth.Cost > 0) {
			out = append(out, Entry{Thing: "card", ThingID: c.ID, Code: c.Code(), Name: c.Name, Unit: "件", Place: c.Place, Keeper: c.Keeper, Expected: whole, Amount: c.Worth.Net()})
		}
	}
	goods, err := StockOf(ctx, tx, g, union, on)
	for _, i := range goods {
		if i.Quantity != 0 {
			out = append(out, Entry{Thing: "item", ThingID: i.ID, Code: i.Code(), Name: i.Name, Unit: i.Unit, Expected: i.Quantity, Amount: i.Amount})
		}
	}
	return out, err
}

// Code is the number of a card as labels bear it.
func (c Card) Code() string { return fmt.Sprintf("ZC%05d", c.No) }

// Code is the number of goods as the store bears it.
func (i Goods) Code() string { return fmt.Sprintf("WP%05d", i.No) }

// Finding is what somebody found of one line: the quantity as typed, empty for
// not looked at yet.
type Finding struct {
	ID    string `json:"id" doc:"行"`
	Found string `json:"found" doc:"实盘数"`
	Note  string `json:"note" doc:"说明"`
}

// Fill keeps what was found. Lines not named stay.
//
// law: F3.10
func Fill(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, list []Finding, at day.Instant) (Taking, error) {
	c, err := FindCount(ctx, tx, g, id)
	if err != nil {
		return c, err
	}
	if err := c.touch(ctx, tx, g); err != nil {
		return c, err
	}
	lines, err := EntriesOf(ctx, tx, g.Tenant(), c.ID)
	if err != nil {
		return c, err
	}
	m, fields := audit.Moves{}, map[string]string{}
	n := 0
	for k, f := range list {
		i := slices.IndexFunc(lines, func(e Entry) bool { return e.ID == f.ID })
		if i < 0 {
			continue
		}
		e := lines[i]
		f.Note = strings.TrimSpace(f.Note)
		if utf8.RuneCountInString(f.Note) > longestName {
			fields[fmt.Sprintf("lines.%d.note", k)] = e.Name + "说明：最多 100 个字"
			continue
		}
		var found any
		was := map[bool]string{true: e.Found.String()}[e.Known]
		if strings.TrimSpace(f.Found) != "" {
			q, err := ParseQuantity(f.Found)
			if err == nil && e.Thing == "card" && q != 0 && q != whole {
				err = fault.New(fault.Invalid, "一张卡片只能是 1（在）或 0（不在）")
			}
			if err != nil {
				fields[fmt.Sprintf("lines.%d.found", k)] = e.Name + "实盘数：" + fault.Of(err).Text
				continue
			}
			found = int64(q)
			if e.Known && q == e.Found && f.Note == e.Note {
				continue
			}
		} else if was == "" && f.Note == e.Note {
			continue
		}
		if _, err := tx.Exec(ctx, `UPDATE asset_count_lines SET found = $1, note = $2 WHERE tenant_id = $3 AND id = $4`, found, f.Note, g.Tenant(), e.ID); err != nil {
			return c, err
		}
		if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "asset_count_lines", ID: e.ID}); err != nil {
			return c, err
		}
		n++
	}
	if err := invalid("F3.10", fields); err != nil {
		return c, err
	}
	if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "asset_counts", ID: c.ID}); err != nil {
		return c, err
	}
	return c, m.Write(ctx, tx, g, c.ID, deed{Did: "filled", Union: c.Union.Name, Count: n}, at)
}

// touch takes the count's row first: only one that goes on takes findings.
func (c *Taking) touch(ctx context.Context, tx *sqldb.Tx, g auth.Grant) error {
	n, err := tx.Exec(ctx, `UPDATE asset_counts SET version = version + 1 WHERE tenant_id = $1 AND id = $2 AND state = 'open'`, g.Tenant(), c.ID)
	if err == nil && n == 0 {
		err = fault.ByRule(fault.Conflict, "F3.10", "这次盘点已经结束，不能再填。")
	}
	c.Version++
	return err
}

// End closes a count on which every line was looked at, and proposes what to do
// about each difference.
//
// law: F3.10, J33
func End(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, at day.Instant) (Taking, []Matter, error) {
	c, err := FindCount(ctx, tx, g, id)
	if err != nil {
		return c, nil, err
	}
	if err := c.touch(ctx, tx, g); err != nil {
		return c, nil, err
	}
	lines, err := EntriesOf(ctx, tx, g.Tenant(), c.ID)
	if err != nil {
		return c, nil, err
	}
	left := 0
	for _, e := range lines {
		if !e.Known {
			left++
		}
	}
	if left > 0 {
		return c, nil, fault.ByRule(fault.Conflict, "F3.10", "还有 %d 行没有填实盘数，请盘完再结束。", left)
	}
	var matters []Matter
	for _, e := range lines {
		if !e.Differs() {
			continue
		}
		reason := strings.TrimSuffix(fmt.Sprintf("%s盘点：账面 %s，实盘 %s。%s", c.Day, e.Expected, e.Found, e.Note), "。")
		var x Matter
		if e.Thing == "card" {
			x, err = Propose(ctx, tx, g.For(Ask), Asking{ID: e.ThingID, Kind: Loss, Day: at.Day(), Reason: reason, Count: c.ID}, at)
		} else {
			x, err = Differ(ctx, tx, g.For(Ask), e.ThingID, e.Found, e.Expected, at.Day(), reason, c.ID, at)
		}
		if err != nil {
			f := *fault.Of(err)
			f.Text, f.Fields = e.Name+"："+f.Text, nil
			return c, nil, &f
		}
		matters = append(matters, x)
	}
	c.State, c.Ended = Closed, at
	if _, err := tx.Exec(ctx, `UPDATE asset_counts SET state = $1, ended = $2 WHERE tenant_id = $3 AND id = $4`, string(c.State), string(at), g.Tenant(), c.ID); err != nil {
		return c, nil, err
	}
	return c, matters, audit.Write(ctx, tx, g, c.ID, deed{Did: "counted", Union: c.Union.Name, Count: len(matters), Words: string(c.Day)}, at, audit.Touched{Table: "asset_counts", ID: c.ID})
}

// Counted reports whether a union counted what it owns in the year of a book,
// as the closing of the year asks. One that owns nothing need not.
//
// law: F3.10, F3.16
func Counted(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book) (bool, error) {
	year := fmt.Sprintf("%04d", b.Year)
	n, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM asset_counts WHERE tenant_id = $1 AND union_id = $2 AND state = 'done' AND day >= $3 AND day <= $4`, g.Tenant(), b.Union.ID, year+"-01-01", year+"-12-31")
	if err != nil || n > 0 {
		return n > 0, err
	}
	lines, err := sheetOf(ctx, tx, g, b.Union.ID, day.Day(year+"-12-31"))
	return len(lines) == 0, err
}
