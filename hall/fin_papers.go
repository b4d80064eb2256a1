package hall

import (
	"context"
	"fmt"
	"io"
	"strings"

	"unionhall/grassroots/finance/asset"
	"unionhall/grassroots/finance/bank"
	"unionhall/grassroots/finance/bill"
	"unionhall/grassroots/finance/handover"
	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/finance/statement"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
	"unionhall/office/account"
)

// yearPapers is what the rooms of the books hand in to a year's archive, as it
// would be bound: each document is made when the archive writes it.
//
// law: F3.27
func yearPapers(ctx context.Context, tx *sqldb.Tx, g auth.Grant, w handover.Wanted) (out []handover.Paper, err error) {
	for _, of := range []func(context.Context, *sqldb.Tx, auth.Grant, handover.Wanted) ([]handover.Paper, error){voucherPapers, ledgerPapers, formPapers, bankPapers, assetPapers} {
		some, err := of(ctx, tx, g, w)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}

// voucherPapers are the vouchers of each month under their cover.
func voucherPapers(ctx context.Context, tx *sqldb.Tx, g auth.Grant, w handover.Wanted) (out []handover.Paper, err error) {
	all, err := ledger.Volumes(ctx, tx, g.Tenant(), w.Book.ID)
	for _, v := range all {
		name := fmt.Sprintf("凭证/%02d月记账凭证", v.Month)
		if v.Of > 1 {
			name += fmt.Sprintf("-第%d册", v.No)
		}
		out = append(out, handover.Paper{Name: name + ".pdf", Kind: books.Originals, Write: func(to io.Writer) error {
			return ledger.Room{Names: account.Names}.Print(ctx, tx, g, w.Book, v, w.At, to)
		}})
	}
	return out, err
}

// ledgerPapers are the general ledger and the detail ledgers.
//
// law: F3.24
func ledgerPapers(ctx context.Context, tx *sqldb.Tx, g auth.Grant, w handover.Wanted) ([]handover.Paper, error) {
	p := statement.Printer{Book: w.Book, By: w.By, At: w.At}
	out := []handover.Paper{{Name: "账簿/总账.pdf", Kind: books.Originals, Write: func(to io.Writer) error { return p.General(ctx, tx, g, to) }}}
	all, err := p.Leaves(ctx, tx, g)
	for _, l := range all {
		name := "账簿/明细账/" + l.Top + fileWord(l.Name)
		if l.No > 1 {
			name += fmt.Sprintf("-%d", l.No)
		}
		out = append(out, handover.Paper{Name: name + ".pdf", Kind: books.Originals, Write: func(to io.Writer) error { return p.Detail(ctx, tx, g, l, to) }})
	}
	return out, err
}

// formPapers are the statements of each closed month, and of a closed year with
// their notes.
//
// law: F3.28
func formPapers(ctx context.Context, tx *sqldb.Tx, g auth.Grant, w handover.Wanted) (out []handover.Paper, err error) {
	p := statement.Printer{Book: w.Book, By: w.By, At: w.At}
	months, err := ledger.Months(ctx, tx, g.Tenant(), w.Book.ID)
	if err != nil {
		return nil, err
	}
	for _, m := range months {
		if m.Month > 0 && m.Closed() {
			for _, f := range p.Forms(true) {
				out = append(out, handover.Paper{Name: fmt.Sprintf("报表/%02d月", m.Month) + fileWord(f.Title) + ".pdf", Kind: books.Reports, Write: func(to io.Writer) error { return p.Print(ctx, tx, g, m.Month, f, to) }})
			}
		}
	}
	if w.Book.State != ledger.Ended {
		return out, nil
	}
	for _, f := range p.Forms(false) {
		out = append(out, handover.Paper{Name: "报表/年度" + fileWord(f.Title) + ".pdf", Kind: books.Annual, Write: func(to io.Writer) error { return p.Print(ctx, tx, g, 0, f, to) }})
	}
	if w.Book.System == books.A21 {
		out = append(out, handover.Paper{Name: "报表/年度会计报表附注.pdf", Kind: books.Annual, Write: func(to io.Writer) error { return p.Notes(ctx, tx, g, to) }})
	}
	return out, nil
}

// bankPapers are the reconciliations that were confirmed.
//
// law: K8
func bankPapers(ctx context.Context, tx *sqldb.Tx, g auth.Grant, w handover.Wanted) (out []handover.Paper, err error) {
	all, err := bank.ConfirmedOf(ctx, tx, g, w.Book.Union.ID, w.Book.Year)
	taken := map[string]int{}
	for _, t := range all {
		a, err := bank.Find(ctx, tx, g, t.BankID)
		if err != nil {
			return nil, err
		}
		name := "对账/余额调节表-" + a.Code + fileWord(a.Name) + "-" + t.Sheet.Period
		if taken[name]++; taken[name] > 1 {
			name += fmt.Sprintf("-%d", taken[name])
		}
		out = append(out, handover.Paper{Name: name + ".pdf", Kind: books.Reports, Write: func(to io.Writer) error {
			names, err := account.Names(ctx, tx, g.Tenant(), []string{t.Maker, t.Confirmer})
			if err != nil {
				return err
			}
			return t.Sheet.PDF(to, a, &t, names, w.By, w.At)
		}})
	}
	return out, err
}

// assetPapers are the register of assets as it stood when the year ended.
//
// law: F3.9
func assetPapers(ctx context.Context, tx *sqldb.Tx, g auth.Grant, w handover.Wanted) ([]handover.Paper, error) {
	end := min(day.Day(fmt.Sprintf("%04d-12-31", w.Book.Year)), w.At.Day())
	cards, err := asset.RegisterOf(ctx, tx, g, w.Book.Union.ID, end)
	if err != nil || len(cards) == 0 {
		return nil, err
	}
	return []handover.Paper{{Name: "账簿/资产登记簿.pdf", Kind: books.Originals, Write: func(to io.Writer) error {
		return asset.PrintRegister(to, w.Book.Union.Name, end, cards, w.By, w.At)
	}}}, nil
}

// fileWord is a name as a part of a file's.
func fileWord(name string) string {
	return strings.NewReplacer("/", "、", `\`, "、", ":", "：").Replace(name)
}

// doubtsOf are the doubts that point to a voucher, for its page.
//
// law: S2-47
func doubtsOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, v ledger.Voucher) (out []ledger.Doubt, err error) {
	all, err := bill.FlagsOf(ctx, tx, g, v)
	for _, f := range all {
		d := ledger.Doubt{Kind: f.Kind.Label(), Rule: f.Rule, Text: f.Text, Href: fmt.Sprintf("%s/flags?union=%s&year=%d&kind=%s", bill.Home, v.Union.Code, v.Year, f.Kind)}
		if f.Answer != nil {
			d.Answer = f.Answer.Words
		}
		out = append(out, d)
	}
	return out, err
}
