package account

import (
	"context"
	"fmt"
	"slices"

	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/kit/zh"
)

// head makes the acts on a tenant's posts and locks wait for each other, so
// that two of them can't both take away the last administrator, or give one
// person two of the three posts.
func head(ctx context.Context, tx *sqldb.Tx, tenant int64) error {
	_, err := registry.Next(ctx, tx, tenant, "posts", "", 1)
	return err
}

// administrators lists everybody's posts of the system administrator.
func administrators(ctx context.Context, tx *sqldb.Tx, tenant int64) ([]holder, error) {
	return holders(ctx, tx, tenant, auth.Admin)
}

func holders(ctx context.Context, tx *sqldb.Tx, tenant int64, office auth.Office) ([]holder, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (h holder, err error) {
		err = row(&h.post.ID, &h.post.Office, &h.post.From, &h.post.To, &h.id, &h.blocked)
		return h, err
	}, `
		SELECT p.id, p.office, p.from_day, p.to_day, a.id, a.locked
		FROM posts p JOIN accounts a ON a.tenant_id = p.tenant_id AND a.id = p.account_id
		WHERE p.tenant_id = $1 AND p.office = $2`, tenant, string(office))
}

func holdsAdmin(all []holder, account string) bool {
	return slices.ContainsFunc(all, func(h holder) bool { return h.id == account })
}

// SecurityHeld reports whether anybody holds the security administrator's post
// on the day; until then the system administrator founds the three.
func securityHeld(ctx context.Context, tx *sqldb.Tx, tenant int64, on day.Day) (bool, error) {
	all, err := holders(ctx, tx, tenant, auth.Security)
	return slices.ContainsFunc(all, func(h holder) bool { return h.post.Holds(on) && !h.blocked }), err
}

// Giving (任命) is a post that is to be given.
type Giving struct {
	Account   string
	Office    auth.Office
	UnionID   string
	From, To  day.Day
	Document  string
	ActingFor string // login or name of the officer whose absence it covers
}

// Give gives a post. What the rules forbid is fault.Denied or fault.Conflict.
//
// law: PL-10, R1.69
func Give(ctx context.Context, tx *sqldb.Tx, g auth.Grant, n Giving, at day.Instant) (Post, error) {
	p, m := Post{}, audit.Moves{}
	p, err := give(ctx, tx, g, m, n, at)
	if err != nil {
		return p, err
	}
	change := map[string]string{"post": p.ID, "office": string(p.Office), "union": p.UnionID, "from": string(p.From), "to": string(p.To), "acting_for": p.ActingFor, "document": p.Document}
	return p, m.Write(ctx, tx, g, n.Account, change, at)
}

func give(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, n Giving, at day.Instant) (p Post, err error) {
	if err := head(ctx, tx, g.Tenant()); err != nil {
		return p, err
	}
	if _, err := Find(ctx, tx, g, n.Account); err != nil {
		return p, err
	}
	if n.Account == g.Account() {
		return p, fault.New(fault.Denied, "不能给自己任职，请由他人办理。")
	}
	founded, err := securityHeld(ctx, tx, g.Tenant(), at.Day())
	if err != nil {
		return p, err
	}
	if err := mayGive(g, n.Office, founded); err != nil {
		return p, err
	}
	if f := spanFlaw(n.From, n.To, n.ActingFor != ""); len(f) > 0 {
		return p, &fault.Error{Kind: fault.Invalid, Text: "岗位的起止日期不对，请改正。", Fields: f}
	}
	u, err := seat(ctx, tx, g, n)
	if err != nil {
		return p, err
	}
	p = Post{Post: auth.Post{ID: sqldb.NewID(), Office: n.Office, UnionID: u.ID, Union: u.Name, From: n.From, To: n.To}, Account: n.Account, Document: zh.Squeeze(n.Document), Version: 1}
	held, err := postsOf(ctx, tx, g.Tenant(), n.Account)
	if err != nil {
		return p, err
	}
	if err := apart(held, p.Post); err != nil {
		return p, err
	}
	if p.ActingFor, err = absent(ctx, tx, g, n); err != nil {
		return p, err
	}
	return p, install(ctx, tx, g, m, p)
}

// install writes a post and takes its seal into m.
func install(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, p Post) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO posts (tenant_id, id, account_id, office, union_id, from_day, to_day, acting_for, document, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)`,
		g.Tenant(), p.ID, p.Account, string(p.Office), p.UnionID, string(p.From), string(p.To), p.ActingFor, p.Document)
	if err != nil {
		return err
	}
	return m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "posts", ID: p.ID})
}

// seat returns the union that a post is over: it stands, within g's reach, and
// for the three it is the root.
func seat(ctx context.Context, tx *sqldb.Tx, g auth.Grant, n Giving) (registry.Union, error) {
	wrong := func(text string) error {
		return &fault.Error{Kind: fault.Invalid, Text: text, Fields: map[string]string{"union": "任职工会：" + text}}
	}
	if n.UnionID == "" {
		return registry.Union{}, wrong("请选择在哪个工会任职。")
	}
	u, err := registry.Find(ctx, tx, g, n.UnionID)
	if err != nil {
		return u, err
	}
	if u.State != registry.Standing {
		return u, wrong("这个工会" + u.State.Label() + "，不能再任命。")
	}
	if slices.Contains(Trusted, n.Office) && u.ParentID != "" {
		return u, wrong("三员设在工委，请选择“" + "工委" + "”本级。")
	}
	return u, nil
}

// absent returns the name of the officer whose absence a post covers: somebody
// who holds the same office over the same union when it begins.
//
// law: PL-10
func absent(ctx context.Context, tx *sqldb.Tx, g auth.Grant, n Giving) (string, error) {
	if n.ActingFor == "" {
		return "", nil
	}
	names, err := sqldb.List(ctx, tx, sqldb.Text, `
		SELECT a.name FROM posts p JOIN accounts a ON a.tenant_id = p.tenant_id AND a.id = p.account_id
		WHERE p.tenant_id = $1 AND p.union_id = $2 AND p.office = $3 AND p.acting_for IS NULL AND p.account_id <> $4
			AND p.from_day <= $5 AND (p.to_day IS NULL OR p.to_day >= $5) AND (a.name = $6 OR a.login = $7)
		ORDER BY p.id LIMIT 1`,
		g.Tenant(), n.UnionID, string(n.Office), n.Account, string(n.From), zh.Clean(n.ActingFor), tidyLogin(n.ActingFor))
	if err != nil {
		return "", err
	}
	if len(names) == 0 {
		text := "没有叫“" + n.ActingFor + "”的人在这个工会任" + n.Office.Label() + "，请填写被代理人的姓名或账号。"
		return "", &fault.Error{Kind: fault.Invalid, Text: text, Fields: map[string]string{"acting_for": text}}
	}
	return names[0], nil
}

// End ends a post: last is its last day, both in rights and in the record.
// Yesterday ends it at once. The last system administrator's post is not ended.
//
// law: PL-09
func End(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, last day.Day, document string, version int64, at day.Instant) (Post, error) {
	if err := head(ctx, tx, g.Tenant()); err != nil {
		return Post{}, err
	}
	p, err := findPost(ctx, tx, g, id)
	if err != nil {
		return p, err
	}
	founded, err := securityHeld(ctx, tx, g.Tenant(), at.Day())
	if err != nil {
		return p, err
	}
	if err := mayGive(g, p.Office, founded); err != nil {
		return p, err
	}
	if last == "" || last < p.From.AddDays(-1) || p.To != "" && last > p.To {
		text := "最后一天应在 " + string(p.From) + " 之后、原定的最后一天之前。"
		return p, &fault.Error{Kind: fault.Invalid, Text: text, Fields: map[string]string{"last": text}}
	}
	if last < at.Day().AddDays(-1) {
		text := "岗位不能倒填日期结束；要立即结束请填昨天（" + string(at.Day().AddDays(-1)) + "）。"
		return p, &fault.Error{Kind: fault.Invalid, Text: text, Fields: map[string]string{"last": text}}
	}
	if p.Office == auth.Admin {
		all, err := administrators(ctx, tx, g.Tenant())
		if err != nil {
			return p, err
		}
		if !administered(all, last.AddDays(1), p.ID) {
			return p, fault.New(fault.Conflict, "%s 之后就没有系统管理员了。请先任命另一位系统管理员，再结束这个岗位。", last)
		}
	}
	n, err := tx.Exec(ctx, `UPDATE posts SET to_day = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND version = $4`, string(last), g.Tenant(), id, version)
	if err != nil {
		return p, err
	}
	if n == 0 {
		return p, faster(ctx, tx, g, p.Account)
	}
	change := map[string]string{"post": p.ID, "office": string(p.Office), "union": p.UnionID, "to": string(last), "document": document}
	if err := audit.Write(ctx, tx, g, p.Account, change, at, audit.Touched{Table: "posts", ID: id}); err != nil {
		return p, fmt.Errorf("post %s: %w", id, err)
	}
	p.To, p.Version = last, p.Version+1
	return p, nil
}

// findPost returns a post over a union within g's reach, or fault.NotFound.
func findPost(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Post, error) {
	return sqldb.One(ctx, tx, scanPost, selectPosts+` AND p.id = $2 AND EXISTS (
		SELECT 1 FROM union_reach r WHERE r.tenant_id = p.tenant_id AND r.above_id = $3 AND r.union_id = p.union_id)`, g.Tenant(), id, g.Under())
}
