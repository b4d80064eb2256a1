package closing

import (
	"context"
	"fmt"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
)

// Standing is a book with how its months stand, 0 first.
type Standing struct {
	ledger.Book
	Months [13]State `json:"months"`
}

// Next is the first month that is open, 0 if none is.
func (s Standing) Next() int {
	for m := 1; m <= 12; m++ {
		if s.Months[m] == Open {
			return m
		}
	}
	return 0
}

// Last is the last month that is closed, 0 if none is.
func (s Standing) Last() int {
	for m := 12; m >= 1; m-- {
		if s.Months[m] != Open {
			return m
		}
	}
	return 0
}

// Asked is the month that somebody wants opened again, -1 if none.
func (s Standing) Asked() int {
	for m, state := range s.Months {
		if state == Asked {
			return m
		}
	}
	return -1
}

// Period is one of the book's months.
func (s Standing) Period(month int) Period {
	return Period{Union: s.Union, Year: s.Year, Month: month, State: s.Months[month]}
}

// told is how far the book is closed, in words.
func (s Standing) told() string {
	switch n := s.Last(); {
	case s.State == ledger.Ended:
		return "全年"
	case n == 0:
		return "尚未结账"
	case n == 1:
		return "1 月"
	default:
		return fmt.Sprintf("1—%d 月", n)
	}
}

// Standings lists the books of a year within g's reach with their months.
func Standings(ctx context.Context, tx *sqldb.Tx, g auth.Grant, year int) ([]Standing, error) {
	all, err := ledger.Books(ctx, tx, g, "", year)
	if err != nil {
		return nil, err
	}
	at, out := map[string]int{}, make([]Standing, len(all))
	for i, b := range all {
		at[b.ID], out[i] = i, Standing{Book: b}
	}
	type month struct {
		book  string
		month int
		state State
	}
	err = sqldb.Each(ctx, tx, func(row sqldb.Row) (m month, err error) { return m, row(&m.book, &m.month, &m.state) }, func(m month) error {
		if i, ok := at[m.book]; ok {
			out[i].Months[m.month] = m.state
		}
		return nil
	}, `
		SELECT x.book_id, x.month, CASE WHEN x.state = 'closed' AND (
			SELECT a.act FROM month_acts a WHERE a.tenant_id = x.tenant_id AND a.book_id = x.book_id AND a.month = x.month AND a.act <> 'analyse' ORDER BY a.id DESC LIMIT 1) = 'ask'
			THEN 'asked' ELSE x.state END
		FROM books b JOIN book_months x ON x.tenant_id = b.tenant_id AND x.book_id = b.id
		WHERE b.tenant_id = $1 AND b.year = $2`, g.Tenant(), int64(year))
	return out, err
}
