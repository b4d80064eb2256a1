package bill

import (
	"slices"
	"strings"

	"unionhall/kit/day"
	"unionhall/kit/money"
	"unionhall/law/books"
)

// Side says who owes.
type Side string

const (
	Claim Side = "claim" // 应收、暂付: owed to the union
	Debt  Side = "debt"  // 应付、暂收: owed by it
)

// kept are the accounts that are kept by party and settle (往来科目).
var kept = map[books.System]map[Side][]string{
	books.A21: {Claim: {"131", "132", "135"}, Debt: {"211", "212", "215", "221"}},
	books.A09: {Claim: {"121", "131", "132", "135"}, Debt: {"211", "221", "222", "225", "231"}},
}

// advances are those of them that are advances and loans (借支), which the
// close of a month asks for.
//
// law: F3.16, J36, J38
var advances = map[books.System][]string{books.A21: {"135"}, books.A09: {"121", "135"}}

// sideOf is the side of an account, "" of one that is none of these.
func sideOf(s books.System, account string) Side {
	for side, tops := range kept[s] {
		if slices.Contains(tops, books.Top(account)) {
			return side
		}
	}
	return ""
}

// Move is one line on an account that is kept by party.
type Move struct {
	Account, Party string
	Date           day.Day
	Month          int // 0: carried over from the year before
	Voucher        string
	Number         int64
	Year           int
	Summary        string
	Debit, Credit  money.Fen
	Reverses       string // the voucher that this one cancels
}

// Open is what is still open of one line (未结清).
type Open struct {
	Account string    `json:"account"`
	Name    string    `json:"name,omitempty"` // of the account
	Party   string    `json:"party"`
	Side    Side      `json:"side"`
	Since   day.Day   `json:"since"` // when it arose, in whatever year
	Days    int       `json:"days"`
	Amount  money.Fen `json:"amount"` // of the line
	Rest    money.Fen `json:"rest"`   // what is open of it
	Summary string    `json:"summary"`
	Voucher Paper     `json:"voucher,omitzero"`
}

// nobody is the party of lines that name none.
const nobody = "（未填往来单位）"

type account struct{ code, party string }

// Settle leaves of moves what is open, the oldest settled first: what stands
// against an account's side takes from the oldest that stands on it. A voucher
// and the one that cancels it fall out together. earlier is what was open at the
// end of the year before; it takes the place of the balance carried over where
// both agree, so that nothing grows younger by a new year. moves come in the
// order in which they were booked.
//
// law: J36
func Settle(s books.System, moves []Move, earlier []Open) []Open {
	moves = standing(moves)
	heaps := map[account][]Open{}
	var order []account
	over := map[account]money.Fen{} // settled before it arose: an advance the other way
	carried := carriedOver(s, moves)
	replaced := map[account]bool{}
	for _, k := range slices.SortedFunc(mapKeys(carried), byCode) {
		var sum money.Fen
		var items []Open
		for _, o := range earlier {
			if o.Account == k.code && o.Party == k.party {
				sum, items = sum+o.Rest, append(items, o)
			}
		}
		if len(items) > 0 && sum == carried[k] {
			heaps[k], replaced[k] = items, true
			order = append(order, k)
		}
	}
	for _, m := range moves {
		side := sideOf(s, m.Account)
		if side == "" {
			continue
		}
		k := account{m.Account, partyOf(m.Party)}
		if replaced[k] && m.Month == 0 {
			continue
		}
		if _, seen := heaps[k]; !seen {
			heaps[k], order = nil, append(order, k)
		}
		up := m.Debit - m.Credit
		if side == Debt {
			up = -up
		}
		if up < 0 {
			heaps[k], up = take(heaps[k], -up)
			over[k] += up
			continue
		}
		o := Open{Account: m.Account, Party: k.party, Side: side, Since: since(m), Amount: up, Rest: up, Summary: m.Summary, Voucher: Paper{m.Voucher, m.Year, m.Month, m.Number}}
		used := min(over[k], o.Rest)
		over[k] -= used
		if o.Rest -= used; o.Rest > 0 {
			heaps[k] = append(heaps[k], o)
		}
	}
	var out []Open
	for _, k := range order {
		out = append(out, heaps[k]...)
		if n := over[k]; n > 0 {
			out = append(out, Open{Account: k.code, Party: k.party, Side: sideOf(s, k.code), Amount: -n, Rest: -n, Summary: "多收或多付，待清理"})
		}
	}
	return out
}

func mapKeys(m map[account]money.Fen) func(func(account) bool) {
	return func(yield func(account) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func byCode(a, b account) int {
	if c := strings.Compare(a.code, b.code); c != 0 {
		return c
	}
	return strings.Compare(a.party, b.party)
}

// carriedOver is what each account and party brought from the year before, on
// its own side.
func carriedOver(s books.System, moves []Move) map[account]money.Fen {
	out := map[account]money.Fen{}
	for _, m := range moves {
		if side := sideOf(s, m.Account); m.Month == 0 && side != "" {
			n := m.Debit - m.Credit
			if side == Debt {
				n = -n
			}
			out[account{m.Account, partyOf(m.Party)}] += n
		}
	}
	return out
}

func partyOf(s string) string { return or(strings.TrimSpace(s), nobody) }

// standing leaves out vouchers that were cancelled, with what cancelled them.
func standing(moves []Move) []Move {
	gone := map[string]bool{}
	for _, m := range moves {
		if m.Reverses != "" {
			gone[m.Reverses] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(moves), func(m Move) bool { return m.Reverses != "" || gone[m.Voucher] })
}

// take settles n out of a heap, the oldest first; left is what the heap did
// not have.
func take(heap []Open, n money.Fen) (rest []Open, left money.Fen) {
	heap = slices.Clone(heap)
	slices.SortStableFunc(heap, func(a, b Open) int { return strings.Compare(string(a.Since), string(b.Since)) })
	for i := range heap {
		used := min(heap[i].Rest, n)
		heap[i].Rest, n = heap[i].Rest-used, n-used
	}
	return slices.DeleteFunc(heap, func(o Open) bool { return o.Rest == 0 }), n
}

// since is the day a line arose. A balance carried over says it at the head of
// its summary: 2024-05-03 借差旅费; else it is as old as the year.
func since(m Move) day.Day {
	if m.Month == 0 && len(m.Summary) >= 10 {
		if d, err := day.Parse(m.Summary[:10]); err == nil && d <= m.Date {
			return d
		}
	}
	return m.Date
}

// Carry is the line by which an open item is carried into the next year with
// its age: one for each item, its summary led by the day it arose.
func (o Open) Carry() books.Line {
	text := o.Summary
	if o.Since != "" && !strings.HasPrefix(text, string(o.Since)) {
		text = string(o.Since) + " " + text
	}
	l := books.Line{Account: o.Account, Party: o.Party, Summary: text}
	if o.Party == nobody {
		l.Party = ""
	}
	if (o.Side == Claim) == (o.Rest > 0) {
		l.Debit = max(o.Rest, -o.Rest)
	} else {
		l.Credit = max(o.Rest, -o.Rest)
	}
	return l
}

// Bucket is a span of age (账龄段): up to Days, the last without end.
type Bucket struct {
	Label string `json:"label"`
	Days  int    `json:"days"`
}

// Buckets are the spans in which open items are shown.
var Buckets = []Bucket{{"30 天以内", 30}, {"31—90 天", 90}, {"91—180 天", 180}, {"181 天—1 年", 365}, {"1—3 年", 3 * 365}, {"3 年以上", 1 << 30}}

// bucketOf is the span that so many days fall into.
func bucketOf(days int) int {
	return slices.IndexFunc(Buckets, func(b Bucket) bool { return days <= b.Days })
}

// Party is what one party owes or is owed on one account, by age.
type Party struct {
	Account string      `json:"account"`
	Name    string      `json:"name"`
	Party   string      `json:"party"`
	Side    Side        `json:"side"`
	Total   money.Fen   `json:"total"`
	By      []money.Fen `json:"by_age"`
	Oldest  int         `json:"oldest"`
	Items   []Open      `json:"items"`
}

// ByParty gathers open items by account and party, those that wait longest
// first.
func ByParty(all []Open) (out []Party) {
	at := map[account]int{}
	for _, o := range all {
		k := account{o.Account, o.Party}
		i, ok := at[k]
		if !ok {
			i = len(out)
			at[k] = i
			out = append(out, Party{Account: o.Account, Name: o.Name, Party: o.Party, Side: o.Side, By: make([]money.Fen, len(Buckets))})
		}
		p := &out[i]
		p.Total += o.Rest
		p.By[bucketOf(o.Days)] += o.Rest
		p.Oldest = max(p.Oldest, o.Days)
		p.Items = append(p.Items, o)
	}
	slices.SortStableFunc(out, func(a, b Party) int {
		if a.Side != b.Side {
			return strings.Compare(string(a.Side), string(b.Side))
		}
		return b.Oldest - a.Oldest
	})
	return out
}
