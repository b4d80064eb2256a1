package bank

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"unionhall/kit/fault"
	"unionhall/kit/money"
)

// settle brings the lines into the order in which they happened, sees by the
// running balance whether the sides are the bank's, and tells where it does
// not add up.
func (r *reader) settle() {
	if len(r.Lines) == 0 {
		return
	}
	if !r.plus { // a column of spending all in minus says that once more
		for i, l := range r.Lines {
			if r.minus[l.Row] {
				r.Lines[i].Amount = -l.Amount
			}
		}
	}
	back := slices.Clone(r.Lines)
	slices.Reverse(back)
	byDay := func(ls []Line) bool {
		return slices.IsSortedFunc(ls, func(a, b Line) int { return strings.Compare(string(a.Day), string(b.Day)) })
	}
	plainOrder, turned := steps(r.Lines, 1), steps(back, 1)
	swapped, turnedSwapped := steps(r.Lines, -1), steps(back, -1)
	best := max(plainOrder, turned, swapped, turnedSwapped)
	switch {
	case plainOrder == best && (byDay(r.Lines) || plainOrder > turned):
	case turned == best && (byDay(back) || turned > plainOrder):
		r.Lines = back
	case best > 1 && (swapped == best || turnedSwapped == best) && best > max(plainOrder, turned):
		if turnedSwapped > swapped || turnedSwapped == swapped && !byDay(r.Lines) {
			r.Lines = back
		}
		for i := range r.Lines {
			r.Lines[i].Amount = -r.Lines[i].Amount
		}
		r.tell(0, r.moneyColumn(), Warn, "side.swapped", "按余额的变化看，这张表的借方是收入、贷方是支出（与银行的写法相反），已按余额认定收支。")
	default:
		slices.SortStableFunc(r.Lines, func(a, b Line) int { return strings.Compare(string(a.Day), string(b.Day)) })
	}
	r.gaps()
	r.twice()
}

// steps counts how often a balance is the one before plus the amount.
func steps(lines []Line, sign money.Fen) (n int) {
	for i := 1; i < len(lines); i++ {
		a, b := lines[i-1].Balance, lines[i].Balance
		if a != nil && b != nil && *a+sign*lines[i].Amount == *b {
			n++
		}
	}
	return n
}

// gaps tells where a running balance does not add up.
func (r *reader) gaps() {
	var before *money.Fen
	for i, l := range r.Lines {
		if l.Balance != nil && before != nil && *before+l.Amount != *l.Balance {
			r.tell(int(l.Row), "balance", Warn, "balance.gap", "上一笔余额 %s 加减本笔 %s 应是 %s，表上是 %s。可能缺了流水，或金额有误。",
				before.Grouped(), l.Amount.Grouped(), (*before + l.Amount).Grouped(), l.Balance.Grouped())
		}
		switch {
		case l.Balance != nil:
			before = l.Balance
		case before != nil:
			n := *before + l.Amount
			before = &n
		}
		if i == 0 && l.Balance != nil {
			n := *l.Balance - l.Amount
			r.Opening = &n
		}
	}
	r.Closing = before
}

// twice drops a row that stands twice in the file, number and balance alike.
func (r *reader) twice() {
	seen := map[string]int64{}
	r.Lines = slices.DeleteFunc(r.Lines, func(l Line) bool {
		if l.Flow == "" || l.Balance == nil {
			return false
		}
		key := fmt.Sprint(l.Flow, "|", l.Day, "|", int64(l.Amount), "|", int64(*l.Balance))
		if was, ok := seen[key]; ok {
			r.Refused++
			r.tell(int(l.Row), "flow", Refuse, "line.twice", "与第 %d 行是同一笔（流水号、日期、金额和余额都相同），没有重复收下。", was)
			return true
		}
		seen[key] = l.Row
		return false
	})
}

// known tells which lines are there already: those of the same day and amount
// that share the flow number or the balance; without both, words and
// counterparty. Every line that is there answers for one.
func (r *Read) known(there []Line) (fresh, again []Line) {
	by := map[string][]Line{}
	key := func(l Line) string { return fmt.Sprint(l.Day, "|", int64(l.Amount)) }
	for _, l := range there {
		by[key(l)] = append(by[key(l)], l)
	}
	for _, l := range r.Lines {
		k := key(l)
		i := slices.IndexFunc(by[k], func(o Line) bool { return sameLine(l, o) })
		if i < 0 {
			fresh = append(fresh, l)
			continue
		}
		by[k] = slices.Delete(by[k], i, i+1)
		again = append(again, l)
	}
	return fresh, again
}

// sameLine reports whether two lines of one day and amount are one transaction.
func sameLine(a, b Line) bool {
	flows, balances := a.Flow != "" && b.Flow != "", a.Balance != nil && b.Balance != nil
	if flows && a.Flow != b.Flow || balances && *a.Balance != *b.Balance {
		return false
	}
	return flows || balances || plain(a.Summary+a.Other) == plain(b.Summary+b.Other)
}

// choose applies what a person said of the columns; "-" leaves one out.
func (r Read) choose(chosen map[string]string) (map[string]string, error) {
	out, taken := map[string]string{}, map[string]string{}
	maps.Copy(out, r.Layout)
	wrong := func(header, text string) error {
		return &fault.Error{Kind: fault.Invalid, Text: text, Fields: map[string]string{"columns." + header: header + "：" + text}}
	}
	for h, f := range chosen {
		if _, is := out[h]; !is {
			return nil, wrong(h, "表里没有这一列，请刷新后再选。")
		}
		if f != "" && f != "-" && fieldLabel(f) == "" {
			return nil, wrong(h, "请从列表中选择。")
		}
		out[h] = f
	}
	for _, h := range slices.Sorted(maps.Keys(out)) {
		if f := out[h]; f == "" || f == "-" {
			out[h] = "-"
		} else if other := taken[f]; other != "" {
			return nil, wrong(h, "“"+other+"”和“"+h+"”两列都对应到了“"+fieldLabel(f)+"”，请只留一列。")
		} else {
			taken[f] = h
		}
	}
	return out, nil
}
