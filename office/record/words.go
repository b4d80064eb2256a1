package record

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Part is one part of what changed: 文号 = 工办〔2026〕3号. Code marks a name
// that we have no word for and that is shown as it stands.
type Part struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Code  bool   `json:"-"`
}

// keys are the words for what rooms write into the log.
var keys = map[string]string{
	"matter": "事项", "words": "说明", "reply": "批复文号", "items": "登记事项", "cases": "事项数",
	"act": "办理", "did": "办理", "day": "日期", "document": "依据", "reason": "理由", "was": "原为", "now": "现为", "fields": "改动的项目", "people": "涉及人数",
	"field": "项目", "own": "本人", "file": "文件", "kind": "类别", "new": "新增", "changed": "变更", "moved": "接转", "from": "自", "to": "至", "until": "至", "device": "设备",
	"left": "还可试", "ended": "结束", "label": "名称", "count": "个数", "token": "令牌", "post": "岗位", "days": "天数或日期", "name": "名称", "region": "地区",
	"login": "账号", "union": "工会", "member": "会员", "password": "密码", "handed_out": "初始密码", "year": "年份", "withdrawn": "撤回天数", "value": "值",
	"dropped_from": "自何日起不再适用", "setup": "单位设置", "office": "职务", "locked": "停用", "account": "账号", "acting_for": "代理", "given": "任命", "last": "最后一天",
	"rows": "核对的日志", "blocks": "日志段", "sealed": "核对的记录", "findings": "发现的问题", "where": "位置", "what": "问题", "status": "会籍", "type": "变动",
	"sex": "性别", "birthday": "出生日期", "id_no": "证件号码", "id_type": "证件类型", "phone": "手机", "ethnic": "民族", "education": "学历", "politics": "政治面貌",
	"employment": "就业状况", "skill": "技能等级", "household": "户籍类型", "domicile": "户籍地", "native": "籍贯", "migrant": "农民工", "work_unit": "工作单位",
	"duty": "职务", "title": "职称", "email": "邮箱", "outer_card": "上级会员证号", "card_no": "会员号", "joined": "入会日期", "short_name": "简称", "uscc": "统一社会信用代码",
	"founded": "建会日期", "address": "地址", "leader": "负责人", "nature": "单位性质", "industry": "行业", "economy": "经济类型", "org_code": "组织机构代码",
	"how": "方式", "second": "动态口令", "linked": "关联登录", "parted": "解除关联", "codes": "恢复码", "q": "查找",
	"members": "会员人数", "party_org": "同级党组织", "staff": "职工人数", "own_account": "独立核算", "organ_kind": "机关类别", "into": "并入", "way": "方式", "no": "编号", "format": "格式", "version": "版本", "paper": "凭证",
	"passed": "通过", "restored": "恢复的行", "seconds": "用时（秒）", "resealed": "换密钥（处）", "generation": "密钥代次",
}

// values are the words for what rooms write as one word.
var values = map[string]string{
	"stepped": "办理一步", "entered": "补登证书",
	"true": "是", "false": "否", "begun": "上传", "confirmed": "确认写入", "undone": "撤销", "founded": "建会", "renamed": "更名", "moved": "改隶", "merged": "合并",
	"received": "接收并入", "closed": "撤销", "amended": "修改资料", "installed": "登记机构", "concluded": "结束机构", "seated": "任职", "vacated": "离任",
	"consented": "补登同意意见", "imported": "导入", "revealed": "查看敏感信息", "attached": "添加附件", "detached": "移去附件", "session": "一处登录", "sessions": "全部登录",
	"started": "开始启用", "outside": "统一身份认证", "text": "短信验证码", "recovery": "恢复码", "wrong": "输错", "on": "启用", "off": "停用", "codes": "换恢复码", "reset": "重置",
	"csv": "文本表格", "xlsx": "电子表格", "text recovery": "短信验证码、恢复码", "outside recovery": "统一身份认证、恢复码",
	"token": "令牌", "changed": "已修改", "done": "已完成", "roster": "会员花名册", "unions": "基层工会情况表", "admin": "系统管理员", "security": "安全管理员",
	"audit": "审计管理员", "director": "工委主任", "officer": "组织干事", "accountant": "会计", "cashier": "出纳", "auditor": "经审会", "chair": "工会主席", "member": "会员",
	"self": "会员本人", "active": "在册", "retained": "保留会籍", "transferring": "接转中", "applied": "申请中", "left": "已退会", "expelled": "已除名", "deceased": "已故",
	"male": "男", "female": "女", "unknown": "未说明", "registered": "登记", "corrected": "更正", "exported": "导出", "joined": "入会", "resumed": "恢复会籍",
	"asked": "申请接转", "requested": "待转出确认", "accepted": "已接收", "refused": "已退回", "cancelled": "已取消", "reminded": "逾期提醒", "invited": "制作邀请",
	"raised": "提交上级", "returned": "退回补正", "approved": "批准", "moving": "转办接转", "withdrawn": "撤回", "listed": "列入名单", "talked": "已谈话", "lapsed": "视为退会",
	"opened": "提出开除", "advised": "小组意见", "filed": "已备案", "forgotten": "到期删除", "dropped": "不作处理",
	"printed": "打印", "taken_away": "导出", "paper_revoked": "撤销凭证", "paper revoked": "撤销凭证", "template_kept": "启用自有模板", "template_restored": "恢复默认样式",
}

// tables are what the sealed tables, the log and the files are called.
var tables = map[string]string{
	"audit_rows": "操作日志", "audit_blocks": "日志段", "accounts": "账号", "attachments": "附件", "vouchers": "凭证", "voucher_templates": "常用凭证", "books": "账套", "projects": "项目", "own_accounts": "自设科目", "month_acts": "结账记录", "bodies": "机构", "cases": "办理事项", "case_papers": "事项材料", "legal_persons": "法人登记", "legal_items": "法人登记变更", "member_events": "会籍变动", "members": "会员",
	"own_params": "本单位参数", "posts": "岗位", "seats": "任职", "certificates": "凭证", "paper_templates": "表格模板", "tenants": "单位设置", "second_factors": "动态口令", "sign_in_links": "关联登录", "union_spans": "工会沿革", "unions": "工会", "files": "文件",
	"applications": "入会申请", "invites": "入会邀请", "transfers": "会籍接转", "partings": "退会和开除", "steps": "办理步骤",
	"member_figures": "会员人数", "member_months": "会员增减", "union_reach": "组织隶属", "counters": "编号", "drills": "恢复演练",
	"answers": "重复提交记录", "jobs": "任务", "messages": "消息", "sessions": "登录", "imports": "导入",
}

// TableName is what a table is called, empty for one that has no name.
func TableName(table string) string { return tables[table] }

// verbatim are what people wrote themselves: no word of it is ours to change.
var verbatim = []string{"login", "name", "label", "reason", "document", "file", "device", "was", "now", "value", "from", "to", "paper"}

// teller reads changes aloud; things are what ids in them stand for.
type teller struct{ things map[string]Thing }

// parts takes a change apart for reading: what was done first, then the rest.
// What is no JSON object is one part.
func (t teller) parts(change string) []Part {
	var m map[string]json.RawMessage
	if err := json.Unmarshal([]byte(change), &m); err != nil {
		return []Part{{Name: "内容", Value: change}}
	}
	names := slices.SortedFunc(maps.Keys(m), func(a, b string) int {
		return cmp.Or(cmp.Compare(b2i(b == "act" || b == "did"), b2i(a == "act" || a == "did")), cmp.Compare(a, b))
	})
	var out []Part
	for _, k := range names {
		if v := t.said(k, m[k]); v != "" {
			name, known := keys[k]
			if !known {
				name = k
			}
			out = append(out, Part{name, v, !known})
		}
	}
	return out
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// said reads one value as people do; empty for nothing.
func (t teller) said(key string, raw json.RawMessage) string {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return string(raw)
	}
	return t.spoken(key, v)
}

func (t teller) spoken(key string, v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return t.word(key, v)
	case []any:
		var all []string
		for _, x := range v {
			if s := t.spoken(key, x); s != "" {
				all = append(all, s)
			}
		}
		return strings.Join(all, "；")
	case map[string]any:
		var all []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			if s := t.spoken(k, v[k]); s != "" {
				name, known := keys[k]
				if !known {
					name = k
				}
				all = append(all, name+" "+s)
			}
		}
		return strings.Join(all, "，")
	}
	return t.word(key, fmt.Sprint(v))
}

func (t teller) word(key, s string) string {
	if thing, ok := t.things[s]; ok {
		return thing.Name
	}
	if anyID.FindString(s) == s && s != "" {
		return "编号尾 " + s[24:]
	}
	if slices.Contains(verbatim, key) {
		return s
	}
	if w, ok := values[s]; ok {
		return w
	}
	if w, ok := keys[s]; ok {
		return w
	}
	return s
}

// ids are the ids that a change names.
func ids(change string) []string { return anyID.FindAllString(change, -1) }

var anyID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)

// text writes parts in one line, for a cell of a table.
func text(all []Part) string {
	var out []string
	for _, p := range all {
		out = append(out, p.Name+"："+p.Value)
	}
	return strings.Join(out, "；")
}

// place words where a finding is: the table's name, then the row's number.
func place(where string) string {
	table, id, _ := strings.Cut(where, " ")
	if w, ok := tables[table]; ok {
		return strings.TrimSpace(w + " " + id)
	}
	return where
}
