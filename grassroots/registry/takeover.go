package registry

import (
	"context"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
)

// TakeOver writes a body and who sat in it as another record tells, ended
// ones too. What the acts of today ask for is not asked of the past; the
// union must stand within g's reach.
//
// law: ORG-28
func TakeOver(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, b Body, seats []Seat) error {
	if _, err := Find(ctx, tx, g, b.UnionID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO bodies (tenant_id, id, union_id, kind, nth, seats, elected, due, ended, document, reason, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1)`,
		g.Tenant(), b.ID, b.UnionID, string(b.Kind), b.Nth, b.Size, b.Elected, b.Due, b.Ended, b.Document, b.Reason)
	if err != nil {
		return err
	}
	touched := []audit.Touched{{Table: "bodies", ID: b.ID}}
	for _, s := range seats {
		_, err := tx.Exec(ctx, `
			INSERT INTO seats (tenant_id, id, body_id, union_id, member_id, office, fulltime, from_day, how, document, to_day, how_ended, end_doc, version)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1)`,
			g.Tenant(), s.ID, b.ID, b.UnionID, s.MemberID, string(s.Office), s.FullTime, s.From, string(s.How), s.Document, s.To, string(s.Ending), s.EndDoc)
		if err != nil {
			return err
		}
		touched = append(touched, audit.Touched{Table: "seats", ID: s.ID})
	}
	return m.Touch(ctx, tx, g.Tenant(), touched...)
}
