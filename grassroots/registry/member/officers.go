package member

import (
	"context"
	"slices"

	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

// Officer is somebody who sits in a body of a union now (工会干部), with the
// seat; Of is the union of the seat.
type Officer struct {
	Member
	Of       registry.Ref
	Body     registry.BodyKind
	Nth      int64
	Office   registry.Office
	FullTime bool
	From     day.Day
	Due      day.Day
}

// Officers lists who sits in the bodies of a union and of those below it, as
// far as g reaches: by union, body and office.
//
// law: ORG-28
func Officers(ctx context.Context, tx *sqldb.Tx, g auth.Grant, unionID string) ([]Officer, error) {
	scan := scanMember(tx, g.Tenant())
	out, err := sqldb.List(ctx, tx, func(row sqldb.Row) (o Officer, err error) {
		o.Member, err = scan(func(dest ...any) error {
			return row(append(dest, &o.Of.ID, &o.Of.Code, &o.Of.Name, (*string)(&o.Body), &o.Nth, (*string)(&o.Office), &o.FullTime, (*string)(&o.From), (*string)(&o.Due))...)
		})
		return o, err
	}, `
		SELECT `+fullColumns+`, w.id, w.code, w.name, b.kind, b.nth, s.office, s.fulltime, s.from_day, b.due
		FROM union_reach r
		JOIN seats s ON s.tenant_id = r.tenant_id AND s.union_id = r.union_id AND s.to_day IS NULL
		JOIN bodies b ON b.tenant_id = s.tenant_id AND b.id = s.body_id
		JOIN unions w ON w.tenant_id = s.tenant_id AND w.id = s.union_id
		JOIN members m ON m.tenant_id = s.tenant_id AND m.id = s.member_id
		JOIN unions u ON u.tenant_id = m.tenant_id AND u.id = m.union_id
		WHERE r.tenant_id = $1 AND r.above_id = $2 AND EXISTS (
			SELECT 1 FROM union_reach g WHERE g.tenant_id = r.tenant_id AND g.above_id = $3 AND g.union_id = r.union_id)
		ORDER BY r.depth, w.name_key, w.id, s.from_day, s.id`, g.Tenant(), unionID, g.Under())
	if err != nil {
		return nil, err
	}
	place := map[string]int{}
	for _, o := range out {
		if _, seen := place[o.Of.ID]; !seen {
			place[o.Of.ID] = len(place)
		}
	}
	slices.SortStableFunc(out, func(a, b Officer) int {
		if d := place[a.Of.ID] - place[b.Of.ID]; d != 0 {
			return d
		}
		if d := slices.Index(registry.BodyKinds, a.Body) - slices.Index(registry.BodyKinds, b.Body); d != 0 {
			return d
		}
		return rank(a) - rank(b)
	})
	return out, nil
}

// rank is how high an office stands in its body.
func rank(o Officer) int {
	order := registry.Base.Offices(o.Body)
	if i := slices.Index(order, o.Office); i >= 0 {
		return i
	}
	return -1 // 组织员, 小组长: the only one
}
