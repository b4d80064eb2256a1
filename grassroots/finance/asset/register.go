package asset

import (
	"context"
	"io"
	"slices"
	"strconv"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/money"
	"unionhall/kit/print"
	"unionhall/kit/sqldb"
)

// RegisterOf lists what a union has at the end of a day, with what it is worth
// then.
//
// law: F3.9
func RegisterOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string, on day.Day) ([]Card, error) {
	all, err := Whole(ctx, tx, g, Query{Union: union, Sort: "no"})
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].Worth = Worth{}
	}
	if err := value(ctx, tx, g.Tenant(), all, on); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(c Card) bool { return c.State != InUse && c.State != Leaving }), nil
}

// PrintRegister writes the register of a union's cards as the paper that is
// filed, with its sum.
//
// law: F3.9, F3.27
func PrintRegister(w io.Writer, office string, on day.Day, cards []Card, by string, at day.Instant) error {
	d, err := print.New(print.Paper{Office: "单位名称：" + office, Title: "资产登记簿", Note: "截至 " + string(on) + "　单位：元", By: by, Made: at, Wide: true})
	if err != nil {
		return err
	}
	t := d.Table(print.Column{Head: "编号", Width: 1.4}, print.Column{Head: "名称和型号", Width: 3.4}, print.Column{Head: "类别", Width: 2.8}, print.Column{Head: "产权", Width: 1.4}, print.Column{Head: "取得日期", Width: 1.6},
		print.Column{Head: "年限", Width: 0.8, Align: print.Right}, print.Column{Head: "原值", Width: 2, Align: print.Right}, print.Column{Head: "累计折旧", Width: 2, Align: print.Right}, print.Column{Head: "净值", Width: 2, Align: print.Right},
		print.Column{Head: "存放地点", Width: 2}, print.Column{Head: "保管人", Width: 1.3})
	var cost, used money.Fen
	for _, c := range cards {
		cost, used = cost+c.Worth.Cost, used+c.Worth.Used
		name, years := c.Name, strconv.FormatInt(c.Years, 10)
		if c.Model != "" {
			name += " " + c.Model
		}
		if c.Years == 0 {
			years = ""
		}
		if err := t.Row(c.Code(), name, c.Content, OwnerLabel(c.Owner), string(c.Acquired), years, c.Worth.Cost.Grouped(), c.Worth.Used.Grouped(), c.Worth.Net().Grouped(), c.Place, c.Keeper); err != nil {
			return err
		}
	}
	if err := t.Row("合计", strconv.Itoa(len(cards))+" 项", "", "", "", "", cost.Grouped(), used.Grouped(), (cost - used).Grouped(), "", ""); err != nil {
		return err
	}
	t.End()
	d.Signatures("资产管理人", "会计", "工会主席（签章）")
	_, err = d.WriteTo(w)
	return err
}
