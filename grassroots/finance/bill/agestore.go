package bill

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"unionhall/commons/rulebook"
	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/law"
	"unionhall/law/books"
)

// mostYears is how many years back the age of a carried balance is looked for.
const mostYears = 8

// OpenItems lists what is open on the accounts kept by party of a book at the
// end of a day, with the age that it has, also of what was carried over from
// books of earlier years that are kept here.
//
// law: J36, J37, F3.24
func OpenItems(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book, asOf day.Day) ([]Open, error) {
	chart, err := ledger.ChartOf(ctx, tx, g.Tenant(), b.System)
	if err != nil {
		return nil, err
	}
	all, err := openItems(ctx, tx, g, b, asOf, mostYears)
	for i := range all {
		all[i].Name = chart.Name(all[i].Account)
		if all[i].Since != "" {
			all[i].Days = max(0, day.Days(all[i].Since, asOf))
		}
	}
	return all, err
}

func openItems(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book, asOf day.Day, years int) ([]Open, error) {
	moves, err := movesOf(ctx, tx, g.Tenant(), b, asOf)
	if err != nil {
		return nil, err
	}
	var earlier []Open
	if years > 0 && slices.ContainsFunc(moves, func(m Move) bool { return m.Month == 0 }) {
		before, err := ledger.BookOf(ctx, tx, g, b.Union.ID, b.Year-1)
		switch {
		case fault.Of(err).Kind == fault.Conflict: // no book of that year is kept here
		case err != nil:
			return nil, err
		case before.System == b.System: // else the accounts are others
			if earlier, err = openItems(ctx, tx, g, before, lastDay(before.Year), years-1); err != nil {
				return nil, err
			}
		}
	}
	return Settle(b.System, moves, earlier), nil
}

// movesOf reads the lines of a book on accounts kept by party, up to a day, in
// the order in which they were booked.
func movesOf(ctx context.Context, tx *sqldb.Tx, tenant int64, b ledger.Book, asOf day.Day) (out []Move, err error) {
	for _, tops := range kept[b.System] {
		for _, top := range tops {
			more, err := sqldb.List(ctx, tx, func(row sqldb.Row) (m Move, err error) {
				m.Year = b.Year
				err = row(&m.Account, &m.Party, &m.Date, &m.Month, &m.Voucher, &m.Number, &m.Summary, &m.Debit, &m.Credit, &m.Reverses)
				return m, err
			}, `
				SELECT e.account, e.party, e.date, e.month, e.voucher_id, e.number, e.summary, e.debit, e.credit, v.reverses_id
				FROM entries e
				JOIN vouchers v ON v.tenant_id = e.tenant_id AND v.id = e.voucher_id
				WHERE e.tenant_id = $1 AND e.book_id = $2 AND e.account >= $3 AND e.account < $4 AND e.date <= $5
				ORDER BY e.account, e.month, e.date, e.number, e.line`, tenant, b.ID, top, top+"~", string(asOf))
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
		}
	}
	slices.SortStableFunc(out, func(a, b Move) int {
		return cmp.Or(cmp.Compare(min(a.Month, 1), min(b.Month, 1)), cmp.Compare(a.Date, b.Date), cmp.Compare(a.Number, b.Number))
	})
	return out, nil
}

// AdvanceDays is how long an advance may be open before it is overdue.
//
// law: F3.16
func AdvanceDays(ctx context.Context, tx *sqldb.Tx, tenant int64, on day.Day) (int, error) {
	book, err := rulebook.Of(ctx, tx, tenant)
	if err != nil {
		return 0, err
	}
	s, err := book.Days("books.advance.max_days", law.PlaceOf(tenant), on)
	return s.Days, err
}

// Overdue lists the advances and loans of a book that have been open for more
// than the days allowed at the end of asOf: what the close of a month lists.
//
// law: F3.16, J36
func Overdue(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book, asOf day.Day) ([]Open, error) {
	most, err := AdvanceDays(ctx, tx, g.Tenant(), asOf)
	if err != nil {
		return nil, err
	}
	all, err := OpenItems(ctx, tx, g, b, asOf)
	return slices.DeleteFunc(all, func(o Open) bool {
		return !slices.Contains(advances[b.System], books.Top(o.Account)) || o.Rest <= 0 || o.Days <= most
	}), err
}

// Overdue is Overdue, as the closing asks the room.
func (Room) Overdue(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book, asOf day.Day) ([]Open, error) {
	return Overdue(ctx, tx, g, b, asOf)
}

func yearText(year int) string { return strconv.Itoa(year) }

func lastDay(year int) day.Day { return day.Day(yearText(year) + "-12-31") }
