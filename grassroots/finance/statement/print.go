package statement

import (
	"context"
	"fmt"
	"io"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// Printer writes the papers of one book for the archive of its year, one
// document at a time.
type Printer struct {
	Book ledger.Book
	By   string
	At   day.Instant
}

func (p Printer) ask(month int) Ask {
	return Ask{Union: p.Book.Union.ID, Span: Span{p.Book.Year, month}}
}

// Forms lists the statements that a union of the book's level makes: those of
// a year, or those of each month.
//
// law: F3.28
func (p Printer) Forms(monthly bool) (out []books.Form) {
	for _, f := range books.Forms(p.Book.System) {
		if (f.Grassroots || p.Book.Level == "county") && (f.Monthly || !monthly) {
			out = append(out, f)
		}
	}
	return out
}

// Print writes a statement of a month, or with month 0 of the year. What must
// not leave the house is refused.
//
// law: F3.28
func (p Printer) Print(ctx context.Context, tx *sqldb.Tx, g auth.Grant, month int, f books.Form, w io.Writer) error {
	s, err := Make(ctx, tx, g, f.ID, p.ask(month), p.Book.Union)
	if err == nil {
		err = s.Refuse()
	}
	if err != nil {
		return err
	}
	return printed(w, p.By, p.At, s.layout())
}

// Notes writes the notes to the year's statements.
//
// law: F3.28
func (p Printer) Notes(ctx context.Context, tx *sqldb.Tx, g auth.Grant, w io.Writer) error {
	n, err := NotesOf(ctx, tx, g, p.Book.Union.ID, p.Book.Year)
	if err != nil {
		return err
	}
	return n.print(w, p.By, p.At)
}

// General writes the general ledger of the year.
//
// law: F3.24
func (p Printer) General(ctx context.Context, tx *sqldb.Tx, g auth.Grant, w io.Writer) error {
	a := p.ask(0)
	items, err := GeneralOf(ctx, tx, g, a, "")
	if err != nil {
		return err
	}
	return printed(w, p.By, p.At, GeneralPage{Union: p.Book.Union, Year: p.Book.Year, Period: a.Text(), Items: items, bar: bar{scope: scope{Ask: a}}}.paper())
}

// Leaves are accounts whose detail ledgers are one document: those below one
// account of the first level, or a part of them.
type Leaves struct {
	Top  string // the account of the first level
	Name string
	No   int // 1, 2, … where Top fills more than one document
	all  []EntryQuery
}

// mostInOne is how many entries the detail ledgers of one document have; those
// of one account's month stay together.
const mostInOne = paperLines / 2

// Leaves parts the accounts that hold or moved anything into documents.
func (p Printer) Leaves(ctx context.Context, tx *sqldb.Tx, g auth.Grant) (out []Leaves, err error) {
	chart, err := ledger.ChartOf(ctx, tx, g.Tenant(), p.Book.System)
	if err != nil {
		return nil, err
	}
	size := int64(0)
	type month struct {
		account  string
		month, n int64
	}
	err = sqldb.Each(ctx, tx, func(row sqldb.Row) (m month, err error) { return m, row(&m.account, &m.month, &m.n) }, func(m month) error {
		top, last := books.Top(m.account), len(out)-1
		if last < 0 || out[last].Top != top {
			out, size = append(out, Leaves{Top: top, Name: chart.Name(top), No: 1}), 0
		} else if size+m.n > mostInOne {
			out, size = append(out, Leaves{Top: top, Name: out[last].Name, No: out[last].No + 1}), 0
		}
		size += m.n
		l := &out[len(out)-1]
		if n := len(l.all); n > 0 && l.all[n-1].Account == m.account {
			l.all[n-1].To = int(m.month)
			return nil
		}
		l.all = append(l.all, EntryQuery{Account: m.account, From: max(1, int(m.month)), To: max(1, int(m.month)), Limit: paperLines})
		return nil
	}, `SELECT e.account, e.month, count(*) FROM entries e WHERE e.tenant_id = $1 AND e.book_id = $2 GROUP BY e.account, e.month ORDER BY e.account, e.month`, g.Tenant(), p.Book.ID)
	return out, err
}

// Detail writes the detail ledgers of accounts, each from a page of its own.
//
// law: F3.24
func (p Printer) Detail(ctx context.Context, tx *sqldb.Tx, g auth.Grant, l Leaves, w io.Writer) error {
	chart, err := ledger.ChartOf(ctx, tx, g.Tenant(), p.Book.System)
	if err != nil {
		return err
	}
	var all []paper
	for _, q := range l.all {
		for more := true; more; more = q.After != "" { // a month of more lines than one query reads
			d, err := DetailOf(ctx, tx, g, p.Book, chart, q)
			if err != nil {
				return fmt.Errorf("detail ledger %s: %w", q.Account, err)
			}
			page := DetailPage{Union: p.Book.Union, Year: p.Book.Year, Account: q.Account, Name: chart.Name(q.Account), Side: d.side, Opening: d.Opening, Items: d.lines(q), q: q}
			all = append(all, page.paper())
			q.After = d.Next
		}
	}
	return printed(w, p.By, p.At, all...)
}
