package hall

import (
	"context"
	"fmt"

	"unionhall/grassroots/finance/handover"
	"unionhall/grassroots/registry"
	"unionhall/hall/city"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/office/account"
)

// demoHandover gives the city the archive of a small union's last year, and the
// list by which its accountant took over.
func (h *House) demoHandover(ctx context.Context, root registry.Union, at day.Instant) error {
	who, union, year := map[string]string{}, "", at.Day().Year()-1
	err := h.DB.View(ctx, func(tx *sqldb.Tx) error {
		all, err := sqldb.List(ctx, tx, sqldb.Text, `
			SELECT b.union_id FROM books b JOIN unions u ON u.tenant_id = b.tenant_id AND u.id = b.union_id
			WHERE b.tenant_id = $1 AND b.year = $2 AND b.state = 'closed' AND u.parent_id IS NOT NULL
			ORDER BY (SELECT count(*) FROM vouchers v WHERE v.tenant_id = b.tenant_id AND v.book_id = b.id), u.code LIMIT 1`, int64(city.Tenant), int64(year))
		if err != nil || len(all) == 0 {
			return err
		}
		union = all[0]
		return sqldb.Each(ctx, tx, func(row sqldb.Row) (v [2]string, err error) { return v, row(&v[0], &v[1]) }, func(v [2]string) error { who[v[0]] = v[1]; return nil },
			`SELECT login, id FROM accounts WHERE tenant_id = $1`, int64(city.Tenant))
	})
	if err != nil || union == "" {
		return err
	}
	var kept handover.Kept
	err = h.DB.Do(ctx, func(tx *sqldb.Tx) (err error) {
		if err := h.demoTakeover(ctx, tx, root.ID, union, who, at); err != nil {
			return err
		}
		kept, err = h.rooms.handover.Begin(ctx, tx, auth.As(city.Tenant, who["accountant"], auth.Accountant, handover.Archive, root.ID), handover.Archiving{Union: union, Year: year}, at)
		return err
	})
	if err != nil || h.Runner == nil {
		return err
	}
	return h.Runner.RunAbout(ctx, city.Tenant, kept.ID)
}

// demoTakeover is a handing over that all three confirmed; who left has kept
// the account, but no post.
func (h *House) demoTakeover(ctx context.Context, tx *sqldb.Tx, root, union string, who map[string]string, at day.Instant) error {
	hash, err := seal.HashPassword(ctx, DemoPassword())
	if err != nil {
		return err
	}
	left, err := account.Create(ctx, tx, auth.System(city.Tenant, "demo", account.Manage, root), account.New{Login: "方洁", Name: "方洁", Hash: hash}, at)
	if err != nil {
		return err
	}
	room := *h.rooms.handover
	room.Keepers = func(context.Context, *sqldb.Tx, int64, string, day.Day) ([]handover.Person, error) {
		return []handover.Person{{Account: who["accountant"], Name: demoNames["accountant"], Office: auth.Accountant}, {Account: who["director"], Name: demoNames["director"], Office: auth.Director}}, nil
	}
	c, err := room.Make(ctx, tx, auth.As(city.Tenant, left.ID, auth.Accountant, handover.List, root), handover.Opens{Union: union, Taker: who["accountant"], Witness: who["director"]}, at)
	if err != nil {
		return err
	}
	c, err = handover.Rewrite(ctx, tx, auth.As(city.Tenant, left.ID, auth.Accountant, handover.List, root), c.ID, c.Version, []handover.Row{
		{Kind: "seal", Name: "财务专用章", Count: "1 枚"}, {Kind: "key", Name: "网上银行密钥", Count: "1 个", Note: "复核由另一人持有"}, {Kind: "receipt", Name: "工会经费收入专用收据", Count: "25 份"},
		{Kind: "password", Name: "财务软件口令", Count: "1 个", Note: "接管人当场更换"}, {Kind: "document", Name: "历年会计档案", Count: "3 册"},
	}, "本年度经费上解尚未与上级核对，由接管人继续办理。", at)
	if err != nil {
		return err
	}
	for _, s := range []struct {
		account string
		office  auth.Office
		act     auth.Action
	}{{left.ID, auth.Accountant, handover.Give}, {who["accountant"], auth.Accountant, handover.Receive}, {who["director"], auth.Director, handover.Witness}} {
		if c, err = handover.Advance(ctx, tx, auth.As(city.Tenant, s.account, s.office, s.act, root), c.ID, c.Version, flow.Given{}, at); err != nil {
			return fmt.Errorf("%s: %w", s.act, err)
		}
	}
	return nil
}
