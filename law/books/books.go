// Package books is the rules of union accounting (工会会计制度) as data and
// pure functions: the charts of accounts of both systems, what a voucher must
// be, how every line of every statement is made, and which entries an event
// asks for. It knows no database and no clock.
package books

import (
	"strings"

	"unionhall/kit/day"
)

// System is one of the two accounting systems (会计制度). The same code means
// different things in the two, so an account goes by (system, code).
type System string

const (
	A21 System = "2021" // 财会〔2021〕7号
	A09 System = "2009" // 财会〔2009〕7号
)

// Systems are both, the present one first.
var Systems = []System{A21, A09}

// SystemOn returns the system that business of a day is kept by: that of 2009
// up to the end of 2021.
//
// law: F0.1
func SystemOn(d day.Day) System {
	if d < "2022-01-01" {
		return A09
	}
	return A21
}

// Label is how an accountant names the system.
func (s System) Label() string {
	switch s {
	case A21:
		return "工会会计制度（2021）"
	case A09:
		return "工会会计制度（2009）"
	}
	return string(s)
}

// Other is the other system.
func (s System) Other() System {
	if s == A21 {
		return A09
	}
	return A21
}

// Class is the kind of an account (科目类别).
type Class string

const (
	Asset     Class = "asset"
	Liability Class = "liability"
	Net       Class = "net"
	Income    Class = "income"
	Expense   Class = "expense"
)

// Label is the word of the chart.
func (c Class) Label() string {
	switch c {
	case Asset:
		return "资产"
	case Liability:
		return "负债"
	case Net:
		return "净资产"
	case Income:
		return "收入"
	case Expense:
		return "支出"
	}
	return string(c)
}

// Side is the side an account's balance stands on (余额方向).
type Side string

const (
	Debit  Side = "debit"
	Credit Side = "credit"
	Both   Side = "both" // either; counted as a debit
)

// Label is the word of the ledger.
func (s Side) Label() string {
	switch s {
	case Debit:
		return "借"
	case Credit:
		return "贷"
	case Both:
		return "借或贷"
	}
	return string(s)
}

// Where a line's money comes from (资金来源): what F3.12 asks of every line of
// income and expenditure. On assets and the asset fund FT says state-owned
// (国有资产) and FR union-owned (工会资产), as F3.5 asks.
const (
	FR = "fr" // 工会资金，未指定用途
	SP = "sp" // 工会资金，有指定用途（按项目）
	FT = "ft" // 财政拨款
)

// SourceLabel is how an accountant names a source in a line of income or
// expenditure.
func SourceLabel(source string) string {
	switch source {
	case FR:
		return "工会资金（非专项）"
	case SP:
		return "工会资金（专项）"
	case FT:
		return "财政拨款"
	}
	return source
}

// Top is the level-1 code of an account.
func Top(code string) string { return code[:min(3, len(code))] }

// under reports whether code is the account top or stands below it.
func under(code, top string) bool { return strings.HasPrefix(code, top) }
