package paper

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// DOCX writes the form as a Word file with the same text: one table, whose
// columns are all the edges that its rows have.
func (f Form) DOCX(w io.Writer) error {
	d := &word{title: f.Title, by: f.Issuer, base: defaults(song, size5, "")}
	d.add("Title", `<w:spacing w:after="160"/>`, run{size(titleSize), f.Title})
	if f.Issuer != "" || f.Number != "" {
		d.body.WriteString(`<w:p><w:pPr><w:pStyle w:val="Line"/>` + fmt.Sprintf(`<w:tabs><w:tab w:val="right" w:pos="%d"/></w:tabs><w:spacing w:after="80"/>`, twips(formWidth)) + `</w:pPr>`)
		d.body.WriteString(run{text: f.issuerLine()}.xml())
		if f.Number != "" {
			d.body.WriteString(`<w:r><w:tab/></w:r>` + run{text: f.Number}.xml())
		}
		d.body.WriteString(`</w:p>`)
	}
	f.table(d)
	if f.Note != "" {
		d.add("Note", `<w:spacing w:before="120" w:after="120"/>`, run{text: f.Note})
	} else {
		d.add("Note", ``)
	}
	if f.Proof != nil {
		if err := d.addProof(*f.Proof, formWidth); err != nil {
			return err
		}
	}
	d.foot[0] = `<w:p><w:pPr><w:pStyle w:val="Footer"/><w:jc w:val="center"/></w:pPr>` + run{size(9), "第 "}.xml() + field("PAGE") + run{size(9), " 页　共 "}.xml() + field("NUMPAGES") + run{size(9), " 页"}.xml() + `</w:p>`
	d.sect = `<w:sectPr><w:footerReference w:type="default" r:id="rOdd"/><w:pgSz w:w="11906" w:h="16838"/>` +
		fmt.Sprintf(`<w:pgMar w:top="%d" w:right="%d" w:bottom="%d" w:left="%d" w:header="567" w:footer="500" w:gutter="0"/>`, twips(formTop), twips(formSide), twips(297-formEnd), twips(formSide)) + `</w:sectPr>`
	return d.save(w)
}

// grid is the edges of the columns, in twips.
type grid []int

func (g grid) span(x, w float64) (n, wide int) {
	from, to := slices.Index(g, twips(x)), slices.Index(g, twips(x+w))
	return to - from, g[to] - g[from]
}

func (f Form) table(d *word) {
	rows := make([][]box, len(f.Rows))
	edges := grid{0, twips(labelWide), twips(formWidth)}
	for i, r := range f.Rows {
		rows[i] = boxes(r, 0, f.width(i))
		for _, b := range rows[i] {
			edges = append(edges, twips(b.x), twips(b.x+b.w))
		}
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)
	const rule = `w:val="single" w:sz="6" w:space="0" w:color="000000"/>`
	fmt.Fprintf(&d.body, `<w:tbl><w:tblPr><w:tblW w:w="%d" w:type="dxa"/><w:tblBorders><w:top %s<w:left %s<w:bottom %s<w:right %s<w:insideH %s<w:insideV %s</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="85" w:type="dxa"/><w:right w:w="85" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid>`, twips(formWidth), rule, rule, rule, rule, rule, rule)
	for i := 1; i < len(edges); i++ {
		fmt.Fprintf(&d.body, `<w:gridCol w:w="%d"/>`, edges[i]-edges[i-1])
	}
	d.body.WriteString(`</w:tblGrid>`)
	for i, bs := range rows {
		tall := 1
		for _, b := range bs {
			tall = max(tall, b.tall)
		}
		row(d, max(rowHigh, float64(tall)*cellStep+2*cellPad), tall <= 3)
		for _, b := range bs {
			edges.cell(d, b.x, b.w, b.props(), b.para())
		}
		if f.Photo && i < photoRows {
			merge, text := `<w:vMerge/>`, paragraph("Label", "")
			if i == 0 {
				merge, text = `<w:vMerge w:val="restart"/>`, paragraph("Label", "", run{text: "照片"})
			}
			edges.cell(d, formWidth-photoWide, photoWide, merge+`<w:vAlign w:val="center"/>`, text)
		}
		d.body.WriteString(`</w:tr>`)
	}
	for _, o := range f.Opinions {
		o.row(d, edges)
	}
	d.body.WriteString(`</w:tbl>`)
}

func row(d *word, high float64, whole bool) {
	cant := ""
	if whole {
		cant = `<w:cantSplit/>`
	}
	fmt.Fprintf(&d.body, `<w:tr><w:trPr>%s<w:trHeight w:val="%d" w:hRule="atLeast"/></w:trPr>`, cant, twips(high))
}

func (b box) props() string {
	p := ""
	if b.shade {
		p = `<w:shd w:val="clear" w:color="auto" w:fill="F2F2F2"/>`
	}
	if b.tall > 1 && !b.centre {
		return p
	}
	return p + `<w:vAlign w:val="center"/>`
}

func (b box) para() string {
	if b.centre {
		return paragraph("Label", "", run{text: b.text})
	}
	return paragraph("Cell", "", run{text: b.text})
}

func (g grid) cell(d *word, x, w float64, props, content string) {
	n, wide := g.span(x, w)
	fmt.Fprintf(&d.body, `<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/><w:gridSpan w:val="%d"/>%s</w:tcPr>%s</w:tc>`, wide, n, props, content)
}

func (o Opinion) row(d *word, g grid) {
	low := opinionLow
	if o.Seal {
		low = sealedLow
	}
	row(d, low, true)
	g.cell(d, 0, labelWide, `<w:vAlign w:val="center"/>`, paragraph("Label", "", run{text: balanced(o.Who)}))
	var b strings.Builder
	// empty lines keep who signs at the foot of a box with little text
	const perLine = 35
	used := 0
	for l := range strings.SplitSeq(o.Text, "\n") {
		used += 1 + len([]rune(l))/perLine
	}
	b.WriteString(paragraph("Cell", "", run{text: o.Text}))
	if gap := low - float64(used+3)*cellStep - 2*cellPad; gap > 0 {
		b.WriteString(paragraph("Cell", fmt.Sprintf(`<w:spacing w:line="%d" w:lineRule="exact"/>`, max(20, twips(gap)-60))))
	}
	b.WriteString(paragraph("Cell", `<w:keepNext/><w:ind w:right="1700"/><w:jc w:val="right"/>`, run{text: o.signature()}))
	b.WriteString(paragraph("Cell", `<w:keepNext/><w:ind w:right="450"/><w:jc w:val="right"/>`, run{text: o.seal()}))
	b.WriteString(paragraph("Cell", `<w:ind w:right="110"/><w:jc w:val="right"/>`, run{text: byHand(o.On)}))
	g.cell(d, labelWide, formWidth-labelWide, "", b.String())
	d.body.WriteString(`</w:tr>`)
}
