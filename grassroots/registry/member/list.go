package member

import (
	"context"
	"slices"
	"strings"

	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/kit/zh"
)

// Row is a member as a list shows one, numbers masked.
type Row struct {
	ID       string  `json:"id"`
	Name     string  `json:"name"`
	Sex      Sex     `json:"sex"`
	Birthday day.Day `json:"birthday"`
	IDNo     string  `json:"id_no"`
	Phone    string  `json:"phone"`
	Union    string  `json:"union"` // its code
	Status   Status  `json:"status"`
	Joined   day.Day `json:"joined"`
	CardNo   string  `json:"card_no"`

	UnionName string `json:"-"`
	key       string // of the search that found the row
	fits      bool   // the search's words, numbers in the clear
}

// Place is the member's page.
func (r Row) Place() string { return "/grassroots/registry/members/" + r.ID }

// Query is the filter row of the list; it stays in the address.
type Query struct {
	Q      string  `json:"q" doc:"姓名、拼音、尾号"`
	Union  string  `json:"union" doc:"工会编码"` // with all below it
	Status Status  `json:"status" doc:"会籍"`
	Sex    Sex     `json:"sex" doc:"性别"`
	From   day.Day `json:"joined_from" doc:"入会不早于"`
	To     day.Day `json:"joined_to" doc:"入会不晚于"`
	Born   day.Day `json:"born_from" doc:"出生不早于"`
	BornTo day.Day `json:"born_to" doc:"出生不晚于"`
	Sort   string  `json:"sort" doc:"排序"` // name, -name, joined, -joined; what is searched comes by likeness
	After  string  `json:"after" doc:"上一页末行"`
	Limit  int     `json:"limit" doc:"每页行数"` // 1 to 200; empty: 50
}

// dated reports whether days narrow the list; no figure tells then.
func (q Query) dated() bool { return q.From+q.To+q.Born+q.BornTo != "" }

// pageRows is how many rows a page holds unless it asks for another number.
const pageRows = 50

func (q *Query) tidy() error {
	if q.Limit < 1 || q.Limit > 200 {
		q.Limit = pageRows
	}
	if q.Sort == "" {
		q.Sort = "name"
	}
	fields := map[string]string{}
	if q.Sort != "name" && q.Sort != "-name" && q.Sort != "joined" && q.Sort != "-joined" {
		fields["sort"] = "排序：请选姓名或入会时间"
	}
	if q.Status != "" && q.Status != Counted && !slices.Contains(Statuses, q.Status) {
		fields["status"] = "会籍：请从列表中选择"
	}
	if q.Sex != "" && q.Sex != Male && q.Sex != Female && q.Sex != Unknown {
		fields["sex"] = "性别：请从列表中选择"
	}
	if len(fields) > 0 {
		return &fault.Error{Kind: fault.Invalid, Text: "有的筛选条件认不出，请改选后再查。", Fields: fields}
	}
	return nil
}

const rowColumns = `m.id, m.name, m.sex, m.birthday, m.id_sealed, m.phone, m.status, m.joined, m.card_no`

// unionColumns tell a row's union, by its short name if it has one.
const unionColumns = `, u.code, coalesce(u.short_name, u.name)`

// scope is a query made ready: whose members it may see and how many those are.
type scope struct {
	tx     *sqldb.Tx
	tenant int64
	top    registry.Ref // the union whose members, with all below, are meant
	short  string       // what lists call top
	whole  bool         // top is the tenant's root: everybody is below it
	leaf   bool         // nothing is below top
	size   int64        // members under top of the status and sex asked for
	around int64        // all of the tenant, where only some of them are meant
	picked bool         // the dates leave few, whom their index leads to
	left   int64        // how many those are
	hidden []string     // imports that are half written
	q      Query
	terms  []zh.Term
	total  *int64 // how many the search found, where reading them told
	args   []any
}

// ready finds the union that the query is about, within g's reach.
func ready(ctx context.Context, tx *sqldb.Tx, g auth.Grant, q Query) (*scope, error) {
	s := &scope{tx: tx, tenant: g.Tenant(), q: q, terms: zh.Query(q.Q)}
	if err := s.q.tidy(); err != nil {
		return nil, err
	}
	const text = `
		SELECT u.id, u.code, u.name, coalesce(u.short_name, u.name), u.parent_id IS NULL,
			NOT EXISTS (SELECT 1 FROM unions c WHERE c.tenant_id = u.tenant_id AND c.parent_id = u.id),
			(SELECT count(*) FROM imports i WHERE i.tenant_id = u.tenant_id AND i.state IN ('applying', 'undoing') AND i.confirmed IS NULL)
		FROM unions u
		WHERE u.tenant_id = $1`
	moving := false
	scan := func(row sqldb.Row) (struct{}, error) {
		return struct{}{}, row(&s.top.ID, &s.top.Code, &s.top.Name, &s.short, &s.whole, &s.leaf, &moving)
	}
	var err error
	if q.Union == "" {
		_, err = sqldb.One(ctx, tx, scan, text+` AND u.id = $2`, s.tenant, g.Under())
	} else {
		_, err = sqldb.One(ctx, tx, scan, text+` AND u.code = $3 AND EXISTS (
			SELECT 1 FROM union_reach r WHERE r.tenant_id = u.tenant_id AND r.above_id = $2 AND r.union_id = u.id)`, s.tenant, g.Under(), q.Union)
		if err != nil && fault.Of(err).Kind == fault.NotFound {
			err = fault.New(fault.NotFound, "没有编码为“%s”的工会，或者它不在您的管理范围内。", q.Union)
		}
	}
	if err != nil {
		return nil, err
	}
	if moving {
		s.hidden, err = sqldb.List(ctx, tx, sqldb.Text, `SELECT id FROM imports WHERE tenant_id = $1 AND state IN ('applying', 'undoing') AND confirmed IS NULL`, s.tenant)
		if err != nil {
			return nil, err
		}
	}
	if s.size, err = s.count(ctx); err != nil || s.leaf {
		return s, err
	}
	if !s.whole {
		if s.around, err = sqldb.One(ctx, tx, sqldb.Int, `SELECT cast(coalesce(sum(f.n), 0) AS bigint) FROM member_totals f WHERE f.tenant_id = $1`, s.tenant); err != nil {
			return s, err
		}
	}
	if !s.small() && q.From+q.To != "" && !s.byDate() {
		s.args = nil
		s.left, err = sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM (SELECT 1 AS one`+s.source()+s.filters("joined")+` LIMIT `+s.arg(int64(few+1))+`) AS t`, s.args...)
		s.picked = s.left <= few
		return s, err
	}
	return s, nil
}

// byDate reports whether the list is sorted by the day of joining.
func (s *scope) byDate() bool { return strings.HasSuffix(s.q.Sort, "joined") }

// count reads off the figures how many members of the status and sex asked
// for are under top.
func (s *scope) count(ctx context.Context) (int64, error) {
	s.args = nil
	var q string
	switch {
	case s.whole:
		q = `SELECT cast(coalesce(sum(f.n), 0) AS bigint) FROM member_totals f WHERE f.tenant_id = ` + s.arg(s.tenant)
	case s.leaf:
		q = `SELECT cast(coalesce(sum(f.n), 0) AS bigint) FROM member_figures f WHERE f.tenant_id = ` + s.arg(s.tenant) + ` AND f.union_id = ` + s.arg(s.top.ID)
	default:
		q = `SELECT cast(coalesce(sum(f.n), 0) AS bigint) FROM union_reach r
			CROSS JOIN member_figures f
			WHERE r.tenant_id = ` + s.arg(s.tenant) + ` AND r.above_id = ` + s.arg(s.top.ID) + ` AND f.tenant_id = r.tenant_id AND f.union_id = r.union_id`
	}
	if s.q.Status == Counted {
		q += ` AND f.status IN ('active', 'transferring')`
	} else if s.q.Status != "" {
		q += ` AND f.status = ` + s.arg(string(s.q.Status))
	}
	if s.q.Sex != "" {
		q += ` AND f.sex = ` + s.arg(string(s.q.Sex))
	}
	return sqldb.One(ctx, s.tx, sqldb.Int, q, s.args...)
}

// arg adds an argument and returns its mark.
func (s *scope) arg(v any) string {
	s.args = append(s.args, v)
	return "$" + itoa(len(s.args))
}

// few is up to how many members are read through and sorted rather than
// looked for along an index that many others stand in.
const few = 4000

// rare reports whether an index of their own leads to those asked for.
func (s *scope) rare() bool {
	return s.q.Status != "" && s.q.Status != Active && s.q.Status != Counted || s.q.Sex == Unknown
}

// small reports whether the members asked for are few among those that the
// list's index would lead through, so that sorting them costs less: the few of
// a union and those below it; by date, for which only the whole has an index,
// those of one union and the rare of the whole; those of a few days.
func (s *scope) small() bool {
	switch {
	case s.picked:
		return true
	case s.leaf:
		return s.byDate() && s.size <= few
	case s.whole:
		return s.byDate() && s.rare() && s.size <= few
	}
	return s.size*s.size <= 600*s.around // measured: a row that is led to costs twelve that are sorted
}

// anyName is true of every member. Where nothing else is asked of the name it
// makes an index lead that has one, also before the database knows how many
// rows a tenant has.
const anyName = ` AND m.name_key > ''`

// source is where members m are read from, narrowed to the union: the few of
// a small union by its unions, others in the order of an index.
func (s *scope) source() string {
	switch {
	case s.leaf && (s.small() || !s.byDate()):
		return ` FROM members m WHERE m.tenant_id = ` + s.arg(s.tenant) + ` AND m.union_id = ` + s.arg(s.top.ID)
	case s.leaf:
		return ` FROM members m WHERE m.tenant_id = ` + s.arg(s.tenant) + ` AND m.union_id || '' = ` + s.arg(s.top.ID)
	case s.whole:
		return ` FROM members m WHERE m.tenant_id = ` + s.arg(s.tenant)
	case s.small() && !s.picked:
		return ` FROM union_reach r CROSS JOIN members m WHERE r.tenant_id = ` + s.arg(s.tenant) + ` AND r.above_id = ` + s.arg(s.top.ID) +
			` AND m.tenant_id = r.tenant_id AND m.union_id = r.union_id`
	}
	return ` FROM members m WHERE m.tenant_id = ` + s.arg(s.tenant) + s.reach()
}

func (s *scope) reach() string {
	return ` AND EXISTS (SELECT 1 FROM union_reach r WHERE r.tenant_id = m.tenant_id AND r.above_id = ` + s.arg(s.top.ID) + ` AND r.union_id = m.union_id)`
}

// filters narrows members m to the query, dates in such a way that no index
// of dates leads where another gives the order or has fewer rows. By name, the
// literals of the indexes of the few stand in it.
func (s *scope) filters(sort string) string {
	var b strings.Builder
	byName := sort != "joined"
	if s.q.Status == Counted {
		b.WriteString(" AND m.status IN ('active', 'transferring')")
	} else if s.q.Status != "" {
		b.WriteString(" AND m.status = " + s.arg(string(s.q.Status)))
		if s.q.Status != Active && s.whole && (byName || s.small()) {
			b.WriteString(" AND m.status <> 'active'")
		}
	}
	if s.q.Sex == Unknown {
		b.WriteString(" AND m.sex = 'unknown'")
	} else if s.q.Sex != "" {
		b.WriteString(" AND m.sex = " + s.arg(string(s.q.Sex)))
	}
	joined := "m.joined"
	if (byName || s.small()) && !s.picked {
		joined += " || ''"
	}
	if s.q.From != "" {
		b.WriteString(" AND " + joined + " >= " + s.arg(string(s.q.From)))
	}
	if s.q.To != "" {
		b.WriteString(" AND " + joined + " <= " + s.arg(string(s.q.To)))
	}
	if s.q.Born != "" {
		b.WriteString(" AND m.birthday >= " + s.arg(string(s.q.Born)))
	}
	if s.q.BornTo != "" {
		b.WriteString(" AND m.birthday <= " + s.arg(string(s.q.BornTo)))
	}
	for _, id := range s.hidden {
		b.WriteString(" AND (m.import_id IS NULL OR m.import_id <> " + s.arg(id) + ")")
	}
	return b.String()
}

// Page is one page of a list.
type Page struct {
	Items []Row  `json:"items"`
	Next  string `json:"next"`            // the key to go on from; empty: no more
	Total any    `json:"total,omitempty"` // a number, or "1000+"; none where counting would cost too much
}

// List returns a page of the members that q means within g's reach.
func List(ctx context.Context, tx *sqldb.Tx, g auth.Grant, q Query) (Page, error) {
	s, err := ready(ctx, tx, g, q)
	if err != nil {
		return Page{}, err
	}
	return s.page(ctx)
}

func (s *scope) page(ctx context.Context) (p Page, err error) {
	var rows []Row
	var more bool
	if s.q.Q != "" {
		rows, more, err = s.search(ctx)
	} else {
		rows, more, err = s.browse(ctx)
	}
	if err != nil {
		return p, err
	}
	p.Items = rows
	if more {
		p.Next = s.keyOf(rows[len(rows)-1])
	}
	switch {
	case s.q.After == "" && !more:
		p.Total = int64(len(rows))
	case s.q.Q != "":
		p.Total, err = s.found(ctx)
	case s.picked:
		p.Total = s.left
	case s.q.dated():
		p.Total, err = s.dated(ctx)
	default:
		p.Total = s.size
	}
	return p, err
}

// byIDs reads the rows with the ids, in their order.
func (s *scope) byIDs(ctx context.Context, ids []string) ([]Row, error) {
	out := make([]Row, 0, len(ids))
	for part := range slices.Chunk(ids, asked) {
		args := make([]any, 1, asked+1)
		args[0] = s.tenant
		for i := range asked {
			args = append(args, part[min(i, len(part)-1)])
		}
		wide := *s
		wide.leaf = false
		got, err := sqldb.List(ctx, s.tx, wide.scanRow, byIDs, args...)
		if err != nil {
			return nil, err
		}
		at := map[string]Row{}
		for _, r := range got {
			at[r.ID] = r
		}
		for _, id := range part {
			out = append(out, at[id])
		}
	}
	return out, nil
}

// byIDs asks for each member by the key: with a long IN a planner that has no
// statistics would rather read the whole tenant.
var byIDs = withAsked + rowColumns + unionColumns + fromAsked

var (
	withAsked = `
	WITH asked (id) AS (VALUES (` + strings.ReplaceAll(marks(2, asked), ",", "), (") + `))
	SELECT `
	fromAsked = `
	FROM asked a CROSS JOIN members m
	JOIN unions u ON u.tenant_id = m.tenant_id AND u.id = m.union_id
	WHERE m.tenant_id = $1 AND m.id = a.id`
)

// keyOf is what the page after r is asked for by.
func (s *scope) keyOf(r Row) string {
	switch {
	case s.q.Q != "":
		return r.key
	case s.byDate():
		return string(r.Joined) + "~" + r.ID
	}
	return zh.SortKey(r.Name) + "~" + r.ID
}

// dated counts who is left by the dates, up to a thousand.
func (s *scope) dated(ctx context.Context) (any, error) {
	s.args = nil
	sort, lead := "", anyName
	if s.whole {
		sort, lead = "joined", ""
	}
	n, err := sqldb.One(ctx, s.tx, sqldb.Int, `SELECT count(*) FROM (SELECT 1 AS one`+s.source()+s.filters(sort)+lead+` LIMIT `+s.arg(int64(most+1))+`) AS t`, s.args...)
	return capped(n), err
}

// most is up to where lists are counted where no figure tells.
const most = 1000

func capped(n int64) any {
	if n > most {
		return "1000+"
	}
	return n
}
