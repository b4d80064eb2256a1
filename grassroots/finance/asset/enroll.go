package asset

import (
	"context"

	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
)

// Enroll takes over cards with what became of them in a time that is past:
// moves and runs whose vouchers are in the books already. Cards without a number
// get the next ones; ids that are given stay. m takes up the seals; the caller
// writes the log.
//
// law: F3.9, K3
func Enroll(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, u registry.Ref, cards []Card, moves []Move, runs []MonthRun) error {
	first, err := head(ctx, tx, g.Tenant(), u.ID, "cards", int64(len(cards)))
	if err != nil {
		return err
	}
	for i := range cards {
		cards[i].Union, cards[i].No = u, first+int64(i)
	}
	if err := insertCards(ctx, tx, g.Tenant(), m, cards); err != nil {
		return err
	}
	if err := insertMoves(ctx, tx, g.Tenant(), m, moves...); err != nil {
		return err
	}
	rows := make([][]any, len(runs))
	for i, r := range runs {
		row := []any{g.Tenant(), r.ID, u.ID, string(r.Month), r.Round, int64(r.Total), r.Cards, r.Voucher, string(r.At), r.By}
		mac := runSeal.Seal(tx.Keys(), row)
		m.Add("asset_runs", mac)
		rows[i] = append(row, mac)
	}
	return tx.Insert(ctx, "asset_runs", runColumns+", mac", rows)
}

const runColumns = `tenant_id, id, union_id, month, round, total, cards, voucher_id, at, account_id`

var runSeal = audit.LayoutOf("asset_runs", columnsOf(runColumns))

// FirstPlan is how the write-off of a card begins: its whole cost from the
// month in which it came.
//
// law: F3.9
func FirstPlan(c Card) Plan { return c.first() }
