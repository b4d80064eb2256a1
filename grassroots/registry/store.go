package registry

import (
	"context"
	"strconv"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
)

const unionColumns = `u.id, u.code, u.name, u.short_name, u.kind, u.organ_kind, u.parent_id, u.state, u.uscc, u.founded, u.closed,
	u.region, u.address, u.leader, u.phone, u.nature, u.industry, u.economy, u.org_code, u.party_org, u.staff, u.own_account, u.import_id, u.version`

// selectUnions reads the unions within a grant's reach.
const selectUnions = `
	SELECT ` + unionColumns + `
	FROM unions u
	WHERE u.tenant_id = $1 AND EXISTS (
		SELECT 1 FROM union_reach r
		WHERE r.tenant_id = u.tenant_id AND r.above_id = $2 AND r.union_id = u.id)`

func scanUnion(row sqldb.Row) (u Union, err error) {
	err = row(&u.ID, &u.Code, &u.Name, &u.ShortName, &u.Kind, &u.OrganKind, &u.ParentID, &u.State, &u.USCC, &u.Founded, &u.Closed,
		&u.Region, &u.Address, &u.Leader, &u.Phone, &u.Nature, &u.Industry, &u.Economy, &u.OrgCode, &u.PartyOrg, &u.Staff, &u.OwnAccount, &u.ImportID, &u.Version)
	return u, err
}

// Find returns the union with the id, or fault.NotFound where g does not reach.
func Find(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Union, error) {
	return sqldb.One(ctx, tx, scanUnion, selectUnions+` AND u.id = $3`, g.Tenant(), g.Under(), id)
}

// ByCode is Find by the union's code.
func ByCode(ctx context.Context, tx *sqldb.Tx, g auth.Grant, code string) (Union, error) {
	return sqldb.One(ctx, tx, scanUnion, selectUnions+` AND u.code = $3`, g.Tenant(), g.Under(), code)
}

// All lists every union within g's reach, closed ones too, by name. There are
// some hundred, or a few thousand; lists of people are never read like this.
func All(ctx context.Context, tx *sqldb.Tx, g auth.Grant) ([]Union, error) {
	return sqldb.List(ctx, tx, scanUnion, selectUnions+` ORDER BY u.name_key, u.id`, g.Tenant(), g.Under())
}

// Known lists every union of the tenant by id, code and names alone: what an
// import needs to tell "unknown" from "out of reach".
func Known(ctx context.Context, tx *sqldb.Tx, g auth.Grant) ([]Union, error) {
	return sqldb.List(ctx, tx, scanUnion, `SELECT `+unionColumns+` FROM unions u WHERE u.tenant_id = $1`, g.Tenant())
}

// Root returns the union at the top of the tenant's tree.
func Root(ctx context.Context, tx *sqldb.Tx, tenant int64) (Union, error) {
	return sqldb.One(ctx, tx, scanUnion, `SELECT `+unionColumns+` FROM unions u WHERE u.tenant_id = $1 AND u.parent_id IS NULL ORDER BY u.id LIMIT 1`, tenant)
}

// stale says who was faster with the thing, and when.
func stale(ctx context.Context, tx *sqldb.Tx, g auth.Grant, thing, name string) error {
	last, err := audit.Last(ctx, tx, g, thing)
	if err != nil {
		if fault.Of(err).Kind == fault.NotFound {
			return fault.New(fault.Conflict, "%s刚刚已由他人改过，请刷新后再办。", name)
		}
		return err
	}
	who, err := people(ctx, tx, g, []string{last.Account})
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "%s已由%s于 %s 改过，请刷新后再办。", name, who.name(last), last.At.Local())
}

// names are people by their accounts.
type names map[string]string

// name is who wrote r, with the office: 李敏（组织干事）.
func (n names) name(r audit.Row) string {
	who, office := n[r.Account], r.Office.Label()
	switch {
	case who == "" && r.Office == "system":
		return "系统"
	case who == "":
		return office
	case r.Acting != "":
		office = "代" + office
	}
	return who + "（" + office + "）"
}

// people names the holders of accounts.
func people(ctx context.Context, tx *sqldb.Tx, g auth.Grant, accounts []string) (names, error) {
	out := names{}
	if len(accounts) == 0 {
		return out, nil
	}
	args := []any{g.Tenant()}
	for _, a := range accounts {
		args = append(args, a)
	}
	err := sqldb.Each(ctx, tx, func(row sqldb.Row) (v [2]string, err error) { return v, row(&v[0], &v[1]) },
		func(v [2]string) error { out[v[0]] = v[1]; return nil },
		`SELECT id, name FROM accounts WHERE tenant_id = $1 AND id IN `+marks(2, len(accounts)), args...)
	return out, err
}

// marks writes n places for arguments from $first on: ($2, $3, $4).
func marks(first, n int) string {
	b := []byte{'('}
	for i := range n {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = strconv.AppendInt(append(b, '$'), int64(first+i), 10)
	}
	return string(append(b, ')'))
}
