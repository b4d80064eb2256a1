package forms

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"unionhall/kit/paper"
)

func filled() map[string]paper.Values {
	return map[string]paper.Values{
		"legal": Application{
			Union: "滨江市水务局机关工会委员会", Above: "滨江市直机关工会工作委员会", ApprovedBy: "滨江市直机关工会工作委员会", ApprovedDocument: "滨机工发〔2026〕3号", ApprovedOn: "2026-03-01",
			Staff: "126", Members: "124", Chair: "王建国", ChairPhone: "138****5678", Handler: "李𬭎", HandlerPhone: "139****0001",
			Balance: "12,300.00", Dues: "18,600.00", Share: "86,000.00", OtherIncome: "0.00", FixedFunds: "35,000.00", CurrentFunds: "42,000.00", OtherFunds: "0.00",
			OfficePremises: "28 平方米", ActivityPremises: "160 平方米", OtherPremises: "—", Liability: "能够以自有财产独立承担民事责任。", Address: "滨江市江城大街 88 号",
			Elected: "2026年3月1日", TermEnds: "2031年2月28日", Number: "2026-017", OwnOpinion: "申请登记。", OwnSigned: "王建国", OwnOn: "2026-03-05",
		}.Values(),
		"legal-change": Change{
			Union: "滨江市水务局机关工会委员会", Code: "81210600MC1234567X", Above: "滨江市直机关工会工作委员会", Reason: "机构改革，单位更名。", Request: "滨水工〔2026〕9号", Approval: "滨机工发〔2026〕18号",
			Items: []Changed{{"名称", "滨江市水利局机关工会委员会", "滨江市水务局机关工会委员会"}, {"法定代表人", "张德明", "王建国"}},
		}.Values(),
	}
}

func made(t *testing.T, name string, write func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	if dir := os.Getenv("PAPERS"); dir != "" { // to look at
		if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func document(t *testing.T, docx []byte) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(docx), int64(len(docx)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// PL-27: every form comes blank and filled, and its starter, filled as a
// template, holds the same values as the form itself.
func TestForms(t *testing.T) {
	for _, k := range Kinds {
		t.Run(k.Key, func(t *testing.T) {
			if found, ok := Find(k.Key); !ok || found.Title != k.Title {
				t.Fatal("not found by its key")
			}
			made(t, k.Key+"-blank.pdf", k.Blank().PDF)
			text, rows := k.Names()
			v, ok := filled()[k.Key]
			if !ok {
				v = paper.Values{Text: map[string]string{}, Lists: map[string][]map[string]string{}}
				for i, n := range text {
					v.Text[n] = n + "的值"
					if strings.HasSuffix(n, "日期") && i%2 == 0 {
						v.Text[n] = "2026年11月26日"
					}
				}
				for _, n := range rows {
					list, field, _ := strings.Cut(n, ".")
					if v.Lists[list] == nil {
						v.Lists[list] = []map[string]string{{}, {}}
					}
					v.Lists[list][0][field], v.Lists[list][1][field] = field+"一", field+"二"
				}
			}
			v = k.Known(v)
			made(t, k.Key+".pdf", k.Fill(v).PDF)
			made(t, k.Key+".docx", k.Fill(v).DOCX)
			starter := made(t, k.Key+"-starter.docx", k.Starter().DOCX)
			tpl, err := paper.Open(bytes.NewReader(starter), int64(len(starter)))
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range tpl.Marks() {
				if !slices.Contains(text, n) && !slices.Contains(rows, n) {
					t.Errorf("the starter marks %s, which is no name of the form", n)
				}
			}
			got := document(t, made(t, k.Key+"-own.docx", func(w io.Writer) error { return tpl.Fill(v, w) }))
			for name, value := range v.Text {
				if value != "" && slices.Contains(tpl.Marks(), name) && !strings.Contains(got, value) {
					t.Errorf("%s: %q is not on the paper", name, value)
				}
			}
			for list, items := range v.Lists {
				for _, item := range items {
					for f, value := range item {
						if !strings.Contains(got, value) {
							t.Errorf("%s.%s: %q is not on the paper", list, f, value)
						}
					}
				}
			}
			if strings.Contains(got, "{{") {
				t.Error("marks are left")
			}
		})
	}
}
