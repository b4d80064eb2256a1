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
	if err := insertBody(ctx, tx, g, m, b); err != nil {
		return err
	}
	for _, s := range seats {
		s.BodyID, s.UnionID = b.ID, b.UnionID
		if err := insertSeat(ctx, tx, g, m, s); err != nil {
			return err
		}
	}
	return nil
}
