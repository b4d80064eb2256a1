package account_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"unionhall/commons/message"
	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
	"unionhall/schema/dbtest"
)

// device is somebody's authenticator.
type device struct {
	secret   string
	recovery []string
}

func (h *house) code(d device) string {
	h.t.Helper()
	c, err := totp.GenerateCode(d.secret, h.now())
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// enrols turns a second factor on as a person does and returns the device.
func (h *house) enrols(c *http.Cookie) (d device) {
	h.t.Helper()
	if code := h.json(c, form("/account/second", "password", secret), nil); code != 200 {
		h.t.Fatal("begin:", code)
	}
	var page struct {
		Secret string
		Made   string
	}
	if code := h.json(c, httptest.NewRequest("GET", "/account/second", nil), &page); code != 200 || len(page.Secret) != 32 {
		h.t.Fatal("the secret:", code, page)
	}
	d.secret = page.Secret
	var told struct {
		Codes []string `json:"recovery_codes"`
	}
	if code := h.json(c, form("/account/second/confirm", "code", h.code(d)), &told); code != 200 || len(told.Codes) != 10 {
		h.t.Fatal("confirm:", code, told)
	}
	d.recovery = told.Codes
	h.pass(31 * time.Second) // the code of the enrolment is used up
	return d
}

// half does the first step and returns what the browser holds.
func (h *house) half(login string) *http.Cookie {
	h.t.Helper()
	c, w := h.login(login, secret, "")
	if c != nil || w.Code != 303 || w.Header().Get("Location") != "/login/second" {
		h.t.Fatalf("the first step: %d to %q, in: %v", w.Code, w.Header().Get("Location"), c != nil)
	}
	return named(w, "uh_half")
}

func named(w *httptest.ResponseRecorder, name string) *http.Cookie {
	for _, c := range w.Result().Cookies() {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// second does the second step.
func (h *house) second(half *http.Cookie, code string) (*http.Cookie, *httptest.ResponseRecorder) {
	hr := form("/login/second", "code", code)
	if half != nil {
		hr.AddCookie(half)
	}
	w := h.ask(hr)
	return named(w, "uh_session"), w
}

// law: R1.69, PL-12
func TestSecondFactor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		c := h.officer()
		if code := h.json(c, form("/account/second", "password", "Falsch-99xx"), nil); code != 422 {
			t.Errorf("begun by who does not know the password: %d", code)
		}
		d := h.enrols(c)
		if code := h.json(c, form("/account/second", "password", secret), nil); code != 409 {
			t.Errorf("begun over the one in force: %d", code)
		}
		half := h.half("zhoumin")
		if in, w := h.second(half, "000000"); in != nil || w.Code != 401 {
			t.Errorf("a wrong code: %d", w.Code)
		}
		code := h.code(d)
		in, w := h.second(half, code)
		if in == nil || h.probe(in) != 200 {
			t.Fatalf("the right code: %d %s", w.Code, w.Body)
		}
		if in, w := h.second(half, code); in != nil || w.Code == 303 {
			t.Errorf("the same log-in again: %d", w.Code)
		}
		if in, w := h.second(h.half("zhoumin"), code); in != nil || w.Code != 401 || !strings.Contains(w.Body.String(), "已经用过") {
			t.Errorf("the same code for another log-in: %d", w.Code)
		}
		h.pass(30 * time.Second)
		if in, w := h.second(h.half("zhoumin"), h.code(d)); in == nil {
			t.Errorf("the next code: %d", w.Code)
		}
		h.pass(30 * time.Second)
		slow := h.code(d)
		h.pass(30 * time.Second)
		if in, _ := h.second(h.half("zhoumin"), slow); in == nil {
			t.Error("a clock that is half a minute off")
		}
		h.pass(90 * time.Second)
		if in, _ := h.second(h.half("zhoumin"), slow); in != nil {
			t.Error("a code of two minutes ago")
		}
		if in, _ := h.second(nil, h.code(d)); in != nil {
			t.Error("a code without the first step")
		}
		late := h.half("zhoumin")
		h.pass(10 * time.Minute)
		if in, _ := h.second(late, h.code(d)); in != nil {
			t.Error("a first step of ten minutes ago")
		}
		h.keepsSecrets(append([]string{d.secret}, d.recovery...))
		h.sound()
	})
}

// A program sends both at once.
func TestSecondFactorOfAProgram(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	d := h.enrols(h.officer())
	send := func(code string) *httptest.ResponseRecorder {
		b, _ := json.Marshal(map[string]string{"login": "zhoumin", "password": secret, "code": code})
		hr := httptest.NewRequest("POST", "/login", strings.NewReader(string(b)))
		hr.Header.Set("Content-Type", "application/json")
		return h.ask(hr)
	}
	var trouble struct {
		Code   string
		Fields map[string]string
	}
	if w := send(""); w.Code != 401 || json.Unmarshal(w.Body.Bytes(), &trouble) != nil || trouble.Fields["code"] == "" {
		t.Errorf("without a code: %d %s", w.Code, w.Body)
	}
	if w := send("123456"); w.Code != 401 {
		t.Errorf("a wrong code: %d", w.Code)
	}
	if w := send(h.code(d)); w.Code != 204 || named(w, "uh_session") == nil {
		t.Errorf("with a code: %d %s", w.Code, w.Body)
	}
}

// law: R1.69: of twenty log-ins with one code, one is let in; so with one
// recovery code.
func TestOneCodeOneLogIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		d := h.enrols(h.officer())
		race := func(code string) (in int) {
			var halves []*http.Cookie
			for range 20 {
				halves = append(halves, h.half("zhoumin"))
				h.pass(time.Second) // within the limit of the address
			}
			if code == "" {
				code = h.code(d)
			}
			var mu sync.Mutex
			var all sync.WaitGroup
			for _, half := range halves {
				all.Go(func() {
					if c, _ := h.second(half, code); c != nil {
						mu.Lock()
						in++
						mu.Unlock()
					}
				})
			}
			all.Wait()
			return in
		}
		if in := race(""); in != 1 {
			t.Errorf("one code let %d in", in)
		}
		h.pass(time.Hour) // twenty of the same recovery code are nineteen wrong ones
		if in := race(d.recovery[3]); in != 1 {
			t.Errorf("one recovery code let %d in", in)
		}
		h.pass(time.Hour)
		if in, w := h.second(h.half("zhoumin"), strings.ToUpper(d.recovery[4][:5])+" "+d.recovery[4][6:]); in == nil {
			t.Errorf("another recovery code, as people type it: %d", w.Code)
		}
		var left int64
		h.do(func(tx *sqldb.Tx) (err error) {
			left, err = sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM recovery_codes WHERE tenant_id = $1`, int64(tenant))
			return err
		})
		if left != 8 {
			t.Errorf("%d recovery codes are left", left)
		}
		h.sound()
	})
}

// law: R1.69: guessing is counted like passwords are, for the account and not
// for the log-in.
func TestSecondLockOut(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	d := h.enrols(h.officer())
	for i := range 5 {
		if _, w := h.second(h.half("zhoumin"), "000000"); w.Code != 401 {
			t.Errorf("wrong code %d: %d", i+1, w.Code)
		}
	}
	half := h.half("zhoumin")
	if in, w := h.second(half, h.code(d)); in != nil || w.Code != 403 {
		t.Errorf("the right code after five wrong ones: %d", w.Code)
	}
	h.pass(30 * time.Minute)
	if in, w := h.second(h.half("zhoumin"), h.code(d)); in == nil {
		t.Errorf("when the thirty minutes were over: %d", w.Code)
	}
}

// What ends the sessions of an account ends its log-ins halfway.
func TestHalfwayEndsWithTheAccount(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	d := h.enrols(h.officer())
	half := h.half("zhoumin")
	sec := h.security()
	if code := h.json(sec, form("/system/accounts/"+h.login2("zhoumin")+"/lock", "reason", "调离", "version", "1"), nil); code != 200 {
		t.Fatal(code)
	}
	if in, _ := h.second(half, h.code(d)); in != nil {
		t.Error("in by a first step from before the lock")
	}
}

func (h *house) security() *http.Cookie {
	h.t.Helper()
	h.person("hepeng", "贺鹏", auth.Security, h.root.ID)
	c, w := h.login("hepeng", secret, "")
	if c == nil {
		h.t.Fatal(w.Code)
	}
	return c
}

// law: R1.69, PL-07: a lost factor is taken away by the security administrator
// and nobody else, not even for themselves; it is logged and the person told.
func TestResetOfASecondFactor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		officer := h.officer()
		d := h.enrols(officer)
		admin, sec := h.admin(), h.security()
		id := h.login2("zhoumin")
		at := "/system/accounts/" + id + "/second/reset"
		h.enrols(sec)
		for _, c := range []struct {
			law    string
			who    *http.Cookie
			at     string
			reason string
			want   int
		}{
			{"PL-07: by an officer", officer, at, "手机丢失", 403},
			{"PL-07: by the system administrator", admin, at, "手机丢失", 403},
			{"R1.69: of one's own", sec, "/system/accounts/" + h.login2("hepeng") + "/second/reset", "手机丢失", 403},
			{"R1.69: without a reason", sec, at, "", 422},
			{"R1.69: by the security administrator", sec, at, "手机丢失", 200},
			{"R1.69: twice", sec, at, "手机丢失", 409},
		} {
			if code := h.json(c.who, form(c.at, "reason", c.reason), nil); code != c.want {
				t.Errorf("%s: %d, want %d", c.law, code, c.want)
			}
		}
		if h.probe(officer) != 401 {
			t.Error("still signed in")
		}
		if c, w := h.login("zhoumin", secret, ""); c == nil {
			t.Errorf("without the factor: %d", w.Code)
		}
		if in, _ := h.second(nil, d.recovery[0]); in != nil {
			t.Error("a recovery code of the lost factor")
		}
		var told []message.Message
		h.do(func(tx *sqldb.Tx) (err error) {
			told, err = message.List(ctx, tx, auth.As(tenant, id, auth.Officer, auth.Anyone, h.root.ID), false, "", 5)
			return err
		})
		if len(told) != 1 || !strings.Contains(told[0].Body, "手机丢失") {
			t.Errorf("told %+v", told)
		}
		h.sound()
	})
}

// law: R1.69: where the office asks it of officers, they have some days, then
// nothing else goes; members are not asked.
func TestOfficersMustHaveASecondFactor(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	h.do(func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO own_params (tenant_id, id, param, value, from_day, account_id, at) VALUES ($1, 'p', 'security.second.officers', '是', $2, 'a', $3)`,
			int64(tenant), string(h.today()), string(h.at()))
		return err
	})
	h.person("zhoumin", "周敏", auth.Officer, h.root.ID)
	member := h.person("wangjg", "王建国", "", "")
	h.do(func(tx *sqldb.Tx) error { return plant(tx, h, "m1", member.ID) })
	in := func(login string) *http.Cookie {
		c, w := h.login(login, secret, "")
		if c == nil {
			t.Fatal(login, w.Code)
		}
		return c
	}
	h.pass(30 * 24 * time.Hour)
	if code := h.probe(in("zhoumin")); code != 200 {
		t.Errorf("R1.69: on the thirtieth day: %d", code)
	}
	h.pass(24 * time.Hour)
	c := in("zhoumin")
	if code := h.probe(c); code != 403 {
		t.Errorf("R1.69: on the day after: %d", code)
	}
	w := h.with(c, httptest.NewRequest("GET", "/account", nil))
	if w.Code != 303 || w.Header().Get("Location") != "/account/second" {
		t.Errorf("led to %d %q", w.Code, w.Header().Get("Location"))
	}
	if w := h.with(c, httptest.NewRequest("GET", "/account/second", nil)); w.Code != 200 || !strings.Contains(w.Body.String(), "宽限期已过") {
		t.Errorf("the page: %d", w.Code)
	}
	if w := h.with(in("wangjg"), httptest.NewRequest("GET", "/account", nil)); w.Code != 200 {
		t.Errorf("a member: %d", w.Code)
	}
	h.enrols(c)
	if code := h.probe(c); code != 200 {
		t.Errorf("once enrolled: %d", code)
	}
	if code := h.json(c, form("/account/second/stop", "password", secret), nil); code != 409 {
		t.Errorf("R1.69: stopped against the rule: %d", code)
	}
}

// A person may stop, and have fresh recovery codes; each asks the password.
func TestStopAndFreshCodes(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	c := h.officer()
	if code := h.json(c, form("/account/second/codes", "password", secret), nil); code != 409 {
		t.Errorf("codes of none: %d", code)
	}
	d := h.enrols(c)
	var fresh struct {
		Codes []string `json:"recovery_codes"`
	}
	if code := h.json(c, form("/account/second/codes", "password", secret), &fresh); code != 200 || len(fresh.Codes) != 10 {
		t.Fatal(code, fresh)
	}
	if in, _ := h.second(h.half("zhoumin"), d.recovery[0]); in != nil {
		t.Error("in by a code that was replaced")
	}
	if in, w := h.second(h.half("zhoumin"), fresh.Codes[0]); in == nil {
		t.Errorf("a fresh code: %d", w.Code)
	}
	if code := h.json(c, form("/account/second/stop", "password", "Falsch-99xx"), nil); code != 422 {
		t.Errorf("stopped without the password: %d", code)
	}
	if code := h.json(c, form("/account/second/stop", "password", secret), nil); code != 200 {
		t.Errorf("stopped: %d", code)
	}
	if in, _ := h.login("zhoumin", secret, ""); in == nil {
		t.Error("still asked for a code")
	}
	if w := h.with(c, httptest.NewRequest("GET", "/account", nil)); !strings.Contains(w.Body.String(), "未启用") {
		t.Error("my account says otherwise")
	}
	h.sound()
}
