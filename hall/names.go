package hall

import (
	"context"
	"strconv"
	"strings"

	"unionhall/grassroots/registry/member"
	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/office/account"
	"unionhall/office/desk"
	"unionhall/office/record"
)

// tiles are the services on a member's first page: what exists.
var tiles = []desk.Tile{
	{Tile: ui.Tile{Text: "会员证", Href: "/me/card", Icon: "qrcode"}, Needs: member.Own},
	{Tile: ui.Tile{Text: "我的会籍", Href: "/me", Icon: "id"}, Needs: member.Own},
	{Tile: ui.Tile{Text: "会籍接转", Href: "/me/transfer", Icon: "transfer"}, Needs: member.Own},
	{Tile: ui.Tile{Text: "我的信息", Href: "/me/data", Icon: "shield-check"}, Needs: member.Own},
}

// nameThings names what the log is about: unions, members, accounts, imports.
func nameThings(ctx context.Context, tx *sqldb.Tx, tenant int64, ids []string) (map[string]record.Thing, error) {
	out := map[string]record.Thing{}
	if len(ids) == 0 {
		return out, nil
	}
	args, marks := []any{tenant}, make([]string, len(ids))
	for i, id := range ids {
		args = append(args, id)
		marks[i] = "$" + strconv.Itoa(i+2)
	}
	among := strings.Join(marks, ", ") + ")"
	for _, k := range []struct{ kind, query string }{
		{"工会", `SELECT t.id, t.name FROM unions t WHERE t.tenant_id = $1 AND t.id IN (`},
		{"会员", `SELECT t.id, t.name FROM members t WHERE t.tenant_id = $1 AND t.id IN (`},
		{"账号", `SELECT t.id, t.name FROM accounts t WHERE t.tenant_id = $1 AND t.id IN (`},
		{"年报", `SELECT t.id, cast(t.year AS text) || '年工会统计年报' FROM yearly_returns t WHERE t.tenant_id = $1 AND t.id IN (`},
		{"订阅", `SELECT t.id, t.name FROM hooks t WHERE t.tenant_id = $1 AND t.id IN (`},
		{"事项", `SELECT t.id, t.title FROM cases t WHERE t.tenant_id = $1 AND t.id IN (`},
		{"入会申请", `SELECT t.id, t.name FROM applications t WHERE t.tenant_id = $1 AND t.id IN (`},
		{"入会邀请", `SELECT t.id, t.name FROM invites t WHERE t.tenant_id = $1 AND t.id IN (`},
		{"会籍接转", `SELECT t.id, t.no FROM transfers t WHERE t.tenant_id = $1 AND t.id IN (`},
		{"退会和开除", `SELECT t.id, m.name FROM partings t JOIN members m ON m.tenant_id = t.tenant_id AND m.id = t.member_id WHERE t.tenant_id = $1 AND t.id IN (`},
		{"个人信息申请", `SELECT t.id, m.name FROM data_requests t JOIN members m ON m.tenant_id = t.tenant_id AND m.id = t.member_id WHERE t.tenant_id = $1 AND t.id IN (`},
		{"台账", `SELECT t.id, t.title FROM privacy_records t WHERE t.tenant_id = $1 AND t.id IN (`},
		{"事项", `SELECT t.id, t.title FROM cases t WHERE t.tenant_id = $1 AND t.id IN (`},
		{"凭证", `SELECT t.id, t.title FROM certificates t WHERE t.tenant_id = $1 AND t.id IN (`},
		{"收据", `SELECT t.id, '收据 ' || t.number FROM receipts t WHERE t.tenant_id = $1 AND t.id IN (`},
		{"收据本", `SELECT t.id, t.first_no || '—' || t.last_no FROM receipt_books t WHERE t.tenant_id = $1 AND t.id IN (`},
		{"发票", `SELECT t.id, '发票 ' || t.number FROM invoices t WHERE t.tenant_id = $1 AND t.id IN (`},
		{"发票文件", `SELECT t.id, t.name FROM invoice_files t WHERE t.tenant_id = $1 AND t.id IN (`},
		{"账套", `SELECT t.id, u.name || ' ' || cast(t.year AS text) || ' 年' FROM books t JOIN unions u ON u.tenant_id = t.tenant_id AND u.id = t.union_id WHERE t.tenant_id = $1 AND t.id IN (`},
		{"导入", `SELECT t.id, t.file_name FROM imports t WHERE t.tenant_id = $1 AND t.id IN (`},
	} {
		type named struct{ id, name string }
		err := sqldb.Each(ctx, tx, func(row sqldb.Row) (n named, err error) { return n, row(&n.id, &n.name) }, func(n named) error {
			out[n.id] = record.Thing{Kind: k.kind, Name: n.name}
			return nil
		}, k.query+among, args...)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// fewFound is how many of a kind the log is searched for by name.
const fewFound = 50

// findThings returns the accounts and the things whose name holds a text; a
// member only by the whole name, since members are many.
func findThings(ctx context.Context, tx *sqldb.Tx, tenant int64, q string) (accounts, things []string, err error) {
	like := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(q) + "%"
	const part = ` LIKE $2 ESCAPE '\' ORDER BY id LIMIT $3`
	if accounts, err = sqldb.List(ctx, tx, sqldb.Text, `SELECT id FROM accounts WHERE tenant_id = $1 AND name`+part, tenant, like, int64(fewFound)); err != nil {
		return nil, nil, err
	}
	things = append(things, accounts...)
	for _, s := range []struct{ query, arg string }{
		{`SELECT id FROM unions WHERE tenant_id = $1 AND name` + part, like},
		{`SELECT id FROM members WHERE tenant_id = $1 AND name = $2 ORDER BY id LIMIT $3`, q},
	} {
		more, err := sqldb.List(ctx, tx, sqldb.Text, s.query, tenant, s.arg, int64(fewFound))
		if err != nil {
			return nil, nil, err
		}
		things = append(things, more...)
	}
	return accounts, things, nil
}

// people finds the members that accounts are linked to: by name and union,
// with the phone masked, and nothing more.
type people struct{}

func (people) People(ctx context.Context, tx *sqldb.Tx, g auth.Grant, q string, limit int) ([]account.Person, error) {
	page, err := member.List(ctx, tx, g.For(member.Look), member.Query{Q: q, Status: member.Active, Limit: limit})
	out := make([]account.Person, 0, len(page.Items))
	for _, m := range page.Items {
		out = append(out, account.Person{ID: m.ID, Name: m.Name, Union: m.UnionName, Phone: m.Phone})
	}
	return out, err
}

func (people) Person(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (account.Person, error) {
	m, err := member.Find(ctx, tx, g.For(member.Look), id)
	return account.Person{ID: m.ID, Name: m.Person.Name, Union: m.Union.Name}, err
}
