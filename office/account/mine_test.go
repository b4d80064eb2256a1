package account_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/office/account"
	"unionhall/schema/dbtest"
)

// with sends a request as the holder of a cookie.
func (h *house) with(c *http.Cookie, hr *http.Request) *httptest.ResponseRecorder {
	hr.AddCookie(c)
	return h.ask(hr)
}

func (h *house) change(c *http.Cookie, old, fresh string) *httptest.ResponseRecorder {
	return h.with(c, form("/account/password", "old", old, "new", fresh, "again", fresh, "idempotency_key", sqldb.NewID()))
}

// law: R1.69: 不重复最近五次
func TestPasswordsDoNotComeAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		c, other := h.officer(), (*http.Cookie)(nil)
		other, _ = h.login("zhoumin", secret, "")
		words := []string{secret, "Kuai4-le.hua", "Pan5-deng.shu", "Lan6-tian.yun", "Qing7-cao.di", "Bai8-xue.shan"}
		for i, w := range words[1:] {
			h.pass(time.Second)
			if got := h.change(c, words[i], w); got.Code != 303 {
				t.Fatalf("%s after %s: %d %s", w, words[i], got.Code, got.Body)
			}
		}
		if h.probe(c) != 200 || h.probe(other) != 401 {
			t.Error("the session that changed stays, the other ends")
		}
		if got := h.change(c, words[5], words[1]); got.Code != 422 || !strings.Contains(got.Body.String(), "最近 5 次") {
			t.Errorf("R1.69: the fifth last came again: %d", got.Code)
		}
		if got := h.change(c, words[5], secret); got.Code != 303 {
			t.Errorf("R1.69: the sixth last may: %d %s", got.Code, got.Body)
		}
		h.keepsSecrets(append(words, h.hash))
		h.sound()
	})
}

// keepsSecrets fails where the log, the kept answers or a page's JSON hold a
// password or its hash.
func (h *house) keepsSecrets(secrets []string) {
	h.t.Helper()
	err := h.db.View(ctx, func(tx *sqldb.Tx) error {
		for _, q := range []string{`SELECT change FROM audit_rows WHERE tenant_id = $1`, `SELECT coalesce(body, request) FROM answers WHERE tenant_id = $1`, `SELECT request FROM answers WHERE tenant_id = $1`} {
			err := sqldb.Each(ctx, tx, sqldb.Text, func(text string) error {
				for _, s := range append(secrets, "argon2id") {
					if strings.Contains(text, s) {
						h.t.Errorf("%q stands in %s", s, text)
					}
				}
				return nil
			}, q, int64(tenant))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		h.t.Error(err)
	}
}

// sound fails where a sealed row or the log was written past the program.
func (h *house) sound() {
	h.t.Helper()
	err := h.db.View(ctx, func(tx *sqldb.Tx) error {
		rep, err := audit.Verify(ctx, tx, tenant, []string{"accounts", "posts", "second_factors", "sign_in_links", "tenants", "unions", "union_spans"})
		for _, f := range rep.Findings {
			h.t.Errorf("%s: %s", f.Where, f.What)
		}
		if rep.Rows == 0 || rep.Sealed == 0 {
			h.t.Errorf("%+v", rep)
		}
		return err
	})
	if err != nil {
		h.t.Error(err)
	}
}

func TestPasswordsThatAreNotTaken(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	c := h.officer()
	for _, x := range []struct{ law, old, fresh, again, want string }{
		{"R1.69 十位", secret, "Kurz-1a", "Kurz-1a", "至少要 10 个字符"},
		{"R1.69 三类", secret, "kuailehuashan", "kuailehuashan", "3 类"},
		{"R1.69 弱口令", secret, "Zhoumin@2026", "Zhoumin@2026", "太容易猜到"},
		{"ours: typed twice alike", secret, "Kuai4-le.hua", "Kuai4-le.hub", "不一样"},
		{"R1.69: the same again", secret, secret, secret, "最近 5 次"},
		{"ours: the old one is asked for", "Falsch-99xx", "Kuai4-le.hua", "Kuai4-le.hua", "原密码不对，还可以试 4 次"},
	} {
		w := h.with(c, form("/account/password", "old", x.old, "new", x.fresh, "again", x.again))
		if w.Code != 422 || !strings.Contains(w.Body.String(), x.want) || strings.Contains(w.Body.String(), x.fresh) {
			t.Errorf("%s: %d %s", x.law, w.Code, w.Body)
		}
	}
	for range 4 {
		h.change(c, "Falsch-99xx", "Kuai4-le.hua")
	}
	if w := h.change(c, secret, "Kuai4-le.hua"); w.Code != 403 {
		t.Errorf("R1.69: guessed on within a session: %d", w.Code)
	}
}

// law: R1.69: 首次登录须改初始口令；干部每九十天更换
func TestPasswordMustBeChanged(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	c := h.officer()
	led := func() string {
		w := h.with(c, httptest.NewRequest("GET", "/account", nil))
		return w.Header().Get("Location")
	}
	h.pass(90*24*time.Hour - 11*time.Hour)
	c, _ = h.login("zhoumin", secret, "") // the 90th day has not come in Beijing
	if got := led(); got != "" {
		t.Errorf("R1.69: a day too early, to %q", got)
	}
	h.pass(24 * time.Hour)
	c, _ = h.login("zhoumin", secret, "")
	if got := led(); got != "/account/password" {
		t.Errorf("R1.69: on the 90th day, to %q", got)
	}
	if w := h.with(c, program(httptest.NewRequest("GET", "/account", nil))); w.Code != 403 || !strings.Contains(w.Body.String(), "请先修改密码") {
		t.Errorf("a program is told %d %s", w.Code, w.Body)
	}
	if w := h.with(c, httptest.NewRequest("GET", "/account/password", nil)); w.Code != 200 || !strings.Contains(w.Body.String(), "请先修改密码") {
		t.Errorf("the form: %d", w.Code)
	}
	if w := h.change(c, secret, "Kuai4-le.hua"); w.Code != 303 || led() != "" {
		t.Errorf("after the change: %d, to %q", w.Code, led())
	}
}

func TestTokens(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		c := h.officer()
		other, err := h.give(h.first, auth.Admin, account.Appoint, account.Giving{Account: h.login2("zhoumin"), Office: auth.Cashier, UnionID: h.base.ID, From: h.today()})
		if err != nil {
			t.Fatal(err)
		}
		hr := program(form("/account/tokens", "label", "同步", "post", other.ID, "days", "7"))
		hr.Header.Set("Idempotency-Key", "one")
		w := h.with(c, hr)
		var made struct{ ID, Token string }
		if err := json.Unmarshal(w.Body.Bytes(), &made); err != nil || w.Code != 201 || made.Token == "" {
			t.Fatal(w.Code, w.Body)
		}
		hr = program(form("/account/tokens", "label", "同步", "post", other.ID, "days", "7"))
		hr.Header.Set("Idempotency-Key", "one")
		if w := h.with(c, hr); w.Code != 201 || strings.Contains(w.Body.String(), made.Token) || !strings.Contains(w.Body.String(), made.ID) {
			t.Errorf("the same key again: %d %s", w.Code, w.Body)
		}
		h.keepsSecrets([]string{made.Token, made.Token[len(made.Token)-43:]})
		if got := h.withToken(made.Token, "/probe"); got != 403 {
			t.Errorf("the token acts for another post than its own: %d", got)
		}
		officers := h.tokenOf("zhoumin", 7)
		if got := h.withToken(officers, "/probe"); got != 200 {
			t.Errorf("a token for the officer's post: %d", got)
		}
		for path, pairs := range map[string][]string{
			"/identity": {"post", other.ID}, "/account/tokens": {"label", "x", "post", other.ID, "days", "1"},
			"/account/password": {"old", secret, "new", "Kuai4-le.hua", "again", "Kuai4-le.hua"},
		} {
			hr := program(form(path, pairs...))
			hr.Header.Set("Authorization", "Bearer "+made.Token)
			if w := h.ask(hr); w.Code != 403 {
				t.Errorf("a token at %s: %d %s", path, w.Code, w.Body)
			}
		}
		if h.withToken(c.Value, "/account") != 401 || h.probe(&http.Cookie{Name: "uh_session", Value: officers}) != 401 {
			t.Error("a session passed for a token, or a token for a session")
		}
		if w := h.with(c, program(form("/account/tokens/"+made.ID+"/end"))); w.Code != 200 || h.withToken(made.Token, "/account") != 401 {
			t.Errorf("revoked: %d", w.Code)
		}
		h.pass(7*24*time.Hour - time.Microsecond)
		if got := h.withToken(officers, "/probe"); got != 200 {
			t.Errorf("on its last day: %d", got)
		}
		h.pass(time.Microsecond)
		if got := h.withToken(officers, "/probe"); got != 401 {
			t.Errorf("past its end: %d", got)
		}
		h.sound()
	})
}

func (h *house) login2(login string) (id string) {
	h.do(func(tx *sqldb.Tx) error {
		a, err := account.ByLogin(ctx, tx, h.shellIn(tx, account.Look), login)
		id = a.ID
		return err
	})
	return id
}

// Sessions are seen and ended by their own person only, and by the security
// administrator.
func TestSessionsAreEnded(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	c := h.officer()
	second, _ := h.login("zhoumin", secret, phone)
	h.person("lisi", "李思", auth.Officer, h.root.ID)
	stranger, _ := h.login("lisi", secret, "")
	id := seal.TokenHash(second.Value)
	if w := h.with(stranger, program(form("/account/sessions/"+id+"/end"))); w.Code != 404 || h.probe(second) != 200 {
		t.Errorf("a stranger ended it: %d", w.Code)
	}
	var p account.MinePage
	if w := h.with(c, program(httptest.NewRequest("GET", "/account", nil))); json.Unmarshal(w.Body.Bytes(), &p) != nil || len(p.Sessions) != 2 || p.Sessions[0].Label == p.Sessions[1].Label {
		t.Errorf("%+v", p)
	}
	if w := h.with(c, program(form("/account/sessions/"+id+"/end"))); w.Code != 200 || h.probe(second) != 401 || h.probe(c) != 200 {
		t.Errorf("its person: %d", w.Code)
	}
	second, _ = h.login("zhoumin", secret, phone)
	if w := h.with(c, program(form("/account/sessions/end"))); w.Code != 200 || h.probe(second) != 401 || h.probe(c) != 200 {
		t.Errorf("all others: %d", w.Code)
	}
	h.person("hepeng", "贺鹏", auth.Security, h.root.ID)
	sec, _ := h.login("hepeng", secret, "")
	if w := h.with(sec, program(form("/system/accounts/"+h.login2("zhoumin")+"/sessions/end"))); w.Code != 200 || h.probe(c) != 401 {
		t.Errorf("the security administrator: %d %s", w.Code, w.Body)
	}
}

// The other tenant of the same installation, with the same logins, is not
// touched by anything.
func TestTwinIsUntouched(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		h.found(twin, "滨江市总工会")
		before := h.tables(twin)
		h.person("hepeng", "贺鹏", auth.Security, h.root.ID)
		sec, _ := h.login("hepeng", secret, "")
		h.login("init", "Falsch-99xx", "")
		c, _ := h.login("init", secret, "")
		h.with(c, form("/account/password", "old", secret, "new", "Kuai4-le.hua", "again", "Kuai4-le.hua"))
		h.with(sec, form("/system/accounts/"+h.first.ID+"/lock", "reason", "试", "version", "2"))
		h.tokenOf("init", 3)
		h.do(func(tx *sqldb.Tx) error { _, err := account.Sweep(ctx, tx, tenant, h.at()); return err })
		if got := h.tables(twin); got != before {
			t.Errorf("before\n%s\nnow\n%s", before, got)
		}
		var theirs account.Account
		h.do(func(tx *sqldb.Tx) (err error) {
			g, err := account.Shell(ctx, tx, twin, "shell:root", account.Look)
			if err == nil {
				theirs, err = account.ByLogin(ctx, tx, g, "init")
			}
			return err
		})
		if w := h.with(sec, program(httptest.NewRequest("GET", "/system/accounts/"+theirs.ID, nil))); w.Code != 404 {
			t.Errorf("the twin's account: %d", w.Code)
		}
		h.sound()
	})
}

// tables is every row of a tenant, as text.
func (h *house) tables(id int64) string {
	h.t.Helper()
	var b strings.Builder
	err := h.db.View(ctx, func(tx *sqldb.Tx) error {
		for _, name := range []string{"accounts", "posts", "sessions", "login_failures", "old_passwords", "last_logins", "audit_rows", "tenants"} {
			err := sqldb.Records(tx, func(r sqldb.Record) error {
				text, err := json.Marshal(r)
				b.WriteString(name + string(text) + "\n")
				return err
			}, `SELECT * FROM `+name+` WHERE tenant_id = $1 ORDER BY 2`, id)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return b.String()
}
