package account_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"unionhall/kit/auth"
	"unionhall/kit/sheet"
	"unionhall/kit/sqldb"
	"unionhall/kit/webtest"
	"unionhall/office/account"
	"unionhall/schema/dbtest"

	"golang.org/x/net/html"
)

// admin signs in as a system administrator.
func (h *house) admin() *http.Cookie {
	h.t.Helper()
	h.person("zhengyu", "郑宇", auth.Admin, h.root.ID)
	c, w := h.login("zhengyu", secret, "")
	if c == nil {
		h.t.Fatal(w.Code)
	}
	return c
}

func (h *house) json(c *http.Cookie, hr *http.Request, into any) int {
	h.t.Helper()
	w := h.with(c, program(hr))
	if into != nil && w.Code < 300 {
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
			h.t.Error(err, w.Body)
		}
	}
	return w.Code
}

// From the making of an account to its lock, as the two administrators do it.
func TestLifeOfAnAccount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		admin := h.admin()
		h.person("hepeng", "贺鹏", auth.Security, h.root.ID)
		sec, _ := h.login("hepeng", secret, "")
		var made struct {
			ID, Password string
			Version      int64
		}
		if code := h.json(admin, form("/system/accounts", "login", "ChenYi", "name", "陈一"), &made); code != 201 || made.Password == "" {
			t.Fatal(code, made)
		}
		at := "/system/accounts/" + made.ID
		if code := h.json(admin, form("/system/accounts", "login", "chenyi", "name", "陈二"), nil); code != 409 {
			t.Errorf("a login twice: %d", code)
		}
		c, w := h.login("chenyi", made.Password, "")
		if c == nil || w.Header().Get("Location") != "/account/password" {
			t.Fatalf("R1.69: the first log-in leads to %q", w.Header().Get("Location"))
		}
		if code := h.json(c, form("/account/password", "old", made.Password, "new", "Kuai4-le.hua", "again", "Kuai4-le.hua"), nil); code != 200 {
			t.Errorf("changed: %d", code)
		}
		if code := h.json(admin, form(at+"/posts", "office", "officer", "union", h.base.ID, "from", string(h.today()), "document", "滨机工〔2026〕12号"), nil); code != 200 || h.probe(c) != 200 {
			t.Errorf("appointed: %d", code)
		}
		for path, pairs := range map[string][]string{"/trust": {"office", "audit", "union", h.root.ID}, "/lock": {"reason", "试", "version", "2"}} {
			if code := h.json(admin, form(at+path, pairs...), nil); code != 403 {
				t.Errorf("PL-07: the system administrator at %s: %d", path, code)
			}
		}
		for path, pairs := range map[string][]string{"/posts": {"office", "chair", "union", h.base.ID}, "/reset": {"version", "2"}, "/name": {"name", "某", "version", "2"}} {
			if code := h.json(sec, form(at+path, pairs...), nil); code != 403 {
				t.Errorf("PL-07: the security administrator at %s: %d", path, code)
			}
		}
		if code := h.json(sec, form(at+"/lock", "reason", "调离", "version", "1"), nil); code != 409 {
			t.Errorf("locked what was not read: %d", code)
		}
		if code := h.json(sec, form(at+"/lock", "reason", "调离", "version", "2"), nil); code != 200 || h.probe(c) != 401 {
			t.Errorf("locked: %d", code)
		}
		if c, w := h.login("chenyi", "Kuai4-le.hua", ""); c != nil || !strings.Contains(w.Body.String(), "已停用") {
			t.Errorf("in while locked: %d", w.Code)
		}
		if code := h.json(sec, form(at+"/unlock", "version", "3"), nil); code != 200 {
			t.Errorf("unlocked: %d", code)
		}
		var reset struct{ Password string }
		if code := h.json(admin, form(at+"/reset", "version", "4"), &reset); code != 200 || reset.Password == made.Password {
			t.Errorf("reset: %d", code)
		}
		if code := h.json(admin, form("/system/accounts/"+h.login2("hepeng")+"/reset", "version", "1"), nil); code != 403 {
			t.Errorf("R1.69: one of the three got a password from another: %d", code)
		}
		h.keepsSecrets([]string{made.Password, reset.Password, "Kuai4-le.hua"})
		h.sound()
	})
}

func TestListOfAccounts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		admin := h.admin()
		for i := range 230 {
			h.do(func(tx *sqldb.Tx) error {
				_, err := account.Create(ctx, tx, h.shellIn(tx, account.Manage), account.New{Login: fmt.Sprintf("u_%03d", i), Name: []string{"单立新", "曾一鸣", "仇百川"}[i%3], Hash: h.hash}, h.at())
				return err
			})
		}
		for _, c := range []struct {
			query, first string
			total        any
		}{
			{"", "仇百川", 232.0}, // qiú: sorts before 单 shàn, 曾 zēng
			{"?sort=-login", "郑宇", 232.0},
			{"?q=u_01", "仇百川", 10.0}, // the line is no wildcard
			{"?q=%25", "", 0.0},
			{"?q=单立新", "单立新", 77.0},
			{"?office=admin", "赵敏", 2.0},
			{"?state=idle&limit=7", "仇百川", 230.0},
			{"?state=locked", "", 0.0},
		} {
			seen, next, first := map[string]bool{}, "", ""
			for page := 0; page < 60; page++ {
				var l struct {
					Items []struct{ ID, Name string }
					Next  string
					Total any
				}
				q := c.query
				if next != "" {
					q += map[bool]string{true: "?", false: "&"}[q == ""] + "after=" + next
				}
				if code := h.json(admin, httptest.NewRequest("GET", "/system/accounts"+strings.ReplaceAll(q, "单立新", "%E5%8D%95%E7%AB%8B%E6%96%B0"), nil), &l); code != 200 || l.Total != c.total {
					t.Fatalf("%s: %d, total %v", q, code, l.Total)
				}
				for _, x := range l.Items {
					if seen[x.ID] {
						t.Fatalf("%s: %s twice", q, x.Name)
					}
					if first == "" {
						first = x.Name
					}
					seen[x.ID] = true
				}
				if next = l.Next; next == "" {
					break
				}
				next = strings.NewReplacer("~", "%7E", " ", "%20").Replace(next)
			}
			if first != c.first || float64(len(seen)) != c.total {
				t.Errorf("%q: %d accounts, the first %s; want %v, %s", c.query, len(seen), first, c.total, c.first)
			}
		}
		w := h.with(admin, httptest.NewRequest("GET", "/system/accounts.csv", nil))
		if got := strings.Count(w.Body.String(), "\r\n"); w.Code != 200 || got != 233 {
			t.Errorf("csv: %d with %d lines", w.Code, got)
		}
		w = h.with(admin, httptest.NewRequest("GET", "/system/accounts.xlsx?office=admin", nil))
		book, err := sheet.Open(strings.NewReader(w.Body.String()), int64(w.Body.Len()), "账号.xlsx", sheet.Limits{})
		if err != nil || w.Code != 200 {
			t.Fatal(w.Code, err)
		}
		book.Close()
	})
}

// Every page that is read is drawn for who may, in Chinese, and refused to who
// may not.
func TestPagesAreDrawn(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	h.o.DemoPassword, h.o.Demo = secret, []account.DemoLogin{{"init", "系统管理员"}, {"nemo", "无人"}}
	h.do(func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE tenants SET demo = $1 WHERE tenant_id = $2`, true, int64(tenant))
		return err
	})
	officer, admin := h.officer(), h.admin()
	h.person("hepeng", "贺鹏", auth.Security, h.root.ID)
	sec, _ := h.login("hepeng", secret, "")
	id := h.login2("zhoumin")
	at := "/system/accounts/" + id
	for path, codes := range map[string][3]int{ // officer, system and security administrator
		"/login": {200, 200, 200}, "/account": {200, 200, 200}, "/account/password": {200, 200, 200}, "/account/tokens": {200, 200, 200},
		"/system/accounts": {403, 200, 200}, "/system/accounts?q=none": {403, 200, 200}, "/system/accounts/rules": {403, 200, 200},
		"/system/accounts/new": {403, 200, 403}, at: {403, 200, 200}, at + "/member": {403, 200, 403}, at + "/member?q=王建国": {403, 200, 403},
		at + "/posts": {403, 200, 403}, at + "/trust": {403, 403, 200}, "/system/accounts/nobody": {403, 404, 404},
		"/system/accounts.csv": {403, 200, 200}, "/system/accounts.xlsx": {403, 200, 200}, "/api/openapi.json": {200, 200, 200},
	} {
		for i, c := range []*http.Cookie{officer, admin, sec} {
			w := h.with(c, httptest.NewRequest("GET", strings.ReplaceAll(path, "王建国", "%E7%8E%8B%E5%BB%BA%E5%9B%BD"), nil))
			if w.Code != codes[i] {
				t.Errorf("%s for %d: %d, want %d", path, i, w.Code, codes[i])
			}
			if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
				continue
			}
			root, err := html.Parse(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			if words := webtest.EnglishWords(webtest.Text(root), "zhoumin", "zhengyu", "hepeng", "init"); len(words) > 0 {
				t.Errorf("%s speaks English: %v", path, words)
			}
		}
	}
	body := h.ask(httptest.NewRequest("GET", "/login", nil)).Body.String()
	if !strings.Contains(body, "系统管理员") || strings.Contains(body, "无人") {
		t.Error("the demo's door offers who is there, and nobody else")
	}
}

func TestLinkToAMember(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	admin := h.admin()
	a, b := h.person("wangjg", "王建国", "", ""), h.person("wangjg2", "王建国", "", "")
	if code := h.json(admin, form(a.Place()+"/member", "member", "m1", "version", "1"), nil); code != 200 {
		t.Fatal(code)
	}
	if code := h.json(admin, form(b.Place()+"/member", "member", "m1", "version", "1"), nil); code != 409 {
		t.Errorf("one member, two accounts: %d", code)
	}
	if code := h.json(admin, form(b.Place()+"/member", "member", "m9", "version", "1"), nil); code != 404 {
		t.Errorf("a member whom nobody knows: %d", code)
	}
	if code := h.json(admin, form(a.Place()+"/member", "member", "", "version", "2"), nil); code != 200 {
		t.Errorf("let go: %d", code)
	}
	h.sound()
}
