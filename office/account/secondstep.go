package account

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

// secondStepPage asks for the code of the second factor.
const secondStepPage = "/login/second"

// showSecond is GET /login/second; whoever has not done the first step is led
// to it.
func (o *Office) showSecond(w http.ResponseWriter, hr *http.Request) {
	there := false
	err := o.Site.DB.View(hr.Context(), func(tx *sqldb.Tx) (err error) {
		there, err = waits(hr.Context(), tx, heldHalf(hr), atSecond, day.At(o.Site.Now()))
		return err
	})
	switch {
	case err != nil:
		o.Site.Fail(w, hr, err)
	case !there:
		http.Redirect(w, hr, "/login", http.StatusSeeOther)
	default:
		o.drawSecond(w, hr, http.StatusOK, "")
	}
}

func (o *Office) drawSecond(w http.ResponseWriter, hr *http.Request, code int, refusal string) {
	tenant, _, _ := opened(heldHalf(hr))
	p := door{Tenant: tenant, Refusal: refusal}
	o.drawAs(w, hr, code, &p, func() templ.Component { return secondStepView(p) })
}

// mostSeconds is how many codes are judged for one first step; the account's
// own count is stricter.
const mostSeconds = 20

// takeSecond is POST /login/second.
func (o *Office) takeSecond(w http.ResponseWriter, hr *http.Request) {
	c, now := clientOf(hr), o.Site.Now()
	hr.Body = http.MaxBytesReader(w, hr.Body, entryLimit)
	code := strings.TrimSpace(hr.PostFormValue("code"))
	if code == "" || len(code) > 60 {
		o.drawSecond(w, hr, http.StatusUnprocessableEntity, "请填写动态口令。")
		return
	}
	if !o.addresses.allow(c.address, now) {
		o.drawSecond(w, hr, http.StatusTooManyRequests, "登录太频繁，请过十秒钟再试。")
		return
	}
	var in entered
	var next string
	at := day.At(now)
	err := o.Site.DB.Do(hr.Context(), func(tx *sqldb.Tx) error {
		p, err := resume(hr.Context(), tx, heldHalf(hr), atSecond, mostSeconds, at)
		if err != nil {
			return err
		}
		next, in = p.Next, entered{}
		if in.attempt, err = o.known(hr.Context(), tx, p.tenant, p.account, at); err != nil {
			return err
		}
		if in.Locked {
			return errLocked
		}
		e := entry{Tenant: p.tenant, Login: p.Login, Code: code, old: p.Old, how: p.How}
		if in.secret, in.refusal, err = o.secondStep(hr.Context(), tx, e, c, in.attempt, at); err != nil || in.refusal != nil {
			return err
		}
		_, err = p.used(hr.Context(), tx)
		return err
	})
	if err == nil {
		err = in.refusal
	}
	if err == nil {
		setHalf(w, c, "")
		o.letIn(w, hr, c, in, next, false)
		return
	}
	f := fault.Of(err)
	switch {
	case f.Kind == fault.Internal || web.WantsJSON(hr):
		o.Site.Fail(w, hr, err)
	case f.Kind == fault.Unknown:
		o.drawSecond(w, hr, http.StatusUnauthorized, f.Text)
	default:
		setHalf(w, c, "")
		o.turnAway(w, hr, false, http.StatusOK, entry{}, err)
	}
}
