package books

import (
	_ "embed"
	"slices"
	"strconv"
	"sync"

	"unionhall/kit/day"
	"unionhall/kit/money"
	"unionhall/law"
)

//go:embed lives2021.tsv
var lives21 string

// Life is how long a kind of asset is written off over (折旧年限): MinYears at
// the least, and at the most MaxYears where the table sets it.
type Life struct {
	Class    string `json:"class"`   // 通用设备
	Content  string `json:"content"` // 计算机设备
	MinYears int    `json:"min_years"`
	MaxYears int    `json:"max_years,omitempty"`
	Source   string `json:"source"`
}

// Lives is the table of 财会〔2021〕7号 附录2.
//
// law: F3.9
func Lives() []Life { return slices.Clone(lives()) }

// LifeOf returns the line of the table for a kind of asset.
func LifeOf(class, content string) (Life, bool) {
	i := slices.IndexFunc(lives(), func(l Life) bool { return l.Class == class && l.Content == content })
	if i < 0 {
		return Life{}, false
	}
	return lives()[i], true
}

var lives = sync.OnceValue(func() (out []Life) {
	for _, f := range table(lives21, 5) {
		l := Life{Class: f[0], Content: f[1], Source: f[4]}
		for text, years := range map[string]*int{f[2]: &l.MinYears, f[3]: &l.MaxYears} {
			if n, err := strconv.Atoi(text); err == nil {
				*years = n
			}
		}
		out = append(out, l)
	}
	return out
})

// Undepreciated are the kinds of assets that are never written off, as a card
// names them; nor is one booked at the nominal yuan (名义金额).
var Undepreciated = []string{"文物", "动植物", "图书档案", "单独入账的土地"}

// Nominal is the amount an asset is booked at when nothing tells its worth.
//
// law: F3.7
const Nominal money.Fen = 1_00

// Depreciates reports whether an asset of a kind and cost is written off under
// a system: A09 writes off none.
//
// law: F3.9
func Depreciates(s System, kind string, cost money.Fen) bool {
	return s == A21 && cost > Nominal && !slices.Contains(Undepreciated, kind)
}

// Depreciation is the write-off of one asset in equal parts (年限平均法): no
// residual value; the month of addition counts, that of removal does not.
type Depreciation struct {
	Cost  money.Fen
	Years int
	From  day.Day // a day of the month of addition
}

// Months is how many months the write-off takes.
func (d Depreciation) Months() int { return d.Years * 12 }

// Month returns the amount of the n-th month, from 1: cost/(years×12) to the
// fen, the last month the rest; 0 before and after.
//
// law: F3.9
func (d Depreciation) Month(n int) money.Fen {
	if n < 1 || n > d.Months() {
		return 0
	}
	return d.through(n) - d.through(n-1)
}

// through is what is written off after n months. The equal part of a cost of
// few fen may round up: it ends with the cost.
func (d Depreciation) through(n int) money.Fen {
	if n <= 0 || d.Years <= 0 {
		return 0
	}
	if n >= d.Months() {
		return d.Cost
	}
	return min(d.Cost.Share(1, int64(d.Months()))*money.Fen(n), d.Cost)
}

// Nth returns which month of the write-off the day is in: 1 in the month of
// addition, 0 or less before.
func (d Depreciation) Nth(on day.Day) int { return months(d.From, on) + 1 }

// On returns the amount of the month that a day is in; out is a day of the
// month the asset was removed in, or no day.
//
// law: F3.9
func (d Depreciation) On(on, out day.Day) money.Fen {
	if out != "" && months(out, on) >= 0 {
		return 0
	}
	return d.Month(d.Nth(on))
}

// Through returns what is written off up to the end of the month that a day is
// in.
func (d Depreciation) Through(on, out day.Day) money.Fen {
	if out != "" && months(out, on) >= 0 {
		return d.through(d.Nth(out) - 1)
	}
	return d.through(d.Nth(on))
}

// months counts the calendar months from one day's month to another's.
func months(from, to day.Day) int {
	return (to.Year()-from.Year())*12 + to.Month() - from.Month()
}

// Units is the write-off of one asset by what it does (工作量法).
type Units struct {
	Cost  money.Fen
	Total int64 // what it is good for, in kilometres or hours
}

// Between returns the amount for the work that raised the count from before
// to after.
//
// law: F3.9
func (u Units) Between(before, after int64) money.Fen { return u.through(after) - u.through(before) }

func (u Units) through(done int64) money.Fen {
	if done <= 0 || u.Total <= 0 {
		return 0
	}
	return u.Cost.Share(min(done, u.Total), u.Total)
}

// IsAsset reports whether goods of a unit price are a fixed asset (固定资产) on a
// day: longer used than a year, and dear enough for their kind or bought in
// bulk.
//
// law: F3.8
func IsAsset(book law.Book, at law.Place, on day.Day, price money.Fen, special, yearOrMore, bulk bool) (bool, error) {
	id := "books.asset.general_yuan"
	if special {
		id = "books.asset.special_yuan"
	}
	yuan, err := book.Int(id, at, on)
	if err != nil {
		return false, err
	}
	return yearOrMore && (bulk || price >= money.Fen(yuan)*100), nil
}

// MayExpense reports whether an intangible (无形资产) of a unit price may be
// booked as an expense at once: too cheap, and not bought in bulk.
//
// law: F3.8
func MayExpense(book law.Book, at law.Place, on day.Day, price money.Fen, bulk bool) (bool, error) {
	yuan, err := book.Int("books.intangible.expensed_below_yuan", at, on)
	if err != nil {
		return false, err
	}
	return !bulk && price < money.Fen(yuan)*100, nil
}
