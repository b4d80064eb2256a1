package statement

import (
	"context"
	"slices"
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// Ask says whose statements are wanted, and of when.
type Ask struct {
	Union string // its id
	Below bool   // with all below it
	Span
}

// figures reads what a column set needs in one query: the months of the span,
// with those before it and the start of the year.
func figures(ctx context.Context, tx *sqldb.Tx, g auth.Grant, a Ask, projects bool) (ledger.Figures, error) {
	return ledger.FiguresOf(ctx, tx, g, ledger.Ask{Union: a.Union, Below: a.Below, Year: a.Year, From: a.From(), To: a.To(), Projects: projects})
}

// toDate is the figures with all months of the year as the period.
func toDate(f ledger.Figures) ledger.Figures {
	f.Sums = slices.Clone(f.Sums)
	for i := range f.Sums {
		s := &f.Sums[i]
		s.In.Debit += s.Before.Debit
		s.In.Credit += s.Before.Credit
		s.In.CarryDebit += s.Before.CarryDebit
		s.In.CarryCredit += s.Before.CarryCredit
		s.Before = ledger.Turn{}
	}
	return f
}

// project is the part of the figures that names a project.
func project(f ledger.Figures, id string) ledger.Figures {
	f.Sums = slices.DeleteFunc(slices.Clone(f.Sums), func(s ledger.Sum) bool { return s.Project != id })
	return f
}

// lookup answers a form's questions from sums that were added up once by
// account and source, so that a form costs no more than its rows.
type lookup struct {
	ledger.Figures
	at map[string]ledger.Sum // account and all above it, with a source or ""
}

func index(f ledger.Figures) lookup {
	l := lookup{f, make(map[string]ledger.Sum, 4*len(f.Sums))}
	for _, s := range f.Sums {
		for n := len(s.Account); n >= 3; n -= 2 {
			for _, source := range []string{"", s.Source} {
				key := s.Account[:n] + " " + source
				sum := l.at[key]
				add(&sum.Opening, s.Opening)
				add(&sum.Before, s.Before)
				add(&sum.In, s.In)
				l.at[key] = sum
				if s.Source == "" {
					break
				}
			}
		}
	}
	return l
}

func add(t *ledger.Turn, o ledger.Turn) {
	t.Debit += o.Debit
	t.Credit += o.Credit
	t.CarryDebit += o.CarryDebit
	t.CarryCredit += o.CarryCredit
}

func (l lookup) of(account, source string) ledger.Sum { return l.at[account+" "+source] }

func (l lookup) natural(account string, n money.Fen) money.Fen {
	if a, ok := books.Stated(l.System, account); ok && a.Side == books.Credit {
		return -n
	}
	return n
}

// Opening, Closing, Debit and Credit satisfy books.Source.
func (l lookup) Opening(account, source string) money.Fen {
	return l.natural(account, l.of(account, source).Opening.Net())
}

func (l lookup) Closing(account, source string) money.Fen {
	return l.natural(account, l.of(account, source).Closing())
}

func (l lookup) Debit(account, source string, closing bool) money.Fen {
	t := l.of(account, source).In
	if closing {
		return t.Debit + t.CarryDebit
	}
	return t.Debit
}

func (l lookup) Credit(account, source string, closing bool) money.Fen {
	t := l.of(account, source).In
	if closing {
		return t.Credit + t.CarryCredit
	}
	return t.Credit
}

// within is the condition for the unions of an Ask, its union being $n.
func within(below bool, column, n string) string {
	if below {
		return column + ` IN (SELECT d.union_id FROM union_reach d WHERE d.tenant_id = $1 AND d.above_id = ` + n + `)`
	}
	return column + ` = ` + n
}

// reached is the condition that the grant, under $2, reaches a union.
func reached(table, column string) string {
	return ` AND EXISTS (SELECT 1 FROM union_reach r WHERE r.tenant_id = ` + table + `.tenant_id AND r.above_id = $2 AND r.union_id = ` + table + `.` + column + `)`
}

// lacks lists, of the unions asked for, those that have no books for the year
// or have not closed the end of the span, and counts those that have books.
// Parts of a union (分会、小组) keep none.
//
// law: F3.16, F3.28
func lacks(ctx context.Context, tx *sqldb.Tx, g auth.Grant, a Ask) (out []Lack, kept int, err error) {
	type row struct {
		Lack
		kind        registry.Kind
		book, state string
		ended       string
	}
	err = sqldb.Each(ctx, tx, func(scan sqldb.Row) (r row, err error) {
		return r, scan(&r.ID, &r.Code, &r.Name, &r.kind, &r.book, &r.ended, &r.state)
	}, func(r row) error {
		switch {
		case r.book == "" && r.kind.Part():
		case r.book == "":
			r.Why = noBook
			out = append(out, r.Lack)
		default:
			kept++
			if a.Annual() && r.ended != string(ledger.Ended) || !a.Annual() && r.state != "closed" {
				r.Why, r.Lack.book, r.Lack.month = notEnded, r.book, a.To()
				out = append(out, r.Lack)
			}
		}
		return nil
	}, `
		SELECT u.id, u.code, u.name, u.kind, b.id, b.state, m.state
		FROM unions u
		LEFT JOIN books b ON b.tenant_id = u.tenant_id AND b.union_id = u.id AND b.year = $4
		LEFT JOIN book_months m ON m.tenant_id = b.tenant_id AND m.book_id = b.id AND m.month = $5
		WHERE u.tenant_id = $1 AND (b.id IS NOT NULL OR (u.closed IS NULL OR u.closed > $6) AND (u.founded IS NULL OR u.founded <= $7)) AND `+within(a.Below, "u.id", "$3")+reached("u", "id")+`
		ORDER BY u.name_key, u.id`, g.Tenant(), g.Under(), a.Union, int64(a.Year), int64(a.To()), a.Text()[:4]+"-01-01", lastDay(a.Year, a.To()))
	return out, kept, err
}

// lastDay is no earlier than the last day of a month; days are compared as text.
func lastDay(year, month int) string { return Span{year, month}.Text() + "-31" }

// byUnion reads the figures of each union apart, of the level-1 accounts that
// are asked for.
func byUnion(ctx context.Context, tx *sqldb.Tx, g auth.Grant, a Ask, tops []string, project string) (ids []registry.Ref, out map[string]ledger.Figures, err error) {
	out = map[string]ledger.Figures{}
	args := []any{g.Tenant(), g.Under(), a.Union, int64(a.Year), int64(a.From()), int64(a.To())}
	marks := make([]string, len(tops))
	for i, t := range tops {
		args = append(args, t)
		marks[i] = "$" + itoa(len(args))
	}
	only := ""
	if project != "" {
		args = append(args, project)
		only = " AND x.project = $" + itoa(len(args))
	}
	type row struct {
		registry.Ref
		s ledger.Sum
	}
	err = sqldb.Each(ctx, tx, func(scan sqldb.Row) (r row, err error) {
		err = scan(&r.ID, &r.Code, &r.Name, &r.s.Account, &r.s.Source,
			&r.s.Opening.Debit, &r.s.Opening.Credit, &r.s.Opening.CarryDebit, &r.s.Opening.CarryCredit,
			&r.s.Before.Debit, &r.s.Before.Credit, &r.s.Before.CarryDebit, &r.s.Before.CarryCredit,
			&r.s.In.Debit, &r.s.In.Credit, &r.s.In.CarryDebit, &r.s.In.CarryCredit)
		if r.s.Source == "-" {
			r.s.Source = ""
		}
		return r, err
	}, func(r row) error {
		f, ok := out[r.ID]
		if !ok {
			ids = append(ids, r.Ref)
			f.System = a.System()
		}
		f.Sums = append(f.Sums, r.s)
		out[r.ID] = f
		return nil
	}, `
		SELECT u.id, u.code, u.name, x.account, x.source, `+turns+`
		FROM books b
		JOIN unions u ON u.tenant_id = b.tenant_id AND u.id = b.union_id
		JOIN balances x ON x.tenant_id = b.tenant_id AND x.book_id = b.id AND x.month <= $6
		WHERE b.tenant_id = $1 AND b.year = $4 AND substr(x.account, 1, 3) IN (`+strings.Join(marks, ", ")+`)`+only+` AND `+within(a.Below, "b.union_id", "$3")+reached("b", "union_id")+`
		GROUP BY u.name_key, u.id, u.code, u.name, x.account, x.source
		ORDER BY u.name_key, u.id, x.account, x.source`, args...)
	return ids, out, err
}

// turns adds up the start of the year, the months before $5 and those from it.
var turns = turn(`x.month = 0`) + `, ` + turn(`x.month > 0 AND x.month < $5`) + `, ` + turn(`x.month >= $5`)

func turn(when string) string {
	return strings.ReplaceAll(`cast(coalesce(sum(CASE WHEN ? THEN x.debit END), 0) as bigint), cast(coalesce(sum(CASE WHEN ? THEN x.credit END), 0) as bigint),
		cast(coalesce(sum(CASE WHEN ? THEN x.carry_debit END), 0) as bigint), cast(coalesce(sum(CASE WHEN ? THEN x.carry_credit END), 0) as bigint)`, "?", when)
}
