package paper

import (
	"fmt"
	"io"
)

// DOCX writes the letter as a Word file with the same text.
func (l Letter) DOCX(w io.Writer) error {
	d := &word{title: l.Title, by: l.Issuer, base: defaults(fangSong, 16, `<w:spacing w:val="-4"/>`)}
	if l.Issuer != "" {
		n := headSize(l.Issuer)
		d.add("RedHead", fmt.Sprintf(`<w:snapToGrid w:val="0"/><w:spacing w:before="%d" w:line="%d" w:lineRule="atLeast"/>`, twips(35-5), n*24), run{size(float64(n)), l.Issuer})
		d.add("Line", `<w:spacing w:line="579" w:lineRule="exact"/>`)
		rule := fmt.Sprintf(`<w:pBdr><w:bottom w:val="single" w:sz="12" w:space="%d" w:color="E2000F"/></w:pBdr>`, 11) // 4 mm
		if l.Approver == "" {
			d.add("Number", rule, run{text: l.Number})
		} else {
			d.body.WriteString(`<w:p><w:pPr><w:pStyle w:val="To"/>` + rule + fmt.Sprintf(`<w:tabs><w:tab w:val="right" w:pos="%d"/></w:tabs><w:ind w:left="320" w:right="320"/>`, twips(across-em)) + `</w:pPr>`)
			d.body.WriteString(run{text: l.Number}.xml() + `<w:r><w:tab/></w:r>` + run{text: "签发人：" + l.Approver}.xml() + `</w:p>`)
		}
		d.add("Line", `<w:spacing w:line="579" w:lineRule="exact"/>`)
	}
	d.add("Title", `<w:snapToGrid w:val="0"/><w:spacing w:before="579" w:after="579" w:line="660" w:lineRule="exact"/>`, run{size(size2), l.Title})
	if l.To != "" {
		d.add("To", "", run{text: l.toWhom()})
	}
	keep := func(last bool) string { // no seal stands on a page without text
		if last {
			return `<w:keepNext/>`
		}
		return ""
	}
	for i, p := range l.Body {
		d.add("Body", keep(i == len(l.Body)-1), run{text: p})
	}
	for i, a := range l.attached() {
		if i == 0 {
			d.add("Attached", `<w:keepNext/><w:spacing w:before="579"/><w:ind w:leftChars="500" w:left="1600" w:hangingChars="300" w:hanging="960"/>`, run{text: "附件：" + a})
			continue
		}
		d.add("Attached", `<w:keepNext/><w:ind w:leftChars="500" w:left="1600"/>`, run{text: a})
	}
	l.sign(d)
	if l.Proof != nil {
		d.add("Line", "")
		if err := d.addProof(*l.Proof, across); err != nil {
			return err
		}
	}
	foot := func(align, side string) string {
		return `<w:p><w:pPr><w:pStyle w:val="Footer"/><w:ind w:` + side + `="280"/><w:jc w:val="` + align + `"/></w:pPr>` + run{size(size4), "— "}.xml() + field("PAGE") + run{size(size4), " —"}.xml() + `</w:p>`
	}
	d.foot = [2]string{foot("right", "right"), foot("left", "left")}
	d.sect = `<w:sectPr><w:footerReference w:type="default" r:id="rOdd"/><w:footerReference w:type="even" r:id="rEven"/><w:pgSz w:w="11906" w:h="16838"/>` +
		fmt.Sprintf(`<w:pgMar w:top="%d" w:right="%d" w:bottom="%d" w:left="%d" w:header="851" w:footer="%d" w:gutter="0"/>`, twips(upper), twips(210-left-across), twips(297-lower), twips(left), twips(22)) +
		`<w:docGrid w:type="lines" w:linePitch="579"/></w:sectPr>`
	return d.save(w)
}

// sign writes who signs and the day; see signature.
func (l Letter) sign(d *word) {
	day := dated(l.On)
	if day == "" {
		day = byHand("")
	}
	before, from := 579, 2
	if l.Seal {
		before, from = 3*579, 4
	}
	// the shorter of the two stands in the middle of the longer
	name, long := len([]rune(clean(l.signer()))), 0.5*float64(len("2026"))+float64(len([]rune(day))-4)
	left, right := 0, from*320
	if float64(name) < long {
		left = int((long - float64(name)) / 2 * 320)
	} else {
		right += int((float64(name) - long) / 2 * 320)
	}
	d.add("Signed", fmt.Sprintf(`<w:spacing w:before="%d"/><w:ind w:right="%d"/>`, before, from*320+left), run{text: l.signer()})
	d.add("Dated", fmt.Sprintf(`<w:ind w:right="%d"/>`, right), run{text: day})
}
