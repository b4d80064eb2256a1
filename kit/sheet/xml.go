package sheet

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// errBroken says that a part of the workbook is no XML that a spreadsheet
// program writes; Book turns it into a sentence for the person.
var errBroken = errors.New("broken part")

type token byte

const (
	tokOpen token = iota + 1 // <name attrs>, also <name attrs/>: see empty
	tokClose
	tokText
	tokOther // a comment or an instruction
)

// scanner walks the tags of one XML part in a buffer of fixed size. It knows
// what the parts of a workbook use: no DOCTYPE, no entities of one's own.
// encoding/xml does the same with thirty times the work.
type scanner struct {
	src  io.Reader
	buf  []byte
	r, w int
	end  error // what ended src

	name  []byte // of the tag, without prefix; valid until the next call
	attrs []byte
	empty bool   // the tag was <name/>; no tokClose follows
	text  []byte // entities stand as written
	raw   []byte // the whole token as it stands
	at    int    // where in raw attrs begin
}

func newScanner(src io.Reader) *scanner {
	s := &scanner{src: src, buf: make([]byte, 64<<10)}
	s.fill()
	head := s.buf[:s.w]
	if bytes.HasPrefix(head, []byte{0xFF, 0xFE}) || bytes.HasPrefix(head, []byte{0xFE, 0xFF}) {
		whole := io.MultiReader(bytes.NewReader(bytes.Clone(head)), src)
		s.src = transform.NewReader(whole, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder())
		s.r, s.w, s.end = 0, 0, nil
	}
	if bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")) {
		s.r = 3
	}
	return s
}

// fill makes room and reads on; false when there is neither more nor room.
func (s *scanner) fill() bool {
	if s.r > 0 {
		s.w = copy(s.buf, s.buf[s.r:s.w])
		s.r = 0
	}
	for empty := 0; s.end == nil && s.w < len(s.buf); empty++ {
		n, err := s.src.Read(s.buf[s.w:])
		s.w, s.end = s.w+n, err
		if n > 0 {
			return true
		}
		if empty == 100 {
			s.end = io.ErrNoProgress
		}
	}
	return false
}

// next returns the next token that says something. The end is io.EOF.
func (s *scanner) next() (token, error) {
	for {
		if t, err := s.any(); t != tokOther || err != nil {
			return t, err
		}
	}
}

// any returns the next token of whatever kind.
func (s *scanner) any() (token, error) {
	if s.r == s.w && !s.fill() {
		return 0, s.end
	}
	if s.buf[s.r] != '<' {
		err := s.readText()
		s.raw = s.text
		return tokText, err
	}
	return s.readTag()
}

// readText takes all up to the next tag, or a bufferful of it.
func (s *scanner) readText() error {
	from := 0
	for {
		if i := bytes.IndexByte(s.buf[s.r+from:s.w], '<'); i >= 0 {
			s.text = s.buf[s.r : s.r+from+i]
			s.r += from + i
			return nil
		}
		from = s.w - s.r
		if !s.fill() {
			if s.end != nil && s.end != io.EOF {
				return s.end
			}
			s.text = s.buf[s.r:s.w]
			s.r = s.w
			return nil
		}
	}
}

// readTag takes one tag. The text of a CDATA section is tokText.
func (s *scanner) readTag() (token, error) {
	from, quote := 1, byte(0)
	for {
		for i := s.r + from; i < s.w; i++ {
			switch c := s.buf[i]; {
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case c == '"' || c == '\'':
				quote = c
			case c == '>':
				return s.takeTag(i)
			case c == '!' && i == s.r+1:
				return s.readBang()
			}
		}
		from = s.w - s.r
		if !s.fill() {
			return 0, s.short()
		}
	}
}

// short is what is wrong when a tag does not end.
func (s *scanner) short() error {
	if s.end != nil && s.end != io.EOF {
		return s.end
	}
	return errBroken
}

func (s *scanner) takeTag(end int) (token, error) {
	tag := s.buf[s.r+1 : end]
	s.raw = s.buf[s.r : end+1]
	s.r = end + 1
	if len(tag) == 0 {
		return 0, errBroken
	}
	if tag[0] == '?' {
		return tokOther, nil
	}
	kind := tokOpen
	if tag[0] == '/' {
		kind, tag = tokClose, tag[1:]
	}
	s.empty = len(tag) > 0 && tag[len(tag)-1] == '/'
	if s.empty {
		tag = tag[:len(tag)-1]
	}
	n := 0
	for n < len(tag) && tag[n] > ' ' {
		if tag[n] == ':' {
			tag, n = tag[n+1:], -1
		}
		n++
	}
	s.name, s.attrs = tag[:n], tag[n:]
	s.at = len(s.raw) - 1 - len(s.attrs)
	if s.empty {
		s.at--
	}
	return kind, nil
}

func (s *scanner) readBang() (token, error) {
	for s.w-s.r < len("<![CDATA[") && s.fill() {
	}
	rest := s.buf[s.r:s.w]
	switch {
	case bytes.HasPrefix(rest, []byte("<!--")):
		_, err := s.until(4, "-->")
		return tokOther, err
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		raw, err := s.until(9, "]]>")
		s.text = bytes.ReplaceAll(raw, []byte("&"), []byte("&amp;"))
		return tokText, err
	}
	return 0, errBroken // DOCTYPE and its kin have no business here
}

// until returns what stands between skip bytes from here and mark.
func (s *scanner) until(skip int, mark string) ([]byte, error) {
	for {
		if i := bytes.Index(s.buf[min(s.r+skip, s.w):s.w], []byte(mark)); i >= 0 {
			raw := s.buf[s.r+skip : s.r+skip+i]
			s.raw = s.buf[s.r : s.r+skip+i+len(mark)]
			s.r += skip + i + len(mark)
			return raw, nil
		}
		if !s.fill() {
			return nil, s.short()
		}
	}
}

// attr returns the raw value of the named attribute, prefix aside.
func (s *scanner) attr(name string) []byte {
	if from, to := s.find(name); from >= 0 {
		return s.attrs[from:to]
	}
	return nil
}

// find returns where in attrs the value of the named attribute stands, or -1.
func (s *scanner) find(name string) (from, to int) {
	for at := 0; ; {
		a := s.attrs[at:]
		eq := bytes.IndexByte(a, '=')
		if eq < 0 {
			return -1, -1
		}
		key := bytes.TrimSpace(a[:eq])
		rest := bytes.TrimLeft(a[eq+1:], " \t\r\n")
		if len(rest) < 2 {
			return -1, -1
		}
		n := bytes.IndexByte(rest[1:], rest[0])
		if n < 0 {
			return -1, -1
		}
		from = len(s.attrs) - len(rest) + 1
		if string(key) == name || len(key) > len(name) && key[len(key)-len(name)-1] == ':' && bytes.HasSuffix(key, []byte(name)) {
			return from, from + n
		}
		at = from + n + 1
	}
}

// attrText returns an attribute as text, its entities resolved.
func (s *scanner) attrText(name string) string {
	return string(unescape(bytes.Clone(s.attr(name))))
}

// attrTrue reads a flag: hidden="1" and hidden="true" are the same.
func (s *scanner) attrTrue(name string) bool {
	v := s.attr(name)
	return len(v) > 0 && (v[0] == '1' || v[0] == 't')
}

// unescape resolves XML entities in place; the text only ever grows shorter.
func unescape(b []byte) []byte {
	i := bytes.IndexByte(b, '&')
	if i < 0 {
		return b
	}
	out := b[:i]
	for i < len(b) {
		if b[i] != '&' {
			out = append(out, b[i])
			i++
			continue
		}
		end := bytes.IndexByte(b[i:min(i+12, len(b))], ';')
		if end < 0 {
			out = append(out, b[i])
			i++
			continue
		}
		if r, ok := entity(b[i+1 : i+end]); ok {
			out = utf8.AppendRune(out, r)
		} else {
			out = append(out, b[i:i+end+1]...)
		}
		i += end + 1
	}
	return out
}

func entity(name []byte) (rune, bool) {
	switch string(name) {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	if name[1] == 'x' || name[1] == 'X' {
		return number(name[2:], 16)
	}
	return number(name[1:], 10)
}

func number(digits []byte, base rune) (rune, bool) {
	n := rune(0)
	for _, c := range digits {
		d := rune(99)
		switch {
		case c >= '0' && c <= '9':
			d = rune(c - '0')
		case c >= 'a' && c <= 'f':
			d = rune(c-'a') + 10
		case c >= 'A' && c <= 'F':
			d = rune(c-'A') + 10
		}
		if d >= base || n > unicodeMax {
			return 0, false
		}
		n = n*base + d
	}
	return n, len(digits) > 0 && n <= unicodeMax && !utf16.IsSurrogate(n)
}

const unicodeMax = 0x10FFFF

// unquote resolves the spreadsheet's own escapes in place: _x000D_ stands for
// a carriage return, _x005F_ for an underscore.
func unquote(b []byte) []byte {
	i := bytes.Index(b, []byte("_x"))
	if i < 0 {
		return b
	}
	out := b[:i]
	for i < len(b) {
		if i+7 <= len(b) && b[i] == '_' && b[i+1] == 'x' && b[i+6] == '_' {
			if r, ok := number(b[i+2:i+6], 16); ok {
				out = utf8.AppendRune(out, r)
				i += 7
				continue
			}
		}
		out = append(out, b[i])
		i++
	}
	return out
}
