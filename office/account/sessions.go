package account

import (
	"context"
	"time"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/kit/zh"
)

const selectSessions = `SELECT id, kind, label, address, post_id, made, seen, expires FROM sessions WHERE tenant_id = $1 AND account_id = $2`

func scanSession(row sqldb.Row) (s Session, err error) {
	err = row(&s.ID, &s.Kind, &s.Label, &s.Address, &s.PostID, &s.Made, &s.Seen, &s.Expires)
	return s, err
}

// sessionsOf lists where an account is signed in and its tokens, those last
// used first; what has expired is left out. officer decides how long they rest.
func sessionsOf(ctx context.Context, tx *sqldb.Tx, tenant int64, account string, lim Limits, officer bool, now day.Instant) (sessions, tokens []Session, err error) {
	all, err := sqldb.List(ctx, tx, scanSession, selectSessions+` AND expires > $3 ORDER BY seen DESC, id`, tenant, account, string(now))
	for _, s := range all {
		switch {
		case s.Kind == Token:
			tokens = append(tokens, s)
		case lim.Alive(s, officer, now):
			sessions = append(sessions, s)
		}
	}
	return sessions, tokens, err
}

// open signs an account in and returns the secret that its client shall hold.
func open(ctx context.Context, tx *sqldb.Tx, tenant int64, account string, s Session) (secret string, err error) {
	secret = newSecret(tenant)
	_, id, _ := opened(secret)
	_, err = tx.Exec(ctx, `
		INSERT INTO sessions (tenant_id, id, account_id, post_id, kind, label, address, made, seen, expires)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)`,
		tenant, id, account, s.PostID, string(s.Kind), s.Label, s.Address, string(s.Made), string(s.Expires))
	return secret, err
}

// endSessions signs an account out everywhere but in the session keep, log-ins
// that are halfway as well. Tokens stay.
func endSessions(ctx context.Context, tx *sqldb.Tx, tenant int64, account, keep string) (int64, error) {
	if keep == "" {
		keep = "-"
	}
	if _, err := tx.Exec(ctx, `DELETE FROM halfway WHERE tenant_id = $1 AND account_id = $2`, tenant, account); err != nil {
		return 0, err
	}
	return tx.Exec(ctx, `DELETE FROM sessions WHERE tenant_id = $1 AND account_id = $2 AND kind <> 'token' AND id <> $3`, tenant, account, keep)
}

// EndSession signs an account out of one session, or takes back one token. One
// that is no longer there is fault.NotFound.
func EndSession(ctx context.Context, tx *sqldb.Tx, g auth.Grant, account, id string, at day.Instant) error {
	s, err := sqldb.One(ctx, tx, scanSession, selectSessions+` AND id = $3`, g.Tenant(), account, id)
	if err != nil {
		return fault.New(fault.NotFound, "这处登录或令牌已经不在了，可能刚刚已退出。")
	}
	if _, err := tx.Exec(ctx, `DELETE FROM sessions WHERE tenant_id = $1 AND id = $2`, g.Tenant(), id); err != nil {
		return err
	}
	what := "session"
	if s.Kind == Token {
		what, g = "token", g.For(tokenAct(g))
	}
	return audit.Write(ctx, tx, g, account, map[string]string{"ended": what, "label": s.Label}, at)
}

// tokenAct is the action under which a token's end is logged.
func tokenAct(g auth.Grant) auth.Action {
	if g.Action() == Sessions {
		return Tokens
	}
	return g.Action()
}

// EndSessions signs an account out everywhere but in the session keep.
func EndSessions(ctx context.Context, tx *sqldb.Tx, g auth.Grant, account, keep string, at day.Instant) (int64, error) {
	n, err := endSessions(ctx, tx, g.Tenant(), account, keep)
	if err != nil || n == 0 {
		return n, err
	}
	return n, audit.Write(ctx, tx, g, account, map[string]any{"ended": "sessions", "count": n}, at)
}

// MakeToken (接口令牌) gives a program a way in: for one person, one post, some
// days. The secret is told once; the database knows its hash.
func MakeToken(ctx context.Context, tx *sqldb.Tx, g auth.Grant, account, label, post string, days int, at day.Instant) (secret string, s Session, err error) {
	fields := map[string]string{}
	if label = zh.Squeeze(label); label == "" || len(label) > 200 {
		fields["label"] = "用途：请写明给哪个程序用，不超过 60 字"
	}
	if days < 1 || days > tokenDays {
		fields["days"] = "有效天数：请填 1 至 " + digits(tokenDays)
	}
	if len(fields) > 0 {
		return "", s, &fault.Error{Kind: fault.Invalid, Text: "令牌没有办理，请按提示改正。", Fields: fields}
	}
	s = Session{Kind: Token, Label: label, PostID: post, Made: at, Seen: at, Expires: later(at, time.Duration(days)*24*time.Hour)}
	if secret, err = open(ctx, tx, g.Tenant(), account, s); err != nil {
		return "", s, err
	}
	_, s.ID, _ = opened(secret)
	return secret, s, audit.Write(ctx, tx, g, account, map[string]any{"token": s.ID[:12], "label": label, "post": post, "days": days}, at)
}

// Tokens lists every token of the tenant with whose it is: for the shell.
func ListTokens(ctx context.Context, tx *sqldb.Tx, tenant int64) ([]Issued, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (t Issued, err error) {
		err = row(&t.ID, &t.Login, &t.Label, &t.Made, &t.Seen, &t.Expires)
		return t, err
	}, `
		SELECT s.id, a.login, s.label, s.made, s.seen, s.expires
		FROM sessions s JOIN accounts a ON a.tenant_id = s.tenant_id AND a.id = s.account_id
		WHERE s.tenant_id = $1 AND s.kind = 'token' ORDER BY s.made, s.id`, tenant)
}

// Issued is a token as the shell lists it.
type Issued struct {
	ID      string      `json:"id"`
	Login   string      `json:"login"`
	Label   string      `json:"label"`
	Made    day.Instant `json:"made"`
	Seen    day.Instant `json:"seen"`
	Expires day.Instant `json:"expires"`
}

// Sweep removes what has expired of a tenant: sessions, tokens, forgotten
// failures, log-ins that were given up. A job does it daily.
func Sweep(ctx context.Context, tx *sqldb.Tx, tenant int64, now day.Instant) (int64, error) {
	n, err := tx.Exec(ctx, `DELETE FROM sessions WHERE tenant_id = $1 AND (expires <= $2 OR kind <> 'token' AND seen <= $3)`, tenant, string(now), string(later(now, -2*24*time.Hour)))
	if err != nil {
		return n, err
	}
	for _, q := range []string{
		`DELETE FROM login_failures WHERE tenant_id = $1 AND until <= $2`,
		`DELETE FROM halfway WHERE tenant_id = $1 AND expires <= $2`,
	} {
		more, err := tx.Exec(ctx, q, tenant, string(now))
		if n += more; err != nil {
			return n, err
		}
	}
	more, err := tx.Exec(ctx, `DELETE FROM code_sends WHERE tenant_id = $1 AND day < $2`, tenant, string(now.Day()))
	return n + more, err
}
