package sheet

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Field is something that a column can hold.
type Field struct {
	Key      string
	Label    string   // as our own exports head it
	Synonyms []string // as offices head it
	Required bool
}

// Match says that a column holds a field. Score is 100 for the label itself
// and falls to 40 for a likeness that a person should look at.
type Match struct {
	Column int
	Key    string
	Score  int
}

// MessageHeader heads the column that Report adds.
const MessageHeader = "核对意见"

// results head the columns that systems add to what they return. They are
// never data.
var results = []string{MessageHeader, "是否导入成功", "错误原因"}

// Known returns what FindHead asks: whether a header names one of fields.
func Known(fields []Field) func(header string) bool {
	names := map[string]bool{}
	for _, f := range fields {
		for _, n := range append([]string{f.Label}, f.Synonyms...) {
			names[plainName(n)] = true
		}
	}
	return func(header string) bool { return names[plainName(header)] }
}

// Guess says which column holds which field: by the same name, by the name
// without blanks, marks and widths, by a synonym, or by a name within the
// other. A field gets one column and a column one field; the best fit wins,
// among equals the leftmost. The list runs by column.
func Guess(headers []string, fields []Field) []Match {
	var all []Match
	for c, h := range headers {
		if h == "" || slices.Contains(results, bare(h)) {
			continue
		}
		for _, f := range fields {
			if s := fit(h, f); s > 0 {
				all = append(all, Match{c, f.Key, s})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Match) int { return cmp.Compare(b.Score, a.Score) })
	var list []Match
	for _, m := range all {
		taken := func(o Match) bool { return o.Column == m.Column || o.Key == m.Key }
		if !slices.ContainsFunc(list, taken) {
			list = append(list, m)
		}
	}
	slices.SortFunc(list, func(a, b Match) int { return cmp.Compare(a.Column, b.Column) })
	return list
}

func fit(header string, f Field) int {
	if header == f.Label {
		return 100
	}
	plain := plainName(header)
	best := 0
	if plain == plainName(f.Label) {
		best = 95
	}
	for _, s := range f.Synonyms {
		switch {
		case header == s:
			best = max(best, 90)
		case plain == plainName(s):
			best = max(best, 85)
		}
	}
	if best > 0 {
		return best
	}
	for _, n := range append([]string{f.Label}, f.Synonyms...) {
		best = max(best, within(plain, plainName(n)))
	}
	return best
}

// within scores one name inside the other by how much of it that is: 40 to 80.
func within(a, b string) int {
	if len(a) > len(b) {
		a, b = b, a
	}
	short, long := utf8.RuneCountInString(a), utf8.RuneCountInString(b)
	if short < 2 || 3*short < long || !strings.Contains(b, a) {
		return 0
	}
	return 40 + 40*short/long
}

// plainName is a header without blanks, full-width forms, the star or the
// words that mark it as required, and what trails as punctuation.
func plainName(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), strings.ContainsRune("*✱＊★\u200B\uFEFF", r):
			return -1
		case r >= '！' && r <= '～':
			r -= '！' - '!'
		}
		return unicode.ToLower(r)
	}, s)
	for _, mark := range []string{"(必填)", "(必填项)", "(选填)"} {
		s = strings.Replace(s, mark, "", 1)
	}
	return strings.TrimRight(s, ":;,.、。")
}

// Samples returns up to n different values of every column, from the first
// rows of data, for a person to check the mapping by.
func (b *Book) Samples(h Head, n int) ([][]string, error) {
	list := make([][]string, len(h.Names))
	rows := 0
	_, err := b.Rows(h, nil, func(r *Row) error {
		if rows++; rows > 50*n {
			return errStop
		}
		for c := range list {
			text := strings.TrimSpace(r.Cell(c).Text)
			if text != "" && len(list[c]) < n && !slices.Contains(list[c], text) {
				list[c] = append(list[c], text)
			}
		}
		return nil
	})
	if err == errStop {
		err = nil
	}
	return list, err
}
