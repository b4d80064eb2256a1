package ui

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"
	qrcode "github.com/skip2/go-qrcode"
)

type qr struct{ content, label string }

// QR is a code to be scanned, drawn in place; label tells those who do not see
// it what it is.
func QR(content, label string) templ.Component { return qr{content, label} }

func (q qr) Render(_ context.Context, w io.Writer) error {
	code, err := qrcode.New(q.content, qrcode.Medium)
	if err != nil {
		return err
	}
	code.DisableBorder = true
	var path strings.Builder
	dots := code.Bitmap()
	for y, line := range dots {
		for x, on := range line {
			if on {
				path.WriteString("M" + plain(int64(x)) + " " + plain(int64(y)) + "h1v1h-1z")
			}
		}
	}
	n := plain(int64(len(dots)))
	return put(w, `<svg viewBox="0 0 `+n+" "+n+`" role="img" aria-label="`, templ.EscapeString(q.label), `" shape-rendering="crispEdges"><path d="`+path.String()+`" fill="#111"/></svg>`)
}
