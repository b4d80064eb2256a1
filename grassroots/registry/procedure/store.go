package procedure

import (
	"context"
	"encoding/json"
	"fmt"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/law"
)

const caseColumns = `c.id, c.kind, c.union_id, u.code, u.name, c.title, c.state, c.level, c.chain, c.fields, c.registered, c.account_id, c.made, c.submitted,
	c.entered, c.clock, c.days, c.due, c.alert_on, c.alerted, c.prolonged, c.outer_doc, c.outer_on, c.series, coalesce(c.reply_year, 0), coalesce(c.reply_no, 0),
	c.reply, c.reply_on, c.ended, c.result_id, c.version`

const fromCases = ` FROM cases c JOIN unions u ON u.tenant_id = c.tenant_id AND u.id = c.union_id`

// withinReach narrows cases to those that hang on a union below the grant's.
const withinReach = ` WHERE c.tenant_id = $1 AND EXISTS (
	SELECT 1 FROM union_reach r WHERE r.tenant_id = c.tenant_id AND r.above_id = $2 AND r.union_id = c.union_id)`

const selectCases = `SELECT ` + caseColumns + fromCases + withinReach

func scanCase(row sqldb.Row) (c Case, err error) {
	var chain, fields, registered string
	err = row(&c.ID, &c.Kind, &c.Union.ID, &c.Union.Code, &c.Union.Name, &c.Title, &c.State, &c.Level, &chain, &fields, &registered, &c.Account, &c.Made, &c.Submitted,
		&c.Entered, &c.Clock, &c.Days, &c.Due, &c.AlertOn, &c.Alerted, &c.Prolonged, &c.OuterDoc, &c.OuterOn, &c.Series, &c.ReplyYear, &c.ReplyNo,
		&c.Reply, &c.ReplyOn, &c.Ended, &c.Result, &c.Version)
	if err == nil {
		err = json.Unmarshal([]byte(fields), &c.Fields)
	}
	if err == nil && registered != "" {
		err = json.Unmarshal([]byte(registered), &c.Registered)
	}
	if err == nil && chain != "" {
		c.Chain, err = law.Param{Kind: law.Ladder, Value: chain}.Chain()
	}
	return c, err
}

// Find returns the case with the id, or fault.NotFound where g does not reach
// the union it hangs on.
func Find(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Case, error) {
	return sqldb.One(ctx, tx, scanCase, selectCases+` AND c.id = $3`, g.Tenant(), g.Under(), id)
}

// hold touches the case's row, so that whatever else wants to move it waits,
// and refuses a version that is no longer the latest; 0 asks for none.
func hold(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64) (Case, error) {
	if _, err := tx.Exec(ctx, `UPDATE cases SET version = version WHERE tenant_id = $1 AND id = $2`, g.Tenant(), id); err != nil {
		return Case{}, err
	}
	c, err := Find(ctx, tx, g, id)
	if err == nil && version != 0 && c.Version != version {
		err = stale(c)
	}
	return c, err
}

func stale(c Case) error {
	return fault.New(fault.Conflict, "“%s”刚刚已由他人办理过，请刷新页面后再办。", c.Title)
}

func text(v map[string]string) string {
	if v == nil {
		return ""
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // texts can always be written
	}
	return string(b)
}

// insert writes a new case.
func insert(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, c Case) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO cases (tenant_id, id, kind, union_id, title, state, level, fields, account_id, made, entered, days, alerted, prolonged, version)
		VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9, $10, 0, 0, 0, 1)`,
		g.Tenant(), c.ID, string(c.Kind), c.Union.ID, c.Title, string(c.State), text(c.Fields), c.Account, string(c.Made), c.Entered)
	if err != nil {
		return err
	}
	return m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "cases", ID: c.ID})
}

// save writes all of a case on the version and from the state it was read in,
// and raises its version. Whoever was faster makes it fault.Conflict.
func save(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, from State, c *Case) error {
	var year, no any
	if c.ReplyNo > 0 {
		year, no = int64(c.ReplyYear), c.ReplyNo
	}
	n, err := tx.Exec(ctx, `
		UPDATE cases SET title = $1, state = $2, level = $3, chain = $4, fields = $5, registered = $6, submitted = $7, entered = $8, clock = $9, days = $10, due = $11,
			alert_on = $12, alerted = $13, prolonged = $14, outer_doc = $15, outer_on = $16, series = $17, reply_year = $18, reply_no = $19, reply = $20, reply_on = $21,
			ended = $22, result_id = $23, version = version + 1
		WHERE tenant_id = $24 AND id = $25 AND version = $26 AND state = $27`,
		c.Title, string(c.State), int64(c.Level), c.Chain.String(), text(c.Fields), text(c.Registered), string(c.Submitted), c.Entered, c.Clock, int64(c.Days), c.Due,
		c.AlertOn, int64(c.Alerted), int64(c.Prolonged), c.OuterDoc, c.OuterOn, c.Series, year, no, c.Reply, c.ReplyOn,
		string(c.Ended), c.Result, g.Tenant(), c.ID, c.Version, string(from))
	if err != nil {
		return fmt.Errorf("case %s: %w", c.ID, err)
	}
	if n == 0 {
		return stale(*c)
	}
	c.Version++
	return m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "cases", ID: c.ID})
}
