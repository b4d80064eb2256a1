package asset

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/law/books"
)

// accounts are where a kind stands in the books: what it is, what is written
// off of it, and the fund that stands against it. A09 knows one asset and no
// depreciation.
type accounts struct{ asset, used, fund string }

// accountsOf names the accounts of a kind under a system.
//
// law: J28, J29, J30, K7
func accountsOf(s books.System, k Kind) accounts {
	if s == books.A09 {
		return accounts{"162", "", "301"}
	}
	switch k {
	case Intangible:
		return accounts{"171", "172", "30105"}
	case Prepaid:
		return accounts{"181", "", "30106"}
	}
	return accounts{"162", "163", "30104"}
}

// unwritten heads the kinds of fixed assets that are never written off.
const unwritten = "不计提折旧的资产"

// Sort is one line of what an asset can be: its class, its content, and over
// how many years it is written off; 0 most years: as its papers say.
type Sort struct {
	Kind           Kind
	Class, Content string
	Min, Max       int64
}

// Value is the sort as a form sends it.
func (s Sort) Value() string { return s.Class + "|" + s.Content }

// longestLife bounds the years that the table leaves open.
const longestLife = 100

// Sorts lists what an asset of a kind can be. Fixed assets follow the table of
// the regulation; of the others the regulation states no years.
//
// law: F3.9
func Sorts(k Kind) (out []Sort) {
	switch k {
	case Fixed:
		for _, l := range books.Lives() {
			most := int64(l.MaxYears)
			if most == 0 {
				most = longestLife
			}
			out = append(out, Sort{Fixed, l.Class, l.Content, int64(l.MinYears), most})
		}
		for _, c := range books.Undepreciated {
			out = append(out, Sort{Fixed, unwritten, c, 0, 0})
		}
	case Intangible:
		for _, c := range []string{"计算机软件", "专利权", "非专利技术", "著作权", "土地使用权", "其他无形资产"} {
			out = append(out, Sort{Intangible, "无形资产", c, 1, longestLife})
		}
	case Prepaid:
		for _, c := range []string{"租入固定资产改良", "其他长期待摊费用"} {
			out = append(out, Sort{Prepaid, "长期待摊费用", c, 1, longestLife})
		}
	}
	return out
}

// sortOf finds a sort by what a form sends; content alone will do.
func sortOf(k Kind, value string) (Sort, bool) {
	all := Sorts(k)
	i := slices.IndexFunc(all, func(s Sort) bool { return s.Value() == value || s.Content == value || s.Class+"—"+s.Content == value })
	if i < 0 {
		return Sort{}, false
	}
	return all[i], true
}

// writes reports whether an asset of the sort and cost is written off at all.
//
// law: F3.9
func (s Sort) writes(cost money.Fen) bool {
	return s.Class != unwritten && cost > books.Nominal
}

// Plan is how the write-off of a card goes on: Basis in Months equal parts from
// the month From on, after Before was written off. No residual value.
type Plan struct {
	Basis, Before money.Fen
	From          Month
	Months        int64
}

// Through is what must be written off at the end of the month m: a part for
// every month, the last takes the rest.
//
// law: F3.9
func (p Plan) Through(m Month) money.Fen {
	n := p.From.Until(m) + 1
	switch {
	case n <= 0 || p.Months <= 0:
		return p.Before
	case n >= p.Months:
		return p.Before + p.Basis
	}
	return p.Before + min(p.Basis.Share(1, p.Months)*money.Fen(n), p.Basis)
}

// Left is how many months are still to be written off when the month m begins.
func (p Plan) Left(m Month) int64 { return max(p.Months-max(p.From.Until(m), 0), 0) }

// Month is a month on the calendar: 2026-03.
type Month string

// MonthOf is the month that a day is in.
func MonthOf(d day.Day) Month {
	if len(d) < 7 {
		return ""
	}
	return Month(d[:7])
}

// ParseMonth reads 2026-03; anything else is not a month.
func ParseMonth(s string) (Month, bool) {
	if len(s) != 7 {
		return "", false
	}
	_, err := day.Parse(s + "-01")
	return Month(s), err == nil
}

func (m Month) index() int64 {
	if len(m) != 7 {
		return 0
	}
	y, _ := strconv.ParseInt(string(m[:4]), 10, 64)
	n, _ := strconv.ParseInt(string(m[5:]), 10, 64)
	return y*12 + n - 1
}

// Until counts the months from m to another.
func (m Month) Until(to Month) int64 { return to.index() - m.index() }

// Plus is the n-th month after m.
func (m Month) Plus(n int64) Month {
	i := m.index() + n
	return Month(fmt.Sprintf("%04d-%02d", i/12, i%12+1))
}

// First and Last are its days.
func (m Month) First() day.Day { return day.Day(m + "-01") }
func (m Month) Last() day.Day  { return m.First().MonthEnd() }
func (m Month) Year() int      { return m.First().Year() }

// Label is 2026 年 3 月.
func (m Month) Label() string {
	if len(m) != 7 {
		return ""
	}
	return fmt.Sprintf("%d 年 %d 月", m.First().Year(), m.First().Month())
}

// Quantity is an amount of goods in thousandths of their unit.
type Quantity int64

const whole Quantity = 1000

// String writes 3 or 2.5.
func (q Quantity) String() string {
	sign := ""
	if q < 0 {
		sign, q = "-", -q
	}
	s := strconv.FormatInt(int64(q/whole), 10)
	if r := q % whole; r > 0 {
		s += "." + strings.TrimRight(fmt.Sprintf("%03d", r), "0")
	}
	return sign + s
}

func (q Quantity) MarshalText() ([]byte, error) { return []byte(q.String()), nil }

// mostWhole is the most of one goods that a slip takes.
const mostWhole = 1_000_000_000

// ParseQuantity reads 3, 2.5 or 1,000; at most three decimals.
func ParseQuantity(text string) (Quantity, error) {
	s := strings.ReplaceAll(strings.TrimSpace(text), ",", "")
	w, part, dot := strings.Cut(s, ".")
	n, err := strconv.ParseInt(w, 10, 64)
	frac := int64(0)
	if err == nil && dot {
		if len(part) == 0 || len(part) > 3 {
			return 0, fault.New(fault.Invalid, "最多三位小数")
		}
		frac, err = strconv.ParseInt((part + "000")[:3], 10, 64)
	}
	if err != nil || n < 0 || frac < 0 || n > mostWhole || strings.HasPrefix(s, "-") || strings.HasPrefix(s, "+") {
		return 0, fault.New(fault.Invalid, "请填写数量，例如 12 或 2.5")
	}
	return Quantity(n)*whole + Quantity(frac), nil
}
