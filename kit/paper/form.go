package paper

import (
	"fmt"
	"io"

	"unionhall/kit/print"
)

// The page of a form, in millimetres.
const (
	formSide  = 20.0
	formTop   = 20.0
	formWidth = 210 - 2*formSide
	formEnd   = 297 - 18.0

	labelWide = 26.0
	photoWide = 30.0
	photoRows = 4

	cellPad  = 1.6
	cellStep = size5 * 1.4 * 25.4 / 72 // a line
	rowHigh  = 9.0                     // the lowest row

	titleSize  = 20.0
	opinionLow = 30.0 // the lowest box of an opinion
	sealedLow  = 42.0 // one with the place of a seal
)

// box is one ruled part of a row: a label or a value.
type box struct {
	x, w   float64
	text   string
	centre bool
	shade  bool
	tall   int
}

// boxes lays a row out over the width; the shares of its cells are of the
// whole row.
func boxes(row []Cell, x, width float64) (out []box) {
	all := 0
	for _, c := range row {
		all += max(1, c.Wide)
	}
	for _, c := range row {
		w := width * float64(max(1, c.Wide)) / float64(all)
		switch {
		case c.Head:
			out = append(out, box{x: x, w: w, text: c.Label, centre: true, shade: true, tall: c.Tall})
		case c.Label == "":
			out = append(out, box{x: x, w: w, text: c.Text, tall: c.Tall, centre: len([]rune(c.Text)) <= 8})
		default:
			lw := min(labelWide, w*0.45)
			out = append(out, box{x: x, w: lw, text: balanced(c.Label), centre: true}, box{x: x + lw, w: w - lw, text: c.Text, tall: c.Tall})
		}
		x += w
	}
	return out
}

// width is how much of the line the row with the index i has.
func (f Form) width(i int) float64 {
	if f.Photo && i < photoRows {
		return formWidth - photoWide
	}
	return formWidth
}

// sheet is a form on its way to pages.
type sheet struct {
	c *print.Canvas
	f Form
	y float64
}

// PDF writes the form as pages.
func (f Form) PDF(w io.Writer) error {
	c, err := print.NewCanvas(f.Title, f.Issuer, "")
	if err != nil {
		return err
	}
	s := &sheet{c: c, f: f}
	c.Page()
	s.head()
	photo := s.y
	for i, r := range f.Rows {
		s.row(boxes(r, formSide, f.width(i)))
		if f.Photo && i == 0 {
			c.Text(formSide+formWidth-photoWide, photo+17, photoWide, size5, print.Centre, print.Grey, "照片")
		}
		if f.Photo && i == min(photoRows, len(f.Rows))-1 {
			s.frame(formSide+formWidth-photoWide, photo, photoWide, s.y-photo)
		}
	}
	for _, o := range f.Opinions {
		s.opinion(o)
	}
	s.tail()
	for page := 1; page <= c.Pages(); page++ {
		c.Turn(page)
		c.Text(formSide, formEnd+4, formWidth, 9, print.Centre, print.Grey, fmt.Sprintf("第 %d 页　共 %d 页", page, c.Pages()))
	}
	return c.Save(w)
}

func (s *sheet) head() {
	c := s.c
	s.y = formTop
	for _, t := range c.Wrap(s.f.Title, formWidth, titleSize) {
		c.Text(formSide, s.y, formWidth, titleSize, print.Centre, print.Black, t)
		s.y += titleSize * 1.4 * 25.4 / 72
	}
	s.y += 3
	if s.f.Issuer == "" && s.f.Number == "" {
		return
	}
	start := s.y
	for _, t := range c.Wrap(s.f.issuerLine(), formWidth*0.66, size5) {
		c.Text(formSide, s.y, formWidth, size5, print.Left, print.Black, t)
		s.y += cellStep
	}
	c.Text(formSide, start, formWidth, size5, print.Right, print.Black, s.f.Number)
	s.y = max(s.y, start+cellStep) + 1.5
}

func (f Form) issuerLine() string {
	if f.Issuer == "" {
		return ""
	}
	if f.Role != "" {
		return f.Role + "：" + f.Issuer
	}
	return "填报单位：" + f.Issuer
}

func (s *sheet) turn() {
	s.c.Page()
	s.y = formTop
}

func (s *sheet) frame(x, y, w, h float64) {
	const weight = 0.7
	s.c.Rule(x, y, x+w, y, weight, print.Black)
	s.c.Rule(x, y+h, x+w, y+h, weight, print.Black)
	s.c.Rule(x, y, x, y+h, weight, print.Black)
	s.c.Rule(x+w, y, x+w, y+h, weight, print.Black)
}

// row draws one row; one that is longer than what is left of the page goes to
// the next, one that fits on no page is parted.
func (s *sheet) row(bs []box) {
	wrapped := make([][]string, len(bs))
	for i, b := range bs {
		wrapped[i] = s.c.Wrap(b.text, b.w-2*cellPad, size5)
		for len(wrapped[i]) < b.tall {
			wrapped[i] = append(wrapped[i], "")
		}
	}
	top := formTop
	whole := int((formEnd - top - 2*cellPad) / cellStep)
	for {
		n := 1
		for _, ls := range wrapped {
			n = max(n, len(ls))
		}
		free := int((formEnd - s.y - 2*cellPad) / cellStep)
		if n <= free && s.y+rowHigh <= formEnd {
			s.drawRow(bs, wrapped, max(rowHigh, float64(n)*cellStep+2*cellPad))
			return
		}
		if n <= whole || free < 4 {
			s.turn()
			continue
		}
		rest := make([][]string, len(wrapped))
		for i, ls := range wrapped {
			at := min(free, len(ls))
			wrapped[i], rest[i] = ls[:at], ls[at:]
		}
		s.drawRow(bs, wrapped, formEnd-s.y)
		wrapped = rest
	}
}

func (s *sheet) drawRow(bs []box, wrapped [][]string, high float64) {
	for i, b := range bs {
		if b.shade {
			s.c.Fill(b.x, s.y, b.w, high, print.Colour{242, 242, 242})
		}
		a := print.Left
		if b.centre {
			a = print.Centre
		}
		y := s.y + (high-float64(len(wrapped[i]))*cellStep)/2
		for _, t := range wrapped[i] {
			s.c.Text(b.x+cellPad, y, b.w-2*cellPad, size5, a, print.Black, t)
			y += cellStep
		}
	}
	for _, b := range bs {
		s.frame(b.x, s.y, b.w, high)
	}
	s.y += high
}

// opinion draws a box whose text may go on over pages; who signs stands at its
// end.
func (s *sheet) opinion(o Opinion) {
	low := opinionLow
	if o.Seal {
		low = sealedLow
	}
	const foot = 3*cellStep + 2*cellPad
	value := formWidth - labelWide
	text := s.c.Wrap(o.Text, value-2*cellPad, size5)
	label := s.c.Wrap(balanced(o.Who), labelWide-2*cellPad, size5)
	high := max(low, float64(max(len(text), len(label)))*cellStep+2*cellPad+foot)
	if s.y+high > formEnd && s.y > formTop {
		s.turn()
	}
	for s.y+high > formEnd { // longer than a page
		n := int((formEnd - s.y - 2*cellPad) / cellStep)
		s.drawRow([]box{{x: formSide, w: labelWide, centre: true}, {x: formSide + labelWide, w: value}},
			[][]string{label, text[:min(n, len(text))]}, formEnd-s.y)
		text, label = text[min(n, len(text)):], nil
		s.turn()
		high = max(low, float64(len(text))*cellStep+2*cellPad+foot)
	}
	y := s.y + (high-float64(len(label))*cellStep)/2
	for _, t := range label {
		s.c.Text(formSide+cellPad, y, labelWide-2*cellPad, size5, print.Centre, print.Black, t)
		y += cellStep
	}
	x := formSide + labelWide
	for i, t := range text {
		s.c.Text(x+cellPad, s.y+cellPad+float64(i)*cellStep, value-2*cellPad, size5, print.Left, print.Black, t)
	}
	y = s.y + high - foot
	s.c.Text(x, y, value-cellPad-30, size5, print.Right, print.Black, o.signature())
	s.c.Text(x, y+cellStep, value-cellPad-8, size5, print.Right, print.Grey, o.seal())
	s.c.Text(x, y+2*cellStep, value-cellPad-2, size5, print.Right, print.Black, byHand(o.On))
	s.frame(formSide, s.y, labelWide, high)
	s.frame(x, s.y, value, high)
	s.y += high
}

// tail draws what stands under the grid.
func (s *sheet) tail() {
	s.y += 2.5
	if s.f.Note != "" {
		for _, t := range s.c.Wrap(s.f.Note, formWidth, 9) {
			if s.y+5 > formEnd {
				s.turn()
			}
			s.c.Text(formSide, s.y, formWidth, 9, print.Left, print.Black, t)
			s.y += 4.6
		}
		s.y += 1.5
	}
	if s.f.Proof != nil {
		const high = 22.0
		if s.y+high+2 > formEnd {
			s.turn()
		}
		s.f.Proof.draw(s.c, formSide, s.y+2, formWidth, high)
		s.y += high + 2
	}
}
