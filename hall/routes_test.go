package hall_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"unionhall/hall"
	"unionhall/hall/city"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
	"unionhall/office/account"
)

// open is every address that nobody has to sign in for. A new one is a
// decision.
var open = []string{
	"GET /apply/{receipt}",
	"GET /apply/{receipt}/edit",
	"GET /card/{token}",
	"GET /healthz",
	"GET /help",
	"GET /help/parts",
	"GET /help/{page}",
	"GET /join/{code}",
	"GET /login",
	"GET /metrics",
	"GET /privacy",
	"GET /readyz",
	"GET /verify",
	"GET /verify/{code}",
	"POST /apply/{receipt}/edit",
	"POST /apply/{receipt}/login",
	"POST /apply/{receipt}/withdraw",
	"POST /join/{code}",
	"POST /login",
	"POST /logout",
}

func TestOpenRoutes(t *testing.T) {
	var got []string
	for _, rt := range one().house.Routes() {
		if rt.Needs == "" {
			got = append(got, rt.Pattern)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, open) {
		t.Errorf("open to everybody are\n%s", strings.Join(got, "\n"))
	}
	for _, path := range []string{"/healthz", "/login", "/metrics", "/readyz", "/api/openapi.json"} {
		if a := one().nobody().get(t, path); a.code != 200 {
			t.Errorf("%s: %s", path, a)
		}
	}
	for _, path := range []string{"/assets/", "/assets/unionhall.css", "/assets/app.js.map", "/nothing"} {
		if a := one().nobody().page(t, path); a.code != 404 {
			t.Errorf("%s: %s", path, a)
		}
	}
}

// Every route has a line of Chinese that says what it does, and an action that
// some office may do.
func TestRoutesAreNamed(t *testing.T) {
	seen, roles := map[string]bool{}, hall.Roles()
	for _, rt := range one().house.Routes() {
		if seen[rt.Pattern] {
			t.Errorf("%s stands twice", rt.Pattern)
		}
		seen[rt.Pattern] = true
		if !strings.ContainsFunc(rt.Doc, func(r rune) bool { return r > 0x2e80 }) {
			t.Errorf("%s: what it does is %q", rt.Pattern, rt.Doc)
		}
		if rt.Needs != "" && len(roles.Offices(rt.Needs)) == 0 {
			t.Errorf("%s: no office may do %s", rt.Pattern, rt.Needs)
		}
	}
}

// PL-05: whoever is not signed in gets nowhere: a program is told 401, a
// person is led to the log-in and back.
func TestEveryRouteAsAStranger(t *testing.T) {
	each(t, func(t *testing.T, s *stand) {
		x := s.outside(t)
		for _, rt := range s.house.Routes() {
			if rt.Needs == "" {
				continue
			}
			method, path := x.address(t, rt.Pattern)
			if a := s.nobody().send(t, method, path, ""); a.code != 401 || a.text(t, "code") != "unknown" {
				t.Errorf("%s as a program: %s", rt.Pattern, a)
			}
			a := s.nobody().send(t, method, path, "", "Accept", "text/html", "Content-Type", "application/x-www-form-urlencoded")
			switch {
			case method == "GET" && (a.code != 303 || !strings.HasPrefix(a.head.Get("Location"), "/login?next=%2F")):
				t.Errorf("%s in a browser: %s %s", rt.Pattern, a, a.head.Get("Location"))
			case method != "GET" && a.code != 401:
				t.Errorf("%s in a browser: %s", rt.Pattern, a)
			}
		}
	})
}

// bodies are what a post must hold for its thing to be looked for: those that
// judge the form first.
var bodies = map[string]string{
	"POST " + unions + "/{id}/rename":           `{"name":"滨江市新名工会","document":"滨直工〔2026〕7号","reason":"机构改革"}`,
	"POST " + unions + "/{id}/move":             `{"parent":"210600000000","document":"滨直工〔2026〕7号","reason":"机构改革"}`,
	"POST " + unions + "/{id}/merge":            `{"into":"210600000000","document":"滨直工〔2026〕7号","reason":"机构改革"}`,
	"POST " + unions + "/{id}/close":            `{"document":"滨直工〔2026〕7号","reason":"机构改革"}`,
	"POST /grassroots/registry/bodies/{id}/end": `{"document":"滨直工〔2026〕7号","reason":"机构改革"}`,
	"POST " + twins + "/{id}/merge":             `{"keep":"a","reason":"本人到场核对"}`,
	"POST " + twins + "/{id}/apart":             `{"words":"不是同一个人"}`,
	"POST /setup":                               `{"name":"滨江市直机关工会工委"}`,
	"POST /law/params/{id}":                     `{"value":"7","from":"2099-01-01","document":"滨直工〔2026〕7号"}`,
	"POST /law/params/{id}/drop":                `{"from":"2099-01-01"}`,
	"POST /system/accounts/{id}/name":           `{"name":"王建国"}`,
	"POST /system/accounts/{id}/lock":           `{"reason":"离岗"}`,
}

// queries are what a page must be asked with.
var queries = map[string]string{
	"GET /law/calendar/new": "?text=2027-01-01+%E4%BC%91+%E5%85%83%E6%97%A6",
}

func bodyOf(pattern string) string {
	if b := bodies[pattern]; b != "" {
		return b
	}
	return `{}`
}

// PL-05: every route as every role, with things of another union and of
// another committee. What is out of reach is not there (404); what the office
// may not do is denied (403), whatever it is asked about.
func TestEveryRouteAsEveryRole(t *testing.T) {
	each(t, func(t *testing.T, s *stand) {
		outside, elsewhere := s.outside(t), s.elsewhere(t)
		for login, office := range offices {
			t.Run(login, func(t *testing.T) {
				for _, rt := range s.house.Routes() {
					if rt.Needs != "" {
						s.tryRoute(t, login, office, rt, outside, elsewhere)
					}
				}
			})
		}
	})
}

// blind are the logins that see nothing of chair2's union.
var blind = []string{"chair", "member"}

func (s *stand) tryRoute(t *testing.T, login string, office auth.Office, rt web.Route, outside, elsewhere things) {
	t.Helper()
	may := rt.Needs == auth.Anyone || slices.Contains(hall.Roles()[office], rt.Needs)
	of := params(t, rt.Pattern)
	ask := func(x things, where string, want int) {
		t.Helper()
		method, path := x.address(t, rt.Pattern)
		body := ""
		if method != "GET" {
			body = bodyOf(rt.Pattern)
		}
		if a := s.as(t, login).send(t, method, path, body); a.code != want {
			t.Errorf("%s (%s): want %d, got %s", rt.Pattern, where, want, a)
		} else if want != 200 && a.text(t, "code") != map[int]string{403: "denied", 404: "not_found"}[want] {
			t.Errorf("%s (%s): %s", rt.Pattern, where, a)
		}
	}
	switch {
	case !may:
		ask(outside, "not allowed", 403)
	case len(of) == 0 || slices.ContainsFunc(of, shared):
		if strings.HasPrefix(rt.Pattern, "GET ") {
			ask(outside, "allowed", 200)
		}
	default:
		ask(elsewhere, "another committee", 404)
		if own(of[0]) && login != "chair2" || slices.Contains(blind, login) {
			ask(outside, "another union", 404)
		}
	}
}

// PL-09: a post that ended yesterday, or begins tomorrow, entitles to nothing.
func TestPostsEndWithTheTerm(t *testing.T) {
	each(t, func(t *testing.T, s *stand) {
		at := day.At(s.house.Now())
		spans := map[string][2]day.Day{"was" + fresh(): {"2020-01-01", at.Day().AddDays(-1)}, "will" + fresh(): {at.Day().AddDays(1), ""}}
		hash, err := seal.HashPassword(ctx, bossSecret)
		if err != nil {
			t.Fatal(err)
		}
		s.write(t, func(tx *sqldb.Tx) error {
			g, err := account.Shell(ctx, tx, city.Tenant, "test", account.Appoint)
			for login, span := range spans {
				var a account.Account
				if err == nil {
					a, err = account.Create(ctx, tx, g.For(account.Manage), account.New{Login: login, Name: "前任", Hash: hash}, at)
				}
				if err == nil {
					_, err = account.Give(ctx, tx, g, account.Giving{Account: a.ID, Office: auth.Officer, UnionID: g.Under(), From: span[0], To: span[1]}, at)
				}
			}
			return err
		})
		x := s.outside(t)
		for login := range spans {
			p := s.signIn(t, login, city.Tenant, bossSecret)
			for _, rt := range s.house.Routes() {
				if rt.Needs == "" || rt.Needs == auth.Anyone {
					continue
				}
				method, path := x.address(t, rt.Pattern)
				if a := p.send(t, method, path, ""); a.code != http.StatusForbidden {
					t.Errorf("%s as %s: %s", rt.Pattern, login, a)
				}
			}
		}
	})
}
