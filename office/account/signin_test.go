package account_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/office/account"
	"unionhall/schema/dbtest"
)

const phone = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36 MicroMessenger/8.0"

func form(path string, pairs ...string) *http.Request {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	hr := httptest.NewRequest("POST", path, strings.NewReader(v.Encode()))
	hr.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return hr
}

func program(hr *http.Request) *http.Request {
	hr.Header.Set("Accept", "application/json")
	return hr
}

// login signs in and returns the cookie, or nil with the answer.
func (h *house) login(login, password, agent string) (*http.Cookie, *httptest.ResponseRecorder) {
	hr := form("/login", "login", login, "password", password)
	hr.Header.Set("User-Agent", agent)
	w := h.ask(hr)
	for _, c := range w.Result().Cookies() {
		if c.Name == "uh_session" {
			return c, w
		}
	}
	return nil, w
}

// probe asks for the officers' page as a program does and returns the status.
func (h *house) probe(c *http.Cookie) int {
	hr := program(httptest.NewRequest("GET", "/probe", nil))
	if c != nil {
		hr.AddCookie(c)
	}
	return h.ask(hr).Code
}

func (h *house) officer() *http.Cookie {
	h.t.Helper()
	h.person("zhoumin", "周敏", auth.Officer, h.root.ID)
	c, w := h.login("zhoumin", secret, "")
	if c == nil {
		h.t.Fatal(w.Code, w.Body.String())
	}
	return c
}

func TestSignIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		c := h.officer()
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Secure || c.MaxAge != 0 {
			t.Errorf("cookie %v", c)
		}
		if got := h.probe(c); got != 200 {
			t.Errorf("signed in: %d", got)
		}
		if got := h.probe(nil); got != 401 {
			t.Errorf("a stranger: %d", got)
		}
		for _, bad := range []string{"", "x", "2106000001.", "2106000002" + c.Value[10:], c.Value + "A", "2106000001." + strings.Repeat("A", 43)} {
			if got := h.probe(&http.Cookie{Name: "uh_session", Value: bad}); got != 401 {
				t.Errorf("cookie %q: %d", bad, got)
			}
		}
		hr := form("/login", "login", " ZhouMin ", "password", secret, "next", "/account")
		hr.Header.Set("X-Forwarded-Proto", "https")
		w := h.ask(hr)
		if w.Code != 303 || w.Header().Get("Location") != "/account" || !strings.Contains(w.Header().Get("Set-Cookie"), "Secure") {
			t.Errorf("%d %v", w.Code, w.Header())
		}
		hr = httptest.NewRequest("POST", "/login", strings.NewReader(`{"login":"zhoumin","password":"`+secret+`"}`))
		hr.Header.Set("Content-Type", "application/json")
		if w := h.ask(hr); w.Code != 204 || len(w.Result().Cookies()) != 1 {
			t.Errorf("a program: %d %v", w.Code, w.Header())
		}
		if w := h.ask(func() *http.Request { r := form("/logout"); r.AddCookie(c); return r }()); w.Code != 303 {
			t.Errorf("logout %d", w.Code)
		}
		if got := h.probe(c); got != 401 {
			t.Errorf("after logging out: %d", got)
		}
	})
}

// What is told of a wrong password is told of a login that nobody has.
func TestNobodyLearnsWhoHasAnAccount(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	h.person("zhoumin", "周敏", auth.Officer, h.root.ID)
	page := func(login string) string {
		_, w := h.login(login, "Falsch-99xx", "")
		body, _, _ := strings.Cut(w.Body.String(), `name="login"`)
		return strings.ReplaceAll(body, login, "")
	}
	for range 7 {
		known, unknown := page("zhoumin"), page("nemo")
		if known != unknown {
			t.Fatalf("a known login is told\n%s\nan unknown one\n%s", known, unknown)
		}
	}
	if _, w := h.login("zhoumin", secret, ""); w.Code != 403 {
		t.Errorf("locked: the right password gives %d", w.Code)
	}
	h.pass(30*time.Minute - time.Microsecond)
	if c, _ := h.login("zhoumin", secret, ""); c != nil {
		t.Error("R1.69: in before the thirty minutes were over")
	}
	h.pass(time.Microsecond)
	if c, w := h.login("zhoumin", secret, ""); c == nil {
		t.Error("R1.69: not in when the thirty minutes were over", w.Code)
	}
}

// law: R1.69: five wrong ones lock, and twenty at once are no way around it.
func TestLockOutIsExact(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.person("zhoumin", "周敏", auth.Officer, h.root.ID)
		race := func(password string) (codes map[int]int) {
			codes = map[int]int{}
			var mu sync.Mutex
			var all sync.WaitGroup
			for range 20 {
				all.Go(func() {
					_, w := h.login("zhoumin", password, "")
					mu.Lock()
					defer mu.Unlock()
					codes[w.Code]++
				})
			}
			all.Wait()
			return codes
		}
		if got := race(secret); got[303] != 20 {
			t.Fatalf("twenty right ones at once: %v", got)
		}
		if got := race("Falsch-99xx"); got[401] != 5 || got[403] != 15 {
			t.Errorf("twenty wrong ones at once: %v, want 5 judged and 15 refused", got)
		}
		var rows int64
		err := db.View(ctx, func(tx *sqldb.Tx) (err error) {
			rows, err = sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM audit_rows WHERE tenant_id = $1 AND act = $2`, int64(tenant), string(account.SignInFail))
			return err
		})
		if err != nil || rows != 5 {
			t.Errorf("the log tells of %d, %v", rows, err)
		}
	})
}

// law: R1.69
func TestSessionsRest(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	h.person("zhoumin", "周敏", auth.Officer, h.root.ID)
	member := h.person("wangjg", "王建国", "", "")
	h.do(func(tx *sqldb.Tx) error { return plant(tx, h, "m1", member.ID) })
	for _, c := range []struct {
		law, login, agent string
		rest              time.Duration
		want              bool
	}{
		{"R1.69 干部三十分钟: a moment before", "zhoumin", "", 30*time.Minute - time.Microsecond, true},
		{"R1.69 干部三十分钟: then", "zhoumin", "", 30 * time.Minute, false},
		{"R1.69 干部三十分钟: on a phone too", "zhoumin", phone, 30 * time.Minute, false},
		{"R1.69 会员手机端十二小时: a moment before", "wangjg", phone, 12*time.Hour - time.Microsecond, true},
		{"R1.69 会员手机端十二小时: then", "wangjg", phone, 12 * time.Hour, false},
		{"ours: a member at a desk rests like an officer", "wangjg", "", 30 * time.Minute, false},
	} {
		t.Run(c.law, func(t *testing.T) {
			k, w := h.login(c.login, secret, c.agent)
			if k == nil {
				t.Fatal(w.Code)
			}
			h.pass(c.rest)
			hr := program(httptest.NewRequest("GET", "/account", nil))
			hr.AddCookie(k)
			if got := h.ask(hr).Code == 200; got != c.want {
				t.Errorf("alive %v, want %v", got, c.want)
			}
		})
	}
}

// law: R1.69: an office may set its own number.
func TestOwnIdleTime(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	h.do(func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO own_params (tenant_id, id, param, value, from_day, account_id, at) VALUES ($1, 'p', 'security.idle.officer_minutes', '10', $2, 'a', $3)`,
			int64(tenant), string(h.today()), string(h.at()))
		return err
	})
	c := h.officer()
	h.pass(10*time.Minute - time.Microsecond)
	if got := h.probe(c); got != 200 {
		t.Errorf("before: %d", got)
	}
	h.pass(10 * time.Minute)
	if got := h.probe(c); got != 401 {
		t.Errorf("then: %d", got)
	}
}

// A session in use goes on, until its end comes all the same.
func TestSessionsGoOnWhileUsed(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	c := h.officer()
	for i := range 24 * 60 {
		h.pass(29 * time.Minute)
		if got := h.probe(c); got != 200 {
			if want := time.Duration(i) * 29 * time.Minute; want < 11*time.Hour || want > 12*time.Hour {
				t.Errorf("ended after %v", want)
			}
			return
		}
	}
	t.Error("a session without end")
}

// The note that a session is in use is written once a minute, not more.
func TestSeenOnceAMinute(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	c := h.officer()
	seen := func() (s day.Instant) {
		err := h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
			v, err := sqldb.One(ctx, tx, sqldb.Text, `SELECT seen FROM sessions WHERE tenant_id = $1`, int64(tenant))
			s = day.Instant(v)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first := seen()
	h.pass(time.Minute - time.Microsecond)
	if h.probe(c); seen() != first {
		t.Error("renewed within the minute")
	}
	h.pass(time.Microsecond)
	if h.probe(c); seen() != h.at() {
		t.Error("not renewed after the minute")
	}
}

// law: R1.69: the three administrators are signed in at one place.
func TestAdministratorsAtOnePlace(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	first, _ := h.login("init", secret, "")
	officer := h.officer()
	second, _ := h.login("init", secret, "")
	if got := []int{h.probe(first), h.probe(second), h.probe(officer)}; got[0] != 401 || got[1] != 200 || got[2] != 200 {
		t.Errorf("first %d, second %d, an officer %d", got[0], got[1], got[2])
	}
	if again, _ := h.login("zhoumin", secret, ""); h.probe(officer) != 200 || h.probe(again) != 200 {
		t.Error("an officer was signed out elsewhere")
	}
}

func TestNextStaysHere(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	h.person("zhoumin", "周敏", auth.Officer, h.root.ID)
	for next, want := range map[string]string{
		"/account?x=1": "/account?x=1", "//evil.example": "/", "https://evil.example": "/", `/\evil.example`: "/", "/\t/evil": "/", "": "/", "/login": "/",
	} {
		w := h.ask(form("/login", "login", "zhoumin", "password", secret, "next", next))
		if got := w.Header().Get("Location"); w.Code != 303 || got != want {
			t.Errorf("next %q leads to %q (%d), want %q", next, got, w.Code, want)
		}
	}
}

// One address may not try for ever, another is not held up by it.
func TestAddressesAreLimited(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	codes := map[int]int{}
	for range 70 {
		hr := form("/login", "login", "", "password", "")
		codes[h.ask(hr).Code]++
		hr = form("/login", "login", "nemo", "password", "x")
		hr.RemoteAddr = "10.9.9.9:1"
		codes[h.ask(hr).Code]++
	}
	if codes[422] != 70 || codes[429] != 10 {
		t.Errorf("%v", codes)
	}
	if _, w := h.login("nemo2", "x", ""); w.Code != 401 {
		t.Errorf("another address: %d", w.Code)
	}
	hr := program(form("/login", "login", "nemo", "password", "x"))
	hr.RemoteAddr = "10.9.9.9:1"
	var trouble struct{ Code string }
	if w := h.ask(hr); json.Unmarshal(w.Body.Bytes(), &trouble) != nil || w.Code != 503 || trouble.Code != "busy" {
		t.Errorf("a program is told %d %s", w.Code, w.Body)
	}
}
