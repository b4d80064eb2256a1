package zh

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Grams returns the distinct single characters and pairs of a cleaned name,
// dots left out, letters in lower case: what the search index holds of it.
func Grams(name string) []string {
	name = bare(name)
	n := utf8.RuneCountInString(name)
	out := make([]string, 0, 2*n)
	before := -1
	for i, r := range name {
		end := i + utf8.RuneLen(r)
		if one := name[i:end]; !slices.Contains(out, one) {
			out = append(out, one)
		}
		if before >= 0 {
			if two := name[before:end]; !slices.Contains(out, two) {
				out = append(out, two)
			}
		}
		before = i
	}
	return out
}

// Probes returns the grams that a name must have, all of them, to contain
// text: its pairs, or its only character.
func Probes(text string) []string {
	text = bare(text)
	var out []string
	before := -1
	for i, r := range text {
		if end := i + utf8.RuneLen(r); before >= 0 && !slices.Contains(out, text[before:end]) {
			out = append(out, text[before:end])
		}
		before = i
	}
	if len(out) == 0 && text != "" {
		return []string{text}
	}
	return out
}

// bare drops the dots and lowers the letters. Bytes that are no UTF-8 become
// the replacement character, so that every rune has its length.
func bare(name string) string {
	return lower(strings.ReplaceAll(strings.ToValidUTF8(name, "\ufffd"), dot, ""))
}

// Kind is what a part of a search box's text is to be looked for in.
type Kind int

const (
	InName    Kind = iota // Chinese characters: the name, by Probes
	InLetters             // Latin letters: Letters or Initials, by their beginning
	InNumbers             // digits: an ID number, a phone, a member number
)

// Term is one part of a query; a person found has them all.
type Term struct {
	Kind Kind
	Text string
}

// Query takes a search box's text apart: "王jg 0012" is 王, jg and 0012. Blanks
// split it, but not 李 明, nor pinyin (wang jian guo), nor digits (138 0013);
// the last X of an ID number stays with its digits.
func Query(text string) []Term {
	var q query
	runes := []rune(Narrow(text))
	for i, r := range runes {
		switch {
		case r >= '0' && r <= '9':
			q.add(InNumbers, r, true)
		case (r == 'x' || r == 'X') && q.endsNumber() && (i+1 == len(runes) || !unicode.IsLetter(runes[i+1])):
			q.add(InNumbers, 'X', true)
		case Han(r):
			q.add(InName, r, i+1 == len(runes) || !Han(runes[i+1]))
		case unicode.IsLetter(r):
			q.add(InLetters, lowerRune(r), true)
		case void(r) || r == '-':
			q.gap = max(q.gap, soft)
		case clean(r) != '·' && r != '\'' && r != '’':
			q.gap = hard
		}
	}
	for i, t := range q.terms {
		if t.Kind == InNumbers && len(t.Text) == 13 && strings.HasPrefix(t.Text, "861") {
			q.terms[i].Text = t.Text[2:] // the country's number before a mobile phone
		}
	}
	return q.terms
}

const (
	soft = 1 + iota // a blank or a dash
	hard            // any other sign
)

type query struct {
	terms []Term
	gap   int // what stands since the last character
	piece int // characters since the last gap
}

func (q *query) endsNumber() bool {
	last := len(q.terms) - 1
	return last >= 0 && q.gap == 0 && q.terms[last].Kind == InNumbers && len(q.terms[last].Text) >= 3
}

// add puts r to the last term or begins a new one; only a character that is
// alone joins another such over a blank.
func (q *query) add(k Kind, r rune, alone bool) {
	last := len(q.terms) - 1
	joins := last >= 0 && q.terms[last].Kind == k &&
		(q.gap == 0 || q.gap == soft && (k != InName || q.piece == 1 && alone))
	switch {
	case joins && q.gap == 0:
		q.piece++
	case joins:
		q.piece = 1
	default:
		q.terms = append(q.terms, Term{Kind: k})
		last, q.piece = last+1, 1
	}
	q.gap = 0
	q.terms[last].Text += string(r)
}
