package bank

import (
	"cmp"
	"slices"
	"strconv"

	"unionhall/kit/day"
	"unionhall/kit/money"
)

// Line is a line of a statement (银行流水). Amount is positive where money came
// in.
type Line struct {
	ID        string     `json:"id"`
	Statement string     `json:"statement,omitempty"`
	Row       int64      `json:"row"` // of the sheet
	Day       day.Day    `json:"date"`
	Amount    money.Fen  `json:"amount"`
	Balance   *money.Fen `json:"balance,omitempty"`
	Flow      string     `json:"flow,omitempty"` // 流水号
	Summary   string     `json:"summary,omitempty"`
	Other     string     `json:"other,omitempty"`    // 对方户名
	OtherNo   string     `json:"other_no,omitempty"` // masked outside the sealed body
}

// Item is an entry of the account (分录), or what was booked before the
// account's first day. Amount is debit less credit.
type Item struct {
	Voucher  string    `json:"voucher"`
	Line     int64     `json:"line"` // 0: of bank_items
	Day      day.Day   `json:"date"`
	Number   int64     `json:"number,omitempty"`
	Amount   money.Fen `json:"amount"`
	Summary  string    `json:"summary"`
	Party    string    `json:"party,omitempty"`
	Source   string    `json:"-"` // the thing that the voucher pays
	Reverses string    `json:"-"`
	Corrects string    `json:"-"`
}

// Pairing is lines and entries that belong together, by their places in what
// Pair was given.
type Pairing struct {
	Lines, Items []int
	How          How
}

// How says why a match was made.
type How string

const (
	Single  How = "single"  // 金额、方向相同，日期相近
	Several How = "several" // 一笔流水对几笔分录
	Parts   How = "parts"   // 几笔流水对一笔分录
	Offset  How = "offset"  // 红字冲销，与原凭证相抵
	ByHand  How = "hand"    // 人工勾对
)

func (h How) Label() string {
	return map[How]string{Single: "自动：逐笔", Several: "自动：一笔流水对多笔分录", Parts: "自动：多笔流水对一笔分录", Offset: "自动：红字冲销相抵", ByHand: "人工"}[h]
}

// Pair finds which lines of a statement are which entries: of the same amount
// and side within window working days, the best by number, counterparty,
// words and day. What is equally good twice is left to a person. The same
// lines and entries give the same pairs in whatever order they come, and what
// is left over gives no further ones.
//
// law: K8, S2-42
func Pair(lines []Line, items []Item, cal day.Calendar, window int) []Pairing {
	p := newPairer(lines, items, cal, window)
	for found := true; found; {
		found = p.offsets() || p.round(Single, p.lineSingles(false), p.itemSingles(false)) ||
			p.round(Several, p.lineSingles(true), p.itemGroups()) ||
			p.round(Parts, p.lineGroups(), p.itemSingles(true))
	}
	for i := range p.out {
		slices.Sort(p.out[i].Lines)
		slices.Sort(p.out[i].Items)
	}
	return p.out
}

type pairer struct {
	lines    []Line
	items    []Item
	window   int
	cal      day.Calendar
	days     map[day.Day]int
	lineUnit []unit
	itemUnit []unit
	goneL    []bool
	goneI    []bool
	out      []Pairing
}

func newPairer(lines []Line, items []Item, cal day.Calendar, window int) *pairer {
	p := &pairer{lines: lines, items: items, window: window, cal: cal, days: map[day.Day]int{}, goneL: make([]bool, len(lines)), goneI: make([]bool, len(items))}
	for i, l := range lines {
		p.lineUnit = append(p.lineUnit, unitOf(i, l.Amount, p.workday(l.Day), l.Summary+" "+l.Other, l.Flow+" "+l.Summary, l.Other))
	}
	for i, e := range items {
		p.itemUnit = append(p.itemUnit, unitOf(i, e.Amount, p.workday(e.Day), e.Summary+" "+e.Party, e.Summary, e.Party))
	}
	return p
}

// workday numbers working days, so that two days can be told apart by them.
func (p *pairer) workday(d day.Day) int {
	n, ok := p.days[d]
	if !ok {
		n = p.cal.Workdays("2000-01-01", d)
		p.days[d] = n
	}
	return n
}

// offsets takes a red voucher and the one that it cancels from the table where
// the bank can know of neither.
//
// law: F3.22
func (p *pairer) offsets() (found bool) {
	of := map[string][]int{}
	for i, e := range p.items {
		if !p.goneI[i] {
			of[e.Voucher] = append(of[e.Voucher], i)
		}
	}
	taken := map[string]bool{}
	var reds []string
	for id, at := range of {
		if was := p.items[at[0]].Reverses; was != "" && was != id && len(of[was]) > 0 {
			reds = append(reds, id)
		}
	}
	slices.Sort(reds)
	for _, red := range reds {
		was := p.items[of[red][0]].Reverses
		all := slices.Concat(of[red], of[was])
		sum := money.Fen(0)
		for _, i := range all {
			sum += p.items[i].Amount
		}
		if sum != 0 || taken[red] || taken[was] {
			continue
		}
		taken[red], taken[was], found = true, true, true
		p.take(Pairing{Items: all, How: Offset})
	}
	return found
}

func (p *pairer) take(x Pairing) {
	for _, i := range x.Lines {
		p.goneL[i] = true
	}
	for _, i := range x.Items {
		p.goneI[i] = true
	}
	p.out = append(p.out, x)
}

// lineSingles are the lines left, with lone only those that fit no single
// entry: which of two equals it is, no group may decide.
func (p *pairer) lineSingles(lone bool) []unit {
	return p.singles(p.lineUnit, p.goneL, p.itemUnit, p.goneI, lone)
}

func (p *pairer) itemSingles(lone bool) []unit {
	return p.singles(p.itemUnit, p.goneI, p.lineUnit, p.goneL, lone)
}

func (p *pairer) singles(of []unit, gone []bool, against []unit, gone2 []bool, lone bool) (out []unit) {
	by := map[money.Fen][]int{}
	if lone {
		for i, u := range against {
			if !gone2[i] {
				by[u.amount] = append(by[u.amount], i)
			}
		}
	}
	for i, u := range of {
		if gone[i] || lone && slices.ContainsFunc(by[u.amount], func(j int) bool { return apart(u, against[j]) <= p.window }) {
			continue
		}
		out = append(out, u)
	}
	return out
}

// itemGroups are entries that one line may stand for: of one voucher, of one
// thing, of one day with one summary, party or side.
func (p *pairer) itemGroups() []unit {
	left := p.itemSingles(true)
	return p.groups(p.itemUnit, left, func(i int) []string {
		e := p.items[i]
		side := "+"
		if e.Amount < 0 {
			side = "-"
		}
		keys := []string{"v" + e.Voucher + side, "d" + string(e.Day) + side, "s" + string(e.Day) + side + plain(e.Summary)}
		if e.Source != "" {
			keys = append(keys, "t"+e.Source+side)
		}
		if e.Corrects != "" { // the bank knows of what was booked wrong and put right as one
			keys = append(keys, "c"+e.Corrects)
		} else {
			keys = append(keys, "c"+e.Voucher)
		}
		if e.Party != "" {
			keys = append(keys, "p"+string(e.Day)+side+plain(e.Party))
		}
		return keys
	})
}

// lineGroups are lines that one entry may stand for: of one flow number, of
// one day with one summary, counterparty or side.
func (p *pairer) lineGroups() []unit {
	left := p.lineSingles(true)
	return p.groups(p.lineUnit, left, func(i int) []string {
		l := p.lines[i]
		side := "+"
		if l.Amount < 0 {
			side = "-"
		}
		keys := []string{"d" + string(l.Day) + side, "s" + string(l.Day) + side + plain(l.Summary)}
		if l.Flow != "" {
			keys = append(keys, "f"+l.Flow+side)
		}
		if l.Other != "" {
			keys = append(keys, "o"+string(l.Day)+side+plain(l.Other))
		}
		return keys
	})
}

// groups gathers what is left by each of its keys; a set that two keys make
// counts once.
func (p *pairer) groups(all, left []unit, keysOf func(int) []string) (out []unit) {
	by := map[string][]int{}
	for _, u := range left {
		for _, k := range keysOf(u.members[0]) {
			by[k] = append(by[k], u.members[0])
		}
	}
	seen := map[string]bool{}
	for _, members := range by {
		slices.Sort(members)
		key := keyOf(members)
		if len(members) < 2 || seen[key] {
			continue
		}
		seen[key] = true
		if u := join(all, members); u.last-u.first <= p.window {
			out = append(out, u)
		}
	}
	return out
}

func keyOf(members []int) string {
	b := make([]byte, 0, 8*len(members))
	for _, m := range members {
		b = append(strconv.AppendInt(b, int64(m), 10), ' ')
	}
	return string(b)
}

// chance is that a unit of lines is a unit of entries.
type chance struct {
	a, b  int
	score int
}

// round takes every chance that is better than any other about the same lines
// or the same entries, and tells whether there was one.
func (p *pairer) round(how How, lines, items []unit) bool {
	by := map[money.Fen][]int{}
	for j, u := range items {
		by[u.amount] = append(by[u.amount], j)
	}
	var all []chance
	for i, u := range lines {
		for _, j := range by[u.amount] {
			if apart(u, items[j]) <= p.window {
				all = append(all, chance{i, j, score(u, items[j])})
			}
		}
	}
	// the best two chances of every line and of every entry
	bestL, bestI := map[int][]int{}, map[int][]int{}
	for n, c := range all {
		for _, m := range lines[c.a].members {
			bestL[m] = keepBest(all, bestL[m], n)
		}
		for _, m := range items[c.b].members {
			bestI[m] = keepBest(all, bestI[m], n)
		}
	}
	wins := func(best map[int][]int, members []int, n int) bool {
		return !slices.ContainsFunc(members, func(m int) bool {
			b := best[m]
			return b[0] != n || len(b) > 1 && all[b[1]].score == all[n].score
		})
	}
	var found []Pairing
	for n, c := range all {
		if wins(bestL, lines[c.a].members, n) && wins(bestI, items[c.b].members, n) {
			found = append(found, Pairing{Lines: slices.Clone(lines[c.a].members), Items: slices.Clone(items[c.b].members), How: how})
		}
	}
	slices.SortFunc(found, func(a, b Pairing) int { return slices.Compare(a.Lines, b.Lines) })
	for _, x := range found {
		p.take(x)
	}
	return len(found) > 0
}

// keepBest keeps the two best of chances, the better one first.
func keepBest(all []chance, best []int, n int) []int {
	best = append(best, n)
	slices.SortStableFunc(best, func(a, b int) int { return cmp.Compare(all[b].score, all[a].score) })
	return best[:min(2, len(best))]
}
