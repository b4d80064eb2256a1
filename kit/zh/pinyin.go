package zh

import (
	"unicode"
	"unicode/utf8"
)

// Pinyin returns the syllables of a person's cleaned name without tones, ü as
// v: 单立新 is shan, li, xin. A run of Latin letters counts as one syllable;
// what has no reading is left out.
func Pinyin(name string) []string {
	out := make([]string, 0, 4)
	for s := newSpeller(name, true); s.next(); {
		if word := s.word(); word != "" {
			out = append(out, word)
		}
	}
	return out
}

// SortKey returns a text by whose bytes persons sort as in a dictionary: for
// each character its syllable, its tone, then itself, so that 单立新 stands
// under shan and namesakes stand together: "shan4单li4立xin1新". What has no
// reading comes last, by code point.
func SortKey(name string) string { return sortKey(name, true) }

// UnitSortKey is SortKey for names of units, which begin with no surname.
func UnitSortKey(name string) string { return sortKey(name, false) }

// Letters returns the reading of a person's name as people type it:
// "wangjianguo". Latin letters and digits stand in it, in lower case.
func Letters(name string) string { return letters(name, true) }

// UnitLetters is Letters for names of units.
func UnitLetters(name string) string { return letters(name, false) }

// Initials returns the first letter of each syllable of a person's name:
// "wjg".
func Initials(name string) string { return initials(name, true) }

// UnitInitials is Initials for names of units.
func UnitInitials(name string) string { return initials(name, false) }

// speller walks through a name, a Chinese character or a run of letters or
// digits at a step.
type speller struct {
	rest          string
	first, second string // how the surname reads
	step          int

	text  string // the character, or the run
	tones string // "li3", or "" of a run and of what has no reading
}

func newSpeller(name string, person bool) speller {
	s := speller{rest: name}
	if person {
		s.first, s.second = family(name)
	}
	return s
}

func (s *speller) next() bool {
	if s.rest == "" {
		return false
	}
	s.tones = ""
	size := run(s.rest)
	if size == 0 {
		var r rune
		r, size = utf8.DecodeRuneInString(s.rest)
		switch {
		case s.step == 0 && s.first != "":
			s.tones = s.first
		case s.step == 1 && s.second != "":
			s.tones = s.second
		default:
			s.tones = reading(r)
		}
	}
	s.text, s.rest = s.rest[:size], s.rest[size:]
	s.step++
	return true
}

// word returns the syllable without its tone, or the run in lower case.
func (s *speller) word() string {
	if s.tones != "" {
		return s.tones[:len(s.tones)-1]
	}
	if run(s.text) > 0 {
		return lower(s.text)
	}
	return ""
}

// run returns the bytes of the ASCII letters or digits that s begins with; a
// capital after a small letter begins a new run, as in JohnSmith.
func run(s string) int {
	i := 0
	for i < len(s) && class(s[i]) != 0 {
		if i > 0 && class(s[i]) != class(s[i-1]) && !(class(s[i-1]) == 'A' && class(s[i]) == 'a') {
			break
		}
		i++
	}
	return i
}

func class(c byte) byte {
	switch {
	case c >= 'a' && c <= 'z':
		return 'a'
	case c >= 'A' && c <= 'Z':
		return 'A'
	case c >= '0' && c <= '9':
		return '0'
	}
	return 0
}

// lower lowers s, and drops the dots of ü in the way people type it.
func lower(s string) string {
	for i := range len(s) {
		if s[i] >= 0x80 || class(s[i]) == 'A' {
			return mapped(s, lowerRune)
		}
	}
	return s
}

func lowerRune(r rune) rune {
	switch r {
	case 'ü', 'Ü', 'ǖ', 'ǘ', 'ǚ', 'ǜ', 'Ǖ', 'Ǘ', 'Ǚ', 'Ǜ':
		return 'v'
	}
	return unicode.ToLower(r)
}

func sortKey(name string, person bool) string {
	var buf [96]byte
	b := buf[:0]
	for s := newSpeller(name, person); s.next(); {
		for i := range len(s.tones) {
			if s.tones[i] == 'v' {
				b = append(b, 'u', ':') // between lu4 and luan2
			} else {
				b = append(b, s.tones[i])
			}
		}
		if s.text != dot && s.text != " " {
			b = append(b, lower(s.text)...)
		}
	}
	return string(b)
}

func letters(name string, person bool) string {
	var buf [96]byte
	b := buf[:0]
	for s := newSpeller(name, person); s.next(); {
		b = append(b, s.word()...)
	}
	return string(b)
}

func initials(name string, person bool) string {
	var buf [32]byte
	b := buf[:0]
	for s := newSpeller(name, person); s.next(); {
		if word := s.word(); word != "" && class(word[0]) == '0' {
			b = append(b, word...)
		} else if word != "" {
			b = append(b, word[0])
		}
	}
	return string(b)
}
