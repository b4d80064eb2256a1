package desk

import (
	"strconv"
	"strings"

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
