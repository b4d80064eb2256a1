package member

import (
	"context"
	"strings"

	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
)

const fullColumns = `m.id, m.union_id, u.code, u.name, m.name, m.sex, m.birthday, m.id_type, m.id_sealed, m.phone, m.ethnic, m.education, m.politics,
	m.employment, m.skill, m.household, m.domicile, m.native, m.migrant, m.work_unit, m.duty, m.title, m.email, m.outer_card, m.card_no, m.status, m.joined, m.left_day, m.import_id, m.version`

const fromMembers = `
	FROM members m JOIN unions u ON u.tenant_id = m.tenant_id AND u.id = m.union_id
	WHERE m.tenant_id = $1`

// withinReach keeps to the unions under $2.
const withinReach = ` AND EXISTS (
	SELECT 1 FROM union_reach r WHERE r.tenant_id = m.tenant_id AND r.above_id = $2 AND r.union_id = m.union_id)`

func scanMember(tx *sqldb.Tx, tenant int64) sqldb.Scan[Member] {
	return func(row sqldb.Row) (m Member, err error) {
		p := &m.Person
		var id, phone []byte
		err = row(&m.ID, &m.Union.ID, &m.Union.Code, &m.Union.Name, &p.Name, (*string)(&p.Sex), (*string)(&p.Birthday), &p.IDType, &id, &phone, &p.Ethnic, &p.Education, &p.Politics,
			&p.Employment, &p.Skill, &p.Household, &p.Domicile, &p.Native, &p.Migrant, &p.WorkUnit, &p.Duty, &p.Title, &p.Email, &p.OuterCard,
			&m.CardNo, (*string)(&m.Status), (*string)(&m.Joined), (*string)(&m.LeftDay), &m.ImportID, &m.Version)
		if err != nil {
			return m, err
		}
		if p.IDNo, err = openID(tx.Keys(), tenant, id); err != nil {
			return m, err
		}
		p.Phone, err = openPhone(tx.Keys(), tenant, phone)
		return m, err
	}
}

// Find returns the member with the id, or fault.NotFound where g does not reach.
func Find(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Member, error) {
	return sqldb.One(ctx, tx, scanMember(tx, g.Tenant()), `SELECT `+fullColumns+fromMembers+withinReach+` AND m.id = $3`, g.Tenant(), g.Under(), id)
}

// asked is how many numbers one statement looks up; the text is always the
// same, so that it is prepared once.
const asked = 50

// byBlinds asks for each number by the unique index: with a long IN a planner
// that has no statistics would rather read the whole tenant.
var byBlinds = `
	WITH asked (blind) AS (VALUES (` + strings.ReplaceAll(marks(2, asked), ",", "), (") + `))
	SELECT m.id_blind, ` + fullColumns + `
	FROM asked a CROSS JOIN members m
	JOIN unions u ON u.tenant_id = m.tenant_id AND u.id = m.union_id
	WHERE m.tenant_id = $1 AND m.id_blind = a.blind`

func marks(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("$" + itoa(from+i))
	}
	return b.String()
}

// ByBlinds returns who of the tenant has one of the document numbers, wherever
// in the tree: what an import must know. The caller shows of those beyond its
// reach no more than that they are there.
func ByBlinds(ctx context.Context, tx *sqldb.Tx, tenant int64, blinds []string) (map[string]Member, error) {
	out := make(map[string]Member, len(blinds))
	type found struct {
		blind string
		Member
	}
	scan := scanMember(tx, tenant)
	for len(blinds) > 0 {
		n := min(asked, len(blinds))
		args := make([]any, 1, asked+1)
		args[0] = tenant
		for i := range asked {
			args = append(args, blinds[min(i, n-1)])
		}
		err := sqldb.Each(ctx, tx, func(row sqldb.Row) (f found, err error) {
			f.Member, err = scan(func(dest ...any) error { return row(append([]any{&f.blind}, dest...)...) })
			return f, err
		}, func(f found) error {
			out[f.blind] = f.Member
			return nil
		}, byBlinds, args...)
		if err != nil {
			return nil, err
		}
		blinds = blinds[n:]
	}
	return out, nil
}

var byCards = `SELECT ` + fullColumns + fromMembers + ` AND m.union_id = $2 AND m.card_no IN (` + marks(3, asked) + `)`

// ByCards returns the members of a union by their member numbers: what an
// import of our own list, whose numbers of identity are masked, goes by.
func ByCards(ctx context.Context, tx *sqldb.Tx, tenant int64, union string, cards []string) (map[string]Member, error) {
	out := make(map[string]Member, len(cards))
	for len(cards) > 0 {
		n := min(asked, len(cards))
		args := append(make([]any, 0, asked+2), tenant, union)
		for i := range asked {
			args = append(args, cards[min(i, n-1)])
		}
		err := sqldb.Each(ctx, tx, scanMember(tx, tenant), func(m Member) error {
			out[m.CardNo] = m
			return nil
		}, byCards, args...)
		if err != nil {
			return nil, err
		}
		cards = cards[n:]
	}
	return out, nil
}

// History lists how a membership began and changed, the first event first.
func History(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) ([]Event, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (e Event, err error) {
		err = row(&e.ID, &e.MemberID, &e.Type, &e.Day, &e.Reason, &e.From, &e.To, &e.Document, &e.ImportID, &e.Account, &e.At)
		return e, err
	}, `
		SELECT e.id, e.member_id, e.type, e.day, e.reason, e.from_union, e.to_union, e.document, e.import_id, e.account_id, e.at
		FROM member_events e WHERE e.tenant_id = $1 AND e.member_id = $2 ORDER BY e.day, e.id`, g.Tenant(), id)
}

// Any returns a member of the tenant wherever in the tree, or a zero one. It
// is for jobs that go on with what a person with the right began.
func Any(ctx context.Context, tx *sqldb.Tx, tenant int64, id string) (Member, error) {
	all, err := sqldb.List(ctx, tx, scanMember(tx, tenant), `SELECT `+fullColumns+fromMembers+` AND m.id = $2`, tenant, id)
	if err != nil || len(all) == 0 {
		return Member{}, err
	}
	return all[0], nil
}

// HangsOn reports whether a post, an account or a file hangs on a member.
func HangsOn(ctx context.Context, tx *sqldb.Tx, tenant int64, id string) (bool, error) {
	n, err := sqldb.One(ctx, tx, sqldb.Int, `
		SELECT (SELECT count(*) FROM seats s WHERE s.tenant_id = $1 AND s.member_id = $2)
			+ (SELECT count(*) FROM accounts a WHERE a.tenant_id = $1 AND a.member_id = $2)
			+ (SELECT count(*) FROM attachments t WHERE t.tenant_id = $1 AND t.thing_id = $2)`, tenant, id)
	return n > 0, err
}

// Block returns up to limit members within reach after the one with the id
// after, numbers in the clear: for jobs that go through all of them.
func Block(ctx context.Context, tx *sqldb.Tx, g auth.Grant, after string, limit int) ([]Member, error) {
	return sqldb.List(ctx, tx, scanMember(tx, g.Tenant()), `SELECT `+fullColumns+fromMembers+withinReach+` AND m.id > $3 ORDER BY m.id LIMIT $4`,
		g.Tenant(), g.Under(), after, int64(limit))
}
