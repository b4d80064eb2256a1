// Package bank keeps money and books together (账实核对): the bank accounts and
// cash boxes of a union, their journals, the banks' statements matched with
// what was booked, the reconciliation of every month and the count of cash.
package bank

import (
	"fmt"
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/money"
	"unionhall/kit/ui"
)

// What people may do here. The last seven are steps of procedures.
const (
	Look    auth.Action = "bank.look"
	Keep    auth.Action = "bank.keep"    // 登记账户
	Reveal  auth.Action = "bank.reveal"  // 查看完整账号
	Import  auth.Action = "bank.import"  // 导入对账单
	Match   auth.Action = "bank.match"   // 勾对
	Agree   auth.Action = "bank.agree"   // 编制余额调节表
	Count   auth.Action = "bank.count"   // 盘点现金
	Confirm auth.Action = "bank.confirm" // 确认余额调节表
	Return  auth.Action = "bank.return"  // 退回余额调节表
	Witness auth.Action = "bank.witness" // 监盘
	Void    auth.Action = "bank.void"    // 作废盘点
)

// Labels is what the actions are called in the log.
var Labels = map[auth.Action]string{
	Look: "查看资金账", Keep: "登记资金账户", Reveal: "查看银行账号", Import: "导入对账单", Match: "勾对银行流水", Agree: "编制余额调节表", Count: "盘点现金",
	Confirm: "确认余额调节表", Return: "退回余额调节表", Witness: "现金监盘", Void: "作废现金盘点",
}

// Roles says which office may do what: the accountant matches and draws up,
// another person confirms; the cashier counts, another watches; the audit
// committee looks.
//
// law: F3.23, F3.24, F5.7, K8
func Roles() auth.Roles {
	out := auth.Roles{
		auth.Accountant: {Look, Keep, Reveal, Import, Match, Agree},
		auth.Cashier:    {Look, Reveal, Import, Count},
		auth.Director:   {Look},
		auth.Chair:      {Look},
		auth.Auditor:    {Look},
	}
	for _, grants := range []auth.Roles{TableFlow.Grants(), CountFlow.Grants()} {
		for o, acts := range grants {
			out[o] = append(out[o], acts...)
		}
	}
	return out
}

// Kind is what an account is.
type Kind string

const (
	Bank Kind = "bank" // 银行账户
	Cash Kind = "cash" // 库存现金
)

func (k Kind) Label() string { return map[Kind]string{Bank: "银行账户", Cash: "库存现金"}[k] }

// Journal is what its journal is called.
func (k Kind) Journal() string {
	return map[Kind]string{Bank: "银行存款日记账", Cash: "现金日记账"}[k]
}

// top is the ledger account that it stands under.
func (k Kind) top() string { return map[Kind]string{Bank: "102", Cash: "101"}[k] }

// Account is a bank account or a cash box of a union.
type Account struct {
	ID      string       `json:"id"`
	Union   registry.Ref `json:"union"`
	Kind    Kind         `json:"kind"`
	Name    string       `json:"name"`
	Bank    string       `json:"bank,omitempty"`   // 开户行
	Number  string       `json:"number,omitempty"` // masked
	Code    string       `json:"account"`          // the ledger's
	Since   day.Day      `json:"since"`            // from which on statements are matched
	Opening *money.Fen   `json:"opening,omitempty"`
	Ended   day.Day      `json:"ended,omitempty"`
	Version int64        `json:"version"`
	sealed  []byte
	layout  map[string]string // header to field, as last said
}

// Home is where the room begins.
const Home = "/grassroots/finance/bank"

// Place is the account's page.
func (a Account) Place() string { return Home + "/accounts/" + a.ID }

// Revision is what an edit must name to be sure that it saw the latest.
func (a Account) Revision() int64 { return a.Version }

// at is an address of the account with a month.
func (a Account) at(page, period string) string {
	out := Home + "/" + page + "?bank=" + a.ID
	if period != "" {
		out += "&period=" + period
	}
	return out
}

// mask shows the last four digits of an account's number.
func mask(number string) string {
	if len(number) <= 4 {
		return strings.Repeat("*", len(number))
	}
	return "**** " + number[len(number)-4:]
}

// TableState is where a reconciliation stands.
type TableState string

const (
	Made      TableState = "made"      // 待确认
	Confirmed TableState = "confirmed" // 已确认
	Returned  TableState = "returned"  // 已退回
)

func (s TableState) Label() string { return TableFlow.Labels[s] }
func (s TableState) Tone() ui.Kind { return ui.Kind(TableFlow.Kinds[s]) }

var others = []auth.Office{auth.Chair, auth.Director, auth.Cashier}

// TableFlow is the life of a reconciliation: who draws it up does not confirm
// it. One that was sent back is drawn up anew.
//
// law: K8, F3.16, F3.24, S2-42
var TableFlow = flow.Flow[TableState]{
	Labels: map[TableState]string{Made: "待确认", Confirmed: "已确认", Returned: "已退回"},
	Kinds:  map[TableState]string{Made: "warn", Confirmed: "ok", Returned: "bad"},
	Steps: []flow.Step[TableState]{
		{From: Made, Act: Confirm, To: Confirmed, By: others, Apart: []auth.Action{Agree}, Button: "确认相符", Rule: "K8"},
		{From: Made, Act: Return, To: Returned, By: others, Button: "退回重编", Words: true, Rule: "K8"},
		{From: Confirmed, Act: Return, To: Returned, By: others, Button: "退回重编", Words: true, Danger: true, Rule: "K8"},
	},
}

// CountState is where a count of cash stands.
type CountState string

const (
	Counted CountState = "counted" // 待监盘
	Watched CountState = "watched" // 已监盘
	Voided  CountState = "void"    // 已作废
)

func (s CountState) Label() string { return CountFlow.Labels[s] }
func (s CountState) Tone() ui.Kind { return ui.Kind(CountFlow.Kinds[s]) }

// CountFlow is the life of a count: the cashier counts, another person has
// watched and says so.
//
// law: K8, F3.24
var CountFlow = flow.Flow[CountState]{
	Labels: map[CountState]string{Counted: "待监盘确认", Watched: "已监盘", Voided: "已作废"},
	Kinds:  map[CountState]string{Counted: "warn", Watched: "ok", Voided: "mute"},
	Steps: []flow.Step[CountState]{
		{From: Counted, Act: Witness, To: Watched, By: []auth.Office{auth.Accountant, auth.Chair, auth.Director}, Apart: []auth.Action{Count}, Button: "监盘确认", Rule: "K8"},
		{From: Counted, Act: Void, To: Voided, By: []auth.Office{auth.Cashier}, Button: "作废", Words: true, Danger: true, Rule: "K8"},
	},
}

// Period is a month of a year, written 2026-03.
type Period struct{ Year, Month int }

func (p Period) String() string { return fmt.Sprintf("%04d-%02d", p.Year, p.Month) }

// Label is how people write it.
func (p Period) Label() string { return fmt.Sprintf("%d 年 %d 月", p.Year, p.Month) }

// First and Last are its first and last day.
func (p Period) First() day.Day { return day.Day(p.String() + "-01") }
func (p Period) Last() day.Day  { return p.First().MonthEnd() }

// add goes on by months.
func (p Period) add(n int) Period { return periodOf(p.First().AddMonths(n)) }

func periodOf(d day.Day) Period { return Period{d.Year(), d.Month()} }

// readPeriod reads 2026-03; what is none is the month of otherwise.
func readPeriod(text string, otherwise day.Day) Period {
	if d, err := day.Parse(text + "-01"); err == nil && d.Year() >= 1990 {
		return periodOf(d)
	}
	return periodOf(otherwise)
}

// voucherPlace is the page of a voucher.
func voucherPlace(id string) string { return ledger.Home + "/vouchers/" + id }
