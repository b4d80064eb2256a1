package hall

import (
	"context"
	"fmt"

	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/office/account"
	"unionhall/office/desk"
	"unionhall/office/record"
)

// manyAccounts is where counting of accounts stops.
const manyAccounts = 10000

// fromAccounts tells the administrators how the accounts stand, and whether
// the three of them are named.
//
// law: R1.69
func fromAccounts(ctx context.Context, tx *sqldb.Tx, v desk.Viewer) (p desk.Part, err error) {
	g, ok := v.Grant(account.Look)
	if !ok {
		return p, nil
	}
	type counts struct{ all, locked, first int64 }
	n, err := sqldb.One(ctx, tx, func(row sqldb.Row) (c counts, err error) { return c, row(&c.all, &c.locked, &c.first) }, `
		SELECT count(*), cast(coalesce(sum(CASE WHEN t.locked THEN 1 ELSE 0 END), 0) AS bigint),
			cast(coalesce(sum(CASE WHEN t.must_change THEN 1 ELSE 0 END), 0) AS bigint)
		FROM (SELECT a.locked, a.must_change FROM accounts a WHERE a.tenant_id = $1 LIMIT $2) AS t`, g.Tenant(), int64(manyAccounts))
	if err != nil {
		return p, err
	}
	const page = "/system/accounts"
	p.Figures = []desk.Figure{
		{Label: "账号", Value: grouped(n.all), Unit: "个", Href: page},
		{Label: "停用的账号", Value: grouped(n.locked), Unit: "个", Href: page + "?state=locked"},
		{Label: "还在用初始密码", Value: grouped(n.first), Unit: "个", Href: page + "?state=first"},
	}
	s, err := howFar(ctx, tx, v)
	if err != nil {
		return p, err
	}
	if step := accountStep(s, v); !step.Done {
		p.Duties = []desk.Duty{{Title: "配齐三员", Href: page, Note: step.Note, Tag: "未配齐", Kind: ui.Warn, Act: "账号与岗位", ActHref: page}}
	}
	return p, nil
}

// proveEvery is how many days a proof of the log is good for.
const proveEvery = 30

// fromRecord reminds the audit administrator to prove the log.
//
// law: R1.70
func fromRecord(ctx context.Context, tx *sqldb.Tx, v desk.Viewer) (p desk.Part, err error) {
	g, ok := v.Grant(record.Look)
	if !ok {
		return p, nil
	}
	last, err := sqldb.List(ctx, tx, sqldb.Text, `
		SELECT j.ended FROM jobs j WHERE j.tenant_id = $1 AND j.state = 'done' AND j.kind = $2 ORDER BY j.id DESC LIMIT 1`, g.Tenant(), record.Proving)
	if err != nil {
		return p, err
	}
	const page = "/audit/checks"
	f := desk.Figure{Label: "上次验证日志链", Value: "从未", Href: page, Kind: ui.Warn}
	d := desk.Duty{Title: "验证日志链", Href: page, Note: "还没有验证过；建议每月一次", Tag: "未验证", Act: "去验证", ActHref: page}
	if len(last) > 0 {
		on := day.Instant(last[0]).Day()
		f.Value, f.Kind, f.Note = string(on), "", fmt.Sprintf("%d 天前", day.Days(on, v.Today))
		d.Due, d.Note = on.AddDays(proveEvery), "上次在 "+string(on)+"；建议每月一次"
	}
	p.Figures = []desk.Figure{f}
	if d.Due == "" || day.Days(v.Today, d.Due) <= 7 {
		p.Duties = []desk.Duty{d}
	}
	return p, nil
}
