package yearly

import (
	"context"
	"fmt"
	"strings"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/job"
	"unionhall/kit/sqldb"
)

const countWork = "yearly.count"

// Works tells the runner how the jobs of this room are done.
func (rm *Room) Works() map[string]job.Work { return map[string]job.Work{countWork: countJob} }

// order is what the job is told.
type order struct {
	Return string `json:"return"`
	Under  string `json:"under"`
}

// pieceRows is how many rows one transaction writes.
const pieceRows = 2000

// countJob counts a return and keeps what it counted as a new pass; only the
// last transaction makes that the pass that holds. Cut off, it begins anew.
func countJob(ctx context.Context, t *job.Turn) (string, error) {
	var o order
	if err := t.In(&o); err != nil {
		return "", err
	}
	var r Return
	var c counted
	g := auth.System(t.Tenant, "system", Count, o.Under)
	err := t.DB.View(ctx, func(tx *sqldb.Tx) (err error) {
		if r, err = sqldb.One(ctx, tx, scanReturn, selectReturns+` AND y.id = $2`, t.Tenant, o.Return); err != nil || r.State != Counting {
			return err
		}
		moving, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM imports WHERE tenant_id = $1 AND state IN ('applying', 'undoing')`, t.Tenant)
		if err != nil {
			return err
		}
		if moving > 0 {
			return fault.New(fault.Busy, "正在写入导入的名单，写完后自动接着汇总。")
		}
		c, err = tally(ctx, tx, g, r.On)
		return err
	})
	if err != nil || r.State != Counting {
		return r.Place(), err
	}
	k := keeping{t, r, c, r.pass + 1}
	if err := k.write(ctx); err != nil {
		return "", err
	}
	if err := k.settle(ctx, g); err != nil {
		return "", err
	}
	return r.Place(), k.clear(ctx, r.pass+1, false)
}

type keeping struct {
	t    *job.Turn
	r    Return
	c    counted
	pass int64
}

// write keeps the rows of the new pass, in pieces.
func (k keeping) write(ctx context.Context) error {
	if err := k.clear(ctx, k.pass, true); err != nil {
		return err
	}
	var units, people [][]any
	done := int64(0)
	put := func(table, columns string, rows *[][]any, all bool) error {
		for len(*rows) >= pieceRows || all && len(*rows) > 0 {
			n := min(pieceRows, len(*rows))
			err := k.t.DB.Chunk(ctx, func(tx *sqldb.Tx) error { return tx.Insert(ctx, table, columns, (*rows)[:n]) })
			if err != nil {
				return err
			}
			*rows = (*rows)[n:]
			if done += int64(n); done%(10*pieceRows) == 0 {
				if err := k.t.Step(ctx, done, k.c.n, "正在保存名单"); err != nil {
					return err
				}
			}
		}
		return nil
	}
	const unitColumns = `tenant_id, return_id, pass, ord, last, depth, union_id, code, name, kind, organ_kind, figures`
	const peopleColumns = `tenant_id, return_id, pass, ord, name_key, member_id, name, bits`
	for i, u := range k.c.units {
		units = append(units, []any{k.t.Tenant, k.r.ID, k.pass, u.Ord, u.Last, u.Depth, u.UnionID, u.Code, u.Name, string(u.Kind), u.Organ, u.Own.String()})
		for _, p := range k.c.people[i] {
			people = append(people, []any{k.t.Tenant, k.r.ID, k.pass, u.Ord, p.key, p.id, p.name, p.bits})
		}
		if err := put("yearly_people", peopleColumns, &people, false); err != nil {
			return err
		}
	}
	if err := put("yearly_people", peopleColumns, &people, true); err != nil {
		return err
	}
	return put("yearly_units", unitColumns, &units, true)
}

// clear removes the rows of a pass, or with not of all but that pass.
func (k keeping) clear(ctx context.Context, pass int64, is bool) error {
	same := map[bool]string{true: "=", false: "<>"}[is]
	for _, table := range []string{"yearly_people", "yearly_units"} {
		for more := true; more; {
			err := k.t.DB.Chunk(ctx, func(tx *sqldb.Tx) error {
				spans, err := sqldb.List(ctx, tx, func(row sqldb.Row) (s [2]int64, err error) { return s, row(&s[0], &s[1]) }, strings.ReplaceAll(`
					SELECT y.pass, y.ord FROM TABLE y WHERE y.tenant_id = $1 AND y.return_id = $2 AND y.pass `+same+` $3 LIMIT 1`, "TABLE", table), k.t.Tenant, k.r.ID, pass)
				if more = len(spans) > 0; err != nil || !more {
					return err
				}
				_, err = tx.Exec(ctx, strings.ReplaceAll(`DELETE FROM TABLE WHERE tenant_id = $1 AND return_id = $2 AND pass = $3 AND ord >= $4 AND ord < $5`, "TABLE", table),
					k.t.Tenant, k.r.ID, spans[0][0], spans[0][1], spans[0][1]+10)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// settle makes the new pass the one that holds, and the return a draft. What
// unions said of figures that changed is void.
func (k keeping) settle(ctx context.Context, g auth.Grant) error {
	at := k.t.Now()
	return k.t.DB.Chunk(ctx, func(tx *sqldb.Tx) error { return settle(ctx, tx, g, k.r, k.c, k.pass, at) })
}

func settle(ctx context.Context, tx *sqldb.Tx, g auth.Grant, r Return, c counted, pass int64, at day.Instant) error {
	n, err := tx.Exec(ctx, `
		UPDATE yearly_returns SET state = 'draft', pass = $1, people = $2, hash = $3, counted = $4, version = version + 1
		WHERE tenant_id = $5 AND id = $6 AND state = 'counting' AND pass = $7`, pass, c.n, c.hash(), string(at), g.Tenant(), r.ID, r.pass)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "这份年报刚刚已由别处汇总完成。")
	}
	if err != nil {
		return err
	}
	m := audit.Moves{}
	if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "yearly_returns", ID: r.ID}); err != nil {
		return err
	}
	if err := voidReviews(ctx, tx, g, m, r, c.units); err != nil {
		return err
	}
	if err := Procedure.Trace(ctx, tx, g, m, r.ID, Counting, Draft, flow.Given{}, at); err != nil {
		return err
	}
	total := Figures{}
	if len(c.units) > 0 {
		total = c.units[0].Sum
	}
	return m.Write(ctx, tx, g, r.ID, map[string]any{"did": "counted", "year": r.Year, "members": total[nMembers], "unions": total[nUnions]}, at)
}

// voidReviews removes what was said of figures that came out otherwise.
func voidReviews(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, r Return, units []Unit) error {
	if r.pass == 0 {
		return nil
	}
	type said struct{ id, union, figures string }
	all, err := sqldb.List(ctx, tx, func(row sqldb.Row) (s said, err error) { return s, row(&s.id, &s.union, &s.figures) }, `
		SELECT v.id, v.union_id, coalesce(u.figures, '') FROM yearly_reviews v
		LEFT JOIN yearly_units u ON u.tenant_id = v.tenant_id AND u.return_id = v.return_id AND u.pass = $3 AND u.union_id = v.union_id
		WHERE v.tenant_id = $1 AND v.return_id = $2`, g.Tenant(), r.ID, r.pass)
	if err != nil {
		return err
	}
	now := map[string]string{}
	for _, u := range units {
		now[u.UnionID] = u.Own.String()
	}
	for _, s := range all {
		if now[s.union] == s.figures {
			continue
		}
		if err := m.Removed(ctx, tx, g.Tenant(), audit.Touched{Table: "yearly_reviews", ID: s.id}); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM yearly_reviews WHERE tenant_id = $1 AND id = $2`, g.Tenant(), s.id); err != nil {
			return err
		}
	}
	return nil
}

// said is a line for the job's page.
func (r Return) job() string { return fmt.Sprintf("汇总%d年工会统计年报", r.Year) }
