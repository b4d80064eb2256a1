package hall

import (
	"context"
	"fmt"
	"time"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/admission"
	"unionhall/grassroots/registry/member"
	"unionhall/grassroots/registry/parting"
	"unionhall/grassroots/registry/transfer"
	"unionhall/hall/city"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/ident"
	"unionhall/kit/sqldb"
)

// coming makes what the memberships of the demo city are busy with: people who
// apply, who move, who may lose the membership; something in every state. It
// acts as the demo's own officers would, some days ago.
type coming struct {
	ctx     context.Context
	tx      *sqldb.Tx
	today   day.Day
	root    registry.Ref
	unions  [2]registry.Ref
	account map[string]string // by login
	room    *admission.Room
	people  int
	err     error
}

func (h *House) demoLife(ctx context.Context, tx *sqldb.Tx, root registry.Union, c city.People, at day.Instant) error {
	l := &coming{ctx: ctx, tx: tx, today: at.Day(), root: root.Ref(), unions: c.Unions, account: map[string]string{}, room: admission.New(transfer.Room{}, nil)}
	err := sqldb.Each(ctx, tx, func(row sqldb.Row) (v [2]string, err error) { return v, row(&v[0], &v[1]) },
		func(v [2]string) error { l.account[v[0]] = v[1]; return nil },
		`SELECT login, id FROM accounts WHERE tenant_id = $1`, int64(city.Tenant))
	if err != nil {
		return err
	}
	l.applications()
	l.transfers()
	l.partings()
	return l.err
}

// at is ten in the morning some days ago.
func (l *coming) at(daysAgo int) day.Instant {
	t, err := time.Parse(time.RFC3339, l.today.AddDays(-daysAgo).Start())
	l.note(err)
	return day.At(t.Add(10 * time.Hour))
}

func (l *coming) note(err error) {
	if l.err == nil {
		l.err = err
	}
}

func (l *coming) officer(act auth.Action) auth.Grant {
	return auth.As(city.Tenant, l.account["officer"], auth.Officer, act, l.root.ID)
}

// chair acts for the first or the second of the two unions with a chair.
func (l *coming) chair(i int, act auth.Action) auth.Grant {
	return auth.As(city.Tenant, l.account[[]string{"chair", "chair2"}[i]], auth.Chair, act, l.unions[i].ID)
}

// form is the application of somebody new; the number's area is none.
func (l *coming) form(name string) (f admission.Form) {
	l.people++
	f.Name, f.IDType, f.Phone, f.Ethnic, f.Education, f.WorkUnit = name, "1", fmt.Sprintf("154%08d", 77000000+l.people), "01", "21", ""
	f.IDNo = ident.CheckedID(fmt.Sprintf("97%04d199%d0%d1%d%03d", l.people, l.people%10, l.people%9+1, l.people%9, 100+l.people))
	f.Duty = "科员"
	return f
}

func (l *coming) apply(code, name string, daysAgo int) (a admission.Application) {
	if l.err == nil {
		a, _, l.err = admission.Submit(l.ctx, l.tx, code, "", l.form(name), l.at(daysAgo))
	}
	return a
}

func (l *coming) applications() {
	codes := map[string]string{}
	invite := func(g auth.Grant, u registry.Ref, name string) {
		if l.err != nil {
			return
		}
		i, err := admission.Offer(l.ctx, l.tx, g, admission.InviteForm{Union: u.Code, Name: name, Expires: l.today.AddDays(60)}, l.at(25))
		l.note(err)
		codes[u.ID] = i.Code
	}
	invite(l.chair(0, admission.Invite), l.unions[0], string(l.today[:4])+" 年新入职")
	invite(l.chair(1, admission.Invite), l.unions[1], "机关食堂海报")
	invite(l.officer(admission.Invite), l.root, "单位还没有工会的职工")
	decide := func(a admission.Application, g auth.Grant, words string, daysAgo int) admission.Application {
		if l.err == nil {
			a, l.err = admission.Decide(l.ctx, l.tx, g, a.ID, 0, flow.Given{Words: words}, l.at(daysAgo))
		}
		return a
	}
	admit := func(a admission.Application, g auth.Grant, daysAgo int) {
		if l.err == nil {
			_, l.err = l.room.Admit(l.ctx, l.tx, g, a.ID, 0, flow.Given{}, l.at(daysAgo))
		}
	}
	first, second, top := codes[l.unions[0].ID], codes[l.unions[1].ID], codes[l.root.ID]
	l.apply(first, "姜海洋", 2)
	l.apply(first, "覃雨晴", 1)
	decide(l.apply(first, "阿不都·热合曼", 6), l.chair(0, admission.Return), "请补充原工作单位，便于办理接转。", 4)
	decide(l.apply(first, "褚立成", 15), l.chair(0, admission.Refuse), "本人是外包公司派驻人员，请向派遣单位或用工单位的工会择一申请。", 12)
	admit(l.apply(first, "单思远", 20), l.chair(0, admission.Approve), 17)
	gone := l.apply(first, "牛犇", 10)
	if l.err == nil {
		_, l.err = admission.Recall(l.ctx, l.tx, city.Tenant, gone.ID, 0, l.at(9))
	}
	l.apply(second, "解晓东", 16)
	l.apply(second, "仇雪", 1)
	l.note(admission.RaiseLate(l.ctx, l.tx, auth.System(city.Tenant, "system", Nightly, l.root.ID), l.today, l.at(0)))
	homeless := l.form("区建民")
	homeless.WorkUnit, homeless.Unionless = "滨江市新区筹备组", true
	if l.err == nil {
		var a admission.Application
		a, _, l.err = admission.Submit(l.ctx, l.tx, top, "", homeless, l.at(14))
		admit(a, l.officer(admission.Approve), 13)
	}
	l.apply(top, "盖明亮", 3)
}

// idle picks active members of a union who have no account, by name.
func (l *coming) idle(u registry.Ref, n int) []member.Member {
	ids, err := sqldb.List(l.ctx, l.tx, sqldb.Text, `
		SELECT m.id FROM members m WHERE m.tenant_id = $1 AND m.union_id = $2 AND m.status = 'active' AND m.joined < $4
			AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.tenant_id = m.tenant_id AND a.member_id = m.id)
			AND NOT EXISTS (SELECT 1 FROM seats s WHERE s.tenant_id = m.tenant_id AND s.member_id = m.id)
		ORDER BY m.name_key, m.id LIMIT $3`, int64(city.Tenant), u.ID, int64(n), string(l.today.AddDays(-60)))
	l.note(err)
	out := make([]member.Member, 0, n)
	for _, id := range ids {
		m, err := member.Any(l.ctx, l.tx, city.Tenant, id)
		l.note(err)
		out = append(out, m)
	}
	return out
}

func (l *coming) transfers() {
	a, b := l.idle(l.unions[0], 4), l.idle(l.unions[1], 4)
	begin := func(m member.Member, g auth.Grant, to registry.Ref, by transfer.Side, reason string, daysAgo int) (t transfer.Transfer) {
		if l.err == nil {
			t, l.err = transfer.Begin(l.ctx, l.tx, g, m, to, by, reason, l.at(daysAgo))
		}
		return t
	}
	step := func(t transfer.Transfer, g auth.Grant, words string, daysAgo int) {
		if l.err == nil {
			_, l.err = transfer.Advance(l.ctx, l.tx, g, t.ID, 0, flow.Given{Words: words}, l.at(daysAgo))
		}
	}
	out, in := l.chair(0, transfer.Ask), l.chair(1, transfer.Ask)
	take := func(from []member.Member, f func(member.Member, int)) { // the city may be small
		for i, m := range from {
			f(m, i)
		}
	}
	take(a, func(m member.Member, i int) {
		switch i {
		case 0:
			begin(m, in, l.unions[1], transfer.In, "调入市教育局工作", 2)
		case 1:
			t := begin(m, out, l.unions[1], transfer.Out, "干部交流", 9)
			step(t, l.chair(0, transfer.Confirm), "", 8)
		case 2:
			t := begin(m, out, l.unions[1], transfer.Out, "机构改革划转", 30)
			step(t, l.chair(0, transfer.Confirm), "", 29)
			step(t, l.chair(1, transfer.Accept), "", 27)
		case 3:
			t := begin(m, out, l.unions[1], transfer.Out, "借调", 21)
			step(t, l.chair(0, transfer.Cancel), "借调不满六个月，会籍不动。", 20)
		}
	})
	take(b, func(m member.Member, i int) {
		switch i {
		case 0:
			begin(m, in, l.unions[0], transfer.Out, "公开遴选到市财政局", 41)
		case 1:
			t := begin(m, in, l.unions[0], transfer.Out, "工作调动", 5)
			step(t, l.chair(1, transfer.Confirm), "", 4)
		case 2:
			t := begin(m, in, l.unions[0], transfer.Out, "工作调动", 18)
			step(t, l.chair(1, transfer.Confirm), "", 17)
			step(t, l.chair(0, transfer.Refuse), "此人尚未到我单位报到，报到后再办。", 15)
		}
	})
	l.note(transfer.Remind(l.ctx, l.tx, auth.System(city.Tenant, "system", Nightly, l.root.ID), l.today, l.at(0)))
}

func (l *coming) partings() {
	open := func(m member.Member, o parting.Opening, daysAgo int) (p parting.Matter) {
		if o.Member = m.ID; l.err == nil {
			p, l.err = parting.Open(l.ctx, l.tx, l.chair(0, parting.Begin), o, l.at(daysAgo))
		}
		return p
	}
	step := func(p parting.Matter, act auth.Action, v flow.Given, daysAgo int) {
		if l.err == nil {
			_, l.err = parting.Advance(l.ctx, l.tx, l.chair(0, act), p.ID, 0, v, parting.Meeting{Due: 7, Present: 6, Agreed: 5}, l.at(daysAgo))
		}
	}
	since := string(l.today.AddMonths(-8))[:7]
	for i, m := range l.idle(l.unions[0], 6) {
		switch i {
		case 2:
			open(m, parting.Opening{Kind: parting.Unpaid, Since: since, Reason: "长期在外，多次联系没有回音。"}, 6)
		case 3:
			step(open(m, parting.Opening{Kind: parting.Unpaid, Since: since, Reason: "自述不再参加工会活动。"}, 12), parting.Talk, flow.Given{Words: "主席与本人面谈，本人表示考虑一周后答复。"}, 9)
		case 4:
			step(open(m, parting.Opening{Kind: parting.Crime, Reason: "因醉驾被判处拘役。"}, 8), parting.Advise, flow.Given{Words: "小组讨论，建议批评教育，由委员会研究。"}, 5)
		}
	}
}
