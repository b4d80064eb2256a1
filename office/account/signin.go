package account

import (
	"context"
	"slices"
	"sync"
	"time"

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
	Next     string `json:"next"`
	old      string // the session that this browser held before
}

// attempt is what is known of a login while it is tried.
type attempt struct {
	Account
	hash  string
	posts []auth.Post
	left  int // tries before the lock
	lim   Limits
}

// signIn tries a login and password and returns the secret of a new session. A
// wrong one is fault.Unknown, one try too many fault.Denied, a crowd
// fault.Busy. What a login that nobody has is told, and when, is what a wrong
// password is told.
//
// law: R1.69
func (o *Office) signIn(ctx context.Context, e entry, c client, now day.Instant) (secret string, a attempt, err error) {
	release, err := o.turns.take(ctx, loginKey(e.Login))
	if err != nil {
		return "", a, err
	}
	defer release()
	err = o.Site.DB.Do(ctx, func(tx *sqldb.Tx) (err error) {
		a, err = o.begin(ctx, tx, e, now)
		return err
	})
	if err != nil {
		return "", a, err
	}
	right, err := seal.CheckPassword(ctx, a.hash, e.Password)
	if err != nil {
		return "", a, o.giveBack(ctx, e, err)
	}
	if !right {
		return "", a, o.failed(ctx, e, c, a, now)
	}
	if a.Locked {
		return "", a, fault.New(fault.Denied, "这个账号已停用，请联系本单位的安全管理员。")
	}
	err = o.Site.DB.Do(ctx, func(tx *sqldb.Tx) (err error) {
		secret, err = enter(ctx, tx, e, c, a, now)
		return err
	})
	return secret, a, err
}

// begin finds the account and counts the try before it is judged, so that of
// many at once no more than the rule allows are judged at all.
func (o *Office) begin(ctx context.Context, tx *sqldb.Tx, e entry, now day.Instant) (a attempt, err error) {
	if a.lim, err = o.limits(ctx, tx, e.Tenant, now); err != nil {
		return a, err
	}
	n, err := sqldb.List(ctx, tx, sqldb.Int, `
		INSERT INTO login_failures (tenant_id, login, failures, until) VALUES ($1, $2, 1, $3)
		ON CONFLICT (tenant_id, login) DO UPDATE SET
			failures = CASE WHEN login_failures.until <= $4 THEN 1 ELSE login_failures.failures + 1 END, until = excluded.until
		WHERE login_failures.failures < $5 OR login_failures.until <= $4
		RETURNING failures`,
		e.Tenant, loginKey(e.Login), string(later(now, a.lim.Lock)), string(now), int64(a.lim.Tries))
	if err != nil {
		return a, err
	}
	if len(n) == 0 {
		return a, fault.ByRule(fault.Denied, "R1.69", "连续输错 %d 次，这个账号已暂停登录 %d 分钟。请稍后再试；忘记密码请联系本单位的系统管理员重设。", a.lim.Tries, int(a.lim.Lock.Minutes()))
	}
	a.left = a.lim.Tries - int(n[0])
	found, err := sqldb.List(ctx, tx, func(row sqldb.Row) (v attempt, err error) {
		err = row(&v.ID, &v.Name, &v.MemberID, &v.hash, &v.MustChange, &v.Changed, &v.Locked)
		return v, err
	}, `SELECT id, name, member_id, password, must_change, changed, locked FROM accounts WHERE tenant_id = $1 AND login = $2`, e.Tenant, tidyLogin(e.Login))
	if err != nil || len(found) == 0 {
		return a, err
	}
	found[0].left, found[0].lim = a.left, a.lim
	posts, err := postsOf(ctx, tx, e.Tenant, found[0].ID)
	for _, p := range posts {
		if p.Holds(now.Day()) {
			found[0].posts = append(found[0].posts, p.Post)
		}
	}
	return found[0], err
}

// giveBack takes back the count of a try that was not judged.
func (o *Office) giveBack(ctx context.Context, e entry, because error) error {
	err := o.Site.DB.Do(context.WithoutCancel(ctx), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE login_failures SET failures = failures - 1 WHERE tenant_id = $1 AND login = $2 AND failures > 0`, e.Tenant, loginKey(e.Login))
		return err
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
	if err := forget(ctx, tx, e.Tenant, e.Login); err != nil {
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
	return secret, audit.Write(ctx, tx, a.grant(e.Tenant, SignIn), a.ID, map[string]string{"from": c.address, "device": c.label}, now)
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

// turns lets those who try the same login do so one after the other: who is
// right is not refused because of others at the same moment.
type turns struct {
	mu    sync.Mutex
	lines map[string]*line
}

type line struct {
	turn  chan struct{}
	queue int
}

const longestLine = 64

func (t *turns) take(ctx context.Context, key string) (release func(), err error) {
	t.mu.Lock()
	if t.lines == nil {
		t.lines = map[string]*line{}
	}
	l := t.lines[key]
	if l == nil {
		l = &line{turn: make(chan struct{}, 1)}
		t.lines[key] = l
	}
	if l.queue >= longestLine {
		t.mu.Unlock()
		return nil, fault.New(fault.Busy, "这个账号正在别处反复登录，请过半分钟再试。")
	}
	l.queue++
	t.mu.Unlock()
	leave := func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if l.queue--; l.queue == 0 {
			delete(t.lines, key)
		}
	}
	select {
	case l.turn <- struct{}{}:
		return func() { <-l.turn; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}

func signedOut(ctx context.Context, tx *sqldb.Tx, tenant int64, a attempt, now day.Instant) error {
	return audit.Write(ctx, tx, a.grant(tenant, SignOut), a.ID, map[string]string{}, now)
}
