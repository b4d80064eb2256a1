package term

import (
	"context"
	"fmt"

	"unionhall/commons/message"
	"unionhall/commons/rulebook"
	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
)

const selectExtensions = `
	SELECT e.id, e.union_id, u.name, e.body_id, b.kind, b.nth, e.state, e.was_due, e.until, e.reason, e.asked, e.account_id, e.decided, e.document, e.version
	FROM term_extensions e
	JOIN bodies b ON b.tenant_id = e.tenant_id AND b.id = e.body_id
	JOIN unions u ON u.tenant_id = e.tenant_id AND u.id = e.union_id
	JOIN union_reach r ON r.tenant_id = e.tenant_id AND r.union_id = e.union_id AND r.above_id = $2
	WHERE e.tenant_id = $1`

func scanExtension(row sqldb.Row) (e Extension, err error) {
	err = row(&e.ID, &e.UnionID, &e.Union, &e.BodyID, &e.Body, &e.Nth, &e.State, &e.WasDue, &e.Until, &e.Reason, &e.Asked, &e.Account, &e.Decided, &e.Document, &e.Version)
	return e, err
}

// FindExtension returns a request of a union within g's reach, or
// fault.NotFound.
func FindExtension(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Extension, error) {
	return sqldb.One(ctx, tx, scanExtension, selectExtensions+` AND e.id = $3`, g.Tenant(), g.Under(), id)
}

// extensionsOf lists the requests of a union, the newest first.
func extensionsOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, unionID string) ([]Extension, error) {
	return sqldb.List(ctx, tx, scanExtension, selectExtensions+` AND e.union_id = $3 ORDER BY e.id DESC`, g.Tenant(), g.Under(), unionID)
}

// OpenExtensions lists the requests within g's reach that wait for somebody,
// the oldest first.
func OpenExtensions(ctx context.Context, tx *sqldb.Tx, g auth.Grant) ([]Extension, error) {
	return sqldb.List(ctx, tx, scanExtension, selectExtensions+` AND e.state IN ('asked', 'checked') ORDER BY e.id LIMIT $3`, g.Tenant(), g.Under(), int64(mostOpen))
}

// mostOpen is how many things that wait the work table reads.
const mostOpen = 100

// boundsOf reads the bounds as the tenant's own book has them on a day.
func boundsOf(ctx context.Context, tx *sqldb.Tx, tenant int64, on day.Day) (Bounds, error) {
	book, err := rulebook.Of(ctx, tx, tenant)
	if err != nil {
		return Bounds{}, err
	}
	return BoundsOf(book, tenant, on)
}

// holdBody takes hold of the union of a body and reads the body then.
func holdBody(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (registry.Union, registry.Body, error) {
	b, err := registry.FindBody(ctx, tx, g, id)
	if err != nil {
		return registry.Union{}, b, err
	}
	u, err := registry.Hold(ctx, tx, g, b.UnionID)
	if err != nil {
		return u, b, err
	}
	b, err = registry.FindBody(ctx, tx, g, id)
	return u, b, err
}

// AskExtension asks for the election of a body to be held until a day. It is
// refused by the clause where the term was extended already or the day is too
// late.
//
// law: ELE-02
func AskExtension(ctx context.Context, tx *sqldb.Tx, g auth.Grant, bodyID string, until day.Day, v flow.Given, at day.Instant) (Extension, error) {
	u, b, err := holdBody(ctx, tx, g, bodyID)
	if err != nil {
		return Extension{}, err
	}
	l, err := boundsOf(ctx, tx, g.Tenant(), at.Day())
	if err != nil {
		return Extension{}, err
	}
	before, pending := 0, false
	err = sqldb.Each(ctx, tx, func(row sqldb.Row) (s State, err error) { return s, row(&s) }, func(s State) error {
		if s == Approved {
			before++
		}
		pending = pending || s == Asked || s == Checked
		return nil
	}, `SELECT state FROM term_extensions WHERE tenant_id = $1 AND body_id = $2`, g.Tenant(), b.ID)
	if err != nil {
		return Extension{}, err
	}
	if err := Extends(b, until, before, pending, l); err != nil {
		return Extension{}, err
	}
	e := Extension{ID: sqldb.NewID(), UnionID: u.ID, Union: u.Name, BodyID: b.ID, Body: b.Kind, Nth: b.Nth, State: Asked, WasDue: b.Due, Until: until, Reason: v.Words, Asked: at.Day(), Account: g.Account(), Version: 1}
	m := audit.Moves{}
	if _, err := Extending.Advance(ctx, tx, g, m, e.ID, "", "", v, at); err != nil {
		return e, err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO term_extensions (tenant_id, id, union_id, body_id, state, was_due, until, reason, asked, account_id, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)`,
		g.Tenant(), e.ID, e.UnionID, e.BodyID, string(e.State), e.WasDue, e.Until, e.Reason, e.Asked, e.Account)
	if err == nil {
		err = m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "term_extensions", ID: e.ID})
	}
	if err == nil {
		err = tellSuperior(ctx, tx, g.Tenant(), u, auth.Officer, "延期换届申请："+u.Name, fmt.Sprintf("%s第%d届申请由 %s 延期到 %s，请审核。", b.Kind.Label(), b.Nth, b.Due, until), e.Place(), at)
	}
	if err != nil {
		return e, err
	}
	return e, note(ctx, tx, g, m, u.ID, fmt.Sprintf("申请%s第%d届延期到 %s", b.Kind.Label(), b.Nth, until), v, at)
}

// note writes what was done to the log of a union.
func note(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, unionID, words string, v flow.Given, at day.Instant) error {
	return m.Write(ctx, tx, g, unionID, registry.Deed{Act: registry.Noted, Now: words, Reason: v.Words, Document: v.Document}, at)
}

// tellSuperior leaves a message for the office over what stands above a union.
func tellSuperior(ctx context.Context, tx *sqldb.Tx, tenant int64, u registry.Union, office auth.Office, title, body, href string, at day.Instant) error {
	above := u.ParentID
	if above == "" {
		above = u.ID
	}
	return message.ToUnion(ctx, tx, tenant, above, []auth.Office{office}, title, body, href, at)
}

// StepExtension takes g's step on a request. An approval moves the due day of
// the body, and of the others of the union that fall due with it.
//
// law: ELE-02, WOM-03
func StepExtension(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, v flow.Given, at day.Instant) (Extension, error) {
	e, err := FindExtension(ctx, tx, g, id)
	if err != nil {
		return e, err
	}
	u, b, err := holdBody(ctx, tx, g, e.BodyID)
	if err != nil {
		return e, err
	}
	if e, err = FindExtension(ctx, tx, g, id); err != nil {
		return e, err
	}
	if version != 0 && version != e.Version {
		return e, fault.New(fault.Conflict, "这份申请刚刚已由他人办理，请刷新后再看。")
	}
	m := audit.Moves{}
	step, err := Extending.Advance(ctx, tx, g, m, e.ID, e.State, "", v, at)
	if err != nil {
		return e, err
	}
	n, err := tx.Exec(ctx, `UPDATE term_extensions SET state = $1, decided = $2, document = $3, version = version + 1 WHERE tenant_id = $4 AND id = $5 AND state = $6`,
		string(step.To), at.Day(), v.Document, g.Tenant(), e.ID, string(e.State))
	if err != nil {
		return e, err
	}
	if n == 0 {
		return e, fault.New(fault.Conflict, "这份申请刚刚已由他人办理，请刷新后再看。")
	}
	if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "term_extensions", ID: e.ID}); err != nil {
		return e, err
	}
	e.State, e.Decided, e.Document, e.Version = step.To, at.Day(), v.Document, e.Version+1
	if e.State == Approved {
		if err := carry(ctx, tx, g, m, b, e, at.Day()); err != nil {
			return e, err
		}
	}
	if err := e.tell(ctx, tx, g, u, at); err != nil {
		return e, err
	}
	return e, note(ctx, tx, g, m, u.ID, "延期换届："+Extending.Labels[e.State], v, at)
}

// carry moves the due days of the bodies that an approval is about.
func carry(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, b registry.Body, e Extension, today day.Day) error {
	switch {
	case !b.Open() || b.Due != e.WasDue:
		return fault.New(fault.Conflict, "%s的届期在申请之后已有变动，这份申请不能再批准，请退回重新申请。", b.Kind.Label())
	case e.Until <= today:
		return fault.ByRule(fault.Conflict, "ELE-02", "申请延期到的日期 %s 已过，不能再批准。", e.Until)
	}
	all := []registry.Body{b}
	if b.Kind == registry.Committee {
		others, err := registry.Sitting(ctx, tx, g, b.UnionID)
		if err != nil {
			return err
		}
		for _, o := range others {
			if o.ID != b.ID && o.Due == b.Due {
				all = append(all, o)
			}
		}
	}
	for _, o := range all { // four at most
		if err := registry.Extend(ctx, tx, g, m, o, e.Until); err != nil {
			return err
		}
	}
	return nil
}

// tell leaves a message for whoever goes on with the request, or asked for it.
func (e Extension) tell(ctx context.Context, tx *sqldb.Tx, g auth.Grant, u registry.Union, at day.Instant) error {
	words := fmt.Sprintf("%s第%d届由 %s 延期到 %s：%s。", e.Body.Label(), e.Nth, e.WasDue, e.Until, Extending.Labels[e.State])
	switch e.State {
	case Checked:
		return tellSuperior(ctx, tx, g.Tenant(), u, auth.Director, "延期换届待批准："+u.Name, words, e.Place(), at)
	case Approved, Refused:
		return message.ToUnion(ctx, tx, g.Tenant(), u.ID, []auth.Office{auth.Chair}, "延期换届"+Extending.Labels[e.State], words, e.Place(), at)
	}
	return nil
}

// SetDeadline sets the day by which the election of an overdue body must be
// held, and tells the chair.
//
// law: ELE-03
func SetDeadline(ctx context.Context, tx *sqldb.Tx, g auth.Grant, bodyID string, deadline day.Day, v flow.Given, at day.Instant) (registry.Body, error) {
	u, b, err := holdBody(ctx, tx, g, bodyID)
	if err != nil {
		return b, err
	}
	l, err := boundsOf(ctx, tx, g.Tenant(), at.Day())
	if err != nil {
		return b, err
	}
	if err := Urges(b, deadline, l.Clock); err != nil {
		return b, err
	}
	m := audit.Moves{}
	if err := registry.Urge(ctx, tx, g, m, b, deadline); err != nil {
		return b, err
	}
	b.Deadline = deadline
	words := fmt.Sprintf("%s第%d届于 %s 届满未换届，上级工会限 %s 前完成换届。", b.Kind.Label(), b.Nth, b.Due, deadline)
	if err := message.ToUnion(ctx, tx, g.Tenant(), u.ID, []auth.Office{auth.Chair}, "限期换届："+u.Name, words, unionPlace+u.ID, at); err != nil {
		return b, err
	}
	return b, note(ctx, tx, g, m, u.ID, "限期 "+string(deadline)+" 前换届："+b.Kind.Label(), v, at)
}
