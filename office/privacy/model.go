// Package privacy is the security administrator's room: the registers that the
// law has kept of impact assessments, of sharing and entrusting, of breaches,
// and the table of who sees which field.
package privacy

import (
	"context"
	"slices"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

// What people may do here.
const Keep auth.Action = "privacy.records"

// Labels name the actions for the log.
var Labels = map[auth.Action]string{Keep: "登记个人信息保护台账"}

// Roles says which office may do what.
func Roles() auth.Roles { return auth.Roles{auth.Security: {Keep}} }

// Field is one thing that a register asks for.
type Field struct {
	Name     string `json:"name"`
	Label    string `json:"label"`
	Help     string `json:"help,omitempty"`
	Required bool   `json:"required"`
	Long     bool   `json:"-"`
	Date     bool   `json:"-"`
	Choices  []string
}

// Register is one kind of record with its form.
type Register struct {
	Key    string
	Title  string
	Lead   string
	Rule   string
	Years  string // the parameter that says how long records are kept
	Fields []Field
}

// Registers lists them in the order in which they are shown.
var Registers = []Register{
	{"assessment", "影响评估", "处理敏感信息、公开、共享、委托处理以前先评估，报告和记录保存三年以上。", "R1.65", "privacy.assessment_years", []Field{
		{Name: "trigger", Label: "为什么要评估", Required: true, Choices: []string{"处理敏感个人信息", "利用个人信息自动决策", "委托处理", "向他人提供", "公开", "其他有重大影响的处理"}},
		{Name: "scope", Label: "处理什么、涉及多少人", Help: "信息种类、来源、人数、系统和经办岗位。", Required: true, Long: true},
		{Name: "lawful", Label: "目的和方式是否合法、正当、必要", Help: "依据哪一条；少收一些行不行。", Required: true, Long: true},
		{Name: "effect", Label: "对个人权益的影响和安全风险", Help: "泄露、滥用会怎样；可能性多大。", Required: true, Long: true},
		{Name: "measures", Label: "保护措施是否合法、有效并与风险相适应", Help: "加密、权限、留痕、脱敏、期限。", Required: true, Long: true},
		{Name: "outcome", Label: "结论", Required: true, Choices: []string{"可以处理", "整改后可以处理", "不得处理"}},
		{Name: "todo", Label: "整改要求和完成情况", Long: true},
		{Name: "by", Label: "评估人", Required: true},
		{Name: "approved", Label: "批准人"},
	}},
	{"sharing", "共享和委托", "向他人提供、委托处理个人信息的，逐次登记，记录保存三年以上。", "R1.68", "privacy.sharing_years", []Field{
		{Name: "manner", Label: "方式", Required: true, Choices: []string{"委托处理", "向他人提供", "共同处理"}},
		{Name: "who", Label: "接收方或受托方", Help: "名称、联系人。", Required: true},
		{Name: "aim", Label: "目的", Required: true, Long: true},
		{Name: "kinds", Label: "信息种类", Required: true, Long: true},
		{Name: "count", Label: "涉及人数", Required: true},
		{Name: "basis", Label: "依据", Help: "法律规定、单独同意或合同。", Required: true},
		{Name: "contract", Label: "合同或文件号"},
		{Name: "until", Label: "期限", Date: true},
		{Name: "duties", Label: "保护义务和监督办法", Required: true, Long: true},
		{Name: "ended", Label: "终止后的返还或删除", Long: true},
	}},
	{"breach", "泄露事件", "发生或可能发生泄露、篡改、丢失，立即补救，通知主管部门和本人，并登记经过。", "R1.66", "privacy.assessment_years", []Field{
		{Name: "found", Label: "发现经过", Help: "谁、何时、怎样发现的。", Required: true, Long: true},
		{Name: "kinds", Label: "信息种类", Required: true, Long: true},
		{Name: "count", Label: "涉及人数", Required: true},
		{Name: "cause", Label: "原因", Required: true, Long: true},
		{Name: "harm", Label: "可能的危害", Required: true, Long: true},
		{Name: "remedy", Label: "补救措施", Required: true, Long: true},
		{Name: "told_authority", Label: "通知主管部门", Help: "部门、时间、方式；未通知的写明理由。", Required: true, Long: true},
		{Name: "told_persons", Label: "通知本人", Help: "多少人、时间、方式、告知的减轻危害措施；未通知的写明理由。", Required: true, Long: true},
		{Name: "contact", Label: "联系人和电话", Required: true},
		{Name: "closed", Label: "结案日期", Date: true},
	}},
}

// RegisterOf finds a register by its key.
func RegisterOf(key string) (Register, bool) {
	i := slices.IndexFunc(Registers, func(r Register) bool { return r.Key == key })
	if i < 0 {
		return Register{}, false
	}
	return Registers[i], true
}

// Record is one entry of a register. Nothing is ever deleted.
type Record struct {
	ID      string            `json:"id"`
	Kind    string            `json:"kind"`
	No      int64             `json:"no"`
	Title   string            `json:"title"`
	Day     day.Day           `json:"day"`
	Until   day.Day           `json:"keep_until"`
	Fields  map[string]string `json:"fields"`
	Account string            `json:"account"`
	At      day.Instant       `json:"at"`
	Version int64             `json:"version"`
}

const (
	place       = "/system/privacy"
	recordPlace = place + "/records"
)

// Place is the record's page.
func (r Record) Place() string { return recordPlace + "/" + r.ID }

// Revision is what an edit must name to be sure that it saw the latest.
func (r Record) Revision() int64 { return r.Version }

// Sight is one field of a person, with the actions that show it: masked, or
// whole for a reason that is logged.
type Sight struct {
	Label string
	Look  auth.Action
	Clear auth.Action // empty: the field is not sealed
}

// Room is what the pages ask of the house.
type Room struct {
	Roles  auth.Roles
	Sights []Sight
	Names  func(ctx context.Context, tx *sqldb.Tx, tenant int64, ids []string) (map[string]string, error)
}
