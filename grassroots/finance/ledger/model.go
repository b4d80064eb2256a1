// Package ledger keeps the books (账簿) of every union: accounting years,
// vouchers that balance or are refused, and the balances kept from them. All
// that moves money posts through it.
package ledger

import (
	"fmt"

	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/money"
	"unionhall/kit/ui"
	"unionhall/law/books"
)

// What people may do here.
const (
	Look    auth.Action = "ledger.look"
	Open    auth.Action = "ledger.open"    // 建账
	Chart   auth.Action = "ledger.chart"   // 增设明细科目
	Plan    auth.Action = "ledger.project" // 项目
	Make    auth.Action = "ledger.make"    // 制单
	Review  auth.Action = "ledger.review"  // 审核
	Return  auth.Action = "ledger.return"  // 退回
	Post    auth.Action = "ledger.post"    // 记账
	Sign    auth.Action = "ledger.sign"    // 出纳签章
	Discard auth.Action = "ledger.discard" // 作废未记账的凭证
	Reverse auth.Action = "ledger.reverse" // 红字冲销
	Correct auth.Action = "ledger.correct" // 差额更正
	Carry   auth.Action = "ledger.carry"   // 由规则生成的结转凭证
)

// Labels is what the actions are called in the log.
var Labels = map[auth.Action]string{
	Look: "查看账簿", Open: "建立账套", Chart: "增设明细科目", Plan: "登记项目", Make: "填制凭证", Review: "审核凭证", Return: "退回凭证", Post: "凭证记账",
	Sign: "出纳签章", Discard: "作废凭证", Reverse: "红字冲销", Correct: "差额更正", Carry: "生成结转凭证",
}

// Roles says which office may do what. The audit committee reads everything
// and writes nothing.
//
// law: F3.23, F5.7
func Roles() auth.Roles {
	out := auth.Roles{
		auth.Accountant: {Look, Open, Chart, Plan, Make, Reverse, Correct, Carry},
		auth.Cashier:    {Look, Sign},
		auth.Director:   {Look},
		auth.Chair:      {Look},
		auth.Auditor:    {Look},
	}
	for o, acts := range Procedure.Grants() {
		out[o] = append(out[o], acts...)
	}
	return out
}

// BookState is whether a book still takes vouchers.
type BookState string

const (
	Running BookState = "open"   // 使用中
	Ended   BookState = "closed" // 已年结
)

func (s BookState) Label() string {
	return map[BookState]string{Running: "使用中", Ended: "已年结"}[s]
}

// Book is the books of one union for one year (账套).
type Book struct {
	ID      string       `json:"id"`
	Union   registry.Ref `json:"union"`
	Year    int          `json:"year"`
	System  books.System `json:"system"`
	Level   string       `json:"level"` // whose set of accounts is offered first: grassroots or county
	State   BookState    `json:"state"`
	Opened  day.Instant  `json:"opened"`
	By      string       `json:"by"`
	Closed  day.Instant  `json:"closed,omitempty"`
	Version int64        `json:"version"`
}

// Place is the book's page.
func (b Book) Place() string { return Home + "/books/" + b.ID }

// Month is one month of a book; month 0 is the opening balances (年初余额).
type Month struct {
	Month int    `json:"month"`
	State string `json:"state"` // open or closed
	Last  int64  `json:"last"`  // the last number given
}

// Closed reports whether the month takes no more vouchers.
func (m Month) Closed() bool { return m.State == "closed" }

// State is where a voucher stands.
type State string

const (
	Draft     State = "draft"     // 待审核
	Reviewed  State = "reviewed"  // 待记账
	Posted    State = "posted"    // 已记账
	Discarded State = "discarded" // 已作废
)

func (s State) Label() string { return Procedure.Labels[s] }
func (s State) Tone() ui.Kind { return ui.Kind(Procedure.Kinds[s]) }

// Nature is what kind of voucher it is.
type Nature string

const (
	Normal  Nature = "normal"  // 一般凭证
	Opening Nature = "opening" // 年初余额
	Closing Nature = "carry"   // 期末、年末结转
	Red     Nature = "red"     // 红字冲销
	Fix     Nature = "fix"     // 差额更正
)

func (n Nature) Label() string {
	return map[Nature]string{Normal: "一般凭证", Opening: "年初余额", Closing: "结转凭证", Red: "红字冲销", Fix: "差额更正"}[n]
}

// Procedure is the life of a voucher. Who makes it does not review it, who
// reviews it does not post it; posted is final, so nothing leads on from there
// but a new voucher.
//
// law: F3.19, F3.22, F3.23, S04, S09
var Procedure = flow.Flow[State]{
	Labels: map[State]string{Draft: "待审核", Reviewed: "待记账", Posted: "已记账", Discarded: "已作废"},
	Kinds:  map[State]string{Draft: "warn", Reviewed: "info", Posted: "ok", Discarded: "mute"},
	Steps: []flow.Step[State]{
		{From: Draft, Act: Review, To: Reviewed, By: []auth.Office{auth.Chair, auth.Director}, Apart: []auth.Action{Make}, Button: "审核", Rule: "F3.23"},
		{From: Draft, Act: Discard, To: Discarded, By: []auth.Office{auth.Accountant}, Button: "作废", Words: true, Danger: true, Rule: "F3.19"},
		{From: Reviewed, Act: Return, To: Draft, By: []auth.Office{auth.Chair, auth.Director, auth.Accountant}, Button: "退回修改", Words: true, Rule: "F3.23"},
		{From: Reviewed, Act: Post, To: Posted, By: []auth.Office{auth.Accountant}, Apart: []auth.Action{Review}, Button: "记账", Rule: "F3.19"},
	},
}

// Voucher is a voucher (记账凭证). Number is 0 until it is posted.
type Voucher struct {
	ID          string       `json:"id"`
	BookID      string       `json:"book"`
	Union       registry.Ref `json:"union"`
	Year        int          `json:"year"`
	System      books.System `json:"system"`
	Month       int          `json:"month"`
	Date        day.Day      `json:"date"`
	Kind        string       `json:"kind"` // 记: the one kind we keep
	Number      int64        `json:"number,omitempty"`
	State       State        `json:"state"`
	Nature      Nature       `json:"nature"`
	Summary     string       `json:"summary"`
	Attachments int64        `json:"attachments"` // sheets of original documents (附单据张数)
	Total       money.Fen    `json:"total"`
	Lines       []books.Line `json:"lines,omitempty"`
	Event       string       `json:"event,omitempty"`
	SourceID    string       `json:"source_id,omitempty"` // the thing that it pays or books
	ReversesID  string       `json:"reverses,omitempty"`
	CorrectsID  string       `json:"corrects,omitempty"`
	Maker       string       `json:"maker"`
	Made        day.Instant  `json:"made"`
	Reviewer    string       `json:"reviewer,omitempty"`
	Reviewed    day.Instant  `json:"reviewed,omitempty"`
	Poster      string       `json:"poster,omitempty"`
	Posted      day.Instant  `json:"posted,omitempty"`
	Cashier     string       `json:"cashier,omitempty"`
	Signed      day.Instant  `json:"signed,omitempty"`
	Version     int64        `json:"version"`
	text        string       // the lines of a draft, as they are stored
	digest      string
	mac         []byte
}

// Home is where the room begins.
const Home = "/grassroots/finance/ledger"

// Place is the voucher's page.
func (v Voucher) Place() string { return Home + "/vouchers/" + v.ID }

// Revision is what a step must name to be sure that it saw the latest.
func (v Voucher) Revision() int64 { return v.Version }

// Name is how people call the voucher: 记-12, or without a number yet what it
// is about.
func (v Voucher) Name() string {
	if v.Number == 0 {
		return v.Kind + "（未编号）"
	}
	return fmt.Sprintf("%s-%d", v.Kind, v.Number)
}

// Period is its month as the contract writes it: 2026-03.
func (v Voucher) Period() string { return fmt.Sprintf("%04d-%02d", v.Year, v.Month) }

// Auto is the reviewer of vouchers that built-in rules make (规则自动审核).
//
// law: S09
const Auto = "system"

// Is reports whether the voucher moves what the cashier keeps.
func (v Voucher) touchesCash() bool {
	for _, l := range v.Lines {
		if t := books.Top(l.Account); t == "101" || t == "102" {
			return true
		}
	}
	return false
}
