package bill

import (
	"bytes"
	"compress/zlib"
	"io"
	"strings"

	"unionhall/law/books"
)

// mostStreams is how many streams of a PDF are unpacked.
const mostStreams = 500

// readPDF looks for what a PDF says in plain letters: an invoice's XML that is
// attached to it, as the standard for electronic vouchers has it, else the
// texts of its pages where they are letters and no numbers of glyphs. Most
// invoices of the tax bureau keep their texts in glyphs; then the name tells.
func readPDF(r io.ReaderAt, size int64) Reading {
	b, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	if err != nil {
		return Reading{}
	}
	if got, ok := within(b); ok {
		return got
	}
	var text strings.Builder
	left := int64(mostText)
	rest := b
	for range mostStreams {
		i := bytes.Index(rest, []byte("stream"))
		if i < 0 || left <= 0 {
			break
		}
		rest = bytes.TrimLeft(rest[i+len("stream"):], "\r\n")
		z, err := zlib.NewReader(bytes.NewReader(rest))
		if err != nil {
			continue
		}
		plain, _ := io.ReadAll(io.LimitReader(z, left)) // what came before the fault counts
		left -= int64(len(plain))
		if got, ok := within(plain); ok {
			return got
		}
		shown(plain, &text)
	}
	return spoken(text.String())
}

// shown adds the texts that a page's content shows: (…) Tj, [(…) (…)] TJ.
func shown(b []byte, to *strings.Builder) {
	for i := 0; i < len(b) && to.Len() < 1<<20; i++ {
		if b[i] != '(' {
			continue
		}
		for i++; i < len(b) && b[i] != ')'; i++ {
			if b[i] == '\\' && i+1 < len(b) {
				i++
			}
			to.WriteByte(b[i])
		}
		if end := bytes.IndexByte(b[i:], '\n'); end >= 0 || i >= len(b) {
			to.WriteByte(' ')
		}
	}
}

// spoken reads a number, a day and the largest amount out of a page's text.
func spoken(text string) (r Reading) {
	if m := twenty.FindStringSubmatch(text); m != nil {
		r.Serial = books.Serial{Kind: books.Digital, Number: m[1]}
		text = strings.ReplaceAll(text, m[1], " ")
		if m := stamped.FindStringSubmatch(text); m != nil {
			r.Date = dated(m[1] + "-" + m[2] + "-" + m[3])
		}
		for _, m := range priced.FindAllStringSubmatch(text, 100) {
			r.Amount = max(r.Amount, amountOf(m[1]))
		}
	}
	return r
}
