package ledger

import (
	"context"
	"strings"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// Sum is what one account holds and moved by, by source and project: Opening
// at 1 January, Before in the months before, In within the months asked for.
type Sum struct {
	Account, Source, Project string
	Opening, Before, In      Turn
}

// Turn is a turnover. Carry is the part of it that closing vouchers made.
type Turn struct{ Debit, Credit, CarryDebit, CarryCredit money.Fen }

// Net is debit less credit, closing vouchers included.
func (t Turn) Net() money.Fen { return t.Debit - t.Credit + t.CarryDebit - t.CarryCredit }

// Closing is debit less credit at the end of the months asked for.
func (s Sum) Closing() money.Fen { return s.Opening.Net() + s.Before.Net() + s.In.Net() }

// Ask says whose figures: of one union, or with Below of all below it too, for
// the months From to To of a year. From 1 is the year to date.
type Ask struct {
	Union    string
	Below    bool
	Year     int
	From, To int
	Projects bool // keep projects apart
}

// Figures are the sums of an Ask, by account. They satisfy books.Source.
type Figures struct {
	System books.System
	Sums   []Sum
}

// FiguresOf adds up the balances of an Ask within g's reach. It reads kept
// balances only: a year has at most thirteen rows of an account, source and
// project, however many vouchers there are.
func FiguresOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, a Ask) (f Figures, err error) {
	f.System = books.SystemOn(day.Day(yearText(a.Year) + "-01-01"))
	project := `'-'`
	if a.Projects {
		project = `x.project`
	}
	of := `b.union_id = $3`
	if a.Below {
		of = `b.union_id IN (SELECT d.union_id FROM union_reach d WHERE d.tenant_id = $1 AND d.above_id = $3)`
	}
	// One slot of months is added up a row, the others come as rows of their
	// own: four sums instead of twelve conditional ones is half the work.
	type part struct {
		Sum
		slot int64
		turn Turn
	}
	err = sqldb.Each(ctx, tx, func(row sqldb.Row) (p part, err error) {
		err = row(&p.Account, &p.Source, &p.Project, &p.slot, &p.turn.Debit, &p.turn.Credit, &p.turn.CarryDebit, &p.turn.CarryCredit)
		p.Source, p.Project = some(p.Source), some(p.Project)
		return p, err
	}, func(p part) error {
		n := len(f.Sums)
		if n == 0 || f.Sums[n-1].Account != p.Account || f.Sums[n-1].Source != p.Source || f.Sums[n-1].Project != p.Project {
			f.Sums, n = append(f.Sums, p.Sum), n+1
		}
		*[]*Turn{&f.Sums[n-1].Opening, &f.Sums[n-1].Before, &f.Sums[n-1].In}[p.slot] = p.turn
		return nil
	}, `
		SELECT x.account, x.source, `+project+` AS project, CASE WHEN x.month = 0 THEN 0 WHEN x.month < $5 THEN 1 ELSE 2 END AS slot,
			cast(sum(x.debit) as bigint), cast(sum(x.credit) as bigint), cast(sum(x.carry_debit) as bigint), cast(sum(x.carry_credit) as bigint)
		FROM books b
		JOIN balances x ON x.tenant_id = b.tenant_id AND x.book_id = b.id AND x.month <= $6
		WHERE b.tenant_id = $1 AND b.year = $4 AND `+of+`
			AND EXISTS (SELECT 1 FROM union_reach r WHERE r.tenant_id = b.tenant_id AND r.above_id = $2 AND r.union_id = b.union_id)
		GROUP BY 1, 2, 3, 4
		ORDER BY 1, 2, 3, 4`, g.Tenant(), g.Under(), a.Union, int64(a.Year), int64(a.From), int64(a.To))
	return f, err
}

// of goes through the sums of an account and all below it; source narrows it,
// empty does not.
func (f Figures) of(account, source string, add func(Sum)) {
	for _, s := range f.Sums {
		if strings.HasPrefix(s.Account, account) && (source == "" || s.Source == source) {
			add(s)
		}
	}
}

// Opening is the account's balance at 1 January, on its natural side.
func (f Figures) Opening(account, source string) (n money.Fen) {
	f.of(account, source, func(s Sum) { n += s.Opening.Net() })
	return f.natural(account, n)
}

// Closing is the account's balance at the end of To, on its natural side.
func (f Figures) Closing(account, source string) (n money.Fen) {
	f.of(account, source, func(s Sum) { n += s.Closing() })
	return f.natural(account, n)
}

// natural turns debit less credit to the side on which the account stands.
func (f Figures) natural(account string, n money.Fen) money.Fen {
	if a, ok := books.Stated(f.System, account); ok && a.Side == books.Credit {
		return -n
	}
	return n
}

// Debit is what was debited from From to To; without closing it leaves out the
// closing vouchers.
func (f Figures) Debit(account, source string, closing bool) (n money.Fen) {
	f.of(account, source, func(s Sum) {
		n += s.In.Debit
		if closing {
			n += s.In.CarryDebit
		}
	})
	return n
}

// Credit is Debit for the other side.
func (f Figures) Credit(account, source string, closing bool) (n money.Fen) {
	f.of(account, source, func(s Sum) {
		n += s.In.Credit
		if closing {
			n += s.In.CarryCredit
		}
	})
	return n
}
