package forms

import (
	"unionhall/kit/day"
	"unionhall/kit/paper"
)

// basic is what a union is (organisation.md 3.8), with who sits in its bodies.
func basic(f *fields) paper.Form {
	rows := [][]paper.Cell{
		{f.cell("工会名称")},
		{f.cell("上级工会")},
		{f.cell("工会编码"), f.cell("统一社会信用代码")},
		{f.cell("组织机构代码"), f.cell("建会日期")},
		{f.cell("基层工会类型"), f.cell("单位性质类别")},
		{f.cell("经济类型"), f.cell("所属行业")},
		{f.cell("单位所在政区"), f.cell("独立核算")},
		{f.cell("单位地址")},
		{f.cell("负责人"), f.cell("联系电话")},
		{f.cell("职工人数"), f.cell("会员人数"), f.cell("其中女会员")},
		{f.cell("本届届次"), f.cell("选举日期"), f.cell("届满日期")},
		{f.cell("经费审查委员会"), f.cell("女职工委员会"), f.cell("下级工会")},
	}
	rows = append(rows, f.rows("班子", 3,
		column{"姓名", 5}, column{"性别", 3}, column{"出生年月", 5}, column{"学历", 5}, column{"政治面貌", 5}, column{"工会职务", 5}, column{"专兼职", 4}, column{"党政职务", 5}, column{"电话", 7})...)
	return paper.Form{
		Title: "工会基本情况表", Issuer: f.get("填报单位"), Number: labelled("截至", f.get("截至日期")), Rows: rows,
		Opinions: []paper.Opinion{f.opinion("填报单位", "填报说明")},
		Note:     "注：会员人数按现行会籍规定统计，不含保留会籍的会员；电话中间四位已遮盖。",
	}
}

// Application is what a union writes to be registered as a legal person
// (organisation.md 4); numbers are spelt as the paper shows them.
//
// law: LEG-02, LEG-03
type Application struct {
	Union, Above                                    string
	ApprovedBy, ApprovedDocument                    string
	ApprovedOn                                      day.Day
	Staff, Members                                  string
	Chair, ChairPhone, Handler, HandlerPhone        string
	Balance, Dues, Share, OtherIncome               string // 上年结余、会费、拨缴经费留成、其他
	FixedFunds, CurrentFunds, OtherFunds            string
	OfficePremises, ActivityPremises, OtherPremises string
	Liability, Address, Elected, TermEnds, Number   string
	OwnOpinion, AboveOpinion, AuthorityOpinion      string
	OwnSigned, AboveSigned, AuthoritySigned         string
	OwnOn, AboveOn, AuthorityOn                     day.Day
}

// Values are a's words by the names on the paper.
func (a Application) Values() paper.Values {
	return paper.Values{Text: map[string]string{
		"工会名称": a.Union, "上级工会": a.Above, "批准建会机关": a.ApprovedBy, "批准文号": a.ApprovedDocument, "批准日期": Chinese(a.ApprovedOn),
		"职工人数": a.Staff, "会员人数": a.Members, "工会主席": a.Chair, "主席电话": a.ChairPhone, "经办人": a.Handler, "经办人电话": a.HandlerPhone,
		"上年结余": a.Balance, "会费收入": a.Dues, "拨缴经费留成": a.Share, "其他收入": a.OtherIncome,
		"固定资金": a.FixedFunds, "流动资金": a.CurrentFunds, "其他资金": a.OtherFunds,
		"办公场所": a.OfficePremises, "活动场所": a.ActivityPremises, "其他场所": a.OtherPremises,
		"承担民事责任能力": a.Liability, "住所": a.Address, "选举日期": a.Elected, "届满日期": a.TermEnds, "编号": a.Number,
		"本工会意见": a.OwnOpinion, "本工会意见签字人": a.OwnSigned, "本工会意见日期": Chinese(a.OwnOn),
		"上级工会意见": a.AboveOpinion, "上级工会意见签字人": a.AboveSigned, "上级工会意见日期": Chinese(a.AboveOn),
		"登记机关意见": a.AuthorityOpinion, "登记机关意见签字人": a.AuthoritySigned, "登记机关意见日期": Chinese(a.AuthorityOn),
	}}
}

func legal(f *fields) paper.Form {
	group := func(title string) []paper.Cell { return []paper.Cell{{Label: title, Head: true}} }
	return paper.Form{
		Title: "工会法人资格登记申请表", Issuer: f.get("工会名称"), Number: labelled("编号：", f.get("编号")),
		Rows: [][]paper.Cell{
			{f.cell("工会名称")},
			{f.cell("上级工会"), f.cell("住所")},
			{f.cell("批准建会机关"), f.cell("批准文号"), f.cell("批准日期")},
			{f.cell("职工人数"), f.cell("会员人数"), f.cell("工会主席")},
			{f.cell("选举日期"), f.cell("届满日期"), f.cell("主席电话")},
			{f.cell("经办人"), f.cell("经办人电话")},
			group("经费收入（元）"),
			{f.cell("上年结余"), f.cell("会费收入")},
			{f.cell("拨缴经费留成"), f.cell("其他收入")},
			group("资金（元）"),
			{f.cell("固定资金"), f.cell("流动资金"), f.cell("其他资金")},
			group("场所"),
			{f.cell("办公场所"), f.cell("活动场所"), f.cell("其他场所")},
			{f.cell("承担民事责任能力")},
		},
		Opinions: []paper.Opinion{f.opinion("本工会意见", "本工会意见"), f.opinion("上级工会意见", "上级工会意见"), f.opinion("登记机关意见", "登记机关意见")},
		Note:     "注：工会名称应与印章一致。本表一式三份。",
	}
}

// Changed is one item of a change of registration.
type Changed struct{ Item, Registered, New string }

// Change is what a registered union writes when its name, premises, legal
// representative, income, funds or parent change.
//
// law: LEG-05
type Change struct {
	Union, Code, Above                         string // Code: 统一社会信用代码
	Items                                      []Changed
	Reason, Request, Approval, Number          string
	OwnOpinion, AboveOpinion, AuthorityOpinion string
	OwnSigned, AboveSigned, AuthoritySigned    string
	OwnOn, AboveOn, AuthorityOn                day.Day
}

// Values are c's words by the names on the paper.
func (c Change) Values() paper.Values {
	items := make([]map[string]string, len(c.Items))
	for i, x := range c.Items {
		items[i] = map[string]string{"变更事项": x.Item, "原登记内容": x.Registered, "申请变更内容": x.New}
	}
	return paper.Values{
		Text: map[string]string{
			"工会名称": c.Union, "统一社会信用代码": c.Code, "上级工会": c.Above, "变更原因": c.Reason, "请示文号": c.Request, "批复文号": c.Approval, "编号": c.Number,
			"本工会意见": c.OwnOpinion, "本工会意见签字人": c.OwnSigned, "本工会意见日期": Chinese(c.OwnOn),
			"上级工会意见": c.AboveOpinion, "上级工会意见签字人": c.AboveSigned, "上级工会意见日期": Chinese(c.AboveOn),
			"登记机关意见": c.AuthorityOpinion, "登记机关意见签字人": c.AuthoritySigned, "登记机关意见日期": Chinese(c.AuthorityOn),
		},
		Lists: map[string][]map[string]string{"变更": items},
	}
}

func legalChange(f *fields) paper.Form {
	rows := [][]paper.Cell{{f.cell("工会名称")}, {f.cell("统一社会信用代码"), f.cell("上级工会")}}
	rows = append(rows, f.rows("变更", 7, column{"变更事项", 2}, column{"原登记内容", 4}, column{"申请变更内容", 4})...)
	reason := f.cell("变更原因")
	reason.Tall = 3
	rows = append(rows, []paper.Cell{reason}, []paper.Cell{f.cell("请示文号"), f.cell("批复文号")})
	return paper.Form{
		Title: "工会法人变更登记申请表", Issuer: f.get("工会名称"), Number: labelled("编号：", f.get("编号")), Rows: rows,
		Opinions: []paper.Opinion{f.opinion("本工会意见", "本工会意见"), f.opinion("上级工会意见", "上级工会意见"), f.opinion("登记机关意见", "登记机关意见")},
		Note:     "注：变更事项为名称、住所、法定代表人、经费收入、资金、场所、隶属关系；自变更之日起三十日内申请，交回原证书。",
	}
}
