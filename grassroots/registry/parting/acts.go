package parting

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"unionhall/commons/rulebook"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
	"unionhall/law"
)

const columns = `p.id, p.member_id, m.name, p.union_id, u.code, u.name, p.kind, p.state, p.since, p.reason, p.opened, p.ended, p.version`

const from = `
	FROM partings p
	JOIN members m ON m.tenant_id = p.tenant_id AND m.id = p.member_id
	JOIN unions u ON u.tenant_id = p.tenant_id AND u.id = p.union_id
	WHERE p.tenant_id = $1 AND p.union_id IN (SELECT r.union_id FROM union_reach r WHERE r.tenant_id = $1 AND r.above_id = $2)`

func scan(row sqldb.Row) (m Matter, err error) {
	err = row(&m.ID, &m.MemberID, &m.Name, &m.Union.ID, &m.Union.Code, &m.Union.Name, &m.Kind, &m.State, &m.Since, &m.Reason, &m.Opened, &m.Ended, &m.Version)
	return m, err
}

// Find returns a matter within g's reach, or fault.NotFound.
func Find(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Matter, error) {
	return sqldb.One(ctx, tx, scan, `SELECT `+columns+from+` AND p.id = $3`, g.Tenant(), g.Under(), id)
}

// Query narrows the list.
type Query struct {
	Done  bool   `json:"done" doc:"已办结"`
	After string `json:"after" doc:"从哪一条之后"`
	Limit int    `json:"limit" doc:"条数"`
}

// List returns the matters within g's reach, the latest first: those that wait,
// or those that have ended.
func List(ctx context.Context, tx *sqldb.Tx, g auth.Grant, q Query) ([]Matter, error) {
	if q.After == "" {
		q.After = "~"
	}
	text := `SELECT ` + columns + from + ` AND p.ended IS NULL`
	if q.Done {
		text = `SELECT ` + columns + from + ` AND p.ended IS NOT NULL`
	}
	return sqldb.List(ctx, tx, scan, text+` AND p.id < $3 ORDER BY p.id DESC LIMIT $4`, g.Tenant(), g.Under(), q.After, int64(q.Limit))
}

// Deed is what the log tells of a matter.
type Deed struct {
	Did      string `json:"did"`
	Member   string `json:"member"`
	Kind     string `json:"kind"`
	Reason   string `json:"reason,omitempty"`
	Document string `json:"document,omitempty"`
}

// Opening puts a member on the list.
type Opening struct {
	Member string `json:"member" doc:"会员"`
	Kind   Kind   `json:"kind" doc:"事由"`
	Since  string `json:"since" doc:"从哪个月起"`
	Reason string `json:"reason" doc:"情况"`
}

// check refuses what the clause does not allow.
//
// law: MEM-21, MEM-24
func (o *Opening) check(months int, today day.Day) error {
	o.Since, o.Reason = strings.TrimSpace(o.Since), strings.TrimSpace(o.Reason)
	fields := map[string]string{}
	if o.Kind != Unpaid && o.Kind != Crime {
		fields["kind"] = "事由：请从列表中选择"
	}
	if n := utf8.RuneCountInString(o.Reason); n == 0 || n > 500 {
		fields["reason"] = "情况：请用 1 到 500 个字写明"
	}
	if o.Kind == Unpaid {
		if _, err := day.Parse(o.Since + "-01"); err != nil {
			fields["since"] = "从哪个月起：请按 2026-03 的样子填写"
		} else if n := Months(o.Since, today); n < months {
			fields["since"] = fmt.Sprintf("从哪个月起：至今只有 %d 个月，满 %d 个月才能列入", max(0, n), months)
		}
	} else {
		o.Since = ""
	}
	if len(fields) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Invalid, Rule: o.Kind.rule(), Text: "请按提示改正后再提交。", Fields: fields}
}

// Open puts a member within g's reach on the list. Who is on it already is
// fault.Conflict.
//
// law: MEM-22, MEM-24
func Open(ctx context.Context, tx *sqldb.Tx, g auth.Grant, o Opening, at day.Instant) (Matter, error) {
	who, err := member.Find(ctx, tx, g, o.Member)
	if err != nil {
		return Matter{}, err
	}
	months, err := lapseMonths(ctx, tx, g.Tenant(), at.Day())
	if err != nil {
		return Matter{}, err
	}
	if err := o.check(months, at.Day()); err != nil {
		return Matter{}, err
	}
	switch {
	case who.ID == g.Self():
		return Matter{}, fault.ByRule(fault.Denied, o.Kind.rule(), "不能办理与本人有关的事项，请由他人办理。")
	case who.Status != member.Active && !(who.Status == member.Retained && o.Kind == Crime):
		return Matter{}, fault.ByRule(fault.Conflict, o.Kind.rule(), "%s现在是“%s”，不能办理这一步。", who.Person.Name, who.Status.Label())
	}
	m := Matter{ID: sqldb.NewID(), MemberID: who.ID, Name: who.Person.Name, Union: who.Union, Kind: o.Kind, State: Listed, Since: o.Since, Reason: o.Reason, Opened: at, Version: 1}
	if o.Kind == Crime {
		m.State = Opened
	}
	_, err = tx.Exec(ctx, `INSERT INTO partings (tenant_id, id, member_id, union_id, kind, state, since, reason, opened, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)`,
		g.Tenant(), m.ID, m.MemberID, m.Union.ID, string(m.Kind), string(m.State), m.Since, m.Reason, string(at))
	if fault.Of(err).Kind == fault.Conflict {
		return m, errors.Join(fault.ByRule(fault.Conflict, o.Kind.rule(), "%s已经在名单里，请接着办理。", m.Name), err)
	}
	if err != nil {
		return m, err
	}
	moves := audit.Moves{}
	if err := moves.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "partings", ID: m.ID}); err != nil {
		return m, err
	}
	if err := Procedure.Trace(ctx, tx, g, moves, m.ID, "", m.State, flow.Given{Words: o.Reason}, at); err != nil {
		return m, err
	}
	return m, moves.Write(ctx, tx, g, m.ID, Deed{Did: "listed", Member: m.MemberID, Kind: m.Kind.Label(), Reason: o.Reason}, at)
}

func lapseMonths(ctx context.Context, tx *sqldb.Tx, tenant int64, on day.Day) (int, error) {
	book, err := rulebook.Of(ctx, tx, tenant)
	if err != nil {
		return 0, err
	}
	return book.Int("member.autoleave.months", law.PlaceOf(tenant), on)
}

// Advance takes the step that g's action names on a matter, in the version that
// was read; a decision of the committee also ends the membership. vote is how
// it voted, of a decision alone.
//
// law: MEM-21, MEM-22, MEM-23
func Advance(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, v flow.Given, vote Meeting, at day.Instant) (Matter, error) {
	m, err := Find(ctx, tx, g, id)
	if err != nil {
		return m, err
	}
	if version != 0 && version != m.Version {
		return m, fault.New(fault.Conflict, "%s的事刚刚已由他人办过，现在是“%s”。请刷新后再看。", m.Name, m.State.Label())
	}
	moves := audit.Moves{}
	decides := g.Action() == Lapse || g.Action() == Expel
	if decides {
		if _, err := Procedure.Take(m.State, g.Action(), flow.WhoOf(g), m.MemberID, nil); err != nil {
			return m, err
		}
		if err := vote.Check(); err != nil {
			return m, err
		}
		told := fmt.Sprintf("应到 %d 人，到会 %d 人，同意 %d 人", vote.Due, vote.Present, vote.Agreed)
		if v.Words != "" {
			told += "；" + v.Words
		}
		v.Words = told
	}
	step, err := Procedure.Advance(ctx, tx, g, moves, m.ID, m.State, m.MemberID, v, at)
	if err != nil {
		return m, err
	}
	now := m
	now.State, now.Version = step.To, m.Version+1
	if Procedure.Ends(step.To) {
		now.Ended = at
	}
	n, err := tx.Exec(ctx, `UPDATE partings SET state = $1, ended = $2, version = version + 1 WHERE tenant_id = $3 AND id = $4 AND state = $5 AND version = $6`,
		string(now.State), string(now.Ended), g.Tenant(), m.ID, string(m.State), m.Version)
	if err != nil {
		return m, err
	}
	if n == 0 {
		return m, fault.New(fault.Conflict, "%s的事刚刚已由他人办过，请刷新后再看。", m.Name)
	}
	if err := moves.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "partings", ID: m.ID}); err != nil {
		return m, err
	}
	if decides {
		s, code := member.Leave, "15"
		if g.Action() == Expel {
			s, code = member.Expel, "6"
		}
		if _, err := member.Alter(ctx, tx, g.For(member.Change), m.MemberID, 0, s, member.Paper{Reason: code, Words: m.Reason[:cut(m.Reason, 150)], Document: v.Document}, at); err != nil {
			return m, err
		}
	}
	return now, moves.Write(ctx, tx, g, m.ID, Deed{Did: string(now.State), Member: m.MemberID, Kind: m.Kind.Label(), Reason: v.Words, Document: v.Document}, at)
}

// cut is where the first n characters of a text end.
func cut(s string, n int) int {
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}
