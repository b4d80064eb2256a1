package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"unionhall/kit/fault"
)

// refusal opens and reads a file to its end and returns the sentence that
// refuses it.
func refusal(t *testing.T, raw []byte, name string, limits Limits) string {
	t.Helper()
	b, err := Open(bytes.NewReader(raw), int64(len(raw)), name, limits)
	if err == nil {
		defer b.Close()
		var h Head
		if h, err = b.FindHead(Known(roster)); err == nil {
			_, err = b.Rows(h, nil, func(*Row) error { return nil })
		}
	}
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid {
		t.Fatalf("%s: %v is no refusal", name, err)
	}
	if !strings.Contains(f.Text, "请") && !strings.Contains(f.Text, "要有") {
		t.Errorf("%q shows no way out", f.Text)
	}
	return f.Text
}

// container is an OLE file whose directory names an entry.
func container(entry string) []byte {
	raw := append([]byte(ole), make([]byte, 2048)...)
	for i, c := range []byte(entry) {
		binary.LittleEndian.PutUint16(raw[1024+2*i:], uint16(c))
	}
	return raw
}

// locked is a workbook that opens with a password only.
func locked(t *testing.T) []byte {
	f := excelize.NewFile()
	defer f.Close()
	var out bytes.Buffer
	if err := f.Write(&out, excelize.Options{Password: "secret"}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

const headLine = "姓名,证件号码\n"

func TestRefusalsOfFiles(t *testing.T) {
	good := workbookOf(t, `<worksheet><sheetData><row><c t="str"><v>姓名</v></c><c t="str"><v>证件号码</v></c></row></sheetData></worksheet>`)
	for _, c := range []struct {
		what, name string
		raw        []byte
		says       string
	}{
		{"empty", "空.xlsx", nil, "空文件"},
		{"locked", "密.xlsx", locked(t), "密码"},
		{"xls", "旧.xls", container("Workbook"), "另存为 .xlsx"},
		{"xls of 1995", "旧.xls", container("Book"), "另存为 .xlsx"},
		{"xls before OLE", "旧.xls", []byte{9, 8, 16, 0, 0, 6, 5, 0}, "另存为 .xlsx"},
		{"word", "文.xlsx", container("WordDocument"), "文字文档"},
		{"some OLE", "某.xlsx", container("Other"), "另存为 .xlsx"},
		{"png", "照片.xlsx", []byte("\x89PNG\r\n\x1a\n0000"), "图片"},
		{"jpeg", "照片.xlsx", []byte("\xFF\xD8\xFF\xE0\x00\x10JFIF"), "图片"},
		{"pdf", "表.xlsx", []byte("%PDF-1.7\n"), "PDF"},
		{"program", "表.csv", []byte("MZ\x90\x00\x03"), "程序"},
		{"html", "导出.xls", []byte("<html><table><tr><td>姓名"), "网页"},
		{"xml of 2003", "导出.xls", []byte("\xEF\xBB\xBF\n<?xml version=\"1.0\"?><Workbook>"), "网页"},
		{"binary", "表.csv", []byte("姓名\x00\x01\x02"), "不是电子表格"},
		{"zip", "包.xlsx", pack(t, "a.txt", "a"), "压缩包"},
		{"docx", "文.xlsx", pack(t, "[Content_Types].xml", "", "word/document.xml", ""), "文字或演示"},
		{"ods", "表.xlsx", pack(t, "[Content_Types].xml", "", "content.xml", ""), "另存为 .xlsx"},
		{"cut short", "断.xlsx", good[:len(good)-40], "损坏"},
		{"a byte turned", "坏.xlsx", turned(good), "损坏"},
		{"no end of rows", "坏.xlsx", workbookOf(t, `<worksheet><sheetData><row>`), "损坏"},
		{"doctype", "坏.xlsx", workbookOf(t, `<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>`), "损坏"},
		{"rows run back", "坏.xlsx", workbookOf(t, `<worksheet><sheetData><row r="5"/><row r="4"/></sheetData></worksheet>`), "损坏"},
		{"a cell closed twice", "坏.xlsx", workbookOf(t, `<worksheet><sheetData><row><c t="str"><v>姓名</v></c></row><row></c></row></sheetData></worksheet>`), "损坏"},
		{"a cell in a cell", "坏.xlsx", workbookOf(t, `<worksheet><sheetData><row><c><v>1</v><c><v>2</v></c></row></sheetData></worksheet>`), "损坏"},
		{"a row in a row", "坏.xlsx", workbookOf(t, `<worksheet><sheetData><row><row></row></row></sheetData></worksheet>`), "损坏"},
		{"a cell without a row", "坏.xlsx", workbookOf(t, `<worksheet><sheetData><c><v>1</v></c></sheetData></worksheet>`), "损坏"},
		{"no head", "无头.csv", []byte("甲,乙\n1,2\n"), "没有找到表头"},
		{"no sheet", "无表.xlsx", workbookOf(t, `<worksheet><sheetData/></worksheet>`), "没有找到表头"},
		{"no encoding", "乱码.csv", []byte("\xE5\xA7\x93\xE5,\xE8\xAF\x81\n\xFF\xFF\n"), "文字编码"},
		{"a lost quote", "引号.csv", []byte(headLine + "王,1\n\"李,2\n赵,3\n"), "第 3 行的引号"},
		{"a lost quote and much after", "引号.csv", []byte(headLine + "\"王,1\n" + strings.Repeat("赵,3\n", 50_000)), "第 2 行的引号"},
		{"a cell too long", "长.csv", []byte(headLine + strings.Repeat("长", 50_000) + ",1\n"), "第 2 行"},
		{"a row too long", "长.csv", []byte(headLine + strings.Repeat(strings.Repeat("x", 100_000)+",", 12)), "第 2 行"},
		{"columns", "宽.csv", []byte(headLine + strings.Repeat("1,", 1_001) + "1\n"), "第 2 行超过了 1000 列"},
		{"separators only", "宽.csv", []byte(headLine + strings.Repeat(",", 100_000) + "\n"), "1000 列"},
	} {
		t.Run(c.what, func(t *testing.T) {
			if got := refusal(t, c.raw, c.name, Limits{}); !strings.Contains(got, c.says) || !strings.Contains(got, c.name) {
				t.Errorf("says %q", got)
			}
		})
	}
}

func turned(raw []byte) []byte {
	raw = bytes.Clone(raw)
	at := bytes.Index(raw, []byte("xl/worksheets/sheet1.xml")) + 40
	raw[at] ^= 0x55
	return raw
}

func TestBounds(t *testing.T) {
	many := []byte(headLine + strings.Repeat("王,1\n", 101))
	wide := func(column string) []byte {
		return workbookOf(t, `<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>姓名</v></c><c r="B1" t="str"><v>性别</v></c><c r="`+column+
			`1" t="str"><v>远</v></c><c r="XFD1" s="1"/></row></sheetData></worksheet>`)
	}
	for _, c := range []struct {
		what   string
		raw    []byte
		limits Limits
		says   string
	}{
		{"bytes", many, Limits{Bytes: 100}, "上限"},
		{"rows", many, Limits{Rows: 101}, "超过了 101 行"},
		{"columns", wide("ALM"), Limits{}, "1000 列"},
		{"rows of the format", workbookOf(t, `<worksheet><sheetData><row r="1048577"><c/></row></sheetData></worksheet>`), Limits{}, "行"},
		{"unpacked", wide("C"), Limits{Unzipped: 500}, "过大"},
		{"shared texts", workbookOf(t, `<worksheet/>`, "xl/sharedStrings.xml", "<sst><si><t>"+strings.Repeat("x", 300_000)+"</t></si></sst>"), Limits{}, "3 万字"},
		{"merged ranges", workbookOf(t, `<worksheet><sheetData></sheetData>`+strings.Repeat(`<mergeCell ref="A1:B2"/>`, maxMerges+1)+`</worksheet>`), Limits{}, "合并的单元格"},
	} {
		t.Run(c.what, func(t *testing.T) {
			if got := refusal(t, c.raw, "大.xlsx", c.limits); !strings.Contains(got, c.says) {
				t.Errorf("says %q", got)
			}
		})
	}
	t.Run("ours: the last column allowed, and styles without text beyond it", func(t *testing.T) {
		raw := wide("ALL")
		b, err := Open(bytes.NewReader(raw), int64(len(raw)), "宽.xlsx", Limits{})
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		h, err := b.FindHead(Known(roster))
		if err != nil || len(h.Names) != 1000 {
			t.Errorf("%d names, %v", len(h.Names), err)
		}
	})
}

// A bomb costs neither memory nor time before it is refused.
func TestBombs(t *testing.T) {
	var zeros bytes.Buffer
	zw := zip.NewWriter(&zeros)
	for i := range 3 {
		w, err := zw.Create(fmt.Sprintf("xl/worksheets/sheet%d.xml", i))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(w, zeroes{}, 30<<20); err != nil {
			t.Fatal(err)
		}
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	var crowd bytes.Buffer
	zw = zip.NewWriter(&crowd)
	for i := range 60_000 {
		if _, err := zw.CreateRaw(&zip.FileHeader{Name: fmt.Sprintf("a/%d", i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	for what, raw := range map[string][]byte{"90 MB of nothing": zeros.Bytes(), "60,000 parts": crowd.Bytes()} {
		t.Run(what, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if got := refusal(t, raw, "炸弹.xlsx", Limits{Unzipped: 64 << 20}); !strings.Contains(got, "过大") {
				t.Errorf("says %q", got)
			}
			runtime.ReadMemStats(&after)
			if grown := (after.TotalAlloc - before.TotalAlloc) >> 20; grown > 32 {
				t.Errorf("took %d MB", grown)
			}
		})
	}
}

type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// Ranges that overlap are no workbook's; they must not multiply the work.
func TestOverlappingRanges(t *testing.T) {
	m := merger{columns: 1_000}
	for range 5_000 {
		m.waiting = append(m.waiting, merge{1, maxRows, 0, 599})
	}
	m.mark(&Row{N: 1, Cells: make([]Cell, 1_000)}, true)
	if len(m.active) != 1 || len(m.waiting) != 0 {
		t.Errorf("%d ranges at work, %d wait", len(m.active), len(m.waiting))
	}
}
