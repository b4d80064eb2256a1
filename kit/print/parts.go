package print

import (
	"fmt"

	qrcode "github.com/skip2/go-qrcode"

	"unionhall/kit/day"
)

// Text sets a paragraph; lines end where the text says or the paper ends.
func (d *Doc) Text(text string) {
	for _, l := range d.wrap(text, d.inner(), bodySize) {
		d.room(bodySize * leading)
		d.put(side, d.y, d.inner(), bodySize, Left, l)
		d.y += bodySize * leading
	}
	d.y += 2 * mm
}

// Signatures leaves places to sign, three to a line, or two where a name is
// long: 填表人, 审核人, 工会主席（签章）.
func (d *Doc) Signatures(who ...string) {
	const deep = 12 * mm
	across := 3
	for _, label := range who {
		if d.measure(d.clean(label), bodySize) > d.inner()/3-22*mm {
			across = 2
		}
	}
	rows := (len(who) + across - 1) / across
	d.room(float64(rows)*deep + 4*mm)
	d.y += 4 * mm
	w := d.inner() / float64(across)
	for i, label := range who {
		x, y := side+float64(i%across)*w, d.y+float64(i/across)*deep
		label = d.fit(label, w-22*mm, bodySize) + "："
		d.put(x, y, w, bodySize, Left, label)
		d.rule(x+d.measure(label, bodySize)+1*mm, y+bodySize*leading, x+w-6*mm, y+bodySize*leading)
	}
	d.y += float64(rows) * deep
}

// Seal leaves the place for the seal of an office, with its day under it; an
// empty day is left to be written by hand. A union's seal is 42 mm across.
func (d *Doc) Seal(office string, on day.Day) {
	const across, high = 70 * mm, 44 * mm
	d.room(high)
	x, y := side+d.inner()-across, d.y+12*mm
	for _, l := range d.wrap(office, across, bodySize) {
		d.put(x, y, across, bodySize, Centre, l)
		y += bodySize * leading
	}
	d.colour(grey)
	d.put(x, y+1*mm, across, smallSize, Centre, "（盖章）")
	d.colour(black)
	d.put(x, y+7*mm, across, bodySize, Centre, written(on))
	d.y += high
}

func written(on day.Day) string {
	var y, m, n int
	if _, err := fmt.Sscanf(string(on), "%d-%d-%d", &y, &m, &n); err != nil {
		return "　　　　年　　月　　日"
	}
	return fmt.Sprintf("%d 年 %d 月 %d 日", y, m, n)
}

// QR draws a code of 28 mm with a caption beside it, in lines of a hand's
// breadth.
func (d *Doc) QR(content, caption string) {
	const high = 28 * mm
	d.room(high + 6*mm)
	d.y += 2 * mm
	d.code(side, d.y, high, content)
	lines := d.wrap(caption, d.inner()-high-6*mm, smallSize)
	y := d.y + max(0, high-float64(len(lines))*lineHeight)/2
	for _, l := range lines {
		d.put(side+high+6*mm, y, d.inner(), smallSize, Left, l)
		y += lineHeight
	}
	d.y += high + 4*mm
}

// Code draws a code in the middle of the paper, as many millimetres high as
// asked for: one that is read from a wall.
func (d *Doc) Code(content string, high float64) {
	high *= mm
	d.room(high + 10*mm)
	d.y += 4 * mm
	d.code((d.width-high)/2, d.y, high, content)
	d.y += high + 6*mm
}

// code draws a QR code, high points wide, with the quiet that it needs around it.
func (d *Doc) code(x, y, high float64, content string) {
	q, err := qrcode.New(content, qrcode.Medium)
	if err != nil {
		d.note(fmt.Errorf("qr code: %w", err))
		return
	}
	q.DisableBorder = true
	bits := q.Bitmap()
	cell := high / float64(len(bits))
	d.gp.SetFillColor(white, white, white)
	d.gp.RectFromUpperLeftWithStyle(x-2*mm, y-2*mm, high+4*mm, high+4*mm, "F")
	d.gp.SetFillColor(black, black, black)
	for row, line := range bits {
		for from := 0; from < len(line); from++ {
			to := from
			for to < len(line) && line[to] {
				to++
			}
			if to > from { // a little overlap, else viewers show hairlines
				d.gp.RectFromUpperLeftWithStyle(x+float64(from)*cell, y+float64(row)*cell, float64(to-from)*cell, cell+0.05, "F")
				from = to
			}
		}
	}
}

// Heading sets a line in the middle, as large as the title.
func (d *Doc) Heading(text string) {
	for _, l := range d.wrap(text, d.inner(), titleSize) {
		d.room(titleSize * leading)
		d.put(side, d.y, d.inner(), titleSize, Centre, l)
		d.y += titleSize * leading
	}
	d.y += 3 * mm
}
