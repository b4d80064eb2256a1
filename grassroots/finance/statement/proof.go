package statement

import (
	"context"

	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
)

// Difference is a figure that the balances and the entries tell otherwise.
type Difference struct {
	Union   registry.Ref `json:"union"`
	Month   int          `json:"month"`
	Account string       `json:"account"`
	Kept    money.Fen    `json:"kept"`  // debit less credit, as balances keep it
	Added   money.Fen    `json:"added"` // as the entries add up
}

// Prove adds the entries of a span's year up anew and compares them with the
// balances that statements are made from. It returns what differs, and how
// many entries it read.
//
// law: S2-44, K2
func Prove(ctx context.Context, tx *sqldb.Tx, g auth.Grant, a Ask) (out []Difference, read int64, err error) {
	scope := `b.tenant_id = $1 AND b.year = $4 AND ` + within(a.Below, "b.union_id", "$3") + reached("b", "union_id")
	args := []any{g.Tenant(), g.Under(), a.Union, int64(a.Year), int64(a.To())}
	read, err = sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM books b JOIN entries e ON e.tenant_id = b.tenant_id AND e.book_id = b.id AND e.month <= $5 WHERE `+scope, args...)
	if err != nil {
		return nil, 0, err
	}
	out, err = sqldb.List(ctx, tx, func(row sqldb.Row) (d Difference, err error) {
		return d, row(&d.Union.ID, &d.Union.Code, &d.Union.Name, &d.Month, &d.Account, &d.Kept, &d.Added)
	}, `
		SELECT u.id, u.code, u.name, x.month, x.account, cast(sum(x.kept) as bigint), cast(sum(x.added) as bigint)
		FROM (
			SELECT b.union_id, x.month, x.account, x.source, x.project, x.debit AS debit, x.credit AS credit, x.carry_debit AS carry_debit, x.carry_credit AS carry_credit,
				x.debit + x.carry_debit - x.credit - x.carry_credit AS kept, 0 AS added
			FROM books b JOIN balances x ON x.tenant_id = b.tenant_id AND x.book_id = b.id AND x.month <= $5
			WHERE `+scope+`
			UNION ALL
			SELECT b.union_id, e.month, e.account, e.source, e.project,
				-sum(CASE WHEN e.carry THEN 0 ELSE e.debit END), -sum(CASE WHEN e.carry THEN 0 ELSE e.credit END),
				-sum(CASE WHEN e.carry THEN e.debit ELSE 0 END), -sum(CASE WHEN e.carry THEN e.credit ELSE 0 END), 0, sum(e.debit - e.credit)
			FROM books b JOIN entries e ON e.tenant_id = b.tenant_id AND e.book_id = b.id AND e.month <= $5
			WHERE `+scope+`
			GROUP BY b.union_id, e.month, e.account, e.source, e.project
		) x
		JOIN unions u ON u.tenant_id = $1 AND u.id = x.union_id
		GROUP BY u.id, u.code, u.name, x.month, x.account, x.source, x.project
		HAVING sum(x.debit) <> 0 OR sum(x.credit) <> 0 OR sum(x.carry_debit) <> 0 OR sum(x.carry_credit) <> 0
		ORDER BY u.name, x.month, x.account LIMIT 200`, args...)
	return out, read, err
}
