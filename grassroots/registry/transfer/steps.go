package transfer

import (
	"context"

	"unionhall/commons/certificate"
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

// mine refuses a step that belongs to the other union. Who sees the transfer
// and may not take the step is denied.
//
// law: MEM-26
func mine(ctx context.Context, tx *sqldb.Tx, g auth.Grant, t Transfer) error {
	all := sides(t.State, g.Action())
	for _, s := range all {
		union := t.From.ID
		if s == In {
			union = t.To.ID
		}
		if ok, err := reaches(ctx, tx, g, union); ok || err != nil {
			return err
		}
	}
	name := t.From.Name
	if all[0] == In {
		name = t.To.Name
	}
	return fault.ByRule(fault.Denied, "MEM-26", "这一步由%s（%s）办理。", all[0].Label(), name)
}

// Advance takes the step that g's action names on a transfer, in the version
// that was read. A step out of order, or on a later version, is
// fault.Conflict; the other union's is fault.Denied.
//
// law: MEM-10, MEM-26
func Advance(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, v flow.Given, at day.Instant) (Transfer, error) {
	t, err := Find(ctx, tx, g, id)
	if err != nil {
		return t, err
	}
	if t.State.Open() {
		if err := mine(ctx, tx, g, t); err != nil {
			return t, err
		}
	}
	return advance(ctx, tx, g, t, version, v, at)
}

// CancelOwn calls off what the member who asks had asked for.
func CancelOwn(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, v flow.Given, at day.Instant) (Transfer, error) {
	t, err := FindOwn(ctx, tx, g, id)
	if err != nil {
		return t, err
	}
	if t.AskedBy != Own {
		return t, fault.ByRule(fault.Denied, "MEM-26", "这次接转不是您本人申请的。如有不同意见，请联系%s。", t.From.Name)
	}
	return advance(ctx, tx, auth.As(g.Tenant(), g.Account(), auth.Member, Cancel, g.Under()), t, version, v, at)
}

func advance(ctx context.Context, tx *sqldb.Tx, g auth.Grant, t Transfer, version int64, v flow.Given, at day.Instant) (Transfer, error) {
	if version != 0 && version != t.Version {
		return t, fault.New(fault.Conflict, "%s的接转刚刚已由他人办过，现在是“%s”。请刷新后再看。", t.Name, t.State.Label())
	}
	b := member.NewBatch(tx, g, at)
	moves := b.Moves()
	step, err := Procedure.Advance(ctx, tx, g, moves, t.ID, t.State, t.MemberID, v, at)
	if err != nil {
		return t, err
	}
	now := t
	now.State, now.Version = step.To, t.Version+1
	switch step.To {
	case Confirmed:
		now.Confirmed = at
	case Accepted:
		now.Ended, now.DuesFrom = at, DuesFrom(at.Day())
	default:
		now.Ended = at
	}
	n, err := tx.Exec(ctx, `
		UPDATE transfers SET state = $1, confirmed = $2, ended = $3, dues_from = $4, version = version + 1
		WHERE tenant_id = $5 AND id = $6 AND state = $7 AND version = $8`,
		string(now.State), string(now.Confirmed), string(now.Ended), now.DuesFrom, g.Tenant(), t.ID, string(t.State), t.Version)
	if err != nil {
		return t, err
	}
	if n == 0 {
		return t, fault.New(fault.Conflict, "%s的接转刚刚已由他人办过，请刷新后再看。", t.Name)
	}
	if err := moves.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "transfers", ID: t.ID}); err != nil {
		return t, err
	}
	if err := carry(ctx, tx, g, b, t, now, v, at); err != nil {
		return t, err
	}
	if err := vouch(ctx, tx, g, moves, now, at); err != nil {
		return t, err
	}
	if err := inform(ctx, tx, g.Tenant(), now, at); err != nil {
		return t, err
	}
	return now, b.Audit(ctx, t.ID, Deed{Did: string(now.State), Member: t.MemberID, From: t.From.Name, To: t.To.Name, Reason: v.Words, Document: v.Document})
}

// carry does to the membership what the step means for it. Somebody whose
// membership is only kept stays so all the way, and is counted nowhere.
//
// law: MEM-19, MEM-25, MEM-26
func carry(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b *member.Batch, was, now Transfer, v flow.Given, at day.Instant) error {
	m, err := member.Any(ctx, tx, g.Tenant(), was.MemberID)
	if err != nil {
		return err
	}
	expected := was.Kept
	if was.State == Confirmed && was.Kept == member.Active {
		expected = member.Transferring
	}
	stays := m.ID != "" && m.Union.ID == was.From.ID && m.Status == expected
	e := member.Event{ID: sqldb.NewID(), MemberID: m.ID, Day: at.Day(), Reason: v.Words, From: was.From.ID, To: was.From.ID, Document: was.No}
	after := m
	switch {
	case !stays && now.State == Cancelled:
		return nil // what became of the membership meanwhile stands
	case !stays:
		return fault.ByRule(fault.Conflict, "MEM-26", "%s的会籍在接转期间另有变动，现在不能办理这一步。请核对后取消这次接转。", was.Name)
	case now.State == Confirmed:
		e.Type, e.To = member.Releases, was.To.ID
		if m.Status == member.Active {
			after.Status = member.Transferring
		}
	case now.State == Accepted:
		u, err := registry.Hold(ctx, tx, g, was.To.ID)
		if err != nil {
			return err
		}
		e.Type, e.To, e.Reason = member.MovesIn, was.To.ID, was.Reason
		after.Union, after.Status = u.Ref(), was.Kept
	case was.State == Requested:
		return nil // nothing had happened to the membership yet
	default:
		e.Type, after.Status = member.Recalls, was.Kept
	}
	if err := b.Update(ctx, m, after); err != nil {
		return err
	}
	return b.Events(ctx, []member.Event{e})
}

// letterKind is what the transfer letter is called among the papers that can
// be verified.
const letterKind = "transfer-letter"

// vouch makes the transfer letter verifiable when the old union lets go, and
// takes that back when nothing comes of it.
//
// law: MEM-10, PL-28
func vouch(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, t Transfer, at day.Instant) error {
	switch t.State {
	case Confirmed:
		hash, err := certificate.Proven([]string{t.No, t.MemberID, t.From.ID, t.To.ID})
		if err != nil {
			return err
		}
		_, err = certificate.Issue(ctx, tx, g, m, certificate.Certificate{Kind: letterKind, Thing: t.ID, Title: "会籍接转介绍信 " + t.No, Holder: t.Name, Issuer: t.From.Name, On: at.Day(), Hash: hash}, at)
		return err
	case Refused, Cancelled:
		all, err := certificate.ByThing(ctx, tx, g, t.ID)
		for _, c := range all {
			if err == nil && c.Revoked == "" {
				_, err = certificate.Revoke(ctx, tx, g, m, c.ID, "会籍接转"+t.State.Label(), at)
			}
		}
		return err
	}
	return nil
}

// inform tells whoever waits for the step.
func inform(ctx context.Context, tx *sqldb.Tx, tenant int64, t Transfer, at day.Instant) error {
	var err error
	switch t.State {
	case Confirmed:
		err = tell(ctx, tx, tenant, t, t.To.ID, "会籍转入待接收："+t.Name, t.From.Name+"已确认转出，请接收。", at)
	case Accepted:
		err = tell(ctx, tx, tenant, t, t.From.ID, "会籍已转出："+t.Name, t.To.Name+"已接收，会费自 "+t.DuesFrom+" 起由对方收缴。", at)
	case Refused:
		err = tell(ctx, tx, tenant, t, t.From.ID, "会籍转出被退回："+t.Name, t.To.Name+"没有接收，会籍仍在本工会。请看退回的理由。", at)
	}
	if err != nil {
		return err
	}
	return message.ToMember(ctx, tx, tenant, t.MemberID, "会籍接转"+t.State.Label(), t.From.Name+" → "+t.To.Name, "/me/transfer", at)
}

// Remind tells both unions of transfers that have stood longer than the office
// allows, each once.
//
// law: MEM-26
func Remind(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day, at day.Instant) error {
	days, err := AlertDays(ctx, tx, g.Tenant(), today)
	if err != nil {
		return err
	}
	all, err := late(ctx, tx, g.Tenant(), day.Instant(today.AddDays(-days).Start()))
	if err != nil {
		return err
	}
	for _, t := range all {
		who, words := t.From.ID, "请核实后确认转出，或者取消。"
		if t.State == Confirmed {
			who, words = t.To.ID, "请接收，或者写明理由退回。"
		}
		if err := tell(ctx, tx, g.Tenant(), t, who, "会籍接转逾期："+t.Name, "自 "+string(t.Asked.Day())+" 申请至今没有办结。"+words, at); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE transfers SET alerted = $1 WHERE tenant_id = $2 AND id = $3`, string(today), g.Tenant(), t.ID); err != nil {
			return err
		}
		if err := audit.Write(ctx, tx, g, t.ID, Deed{Did: "reminded", Member: t.MemberID, From: t.From.Name, To: t.To.Name}, at, audit.Touched{Table: "transfers", ID: t.ID}); err != nil {
			return err
		}
	}
	return nil
}

// AlertDays is how many days a transfer may stand before it is reminded of.
func AlertDays(ctx context.Context, tx *sqldb.Tx, tenant int64, on day.Day) (int, error) {
	book, err := rulebook.Of(ctx, tx, tenant)
	if err != nil {
		return 0, err
	}
	span, err := book.Days("transfer.alert_days", law.PlaceOf(tenant), on)
	return span.Days, err
}
