package zh

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// What ends the name of a union, longest first; the first that fits is cut.
var unionEnds = []string{"机关工会委员会", "机关工会", "基层工会委员会", "工会委员会", "工会"}

// Stem returns the name of the unit that a union's name is made of: 市财政局 of
// 市财政局机关工会委员会, 市直机关 of 市直机关工会. A federation (总工会) is a unit
// itself, and 委员会 alone belongs to the unit: 市卫生健康委员会.
func Stem(unit string) string {
	unit = mapped(unit, squeeze)
	for _, end := range unionEnds {
		stem, ok := strings.CutSuffix(unit, end)
		switch {
		case !ok || stem == "":
		case strings.HasPrefix(end, "机关") && (strings.HasSuffix(stem, "直") || strings.HasSuffix(stem, "直属")):
		case strings.HasSuffix(stem, "总") || strings.HasSuffix(stem, "联合"):
		default:
			return stem
		}
	}
	return unit
}

// Distance returns how many characters must be put in, taken out or changed
// to make b of a.
func Distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		corner := row[0]
		row[0] = i + 1
		for j := range y {
			change := corner
			if x[i] != y[j] {
				change++
			}
			corner = row[j+1]
			row[j+1] = min(change, row[j]+1, corner+1)
		}
	}
	return row[len(y)]
}

// Similar returns those of the known names of units that name may mean, at
// most so many, the likeliest first, for 您是否指…: the same stem, a short form
// (卫健委), or one character in four at odds. Where a stem is the same, only
// such are named.
func Similar(name string, known []string, most int) []string {
	type guess struct {
		name  string
		apart int
	}
	stem := Stem(name)
	var out []guess
	for _, k := range known {
		if apart, ok := resembles(stem, Stem(k)); ok {
			out = append(out, guess{k, apart})
		}
	}
	if slices.ContainsFunc(out, func(g guess) bool { return g.apart == 0 }) {
		out = slices.DeleteFunc(out, func(g guess) bool { return g.apart > 0 })
	}
	slices.SortStableFunc(out, func(a, b guess) int { return cmp.Compare(a.apart, b.apart) })
	var names []string
	for _, g := range out[:min(most, len(out))] {
		names = append(names, g.name)
	}
	return names
}

// resembles returns how far two stems are apart, short forms 100 less than
// others, and whether that is near enough to ask.
func resembles(a, b string) (apart int, ok bool) {
	if len(a) > len(b) {
		a, b = b, a
	}
	apart = Distance(a, b)
	if apart == 0 || utf8.RuneCountInString(a) >= 3 && within(a, b) {
		return apart, true
	}
	return 100 + apart, apart <= max(1, utf8.RuneCountInString(b)/4)
}

// within reports whether the characters of a stand in b, in their order.
func within(a, b string) bool {
	for _, r := range a {
		_, after, ok := strings.Cut(b, string(r))
		if !ok {
			return false
		}
		b = after
	}
	return true
}
