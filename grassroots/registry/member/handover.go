package member

import (
	"context"

	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

// People is what the rooms of unions and of accounts ask of this one.
type People struct{}

// Count returns how many memberships of the union itself go on, those that
// are only kept or applied for included.
func (People) Count(ctx context.Context, tx *sqldb.Tx, g auth.Grant, unionID string) (int64, error) {
	return sqldb.One(ctx, tx, sqldb.Int, `
		SELECT count(*) FROM members m
		WHERE m.tenant_id = $1 AND m.union_id = $3 AND m.status IN ('active', 'transferring', 'retained', 'applied')`+withinReach, g.Tenant(), g.Under(), unionID)
}

// listOf is what the log calls the members of a union as a whole.
func listOf(unionID string) string { return "list:" + unionID }

// HandOver moves all memberships that go on from one union to another, each
// with its event, and writes the log of it. Those that ended stay where they
// ended.
//
// law: MEM-10, MEM-17
func (People) HandOver(ctx context.Context, tx *sqldb.Tx, g auth.Grant, from, to registry.Ref, document string, at day.Instant) error {
	b := NewBatch(tx, g, at)
	rows := int64(0)
	for after := ""; ; {
		ms, err := sqldb.List(ctx, tx, scanMember(tx, g.Tenant()), `SELECT `+fullColumns+fromMembers+withinReach+`
			AND m.union_id = $3 AND m.status IN ('active', 'transferring', 'retained', 'applied') AND m.id > $4 ORDER BY m.id LIMIT 200`,
			g.Tenant(), g.Under(), from.ID, after)
		if err != nil {
			return err
		}
		if len(ms) == 0 {
			break
		}
		events := make([]Event, len(ms))
		for i, m := range ms {
			now := m
			now.Union = to
			if err := b.Update(ctx, m, now); err != nil {
				return err
			}
			events[i] = Event{ID: sqldb.NewID(), MemberID: m.ID, Type: MovesIn, Day: at.Day(), Reason: "原工会并入或撤销", From: from.ID, To: to.ID, Document: document}
		}
		if err := b.Events(ctx, events); err != nil {
			return err
		}
		after, rows = ms[len(ms)-1].ID, rows+int64(len(ms))
	}
	return b.Audit(ctx, listOf(from.ID), Deed{Did: "handed over", From: from.Name, To: to.Name, Document: document, Rows: rows})
}
