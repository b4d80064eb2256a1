package member

import (
	"strings"
	"unicode/utf8"

	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/ident"
	"unionhall/kit/zh"
	"unionhall/law/codes"
)

// Form is the registration form (工会会员登记表) as it is filled in: who the
// person is, numbers in the clear.
//
// law: MEM-02
type Form struct {
	Name       string  `json:"name" doc:"姓名"`
	Sex        Sex     `json:"sex" doc:"性别"`
	Birthday   day.Day `json:"birthday" doc:"出生日期"`
	IDType     string  `json:"id_type" doc:"证件类别"`
	IDNo       string  `json:"id_no" doc:"证件号码"`
	Phone      string  `json:"phone" doc:"移动电话"`
	Ethnic     string  `json:"ethnic" doc:"民族"`
	Education  string  `json:"education" doc:"学历"`
	Politics   string  `json:"politics" doc:"政治面貌"`
	Employment string  `json:"employment" doc:"就业状况"`
	Skill      string  `json:"skill" doc:"技能等级"`
	Household  string  `json:"household" doc:"户籍类型"`
	Domicile   string  `json:"domicile" doc:"户籍所在地"`
	Native     string  `json:"native" doc:"籍贯"`
	Migrant    bool    `json:"migrant" doc:"是否农民工"`
	WorkUnit   string  `json:"work_unit" doc:"工作单位"`
	Duty       string  `json:"duty" doc:"职务"`
	Title      string  `json:"title" doc:"职称"`
	Email      string  `json:"email" doc:"邮箱"`
	OuterCard  string  `json:"outer_card" doc:"工会会员卡号"`
}

// papers are the kinds of document by their codes.
var papers = map[string]ident.Paper{"1": ident.Card, "2": ident.Passport, "3": ident.Officer, "4": ident.HongKong, "5": ident.Taiwan, "6": ident.Permanent, "7": ident.HongKong}

// longest is how many characters a free text may have.
const longest = 200

// coded are the fields whose values stand in a code table.
func (f *Form) coded() []struct {
	name  string
	table codes.Table
	value *string
} {
	return []struct {
		name  string
		table codes.Table
		value *string
	}{
		{"ethnic", codes.Ethnic, &f.Ethnic}, {"education", codes.Education, &f.Education}, {"politics", codes.Political, &f.Politics},
		{"employment", codes.Employment, &f.Employment}, {"skill", codes.Skill, &f.Skill}, {"household", codes.Household, &f.Household},
	}
}

// free are the fields of free text.
func (f *Form) free() []struct {
	name, label string
	value       *string
} {
	return []struct {
		name, label string
		value       *string
	}{
		{"domicile", "户籍所在地", &f.Domicile}, {"native", "籍贯", &f.Native}, {"work_unit", "工作单位", &f.WorkUnit}, {"duty", "职务", &f.Duty},
		{"title", "职称", &f.Title}, {"email", "邮箱", &f.Email}, {"outer_card", "工会会员卡号", &f.OuterCard},
	}
}

// person reads the form as of today. Sex and day of birth are those of the
// number where it tells them; what can't be is fault.Invalid, field by field.
//
// law: IMP-02
func (f Form) person(today day.Day) (Person, error) {
	fields := map[string]string{}
	f.Name = zh.Clean(f.Name)
	if flaw := zh.NameFlaw(f.Name); flaw != "" {
		fields["name"] = "姓名：" + flaw
	}
	if f.IDType == "" {
		f.IDType = "1"
	}
	paper, known := papers[f.IDType]
	if !known {
		fields["id_type"] = "证件类别：请从列表中选择"
	}
	no, flaw := ident.ReadPaper(paper, f.IDNo, today)
	if known && flaw != "" {
		fields["id_no"] = "证件号码：" + flaw.Text(codes.IDType.Label(f.IDType)+"号码")
	}
	f.readNumber(no, paper, today, fields)
	if f.Phone != "" {
		phone, ok := ident.Phone(f.Phone)
		if !ok {
			fields["phone"] = "移动电话：不是 11 位手机号，请核对；没有的可以不填"
		}
		f.Phone = phone
	}
	for _, c := range f.coded() {
		if *c.value != "" && !c.table.Has(*c.value) {
			fields[c.name] = "请从列表中选择"
		}
	}
	for _, t := range f.free() {
		if *t.value = strings.TrimSpace(zh.Narrow(*t.value)); utf8.RuneCountInString(*t.value) > longest {
			fields[t.name] = t.label + "：最多 200 个字"
		}
	}
	if len(fields) > 0 {
		return Person{}, &fault.Error{Kind: fault.Invalid, Text: "有的内容填得不对，请按提示改正后再提交。", Fields: fields}
	}
	return Person{Name: f.Name, Sex: f.Sex, Birthday: f.Birthday, IDType: f.IDType, IDNo: no, Phone: f.Phone, Ethnic: f.Ethnic, Education: f.Education,
		Politics: f.Politics, Employment: f.Employment, Skill: f.Skill, Household: f.Household, Domicile: f.Domicile, Native: f.Native, Migrant: f.Migrant,
		WorkUnit: f.WorkUnit, Duty: f.Duty, Title: f.Title, Email: f.Email, OuterCard: f.OuterCard}, nil
}

// readNumber takes sex and birth from a number that tells them.
func (f *Form) readNumber(no string, paper ident.Paper, today day.Day, fields map[string]string) {
	if f.Sex == "" {
		f.Sex = Unknown
	}
	if f.Sex != Male && f.Sex != Female && f.Sex != Unknown {
		fields["sex"] = "性别：请从列表中选择"
	}
	if id := ident.ID(no); len(no) == 18 && paper != ident.Passport && paper != ident.Officer {
		f.Birthday, f.Sex = id.Birth(), Female
		if id.Male() {
			f.Sex = Male
		}
	}
	if f.Birthday > today {
		fields["birthday"] = "出生日期：不能晚于今天"
	}
}

// formOf fills the form with what is registered.
func formOf(p Person) Form {
	return Form{Name: p.Name, Sex: p.Sex, Birthday: p.Birthday, IDType: p.IDType, IDNo: p.IDNo, Phone: p.Phone, Ethnic: p.Ethnic, Education: p.Education,
		Politics: p.Politics, Employment: p.Employment, Skill: p.Skill, Household: p.Household, Domicile: p.Domicile, Native: p.Native, Migrant: p.Migrant,
		WorkUnit: p.WorkUnit, Duty: p.Duty, Title: p.Title, Email: p.Email, OuterCard: p.OuterCard}
}

// difference lists what a correction changes, by field: before and after, of
// numbers only that they changed.
func difference(was, now Person) map[string][2]string {
	out := map[string][2]string{}
	add := func(name, a, b string) {
		if a != b {
			out[name] = [2]string{a, b}
		}
	}
	hidden := func(name, a, b string) {
		if a != b {
			out[name] = [2]string{"", changedNumber}
		}
	}
	add("name", was.Name, now.Name)
	add("sex", was.Sex.Label(), now.Sex.Label())
	add("birthday", string(was.Birthday), string(now.Birthday))
	add("id_type", codes.IDType.Label(was.IDType), codes.IDType.Label(now.IDType))
	hidden("id_no", was.IDNo, now.IDNo)
	hidden("phone", was.Phone, now.Phone)
	a, b := formOf(was), formOf(now)
	old := a.coded()
	for i, c := range b.coded() {
		add(c.name, c.table.Label(*old[i].value), c.table.Label(*c.value))
	}
	before := a.free()
	for i, t := range b.free() {
		add(t.name, *before[i].value, *t.value)
	}
	yes := map[bool]string{true: "是", false: "否"}
	add("migrant", yes[was.Migrant], yes[now.Migrant])
	return out
}

// changedNumber stands in the log for a number that must not.
const changedNumber = "已更改"

// fieldLabels are the words of the fields, for the log.
var fieldLabels = map[string]string{
	"name": "姓名", "sex": "性别", "birthday": "出生日期", "id_type": "证件类别", "id_no": "证件号码", "phone": "移动电话", "ethnic": "民族", "education": "学历",
	"politics": "政治面貌", "employment": "就业状况", "skill": "技能等级", "household": "户籍类型", "domicile": "户籍所在地", "native": "籍贯", "migrant": "是否农民工",
	"work_unit": "工作单位", "duty": "职务", "title": "职称", "email": "邮箱", "outer_card": "工会会员卡号", "joined": "入会时间",
}

// Read returns the person whom the form describes as of today; what can't be
// is fault.Invalid, field by field.
func (f Form) Read(today day.Day) (Person, error) { return f.person(today) }
