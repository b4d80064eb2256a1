package intake

import (
	"unionhall/kit/sheet"
)

// rosterTemplate is how many of a roster's fields an empty workbook has: those
// that offices keep, without what we number ourselves.
const rosterTemplate = 23

// The fields of a member roster, in the order of our own export
// (organisation.md 7), with the words that offices head them by.
var rosterFields = []sheet.Field{
	{Key: "name", Label: "姓名", Synonyms: []string{"会员姓名", "职工姓名", "名字", "姓名（必填）"}, Required: true},
	{Key: "sex", Label: "性别"},
	{Key: "birthday", Label: "出生日期", Synonyms: []string{"出生年月", "出生年月日", "生日", "出生时间"}},
	{Key: "ethnic", Label: "民族"},
	{Key: "employment", Label: "就业状况", Synonyms: []string{"在职状态", "人员状态", "在岗情况", "就业状态"}},
	{Key: "id_type", Label: "有效证件类别", Synonyms: []string{"证件类别", "证件类型", "证件种类"}},
	{Key: "id_no", Label: "证件号码", Synonyms: []string{"身份证号", "身份证号码", "公民身份号码", "身份证", "证件号", "居民身份证号码"}, Required: true},
	{Key: "education", Label: "学历", Synonyms: []string{"文化程度", "最高学历", "学历学位"}},
	{Key: "skill", Label: "技能等级", Synonyms: []string{"技术等级", "技术（技能）等级", "职业技能等级"}},
	{Key: "phone", Label: "移动电话", Synonyms: []string{"手机", "手机号", "手机号码", "联系电话", "电话", "联系方式", "移动电话号码"}},
	{Key: "joined", Label: "入会时间", Synonyms: []string{"入会日期", "入会年月", "加入工会时间", "入会年月日"}},
	{Key: "household", Label: "户籍类型", Synonyms: []string{"户口性质", "户口类型", "户籍性质"}},
	{Key: "domicile", Label: "户籍所在地", Synonyms: []string{"户籍地址", "户口所在地"}},
	{Key: "change_type", Label: "会籍变化类型", Synonyms: []string{"变化类型", "会籍变动类型"}},
	{Key: "change_date", Label: "会籍变化日期", Synonyms: []string{"变化日期", "会籍变动日期"}},
	{Key: "change_reason", Label: "会籍变化原因", Synonyms: []string{"变化原因", "会籍变动原因"}},
	{Key: "politics", Label: "政治面貌", Synonyms: []string{"党派", "政治面目"}},
	{Key: "union", Label: "工作单位", Synonyms: []string{"所属工会", "所在单位", "单位", "单位名称", "所属企业/工会", "所在工会", "工会名称", "基层工会", "所属工会（单位）", "所属单位"}},
	{Key: "native", Label: "籍贯"},
	{Key: "migrant", Label: "是否农民工", Synonyms: []string{"农民工"}},
	{Key: "duty", Label: "职务", Synonyms: []string{"行政职务"}},
	{Key: "title", Label: "职称", Synonyms: []string{"专业技术职称"}},
	{Key: "email", Label: "邮箱", Synonyms: []string{"电子邮箱", "电子邮件"}},
	{Key: "union_code", Label: "工会编码", Synonyms: []string{"单位编码", "所属工会编码"}},
	{Key: "status", Label: "会籍状态", Synonyms: []string{"会籍", "会员状态"}},
	{Key: "card_no", Label: "会员号", Synonyms: []string{"会员证号", "会员证号码", "会员编号"}},
	{Key: "outer_card", Label: "工会会员卡号", Synonyms: []string{"会员卡号", "工会卡号"}},
}

// The fields of a table of unions (organisation.md 3.8).
var unionFields = []sheet.Field{
	{Key: "name", Label: "单位名称", Synonyms: []string{"工会名称", "基层工会名称", "基层工会", "工会全称"}, Required: true},
	{Key: "code", Label: "工会编码", Synonyms: []string{"编码"}},
	{Key: "parent", Label: "上级工会(企业)名称", Synonyms: []string{"上级工会", "上级工会名称", "隶属工会", "上级工会（企业）名称"}},
	{Key: "org_code", Label: "组织机构代码"},
	{Key: "address", Label: "单位地址", Synonyms: []string{"地址", "办公地址"}},
	{Key: "region", Label: "单位所在政区", Synonyms: []string{"所在政区", "行政区划", "所在地区"}},
	{Key: "nature", Label: "单位性质类别", Synonyms: []string{"单位性质", "性质类别", "单位类别"}},
	{Key: "economy", Label: "经济类型"},
	{Key: "leader", Label: "工会/企业负责人", Synonyms: []string{"工会负责人", "负责人", "工会主席", "主席"}},
	{Key: "phone", Label: "联系电话", Synonyms: []string{"电话", "办公电话", "联系方式"}},
	{Key: "industry", Label: "单位所属行业", Synonyms: []string{"所属行业", "行业"}},
	{Key: "uscc", Label: "社会信用代码", Synonyms: []string{"统一社会信用代码", "信用代码"}},
	{Key: "founded", Label: "建会日期", Synonyms: []string{"建会时间", "成立日期", "成立时间"}},
	{Key: "form", Label: "基层工会类型", Synonyms: []string{"工会类型", "建会形式"}},
	{Key: "short_name", Label: "简称", Synonyms: []string{"单位简称", "工会简称"}},
	{Key: "staff", Label: "职工人数", Synonyms: []string{"职工数", "在职职工人数"}},
	{Key: "kind", Label: "工会组织类别", Synonyms: []string{"组织类别"}},
}

// fieldsOf returns what a workbook of the kind can hold.
func fieldsOf(k Kind) []sheet.Field {
	if k == Unions {
		return unionFields
	}
	return rosterFields
}

// label is what people call a field.
func label(k Kind, key string) string {
	for _, f := range fieldsOf(k) {
		if f.Key == key {
			return f.Label
		}
	}
	return ""
}
