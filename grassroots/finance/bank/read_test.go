package bank_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"unionhall/grassroots/finance/bank"
	"unionhall/kit/fault"
	"unionhall/kit/money"
)

// S2-42: how banks head their statements, and what becomes of it.
func TestHeads(t *testing.T) {
	for _, c := range []struct{ bank, text string }{
		{"two columns of the bank's sides", "交易日期,摘要,借方发生额,贷方发生额,余额\n2026-03-05,进,,100.00,100.00\n2026-03-06,出,30.00,,70.00\n"},
		{"title rows above, totals below", "中国工商银行账户明细清单\n账号：6222****2345,,,,\n交易日期,摘要,支出,收入,账户余额\n2026-03-05,进,,100.00,100.00\n2026-03-06,出,30.00,,70.00\n合计,,30.00,100.00,\n制表：王芳,,,,\n"},
		{"one column with a sign", "记账日期,用途,交易金额,余额\n20260305,进,100.00,100.00\n20260306,出,-30.00,70.00\n"},
		{"one column and a flag", "入账日期,附言,借贷标志,发生额,当前余额\n2026/3/5 10:11:12,进,贷,100.00,100.00\n2026/3/6 09:00:00,出,借,30.00,70.00\n"},
		{"the newest first", "交易时间,摘要,收入金额,支出金额,交易后余额\n20260306090000,出,,30.00,70.00\n20260305101112,进,100.00,,100.00\n"},
		{"grouped, full width, dashes for nothing", "日期,摘要,支取,存入,余额\n2026年3月5日,进,--,１００．００,100.00\n2026年3月6日,出,\"30.00\",-,70.00\n"},
		{"spending with a minus", "日期,摘要,支出,收入,余额\n2026-03-05,进,,100.00,100.00\n2026-03-06,出,-30.00,,70.00\n"},
		{"our own side of debit and credit", "日期,摘要,借方,贷方,余额\n2026-03-04,进,50.00,,50.00\n2026-03-05,进,50.00,,100.00\n2026-03-06,出,,30.00,70.00\n"},
		{"brought forward", "日期,摘要,支出,收入,余额\n,承前页,,,0.00\n2026-03-05,进,,100.00,100.00\n2026-03-06,出,30.00,,70.00\n,过次页,,,70.00\n"},
	} {
		t.Run(c.bank, func(t *testing.T) {
			r := readText(t, c.text, nil)
			sum, last := money.Fen(0), money.Fen(0)
			for _, l := range r.Lines {
				sum += l.Amount
				if l.Balance != nil {
					last = *l.Balance
				}
			}
			if sum != 70_00 || last != 70_00 || len(r.Lines) < 2 || r.Refused != 0 || r.Lines[len(r.Lines)-1].Amount != -30_00 {
				t.Errorf("read %+v, problems %+v", r.Lines, r.Problems)
			}
			for _, p := range r.Problems {
				if p.Code != "side.swapped" {
					t.Errorf("tells %+v", p)
				}
			}
		})
	}
}

// K8: what is wrong with a row is told by row and column, and what stands
// below it is still read.
func TestRows(t *testing.T) {
	for _, c := range []struct {
		code, row string
		refused   bool
	}{
		{"date.missing", ",进,,5.00,75.00", true},
		{"date.unreadable", "二月三十,进,,5.00,75.00", true},
		{"date.unreadable", "2026-02-30,进,,5.00,75.00", true},
		{"date.future", "2027-01-05,进,,5.00,75.00", true},
		{"amount.unreadable", "2026-03-07,进,,5.005,75.00", true},
		{"amount.unreadable", "2026-03-07,进,,五元,75.00", true},
		{"amount.both", "2026-03-07,进,1.00,5.00,75.00", true},
		{"amount.missing", "2026-03-07,进,,,75.00", true},
		{"balance.gap", "2026-03-07,进,,5.00,76.00", false},
		{"balance.unreadable", "2026-03-07,进,,5.00,七十五", false},
	} {
		t.Run(c.code, func(t *testing.T) {
			r := readText(t, "日期,摘要,支出,收入,余额\n2026-03-05,进,,100.00,100.00\n2026-03-06,出,30.00,,70.00\n"+c.row+"\n", nil)
			i := slices.IndexFunc(r.Problems, func(p bank.Problem) bool { return p.Code == c.code })
			if i < 0 || r.Problems[i].Row != 4 || r.Problems[i].Column == "" || (r.Problems[i].Severity == bank.Refuse) != c.refused || (len(r.Lines) == 2) != c.refused {
				t.Errorf("%d lines, problems %+v", len(r.Lines), r.Problems)
			}
		})
	}
	r := readText(t, "日期,摘要,支出,收入,余额,流水号\n2026-03-05,进,,100.00,100.00,A1\n2026-03-05,进,,100.00,100.00,A1\n", nil)
	if len(r.Lines) != 1 || r.Problems[len(r.Problems)-1].Code != "line.twice" {
		t.Errorf("a row that stands twice: %+v %+v", r.Lines, r.Problems)
	}
}

// S2-42: an encoding of old, columns that nobody knows, a file that is none.
func TestFiles(t *testing.T) {
	text, err := simplifiedchinese.GB18030.NewEncoder().String("交易日期,摘要,支出,收入,余额\n2026-03-05,慰问䶮会员,,100.00,100.00\n")
	if err != nil {
		t.Fatal(err)
	}
	if r := readText(t, text, nil); len(r.Lines) != 1 || r.Lines[0].Summary != "慰问䶮会员" {
		t.Errorf("GB18030: %+v", r)
	}
	strange := "日子,摘要,甲,乙,余额\n2026-03-05,进,,100.00,100.00\n"
	r := readText(t, strange, nil)
	if len(r.Lines) != 0 || len(r.Problems) != 1 || r.Problems[0].Code != "columns.missing" {
		t.Errorf("unknown columns: %+v", r)
	}
	if r = readText(t, strange, map[string]string{"日子": "day", "甲": "went", "乙": "came"}); len(r.Lines) != 1 || r.Lines[0].Amount != 100_00 {
		t.Errorf("columns as they were said before: %+v", r)
	}
	pdf := []byte("%PDF-1.4\n%%EOF\n")
	_, err = bank.ReadStatement(bytes.NewReader(pdf), int64(len(pdf)), "对账单.pdf", nil, "2026-11-26")
	refused(t, "a PDF", err, fault.Invalid, "")
}

// S2-42: a workbook with a merged title, a head of two lines, dates and numbers
// as a spreadsheet keeps them.
func TestWorkbook(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	put := func(cell string, v any) {
		t.Helper()
		if err := f.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	put("A1", "某银行 账户交易明细")
	if err := f.MergeCell("Sheet1", "A1", "F1"); err != nil {
		t.Fatal(err)
	}
	put("A2", "账户名称：市财政局机关工会委员会")
	for i, h := range []string{"交易日期", "摘要", "借方发生额", "贷方发生额", "余额", "对方户名"} {
		put(string(rune('A'+i))+"4", h)
	}
	put("A5", 46086) // 2026-03-05 without a date's style
	put("B5", "代收会费")
	put("D5", 0.1+0.2)
	put("E5", 0.3)
	put("A6", "2026-03-06")
	put("C6", 0.1)
	put("E6", 0.2)
	put("A7", "合计")
	put("C7", 0.1)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	r, err := bank.ReadStatement(bytes.NewReader(b.Bytes()), int64(b.Len()), "明细.xlsx", nil, "2026-11-26")
	if err != nil || len(r.Lines) != 2 || r.Lines[0].Day != "2026-03-05" || r.Lines[0].Amount != 30 || r.Lines[1].Amount != -10 || len(r.Problems) != 0 {
		t.Errorf("read %+v, %v", r, err)
	}
}

// Whatever the cells hold, reading neither fails nor makes money: every line
// has a day and an amount, and rows are lines or problems.
func FuzzStatement(f *testing.F) {
	for _, s := range []string{"2026-03-05|100.00|70.00", "20260305|(1,000.5)|", "46086|-3|1e5", "二〇二六年|１２．３４|９"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		cells := strings.Split(strings.Map(func(r rune) rune {
			if r == '"' || r == ',' || r == '\n' || r == '\r' {
				return ' '
			}
			return r
		}, s), "|")
		text := "日期,收入,支出,余额,摘要\n" + strings.Join(cells, ",") + "\n2026-03-06,1.00,,2.00,进\n"
		r, err := bank.ReadStatement(strings.NewReader(text), int64(len(text)), "a.csv", nil, "2026-11-26")
		if err != nil {
			if fault.Of(err).Kind != fault.Invalid {
				t.Fatal(err)
			}
			return
		}
		for _, l := range r.Lines {
			if l.Amount == 0 || l.Day == "" || l.Day > "2026-11-26" {
				t.Fatalf("a line %+v", l)
			}
		}
		if int64(len(r.Lines))+r.Refused > r.Rows {
			t.Fatalf("%d lines and %d refused of %d rows", len(r.Lines), r.Refused, r.Rows)
		}
	})
}
