package intake

import (
	"slices"
	"strings"

	"unionhall/kit/ident"
	"unionhall/kit/sheet"
)

// guess maps the headers to fields; what the office chose before goes first.
func guess(h sheet.Head, fields []sheet.Field, known map[string]string) Columns {
	out, taken := make(Columns, len(h.Names)), map[string]bool{}
	for i, n := range headers(h.Names) {
		out[i] = Column{Header: n, Hidden: i < len(h.Hidden) && h.Hidden[i]}
		if f := known[n]; f != "" && f != ignored && !taken[f] {
			out[i].Field, out[i].Sure = f, true
			taken[f] = true
		}
	}
	for _, m := range sheet.Guess(h.Names, fields) {
		if c := &out[m.Column]; c.Field == "" && !taken[m.Key] && known[c.Header] == "" {
			c.Field, c.Sure = m.Key, m.Score >= 80
			taken[m.Key] = true
		}
	}
	return out
}

// headers names the columns so that no two are called alike.
func headers(names []string) []string {
	out, seen := slices.Clone(names), map[string]bool{}
	for i, n := range out {
		if n != "" && seen[n] {
			out[i] = n + "（第 " + itoa(i+1) + " 列）"
		}
		seen[out[i]] = true
	}
	return out
}

// hide masks the numbers among samples, since they are kept with the import.
func hide(field string, samples []string) []string {
	out := slices.Clone(samples)
	for i, s := range out {
		switch {
		case field == "phone":
			out[i] = ident.MaskPhone(s)
		case field == "id_no" || len(s) >= 15 && strings.Trim(s, "0123456789xX") == "":
			out[i] = ident.Mask(s)
		}
		out[i] = clip(out[i], 40)
	}
	return out
}
