package hall

import (
	"context"

	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/office/exchange"
)

// totals are the unions of the whole office as a bundle tells of them: figures
// and what is lacking, and no leader, address or telephone.
//
// law: PL-32
func totals(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day) ([]exchange.Line, error) {
	root, err := registry.Root(ctx, tx, g.Tenant())
	if err != nil {
		return nil, err
	}
	whole := auth.As(g.Tenant(), g.Account(), g.Office(), g.Action(), root.ID)
	rows, err := registry.Whole(ctx, tx, whole, registry.Query{Sort: "code"}, today)
	out := make([]exchange.Line, len(rows))
	for i, r := range rows {
		out[i] = exchange.Line{Code: r.Code, Name: r.Name, Kind: string(r.Kind), Parent: r.Parent, Members: r.Members, Women: r.Women, Staff: r.Staff, TermDue: r.TermDue, Missing: r.Missing}
	}
	return out, err
}
