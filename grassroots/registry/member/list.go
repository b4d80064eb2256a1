package member

import (
	"context"
	"strconv"
	"strings"

	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/ident"
	"unionhall/kit/sqldb"
	"unionhall/kit/zh"
)

// Row is a member as a list shows one, numbers masked.
type Row struct {
	ID        string  `json:"id"`
	Name      string  `json:"name"`
	Sex       Sex     `json:"sex"`
	Birthday  day.Day `json:"birthday,omitempty"`
	IDNo      string  `json:"id_no"`
	Phone     string  `json:"phone,omitempty"`
	Union     string  `json:"union"` // its code
	UnionName string  `json:"union_name"`
	Status    Status  `json:"status"`
	Joined    day.Day `json:"joined,omitempty"`
	CardNo    string  `json:"card_no,omitempty"`
	key       string
	token     string // the search token that found the row
}

// Query is the filter row of the list; it stays in the address.
type Query struct {
	Q      string  `json:"q" doc:"姓名、拼音、尾号"`
	Union  string  `json:"union" doc:"工会编码"` // with all below it
	Status Status  `json:"status" doc:"会籍"`
	Sex    Sex     `json:"sex" doc:"性别"`
	From   day.Day `json:"joined_from" doc:"入会不早于"`
	To     day.Day `json:"joined_to" doc:"入会不晚于"`
	Sort   string  `json:"sort" doc:"排序"` // name, -name, joined, -joined
	After  string  `json:"after" doc:"上一页末行"`
	Limit  int     `json:"limit" doc:"每页行数"` // 1 to 200; empty: 50
}

// Limit is how many rows a page holds unless it asks for another number.
const pageRows = 50

func (q *Query) tidy() {
	if q.Limit < 1 || q.Limit > 200 {
		q.Limit = pageRows
	}
	if q.Sort == "" {
		q.Sort = "name"
	}
	q.Q = zh.Narrow(q.Q)
}

const rowColumns = `m.id, m.name, m.name_key, m.sex, m.birthday, m.id_type, m.id_sealed, m.phone, u.code, u.name, m.status, m.joined, m.card_no`

func (s *scope) scanRow(row sqldb.Row) (r Row, err error) {
	var idType string
	var id, phone []byte
	if err = row(&r.ID, &r.Name, &r.key, &r.Sex, &r.Birthday, &idType, &id, &phone, &r.Union, &r.UnionName, &r.Status, &r.Joined, &r.CardNo); err != nil {
		return r, err
	}
	return r, s.mask(&r, id, phone)
}

func (s *scope) mask(r *Row, id, phone []byte) error {
	no, err := openID(s.tx.Keys(), s.tenant, id)
	if err != nil {
		return err
	}
	tel, err := openPhone(s.tx.Keys(), s.tenant, phone)
	r.IDNo, r.Phone = ident.Mask(no), ident.MaskPhone(tel)
	return err
}

// scope is a query made ready: whose members it may see and how many those are.
type scope struct {
	tx     *sqldb.Tx
	tenant int64
	top    string // the union whose members, with all below, are meant
	whole  bool   // top is the tenant's root: no join is needed
	leaf   bool   // top has nothing below it
	size   int64  // members under top, all statuses
	hidden []string
	q      Query
	args   []any
}

// ready finds the union that the query is about, within g's reach.
func ready(ctx context.Context, tx *sqldb.Tx, g auth.Grant, q Query) (*scope, error) {
	q.tidy()
	s := &scope{tx: tx, tenant: g.Tenant(), top: g.Under(), q: q}
	if q.Union != "" {
		u, err := registry.ByCode(ctx, tx, g, q.Union)
		if err != nil {
			return nil, &fault.Error{Kind: fault.NotFound, Text: "没有编码为“" + q.Union + "”的工会，或不在您的管理范围内。"}
		}
		s.top = u.ID
	}
	type shape struct{ below, above, size int64 }
	sh, err := sqldb.One(ctx, tx, func(row sqldb.Row) (v shape, err error) { return v, row(&v.below, &v.above, &v.size) }, `
		SELECT
			(SELECT count(*) FROM union_reach r WHERE r.tenant_id = $1 AND r.above_id = $2),
			(SELECT count(*) FROM union_reach r WHERE r.tenant_id = $1 AND r.union_id = $2),
			(SELECT cast(coalesce(sum(f.n), 0) as bigint) FROM union_reach r
				JOIN member_figures f ON f.tenant_id = r.tenant_id AND f.union_id = r.union_id
				WHERE r.tenant_id = $1 AND r.above_id = $2)`, s.tenant, s.top)
	if err != nil {
		return nil, err
	}
	s.leaf, s.whole, s.size = sh.below == 1, sh.above == 1, sh.size
	s.hidden, err = sqldb.List(ctx, tx, sqldb.Text, `SELECT id FROM imports WHERE tenant_id = $1 AND state IN ('applying', 'undoing') AND confirmed IS NULL`, s.tenant)
	return s, err
}

// arg adds an argument and returns its mark.
func (s *scope) arg(v any) string {
	s.args = append(s.args, v)
	return "$" + strconv.Itoa(len(s.args))
}

// filters writes what narrows members m to the query, beside the search.
func (s *scope) filters() string {
	var b strings.Builder
	switch {
	case s.leaf:
		b.WriteString(" AND m.union_id = " + s.arg(s.top))
	case !s.whole:
		b.WriteString(" AND EXISTS (SELECT 1 FROM union_reach r WHERE r.tenant_id = m.tenant_id AND r.above_id = " + s.arg(s.top) + " AND r.union_id = m.union_id)")
	}
	if s.q.Status != "" {
		b.WriteString(" AND m.status = " + s.arg(string(s.q.Status)))
		if s.q.Status != Active {
			b.WriteString(" AND m.status <> 'active'") // the index of the few who are not
		}
	}
	if s.q.Sex != "" {
		b.WriteString(" AND m.sex = " + s.arg(string(s.q.Sex)))
	}
	if s.q.From != "" {
		b.WriteString(" AND m.joined >= " + s.arg(string(s.q.From)))
	}
	if s.q.To != "" {
		b.WriteString(" AND m.joined <= " + s.arg(string(s.q.To)))
	}
	for _, id := range s.hidden {
		b.WriteString(" AND (m.import_id IS NULL OR m.import_id <> " + s.arg(id) + ")")
	}
	return b.String()
}

// narrowed reports whether anything but union, status and sex narrows.
func (s *scope) narrowed() bool {
	return s.q.Q != "" || s.q.From != "" || s.q.To != "" || len(s.hidden) > 0
}

// order is a sort: the columns and the direction.
type order struct {
	columns, dir, compare string
	key                   func(Row) string
}

var orders = map[string]order{
	"name":    {"m.name_key, m.id", "", ">", func(r Row) string { return r.key }},
	"-name":   {"m.name_key DESC, m.id DESC", "", "<", func(r Row) string { return r.key }},
	"joined":  {"m.joined, m.id", "", ">", func(r Row) string { return string(r.Joined) }},
	"-joined": {"m.joined DESC, m.id DESC", "", "<", func(r Row) string { return string(r.Joined) }},
}

// Page is one page of a list.
type Page struct {
	Items []Row  `json:"items"`
	Next  string `json:"next,omitempty"`  // the key to go on from; empty: no more
	Total any    `json:"total,omitempty"` // a number, or "1000+"
}

// List returns a page of the members that q means within g's reach.
func List(ctx context.Context, tx *sqldb.Tx, g auth.Grant, q Query) (Page, error) {
	s, err := ready(ctx, tx, g, q)
	if err != nil {
		return Page{}, err
	}
	var rows []Row
	if s.q.Q != "" {
		rows, err = s.search(ctx)
	} else {
		rows, err = s.browse(ctx, s.q.After, s.q.Limit+1)
	}
	if err != nil {
		return Page{}, err
	}
	p := Page{Items: rows}
	if len(rows) > s.q.Limit {
		p.Items = rows[:s.q.Limit]
		p.Next = s.keyOf(p.Items[s.q.Limit-1])
	}
	p.Total, err = s.total(ctx)
	return p, err
}

// browse lists members in the order asked for, after the key.
func (s *scope) browse(ctx context.Context, after string, limit int) ([]Row, error) {
	o, ok := orders[s.q.Sort]
	if !ok {
		return nil, &fault.Error{Kind: fault.Invalid, Text: "不能按这一列排序。", Fields: map[string]string{"sort": "排序：请用 name 或 joined"}}
	}
	s.args = nil
	q := `SELECT ` + rowColumns + ` FROM members m JOIN unions u ON u.tenant_id = m.tenant_id AND u.id = m.union_id
		WHERE m.tenant_id = ` + s.arg(s.tenant) + s.filters()
	if strings.HasSuffix(s.q.Sort, "joined") {
		q += ` AND m.joined IS NOT NULL`
	}
	if key, id, ok := strings.Cut(after, "~"); ok {
		first := strings.Fields(strings.ReplaceAll(o.columns, ",", ""))[0]
		q += ` AND (` + first + `, m.id) ` + o.compare + ` (` + s.arg(key) + `, ` + s.arg(id) + `)`
	}
	return sqldb.List(ctx, s.tx, s.scanRow, q+` ORDER BY `+o.columns+` LIMIT `+s.arg(int64(limit)), s.args...)
}

func (s *scope) keyOf(r Row) string {
	if s.q.Q != "" {
		return r.token + "~" + r.key + "~" + r.ID
	}
	return orders[s.q.Sort].key(r) + "~" + r.ID
}

// total counts what the whole list holds: from the figures where they tell,
// else up to a thousand.
func (s *scope) total(ctx context.Context) (any, error) {
	if s.q.Q != "" {
		return s.found(ctx)
	}
	if s.narrowed() {
		s.args = nil
		n, err := sqldb.One(ctx, s.tx, sqldb.Int, `SELECT count(*) FROM (SELECT 1 AS one FROM members m WHERE m.tenant_id = `+s.arg(s.tenant)+s.filters()+` LIMIT 1001) AS t`, s.args...)
		return capped(n), err
	}
	if s.q.Status == "" && s.q.Sex == "" && s.q.Sort != "joined" && s.q.Sort != "-joined" {
		return s.size, nil
	}
	s.args = nil
	q := `SELECT cast(coalesce(sum(f.n), 0) as bigint) FROM union_reach r
		JOIN member_figures f ON f.tenant_id = r.tenant_id AND f.union_id = r.union_id
		WHERE r.tenant_id = ` + s.arg(s.tenant) + ` AND r.above_id = ` + s.arg(s.top)
	if s.q.Status != "" {
		q += ` AND f.status = ` + s.arg(string(s.q.Status))
	}
	if s.q.Sex != "" {
		q += ` AND f.sex = ` + s.arg(string(s.q.Sex))
	}
	return sqldb.One(ctx, s.tx, sqldb.Int, q, s.args...)
}

func capped(n int64) any {
	if n > 1000 {
		return "1000+"
	}
	return n
}
