package account_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"unionhall/kit/auth"
	"unionhall/kit/oidc"
	"unionhall/kit/oidc/oidctest"
	"unionhall/kit/sqldb"
	"unionhall/schema/dbtest"
)

// provided gives the house an identity provider.
func (h *house) provided() *oidctest.Provider {
	h.t.Helper()
	p := oidctest.New(h.t)
	p.Now = h.now
	h.o.Outside = oidc.New(oidc.Settings{Issuer: p.Issuer, ClientID: oidctest.ClientID, Secret: oidctest.Secret, Name: "政务统一认证"}, h.now)
	return p
}

// trip is a log-in by the provider on its way.
type trip struct {
	half *http.Cookie
	back string // where the provider sends the browser
}

// leaves begins a log-in and lets the provider answer.
func (h *house) leaves(query string, cookies ...*http.Cookie) trip {
	h.t.Helper()
	w := h.goes("/login/outside"+query, cookies...)
	if w.Code != 303 {
		h.t.Fatal(w.Code, w.Body)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	rp, err := client.Get(w.Header().Get("Location"))
	if err != nil {
		h.t.Fatal(err)
	}
	rp.Body.Close()
	back, err := url.Parse(rp.Header.Get("Location"))
	if err != nil || rp.StatusCode != 302 || back.Host != "home.test" {
		h.t.Fatal(rp.Status, back, err)
	}
	return trip{named(w, "uh_half"), back.RequestURI()}
}

func (h *house) goes(path string, cookies ...*http.Cookie) *httptest.ResponseRecorder {
	hr := httptest.NewRequest("GET", path, nil)
	for _, c := range cookies {
		if c != nil {
			hr.AddCookie(c)
		}
	}
	return h.ask(hr)
}

// links links whoever is signed in.
func (h *house) links(c *http.Cookie) {
	h.t.Helper()
	x := h.leaves("?link=1", c)
	if w := h.goes(x.back, x.half, c); w.Code != 303 || w.Header().Get("Location") != "/account" {
		h.t.Fatal(w.Code, w.Body)
	}
}

// law: PL-11
func TestSignInByAProvider(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.provided()
		officer := h.officer()
		x := h.leaves("?next=/account")
		if w := h.goes(x.back, x.half); w.Code != 403 || !strings.Contains(w.Body.String(), "还没有关联") || !strings.Contains(w.Body.String(), `name="password"`) {
			t.Errorf("a subject that nobody knows: %d, and a way out", w.Code)
		}
		h.links(officer)
		h.links(officer) // twice is once
		x = h.leaves("?next=/account")
		w := h.goes(x.back, x.half)
		in := named(w, "uh_session")
		if w.Code != 303 || w.Header().Get("Location") != "/account" || in == nil || h.probe(in) != 200 {
			t.Fatalf("linked: %d %q %s", w.Code, w.Header().Get("Location"), w.Body)
		}
		if w := h.goes(x.back, x.half); named(w, "uh_session") != nil || w.Code == 303 {
			t.Errorf("the same answer again: %d", w.Code)
		}
		var page struct{ Links []struct{ ID, Label string } }
		if code := h.json(in, httptest.NewRequest("GET", "/account", nil), &page); code != 200 || len(page.Links) != 1 || page.Links[0].Label != "周敏" {
			t.Errorf("my account: %d %+v", code, page)
		}
		if code := h.json(in, form("/account/links/"+page.Links[0].ID+"/end"), nil); code != 200 {
			t.Errorf("unlinked: %d", code)
		}
		x = h.leaves("")
		if w := h.goes(x.back, x.half); w.Code != 403 {
			t.Errorf("after unlinking: %d", w.Code)
		}
		if w := h.ask(func() *http.Request { r := form("/logout"); r.AddCookie(in); return r }()); w.Header().Get("Location") != "/login?left=1" {
			t.Errorf("logged out to %q", w.Header().Get("Location"))
		}
		if w := h.goes("/login?left=1"); !strings.Contains(w.Body.String(), "/end\"") {
			t.Error("no way to sign out of the provider")
		}
		h.keepsSecrets([]string{"330106", oidctest.Secret})
		h.sound()
	})
}

// Attacks on the way: each is refused, none leaves a session.
func TestProviderAttacks(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	p := h.provided()
	h.links(h.officer())
	plain := func(head, claims map[string]any) {}
	for _, c := range []struct {
		name   string
		mangle func(head, claims map[string]any)
		turn   func(*trip)
		want   bool
	}{
		{name: "nothing wrong", want: true},
		{name: "another nonce", mangle: func(_, c map[string]any) { c["nonce"] = "x" }},
		{name: "no nonce", mangle: func(_, c map[string]any) { delete(c, "nonce") }},
		{name: "another audience", mangle: func(_, c map[string]any) { c["aud"] = "else" }},
		{name: "several audiences, meant for another", mangle: func(_, c map[string]any) { c["aud"] = []string{oidctest.ClientID, "else"}; c["azp"] = "else" }},
		{name: "several audiences, meant for us", mangle: func(_, c map[string]any) {
			c["aud"] = []string{oidctest.ClientID, "else"}
			c["azp"] = oidctest.ClientID
		}, want: true},
		{name: "another issuer", mangle: func(_, c map[string]any) { c["iss"] = "https://evil.example" }},
		{name: "no subject", mangle: func(_, c map[string]any) { delete(c, "sub") }},
		{name: "over", mangle: func(_, c map[string]any) { c["exp"] = h.now().Add(-2 * time.Minute).Unix() }},
		{name: "over by less than clocks differ", mangle: func(_, c map[string]any) { c["exp"] = h.now().Add(-30 * time.Second).Unix() }, want: true},
		{name: "issued by a clock that is a little ahead", mangle: func(_, c map[string]any) { c["iat"] = h.now().Add(30 * time.Second).Unix() }, want: true},
		{name: "issued in the future", mangle: func(_, c map[string]any) { c["iat"] = h.now().Add(time.Hour).Unix() }},
		{name: "unsigned", mangle: func(head, _ map[string]any) { head["alg"] = "none" }},
		{name: "said to be signed by a shared secret", mangle: func(head, _ map[string]any) { head["alg"] = "HS256" }},
		{name: "another key", mangle: func(map[string]any, map[string]any) { p.Stranger = true }},
		{name: "another state", turn: func(x *trip) { x.back = strings.Replace(x.back, "state=", "state=x", 1) }},
		{name: "no state", turn: func(x *trip) { x.back, _, _ = strings.Cut(x.back, "&state=") }},
		{name: "another browser", turn: func(x *trip) { x.half = nil }},
		{name: "the log-in of another browser", turn: func(x *trip) { x.half = h.leaves("").half }},
		{name: "another code", turn: func(x *trip) { x.back = strings.Replace(x.back, "code=", "code=X", 1) }},
		{name: "refused there", turn: func(x *trip) { x.back = strings.Replace(x.back, "code=", "error=access_denied&c=", 1) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			p.Mangle, p.Stranger = c.mangle, false
			if c.mangle == nil {
				p.Mangle = plain
			}
			x := h.leaves("")
			if c.turn != nil {
				c.turn(&x)
			}
			w := h.goes(x.back, x.half)
			if in := named(w, "uh_session") != nil; in != c.want || !in && (w.Code < 400 || w.Code > 499) {
				t.Errorf("in %v, want %v: %d", in, c.want, w.Code)
			}
		})
	}
}

// Of twenty who bring the same answer back, one gets in.
func TestProviderAnswerOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.provided()
		h.links(h.officer())
		x := h.leaves("")
		var mu sync.Mutex
		var all sync.WaitGroup
		in := 0
		for range 20 {
			all.Go(func() {
				if named(h.goes(x.back, x.half), "uh_session") != nil {
					mu.Lock()
					in++
					mu.Unlock()
				}
			})
		}
		all.Wait()
		if in != 1 {
			t.Errorf("%d got in", in)
		}
	})
}

// The second factor is asked for whichever way the first step was done.
func TestProviderAndSecondFactor(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	h.provided()
	c := h.officer()
	h.links(c)
	d := h.enrols(c)
	x := h.leaves("")
	w := h.goes(x.back, x.half)
	if w.Code != 303 || w.Header().Get("Location") != "/login/second" || named(w, "uh_session") != nil {
		t.Fatal(w.Code, w.Header())
	}
	var half *http.Cookie
	for _, k := range w.Result().Cookies() {
		if k.Name == "uh_half" && k.MaxAge > 0 {
			half = k
		}
	}
	if in, w := h.second(half, h.code(d)); in == nil {
		t.Error(w.Code)
	}
}

// A provider that is away costs a sentence, and the password still goes.
func TestProviderAway(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	p := h.provided()
	p.Down = true
	h.person("zhoumin", "周敏", auth.Officer, h.root.ID)
	if w := h.goes("/login/outside"); w.Code != 503 || !strings.Contains(w.Body.String(), "连不上") || w.Header().Get("Retry-After") == "" {
		t.Errorf("away: %d", w.Code)
	}
	if c, _ := h.login("zhoumin", secret, ""); c == nil {
		t.Error("the password does not go")
	}
	h.o.Outside = nil
	for _, path := range []string{"/login/outside", "/login/outside/back", "/login/code"} {
		if w := h.goes(path); w.Code != 404 {
			t.Errorf("%s where there is none: %d", path, w.Code)
		}
	}
}

// law: PL-11, PL-07: an administrator links for others, not for the three, and
// the person is told; one subject is one account's.
func TestLinkedByTheAdministrator(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	p := h.provided()
	admin, sec := h.admin(), h.security()
	a := h.person("zhoumin", "周敏", auth.Officer, h.root.ID)
	b := h.person("lijing", "李静", "", "")
	for _, c := range []struct {
		law  string
		who  *http.Cookie
		id   string
		sub  string
		want int
	}{
		{"PL-11: by the system administrator", admin, a.ID, p.Subject, 200},
		{"PL-11: again", admin, a.ID, p.Subject, 200},
		{"PL-11: another account", admin, b.ID, p.Subject, 409},
		{"ours: nothing", admin, b.ID, "", 422},
		{"PL-07: by the security administrator", sec, b.ID, "other", 403},
		{"PL-07: one of the three", admin, h.login2("hepeng"), "other", 403},
		{"PL-07: oneself", admin, h.login2("zhengyu"), "other", 403},
	} {
		if code := h.json(c.who, form("/system/accounts/"+c.id+"/links", "subject", c.sub), nil); code != c.want {
			t.Errorf("%s: %d, want %d", c.law, code, c.want)
		}
	}
	x := h.leaves("")
	w := h.goes(x.back, x.half)
	in := named(w, "uh_session")
	if in == nil {
		t.Fatal(w.Code, w.Body)
	}
	if n := h.count(`SELECT count(*) FROM messages WHERE tenant_id = $1 AND account_id = $2`, a.ID); n == 0 {
		t.Error("the person was not told")
	}
	var one struct{ Links []struct{ ID string } }
	if code := h.json(admin, httptest.NewRequest("GET", "/system/accounts/"+a.ID, nil), &one); code != 200 || len(one.Links) != 1 {
		t.Fatal(code, one)
	}
	if code := h.json(admin, form("/system/accounts/"+b.ID+"/links/"+one.Links[0].ID+"/end"), nil); code != 404 {
		t.Errorf("another's link: %d", code)
	}
	if code := h.json(admin, form("/system/accounts/"+a.ID+"/links/"+one.Links[0].ID+"/end"), nil); code != 200 {
		t.Errorf("unlinked: %d", code)
	}
	h.sound()
}

// Whoever began to link must be who ends it.
func TestLinkingByAnother(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	h.provided()
	officer := h.officer()
	h.person("lijing", "李静", auth.Officer, h.root.ID)
	other, _ := h.login("lijing", secret, "")
	x := h.leaves("?link=1", officer)
	if w := h.goes(x.back, x.half, other); w.Code != 403 {
		t.Errorf("ended by another: %d", w.Code)
	}
	x = h.leaves("?link=1", officer)
	if w := h.goes(x.back, x.half); w.Code == 303 && w.Header().Get("Location") == "/account" {
		t.Errorf("ended by nobody: %d", w.Code)
	}
	if w := h.goes("/login/outside?link=1"); w.Code != 401 {
		t.Errorf("begun by nobody: %d", w.Code)
	}
	if n := h.count(`SELECT count(*) FROM sign_in_links WHERE tenant_id = $1`); n != 0 {
		t.Errorf("%d links", n)
	}
}
