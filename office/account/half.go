package account

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
)

// A log-in of several steps waits between them as a row (halfway), which the
// browser that began it finds by a secret in a cookie. Any instance can go on
// with it; whoever holds the row alone has nothing.

// Which step is waited for.
const (
	atSecond  = "second"  // the code of the second factor
	atOutside = "outside" // the answer of an identity provider
	atCode    = "code"    // the code of a text message
)

// halfCookie holds the secret of what is halfway.
const halfCookie = "uh_half"

// half is what is remembered between two steps; it is sealed.
type half struct {
	Next     string `json:"next,omitempty"`
	Login    string `json:"login,omitempty"`    // what was typed
	Old      string `json:"old,omitempty"`      // the session that the browser held
	Verifier string `json:"verifier,omitempty"` // PKCE
	Nonce    string `json:"nonce,omitempty"`
	State    string `json:"state,omitempty"`
	Link     string `json:"link,omitempty"` // the account that is to be linked
	Phone    string `json:"phone,omitempty"`
	Code     string `json:"code,omitempty"` // blind
	Member   string `json:"member,omitempty"`
	How      string `json:"how,omitempty"` // how the first step was done
}

// paused is a row that is halfway.
type paused struct {
	half
	tenant  int64
	id      string
	account string
	tries   int64
}

// pause writes what is halfway and returns what the browser shall hold.
func pause(ctx context.Context, tx *sqldb.Tx, tenant int64, kind, account string, h half, until day.Instant) (string, error) {
	data, err := json.Marshal(h)
	if err != nil {
		return "", err
	}
	secret := newSecret(tenant)
	_, id, _ := opened(secret)
	_, err = tx.Exec(ctx, `INSERT INTO halfway (tenant_id, id, kind, account_id, data, tries, expires) VALUES ($1, $2, $3, $4, $5, 0, $6)`,
		tenant, id, kind, account, tx.Keys().Seal(tenant, "halfway", "data", string(data)), string(until))
	return secret, err
}

var errHalf = fault.New(fault.Invalid, "登录等得太久或已经用过，请从头登录。")

// resume returns what the browser's secret names, if it still waits for kind.
// With judge the try is counted first, so that of many at once no more than
// most are judged.
func resume(ctx context.Context, tx *sqldb.Tx, secret, kind string, most int64, now day.Instant) (p paused, err error) {
	var ok bool
	if p.tenant, p.id, ok = opened(secret); !ok {
		return p, errHalf
	}
	type found struct {
		account string
		data    []byte
		tries   int64
	}
	all, err := sqldb.List(ctx, tx, func(row sqldb.Row) (f found, err error) { return f, row(&f.account, &f.data, &f.tries) }, `
		UPDATE halfway SET tries = tries + 1 WHERE tenant_id = $1 AND id = $2 AND kind = $3 AND expires > $4 AND tries < $5
		RETURNING account_id, data, tries`, p.tenant, p.id, kind, string(now), most)
	if err != nil {
		return p, err
	}
	if len(all) == 0 {
		return p, errHalf
	}
	p.account, p.tries = all[0].account, all[0].tries
	text, err := tx.Keys().Open(p.tenant, "halfway", "data", all[0].data)
	if err != nil {
		return p, err
	}
	return p, json.Unmarshal([]byte(text), &p.half)
}

// waits reports whether a step of the kind is waited for, without counting.
func waits(ctx context.Context, tx *sqldb.Tx, secret, kind string, now day.Instant) (bool, error) {
	tenant, id, ok := opened(secret)
	if !ok {
		return false, nil
	}
	n, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM halfway WHERE tenant_id = $1 AND id = $2 AND kind = $3 AND expires > $4`, tenant, id, kind, string(now))
	return n > 0, err
}

// used ends what was halfway; false where somebody else has just ended it.
func (p paused) used(ctx context.Context, tx *sqldb.Tx) (bool, error) {
	n, err := tx.Exec(ctx, `DELETE FROM halfway WHERE tenant_id = $1 AND id = $2`, p.tenant, p.id)
	return n == 1, err
}

// halfLife is how long a person may take for the next step.
const halfLife = 10 * time.Minute

func setHalf(w http.ResponseWriter, c client, secret string) {
	k := &http.Cookie{Name: halfCookie, Value: secret, Path: "/login", MaxAge: int(halfLife.Seconds()), HttpOnly: true, Secure: c.https, SameSite: http.SameSiteLaxMode}
	if secret == "" {
		k.MaxAge = -1
	}
	http.SetCookie(w, k)
}

func heldHalf(hr *http.Request) string {
	if c, err := hr.Cookie(halfCookie); err == nil {
		return c.Value
	}
	return ""
}

// blind is how the database knows a code: keyed, bound to whose it is.
func blind(k *seal.Keys, tenant int64, field, of, code string) string {
	return k.Blind(tenant, field, of+":"+code)
}
