package admission

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"unionhall/commons/message"
	"unionhall/commons/rulebook"
	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
	"unionhall/law"
)

// longText is how many characters a longer answer may have.
const longText = 500

// terms are what the rules allow on a day.
type terms struct {
	minAge int
	due    day.Day
}

func termsOf(ctx context.Context, tx *sqldb.Tx, tenant int64, today day.Day) (t terms, err error) {
	book, err := rulebook.Of(ctx, tx, tenant)
	if err != nil {
		return t, err
	}
	place := law.PlaceOf(tenant)
	if t.minAge, err = book.Int("member.min_age", place, today); err != nil {
		return t, err
	}
	span, err := book.Days("member.approve_workdays", place, today)
	if err != nil {
		return t, err
	}
	t.due = today.AddDays(span.Days)
	if span.Working {
		cal, err := rulebook.Calendar(ctx, tx, tenant)
		if err != nil {
			return t, err
		}
		t.due = cal.AddWorkdays(today, span.Days)
	}
	return t, nil
}

// judge reads a form as of today and cleans it. What can't be is fault.Invalid,
// field by field, whoever else may be known here.
//
// law: MEM-01, MEM-02, MEM-04
func (f *Form) judge(t terms, today day.Day) (member.Person, error) {
	p, err := f.Form.Read(today)
	fields := fault.Of(err).Fields
	if err == nil {
		fields = map[string]string{}
	} else if fields == nil {
		return p, err
	}
	f.Name, f.IDNo = strings.TrimSpace(f.Name), strings.TrimSpace(f.IDNo)
	if f.Phone == "" {
		fields["phone"] = "移动电话：请填写，以便通知您"
	}
	for name, c := range map[string]struct {
		label string
		text  *string
		most  int
	}{"family": {"家庭主要成员", &f.Family, longText}, "resume": {"个人简历", &f.Resume, longText}, "other": {"派遣或用工单位", &f.Other, 200}} {
		if *c.text = strings.TrimSpace(*c.text); utf8.RuneCountInString(*c.text) > c.most {
			fields[name] = fmt.Sprintf("%s：最多 %d 个字", c.label, c.most)
		}
	}
	if f.Dispatched && f.Other == "" {
		fields["other"] = "派遣或用工单位：劳务派遣人员请写明另一方单位，只能参加其中一个的工会"
	}
	if f.Unionless && strings.TrimSpace(f.WorkUnit) == "" {
		fields["work_unit"] = "工作单位：单位还没有工会的，请写明单位名称，建会后为您转过去"
	}
	if err == nil && p.Birthday != "" && day.Years(p.Birthday, today) < t.minAge {
		fields["id_no"] = fmt.Sprintf("证件号码：未满 %d 周岁的不能入会", t.minAge)
	}
	if len(fields) > 0 {
		return p, &fault.Error{Kind: fault.Invalid, Rule: "MEM-02", Text: "有的内容填得不对，请按提示改正后再提交；其余内容都为您留着。", Fields: fields}
	}
	return p, nil
}

// asApplicant is the grant of somebody whom nobody knows yet.
func asApplicant(tenant int64, act auth.Action, union string) auth.Grant {
	return auth.As(tenant, "applicant", auth.Applicant, act, union)
}

// mostOpen is how many applications by one link may wait at once.
const mostOpen = 2000

// Submit takes in what an applicant sends by an invitation. The same key with
// the same form is the same application; nothing in the answer tells whether
// the person is known here.
//
// law: MEM-02, R1.61
func Submit(ctx context.Context, tx *sqldb.Tx, code, key string, f Form, at day.Instant) (Application, int64, error) {
	v, tenant, err := byCode(ctx, tx, code, at.Day())
	if err != nil {
		return Application{}, 0, err
	}
	n, err := sqldb.One(ctx, tx, sqldb.Int, `
		SELECT count(*) FROM applications a WHERE a.tenant_id = $1 AND a.invite_id = $2 AND a.state IN ('applied', 'raised')`, tenant, v.ID)
	if err == nil && n >= mostOpen {
		err = fault.New(fault.Busy, "这个链接收到的申请太多，请联系您所在单位的工会。")
	}
	if err != nil {
		return Application{}, tenant, err
	}
	if key != "" {
		key = tx.Keys().Blind(tenant, "admission.key", v.ID+":"+key)
	}
	a, err := take(ctx, tx, asApplicant(tenant, Apply, v.Union.ID), Application{Union: v.Union, InviteID: v.ID, Way: Online, Form: f}, key, at)
	return a, tenant, err
}

// EnterForm is an application that was brought on paper or by word of mouth.
type EnterForm struct {
	Form
	Union string `json:"union" doc:"所属工会"`
	Way   Way    `json:"way" doc:"申请方式"`
}

// EnterPaper writes down an application made on paper or by word of mouth.
//
// law: MEM-02
func EnterPaper(ctx context.Context, tx *sqldb.Tx, g auth.Grant, f EnterForm, at day.Instant) (Application, error) {
	if f.Way != Paper && f.Way != Oral {
		return Application{}, &fault.Error{Kind: fault.Invalid, Rule: "MEM-02", Text: "请选择申请方式。", Fields: map[string]string{"way": "申请方式：请选择书面或口头"}}
	}
	u, err := registry.ByCode(ctx, tx, g, f.Union)
	if err != nil && fault.Of(err).Kind == fault.NotFound {
		return Application{}, &fault.Error{Kind: fault.Invalid, Text: "请选择您管理的工会。", Fields: map[string]string{"union": "所属工会：请从列表中选择"}}
	}
	if err == nil {
		u, err = registry.Hold(ctx, tx, g, u.ID)
	}
	if err != nil {
		return Application{}, err
	}
	return take(ctx, tx, g, Application{Union: u.Ref(), Way: f.Way, Form: f.Form}, "", at)
}

// take writes a new application. The counter of the numbers is the head that
// two presses of one button queue at.
func take(ctx context.Context, tx *sqldb.Tx, g auth.Grant, a Application, key string, at day.Instant) (Application, error) {
	today := at.Day()
	t, err := termsOf(ctx, tx, g.Tenant(), today)
	if err != nil {
		return a, err
	}
	p, err := a.Form.judge(t, today)
	if err != nil {
		return a, err
	}
	if _, err := registry.Next(ctx, tx, g.Tenant(), "application", string(today[:4]), 0); err != nil {
		return a, err
	}
	if key != "" {
		was, ok, err := byKey(ctx, tx, g.Tenant(), key)
		if err != nil || ok && reflect.DeepEqual(was.Form, a.Form) {
			return was, err
		}
		if ok {
			return was, fault.New(fault.Conflict, "您刚才已经提交过一份申请，编号 %s。要改内容，请打开提交后的进度页办理。", was.No)
		}
	}
	n, err := registry.Next(ctx, tx, g.Tenant(), "application", string(today[:4]), 1)
	if err != nil {
		return a, err
	}
	body, err := lock(tx, g.Tenant(), a.Form)
	if err != nil {
		return a, err
	}
	a.ID, a.No, a.State, a.Applied, a.Due, a.Version = sqldb.NewID(), fmt.Sprintf("入会〔%s〕%d号", today[:4], n), Applied, at, t.due, 1
	a.Consent, a.ConsentHash, a.ConsentAt = noticeVersion, noticeHash(), at
	_, err = tx.Exec(ctx, `
		INSERT INTO applications (tenant_id, id, union_id, invite_id, no, way, state, name, body, id_blind, form_key, consent, consent_hash, consent_at, applied, due, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 1)`,
		g.Tenant(), a.ID, a.Union.ID, a.InviteID, a.No, string(a.Way), string(a.State), p.Name, body, member.BlindID(tx.Keys(), g.Tenant(), p.IDType, p.IDNo), key,
		a.Consent, a.ConsentHash, string(at), string(at), string(a.Due))
	if err != nil {
		return a, err
	}
	moves := audit.Moves{}
	if err := moves.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "applications", ID: a.ID}); err != nil {
		return a, err
	}
	if err := Procedure.Trace(ctx, tx, g, moves, a.ID, "", Applied, flow.Given{}, at); err != nil {
		return a, err
	}
	if err := moves.Write(ctx, tx, g, a.ID, Deed{Did: "applied", Name: p.Name, Union: a.Union.Name, Way: a.Way.Label(), Number: a.No}, at); err != nil {
		return a, err
	}
	return arrive(ctx, tx, g, a, at)
}

// arrive tells those who decide. A union without a chair has nobody who could:
// the application goes one level up at once.
//
// law: MEM-02
func arrive(ctx context.Context, tx *sqldb.Tx, g auth.Grant, a Application, at day.Instant) (Application, error) {
	there, err := chaired(ctx, tx, g.Tenant(), a.Union.ID, at.Day())
	if err != nil {
		return a, err
	}
	if !there {
		return raise(ctx, tx, auth.System(g.Tenant(), "system", Raise, a.Union.ID), a, "本工会没有在任的主席，由上级办理", at)
	}
	return a, message.ToUnion(ctx, tx, g.Tenant(), a.Union.ID, chair, "入会申请待审批："+a.Form.Name, a.Union.Name+" · "+a.No+"，请于 "+string(a.Due)+" 前办理。", a.Place(), at)
}

// raise hands an application to the next level as well.
func raise(ctx context.Context, tx *sqldb.Tx, g auth.Grant, a Application, words string, at day.Instant) (Application, error) {
	now := a
	now.State, now.Raised = Raised, at
	now, err := advance(ctx, tx, g, a, now, flow.Given{Words: words}, at)
	if err != nil {
		return a, err
	}
	return now, message.ToUnion(ctx, tx, g.Tenant(), a.Union.ID, []auth.Office{auth.Officer}, "入会申请请上级办理："+a.Form.Name, a.Union.Name+" · "+a.No+"。"+words+"。", a.Place(), at)
}

// RaiseLate hands on every application that its base committee has let lie
// past the day it was due.
//
// law: MEM-02
func RaiseLate(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day, at day.Instant) error {
	all, err := sqldb.List(ctx, tx, scan(tx, g.Tenant()), `SELECT `+columns+from+` AND a.state = 'applied' AND a.due < $2 ORDER BY a.due, a.id LIMIT 500`, g.Tenant(), string(today))
	for _, a := range all {
		if err == nil {
			_, err = raise(ctx, tx, g.For(Raise), a, "超过 "+string(a.Due)+" 没有办理", at)
		}
	}
	return err
}

// Forget deletes applications that came to nothing, once they have been kept
// as long as the office may.
//
// law: R1.75
func Forget(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day, at day.Instant) error {
	book, err := rulebook.Of(ctx, tx, g.Tenant())
	if err != nil {
		return err
	}
	years, err := book.Int("retention.draft_years", law.PlaceOf(g.Tenant()), today)
	if err != nil {
		return err
	}
	ids, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT a.id FROM applications a WHERE a.tenant_id = $1 AND a.state IN ('refused', 'withdrawn') AND a.ended < $2 ORDER BY a.id LIMIT 200`,
		g.Tenant(), today.AddYears(-years).Start())
	for _, id := range ids {
		moves := audit.Moves{}
		if err == nil {
			err = moves.Removed(ctx, tx, g.Tenant(), audit.Touched{Table: "applications", ID: id})
		}
		if err == nil {
			_, err = tx.Exec(ctx, `DELETE FROM applications WHERE tenant_id = $1 AND id = $2`, g.Tenant(), id)
		}
		if err == nil {
			err = moves.Write(ctx, tx, g, id, Deed{Did: "forgotten"}, at)
		}
	}
	return err
}
