package account

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/kit/zh"
)

const accountColumns = `a.id, a.login, a.name, a.name_key, a.member_id, a.must_change, a.changed, a.locked, a.version`

func scanAccount(row sqldb.Row) (a Account, err error) {
	err = row(&a.ID, &a.Login, &a.Name, &a.key, &a.MemberID, &a.MustChange, &a.Changed, &a.Locked, &a.Version)
	return a, err
}

// selectAccounts reads the accounts of a tenant. They hang on no union: only a
// post over the whole tree sees them.
const selectAccounts = `
	SELECT ` + accountColumns + `
	FROM accounts a
	WHERE a.tenant_id = $1 AND EXISTS (
		SELECT 1 FROM unions u WHERE u.tenant_id = a.tenant_id AND u.id = $2 AND u.parent_id IS NULL)`

// Find returns an account, or fault.NotFound.
func Find(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Account, error) {
	return sqldb.One(ctx, tx, scanAccount, selectAccounts+` AND a.id = $3`, g.Tenant(), g.Under(), id)
}

// ByLogin returns an account by what its person types, or fault.NotFound.
func ByLogin(ctx context.Context, tx *sqldb.Tx, g auth.Grant, login string) (Account, error) {
	return sqldb.One(ctx, tx, scanAccount, selectAccounts+` AND a.login = $3`, g.Tenant(), g.Under(), tidyLogin(login))
}

// Mine returns the account that g belongs to.
func mine(ctx context.Context, tx *sqldb.Tx, g auth.Grant) (Account, error) {
	return sqldb.One(ctx, tx, scanAccount, `SELECT `+accountColumns+` FROM accounts a WHERE a.tenant_id = $1 AND a.id = $2`, g.Tenant(), g.Account())
}

// Names returns what accounts are called, by id: for logs and histories.
func Names(ctx context.Context, tx *sqldb.Tx, tenant int64, ids []string) (map[string]string, error) {
	out := map[string]string{}
	if len(ids) == 0 {
		return out, nil
	}
	marks, args := among(2, ids)
	err := sqldb.Each(ctx, tx, func(row sqldb.Row) (v [2]string, err error) { return v, row(&v[0], &v[1]) },
		func(v [2]string) error { out[v[0]] = v[1]; return nil },
		`SELECT id, name FROM accounts WHERE tenant_id = $1 AND id IN (`+marks+`)`, append([]any{tenant}, args...)...)
	return out, err
}

// among writes the marks of an IN list that begins with $first.
func among(first int, ids []string) (marks string, args []any) {
	var b strings.Builder
	for i, id := range ids {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(first+i))
		args = append(args, id)
	}
	return b.String(), args
}

// Tenants lists the committees of the installation: for the log-in page and
// the shell, before anyone is known.
func Tenants(ctx context.Context, tx *sqldb.Tx) ([]Tenant, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (t Tenant, err error) { return t, row(&t.ID, &t.Name, &t.Demo) },
		`SELECT tenant_id, name, demo FROM tenants ORDER BY tenant_id`)
}

const postColumns = `p.id, p.office, p.union_id, u.name, p.from_day, p.to_day, p.acting_for, p.account_id, p.document, p.version`

const selectPosts = `
	SELECT ` + postColumns + `
	FROM posts p JOIN unions u ON u.tenant_id = p.tenant_id AND u.id = p.union_id
	WHERE p.tenant_id = $1`

func scanPost(row sqldb.Row) (p Post, err error) {
	err = row(&p.ID, &p.Office, &p.UnionID, &p.Union, &p.From, &p.To, &p.ActingFor, &p.Account, &p.Document, &p.Version)
	return p, err
}

// postsOf lists the posts of accounts, past ones too, in the order given.
func postsOf(ctx context.Context, tx *sqldb.Tx, tenant int64, accounts ...string) ([]Post, error) {
	if len(accounts) == 0 {
		return nil, nil
	}
	marks, args := among(2, accounts)
	return sqldb.List(ctx, tx, scanPost, selectPosts+` AND p.account_id IN (`+marks+`) ORDER BY p.account_id, p.id`, append([]any{tenant}, args...)...)
}

// Query is what a list of accounts is narrowed to and sorted by.
type Query struct {
	Q      string      `json:"q" doc:"姓名、账号"`
	Office auth.Office `json:"office" doc:"岗位"`
	State  string      `json:"state" doc:"状态"` // open, locked, idle (no post), officer (some), first (password not yet changed), second (officer without one), stale (unused for long)
	Sort   string      `json:"sort" doc:"排序"`  // name, -name, login, -login
	After  string      `json:"after" doc:"上一页末行"`
	Limit  int         `json:"limit" doc:"每页行数"`
	stale  int         // days after which an account is unused for long
}

// Row is an account in the list.
type Row struct {
	Account
	Posts   []Post      `json:"posts"` // of today
	Last    day.Instant `json:"last,omitempty"`
	Address string      `json:"-"`
}

// List is one page of accounts.
type List struct {
	Items []Row  `json:"items"`
	Next  string `json:"next,omitempty"`
	Total any    `json:"total,omitempty"`
}

const pageRows = 50

var orders = map[string]struct{ column, dir, compare string }{
	"name": {"a.name_key", "", ">"}, "-name": {"a.name_key", " DESC", "<"},
	"login": {"a.login", "", ">"}, "-login": {"a.login", " DESC", "<"},
}

// Accounts lists the accounts that q means, with the posts held on the day.
func Accounts(ctx context.Context, tx *sqldb.Tx, g auth.Grant, q Query, today day.Day) (List, error) {
	if q.Limit < 1 || q.Limit > 200 {
		q.Limit = pageRows
	}
	if q.Sort == "" {
		q.Sort = "name"
	}
	o, ok := orders[q.Sort]
	if !ok {
		return List{}, &fault.Error{Kind: fault.Invalid, Text: "不能按这一列排序。", Fields: map[string]string{"sort": "排序：请用 name 或 login"}}
	}
	where, args := q.filters(g, today)
	n, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM (`+selectAccounts+where+` LIMIT 1001) AS t`, args...)
	if err != nil {
		return List{}, err
	}
	l := List{Total: any(n)}
	if n > 1000 {
		l.Total = "1000+"
	}
	if key, id, found := strings.Cut(q.After, "~"); found {
		where += fmt.Sprintf(` AND (%s, a.id) %s ($%d, $%d)`, o.column, o.compare, len(args)+1, len(args)+2)
		args = append(args, key, id)
	}
	args = append(args, int64(q.Limit+1))
	accounts, err := sqldb.List(ctx, tx, scanAccount, selectAccounts+where+fmt.Sprintf(` ORDER BY %s%s, a.id%s LIMIT $%d`, o.column, o.dir, o.dir, len(args)), args...)
	if err != nil {
		return List{}, err
	}
	if len(accounts) > q.Limit {
		accounts = accounts[:q.Limit]
		last := accounts[q.Limit-1]
		l.Next = map[bool]string{true: last.Login, false: last.key}[strings.HasSuffix(q.Sort, "login")] + "~" + last.ID
	}
	l.Items, err = fill(ctx, tx, g.Tenant(), accounts, today)
	return l, err
}

// filters narrows a to what q means; $1 and $2 are those of selectAccounts.
func (q Query) filters(g auth.Grant, today day.Day) (where string, args []any) {
	args = []any{g.Tenant(), g.Under()}
	mark := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	if text := strings.ToLower(zh.Narrow(q.Q)); text != "" {
		part := mark("%" + likely(text) + "%")
		where += ` AND (a.login LIKE ` + part + ` ESCAPE '\' OR a.name LIKE ` + part + ` ESCAPE '\')`
	}
	held := ` EXISTS (SELECT 1 FROM posts p WHERE p.tenant_id = a.tenant_id AND p.account_id = a.id AND p.from_day <= `
	until := ` AND (p.to_day IS NULL OR p.to_day >= `
	if q.Office != "" {
		where += ` AND` + held + mark(string(today)) + until + mark(string(today)) + `) AND p.office = ` + mark(string(q.Office)) + `)`
	}
	switch q.State {
	case "open":
		where += ` AND NOT a.locked`
	case "locked":
		where += ` AND a.locked`
	case "idle":
		where += ` AND NOT` + held + mark(string(today)) + until + mark(string(today)) + `))`
	case "first":
		where += ` AND a.must_change`
	case "officer", "second":
		where += ` AND NOT a.locked AND` + held + mark(string(today)) + until + mark(string(today)) + `))`
		if q.State == "second" {
			where += ` AND NOT EXISTS (SELECT 1 FROM second_factors f WHERE f.tenant_id = a.tenant_id AND f.id = a.id AND f.confirmed IS NOT NULL)`
		}
	case "stale":
		before := mark(string(today.AddDays(-q.stale).Start()))
		where += ` AND NOT a.locked AND a.changed < ` + before + ` AND NOT EXISTS (
			SELECT 1 FROM last_logins l WHERE l.tenant_id = a.tenant_id AND l.account_id = a.id AND l.at >= ` + before + `)`
	}
	return where, args
}

// likely escapes what LIKE would read as a pattern.
func likely(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}

// fill adds to accounts the posts of today and the last log-in.
func fill(ctx context.Context, tx *sqldb.Tx, tenant int64, accounts []Account, today day.Day) ([]Row, error) {
	rows, at, ids := make([]Row, len(accounts)), map[string]int{}, make([]string, len(accounts))
	for i, a := range accounts {
		rows[i], at[a.ID], ids[i] = Row{Account: a, Posts: []Post{}}, i, a.ID
	}
	if len(rows) == 0 {
		return rows, nil
	}
	posts, err := postsOf(ctx, tx, tenant, ids...)
	if err != nil {
		return nil, err
	}
	for _, p := range posts {
		if p.Holds(today) {
			r := &rows[at[p.Account]]
			r.Posts = append(r.Posts, p)
		}
	}
	marks, args := among(2, ids)
	err = sqldb.Each(ctx, tx, func(row sqldb.Row) (v [3]string, err error) { return v, row(&v[0], &v[1], &v[2]) },
		func(v [3]string) error {
			rows[at[v[0]]].Last, rows[at[v[0]]].Address = day.Instant(v[1]), v[2]
			return nil
		},
		`SELECT account_id, at, address FROM last_logins WHERE tenant_id = $1 AND account_id IN (`+marks+`)`, append([]any{tenant}, args...)...)
	return rows, err
}

// PostsOf lists an account's posts, past ones too, the oldest first.
func PostsOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, account string) ([]Post, error) {
	if _, err := Find(ctx, tx, g, account); err != nil {
		return nil, err
	}
	return postsOf(ctx, tx, g.Tenant(), account)
}
