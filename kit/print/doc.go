// Package print makes papers: A4 PDF files with Chinese text as offices know
// them, with head, page x of y, tables, places for signatures and seal, and a
// QR code.
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

const (
	mm = 72 / 25.4

	side   = 18 * mm // margins
	top    = 18 * mm
	bottom = 18 * mm

	titleSize = 18.0 // points; 小二
	bodySize  = 10.5 // 五号
	smallSize = 9.0  // 小五
	leading   = 1.4  // line height by size
	ascent    = 0.88 // how much of a character stands above the base line

	black = 0
	grey  = 110
	line  = 100
	pale  = 238
	white = 255

	// mostPages keeps a paper below 100 MB of memory; nobody reads more.
	mostPages = 500
)

// Paper is what stands around the content of every page.
type Paper struct {
	Office    string      // under the title at the left, and above every further page
	Title     string      //
	Note      string      // under the title at the right: 单位：人, 截至…
	By        string      // who printed it; may be empty
	Made      day.Instant // when
	Wide      bool        // landscape
	Watermark string      // pale across every page; may be empty
}

// Doc is a paper being written from top to bottom. The first thing that goes
// wrong stays, and WriteTo returns it.
type Doc struct {
	paper         Paper
	gp            *gopdf.GoPdf
	width, height float64
	y             float64 // where the next part begins
	size          float64 // of the font now
	pages         int
	fresh         bool             // the page at hand begins a paper
	widths        map[rune]float64 // of the characters seen, at one point
	missing       bool             // a character was not in the font
	err           error
}

// New begins a paper on its first page.
func New(p Paper) (*Doc, error) {
	c, err := fonts()
	if err != nil {
		return nil, fmt.Errorf("print: %w", err)
	}
	d := &Doc{paper: p, gp: &gopdf.GoPdf{}, size: bodySize, widths: map[rune]float64{}}
	size := *gopdf.PageSizeA4
	if p.Wide {
		size = *gopdf.PageSizeA4Landscape
	}
	d.width, d.height = size.W, size.H
	d.gp.Start(gopdf.Config{PageSize: size})
	made, err := time.Parse(time.RFC3339, string(p.Made))
	if err != nil {
		return nil, fmt.Errorf("print: the paper needs its instant: %w", err)
	}
	d.gp.SetInfo(gopdf.PdfInfo{Title: p.Title, Author: p.Office, Creator: "职工之家", Producer: "职工之家", CreationDate: made})
	if err := d.gp.AddTTFFontFromFontContainer(family, c); err != nil {
		return nil, fmt.Errorf("print: %w", err)
	}
	if err := d.gp.SetFont(family, "", d.size); err != nil {
		return nil, fmt.Errorf("print: %w", err)
	}
	d.colour(black) // else text takes the tint of the last head of a table
	d.newPage()
	return d, d.err
}

func (d *Doc) note(err error) {
	if d.err == nil && err != nil {
		d.err = err
	}
}

func (d *Doc) inner() float64 { return d.width - 2*side }
func (d *Doc) floor() float64 { return d.height - bottom }

// room makes sure that h points are free, on a new page if need be.
func (d *Doc) room(h float64) {
	if d.y+h > d.floor() && d.y > d.firstLine() {
		d.newPage()
	}
}

// firstLine is where the content of a further page begins.
func (d *Doc) firstLine() float64 { return top + smallSize*leading + 2*mm }

func (d *Doc) newPage() {
	if d.pages == mostPages {
		d.note(fault.New(fault.TooLarge, "内容超过 %d 页，不适合打印。请缩小范围后再打印，或导出表格文件。", mostPages))
	}
	if d.err != nil {
		return
	}
	d.gp.AddPage()
	d.pages++
	d.watermark()
	if d.pages > 1 && !d.fresh {
		d.colour(grey)
		d.put(side, top, d.inner(), smallSize, Left, d.fit(d.paper.Office, d.inner()*0.48, smallSize))
		d.put(side, top, d.inner(), smallSize, Right, d.fit(d.paper.Title, d.inner()*0.48, smallSize))
		d.colour(black)
		d.y = d.firstLine()
		return
	}
	d.y = top
	for _, text := range d.wrap(d.paper.Title, d.inner(), titleSize) {
		d.put(side, d.y, d.inner(), titleSize, Centre, text)
		d.y += titleSize * leading
	}
	d.y += 2 * mm
	office, note := d.clean(d.paper.Office), d.clean(d.paper.Note)
	d.put(side, d.y, d.inner(), bodySize, Left, d.fit(office, d.inner(), bodySize))
	if d.measure(office+"　"+note, bodySize) > d.inner() {
		d.y += bodySize * leading
	}
	d.put(side, d.y, d.inner(), bodySize, Right, d.fit(note, d.inner(), bodySize))
	d.y += bodySize*leading + 1.5*mm
}

func (d *Doc) watermark() {
	if d.paper.Watermark == "" {
		return
	}
	d.colour(pale)
	text := d.clean(d.paper.Watermark)
	w := d.measure(text, titleSize)
	for y := 60 * mm; y < d.floor(); y += 70 * mm {
		for x := side; x+w*0.9 < d.width; x += w + 30*mm {
			d.gp.Rotate(30, x, y)
			d.put(x, y, w, titleSize, Left, text)
			d.gp.RotateReset()
		}
	}
	d.colour(black)
}

// foot draws what only the end knows: how many pages there are.
func (d *Doc) foot() {
	made := "制表时间：" + d.paper.Made.Local()
	if d.paper.By != "" {
		made += "　打印人：" + d.paper.By
	}
	if d.missing {
		made += "　〓 处的字字库未收，请手工填写"
	}
	d.colour(grey)
	for page := 1; page <= d.pages; page++ {
		d.note(d.gp.SetPage(page))
		y := d.floor() + 4*mm
		d.put(side, y, d.inner(), smallSize, Left, d.fit(made, d.inner()-40*mm, smallSize))
		d.put(side, y, d.inner(), smallSize, Right, fmt.Sprintf("第 %d 页　共 %d 页", page, d.pages))
	}
}

// WriteTo ends the paper and writes it. Too many pages are fault.TooLarge.
func (d *Doc) WriteTo(w io.Writer) (int64, error) {
	d.foot()
	if d.err != nil {
		return 0, fmt.Errorf("print %q: %w", d.paper.Title, d.err)
	}
	var b bytes.Buffer
	if _, err := d.gp.WriteTo(&b); err != nil {
		return 0, fmt.Errorf("print %q: %w", d.paper.Title, err)
	}
	mendCopying(b.Bytes())
	return b.WriteTo(w)
}

func (d *Doc) colour(shade uint8) { d.gp.SetTextColor(shade, shade, shade) }

// Align says where text stands in its place.
type Align uint8

const (
	Left Align = iota
	Centre
	Right // numbers and amounts
)

// put draws one line of text in a place w wide whose upper edge is y.
func (d *Doc) put(x, y, w, size float64, a Align, text string) {
	text = d.clean(text)
	if text == "" || d.err != nil {
		return
	}
	switch a {
	case Centre:
		x += (w - d.measure(text, size)) / 2
	case Right:
		x += w - d.measure(text, size)
	}
	d.setSize(size)
	d.gp.SetXY(x, y+size*(leading-1)/2+size*ascent)
	d.note(d.gp.Text(text))
}

func (d *Doc) setSize(size float64) {
	if d.size != size {
		d.size = size
		d.note(d.gp.SetFontSize(size))
	}
}

func (d *Doc) rule(x1, y1, x2, y2 float64) {
	d.gp.SetLineWidth(0.5)
	d.gp.SetStrokeColor(line, line, line)
	d.gp.Line(x1, y1, x2, y2)
}
