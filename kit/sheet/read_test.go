package sheet

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// one reads the only row of a sheet's XML.
func one(t *testing.T, cells string, more ...string) []Cell {
	t.Helper()
	raw := workbookOf(t, `<worksheet><sheetData><row r="7">`+cells+`</row></sheetData></worksheet>`, more...)
	var got []Cell
	if err := reopen(t, raw, "x").All(0, func(r *Row) error {
		got = append(got, r.Cells...)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return got
}

const dated = `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;"/><numFmt numFmtId="165" formatCode="[$-804]yyyy/m/d;@"/>` +
	`<numFmt numFmtId="166" formatCode="0.00_);[Red]\(0.00\)"/><numFmt numFmtId="167" formatCode="[h]:mm"/></numFmts>` +
	`<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/>` +
	`<xf numFmtId="167"/><xf numFmtId="57"/><xf numFmtId="22"/><xf numFmtId="49"/></cellXfs></styleSheet>`

func TestCells(t *testing.T) {
	for _, c := range []struct {
		law, cell string
		want      Cell
	}{
		{"IMP-02 an ID as a number", `<c><v>995005198111220000</v></c>`, Cell{Text: "995005198111220000", Number: true}},
		{"IMP-02 an ID as Excel stores it", `<c><v>9.9500519811122003E+17</v></c>`, Cell{Text: "995005198111220000", Number: true}},
		{"IMP-02 a number with the style of a text", `<c s="8"><v>9.9500519811122003E+17</v></c>`, Cell{Text: "995005198111220000", Number: true}},
		{"IMP-02 a text cut to its first digits", `<c t="str"><v>2.10602E+17</v></c>`, Cell{Text: "2.10602E+17", Number: true}},
		{"ours: a number without the dust of fractions", `<c><v>1234.5600000000001</v></c>`, Cell{Text: "1234.56", Number: true}},
		{"ours: a small number", `<c><v>1E-3</v></c>`, Cell{Text: "0.001", Number: true}},
		{"IMP-03 a date", `<c s="1"><v>34467</v></c>`, Cell{Text: "1994-05-13", Date: true}},
		{"IMP-03 a month", `<c s="2"><v>34455</v></c>`, Cell{Text: "1994-05", Date: true}},
		{"IMP-03 a month of the Chinese programs", `<c s="6"><v>34455</v></c>`, Cell{Text: "1994-05", Date: true}},
		{"IMP-03 a date with a locale", `<c s="3"><v>34467</v></c>`, Cell{Text: "1994-05-13", Date: true}},
		{"IMP-03 a date and time", `<c s="7"><v>34467.5</v></c>`, Cell{Text: "1994-05-13 12:00:00", Date: true}},
		{"IMP-03 a time", `<c s="5"><v>0.25</v></c>`, Cell{Text: "06:00:00", Date: true}},
		{"IMP-03 before the day that never was", `<c s="1"><v>1</v></c>`, Cell{Text: "1900-01-01", Date: true}},
		{"IMP-03 an ISO date", `<c t="d"><v>1994-05-13T00:00:00</v></c>`, Cell{Text: "1994-05-13", Date: true}},
		{"IMP-03 a serial without a style stays a number", `<c><v>34467</v></c>`, Cell{Text: "34467", Number: true}},
		{"ours: money is no date", `<c s="4"><v>12.5</v></c>`, Cell{Text: "12.5", Number: true}},
		{"ours: out of the calendar", `<c s="1"><v>1E+10</v></c>`, Cell{Text: "10000000000", Number: true}},
		{"ours: a formula and what it gave", `<c t="str"><f>A1&amp;"x"</f><v>王x</v></c>`, Cell{Text: "王x", Formula: true}},
		{"ours: a formula that gave nothing yet", `<c><f>A1</f></c>`, Cell{Formula: true}},
		{"ours: an error", `<c t="e"><v>#N/A</v></c>`, Cell{Text: "#N/A", Error: true}},
		{"ours: a truth", `<c t="b"><v>1</v></c>`, Cell{Text: "是"}},
		{"ours: rich text without its reading aid", `<c t="inlineStr"><is><r><t>王</t></r><r><t>建</t></r><rPh><t>x</t></rPh></is></c>`, Cell{Text: "王建"}},
		{"ours: entities", `<c t="str"><v>&lt;&amp;&#x738B;&#24314;&gt;&bad;&</v></c>`, Cell{Text: "<&王建>&bad;&"}},
		{"ours: the format's own escapes", `<c t="str"><v>a_x000D__x005F_x_x00</v></c>`, Cell{Text: "a\r_x_x00"}},
		{"ours: sections of plain text", `<c t="str"><v>a<![CDATA[<&amp;>]]><!-- > -->b</v></c>`, Cell{Text: "a<&amp;>b"}},
		{"ours: an apostrophe marks a text", `<c t="str"><v>'0123</v></c>`, Cell{Text: "0123", Marked: true}},
		{"ours: a namespace prefix, either quotes", `<x:c t='str' ><x:v>王</x:v></x:c>`, Cell{Text: "王"}},
	} {
		t.Run(c.law, func(t *testing.T) {
			got := one(t, c.cell, "xl/styles.xml", dated)
			if diff := cmp.Diff([]Cell{c.want}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("ours: cells may skip columns", func(t *testing.T) {
		got := one(t, `<c r="C7"><v>1</v></c><c><v>2</v></c><c r="AA7"/>`)
		if diff := cmp.Diff([]Cell{{}, {}, {Text: "1", Number: true}, {Text: "2", Number: true}}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestHiddenRowsAreReadAndKnown(t *testing.T) {
	raw := workbookOf(t, `<worksheet><sheetData><row r="2"><c><v>1</v></c></row><row r="9" hidden="1"><c><v>2</v></c></row></sheetData></worksheet>`)
	got := map[int]bool{}
	if err := reopen(t, raw, "x").All(0, func(r *Row) error { got[r.N] = r.Hidden; return nil }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[int]bool{2: false, 9: true}, got); diff != "" {
		t.Error("IMP-01", diff)
	}
}

func TestDatesFrom1904(t *testing.T) {
	raw := pack(t, "[Content_Types].xml", "", "xl/workbook.xml", `<workbook><workbookPr date1904="1"/><sheets><sheet name="甲" state="hidden" r:id="a"/><sheet name="乙 &amp; 丙" r:id="b"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="a" Type="/worksheet" Target="worksheets/SHEET1.xml"/><Relationship Id="b" Type="/worksheet" Target="/xl/worksheets/Sheet2.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml", `<worksheet/>`, "xl/worksheets/sheet2.xml", `<worksheet/>`)
	b := reopen(t, raw, "x")
	if got, ok := b.Serial("33005"); !ok || got != "1994-05-13" {
		t.Errorf("IMP-03 serial = %s %v", got, ok)
	}
	if diff := cmp.Diff([]Sheet{{"甲", true}, {"乙 & 丙", false}}, b.Sheets()); diff != "" {
		t.Error(diff)
	}
	c := reopen(t, []byte("a"), "x")
	for text, want := range map[string]string{"34467": "1994-05-13", "59": "1900-02-28", "61": "1900-03-01", "2958465": "9999-12-31", "0": "", "2958466": "", "x": ""} {
		if got, ok := c.Serial(text); string(got) != want || ok != (want != "") {
			t.Errorf("IMP-03 serial %s = %q %v, want %q", text, got, ok, want)
		}
	}
}

// The library that wrote the workbook reads the same texts out of it.
func TestAgainstTheLibrary(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	day, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range nasty {
		n := strconv.Itoa(2*i + 1)
		values := []any{v, i, float64(i) / 8, nil, v + "后", time.Date(1990, 1, i+1, 0, 0, 0, 0, time.UTC)}
		if err := f.SetSheetRow("Sheet1", "B"+n, &values); err != nil {
			t.Fatal(err)
		}
		if err := f.SetCellStyle("Sheet1", "G"+n, "G"+n, day); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	b := reopen(t, out.Bytes(), "x")
	rows := 0
	if err := b.All(0, func(r *Row) error {
		rows++
		for c, cell := range r.Cells {
			want, err := f.GetCellValue("Sheet1", columnName(c)+strconv.Itoa(r.N), excelize.Options{RawCellValue: true})
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case cell.Date:
				at, err := time.Parse(time.DateOnly, cell.Text)
				if err != nil || fmt.Sprint(at.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours()/24) != want {
					t.Errorf("%d %d: %s is not %s", r.N, c, cell.Text, want)
				}
			default:
				want = strings.TrimPrefix(want, "'") // which marks a text
				if cell.Text != want {
					t.Errorf("%d %d: %q, the library says %q", r.N, c, cell.Text, want)
				}
			}
		}
		return nil
	}); err != nil || rows != len(nasty) {
		t.Errorf("%d rows, %v", rows, err)
	}
}

func TestEncodings(t *testing.T) {
	const plain = "姓名,备注\n㛃𠮷,䶮·ḿ龴\n"
	encode := func(text string, e interface{ String(string) (string, error) }) string {
		out, err := e.String(text)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	gb := encode(plain, simplifiedchinese.GB18030.NewEncoder())
	for _, c := range []struct{ law, raw, want string }{
		{"IMP-01 UTF-8", plain, plain},
		{"IMP-01 UTF-8 with a mark", "\uFEFF" + plain, plain},
		{"IMP-01 UTF-16 little", encode(plain, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder()), plain},
		{"IMP-01 UTF-16 big", encode(plain, unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder()), plain},
		{"IMP-01 GB18030", gb, plain},
		{"IMP-01 GBK that is UTF-8 by chance", "a,\xC1\xAA\xCD\xA8\n", "a,联通\n"},
		{"IMP-01 a lone surname in GBK, not é in UTF-8", "a,\xC3\xA9\n", "a,茅\n"},
		{"IMP-01 codes of 2005 and 2022", "a,\xFE\x59\xFE\x51\xA8\xBC\xA6\xD9\n", "a,龴𠂇ḿ︐\n"},
		{"IMP-01 many, cut across the buffer", strings.Repeat("姓名,备注,㛃𠮷\n", 20_000), strings.Repeat("姓名,备注,㛃𠮷\n", 20_000)},
		{"IMP-01 many in GB18030", encode(strings.Repeat("x姓名,备注,㛃𠮷\n", 20_000), simplifiedchinese.GB18030.NewEncoder()), strings.Repeat("x姓名,备注,㛃𠮷\n", 20_000)},
	} {
		t.Run(c.law, func(t *testing.T) {
			var got strings.Builder
			if err := reopen(t, []byte(c.raw), "x.csv").All(0, func(r *Row) error {
				for i, cell := range r.Cells {
					if i > 0 {
						got.WriteByte(',')
					}
					got.WriteString(cell.Text)
				}
				got.WriteByte('\n')
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if got.String() != c.want {
				t.Errorf("%.80q", got.String())
			}
		})
	}
}

func TestCSVRecords(t *testing.T) {
	for _, c := range []struct{ law, raw, want string }{
		{"ours: commas", "a,b\nc,d", "1:a|b 2:c|d"},
		{"ours: semicolons", "a;b,x;c\nd;e;f", "1:a|b,x|c 2:d|e|f"},
		{"ours: tabs", "a\tb\r\nc\td\r\n", "1:a|b 2:c|d"},
		{"ours: line ends of old", "a,b\rc,d", "1:a|b 2:c|d"},
		{"ours: quotes, doubled and with breaks", "a,\"b\"\"x\"\"\"\nc,\"d\r\n;\"\n", "1:a|b\"x\" 2:c|d\r\n;"},
		{"ours: a stray quote is a character", "a,b\"x\"\nc,\"d\"e", "1:a|b\"x\" 2:c|de"},
		{"ours: empty lines are rows", "a,b\n\n,,\nc,d,\n", "1:a|b 4:c|d"},
		{"ours: a text as a formula", `a,"=""0123"""` + "\n" + `b,="0456"`, "1:a|0123 2:b|0456"},
		{"ours: one column", "a\nb", "1:a 2:b"},
	} {
		t.Run(c.law, func(t *testing.T) {
			var got []string
			if err := reopen(t, []byte(c.raw), "x.csv").All(0, func(r *Row) error {
				var cells []string
				for _, cell := range r.Cells {
					cells = append(cells, cell.Text)
				}
				got = append(got, strconv.Itoa(r.N)+":"+strings.Join(cells, "|"))
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%q", got)
			}
		})
	}
}

// A table of shared texts that does not fit moves to a file, and goes with
// the book.
func TestManySharedTexts(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var shared, cells strings.Builder
	const n = 120_000
	for i := range n {
		fmt.Fprintf(&shared, `<si><t>%0100d</t></si>`, i)
		fmt.Fprintf(&cells, `<row><c t="s"><v>%d</v></c><c t="s"><v>%d</v></c></row>`, i, (i*7919)%n)
	}
	raw := workbookOf(t, `<worksheet><sheetData>`+cells.String()+`</sheetData></worksheet>`, "xl/sharedStrings.xml", `<sst>`+shared.String()+`</sst>`)
	b, err := Open(bytes.NewReader(raw), int64(len(raw)), "x", Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if b.xlsx.looks.texts.file == nil {
		t.Error("all of it is in memory")
	}
	if err := b.All(0, func(r *Row) error {
		i := r.N - 1
		if r.Cells[0].Text != fmt.Sprintf("%0100d", i) || r.Cells[1].Text != fmt.Sprintf("%0100d", (i*7919)%n) {
			return fmt.Errorf("row %d: %v", r.N, r.Cells)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if files, err := filepath.Glob(filepath.Join(os.TempDir(), "*")); err != nil || len(files) != 0 {
		t.Errorf("left %v %v", files, err)
	}
}
