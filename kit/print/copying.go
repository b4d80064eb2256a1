package print

import (
	"bytes"
	"fmt"
	"regexp"
	"sync"
	"unicode/utf16"
)

// The library writes the table by which text is copied and searched with
// characters beyond U+FFFF as five digits, which no reader takes, in one block
// longer than the standard allows. mendCopying writes that table anew, as
// UTF-16 in blocks of a hundred; the shorter form (bfchar) makes it fit into
// the same bytes, so that nothing else in the file moves.
func mendCopying(pdf []byte) {
	at := mapping().FindSubmatchIndex(pdf)
	if at == nil {
		return
	}
	old := pdf[at[0]:at[1]]
	var b bytes.Buffer
	b.WriteString("<0000><FFFF>\nendcodespacerange\n")
	lines := bytes.Fields(pdf[at[2]:at[3]])
	for len(lines) > 0 {
		n := min(100, len(lines))
		fmt.Fprintf(&b, "%d beginbfchar\n", n)
		for _, l := range lines[:n] {
			var glyph, last, r uint32
			if _, err := fmt.Sscanf(string(l), "<%X><%X><%X>", &glyph, &last, &r); err != nil {
				return // another version of the library: leave its table alone
			}
			fmt.Fprintf(&b, "<%04X><", glyph)
			for _, u := range utf16.Encode([]rune{rune(r)}) {
				fmt.Fprintf(&b, "%04X", u)
			}
			b.WriteString(">\n")
		}
		b.WriteString("endbfchar\n")
		lines = lines[n:]
	}
	if b.Len() > len(old) {
		return
	}
	copy(old, append(b.Bytes(), bytes.Repeat([]byte{' '}, len(old)-b.Len())...))
}

var mapping = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`<[0-9A-F]{4}><[0-9A-F]{4}>\nendcodespacerange\n[0-9]+ beginbfrange\n((?:<[0-9A-F]{4}><[0-9A-F]{4}><[0-9A-F]{4,6}>\n)+)endbfrange\n`)
})
