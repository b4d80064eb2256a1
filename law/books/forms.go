package books

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"unionhall/kit/money"
)

//go:embed statements.tsv
var statements string

// Form is one statutory statement (会计报表). Those of 01 have the columns 年初余额
// and 期末余额; 2021-a1 has a row for each project and its lines as columns; the
// others show 本月数 and 本年累计数, of a year 本年数 and 上年数.
type Form struct {
	ID         string   `json:"id"` // 2021-01
	System     System   `json:"system"`
	Number     string   `json:"number"`     // 工会01表
	Title      string   `json:"title"`      // 资产负债表
	Grassroots bool     `json:"grassroots"` // false: of county level and above only
	Monthly    bool     `json:"monthly"`    // made each month; every form is made each year
	Balances   bool     `json:"balances"`   // its columns are balances, not turnover
	Rows       []Row    `json:"rows"`
	Left       []string `json:"left,omitempty"`  // the rows of a two-sided form, left
	Right      []string `json:"right,omitempty"` // and right
}

// Row is one line of a form.
type Row struct {
	ID      string `json:"id"` // A01, R05
	Label   string `json:"label"`
	Formula string `json:"formula"`
	Month   bool   `json:"month"` // stands in the form of a month
	Year    bool   `json:"year"`  // and in that of a year
	Check   bool   `json:"check"` // not printed: its amount must be zero
	expr    node
}

// Source is the ledger that a form is made from. All amounts are in fen; an
// account stands for all below it; source "" stands for all. Balances are on
// the account's natural side, a debit of one that has either.
type Source interface {
	Opening(account, source string) money.Fen // 年初
	Closing(account, source string) money.Fen // at the end of the period
	// Debit and Credit are the turnover of the period asked, a month or the
	// year to date; closing=false leaves out the closing vouchers (期末结转).
	Debit(account, source string, closing bool) money.Fen
	Credit(account, source string, closing bool) money.Fen
}

// Basic are the lines of 2021-a1 for basic expenditure (基本支出), by the keys
// that a line's project bears; below them stands one line for each project.
var Basic = []string{"人员经费", "公用经费"}

// Forms lists the forms of a system in their order.
//
// law: F3.28
func Forms(s System) (out []Form) {
	for _, f := range forms() {
		if f.System == s {
			out = append(out, f)
		}
	}
	return out
}

// FormOf returns the form of an id.
func FormOf(id string) (Form, bool) {
	i := slices.IndexFunc(forms(), func(f Form) bool { return f.ID == id })
	if i < 0 {
		return Form{}, false
	}
	return forms()[i], true
}

// Row returns the row of an id.
func (f Form) Row(id string) (Row, bool) {
	i := slices.IndexFunc(f.Rows, func(r Row) bool { return r.ID == id })
	if i < 0 {
		return Row{}, false
	}
	return f.Rows[i], true
}

var forms = sync.OnceValue(func() []Form {
	all := []Form{
		{ID: "2021-01", System: A21, Number: "工会01表", Title: "资产负债表", Grassroots: true, Monthly: true, Balances: true},
		{ID: "2021-02", System: A21, Number: "工会02表", Title: "收入支出表", Grassroots: true, Monthly: true},
		{ID: "2021-a1", System: A21, Number: "工会附01表", Title: "财政拨款收入支出表"},
		{ID: "2021-a2", System: A21, Number: "工会附02表", Title: "国有资产情况表", Balances: true},
		{ID: "2021-a3", System: A21, Number: "工会附03表", Title: "成本费用表", Monthly: true},
		{ID: "2009-01", System: A09, Number: "工会01表", Title: "资产负债表", Grassroots: true, Monthly: true, Balances: true},
		{ID: "2009-02", System: A09, Number: "工会02表", Title: "收入支出表", Grassroots: true, Monthly: true},
	}
	for _, f := range table(statements, 5) {
		i := slices.IndexFunc(all, func(form Form) bool { return form.ID == f[0] })
		all[i].Rows = append(all[i].Rows, Row{ID: f[1], Label: f[2], Formula: f[3], expr: parse(f[3]),
			Month: strings.Contains(f[4], "month"), Year: strings.Contains(f[4], "year"), Check: f[1] == "CHK"})
	}
	for i := range all {
		if f := &all[i]; strings.HasSuffix(f.ID, "-01") {
			f.Left, f.Right = sides(f.Rows)
		}
	}
	return all
})

// sides parts the rows of a balance sheet as it is printed: assets left, what
// they are owed to and held by right.
func sides(rows []Row) (left, right []string) {
	for _, r := range rows {
		switch {
		case r.Check:
		case r.ID[0] == 'A':
			left = append(left, r.ID)
		default:
			right = append(right, r.ID)
		}
	}
	return left, right
}
