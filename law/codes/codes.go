// Package codes holds the code tables (代码表) of the field: what is stored for
// each value, how it is shown, and what else offices write for it.
//
// Values are matched by their words, never by the numbers of another system,
// since editions of the same standard number them differently.
package codes

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// Table names one code table.
type Table string

const (
	Sex          Table = "sex"           // 性别, GB/T 2261.1
	Ethnic       Table = "ethnic"        // 民族, GB/T 3304
	Political    Table = "political"     // 政治面貌, GB/T 4762
	Employment   Table = "employment"    // 就业状况
	Education    Table = "education"     // 学历, GB/T 4658-2006
	Skill        Table = "skill"         // 技能等级
	IDType       Table = "id_type"       // 有效证件类别
	Household    Table = "household"     // 户籍类型; the numbers are ours
	ChangeType   Table = "change_type"   // 会籍变化类型
	ChangeReason Table = "change_reason" // 会籍变化原因; from 11 on ours
	OrganKind    Table = "organ_kind"    // 机关类别; law: ORG-04
	UnionKind    Table = "union_kind"    // 工会组织类别
	UnitNature   Table = "unit_nature"   // 单位性质类别
	Industry     Table = "industry"      // 单位所属行业, sections of GB/T 4754
	BaseForm     Table = "base_form"     // 基层工会类型: 独立 or 联合
	YesNo        Table = "yes_no"        // 是 or 否
)

// Code is one value of a table.
type Code struct {
	Code  string `json:"code"`
	Label string `json:"label"`
}

// Parse returns the code of what an office wrote. It forgives blanks, width,
// case, punctuation, the other names of a value and two names side by side
// (男性/男); parts that name different values are no answer.
func (t Table) Parse(written string) (code string, ok bool) {
	words := tables()[t].words
	if code, ok = words[letters(written)]; ok {
		return code, true
	}
	for _, part := range strings.FieldsFunc(written, parts) {
		if c, known := words[letters(part)]; known {
			if ok && c != code {
				return "", false
			}
			code, ok = c, true
		}
	}
	return code, ok
}

// Label returns how a code is shown, or the code itself when it has no label.
// What Label gives, Parse takes.
func (t Table) Label(code string) string {
	all := tables()[t].all
	if i := slices.IndexFunc(all, func(c Code) bool { return c.Code == code }); i >= 0 {
		return all[i].Label
	}
	return code
}

// Has reports whether the table has the code.
func (t Table) Has(code string) bool {
	return slices.ContainsFunc(tables()[t].all, func(c Code) bool { return c.Code == code })
}

// All returns the codes of the table in the order of the standard.
func (t Table) All() []Code { return slices.Clone(tables()[t].all) }

// parts splits what stands side by side in one cell.
func parts(r rune) bool { return strings.ContainsRune("/／、,，;；:：|()（）[]【】 　", r) }

// letters leaves of s what tells two values apart: letters and digits of half
// width in lower case, and the two marks of a ticked box.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '√' || r == '×' {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

//go:embed codes.tsv
var text string

type table struct {
	all   []Code
	words map[string]string // what is written → its code
}

var tables = sync.OnceValue(func() map[Table]table {
	out := map[Table]table{}
	_, rows, _ := strings.Cut(text, "\n") // the names of the columns
	for line := range strings.Lines(rows) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		t, known := out[Table(f[0])]
		if !known {
			t.words = map[string]string{}
		}
		t.all = append(t.all, Code{Code: f[1], Label: f[2]})
		t.words[letters(f[2])] = f[1]
		for also := range strings.SplitSeq(f[3], "|") {
			if w := letters(also); w != "" {
				t.words[w] = f[1]
			}
		}
		out[Table(f[0])] = t
	}
	return out
})
