package ledger

import (
	"fmt"
	"strconv"
	"strings"

	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/law/books"
)

// Typed is a line as somebody typed it.
type Typed struct {
	Account string `json:"account" doc:"科目"`
	Debit   string `json:"debit,omitempty" doc:"借方"`
	Credit  string `json:"credit,omitempty" doc:"贷方"`
	Summary string `json:"summary,omitempty" doc:"摘要"`
	Source  string `json:"source,omitempty" doc:"来源"`
	Project string `json:"project,omitempty" doc:"项目"`
	Party   string `json:"party,omitempty" doc:"往来单位或个人"`
	Dept    string `json:"dept,omitempty" doc:"部门"`
	Econ    string `json:"econ,omitempty" doc:"经济分类"`
	Func    string `json:"func,omitempty" doc:"功能分类"`
}

// Parse reads lines as they were typed; rows left empty fall out. An amount
// that is none is told at its field. at says which row each line was, for Told.
//
// law: K1
func Parse(typed []Typed) (lines []books.Line, at []int, err error) {
	fields := map[string]string{}
	for i, t := range typed {
		if strings.TrimSpace(t.Account+t.Debit+t.Credit) == "" {
			continue
		}
		l := books.Line{Account: firstWord(t.Account), Summary: t.Summary, Source: t.Source, Project: t.Project, Party: t.Party, Dept: t.Dept, Econ: t.Econ, Func: t.Func}
		l.Debit = amount(fields, i, "debit", "借方", t.Debit)
		l.Credit = amount(fields, i, "credit", "贷方", t.Credit)
		lines, at = append(lines, l), append(at, i)
	}
	if len(fields) > 0 {
		return nil, nil, &fault.Error{Kind: fault.Invalid, Rule: "K1", Text: "有的金额填得不对，请按提示改正后再提交。", Fields: fields}
	}
	return lines, at, nil
}

func amount(fields map[string]string, i int, name, label, text string) money.Fen {
	if strings.TrimSpace(text) == "" {
		return 0
	}
	n, err := money.Parse(text)
	if err != nil {
		fields[fmt.Sprintf("lines.%d.%s", i, name)] = fmt.Sprintf("第 %d 行%s：%s", i+1, label, fault.Of(err).Text)
	}
	return n
}

// firstWord is the code of "50404 困难职工帮扶支出".
func firstWord(s string) string {
	code, _, _ := strings.Cut(strings.TrimSpace(s), " ")
	return code
}

// Told moves the messages of lines back to the rows in which they were typed.
func Told(err error, at []int) error {
	f := fault.Of(err)
	if err == nil || len(f.Fields) == 0 {
		return err
	}
	out := *f
	out.Fields = map[string]string{}
	for name, text := range f.Fields {
		rest, ok := strings.CutPrefix(name, "lines.")
		n, field, _ := strings.Cut(rest, ".")
		if i, e := strconv.Atoi(n); ok && e == nil && i < len(at) {
			name = fmt.Sprintf("lines.%d.%s", at[i], field)
		}
		out.Fields[name] = text
	}
	return &out
}
