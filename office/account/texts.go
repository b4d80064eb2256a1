package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"math/big"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/ident"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

const (
	textPage  = "/login/code"
	textEnter = "/login/code/enter"
	byText    = "text"
)

// textOff is why there are no codes, or nil.
func (o *Office) textOff() error {
	if o.Texts == nil || o.Phones == nil {
		return fault.New(fault.NotFound, "本单位没有启用短信验证码，请用账号密码登录。")
	}
	return nil
}

// showText is GET /login/code: it asks for the phone.
func (o *Office) showText(w http.ResponseWriter, hr *http.Request) {
	if err := o.textOff(); err != nil {
		o.Site.Fail(w, hr, err)
		return
	}
	p := door{Next: local(hr.URL.Query().Get("next"))}
	o.drawAs(w, hr, http.StatusOK, &p, func() templ.Component { return textView(p) })
}

// sixDigits is a code to be typed.
func sixDigits() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic(err) // the system gives no randomness: nothing may go on
	}
	return fmt.Sprintf("%06d", n)
}

// askText is POST /login/code. Whether the phone belongs to anybody, the answer
// is the same and costs the same; what is sent is sent after it.
//
// law: PL-11
func (o *Office) askText(w http.ResponseWriter, hr *http.Request) {
	if err := o.textOff(); err != nil {
		o.Site.Fail(w, hr, err)
		return
	}
	c, now := clientOf(hr), o.Site.Now()
	hr.Body = http.MaxBytesReader(w, hr.Body, entryLimit)
	p := door{Next: local(hr.PostFormValue("next")), Login: hr.PostFormValue("phone")}
	asked, _ := strconv.ParseInt(hr.PostFormValue("tenant"), 10, 64) // what is no number is the first committee
	refuse := func(code int, err error) {
		f := fault.Of(err)
		if f.Kind == fault.Internal || web.WantsJSON(hr) {
			o.Site.Fail(w, hr, err)
			return
		}
		p.Tenant, p.Refusal, p.Busy = asked, f.Text, f.Kind == fault.Busy
		o.drawAs(w, hr, code, &p, func() templ.Component { return textView(p) })
	}
	phone, ok := ident.Phone(p.Login)
	if !ok || phone == "" {
		refuse(http.StatusUnprocessableEntity, fault.New(fault.Invalid, "请填写 11 位手机号。"))
		return
	}
	tenant, err := o.office(hr.Context(), asked)
	if err != nil {
		refuse(http.StatusForbidden, err)
		return
	}
	if !o.addresses.allow(c.address, now) {
		refuse(http.StatusTooManyRequests, fault.New(fault.Busy, "要验证码太频繁，请过十秒钟再试。"))
		return
	}
	code := sixDigits()
	var secret string
	var send bool
	err = o.Site.DB.Do(hr.Context(), func(tx *sqldb.Tx) (err error) {
		secret, send, err = o.prepareText(hr.Context(), tx, tenant, phone, code, c, half{Next: p.Next}, day.At(now))
		return err
	})
	if err != nil {
		w.Header().Set("Retry-After", "60")
		refuse(http.StatusTooManyRequests, err)
		return
	}
	if send {
		o.Texts.Later(phone, code)
	}
	setHalf(w, c, secret)
	if web.WantsJSON(hr) {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	http.Redirect(w, hr, textEnter, http.StatusSeeOther)
}

// prepareText counts the message, finds whose the phone is and writes what
// waits for the code; send says whether there is anybody to send it to. One
// phone of several members is nobody's.
func (o *Office) prepareText(ctx context.Context, tx *sqldb.Tx, tenant int64, phone, code string, c client, h half, now day.Instant) (secret string, send bool, err error) {
	lim, err := o.limits(ctx, tx, tenant, now)
	if err != nil {
		return "", false, err
	}
	k := tx.Keys()
	for _, m := range []struct {
		key   string
		most  int
		since day.Instant
	}{
		{k.Blind(tenant, "code_sends.phone", phone), lim.Code.PerPhone, later(now, -lim.Code.Pause)},
		{k.Blind(tenant, "code_sends.address", network(c.address)), lim.Code.PerSite, now},
	} {
		n, err := tx.Exec(ctx, `
			INSERT INTO code_sends (tenant_id, key, day, n, at) VALUES ($1, $2, $3, 1, $4)
			ON CONFLICT (tenant_id, key) DO UPDATE SET
				n = CASE WHEN code_sends.day = excluded.day THEN code_sends.n + 1 ELSE 1 END, day = excluded.day, at = excluded.at
			WHERE (code_sends.day <> excluded.day OR code_sends.n < $5) AND code_sends.at <= $6`,
			tenant, m.key, string(now.Day()), string(now), int64(m.most), string(m.since))
		if err != nil {
			return "", false, err
		}
		if n == 0 {
			return "", false, fault.ByRule(fault.Busy, "R1.69", "验证码要得太密：%d 秒内只发一次，一天最多 %d 次。请稍后再试，或用账号密码登录。", int(lim.Code.Pause.Seconds()), lim.Code.PerPhone)
		}
	}
	found, err := o.Phones.ByPhone(ctx, tx, tenant, phone)
	if err != nil {
		return "", false, err
	}
	if len(found) == 1 {
		h.Member, send = found[0].ID, true
	}
	h.Phone, h.Code = phone, blind(k, tenant, "halfway.code", phone, code)
	secret, err = pause(ctx, tx, tenant, atCode, "", h, later(now, lim.Code.Life))
	return secret, send, err
}

// showTextEnter is GET /login/code/enter: it asks for the code.
func (o *Office) showTextEnter(w http.ResponseWriter, hr *http.Request) {
	there := false
	err := o.Site.DB.View(hr.Context(), func(tx *sqldb.Tx) (err error) {
		there, err = waits(hr.Context(), tx, heldHalf(hr), atCode, day.At(o.Site.Now()))
		return err
	})
	switch {
	case err != nil:
		o.Site.Fail(w, hr, err)
	case !there:
		http.Redirect(w, hr, "/login", http.StatusSeeOther)
	default:
		o.drawTextEnter(w, hr, http.StatusOK, "")
	}
}

func (o *Office) drawTextEnter(w http.ResponseWriter, hr *http.Request, code int, refusal string) {
	tenant, _, _ := opened(heldHalf(hr))
	p := door{Tenant: tenant, Refusal: refusal}
	o.drawAs(w, hr, code, &p, func() templ.Component { return textEnterView(p) })
}

// takeText is POST /login/code/enter.
//
// law: PL-11
func (o *Office) takeText(w http.ResponseWriter, hr *http.Request) {
	c, at := clientOf(hr), day.At(o.Site.Now())
	hr.Body = http.MaxBytesReader(w, hr.Body, entryLimit)
	code := tidyCode(hr.PostFormValue("code"))
	if !o.addresses.allow(c.address, o.Site.Now()) {
		o.drawTextEnter(w, hr, http.StatusTooManyRequests, "试得太频繁，请过十秒钟再试。")
		return
	}
	p, err := o.judgeText(hr, code, at)
	if fault.Of(err).Kind == fault.Unknown && !web.WantsJSON(hr) {
		o.drawTextEnter(w, hr, http.StatusUnauthorized, fault.Of(err).Text)
		return
	}
	hash := ""
	if err == nil {
		hash, err = o.hashForNew(hr.Context(), p, c)
	}
	var in entered
	if err == nil {
		err = o.Site.DB.Do(hr.Context(), func(tx *sqldb.Tx) (err error) {
			in, err = o.enterByText(hr.Context(), tx, p, hash, c, at)
			return err
		})
	}
	setHalf(w, c, "")
	if err != nil {
		o.turnAway(w, hr, web.WantsJSON(hr), http.StatusOK, entry{Tenant: p.tenant, Next: p.Next}, err)
		return
	}
	o.letIn(w, hr, c, in, p.Next, web.WantsJSON(hr))
}

// judgeText counts the try, judges the code, and uses a right one up.
func (o *Office) judgeText(hr *http.Request, code string, at day.Instant) (p paused, err error) {
	right, left := false, int64(0)
	err = o.Site.DB.Do(hr.Context(), func(tx *sqldb.Tx) (err error) {
		tenant, _, _ := opened(heldHalf(hr))
		lim, err := o.limits(hr.Context(), tx, tenant, at)
		if err != nil {
			return err
		}
		if p, err = resume(hr.Context(), tx, heldHalf(hr), atCode, int64(lim.Code.Tries), at); err != nil {
			return err
		}
		left = int64(lim.Code.Tries) - p.tries
		same := subtle.ConstantTimeCompare([]byte(p.Code), []byte(blind(tx.Keys(), p.tenant, "halfway.code", p.Phone, code))) == 1
		if right = same && p.Member != ""; !right {
			return nil // the try stays counted
		}
		once, err := p.used(hr.Context(), tx)
		if err == nil && !once {
			err = errHalf
		}
		return err
	})
	if err == nil && !right {
		err = fault.ByRule(fault.Unknown, "R1.69", "验证码不对或没有发出，还可以试 %d 次。收不到时请核对手机号是否与会籍里登记的一致。", left)
	}
	return p, err
}

// hashForNew makes the password that nobody knows of an account that is yet to
// be made; empty where the member has one.
func (o *Office) hashForNew(ctx context.Context, p paused, c client) (hash string, err error) {
	var has []string
	err = o.Site.DB.View(ctx, func(tx *sqldb.Tx) (err error) {
		has, err = sqldb.List(ctx, tx, sqldb.Text, `SELECT id FROM accounts WHERE tenant_id = $1 AND member_id = $2`, p.tenant, p.Member)
		return err
	})
	if err != nil || len(has) > 0 {
		return "", err
	}
	return seal.HashPassword(seal.For(ctx, c.address, p.Member), seal.Token())
}

// enterByText lets the member in whose phone it is, with an account made on
// the first time. Officers need more than a phone.
func (o *Office) enterByText(ctx context.Context, tx *sqldb.Tx, p paused, hash string, c client, at day.Instant) (in entered, err error) {
	found, err := o.Phones.ByPhone(ctx, tx, p.tenant, p.Phone)
	if err != nil {
		return in, err
	}
	if len(found) != 1 || found[0].ID != p.Member {
		return in, errHalf // changed in the meantime
	}
	lim, err := o.limits(ctx, tx, p.tenant, at)
	if err != nil {
		return in, err
	}
	a, err := attemptOf(ctx, tx, p.tenant, `member_id = $2`, p.Member, at)
	if err == nil && a.ID == "" {
		if hash == "" {
			return in, errHalf
		}
		a, err = o.newcomer(ctx, tx, p.tenant, found[0], hash, at)
	}
	if err != nil {
		return in, err
	}
	a.lim = lim
	f, err := factorOf(ctx, tx, p.tenant, a.ID)
	if err != nil {
		return in, err
	}
	if len(a.posts) > 0 && !f.On() {
		return in, fault.ByRule(fault.Denied, "R1.69", "干部不能只凭短信登录，请用账号密码登录；启用动态口令后，也可以用短信加动态口令。")
	}
	return o.pass(ctx, tx, entry{Tenant: p.tenant, Login: a.Login, Next: p.Next, how: byText}, c, a, at)
}

// newcomer makes the account of a member who signs in for the first time.
func (o *Office) newcomer(ctx context.Context, tx *sqldb.Tx, tenant int64, m Person, hash string, at day.Instant) (attempt, error) {
	root, err := registry.Root(ctx, tx, tenant)
	if err != nil {
		return attempt{}, err
	}
	g, moves := auth.System(tenant, "system", SignUp, root.ID), audit.Moves{}
	a, err := insert(ctx, tx, g, moves, New{Login: "hy" + sqldb.NewID()[24:], Name: m.Name, MemberID: m.ID, Hash: hash}, at)
	if err != nil {
		return attempt{}, err
	}
	if err := moves.Write(ctx, tx, g, a.ID, map[string]string{"login": a.Login, "name": a.Name, "member": m.ID}, at); err != nil {
		return attempt{}, err
	}
	return attempt{Account: a}, nil
}
