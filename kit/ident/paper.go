package ident

import (
	"strings"
	"unicode/utf8"

	"unionhall/kit/day"
	"unionhall/kit/zh"
)

// Paper is a kind of paper (有效证件类别) by which a person is known.
type Paper int

const (
	Card      Paper = iota // 居民身份证
	Passport               // 护照
	Officer                // 军官证, with its siblings of soldiers and police
	HongKong               // 港澳居民来往内地通行证, or 居住证
	Taiwan                 // 台湾居民来往大陆通行证, or 居住证
	Permanent              // 外国人永久居留身份证
)

// ReadPaper reads the number of a paper and returns it as it is stored. Only
// what is made like an ID number is checked strictly; the others have no
// published check and are judged by their looks.
func ReadPaper(kind Paper, text string, today day.Day) (string, Flaw) {
	s := normal(text)
	if s == "" {
		return "", Missing
	}
	if kind == Card || kind >= HongKong && len(s) == 18 {
		id, flaw := ReadID(s, today)
		if flaw == "" && !issued(kind, string(id[:2])) {
			return "", Format
		}
		return string(id), flaw
	}
	switch kind {
	case Passport:
		return loose(s, 5, 17, strings.Trim(s, alnum) == "" && strings.ContainsAny(s, digit))
	case Officer: // 南字第01234567号, or its digits alone
		return loose(s, 4, 20, officer(s))
	case HongKong: // H or M, eight digits, and two more of older ones
		if len(s) != 9 && len(s) != 11 {
			return "", Length
		}
		return loose(s, 9, 11, (s[0] == 'H' || s[0] == 'M') && digits(s[1:]))
	case Taiwan: // eight digits; older ones have ten and a letter
		return loose(s, 8, 14, digits(s[:min(8, len(s))]) && strings.Trim(s[min(8, len(s)):], alnum+"()") == "")
	case Permanent: // before 2023: three letters of the country, twelve digits
		return loose(s, 15, 15, strings.Trim(s[:min(3, len(s))], "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" && digits(s[min(3, len(s)):]))
	}
	return "", Format
}

const (
	digit = "0123456789"
	alnum = digit + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// issued reports whether a number that begins so belongs to the kind.
func issued(kind Paper, province string) bool {
	switch kind {
	case HongKong:
		return province == "81" || province == "82"
	case Taiwan:
		return province == "83"
	case Permanent:
		return province[0] == '9'
	}
	return province[0] != '8' // a region that no place has is for the caller to warn of
}

func loose(s string, least, most int, fits bool) (string, Flaw) {
	switch n := utf8.RuneCountInString(s); {
	case n < least || n > most:
		return "", Length
	case !fits:
		return "", Format
	}
	return s, ""
}

// officer wants four digits or more, and else only Chinese characters,
// letters, brackets and dashes.
func officer(s string) bool {
	n := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			n++
		case !zh.Han(r) && !strings.ContainsRune(alnum+"()〔〕[]-", r):
			return false
		}
	}
	return n >= 4
}
