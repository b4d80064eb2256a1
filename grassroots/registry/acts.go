package registry

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/ident"
	"unionhall/kit/sqldb"
)

// Paper is what a change of a union rests on: the document that approved it,
// why, and the day it holds from.
//
// law: ORG-02, ORG-05
type Paper struct {
	Day      day.Day `json:"day" doc:"生效日期"`
	Document string  `json:"document" doc:"批准文号"`
	Reason   string  `json:"reason" doc:"理由"`
}

// NotInNames are signs that the name of no union has; spreadsheets and pages
// would read them as their own.
const NotInNames = "=<>@\t'\";"

// Longest texts, in characters.
const (
	longName = 100
	longText = 200
)

// check fills in today and refuses a paper without document or reason, and a
// day to come.
func (p *Paper) check(today day.Day, reason bool) error {
	p.Document, p.Reason = strings.TrimSpace(p.Document), strings.TrimSpace(p.Reason)
	if p.Day == "" {
		p.Day = today
	}
	fields := map[string]string{}
	if p.Day > today {
		fields["day"] = "生效日期：不能晚于今天，请到了那一天再来办理"
	}
	if p.Document == "" {
		fields["document"] = "批准文号：请填写上级工会批准的文号"
	}
	if reason && p.Reason == "" {
		fields["reason"] = "理由：请写明为什么"
	}
	tooLong(fields, "document", "批准文号", p.Document, longName)
	tooLong(fields, "reason", "理由", p.Reason, longText)
	if len(fields) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Invalid, Rule: "ORG-05", Text: "办理工会变动要有依据，请补齐后再提交。", Fields: fields}
}

func tooLong(fields map[string]string, name, label, text string, most int) {
	if utf8.RuneCountInString(text) > most {
		fields[name] = fmt.Sprintf("%s：不能超过 %d 个字", label, most)
	}
}

// fieldFault refuses one input.
func fieldFault(name, text string, args ...any) error {
	text = fmt.Sprintf(text, args...)
	return &fault.Error{Kind: fault.Invalid, Text: text, Fields: map[string]string{name: text}}
}

// Deed is what the log says of an act on a union or its bodies.
type Deed struct {
	Act      string   `json:"act"`
	Day      day.Day  `json:"day,omitempty"`
	Document string   `json:"document,omitempty"`
	Reason   string   `json:"reason,omitempty"`
	Was      string   `json:"was,omitempty"`
	Now      string   `json:"now,omitempty"`
	Fields   []string `json:"fields,omitempty"` // particulars that changed
	People   int64    `json:"people,omitempty"` // members handed over, or seats ended
}

// Establish founds a union (建会) under u.ParentID and numbers it. u brings
// name, kind and particulars; the paper's day is the founding day. What is odd
// about it without stopping it comes back as warnings.
//
// law: ORG-02
func Establish(ctx context.Context, tx *sqldb.Tx, g auth.Grant, u Union, p Paper, at day.Instant) (Union, []string, error) {
	if err := p.check(at.Day(), false); err != nil {
		return u, nil, err
	}
	if err := holdTree(ctx, tx, g.Tenant()); err != nil {
		return u, nil, err
	}
	above, err := Hold(ctx, tx, g, u.ParentID)
	if err != nil {
		return u, nil, fmt.Errorf("parent %s: %w", u.ParentID, err)
	}
	if err := fits(above, u.Kind); err != nil {
		return u, nil, err
	}
	u.tidy()
	u.ID, u.Founded, u.State, u.Version = sqldb.NewID(), p.Day, Standing, 1
	warnings, err := u.check(ctx, tx, g, Union{}, at.Day())
	if err != nil {
		return u, nil, err
	}
	if u.Code, err = NextCode(ctx, tx, g.Tenant()); err != nil {
		return u, nil, err
	}
	m := audit.Moves{}
	if err := Insert(ctx, tx, g, m, u, actFounded, p.Day, p.Document, p.Reason); err != nil {
		return u, nil, err
	}
	return u, warnings, m.Write(ctx, tx, g, u.ID, Deed{Act: actFounded, Day: p.Day, Document: p.Document, Reason: p.Reason, Now: u.Name}, at)
}

// fits refuses a kind of union that can't stand directly under above.
func fits(above Union, k Kind) error {
	if slices.Contains(above.Kind.Takes(), k) {
		return nil
	}
	var may []string
	for _, c := range above.Kind.Takes() {
		may = append(may, c.Label())
	}
	if len(may) == 0 {
		return fieldFault("parent", "%s是%s，下面不能再设工会，请改选上级。", above.Name, above.Kind.Label())
	}
	return fieldFault("kind", "%s（%s）下面只能设%s。", above.Name, above.Kind.Label(), strings.Join(may, "、"))
}

func (u *Union) tidy() {
	for _, p := range []*string{&u.Name, &u.ShortName, &u.USCC, &u.Address, &u.Leader, &u.Phone, &u.OrgCode, &u.PartyOrg, &u.Economy} {
		*p = strings.TrimSpace(*p)
	}
	u.USCC = strings.ToUpper(u.USCC)
}

// check refuses what can't be written of a union, and warns of what is odd.
// What stays as it was needs no second look: an import may have let it pass.
func (u *Union) check(ctx context.Context, tx *sqldb.Tx, g auth.Grant, was Union, today day.Day) (warnings []string, err error) {
	fields := map[string]string{}
	if u.Name == "" {
		fields["name"] = "名称：请填写工会的全称"
	}
	if u.Name != was.Name && strings.ContainsAny(u.Name, NotInNames) {
		fields["name"] = "名称：里面有不该有的符号，请按批复的全称填写"
	}
	if u.Staff < 0 {
		fields["staff"] = "职工人数：不能是负数"
	}
	if u.Founded > today {
		fields["founded"] = "建会日期：不能晚于今天"
	}
	for _, f := range []struct{ name, label, text string }{
		{"name", "名称", u.Name}, {"short_name", "简称", u.ShortName}, {"address", "地址", u.Address}, {"leader", "负责人", u.Leader},
		{"phone", "联系电话", u.Phone}, {"party_org", "党组织", u.PartyOrg}, {"economy", "经济类型", u.Economy},
	} {
		tooLong(fields, f.name, f.label, f.text, longName)
	}
	if warning := u.checkCodes(fields, was, g.Tenant()); warning != "" {
		warnings = append(warnings, warning)
	}
	if len(fields) > 0 {
		return nil, &fault.Error{Kind: fault.Invalid, Text: "有的内容填得不对，请按提示改正后再提交。", Fields: fields}
	}
	return warnings, u.unique(ctx, tx, g, was)
}

// checkCodes refuses codes that are none, and warns where one is not a union's.
//
// law: ID-01
func (u *Union) checkCodes(fields map[string]string, was Union, tenant int64) string {
	if u.OrgCode != "" && u.OrgCode != was.OrgCode {
		if _, flaw := ident.ReadOrgCode(u.OrgCode); flaw != "" {
			fields["org_code"] = "组织机构代码：校验不对，请按证书核对"
		}
	}
	if u.USCC == "" || u.USCC == was.USCC {
		return ""
	}
	code, flaw := ident.ReadUSCC(u.USCC)
	if flaw != "" {
		fields["uscc"] = "统一社会信用代码：应为 18 位，且校验正确，请按证书核对"
		return ""
	}
	u.USCC = string(code)
	if u.Kind.Part() || !u.Kind.Elects() {
		return ""
	}
	return code.UnionHint(fmt.Sprintf("%06d", tenant/10000))
}

// unique refuses a name that a sibling bears and a new code that another union
// is registered by. The tree is held.
func (u *Union) unique(ctx context.Context, tx *sqldb.Tx, g auth.Grant, was Union) error {
	same, err := sqldb.One(ctx, tx, sqldb.Int, `
		SELECT count(*) FROM unions WHERE tenant_id = $1 AND parent_id = $2 AND name = $3 AND state = 'standing' AND id <> $4`, g.Tenant(), u.ParentID, u.Name, u.ID)
	if err != nil {
		return err
	}
	if same > 0 {
		return &fault.Error{Kind: fault.Conflict, Text: "同一上级下已有名为“" + u.Name + "”的工会。", Fields: map[string]string{"name": "名称：已有同名的工会，请换一个名称，或直接办理那一家"}}
	}
	if u.USCC == "" || u.USCC == was.USCC {
		return nil
	}
	same, err = sqldb.One(ctx, tx, sqldb.Int, `
		SELECT count(*) FROM unions WHERE tenant_id = $1 AND uscc = $2 AND state = 'standing' AND id <> $3`, g.Tenant(), u.USCC, u.ID)
	if err == nil && same > 0 {
		err = &fault.Error{Kind: fault.Conflict, Text: "这个统一社会信用代码已登记在另一家工会名下。", Fields: map[string]string{"uscc": "统一社会信用代码：已有工会使用，请核对"}}
	}
	return err
}

// Particulars are what Amend may change of a union.
type Particulars struct {
	ShortName  string  `json:"short_name" doc:"简称"`
	OrganKind  string  `json:"organ_kind" doc:"机关类别"`
	USCC       string  `json:"uscc" doc:"统一社会信用代码"`
	OrgCode    string  `json:"org_code" doc:"组织机构代码"`
	Founded    day.Day `json:"founded" doc:"建会日期"`
	Region     string  `json:"region" doc:"所在政区"`
	Address    string  `json:"address" doc:"地址"`
	Leader     string  `json:"leader" doc:"负责人"`
	Phone      string  `json:"phone" doc:"联系电话"`
	Nature     string  `json:"nature" doc:"单位性质"`
	Industry   string  `json:"industry" doc:"所属行业"`
	Economy    string  `json:"economy" doc:"经济类型"`
	PartyOrg   string  `json:"party_org" doc:"同级党组织"` // ORG-03
	Staff      int64   `json:"staff" doc:"职工人数"`
	OwnAccount bool    `json:"own_account" doc:"独立核算"`
}

// Particulars returns those of u.
func (u Union) Particulars() Particulars {
	return Particulars{u.ShortName, u.OrganKind, u.USCC, u.OrgCode, u.Founded, u.Region, u.Address, u.Leader, u.Phone,
		u.Nature, u.Industry, u.Economy, u.PartyOrg, u.Staff, u.OwnAccount}
}

// with returns u with the particulars.
func (u Union) with(p Particulars) Union {
	u.ShortName, u.OrganKind, u.USCC, u.OrgCode, u.Founded, u.Region, u.Address, u.Leader = p.ShortName, p.OrganKind, p.USCC, p.OrgCode, p.Founded, p.Region, p.Address, p.Leader
	u.Phone, u.Nature, u.Industry, u.Economy, u.PartyOrg, u.Staff, u.OwnAccount = p.Phone, p.Nature, p.Industry, p.Economy, p.PartyOrg, p.Staff, p.OwnAccount
	return u
}

// Amend writes particulars on the version that was read. For warnings see
// Establish.
func Amend(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, p Particulars, at day.Instant) (Union, []string, error) {
	was, err := begin(ctx, tx, g, id, version)
	if err != nil {
		return was, nil, err
	}
	u := was.with(p)
	u.tidy()
	warnings, err := u.check(ctx, tx, g, was, at.Day())
	if err != nil {
		return u, nil, err
	}
	changed := differing(was.Particulars(), u.Particulars())
	if len(changed) == 0 {
		return u, warnings, nil
	}
	m := audit.Moves{}
	if err := Save(ctx, tx, g, m, was, u); err != nil {
		return u, nil, err
	}
	u.Version++
	return u, warnings, m.Write(ctx, tx, g, id, Deed{Act: "amended", Fields: changed}, at)
}

// refound lets the first span begin on the founding day.
func refound(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, u Union) error {
	spans, err := spansOf(ctx, tx, g, u.ID)
	if err != nil || len(spans) == 0 {
		return err
	}
	first := spans[0]
	if first.To != "" && u.Founded > first.To {
		return fieldFault("founded", "建会日期：%s已有变动记录，建会不能晚于这一天", first.To)
	}
	if _, err := tx.Exec(ctx, `UPDATE union_spans SET from_day = $1 WHERE tenant_id = $2 AND id = $3`, u.Founded, g.Tenant(), first.ID); err != nil {
		return err
	}
	return m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "union_spans", ID: first.ID})
}

// differing names the particulars that differ, as people call them.
func differing(a, b Particulars) (out []string) {
	for _, d := range []struct {
		label string
		same  bool
	}{
		{"简称", a.ShortName == b.ShortName}, {"机关类别", a.OrganKind == b.OrganKind}, {"统一社会信用代码", a.USCC == b.USCC},
		{"组织机构代码", a.OrgCode == b.OrgCode}, {"建会日期", a.Founded == b.Founded}, {"所在政区", a.Region == b.Region},
		{"地址", a.Address == b.Address}, {"负责人", a.Leader == b.Leader}, {"联系电话", a.Phone == b.Phone}, {"单位性质", a.Nature == b.Nature},
		{"所属行业", a.Industry == b.Industry}, {"经济类型", a.Economy == b.Economy}, {"同级党组织", a.PartyOrg == b.PartyOrg},
		{"职工人数", a.Staff == b.Staff}, {"独立核算", a.OwnAccount == b.OwnAccount},
	} {
		if !d.same {
			out = append(out, d.label)
		}
	}
	return out
}
