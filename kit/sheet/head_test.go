package sheet

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// book makes a workbook of rows of texts separated by | and of merged ranges.
func book(t *testing.T, rows []string, merged ...string) *Book {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, r := range rows {
		for c, text := range strings.Split(r, "|") {
			if text == "" {
				continue
			}
			if err := f.SetCellStr("Sheet1", columnName(c)+strconv.Itoa(i+1), text); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, m := range merged {
		from, to, _ := strings.Cut(m, ":")
		if err := f.MergeCell("Sheet1", from, to); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return reopen(t, out.Bytes(), "表.xlsx")
}

// text makes a CSV of the same rows.
func text(t *testing.T, rows []string) *Book {
	t.Helper()
	return reopen(t, []byte(strings.ReplaceAll(strings.Join(rows, "\n"), "|", ",")), "表.csv")
}

func TestHeads(t *testing.T) {
	for _, c := range []struct {
		law         string
		rows        []string
		merged      []string
		names       string
		first, last int
	}{
		{"IMP-01 the first row", []string{"姓名|性别", "王|男"}, nil, "姓名|性别", 1, 1},
		{"IMP-01 blanks inside the names", []string{"姓  名|性\n别|证件\u3000号码", "王|男|1"}, nil, "姓名|性别|证件号码", 1, 1},
		{"IMP-01 merged titles above", []string{"某市会员花名册", "填报单位：某局||2025年", "姓名|性别|工作单位", "王|男|局"},
			[]string{"A1:C1", "A2:B2"}, "姓名|性别|工作单位", 3, 3},
		{"IMP-01 a title of two rows", []string{"某市会员花名册", "", "姓名|性别|工作单位", "王|男|局"},
			[]string{"A1:C2"}, "姓名|性别|工作单位", 3, 3},
		{"IMP-01 two lines, merged", []string{"题", "姓名|联系方式||工作单位", "|手机|微信", "王|1|2|局"},
			[]string{"A1:D1", "A2:A3", "B2:C2", "D2:D3"}, "姓名|手机|联系方式微信|工作单位", 2, 3},
		{"IMP-01 two lines, nothing known below", []string{"姓名|电话||工作单位", "|家里|办公", "王|1|2|局"},
			[]string{"A1:A2", "B1:C1", "D1:D2"}, "姓名|电话家里|电话办公|工作单位", 1, 2},
		{"IMP-01 the same name under two heads", []string{"本人|||配偶||", "姓名|性别|证件号码|姓名|性别|证件号码", "王|男|1|李|女|2"},
			[]string{"A1:C1", "D1:F1"}, "姓名|性别|证件号码|姓名|性别|证件号码", 2, 2},
		{"ours: a column without a name", []string{"姓名||性别", "王|x|男"}, nil, "姓名||性别", 1, 1},
		{"ours: data that look like names", []string{"姓名|性别|学历", "工作单位|手机|高中", "王|男|高中"}, nil, "姓名|性别|学历", 1, 1},
	} {
		t.Run(c.law, func(t *testing.T) {
			h, err := book(t, c.rows, c.merged...).FindHead(Known(roster))
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(h.Names, "|"); got != c.names || h.First != c.first || h.Last != c.last {
				t.Errorf("rows %d-%d: %s", h.First, h.Last, got)
			}
		})
	}
	t.Run("IMP-01 two lines in a CSV, which merges nothing", func(t *testing.T) {
		h, err := text(t, []string{"题||||", "姓名|联系方式||工作单位|", "|手机|微信|", "王|1|2|局|"}).FindHead(Known(roster))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(h.Names, "|"); got != "姓名|手机|联系方式微信|工作单位" || h.Last != 3 {
			t.Errorf("row %d: %s", h.Last, got)
		}
	})
}

func TestRowsThatAreNoData(t *testing.T) {
	rows := []string{
		"题", "序号|姓名|证件号码|联系方式||工作单位", "|||手机|微信",
		"1|王|11|138||甲", "2|李|12|139||甲",
		"", "序号|姓名|证件号码|联系方式||工作单位", "|||手机|微信",
		"3|赵|13||", "4||||", "小计|3", "5|钱||||乙", "6||14|||", "7|||137||",
		"合计||5人||", "注：本表一式两份", "说明|以上情况属实：||", "填表人：甲||审核人：乙||日期：2025年",
	}
	merged := []string{"A2:A3", "B2:B3", "C2:C3", "D2:E2", "F2:F3", "A7:A8", "B7:B8", "C7:C8", "D7:E7", "F7:F8", "A1:F1"}
	b := book(t, rows, merged...)
	h, err := b.FindHead(Known(roster))
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	tally, err := b.Rows(h, []int{1, 2}, func(r *Row) error {
		got = append(got, r.N)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := Tally{Data: 6, Heads: []int{7, 8}, Notes: []int{10, 11, 15, 16, 17, 18}}
	if diff := cmp.Diff(want, tally); diff != "" {
		t.Error("IMP-01", diff)
	}
	if diff := cmp.Diff([]int{4, 5, 9, 12, 13, 14}, got); diff != "" {
		t.Error("ours: a row that lacks what is required is refused by its judge, not dropped here", diff)
	}
}

func TestUnitFilledOnce(t *testing.T) {
	rows := []string{"工作单位|姓名|备注", "甲|王|x", "|李", "|赵", "乙|钱", "|孙"}
	read := func(b *Book) (Head, string, []bool) {
		h, err := b.FindHead(Known(roster))
		if err != nil {
			t.Fatal(err)
		}
		var units []string
		var marks []bool
		if _, err := b.Rows(h, []int{1}, func(r *Row) error {
			units, marks = append(units, r.Cell(0).Text), append(marks, r.Cell(0).Merged)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return h, strings.Join(units, ","), marks
	}
	t.Run("IMP-01 merged: every row gets the value", func(t *testing.T) {
		h, units, marks := read(book(t, rows, "A2:A4", "A5:A6"))
		if units != "甲,甲,甲,乙,乙" || !slices.Contains(h.FillDown, Fill{0, true}) || slices.Contains(marks, false) {
			t.Errorf("%s %v %v", units, h.FillDown, marks)
		}
	})
	t.Run("ours: merely blank: the caller decides", func(t *testing.T) {
		h, units, marks := read(book(t, rows))
		if units != "甲,,,乙," || !slices.Contains(h.FillDown, Fill{0, false}) || slices.Contains(marks, true) {
			t.Errorf("%s %v %v", units, h.FillDown, marks)
		}
	})
}

func TestGuess(t *testing.T) {
	fields := append(slices.Clone(roster), Field{Key: "org", Label: "所属企业/工会", Synonyms: []string{"工会名称"}})
	for _, c := range []struct{ law, headers, want string }{
		{"ours: labels and synonyms", "姓名|身份证号|手机", "name:100 id:90 phone:90"},
		{"ours: marks and widths do not matter", "*姓名|证件号码（必填）|所属企业／工会✱", "name:95 id:95 org:95"},
		{"ours: a name within the other", "会员姓名|联系手机号码|证件号", "name:60 phone:66 id:70"},
		{"ours: the best column of two", "配偶姓名|姓名", " name:100"},
		{"ours: among equals the left", "姓名|姓名", "name:100 "},
		{"IMP-04 what a system adds is never data", "姓名|核对意见|是否导入成功|错误原因", "name:100   "},
		{"ours: too little in common", "姓名|名|工会会员入会登记及变更日期说明", "name:100  "},
	} {
		t.Run(c.law, func(t *testing.T) {
			headers := strings.Split(c.headers, "|")
			got := make([]string, len(headers))
			for _, m := range Guess(headers, fields) {
				got[m.Column] = m.Key + ":" + strconv.Itoa(m.Score)
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%q", strings.Join(got, " "))
			}
		})
	}
}
