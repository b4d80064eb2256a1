package hall

import (
	"context"
	"fmt"

	"unionhall/commons/consent"
	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/grassroots/registry/own"
	"unionhall/grassroots/registry/twin"
	"unionhall/hall/city"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
	"unionhall/office/privacy"
)

// demoDesk is the synthetic city seen from the demo accounts.
type demoDesk struct {
	h    *House
	root registry.Union
	at   day.Instant
	ids  map[string]string // accounts by login
}

func (d *demoDesk) as(login string, o auth.Office, act auth.Action) auth.Grant {
	return auth.As(city.Tenant, d.ids[login], o, act, d.root.ID)
}

// self is the grant of a demo member for the own things.
func (d *demoDesk) self(login string, p city.Person) (auth.Grant, error) {
	return auth.NewActor(city.Tenant, d.ids[login], p.Name, p.ID, nil, "").Grant(auth.Anyone, d.at.Day())
}

// demoPrivacy lets the city live with notices and consents, requests about
// data, twins, and the registers of the security administrator.
func (h *House) demoPrivacy(ctx context.Context, root registry.Union, people city.People, at day.Instant) error {
	d := &demoDesk{h, root, at, map[string]string{}}
	err := h.DB.View(ctx, func(tx *sqldb.Tx) error {
		return sqldb.Each(ctx, tx, func(row sqldb.Row) (v [2]string, err error) { return v, row(&v[0], &v[1]) }, func(v [2]string) error {
			d.ids[v[0]] = v[1]
			return nil
		}, `SELECT login, id FROM accounts WHERE tenant_id = $1`, int64(city.Tenant))
	})
	for _, part := range []func(context.Context, city.People) error{d.notices, d.requests, d.registers, d.twins} {
		if err == nil {
			err = part(ctx, people)
		}
	}
	return err
}

// notices are published, and one member has answered some of them.
func (d *demoDesk) notices(ctx context.Context, people city.People) error {
	return d.h.DB.Do(ctx, func(tx *sqldb.Tx) error {
		for _, t := range consent.Drafts() {
			if _, err := consent.Issue(ctx, tx, d.as("security", auth.Security, consent.Publish), t, d.at); err != nil {
				return err
			}
		}
		g, err := d.self("member", people.Members[0])
		for _, key := range []string{"membership", "notify"} {
			if err == nil {
				_, err = consent.Give(ctx, tx, g, key, "", false, d.at)
			}
		}
		if err == nil {
			_, err = consent.Decline(ctx, tx, g, "photo", d.at)
		}
		return err
	})
}

// requests: one waits, one was answered.
func (d *demoDesk) requests(ctx context.Context, people city.People) error {
	return d.h.DB.Do(ctx, func(tx *sqldb.Tx) error {
		one, err := d.self("member", people.Members[0])
		if err != nil {
			return err
		}
		if _, err := own.AskMine(ctx, tx, one, own.Asking{Kind: own.Correct, Field: "title", Value: "高级工程师", Reason: "今年评上了高级职称"}, d.at); err != nil {
			return err
		}
		two, err := d.self("member2", people.Members[1])
		if err != nil {
			return err
		}
		q, err := own.AskMine(ctx, tx, two, own.Asking{Kind: own.Explain, Reason: "想知道我的手机号用在哪里"}, d.at)
		if err != nil {
			return err
		}
		_, err = own.Decide(ctx, tx, d.as("officer", auth.Officer, own.Grant), q.ID, 0, flow.Given{Words: "只用于会籍办理进度和活动通知，没有提供给其他单位。"}, d.at)
		return err
	})
}

// registers hold one record each.
func (d *demoDesk) registers(ctx context.Context, _ city.People) error {
	g, on := d.as("security", auth.Security, privacy.Keep), d.at.Day().AddDays(-40)
	return d.h.DB.Do(ctx, func(tx *sqldb.Tx) error {
		for _, e := range []privacy.Entry{
			{Kind: "assessment", Title: "会员信息系统上线前的影响评估", Day: on, Fields: map[string]string{"trigger": "处理敏感个人信息", "scope": "全市直属机关会员的身份信息和联系方式，由组织干事和各单位工会主席经办。",
				"lawful": "依据工会会员会籍管理办法，只收登记表所列的项目。", "effect": "证件号码和手机号泄露可能被冒用，影响较大。", "measures": "加密保存、默认遮盖、按岗位授权、每次查看留痕，本人可查。",
				"outcome": "可以处理", "by": "安全管理员 贺鹏", "approved": "工委主任 梁振东"}},
			{Kind: "sharing", Title: "会员体检名单委托医院使用", Day: on, Fields: map[string]string{"manner": "委托处理", "who": "滨江市第一人民医院体检中心", "aim": "核对体检人员。", "kinds": "姓名、性别、年龄、所在单位。",
				"count": "1200", "basis": "委托合同", "contract": "滨直工合〔2026〕8号", "until": string(d.at.Day().AddMonths(2)), "duties": "只用于本次体检，不得转委托，按月抽查。"}},
			{Kind: "breach", Title: "名单误发工作群", Day: on, Fields: map[string]string{"found": "经办人当天下午发现发错了群。", "kinds": "姓名、所在单位；号码已遮盖。", "count": "36", "cause": "附件选错。", "harm": "轻微，没有完整号码。",
				"remedy": "五分钟内撤回，请群成员删除。", "told_authority": "经评估不致造成危害，未通知，已留存评估。", "told_persons": "当天逐人电话告知 36 人。", "contact": "贺鹏，工委办公室电话", "closed": string(on.AddDays(3))}},
		} {
			if _, err := privacy.Add(ctx, tx, g, e, d.at); err != nil {
				return err
			}
		}
		return nil
	})
}

// twins: members of one union were registered once more by passport; one such
// pair is merged already.
func (d *demoDesk) twins(ctx context.Context, people city.People) error {
	g := d.as("officer", auth.Officer, member.Edit)
	var of []member.Member
	err := d.h.DB.View(ctx, func(tx *sqldb.Tx) (err error) {
		of, err = member.Block(ctx, tx, auth.As(city.Tenant, d.ids["officer"], auth.Officer, member.Look, people.Unions[0].ID), "", 40)
		return err
	})
	if err != nil {
		return err
	}
	n := 0
	for _, m := range of {
		if n == 2 || m.Status != member.Active || m.ID == people.Members[0].ID || m.ID == people.Chairs[0].ID {
			continue
		}
		f := member.Form{Name: m.Person.Name, Sex: m.Person.Sex, Birthday: m.Person.Birthday, IDType: "2", IDNo: fmt.Sprintf("E%08d", 10000001+n), Phone: m.Person.Phone, WorkUnit: m.Person.WorkUnit}
		if n++; m.Person.Birthday == "" {
			continue
		}
		err := d.h.DB.Do(ctx, func(tx *sqldb.Tx) error {
			_, err := member.Register(ctx, tx, g, people.Unions[0].Code, f, d.at.Day(), "滨直工〔2026〕21号", d.at)
			return err
		})
		if err != nil && fault.Of(err).Kind != fault.Conflict {
			return err
		}
	}
	look := auth.As(city.Tenant, d.ids["officer"], auth.Officer, twin.Settle, people.Unions[0].ID)
	if _, _, err := twin.Search(ctx, d.h.DB, look, d.at, func(int, int, string) error { return nil }); err != nil {
		return err
	}
	return d.h.DB.Do(ctx, func(tx *sqldb.Tx) error {
		page, err := twin.List(ctx, tx, d.as("officer", auth.Officer, twin.Settle), twin.Query{})
		if err != nil || len(page.Items) < 2 {
			return err
		}
		p := page.Items[0]
		_, err = twin.Merge(ctx, tx, d.as("officer", auth.Officer, twin.Settle), p.ID, p.Version, member.Joining{Keep: p.A.ID, Drop: p.B.ID, Reason: "本人到场，护照与身份证一致"}, d.at)
		return err
	})
}
