package day

import (
	"strings"
	"unicode"
)

// The years that Read believes; what lies outside is a slip of the hand.
const firstYear, lastYear = 1900, 2099

// Read reads a date as offices write it: 19730225, 1973-02-25, 1973/2/25,
// 1973.02.25, 1973年2月25日, with blanks, full-width digits or a time of day,
// and the serial numbers of Excel. Of year and month alone (1973.02, 1973年2月)
// full is false and d is the first of the month. What the calendar does not
// have is not ok, nor is "1973.1": a spreadsheet that took 1973.10 for a
// number shows it so.
//
// law: IMP-03
func Read(text string) (d Day, full, ok bool) {
	var n [3]int    // year, month, day
	var wide [3]int // how many digits each was written with
	var sep [3]rune // what followed each
	piece := 0
	for _, r := range dateOnly(text) {
		r = plain(r)
		switch {
		case r >= '0' && r <= '9':
			if piece > 2 || wide[piece] == 8 {
				return "", false, false
			}
			n[piece] = n[piece]*10 + int(r-'0')
			wide[piece]++
		case r == ' ': // blanks stand anywhere
		case piece > 2 || wide[piece] == 0 || !strings.ContainsRune("-/.年月日", r):
			return "", false, false
		default:
			sep[piece] = r
			piece++
		}
	}
	if piece < 3 && wide[piece] > 0 {
		piece++
	}
	if !fits(n, wide, sep, piece) {
		return "", false, false
	}
	return build(n, wide, piece)
}

// dateOnly cuts off a time of day: 1973-02-25 00:00:00, 1973-02-25T00:00:00Z.
func dateOnly(text string) string {
	if i := strings.IndexAny(text, ":："); i >= 0 {
		if j := strings.LastIndexAny(text[:i], " T\t　"); j >= 0 {
			return text[:j]
		}
	}
	return text
}

// plain maps what stands for a digit, a separator or a blank to one sign.
func plain(r rune) rune {
	switch {
	case r < 0x80:
		if r == '\t' || r == '\n' || r == '\r' {
			return ' '
		}
		return r
	case r >= '０' && r <= '９':
		return r - '０' + '0'
	case r == '－' || r == '–' || r == '—' || r == '−':
		return '-'
	case r == '／':
		return '/'
	case r == '．' || r == '。':
		return '.'
	case r == '号':
		return '日'
	case unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff':
		return ' '
	}
	return r
}

// fits reports whether the separators belong together: three alike pieces, or
// 年, 月 and 日 in their places.
func fits(n, wide [3]int, sep [3]rune, pieces int) bool {
	if pieces == 0 || pieces > 1 && (wide[0] != 4 || wide[1] > 2 || wide[2] > 2) {
		return false
	}
	if sep[0] == '年' {
		return pieces == 2 && sep[1] == '月' || pieces == 3 && sep[1] == '月' && (sep[2] == '日' || sep[2] == 0)
	}
	switch pieces {
	case 1:
		return sep[0] == 0
	case 2:
		return sep[0] < 0x80 && sep[1] == 0 && (wide[1] == 2 || sep[0] != '.' || n[1] != 1)
	}
	return sep[0] < 0x80 && sep[1] == sep[0] && sep[2] == 0
}

func build(n, wide [3]int, pieces int) (d Day, full, ok bool) {
	y, m, dom := n[0], n[1], n[2]
	switch {
	case pieces == 1 && wide[0] == 8:
		y, m, dom = n[0]/10000, n[0]/100%100, n[0]%100
	case pieces == 1 && wide[0] == 6:
		y, m, dom, pieces = n[0]/100, n[0]%100, 1, 2
	case pieces == 1 && wide[0] == 5:
		return serial(n[0])
	case pieces == 1:
		return "", false, false
	case pieces == 2:
		dom = 1
	}
	if y < firstYear || y > lastYear || !valid(y, m, dom) {
		return "", false, false
	}
	return of(y, m, dom), pieces != 2, true
}

// lastSerial is 31 December 2099. Serials of fewer than five digits, up to
// 17 May 1927, are not read: they could be a year or anything else.
const lastSerial = 73050

// serial reads a day number of Excel's 1900 system, whose day 60 is a
// 29 February 1900 that never was.
func serial(n int) (d Day, full, ok bool) {
	if n < 10000 || n > lastSerial {
		return "", false, false
	}
	return byNumber(n - 25569), true, true
}
