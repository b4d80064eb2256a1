package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"unionhall/commons/message"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
)

// The second factor (动态口令) is a time-based code of RFC 6238 as every
// authenticator shows it: six digits, thirty seconds, SHA-1.
const (
	stepSeconds = 30
	stepSlack   = 1 // steps that a clock may be off, either way
	secretSize  = 20
)

// Factor is how an account stands with its second factor.
type Factor struct {
	Secret    string      `json:"-"`
	Made      day.Instant `json:"made,omitempty"`
	Confirmed day.Instant `json:"confirmed,omitempty"`
	Left      int64       `json:"recovery_codes"` // recovery codes not yet used
}

// On reports whether log-ins ask for it.
func (f Factor) On() bool { return f.Confirmed != "" }

func factorRow(id string) audit.Touched { return audit.Touched{Table: "second_factors", ID: id} }

// factorOf returns how an account stands; a zero one where it has none.
func factorOf(ctx context.Context, tx *sqldb.Tx, tenant int64, account string) (Factor, error) {
	var sealed []byte
	all, err := sqldb.List(ctx, tx, func(row sqldb.Row) (f Factor, err error) { return f, row(&sealed, &f.Made, &f.Confirmed, &f.Left) }, `
		SELECT f.secret, f.made, f.confirmed,
			(SELECT count(*) FROM recovery_codes c WHERE c.tenant_id = f.tenant_id AND c.account_id = f.id)
		FROM second_factors f WHERE f.tenant_id = $1 AND f.id = $2`, tenant, account)
	if err != nil || len(all) == 0 {
		return Factor{}, err
	}
	f := all[0]
	f.Secret, err = tx.Keys().Open(tenant, "second_factors", "secret", sealed)
	return f, err
}

// newFactorSecret returns 160 random bits as authenticators take them.
func newFactorSecret() string {
	var b [secretSize]byte
	rand.Read(b[:])
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:])
}

// Enrol (启用) begins a second factor: its secret waits until a code of it is
// shown. One that is in force is not replaced.
//
// law: R1.69
func Enrol(ctx context.Context, tx *sqldb.Tx, g auth.Grant, account string, at day.Instant) error {
	f, err := factorOf(ctx, tx, g.Tenant(), account)
	if err != nil {
		return err
	}
	if f.On() {
		return fault.New(fault.Conflict, "动态口令已经启用。要换手机，请先停用再重新启用。")
	}
	sealed := tx.Keys().Seal(g.Tenant(), "second_factors", "secret", newFactorSecret())
	n, err := tx.Exec(ctx, `
		INSERT INTO second_factors (tenant_id, id, secret, made) VALUES ($1, $2, $3, $4)
		ON CONFLICT (tenant_id, id) DO UPDATE SET secret = excluded.secret, made = excluded.made WHERE second_factors.confirmed IS NULL`,
		g.Tenant(), account, sealed, string(at))
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "动态口令已经启用，请刷新后再看。")
	}
	if err != nil {
		return err
	}
	return audit.Write(ctx, tx, g, account, map[string]string{"second": "started"}, at, factorRow(account))
}

// Confirm puts the second factor in force when the person shows a code of it,
// and returns the recovery codes, which are told once.
//
// law: R1.69
func Confirm(ctx context.Context, tx *sqldb.Tx, g auth.Grant, account, code string, codes int, at day.Instant) ([]string, error) {
	f, err := factorOf(ctx, tx, g.Tenant(), account)
	if err != nil {
		return nil, err
	}
	if f.Secret == "" || f.On() {
		return nil, fault.New(fault.Conflict, "没有等待确认的动态口令，可能已经启用，请刷新后再看。")
	}
	step, right := matches(f.Secret, code, at)
	if !right {
		return nil, &fault.Error{Kind: fault.Invalid, Text: "动态口令不对，请核对手机的时间是否准确，再填最新的六位数字。", Fields: map[string]string{"code": "动态口令：不对"}}
	}
	n, err := tx.Exec(ctx, `UPDATE second_factors SET confirmed = $1 WHERE tenant_id = $2 AND id = $3 AND confirmed IS NULL`, string(at), g.Tenant(), account)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "动态口令刚刚已启用，请刷新后再看。")
	}
	if err == nil {
		_, err = spend(ctx, tx, g.Tenant(), account, step)
	}
	if err != nil {
		return nil, err
	}
	fresh, err := recoveryCodes(ctx, tx, g.Tenant(), account, codes)
	if err != nil {
		return nil, err
	}
	return fresh, audit.Write(ctx, tx, g, account, map[string]any{"second": "on", "codes": codes}, at, factorRow(account))
}

// recoveryCodes replaces an account's recovery codes by n fresh ones.
func recoveryCodes(ctx context.Context, tx *sqldb.Tx, tenant int64, account string, n int) ([]string, error) {
	if _, err := tx.Exec(ctx, `DELETE FROM recovery_codes WHERE tenant_id = $1 AND account_id = $2`, tenant, account); err != nil {
		return nil, err
	}
	out, rows := make([]string, n), make([][]any, n)
	for i := range out {
		out[i] = recoveryCode()
		rows[i] = []any{tenant, account, blind(tx.Keys(), tenant, "recovery_codes", account, tidyCode(out[i]))}
	}
	return out, tx.InsertNew(ctx, "recovery_codes", "tenant_id, account_id, code", rows)
}

// recoveryCode is fifty random bits that can be read out: abcde-fghjk.
func recoveryCode() string {
	const letters = "abcdefghjkmnpqrstuvwxyz234567892" // 32: no one is mistaken for another
	var b [10]byte
	rand.Read(b[:])
	for i, x := range b {
		b[i] = letters[x%32]
	}
	return string(b[:5]) + "-" + string(b[5:])
}

// tidyCode is a code without what people put between its parts.
func tidyCode(code string) string {
	return strings.NewReplacer(" ", "", "-", "", "　", "").Replace(tidyLogin(code))
}

// matches returns the time step whose code this is, of those that a clock may
// stand at.
func matches(secret, code string, at day.Instant) (step int64, right bool) {
	t, err := time.Parse(time.RFC3339, string(at))
	if err != nil {
		return 0, false
	}
	code = tidyCode(code)
	now := t.Unix() / stepSeconds
	for s := now - stepSlack; s <= now+stepSlack; s++ {
		want, err := hotp.GenerateCodeCustom(secret, uint64(s), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			step, right = s, true
		}
	}
	return step, right
}

// spend uses a time step up; false where it or a later one was used before.
func spend(ctx context.Context, tx *sqldb.Tx, tenant int64, account string, step int64) (bool, error) {
	n, err := tx.Exec(ctx, `
		INSERT INTO second_uses (tenant_id, account_id, step) VALUES ($1, $2, $3)
		ON CONFLICT (tenant_id, account_id) DO UPDATE SET step = excluded.step WHERE second_uses.step < excluded.step`, tenant, account, step)
	return n == 1, err
}

// shownBy is how a second factor was shown.
type shownBy string

const (
	byNothing  shownBy = ""
	byDevice   shownBy = "device"
	byRecovery shownBy = "recovery"
	byReplay   shownBy = "replay" // a code that was used before
)

// show judges a code of the second factor and uses it up.
//
// law: R1.69
func show(ctx context.Context, tx *sqldb.Tx, tenant int64, account, code string, at day.Instant) (shownBy, error) {
	f, err := factorOf(ctx, tx, tenant, account)
	if err != nil || !f.On() {
		return byNothing, err
	}
	if step, right := matches(f.Secret, code, at); right {
		fresh, err := spend(ctx, tx, tenant, account, step)
		if !fresh {
			return byReplay, err
		}
		return byDevice, err
	}
	n, err := tx.Exec(ctx, `DELETE FROM recovery_codes WHERE tenant_id = $1 AND account_id = $2 AND code = $3`,
		tenant, account, blind(tx.Keys(), tenant, "recovery_codes", account, tidyCode(code)))
	if n == 1 {
		return byRecovery, err
	}
	return byNothing, err
}

// drop takes the second factor away with everything that belongs to it.
func drop(ctx context.Context, tx *sqldb.Tx, g auth.Grant, account string, change map[string]any, at day.Instant) error {
	m := audit.Moves{}
	if err := m.Removed(ctx, tx, g.Tenant(), factorRow(account)); err != nil {
		return fault.New(fault.Conflict, "这个账号没有启用动态口令，请刷新后再看。")
	}
	for _, q := range []string{
		`DELETE FROM second_factors WHERE tenant_id = $1 AND id = $2`,
		`DELETE FROM recovery_codes WHERE tenant_id = $1 AND account_id = $2`,
		`DELETE FROM halfway WHERE tenant_id = $1 AND account_id = $2`,
	} {
		if _, err := tx.Exec(ctx, q, g.Tenant(), account); err != nil {
			return err
		}
	}
	return m.Write(ctx, tx, g, account, change, at)
}

// ResetFactor (重置动态口令) takes a lost second factor away: for the security
// administrator, not for one's own. The person is signed out and told.
//
// law: R1.69
func ResetFactor(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id, reason string, at day.Instant) (Account, error) {
	a, err := Find(ctx, tx, g, id)
	if err != nil {
		return a, err
	}
	if id == g.Account() {
		return a, fault.New(fault.Denied, "不能重置自己的动态口令，请由另一位安全管理员办理，或请运维人员在服务器上办理。")
	}
	if reason == "" {
		return a, &fault.Error{Kind: fault.Invalid, Text: "请写明重置的理由。", Fields: map[string]string{"reason": "理由：请填写"}}
	}
	if err := drop(ctx, tx, g, id, map[string]any{"second": "reset", "reason": reason}, at); err != nil {
		return a, err
	}
	if _, err := endSessions(ctx, tx, g.Tenant(), id, ""); err != nil {
		return a, err
	}
	return a, message.Send(ctx, tx, g.Tenant(), id, "您的动态口令已被重置", "理由："+reason+"。若不是您要求的，请立即修改密码并联系安全管理员。", secondPage, at)
}

// FreshCodes replaces the recovery codes of a second factor in force.
func FreshCodes(ctx context.Context, tx *sqldb.Tx, g auth.Grant, account string, codes int, at day.Instant) ([]string, error) {
	n, err := tx.Exec(ctx, `UPDATE second_factors SET confirmed = confirmed WHERE tenant_id = $1 AND id = $2 AND confirmed IS NOT NULL`, g.Tenant(), account)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "还没有启用动态口令，没有恢复码。")
	}
	if err != nil {
		return nil, err
	}
	fresh, err := recoveryCodes(ctx, tx, g.Tenant(), account, codes)
	if err != nil {
		return nil, err
	}
	return fresh, audit.Write(ctx, tx, g, account, map[string]any{"second": "codes", "codes": codes}, at)
}

// address is what an authenticator scans.
func address(issuer, login, secret string) string {
	v := url.Values{"secret": {secret}, "issuer": {issuer}} // the rest is as authenticators expect
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + login, RawQuery: v.Encode()}
	return u.String()
}
