package hall

import (
	"context"

	"unionhall/commons/rulebook"
	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/admission"
	"unionhall/grassroots/registry/parting"
	"unionhall/grassroots/registry/transfer"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/office/account"
	"unionhall/office/desk"
)

// logins makes the accounts of those who were just taken in.
type logins struct{}

// Judge refuses a password that the office does not allow.
//
// law: R1.69
func (logins) Judge(ctx context.Context, tx *sqldb.Tx, tenant int64, login, password, name string, on day.Day) error {
	book, err := rulebook.Of(ctx, tx, tenant)
	if err != nil {
		return err
	}
	limits, err := account.LimitsOf(book, tenant, on)
	if err != nil {
		return err
	}
	if flaw := limits.PasswordFlaw(password, login, name); flaw != "" {
		return &fault.Error{Kind: fault.Invalid, Rule: "R1.69", Text: "这个密码不能用，请换一个。", Fields: map[string]string{"password": "密码：" + flaw}}
	}
	return nil
}

func (logins) Make(ctx context.Context, tx *sqldb.Tx, tenant int64, member, name, login, hash string, at day.Instant) error {
	root, err := registry.Root(ctx, tx, tenant)
	if err != nil {
		return err
	}
	_, err = account.Create(ctx, tx, auth.System(tenant, "applicant", account.Manage, root.ID), account.New{Login: login, Name: name, MemberID: member, Hash: hash}, at)
	return err
}

func (logins) Has(ctx context.Context, tx *sqldb.Tx, tenant int64, member string) (bool, error) {
	n, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM accounts a WHERE a.tenant_id = $1 AND a.member_id = $2`, tenant, member)
	return n > 0, err
}

// mostWaiting is how many duties of one kind the work table lists.
const mostWaiting = 50

// fromAdmission lists the applications that the viewer may decide.
//
// law: MEM-02
func fromAdmission(ctx context.Context, tx *sqldb.Tx, v desk.Viewer) (p desk.Part, err error) {
	g, ok := v.Grant(admission.Approve)
	if !ok {
		return p, nil
	}
	all, err := admission.Waiting(ctx, tx, g, mostWaiting)
	for _, a := range all {
		d := desk.Duty{Title: "入会申请 · " + a.Name, Href: a.Place(), Note: a.Union + " · " + a.Way.Label() + "申请", Due: a.Due, Act: "去审批", ActHref: a.Place()}
		if a.State == admission.Raised && g.Office() != auth.Chair {
			d.Note = a.Union + "超期没有办理，或没有在任的主席"
		}
		p.Duties = append(p.Duties, d)
	}
	return p, err
}

// fromTransfer lists the transfers that wait for a union of the viewer's.
//
// law: MEM-26
func fromTransfer(ctx context.Context, tx *sqldb.Tx, v desk.Viewer) (p desk.Part, err error) {
	g, ok := v.Grant(transfer.Confirm)
	if !ok {
		return p, nil
	}
	days, err := transfer.AlertDays(ctx, tx, g.Tenant(), v.Today)
	if err != nil {
		return p, err
	}
	all, err := transfer.Waiting(ctx, tx, g, mostWaiting)
	for _, t := range all {
		act := "去确认"
		if t.State == transfer.Confirmed {
			act = "去接收"
		}
		p.Duties = append(p.Duties, desk.Duty{Title: "会籍接转 · " + t.Name, Href: t.Place(), Note: t.From.Name + " → " + t.To.Name + "；" + t.State.Label(), Due: t.Late(days), Act: act, ActHref: t.Place()})
	}
	return p, err
}

// fromParting lists the matters that the viewer has to take further.
//
// law: MEM-24
func fromParting(ctx context.Context, tx *sqldb.Tx, v desk.Viewer) (p desk.Part, err error) {
	g, ok := v.Grant(parting.Begin)
	if !ok {
		return p, nil
	}
	all, err := parting.List(ctx, tx, g, parting.Query{Limit: mostWaiting})
	for _, m := range all {
		p.Duties = append(p.Duties, desk.Duty{Title: m.Kind.Label() + " · " + m.Name, Href: m.Place(), Note: m.Union.Name, Tag: m.State.Label(), Kind: ui.Warn, Act: "去办理", ActHref: m.Place()})
	}
	return p, err
}
