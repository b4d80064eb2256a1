package sheet

import (
	"bytes"
	"strings"
)

// with returns the tag at hand with one attribute set to value, or without it
// when value is empty. All else stays as it was written.
func (s *scanner) with(name, value string) []byte {
	from, to := s.find(name)
	switch {
	case from >= 0 && value != "":
		return splice(s.raw, s.at+from, s.at+to, value)
	case from >= 0:
		start := bytes.LastIndexAny(s.attrs[:from], " \t\r\n")
		return splice(s.raw, s.at+max(start, 0), s.at+to+1, "")
	case value != "":
		return splice(s.raw, s.at, s.at, " "+name+`="`+value+`"`)
	}
	return s.raw
}

// retag is with for a tag that is no longer at hand.
func retag(tag []byte, name, value string) []byte {
	s := scanner{buf: tag, w: len(tag)}
	if _, err := s.readTag(); err != nil {
		return tag
	}
	return s.with(name, value)
}

func splice(b []byte, from, to int, in string) []byte {
	out := make([]byte, 0, len(b)+len(in))
	out = append(out, b[:from]...)
	out = append(out, in...)
	return append(out, b[to:]...)
}

// prefix returns the namespace prefix of the tag at hand, with its colon.
func (s *scanner) prefix() string {
	return string(bytes.TrimLeft(s.raw[:s.at-len(s.name)], "</"))
}

// escape writes a text as XML; what looks like a spreadsheet's own escape is
// escaped, what XML cannot hold is left out.
func escape(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, s)
	return markup.Replace(s)
}

var markup = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#13;", "_x", "_x005F_x")
