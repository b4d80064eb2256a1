package hall

import (
	"context"
	"fmt"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/term"
	"unionhall/hall/city"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
)

// demoTerms makes the synthetic city's terms live: extensions at every step, a
// deadline, a move that waits, somebody who leads without a chair, members in
// protection. All of it by the acts of today.
func (h *House) demoTerms(ctx context.Context, tx *sqldb.Tx, root registry.Union, at day.Instant) error {
	accounts := map[string]string{}
	err := sqldb.Each(ctx, tx, func(row sqldb.Row) (v [2]string, err error) { return v, row(&v[0], &v[1]) },
		func(v [2]string) error { accounts[v[0]] = v[1]; return nil }, `SELECT login, id FROM accounts WHERE tenant_id = $1`, int64(city.Tenant))
	if err != nil {
		return err
	}
	d := demoing{ctx, tx, root, at, accounts}
	for _, f := range []func() error{d.extensions, d.deadline, d.move, d.lead, d.care} {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

// demoing is a demo while its terms are made.
type demoing struct {
	ctx      context.Context
	tx       *sqldb.Tx
	root     registry.Union
	at       day.Instant
	accounts map[string]string
}

func (d demoing) as(login string, o auth.Office, act auth.Action) auth.Grant {
	return auth.As(city.Tenant, d.accounts[login], o, act, d.root.ID)
}

// bodies lists sitting committees of base unions that fall due between two
// days, but for those of the demo chairs.
func (d demoing) bodies(from, to day.Day, more string, limit int) ([]string, error) {
	return sqldb.List(d.ctx, d.tx, sqldb.Text, `
		SELECT b.id FROM bodies b JOIN unions u ON u.tenant_id = b.tenant_id AND u.id = b.union_id AND u.kind = 'base' AND u.short_name NOT IN ('市财政局', '市教育局')
		WHERE b.tenant_id = $1 AND b.kind = 'committee' AND b.ended IS NULL AND b.due >= $2 AND b.due <= $3 `+more+` ORDER BY b.due DESC, b.id LIMIT $4`,
		int64(city.Tenant), from, to, int64(limit))
}

// extensions are at each of the states there are, as far as committees fall
// due about now.
func (d demoing) extensions() error {
	today := d.at.Day()
	late, err := d.bodies(today.AddDays(-150), today.AddDays(-1), "", 1)
	if err != nil {
		return err
	}
	soon, err := d.bodies(today.AddDays(1), today.AddDays(170), "", 3)
	if err != nil {
		return err
	}
	director, officer := d.as("director", auth.Director, term.Approve), d.as("officer", auth.Officer, term.Check)
	ends := [][]struct {
		g auth.Grant
		v flow.Given
	}{
		{{officer, flow.Given{Words: "情况属实"}}, {director, flow.Given{Document: "滨直工〔2026〕41号"}}},
		{},
		{{officer, flow.Given{Words: "同意上报"}}},
		{{officer.For(term.Refuse), flow.Given{Words: "筹备时间充足，请按期换届"}}},
	}
	for i, body := range append(late, soon...) {
		if len(late) == 0 {
			i++ // none was late: nothing to approve
		}
		b, err := registry.FindBody(d.ctx, d.tx, officer, body)
		if err != nil {
			return err
		}
		asker := auth.As(city.Tenant, "demo", auth.Chair, term.Ask, d.root.ID)
		e, err := term.AskExtension(d.ctx, d.tx, asker, body, b.Due.AddMonths(6), flow.Given{Words: "单位机构改革，编制尚未核定"}, d.at)
		for _, step := range ends[i] {
			if err == nil {
				_, err = term.StepExtension(d.ctx, d.tx, step.g, e.ID, 0, step.v, d.at)
			}
		}
		if err != nil {
			return fmt.Errorf("demo extension %d: %w", i, err)
		}
	}
	return nil
}

func (d demoing) deadline() error {
	today := d.at.Day()
	late, err := d.bodies(today.AddDays(-1000), today.AddDays(-1), "", 1)
	if err != nil || len(late) == 0 {
		return err
	}
	_, err = term.SetDeadline(d.ctx, d.tx, d.as("officer", auth.Officer, term.Urge), late[0], today.AddDays(60), flow.Given{Words: "请抓紧筹备", Document: "滨直工〔2026〕44号"}, d.at)
	return err
}

func (d demoing) move() error {
	seats, err := sqldb.List(d.ctx, d.tx, sqldb.Text, `
		SELECT s.id FROM seats s JOIN unions u ON u.tenant_id = s.tenant_id AND u.id = s.union_id AND u.short_name NOT IN ('市财政局', '市教育局')
		WHERE s.tenant_id = $1 AND s.office = 'vice' AND s.to_day IS NULL ORDER BY s.id LIMIT 1`, int64(city.Tenant))
	if err != nil || len(seats) == 0 {
		return err
	}
	_, err = term.AskToMove(d.ctx, d.tx, d.as("officer", auth.Officer, term.AskMove), seats[0], term.MoveAsked{Target: "市机关事务服务中心", OwnConsent: "全委会同意"}, d.at)
	return err
}

// lead has a member of a committee without a chair lead it.
func (d demoing) lead() error {
	today := d.at.Day()
	vacant, err := d.bodies(today, today.AddYears(6), `AND NOT EXISTS (SELECT 1 FROM seats s WHERE s.tenant_id = b.tenant_id AND s.body_id = b.id AND s.to_day IS NULL AND s.office = 'chair')
		AND EXISTS (SELECT 1 FROM seats s WHERE s.tenant_id = b.tenant_id AND s.body_id = b.id AND s.to_day IS NULL AND s.office = 'vice')`, 1)
	if err != nil || len(vacant) == 0 {
		return err
	}
	seat, err := sqldb.One(d.ctx, d.tx, sqldb.Text, `SELECT s.id FROM seats s WHERE s.tenant_id = $1 AND s.body_id = $2 AND s.office = 'vice' AND s.to_day IS NULL ORDER BY s.id LIMIT 1`, int64(city.Tenant), vacant[0])
	if err != nil {
		return err
	}
	_, err = term.AppointLead(d.ctx, d.tx, d.as("officer", auth.Officer, term.Lead), vacant[0], term.Leader{Seat: seat, From: today.AddDays(-20), Until: today.AddDays(120), Party: "机关党委会议同意", Consent: "滨直工〔2026〕39号"}, d.at)
	return err
}

func (d demoing) care() error {
	women, err := sqldb.List(d.ctx, d.tx, sqldb.Text, `
		SELECT m.id FROM members m WHERE m.tenant_id = $1 AND m.sex = 'female' AND m.status = 'active' AND m.birthday > $2 ORDER BY m.id LIMIT 3`, int64(city.Tenant), d.at.Day().AddYears(-36))
	if err != nil {
		return err
	}
	today := d.at.Day()
	for i, c := range []term.Care{{Kind: term.Pregnant, Day: today.AddDays(50)}, {Kind: term.Born, Day: today.AddDays(-120), Children: 2}, {Kind: term.Miscarriage, Day: today.AddDays(-6), Months: 2}} {
		if i < len(women) {
			if err := term.Register(d.ctx, d.tx, d.as("officer", auth.Officer, term.Tend), women[i], c, d.at); err != nil {
				return err
			}
		}
	}
	return nil
}
