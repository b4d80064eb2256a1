package paper

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

var proof = &Proof{"https://hall.example/verify/ABCDEFGHJKLMNPQRST", "ABCDEF-GHJKLM-NPQRST"}

func reply() Letter {
	return Letter{
		Issuer: "滨江市直机关工会工作委员会", Number: "滨机工发〔2026〕18号",
		Title: "关于同意滨江市水务局机关工会第七届委员会换届选举结果的批复", To: "滨江市水务局机关工会",
		Body: []string{
			"你会《关于滨江市水务局机关工会换届选举结果的报告》（滨水工〔2026〕9号）收悉。根据《中国工会章程》和《工会基层组织选举工作条例》的规定，经研究，同意你会第七届委员会由王建国、李𬭎、阿卜杜热西提·买买提等7人组成，王建国任主席，李𬭎任副主席。",
			"本届委员会任期五年，自2026年11月26日起至2031年11月25日止。",
			"此复。",
		},
		Attached: []string{"滨江市水务局机关工会第七届委员会委员名单", "第七届经费审查委员会委员名单"},
		On:       "2026-11-26", Seal: true, Proof: proof,
	}
}

func register() Form {
	return Form{
		Issuer: "滨江市水务局机关工会", Title: "中华全国总工会工会会员登记表", Number: "编号：210602000112000001", Photo: true,
		Rows: [][]Cell{
			{{Label: "姓名", Text: "阿卜杜热西提·买买提"}, {Label: "性别", Text: "男"}},
			{{Label: "出生日期", Text: "1986-03-02"}, {Label: "民族", Text: "维吾尔族"}},
			{{Label: "学历", Text: "大学本科毕业"}, {Label: "政治面貌", Text: "中共党员"}},
			{{Label: "籍贯", Text: "新疆喀什"}, {Label: "移动电话", Text: "138****5678"}},
			{{Label: "工作单位及职务", Text: "滨江市水务局机关工会　四级主任科员"}},
			{{Label: "个人工作简历", Text: "2008年7月参加工作。\n2015年任科长。", Tall: 7}},
			{{Label: "家庭主要成员", Head: true}},
			{{Label: "称谓", Head: true}, {Label: "姓名", Head: true}, {Label: "工作单位", Head: true, Wide: 3}},
			{{Text: "配偶"}, {Text: "李<b>𬭎</b>&"}, {Text: "滨江市第一人民医院", Wide: 3}},
			{{Label: "备注", Tall: 2}},
		},
		Opinions: []Opinion{{Who: "基层工会委员会审批意见", Text: "同意入会。", Signed: "王建国", On: "2026-11-26", Seal: true}, {Who: "上级工会意见", Seal: true}},
		Note:     "注：本表一式两份，一份由基层工会存档，一份交会员本人。", Proof: proof,
	}
}

// tool runs a program of poppler-utils on a PDF file.
func tool(t *testing.T, pdf []byte, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("no %s here: apt-get install poppler-utils", name)
	}
	path := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(path, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(name, append(args, path, "-")...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

func made(t testing.TB, write func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	if dir := os.Getenv("PAPERS"); dir != "" { // to look at
		name := strings.ReplaceAll(t.Name(), "/", "_") + map[bool]string{true: ".pdf", false: ".docx"}[bytes.HasPrefix(b.Bytes(), []byte("%PDF"))]
		if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// wordText checks that every part is well-formed and returns the text of the
// document, w:t by w:t.
func wordText(t testing.TB, docx []byte) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(docx), int64(len(docx)))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(f.Name, ".xml") && !strings.HasSuffix(f.Name, ".rels") {
			continue
		}
		d := xml.NewDecoder(bytes.NewReader(b))
		in := false
		for {
			tok, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
			switch k := tok.(type) {
			case xml.StartElement:
				in = k.Name.Local == "t"
			case xml.EndElement:
				in = false
			case xml.CharData:
				if in && f.Name == "word/document.xml" {
					out.Write(k)
				}
			}
		}
	}
	return out.String()
}

var pageNo = regexp.MustCompile(`—\d+—|第\d+页共\d+页`)

// bare is text without white space and page numbers.
func bare(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Variation_Selector, r) {
			return -1
		}
		return r
	}, text)
	return pageNo.ReplaceAllString(text, "")
}

func long(n int) string { return strings.Repeat("长期患病，家庭困难；", n) + "完" }

// PL-27, S2-32: the same text in both, whatever is in it.
func TestBothSayTheSame(t *testing.T) {
	type both interface {
		PDF(io.Writer) error
		DOCX(io.Writer) error
	}
	full := reply()
	full.Body = append(full.Body, long(200))
	full.Title, full.To, full.Signed = long(6), "各区县工会，"+long(5), long(3)
	toAbove := reply()
	toAbove.Approver, toAbove.Seal, toAbove.Attached = "孙丽霞", false, []string{"名单"}
	boxes := register()
	boxes.Rows[5][0].Text, boxes.Opinions[0].Text, boxes.Issuer, boxes.Photo = long(400), long(300), long(6), false
	for name, p := range map[string]both{
		"reply": reply(), "long letter": full, "to above": toAbove, "empty letter": Letter{}, "circular": Letter{Title: "通知", Body: []string{"一", ""}, On: "2026-01-02"},
		"register": register(), "long form": boxes, "empty form": Form{}, "opinion only": Form{Title: "表", Opinions: []Opinion{{Who: "意见", Text: "a\nb"}}},
	} {
		t.Run(name, func(t *testing.T) {
			pdf, docx := made(t, p.PDF), made(t, p.DOCX)
			got, want := bare(tool(t, pdf, "pdftotext", "-raw")), bare(wordText(t, docx))
			if got != want {
				t.Errorf("PDF\n%s\nWord\n%s", got, want)
			}
			if again := made(t, p.DOCX); !bytes.Equal(again, docx) {
				t.Error("the same paper twice is not the same bytes")
			}
		})
	}
}
