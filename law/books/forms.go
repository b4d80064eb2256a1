package books

import "unionhall/kit/money"

// Form is one statutory statement (会计报表).
type Form struct {
	ID         string   `json:"id"` // 2021-01
	System     System   `json:"system"`
	Number     string   `json:"number"`     // 工会01表
	Title      string   `json:"title"`      // 资产负债表
	Grassroots bool     `json:"grassroots"` // false: of county level and above only
	Monthly    bool     `json:"monthly"`    // made each month; every form is made each year
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
