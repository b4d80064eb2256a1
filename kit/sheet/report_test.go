package sheet

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// judged is what the tests say about the rows of the roster with every flaw.
func judged(row int) Message {
	switch row {
	case 9:
		return Message{Text: "证件号码是数值，后几位已丢失。请改成文本格式后重新填写", Refused: true}
	case 16:
		return Message{Text: "=手机号码 <11> 位 & 不足"}
	}
	return Message{}
}

func reported(t *testing.T, b *Book, say func(int) Message) []byte {
	t.Helper()
	h, err := b.FindHead(Known(roster))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := b.Report(&out, h, say); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func reopen(t *testing.T, raw []byte, name string) *Book {
	t.Helper()
	b, err := Open(bytes.NewReader(raw), int64(len(raw)), name, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func TestReportKeepsTheWorkbook(t *testing.T) {
	b := openSample(t, "会员花名册-常见毛病.xlsx")
	_, before, rows := data(t, b)
	raw := reported(t, b, judged)

	back := reopen(t, raw, "报告.xlsx")
	h, after, again := data(t, back)
	t.Run("IMP-04 the report goes in again like the file", func(t *testing.T) {
		if diff := cmp.Diff(rows, again); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(before, after); diff != "" {
			t.Error(diff)
		}
		if h.Names[12] != MessageHeader {
			t.Errorf("names = %v", h.Names)
		}
	})

	f, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, c := range []struct{ law, cell, text, fill string }{
		{"IMP-04 the head of the new column", "M3", MessageHeader, ""},
		{"IMP-04 a refused row", "M9", judged(9).Text, "FFD9D9"},
		{"IMP-04 all of a refused row is red", "B9", "孙子", "FFD9D9"},
		{"PL-22 a warned row, its message no formula", "M16", "'" + judged(16).Text, "FFEFCC"},
		{"ours: a row without a message stays as it was", "B10", "潘艳波", ""},
		{"ours: a date keeps its style", "L23", "05-13-94", ""},
	} {
		t.Run(c.law, func(t *testing.T) {
			text, err := f.GetCellValue("会员名单", c.cell)
			if err != nil || text != c.text {
				t.Errorf("%s = %q %v, want %q", c.cell, text, err, c.text)
			}
			id, err := f.GetCellStyle("会员名单", c.cell)
			if err != nil {
				t.Fatal(err)
			}
			style, err := f.GetStyle(id)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if len(style.Fill.Color) > 0 {
				got = style.Fill.Color[0]
			}
			if got != c.fill {
				t.Errorf("%s is filled %q, want %q", c.cell, got, c.fill)
			}
		})
	}
	if got := f.GetSheetList(); !cmp.Equal(got, []string{"会员名单", "填表说明"}) {
		t.Errorf("sheets = %v", got)
	}
	if hidden, err := f.GetColVisible("会员名单", "G"); err != nil || hidden {
		t.Errorf("column G is visible: %v", err)
	}
	if merged, err := f.GetMergeCells("会员名单"); err != nil || len(merged) != 12 {
		t.Errorf("%d merged ranges %v", len(merged), err)
	}
}

func TestReportOfAReport(t *testing.T) {
	for _, name := range []string{"会员花名册-常见毛病.xlsx", "会员名单-国标编码.csv"} {
		t.Run("IMP-04 "+name, func(t *testing.T) {
			once := reported(t, openSample(t, name), judged)
			twice := reopen(t, reported(t, reopen(t, once, name), func(row int) Message {
				return Message{Text: map[int]string{10: "新的意见"}[row]}
			}), name)
			h, _, _ := data(t, twice)
			seen, at := map[int]string{}, len(h.Names)-1
			if _, err := twice.Rows(h, nil, func(r *Row) error {
				if text := r.Cell(at).Text; text != "" {
					seen[r.N] = text
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(map[int]string{10: "新的意见"}, seen); diff != "" || h.Names[at] != MessageHeader {
				t.Errorf("%v %s", h.Names, diff)
			}
		})
	}
}

func TestReportOfCSV(t *testing.T) {
	b := openSample(t, "会员名单-国标编码.csv")
	_, _, rows := data(t, b)
	raw := reported(t, b, judged)
	if !bytes.HasPrefix(raw, []byte("\xEF\xBB\xBF序号,")) || !bytes.Contains(raw, []byte(",'995461198909169436,")) {
		t.Errorf("begins %.200q", raw)
	}
	_, _, again := data(t, reopen(t, raw, "报告.csv"))
	if diff := cmp.Diff(rows, again); diff != "" {
		t.Error("IMP-04", diff)
	}
}

// The widths of the other columns stay, and no two ranges of them overlap.
func TestReportColumnWidths(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	for i, n := range []string{"姓名", "证件号码"} {
		f.SetCellStr("Sheet1", columnName(i)+"1", n)
		f.SetCellStr("Sheet1", columnName(i)+"2", "x")
	}
	if err := f.SetColWidth("Sheet1", "A", "XFD", 33); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "宽.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	g, err := excelize.OpenReader(bytes.NewReader(reported(t, reopen(t, raw, "宽.xlsx"), judged)))
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	for column, want := range map[string]float64{"B": 33, "C": 60, "D": 33, "XFD": 33} {
		if got, err := g.GetColWidth("Sheet1", column); err != nil || got != want {
			t.Errorf("width of %s = %v, want %v %v", column, got, want, err)
		}
	}
}
