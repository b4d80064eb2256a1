package hall

import (
	"context"
	"fmt"
	"slices"

	"unionhall/grassroots/finance/bank"
	"unionhall/grassroots/finance/closing"
	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/office/desk"
)

// mostBanks is how many accounts the work table looks at.
const mostBanks = 200

// fewBanks is how many of one kind it names one by one; more are one line.
const fewBanks = 2

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
	var lines, due, tables, counts []desk.Duty
	for _, w := range all {
		where := w.Account.Union.Name + " · " + w.Account.Name
		at := func(page, period string) string {
			out := bank.Home + "/" + page + "?bank=" + w.Account.ID
			if period != "" {
				out += "&period=" + period
			}
			return out
		}
		if g.Office() == auth.Accountant {
			if w.Lines > 0 {
				lines = append(lines, bankDuty(fmt.Sprintf("%s：%d 笔流水没有勾对", where, w.Lines), "勾对，或补填凭证", "去勾对", at("matching", "")))
			}
			if w.Due != "" && w.Table == "" {
				due = append(due, bankDuty(where+"："+w.Due+" 的余额调节表", "银行存款每月与对账单核对一次", "去编制", at("reconciliation", w.Due)))
			}
		}
		if confirms && w.Table != "" {
			tables = append(tables, bankDuty(where+"："+w.Table+" 的余额调节表待确认", "编制的人不能自己确认", "去确认", at("reconciliation", w.Table)))
		}
		if watches && w.Count != "" {
			counts = append(counts, bankDuty(where+"：现金盘点待监盘确认", "盘点的人不能自己监盘", "去监盘", bank.Home+"/counts/"+w.Count))
		}
	}
	p.Duties = slices.Concat(
		few(lines, "%d 个账户有流水没有勾对"), few(due, "%d 个账户的余额调节表还没有编制"),
		few(tables, "%d 张余额调节表待确认"), few(counts, "%d 张现金盘点表待监盘确认"))
	return p, nil
}

func bankDuty(title, note, act, href string) desk.Duty {
	return desk.Duty{Title: title, Href: href, Note: note, Tag: "对账", Kind: ui.Info, Act: act, ActHref: href}
}

// few names duties of one kind one by one while they are few; of many it makes
// one line, whose act begins with the first.
func few(all []desk.Duty, words string) []desk.Duty {
	if len(all) <= fewBanks {
		return all
	}
	first := all[0]
	return []desk.Duty{{Title: fmt.Sprintf(words, len(all)), Href: bank.Home, Note: "先办：" + first.Title, Tag: first.Tag, Kind: first.Kind, Act: first.Act, ActHref: first.ActHref}}
}

// bankAgrees tells the closing of a month whether bank and cash agree. A union
// that registered no account is told so and not held up.
//
// law: F3.16, K8
func bankAgrees(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book, month int) (out []closing.Item, err error) {
	item := closing.Item{Key: "bank", Rule: "K8", Text: "银行存款和现金核对相符", OK: true, Href: bank.Home + "?union=" + b.Union.Code, Act: "去对账"}
	hints, err := bank.Hints(ctx, tx, g, b)
	if err != nil {
		return nil, err
	}
	if len(hints) > 0 {
		item.OK, item.Warn, item.Text = false, true, hints[0]
		return []closing.Item{item}, nil
	}
	lacking, err := bank.Agreed(ctx, tx, g, b, month)
	if err != nil {
		return nil, err
	}
	if len(lacking) == 0 {
		return []closing.Item{item}, nil
	}
	item.OK = false
	for _, what := range lacking {
		item.Text = what
		out = append(out, item)
	}
	return out, nil
}
