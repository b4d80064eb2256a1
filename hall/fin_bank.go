package hall

import (
	"context"
	"fmt"

	"unionhall/grassroots/finance/bank"
	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/office/desk"
)

// mostBanks is how many accounts the work table looks at.
const mostBanks = 30

// fromBank lists what waits at the accounts of banks and cash: for the
// accountant lines that nothing answers and months to reconcile, for others
// what they must confirm.
//
// law: K8, S2-42
func fromBank(ctx context.Context, tx *sqldb.Tx, v desk.Viewer) (p desk.Part, err error) {
	g, ok := v.Grant(bank.Look)
	if !ok {
		return p, nil
	}
	all, err := bank.Waiting(ctx, tx, g, v.Today, mostBanks)
	if err != nil {
		return p, err
	}
	_, confirms := v.Grant(bank.Confirm)
	_, watches := v.Grant(bank.Witness)
	for _, w := range all {
		where := w.Account.Union.Name + " · " + w.Account.Name
		at := func(page, period string) string {
			out := bank.Home + "/" + page + "?bank=" + w.Account.ID
			if period != "" {
				out += "&period=" + period
			}
			return out
		}
		duty := func(title, note, act, href string) {
			p.Duties = append(p.Duties, desk.Duty{Title: title, Href: href, Note: note, Tag: "对账", Kind: ui.Info, Act: act, ActHref: href})
		}
		if g.Office() == auth.Accountant {
			if w.Lines > 0 {
				duty(fmt.Sprintf("%s：%d 笔流水没有勾对", where, w.Lines), "勾对，或补填凭证", "去勾对", at("matching", ""))
			}
			if w.Due != "" && w.Table == "" {
				duty(where+"："+w.Due+" 的余额调节表", "银行存款每月与对账单核对一次", "去编制", at("reconciliation", w.Due))
			}
		}
		if confirms && w.Table != "" {
			duty(where+"："+w.Table+" 的余额调节表待确认", "编制的人不能自己确认", "去确认", at("reconciliation", w.Table))
		}
		if watches && w.Count != "" {
			duty(where+"：现金盘点待监盘确认", "盘点的人不能自己监盘", "去确认", bank.Home+"/counts/"+w.Count)
		}
	}
	return p, nil
}
