package sheet

import (
	"bytes"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// textFile is a CSV: how its characters are written and what parts its cells.
type textFile struct {
	name    string
	src     io.ReaderAt
	size    int64
	skip    int64             // of a byte order mark
	charset encoding.Encoding // nil is UTF-8
	comma   byte
	lines   int
}

// openText finds out the encoding by what is valid in the whole file, and the
// separator by what the first lines agree on.
func openText(src io.ReaderAt, size int64, name string) (*textFile, error) {
	f := &textFile{name: name, src: src, size: size}
	if err := f.findCharset(); err != nil {
		return nil, err
	}
	return f, f.findComma()
}

func (f *textFile) findCharset() error {
	head := make([]byte, 4)
	n, err := f.src.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return err
	}
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")):
		f.skip = 3
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}):
		f.skip, f.charset = 2, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		f.skip, f.charset = 2, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	s, err := survey(f.text())
	if err != nil {
		return err
	}
	f.lines = s.lines
	if s.binary {
		return refuse(f.name, "不是电子表格，也不是文字表格。请选择 .xlsx 或 .csv 文件")
	}
	if s.valid && !s.short {
		return nil
	}
	if f.skip > 0 {
		return f.unreadable()
	}
	chinese, err := f.looksChinese()
	switch {
	case err != nil:
		return err
	case chinese:
		f.charset = simplifiedchinese.GB18030
	case !s.valid:
		return f.unreadable()
	}
	return nil
}

// looksChinese reports whether every byte beyond ASCII belongs to a GB18030
// sequence of two or four.
func (f *textFile) looksChinese() (bool, error) {
	var m modern
	_, err := io.Copy(io.Discard, transform.NewReader(io.NewSectionReader(f.src, 0, f.size), &m))
	return !m.bad, err
}

func (f *textFile) unreadable() error {
	return refuse(f.name, "的文字编码认不出来，会出现乱码。请用 Excel 或 WPS 打开后另存为 .xlsx，再重新上传")
}

// text reads the whole file as UTF-8.
func (f *textFile) text() io.Reader {
	raw := io.NewSectionReader(f.src, f.skip, f.size-f.skip)
	switch f.charset {
	case nil:
		return raw
	case simplifiedchinese.GB18030:
		return transform.NewReader(raw, transform.Chain(&modern{}, f.charset.NewDecoder()))
	}
	return transform.NewReader(raw, f.charset.NewDecoder())
}

// found is what a survey of a text tells.
type found struct {
	lines  int
	valid  bool // UTF-8 without a replacement character
	short  bool // every character beyond ASCII takes two bytes: 联通 in GBK looks so
	binary bool // holds bytes that no text holds
}

func survey(src io.Reader) (found, error) {
	s := found{valid: true}
	long, wide := false, false
	buf := make([]byte, 64<<10)
	for keep := 0; ; {
		n, err := src.Read(buf[keep:])
		piece := buf[:keep+n]
		for len(piece) > 0 {
			c := piece[0]
			if c < utf8.RuneSelf {
				s.binary = s.binary || c < ' ' && (c < '\t' || c > '\r') && c != 0x1A
				if c == '\n' {
					s.lines++
				}
				piece = piece[1:]
				continue
			}
			if err == nil && !utf8.FullRune(piece) {
				break
			}
			r, n := utf8.DecodeRune(piece)
			s.valid = s.valid && (r != utf8.RuneError || n > 1)
			wide, long = true, long || n > 2
			piece = piece[n:]
		}
		keep = copy(buf, piece)
		if err != nil {
			s.short = wide && !long
			if err == io.EOF {
				err = nil
			}
			return s, err
		}
	}
}

// modern rewrites the few two-byte codes that the decoder's table leaves
// empty and that GB18030-2005 and -2022 gave to characters, among them some
// of rare names, as the four-byte codes of the same characters.
type modern struct {
	bad bool // some bytes were no GB18030 at all
}

func (m *modern) Reset() { m.bad = false }

func (m *modern) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		in, n := src[nSrc:], 1
		if c := in[0]; c > 0x80 {
			n = sequence(in)
			if n > len(in) && !atEOF {
				return nDst, nSrc, transform.ErrShortSrc
			}
			if n == 0 || n > len(in) {
				m.bad, n = true, 1
			}
		}
		out := in[:n]
		if n == 2 && (in[0] == 0xA6 || in[0] == 0xA8 || in[0] == 0xFE) {
			if four, ok := later[[2]byte(out)]; ok {
				out = []byte(four)
			}
		}
		if nDst+len(out) > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += copy(dst[nDst:], out)
		nSrc += n
	}
	return nDst, nSrc, nil
}

// sequence returns how many bytes the character at the start of b takes, as
// far as b shows; 0 is none.
func sequence(b []byte) int {
	switch {
	case b[0] == 0xFF:
		return 0
	case len(b) < 2:
		return 2
	case b[1] >= 0x40 && b[1] != 0x7F && b[1] != 0xFF:
		return 2
	case b[1] < '0' || b[1] > '9':
		return 0
	case len(b) > 2 && (b[2] < 0x81 || b[2] == 0xFF), len(b) > 3 && (b[3] < '0' || b[3] > '9'):
		return 0
	}
	return 4
}

// later holds the codes that modern rewrites.
var later = map[[2]byte]string{
	{0xA6, 0xD9}: "\x84\x31\x82\x36", // U+FE10
	{0xA6, 0xDA}: "\x84\x31\x82\x38", // U+FE12
	{0xA6, 0xDB}: "\x84\x31\x82\x37", // U+FE11
	{0xA6, 0xDC}: "\x84\x31\x82\x39", // U+FE13
	{0xA6, 0xDD}: "\x84\x31\x83\x30", // U+FE14
	{0xA6, 0xDE}: "\x84\x31\x83\x31", // U+FE15
	{0xA6, 0xDF}: "\x84\x31\x83\x32", // U+FE16
	{0xA6, 0xEC}: "\x84\x31\x83\x33", // U+FE17
	{0xA6, 0xED}: "\x84\x31\x83\x34", // U+FE18
	{0xA6, 0xF3}: "\x84\x31\x83\x35", // U+FE19
	{0xA8, 0xBC}: "\x81\x35\xF4\x37", // U+1E3F
	{0xFE, 0x51}: "\x95\x32\x90\x31", // U+20087
	{0xFE, 0x52}: "\x95\x32\x90\x33", // U+20089
	{0xFE, 0x53}: "\x95\x32\x97\x30", // U+200CC
	{0xFE, 0x59}: "\x82\x35\x90\x37", // U+9FB4
	{0xFE, 0x61}: "\x82\x35\x90\x38", // U+9FB5
	{0xFE, 0x66}: "\x82\x35\x90\x39", // U+9FB6
	{0xFE, 0x67}: "\x82\x35\x91\x30", // U+9FB7
	{0xFE, 0x6C}: "\x95\x36\xB9\x37", // U+215D7
	{0xFE, 0x6D}: "\x82\x35\x91\x31", // U+9FB8
	{0xFE, 0x76}: "\x96\x30\xBA\x35", // U+2298F
	{0xFE, 0x7E}: "\x82\x35\x91\x32", // U+9FB9
	{0xFE, 0x90}: "\x82\x35\x91\x33", // U+9FBA
	{0xFE, 0x91}: "\x96\x35\xB6\x30", // U+241FE
	{0xFE, 0xA0}: "\x82\x35\x91\x34", // U+9FBB
}
