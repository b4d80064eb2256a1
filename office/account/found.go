package account

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"unionhall/commons/rulebook"
	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/kit/zh"
	"unionhall/law/region"
)

// Beginning is what an office starts from. Hash is the password's.
type Beginning struct {
	Name, ShortName, Region string
	Login, Person, Hash     string
	Demo                    bool
	By                      string        // who at the shell: shell:root
	Offices                 []auth.Office // of the first account; none: the founding ones
}

// TenantOf is the number of the serial-th committee of an area.
func TenantOf(area string, serial int) (int64, error) {
	if _, ok := region.Lookup(area); !ok || len(area) != 6 || serial < 1 || serial > 9999 {
		return 0, fault.New(fault.Invalid, "没有代码为“%s”的行政区划，请填六位代码，如 210600。", area)
	}
	return strconv.ParseInt(fmt.Sprintf("%s%04d", area, serial), 10, 64)
}

// Init founds an office: the tenant, its root union and the first account,
// which holds the posts of system administrator and of organisation officer
// until they are handed on. Tenant 0 takes the area's next free number.
func Init(ctx context.Context, tx *sqldb.Tx, tenant int64, b Beginning, at day.Instant) (Tenant, registry.Union, Account, error) {
	t, u, m := Tenant{Name: zh.Squeeze(b.Name), Demo: b.Demo}, registry.Union{}, audit.Moves{}
	var a Account
	if t.Name == "" {
		return t, u, a, &fault.Error{Kind: fault.Invalid, Text: "请填写单位名称。", Fields: map[string]string{"name": "单位名称：请填写"}}
	}
	var err error
	if t.ID, err = number(ctx, tx, tenant, b.Region); err != nil {
		return t, u, a, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO tenants (tenant_id, name, region, demo, started, version) VALUES ($1, $2, $3, $4, $5, 1)`, t.ID, t.Name, b.Region, t.Demo, string(at))
	if err != nil {
		return t, u, a, err
	}
	u = registry.Union{ID: sqldb.NewID(), Code: b.Region + "000000", Name: t.Name, ShortName: b.ShortName, Kind: registry.Agency, State: registry.Standing, Region: b.Region, Version: 1}
	g := auth.System(t.ID, b.By, Founding, u.ID)
	if err := registry.Insert(ctx, tx, g, m, u, "founded", at.Day(), "", ""); err != nil {
		return t, u, a, err
	}
	if a, err = insert(ctx, tx, g, m, New{Login: b.Login, Name: b.Person, Hash: b.Hash}, at); err != nil {
		return t, u, a, err
	}
	if len(b.Offices) == 0 {
		b.Offices = []auth.Office{auth.Officer, auth.Admin}
	}
	for _, office := range b.Offices {
		n := Giving{Account: a.ID, Office: office, UnionID: u.ID, From: at.Day()}
		if _, err := give(ctx, tx, g, m, n, at); err != nil {
			return t, u, a, err
		}
	}
	if err := m.Touch(ctx, tx, t.ID, audit.Touched{Table: "tenants"}); err != nil {
		return t, u, a, err
	}
	return t, u, a, m.Write(ctx, tx, g, a.ID, map[string]string{"name": t.Name, "region": b.Region, "login": a.Login, "union": u.ID}, at)
}

// number returns the tenant number to use: the one asked for, or the next of
// the area.
func number(ctx context.Context, tx *sqldb.Tx, asked int64, area string) (int64, error) {
	first, err := TenantOf(area, 1)
	if err != nil || asked != 0 {
		return asked, err
	}
	all, err := Tenants(ctx, tx)
	for _, t := range all {
		if t.ID/10000 == first/10000 && t.ID >= first {
			first = t.ID + 1
		}
	}
	return first, err
}

// Shell is the grant of whoever runs a command on the server over a tenant.
func Shell(ctx context.Context, tx *sqldb.Tx, tenant int64, who string, act auth.Action) (auth.Grant, error) {
	root, err := registry.Root(ctx, tx, tenant)
	if err != nil {
		return auth.Grant{}, err
	}
	return auth.System(tenant, who, act, root.ID), nil
}

// NewPassword writes a password that was given at the shell, already checked
// (Limits.PasswordFlaw) and hashed. must asks for a change at the next log-in.
func NewPassword(ctx context.Context, tx *sqldb.Tx, g auth.Grant, login, hash string, must bool, at day.Instant) error {
	a, err := ByLogin(ctx, tx, g, login)
	if err != nil {
		return fault.New(fault.NotFound, "没有账号“%s”。", login)
	}
	book, err := rulebook.Of(ctx, tx, g.Tenant())
	if err != nil {
		return err
	}
	lim, err := LimitsOf(book, g.Tenant(), at.Day())
	if err != nil {
		return err
	}
	return SetPassword(ctx, tx, g, a, hash, must, "", lim.History, at)
}

// CreateToken makes a token for a login at the shell, bound to the first post
// that the account holds, and returns its secret.
func CreateToken(ctx context.Context, db *sqldb.DB, tenant int64, login string, days int, by string, now time.Time) (secret string, err error) {
	at := day.At(now)
	err = db.Do(ctx, func(tx *sqldb.Tx) error {
		g, err := Shell(ctx, tx, tenant, by, Tokens)
		if err != nil {
			return err
		}
		a, err := ByLogin(ctx, tx, g, login)
		if err != nil {
			return fault.New(fault.NotFound, "没有账号“%s”。", login)
		}
		post, err := firstPost(ctx, tx, g, a, at.Day())
		if err != nil {
			return err
		}
		secret, _, err = MakeToken(ctx, tx, g, a.ID, "命令行办理", post, days, at)
		return err
	})
	return secret, err
}

func firstPost(ctx context.Context, tx *sqldb.Tx, g auth.Grant, a Account, on day.Day) (string, error) {
	posts, err := postsOf(ctx, tx, g.Tenant(), a.ID)
	for _, p := range posts {
		if p.Holds(on) {
			return p.ID, err
		}
	}
	if err == nil && a.MemberID == "" {
		err = fault.New(fault.Conflict, "账号“%s”现在没有岗位，令牌无从授权。请先任命岗位。", a.Login)
	}
	return Self, err
}

// Revoke takes a token back at the shell, by its id or how that begins.
func Revoke(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, at day.Instant) error {
	if len(id) < 8 {
		return fault.New(fault.Invalid, "令牌编号至少要写前 8 位。")
	}
	type found struct{ id, account string }
	all, err := sqldb.List(ctx, tx, func(row sqldb.Row) (f found, err error) { return f, row(&f.id, &f.account) },
		`SELECT id, account_id FROM sessions WHERE tenant_id = $1 AND kind = 'token' AND id LIKE $2 ESCAPE '\' ORDER BY id LIMIT 2`, g.Tenant(), likely(id)+"%")
	if err != nil {
		return err
	}
	if len(all) != 1 {
		return fault.New(fault.NotFound, "没有（或不止一个）编号以“%s”开头的令牌，请用 token list 查看。", id)
	}
	return EndSession(ctx, tx, g, all[0].account, all[0].id, at)
}
