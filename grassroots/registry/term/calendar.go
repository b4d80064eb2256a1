package term

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
)

// Query is the filter row of the calendar; it stays in the address.
type Query struct {
	Kind  registry.BodyKind `json:"kind" doc:"机构"`
	State registry.Stage    `json:"state" doc:"届期状态"`
	Month string            `json:"month" doc:"届满的月份或季度"` // 2027-03, or 2027-Q1
	Union registry.Kind     `json:"union" doc:"组织类别"`
	Q     string            `json:"q" doc:"工会名称或编码"`
	View  string            `json:"view" doc:"显示方式"` // list or months
	After string            `json:"after" doc:"上一页末行"`
	Limit int               `json:"limit" doc:"每页行数"` // 1 to 200; empty: 50
}

// Row is one body with its term.
type Row struct {
	registry.Body
	Union string         `json:"union"`
	Code  string         `json:"code"`
	Stage registry.Stage `json:"stage"`
	Left  int            `json:"days_left"` // below nought: days past
}

// tidy fills in what was not asked for and refuses what can't be.
func (q *Query) tidy() error {
	if q.Limit < 1 || q.Limit > 200 {
		q.Limit = 50
	}
	q.Q = strings.TrimSpace(q.Q)
	if q.View != "months" {
		q.View = ""
	}
	if q.State != "" && !slices.Contains(registry.Stages, q.State) {
		return &fault.Error{Kind: fault.Invalid, Text: "没有这种届期状态。", Fields: map[string]string{"state": "届期状态：请从列出的几种里选"}}
	}
	if q.Month != "" && q.from() == "" {
		return &fault.Error{Kind: fault.Invalid, Text: "月份读不出来。", Fields: map[string]string{"month": "月份：应写成 2027-03，季度写成 2027-Q1"}}
	}
	return nil
}

// from and to are the days between which the terms end that Month names.
func (q Query) from() day.Day {
	year, rest, ok := strings.Cut(q.Month, "-")
	if quarter, is := strings.CutPrefix(rest, "Q"); is {
		n, err := strconv.Atoi(quarter)
		if err != nil || n < 1 || n > 4 {
			return ""
		}
		rest = ("0" + strconv.Itoa(3*n-2))[len(strconv.Itoa(3*n-2))-1:]
	}
	if !ok || len(rest) != 2 {
		return ""
	}
	d, err := day.Parse(year + "-" + rest + "-01")
	if err != nil {
		return ""
	}
	return d
}

func (q Query) to() day.Day {
	months := 1
	if strings.Contains(q.Month, "Q") {
		months = 3
	}
	return q.from().AddMonths(months).AddDays(-1)
}

// sitting are the open bodies with a term within g's reach, and their unions
// beside. Those of a union that is no more have ended with it. The outer join
// and the subquery have the database begin at the due days.
const (
	sitting    = ` FROM bodies b` + withUnions + inReach
	withUnions = ` LEFT JOIN unions u ON u.tenant_id = b.tenant_id AND u.id = b.union_id`
	inReach    = ` WHERE b.tenant_id = $1 AND b.ended IS NULL AND b.due IS NOT NULL AND EXISTS (
		SELECT 1 FROM union_reach r WHERE r.tenant_id = b.tenant_id AND r.above_id = $2 AND r.union_id = b.union_id)`
)

const rowColumns = `b.id, b.union_id, b.kind, b.nth, b.seats, b.elected, b.due, b.document, b.reason, b.first_due, b.deadline, b.version, u.name, u.code`

func scanRow(c registry.Clock) sqldb.Scan[Row] {
	return func(row sqldb.Row) (r Row, err error) {
		err = row(&r.ID, &r.UnionID, &r.Kind, &r.Nth, &r.Size, &r.Elected, &r.Due, &r.Document, &r.Reason, &r.FirstDue, &r.Deadline, &r.Version, &r.Union, &r.Code)
		r.Stage, r.Left = r.Body.Stage(c), day.Days(c.Today, r.Due)
		return r, err
	}
}

// filters writes what narrows sitting to q. The stages are ranges of the due
// day: the same that Body.Stage knows.
//
// law: ELE-03, ELE-04
func (q Query) filters(g auth.Grant, c registry.Clock) (string, []any) {
	var b strings.Builder
	args := []any{g.Tenant(), g.Under()}
	add := func(text string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			text = strings.Replace(text, "#", "$"+strconv.Itoa(len(args)), 1)
		}
		b.WriteString(text)
	}
	if q.Kind != "" {
		add(` AND b.kind = #`, string(q.Kind))
	}
	if q.Union != "" {
		add(` AND u.kind = #`, string(q.Union))
	}
	if q.Q != "" {
		like := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(q.Q) + "%"
		add(` AND (u.name LIKE # ESCAPE '\' OR u.short_name LIKE # ESCAPE '\' OR u.code LIKE # ESCAPE '\')`, like, like, like)
	}
	if q.Month != "" {
		add(` AND b.due >= # AND b.due <= #`, q.from(), q.to())
	}
	grave, near := c.Today.AddDays(-c.Red), c.Today
	if len(c.Warn) > 0 {
		near = c.Today.AddDays(slices.Max(c.Warn))
	}
	switch q.State {
	case registry.LongPast:
		add(` AND b.due < #`, grave)
	case registry.PastTerm:
		add(` AND b.due < # AND b.due >= #`, c.Today, grave)
	case registry.FallingDue:
		add(` AND b.due = #`, c.Today)
	case registry.Prolonged:
		add(` AND b.due > # AND b.first_due < #`, c.Today, c.Today)
	case registry.Nearing:
		add(` AND b.due > # AND b.due <= # AND (b.first_due IS NULL OR b.first_due >= #)`, c.Today, near, c.Today)
	case registry.InTerm:
		add(` AND b.due > # AND (b.first_due IS NULL OR b.first_due >= #)`, near, c.Today)
	}
	return b.String(), args
}

// read lists the bodies that q means by their due day, from a key on; limit 0
// reads all.
func (q Query) read(ctx context.Context, tx *sqldb.Tx, g auth.Grant, c registry.Clock, after string, limit int) ([]Row, error) {
	where, args := q.filters(g, c)
	if due, id, ok := strings.Cut(after, "~"); ok {
		args = append(args, due, id)
		where += ` AND (b.due, b.id) > ($` + strconv.Itoa(len(args)-1) + `, $` + strconv.Itoa(len(args)) + `)`
	}
	sql := `SELECT ` + rowColumns + sitting + where + ` ORDER BY b.due, b.id`
	if limit > 0 {
		args = append(args, int64(limit))
		sql += ` LIMIT $` + strconv.Itoa(len(args))
	}
	return sqldb.List(ctx, tx, scanRow(c), sql, args...)
}

// Count is how many terms end in a month, by the stage they are at.
type Count struct {
	Month string `json:"month"` // 2027-03
	N     int64  `json:"n"`
}

// Heat is who is due when: by stage, and by month.
type Heat struct {
	Stages map[registry.Stage]int64 `json:"stages"`
	Months []Count                  `json:"months"`
}

// HeatOf counts the terms that q means, its month and state left aside, in one
// pass.
func HeatOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, q Query, c registry.Clock) (Heat, error) {
	q.Month, q.State = "", ""
	h := Heat{Stages: map[registry.Stage]int64{}}
	where, args := q.filters(g, c)
	type group struct {
		due, first day.Day
		n          int64
	}
	months := map[string]int64{}
	from := ` FROM bodies b` + inReach
	if q.Union != "" || q.Q != "" {
		from = sitting
	}
	err := sqldb.Each(ctx, tx, func(row sqldb.Row) (x group, err error) { return x, row(&x.due, &x.first, &x.n) }, func(x group) error {
		h.Stages[registry.Body{Due: x.due, FirstDue: x.first}.Stage(c)] += x.n
		months[string(x.due[:7])] += x.n
		return nil
	}, `SELECT b.due, b.first_due, count(*)`+from+where+` GROUP BY b.due, b.first_due`, args...)
	for m, n := range months {
		h.Months = append(h.Months, Count{m, n})
	}
	slices.SortFunc(h.Months, func(a, b Count) int { return strings.Compare(a.Month, b.Month) })
	return h, err
}

// Line is one union of the calendar by months: what of it falls due in each.
type Line struct {
	UnionID string `json:"union_id"`
	Union   string `json:"union"`
	Bodies  []Row  `json:"bodies"`
}

// linesOf lists the unions of which something falls due in the twelve months
// from starts on, the earliest first, from a key on.
func (q Query) linesOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, c registry.Clock, starts day.Day) (lines []Line, next string, err error) {
	q.Month = ""
	where, args := q.filters(g, c)
	args = append(args, starts, starts.AddMonths(12))
	where += ` AND b.due >= $` + strconv.Itoa(len(args)-1) + ` AND b.due < $` + strconv.Itoa(len(args))
	type first struct {
		id, name string
		due      day.Day
	}
	having, rest := ``, args
	if due, id, ok := strings.Cut(q.After, "~"); ok {
		rest = append(slices.Clone(args), due, id)
		having = ` HAVING (min(b.due), u.id) > ($` + strconv.Itoa(len(rest)-1) + `, $` + strconv.Itoa(len(rest)) + `)`
	}
	rest = append(slices.Clone(rest), int64(q.Limit+1))
	unions, err := sqldb.List(ctx, tx, func(row sqldb.Row) (f first, err error) { return f, row(&f.id, &f.name, &f.due) },
		`SELECT u.id, coalesce(u.short_name, u.name), min(b.due)`+sitting+where+` GROUP BY u.id, u.name, u.short_name`+having+` ORDER BY min(b.due), u.id LIMIT $`+strconv.Itoa(len(rest)), rest...)
	if err != nil || len(unions) == 0 {
		return nil, "", err
	}
	if len(unions) > q.Limit {
		unions = unions[:q.Limit]
		last := unions[q.Limit-1]
		next = string(last.due) + "~" + last.id
	}
	at := map[string]int{}
	for i, u := range unions {
		at[u.id] = i
		lines = append(lines, Line{UnionID: u.id, Union: u.name})
		args = append(args, u.id)
		sep := ", $"
		if i == 0 {
			sep = ` AND u.id IN ($`
		}
		where += sep + strconv.Itoa(len(args))
	}
	rows, err := sqldb.List(ctx, tx, scanRow(c), `SELECT `+rowColumns+sitting+where+`) ORDER BY b.due, b.id`, args...)
	for _, r := range rows {
		l := &lines[at[r.UnionID]]
		l.Bodies = append(l.Bodies, r)
	}
	return lines, next, err
}
