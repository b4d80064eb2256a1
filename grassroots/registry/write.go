package registry

import (
	"context"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/kit/zh"
)

// NextCode numbers a new union of the tenant: its area and the next serial,
// gapless and never used twice.
func NextCode(ctx context.Context, tx *sqldb.Tx, tenant int64) (string, error) {
	n, err := Next(ctx, tx, tenant, "union", "", 1)
	return codeOf(tenant, n), err
}

// Insert writes a new union, its first span and its place in the tree, and
// adds the seals to m. The parent must stand within g's reach, else it is
// fault.NotFound or fault.Conflict; only a tenant's first union has none. A
// code that is taken is fault.Conflict.
func Insert(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, u Union, act string, from day.Day, document, reason string) error {
	if err := holdTree(ctx, tx, g.Tenant()); err != nil {
		return err
	}
	if u.ParentID != "" {
		above, err := Find(ctx, tx, g, u.ParentID)
		if err != nil {
			return err
		}
		if above.State != Standing {
			return gone(above)
		}
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO unions (tenant_id, id, code, name, name_key, letters, initials, short_name, kind, organ_kind, parent_id, state, uscc, founded, closed,
			region, address, leader, phone, nature, industry, economy, org_code, party_org, staff, own_account, import_id, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, 1)`,
		g.Tenant(), u.ID, u.Code, u.Name, zh.UnitSortKey(u.Name), zh.UnitLetters(u.Name), zh.UnitInitials(u.Name), u.ShortName, string(u.Kind), u.OrganKind, u.ParentID,
		string(Standing), u.USCC, u.Founded, u.Closed, u.Region, u.Address, u.Leader, u.Phone, u.Nature, u.Industry, u.Economy, u.OrgCode, u.PartyOrg,
		u.Staff, u.OwnAccount, u.ImportID)
	if err != nil {
		return err
	}
	if err := hang(ctx, tx, g.Tenant(), u.ID, u.ParentID); err != nil {
		return err
	}
	span := Span{ID: sqldb.NewID(), UnionID: u.ID, From: from, Name: u.Name, Kind: u.Kind, ParentID: u.ParentID, Act: act, Document: document, Reason: reason}
	if err := insertSpan(ctx, tx, g, span); err != nil {
		return err
	}
	return m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "unions", ID: u.ID}, audit.Touched{Table: "union_spans", ID: span.ID})
}

// update writes all of u but its place in the tree's closure, on the version
// that u carries, and seals the row into m. Whoever was faster makes it
// fault.Conflict.
func update(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, u Union) error {
	n, err := tx.Exec(ctx, `
		UPDATE unions SET name = $1, name_key = $2, letters = $3, initials = $4, short_name = $5, kind = $6, organ_kind = $7, parent_id = $8, state = $9, uscc = $10,
			founded = $11, closed = $12, region = $13, address = $14, leader = $15, phone = $16, nature = $17, industry = $18, economy = $19, org_code = $20,
			party_org = $21, staff = $22, own_account = $23, version = version + 1
		WHERE tenant_id = $24 AND id = $25 AND version = $26`,
		u.Name, zh.UnitSortKey(u.Name), zh.UnitLetters(u.Name), zh.UnitInitials(u.Name), u.ShortName, string(u.Kind), u.OrganKind, u.ParentID, string(u.State), u.USCC,
		u.Founded, u.Closed, u.Region, u.Address, u.Leader, u.Phone, u.Nature, u.Industry, u.Economy, u.OrgCode,
		u.PartyOrg, u.Staff, u.OwnAccount, g.Tenant(), u.ID, u.Version)
	if err != nil {
		return err
	}
	if n == 0 {
		return stale(ctx, tx, g, u.ID, u.Name)
	}
	return m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "unions", ID: u.ID})
}

// Save writes the particulars of a union on the version that was read: what
// an import or a form may change without a document. Name, parent and kind
// stay; they have acts of their own. A founding day that moves takes the first
// span with it.
func Save(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, was, now Union) error {
	u := was.with(now.Particulars())
	if u.Founded != was.Founded && u.Founded != "" {
		if err := refound(ctx, tx, g, m, u); err != nil {
			return err
		}
	}
	return update(ctx, tx, g, m, u)
}

// Withdraw removes a union that an import brought by mistake, with its span
// and its place in the tree. If members, unions below it or bodies hang on it,
// it stays and Withdraw is false.
func Withdraw(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, u Union) (bool, error) {
	if err := holdTree(ctx, tx, g.Tenant()); err != nil {
		return false, err
	}
	n, err := sqldb.One(ctx, tx, sqldb.Int, `
		SELECT (SELECT count(*) FROM unions c WHERE c.tenant_id = $1 AND c.parent_id = $2)
			+ (SELECT count(*) FROM union_spans s WHERE s.tenant_id = $1 AND s.parent_id = $2)
			+ (SELECT count(*) FROM (SELECT 1 AS one FROM members x WHERE x.tenant_id = $1 AND x.union_id = $2 LIMIT 1) AS t)
			+ (SELECT count(*) FROM bodies b WHERE b.tenant_id = $1 AND b.union_id = $2)
			+ (SELECT count(*) FROM union_meetings t WHERE t.tenant_id = $1 AND t.union_id = $2)
			+ (SELECT count(*) FROM care_events c WHERE c.tenant_id = $1 AND c.union_id = $2)
			+ (SELECT count(*) FROM posts p WHERE p.tenant_id = $1 AND p.union_id = $2)`, g.Tenant(), u.ID)
	if err != nil || n > 0 {
		return false, err
	}
	spans, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT id FROM union_spans WHERE tenant_id = $1 AND union_id = $2`, g.Tenant(), u.ID)
	if err != nil {
		return false, err
	}
	for _, s := range spans {
		if err := m.Removed(ctx, tx, g.Tenant(), audit.Touched{Table: "union_spans", ID: s}); err != nil {
			return false, err
		}
	}
	if err := m.Removed(ctx, tx, g.Tenant(), audit.Touched{Table: "unions", ID: u.ID}); err != nil {
		return false, err
	}
	for _, q := range []string{
		`DELETE FROM member_figures WHERE tenant_id = $1 AND union_id = $2`,
		`DELETE FROM member_months WHERE tenant_id = $1 AND union_id = $2`,
		`DELETE FROM union_spans WHERE tenant_id = $1 AND union_id = $2`,
		`DELETE FROM union_reach WHERE tenant_id = $1 AND union_id = $2`,
		`DELETE FROM unions WHERE tenant_id = $1 AND id = $2`,
	} {
		if _, err := tx.Exec(ctx, q, g.Tenant(), u.ID); err != nil {
			return false, err
		}
	}
	return true, nil
}

// Hold touches the union's row, so that whatever else wants to change it or
// who sits in it waits for this transaction. A union that no longer stands is
// fault.Conflict; one beyond g's reach fault.NotFound.
func Hold(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Union, error) {
	if _, err := tx.Exec(ctx, `UPDATE unions SET version = version WHERE tenant_id = $1 AND id = $2`, g.Tenant(), id); err != nil {
		return Union{}, err
	}
	u, err := Find(ctx, tx, g, id)
	if err == nil && u.State != Standing {
		err = gone(u)
	}
	return u, err
}

func gone(u Union) error {
	return fault.New(fault.Conflict, "%s%s，不能再办理此事项。请改选存续的工会。", u.Name, u.State.Label())
}
