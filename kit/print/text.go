package print

import (
	"strings"
	"unicode"
)

// geta (〓) stands for a character that the font has not, as in printing.
const geta = '〓'

// known returns how wide r is at one point, drawing geta for what the font
// has not.
func (d *Doc) known(r rune) (rune, float64) {
	if w, ok := d.widths[r]; ok {
		if w < 0 {
			return geta, d.widths[geta]
		}
		return r, w
	}
	has, err := d.gp.IsCurrFontContainGlyph(r)
	d.note(err)
	if !has {
		d.missing = true
		d.widths[r] = -1
		if r == geta {
			return r, 0
		}
		_, w := d.known(geta)
		return geta, w
	}
	w, err := d.gp.MeasureTextWidth(string(r))
	d.note(err)
	d.widths[r] = w / d.size
	return r, d.widths[r]
}

func (d *Doc) measure(text string, size float64) (w float64) {
	for _, r := range text {
		_, n := d.known(r)
		w += n
	}
	return w * size
}

// fit shortens text to one line of the width.
func (d *Doc) fit(text string, width, size float64) string {
	text = d.clean(text)
	if d.measure(text, size) <= width {
		return text
	}
	rs := []rune(text)
	for len(rs) > 0 && d.measure(string(rs)+"…", size) > width {
		rs = rs[:len(rs)-1]
	}
	return string(rs) + "…"
}

// clean leaves what can be drawn: no controls, no invisible marks, geta for
// what the font has not.
func (d *Doc) clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			r = ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r):
			return -1
		}
		r, _ = d.known(r)
		return r
	}, strings.ToValidUTF8(text, string(geta)))
}

// 禁则: what may not begin a line, and what may not end one.
const (
	notFirst = "，。、；：？！）》〉」』】〕〗”’…—·～％‰℃°々,.;:?!)]}%>"
	notLast  = "（《〈「『【〔〖“‘￥¥$([{<№"
)

// wrap breaks text into lines of at most the width, as Chinese is set: between
// any two characters but within numbers and foreign words, and not before
// closing or after opening punctuation. What fits nowhere is cut.
func (d *Doc) wrap(text string, width, size float64) (lines []string) {
	for para := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		rs := []rune(d.clean(para))
		for {
			n := d.fits(rs, width, size)
			lines = append(lines, strings.TrimRight(string(rs[:n]), " "))
			rs = rs[n:]
			for len(rs) > 0 && rs[0] == ' ' {
				rs = rs[1:]
			}
			if len(rs) == 0 {
				break
			}
		}
	}
	return lines
}

// fits is how many of rs go on one line: at least one, unless there is none.
func (d *Doc) fits(rs []rune, width, size float64) int {
	var w float64
	for i, r := range rs {
		_, n := d.known(r)
		if w += n * size; w <= width+0.01 || i == 0 || r == ' ' {
			continue
		}
		for at := i; at > 0; at-- {
			if mayBreak(rs[at-1], rs[at]) {
				return at
			}
		}
		return i
	}
	return len(rs)
}

func mayBreak(before, after rune) bool {
	switch {
	case strings.ContainsRune(notFirst, after) || strings.ContainsRune(notLast, before):
		return false
	case before == ' ' || after == ' ':
		return true
	}
	return !wordy(before) || !wordy(after)
}

// wordy characters stay together: foreign words, numbers, amounts, addresses.
func wordy(r rune) bool {
	if r < 0x80 {
		return r > ' '
	}
	return unicode.IsLetter(r) && !unicode.Is(unicode.Han, r) && !unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo)
}
