// Package shop is a small committee with open books, for the tests of the
// rooms about money.
package shop

import (
	"context"
	"strings"
	"testing"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/town"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

var ctx = context.Background()

// Shop is a committee whose unions keep books.
type Shop struct{ *town.Town }

// New founds the committee in an empty database; no book is open yet.
func New(t testing.TB, db *sqldb.DB) Shop { return Shop{town.New(t, db, town.Tenant)} }

// As acts in an office over the whole committee; the account is called after
// the office.
func (s Shop) As(o auth.Office, act auth.Action) auth.Grant {
	return auth.As(s.Tenant, string(o), o, act, s.Root.ID)
}

// Accountant acts as the committee's accountant.
func (s Shop) Accountant(act auth.Action) auth.Grant { return s.As(auth.Accountant, act) }

// Open opens the books of a union for a year.
func (s Shop) Open(u registry.Union, year int) (b ledger.Book) {
	s.T.Helper()
	s.Do(func(tx *sqldb.Tx) (err error) {
		b, err = ledger.Start(ctx, tx, s.Accountant(ledger.Open), ledger.Opens{Union: u.Code, Year: year}, town.Now)
		return err
	})
	return b
}

// Line writes a line from text: "102 debit 100.00" or "50105 credit 3.50 fr".
// What comes after the source is the project, or a party behind an @.
func (s Shop) Line(text string) (l books.Line) {
	s.T.Helper()
	f := strings.Fields(text)
	n, err := money.Parse(f[2])
	if err != nil {
		s.T.Fatal(err)
	}
	l.Account = f[0]
	if f[1] == "debit" {
		l.Debit = n
	} else {
		l.Credit = n
	}
	for i, tag := range f[3:] {
		switch {
		case strings.HasPrefix(tag, "@"):
			l.Party = tag[1:]
		case i == 0:
			l.Source = tag
		default:
			l.Project = tag
		}
	}
	return l
}

// Draft makes a voucher of a union; lines as Line reads them.
func (s Shop) Draft(u registry.Union, on day.Day, summary string, lines ...string) (v ledger.Voucher) {
	s.T.Helper()
	e := ledger.Entry{Union: u.Code, Date: on, Summary: summary, Attachments: 1}
	for _, l := range lines {
		e.Lines = append(e.Lines, s.Line(l))
	}
	s.Do(func(tx *sqldb.Tx) (err error) {
		v, err = ledger.Write(ctx, tx, s.Accountant(ledger.Make), e, town.Now)
		return err
	})
	return v
}

// Post makes a voucher, has it reviewed and posts it.
func (s Shop) Post(u registry.Union, on day.Day, summary string, lines ...string) ledger.Voucher {
	s.T.Helper()
	return s.Through(s.Draft(u, on, summary, lines...))
}

// Through has a draft reviewed and posted.
func (s Shop) Through(v ledger.Voucher) ledger.Voucher {
	s.T.Helper()
	s.Do(func(tx *sqldb.Tx) (err error) {
		if v, err = ledger.Advance(ctx, tx, s.As(auth.Director, ledger.Review), v.ID, 0, flow.Given{}, town.Now); err != nil {
			return err
		}
		v, err = ledger.Advance(ctx, tx, s.Accountant(ledger.Post), v.ID, 0, flow.Given{}, town.Now)
		return err
	})
	return v
}
