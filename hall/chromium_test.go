package hall_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"unionhall/kit/browser"
	"unionhall/kit/webtest"
)

// tab opens Chromium with the session of a login; "" is a stranger's.
func (s *stand) tab(t *testing.T, login string) *browser.Page {
	t.Helper()
	p := browser.Open(t, s.url)
	if login != "" {
		name, value, _ := strings.Cut(s.as(t, login).cookie, "=")
		p.Cookie(name, value)
	}
	return p
}

// sight is a page to look at, and what it is made of: two pages of one shape
// and the same parts are alike to a screen reader.
type sight struct{ url, made string }

// sights lists one page of each route and tab that a login is led to, and of
// each that is made of other parts.
func (s *stand) sights(t *testing.T, login string) (out []sight) {
	t.Helper()
	seen, route := map[string]bool{}, s.route()
	s.walk(t, login, func(p webtest.Page) {
		pattern, tab := route(p.URL)
		made := pattern + " " + tab
		if pattern != "GET /help/{page}" {
			made += " " + parts(p.Root)
		}
		if !seen[made] && pattern != "GET /assets/look" { // that leads back to the page itself
			seen[made] = true
			out = append(out, sight{p.URL, made})
		}
	})
	return out
}

// parts lists the kinds of elements of a page.
func parts(root *html.Node) string {
	var out []string
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Namespace == "" {
			out = append(out, n.Data)
		}
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), " ")
}

// PL-16: axe finds nothing serious on any page at a desk, whoever looks, and
// no page is wider than a phone.
func TestAccessible(t *testing.T) {
	s := one()
	s.livedIn(t)
	seen := map[string]bool{}
	for _, login := range []string{"officer", "admin", "chair", "member", "security", "audit"} {
		t.Run(login, func(t *testing.T) {
			p := s.tab(t, login)
			pages := s.sights(t, login)
			if len(pages) < 8 {
				t.Errorf("%s is shown only %v", login, pages)
			}
			for _, page := range pages {
				if seen[page.made] {
					continue
				}
				seen[page.made] = true
				p.Size(1366, 768)
				p.Go(page.url)
				if p.Status() != 200 {
					t.Errorf("%s: status %d", page.url, p.Status())
				}
				p.Accessible()
				p.Fits()
				p.Size(390, 844)
				p.Fits()
			}
		})
	}
}

// PL-15, PL-16: what members are shown on a phone, and in elder mode, is whole
// and within the window; elder mode is twice as large.
func TestMembersOnThePhone(t *testing.T) {
	s := one()
	phone, elder := s.tab(t, "member"), s.tab(t, "member")
	phone.Size(390, 844)
	elder.Size(390, 844)
	elder.Cookie("elder", "1")
	pages := s.sights(t, "member")
	if len(pages) < 5 {
		t.Errorf("a member is shown only %v", pages)
	}
	const size = `parseFloat(getComputedStyle(document.querySelector("#main p, #main td, #main dd, #main a")).fontSize)`
	for _, page := range pages {
		phone.Go(page.url)
		phone.Accessible()
		phone.Fits()
		small := browser.Eval[float64](phone, size)
		elder.Go(page.url)
		elder.Accessible()
		elder.Fits()
		if big := browser.Eval[float64](elder, size); big < 1.5*small {
			t.Errorf("%s: elder mode writes %.0f px, else %.0f", page.url, big, small)
		}
		if missing := lost(browser.Eval[string](phone, content), browser.Eval[string](elder, content)); len(missing) > 0 {
			t.Errorf("%s: elder mode loses %v", page.url, missing)
		}
	}
}

// content is what a page says, without the frame around it.
const content = `document.getElementById("main").innerText`

// lost are the lines of a page that another showing of it has not.
func lost(of, in string) (out []string) {
	for line := range strings.Lines(of) {
		if line = strings.TrimSpace(line); line != "" && !strings.Contains(in, line) {
			out = append(out, line)
		}
	}
	return out
}

// UI targets: what a finger must meet is at least 44 px high on a phone.
func TestTargets(t *testing.T) {
	s := one()
	p := s.tab(t, "member")
	p.Size(390, 844)
	for _, page := range s.sights(t, "member") {
		p.Go(page.url)
		for _, e := range browser.Eval[[]string](p, `[...document.querySelectorAll("button,input:not([type=hidden]):not([type=checkbox]):not([type=radio]),select,nav a,a.btn")]
			.filter(e => e.checkVisibility({visibilityProperty: true}) && e.getClientRects().length && e.getBoundingClientRect().height < 43.5 && !e.closest(".crumbs") && getComputedStyle(e).clipPath === "none")
			.map(e => e.outerHTML.slice(0, 120) + " is " + Math.round(e.getBoundingClientRect().height) + " high").slice(0, 5)`) {
			t.Errorf("%s: %s", page.url, e)
		}
	}
}

// PL-14: a first visit on a phone costs 60 KB and four requests at most, at a
// desk 150 KB.
func TestFirstVisit(t *testing.T) {
	s := one()
	for _, c := range []struct {
		name, login, path string
		width             int64
		most              int64
	}{
		{"the door on a phone", "", "/login", 390, 60 << 10},
		{"a member's first page on a phone", "member", "/", 390, 60 << 10},
		{"the work table at a desk", "officer", "/", 1366, 150 << 10},
		{"a list at a desk", "officer", members, 1366, 150 << 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := s.tab(t, c.login)
			p.Size(c.width, 844)
			first := p.Visit(c.path)
			if p.Status() != 200 || first.Bytes() > c.most || len(first) > 4 {
				t.Errorf("%d, %d bytes in %d requests\n%s", p.Status(), first.Bytes(), len(first), first)
			}
			t.Logf("%d bytes in %d requests", first.Bytes(), len(first))
		})
	}
}
