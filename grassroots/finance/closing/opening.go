package closing

import (
	"context"
	"fmt"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// Begins asks for the opening balances of a book. Version is of the draft that
// was read, 0 if there was none.
type Begins struct {
	Union   string
	Year    int
	Version int64
	Lines   []books.Line
	Summary string
}

// Opens writes the opening voucher of a book (年初余额), a draft to be reviewed
// and posted like any other; one that is there as a draft gets the new lines.
// A book has one opening voucher.
//
// law: K1, F3.3, F3.23
func Opens(ctx context.Context, tx *sqldb.Tx, g auth.Grant, in Begins, at day.Instant) (ledger.Voucher, error) {
	b, err := ledger.BookOf(ctx, tx, g, in.Union, in.Year)
	if err != nil {
		return ledger.Voucher{}, err
	}
	if _, err := ledger.Hold(ctx, tx, g.Tenant(), b, 0); err != nil {
		return ledger.Voucher{}, err
	}
	there, err := openingOf(ctx, tx, g, b)
	if err != nil {
		return there, err
	}
	if err := onlyStanding(b.System, in.Lines); err != nil {
		return there, err
	}
	if in.Summary == "" {
		in.Summary = fmt.Sprintf("%d 年年初余额", b.Year)
	}
	e := ledger.Entry{Union: b.Union.ID, Date: firstDay(b.Year), Summary: in.Summary, Lines: in.Lines, Nature: ledger.Opening, Event: "opening"}
	switch there.State {
	case "":
		return ledger.Write(ctx, tx, g.For(ledger.Make), e, at)
	case ledger.Draft:
		return ledger.Rewrite(ctx, tx, g.For(ledger.Make), there.ID, in.Version, e, at)
	case ledger.Reviewed:
		return there, fault.ByRule(fault.Conflict, "F3.19", "年初余额凭证已经审核，要改请先退回修改。")
	}
	return there, fault.ByRule(fault.Conflict, "F3.22", "年初余额已经记账，不能再改；有错请先用红字冲销，再重新录入。")
}

// onlyStanding refuses income and expenditure, which hold nothing at the start
// of a year.
//
// law: K6
func onlyStanding(s books.System, lines []books.Line) error {
	fields := map[string]string{}
	for i, l := range lines {
		if a, ok := books.Stated(s, l.Account); ok && (a.Class == books.Income || a.Class == books.Expense) {
			fields[fmt.Sprintf("lines.%d.account", i)] = "“" + a.Shown() + "”是收入、支出科目，年初没有余额"
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Invalid, Rule: "K6", Text: "收入、支出科目年初没有余额，请改填结转结余科目。", Fields: fields}
}

// hints tells which identities the opening balances would break; it hinders
// nothing yet, the closing of January does.
//
// law: K2, K3, K4, K7, K9
func hints(s books.System, lines []books.Line) []books.Broken {
	f := ledger.Figures{System: s}
	sums := map[lineKey]int{}
	for _, l := range lines {
		k := lineKey{account: l.Account, source: l.Source, project: l.Project}
		i, ok := sums[k]
		if !ok {
			i = len(f.Sums)
			sums[k] = i
			f.Sums = append(f.Sums, ledger.Sum{Account: l.Account, Source: l.Source, Project: l.Project})
		}
		f.Sums[i].Opening.Debit += l.Debit
		f.Sums[i].Opening.Credit += l.Credit
	}
	if len(lines) == 0 {
		return nil
	}
	return books.Check(s, f, false)
}

func totals(lines []books.Line) (debit, credit money.Fen) {
	for _, l := range lines {
		debit += l.Debit
		credit += l.Credit
	}
	return debit, credit
}

// Drafts makes the opening voucher of one union of a judged workbook, opening
// its book if there is none yet. A book that has one already is left alone.
func (o Opening) Drafts(ctx context.Context, tx *sqldb.Tx, g auth.Grant, year int, at day.Instant) error {
	b, err := ledger.BookOf(ctx, tx, g, o.Union.ID, year)
	if fault.Of(err).Kind == fault.Conflict && err != nil {
		b, err = ledger.Start(ctx, tx, g.For(ledger.Open), ledger.Opens{Union: o.Union.ID, Year: year}, at)
	}
	if err != nil {
		return err
	}
	if _, err := ledger.Hold(ctx, tx, g.Tenant(), b, 0); err != nil {
		return err
	}
	there, err := openingOf(ctx, tx, g, b)
	if err != nil || there.ID != "" {
		return err
	}
	_, err = ledger.Write(ctx, tx, g.For(ledger.Make), ledger.Entry{Union: b.Union.ID, Date: firstDay(year), Summary: fmt.Sprintf("%d 年年初余额", year), Lines: o.lines, Nature: ledger.Opening, Event: "opening"}, at)
	return err
}
