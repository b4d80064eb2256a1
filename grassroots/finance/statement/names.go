package statement

import (
	"context"
	"slices"
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

// named is an id with the words for it.
type named struct{ id, name string }

// projectNames lists the projects that sums name, in the order of the form:
// staff, office, the projects by code, and what names none.
func projectNames(ctx context.Context, tx *sqldb.Tx, g auth.Grant, sums ledger.Figures) ([]named, error) {
	seen := map[string]bool{}
	for _, s := range sums.Sums {
		seen[s.Project] = true
	}
	out := []named{{ledger.Staff, "人员经费"}, {ledger.Office, "公用经费"}}
	known, err := sqldb.List(ctx, tx, func(row sqldb.Row) (n named, err error) {
		var code string
		err = row(&n.id, &code, &n.name)
		n.name = code + " " + n.name
		return n, err
	}, `SELECT p.id, p.code, p.name FROM projects p WHERE p.tenant_id = $1`+reached("p", "union_id")+` ORDER BY p.code, p.id`, g.Tenant(), g.Under())
	for _, n := range known {
		if seen[n.id] {
			out = append(out, n)
		}
	}
	return append(out, named{"", "未分项目"}), err
}

// codesIn finds the accounts that a sentence names as 「30101 …」.
func codesIn(text string) (out []string) {
	for _, part := range strings.Split(text, "「")[1:] {
		code, _, ok := strings.Cut(part, " ")
		if ok && code != "" && strings.Trim(code, "0123456789") == "" && !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	return out
}

// each calls f for every row of a page's query.
func each[T any](r *web.Request, scan func(func(...any) error) (T, error), f func(T), q string, args ...any) error {
	return sqldb.Each(r.Ctx, r.Tx, func(row sqldb.Row) (T, error) { return scan(row) }, func(x T) error { f(x); return nil }, q, args...)
}
