package member

import (
	"context"
	"strings"

	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
)

// Readmit takes somebody whose membership has ended into a union within g's
// reach: one person has one record, wherever the old membership was, and keeps
// the number. After an expulsion it needs the number of a decision.
//
// law: MEM-02, MEM-05, CARD-02
func Readmit(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m Member, to registry.Ref, decision, document string, at day.Instant) (Member, error) {
	if _, err := moveOf(m, Rejoin); err != nil {
		return m, err
	}
	if m.Status == Expelled && strings.TrimSpace(decision) == "" {
		return m, &fault.Error{Kind: fault.Invalid, Rule: "MEM-02", Text: m.Person.Name + "曾被除名，重新入会要有委员会的决定，请填写文号。", Fields: map[string]string{"document": "文号：请填写委员会决定的文号"}}
	}
	u, err := registry.Hold(ctx, tx, g, to.ID)
	if err != nil {
		return m, err
	}
	now := m
	now.Union, now.Status, now.Joined, now.LeftDay = u.Ref(), Active, at.Day(), ""
	b := NewBatch(tx, g, at)
	if err := b.Update(ctx, m, now); err != nil {
		return m, err
	}
	now.Version++
	err = b.Events(ctx, []Event{{ID: sqldb.NewID(), MemberID: m.ID, Type: Joins, Day: at.Day(), Reason: "重新入会", From: m.Union.ID, To: u.ID, Document: document}})
	if err != nil {
		return m, err
	}
	return now, b.Audit(ctx, m.ID, Deed{Did: string(Rejoin), Document: document, Day: at.Day(), From: m.Status.Label(), To: now.Status.Label()})
}
