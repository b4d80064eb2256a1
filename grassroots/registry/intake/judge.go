package intake

import (
	"fmt"
	"strconv"
	"strings"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/day"
	"unionhall/kit/ident"
	"unionhall/kit/sheet"
	"unionhall/kit/zh"
	"unionhall/law/codes"
	"unionhall/law/region"
)

// judge knows what one roster is judged by; row by row it says what is wrong
// and what the row means. It asks no database: who is there already is
// compared afterwards.
type judge struct {
	kind     Kind
	today    day.Day
	columns  map[string]int // field to column
	headers  []string
	all      []registry.Union // of the tenant
	resolve  *resolver
	fallback registry.Ref // the union of a row that names none; empty: must name
	fillDown bool         // an empty unit means the one above
	lastUnit string
	serial   func(string) (day.Day, bool)
	first    map[string]int // document number to the row that has it
	regions  map[string]int // regions that no place has, and how many rows
}

// verdict is what judge makes of a row.
type verdict struct {
	line
	problems []Problem
	refused  bool
	card     string // our own list come back: the member's number,
	masked   string // the number of identity as it was shown
	phone    string // and the phone
}

func (v *verdict) refuse(row int, column, code, rule, message string) {
	v.refused = true
	v.problems = append(v.problems, Problem{Row: int64(row), Name: v.Person.Name, Column: column, Severity: Refuse, Code: code, Message: message, Rule: rule})
}

func (v *verdict) warn(row int, column, code, rule, message string) {
	v.problems = append(v.problems, Problem{Row: int64(row), Name: v.Person.Name, Column: column, Severity: Warn, Code: code, Message: message, Rule: rule})
}

func (j *judge) cell(r *sheet.Row, field string) sheet.Cell {
	if c, ok := j.columns[field]; ok {
		return r.Cell(c)
	}
	return sheet.Cell{}
}

func (j *judge) text(r *sheet.Row, field string) string {
	return strings.TrimSpace(zh.Narrow(j.cell(r, field).Text))
}

// header is what the sheet calls the column of a field.
func (j *judge) header(field string) string {
	if c, ok := j.columns[field]; ok && c < len(j.headers) && j.headers[c] != "" {
		return j.headers[c]
	}
	return label(j.kind, field)
}

// row judges one row.
//
// law: IMP-02, IMP-03, IMP-04
func (j *judge) row(r *sheet.Row) verdict {
	v := verdict{line: line{Row: r.N}}
	j.name(r, &v)
	id := j.document(r, &v)
	j.unit(r, &v)
	j.birth(r, &v, id)
	j.sex(r, &v, id)
	j.phone(r, &v)
	j.coded(r, &v)
	j.plain(r, &v)
	j.membership(r, &v)
	return v
}

// longest is how many characters a free text may have.
const longest = 200

func (j *judge) name(r *sheet.Row, v *verdict) {
	name := zh.Clean(j.cell(r, "name").Text)
	v.Person.Name = name
	if name == "" {
		v.refuse(r.N, j.header("name"), "name.missing", "IMP-04", "姓名没有填写。请补上后重新导入这一行。")
		return
	}
	if flaw := zh.NameFlaw(name); flaw != "" {
		v.Person.Name = clip(name, 50)
		v.refuse(r.N, j.header("name"), "name.format", "IMP-04", flaw)
	}
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

// papers are the kinds of document by their code in codes.IDType.
var papers = map[string]ident.Paper{"1": ident.Card, "2": ident.Passport, "3": ident.Officer, "4": ident.HongKong, "5": ident.Taiwan, "6": ident.Permanent, "7": ident.HongKong}

// document reads the number of identity; it returns the ID number when the
// row has a good one.
func (j *judge) document(r *sheet.Row, v *verdict) ident.ID {
	c, head := j.cell(r, "id_no"), j.header("id_no")
	v.Person.IDType = "1"
	if t := j.text(r, "id_type"); t != "" {
		code, ok := codes.IDType.Parse(t)
		if !ok {
			v.refuse(r.N, j.header("id_type"), "id.type", "IMP-04", "证件类别“"+clip(t, 20)+"”不认识，请填居民身份证、护照、军官证等。")
			return ""
		}
		v.Person.IDType = code
	}
	if strings.TrimSpace(c.Text) == "" {
		v.refuse(r.N, head, "id.missing", "IMP-04", "证件号码没有填写。请对照证件补上后重新导入这一行。")
		return ""
	}
	if card := j.text(r, "card_no"); strings.Contains(c.Text, "*") && card != "" {
		v.card, v.masked = card, zh.Squeeze(zh.Narrow(c.Text))
		j.once(r, v, "card "+card)
		return ""
	}
	if c.Number && v.Person.IDType == "1" {
		v.refuse(r.N, head, "id.numeric_cell", "IMP-02", "这一格是数字格式，第 16 位以后已经丢失，无法还原。请把该列设为“文本”后对照证件重新填写。")
		return ""
	}
	no, flaw := ident.ReadPaper(papers[v.Person.IDType], c.Text, j.today)
	if flaw != "" {
		v.refuse(r.N, head, flawCodes[flaw], "IMP-02", flaw.Text(head))
		return ""
	}
	v.Person.IDNo = no
	if !j.once(r, v, v.Person.IDType+no) {
		return ""
	}
	if v.Person.IDType != "1" {
		return ""
	}
	id := ident.ID(no)
	if year, err := strconv.Atoi(string(id.Birth()[:4])); err == nil && !region.KnownFor(id.Region(), year) {
		j.regions[id.Region()]++
	}
	return id
}

// once refuses a person whom the file has twice.
//
// law: MEM-05
func (j *judge) once(r *sheet.Row, v *verdict, key string) bool {
	first, again := j.first[key]
	if again {
		v.refuse(r.N, j.header("id_no"), "duplicate.file", "MEM-05", fmt.Sprintf("与本表第 %d 行是同一个人。请只保留正确的一行。", first))
	} else {
		j.first[key] = r.N
	}
	return !again
}

var flawCodes = map[ident.Flaw]string{
	ident.Missing: "id.missing", ident.Length: "id.length", ident.Old15: "id.old15",
	ident.Checksum: "id.checksum", ident.Birth: "id.checksum", ident.Format: "id.length",
}

func (j *judge) unit(r *sheet.Row, v *verdict) {
	field, written := "union", j.text(r, "union")
	if code := j.text(r, "union_code"); code != "" && (written == "" || j.resolve.find(code).code == "") {
		field, written = "union_code", code
	}
	if written == "" && j.fillDown {
		written = j.lastUnit
	}
	if written == "" {
		if j.fallback.ID != "" {
			v.Union = j.fallback
			return
		}
		v.refuse(r.N, j.header(field), "union.unknown", "IMP-04", "没有填写所在的工会或单位。请补上后重新导入这一行。")
		return
	}
	j.lastUnit = written
	a := j.resolve.find(written)
	switch {
	case a.code == "union.reach":
		v.refuse(r.N, j.header(field), a.code, "IMP-04", "“"+clip(written, 40)+"”不在您的管理范围内，请由该工会或上级工会导入。")
	case a.code != "":
		text := a.hint()
		if text == "" {
			text = "请核对名称，或先在“工会组织”里登记。"
		}
		v.refuse(r.N, j.header(field), a.code, "IMP-04", "没有叫“"+clip(written, 40)+"”的工会。"+text)
	default:
		v.Union = a.union
	}
}

// birth takes the day of birth from the ID number, which wins.
func (j *judge) birth(r *sheet.Row, v *verdict, id ident.ID) {
	head, text := j.header("birthday"), j.cell(r, "birthday").Text
	d, full, ok := j.date(text)
	if id != "" {
		v.Person.Birthday = id.Birth()
	}
	if strings.TrimSpace(text) == "" || v.refused {
		return
	}
	switch {
	case !ok && id != "":
		v.warn(r.N, head, "birth.unreadable", "IMP-03", "“"+clip(text, 20)+"”不是能读懂的日期，已按身份证号登记为 "+string(id.Birth())+"。")
	case !ok || d > j.today:
		v.warn(r.N, head, "birth.unreadable", "IMP-03", "“"+clip(text, 20)+"”不是能读懂的出生日期，这一项先空着。")
	case id == "":
		v.Person.Birthday = d
	case full && d != id.Birth(), d[:7] != id.Birth()[:7]:
		v.warn(r.N, head, "birth.mismatch", "IMP-03", "表中为 "+clip(text, 20)+"，身份证号为 "+string(id.Birth())+"，将按身份证号登记。")
	}
}

func (j *judge) date(text string) (day.Day, bool, bool) {
	if d, ok := j.serial(text); ok {
		return d, true, true
	}
	return day.Read(text)
}

func (j *judge) sex(r *sheet.Row, v *verdict, id ident.ID) {
	text := j.text(r, "sex")
	written := map[string]member.Sex{"1": member.Male, "2": member.Female}
	code, _ := codes.Sex.Parse(text)
	v.Person.Sex = written[code]
	if v.Person.Sex == "" {
		v.Person.Sex = member.Unknown
	}
	if id == "" {
		return
	}
	said := v.Person.Sex
	v.Person.Sex = member.Female
	if id.Male() {
		v.Person.Sex = member.Male
	}
	if !v.refused && text != "" && said != v.Person.Sex {
		v.warn(r.N, j.header("sex"), "sex.mismatch", "IMP-04", "填的是“"+clip(text, 10)+"”，身份证号为"+v.Person.Sex.Label()+"。将按身份证号登记。")
	}
}

func (j *judge) phone(r *sheet.Row, v *verdict) {
	text := j.text(r, "phone")
	if text == "" {
		return
	}
	if p, ok := ident.Phone(text); ok {
		v.Person.Phone = p
	} else if strings.Contains(text, "*") {
		v.phone = text // it may be our own list come back
	} else if !v.refused {
		v.warn(r.N, j.header("phone"), "phone.format", "IMP-04", "“"+clip(text, 30)+"”不是 11 位手机号，这一项先空着，可以以后补上。")
	}
}
