package hall_test

import (
	"strings"
	"testing"

	"unionhall/grassroots/registry/member"
	mine "unionhall/grassroots/registry/own"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
	"unionhall/office/privacy"
)

const (
	twins    = "/grassroots/registry/twins"
	requests = "/grassroots/registry/requests"
)

// aboutData makes, of a union, a pair of twins, a merger, and what a relative
// of a dead member asked and was granted; and a record of the register.
func (s *stand) aboutData(t testing.TB, tenant int64, union string, x things) {
	t.Helper()
	at := day.At(s.house.Now())
	blob, err := s.house.Files.Put(ctx, strings.NewReader("%PDF-1.4\n%%EOF\n"), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	root := s.first(t, `SELECT id FROM unions WHERE tenant_id = $1 AND parent_id IS NULL`, tenant)
	code := s.first(t, `SELECT code FROM unions WHERE tenant_id = $1 AND id = $2`, tenant, union)
	as := func(act auth.Action) auth.Grant { return auth.As(tenant, "test", auth.Officer, act, root) }
	s.write(t, func(tx *sqldb.Tx) error {
		var ids [5]string
		for i := range ids {
			m, err := member.Register(ctx, tx, as(member.Edit), code, member.Form{Name: "仇士良", IDNo: number(), Phone: "15400001234"}, "", "", at)
			if err != nil {
				return err
			}
			ids[i] = m.ID
		}
		x["pair"] = sqldb.NewID()
		_, err := tx.Exec(ctx, `INSERT INTO twins (tenant_id, id, a_id, b_id, score, reasons, state, found, version) VALUES ($1, $2, $3, $4, 90, '手机号码相同', 'open', $5, 1)`,
			tenant, x["pair"], min(ids[0], ids[1]), max(ids[0], ids[1]), string(at))
		if err != nil {
			return err
		}
		m, err := member.Merge(ctx, tx, as(member.Edit), member.Joining{Keep: ids[2], Drop: ids[3], Reason: "本人到场核对"}, at)
		if err != nil {
			return err
		}
		x["merger"] = m.ID
		if _, err = member.Alter(ctx, tx, as(member.Change), ids[4], 0, member.Die, member.Paper{}, at); err != nil {
			return err
		}
		q, err := mine.AskFor(ctx, tx, as(mine.Enter), ids[4], mine.Asking{Kind: mine.Copy, Reason: "办理后事", Relative: "仇小明", Relation: "子女", Contact: "15400005678"}, at)
		if err == nil {
			err = mine.Hang(ctx, tx, as(mine.Enter), q, "关系证明.pdf", blob, at)
		}
		if err != nil {
			return err
		}
		if _, err = mine.Decide(ctx, tx, as(mine.Grant), q.ID, 0, flow.Given{Words: "关系已核实"}, at); err != nil {
			return err
		}
		x["request"] = q.ID
		r, err := privacy.Add(ctx, tx, auth.As(tenant, "test", auth.Security, privacy.Keep, root), breach(at.Day()), at)
		x["record"] = r.ID
		return err
	})
	x["request paper"] = s.first(t, `SELECT id FROM attachments WHERE tenant_id = $1 AND thing_id = $2`, tenant, x["request"])
}

func breach(on day.Day) privacy.Entry {
	e := privacy.Entry{Kind: "breach", Title: "名单误发", Day: on, Fields: map[string]string{}}
	reg, _ := privacy.RegisterOf(e.Kind)
	for _, f := range reg.Fields {
		if !f.Date {
			e.Fields[f.Name] = "已写明"
		}
	}
	return e
}

// asked has the member behind an account ask about the own data; an account
// without one is given what some member asked.
func (s *stand) asked(t testing.TB, tenant int64, acc string, x things) {
	t.Helper()
	at := day.At(s.house.Now())
	who := s.look(t, `SELECT m.id FROM accounts a JOIN members m ON m.tenant_id = a.tenant_id AND m.id = a.member_id WHERE a.tenant_id = $1 AND a.id = $2`, tenant, acc)
	if len(who) == 0 {
		who = s.look(t, `SELECT id FROM members WHERE tenant_id = $1 AND status = 'active' ORDER BY id`, tenant)
	}
	g, err := auth.NewActor(tenant, acc, "本人", who[0], nil, "").Grant(auth.Anyone, at.Day())
	if err != nil {
		t.Fatal(err)
	}
	if waits := s.look(t, `SELECT q.id FROM data_requests q JOIN attachments a ON a.tenant_id = q.tenant_id AND a.thing_id = q.id WHERE q.tenant_id = $1 AND q.member_id = $2 AND q.state = 'asked' AND q.kind = 'explain'`, tenant, who[0]); len(waits) > 0 {
		x["own request"] = waits[0]
	} else {
		blob, err := s.house.Files.Put(ctx, strings.NewReader("%PDF-1.4\n%%EOF\n"), 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		s.write(t, func(tx *sqldb.Tx) error {
			q, err := mine.AskMine(ctx, tx, g, mine.Asking{Kind: mine.Explain, Reason: "想知道怎么处理的"}, at)
			if err == nil {
				err = mine.Hang(ctx, tx, g, q, "说明.pdf", blob, at)
			}
			x["own request"] = q.ID
			return err
		})
	}
	x["own paper"] = s.first(t, `SELECT id FROM attachments WHERE tenant_id = $1 AND thing_id = $2`, tenant, x["own request"])
}
