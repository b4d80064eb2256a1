package hall

import (
	"context"
	"fmt"

	"unionhall/commons/consent"
	"unionhall/grassroots/registry/member"
	"unionhall/grassroots/registry/own"
	"unionhall/grassroots/registry/twin"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/office/account"
	"unionhall/office/desk"
	"unionhall/office/privacy"
)

// ownSections are what other rooms hold about a person beside the membership.
//
// law: R1.63
var ownSections = []func(context.Context, *sqldb.Tx, int64, string) ([]own.Section, error){accountSection, letterSection}

// accountSection is the account that a member signs in with.
func accountSection(ctx context.Context, tx *sqldb.Tx, tenant int64, memberID string) ([]own.Section, error) {
	rows, err := sqldb.List(ctx, tx, func(row sqldb.Row) ([]string, error) {
		var login, name string
		var locked bool
		err := row(&login, &name, &locked)
		return []string{login, name, map[bool]string{true: "停用", false: "在用"}[locked]}, err
	}, `SELECT a.login, a.name, a.locked FROM accounts a WHERE a.tenant_id = $1 AND a.member_id = $2`, tenant, memberID)
	return []own.Section{{Title: "登录账号", Head: []string{"账号", "姓名", "状态"}, Rows: rows}}, err
}

// letterSection is what was sent to the member's account.
func letterSection(ctx context.Context, tx *sqldb.Tx, tenant int64, memberID string) ([]own.Section, error) {
	rows, err := sqldb.List(ctx, tx, func(row sqldb.Row) ([]string, error) {
		var title, body string
		var at day.Instant
		err := row(&at, &title, &body)
		return []string{at.Local(), title, body}, err
	}, `SELECT m.at, m.title, m.body FROM messages m JOIN accounts a ON a.tenant_id = m.tenant_id AND a.id = m.account_id
		WHERE m.tenant_id = $1 AND a.member_id = $2 ORDER BY m.id DESC LIMIT 1000`, tenant, memberID)
	return []own.Section{{Title: "收到的消息", Head: []string{"时间", "标题", "内容"}, Rows: rows}}, err
}

// publicOffices are the offices whose notices a visitor may read.
func publicOffices(ctx context.Context, tx *sqldb.Tx) ([]consent.Office, error) {
	all, err := account.Tenants(ctx, tx)
	out := make([]consent.Office, len(all))
	for i, t := range all {
		out[i] = consent.Office{ID: t.ID, Name: t.Name}
	}
	return out, err
}

// sights are the fields of a person with the actions that show them, as the
// room of members says.
func sights() (out []privacy.Sight) {
	for _, s := range member.Sights() {
		out = append(out, privacy.Sight{Label: s.Label, Look: s.Look, Clear: s.Clear})
	}
	return out
}

// mostOf is where counting of duties stops.
const mostOf = 1000

// fromPrivacy tells what waits about people's data: notices to read, requests
// to answer, twins to settle, leavers' data that are due.
//
// law: R1.61, R1.63, R1.75, S2-10
func fromPrivacy(ctx context.Context, tx *sqldb.Tx, v desk.Viewer) (p desk.Part, err error) {
	if g, ok := v.Grant(own.Look); ok {
		waiting, err := own.List(ctx, tx, g, true, "", 20)
		if err != nil {
			return p, err
		}
		for _, q := range waiting {
			if q.Member != g.Self() {
				p.Duties = append(p.Duties, desk.Duty{Title: q.Name + "：" + q.What(), Href: q.Place(), Note: q.Union + " · 答复要说明理由", Due: q.Due, Tag: "待答复", Act: "答复", ActHref: q.Place()})
			}
		}
	}
	if g, ok := v.Grant(twin.Settle); ok {
		n, err := twin.Waiting(ctx, tx, g, mostOf)
		if err != nil {
			return p, err
		}
		if n > 0 {
			const page = "/grassroots/registry/twins"
			p.Duties = append(p.Duties, desk.Duty{Title: fmt.Sprintf("疑似重复的会员 %s 对", grouped(n)), Href: page, Note: "逐对认定是不是同一个人", Tag: "待认定", Kind: ui.Info, Act: "查看", ActHref: page})
		}
	}
	if g, ok := v.Grant(own.Erase); ok {
		k, err := own.KeepingOf(ctx, tx, g.Tenant(), v.Today)
		if err != nil {
			return p, err
		}
		_, n, err := own.DueBy(ctx, tx, g, k.Until)
		if err != nil {
			return p, err
		}
		if n > 0 {
			const page = "/grassroots/registry/retention"
			p.Duties = append(p.Duties, desk.Duty{Title: fmt.Sprintf("离会人员资料到期 %s 人", grouped(n)), Href: page, Note: fmt.Sprintf("离会已满 %d 年，看过预览后确认清理", k.Years), Tag: "到期", Kind: ui.Mute, Act: "查看", ActHref: page})
		}
	}
	d, err := toRead(ctx, tx, v)
	p.Duties = append(p.Duties, d...)
	return p, err
}

// toRead is the duty of a member to answer notices that changed or are new.
//
// law: R1.61
func toRead(ctx context.Context, tx *sqldb.Tx, v desk.Viewer) ([]desk.Duty, error) {
	if _, ok := v.Grant(member.Own); !ok || v.Actor.Self() == "" {
		return nil, nil
	}
	all, err := consent.Stand(ctx, tx, v.Actor.Tenant(), v.Actor.Self())
	n := 0
	for _, s := range all {
		if s.Asked {
			n++
		}
	}
	if n == 0 {
		return nil, err
	}
	const page = "/me/consents"
	return []desk.Duty{{Title: fmt.Sprintf("个人信息告知 %d 项请您答复", n), Href: page, Note: "可以同意也可以不同意，不影响其他服务", Tag: "请阅", Kind: ui.Info, Act: "去看", ActHref: page}}, err
}
