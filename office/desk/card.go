package desk

import (
	"strconv"
	"strings"

	qrcode "github.com/skip2/go-qrcode"

	"unionhall/kit/ui"
)

// view is the card as the page draws it.
func (c Card) view() ui.Membership {
	m := ui.Membership{Name: c.Name, Union: c.Union, Number: sixes(c.Number), Href: c.Href, Since: c.State}
	if y := c.Joined.Year(); y > 0 && m.Since == "" {
		m.Since = strconv.Itoa(y) + " 年入会"
	}
	return m
}

// sixes sets a member's number in groups of six: 210600 000012 000318.
func sixes(no string) string {
	var parts []string
	for len(no) > 6 {
		parts, no = append(parts, no[:6]), no[6:]
	}
	return strings.Join(append(parts, no), " ")
}

// Code draws the code to be scanned as one path; empty for what does not fit.
func code(text string) (path string, size int) {
	q, err := qrcode.New(text, qrcode.Medium)
	if text == "" || err != nil {
		return "", 0
	}
	q.DisableBorder = true
	rows := q.Bitmap()
	var b strings.Builder
	for y, row := range rows {
		for x := 0; x < len(row); x++ {
			from := x
			for x < len(row) && row[x] {
				x++
			}
			if x > from {
				n := strconv.Itoa(x - from)
				b.WriteString("M" + strconv.Itoa(from) + " " + strconv.Itoa(y) + "h" + n + "v1h-" + n + "z")
			}
		}
	}
	return b.String(), len(rows)
}
