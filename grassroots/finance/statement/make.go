package statement

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Column keys, as the contract names them.
const (
	opening  = "opening"
	closing  = "closing"
	month    = "month"
	year     = "year"
	lastYear = "last_year"
)

// formOf returns the form of an id for a span. One that does not exist is
// fault.NotFound; one of the other accounting system fault.Invalid. A form that
// is made each year only covers the whole year.
//
// law: F0.1, F3.28
func formOf(id string, s Span) (books.Form, Span, error) {
	f, ok := books.FormOf(id)
	if !ok {
		return f, s, fault.New(fault.NotFound, "没有这张报表，请从报表目录中选择。")
	}
	if f.System != s.System() {
		return f, s, &fault.Error{Kind: fault.Invalid, Rule: "F0.1", Text: fmt.Sprintf("%d 年执行%s，不编这张报表。", s.Year, s.System().Label()),
			Fields: map[string]string{"year": "年度：这张报表属于" + f.System.Label()}}
	}
	if !f.Monthly {
		s.Month = 0
	}
	return f, s, nil
}

// columns are those of a form for a span. The first annual forms of a system
// have no last year.
//
// law: F3.28
func columns(f books.Form, s Span) []Column {
	switch {
	case f.ID == apart:
		out := make([]Column, 0, len(f.Rows))
		for _, r := range f.Rows {
			if !r.Check {
				out = append(out, Column{r.ID, r.Label})
			}
		}
		return out
	case f.Balances && s.Annual():
		return []Column{{opening, "年初余额"}, {closing, "年末余额"}}
	case f.Balances:
		return []Column{{opening, "年初余额"}, {closing, "期末余额"}}
	case !s.Annual():
		return []Column{{month, "本月数"}, {year, "本年累计数"}}
	case first(s.Year):
		return []Column{{year, "本年数"}}
	}
	return []Column{{year, "本年数"}, {lastYear, "上年数"}}
}

// apart is the form whose lines are projects.
const apart = "2021-a1"

// first reports whether no year before is kept by the same system.
func first(year int) bool { return year == firstYear || systemOf(year-1) != systemOf(year) }

// made is a statement with what its cells are made of, by column.
type made struct {
	Statement
	values map[string][]books.Value
}

// Make makes a statement. It is a draft while a union of it has not closed the
// span, and none where nobody has books. Broken lists the identities that do
// not hold; a closed statement with any must not leave the house: see Refuse.
//
// law: F3.28, F3.13, K2, K3, K4, K5, K6, K7, K9
func Make(ctx context.Context, tx *sqldb.Tx, g auth.Grant, form string, a Ask, u registry.Ref) (Statement, error) {
	m, err := making(ctx, tx, g, form, a, u)
	return m.Statement, err
}

func making(ctx context.Context, tx *sqldb.Tx, g auth.Grant, form string, a Ask, u registry.Ref) (m made, err error) {
	f, s, err := formOf(form, a.Span)
	if err != nil {
		return m, err
	}
	a.Span = s
	m = made{Statement{Form: f.ID, Number: f.Number, Title: f.Title, Union: u, Below: a.Below, Year: s.Year, Period: s.Text(), Columns: columns(f, s), form: f, span: s}, map[string][]books.Value{}}
	if m.Lacks, m.Unions, err = lacks(ctx, tx, g, a); err != nil {
		return m, err
	}
	switch {
	case m.Unions == 0:
		m.State = empty
	case slices.ContainsFunc(m.Lacks, func(l Lack) bool { return l.Why == notEnded }):
		m.State = draft
	default:
		m.State = final
	}
	sums, err := figures(ctx, tx, g, a, f.ID == apart)
	if err != nil {
		return m, err
	}
	all := index(toDate(sums))
	if err := m.fill(ctx, tx, g, a, sums, all); err != nil {
		return m, err
	}
	if m.State != empty {
		m.Broken = broken(append(books.Check(f.System, all, s.Annual()), m.checks(all)...))
	}
	if f.ID == apart {
		return m, m.projects(ctx, tx, g, sums)
	}
	m.lines()
	return m, nil
}

// fill evaluates the form for each column.
func (m *made) fill(ctx context.Context, tx *sqldb.Tx, g auth.Grant, a Ask, sums ledger.Figures, all lookup) (err error) {
	eval := func(key string, src books.Source) {
		if err == nil {
			m.values[key], err = books.Eval(m.form, src)
		}
	}
	eval(year, all)
	if m.form.Balances {
		m.values[opening], m.values[closing] = m.values[year], m.values[year]
		return err
	}
	for _, c := range m.Columns {
		switch c.Key {
		case month:
			eval(month, index(sums))
		case lastYear:
			a.Year--
			before, err := figures(ctx, tx, g, a, false)
			if err != nil {
				return err
			}
			eval(lastYear, index(toDate(before)))
		}
	}
	return err
}

// amount is what a value shows in a column.
func amount(v books.Value, column string) money.Fen {
	if column == opening {
		return v.Opening
	}
	return v.Amount
}

// shown reports whether the row stands in the statement.
func (m *made) shown(r books.Row) bool {
	return !r.Check && (m.span.Annual() && r.Year || !m.span.Annual() && r.Month)
}

func (m *made) lines() {
	m.Rows = []Line{}
	for i, r := range m.form.Rows {
		if !m.shown(r) {
			continue
		}
		l := Line{r.ID, r.Label, map[string]money.Fen{}}
		for _, c := range m.Columns {
			l.Amounts[c.Key] = amount(m.values[c.Key][i], c.Key)
		}
		m.Rows = append(m.Rows, l)
	}
}

// checks are the form's own identities.
//
// law: K4, K5
func (m *made) checks(all lookup) (out []books.Broken) {
	for _, v := range m.values[year] {
		if !v.Check || m.span.Annual() && !v.Year || !m.span.Annual() && !v.Month {
			continue
		}
		open := result(all)
		switch {
		case v.Amount != 0 && v.Amount == open:
			out = append(out, books.Broken{Rule: "K4", Difference: v.Amount, Text: fmt.Sprintf("资产总计与负债与净资产总计相差 %s 元，正是本期尚未结转的收支差额：期末结转以后两边相等。", v.Amount.Grouped())})
		case v.Amount != 0 && m.form.Balances:
			out = append(out, books.Broken{Rule: map[books.System]string{books.A21: "K4", books.A09: "K2"}[m.form.System], Difference: v.Amount,
				Text: fmt.Sprintf("资产总计与负债与净资产总计不等，相差 %s 元。", v.Amount.Grouped())})
		case v.Amount != 0:
			out = append(out, books.Broken{Rule: "K5", Difference: v.Amount, Text: fmt.Sprintf("%s的%s对不上，相差 %s 元。", m.Title, v.Label, v.Amount.Grouped())})
		}
		if m.form.Balances && v.Opening != 0 {
			out = append(out, books.Broken{Rule: "K2", Difference: v.Opening, Text: fmt.Sprintf("年初余额的两边不等，相差 %s 元：请核对年初余额。", v.Opening.Grouped())})
		}
	}
	return out
}

// result is the income less the expenditure that is not carried yet.
func result(all lookup) (sum money.Fen) {
	for _, a := range books.Chart(all.System) {
		switch {
		case a.Level != 1:
		case a.Class == books.Income:
			sum += all.Closing(a.Code, "")
		case a.Class == books.Expense:
			sum -= all.Closing(a.Code, "")
		}
	}
	return sum
}

// projects makes the lines of 2021-a1: basic expenditure, each project, and
// what names neither.
//
// law: F3.4, F3.28
func (m *made) projects(ctx context.Context, tx *sqldb.Tx, g auth.Grant, sums ledger.Figures) error {
	names, err := projectNames(ctx, tx, g, sums)
	if err != nil {
		return err
	}
	m.Rows = []Line{}
	for _, n := range names {
		values, err := books.Eval(m.form, index(toDate(project(sums, n.id))))
		if err != nil {
			return err
		}
		l, something := m.across(n.id, n.name, values)
		if something || n.id == ledger.Staff || n.id == ledger.Office {
			m.Rows = append(m.Rows, l)
		}
	}
	l, _ := m.across("total", "合计", m.values[year])
	m.Rows = append(m.Rows, l)
	return nil
}

// across sets the rows of 2021-a1 side by side.
func (m *made) across(id, label string, values []books.Value) (l Line, something bool) {
	l = Line{id, label, map[string]money.Fen{}}
	for _, v := range values {
		if !v.Check {
			l.Amounts[v.ID] = v.Amount
			something = something || v.Amount != 0
		}
	}
	return l, something
}

// Refuse returns why a closed statement is not given out: the first identity
// that its books break. A draft is shown with its warnings.
//
// law: K2, K3, K4, K5, K6, K7, K9
func (s Statement) Refuse() error {
	if !s.final() || len(s.Broken) == 0 {
		return nil
	}
	fields := map[string]string{}
	for i, b := range s.Broken {
		fields[fmt.Sprintf("checks.%d", i)] = b.Text
	}
	return &fault.Error{Kind: fault.Conflict, Rule: s.Broken[0].Rule, Text: "账没有平，这张报表不能出：" + s.Broken[0].Text, Fields: fields}
}
