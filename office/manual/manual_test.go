package manual

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/kit/webtest"
	"unionhall/schema/dbtest"
)

func serve(t *testing.T, withParts bool) http.Handler {
	t.Helper()
	site := &web.Site{DB: dbtest.SQLite(t), Name: "职工之家", Now: time.Now}
	site.Who = func(*http.Request, *sqldb.Tx, day.Instant) (auth.Actor, string, error) { return auth.Actor{}, "", nil }
	site.Frame = func(*web.Request) (*ui.Frame, error) { return &ui.Frame{}, nil }
	h, err := site.Handler(Routes(withParts))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func get(h http.Handler, address, accept string) *httptest.ResponseRecorder {
	hr := httptest.NewRequest("GET", address, nil)
	hr.Header.Set("Accept", accept)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, hr)
	return w
}

// Every file is in the table of contents, opens for a stranger, and is whole
// and Chinese.
func TestEveryPage(t *testing.T) {
	h := serve(t, false)
	listed, err := files.ReadDir("pages")
	if err != nil || len(listed) != len(contents().entries) {
		t.Fatalf("%d files, %d in the contents, %v", len(listed), len(contents().entries), err)
	}
	var all Index
	if err := json.Unmarshal(get(h, "/help", "application/json").Body.Bytes(), &all); err != nil || len(all.Chapters) != len(parts) {
		t.Errorf("contents: %+v, %v", all, err)
	}
	addresses := []string{"/help"}
	for _, f := range listed {
		addresses = append(addresses, "/help/"+strings.TrimSuffix(f.Name(), ".md"))
	}
	leftover := regexp.MustCompile(`\*\*\p{Han}|\n#|\|--`)
	for _, a := range addresses {
		w := get(h, a, "text/html")
		if w.Code != 200 {
			t.Errorf("%s: %d", a, w.Code)
			continue
		}
		root, err := html.ParseWithOptions(w.Body, html.ParseOptionEnableScripting(false))
		if err != nil {
			t.Fatal(err)
		}
		text := webtest.Text(root)
		if words := webtest.EnglishWords(text); len(words) > 0 {
			t.Errorf("%s has English words: %v", a, words)
		}
		if m := leftover.FindString(text); m != "" {
			t.Errorf("%s shows its markup: %s", a, m)
		}
	}
	if w := get(h, "/help/nothing", "text/html"); w.Code != 404 {
		t.Errorf("no such page: %d", w.Code)
	}
	var p Page
	if err := json.Unmarshal(get(h, "/help/import", "application/json").Body.Bytes(), &p); err != nil || p.Title != "导入花名册" || p.Text == "" {
		t.Errorf("as a program reads it: %+v, %v", p, err)
	}
}

// What a page leads to within the manual is there.
func TestLinksLead(t *testing.T) {
	link := regexp.MustCompile(`\]\(/help/([a-z-]+)\)`)
	for _, e := range contents().entries {
		for _, m := range link.FindAllStringSubmatch(e.text, -1) {
			if _, ok := contents().at[m[1]]; !ok {
				t.Errorf("%s leads to %s, which is not there", e.name, m[1])
			}
		}
		if e.title == "" || strings.Contains(e.title, "#") || len(e.lead) < 10 {
			t.Errorf("%s is called %q: %q", e.name, e.title, e.lead)
		}
	}
}

func TestPageFor(t *testing.T) {
	id := "01930000-0000-7000-8000-00000000000a"
	for address, want := range map[string]string{
		"/": "desk", "/login": "sign-in", "/account/password": "sign-in", "/account/tokens": "tokens",
		"/grassroots/registry/unions": "unions", "/grassroots/registry/unions/" + id: "unions",
		"/grassroots/registry/unions/new": "union-changes", "/grassroots/registry/unions/" + id + "/merge": "union-changes",
		"/grassroots/registry/unions/" + id + "/bodies": "bodies", "/grassroots/registry/imports/" + id: "import",
		"/grassroots/registry/members/" + id: "members", "/system/accounts/" + id + "/trust": "trusted",
		"/law/params/org.audit.size": "rules", "/law/calendar": "calendar", "/audit/" + id: "log", "/setup": "setup",
		"/nowhere": "", "/nowhere/else": "", "/help/import": "",
	} {
		if got := PageFor(address); got != path.Join("/help", want) {
			t.Errorf("%s: %s", address, got)
		}
	}
	for address, name := range screens {
		if _, ok := contents().at[name]; !ok {
			t.Errorf("%s leads to %s, which is not there", address, name)
		}
	}
	for word, name := range acts {
		if _, ok := contents().at[name]; !ok {
			t.Errorf("%s leads to %s, which is not there", word, name)
		}
	}
}

func TestFind(t *testing.T) {
	found := Find("导入", 3)
	if len(found) != 3 || found[0].Title != "导入花名册" || found[1].Title != "撤销导入" || found[0].Href != "/help/import" {
		t.Errorf("found %+v", found)
	}
	if found := Find("没有这样的话", 3); len(found) != 0 {
		t.Errorf("found %+v", found)
	}
}

// The page of all parts is there in the demo, and only there.
func TestParts(t *testing.T) {
	if w := get(serve(t, true), "/help/parts", "text/html"); w.Code != 200 || !strings.Contains(w.Body.String(), "页面部件") {
		t.Errorf("in the demo: %d", w.Code)
	}
	if w := get(serve(t, false), "/help/parts", "text/html"); w.Code != 404 {
		t.Errorf("in a real office: %d", w.Code)
	}
}
