package ui

import (
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"
)

func render(t *testing.T, f *Frame, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(With(context.Background(), f), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A first phone visit is 60 KB over the wire (issue 1): what this package
// sends leaves half of it to the page itself.
func TestWeight(t *testing.T) {
	for _, c := range []struct {
		name  string
		limit int
	}{{"unionhall.css", 11 << 10}, {"app.js", 6 << 10}, {"htmx.js", 17 << 10}} {
		if n := len(assets[c.name].packed().gzip); n > c.limit {
			t.Errorf("%s is %d bytes gzipped, more than %d", c.name, n, c.limit)
		}
	}
}

func TestAssetsAreServed(t *testing.T) {
	for name := range assets {
		r := httptest.NewRequest("GET", Asset(name), nil)
		r.Header.Set("Accept-Encoding", "gzip, br")
		w := httptest.NewRecorder()
		Assets().ServeHTTP(w, r)
		if w.Code != 200 || w.Header().Get("Content-Encoding") != "gzip" || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
	}
}

func TestLookComesBackHereOnly(t *testing.T) {
	for _, c := range []struct{ back, want string }{
		{"/grassroots?q=%E7%8E%8B", "/grassroots?q=%E7%8E%8B"},
		{"//elsewhere.example", "/"},
		{"https://elsewhere.example", "/"},
		{`/\elsewhere.example`, "/"},
		{"/\t/elsewhere.example", "/"},
		{"", "/"},
	} {
		w := httptest.NewRecorder()
		Assets().ServeHTTP(w, httptest.NewRequest("GET", lookURL("elder=1", c.back), nil))
		if got := w.Header().Get("Location"); got != c.want {
			t.Errorf("back %q leads to %q, want %q", c.back, got, c.want)
		}
		if c := w.Header().Get("Set-Cookie"); !strings.HasPrefix(c, "elder=1;") {
			t.Errorf("cookie %q", c)
		}
	}
}

// Every icon that a part names must have a drawing.
func TestIconsExist(t *testing.T) {
	used := regexp.MustCompile(`Icon\("([a-z0-9-]+)"\)|[Ii]con: +"([a-z0-9-]+)"|(?:Button|Press|Empty)\("([a-z0-9-]+)"`)
	sources, err := filepath.Glob("*.templ")
	if err != nil || len(sources) == 0 {
		t.Fatal("no templates found", err)
	}
	seen := 0
	for _, s := range sources {
		text, err := os.ReadFile(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range used.FindAllStringSubmatch(string(text), -1) {
			seen++
			if name := m[1] + m[2] + m[3]; glyph(name) == "" {
				t.Errorf("%s: no icon %q", s, name)
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d icons found in use: the pattern is blind", seen)
	}
	for _, k := range []Kind{OK, Warn, Bad, Info, Mute} {
		if glyph(k.icon()) == "" {
			t.Errorf("%s has no icon", k)
		}
	}
}

func TestShellOfAnEmptyFrame(t *testing.T) {
	for name, page := range map[string]string{
		"shell":  render(t, nil, Shell(Page{Title: "试"})),
		"bare":   render(t, &Frame{}, Bare("登录")),
		"outage": render(t, nil, Outage("01J9")),
	} {
		if !strings.HasPrefix(page, "<!doctype html>") || !strings.HasSuffix(page, "</html>") {
			t.Errorf("%s is not a whole page: %.60s…", name, page)
		}
		if strings.Contains(page, `action="/logout"`) {
			t.Errorf("%s lets nobody log out", name)
		}
	}
}

func TestRefusedKeepsTheOrderOfTheForm(t *testing.T) {
	got := Refused(map[string]string{"joined": "晚了", "": "整体", "name": "没有填"}, "name", "id_no", "joined")
	want := []FieldError{{"name", "没有填"}, {"joined", "晚了"}, {"", "整体"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", -1000: "-1,000", -100: "-100", 20014: "20,014", 1234567: "1,234,567"} {
		if got := count(n); got != want {
			t.Errorf("count(%d) = %s, want %s", n, got, want)
		}
	}
}

// A list page of fifty rows, whole, with shell and menu: at most 0.2 ms.
func BenchmarkList(b *testing.B) {
	var rows []partsRow
	for range 10 {
		rows = append(rows, partsRows...)
	}
	f := &Frame{Office: "滨江市直机关工会工委", SignedIn: true, Person: "周敏", Post: "组织干事", Key: func() string { return "0193" }}
	for range 3 {
		f.Menu = append(f.Menu, MenuGroup{"服务基层工作", []MenuItem{{Text: "会员会籍", Href: "/members", Icon: "users", On: true}, {Text: "工会组织", Href: "/unions", Icon: "sitemap", Count: "150"}, {Text: "换届改选", Href: "/election", Icon: "calendar-due"}}})
	}
	list := partsList(rows)
	page := Shell(Page{Title: "会员会籍", Lead: "工委所属的实名会员", Actions: partsActions()})
	n := &counter{}
	b.ReportAllocs()
	for b.Loop() {
		ctx := With(context.Background(), f)
		if err := page.Render(templ.WithChildren(ctx, list), n); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n.bytes)/float64(b.N), "bytes/page")
}

type counter struct{ bytes int }

func (c *counter) Write(p []byte) (int, error) { c.bytes += len(p); return len(p), nil }
