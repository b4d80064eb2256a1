package account

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// door is what the log-in page shows.
type door struct {
	Tenants []Tenant
	Tenant  int64
	Login   string
	Next    string
	Refusal string // why the last try failed
	Busy    bool   // the refusal passes by itself
	Person  string // who is signed in here already
	Outside string // what the identity provider is called; empty: there is none
	Codes   bool   // members may sign in with a code by text message
	Left    string // where to sign out of the identity provider as well
	Demo    []DemoLogin
	Secret  string // of the demo accounts
}

// DemoLogin is an account of the demo that a visitor may sign in as at a tap.
type DemoLogin struct{ Login, Who string }

// showLogin is GET /login. Who is signed in already may go on, or come in as
// somebody else.
func (o *Office) showLogin(w http.ResponseWriter, hr *http.Request) {
	p := door{Next: local(hr.URL.Query().Get("next"))}
	if hr.URL.Query().Has("left") && o.Outside != nil {
		p.Left = o.Outside.EndAddress()
	}
	err := o.Site.DB.View(hr.Context(), func(tx *sqldb.Tx) error {
		a, _, err := o.Who(hr, tx, day.At(o.Site.Now()))
		p.Person = a.Name()
		if f := fault.Of(err); err != nil && f.Kind != fault.Internal {
			err = nil // a token that is none, a password that is due: no matter here
		}
		return err
	})
	if err != nil {
		o.Site.Fail(w, hr, err)
		return
	}
	o.draw(w, hr, http.StatusOK, p)
}

// draw shows the log-in page.
func (o *Office) draw(w http.ResponseWriter, hr *http.Request, code int, p door) {
	o.drawAs(w, hr, code, &p, func() templ.Component { return loginView(p) })
}

// drawAs shows a page at the door, once p is furnished.
func (o *Office) drawAs(w http.ResponseWriter, hr *http.Request, code int, p *door, view func() templ.Component) {
	err := o.Site.DB.View(hr.Context(), func(tx *sqldb.Tx) error { return o.furnish(hr.Context(), tx, p) })
	if err != nil {
		o.Site.Fail(w, hr, err)
		return
	}
	f := &ui.Frame{Office: o.Site.Name, Path: hr.URL.Path}
	f.Elder, f.Theme = ui.Look(hr)
	for _, t := range p.Tenants {
		if t.ID == p.Tenant {
			f.Office, f.Demo = t.Name, t.Demo
		}
	}
	var b bytes.Buffer
	if err := view().Render(ui.With(hr.Context(), f), &b); err != nil {
		o.Site.Fail(w, hr, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "private, no-store")
	w.WriteHeader(code)
	w.Write(b.Bytes()) // a browser that has left needs no page
}

// furnish adds what the database knows for the page: the committees, and in
// the demo whom one may be.
func (o *Office) furnish(ctx context.Context, tx *sqldb.Tx, p *door) (err error) {
	p.Codes = o.Texts != nil
	if o.Outside != nil {
		p.Outside = o.Outside.Name()
	}
	if p.Tenants, err = Tenants(ctx, tx); err != nil || len(p.Tenants) == 0 {
		return err
	}
	at := 0
	for i, t := range p.Tenants {
		if t.ID == p.Tenant {
			at = i
		}
	}
	p.Tenant = p.Tenants[at].ID
	if !p.Tenants[at].Demo || len(o.Demo) == 0 {
		return nil
	}
	p.Secret = o.DemoPassword
	p.Demo, err = there(ctx, tx, p.Tenant, o.Demo)
	return err
}

// there returns those of the logins that are in the database.
func there(ctx context.Context, tx *sqldb.Tx, tenant int64, all []DemoLogin) (out []DemoLogin, err error) {
	logins := make([]string, len(all))
	for i, d := range all {
		logins[i] = d.Login
	}
	marks, args := among(2, logins)
	known, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT login FROM accounts WHERE tenant_id = $1 AND login IN (`+marks+`)`, append([]any{tenant}, args...)...)
	for _, d := range all {
		if slices.Contains(known, d.Login) {
			out = append(out, d)
		}
	}
	return out, err
}

// local returns a path of this site as it stands, and the first page for
// anything else: browsers read a backslash as a slash and drop tabs.
func local(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\t\r\n") ||
		strings.HasPrefix(next, "/login") || strings.HasPrefix(next, "/logout") {
		return "/"
	}
	return next
}

const entryLimit = 16 << 10

// typed reads what was sent, as a form or as JSON, and whether a program asks.
func typed(w http.ResponseWriter, hr *http.Request) (e entry, program bool, err error) {
	hr.Body = http.MaxBytesReader(w, hr.Body, entryLimit)
	kind, _, _ := mime.ParseMediaType(hr.Header.Get("Content-Type"))
	if kind == "application/json" {
		hr.Header.Set("Accept", "application/json") // for whoever answers a fault
		body, err := io.ReadAll(hr.Body)
		if err == nil {
			err = json.Unmarshal(body, &e)
		}
		if err != nil {
			return e, true, fault.New(fault.Invalid, "提交的内容读不出来，请用 login 和 password 两项重新提交。")
		}
	} else {
		if err := hr.ParseForm(); err != nil {
			return e, web.WantsJSON(hr), fault.New(fault.Invalid, "提交的内容读不出来，请重新填写。")
		}
		tenant, err := strconv.ParseInt(hr.PostForm.Get("tenant"), 10, 64)
		if err == nil {
			e.Tenant = tenant
		}
		e.Code = hr.PostForm.Get("code")
		e.Login, e.Password, e.Next = hr.PostForm.Get("login"), hr.PostForm.Get("password"), hr.PostForm.Get("next")
	}
	if c, err := hr.Cookie(cookieName); err == nil {
		e.old = c.Value
	}
	if strings.TrimSpace(e.Login) == "" || e.Password == "" || len(e.Login) > 200 || len(e.Password) > 1000 {
		return e, web.WantsJSON(hr), fault.New(fault.Invalid, "请填写账号和密码。")
	}
	return e, web.WantsJSON(hr), nil
}

// logIn is POST /login: a page for people, 204 with the cookie for programs.
func (o *Office) logIn(w http.ResponseWriter, hr *http.Request) {
	c, now := clientOf(hr), o.Site.Now()
	e, program, err := typed(w, hr)
	code := http.StatusOK
	if err == nil && !o.addresses.allow(c.address, now) {
		code, err = http.StatusTooManyRequests, fault.New(fault.Busy, "登录太频繁，请过十秒钟再试。")
	}
	if err == nil {
		e.Tenant, err = o.office(hr.Context(), e.Tenant)
	}
	var in entered
	if err == nil {
		in, err = o.signIn(hr.Context(), e, c, day.At(now))
	}
	if err == nil && program && in.half != "" {
		err = &fault.Error{Kind: fault.Unknown, Rule: "R1.69", Text: "这个账号启用了动态口令，请把 code 一项一并提交。", Fields: map[string]string{"code": "动态口令：请填写"}}
	}
	if err != nil {
		o.turnAway(w, hr, program, code, e, err)
		return
	}
	o.letIn(w, hr, c, in, e.Next, program)
}

// letIn answers whoever is in, or leads on to the second step.
func (o *Office) letIn(w http.ResponseWriter, hr *http.Request, c client, in entered, next string, program bool) {
	next = local(next)
	if in.half != "" {
		setHalf(w, c, in.half)
		http.Redirect(w, hr, secondStepPage, http.StatusSeeOther)
		return
	}
	http.SetCookie(w, cookieFor(c, in.secret))
	if program {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if in.MustChange {
		next = passwordPage
	}
	http.Redirect(w, hr, next, http.StatusSeeOther)
}

// office is the committee that somebody signs in to: the one asked for, or the
// first where there is no such one.
func (o *Office) office(ctx context.Context, asked int64) (id int64, err error) {
	err = o.Site.DB.View(ctx, func(tx *sqldb.Tx) error {
		all, err := Tenants(ctx, tx)
		if err == nil && len(all) == 0 {
			err = fault.New(fault.Denied, "还没有建立单位。请先在服务器上运行 unionhall init，再来登录。")
		}
		for i, t := range all {
			if i == 0 || t.ID == asked {
				id = t.ID
			}
		}
		return err
	})
	return id, err
}

// turnAway answers a log-in that failed.
func (o *Office) turnAway(w http.ResponseWriter, hr *http.Request, program bool, code int, e entry, err error) {
	f := fault.Of(err)
	if program || f.Kind == fault.Internal {
		o.Site.Fail(w, hr, err)
		return
	}
	if code == http.StatusOK {
		code = map[fault.Kind]int{fault.Unknown: 401, fault.Denied: 403, fault.Busy: 503}[f.Kind]
	}
	if code == 0 {
		code = http.StatusUnprocessableEntity
	}
	if f.Kind == fault.Busy {
		w.Header().Set("Retry-After", digits(max(10, int(seal.Wait().Seconds())/2)))
	}
	o.draw(w, hr, code, door{Tenant: e.Tenant, Login: e.Login, Next: local(e.Next), Refusal: f.Text, Busy: f.Kind == fault.Busy})
}

// cookieFor keeps a session on the client: on a phone, whose browsers forget
// at once, as long as it lives; at a desk until the browser closes.
func cookieFor(c client, secret string) *http.Cookie {
	k := &http.Cookie{Name: cookieName, Value: secret, Path: "/", HttpOnly: true, Secure: c.https, SameSite: http.SameSiteLaxMode}
	if c.kind == Phone {
		k.MaxAge = int(phoneLife.Seconds())
	}
	return k
}

// logOut is POST /logout. It works whatever became of the session.
func (o *Office) logOut(w http.ResponseWriter, hr *http.Request) {
	now := day.At(o.Site.Now())
	if c, err := hr.Cookie(cookieName); err == nil {
		if err := o.leave(hr.Context(), c.Value, now); err != nil {
			o.Site.Fail(w, hr, err)
			return
		}
	}
	gone := cookieFor(clientOf(hr), "")
	gone.MaxAge = -1
	http.SetCookie(w, gone)
	if web.WantsJSON(hr) {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	place := "/login"
	if o.Outside != nil {
		place += "?left=1"
	}
	http.Redirect(w, hr, place, http.StatusSeeOther)
}

func (o *Office) leave(ctx context.Context, secret string, now day.Instant) error {
	tenant, id, ok := opened(secret)
	if !ok {
		return nil
	}
	return o.Site.DB.Do(ctx, func(tx *sqldb.Tx) error {
		w, err := findWho(ctx, tx, tenant, id)
		if err != nil || w.session.ID == "" || w.session.Kind == Token {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM sessions WHERE tenant_id = $1 AND id = $2`, tenant, id); err != nil {
			return err
		}
		a := attempt{Account: w.account}
		for _, p := range w.posts {
			if p.Holds(now.Day()) {
				a.posts = append(a.posts, p)
			}
		}
		return signedOut(ctx, tx, tenant, a, now)
	})
}

// here is the page that a form was sent from, as a path of this site.
func here(hr *http.Request) string {
	u, err := url.Parse(hr.Header.Get("Referer"))
	if err != nil || u.Host != hr.Host {
		return "/"
	}
	return local(u.RequestURI())
}
