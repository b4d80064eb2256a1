package account

import (
	"context"
	"fmt"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/kit/zh"
)

func row(id string) audit.Touched { return audit.Touched{Table: "accounts", ID: id} }

// New is what an account begins with. Hash is the password's.
type New struct {
	Login, Name, MemberID, Hash string
	MustChange                  bool
}

// Create makes an account. A login that is taken is fault.Conflict.
func Create(ctx context.Context, tx *sqldb.Tx, g auth.Grant, n New, at day.Instant) (Account, error) {
	a, m := Account{}, audit.Moves{}
	a, err := insert(ctx, tx, g, m, n, at)
	if err != nil {
		return a, err
	}
	return a, m.Write(ctx, tx, g, a.ID, map[string]any{"login": a.Login, "name": a.Name, "member": a.MemberID}, at)
}

// insert writes the account and takes its seal into m.
func insert(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, n New, at day.Instant) (Account, error) {
	a := Account{ID: sqldb.NewID(), Login: tidyLogin(n.Login), Name: zh.Clean(n.Name), MemberID: n.MemberID, MustChange: n.MustChange, Changed: at, Version: 1}
	fields := map[string]string{}
	if f := loginFlaw(a.Login); f != "" {
		fields["login"] = f
	}
	if f := nameFlaw(a.Name); f != "" {
		fields["name"] = f
	}
	if len(fields) > 0 {
		return a, &fault.Error{Kind: fault.Invalid, Text: "账号没有建立，请按提示改正。", Fields: fields}
	}
	written, err := tx.Exec(ctx, `
		INSERT INTO accounts (tenant_id, id, login, name, name_key, member_id, password, must_change, changed, locked, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)
		ON CONFLICT (tenant_id, login) DO NOTHING`,
		g.Tenant(), a.ID, a.Login, a.Name, zh.SortKey(a.Name), a.MemberID, n.Hash, n.MustChange, string(at), false)
	if err != nil {
		return a, err
	}
	if written == 0 {
		return a, &fault.Error{Kind: fault.Conflict, Text: "账号“" + a.Login + "”已经有人用了，请换一个。", Fields: map[string]string{"login": "账号：已有人用"}}
	}
	return a, m.Touch(ctx, tx, g.Tenant(), row(a.ID))
}

// Rename corrects the name of an account on the version that was read.
func Rename(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id, name string, version int64, at day.Instant) (Account, error) {
	a, err := Find(ctx, tx, g, id)
	if err != nil {
		return a, err
	}
	name = zh.Clean(name)
	if f := nameFlaw(name); f != "" {
		return a, &fault.Error{Kind: fault.Invalid, Text: f, Fields: map[string]string{"name": f}}
	}
	n, err := tx.Exec(ctx, `UPDATE accounts SET name = $1, name_key = $2, version = version + 1 WHERE tenant_id = $3 AND id = $4 AND version = $5`,
		name, zh.SortKey(name), g.Tenant(), id, version)
	return changed(ctx, tx, g, id, n, err, map[string]string{"name": name, "was": a.Name}, at)
}

// changed ends an act on an account: n is how many rows were written, none
// being that somebody was faster.
func changed(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, n int64, err error, change any, at day.Instant) (Account, error) {
	if err == nil && n == 0 {
		err = faster(ctx, tx, g, id)
	}
	if err == nil {
		err = audit.Write(ctx, tx, g, id, change, at, row(id))
	}
	if err != nil {
		return Account{}, fmt.Errorf("account %s: %w", id, err)
	}
	return Find(ctx, tx, g, id)
}

// faster is the conflict that tells who changed the account and when.
func faster(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) error {
	last, err := audit.Last(ctx, tx, g, id)
	if err != nil {
		return err
	}
	names, err := Names(ctx, tx, g.Tenant(), []string{last.Account})
	if err != nil {
		return err
	}
	by := names[last.Account]
	if by == "" {
		by = "他人"
	}
	return fault.New(fault.Conflict, "这个账号已由%s在 %s 改动过，请刷新后再办。", by, last.At.Local())
}

// SetPassword writes a new password's hash. must says that it was handed out
// and is to be changed at the next log-in. All sessions end but keep's; tokens
// stay. Failed log-ins are forgotten.
//
// law: R1.69
func SetPassword(ctx context.Context, tx *sqldb.Tx, g auth.Grant, a Account, hash string, must bool, keep string, history int, at day.Instant) error {
	tenant := g.Tenant()
	_, err := tx.Exec(ctx, `
		INSERT INTO old_passwords (tenant_id, id, account_id, password)
		SELECT tenant_id, $1, id, password FROM accounts WHERE tenant_id = $2 AND id = $3`, sqldb.NewID(), tenant, a.ID)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `
		UPDATE accounts SET password = $1, must_change = $2, changed = $3, version = version + 1
		WHERE tenant_id = $4 AND id = $5 AND version = $6`, hash, must, string(at), tenant, a.ID, a.Version)
	if err != nil {
		return err
	}
	if n == 0 {
		return faster(ctx, tx, g, a.ID)
	}
	_, err = tx.Exec(ctx, `
		DELETE FROM old_passwords WHERE tenant_id = $1 AND account_id = $2 AND id NOT IN (
			SELECT o.id FROM old_passwords o WHERE o.tenant_id = $1 AND o.account_id = $2 ORDER BY o.id DESC LIMIT $3)`, tenant, a.ID, int64(history))
	if err == nil {
		err = forget(ctx, tx, tenant, a.Login)
	}
	if err == nil {
		_, err = endSessions(ctx, tx, tenant, a.ID, keep)
	}
	if err != nil {
		return err
	}
	return audit.Write(ctx, tx, g, a.ID, map[string]any{"password": "changed", "handed_out": must}, at, row(a.ID))
}

// lastPasswords returns the hashes that a new password may not match: today's
// and those before it, n in all.
func lastPasswords(ctx context.Context, tx *sqldb.Tx, tenant int64, account string, n int) ([]string, error) {
	now, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT password FROM accounts WHERE tenant_id = $1 AND id = $2`, tenant, account)
	if err != nil {
		return nil, err
	}
	old, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT password FROM old_passwords WHERE tenant_id = $1 AND account_id = $2 ORDER BY id DESC LIMIT $3`, tenant, account, int64(n-1))
	return append(now, old...), err
}

// SetLocked locks an account or unlocks it; a locked one is signed out at
// once, and unlocking forgets failed log-ins. The last system administrator
// is not locked.
func SetLocked(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, locked bool, reason string, version int64, at day.Instant) (Account, error) {
	if err := head(ctx, tx, g.Tenant()); err != nil {
		return Account{}, err
	}
	a, err := Find(ctx, tx, g, id)
	if err != nil {
		return a, err
	}
	if id == g.Account() {
		return a, fault.New(fault.Denied, "不能停用自己的账号，请由他人办理。")
	}
	if locked {
		all, err := administrators(ctx, tx, g.Tenant())
		if err != nil {
			return a, err
		}
		if holdsAdmin(all, id) && !administered(all, at.Day(), id) {
			return a, fault.New(fault.Conflict, "这是唯一的系统管理员，停用后就没有人管理系统了。请先任命另一位系统管理员。")
		}
	}
	n, err := tx.Exec(ctx, `UPDATE accounts SET locked = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND version = $4`, locked, g.Tenant(), id, version)
	if err != nil {
		return a, err
	}
	if err := forget(ctx, tx, g.Tenant(), a.Login); err != nil {
		return a, err
	}
	if _, err := endSessions(ctx, tx, g.Tenant(), id, ""); err != nil {
		return a, err
	}
	return changed(ctx, tx, g, id, n, nil, map[string]any{"locked": locked, "reason": reason}, at)
}

// Link says which member an account belongs to; an empty one lets it go. A
// member has one account.
func Link(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id, member string, version int64, at day.Instant) (Account, error) {
	if _, err := Find(ctx, tx, g, id); err != nil {
		return Account{}, err
	}
	if member != "" {
		taken, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT name FROM accounts WHERE tenant_id = $1 AND member_id = $2 AND id <> $3`, g.Tenant(), member, id)
		if err != nil {
			return Account{}, err
		}
		if len(taken) > 0 {
			return Account{}, fault.New(fault.Conflict, "这位会员已有账号（%s），一位会员只用一个账号。", taken[0])
		}
	}
	n, err := tx.Exec(ctx, `UPDATE accounts SET member_id = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND version = $4`, member, g.Tenant(), id, version)
	return changed(ctx, tx, g, id, n, err, map[string]string{"member": member}, at)
}
