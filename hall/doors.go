package hall

import (
	"context"

	"unionhall/grassroots/registry/member"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/oidc"
	"unionhall/kit/sms"
	"unionhall/kit/sqldb"
	"unionhall/office/account"
)

// doors opens the ways in beside the password, as far as they are set.
func (h *House) doors() {
	h.Accounts.Outside = oidc.New(h.Settings.Outside, h.Now)
	codes := h.Settings.Out.SMS
	codes.Guard.Private = h.Settings.Out.Private
	h.Accounts.Texts = sms.New(codes)
	h.Accounts.Phones = phones{}
}

// phones finds the members whose phone a code is to be sent to.
type phones struct{}

func (phones) ByPhone(ctx context.Context, tx *sqldb.Tx, tenant int64, phone string) ([]account.Person, error) {
	all, err := member.ByPhone(ctx, tx, tenant, phone)
	out := make([]account.Person, len(all))
	for i, m := range all {
		out[i] = account.Person{ID: m.ID, Name: m.Person.Name, Union: m.Union.Name}
	}
	return out, err
}

// ResetSecond takes an account's lost second factor away, at the shell: the
// way out for a security administrator.
func (h *House) ResetSecond(ctx context.Context, login, by string) error {
	return h.asShell(ctx, by, account.Factors, func(tx *sqldb.Tx, g auth.Grant, at day.Instant) error {
		a, err := account.ByLogin(ctx, tx, g, login)
		if err != nil {
			return fault.New(fault.NotFound, "没有账号“%s”。", login)
		}
		_, err = account.ResetFactor(ctx, tx, g, a.ID, "运维人员在服务器上办理", at)
		return err
	})
}
