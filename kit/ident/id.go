// Package ident reads the numbers that people and organisations go by: ID
// cards and other papers, unified social credit codes, phones.
package ident

import (
	"unicode"

	"unionhall/kit/day"
	"unionhall/kit/zh"
)

// Flaw says why a number is refused, as a code for programs; none is "".
type Flaw string

const (
	Missing  Flaw = "missing"  // nothing was written
	Length   Flaw = "length"   // too many or too few characters
	Old15    Flaw = "old15"    // an ID number of the first generation
	Checksum Flaw = "checksum" // a slip of the pen: the check character differs
	Birth    Flaw = "birth"    // no such date, or one to come
	Format   Flaw = "format"   // signs that such a number cannot have
)

// Text tells a person what to do about the flaw of the number called name
// (身份证号码); it is "" of none.
func (f Flaw) Text(name string) string {
	switch f {
	case Missing:
		return "请填写" + name + "。"
	case Length:
		return name + "的位数不对，请对照证件核对。"
	case Old15:
		return name + "是15位的旧号码，请填写18位的新号码。"
	case Checksum:
		return name + "有误，校验位不符，请对照证件逐位核对。"
	case Birth:
		return name + "里的出生日期不存在或晚于今天，请对照证件核对。"
	case Format:
		return name + "里有不该有的字符，请对照证件核对；若来自电子表格，请把该列设为文本后重新填写。"
	}
	return ""
}

// ID is a checked number of a resident's ID card (公民身份号码), 18 characters.
// The permits of residents from Hong Kong, Macao and Taiwan (港澳台居民居住证)
// and the cards of foreign permanent residents since 2023 are made alike.
type ID string

// ReadID reads an ID number (GB 11643-1999), with blanks, full-width digits and
// a small x if need be; today judges births to come. A number that a
// spreadsheet spoilt (2.10602E+17) is of Format, never mended.
//
// law: IMP-02
func ReadID(text string, today day.Day) (ID, Flaw) {
	s := normal(text)
	for i := range len(s) {
		if (s[i] < '0' || s[i] > '9') && (s[i] != 'X' || i != len(s)-1) {
			return "", Format
		}
	}
	switch {
	case s == "":
		return "", Missing
	case len(s) == 15 && s[14] != 'X':
		return "", Old15
	case len(s) != 18:
		return "", Length
	case s[0] == '0':
		return "", Format
	}
	id := ID(s)
	if birth := id.Birth(); birth < "1800" || birth > today {
		return "", Birth
	}
	if idCheck(s[:17]) != s[17] {
		return "", Checksum
	}
	return id, ""
}

// Region returns the code (GB/T 2260) of the county where the number was
// given, as it was then.
func (id ID) Region() string { return string(id[:6]) }

// Birth returns the date of birth; "" of a date that is none.
func (id ID) Birth() day.Day {
	d, err := day.Parse(string(id[6:10]) + "-" + string(id[10:12]) + "-" + string(id[12:14]))
	if err != nil {
		return ""
	}
	return d
}

// Male reports whether the sequence number is odd.
func (id ID) Male() bool { return id[16]%2 == 1 }

// idCheck returns the check character (ISO 7064 MOD 11-2) of 17 digits.
func idCheck(s string) byte {
	const weights = "\x07\x09\x0a\x05\x08\x04\x02\x01\x06\x03\x07\x09\x0a\x05\x08\x04\x02"
	sum := 0
	for i := range len(weights) {
		sum += int(s[i]-'0') * int(weights[i])
	}
	return "10X98765432"[sum%11]
}

// CheckedID puts the check character to 17 digits, for made-up people. It
// panics on anything but 17 digits.
func CheckedID(digits string) string {
	if len(digits) != 17 {
		panic("ident: " + digits + " has not 17 digits")
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			panic("ident: " + digits + " has not 17 digits")
		}
	}
	return digits + string(idCheck(digits))
}

// normal brings a number to half width and capitals, without blanks and
// without the apostrophe by which a spreadsheet marks text.
func normal(text string) string {
	s := zh.Squeeze(text)
	if s != "" && s[0] == '\'' {
		s = s[1:]
	}
	for i := range len(s) {
		if s[i] >= 'a' && s[i] <= 'z' {
			return upper(s)
		}
	}
	return s
}

func upper(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'a' && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// stars hides the runes of s but the first and the last so many.
func stars(s string, first, last int) string {
	runes := []rune(s)
	for i := first; i < len(runes)-last; i++ {
		if !unicode.IsSpace(runes[i]) {
			runes[i] = '*'
		}
	}
	return string(runes)
}

// Mask hides the middle of an ID number, 210602********0012, or of another
// paper's, of which the first and the last two characters stay, of short ones
// the last.
func Mask(number string) string {
	switch n := len([]rune(number)); {
	case n == 18:
		return stars(number, 6, 4)
	case n >= 7:
		return stars(number, 2, 2)
	}
	return stars(number, 0, 1)
}

// MaskPhone hides the middle of a phone number: 138****5678; of another than a
// mobile the last four stay.
func MaskPhone(number string) string {
	switch n := len([]rune(number)); {
	case n == 11:
		return stars(number, 3, 4)
	case n >= 7:
		return stars(number, 0, 4)
	}
	return stars(number, 0, 1)
}

// Phone reads the number of a mobile phone: 11 digits that begin 13 to 19,
// with blanks, dashes, full-width digits or +86 if need be.
func Phone(text string) (string, bool) {
	s := zh.Squeeze(text)
	b := make([]byte, 0, 16)
	for i, r := range s {
		switch {
		case r >= '0' && r <= '9' && len(b) < 16:
			b = append(b, byte(r))
		case r == '-' || r == '–' || r == '—' || r == '−' || r == '+' && i == 0:
		default:
			return "", false
		}
	}
	if len(b) == 15 && string(b[:4]) == "0086" {
		b = b[2:]
	}
	if len(b) == 13 && string(b[:2]) == "86" {
		b = b[2:]
	}
	if len(b) != 11 || b[0] != '1' || b[1] < '3' {
		return "", false
	}
	return string(b), true
}
