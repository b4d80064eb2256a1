package procedure

import (
	"slices"
	"strings"
	"unicode/utf8"

	"unionhall/grassroots/registry"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/law/codes"
)

// What a form asks for is a table by kind (organisation.md 4); the page, the
// check, the printed form and the register read it.

// sort is how a field is written.
type sort string

const (
	line    sort = ""        // a line of words
	long    sort = "long"    // some sentences
	date    sort = "date"    //
	number  sort = "number"  // a whole number
	amount  sort = "amount"  // yuan
	union   sort = "union"   // the code of a union within reach
	choice  sort = "choice"  // one of options
	heading sort = "heading" // begins a group; asks for nothing
)

// option is one choice of a field.
type option struct{ value, text string }

// field is one thing that a form asks for.
type field struct {
	name, label string
	sort        sort
	must        bool
	help, unit  string
	options     func() []option
}

func fixed(list ...option) func() []option { return func() []option { return list } }

func kindsOfUnion() (out []option) {
	for _, k := range []registry.Kind{registry.Base, registry.Joint, registry.Single, registry.Federation, registry.Branch, registry.Group} {
		out = append(out, option{string(k), k.Label()})
	}
	return out
}

func organKinds() (out []option) {
	for _, c := range codes.OrganKind.All() {
		out = append(out, option{c.Code, c.Label})
	}
	return out
}

var (
	reason  = field{name: "reason", label: "理由", sort: long, must: true, help: "会写入沿革和批复。"}
	handler = field{name: "handler", label: "经办人", must: true}
	phone   = field{name: "phone", label: "联系电话", must: true}
)

// chair is the union's head, who is its legal representative.
//
// law: ORG-27
var chair = field{name: "chair", label: "工会主席（法定代表人）", must: true}

var forms = map[Kind][]field{
	Found: {
		{name: "name", label: "工会名称", must: true, help: "与印章一致的全称。"}, {name: "short_name", label: "简称"},
		{name: "kind", label: "组织类别", sort: choice, must: true, options: kindsOfUnion},
		{name: "organ_kind", label: "机关类别", sort: choice, options: organKinds},
		{name: "party_org", label: "同级党组织", must: true, help: "机关工会受同级党组织和上级工会双重领导。"},
		{name: "staff", label: "职工人数", sort: number, must: true, unit: "人"}, {name: "members", label: "拟入会人数", sort: number, must: true, unit: "人"},
		{name: "women", label: "其中女会员", sort: number, unit: "人"}, {name: "leader", label: "筹备负责人", must: true},
		{name: "address", label: "地址"}, handler, phone, reason,
	},
	Rename: {
		{name: "name", label: "新名称", must: true}, {name: "short_name", label: "新简称"}, {name: "basis", label: "依据文件文号", must: true}, handler, phone, reason,
	},
	Move:  {{name: "parent", label: "新的上级工会", sort: union, must: true}, {name: "basis", label: "依据文件文号", must: true}, handler, phone, reason},
	Merge: {{name: "into", label: "并入的工会", sort: union, must: true}, {name: "basis", label: "依据文件文号", must: true}, {name: "assets", label: "经费、财产交接情况", sort: long, must: true}, handler, phone, reason},
	Dissolve: {
		{name: "cause", label: "撤销原因", sort: choice, must: true, options: fixed(option{"ended", "所在单位终止"}, option{"abolished", "所在单位被撤销"}, option{"other", "其他（须有上级文件）"})},
		{name: "basis", label: "依据文件文号", must: true}, {name: "settled", label: "经费、财产、债务清理情况", sort: long, must: true},
		{name: "people", label: "会员会籍安置情况", sort: long, must: true}, handler, phone, reason,
	},
	Registration: slices.Concat([]field{
		{name: "name", label: "工会名称（与印章一致）", must: true},
		{name: "approved_by", label: "批准建会的工会", must: true}, {name: "approved_on", label: "批准日期", sort: date, must: true}, {name: "approved_doc", label: "批准文号", must: true},
		{name: "staff", label: "职工人数", sort: number, must: true, unit: "人"}, {name: "members", label: "会员人数", sort: number, must: true, unit: "人"},
		chair, {name: "term_end", label: "本届届满日期", sort: date, must: true, help: "证书有效期到这一天。"},
	}, means, []field{{name: "liability", label: "独立承担民事责任的能力", sort: long, must: true}, handler, phone}),
	Change: slices.Concat([]field{{name: "new_head", label: "变更事项", sort: heading, help: "只填要变更的；登记值列在旁边。"}}, changes(), []field{
		{name: "changed_on", label: "变更发生日期", sort: date, must: true}, {name: "request_doc", label: "申请文号"}, {name: "approval_doc", label: "批准文号"}, handler, phone, reason,
	}),
	Renew: {
		{name: "elected", label: "本次选举日期", sort: date, must: true}, {name: "nth", label: "届次", sort: number, must: true, unit: "届"},
		{name: "term_end", label: "本届届满日期", sort: date, must: true, help: "换领后的证书有效期到这一天。"}, chair,
		{name: "approval_doc", label: "选举结果的批复文号", must: true}, handler, phone,
	},
	Extend:  {{name: "until", label: "展期到", sort: date, must: true}, {name: "approval_doc", label: "同意延期换届的文号", must: true}, handler, phone, reason},
	Replace: {{name: "lost", label: "遗失或损毁日期", sort: date, must: true}, {name: "how", label: "情况说明", sort: long, must: true}, handler, phone},
	Cancel: {
		{name: "cause", label: "注销原因", sort: choice, must: true, options: fixed(option{"abolished", "所在单位被撤销或终止"}, option{"merged", "工会合并"}, option{"other", "其他"})},
		{name: "settled", label: "经费、财产、债务清理情况", sort: long, must: true}, handler, phone, reason,
	},
}

// means are what a union lives on, of the application form.
//
// law: LEG-02
var means = []field{
	{name: "income_head", label: "经费来源", sort: heading},
	{name: "balance", label: "上年结余", sort: amount, unit: "元"}, {name: "dues", label: "会费收入", sort: amount, unit: "元"},
	{name: "share", label: "拨缴经费留成", sort: amount, unit: "元"}, {name: "other_income", label: "其他收入", sort: amount, unit: "元"},
	{name: "assets_head", label: "资产", sort: heading},
	{name: "fixed_assets", label: "固定资产", sort: amount, unit: "元"}, {name: "current_assets", label: "流动资产", sort: amount, unit: "元"}, {name: "other_assets", label: "其他资产", sort: amount, unit: "元"},
	{name: "premises_head", label: "场所", sort: heading},
	{name: "premises", label: "办公场所（住所）", must: true}, {name: "activity_place", label: "活动场所"}, {name: "other_place", label: "其他场所"},
}

// item is one thing that stands in the register of legal persons.
type item struct{ name, label string }

// items are what a change form may change, in its order.
//
// law: LEG-05
var items = []item{
	{"name", "名称"}, {"premises", "住所"}, {"representative", "法定代表人"}, {"income", "经费来源"}, {"assets", "资产"}, {"premises_detail", "场所明细"}, {"parent", "上级工会（登记机关）"},
}

// changes are the fields of the change form: the new value of every item.
func changes() (out []field) {
	for _, i := range items {
		out = append(out, field{name: "new_" + i.name, label: i.label})
	}
	return out
}

const (
	longLine = 100
	longText = 500
)

// tidy keeps what the form of a kind asks for, without blanks around it.
func tidy(k Kind, in map[string]string) map[string]string {
	out := map[string]string{}
	for _, f := range forms[k] {
		if v := strings.TrimSpace(in[f.name]); v != "" && f.sort != heading {
			out[f.name] = v
		}
	}
	return out
}

// judge says what is wrong with the fields of a form, by input. With whole it
// also asks for what must be there: a draft may lack it.
func judge(k Kind, in map[string]string, whole bool) map[string]string {
	wrong := map[string]string{}
	for _, f := range forms[k] {
		v := in[f.name]
		if v == "" {
			if f.must && whole {
				wrong["fields."+f.name] = f.label + "：请填写"
			}
			continue
		}
		if told := f.flaw(v); told != "" {
			wrong["fields."+f.name] = f.label + "：" + told
		}
	}
	if k == Change && whole && len(changed(in)) == 0 {
		wrong["fields.new_name"] = "变更事项：请至少填写一项新的登记值"
	}
	return wrong
}

// flaw says what is wrong with a value of the field.
func (f field) flaw(v string) string {
	switch f.sort {
	case date:
		if _, err := day.Parse(v); err != nil {
			return "请按 2026-11-22 的样子填写"
		}
	case number:
		if len(v) > 9 || strings.Trim(v, "0123456789") != "" {
			return "请填整数"
		}
	case amount:
		if _, err := money.Parse(v); err != nil || strings.HasPrefix(v, "-") {
			return "请填金额，最多两位小数"
		}
	case choice:
		if !slices.ContainsFunc(f.options(), func(o option) bool { return o.value == v }) {
			return "请从列表中选择"
		}
	case long:
		if utf8.RuneCountInString(v) > longText {
			return "最多 500 个字"
		}
	default:
		if utf8.RuneCountInString(v) > longLine {
			return "最多 100 个字"
		}
		if f.sort == line && strings.ContainsAny(v, registry.NotInNames) {
			return "里面有不该有的符号，请改正"
		}
	}
	return ""
}

// changed lists the items that a change form changes.
func changed(in map[string]string) (out []item) {
	for _, i := range items {
		if in["new_"+i.name] != "" {
			out = append(out, i)
		}
	}
	return out
}

// shown is a value as people read it.
func (f field) shown(v string) string {
	if f.sort == choice {
		for _, o := range f.options() {
			if o.value == v {
				return o.text
			}
		}
	}
	if v != "" && f.unit != "" {
		return v + " " + f.unit
	}
	return v
}

// incomplete is the refusal of a form.
func incomplete(rule, text string, fields map[string]string) error {
	return &fault.Error{Kind: fault.Invalid, Rule: rule, Text: text, Fields: fields}
}
