package bank

import (
	"slices"
	"strings"
	"unicode"

	"unionhall/kit/money"
)

// unit is one line or entry, or several that may stand for one.
type unit struct {
	members     []int
	amount      money.Fen
	first, last int // working days
	text        string
	names       []string
	numbers     []string
	grams       map[string]bool
}

func unitOf(i int, amount money.Fen, at int, text, numbered, name string) unit {
	u := unit{members: []int{i}, amount: amount, first: at, last: at, text: text, numbers: numbersIn(numbered), grams: gramsOf(text)}
	if name = plain(name); name != "" {
		u.names = []string{name}
	}
	return u
}

// join makes one unit of several.
func join(all []unit, members []int) unit {
	u := all[members[0]]
	u.members, u.grams = members, map[string]bool{}
	u.amount, u.names, u.numbers, u.text = 0, nil, nil, ""
	for _, i := range members {
		m := all[i]
		u.amount += m.amount
		u.first, u.last = min(u.first, m.first), max(u.last, m.last)
		u.text += m.text
		u.names = append(u.names, m.names...)
		u.numbers = append(u.numbers, m.numbers...)
		for g := range m.grams {
			u.grams[g] = true
		}
	}
	return u
}

// plain is a text without what banks and people write differently.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// numbersIn lists the numbers of four digits and more: cheques, bills, flows.
func numbersIn(s string) (out []string) {
	for _, f := range strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' }) {
		if len(f) >= 4 && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// gramsOf are the pairs of characters of a text.
func gramsOf(s string) map[string]bool {
	r, out := []rune(plain(s)), map[string]bool{}
	for i := 1; i < len(r); i++ {
		out[string(r[i-1:i+1])] = true
	}
	return out
}

// score says how well two units of one amount fit; only its order matters.
func score(a, b unit) int {
	n := 0
	if slices.ContainsFunc(a.numbers, func(x string) bool { return slices.Contains(b.numbers, x) }) {
		n += 1000
	}
	n += max(named(a.names, b), named(b.names, a))
	shared := 0
	for g := range a.grams {
		if b.grams[g] {
			shared++
		}
	}
	n += 10 * min(shared, 12)
	return n - 6*apart(a, b)
}

// named tells whether one of names is that of the unit, or stands in its text.
func named(names []string, u unit) int {
	best, text := 0, plain(u.text)
	for _, n := range names {
		switch {
		case slices.Contains(u.names, n):
			best = max(best, 200)
		case len([]rune(n)) >= 2 && strings.Contains(text, n):
			best = max(best, 150)
		}
	}
	return best
}

// apart is how many working days lie between the farthest of two units.
func apart(a, b unit) int { return max(b.last-a.first, a.last-b.first, 0) }
