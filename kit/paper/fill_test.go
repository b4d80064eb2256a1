package paper

import (
	"archive/zip"
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"unionhall/kit/fault"
)

const wns = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"`

// template is a Word file as an office keeps it, with body as its text.
func template(t testing.TB, body string, more ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	parts := append([]string{
		"[Content_Types].xml", head + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>`,
		"word/document.xml", head + `<w:document ` + wns + `><w:body>` + body + `</w:body></w:document>`,
		"word/header1.xml", head + `<w:hdr ` + wns + `><w:p><w:r><w:t>{{单位}}</w:t></w:r></w:p></w:hdr>`,
		"word/theme/theme1.xml", `<x>{{姓名}}</x>`,
	}, more...)
	for i := 0; i+1 < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, parts[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func text(runs ...string) string {
	out := `<w:p w14:paraId="11AA22BB"><w:pPr/>`
	for _, r := range runs {
		out += `<w:r><w:rPr><w:b/></w:rPr><w:t>` + r + `</w:t></w:r><w:proofErr w:type="spellStart"/>`
	}
	return out + `</w:p>`
}

func cells(texts ...string) string {
	out := `<w:tr>`
	for _, t := range texts {
		out += `<w:tc>` + text(t) + `</w:tc>`
	}
	return out + `</w:tr>`
}

func known() Values {
	return Values{
		Text:  map[string]string{"姓名": "李𬭎", "单位": "市水务局<机关>工会&", "简历": "2008年参加工作。\n2015年任科长。", "长": long(500), "坏": "王\x00\u202e国", "标记": "{{姓名}}{{不认识}}"},
		Lists: map[string][]map[string]string{"班子": {{"姓名": "王建国", "职务": "主席"}, {"姓名": "阿卜杜热西提·买买提", "职务": "副主席"}, {"姓名": "{{班子.姓名}}", "职务": "委员"}}},
		Known: map[string][]string{"班子": {"姓名", "职务"}, "空": {"项"}},
		Proof: proof,
	}
}

// PL-27: an office's own template is filled however Word has parted its marks.
func TestFill(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"plain", text("姓名：{{姓名}}。"), "姓名：李𬭎。"},
		{"parted over runs", text("前{", "{姓", "名}", "}后"), "前李𬭎后"},
		{"parted in the middle of braces", text("{{", "姓名", "}}"), "李𬭎"},
		{"two in a run, one over two", text("{{姓名}}、{{姓", "名}}"), "李𬭎、李𬭎"},
		{"wide braces and spaces", text("｛｛ 姓名 ｝｝"), "李𬭎"},
		{"marks and markup in a value", text("{{单位}}"), "市水务局<机关>工会&"},
		{"lines", text("{{简历}}"), "2008年参加工作。2015年任科长。"},
		{"controls", text("{{坏}}"), "王国"},
		{"a value like a mark", text("{{标记}}"), "{{姓名}}{{不认识}}"},
		{"no marks, loose braces", text("{姓名}} {{ }}"), "{姓名}} {{ }}"},
		{"rows", `<w:tbl>` + cells("姓名", "职务") + cells("{{班子.姓名}}", "{{班子.职务}}（{{姓名}}）") + `</w:tbl>`, "姓名职务王建国主席（李𬭎）阿卜杜热西提·买买提副主席（李𬭎）{{班子.姓名}}委员（李𬭎）"},
		{"rows of none", `<w:tbl>` + cells("甲{{空.项}}乙") + `</w:tbl>`, "甲乙"},
		{"a row within a row", `<w:tbl><w:tr><w:tc><w:tbl>` + cells("{{班子.姓名}}") + `</w:tbl>` + text("{{姓名}}") + `</w:tc></w:tr></w:tbl>`, "王建国阿卜杜热西提·买买提{{班子.姓名}}李𬭎"},
		{"the code", text("码{{核验码}}"), "码" + proof.Code},
		{"longest", text("{{长}}"), long(500)},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := template(t, c.body)
			tpl, err := Open(bytes.NewReader(b), int64(len(b)))
			if err != nil {
				t.Fatal(err)
			}
			out := made(t, func(w io.Writer) error { return tpl.Fill(known(), w) })
			if got := wordText(t, out); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			if !bytes.Contains(part1(t, out, "word/header1.xml"), []byte("市水务局&lt;机关&gt;工会&amp;")) {
				t.Error("the head is not filled")
			}
			if string(part1(t, out, "word/theme/theme1.xml")) != `<x>{{姓名}}</x>` {
				t.Error("a part without text was touched")
			}
			if n := bytes.Count(part1(t, out, "word/document.xml"), []byte("paraId")); n > strings.Count(c.body, "paraId") {
				t.Error("copies of a row carry the same paragraph ids")
			}
		})
	}
}

func part1(t testing.TB, docx []byte, name string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(docx), int64(len(docx)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// PL-28: the code's picture stands where the template asks for it, once in
// the package, with and without relations of its own.
func TestFillPicture(t *testing.T) {
	for _, more := range [][]string{nil, {"word/_rels/document.xml.rels", head + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>`}} {
		b := template(t, text("{{核验二维码}}")+text("{{核验码}}"), more...)
		tpl, err := Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		out := made(t, func(w io.Writer) error { return tpl.Fill(known(), w) })
		wordText(t, out) // well-formed
		if !bytes.Contains(part1(t, out, "word/_rels/document.xml.rels"), []byte(pictureRel)) || !bytes.HasPrefix(part1(t, out, "word/media/unionhall-proof.png"), []byte("\x89PNG")) {
			t.Error("no picture")
		}
		if !bytes.Contains(part1(t, out, "word/document.xml"), []byte(`r:embed="`+pictureRel)) || !bytes.Contains(part1(t, out, "[Content_Types].xml"), []byte(`Extension="png"`)) {
			t.Error("the picture is not shown")
		}
	}
}

// What is no template is refused with a way out; unknown marks are named.
func TestRefused(t *testing.T) {
	var many bytes.Buffer
	z := zip.NewWriter(&many)
	for range mostParts + 1 {
		if _, err := z.Create("word/a.xml"); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	rel := func(kind string) []string {
		return []string{"word/_rels/document.xml.rels", `<Relationships><Relationship Id="x" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/` + kind + `" Target="http://elsewhere.example/a" TargetMode="External"/></Relationships>`}
	}
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"no zip", []byte("PK no"), "不是 docx"},
		{"empty", nil, "不是 docx"},
		{"too many parts", many.Bytes(), "内容太多"},
		{"a bomb", template(t, text("x"), "word/media/a.bin", strings.Repeat("\x00", mostUnpacked+1)), "展开后超过"},
		{"macros", template(t, text("x"), "word/vbaProject.bin", "x"), "有宏"},
		{"a picture elsewhere", template(t, text("x"), rel("image")...), "文件以外"},
		{"a link", template(t, text("x"), rel("hyperlink")...), ""},
		{"broken text", template(t, "<w:p><w:r>"), "读不懂"},
		{"a document type", template(t, `<!DOCTYPE x [<!ENTITY a "b">]>`), "读不懂"},
		{"unknown marks", template(t, text("{{姓名}}{{工资卡号}}")+`<w:tbl>`+cells("{{班子.年龄}}")+`</w:tbl>`), "{{工资卡号}}、{{班子.年龄}}"},
		{"a list outside a row", template(t, text("{{班子.姓名}}")), "只能放在表格的一行里"},
		{"two lists in a row", template(t, `<w:tbl>`+cells("{{班子.姓名}}", "{{空.项}}")+`</w:tbl>`), "只能放在表格的一行里"},
	} {
		tpl, err := Open(bytes.NewReader(c.file), int64(len(c.file)))
		if err == nil {
			err = tpl.Fill(known(), io.Discard)
		}
		if c.want == "" && err != nil || c.want != "" && (fault.Of(err).Kind != fault.Invalid || !strings.Contains(fault.Of(err).Text, c.want)) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestMarks(t *testing.T) {
	b := template(t, text("{{姓", "名}}{{姓名}}")+`<w:tbl>`+cells("{{班子.职务}}")+`</w:tbl>`)
	tpl, err := Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	if got := tpl.Marks(); !slices.Equal(got, []string{"姓名", "班子.职务", "单位"}) {
		t.Errorf("%v", got)
	}
}

// Whatever stands in a document and in a value: what comes out is well-formed,
// and everything but the marks is still there.
func FuzzFill(f *testing.F) {
	f.Add(text("{{姓", "名}}"), "李<𬭎")
	f.Add(`<w:tbl>`+cells("{{班子.姓名}}")+`</w:tbl>`, "{{姓名}}")
	f.Add(`<w:p><w:r><w:t/></w:r><w:r><w:t xml:space="preserve"> {{姓名}}</w:t><w:br/><w:t>}}</w:t></w:r></w:p>`, "\x00\n\n")
	f.Add(`<w:tbl><w:tr><w:tr></w:tr></w:tr></w:tbl><w:p><w:p><w:t>{{姓名}}</w:t></w:p></w:p>`, "]]>")
	f.Add(`<w:t>{{姓名}}</w:t><w:p><w:t>{{姓名<w:t>}}</w:t></w:t></w:p>`, "x")
	f.Fuzz(func(t *testing.T, body, value string) {
		b := template(t, body)
		tpl, err := Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return // not fit, and said so
		}
		v := known()
		for name := range v.Text {
			v.Text[name] = value
		}
		v.Lists["班子"][0]["姓名"] = value
		var out bytes.Buffer
		if err := tpl.Fill(v, &out); err != nil {
			if fault.Of(err).Kind == fault.Internal {
				t.Fatal(err)
			}
			return
		}
		again, err := Open(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil {
			t.Fatalf("what came out cannot be read: %v", err)
		}
		if strings.Contains(value, "{") || strings.Contains(value, "｛") || strings.ContainsAny(value, "}｝") {
			return
		}
		for _, m := range again.Marks() {
			if v.knows(m) && !strings.Contains(body, value) {
				t.Errorf("{{%s}} is left", m)
			}
		}
	})
}
