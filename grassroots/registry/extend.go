package registry

import (
	"context"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

// Noted is the act of a Deed that says itself what was done.
const Noted = "noted"

// Sitting lists the bodies of a union within g's reach that sit now.
func Sitting(ctx context.Context, tx *sqldb.Tx, g auth.Grant, unionID string) ([]Body, error) {
	return sittingIn(ctx, tx, g, []string{unionID})
}

// Extend moves the due day of an open body to the one that was approved, and
// keeps the first. Whoever was faster makes it fault.Conflict.
//
// law: ELE-02
func Extend(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, b Body, until day.Day) error {
	n, err := tx.Exec(ctx, `
		UPDATE bodies SET first_due = coalesce(first_due, due), due = $1, deadline = NULL, version = version + 1
		WHERE tenant_id = $2 AND id = $3 AND version = $4 AND ended IS NULL`, until, g.Tenant(), b.ID, b.Version)
	return changed(ctx, tx, g, m, b, n, err)
}

// Urge writes the day by which the higher union wants an election held.
//
// law: ELE-03
func Urge(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, b Body, deadline day.Day) error {
	n, err := tx.Exec(ctx, `UPDATE bodies SET deadline = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND version = $4 AND ended IS NULL`,
		deadline, g.Tenant(), b.ID, b.Version)
	return changed(ctx, tx, g, m, b, n, err)
}

func changed(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, b Body, n int64, err error) error {
	if err != nil {
		return err
	}
	if n == 0 {
		return stale(ctx, tx, g, b.UnionID, b.Kind.Label())
	}
	return m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "bodies", ID: b.ID})
}

// Consented writes the consents to a move beforehand, on a seat that is open:
// they stand when the person leaves.
//
// law: ORG-25
func Consented(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, s Seat, own, above string) error {
	s.OwnConsent, s.Consent = own, above
	return updateSeat(ctx, tx, g, m, s)
}
