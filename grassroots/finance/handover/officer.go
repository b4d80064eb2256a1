package handover

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
)

// Stage is where a change of finance officers stands.
type Stage string

const (
	Written Stage = "written" // 正在填写
	Given   Stage = "given"   // 待接管人确认
	Taken   Stage = "taken"   // 待监交人确认
	Ended   Stage = "ended"   // 交接完毕
	Dropped Stage = "dropped" // 已作废
)

func (s Stage) Label() string { return Changing.Labels[s] }
func (s Stage) Tone() ui.Kind { return ui.Kind(Changing.Kinds[s]) }

var handlersOf = []auth.Office{auth.Accountant, auth.Cashier}

// Changing is how a finance officer hands over: who leaves lists and confirms,
// who follows confirms, and a third who oversees it.
//
// law: F3.26
var Changing = flow.Flow[Stage]{
	Labels: map[Stage]string{Written: "正在填写", Given: "待接管人确认", Taken: "待监交人确认", Ended: "交接完毕", Dropped: "已作废"},
	Kinds:  map[Stage]string{Written: "warn", Given: "warn", Taken: "warn", Ended: "ok", Dropped: "mute"},
	Steps: []flow.Step[Stage]{
		{From: Written, Act: Give, To: Given, By: handlersOf, Button: "移交人确认", Rule: "F3.26"},
		{From: Written, Act: Drop, To: Dropped, By: handlersOf, Button: "作废", Words: true, Danger: true, Rule: "F3.26"},
		{From: Given, Act: Receive, To: Taken, By: handlersOf, Apart: []auth.Action{Give}, Button: "接管人确认", Rule: "F3.26"},
		{From: Given, Act: Drop, To: Dropped, By: handlersOf, Button: "作废", Words: true, Danger: true, Rule: "F3.26"},
		{From: Taken, Act: Witness, To: Ended, By: []auth.Office{auth.Director, auth.Chair}, Apart: []auth.Action{Give, Receive}, Button: "监交人确认", Rule: "F3.26"},
	},
}

// Change is one finance officer's handing over to another (会计人员工作交接).
type Change struct {
	ID      string       `json:"id"`
	Union   registry.Ref `json:"union"`
	On      day.Day      `json:"on"` // as of which day the books were read
	Stage   Stage        `json:"state"`
	Giver   Person       `json:"giver"`
	Taker   Person       `json:"taker"`
	Witness Person       `json:"witness"`
	Lists   Lists        `json:"lists"`
	Made    day.Instant  `json:"made"`
	Ended   day.Instant  `json:"ended,omitempty"`
	Version int64        `json:"version"`
}

// Place is the page of the change.
func (c Change) Place() string { return officers + "/" + c.ID }

// Revision is what a step must name to be sure that it saw the latest.
func (c Change) Revision() int64 { return c.Version }

const changeColumns = `c.id, c.union_id, u.code, u.name, c.on_day, c.state, c.giver_id, c.giver, c.giver_as, c.taker_id, c.taker, c.taker_as, c.witness_id, c.witness, c.witness_as, c.lists, c.made, c.ended, c.version`

const fromChanges = `
	FROM officer_changes c
	JOIN unions u ON u.tenant_id = c.tenant_id AND u.id = c.union_id
	WHERE c.tenant_id = $1 AND EXISTS (SELECT 1 FROM union_reach r WHERE r.tenant_id = c.tenant_id AND r.above_id = $2 AND r.union_id = c.union_id)`

func scanChange(row sqldb.Row) (c Change, err error) {
	var lists string
	err = row(&c.ID, &c.Union.ID, &c.Union.Code, &c.Union.Name, &c.On, &c.Stage, &c.Giver.Account, &c.Giver.Name, &c.Giver.Office, &c.Taker.Account, &c.Taker.Name, &c.Taker.Office, &c.Witness.Account, &c.Witness.Name, &c.Witness.Office, &lists, &c.Made, &c.Ended, &c.Version)
	if err == nil {
		err = json.Unmarshal([]byte(lists), &c.Lists)
	}
	return c, err
}

// FindChange returns a change within g's reach, or fault.NotFound.
func FindChange(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Change, error) {
	return sqldb.One(ctx, tx, scanChange, `SELECT `+changeColumns+fromChanges+` AND c.id = $3`, g.Tenant(), g.Under(), id)
}

// Changes lists the changes within g's reach, the latest first.
func Changes(ctx context.Context, tx *sqldb.Tx, g auth.Grant, after string, limit int) ([]Change, error) {
	if after == "" {
		after = "~"
	}
	return sqldb.List(ctx, tx, scanChange, `SELECT `+changeColumns+fromChanges+` AND c.id < $3 ORDER BY c.id DESC LIMIT $4`, g.Tenant(), g.Under(), after, int64(limit))
}

// Waiting lists the changes within g's reach that wait for g's own word.
func Waiting(ctx context.Context, tx *sqldb.Tx, g auth.Grant, limit int) ([]Change, error) {
	return sqldb.List(ctx, tx, scanChange, `SELECT `+changeColumns+fromChanges+`
		AND (c.state = 'written' AND c.giver_id = $3 OR c.state = 'given' AND c.taker_id = $3 OR c.state = 'taken' AND c.witness_id = $3) ORDER BY c.id LIMIT $4`,
		g.Tenant(), g.Under(), g.Account(), int64(limit))
}

// Opens asks for a list: of which union, as of which day, and who takes over
// and who oversees it. Whoever asks is the one who leaves.
type Opens struct {
	Union   string  `json:"union" doc:"工会"`
	On      day.Day `json:"on" doc:"截至日期"`
	Taker   string  `json:"taker" doc:"接管人"`
	Witness string  `json:"witness" doc:"监交人"`
}

// Make writes the list from the books as of a day. The three people must be
// three.
//
// law: F3.26
func (rm *Room) Make(ctx context.Context, tx *sqldb.Tx, g auth.Grant, in Opens, at day.Instant) (Change, error) {
	u, err := ledger.Union(ctx, tx, g, in.Union)
	if err != nil {
		return Change{}, err
	}
	if in.On == "" {
		in.On = at.Day()
	}
	c := Change{ID: sqldb.NewID(), Union: u.Ref(), On: in.On, Stage: Written, Giver: Person{Account: g.Account(), Office: g.Office()}, Made: at, Version: 1}
	people, err := rm.Keepers(ctx, tx, g.Tenant(), u.ID, at.Day())
	if err != nil {
		return c, err
	}
	fields := map[string]string{}
	if in.On > at.Day() {
		fields["on"] = "截至日期：不能晚于今天"
	}
	for _, p := range people {
		switch {
		case p.Account == in.Taker && handles(p.Office):
			c.Taker = p
		case p.Account == in.Witness && oversees(p.Office):
			c.Witness = p
		}
	}
	switch {
	case c.Taker.Account == "":
		fields["taker"] = "接管人：请选择接任的会计或出纳"
	case c.Taker.Account == g.Account():
		fields["taker"] = "接管人：不能是移交人本人"
	}
	switch {
	case c.Witness.Account == "":
		fields["witness"] = "监交人：请选择主席或主任"
	case c.Witness.Account == g.Account() || c.Witness.Account == c.Taker.Account:
		fields["witness"] = "监交人：移交人、接管人、监交人须是三个人"
	}
	if len(fields) > 0 {
		return c, &fault.Error{Kind: fault.Invalid, Rule: "F3.26", Text: "请按提示改正后再提交。", Fields: fields}
	}
	who, err := rm.Names(ctx, tx, g.Tenant(), []string{c.Giver.Account})
	if err != nil {
		return c, err
	}
	if c.Giver.Name = who[c.Giver.Account]; c.Giver.Name == "" {
		c.Giver.Name = c.Giver.Office.Label()
	}
	if c.Lists, err = listsOf(ctx, tx, g, u.ID, in.On); err != nil {
		return c, err
	}
	lists, err := json.Marshal(c.Lists)
	if err != nil {
		return c, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO officer_changes (tenant_id, id, union_id, on_day, state, giver_id, giver, taker_id, taker, witness_id, witness, giver_as, taker_as, witness_as, lists, made, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 1)`,
		g.Tenant(), c.ID, c.Union.ID, string(c.On), string(c.Stage), c.Giver.Account, c.Giver.Name, c.Taker.Account, c.Taker.Name, c.Witness.Account, c.Witness.Name, string(c.Giver.Office), string(c.Taker.Office), string(c.Witness.Office), string(lists), string(at))
	if err != nil {
		return c, err
	}
	m := audit.Moves{}
	if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "officer_changes", ID: c.ID}); err != nil {
		return c, err
	}
	if err := Changing.Trace(ctx, tx, g, m, c.ID, "", Written, flow.Given{}, at); err != nil {
		return c, err
	}
	return c, m.Write(ctx, tx, g, c.ID, c.deed("listed", ""), at)
}

func handles(o auth.Office) bool  { return o == auth.Accountant || o == auth.Cashier }
func oversees(o auth.Office) bool { return o == auth.Director || o == auth.Chair }

func (c Change) deed(did, words string) deed {
	return deed{Did: did, Union: c.Union.Name, Words: strings.TrimSpace(c.Giver.Name + " → " + c.Taker.Name + "，监交 " + c.Witness.Name + " " + words)}
}

// fresh refuses a version that is not the latest.
func (c Change) fresh(version int64) error {
	if version != 0 && version != c.Version {
		return fault.New(fault.Conflict, "这份清册刚刚已由他人办过，现在是“%s”。请刷新后再看。", c.Stage.Label())
	}
	return nil
}

// mostRows is how many rows people may write of all kinds.
const mostRows = 200

// Rewrite replaces the rows that people write; only the giver may, while the
// list is being written.
//
// law: F3.26
func Rewrite(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, rows []Row, matters string, at day.Instant) (Change, error) {
	c, err := FindChange(ctx, tx, g, id)
	if err != nil {
		return c, err
	}
	if err := c.fresh(version); err != nil {
		return c, err
	}
	switch {
	case c.Stage != Written:
		return c, fault.ByRule(fault.Conflict, "F3.26", "移交人已确认，清册不能再改。有误的请作废后重新编制。")
	case c.Giver.Account != g.Account():
		return c, fault.ByRule(fault.Denied, "F3.26", "清册由移交人%s填写。", c.Giver.Name)
	}
	fields := map[string]string{}
	c.Lists.Rows = nil
	for i, r := range rows {
		r.Kind, r.Name, r.Count, r.Note = strings.TrimSpace(r.Kind), strings.TrimSpace(r.Name), strings.TrimSpace(r.Count), strings.TrimSpace(r.Note)
		if r.Name == "" && r.Count == "" && r.Note == "" {
			continue
		}
		at := fmt.Sprintf("rows.%d.", i)
		if r.label() == "" {
			fields[at+"kind"] = fmt.Sprintf("第 %d 行类别：请从列表中选择", i+1)
		}
		if n := utf8.RuneCountInString(r.Name); n == 0 || n > 80 {
			fields[at+"name"] = fmt.Sprintf("第 %d 行名称：请用 1 到 80 个字", i+1)
		}
		if utf8.RuneCountInString(r.Count) > 40 {
			fields[at+"count"] = fmt.Sprintf("第 %d 行数量或起止号：最多 40 个字", i+1)
		}
		if utf8.RuneCountInString(r.Note) > 100 {
			fields[at+"note"] = fmt.Sprintf("第 %d 行备注：最多 100 个字", i+1)
		}
		c.Lists.Rows = append(c.Lists.Rows, r)
	}
	if len(c.Lists.Rows) > mostRows {
		fields["rows.0.name"] = fmt.Sprintf("清册最多 %d 行，请合并同类的", mostRows)
	}
	if c.Lists.Matters = strings.TrimSpace(matters); utf8.RuneCountInString(c.Lists.Matters) > 1000 {
		fields["matters"] = "未了事项：最多 1000 个字"
	}
	if len(fields) > 0 {
		return c, &fault.Error{Kind: fault.Invalid, Rule: "F3.26", Text: "请按提示改正后再提交。", Fields: fields}
	}
	return c.save(ctx, tx, g, audit.Moves{}, c.Stage, "rewritten", "", at)
}

// save stores what became of a change that was read in the stage from.
func (c Change) save(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, from Stage, did, words string, at day.Instant) (Change, error) {
	lists, err := json.Marshal(c.Lists)
	if err != nil {
		return c, err
	}
	n, err := tx.Exec(ctx, `UPDATE officer_changes SET state = $1, lists = $2, ended = $3, version = version + 1 WHERE tenant_id = $4 AND id = $5 AND state = $6 AND version = $7`,
		string(c.Stage), string(lists), string(c.Ended), g.Tenant(), c.ID, string(from), c.Version)
	if err != nil {
		return c, err
	}
	if n == 0 {
		return c, fault.New(fault.Conflict, "这份清册刚刚已由他人办过，请刷新后再看。")
	}
	if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "officer_changes", ID: c.ID}); err != nil {
		return c, err
	}
	c.Version++
	return c, m.Write(ctx, tx, g, c.ID, c.deed(did, words), at)
}

// mine refuses a step by somebody other than whom the list names.
func (c Change) mine(g auth.Grant) error {
	whose := map[auth.Action]Person{Give: c.Giver, Receive: c.Taker, Witness: c.Witness, Drop: c.Giver}[g.Action()]
	if whose.Account != g.Account() {
		return fault.ByRule(fault.Denied, "F3.26", "这一步由%s本人登录办理。", whose.Name)
	}
	return nil
}

// Advance takes the step that g's action names on a change.
//
// law: F3.26
func Advance(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, given flow.Given, at day.Instant) (Change, error) {
	c, err := FindChange(ctx, tx, g, id)
	if err != nil {
		return c, err
	}
	if err := c.fresh(version); err != nil {
		return c, err
	}
	if _, err := Changing.Take(c.Stage, g.Action(), flow.WhoOf(g), "", nil); err != nil {
		return c, err
	}
	if err := c.mine(g); err != nil {
		return c, err
	}
	m := audit.Moves{}
	step, err := Changing.Advance(ctx, tx, g, m, c.ID, c.Stage, "", given, at)
	if err != nil {
		return c, err
	}
	from := c.Stage
	if c.Stage = step.To; Changing.Ends(step.To) {
		c.Ended = at
	}
	return c.save(ctx, tx, g, m, from, string(step.To), given.Words, at)
}
