package account_test

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
	"unionhall/office/account"
	"unionhall/schema/dbtest"
)

// deed is something one of the three does to an account.
type deed struct {
	name string
	ask  func(h *house, x account.Account) *http.Request
}

var deedsOfThree = []deed{
	{"建账号", func(h *house, _ account.Account) *http.Request {
		h.n++
		return form("/system/accounts", "login", fmt.Sprintf("fresh%d", h.n), "name", "陈一")
	}},
	{"更正姓名", func(h *house, x account.Account) *http.Request {
		return form(x.Place()+"/name", "name", "陈二", "version", h.version(x))
	}},
	{"重设密码", func(h *house, x account.Account) *http.Request {
		return form(x.Place()+"/reset", "version", h.version(x))
	}},
	{"任命干部", func(h *house, x account.Account) *http.Request {
		return form(x.Place()+"/posts", "office", "officer", "union", h.base.ID)
	}},
	{"任命系统管理员", func(h *house, x account.Account) *http.Request { return h.trusts(x, auth.Admin) }},
	{"任命安全管理员", func(h *house, x account.Account) *http.Request { return h.trusts(x, auth.Security) }},
	{"任命审计管理员", func(h *house, x account.Account) *http.Request { return h.trusts(x, auth.Auditing) }},
	{"以干部任命办三员", func(h *house, x account.Account) *http.Request {
		return form(x.Place()+"/posts", "office", "audit", "union", h.root.ID)
	}},
	{"停用账号", func(h *house, x account.Account) *http.Request {
		return form(x.Place()+"/lock", "reason", "离岗", "version", h.version(x))
	}},
	{"重置动态口令", func(h *house, x account.Account) *http.Request {
		return form(x.Place()+"/second/reset", "reason", "手机丢失")
	}},
	{"看账号", func(_ *house, x account.Account) *http.Request { return get(x.Place()) }},
	{"看登录安全", func(*house, account.Account) *http.Request { return get("/system/security") }},
	{"退出他人登录", func(_ *house, x account.Account) *http.Request { return form(x.Place() + "/sessions/end") }},
}

func (h *house) trusts(x account.Account, office auth.Office) *http.Request {
	return form(x.Place()+"/trust", "office", string(office), "union", h.root.ID)
}

func get(path string) *http.Request {
	hr, err := http.NewRequest("GET", path, nil)
	if err != nil {
		panic(err) // the paths are ours
	}
	hr.RemoteAddr = "10.1.2.3:5000"
	return hr
}

func (h *house) version(x account.Account) string {
	return fmt.Sprint(h.count(`SELECT version FROM accounts WHERE tenant_id = $1 AND id = $2`, x.ID))
}

// PL-07, R1.69: every deed as every office, to another and to oneself, to one
// who holds nothing and to each of the three: printed, and compared with what
// was agreed.
func TestMatrixOfTheThree(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	doers := []auth.Office{auth.Admin, auth.Security, auth.Auditing, auth.Director, auth.Officer}
	cookies, accounts := map[auth.Office]*http.Cookie{}, map[auth.Office]account.Account{}
	for i, o := range doers {
		login := fmt.Sprintf("doer%d", i)
		accounts[o] = h.person(login, "某", o, h.root.ID)
		c, w := h.login(login, secret, "")
		if c == nil {
			t.Fatal(w.Code)
		}
		cookies[o] = c
	}
	var b strings.Builder
	targets := []string{"无岗位", "系统管理员", "安全管理员", "审计管理员", "本人"} // the last may end the session
	fmt.Fprintf(&b, "办的事\t办的人\t%s\n", strings.Join(targets, "\t"))
	for _, d := range deedsOfThree {
		for _, o := range doers {
			fmt.Fprintf(&b, "%s\t%s", d.name, o.Label())
			for _, target := range targets {
				var x account.Account
				switch target {
				case "本人":
					x = accounts[o]
				case "无岗位":
					h.n++
					x = h.person(fmt.Sprintf("none%d", h.n), "某", "", "")
				default:
					h.n++
					x = h.person(fmt.Sprintf("held%d", h.n), "某", map[string]auth.Office{"系统管理员": auth.Admin, "安全管理员": auth.Security, "审计管理员": auth.Auditing}[target], h.root.ID)
				}
				fmt.Fprintf(&b, "\t%d", h.json(cookies[o], d.ask(h, x), nil))
			}
			b.WriteString("\n")
		}
	}
	const file = "testdata/three.txt"
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != string(want) {
		t.Errorf("the three may do other things than %s says; if that is meant, UPDATE=1 go test\n%s", file, got)
	}
	h.sound()
}

// PL-07, R1.69: from the founding, when one person holds a post to begin with,
// to three: the founder names the security administrator, and from then on the
// trusted posts are the latter's to give; nobody gives a post to themselves,
// nobody holds two, and each step stands in the log.
func TestFoundingIsHandedOver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		founder, _ := h.login("init", secret, "")
		turn := func(c *http.Cookie, id string, office auth.Office) {
			if code := h.json(c, form("/identity", "post", h.postOf(id, office).ID), nil); code != 200 {
				t.Fatal("identity:", code)
			}
		}
		turn(founder, h.first.ID, auth.Admin)
		one, two, three := h.person("hepeng", "贺鹏", "", ""), h.person("sunshen", "孙审", "", ""), h.person("zhengyu", "郑宇", "", "")
		asPost := func(x account.Account, office auth.Office) *http.Request {
			return form(x.Place()+"/posts", "office", string(office), "union", h.root.ID)
		}
		if code := h.json(founder, asPost(h.first, auth.Security), nil); code != 403 {
			t.Errorf("R1.69: the founder gave himself a second one of the three: %d", code)
		}
		if code := h.json(founder, asPost(one, auth.Security), nil); code != 200 {
			t.Fatalf("R1.69: the founder names the security administrator: %d", code)
		}
		if code := h.json(founder, asPost(two, auth.Auditing), nil); code != 403 {
			t.Errorf("R1.69: the founder still names the three: %d", code)
		}
		sec, w := h.login("hepeng", secret, "")
		if sec == nil {
			t.Fatal(w.Code)
		}
		for _, c := range []struct {
			law    string
			who    account.Account
			office auth.Office
			want   int
		}{
			{"PL-07: the security administrator names the audit administrator", two, auth.Auditing, 200},
			{"PL-07: whom he named is not also system administrator", two, auth.Admin, 409},
			{"PL-07: the security administrator names himself", one, auth.Admin, 403},
			{"PL-07: the security administrator names an officer", three, auth.Officer, 403},
			{"PL-07: the security administrator names a system administrator", three, auth.Admin, 200},
			{"PL-07: a fourth hand for a second post", three, auth.Security, 409},
			{"PL-07: the founder, who is one of the three", h.first, auth.Auditing, 409},
		} {
			if code := h.json(sec, h.trusts(c.who, c.office), nil); code != c.want {
				t.Errorf("%s: %d, want %d", c.law, code, c.want)
			}
		}
		p := h.postOf(h.first.ID, auth.Admin)
		if code := h.json(sec, form(h.first.Place()+"/trust/"+p.ID+"/end", "last", string(h.today().AddDays(-1)), "version", fmt.Sprint(p.Version)), nil); code != 200 {
			t.Errorf("PL-07: the founder's post is handed over: %d", code)
		}
		if code := h.json(founder, asPost(three, auth.Officer), nil); code != 403 {
			t.Errorf("PL-09: the founder after the hand-over: %d", code)
		}
		for act, least := range map[auth.Action]int64{account.Appoint: 1, account.Entrust: 3} {
			if n := h.count(`SELECT count(*) FROM audit_rows WHERE tenant_id = $1 AND act = $2`, string(act)); n < least {
				t.Errorf("the log tells of %d × %s", n, act)
			}
		}
		h.sound()
	})
}
