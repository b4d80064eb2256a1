// Package zh handles Chinese names: how they are cleaned and checked, how they
// read, sort and are searched for, and how the names of units resemble one
// another.
package zh

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// dot is the one middle dot (间隔号) that we keep of the many in use.
const dot = "·"

// Narrow turns full-width letters, digits and signs (Ａ１（) into half-width
// ones and trims blanks, invisible ones too.
//
// law: IMP-02
func Narrow(text string) string {
	return strings.TrimFunc(mapped(text, narrow), func(r rune) bool { return r == ' ' || void(r) })
}

// Squeeze is Narrow without any blank inside: for numbers and codes.
func Squeeze(text string) string { return mapped(text, squeeze) }

// Clean brings a name to the form it is stored in: no blanks, inside neither
// (李　明), one kind of middle dot, half-width letters.
func Clean(name string) string { return mapped(name, clean) }

// mapped is strings.Map that leaves plain text alone, without a copy.
func mapped(s string, f func(rune) rune) string {
	for _, r := range s {
		if f(r) != r {
			return strings.Map(f, s)
		}
	}
	return s
}

func narrow(r rune) rune {
	switch {
	case r >= '！' && r <= '～':
		return r - '！' + '!'
	case r == '　' || r == '\u00a0':
		return ' '
	}
	return r
}

func squeeze(r rune) rune {
	if void(r) {
		return -1
	}
	return narrow(r)
}

func clean(r rune) rune {
	switch r {
	case '•', '・', '‧', '･', '∙', '⋅', '●', '\u0387':
		return '·'
	}
	return squeeze(r)
}

// void reports what has no ink: blanks, control characters, marks of width
// zero, and the selectors of glyph variants.
func void(r rune) bool {
	switch {
	case r > ' ' && r < 0x7f:
		return false
	case r <= ' ' || r >= 0x7f && r <= 0xa0 || r == 0xad || r == '　' || r == 0xfeff:
		return true
	case r >= 0x2000 && r <= 0x200f || r >= 0x2028 && r <= 0x202f || r >= 0x205f && r <= 0x206f:
		return true
	}
	return r >= 0xfe00 && r <= 0xfe0f || r >= 0xe0100 && r <= 0xe01ef
}

// Han reports whether r is a Chinese character of any plane, 〇 and the
// compatibility ideographs included.
func Han(r rune) bool {
	switch {
	case r >= 0x4e00 && r <= 0x9fff, r >= 0x3400 && r <= 0x4dbf, r == '〇':
		return true
	case r >= 0xf900 && r <= 0xfaff:
		return true
	}
	return r >= 0x20000 && r <= 0x3fffd
}

// ValidName reports whether a cleaned name can be a person's.
func ValidName(name string) bool { return NameFlaw(name) == "" }

// NameFlaw says what is wrong with a cleaned name and how to mend it; nothing
// is the empty text. Names have 2 to 50 characters: Chinese ones, Latin
// letters of foreigners, and middle dots between them.
func NameFlaw(name string) string {
	n := utf8.RuneCountInString(name)
	switch {
	case n == 0:
		return "请填写姓名。"
	case n < 2:
		return "姓名至少两个字，请填写全名。"
	case n > 50:
		return "姓名最多 50 个字，请核对。"
	}
	last := rune('·')
	for _, r := range name {
		switch {
		case r == '·' && last == '·':
			return "间隔号「·」只能写在名字中间，且一次一个，请改正。"
		case unicode.IsDigit(r):
			return "姓名里不能有数字，请改正。"
		case r != '·' && !Han(r) && !unicode.Is(unicode.Latin, r):
			return "姓名里不能有「" + string(r) + "」，只能用汉字、字母和间隔号「·」，请改正。"
		}
		last = r
	}
	if last == '·' {
		return "间隔号「·」只能写在名字中间，且一次一个，请改正。"
	}
	return ""
}
