package account

import (
	"context"
	"slices"
	"time"

	"unionhall/commons/message"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
)

// entry is what somebody types to sign in.
type entry struct {
	Tenant   int64  `json:"tenant"`
	Login    string `json:"login"`
	Password string `json:"password"`
	Code     string `json:"code"` // of the second factor, for programs that send both at once
	Next     string `json:"next"`
	old      string // the session that this browser held before
	how      string // how the person has proven to be one; empty: by password
}

// attempt is what is known of a login while it is tried.
type attempt struct {
	Account
	hash  string
	posts []auth.Post
	left  int // tries before the lock
	lim   Limits
}

// entered is how far a log-in has come: in, or halfway to the second step.
type entered struct {
	secret, half string
	attempt
	refusal error // of the second step, which is written down and yet no error of the transaction
}

// signIn tries a login and password and lets the person in, or on to the
// second step. A wrong one is fault.Unknown, one try too many fault.Denied, a
// crowd fault.Busy. What a login that nobody has is told, and when, is what a
// wrong password is told.
//
// law: R1.69
func (o *Office) signIn(ctx context.Context, e entry, c client, now day.Instant) (in entered, err error) {
	release, err := o.turns.take(ctx, loginKey(e.Login))
	if err != nil {
		return in, err
	}
	defer release()
	var a attempt
	err = o.Site.DB.Do(ctx, func(tx *sqldb.Tx) (err error) {
		a, err = o.begin(ctx, tx, e, now)
		return err
	})
	if err != nil {
		return in, err
	}
	right, err := seal.CheckPassword(seal.For(ctx, c.address, loginKey(e.Login)), a.hash, e.Password)
	if err != nil {
		return in, o.giveBack(ctx, e, err)
	}
	if !right {
		return in, o.failed(ctx, e, c, a, now)
	}
	err = o.Site.DB.Do(ctx, func(tx *sqldb.Tx) (err error) {
		in, err = o.pass(ctx, tx, e, c, a, now)
		return err
	})
	if err == nil {
		err = in.refusal
	}
	return in, err
}

var errLocked = fault.New(fault.Denied, "这个账号已停用，请联系本单位的安全管理员。")

// pass lets a person in whose first step was right, or on to the second where
// the account has one.
//
// law: R1.69
func (o *Office) pass(ctx context.Context, tx *sqldb.Tx, e entry, c client, a attempt, now day.Instant) (in entered, err error) {
	in.attempt = a
	if a.Locked {
		return in, errLocked
	}
	f, err := factorOf(ctx, tx, e.Tenant, a.ID)
	switch {
	case err != nil:
	case !f.On():
		in.secret, err = enter(ctx, tx, e, c, a, now)
	case e.Code != "":
		in.secret, in.refusal, err = o.secondStep(ctx, tx, e, c, a, now)
	default:
		if err = forget(ctx, tx, e.Tenant, a.Login); err == nil {
			in.half, err = pause(ctx, tx, e.Tenant, atSecond, a.ID, half{Next: e.Next, Login: e.Login, Old: e.old, How: e.how}, later(now, halfLife))
		}
	}
	return in, err
}

// secondKey is what wrong codes of an account's second factor are counted by;
// no login looks like it.
func secondKey(account string) string { return loginKey("~" + account) }

// secondStep judges the code of the second step and lets the person in. A
// wrong one is a refusal, counted like wrong passwords and logged; one that
// was used before is refused, but nobody's guess.
//
// law: R1.69
func (o *Office) secondStep(ctx context.Context, tx *sqldb.Tx, e entry, c client, a attempt, now day.Instant) (secret string, refusal, err error) {
	left, err := counted(ctx, tx, e.Tenant, secondKey(a.ID), a.lim, now)
	if err != nil {
		return "", nil, err
	}
	how, err := show(ctx, tx, e.Tenant, a.ID, e.Code, now)
	if err != nil {
		return "", nil, err
	}
	wrong := func(text string) error {
		return &fault.Error{Kind: fault.Unknown, Rule: "R1.69", Text: text, Fields: map[string]string{"code": "动态口令：" + text}}
	}
	switch how {
	case byReplay:
		return "", wrong("这个动态口令已经用过，请等手机上换了新的再填。"), uncount(ctx, tx, e.Tenant, secondKey(a.ID))
	case byNothing:
		err = audit.Write(ctx, tx, a.grant(e.Tenant, SignInFail), a.ID, map[string]any{"from": c.address, "device": c.label, "left": left, "second": "wrong"}, now)
		return "", wrong("动态口令不对，还可以试 " + digits(left) + " 次。"), err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM login_failures WHERE tenant_id = $1 AND login = $2`, e.Tenant, secondKey(a.ID)); err != nil {
		return "", nil, err
	}
	if how == byRecovery {
		e.how = join(e.how, string(byRecovery))
		if err := toldOfRecovery(ctx, tx, e.Tenant, a.ID, now); err != nil {
			return "", nil, err
		}
	}
	secret, err = enter(ctx, tx, e, c, a, now)
	return secret, nil, err
}

// toldOfRecovery lets a person know that a recovery code of theirs was used.
func toldOfRecovery(ctx context.Context, tx *sqldb.Tx, tenant int64, account string, now day.Instant) error {
	f, err := factorOf(ctx, tx, tenant, account)
	if err != nil {
		return err
	}
	return message.Send(ctx, tx, tenant, account, "有人用您的恢复码登录", "还剩 "+digits(int(f.Left))+" 个恢复码。若不是您本人，请立即修改密码并联系安全管理员。", secondPage, now)
}

// counted counts a try against the key before it is judged, so that of many at
// once no more than the rule allows are judged at all, and returns how many
// are left.
//
// law: R1.69
func counted(ctx context.Context, tx *sqldb.Tx, tenant int64, key string, lim Limits, now day.Instant) (left int, err error) {
	n, err := sqldb.List(ctx, tx, sqldb.Int, `
		INSERT INTO login_failures (tenant_id, login, failures, until) VALUES ($1, $2, 1, $3)
		ON CONFLICT (tenant_id, login) DO UPDATE SET
			failures = CASE WHEN login_failures.until <= $4 THEN 1 ELSE login_failures.failures + 1 END, until = excluded.until
		WHERE login_failures.failures < $5 OR login_failures.until <= $4
		RETURNING failures`,
		tenant, key, string(later(now, lim.Lock)), string(now), int64(lim.Tries))
	if err != nil {
		return 0, err
	}
	if len(n) == 0 {
		return 0, fault.ByRule(fault.Denied, "R1.69", "连续输错 %d 次，这个账号已暂停登录 %d 分钟。请稍后再试；忘记密码请联系本单位的系统管理员重设。", lim.Tries, int(lim.Lock.Minutes()))
	}
	return lim.Tries - int(n[0]), nil
}

func uncount(ctx context.Context, tx *sqldb.Tx, tenant int64, key string) error {
	_, err := tx.Exec(ctx, `UPDATE login_failures SET failures = failures - 1 WHERE tenant_id = $1 AND login = $2 AND failures > 0`, tenant, key)
	return err
}

// begin finds the account and counts the try.
func (o *Office) begin(ctx context.Context, tx *sqldb.Tx, e entry, now day.Instant) (a attempt, err error) {
	lim, err := o.limits(ctx, tx, e.Tenant, now)
	if err != nil {
		return a, err
	}
	left, err := counted(ctx, tx, e.Tenant, loginKey(e.Login), lim, now)
	if err != nil {
		return attempt{lim: lim}, err
	}
	a, err = attemptOf(ctx, tx, e.Tenant, `login = $2`, tidyLogin(e.Login), now)
	a.left, a.lim = left, lim
	return a, err
}

// attemptOf reads the account that where means, with its posts of the day; an
// empty one where there is none.
func attemptOf(ctx context.Context, tx *sqldb.Tx, tenant int64, where, arg string, now day.Instant) (a attempt, err error) {
	found, err := sqldb.List(ctx, tx, func(row sqldb.Row) (v attempt, err error) {
		err = row(&v.ID, &v.Login, &v.Name, &v.MemberID, &v.hash, &v.MustChange, &v.Changed, &v.Locked, &v.Version)
		return v, err
	}, `SELECT id, login, name, member_id, password, must_change, changed, locked, version FROM accounts WHERE tenant_id = $1 AND `+where, tenant, arg)
	if err != nil || len(found) == 0 {
		return a, err
	}
	a = found[0]
	posts, err := postsOf(ctx, tx, tenant, a.ID)
	for _, p := range posts {
		if p.Holds(now.Day()) {
			a.posts = append(a.posts, p.Post)
		}
	}
	return a, err
}

// known is attemptOf for an account by its id, with the limits in force.
func (o *Office) known(ctx context.Context, tx *sqldb.Tx, tenant int64, account string, now day.Instant) (a attempt, err error) {
	lim, err := o.limits(ctx, tx, tenant, now)
	if err != nil {
		return a, err
	}
	a, err = attemptOf(ctx, tx, tenant, `id = $2`, account, now)
	if err == nil && a.ID == "" {
		err = errHalf
	}
	a.lim = lim
	return a, err
}

// giveBack takes back the count of a try that was not judged.
func (o *Office) giveBack(ctx context.Context, e entry, because error) error {
	err := o.Site.DB.Do(context.WithoutCancel(ctx), func(tx *sqldb.Tx) error {
		return uncount(ctx, tx, e.Tenant, loginKey(e.Login))
	})
	if err != nil {
		return err
	}
	return because
}

// failed writes a wrong password into the log. Where there is no such account
// it writes too, if nothing of worth, since that takes as long.
func (o *Office) failed(ctx context.Context, e entry, c client, a attempt, now day.Instant) error {
	err := o.Site.DB.Do(context.WithoutCancel(ctx), func(tx *sqldb.Tx) error {
		if a.ID == "" {
			_, err := tx.Exec(ctx, `UPDATE login_failures SET until = until WHERE tenant_id = $1 AND login = $2`, e.Tenant, loginKey(e.Login))
			return err
		}
		return audit.Write(ctx, tx, a.grant(e.Tenant, SignInFail), a.ID, map[string]any{"from": c.address, "device": c.label, "left": a.left}, now)
	})
	if err != nil {
		return err
	}
	if a.left == 0 {
		return fault.ByRule(fault.Unknown, "R1.69", "账号或密码不对，已连续错 %d 次，暂停登录 %d 分钟。忘记密码请联系本单位的系统管理员重设。", a.lim.Tries, int(a.lim.Lock.Minutes()))
	}
	return fault.New(fault.Unknown, "账号或密码不对，请检查大小写后重试，还可以试 %d 次。", a.left)
}

// enter opens the session of a person who has proven to be one. Of the three
// administrators each is signed in at one place.
func enter(ctx context.Context, tx *sqldb.Tx, e entry, c client, a attempt, now day.Instant) (string, error) {
	if err := forget(ctx, tx, e.Tenant, a.Login); err != nil {
		return "", err
	}
	if a.lim.SingleAdmin && a.trusted() {
		if _, err := endSessions(ctx, tx, e.Tenant, a.ID, ""); err != nil {
			return "", err
		}
	} else if tenant, id, ok := opened(e.old); ok && tenant == e.Tenant {
		if _, err := tx.Exec(ctx, `DELETE FROM sessions WHERE tenant_id = $1 AND id = $2 AND kind <> 'token'`, tenant, id); err != nil {
			return "", err
		}
	}
	secret, err := open(ctx, tx, e.Tenant, a.ID, Session{Kind: c.kind, Label: c.label, Address: c.address, Made: now, Expires: later(now, life(c.kind))})
	if err != nil {
		return "", err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO last_logins (tenant_id, account_id, at, address) VALUES ($1, $2, $3, $4)
		ON CONFLICT (tenant_id, account_id) DO UPDATE SET at = excluded.at, address = excluded.address`, e.Tenant, a.ID, string(now), c.address)
	if err != nil {
		return "", err
	}
	change := map[string]string{"from": c.address, "device": c.label}
	if e.how != "" {
		change["how"] = e.how
	}
	return secret, audit.Write(ctx, tx, a.grant(e.Tenant, SignIn), a.ID, change, now)
}

func life(k Kind) time.Duration {
	if k == Phone {
		return phoneLife
	}
	return deskLife
}

func (a attempt) trusted() bool {
	return slices.ContainsFunc(a.posts, func(p auth.Post) bool { return slices.Contains(Trusted, p.Office) })
}

// grant is that of a person at the door, from the first post held.
func (a attempt) grant(tenant int64, act auth.Action) auth.Grant {
	if len(a.posts) > 0 {
		return auth.As(tenant, a.ID, a.posts[0].Office, act, a.posts[0].UnionID)
	}
	return auth.As(tenant, a.ID, auth.Member, act, "")
}

// forget clears the count of failed log-ins.
func forget(ctx context.Context, tx *sqldb.Tx, tenant int64, login string) error {
	_, err := tx.Exec(ctx, `DELETE FROM login_failures WHERE tenant_id = $1 AND login = $2`, tenant, loginKey(login))
	return err
}

func signedOut(ctx context.Context, tx *sqldb.Tx, tenant int64, a attempt, now day.Instant) error {
	return audit.Write(ctx, tx, a.grant(tenant, SignOut), a.ID, map[string]string{}, now)
}
