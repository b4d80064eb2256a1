package admission

import (
	"context"
	"slices"
	"strings"

	"unionhall/grassroots/registry/member"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
)

// move is the step of an approval of somebody who is a member elsewhere; no
// button of its own leads to it.
const move auth.Action = "admissions.move"

// known finds the member whom the applicant's document names, if any.
func known(ctx context.Context, tx *sqldb.Tx, tenant int64, f Form, today day.Day) (member.Member, error) {
	p, err := f.Form.Read(today)
	if err != nil {
		return member.Member{}, err
	}
	id, err := member.ByNumber(ctx, tx, tenant, p.IDType, p.IDNo)
	if err != nil || id == "" {
		return member.Member{}, err
	}
	return member.Any(ctx, tx, tenant, id)
}

// stale refuses a version that is no longer the latest.
func (a Application) stale(version int64) error {
	if version == 0 || version == a.Version {
		return nil
	}
	return fault.New(fault.Conflict, "%s的入会申请刚刚已由他人办过，现在是“%s”。请刷新后再看。", a.Form.Name, a.State.Label())
}

// advance judges a step of g's action, writes it and the application as it is
// after it, and the log. The state that was read guards the write.
func advance(ctx context.Context, tx *sqldb.Tx, g auth.Grant, was, now Application, v flow.Given, at day.Instant) (Application, error) {
	moves := audit.Moves{}
	step, err := Procedure.Advance(ctx, tx, g, moves, was.ID, was.State, was.MemberID, v, at)
	if err != nil {
		return was, err
	}
	return settle(ctx, tx, g, moves, was, now, step, v, at)
}

// settle writes the application after a step that was judged and traced.
func settle(ctx context.Context, tx *sqldb.Tx, g auth.Grant, moves audit.Moves, was, now Application, step flow.Step[State], v flow.Given, at day.Instant) (Application, error) {
	now.State, now.Version = step.To, was.Version+1
	if !now.State.Open() {
		now.Ended = at
	}
	body, err := lock(tx, g.Tenant(), now.Form)
	if err != nil {
		return was, err
	}
	p, err := now.Form.Form.Read(at.Day())
	if err != nil {
		return was, err
	}
	n, err := tx.Exec(ctx, `
		UPDATE applications SET state = $1, name = $2, body = $3, id_blind = $4, due = $5, raised = $6, ended = $7, member_id = $8, transfer_id = $9, version = version + 1
		WHERE tenant_id = $10 AND id = $11 AND state = $12 AND version = $13`,
		string(now.State), p.Name, body, member.BlindID(tx.Keys(), g.Tenant(), p.IDType, p.IDNo), string(now.Due), string(now.Raised), string(now.Ended), now.MemberID, now.TransferID,
		g.Tenant(), was.ID, string(was.State), was.Version)
	if err != nil {
		return was, err
	}
	if n == 0 {
		return was, fault.New(fault.Conflict, "%s的入会申请刚刚已由他人办过，请刷新后再看。", was.Form.Name)
	}
	if err := moves.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "applications", ID: was.ID}); err != nil {
		return was, err
	}
	return now, moves.Write(ctx, tx, g, was.ID, Deed{Did: string(now.State), Name: p.Name, Union: was.Union.Name, Number: was.No, Reason: v.Words, Document: v.Document, Member: now.MemberID}, at)
}

// Decide takes the step that g's action names on an application, in the
// version that was read: return it for completion or refuse it. For refusals
// see flow.Take.
//
// law: MEM-02
func Decide(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, v flow.Given, at day.Instant) (Application, error) {
	a, err := Find(ctx, tx, g, id)
	if err == nil {
		err = a.stale(version)
	}
	if err != nil {
		return a, err
	}
	return advance(ctx, tx, g, a, a, v, at)
}

// Admit approves an application: the person becomes a member today, with a
// number. Somebody who is an active member elsewhere becomes the matter of a
// transfer; somebody who was a member before is one again under the old number.
//
// law: MEM-02, MEM-05, S2-11
func (o *Room) Admit(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, v flow.Given, at day.Instant) (Application, error) {
	a, err := Find(ctx, tx, g, id)
	if err == nil {
		err = a.stale(version)
	}
	if err != nil {
		return a, err
	}
	m, err := known(ctx, tx, g.Tenant(), a.Form, at.Day())
	if err != nil {
		return a, err
	}
	elsewhere := m.Status.Open() && m.Union.ID != a.Union.ID
	moves := audit.Moves{}
	as := g
	if elsewhere {
		as = g.For(move)
	}
	step, err := Procedure.Advance(ctx, tx, as, moves, a.ID, a.State, m.ID, v, at)
	if err != nil {
		return a, err
	}
	now := a
	switch {
	case elsewhere:
		now.TransferID, err = o.Transfers.Into(ctx, tx, g, m, a.Union, "入会申请 "+a.No+"，已在其他工会入会", at)
	case m.ID == "":
		m, err = member.Register(ctx, tx, g.For(member.Edit), a.Union.Code, a.Form.Form, at.Day(), document(a, v), at)
		now.MemberID = m.ID
	case m.Status.Open():
		err = fault.ByRule(fault.Conflict, "MEM-05", "%s已经是本工会的会员（%s），不必再批准。请写明理由，不予批准这份申请。", m.Person.Name, m.Status.Label())
	default:
		m, err = member.Readmit(ctx, tx, g.For(member.Change), m, a.Union, v.Document, document(a, v), at)
		now.MemberID = m.ID
	}
	if err != nil {
		return a, err
	}
	return settle(ctx, tx, g, moves, a, now, step, v, at)
}

// document is what the membership rests on: the decision, or else the
// application. Of a dispatched worker it also says which side was chosen.
//
// law: MEM-04
func document(a Application, v flow.Given) string {
	out := v.Document
	if out == "" {
		out = a.No
	}
	if a.Form.Dispatched {
		out += "（劳务派遣，另一方：" + a.Form.Other + "）"
	}
	return out
}

// mostAtOnce is how many applications one act may decide.
const mostAtOnce = 100

// AdmitMany approves several applications, all or none.
func (o *Room) AdmitMany(ctx context.Context, tx *sqldb.Tx, g auth.Grant, ids []string, v flow.Given, at day.Instant) (int, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	if len(ids) == 0 || len(ids) > mostAtOnce {
		return 0, fault.New(fault.Invalid, "请勾选 1 到 %d 份申请后再办。", mostAtOnce)
	}
	for _, id := range ids {
		if a, err := o.Admit(ctx, tx, g, id, 0, v, at); err != nil {
			if f := fault.Of(err); f.Kind == fault.Conflict && a.Form.Name != "" {
				return 0, fault.ByRule(f.Kind, f.Rule, "%s：%s全部没有办理，请去掉这一份再办。", a.Form.Name, f.Text)
			}
			return 0, err
		}
	}
	return len(ids), nil
}

// Recall is the applicant's own withdrawal.
func Recall(ctx context.Context, tx *sqldb.Tx, tenant int64, id string, version int64, at day.Instant) (Application, error) {
	a, err := byID(ctx, tx, tenant, id)
	if err == nil {
		err = a.stale(version)
	}
	if err != nil {
		return a, err
	}
	return advance(ctx, tx, asApplicant(tenant, Withdraw, a.Union.ID), a, a, flow.Given{}, at)
}

// Again is the applicant's completed form; the time to decide begins anew.
//
// law: MEM-02
func Again(ctx context.Context, tx *sqldb.Tx, tenant int64, id string, version int64, f Form, at day.Instant) (Application, error) {
	a, err := byID(ctx, tx, tenant, id)
	if err == nil {
		err = a.stale(version)
	}
	if err != nil {
		return a, err
	}
	t, err := termsOf(ctx, tx, tenant, at.Day())
	if err != nil {
		return a, err
	}
	f.IDNo, f.Phone = unmasked(f.IDNo, a.Form.IDNo), unmasked(f.Phone, a.Form.Phone)
	if _, err := f.judge(t, at.Day()); err != nil {
		return a, err
	}
	now := a
	now.Form, now.Due, now.Raised = f, t.due, ""
	g := asApplicant(tenant, Complete, a.Union.ID)
	if now, err = advance(ctx, tx, g, a, now, flow.Given{}, at); err != nil {
		return a, err
	}
	return arrive(ctx, tx, g, now, at)
}

// unmasked keeps what was there where a masked value came back as it was.
func unmasked(typed, was string) string {
	if strings.Contains(typed, "*") {
		return was
	}
	return typed
}
