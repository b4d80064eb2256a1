package procedure

import (
	"context"
	"fmt"

	"unionhall/commons/rulebook"
	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/law"
)

// The series (字号) that replies are numbered in: one each for what becomes of
// unions and for the office's word on legal persons, so that no two papers
// bear one number.
const (
	replies  = "reply"   // 批复
	opinions = "opinion" // 意见
)

const counter = "case reply"

func seriesOf(k Kind) string {
	if k.Legal() {
		return opinions
	}
	return replies
}

func scopeOf(series string, year int) string { return fmt.Sprintf("%s %d", series, year) }

// number gives the case the next number of its series and the year of today,
// by the office's own pattern. The counter's row is touched in the same
// transaction: a number whose act fails is the next one's, so there is no gap.
//
// law: PL-26
func (c *Case) number(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day) error {
	book, err := rulebook.Of(ctx, tx, g.Tenant())
	if err != nil {
		return err
	}
	series := seriesOf(c.Kind)
	pattern, err := book.Pattern("reply.pattern", law.PlaceOf(g.Tenant()), today)
	if series == opinions {
		pattern, err = book.Pattern("opinion.pattern", law.PlaceOf(g.Tenant()), today)
	}
	if err != nil {
		return err
	}
	n, err := registry.Next(ctx, tx, g.Tenant(), counter, scopeOf(series, today.Year()), 1)
	c.Series, c.ReplyYear, c.ReplyNo, c.Reply, c.ReplyOn = series, today.Year(), n, pattern.Of(today.Year(), n), today
	return err
}

// Verify proves that the numbers of each series and year run from 1 to the
// counter without a gap.
// The command verify asks.
//
// law: PL-26
func Verify(ctx context.Context, tx *sqldb.Tx, tenant int64) ([]audit.Finding, error) {
	type run struct {
		scope string
		n     int64
	}
	scan := func(row sqldb.Row) (r run, err error) { return r, row(&r.scope, &r.n) }
	counters, err := sqldb.List(ctx, tx, scan, `SELECT scope, last FROM counters WHERE tenant_id = $1 AND kind = $2 ORDER BY scope`, tenant, counter)
	if err != nil {
		return nil, err
	}
	type given struct {
		series         string
		year, low, top int64
		n              int64
	}
	have := map[string]given{}
	err = sqldb.Each(ctx, tx, func(row sqldb.Row) (v given, err error) { return v, row(&v.series, &v.year, &v.low, &v.top, &v.n) },
		func(v given) error { have[scopeOf(v.series, int(v.year))] = v; return nil },
		`SELECT series, reply_year, min(reply_no), max(reply_no), count(*) FROM cases WHERE tenant_id = $1 AND series IS NOT NULL GROUP BY series, reply_year`, tenant)
	if err != nil {
		return nil, err
	}
	var out []audit.Finding
	for _, r := range counters {
		v := have[r.scope]
		if v.n != r.n || v.n > 0 && (v.low != 1 || v.top != r.n) {
			out = append(out, audit.Finding{Where: "cases " + r.scope, What: fmt.Sprintf("批复的文号不连续：编到第 %d 号，有 %d 件", r.n, v.n)})
		}
		delete(have, r.scope)
	}
	for scope := range have {
		out = append(out, audit.Finding{Where: "cases " + scope, What: "批复的文号没有计数"})
	}
	return out, nil
}
