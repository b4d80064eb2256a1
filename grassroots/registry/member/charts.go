package member

import (
	"cmp"
	"context"
	"slices"

	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

// Charts are the members of a union and all below it in figures.
//
// law: MEM-19
type Charts struct {
	Union    registry.Ref   `json:"union"`
	Counted  int64          `json:"counted"` // who stand in the statistics
	Unions   []UnionCount   `json:"unions"`
	Months   []MonthCount   `json:"months"`
	Statuses []StatusCount  `json:"statuses"`
	Ages     []AgeCount     `json:"ages"`
	top      string         // the code asked for; empty: the own office
	below    []registry.Ref // unions that the page may turn to
	today    day.Day
}

// UnionCount is a union directly below with the counted members of it and all
// below it.
type UnionCount struct {
	Code    string `json:"code"`
	Name    string `json:"name"`
	Members int64  `json:"members"`
	Women   int64  `json:"women"`
}

// MonthCount is who joined and who left in a month.
type MonthCount struct {
	Month  string `json:"month"` // 2026-11
	Joined int64  `json:"joined"`
	Left   int64  `json:"left"`
}

// StatusCount is how many memberships stand so, by sex.
type StatusCount struct {
	Status Status `json:"status"`
	Men    int64  `json:"men"`
	Women  int64  `json:"women"`
	Others int64  `json:"others"` // whose sex is not told
}

// All is everybody in the status.
func (c StatusCount) All() int64 { return c.Men + c.Women + c.Others }

// AgeCount is how many counted members are of an age.
type AgeCount struct {
	Label   string  `json:"label"`
	Members int64   `json:"members"`
	from    day.Day // born between these days
	to      day.Day
}

// chartMonths is how far back the chart by month goes.
const chartMonths = 36

// ChartsOf adds up the figures under the union with the code, or all within
// g's reach.
func ChartsOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, code string, today day.Day) (Charts, error) {
	s, err := ready(ctx, tx, g, Query{Union: code})
	if err != nil {
		return Charts{}, err
	}
	c := Charts{Union: s.top, top: code, today: today}
	if c.Unions, err = unionCounts(ctx, tx, g.Tenant(), s.top.ID); err != nil {
		return c, err
	}
	if c.Statuses, err = statusCounts(ctx, tx, g.Tenant(), s.top.ID); err != nil {
		return c, err
	}
	for _, n := range c.Statuses {
		if n.Status.Counts() {
			c.Counted += n.All()
		}
	}
	if c.Months, err = monthCounts(ctx, tx, g.Tenant(), s.top.ID, today); err != nil {
		return c, err
	}
	c.Ages, err = ageCounts(ctx, tx, g.Tenant(), s.top.ID, today)
	return c, err
}

// unionCounts adds up the unions directly below, the largest first; those that
// belong to the top itself stand under its own name.
func unionCounts(ctx context.Context, tx *sqldb.Tx, tenant int64, top string) ([]UnionCount, error) {
	out, err := sqldb.List(ctx, tx, func(row sqldb.Row) (u UnionCount, err error) {
		return u, row(&u.Code, &u.Name, &u.Members, &u.Women)
	}, `
		SELECT c.code, coalesce(c.short_name, c.name), cast(sum(f.n) AS bigint), cast(sum(CASE WHEN f.sex = 'female' THEN f.n ELSE 0 END) AS bigint)
		FROM unions c
		CROSS JOIN union_reach r
		CROSS JOIN member_figures f
		WHERE c.tenant_id = $1 AND (c.parent_id = $2 OR c.id = $2)
			AND r.tenant_id = c.tenant_id AND r.above_id = c.id AND (c.id <> $2 OR r.union_id = $2)
			AND f.tenant_id = r.tenant_id AND f.union_id = r.union_id AND f.status IN ('active', 'transferring')
		GROUP BY c.code, coalesce(c.short_name, c.name)`, tenant, top)
	out = slices.DeleteFunc(out, func(u UnionCount) bool { return u.Members == 0 })
	slices.SortFunc(out, func(a, b UnionCount) int {
		return cmp.Or(cmp.Compare(b.Members, a.Members), cmp.Compare(a.Code, b.Code))
	})
	return out, err
}

func statusCounts(ctx context.Context, tx *sqldb.Tx, tenant int64, top string) ([]StatusCount, error) {
	type cell struct {
		status Status
		sex    Sex
		n      int64
	}
	sums := map[Status]*StatusCount{}
	err := sqldb.Each(ctx, tx, func(row sqldb.Row) (c cell, err error) { return c, row(&c.status, &c.sex, &c.n) }, func(c cell) error {
		if sums[c.status] == nil {
			sums[c.status] = &StatusCount{Status: c.status}
		}
		switch c.sex {
		case Male:
			sums[c.status].Men += c.n
		case Female:
			sums[c.status].Women += c.n
		default:
			sums[c.status].Others += c.n
		}
		return nil
	}, `
		SELECT f.status, f.sex, cast(sum(f.n) AS bigint)
		FROM union_reach r
		CROSS JOIN member_figures f
		WHERE r.tenant_id = $1 AND r.above_id = $2 AND f.tenant_id = r.tenant_id AND f.union_id = r.union_id
		GROUP BY f.status, f.sex`, tenant, top)
	out := []StatusCount{}
	for _, s := range Statuses {
		if c := sums[s]; c != nil && c.All() > 0 {
			out = append(out, *c)
		}
	}
	return out, err
}

// monthCounts lists the last months, those without anybody too.
func monthCounts(ctx context.Context, tx *sqldb.Tx, tenant int64, top string, today day.Day) ([]MonthCount, error) {
	first := today.MonthStart().AddMonths(1 - chartMonths)
	out, at := make([]MonthCount, chartMonths), map[string]int{}
	for i := range out {
		out[i].Month = string(first.AddMonths(i)[:7])
		at[out[i].Month] = i
	}
	return out, sqldb.Each(ctx, tx, func(row sqldb.Row) (m MonthCount, err error) { return m, row(&m.Month, &m.Joined, &m.Left) }, func(m MonthCount) error {
		if i, ok := at[m.Month]; ok {
			out[i] = m
		}
		return nil
	}, `
		SELECT n.month, cast(sum(n.joined) AS bigint), cast(sum(n.gone) AS bigint)
		FROM union_reach r
		CROSS JOIN member_months n
		WHERE r.tenant_id = $1 AND r.above_id = $2 AND n.tenant_id = r.tenant_id AND n.union_id = r.union_id AND n.month >= $3
		GROUP BY n.month`, tenant, top, string(first[:7]))
}

// ages are the bands of the chart; each goes up to the next.
var ages = []struct {
	from  int
	label string
}{{0, "30 岁以下"}, {30, "30–39 岁"}, {40, "40–49 岁"}, {50, "50–59 岁"}, {60, "60 岁以上"}}

// ageCounts adds up years of birth; an age is that of the end of this year.
func ageCounts(ctx context.Context, tx *sqldb.Tx, tenant int64, top string, today day.Day) ([]AgeCount, error) {
	out := make([]AgeCount, len(ages))
	for i, a := range ages {
		out[i].Label = a.label
		out[i].to = day.Day(itoa(today.Year()-a.from) + "-12-31")
		if i+1 < len(ages) {
			out[i].from = day.Day(itoa(today.Year()-ages[i+1].from+1) + "-01-01")
		}
	}
	type year struct {
		born day.Day // its first four digits
		n    int64
	}
	return out, sqldb.Each(ctx, tx, func(row sqldb.Row) (y year, err error) { return y, row(&y.born, &y.n) }, func(y year) error {
		age := today.Year() - (y.born + "-01-01").Year()
		for i := len(ages) - 1; i >= 0; i-- {
			if age >= ages[i].from || i == 0 {
				out[i].Members += y.n
				break
			}
		}
		return nil
	}, `
		SELECT y.born, cast(sum(y.n) AS bigint)
		FROM union_reach r
		CROSS JOIN member_years y
		WHERE r.tenant_id = $1 AND r.above_id = $2 AND y.tenant_id = r.tenant_id AND y.union_id = r.union_id
		GROUP BY y.born`, tenant, top)
}
