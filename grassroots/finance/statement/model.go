// Package statement makes the statutory statements (会计报表) of both systems
// and the books (账簿) behind them from the balances that posting keeps: of one
// union or of a part of the tree, of a month or a year. Every figure opens down
// to its vouchers. It also keeps what unions submit to their superior (报送).
package statement

import (
	"fmt"
	"strconv"
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/law"
	"unionhall/law/books"
)

// What people may do here.
const (
	Look    auth.Action = "statement.look"
	Note    auth.Action = "statement.note"    // 编写附注
	Submit  auth.Action = "statement.submit"  // 报送报表
	Receive auth.Action = "statement.receive" // 接收报表
	Return  auth.Action = "statement.return"  // 退回报表
)

// Labels is what the actions are called in the log.
var Labels = map[auth.Action]string{Look: "查看报表", Note: "编写报表附注", Submit: "报送报表", Receive: "接收报表", Return: "退回报表"}

// Roles says which office may do what. Whoever answers for the books submits
// them; the office above takes them in.
//
// law: F3.6, F3.17
func Roles() auth.Roles {
	out := auth.Roles{
		auth.Accountant: {Look, Note, Submit},
		auth.Cashier:    {Look},
		auth.Director:   {Look},
		auth.Chair:      {Look, Note, Submit},
		auth.Auditor:    {Look},
	}
	for o, acts := range Procedure.Grants() {
		out[o] = append(out[o], acts...)
	}
	return out
}

// Where the room's pages begin.
const (
	Home    = "/grassroots/finance/statements"
	Books   = "/grassroots/finance/books"
	Filings = "/grassroots/finance/filings"
)

// Span is what a statement is of: a month of a year, or with Month 0 the year.
type Span struct{ Year, Month int }

// Annual reports whether it is a whole year.
func (s Span) Annual() bool { return s.Month == 0 }

// From and To are the months it covers.
func (s Span) From() int { return max(1, s.Month) }
func (s Span) To() int {
	if s.Annual() {
		return 12
	}
	return s.Month
}

// Text is how addresses write it: 2026-03, of a year 2026.
func (s Span) Text() string {
	if s.Annual() {
		return strconv.Itoa(s.Year)
	}
	return fmt.Sprintf("%04d-%02d", s.Year, s.Month)
}

// Name is how papers write it.
func (s Span) Name() string {
	if s.Annual() {
		return fmt.Sprintf("%d 年度", s.Year)
	}
	return fmt.Sprintf("%d 年 %d 月", s.Year, s.Month)
}

// System is the accounting system of the span.
func (s Span) System() books.System { return systemOf(s.Year) }

// The years for which there can be books.
const (
	firstYear = 2010
	finalYear = 2100
)

// span reads a year with a period: 2026-03, 3, 2026, or nothing for the whole
// year. Without either it is the given one.
func span(year int, period string, otherwise Span) (Span, error) {
	period = strings.TrimSpace(period)
	if year == 0 && period == "" {
		return otherwise, nil
	}
	bad := func() (Span, error) {
		return Span{}, &fault.Error{Kind: fault.Invalid, Text: "没有这个会计期间。", Fields: map[string]string{"period": "期间：请写成 2026-03；年报留空并选择年度"}}
	}
	s := Span{Year: year}
	if y, m, ok := strings.Cut(period, "-"); ok {
		n, err := strconv.Atoi(y)
		if err != nil || year != 0 && n != year {
			return bad()
		}
		s.Year, period = n, m
	}
	switch n, err := strconv.Atoi(period); {
	case period == "" || period == "year":
	case err != nil:
		return bad()
	case n >= 1 && n <= 12:
		s.Month = n
	case n >= firstYear && (year == 0 || n == year):
		s.Year = n
	default:
		return bad()
	}
	if s.Year == 0 {
		s.Year = otherwise.Year
	}
	if s.Year < firstYear || s.Year > finalYear {
		return Span{}, &fault.Error{Kind: fault.Invalid, Rule: "F0.1", Text: "没有这个年度的账。", Fields: map[string]string{"year": fmt.Sprintf("年度：请填 %d 年以后的年度", firstYear)}}
	}
	return s, nil
}

// Column is one column of amounts.
type Column struct {
	Key  string `json:"key"` // opening, closing, month, year, last_year, or a row of 2021-a1
	Head string `json:"head"`
}

// Line is one line of a statement as it is shown.
type Line struct {
	Row     string               `json:"row"`
	Label   string               `json:"label"`
	Amounts map[string]money.Fen `json:"amounts"`
}

// Broken is an identity that the books do not keep, with what to look at.
type Broken struct {
	books.Broken
	Clause string `json:"clause"`
}

// Lack is a union whose books are not whole.
type Lack struct {
	registry.Ref
	Why   string `json:"why"` // no books, or open: 没有账套, 未结账
	book  string
	month int
}

// Why a union's part of a statement is not final.
const (
	noBook   = "no_books"
	notEnded = "not_closed"
)

// Label says it in words.
func (l Lack) Label() string {
	if l.Why == noBook {
		return "没有账套"
	}
	return "未结账"
}

// Statement is one form of one union, or of all below it, for a span.
type Statement struct {
	Form    string       `json:"form"`
	Number  string       `json:"number"`
	Title   string       `json:"title"`
	Union   registry.Ref `json:"union"`
	Below   bool         `json:"below"`
	Year    int          `json:"year"`
	Period  string       `json:"period"`
	State   string       `json:"state"` // final, draft, or none where there are no books
	Columns []Column     `json:"columns"`
	Rows    []Line       `json:"rows"`
	Broken  []Broken     `json:"broken,omitempty"`
	Lacks   []Lack       `json:"lacks,omitempty"`
	Unions  int          `json:"unions"` // how many have books
	form    books.Form
	span    Span
}

// What a statement is worth.
const (
	final = "final"
	draft = "draft"
	empty = "none"
)

func (s Statement) final() bool { return s.State == final }

// systemOf is the system of a year.
func systemOf(year int) books.System {
	if year < 2022 {
		return books.A09
	}
	return books.A21
}

func broken(list []books.Broken) (out []Broken) {
	for _, b := range list {
		r, _ := law.RuleOf(b.Rule)
		out = append(out, Broken{b, r.Text})
	}
	return out
}

// grounds are the pages of the ledger that figures open into.
const vouchers = ledger.Home + "/vouchers"
