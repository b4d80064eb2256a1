package paper

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	qrcode "github.com/skip2/go-qrcode"
)

// The fonts that offices use, with what a machine without them takes instead.
const (
	songTitle = "方正小标宋简体"   // titles, the red head
	fangSong  = "仿宋_GB2312" // text
	song      = "宋体"        // forms
)

const wordNames = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`

// word is a Word file being written from top to bottom.
type word struct {
	body  bytes.Buffer
	title string
	by    string
	proof []byte // a picture, if there is one
	base  string // properties of the text that no style says
	sect  string // the page
	foot  [2]string
}

// run is text with its properties in WordprocessingML.
type run struct{ props, text string }

func escape(text string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(clean(text))); err != nil {
		panic(err) // a strings.Builder takes everything
	}
	return b.String()
}

// xml writes the run; the ends of lines in it become breaks.
func (r run) xml() string {
	if r.text == "" {
		return ""
	}
	var b strings.Builder
	b.WriteString(`<w:r>`)
	if r.props != "" {
		b.WriteString(`<w:rPr>` + r.props + `</w:rPr>`)
	}
	for i, l := range strings.Split(clean(r.text), "\n") {
		if i > 0 {
			b.WriteString(`<w:br/>`)
		}
		b.WriteString(`<w:t xml:space="preserve">` + escape(l) + `</w:t>`)
	}
	b.WriteString(`</w:r>`)
	return b.String()
}

func paragraph(style, props string, runs ...run) string {
	var b strings.Builder
	b.WriteString(`<w:p><w:pPr><w:pStyle w:val="` + style + `"/>` + props + `</w:pPr>`)
	for _, r := range runs {
		b.WriteString(r.xml())
	}
	b.WriteString(`</w:p>`)
	return b.String()
}

func (d *word) add(style, props string, runs ...run) {
	d.body.WriteString(paragraph(style, props, runs...))
}

// twips are the twentieths of a point that Word measures in.
func twips(mm float64) int { return int(mm*1440/25.4 + 0.5) }

// addProof puts the QR code and what stands beside it into a table without
// rules.
func (d *word) addProof(p Proof, width float64) error {
	q, err := qrcode.New(p.URL, qrcode.Medium)
	if err != nil {
		return fmt.Errorf("qr code: %w", err)
	}
	q.DisableBorder = true
	if d.proof, err = q.PNG(440); err != nil {
		return fmt.Errorf("qr code: %w", err)
	}
	const high = 22.0
	d.body.WriteString(`<w:tbl><w:tblPr><w:tblW w:w="` + fmt.Sprint(twips(width)) + `" w:type="dxa"/><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>`)
	widths := []int{twips(high + 5), twips(width - high - 5)}
	for _, w := range widths {
		fmt.Fprintf(&d.body, `<w:gridCol w:w="%d"/>`, w)
	}
	d.body.WriteString(`</w:tblGrid><w:tr><w:trPr><w:cantSplit/></w:trPr>`)
	fmt.Fprintf(&d.body, `<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/></w:tcPr><w:p><w:pPr><w:pStyle w:val="Cell"/></w:pPr><w:r>%s</w:r></w:p></w:tc>`, widths[0], picture("rProof", high))
	fmt.Fprintf(&d.body, `<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>`, widths[1])
	for _, t := range p.lines() {
		d.add("Cell", "", run{text: t})
	}
	d.body.WriteString(`</w:tc></w:tr></w:tbl>`)
	d.add("Cell", `<w:spacing w:line="20" w:lineRule="exact"/>`)
	return nil
}

// picture is a square picture that stands in the line, so many millimetres
// wide. It names its own namespaces, so that it may stand in any document.
func picture(rel string, mm float64) string {
	n := int(mm * 36000)
	return fmt.Sprintf(`<w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" distT="0" distB="0" distL="0" distR="0"><wp:extent cx="%d" cy="%d"/><wp:docPr id="9001" name="核验二维码" descr="核验二维码"/><a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:nvPicPr><pic:cNvPr id="9002" name="proof.png"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:embed="%s"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="%d" cy="%d"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>`, n, n, rel, n, n)
}

const head = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

// field is a number that Word works out: PAGE, NUMPAGES.
func field(name string) string {
	return `<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> ` + name + ` </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>`
}

// save writes the parts into the zip file that a Word file is. The same paper
// gives the same bytes.
func (d *word) save(dst io.Writer) error {
	z := zip.NewWriter(dst)
	even := ""
	if d.foot[1] != "" {
		even = `<w:evenAndOddHeaders/>`
	}
	parts := []struct{ name, text string }{
		{"[Content_Types].xml", contentTypes},
		{"_rels/.rels", packageRels},
		{"docProps/core.xml", head + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>` + escape(d.title) + `</dc:title><dc:creator>` + escape(d.by) + `</dc:creator></cp:coreProperties>`},
		{"word/document.xml", head + `<w:document ` + wordNames + `><w:body>` + d.body.String() + d.sect + `</w:body></w:document>`},
		{"word/_rels/document.xml.rels", d.rels()},
		{"word/styles.xml", head + `<w:styles ` + wordNames + `>` + d.base + styles + `</w:styles>`},
		{"word/settings.xml", head + `<w:settings ` + wordNames + `><w:zoom w:percent="100"/>` + even + `<w:characterSpacingControl w:val="compressPunctuation"/><w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>`},
		{"word/fontTable.xml", fontTable},
		{"word/footer1.xml", head + `<w:ftr ` + wordNames + `>` + d.foot[0] + `</w:ftr>`},
		{"word/footer2.xml", head + `<w:ftr ` + wordNames + `>` + d.foot[1] + `<w:p/></w:ftr>`},
		{"word/media/proof.png", string(d.proof)},
	}
	for _, p := range parts {
		if p.text == "" || p.name == "word/footer2.xml" && even == "" {
			continue
		}
		f, err := z.Create(p.name)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(f, p.text); err != nil {
			return err
		}
	}
	return z.Close()
}

func (d *word) rels() string {
	const kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	out := head + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
	for _, r := range [][3]string{{"rStyles", "styles", "styles.xml"}, {"rSettings", "settings", "settings.xml"}, {"rFonts", "fontTable", "fontTable.xml"}, {"rOdd", "footer", "footer1.xml"}, {"rEven", "footer", "footer2.xml"}, {"rProof", "image", "media/proof.png"}} {
		if r[0] == "rEven" && d.foot[1] == "" || r[0] == "rProof" && d.proof == nil {
			continue
		}
		out += `<Relationship Id="` + r[0] + `" Type="` + kind + r[1] + `" Target="` + r[2] + `"/>`
	}
	return out + `</Relationships>`
}

const contentTypes = head + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
	`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
	`<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>` +
	`<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>` +
	`<Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/>` +
	`<Override PartName="/word/settings.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml"/>` +
	`<Override PartName="/word/fontTable.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.fontTable+xml"/>` +
	`<Override PartName="/word/footer1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/>` +
	`<Override PartName="/word/footer2.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/>` +
	`<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>`

const packageRels = head + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
	`<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>` +
	`<Relationship Id="r2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>`

const fontTable = head + `<w:fonts ` + wordNames + `>` +
	`<w:font w:name="` + songTitle + `"><w:altName w:val="小标宋体,方正小标宋_GBK,宋体"/><w:charset w:val="86"/><w:family w:val="auto"/></w:font>` +
	`<w:font w:name="` + fangSong + `"><w:altName w:val="仿宋,FangSong,华文仿宋"/><w:charset w:val="86"/><w:family w:val="modern"/></w:font>` +
	`<w:font w:name="` + song + `"><w:altName w:val="SimSun,Noto Serif CJK SC"/><w:charset w:val="86"/><w:family w:val="auto"/></w:font>` +
	`<w:font w:name="黑体"><w:altName w:val="SimHei,Noto Sans CJK SC"/><w:charset w:val="86"/><w:family w:val="auto"/></w:font></w:fonts>`

func font(name string) string {
	return `<w:rFonts w:ascii="` + name + `" w:hAnsi="` + name + `" w:eastAsia="` + name + `" w:cs="` + name + `"/>`
}

func size(points float64) string {
	n := int(points*2 + 0.5)
	return fmt.Sprintf(`<w:sz w:val="%d"/><w:szCs w:val="%d"/>`, n, n)
}

// defaults is what stands before the styles: the text of letters is 三号
// 仿宋 on the grid of GB/T 9704, that of forms 五号 宋体.
func defaults(name string, points float64, more string) string {
	return `<w:docDefaults><w:rPrDefault><w:rPr>` + font(name) + more + size(points) + `<w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>`
}

// styles are those of both kinds of paper, under the names that Word knows.
var styles = style("Normal", "Normal", `<w:jc w:val="both"/>`, "", true) +
	style("RedHead", "发文机关标志", `<w:jc w:val="center"/>`, font(songTitle)+`<w:color w:val="E2000F"/>`, false) +
	style("Number", "发文字号", `<w:jc w:val="center"/>`, "", false) +
	style("Title", "Title", `<w:jc w:val="center"/>`, font(songTitle), false) +
	style("To", "主送机关", ``, "", false) +
	style("Body", "Body Text", `<w:ind w:firstLineChars="200" w:firstLine="640"/>`, "", false) +
	style("Attached", "附件说明", ``, "", false) +
	style("Signed", "署名", `<w:keepNext/><w:jc w:val="right"/>`, "", false) +
	style("Dated", "成文日期", `<w:jc w:val="right"/>`, "", false) +
	style("Line", "表头说明", `<w:jc w:val="left"/>`, size(size5), false) +
	style("Cell", "表格内容", `<w:snapToGrid w:val="0"/><w:jc w:val="left"/>`, font(song)+size(size5), false) +
	style("Label", "表格栏目", `<w:snapToGrid w:val="0"/><w:jc w:val="center"/>`, font(song)+size(size5), false) +
	style("Note", "填表说明", `<w:jc w:val="left"/>`, size(9), false) +
	style("Footer", "footer", `<w:snapToGrid w:val="0"/>`, font(song), false)

func style(id, name, para, text string, def bool) string {
	d, based := "", `<w:basedOn w:val="Normal"/>`
	if def {
		d, based = ` w:default="1"`, ""
	}
	return `<w:style w:type="paragraph"` + d + ` w:styleId="` + id + `"><w:name w:val="` + name + `"/>` + based + `<w:qFormat/><w:pPr>` + para + `</w:pPr><w:rPr>` + text + `</w:rPr></w:style>`
}
