package account

import (
	"context"

	"unionhall/commons/message"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/kit/zh"
)

// OutsideLink (关联登录) says whom an account is at an identity provider.
type OutsideLink struct {
	ID     string      `json:"id"`
	Issuer string      `json:"issuer"`
	Label  string      `json:"label,omitempty"` // what the provider calls the person
	Made   day.Instant `json:"made"`
}

func linkRow(id string) audit.Touched { return audit.Touched{Table: "sign_in_links", ID: id} }

// linksOf lists an account's links, the oldest first.
func linksOf(ctx context.Context, tx *sqldb.Tx, tenant int64, account string) ([]OutsideLink, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (l OutsideLink, err error) { return l, row(&l.ID, &l.Issuer, &l.Label, &l.Made) },
		`SELECT id, issuer, label, made FROM sign_in_links WHERE tenant_id = $1 AND account_id = $2 ORDER BY id`, tenant, account)
}

// linked returns the account that a subject of a provider is linked to, or "".
func linked(ctx context.Context, tx *sqldb.Tx, tenant int64, issuer, subject string) (string, error) {
	all, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT account_id FROM sign_in_links WHERE tenant_id = $1 AND issuer = $2 AND subject = $3`,
		tenant, issuer, blind(tx.Keys(), tenant, "sign_in_links", issuer, subject))
	if err != nil || len(all) == 0 {
		return "", err
	}
	return all[0], nil
}

// Join (关联) lets an account sign in as a subject of a provider. A subject
// that belongs to another account is fault.Conflict, to this one no change.
//
// law: PL-11
func Join(ctx context.Context, tx *sqldb.Tx, g auth.Grant, account, issuer, subject, label string, at day.Instant) error {
	if subject == "" || len(subject) > 255 {
		return &fault.Error{Kind: fault.Invalid, Text: "请填写此人在统一身份认证里的标识。", Fields: map[string]string{"subject": "标识：请填写，不超过 255 个字符"}}
	}
	id := sqldb.NewID()
	n, err := tx.Exec(ctx, `
		INSERT INTO sign_in_links (tenant_id, id, account_id, issuer, subject, label, made) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (tenant_id, issuer, subject) DO NOTHING`,
		g.Tenant(), id, account, issuer, blind(tx.Keys(), g.Tenant(), "sign_in_links", issuer, subject), shorten(zh.Squeeze(label)), string(at))
	if err != nil {
		return err
	}
	if n == 0 {
		whose, err := linked(ctx, tx, g.Tenant(), issuer, subject)
		if err == nil && whose != account {
			err = fault.New(fault.Conflict, "这个统一认证账号已经关联了别的账号。请先在那个账号里解除关联，或请系统管理员办理。")
		}
		return err
	}
	return audit.Write(ctx, tx, g, account, map[string]string{"linked": issuer, "label": label}, at, linkRow(id))
}

func shorten(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60])
	}
	return s
}

// Part (解除关联) takes a link away. One that is not the account's is
// fault.NotFound.
func Part(ctx context.Context, tx *sqldb.Tx, g auth.Grant, account, id string, at day.Instant) error {
	l, err := sqldb.One(ctx, tx, func(row sqldb.Row) (l OutsideLink, err error) { return l, row(&l.Issuer, &l.Label) },
		`SELECT issuer, label FROM sign_in_links WHERE tenant_id = $1 AND account_id = $2 AND id = $3`, g.Tenant(), account, id)
	if err != nil {
		return fault.New(fault.NotFound, "这处关联已经不在了，可能刚刚已解除。")
	}
	m := audit.Moves{}
	if err := m.Removed(ctx, tx, g.Tenant(), linkRow(id)); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `DELETE FROM sign_in_links WHERE tenant_id = $1 AND id = $2`, g.Tenant(), id)
	if err == nil && n == 0 {
		err = fault.New(fault.NotFound, "这处关联已经不在了，可能刚刚已解除。")
	}
	if err != nil {
		return err
	}
	return m.Write(ctx, tx, g, account, map[string]string{"parted": l.Issuer, "label": l.Label}, at)
}

// toldOfLink lets a person know that an administrator changed how they may
// sign in.
func toldOfLink(ctx context.Context, tx *sqldb.Tx, tenant int64, account, what string, at day.Instant) error {
	return message.Send(ctx, tx, tenant, account, what, "若不是您要求的，请联系本单位的安全管理员。", "/account", at)
}
