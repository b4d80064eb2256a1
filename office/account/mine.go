package account

import (
	"context"
	"encoding/base64"
	"net/http"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// MinePage is 我的账号: who one is here, from where one is signed in.
type MinePage struct {
	Account  Account       `json:"account"`
	Posts    []Post        `json:"posts"`
	Sessions []Session     `json:"sessions"`
	Tokens   []Session     `json:"tokens"`
	DaysLeft int           `json:"days_left"` // until the password must be changed; -1 for never
	Second   Factor        `json:"second"`
	Links    []OutsideLink `json:"links"`
	Outside  string        `json:"-"` // what the identity provider is called; empty: there is none
	grace    int           // days that are left without a second factor, where it must
	must     bool
	Today    day.Day `json:"-"`
	current  string  // the post of 当前身份
}

func (o *Office) minePage(r *web.Request, _ struct{}) (p MinePage, err error) {
	if p.Account, err = mine(r.Ctx, r.Tx, r.Grant); err != nil {
		return p, err
	}
	if p.Posts, err = postsOf(r.Ctx, r.Tx, r.Grant.Tenant(), p.Account.ID); err != nil {
		return p, err
	}
	lim, err := o.limits(r.Ctx, r.Tx, r.Grant.Tenant(), r.Now)
	if err != nil {
		return p, err
	}
	officer := holdsAny(p.Posts, r.Today)
	p.Sessions, p.Tokens, err = sessionsOf(r.Ctx, r.Tx, r.Grant.Tenant(), p.Account.ID, lim, officer, r.Now)
	for i := range p.Sessions {
		p.Sessions[i].Current = p.Sessions[i].ID == r.Session
	}
	p.Today, p.DaysLeft = r.Today, -1
	if officer {
		p.DaysLeft = max(0, lim.MaxAge-day.Days(p.Account.Changed.Day(), r.Today))
	}
	if now, ok := r.Actor().Current(r.Today); ok {
		p.current = now.ID
	}
	if err != nil {
		return p, err
	}
	if o.Outside != nil {
		p.Outside = o.Outside.Name()
	}
	p.grace, p.must = lim.Grace(r.Actor().Posts(r.Today), r.Today)
	if p.Second, err = factorOf(r.Ctx, r.Tx, r.Grant.Tenant(), p.Account.ID); err != nil {
		return p, err
	}
	p.Links, err = linksOf(r.Ctx, r.Tx, r.Grant.Tenant(), p.Account.ID)
	return p, err
}

func holdsAny(posts []Post, on day.Day) bool {
	for _, p := range posts {
		if p.Holds(on) {
			return true
		}
	}
	return false
}

// Choice is the post that a person turns to.
type Choice struct {
	Post string `json:"post" doc:"岗位"`
}

// Turned is the post now acted in.
type Turned struct {
	auth.Post
	back string
}

func (t Turned) Place() string { return t.back }
func (t Turned) Said() string  { return "当前身份已换成“" + t.Label() + "”。" }

// identify changes 当前身份 of this session.
func identify(r *web.Request, in Choice) (Turned, error) {
	for _, p := range r.Actor().Posts(r.Today) {
		if p.ID != in.Post {
			continue
		}
		n, err := r.Tx.Exec(r.Ctx, `UPDATE sessions SET post_id = $1 WHERE tenant_id = $2 AND id = $3 AND kind <> 'token'`, p.ID, r.Grant.Tenant(), r.Session)
		if err == nil && n == 0 {
			err = fault.New(fault.Denied, "令牌只能用办理时选定的身份。")
		}
		return Turned{p, here(r.HTTP)}, err
	}
	return Turned{}, fault.New(fault.NotFound, "您没有这个岗位，或任期已满。请刷新页面后重选。")
}

// PasswordPage is the form for a new password; Forced when nothing else may be
// done before.
type PasswordPage struct {
	Login  string `json:"login"`
	Forced bool   `json:"forced"`
	First  bool   `json:"first"` // it was handed out, not just old
	Limits Limits `json:"limits"`
}

func (o *Office) passwordPage(r *web.Request, _ struct{}) (p PasswordPage, err error) {
	a, err := mine(r.Ctx, r.Tx, r.Grant)
	if err != nil {
		return p, err
	}
	posts, err := postsOf(r.Ctx, r.Tx, r.Grant.Tenant(), a.ID)
	if err != nil {
		return p, err
	}
	if p.Limits, err = o.limits(r.Ctx, r.Tx, r.Grant.Tenant(), r.Now); err != nil {
		return p, err
	}
	p.Login, p.First = a.Login, a.MustChange
	p.Forced = a.MustChange || p.Limits.Stale(a.Changed, holdsAny(posts, r.Today), r.Today)
	return p, nil
}

// Change is a new password with the old one.
type Change struct {
	Old   string `json:"old" doc:"原密码"`
	New   string `json:"new" doc:"新密码"`
	Again string `json:"again" doc:"再输一次"`

	account Account
	hash    string
	history int
}

// hashChange judges and hashes a new password, before the transaction.
//
// law: R1.69
func (o *Office) hashChange(r *web.Request, in *Change) error {
	var lim Limits
	var last []string
	err := r.Site.DB.View(r.Ctx, func(tx *sqldb.Tx) (err error) {
		if err := notByToken(r.Ctx, tx, r); err != nil {
			return err
		}
		if in.account, err = mine(r.Ctx, tx, r.Grant); err != nil {
			return err
		}
		if lim, err = o.limits(r.Ctx, tx, r.Grant.Tenant(), r.Now); err != nil {
			return err
		}
		last, err = lastPasswords(r.Ctx, tx, r.Grant.Tenant(), in.account.ID, lim.History)
		return err
	})
	if err != nil {
		return err
	}
	in.history = lim.History
	if in.New != in.Again {
		return refusePassword("again", "两次输入的新密码不一样，请重新输入。")
	}
	if flaw := lim.PasswordFlaw(in.New, in.account.Login, in.account.Name); flaw != "" {
		return refusePassword("new", flaw)
	}
	if err := o.prove(r, in.account.Login, in.Old, "old"); err != nil {
		return err
	}
	for _, kept := range last {
		same, err := seal.CheckPassword(r.Ctx, kept, in.New)
		if err != nil {
			return err
		}
		if same {
			return refusePassword("new", "不能再用最近 "+digits(lim.History)+" 次用过的密码，请换一个没有用过的。")
		}
	}
	in.hash, err = seal.HashPassword(r.Ctx, in.New)
	return err
}

// prove makes sure that whoever sits at a session knows its password; wrong
// ones are counted like those at the door, and told at the field.
func (o *Office) prove(r *web.Request, login, password, field string) error {
	e := entry{Tenant: r.Grant.Tenant(), Login: login, Password: password}
	release, err := o.turns.take(r.Ctx, loginKey(login))
	if err != nil {
		return err
	}
	defer release()
	var a attempt
	err = r.Site.DB.Do(r.Ctx, func(tx *sqldb.Tx) (err error) {
		a, err = o.begin(r.Ctx, tx, e, r.Now)
		return err
	})
	if err != nil {
		return err
	}
	right, err := seal.CheckPassword(seal.For(r.Ctx, clientOf(r.HTTP).address, loginKey(login)), a.hash, password)
	if err != nil {
		return o.giveBack(r.Ctx, e, err)
	}
	if !right {
		if err := o.failed(r.Ctx, e, clientOf(r.HTTP), a, r.Now); fault.Of(err).Kind == fault.Internal {
			return err
		}
		text := "密码不对，还可以试 " + digits(a.left) + " 次。"
		if field == "old" {
			return refusePassword(field, "原"+text)
		}
		return &fault.Error{Kind: fault.Invalid, Rule: "R1.69", Text: text, Fields: map[string]string{field: "密码：不对"}}
	}
	return r.Site.DB.Do(r.Ctx, func(tx *sqldb.Tx) error { return forget(r.Ctx, tx, e.Tenant, login) })
}

// notByToken refuses a program what only its person may do.
func notByToken(ctx context.Context, tx *sqldb.Tx, r *web.Request) error {
	kind, err := sqldb.One(ctx, tx, sqldb.Text, `SELECT kind FROM sessions WHERE tenant_id = $1 AND id = $2`, r.Grant.Tenant(), r.Session)
	if err == nil && Kind(kind) == Token {
		err = fault.New(fault.Denied, "令牌不能办理此事，请登录网页后办理。")
	}
	return err
}

// Done is an act on one's own account: what was done and where to go then.
type Done struct {
	Text  string `json:"said"`
	place string
}

func (d Done) Place() string { return d.place }
func (d Done) Said() string  { return d.Text }

func changePassword(r *web.Request, in Change) (Done, error) {
	err := SetPassword(r.Ctx, r.Tx, r.Grant.For(Password), in.account, in.hash, false, r.Session, in.history, r.Now)
	return Done{"密码已改，别处的登录都已退出。", "/account"}, err
}

// Named is a session or token by its id.
type Named struct {
	ID string `json:"id" doc:"编号"`
}

func endMine(r *web.Request, in Named) (Done, error) {
	d := Done{"已退出那一处登录。", "/account"}
	if in.ID == r.Session {
		d.place = "/login"
	}
	return d, EndSession(r.Ctx, r.Tx, r.Grant.For(Sessions), r.Grant.Account(), in.ID, r.Now)
}

func revokeMine(r *web.Request, in Named) (Done, error) {
	return Done{"令牌已收回，用它的程序立即不能再用。", tokensPlace}, EndSession(r.Ctx, r.Tx, r.Grant.For(Sessions), r.Grant.Account(), in.ID, r.Now)
}

func endOthers(r *web.Request, _ struct{}) (Done, error) {
	n, err := EndSessions(r.Ctx, r.Tx, r.Grant.For(Sessions), r.Grant.Account(), r.Session, r.Now)
	return Done{"已退出其他 " + digits(int(n)) + " 处登录。", "/account"}, err
}

// TokensPage lists one's tokens and makes new ones. Fresh is shown once.
type TokensPage struct {
	Items  []Session         `json:"items"`
	Posts  []ui.Option       `json:"-"`
	Labels map[string]string `json:"-"` // of the posts
	Fresh  string            `json:"-"`
	Most   int               `json:"most_days"`
}

const tokensPlace = "/account/tokens"

func (o *Office) tokensPage(r *web.Request, _ struct{}) (p TokensPage, err error) {
	m, err := o.minePage(r, struct{}{})
	p.Items, p.Most, p.Labels = m.Tokens, tokenDays, map[string]string{Self: auth.Member.Label()}
	for _, x := range m.Posts {
		p.Labels[x.ID] = x.Label()
	}
	for _, x := range r.Actor().Posts(r.Today) {
		p.Posts = append(p.Posts, ui.Option{Value: x.ID, Text: x.Label()})
	}
	p.Fresh = takeOnce(r, tokensPlace)
	return p, err
}

// Wanted is a token that is asked for.
type Wanted struct {
	Label string `json:"label" doc:"用途"`
	Post  string `json:"post" doc:"身份"`
	Days  int    `json:"days" doc:"有效天数"`
}

// Made is a fresh token; the secret is told once and kept nowhere.
type Made struct {
	Session
	Secret string `json:"token,omitempty"`
}

func (m Made) Place() string { return tokensPlace }
func (m Made) Said() string  { return "令牌已办好。" }
func (m Made) Created() bool { return true }

// Kept is what a repeated key is answered with.
func (m Made) Kept() any { return m.Session }

func makeToken(r *web.Request, in Wanted) (m Made, err error) {
	if err := notByToken(r.Ctx, r.Tx, r); err != nil {
		return m, err
	}
	held := false
	for _, p := range r.Actor().Posts(r.Today) {
		held = held || p.ID == in.Post
	}
	if !held {
		return m, &fault.Error{Kind: fault.Invalid, Text: "请选择令牌用哪个身份。", Fields: map[string]string{"post": "身份：请从现任岗位中选"}}
	}
	m.Secret, m.Session, err = MakeToken(r.Ctx, r.Tx, r.Grant.For(Tokens), r.Grant.Account(), in.Label, in.Post, in.Days, r.Now)
	if err == nil && !web.WantsJSON(r.HTTP) {
		keepOnce(r, tokensPlace, m.Secret)
	}
	return m, err
}

// A secret that is told once reaches the next page in a cookie of that page
// alone, and is gone when it is drawn.
const onceCookie = "uh_once"

func keepOnce(r *web.Request, place, secret string) {
	r.SetCookie(&http.Cookie{Name: onceCookie, Value: base64.RawURLEncoding.EncodeToString([]byte(secret)), Path: place, MaxAge: 60,
		HttpOnly: true, Secure: clientOf(r.HTTP).https, SameSite: http.SameSiteStrictMode})
}

func takeOnce(r *web.Request, place string) string {
	c, err := r.HTTP.Cookie(onceCookie)
	if err != nil || r.HTTP.Method != http.MethodGet {
		return ""
	}
	r.SetCookie(&http.Cookie{Name: onceCookie, Path: place, MaxAge: -1})
	b, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return ""
	}
	return string(b)
}
