package print

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/signintech/gopdf"

	"unionhall/kit/day"
	"unionhall/kit/fault"
)

// Canvas is a paper whose every line is put where the caller says: official
// letters and forms. Places are in millimetres from the upper left corner,
// sizes of text in points.
type Canvas struct{ d *Doc }

// Colour of text and rules.
type Colour [3]uint8

var (
	Black = Colour{0, 0, 0}
	Grey  = Colour{grey, grey, grey}
	Red   = Colour{226, 0, 15} // 发文机关标志 and its rule
)

// NewCanvas begins a paper without a page; on dates the file, and may be empty.
func NewCanvas(title, office string, on day.Day) (*Canvas, error) {
	c, err := fonts()
	if err != nil {
		return nil, fmt.Errorf("print: %w", err)
	}
	d := &Doc{paper: Paper{Title: title, Office: office}, gp: &gopdf.GoPdf{}, size: bodySize, widths: map[rune]float64{}}
	d.width, d.height = gopdf.PageSizeA4.W, gopdf.PageSizeA4.H
	d.gp.Start(gopdf.Config{PageSize: *gopdf.PageSizeA4})
	info := gopdf.PdfInfo{Title: title, Author: office, Creator: "职工之家", Producer: "职工之家"}
	if made, err := time.Parse(time.RFC3339, string(on.Start())); err == nil {
		info.CreationDate = made
	}
	d.gp.SetInfo(info)
	if err := d.gp.AddTTFFontFromFontContainer(family, c); err != nil {
		return nil, fmt.Errorf("print: %w", err)
	}
	return &Canvas{d: d}, d.gp.SetFont(family, "", d.size)
}

// Page begins another page.
func (c *Canvas) Page() {
	if c.d.pages == mostPages {
		c.d.note(fault.New(fault.TooLarge, "内容超过 %d 页，不适合打印。请缩小范围后再打印，或导出表格文件。", mostPages))
		return
	}
	c.d.gp.AddPage()
	c.d.pages++
	c.d.gp.SetLineWidth(0.5) // a page with nothing on it cannot be turned to
}

// Pages is how many there are.
func (c *Canvas) Pages() int { return c.d.pages }

// Turn goes back to a page, the first is 1.
func (c *Canvas) Turn(page int) { c.d.note(c.d.gp.SetPage(page)) }

// Missing reports whether a character was not in the font and stands as 〓.
func (c *Canvas) Missing() bool { return c.d.missing }

// Text puts one line into a place w wide whose upper edge is y. The line is
// size points high and stands in the middle of size×1.4.
func (c *Canvas) Text(x, y, w, size float64, a Align, k Colour, text string) {
	c.d.gp.SetTextColor(k[0], k[1], k[2])
	c.d.put(x*mm, y*mm, w*mm, size, a, text)
}

// Spread puts one line whose characters stand evenly over the whole width, as
// the head of a letter does; one that is too long is set smaller.
func (c *Canvas) Spread(x, y, w, size float64, k Colour, text string) {
	rs := []rune(c.d.clean(text))
	if len(rs) == 0 {
		return
	}
	for size > 8 && c.Measure(text, size) > w {
		size--
	}
	if gap := (w - c.Measure(text, size)) / float64(len(rs)+1); len(rs) > 1 && gap > 0 {
		gap = min(gap, size*25.4/72*0.6) // else a short name falls apart
		x += (w - c.Measure(text, size) - gap*float64(len(rs)-1)) / 2
		for _, r := range rs {
			c.Text(x, y, w, size, Left, k, string(r))
			x += c.Measure(string(r), size) + gap
		}
		return
	}
	c.Text(x, y, w, size, Centre, k, text)
}

// Wrap breaks text into lines of at most the width.
func (c *Canvas) Wrap(text string, w, size float64) []string { return c.d.wrap(text, w*mm, size) }

// Measure is how wide a line is.
func (c *Canvas) Measure(text string, size float64) float64 {
	return c.d.measure(c.d.clean(text), size) / mm
}

// Rule draws a line of so many points' weight.
func (c *Canvas) Rule(x1, y1, x2, y2, weight float64, k Colour) {
	c.d.gp.SetLineWidth(weight)
	c.d.gp.SetStrokeColor(k[0], k[1], k[2])
	c.d.gp.Line(x1*mm, y1*mm, x2*mm, y2*mm)
}

// Fill tints a place.
func (c *Canvas) Fill(x, y, w, h float64, k Colour) {
	c.d.gp.SetFillColor(k[0], k[1], k[2])
	c.d.gp.RectFromUpperLeftWithStyle(x*mm, y*mm, w*mm, h*mm, "F")
	c.d.gp.SetFillColor(0, 0, 0)
}

// QR draws a code.
func (c *Canvas) QR(x, y, high float64, content string) { c.d.code(x*mm, y*mm, high*mm, content) }

// Save ends the paper and writes it. Too many pages are fault.TooLarge.
func (c *Canvas) Save(w io.Writer) error {
	if c.d.err != nil {
		return fmt.Errorf("print %q: %w", c.d.paper.Title, c.d.err)
	}
	var b bytes.Buffer
	if _, err := c.d.gp.WriteTo(&b); err != nil {
		return fmt.Errorf("print %q: %w", c.d.paper.Title, err)
	}
	mendCopying(b.Bytes())
	_, err := b.WriteTo(w)
	return err
}
