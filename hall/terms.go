package hall

import (
	"context"
	"fmt"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/term"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
	"unionhall/office/account"
	"unionhall/office/desk"
)

const termsPage = "/grassroots/registry/terms"

// fromTerms lists what of the terms waits for the viewer: extensions to check
// or decide, moves to answer, deadlines to keep, members to protect.
//
// law: ELE-02, ELE-03, ORG-25, WOM-05
func fromTerms(ctx context.Context, tx *sqldb.Tx, v desk.Viewer) (p desk.Part, err error) {
	g, ok := v.Grant(term.Look)
	if !ok {
		return p, nil
	}
	for _, f := range []func(context.Context, *sqldb.Tx, auth.Grant, day.Day) ([]desk.Duty, error){extensionDuties, moveDuties, deadlineDuties} {
		more, err := f(ctx, tx, g, v.Today)
		if err != nil {
			return p, err
		}
		p.Duties = append(p.Duties, more...)
	}
	tend, ok := v.Grant(term.Tend)
	if !ok {
		return p, nil
	}
	n, err := term.CareCount(ctx, tx, tend, v.Today)
	if n > 0 {
		const page = "/grassroots/registry/women"
		p.Panels = append(p.Panels, desk.Panel{Title: "女职工保护", Note: "内容只在说明用途后可见。", Clause: clause("WOM-05"),
			Lines: []desk.Line{{Text: "在保护期内", Count: n, Href: page + "/care"}}})
	}
	return p, err
}

// extensionDuties are the requests whose next step is of the viewer's office.
func extensionDuties(ctx context.Context, tx *sqldb.Tx, g auth.Grant, _ day.Day) (out []desk.Duty, err error) {
	open, err := term.OpenExtensions(ctx, tx, g)
	for _, e := range open {
		if len(term.Extending.Open(e.State, flow.WhoOf(g), "", nil)) == 0 || g.Office() == auth.Chair {
			continue
		}
		out = append(out, desk.Duty{Title: e.Union + " 申请延期换届", Href: e.Place(), Note: fmt.Sprintf("%s由 %s 延期到 %s", e.Body.Label(), e.WasDue, e.Until), Due: e.WasDue, Tag: term.Extending.Labels[e.State], Act: "办理", ActHref: e.Place()})
	}
	return out, err
}

func moveDuties(ctx context.Context, tx *sqldb.Tx, g auth.Grant, _ day.Day) (out []desk.Duty, err error) {
	open, err := term.OpenMoves(ctx, tx, g)
	for _, m := range open {
		if len(term.Moving.Open(m.State, flow.WhoOf(g), "", nil)) == 0 {
			continue
		}
		out = append(out, desk.Duty{Title: m.Union + " 调动" + m.Office.Label() + m.Name, Href: m.Place(), Note: "任期未满，须上级答复", Due: m.ReplyBy, Act: "答复", ActHref: m.Place()})
	}
	return out, err
}

// deadlineDuties are the days that the higher union has set.
func deadlineDuties(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day) ([]desk.Duty, error) {
	if g.Office() != auth.Chair && g.Office() != auth.Officer {
		return nil, nil
	}
	return sqldb.List(ctx, tx, func(row sqldb.Row) (d desk.Duty, err error) {
		var id, name string
		var kind registry.BodyKind
		err = row(&id, &name, &kind, &d.Due)
		d.Title, d.Note, d.Act = name+" 限期换届", kind.Label()+"届满未换届，上级已限期", "查看"
		d.Href = termsPage + "/unions/" + id
		d.ActHref = d.Href
		return d, err
	}, `
		SELECT u.id, u.name, b.kind, b.deadline FROM union_reach r
		JOIN unions u ON u.tenant_id = r.tenant_id AND u.id = r.union_id AND u.state = 'standing'
		JOIN bodies b ON b.tenant_id = r.tenant_id AND b.union_id = r.union_id AND b.ended IS NULL AND b.deadline IS NOT NULL AND b.due < $3
		WHERE r.tenant_id = $1 AND r.above_id = $2 ORDER BY b.deadline, b.id LIMIT 50`, g.Tenant(), g.Under(), today)
}

// fromSeats tells who gives posts of newly seated chairs who have none.
//
// law: PL-09
func fromSeats(ctx context.Context, tx *sqldb.Tx, v desk.Viewer) (p desk.Part, err error) {
	g, ok := v.Grant(account.Appoint)
	if !ok {
		return p, nil
	}
	waiting, err := account.Unposted(ctx, tx, g, v.Today, "", "")
	for _, n := range waiting {
		p.Duties = append(p.Duties, desk.Duty{Title: n.Name + "任" + n.Union + "主席", Href: n.Place(), Note: string(n.From) + " 任职，有账号，还没有工会主席的岗位", Tag: "未任命", Act: "任命岗位", ActHref: n.Place()})
	}
	return p, err
}
