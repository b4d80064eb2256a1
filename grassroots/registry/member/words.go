package member

import (
	"strings"
	"unicode/utf8"

	"unionhall/kit/zh"
)

// past sorts after every token that begins with the same text.
const past = "\U0010FFFF"

// way is one way to find members: by the tokens from lo up to hi, or by the
// one token lo where there is no hi. The answers come way by way, each in the
// order of its tokens; who is found by two ways comes by the first.
type way struct{ lo, hi string }

// leading picks the word of a search that leads to members; the others only
// narrow. Numbers say most, then the longest piece of a name. None leads where
// all that was typed is a few digits.
func leading(terms []zh.Term) (best zh.Term, ok bool) {
	weigh := func(t zh.Term) int {
		n := min(len(t.Text), 900)
		switch {
		case t.Kind == zh.InNumbers && n < tail:
			return 0
		case t.Kind == zh.InNumbers:
			return 2000 // the last of several: 210602********0012
		case t.Kind == zh.InName:
			return 1000 + n
		}
		return n
	}
	most := 0
	for _, t := range terms {
		if w := weigh(t); w > 0 && w >= most {
			best, ok, most = t, true, w
		}
	}
	return best, ok
}

// cardDigits is how long the number on a card is.
//
// law: CARD-02
const cardDigits = 18

// ways lists the ways that lead to members by the leading word.
func (s *scope) ways(lead zh.Term) []way {
	switch lead.Kind {
	case zh.InNumbers:
		return []way{{lo: tailToken(s.tx.Keys(), s.tenant, lead.Text[len(lead.Text)-tail:])}}
	case zh.InName:
		probes := zh.Probes(lead.Text)
		return []way{{lo: probes[len(probes)-1]}}
	}
	var out []way
	for _, i := range waysOf(lead.Text) {
		out = append(out, way{marks3[i] + lead.Text, marks3[i] + lead.Text + past})
	}
	return out
}

// marks3 are the marks of the spellings, in their order.
var marks3 = [3]string{spelled, called, shortest}

// waysOf says by which spellings letters are looked for, the likeliest first.
// A single letter is that of the surname.
func waysOf(letters string) []int {
	if len(letters) == 1 {
		return []int{0}
	}
	return []int{2, 0, 1}
}

// wayOf tells by which of the ways of letters a name is found first, and by
// which token.
func wayOf(name, letters string) (int, string) {
	spell := spellings(name)
	for n, i := range waysOf(letters) {
		if strings.HasPrefix(spell[i], letters) {
			return n, marks3[i] + spell[i]
		}
	}
	return -1, ""
}

// foundBy tells by which way and token the leading word finds a name.
func foundBy(name string, lead zh.Term) (int, string) {
	if lead.Kind == zh.InLetters {
		return wayOf(name, lead.Text)
	}
	return 0, ""
}

// named reports whether a name has every word that is searched in names.
func (s *scope) named(name string) bool {
	for _, t := range s.terms {
		switch t.Kind {
		case zh.InName:
			if !strings.Contains(strings.ReplaceAll(name, "·", ""), t.Text) {
				return false
			}
		case zh.InLetters:
			_, first := utf8.DecodeRuneInString(name)
			n, _ := wayOf(name, t.Text)
			beside := len(s.terms) > 1 && strings.HasPrefix(zh.Initials(name[first:]), t.Text) // 王jg
			if n < 0 && !beside {
				return false
			}
		}
	}
	return true
}

// fits reports whether a member has all that is searched for. The leading
// number is the end of one of the member's, others may begin one.
func (s *scope) fits(name, card, id, phone string) bool {
	lead, _ := leading(s.terms)
	for _, t := range s.terms {
		if t.Kind != zh.InNumbers {
			continue
		}
		ends := strings.HasSuffix(id, t.Text) || strings.HasSuffix(phone, t.Text) || card == t.Text
		begins := t != lead && (strings.HasPrefix(id, t.Text) || strings.HasPrefix(phone, t.Text) || strings.HasSuffix(card, t.Text))
		if !ends && !begins {
			return false
		}
	}
	return s.named(name)
}

// numbers reports whether a number is searched for.
func (s *scope) numbers() bool {
	for _, t := range s.terms {
		if t.Kind == zh.InNumbers {
			return true
		}
	}
	return false
}

// hints narrow tokens by the sort key beside them, in which every character
// and its reading stand in order; what passes must still fit. The leading word
// needs none where its token says all.
func (s *scope) hints(lead zh.Term) string {
	var q strings.Builder
	for _, t := range s.terms {
		if t.Kind == zh.InNumbers || t == lead && (t.Kind == zh.InLetters || utf8.RuneCountInString(t.Text) <= 2) {
			continue
		}
		pattern := "%"
		for _, r := range t.Text {
			if r != 'v' { // which the key writes as u:
				pattern += string(r) + "%"
			}
		}
		q.WriteString(` AND k.name_key LIKE ` + s.arg(pattern) + ` ESCAPE '\'`)
	}
	return q.String()
}
