package forms

import "unionhall/kit/paper"

// application is what a person asks to join by.
//
// law: MEM-02
func application(f *fields) paper.Form {
	return paper.Form{
		Title: "中华全国总工会入会申请书", Photo: true,
		Rows: [][]paper.Cell{
			{f.cell("姓名"), f.cell("性别")},
			{f.cell("出生日期"), f.cell("民族")},
			{f.cell("学历"), f.cell("政治面貌")},
			{f.cell("籍贯"), f.cell("移动电话")},
			{f.cell("证件类别"), f.cell("证件号码")},
			{f.cell("工作单位")},
			{f.cell("职务"), f.cell("职称")},
		},
		Opinions: []paper.Opinion{
			{Who: "本人申请", By: "申请人", Signed: f.get("申请人"), On: written(f.get("申请日期")),
				Text: "我自愿加入中国工会，遵守《中国工会章程》，执行工会决议，积极参加工会活动，按月缴纳会费，维护职工合法权益，请予批准。"},
			f.opinion("基层工会委员会审批意见", "审批意见"),
		},
		Note: "注：本表由申请人用黑色笔填写或打印后签名，交本单位工会；批准之日为入会时间。",
	}
}

// registration is the form that is kept of every member.
//
// law: MEM-02, CARD-01
func registration(f *fields) paper.Form {
	resume, family := f.cell("个人工作简历"), f.cell("家庭主要成员及其工作单位")
	resume.Tall, family.Tall = 5, 3
	return paper.Form{
		Title: "工会会员登记表", Issuer: f.get("所属工会"), Role: "所属工会", Number: labelled("会员证号码：", f.get("会员证号码")), Photo: true,
		Rows: [][]paper.Cell{
			{f.cell("姓名"), f.cell("性别")},
			{f.cell("出生日期"), f.cell("民族")},
			{f.cell("学历"), f.cell("籍贯")},
			{f.cell("政治面貌"), f.cell("入会时间")},
			{f.cell("证件号码"), f.cell("移动电话")},
			{f.cell("工作单位"), f.cell("工资")},
			{f.cell("职务"), f.cell("职称")},
			{resume}, {family}, {f.cell("备注")},
		},
		Opinions: []paper.Opinion{
			{Who: "本人签名", By: "本人", Signed: f.get("本人签名"), On: written(f.get("签名日期"))},
			f.opinion("基层工会组织审批意见", "审批意见"),
		},
		Note: "注：本表由基层工会存档，会员会籍变动时随会籍转移。",
	}
}

func labelled(label, value string) string {
	if value == "" {
		return ""
	}
	return label + value
}
