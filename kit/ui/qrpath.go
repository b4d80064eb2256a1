package ui

import (
	"strconv"
	"strings"

	qrcode "github.com/skip2/go-qrcode"
)

// QRPath draws the code to be scanned as one path of size units each way; empty
// for what does not fit.
func QRPath(text string) (path string, size int) {
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
