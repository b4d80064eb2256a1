package hall_test

import (
	"testing"

	"unionhall/grassroots/finance/asset"
	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

func init() {
	kinds[asset.Home+"/{id}"] = "card"
	kinds[asset.Home+"/runs/{id}"] = "run"
	kinds[asset.Home+"/matters/{id}"] = "matter"
	kinds[asset.StockHome+"/{id}"] = "goods"
	kinds[asset.CountHome+"/{id}"] = "count"
	bodies["POST "+asset.Home+"/{id}/leave"] = `{"kind":"scrap","day":"2026-11-20","reason":"损坏"}`
}

// owned makes one of everything that a union owns, in its books of the year.
func (s *stand) owned(t testing.TB, tenant int64, union string, x things) {
	t.Helper()
	at := day.At(s.house.Now())
	root := s.first(t, `SELECT id FROM unions WHERE tenant_id = $1 AND parent_id IS NULL`, tenant)
	code := s.first(t, `SELECT code FROM unions WHERE tenant_id = $1 AND id = $2`, tenant, union)
	on := at.Day()
	as := func(act auth.Action) auth.Grant { return auth.As(tenant, "keeper", auth.Accountant, act, root) }
	if all := s.look(t, `SELECT id FROM asset_matters WHERE tenant_id = $1 AND union_id = $2 AND kind = 'sale' AND ended IS NULL`, tenant, union); len(all) > 0 {
		x["matter"] = all[0]
		x["card"] = s.first(t, `SELECT card_id FROM asset_matters WHERE tenant_id = $1 AND id = $2`, tenant, all[0])
		x["run"] = s.first(t, `SELECT id FROM asset_runs WHERE tenant_id = $1 AND union_id = $2 ORDER BY id DESC`, tenant, union)
		x["goods"] = s.first(t, `SELECT id FROM stock_items WHERE tenant_id = $1 AND union_id = $2 ORDER BY id DESC`, tenant, union)
		x["count"] = s.first(t, `SELECT id FROM asset_counts WHERE tenant_id = $1 AND union_id = $2 ORDER BY id DESC`, tenant, union)
		return
	}
	s.write(t, func(tx *sqldb.Tx) error {
		b, err := ledger.BookOf(ctx, tx, as(ledger.Look), union, on.Year())
		if err != nil {
			b, err = ledger.Start(ctx, tx, as(ledger.Open), ledger.Opens{Union: code, Year: on.Year()}, at)
		}
		if err != nil {
			return err
		}
		month, err := asset.Next(ctx, tx, as(asset.Look), union)
		if err == nil && month == "" {
			if _, err = asset.OpenCards(ctx, tx, as(asset.Add), code, b.Year, []asset.Brought{{Row: 2, Sort: "通用设备—办公设备", Name: "复印机", Acquired: "2024-03-05", Cost: "12000"}}, at); err == nil {
				month, err = asset.Next(ctx, tx, as(asset.Look), union)
			}
		}
		if err != nil {
			return err
		}
		if last := s.look(t, `SELECT id FROM asset_runs WHERE tenant_id = $1 AND union_id = $2 ORDER BY month DESC`, tenant, union); len(last) > 0 {
			x["run"] = last[0]
		} else {
			r, err := asset.RunMonth(ctx, tx, as(asset.Run), code, month, at)
			if err != nil {
				return err
			}
			x["run"] = r.ID
		}
		pay := asset.Paying{Expense: "50702", Source: books.FR, Project: ledger.Office, Attachments: 1}
		cards, err := asset.Give(ctx, tx, as(asset.Add), asset.Form{Union: code, Kind: asset.Fixed, Sort: "图书档案", Name: "赠书", Nominal: true, Day: on, Paying: pay}, at)
		if err != nil {
			return err
		}
		opened, err := asset.OpenCards(ctx, tx, as(asset.Add), code, b.Year, []asset.Brought{{Row: 2, Sort: "图书档案", Name: "职工书屋藏书", Acquired: "2024-03-05", Cost: "12000"}}, at)
		if err != nil {
			return err
		}
		m, err := asset.Propose(ctx, tx, as(asset.Ask), asset.Asking{ID: opened[0].ID, Kind: asset.Sale, Day: on, Reason: "更新"}, at)
		if err != nil {
			return err
		}
		x["card"], x["matter"] = cards[0].ID, m.ID
		i, err := asset.AddGoods(ctx, tx, as(asset.Stock), asset.GoodsForm{Union: code, Name: "毛巾", Unit: "条"}, at)
		if err != nil {
			return err
		}
		x["goods"] = i.ID
		if _, err = asset.TakeIn(ctx, tx, as(asset.Stock), asset.SlipForm{ID: i.ID, Day: on, Quantity: "20", Amount: "200", Paying: asset.Paying{Expense: "50105", Source: books.FR, Project: ledger.Office, Attachments: 1}}, at); err != nil {
			return err
		}
		c, err := asset.Begin(ctx, tx, as(asset.Count), code, on, at)
		x["count"] = c.ID
		return err
	})
}
