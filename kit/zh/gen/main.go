// Command gen writes the table of readings that package zh embeds. go-pinyin
// holds them in a map that would cost every start of the program 2.5 ms and
// 2 MB; the table costs nothing until it is read.
//
//	go generate ./kit/zh
package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/mozillazg/go-pinyin"
	"golang.org/x/text/unicode/norm"
)

// inNames is the reading that names and the names of units use, where the
// dictionary gives another one first.
var inNames = map[rune]string{
	'长': "chang2", '都': "du1", '得': "de2", '佛': "fo2", '什': "shi2",
	'晟': "sheng4", '珩': "heng2", '焘': "tao1", '燾': "tao1", '靓': "liang4",
	'湫': "qiu1", '伽': "jia1", '阚': "kan4", '闞': "kan4", '莞': "wan3",
	'肖': "xiao1", '骠': "piao4", '泺': "luo4", '娜': "na4", '那': "na4",
}

// The files, as zh reads them.
type table struct {
	syllables string // with tones, in order: "a1 a2 … zuo4"
	common    []byte // U+4E00 to U+9FFF: 1 + the syllable's place, 2 bytes each
	rare      []byte // the others: 3 bytes of rune, 2 of the syllable's place
}

func main() {
	t := build()
	for name, b := range map[string][]byte{"syllables.txt": []byte(t.syllables), "common.bin": t.common, "rare.bin": t.rare} {
		if err := os.WriteFile("table/"+name, b, 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func build() table {
	read := readings()
	var syllables []string
	for _, s := range read {
		syllables = append(syllables, s)
	}
	slices.Sort(syllables)
	syllables = slices.Compact(syllables)
	t := table{syllables: strings.Join(syllables, " "), common: make([]byte, 2*(0xa000-0x4e00))}
	var runes []rune
	for r := range read {
		runes = append(runes, r)
	}
	slices.Sort(runes)
	for _, r := range runes {
		i, _ := slices.BinarySearch(syllables, read[r])
		if r >= 0x4e00 && r < 0xa000 {
			binary.BigEndian.PutUint16(t.common[2*(r-0x4e00):], uint16(i+1))
			continue
		}
		t.rare = append(t.rare, byte(r>>16), byte(r>>8), byte(r), byte(i>>8), byte(i))
	}
	return t
}

// readings returns the one reading of each character: "li3".
func readings() map[rune]string {
	read := map[rune]string{}
	for r, all := range pinyin.PinyinDict {
		first, _, _ := strings.Cut(all, ",")
		if s, ok := numbered(first); ok {
			read[rune(r)] = s
		}
	}
	for r, s := range inNames {
		read[r] = s
	}
	for _, block := range [][2]rune{{0xf900, 0xfaff}, {0x2f800, 0x2fa1f}} { // compatibility ideographs
		for r := block[0]; r <= block[1]; r++ {
			unified := []rune(norm.NFC.String(string(r)))[0]
			if s := read[unified]; s != "" && read[r] == "" {
				read[r] = s
			}
		}
	}
	return read
}

// numbered turns lǐ into li3, lǘ into lv2 and de into de5. Grunts without a
// vowel (嗯) are not ok.
func numbered(s string) (string, bool) {
	tone, vowel := "5", false
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		switch r {
		case '\u0304':
			tone = "1"
		case '\u0301':
			tone = "2"
		case '\u030c':
			tone = "3"
		case '\u0300':
			tone = "4"
		case '\u0308': // the u before it is ü
			u := strings.TrimSuffix(b.String(), "u")
			b.Reset()
			b.WriteString(u + "v")
		default:
			if r < 'a' || r > 'z' {
				return "", false
			}
			vowel = vowel || strings.ContainsRune("aeiou", r)
			b.WriteRune(r)
		}
	}
	return b.String() + tone, vowel
}
