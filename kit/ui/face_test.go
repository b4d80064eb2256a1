package ui_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"unionhall/kit/browser"
	"unionhall/kit/ui"
	"unionhall/kit/webtest"

	"github.com/a-h/templ"
)

// desk is the frame of an officer with a full menu.
func desk(r *http.Request) *ui.Frame {
	elder, theme := ui.Look(r)
	return &ui.Frame{
		Office: "滨江市直机关工会工委", Demo: true, SignedIn: true, Person: "周敏", Post: "组织干事",
		Posts:    []ui.PostChoice{{ID: "1", Label: "组织干事 · 市直机关工会工委", Current: true}, {ID: "2", Label: "会员 · 市财政局机关工会"}},
		Messages: 9, Todos: 5, Path: r.URL.Path, Elder: elder, Theme: theme, Help: "/help/members",
		Key: func() string { return "0193" },
		Menu: []ui.MenuGroup{
			{Items: []ui.MenuItem{{Text: "工作台", Href: "/", Icon: "layout-dashboard"}}},
			{Title: "服务基层工作", Items: []ui.MenuItem{
				{Text: "工会组织", Href: "/unions", Icon: "sitemap", Count: "150", Go: "u"},
				{Text: "会员会籍", Href: "/members", Icon: "users", Count: "20,014", Go: "m", On: true},
			}},
			{Title: "服务中心工作", Items: []ui.MenuItem{{Text: "文体活动", Href: "/contests", Icon: "trophy", Tab: "活动"}}},
		},
	}
}

func site(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("GET /assets/", ui.Assets())
	show := func(pattern string, c templ.Component) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:")
			if err := c.Render(ui.With(r.Context(), desk(r)), w); err != nil {
				t.Error(err)
			}
		})
	}
	show("GET /parts", ui.Parts())
	show("GET /members", ui.Shell(ui.Page{Title: "会员会籍"}))
	show("GET /form", formPage())
	show("GET /login", ui.Bare("登录"))
	mux.HandleFunc("POST /taken", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/members", http.StatusSeeOther) })
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

// Nothing may stick out of the window in any look at any size; where the
// markup or the colours differ, axe looks too (WCAG 2.2 AA).
func TestEveryLook(t *testing.T) {
	url := site(t)
	for _, look := range []struct {
		name          string
		query         string
		width, height int64
		axe           bool
	}{
		{"desk", "", 1366, 768, true},
		{"desk, dark", "theme=dark", 1366, 768, true},
		{"desk, elder", "elder=1", 1366, 768, true},
		{"narrow desk", "", 1024, 768, false},
		{"phone", "", 390, 844, true},
		{"phone, elder", "elder=1", 390, 844, false},
		{"small phone", "", 320, 640, false},
	} {
		t.Run(look.name, func(t *testing.T) {
			p := browser.Open(t, url)
			p.Size(look.width, look.height)
			for _, page := range []string{"/parts", "/login"} {
				p.Go("/assets/look?" + look.query + "&back=" + page)
				if look.axe {
					p.Accessible()
				}
				if out := browser.Eval[string](p, sticksOut); out != "" {
					t.Errorf("%s sticks out of the window: %s", page, out)
				}
			}
		})
	}
}

// sticksOut names the first element that reaches past the right edge and is
// not inside something that scrolls.
const sticksOut = `(() => {
	const wide = document.documentElement.clientWidth;
	if (document.documentElement.scrollWidth <= wide) return "";
	const scrolls = e => { for (let p = e.parentElement; p; p = p.parentElement) if (getComputedStyle(p).overflowX !== "visible") return true; return false };
	const e = [...document.body.querySelectorAll("*")].find(e => e.getBoundingClientRect().right > wide + 1 && !scrolls(e));
	return "scrolls to " + document.documentElement.scrollWidth + " " + (e ? e.outerHTML.slice(0, 160) : "");
})()`

// Every target of a finger is at least 44 px high or wide enough apart: the
// bottom bar, buttons, fields, menu and lines of the phone.
func TestFingers(t *testing.T) {
	p := browser.Open(t, site(t))
	p.Size(390, 844)
	p.Go("/parts#menu")
	small := browser.Eval[[]string](p, `[...document.querySelectorAll(".tabs a, .nav a, .top a, .top summary, .btn, .entries a, .tiles a, input:not([type=checkbox]):not([type=radio]):not([type=hidden]), select, textarea, .check")]
		.filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML.slice(0, 120))`)
	for _, s := range small {
		t.Error("less than 44 px:", s)
	}
}

// A first visit on a phone takes at most 60 KB and four requests (issue 1).
func TestFirstVisit(t *testing.T) {
	p := browser.Open(t, site(t))
	p.Size(390, 844)
	visit := p.Visit("/members")
	if len(visit) > 4 || visit.Bytes() > 48<<10 { // the page here is sent unpacked
		t.Errorf("%d requests, %d bytes\n%s", len(visit), visit.Bytes(), visit)
	}
}

// law: PL-29
func TestNoEnglish(t *testing.T) {
	for _, c := range []templ.Component{ui.Parts(), ui.Bare("登录"), ui.Outage("01JD-8K3M")} {
		var b strings.Builder
		r := httptest.NewRequest("GET", "/parts", nil)
		if err := c.Render(ui.With(r.Context(), desk(r)), &b); err != nil {
			t.Fatal(err)
		}
		root, err := html.Parse(strings.NewReader(b.String()))
		if err != nil {
			t.Fatal(err)
		}
		if words := webtest.EnglishWords(webtest.Text(root)); len(words) > 0 {
			t.Errorf("English words: %v", words)
		}
	}
}
