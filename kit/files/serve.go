package files

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode"
)

// Serve answers with a blob under the name that people know it by. Pictures
// and PDF open in place if inline is asked for; everything else is handed out
// to be saved, so that nothing uploaded ever runs as a page of ours. Who may
// see the blob has been asked before. Parts of a blob (Range) work.
func Serve(w http.ResponseWriter, hr *http.Request, s Store, b Blob, name string, inline bool) error {
	f, err := s.Open(b.Hash)
	if err != nil {
		return err
	}
	defer f.Close()
	h := w.Header()
	how := "attachment"
	if inline && Inline(b.Type) {
		how = "inline"
	}
	h.Set("Content-Disposition", Disposition(how, name))
	h.Set("Content-Type", b.Type)
	h.Set("Content-Security-Policy", Policy(b.Type))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "private, no-cache")
	h.Set("ETag", `"`+b.Hash+`"`)
	http.ServeContent(w, hr, "", time.Time{}, io.NewSectionReader(f, 0, b.Size))
	return nil
}

// Policy shuts a file in. A PDF is not sandboxed, since Chromium's viewer
// refuses to start in a sandbox of the page's; it has one of its own.
func Policy(kind string) string {
	if kind == pdf {
		return "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
	}
	return "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'self'; sandbox"
}

// Disposition is the header that gives a file its name, which may be Chinese
// (RFC 5987); programs that know no better read the plain one.
func Disposition(how, name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`/\:*?"<>|`, r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '_' // no paths, no header of their own, no ending that reads backwards
		}
		return r
	}, strings.ToValidUTF8(name, "_"))
	if name = strings.Trim(name, " ."); name == "" {
		name = "file"
	}
	plain := strings.Map(func(r rune) rune {
		if r > 0x7e || r == '%' {
			return '_'
		}
		return r
	}, name)
	var escaped strings.Builder
	for _, c := range []byte(name) {
		if c < 0x80 && (unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c)) || strings.IndexByte("-._~", c) >= 0) {
			escaped.WriteByte(c)
		} else {
			fmt.Fprintf(&escaped, "%%%02X", c)
		}
	}
	return how + `; filename="` + plain + `"; filename*=UTF-8''` + escaped.String()
}
