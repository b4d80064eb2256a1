package sheet

import (
	"bytes"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"
)

var written = []Column{{Name: "姓名"}, {Name: "证件号码", Width: 22}, {Name: "人数", Kind: Integer}, {Name: "经费", Kind: Money}, {Name: "入会日期", Kind: Date}}

// nasty is what people type and what attackers do.
var nasty = []string{
	"王建国", "阿布都·程志梅", "㛃𠮷", strings.Repeat("长", 200),
	"=1+1", "+8613800000000", "-5", "@SUM(A1)", "\ttab", "\rcr", "'=已经有撇号", "'", "''", "＝1", "－5",
	`=cmd|' /C calc'!A0`, "<script>alert(1)</script>", "</t></is>", "Robert'); DROP TABLE members;--", `a "b", c; d`, "两\n行", "回\r\n车",
	" 前后空格 ", "_x000D_", "_x", "&amp;", "]]>", "a,b;c\td", "1E5", "007", "1.10", "0x1F", "TRUE", "#N/A", "2024-05-01", "null",
}

type opener func(io.Writer, []Column) (*Writer, error)

var formats = map[string]opener{
	"导出.csv":  NewCSV,
	"导出.xlsx": func(w io.Writer, c []Column) (*Writer, error) { return NewXLSX(w, "", c) },
	"带题.xlsx": func(w io.Writer, c []Column) (*Writer, error) { return NewXLSX(w, "会员名单：全部", c) },
}

func write(t testing.TB, open opener, columns []Column, rows [][]string) []byte {
	var out bytes.Buffer
	w, err := open(&out, columns)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if err := w.Row(r...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func readBack(t testing.TB, raw []byte, name string) (rows [][]string) {
	b, err := Open(bytes.NewReader(raw), int64(len(raw)), name, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	h, err := b.FindHead(Known([]Field{{Label: "姓名"}, {Label: "证件号码"}, {Label: "入会日期"}}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Rows(h, []int{0}, func(r *Row) error {
		line := make([]string, len(h.Names))
		for i := range line {
			line[i] = r.Cell(i).Text
		}
		rows = append(rows, line)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestWhatIsWrittenComesBack(t *testing.T) {
	var rows [][]string
	for _, v := range nasty {
		rows = append(rows, []string{"某", v, "12", "1234.50", "2024-05-01"}, []string{v + "某", "", "-3", "-0.05", ""})
	}
	rows = append(rows, []string{"某", "", "007", "十二元", "不详"}, []string{"某", "x", "123456789012345678", "1.234", "2024"})
	for name, open := range formats {
		t.Run("PL-20 IMP-05 "+name, func(t *testing.T) {
			back := readBack(t, write(t, open, written, rows), name)
			want := make([][]string, len(rows))
			for i, r := range rows {
				want[i] = append([]string{}, r...)
				if strings.HasSuffix(name, "xlsx") && want[i][3] == "1234.50" {
					want[i][3] = "1234.5" // a number cell
				}
			}
			if diff := cmp.Diff(want, back); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRoundTripOfAnyText(t *testing.T) {
	for name, open := range formats {
		t.Run("PL-20 "+name, rapid.MakeCheck(func(rt *rapid.T) {
			text := rapid.StringOfN(rapid.RuneFrom([]rune("=+-@'\"\t\r\n,; _xX0D<&]王𠮷·1E＝")), 0, 12, -1)
			var rows [][]string
			for range rapid.IntRange(1, 4).Draw(rt, "rows") {
				rows = append(rows, []string{"某", text.Draw(rt, "id"), text.Draw(rt, "text"), "", ""})
			}
			columns := []Column{{Name: "姓名"}, {Name: "证件号码"}, {Name: "备注"}, {Name: "入会日期"}, {Name: "空"}}
			if diff := cmp.Diff(rows, readBack(t, write(t, open, columns, rows), name)); diff != "" {
				rt.Fatal(diff)
			}
		}))
	}
}

func TestNoFormulaLeaves(t *testing.T) {
	rows := [][]string{}
	for _, v := range nasty {
		rows = append(rows, []string{v, v, v, v, v})
	}
	t.Run("PL-22 csv", func(t *testing.T) {
		raw := string(write(t, NewCSV, written, rows))
		for _, cell := range strings.FieldsFunc(raw, func(r rune) bool { return r == ',' || r == '\n' }) {
			cell = strings.TrimLeft(cell, `"`)
			if cell != "" && strings.ContainsRune("=+@\t", rune(cell[0])) {
				t.Errorf("cell %q", cell)
			}
		}
	})
	t.Run("PL-22 IMP-05 xlsx", func(t *testing.T) {
		f, err := excelize.OpenReader(bytes.NewReader(write(t, formats["导出.xlsx"], written, rows)))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for i, v := range nasty {
			cell := "B" + strconv.Itoa(i+2)
			text, err := f.GetCellValue("名单", cell)
			if err != nil {
				t.Fatal(err)
			}
			kind, err := f.GetCellType("名单", cell)
			formula, _ := f.GetCellFormula("名单", cell)
			if err != nil || kind != excelize.CellTypeInlineString || formula != "" || text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
				t.Errorf("%q stands as %q, kind %v, formula %q, %v", v, text, kind, formula, err)
			}
		}
	})
}

func TestWorkbookLooks(t *testing.T) {
	raw := write(t, formats["带题.xlsx"], written, [][]string{{"王建国", "110101199003070038", "3", "12.30", "2024-05-01"}})
	f, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := f.GetSheetName(0); got != "会员名单：全部" {
		t.Errorf("sheet %q", got)
	}
	panes, err := f.GetPanes("会员名单：全部")
	if err != nil || !panes.Freeze || panes.YSplit != 2 {
		t.Errorf("panes %+v %v", panes, err)
	}
	if width, err := f.GetColWidth("会员名单：全部", "B"); err != nil || width != 22 {
		t.Errorf("width %v %v", width, err)
	}
	if !bytes.Contains(part(t, raw, "xl/worksheets/sheet1.xml"), []byte(`<autoFilter ref="$A$2:$E$3"`)) {
		t.Errorf("no autofilter: %s", part(t, raw, "xl/worksheets/sheet1.xml"))
	}
	for cell, want := range map[string]string{"A1": "会员名单：全部", "B3": "110101199003070038", "C3": "3", "D3": "12.30"} {
		if got, err := f.GetCellValue("会员名单：全部", cell); err != nil || got != want {
			t.Errorf("%s = %q %v, want %q", cell, got, err, want)
		}
	}
}
