package registry

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"unionhall/commons/rulebook"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/kit/zh"
)

// Row is a union as a list shows it: with the people of the union and all
// below it, the end of its committee's term, and what it lacks.
type Row struct {
	ID         string   `json:"id"`
	Code       string   `json:"code"`
	Name       string   `json:"name"`
	ShortName  string   `json:"short_name,omitempty"`
	Kind       Kind     `json:"kind"`
	Parent     string   `json:"parent,omitempty"` // its code
	ParentName string   `json:"parent_name,omitempty"`
	USCC       string   `json:"uscc,omitempty"`
	Founded    day.Day  `json:"founded,omitempty"`
	Members    int64    `json:"members"`
	Women      int64    `json:"women"`
	Staff      int64    `json:"staff"`
	TermDue    day.Day  `json:"term_due,omitempty"`
	Overdue    bool     `json:"overdue"`
	Missing    []string `json:"missing"` // clauses, see Missing
	State      State    `json:"state"`
	union      Union
	key, above string // the sort key; what the parent is called in short
}

// Place is the union's page.
func (r Row) Place() string { return r.union.Place() }

// Query is the filter row of the list; it stays in the address.
type Query struct {
	Q       string `json:"q" doc:"名称、简称、编码、拼音"`
	Kind    Kind   `json:"kind" doc:"组织类别"`
	State   State  `json:"state" doc:"状态"` // standing unless another is asked for; any
	Parent  string `json:"parent" doc:"上级工会编码"`
	Missing string `json:"missing" doc:"缺少"`    // a clause, or any
	Overdue bool   `json:"overdue" doc:"届满未换届"` // law: ELE-03
	Sort    string `json:"sort" doc:"排序"`       // name, code, members, term_due; - before it turns it round
	After   string `json:"after" doc:"上一页末行"`
	Limit   int    `json:"limit" doc:"每页行数"` // 1 to 200; empty: 50
}

// Any stands for every value of a filter.
const Any = "any"

func (q *Query) tidy() error {
	if q.Limit < 1 || q.Limit > 200 {
		q.Limit = 50
	}
	if q.State == "" {
		q.State = Standing
	}
	if q.Sort == "" {
		q.Sort = "name"
	}
	q.Q = strings.TrimSpace(zh.Narrow(q.Q))
	if _, ok := orders[strings.TrimPrefix(q.Sort, "-")]; !ok {
		return &fault.Error{Kind: fault.Invalid, Text: "不能按这一列排序。", Fields: map[string]string{"sort": "排序：请选名称、编码、会员人数或届满日期"}}
	}
	return nil
}

// orders are the columns to sort by, and how a row's key is written.
var orders = map[string]struct {
	column string
	key    func(Row) string
}{
	"name":     {"t.name_key", func(r Row) string { return r.key }},
	"code":     {"t.code", func(r Row) string { return r.Code }},
	"members":  {"t.members", func(r Row) string { return strconv.FormatInt(r.Members, 10) }},
	"term_due": {"t.due", func(r Row) string { return string(r.TermDue) }},
}

// noDue sorts unions without a term behind all that have one.
const noDue = "9999-12-31"

// peopleBelow adds up counted members of a union and all below it; more may
// narrow them. The outer join keeps SQLite from beginning at the figures.
//
// law: MEM-19
func peopleBelow(more string) string {
	return `coalesce((SELECT cast(sum(f.n) AS bigint) FROM union_reach b
		LEFT JOIN member_figures f ON f.tenant_id = b.tenant_id AND f.union_id = b.union_id AND f.status IN ('active', 'transferring')` + more + `
		WHERE b.tenant_id = u.tenant_id AND b.above_id = u.id), 0)`
}

// female narrows peopleBelow to women.
const female = ` AND f.sex = 'female'`

var listed = ` FROM (
	SELECT ` + unionColumns + `, u.name_key, u.letters, u.initials, u.tenant_id, p.code AS parent_code, p.name AS parent_name, coalesce(p.short_name, p.name) AS parent_short,
		` + peopleBelow("") + ` AS members, ` + peopleBelow(female) + ` AS women,
		coalesce((SELECT c.due FROM bodies c
			WHERE c.tenant_id = u.tenant_id AND c.union_id = u.id AND c.kind = 'committee' AND c.ended IS NULL
			ORDER BY c.elected DESC LIMIT 1), '` + noDue + `') AS due
	FROM unions u
	LEFT JOIN unions p ON p.tenant_id = u.tenant_id AND p.id = u.parent_id
	WHERE u.tenant_id = $1 AND EXISTS (
		SELECT 1 FROM union_reach r
		WHERE r.tenant_id = u.tenant_id AND r.above_id = $2 AND r.union_id = u.id)
	) t WHERE t.tenant_id = $1`

var listedColumns = strings.ReplaceAll(unionColumns, "u.", "t.") + `, t.name_key, t.parent_code, t.parent_name, t.parent_short, t.members, t.women, t.due`

func scanRow(row sqldb.Row) (r Row, err error) {
	u := &r.union
	err = row(&u.ID, &u.Code, &u.Name, &u.ShortName, &u.Kind, &u.OrganKind, &u.ParentID, &u.State, &u.USCC, &u.Founded, &u.Closed,
		&u.Region, &u.Address, &u.Leader, &u.Phone, &u.Nature, &u.Industry, &u.Economy, &u.OrgCode, &u.PartyOrg, &u.Staff, &u.OwnAccount, &u.ImportID, &u.Version,
		&r.key, &r.Parent, &r.ParentName, &r.above, &r.Members, &r.Women, &r.TermDue)
	r.ID, r.Code, r.Name, r.ShortName, r.Kind, r.USCC, r.Founded, r.Staff, r.State = u.ID, u.Code, u.Name, u.ShortName, u.Kind, u.USCC, u.Founded, u.Staff, u.State
	if r.TermDue == noDue {
		r.TermDue = ""
	}
	return r, err
}

// filters writes what narrows the list to q, and the arguments of it.
func (q Query) filters(g auth.Grant, today day.Day) (string, []any) {
	var b strings.Builder
	args := []any{g.Tenant(), g.Under()}
	add := func(text string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			text = strings.Replace(text, "#", "$"+strconv.Itoa(len(args)), 1)
		}
		b.WriteString(text)
	}
	if q.Q != "" {
		like := "%" + escape(q.Q) + "%"
		low := "%" + escape(strings.ToLower(q.Q)) + "%"
		add(` AND (t.name LIKE # ESCAPE '\' OR t.short_name LIKE # ESCAPE '\' OR t.code LIKE # ESCAPE '\' OR t.letters LIKE # ESCAPE '\' OR t.initials LIKE # ESCAPE '\')`,
			like, like, like, low, low)
	}
	if q.Kind != "" {
		add(` AND t.kind = #`, string(q.Kind))
	}
	if q.State != Any {
		add(` AND t.state = #`, string(q.State))
	}
	if q.Parent != "" {
		add(` AND t.parent_code = #`, q.Parent)
	}
	if q.Overdue {
		add(` AND t.due < # AND t.state = 'standing'`, today)
	}
	return b.String(), args
}

// escape guards the signs of LIKE.
func escape(t string) string { return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(t) }

// read lists rows from the key on; limit 0 reads all.
func (q Query) read(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day, after string, limit int) ([]Row, error) {
	where, args := q.filters(g, today)
	name, down := strings.CutPrefix(q.Sort, "-")
	column, dir, than := orders[name].column, "", " > "
	if down {
		dir, than = " DESC", " < "
	}
	if key, id, ok := strings.Cut(after, "~"); ok {
		var k any = key
		if name == "members" {
			n, err := strconv.ParseInt(key, 10, 64)
			if err != nil {
				return nil, fault.New(fault.Invalid, "翻页的位置读不出来，请回到第一页。")
			}
			k = n
		} else if name == "term_due" && key == "" {
			k = noDue
		}
		args = append(args, k, id)
		where += ` AND (` + column + `, t.id)` + than + `($` + strconv.Itoa(len(args)-1) + `, $` + strconv.Itoa(len(args)) + `)`
	}
	sql := `SELECT ` + listedColumns + listed + where + ` ORDER BY ` + column + dir + `, t.id` + dir
	if limit > 0 {
		args = append(args, int64(limit))
		sql += ` LIMIT $` + strconv.Itoa(len(args))
	}
	rows, err := sqldb.List(ctx, tx, scanRow, sql, args...)
	if err != nil {
		return nil, err
	}
	return rows, judge(ctx, tx, g, rows, today)
}

// judge tells of each row what it lacks, by the bodies of all of them in one
// query.
func judge(ctx context.Context, tx *sqldb.Tx, g auth.Grant, rows []Row, today day.Day) error {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	all, err := sittingIn(ctx, tx, g, ids)
	if err != nil {
		return err
	}
	of := map[string][]Body{}
	for _, b := range all {
		of[b.UnionID] = append(of[b.UnionID], b)
	}
	book, err := rulebook.Of(ctx, tx, g.Tenant())
	if err != nil {
		return err
	}
	limits, err := LimitsOf(book, g.Tenant(), today)
	if err != nil {
		return err
	}
	met, err := lastMet(ctx, tx, g.Tenant(), ids)
	if err != nil {
		return err
	}
	for i := range rows {
		r := &rows[i]
		r.Missing, r.Overdue = []string{}, r.State == Standing && r.TermDue != "" && today > r.TermDue
		for _, l := range Missing(r.union, Figures{Members: r.Members, Women: r.Women, Met: met[r.ID]}, of[r.ID], limits) {
			if !l.Hint && !slices.Contains(r.Missing, l.Rule) {
				r.Missing = append(r.Missing, l.Rule)
			}
		}
	}
	return nil
}

// lastMet tells when the members or delegates of unions last met.
//
// law: ELE-05
func lastMet(ctx context.Context, tx *sqldb.Tx, tenant int64, ids []string) (map[string]day.Day, error) {
	out, args := map[string]day.Day{}, []any{tenant}
	for _, id := range ids {
		args = append(args, id)
	}
	if len(ids) == 0 {
		return out, nil
	}
	type last struct {
		id string
		on day.Day
	}
	err := sqldb.Each(ctx, tx, func(row sqldb.Row) (m last, err error) { return m, row(&m.id, &m.on) },
		func(m last) error { out[m.id] = m.on; return nil },
		`SELECT t.union_id, max(t.day) FROM union_meetings t WHERE t.tenant_id = $1 AND t.union_id IN `+marks(2, len(ids))+` GROUP BY t.union_id`, args...)
	return out, err
}

// lacking keeps the rows that lack what is asked for.
func (q Query) lacking(rows []Row) []Row {
	return slices.DeleteFunc(rows, func(r Row) bool {
		return len(r.Missing) == 0 || q.Missing != Any && !slices.Contains(r.Missing, q.Missing)
	})
}

// Page is one page of the list.
type Page struct {
	Items []Row  `json:"items"`
	Next  string `json:"next,omitempty"` // the key to go on from; empty: no more
	Total int64  `json:"total"`
}

// List returns a page of the unions that q means within g's reach. What a
// union lacks is judged in Go: asking for it reads the whole list.
func List(ctx context.Context, tx *sqldb.Tx, g auth.Grant, q Query, today day.Day) (p Page, err error) {
	if err := q.tidy(); err != nil {
		return p, err
	}
	limit := q.Limit + 1
	if q.Missing != "" {
		limit = 0
	}
	if p.Items, err = q.read(ctx, tx, g, today, q.After, limit); err != nil {
		return p, err
	}
	if q.Missing != "" {
		p.Items = q.lacking(p.Items)
	}
	if p.Total, err = q.total(ctx, tx, g, today, p.Items); err != nil {
		return p, err
	}
	if len(p.Items) > q.Limit {
		p.Items = p.Items[:q.Limit]
		last := p.Items[q.Limit-1]
		p.Next = orders[strings.TrimPrefix(q.Sort, "-")].key(last) + "~" + last.ID
	}
	return p, nil
}

func (q Query) total(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day, rows []Row) (int64, error) {
	switch {
	case q.Missing != "" && q.After == "":
		return int64(len(rows)), nil
	case q.Missing != "":
		all, err := q.read(ctx, tx, g, today, "", 0)
		return int64(len(q.lacking(all))), err
	}
	where, args := q.filters(g, today)
	return sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*)`+listed+where, args...)
}

// Whole lists every union that q means, for an export: some hundred, or a few
// thousand.
func Whole(ctx context.Context, tx *sqldb.Tx, g auth.Grant, q Query, today day.Day) ([]Row, error) {
	if err := q.tidy(); err != nil {
		return nil, err
	}
	rows, err := q.read(ctx, tx, g, today, "", 0)
	if err == nil && q.Missing != "" {
		rows = q.lacking(rows)
	}
	return rows, err
}

// FiguresOf counts the people and the parts of a union within g's reach.
func FiguresOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Figures, error) {
	return sqldb.One(ctx, tx, func(row sqldb.Row) (f Figures, err error) {
		return f, row(&f.Members, &f.Women, &f.Own, &f.Parts, &f.Met)
	}, `SELECT `+peopleBelow("")+`, `+peopleBelow(female)+`, `+peopleBelow(` AND b.depth = 0`)+`,
		(SELECT count(*) FROM union_reach b JOIN unions c ON c.tenant_id = b.tenant_id AND c.id = b.union_id
			WHERE b.tenant_id = u.tenant_id AND b.above_id = u.id AND c.kind IN ('branch', 'group') AND c.state = 'standing' AND b.depth > 0),
		(SELECT max(t.day) FROM union_meetings t WHERE t.tenant_id = u.tenant_id AND t.union_id = u.id)
	FROM unions u WHERE u.tenant_id = $1 AND u.id = $2 AND EXISTS (
		SELECT 1 FROM union_reach r WHERE r.tenant_id = u.tenant_id AND r.above_id = $3 AND r.union_id = u.id)`, g.Tenant(), id, g.Under())
}
