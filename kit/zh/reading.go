package zh

import (
	_ "embed"
	"strings"
	"sync"
)

//go:generate go run ./gen

// The table of readings: one for each character, with its tone, ü as v. gen
// says how it is laid out. It is read where it lies; nothing is unpacked.
var (
	//go:embed table/syllables.txt
	syllableText string
	//go:embed table/common.bin
	common string
	//go:embed table/rare.bin
	rare string
)

var syllables = sync.OnceValue(func() []string { return strings.Fields(syllableText) })

// reading returns "li3" for 李, or "" of what has no reading.
func reading(r rune) string {
	if r >= 0x4e00 && r < 0xa000 {
		at := 2 * int(r-0x4e00)
		if n := int(common[at])<<8 | int(common[at+1]); n > 0 {
			return syllables()[n-1]
		}
		return ""
	}
	if r < 0x3007 {
		return ""
	}
	lo, hi := 0, len(rare)/5
	for lo < hi {
		mid := (lo + hi) / 2
		e := rare[5*mid:]
		switch at := rune(e[0])<<16 | rune(e[1])<<8 | rune(e[2]); {
		case at == r:
			return syllables()[int(e[3])<<8|int(e[4])]
		case at < r:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return ""
}
