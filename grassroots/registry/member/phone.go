package member

import (
	"context"

	"unionhall/kit/sqldb"
)

// ByPhone returns the active members of a tenant that have the phone, for a
// sign-in by text message: nobody is known yet, so there is no grant. It finds
// them by the last digits, which only the key can tell, and opens the few.
func ByPhone(ctx context.Context, tx *sqldb.Tx, tenant int64, phone string) ([]Member, error) {
	if len(phone) < tail {
		return nil, nil
	}
	all, err := sqldb.List(ctx, tx, scanMember(tx, tenant), `SELECT `+fullColumns+fromMembers+` AND m.status = 'active' AND m.id IN (
		SELECT t.member_id FROM member_tokens t WHERE t.tenant_id = $1 AND t.token = $2)`, tenant, tailToken(tx.Keys(), tenant, phone[len(phone)-tail:]))
	var out []Member
	for _, m := range all {
		if m.Person.Phone == phone {
			out = append(out, m)
		}
	}
	return out, err
}
