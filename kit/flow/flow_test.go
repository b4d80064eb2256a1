package flow_test

import (
	"context"
	"strings"
	"testing"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/schema"
	"unionhall/schema/dbtest"
)

type state string

const (
	asked   state = "asked"
	checked state = "checked"
	granted state = "granted"
	refused state = "refused"
)

const (
	check  auth.Action = "test.check"
	grant  auth.Action = "test.grant"
	refuse auth.Action = "test.refuse"
)

var procedure = flow.Flow[state]{
	Labels: map[state]string{asked: "已申请", checked: "已审核", granted: "已批准", refused: "未批准"},
	Steps: []flow.Step[state]{
		{From: asked, Act: check, To: checked, By: []auth.Office{auth.Chair}, Apart: []auth.Action{flow.Subject}, Button: "审核"},
		{From: checked, Act: grant, To: granted, By: []auth.Office{auth.Officer, auth.Director}, Apart: []auth.Action{flow.Subject, check}, Button: "批准", Paper: true, Rule: "ORG-02"},
		{From: asked, Act: refuse, To: refused, By: []auth.Office{auth.Chair}, Button: "退回", Words: true},
		{From: checked, Act: refuse, To: refused, By: []auth.Office{auth.Officer}, Button: "退回", Words: true},
	},
}

const tenant = int64(2106000001)

func as(account string, o auth.Office, act auth.Action) auth.Grant {
	return auth.As(tenant, account, o, act, "root")
}

func TestTake(t *testing.T) {
	by := func(account string, o auth.Office) flow.Who {
		return flow.Who{Account: account, Self: account + "'s", Office: o}
	}
	past := []flow.Past[state]{{Act: check, Account: "zhou"}}
	for _, c := range []struct {
		name string
		from state
		act  auth.Action
		who  flow.Who
		past []flow.Past[state]
		want fault.Kind
	}{
		{"the chair checks", asked, check, by("zhou", auth.Chair), nil, ""},
		{"the chair's own matter", asked, check, by("li", auth.Chair), nil, fault.Denied},
		{"a member", asked, check, by("zhou", auth.Member), nil, fault.Denied},
		{"from a state that does not know it", granted, check, by("zhou", auth.Chair), nil, fault.Conflict},
		{"a second office may", checked, grant, by("wang", auth.Director), past, ""},
		{"who checked may not grant", checked, grant, by("zhou", auth.Officer), past, fault.Denied},
		{"nor under another account of the same member", checked, grant, flow.Who{Account: "other", Self: "m1", Office: auth.Officer}, []flow.Past[state]{{Act: check, Account: "zhou", Self: "m1"}}, fault.Denied},
		{"one act, two offices by state", checked, refuse, by("wang", auth.Chair), nil, fault.Denied},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := procedure.Take(c.from, c.act, c.who, "li's", c.past)
			if got := fault.Of(err).Kind; err != nil && got != c.want || err == nil && c.want != "" {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestTable(t *testing.T) {
	open := procedure.Open(checked, flow.Who{Account: "wang", Office: auth.Officer}, "", nil)
	if len(open) != 2 || open[0].Act != grant || open[1].Act != refuse {
		t.Errorf("open: %+v", open)
	}
	if !procedure.Ends(granted) || procedure.Ends(asked) || len(procedure.Next(asked)) != 2 {
		t.Error("ends")
	}
	if acts := procedure.Acts(); len(acts) != 3 {
		t.Errorf("acts: %v", acts)
	}
	roles := procedure.Grants()
	if len(roles[auth.Officer]) != 2 || len(roles[auth.Chair]) != 2 || len(roles[auth.Director]) != 1 {
		t.Errorf("grants: %v", roles)
	}
	if m := procedure.Matrix(); strings.Count(m, "\n") != 5 || !strings.Contains(m, "director\ttest.grant\tchecked -> granted\tapart [subject test.check]\tORG-02") {
		t.Errorf("matrix:\n%s", m)
	}
}

func TestAdvance(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		keys, err := seal.Create(t.TempDir() + "/keys.json")
		if err != nil {
			t.Fatal(err)
		}
		db.UseKeys(keys)
		ctx, at := context.Background(), day.Instant("2026-11-26T01:02:03.000000Z")
		thing := sqldb.NewID()
		step := func(g auth.Grant, from state, v flow.Given) error {
			return db.Do(ctx, func(tx *sqldb.Tx) error {
				m := audit.Moves{}
				if _, err := procedure.Advance(ctx, tx, g, m, thing, from, "", v, at); err != nil {
					return err
				}
				return m.Write(ctx, tx, g, thing, map[string]string{"did": "stepped"}, at)
			})
		}
		if err := step(as("zhou", auth.Chair, check), asked, flow.Given{}); err != nil {
			t.Fatal(err)
		}
		err = step(as("wang", auth.Officer, grant), checked, flow.Given{})
		if f := fault.Of(err); f.Kind != fault.Invalid || f.Rule != "ORG-02" || f.Fields["document"] == "" {
			t.Errorf("without a document: %v", err)
		}
		if err := step(as("zhou", auth.Officer, grant), checked, flow.Given{Document: "滨直工〔2026〕3号"}); fault.Of(err).Kind != fault.Denied {
			t.Errorf("who checked grants: %v", err)
		}
		if err := step(as("wang", auth.Officer, grant), checked, flow.Given{Document: "滨直工〔2026〕3号"}); err != nil {
			t.Fatal(err)
		}
		err = db.View(ctx, func(tx *sqldb.Tx) error {
			past, err := procedure.History(ctx, tx, as("wang", auth.Officer, grant), thing)
			if len(past) != 2 || past[0].Act != check || past[1].Document != "滨直工〔2026〕3号" || past[1].After != granted {
				t.Errorf("history: %+v", past)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		prove(t, db, 0)
		if err := db.Do(ctx, func(tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE steps SET account_id = 'somebody' WHERE tenant_id = $1 AND act = 'test.grant'`, tenant)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		prove(t, db, 1)
	})
}

// prove counts what verify finds amiss with the sealed rows.
func prove(t *testing.T, db *sqldb.DB, want int) {
	t.Helper()
	err := db.View(context.Background(), func(tx *sqldb.Tx) error {
		rep, err := audit.Verify(context.Background(), tx, tenant, schema.Sealed)
		if (len(rep.Findings) > 0) != (want > 0) {
			t.Errorf("findings: %+v", rep.Findings)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
