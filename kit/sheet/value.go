package sheet

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"time"

	"unionhall/kit/day"
)

// shape is how a style shows a number.
type shape byte

const (
	asNumber shape = iota
	asDate         // with a day, perhaps with a time
	asMonth        // year and month only
)

// builtinShape knows the date formats that have numbers instead of codes,
// those of the Chinese programs (27-36, 50-58) among them.
func builtinShape(id int) shape {
	switch {
	case id == 17, id == 27, id == 36, id == 50, id == 52, id == 57:
		return asMonth
	case id >= 14 && id <= 22, id >= 28 && id <= 35, id >= 45 && id <= 47, id >= 51 && id <= 58:
		return asDate
	}
	return asNumber
}

// codeShape reads a format code such as yyyy"年"m"月" or 0.00_);[Red].
func codeShape(code string) shape {
	code = strings.ToLower(code)
	year, month, other := false, false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case '"':
			if n := strings.IndexByte(code[i+1:], '"'); n >= 0 {
				i += n + 1
			}
		case '[':
			n := strings.IndexByte(code[i:], ']')
			if n < 0 {
				continue
			}
			in := code[i+1 : i+n]
			other = other || in != "" && strings.Trim(in, "hms") == ""
			i += n
		case '\\', '_', '*':
			i++
		case 'y', 'e':
			year = year || c == 'y'
		case 'm':
			month = true
		case 'd', 'h', 's':
			other = true
		case ';':
			i = len(code) // what follows is for negative numbers
		}
	}
	switch {
	case year && !other:
		return asMonth
	case month || other:
		return asDate
	}
	return asNumber
}

// maxSerial is 9999-12-31, the last day a spreadsheet knows.
const maxSerial = 2_958_465

// serialText writes a serial number as an ISO date, with a time when it has
// one, or as a time when it is less than a day.
func serialText(serial float64, as shape, from1904 bool) (string, bool) {
	if !(serial >= 0 && serial < maxSerial+1) {
		return "", false
	}
	days, part := math.Modf(serial)
	secs := math.Round(part * 86400)
	base := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case from1904:
		base = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case days < 60: // the format counts a 29 February 1900
		base = base.AddDate(0, 0, 1)
	}
	at := base.AddDate(0, 0, int(days)).Add(time.Duration(secs) * time.Second)
	switch {
	case days == 0 && !from1904 && secs == 0:
		return "", false
	case days == 0 && secs > 0:
		return at.Format(time.TimeOnly), true
	case as == asMonth:
		return at.Format("2006-01"), true
	case secs == 0:
		return at.Format(time.DateOnly), true
	}
	return at.Format(time.DateTime), true
}

// Serial reads the text of a cell that holds a date's serial number without
// a date's style: "34467" is 1994-05-13. It is for a column that is known to
// hold dates; elsewhere a number is a number.
//
// law: IMP-03
func (b *Book) Serial(text string) (day.Day, bool) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxSerial {
		return "", false
	}
	iso, ok := serialText(float64(n), asDate, b.from1904())
	return day.Day(iso), ok
}

// plain writes the number of a cell without an exponent and without the dust
// of binary fractions: 9.95005198111220E+17 is 995005198111220000.
func plain(dst, raw []byte) []byte {
	whole := len(raw) > 0
	for i, c := range raw {
		whole = whole && (c >= '0' && c <= '9' || i == 0 && c == '-')
	}
	if whole {
		return append(dst, raw...)
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) || math.Abs(f) >= 1e30 || f != 0 && math.Abs(f) < 1e-15 {
		return append(dst, raw...)
	}
	f, _ = strconv.ParseFloat(strconv.FormatFloat(f, 'g', 15, 64), 64)
	return strconv.AppendFloat(dst, f, 'f', -1, 64)
}

// shortened tells a text that a program has already cut to 2.10602E+17: the
// digits it hides are lost.
//
// law: IMP-02
func shortened(text []byte) bool {
	e := bytes.IndexAny(text, "Ee")
	if e < 1 || e+2 >= len(text) || text[e+1] != '+' || len(text) > 30 {
		return false
	}
	for i, c := range text {
		if i == e || i == e+1 || c == '.' && i == 1 {
			continue
		}
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// column reads the letters of a cell's name: "C7" is column 2. -1 is none.
func column(ref []byte) int {
	n := 0
	for _, c := range ref {
		if c < 'A' || c > 'Z' || n > 1<<20 {
			break
		}
		n = n*26 + int(c-'A') + 1
	}
	return n - 1
}

// columnName is the other way: 2 is "C".
func columnName(n int) string {
	name := ""
	for n++; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name
}
