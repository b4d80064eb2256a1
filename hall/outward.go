package hall

import (
	"context"
	"fmt"
	"time"

	"unionhall/commons/message"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/outbox"
	"unionhall/kit/sqldb"
	"unionhall/office/post"
)

// demoPost gives the synthetic city a past of messages that left it: some
// arrived, some did not, and a subscription that was stopped. Nothing of it
// goes anywhere: mail has no server here, and the subscription stays stopped.
func (h *House) demoPost(ctx context.Context, tx *sqldb.Tx, tenant int64, root string, at day.Instant) error {
	g := auth.System(tenant, "demo", post.Turn, root)
	if _, err := h.Post.Post.Turn(ctx, tx, g, message.WeCom, true, 0, at); err != nil {
		return err
	}
	made, err := h.Post.Add(ctx, tx, g.For(post.Hooks), post.HookForm{
		Name: "市直机关办公系统", URL: "https://oa.binjiang.invalid/unionhall", Events: []string{"union.founded", "union.renamed", "member.joined", "member.left"},
	}, at)
	if err != nil {
		return err
	}
	if _, err := h.Post.Switch(ctx, tx, g.For(post.Hooks), made.ID, false, 1, at); err != nil {
		return err
	}
	people, err := sqldb.List(ctx, tx, func(row sqldb.Row) (v [2]string, err error) { return v, row(&v[0], &v[1]) },
		`SELECT id, login FROM accounts WHERE tenant_id = $1 AND login IN ('officer', 'director', 'chair', 'chair2') ORDER BY login`, tenant)
	if err != nil {
		return err
	}
	for i, p := range people {
		if err := demoAddress(ctx, tx, g.For(message.Ways), p[0], p[1]+"@binjiang.invalid", at); err != nil {
			return err
		}
		own := auth.As(tenant, p[0], auth.Officer, message.Ways, root)
		ways, err := message.ChoiceOf(ctx, tx, own)
		if err != nil {
			return err
		}
		ways.Digest = i%2 == 0
		if _, err := message.Choose(ctx, tx, own, ways, at); err != nil {
			return err
		}
		for n := range 6 {
			if err := demoLetter(ctx, tx, tenant, p[0], 6*i+n, at); err != nil {
				return err
			}
		}
	}
	for n, e := range []string{"工会更名", "会员入会", "会员入会"} {
		l := outbox.Letter{Kind: "hook", Title: "市直机关办公系统：" + e, Thing: made.ID, Body: fmt.Sprintf(`{"id":"demo-%d","data":{}}`, n), State: []outbox.State{outbox.Sent, outbox.Sent, outbox.Dead}[n]}
		if err := demoSent(ctx, tx, tenant, l, at, 20-3*n, [3]string{"", "", "对方拒收，请核对地址和密钥"}[n], [3]int64{200, 204, 404}[n]); err != nil {
			return err
		}
	}
	return nil
}

func demoAddress(ctx context.Context, tx *sqldb.Tx, g auth.Grant, account, address string, at day.Instant) error {
	id := sqldb.NewID()
	_, err := tx.Exec(ctx, `INSERT INTO addresses (tenant_id, id, account_id, channel, address, proved, made) VALUES ($1, $2, $3, 'mail', $4, $5, $5)`,
		g.Tenant(), id, account, tx.Keys().Seal(g.Tenant(), "addresses", "address", address), string(at))
	if err != nil {
		return err
	}
	return audit.Write(ctx, tx, g, account, map[string]any{"did": "proved", "channel": message.Mail}, at, audit.Touched{Table: "addresses", ID: id})
}

// demoLetter is one message that went by mail, most of them well.
func demoLetter(ctx context.Context, tx *sqldb.Tx, tenant int64, account string, n int, at day.Instant) error {
	class := message.Classes[n%len(message.Classes)]
	l := outbox.Letter{Kind: "mail", Title: class.Label(), Account: account, Thing: sqldb.NewID(), State: outbox.Sent}
	problem, status := "", int64(0)
	switch n % 9 {
	case 4:
		l.State, problem, status = outbox.Dead, "对方邮件服务器拒收，请核对邮箱地址", 550
	case 7:
		l.State = outbox.Unneeded
	}
	return demoSent(ctx, tx, tenant, l, at, 31*(24-n), problem, status)
}

func demoSent(ctx context.Context, tx *sqldb.Tx, tenant int64, l outbox.Letter, at day.Instant, hours int, problem string, status int64) error {
	l.ID = sqldb.NewID()
	now, err := time.Parse(time.RFC3339, string(at))
	if err != nil {
		return err
	}
	on := day.At(now.Add(-time.Duration(hours)*time.Hour - time.Duration(hours*7%60)*time.Minute))
	if l.Body == "" {
		l.Body = "{}"
	}
	err = tx.Insert(ctx, "outbox", `tenant_id, id, kind, title, body, target, account_id, thing_id, state, tries, due, error, made, ended`,
		[][]any{{tenant, l.ID, l.Kind, l.Title, l.Body, l.Kind, l.Account, l.Thing, string(l.State), int64(1), string(on), problem, string(on), string(on)}})
	if err != nil || l.State == outbox.Unneeded {
		return err
	}
	return tx.Insert(ctx, "tries", `tenant_id, id, outbox_id, at, took, status, error`,
		[][]any{{tenant, sqldb.NewID(), l.ID, string(on), int64(80 + 7*(hours%13)), status, problem}})
}
