package intake

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"unionhall/schema/dbtest"
)

// wide is text as an old office file writes the names of its parts.
func wide(s string) (out []byte) {
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

const oleMagic = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"

// bomb says that it unpacks to four gigabytes.
func bomb(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.CreateRaw(&zip.FileHeader{Name: "xl/worksheets/sheet1.xml", Method: zip.Deflate, CompressedSize64: 5, UncompressedSize64: 4 << 30})
	if err == nil {
		_, err = f.Write([]byte{3, 0, 0, 0, 0})
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Whatever is uploaded, the answer is a sentence with a way out.
func TestFilesThatAreNoTables(t *testing.T) {
	d := newDesk(t, established(t, dbtest.SQLite(t)))
	broad := make([]string, 1001)
	for i := range broad {
		broad[i] = fmt.Sprintf("列%d", i)
	}
	broad[0], broad[1] = "姓名", "身份证号"
	good := sample(t, samples[1].name)
	for _, c := range []struct {
		what, name string
		content    []byte
		want       string
	}{
		{"empty", "空.xlsx", nil, "空文件"},
		{"a zip bomb", "炸弹.xlsx", bomb(t), "解开后的内容过大"},
		{"locked by a password", "密.xlsx", append([]byte(oleMagic), append(make([]byte, 600), wide("EncryptedPackage")...)...), "设有打开密码"},
		{"an old workbook", "旧.xls", append([]byte(oleMagic), append(make([]byte, 600), wide("Workbook")...)...), "另存为 .xlsx"},
		{"a picture by another name", "图.xlsx", []byte("\x89PNG\r\n\x1a\n0000"), "是图片"},
		{"a web page by another name", "页.xls", []byte("<html><table><tr><td>姓名</td></tr></table>"), "网页格式"},
		{"cut off on the way", "断.xlsx", good[:len(good)/2], "损坏或没有传完整"},
		{"no head", "无头.csv", []byte("张一,1\n李二,2\n"), "没有找到表头"},
		{"a thousand and one columns", "宽.xlsx", sheetOf(t, broad, broad), "超过了 1000 列"},
		{"noise", "x.csv", []byte("\x00\x01\x02\x03\xff\xfe\xfd"), "不是电子表格"},
		{"no column of numbers", "缺列.xlsx", sheetOf(t, []string{"姓名", "性别"}, []string{"张一", "男"}), "没有认出"},
	} {
		t.Run(c.what, func(t *testing.T) {
			a := d.read(d.send(home+"?kind=roster", asJSON, c.name, c.content), 201)
			if a.State != "failed" || !strings.Contains(a.Note, c.want) {
				t.Errorf("%s: %s", a.State, a.Note)
			}
			if w := d.ask("GET", home+"/"+a.ID, asPage, "", nil); w.Code != 200 || !strings.Contains(w.Body.String(), "重新上传") {
				t.Errorf("its page: %d", w.Code)
			}
			if w := d.press(a.ID, "confirm", `{}`); w.Code != 409 {
				t.Errorf("confirmed: %d", w.Code)
			}
			if w := d.ask("GET", home+"/"+a.ID+"/report.xlsx", asJSON, "", nil); w.Code != 200 && w.Code != 422 {
				t.Errorf("its report: %d", w.Code)
			}
		})
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestMoreThanTwoHundredMegabytes(t *testing.T) {
	d := newDesk(t, newOffice(t, dbtest.SQLite(t)))
	r, w := io.Pipe()
	m := multipart.NewWriter(w)
	go func() {
		f, err := m.CreateFormFile("file", "大.xlsx")
		if err == nil {
			_, err = io.Copy(f, io.LimitReader(zeros{}, 201<<20))
		}
		w.CloseWithError(err)
	}()
	got := d.ask("POST", home+"?kind=roster", asJSON, m.FormDataContentType(), r)
	r.Close()
	if got.Code != 413 || !strings.Contains(got.Body.String(), "文件超过 200") {
		t.Errorf("%d %s", got.Code, got.Body)
	}
}

// law: IMP-01
func TestTextFiles(t *testing.T) {
	d := newDesk(t, established(t, dbtest.SQLite(t)))
	text := "姓名,身份证号,工作单位\n张\U00020BB7," + person(1) + ",滨江市财政局\n赵\u9FB4一," + person(2) + ",滨江市财政局\n"
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	d.must(err)
	for _, c := range []struct{ what, content string }{
		{"UTF-8", text}, {"UTF-8 with a mark", "\uFEFF" + text}, {"GB18030", gb},
	} {
		t.Run(c.what, func(t *testing.T) {
			a := d.read(d.send(home+"?kind=roster", asJSON, "人.csv", []byte(c.content)), 201)
			if a.State != "judged" || a.New != 2 {
				t.Fatalf("%s %d new: %s %+v", a.State, a.New, a.Note, a.Problems)
			}
			a = d.read(d.press(a.ID, "confirm", `{}`), 200)
			if m := d.byNumber(person(1)); m.Person.Name != "张\U00020BB7" {
				t.Errorf("the name is %q", m.Person.Name)
			}
			if a = d.read(d.press(a.ID, "undo", `{}`), 200); a.State != "undone" {
				t.Errorf("%s", a.State)
			}
		})
	}
}

// Whatever stands in a cell is a value and nothing else: rows are refused or
// the text is kept as it is; pages show it and no browser runs it.
func TestHostileCells(t *testing.T) {
	d := newDesk(t, established(t, dbtest.SQLite(t)))
	hostile := []string{
		`'; DROP TABLE members; --`, `<script>alert(1)</script>`, `=HYPERLINK("http://x","y")`, `@SUM(1)`, "+1-1", "-2+3",
		strings.Repeat("长", 200), strings.Repeat("x", 5000), "\u202Eabc", "\x00null", "2.1E+17", "99999999999999999999", "1900-02-30", "🙂🙂",
	}
	head := make([]string, len(rosterFields))
	for i, f := range rosterFields {
		head[i] = f.Label
	}
	rows := [][]string{head}
	n := 0
	for i, f := range rosterFields {
		for _, text := range hostile {
			n++
			row := make([]string, len(head))
			for c, g := range rosterFields {
				row[c] = map[string]string{"name": "张一", "id_no": person(n), "union": "滨江市财政局"}[g.Key]
			}
			if row[i] = strings.ReplaceAll(text, "\x00", ""); f.Key == "union" {
				row[i] += "局"
			}
			rows = append(rows, row)
		}
	}
	for _, kind := range []Kind{Roster, Unions} {
		if kind == Unions {
			for i := range rows[0] {
				rows[0][i] = ""
				if i < len(unionFields) {
					rows[0][i] = unionFields[i].Label
				}
			}
		}
		a := d.read(d.send(home+"?kind="+string(kind), asJSON, "坏<b>.xlsx", sheetOf(t, rows...)), 201)
		if a.State != "judged" || a.Rows == 0 || a.Rows != a.New+a.Changed+a.Same+a.Refused+a.Moved {
			t.Fatalf("%s: %s %+v", kind, a.State, a.Note)
		}
		if a = d.read(d.press(a.ID, "confirm", `{}`), 200); a.State != "confirmed" {
			t.Fatalf("%s: %s %s", kind, a.State, a.Note)
		}
		for _, part := range []string{"", "/problems"} {
			if page := d.ask("GET", home+"/"+a.ID+part, asPage, "", nil).Body.String(); strings.Contains(page, "<script>alert") || strings.Contains(page, "坏<b>") {
				t.Errorf("%s%s shows what it should quote", kind, part)
			}
		}
		if w := d.ask("GET", home+"/"+a.ID+"/report.xlsx", asPage, "", nil); w.Code != 200 {
			t.Errorf("report: %d", w.Code)
		}
		d.proven()
		if a = d.read(d.press(a.ID, "undo", `{}`), 200); a.State != "undone" {
			t.Errorf("%s: %s", kind, a.State)
		}
		d.proven()
	}
}

// A formula counts for what it came to when the file was saved.
func TestFormulas(t *testing.T) {
	d := newDesk(t, established(t, dbtest.SQLite(t)))
	raw := edited(t, sheetOf(t, []string{"姓名", "身份证号", "工作单位"}, []string{"", person(1), "滨江市财政局"}), func(book *excelize.File, s string) {
		d.must(book.SetCellValue(s, "A2", nil))
		d.must(book.SetCellFormula(s, "A2", `CONCATENATE("张","一")`))
	})
	a := d.read(d.send(home+"?kind=roster", asJSON, "公式.xlsx", raw), 201)
	if a.State != "judged" || a.Refused != 1 || a.Problems[0].Code != "name.missing" {
		t.Errorf("%s %+v", a.State, a.Problems)
	}
}
