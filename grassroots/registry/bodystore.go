package registry

import (
	"context"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
)

const selectBodies = `
	SELECT b.id, b.union_id, b.kind, b.nth, b.seats, b.elected, b.due, b.ended, b.document, b.reason, b.version
	FROM bodies b
	WHERE b.tenant_id = $1 AND EXISTS (
		SELECT 1 FROM union_reach r
		WHERE r.tenant_id = b.tenant_id AND r.above_id = $2 AND r.union_id = b.union_id)`

func scanBody(row sqldb.Row) (b Body, err error) {
	err = row(&b.ID, &b.UnionID, &b.Kind, &b.Nth, &b.Size, &b.Elected, &b.Due, &b.Ended, &b.Document, &b.Reason, &b.Version)
	return b, err
}

// bodiesOf lists the bodies of unions within g's reach, the newest first, with
// what their open seats amount to.
func bodiesOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, unionIDs ...string) ([]Body, error) {
	return bodiesWhere(ctx, tx, g, unionIDs, "", "")
}

// sittingIn is bodiesOf for those that sit now; when a head left is not told.
func sittingIn(ctx context.Context, tx *sqldb.Tx, g auth.Grant, unionIDs []string) ([]Body, error) {
	return bodiesWhere(ctx, tx, g, unionIDs, ` AND b.ended IS NULL`, ` AND s.to_day IS NULL`)
}

// bodiesWhere reads bodies and then the seats of the same unions: together
// they would be joined the slow way round on a database without statistics.
func bodiesWhere(ctx context.Context, tx *sqldb.Tx, g auth.Grant, unionIDs []string, which, seats string) ([]Body, error) {
	if len(unionIDs) == 0 {
		return nil, nil
	}
	args := []any{g.Tenant(), g.Under()}
	for _, id := range unionIDs {
		args = append(args, id)
	}
	out, err := sqldb.List(ctx, tx, scanBody, selectBodies+which+` AND b.union_id IN `+marks(3, len(unionIDs))+` ORDER BY b.elected DESC, b.id DESC`, args...)
	if err != nil {
		return nil, err
	}
	at := map[string]*Holding{}
	for i := range out {
		at[out[i].ID] = &out[i].Holding
	}
	err = sqldb.Each(ctx, tx, func(row sqldb.Row) (s Seat, err error) { return s, row(&s.BodyID, &s.Office, &s.FullTime, &s.To) },
		func(s Seat) error {
			if h := at[s.BodyID]; h != nil {
				h.add(s)
			}
			return nil
		}, `SELECT s.body_id, s.office, s.fulltime, s.to_day FROM seats s
		WHERE s.tenant_id = $1`+seats+` AND s.union_id IN `+marks(2, len(unionIDs)), append(args[:1:1], args[2:]...)...)
	return out, err
}

// add takes a seat into what a body's seats amount to.
func (h *Holding) add(s Seat) {
	if s.To != "" {
		if s.Office.Heads() && s.To > h.HeadGone {
			h.HeadGone = s.To
		}
		return
	}
	h.Seats++
	if s.Office.Heads() {
		h.Heads++
		if s.FullTime {
			h.FullTime++
		}
	}
	if s.Office == WomenMember {
		h.Women++
	}
}

// FindBody returns the body with the id, or fault.NotFound where g does not
// reach its union.
func FindBody(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Body, error) {
	b, err := sqldb.One(ctx, tx, scanBody, selectBodies+` AND b.id = $3`, g.Tenant(), g.Under(), id)
	if err != nil {
		return b, err
	}
	return b, sqldb.Each(ctx, tx, func(row sqldb.Row) (s Seat, err error) { return s, row(&s.Office, &s.FullTime, &s.To) },
		func(s Seat) error { b.Holding.add(s); return nil },
		`SELECT s.office, s.fulltime, s.to_day FROM seats s WHERE s.tenant_id = $1 AND s.body_id = $2`, g.Tenant(), id)
}

const allSeats = `
	SELECT s.id, s.body_id, s.union_id, b.kind, b.nth, b.due, s.member_id, coalesce(m.name, ''), coalesce(m.sex, '') = 'female', s.office, s.fulltime,
		s.from_day, s.how, s.document, s.to_day, s.how_ended, s.end_doc, s.own_consent, s.above_consent, s.version
	FROM seats s
	JOIN bodies b ON b.tenant_id = s.tenant_id AND b.id = s.body_id
	LEFT JOIN members m ON m.tenant_id = s.tenant_id AND m.id = s.member_id
	WHERE s.tenant_id = $1`

const selectSeats = allSeats + ` AND EXISTS (
		SELECT 1 FROM union_reach r
		WHERE r.tenant_id = s.tenant_id AND r.above_id = $2 AND r.union_id = s.union_id)`

func scanSeat(row sqldb.Row) (s Seat, err error) {
	err = row(&s.ID, &s.BodyID, &s.UnionID, &s.Body, &s.Nth, &s.Due, &s.MemberID, &s.Name, &s.Female, &s.Office, &s.FullTime,
		&s.From, &s.How, &s.Document, &s.To, &s.Ending, &s.EndDoc, &s.OwnConsent, &s.Consent, &s.Version)
	return s, err
}

// Seats lists every seat that there was in a union's bodies, the open ones
// first, then by the day they began.
func Seats(ctx context.Context, tx *sqldb.Tx, g auth.Grant, unionID string) ([]Seat, error) {
	return sqldb.List(ctx, tx, scanSeat, selectSeats+` AND s.union_id = $3
		ORDER BY CASE WHEN s.to_day IS NULL THEN 0 ELSE 1 END, s.from_day DESC, s.id`, g.Tenant(), g.Under(), unionID)
}

// openSeats lists who sits in the bodies of a union now.
func openSeats(ctx context.Context, tx *sqldb.Tx, g auth.Grant, unionID string) ([]Seat, error) {
	return sqldb.List(ctx, tx, scanSeat, selectSeats+` AND s.union_id = $3 AND s.to_day IS NULL ORDER BY s.id`, g.Tenant(), g.Under(), unionID)
}

// SeatsOf lists the seats that a member held or holds within g's reach, the
// newest first: what a person's page tells of offices.
func SeatsOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, memberID string) ([]Seat, error) {
	return sqldb.List(ctx, tx, scanSeat, selectSeats+` AND s.member_id = $3 ORDER BY s.from_day DESC, s.id`, g.Tenant(), g.Under(), memberID)
}

// FindSeat returns the seat with the id, or fault.NotFound where g does not
// reach its union.
func FindSeat(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Seat, error) {
	return sqldb.One(ctx, tx, scanSeat, selectSeats+` AND s.id = $3`, g.Tenant(), g.Under(), id)
}

func insertBody(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, b Body) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO bodies (tenant_id, id, union_id, kind, nth, seats, elected, due, ended, document, reason, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1)`,
		g.Tenant(), b.ID, b.UnionID, string(b.Kind), b.Nth, b.Size, b.Elected, b.Due, b.Ended, b.Document, b.Reason)
	if err != nil {
		return err
	}
	return m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "bodies", ID: b.ID})
}

func insertSeat(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, s Seat) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO seats (tenant_id, id, body_id, union_id, member_id, office, fulltime, from_day, how, document, to_day, how_ended, end_doc, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1)`,
		g.Tenant(), s.ID, s.BodyID, s.UnionID, s.MemberID, string(s.Office), s.FullTime, s.From, string(s.How), s.Document, s.To, string(s.Ending), s.EndDoc)
	if err != nil {
		return err
	}
	return m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "seats", ID: s.ID})
}

// endBody ends an open body on a day, with every seat in it, and returns how
// many those were. A seat that began later than the day ends on the day it
// began: it never sat.
func endBody(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, b Body, on day.Day, how Ending, document string) (int64, error) {
	n, err := tx.Exec(ctx, `UPDATE bodies SET ended = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND version = $4 AND ended IS NULL`, on, g.Tenant(), b.ID, b.Version)
	if err != nil {
		return 0, err
	}
	if n == 0 {
		return 0, stale(ctx, tx, g, b.UnionID, b.Kind.Label())
	}
	ids, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT id FROM seats WHERE tenant_id = $1 AND body_id = $2 AND to_day IS NULL ORDER BY id`, g.Tenant(), b.ID)
	if err != nil {
		return 0, err
	}
	touched := []audit.Touched{{Table: "bodies", ID: b.ID}}
	for _, id := range ids {
		touched = append(touched, audit.Touched{Table: "seats", ID: id})
	}
	_, err = tx.Exec(ctx, `
		UPDATE seats SET to_day = CASE WHEN from_day > $1 THEN from_day ELSE $1 END, how_ended = $2, end_doc = $3, version = version + 1
		WHERE tenant_id = $4 AND body_id = $5 AND to_day IS NULL`, on, string(how), document, g.Tenant(), b.ID)
	if err != nil {
		return 0, err
	}
	return int64(len(ids)), m.Touch(ctx, tx, g.Tenant(), touched...)
}

// updateSeat writes how a seat ended and the consents to it, on the version
// that s carries.
func updateSeat(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, s Seat) error {
	n, err := tx.Exec(ctx, `
		UPDATE seats SET to_day = $1, how_ended = $2, end_doc = $3, own_consent = $4, above_consent = $5, version = version + 1
		WHERE tenant_id = $6 AND id = $7 AND version = $8`,
		s.To, string(s.Ending), s.EndDoc, s.OwnConsent, s.Consent, g.Tenant(), s.ID, s.Version)
	if err != nil {
		return err
	}
	if n == 0 {
		return stale(ctx, tx, g, s.UnionID, s.Name+"的任职")
	}
	return m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "seats", ID: s.ID})
}

// Person is a member who may be asked to take a seat.
type Person struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Female bool   `json:"female"`
	Union  string `json:"union"`
	Status string `json:"status"` // of the membership, see package member
	CardNo string `json:"card_no,omitempty"`
	Duty   string `json:"duty,omitempty"`
	Keeper bool   `json:"keeper"` // holds a post of accountant or cashier over the union
}

// selectPeople reads the members of a union, of what stands below it and of
// what stands above it: those who may sit in its bodies.
const selectPeople = `
	SELECT m.id, m.name, m.sex = 'female', u.name, m.status, m.card_no, m.duty, EXISTS (
		SELECT 1 FROM accounts a
		JOIN posts p ON p.tenant_id = a.tenant_id AND p.account_id = a.id
		JOIN union_reach o ON o.tenant_id = p.tenant_id AND o.above_id = p.union_id AND o.union_id = $2
		WHERE a.tenant_id = m.tenant_id AND a.member_id = m.id AND p.office IN ('accountant', 'cashier')
			AND p.from_day <= $3 AND (p.to_day IS NULL OR p.to_day >= $3))
	FROM members m
	JOIN unions u ON u.tenant_id = m.tenant_id AND u.id = m.union_id
	WHERE m.tenant_id = $1 AND (
		EXISTS (SELECT 1 FROM union_reach r WHERE r.tenant_id = m.tenant_id AND r.above_id = $2 AND r.union_id = m.union_id)
		OR EXISTS (SELECT 1 FROM union_reach r
			JOIN union_reach i ON i.tenant_id = r.tenant_id AND i.union_id = r.above_id AND i.above_id = $4
			WHERE r.tenant_id = m.tenant_id AND r.union_id = $2 AND r.above_id = m.union_id))`

func scanPerson(row sqldb.Row) (p Person, err error) {
	err = row(&p.ID, &p.Name, &p.Female, &p.Union, &p.Status, &p.CardNo, &p.Duty, &p.Keeper)
	return p, err
}

// mostPeople is how many a search for a candidate shows.
const mostPeople = 30

// searchPeople finds candidates for the bodies of a union by a part of the
// name or by the member's number.
func searchPeople(ctx context.Context, tx *sqldb.Tx, g auth.Grant, unionID, q string, on day.Day) ([]Person, error) {
	return sqldb.List(ctx, tx, scanPerson, selectPeople+` AND (m.name LIKE $5 ESCAPE '\' OR m.card_no = $6) ORDER BY m.name_key, m.id LIMIT $7`,
		g.Tenant(), unionID, on, g.Under(), "%"+escape(q)+"%", q, int64(mostPeople))
}

// findPerson returns one candidate, or a fault at the field.
func findPerson(ctx context.Context, tx *sqldb.Tx, g auth.Grant, unionID, memberID string, on day.Day) (Person, error) {
	p, err := sqldb.One(ctx, tx, scanPerson, selectPeople+` AND m.id = $5`, g.Tenant(), unionID, on, g.Under(), memberID)
	if err != nil && fault.Of(err).Kind == fault.NotFound {
		err = fieldFault("member_id", "人选：请先按姓名查找，再从名单中选定一人")
	}
	return p, err
}

// HeldBy lists the seats of a member wherever in the tree: for the person.
func HeldBy(ctx context.Context, tx *sqldb.Tx, tenant int64, memberID string) ([]Seat, error) {
	return sqldb.List(ctx, tx, scanSeat, allSeats+` AND s.member_id = $2 ORDER BY s.from_day DESC, s.id`, tenant, memberID)
}
