package account

import (
	"crypto/subtle"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"

	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/oidc"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

const (
	outsidePage     = "/login/outside"
	outsideCallback = "/login/outside/back"
	byOutside       = "outside"
)

// callback is where the provider sends the browser back to.
func callback(hr *http.Request, c client) string {
	scheme := "http"
	if c.https {
		scheme = "https"
	}
	return (&url.URL{Scheme: scheme, Host: hr.Host, Path: outsideCallback}).String()
}

// goOutside is GET /login/outside: it leads to the identity provider. With
// ?link=1 whoever is signed in links the account there to the one here.
//
// law: PL-11
func (o *Office) goOutside(w http.ResponseWriter, hr *http.Request) {
	if o.Outside == nil {
		o.Site.Fail(w, hr, fault.New(fault.NotFound, "本单位没有启用统一身份认证，请用账号密码登录。"))
		return
	}
	c, now := clientOf(hr), o.Site.Now()
	q := hr.URL.Query()
	asked, _ := strconv.ParseInt(q.Get("tenant"), 10, 64) // what is no number is the first committee
	h, err := half{Next: local(q.Get("next"))}, error(nil)
	if k, err := hr.Cookie(cookieName); err == nil {
		h.Old = k.Value
	}
	if !o.addresses.allow(c.address, now) {
		err = fault.New(fault.Busy, "登录太频繁，请过十秒钟再试。")
	}
	var tenant int64
	if err == nil {
		tenant, err = o.office(hr.Context(), asked)
	}
	if err == nil && q.Get("link") != "" {
		tenant, h.Link, err = o.signedIn(hr, day.At(now))
		h.Next = "/account"
	}
	place := ""
	if err == nil {
		var t oidc.Ticket
		place, t, err = o.Outside.Start(callback(hr, c))
		h.State, h.Nonce, h.Verifier = t.State, t.Nonce, t.Verifier
	}
	secret := ""
	if err == nil {
		err = o.Site.DB.Do(hr.Context(), func(tx *sqldb.Tx) (err error) {
			secret, err = pause(hr.Context(), tx, tenant, atOutside, h.Link, h, later(day.At(now), halfLife))
			return err
		})
	}
	if err != nil {
		o.noEntry(w, hr, asked, h.Next, err)
		return
	}
	setHalf(w, c, secret)
	http.Redirect(w, hr, place, http.StatusSeeOther)
}

// signedIn is who sits at the browser, by a session and not by a token.
func (o *Office) signedIn(hr *http.Request, now day.Instant) (tenant int64, account string, err error) {
	if hr.Header.Get("Authorization") != "" {
		return 0, "", fault.New(fault.Denied, "令牌不能办理此事，请登录网页后办理。")
	}
	err = o.Site.DB.View(hr.Context(), func(tx *sqldb.Tx) error {
		a, _, err := o.Who(hr, tx, now)
		tenant, account = a.Tenant(), a.Account()
		if err == nil && account == "" {
			err = fault.New(fault.Unknown, "请先登录，再关联统一身份认证。")
		}
		return err
	})
	return tenant, account, err
}

// noEntry answers a log-in through the provider that failed: the log-in page
// with the reason, which always offers the password.
func (o *Office) noEntry(w http.ResponseWriter, hr *http.Request, tenant int64, next string, err error) {
	if _, plain := err.(*fault.Error); !plain {
		slog.Warn("log-in through the identity provider", "err", err) // with what lies under it
	}
	o.turnAway(w, hr, web.WantsJSON(hr), http.StatusOK, entry{Tenant: tenant, Next: next}, err)
}

// comeBack is GET /login/outside/back: the browser returns from the provider.
func (o *Office) comeBack(w http.ResponseWriter, hr *http.Request) {
	if o.Outside == nil {
		o.Site.Fail(w, hr, fault.New(fault.NotFound, "本单位没有启用统一身份认证，请用账号密码登录。"))
		return
	}
	c, at := clientOf(hr), day.At(o.Site.Now())
	p, err := o.returned(hr, at)
	if err != nil {
		o.noEntry(w, hr, p.tenant, p.Next, err)
		return
	}
	setHalf(w, c, "")
	q := hr.URL.Query()
	if q.Get("error") != "" || q.Get("code") == "" {
		o.noEntry(w, hr, p.tenant, p.Next, fault.New(fault.Denied, "%s没有放行：您可能取消了登录。可以重试，或用账号密码登录。", o.Outside.Name()))
		return
	}
	id, err := o.Outside.Finish(hr.Context(), callback(hr, c), q.Get("code"), oidc.Ticket{State: p.State, Nonce: p.Nonce, Verifier: p.Verifier})
	if err != nil {
		o.noEntry(w, hr, p.tenant, p.Next, err)
		return
	}
	if p.Link != "" {
		o.finishLink(w, hr, p, id, at)
		return
	}
	var in entered
	err = o.Site.DB.Do(hr.Context(), func(tx *sqldb.Tx) error {
		account, err := linked(hr.Context(), tx, p.tenant, o.Outside.Issuer(), id.Subject)
		if err != nil {
			return err
		}
		if account == "" {
			return fault.New(fault.Denied, "这个%s账号还没有关联本系统的账号。请先用账号密码登录，在「我的账号」里关联；没有账号的请联系本单位的系统管理员。", o.Outside.Name())
		}
		a, err := o.known(hr.Context(), tx, p.tenant, account, at)
		if err != nil {
			return err
		}
		in, err = o.pass(hr.Context(), tx, entry{Tenant: p.tenant, Login: a.Login, Next: p.Next, old: p.Old, how: byOutside}, c, a, at)
		return err
	})
	if err != nil {
		o.noEntry(w, hr, p.tenant, p.Next, err)
		return
	}
	o.letIn(w, hr, c, in, p.Next, false)
}

// returned finds the log-in that the browser began, by its cookie, checks that
// the state is its own, and uses it up.
func (o *Office) returned(hr *http.Request, at day.Instant) (p paused, err error) {
	mixed := false
	err = o.Site.DB.Do(hr.Context(), func(tx *sqldb.Tx) (err error) {
		if p, err = resume(hr.Context(), tx, heldHalf(hr), atOutside, 3, at); err != nil {
			return err
		}
		if mixed = subtle.ConstantTimeCompare([]byte(p.State), []byte(hr.URL.Query().Get("state"))) != 1; mixed {
			return nil // the try stays counted
		}
		once, err := p.used(hr.Context(), tx)
		if err == nil && !once {
			err = errHalf
		}
		return err
	})
	if err == nil && mixed {
		err = fault.New(fault.Denied, "这次登录不是从这个浏览器发起的，没有登录。请从登录页重新开始。")
	}
	return p, err
}

// finishLink links the provider's account to the one that began it here, if
// the same person still sits there.
func (o *Office) finishLink(w http.ResponseWriter, hr *http.Request, p paused, id oidc.Identity, at day.Instant) {
	tenant, account, err := o.signedIn(hr, at)
	if err == nil && (tenant != p.tenant || account != p.Link) {
		err = fault.New(fault.Denied, "关联到一半换了登录的人，没有关联。请重新登录后再关联。")
	}
	if err == nil {
		err = o.Site.DB.Do(hr.Context(), func(tx *sqldb.Tx) error {
			a, err := o.known(hr.Context(), tx, tenant, account, at)
			if err != nil {
				return err
			}
			return Join(hr.Context(), tx, a.grant(tenant, Links), account, o.Outside.Issuer(), id.Subject, id.Label, at)
		})
	}
	if err != nil {
		o.Site.Fail(w, hr, err)
		return
	}
	http.Redirect(w, hr, "/account", http.StatusSeeOther)
}
