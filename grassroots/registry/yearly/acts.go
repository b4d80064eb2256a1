package yearly

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
)

// MakeForm asks for the return of a year, as of a day: the last of the year
// unless another is named.
type MakeForm struct {
	Year int64   `json:"year" doc:"年度"`
	Day  day.Day `json:"day" doc:"统计日"`
}

// firstYear is how far back a return may go.
const firstYear = 2000

func (f *MakeForm) check(today day.Day) error {
	fields := map[string]string{}
	if f.Year < firstYear || f.Year > int64(today.Year()) {
		fields["year"] = fmt.Sprintf("年度：请填 %d 到 %d", firstYear, today.Year())
	}
	if f.Day == "" {
		f.Day = day.Day(fmt.Sprintf("%04d-12-31", f.Year))
		if f.Day > today {
			f.Day = today
		}
	}
	if int64(f.Day.Year()) != f.Year || f.Day > today {
		fields["day"] = "统计日：须在这一年里，不能晚于今天"
	}
	if len(fields) > 0 {
		return &fault.Error{Kind: fault.Invalid, Text: "年报没有开始汇总，请按提示改正。", Fields: fields}
	}
	return nil
}

// Begin starts the return of the union at the top of g's reach for a year, and
// has it counted. One that is there already is fault.Conflict.
//
// law: S2-14
func (rm *Room) Begin(ctx context.Context, tx *sqldb.Tx, g auth.Grant, f MakeForm, at day.Instant) (Return, error) {
	if err := f.check(at.Day()); err != nil {
		return Return{}, err
	}
	r := Return{ID: sqldb.NewID(), UnionID: g.Under(), Year: f.Year, On: f.Day, State: Counting, Version: 1}
	n, err := tx.Exec(ctx, `
		INSERT INTO yearly_returns (tenant_id, id, union_id, year, on_day, state, pass, people, version) VALUES ($1, $2, $3, $4, $5, 'counting', 0, 0, 1)
		ON CONFLICT (tenant_id, union_id, year) DO NOTHING`, g.Tenant(), r.ID, r.UnionID, r.Year, r.On)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "%d 年的年报已经有了，请打开它；要改数字，在草稿里重新汇总。", f.Year)
	}
	if err != nil {
		return r, err
	}
	m := audit.Moves{}
	if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "yearly_returns", ID: r.ID}); err != nil {
		return r, err
	}
	if err := Procedure.Trace(ctx, tx, g, m, r.ID, "", Counting, flow.Given{}, at); err != nil {
		return r, err
	}
	if err := rm.start(ctx, tx, g, r, at); err != nil {
		return r, err
	}
	return r, m.Write(ctx, tx, g, r.ID, map[string]any{"did": "begun", "year": r.Year, "day": r.On}, at)
}

func (rm *Room) start(ctx context.Context, tx *sqldb.Tx, g auth.Grant, r Return, at day.Instant) error {
	_, err := rm.Runner.Start(ctx, tx, g, at, countWork, r.job(), r.ID, order{r.ID, r.UnionID})
	return err
}

var stale = fault.New(fault.Conflict, "这份年报刚刚已由他人办过，请刷新后再看。")

// StepForm is a step on a return that was read in a version.
type StepForm struct {
	ID      string `json:"id" doc:"编号"`
	Version int64  `json:"version" doc:"版本"`
	flow.Given
}

// Take takes the step of g's action on a return. Freezing waits for whatever
// union objected.
func (rm *Room) Take(ctx context.Context, tx *sqldb.Tx, g auth.Grant, f StepForm, at day.Instant) (Return, error) {
	r, err := find(ctx, tx, g, f.ID)
	if err != nil {
		return r, err
	}
	own, err := r.own(ctx, tx, g)
	if err == nil && !own {
		err = fault.New(fault.Denied, "这份年报由汇总它的工会办理。")
	}
	if err == nil && r.Version != f.Version {
		err = stale
	}
	if err != nil {
		return r, err
	}
	m := audit.Moves{}
	step, err := Procedure.Advance(ctx, tx, g, m, r.ID, r.State, "", f.Given, at)
	if err != nil {
		return r, err
	}
	n, err := tx.Exec(ctx, `UPDATE yearly_returns SET state = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND state = $4 AND version = $5`,
		string(step.To), g.Tenant(), r.ID, string(step.From), f.Version)
	if err == nil && n == 0 {
		err = stale
	}
	if err != nil {
		return r, err
	}
	switch step.To {
	case Counting:
		err = rm.start(ctx, tx, g, r, at)
	case Frozen:
		err = freeze(ctx, tx, g, r)
	}
	if err == nil {
		err = m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "yearly_returns", ID: r.ID})
	}
	if err == nil {
		err = m.Write(ctx, tx, g, r.ID, map[string]any{"did": string(step.To), "year": r.Year, "document": f.Document, "words": f.Words}, at)
	}
	if err != nil {
		return r, err
	}
	return find(ctx, tx, g, r.ID)
}

// freeze refuses while a union objects, and takes what the unions said into
// the hash.
func freeze(ctx context.Context, tx *sqldb.Tx, g auth.Grant, r Return) error {
	n, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM yearly_reviews v WHERE v.tenant_id = $1 AND v.return_id = $2 AND v.state = 'objected'`, g.Tenant(), r.ID)
	if err == nil && n > 0 {
		err = fault.New(fault.Conflict, "还有 %d 个工会对数字有异议，不能定稿。请退回修改、重新汇总，或请其核对后改为无误。", n)
	}
	if err != nil {
		return err
	}
	hash, err := sealed(ctx, tx, g.Tenant(), r.ID, r.Hash)
	if err == nil {
		_, err = tx.Exec(ctx, `UPDATE yearly_returns SET hash = $1 WHERE tenant_id = $2 AND id = $3`, hash, g.Tenant(), r.ID)
	}
	return err
}

// ReviewForm is what a union says of its figures.
type ReviewForm struct {
	ID    string `json:"id" doc:"编号"`
	Right bool   `json:"right" doc:"数字无误"`
	Words string `json:"words" doc:"哪里不对"`
	Women int64  `json:"staff_women" doc:"女职工人数"`
}

// Confirm keeps what the union at the top of g's reach says of its figures; it
// may say otherwise until the return is frozen.
func Confirm(ctx context.Context, tx *sqldb.Tx, g auth.Grant, f ReviewForm, at day.Instant) (Return, error) {
	r, err := find(ctx, tx, g, f.ID)
	if err != nil {
		return r, err
	}
	units, err := unitsOf(ctx, tx, g, r, "")
	if err != nil {
		return r, err
	}
	if len(units) == 0 || units[0].UnionID != g.Under() {
		return r, fault.New(fault.NotFound, "这份年报里没有本会的数字。")
	}
	fields := map[string]string{}
	f.Words = strings.TrimSpace(f.Words)
	if !f.Right && f.Words == "" {
		fields["words"] = "哪里不对：请写明哪个数字不对，应是多少"
	}
	if utf8.RuneCountInString(f.Words) > 500 {
		fields["words"] = "哪里不对：最多 500 个字"
	}
	if staff := units[0].Own[nStaff]; f.Women < 0 || f.Women > staff {
		fields["staff_women"] = fmt.Sprintf("女职工人数：请填 0 到 %d，不能多于职工人数", staff)
	}
	if len(fields) > 0 {
		return r, &fault.Error{Kind: fault.Invalid, Text: "核对意见没有提交，请按提示改正。", Fields: fields}
	}
	// the return is the head that the freezing waits at
	n, err := tx.Exec(ctx, `UPDATE yearly_returns SET people = people WHERE tenant_id = $1 AND id = $2 AND state IN ('draft', 'checked') AND pass = $3`, g.Tenant(), r.ID, r.pass)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "年报现在是“%s”，不能再改核对意见。", Procedure.Labels[r.State])
	}
	if err != nil {
		return r, err
	}
	state := map[bool]string{true: confirmed, false: objected}[f.Right]
	id, err := sqldb.One(ctx, tx, sqldb.Text, `
		INSERT INTO yearly_reviews (tenant_id, id, return_id, union_id, state, words, staff_women, account_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (tenant_id, return_id, union_id) DO UPDATE SET state = excluded.state, words = excluded.words, staff_women = excluded.staff_women, account_id = excluded.account_id, at = excluded.at
		RETURNING id`, g.Tenant(), sqldb.NewID(), r.ID, g.Under(), state, null(f.Words), f.Women, g.Account(), string(at))
	if err != nil {
		return r, err
	}
	return r, audit.Write(ctx, tx, g, r.ID, map[string]any{"did": state, "union": units[0].Name, "words": f.Words, "staff_women": f.Women}, at, audit.Touched{Table: "yearly_reviews", ID: id})
}

// null spells "nothing" as the database does, for a statement that returns.
func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}
