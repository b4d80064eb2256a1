package paper

import (
	"fmt"
	"io"

	"unionhall/kit/print"
)

// The text area of GB/T 9704, in millimetres: 156 by 225, of 22 lines of 28
// characters of size 三号.
const (
	left   = 28.0
	upper  = 37.0
	across = 156.0
	lower  = upper + 225
	pitch  = 225.0 / 22
	em     = across / 28
	size3  = em * 72 / 25.4
	size2  = 22.0 // 二号, titles
	size4  = 14.0 // 四号, page numbers
	size5  = 10.5 // 五号

	proofHigh = 22.0 // of a QR code
)

// line is one line of a letter on its way to a page.
type line struct {
	x, w, size, high float64
	align            print.Align
	text             string
	rule             bool // the red rule stands under it
	red              bool
	right            string // at the right of the same line
}

// PDF writes the letter as pages.
func (l Letter) PDF(w io.Writer) error {
	c, err := print.NewCanvas(l.Title, l.Issuer, l.On)
	if err != nil {
		return err
	}
	lines, together := l.lines(c)
	c.Page()
	y := upper
	for i, n := range lines {
		rest := n.high
		if i == together {
			rest = 0
			for _, m := range lines[i:] {
				rest += m.high
			}
			if l.Proof != nil {
				rest += proofHigh + 4
			}
			rest = min(rest, lower-upper)
		}
		if y+rest > lower+0.01 {
			c.Page()
			y = upper
			if n.text == "" {
				continue // a gap at the head of a page is none
			}
		}
		n.draw(c, y)
		y += n.high
	}
	if l.Proof != nil {
		l.Proof.atFoot(c, y)
	}
	for page := 1; page <= c.Pages(); page++ {
		c.Turn(page)
		a := print.Right
		if page%2 == 0 {
			a = print.Left
		}
		c.Text(left+em, lower+7, across-2*em, size4, a, print.Black, fmt.Sprintf("— %d —", page))
		c.Foot()
	}
	return c.Save(w)
}

func (n line) draw(c *print.Canvas, y float64) {
	high := n.size * 1.4 * 25.4 / 72
	at := y + n.high - high
	if n.high < 2*pitch {
		at = y + (n.high-high)/2
	}
	switch {
	case n.red:
		c.Spread(n.x, at, n.w, n.size, print.Red, n.text)
	case n.text != "":
		c.Text(n.x, at, n.w, n.size, n.align, print.Black, n.text)
	}
	if n.right != "" {
		c.Text(n.x, at, n.w, n.size, print.Right, print.Black, n.right)
	}
	if n.rule {
		c.Rule(left, y+n.high+4, left+across, y+n.high+4, 1.5, print.Red)
	}
}

// lines sets the letter; from the line together on, everything stays on one
// page, so that neither seal nor code stands on a page without text.
func (l Letter) lines(c *print.Canvas) (out []line, together int) {
	plain := line{x: left, w: across, size: size3, high: pitch}
	gap := func(n float64) { out = append(out, line{size: size3, high: n}) }
	if l.Issuer != "" {
		gap(35 - pitch)
		size := float64(headSize(l.Issuer))
		for _, t := range c.Wrap(l.Issuer, across, size) {
			out = append(out, line{x: left, w: across, size: size, high: max(pitch, size*1.4*25.4/72), text: t, red: true})
		}
		gap(2 * pitch)
		n := plain
		n.text, n.align, n.rule = l.Number, print.Centre, true
		if l.Approver != "" {
			n.x, n.w, n.align, n.right = left+em, across-2*em, print.Left, "签发人："+l.Approver
		}
		out = append(out, n)
		gap(2*pitch + 4)
	}
	for _, t := range even(c, l.Title, across-2*em, size2) {
		out = append(out, line{x: left, w: across, size: size2, high: pitch * 1.2, align: print.Centre, text: t})
	}
	gap(pitch)
	add := func(x, w float64, first bool, text string) {
		for i, t := range c.Wrap(text, w, size3) {
			n := plain
			n.x, n.w, n.text = x, w, t
			if first && i == 0 {
				together = len(out)
			}
			out = append(out, n)
		}
	}
	if l.To != "" {
		add(left, across, false, l.toWhom())
	}
	for _, p := range l.Body {
		add(left, across, false, "　　"+clean(p))
	}
	together = max(0, len(out)-2)
	if len(l.Attached) > 0 {
		gap(pitch)
		for i, a := range l.attached() {
			x := left + 5*em
			for j, t := range c.Wrap(a, across-5*em, size3) {
				n := plain
				n.x, n.w, n.text = x, across-5*em, t
				if i == 0 && j == 0 {
					n.x, n.w, n.text = left+2*em, across-2*em, "附件："+t
				}
				out = append(out, n)
			}
		}
	}
	return append(out, l.signature(c)...), together
}

// even wraps text into as few lines as it needs, of lengths as like as can be:
// a title whose last line is one character looks like a mistake.
func even(c *print.Canvas, text string, w, size float64) []string {
	lines := c.Wrap(text, w, size)
	for least := w / 2; w > least; w -= em / 2 {
		narrower := c.Wrap(text, w, size)
		if len(narrower) != len(lines) {
			break
		}
		lines = narrower
	}
	return lines
}

// signature sets who signs and the day: under a seal the day stands four
// characters from the right and the name in the middle over it, else the name
// stands two characters from the right.
func (l Letter) signature(c *print.Canvas) (out []line) {
	day := dated(l.On)
	if day == "" {
		day = byHand("")
	}
	gap, from := pitch, 2*em
	if l.Seal {
		gap, from = 3*pitch, 4*em
	}
	out = append(out, line{size: size3, high: gap})
	names := c.Wrap(l.signer(), across-2*from, size3)
	long := c.Measure(day, size3)
	for _, n := range names {
		long = max(long, c.Measure(n, size3))
	}
	for _, t := range append(names, day) {
		out = append(out, line{x: left + across - from - long, w: long, size: size3, high: pitch, align: print.Centre, text: t})
	}
	return out
}

// atFoot puts the proof at the foot of the last page, or on one more.
func (p Proof) atFoot(c *print.Canvas, y float64) {
	at := lower - proofHigh
	if y+4 > at+0.01 {
		c.Page()
	}
	p.draw(c, left, at, across, proofHigh)
}

func (p Proof) draw(c *print.Canvas, x, y, w, high float64) {
	c.QR(x, y, high, p.URL)
	const step = 5.4
	var lines []string
	for _, t := range p.lines() {
		lines = append(lines, c.Wrap(t, w-high-5, size5)...)
	}
	y += max(0, (high-float64(len(lines))*step)/2)
	for _, t := range lines {
		c.Text(x+high+5, y, w-high-5, size5, print.Left, print.Black, t)
		y += step
	}
}
