// Package closing opens and closes the books: opening balances (年初余额), the
// closing of months (月结), reopening (重新开账), the end of the year (年结) and
// the move from the system of 2009 to that of 2021 (新旧衔接).
package closing

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
)

// What people may do here.
const (
	Look   auth.Action = "closing.look"
	Begin  auth.Action = "closing.begin"  // 录入年初余额
	Close  auth.Action = "closing.close"  // 月结
	Reopen auth.Action = "closing.reopen" // 申请或同意重新开账
	Ask    auth.Action = "closing.ask"    // 申请重新开账
	Allow  auth.Action = "closing.allow"  // 同意重新开账
	Refuse auth.Action = "closing.refuse" // 不同意重新开账
	Year   auth.Action = "closing.year"   // 年末结转和年结
	Move   auth.Action = "closing.move"   // 新旧衔接
)

// Labels is what the actions are called in the log.
var Labels = map[auth.Action]string{
	Look: "查看结账情况", Begin: "录入年初余额", Close: "月末结账", Reopen: "重新开账", Ask: "申请重新开账", Allow: "同意重新开账", Refuse: "不同意重新开账",
	Year: "年末结转", Move: "新旧制度衔接",
}

// State is how a month stands.
type State string

const (
	Open   State = "open"   // 未结账
	Closed State = "closed" // 已结账
	Asked  State = "asked"  // 申请重新开账
)

func (s State) Label() string { return Procedure.Labels[s] }
func (s State) Tone() ui.Kind { return ui.Kind(Procedure.Kinds[s]) }

// Procedure is the life of a month. The accountant closes it and asks for it
// to be reopened; another person allows that.
//
// law: F3.16, F3.17
var Procedure = flow.Flow[State]{
	Labels: map[State]string{Open: "未结账", Closed: "已结账", Asked: "申请重新开账"},
	Kinds:  map[State]string{Open: "info", Closed: "ok", Asked: "warn"},
	Steps: []flow.Step[State]{
		{From: Open, Act: Close, To: Closed, By: []auth.Office{auth.Accountant}, Button: "结账", Rule: "F3.16"},
		{From: Closed, Act: Ask, To: Asked, By: []auth.Office{auth.Accountant}, Button: "申请重新开账", Words: true, Rule: "F3.17"},
		{From: Asked, Act: Allow, To: Open, By: []auth.Office{auth.Chair, auth.Director}, Apart: []auth.Action{Ask}, Button: "同意重新开账", Rule: "F3.17"},
		{From: Asked, Act: Refuse, To: Closed, By: []auth.Office{auth.Chair, auth.Director}, Apart: []auth.Action{Ask}, Button: "不同意", Words: true, Rule: "F3.17"},
	},
}

// Roles says which office may do what; who may ask or allow a reopening comes
// in by one address.
//
// law: F3.17, F3.23
func Roles() auth.Roles {
	out := auth.Roles{
		auth.Accountant: {Look, Begin, Reopen, Year, Move},
		auth.Cashier:    {Look},
		auth.Director:   {Look, Reopen},
		auth.Chair:      {Look, Reopen},
		auth.Auditor:    {Look},
	}
	for o, acts := range Procedure.Grants() {
		out[o] = append(out[o], acts...)
	}
	return out
}

// Where the pages are.
const (
	Home     = ledger.Home + "/periods"
	Years    = ledger.Home + "/years"
	Openings = ledger.Home + "/openings"
	Moves    = ledger.Home + "/moves"
)

// Item is one thing that must be in order before a month is closed, or with
// Warn only be known.
type Item struct {
	Key  string `json:"key"`
	Rule string `json:"rule"`
	Text string `json:"text"`
	OK   bool   `json:"ok"`
	Warn bool   `json:"warn,omitempty"`
	Href string `json:"href,omitempty"` // where it is mended
	Act  string `json:"act,omitempty"`  // what the link is called
}

// Inquiry is what another room knows of a month that is to be closed, such as
// whether the bank agrees (F3.16).
type Inquiry func(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book, month int) ([]Item, error)

// Period is a month of a union's book, 0 being its opening balances.
type Period struct {
	Union registry.Ref `json:"union"`
	Year  int          `json:"year"`
	Month int          `json:"month"`
	State State        `json:"state"`
	// By asked for the month to be reopened.
	By    string `json:"by,omitempty"`
	Words string `json:"words,omitempty"`
}

// Place is the month's page.
func (p Period) Place() string { return Home + "/" + p.Union.Code + "/" + p.Name() }

// Ends is the last day of the month.
func (p Period) Ends() day.Day { return lastDay(p.Year, p.Month) }

// Name is the month as the contract writes it: 2026-03.
func (p Period) Name() string { return fmt.Sprintf("%04d-%02d", p.Year, p.Month) }

// Title is the month as people say it.
func (p Period) Title() string { return monthName(p.Year, p.Month) }

func monthName(year, month int) string {
	if month == 0 {
		return strconv.Itoa(year) + " 年年初余额"
	}
	return fmt.Sprintf("%d 年 %d 月", year, month)
}

// parsePeriod reads 2026-03.
func parsePeriod(s string) (year, month int, err error) {
	y, m, ok := strings.Cut(s, "-")
	year, e1 := strconv.Atoi(y)
	month, e2 := strconv.Atoi(m)
	if !ok || e1 != nil || e2 != nil || len(s) != 7 || month < 0 || month > 12 {
		return 0, 0, fault.New(fault.NotFound, "没有“%s”这个会计期间，请写成 2026-03 的样子。", s)
	}
	return year, month, nil
}

// deed is what the log tells.
type deed struct {
	Did     string `json:"did"`
	Union   string `json:"union,omitempty"`
	Period  string `json:"period,omitempty"`
	Voucher string `json:"voucher,omitempty"`
	Total   string `json:"total,omitempty"`
	Words   string `json:"words,omitempty"`
}
