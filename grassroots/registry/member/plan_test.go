package member

import (
	"regexp"
	"strings"
	"testing"

	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
	"unionhall/kit/zh"
	"unionhall/schema/dbtest"
)

// Lists are read along an index: nothing is sorted but the few, and no table
// is read through.
func TestListsAreReadAlongAnIndex(t *testing.T) {
	o := newOffice(t, dbtest.SQLite(t), tenant, 6)
	o.enrol(o.crowd(600)...)
	o.view(func(tx *sqldb.Tx) error {
		for _, c := range []struct {
			g     auth.Grant
			q     Query
			size  int64 // as if so many were meant
			plan  string
			sorts bool
		}{
			{o.officer(Look), Query{}, 300000, "members_name", false},
			{o.officer(Look), Query{Sort: "-name", After: "a~b"}, 300000, "members_name", false},
			{o.officer(Look), Query{Sort: "joined", After: "2001-01-01~b"}, 300000, "members_joined", false},
			{o.officer(Look), Query{Sort: "-joined", From: "2001-01-01", To: "2002-01-01"}, 300000, "members_joined", false},
			{o.officer(Look), Query{From: "2001-01-01", Status: Active}, 300000, "members_name", false},
			{o.officer(Look), Query{From: "2001-01-01", To: "2001-01-02"}, 300000, "members_joined", true},
			{o.chair(0, Look), Query{To: "2001-01-02", After: "a~b"}, 9000, "members_joined", true},
			{o.officer(Look), Query{Status: Retained}, 15000, "members_few", false},
			{o.officer(Look), Query{Status: Retained, Sort: "joined"}, 15000, "members_joined", false},
			{o.officer(Look), Query{Status: Deceased, Sort: "joined"}, 100, "members_few", true},
			{o.officer(Look), Query{Sex: Unknown}, 20, "members_sexless", false},
			{o.officer(Look), Query{Union: o.unions[3].Code, After: "a~b"}, 900, "members_union", false},
			{o.officer(Look), Query{Union: o.unions[3].Code, Sort: "-joined", After: "2001-01-01~b"}, 900, "members_union", true},
			{o.officer(Look), Query{Union: o.unions[3].Code, Sort: "-joined"}, 900, "members_union", true},
			{o.officer(Look), Query{Union: o.unions[3].Code, Sort: "joined", From: "2001-01-01", To: "2002-01-01"}, 900, "members_union", true},
			{o.officer(Look), Query{Union: o.unions[3].Code, Sort: "joined", To: "2002-01-01", After: "2001-05-01~b"}, 900, "members_union", true},
			{o.officer(Look), Query{Union: o.unions[3].Code, Sort: "joined", After: "2001-05-01~b"}, 9000, "members_joined", false},
			{o.chair(0, Look), Query{}, 400, "members_union", true},
			{o.chair(0, Look), Query{Sort: "joined"}, 400, "members_union", true},
			{o.chair(0, Look), Query{}, 9000, "members_name", false},
			{o.chair(0, Look), Query{Sort: "-joined"}, 9000, "members_joined", false},
		} {
			s, err := ready(ctx, tx, c.g, c.q)
			if err != nil {
				return err
			}
			s.size, s.picked = c.size, c.plan == "members_joined" && c.sorts
			column := "m.name_key"
			if strings.HasSuffix(s.q.Sort, "joined") {
				column = "m.joined"
			}
			q := s.stretchText(column, "", s.q.After, 51)
			plan := explain(t, tx, q, s.args)
			if !strings.Contains(plan, "m USING INDEX "+c.plan+" ") && !strings.Contains(plan, "m USING COVERING INDEX "+c.plan+" ") || scans.MatchString(plan) || !c.sorts && strings.Contains(plan, "TEMP B-TREE") {
				t.Errorf("%+v\n%s\n%s", c.q, q, plan)
			}
			for _, typed := range []string{"王", "王建国", "wang", "0012", "王 jg"} {
				s.q.Q, s.terms = typed, zh.Query(typed)
				lead, _ := leading(s.terms)
				for at, w := range s.ways(lead) {
					q := s.tokensText(lead, w, "a~b~c", 51)
					plan := explain(t, tx, q, s.args)
					if !strings.Contains(plan, "SEARCH k USING PRIMARY KEY (tenant_id=? AND token") || scans.MatchString(plan) || strings.Contains(plan, "TEMP B-TREE") {
						t.Errorf("%s on way %d\n%s\n%s", typed, at, q, plan)
					}
				}
			}
		}
		return nil
	})
}

// scans finds a table that is read through; k is the few that were picked.
var scans = regexp.MustCompile(`SCAN [^k]`)

func explain(t *testing.T, tx *sqldb.Tx, q string, args []any) string {
	t.Helper()
	var out []string
	err := sqldb.Records(tx, func(r sqldb.Record) error {
		for i, c := range r.Columns {
			if c == "detail" {
				out = append(out, r.Values[i].(string))
			}
		}
		return nil
	}, "EXPLAIN QUERY PLAN "+q, args...)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(out, "\n")
}
