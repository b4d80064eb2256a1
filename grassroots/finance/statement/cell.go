package statement

import (
	"context"
	"slices"
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
	"unionhall/law/books"
)

// CellQuery names one figure of a statement.
type CellQuery struct {
	FormQuery
	Row    string `json:"row" doc:"行次"`
	Column string `json:"column" doc:"栏"`
}

// Part is one figure of the ledger that a cell is made of.
type Part struct {
	books.Atom
	Name  string    `json:"name"`  // of the account
	What  string    `json:"what"`  // 期末余额, 本期发生额
	Own   money.Fen `json:"own"`   // what it adds to the cell's column
	Place string    `json:"place"` // its detail ledger
}

// Share is what one union gives to a cell of a combined statement.
type Share struct {
	registry.Ref
	Amount money.Fen `json:"amount"`
	Place  string    `json:"place"`
}

// CellPage opens one figure: its formula and what each part of it is; of a
// combined statement first whose figures it adds up.
type CellPage struct {
	Form    string       `json:"form"`
	Title   string       `json:"title"`
	Union   registry.Ref `json:"union"`
	Period  string       `json:"period"`
	Row     string       `json:"row"`
	Label   string       `json:"label"`
	Column  string       `json:"column"`
	Head    string       `json:"head"`
	Formula string       `json:"formula"`
	Amount  money.Fen    `json:"amount"`
	Parts   []Part       `json:"parts"`
	Unions  []Share      `json:"unions,omitempty"`
	scope   scope
}

// cell opens a figure of a statement.
//
// law: S2-44
func cell(r *web.Request, in CellQuery) (p CellPage, err error) {
	s, err := scoped(r, in.FormQuery)
	if err != nil {
		return p, err
	}
	m, err := making(r.Ctx, r.Tx, r.Grant, in.Form, s.Ask, s.union.Ref())
	if err != nil {
		return p, err
	}
	c, err := m.column(in.Column)
	if err != nil {
		return p, err
	}
	p = CellPage{Form: in.Form, Title: m.Title, Union: m.Union, Period: m.Period, Row: in.Row, Column: c.Key, Head: c.Head, scope: s}
	v, project, err := m.value(r.Ctx, r.Tx, r.Grant, s.Ask, in.Row, c.Key)
	if err != nil {
		return p, err
	}
	p.Label, p.Formula, p.Amount = v.Label, v.Formula, amount(v, c.Key)
	if m.form.ID == apart {
		p.Label = m.line(in.Row).Label + "，" + v.Label
	}
	chart, err := ledger.ChartOf(r.Ctx, r.Tx, r.Grant.Tenant(), m.form.System)
	if err != nil {
		return p, err
	}
	p.Parts = parts(s, m, v, c.Key, project, chart)
	if s.Below {
		p.Unions, err = shares(r.Ctx, r.Tx, r.Grant, s, m, v, c.Key, project)
	}
	return p, err
}

// column finds a column of the statement; without a name it is the last that
// tells of the span.
func (m made) column(key string) (Column, error) {
	for _, c := range m.Columns {
		if c.Key == key || key == "" && (c.Key == closing || c.Key == year || c.Key == "C10") {
			return c, nil
		}
	}
	return Column{}, fault.New(fault.NotFound, "这张报表没有这一栏。")
}

func (m made) line(row string) Line {
	i := slices.IndexFunc(m.Rows, func(l Line) bool { return l.Row == row })
	if i < 0 {
		return Line{Row: row}
	}
	return m.Rows[i]
}

// value is what a cell shows, with what it is made of. In 2021-a1 the row is a
// project and the column names the formula.
func (m made) value(ctx context.Context, tx *sqldb.Tx, g auth.Grant, a Ask, row, column string) (v books.Value, only string, err error) {
	none := fault.New(fault.NotFound, "这张报表没有这一行。")
	if m.form.ID != apart {
		i := slices.IndexFunc(m.form.Rows, func(r books.Row) bool { return r.ID == row })
		if i < 0 || !m.shown(m.form.Rows[i]) {
			return v, "", none
		}
		return m.values[column][i], "", nil
	}
	if m.line(row).Label == "" {
		return v, "", none
	}
	values := m.values[year]
	if row != "total" {
		sums, err := figures(ctx, tx, g, a, true)
		if err != nil {
			return v, "", err
		}
		if values, err = books.Eval(m.form, index(toDate(project(sums, row)))); err != nil {
			return v, "", err
		}
		only = row
	}
	for _, x := range values {
		if x.ID == column {
			return x, only, nil
		}
	}
	return v, only, none
}

// what says in words which figure of an account an atom is.
func what(a books.Atom, column string, s Span) string {
	period := "本月"
	if s.Annual() || column == year {
		period = "本年累计"
	}
	switch a.Which {
	case books.Closing:
		if column == opening {
			return "年初余额"
		}
		return "期末余额"
	case books.Opening:
		return "年初余额"
	case books.Start:
		return "期初余额"
	case books.NetDebit:
		return period + "借方减贷方"
	case books.NetCredit:
		return period + "贷方减借方"
	case books.Debits:
		return period + "借方发生额"
	case books.Credits:
		return period + "贷方发生额"
	}
	return period + "发生额"
}

// parts are the atoms of a value, those first that are something.
func parts(s scope, m made, v books.Value, column, project string, chart ledger.Accounts) (out []Part) {
	at := s.Span
	switch column {
	case year:
		at = Span{s.Year, s.Month}
	case lastYear:
		at = Span{s.Year - 1, 0}
	}
	from := at.From()
	if column == year || m.form.Balances {
		from = 1
	}
	for _, a := range v.Atoms {
		p := Part{Atom: a, Name: chart.Name(a.Account), What: what(a, column, s.Span), Own: a.Amount}
		if column == opening {
			p.Own = a.Opening
		}
		if !s.Below {
			p.Place = address(Books+"/detail", s.union.Code, Span{at.Year, 0}, false, "account", a.Account, "from", itoa(from), "to", itoa(at.To()), "source", a.Source, "project", project)
		}
		out = append(out, p)
	}
	slices.SortStableFunc(out, func(x, y Part) int { return strings.Compare(zero(x.Own), zero(y.Own)) })
	return out
}

func zero(n money.Fen) string {
	if n == 0 {
		return "1"
	}
	return "0"
}

// shares is a cell of each union apart, the largest first.
func shares(ctx context.Context, tx *sqldb.Tx, g auth.Grant, s scope, m made, v books.Value, column, project string) (out []Share, err error) {
	var tops []string
	for _, a := range v.Atoms {
		if t := books.Top(a.Account); !slices.Contains(tops, t) {
			tops = append(tops, t)
		}
	}
	if len(tops) == 0 {
		return nil, nil
	}
	ask := s.Ask
	if column == lastYear {
		ask.Year--
	}
	ids, each, err := byUnion(ctx, tx, g, ask, tops, project)
	if err != nil {
		return nil, err
	}
	for _, u := range ids {
		f := each[u.ID]
		if column != month {
			f = toDate(f)
		}
		values, err := books.Eval(m.form, index(f))
		if err != nil {
			return nil, err
		}
		for _, x := range values {
			if x.ID == v.ID {
				row, to := m.rowOf(v, project), column
				out = append(out, Share{u, amount(x, column), address(Home+"/"+m.form.ID+"/cells/"+row, u.Code, s.Span, false, "column", to)})
			}
		}
	}
	slices.SortStableFunc(out, func(x, y Share) int { return int(max(-1, min(1, magnitude(y.Amount)-magnitude(x.Amount)))) })
	return out, nil
}

// rowOf is how the address names the row of a value.
func (m made) rowOf(v books.Value, project string) string {
	switch {
	case m.form.ID != apart:
		return v.ID
	case project == "":
		return "total"
	}
	return project
}

func magnitude(n money.Fen) money.Fen { return max(n, -n) }
