package hall_test

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"unionhall/grassroots/finance/closing"
	"unionhall/kit/webtest"
)

// walker asks with p's session and follows where it is led, as a browser does.
func (p person) walker() *http.Client {
	return &http.Client{Transport: signed{p.cookie}, Timeout: time.Minute}
}

type signed struct{ cookie string }

func (s signed) RoundTrip(hr *http.Request) (*http.Response, error) {
	hr = hr.Clone(hr.Context())
	hr.Header.Set("Cookie", s.cookie)
	return still.Transport.RoundTrip(hr)
}

// leaks are traces of the program that no person should meet.
var leaks = []*regexp.Regexp{
	regexp.MustCompile(`%!\w?\(`), regexp.MustCompile(`\b(nil|NaN|undefined|panic|goroutine|runtime error)\b`), regexp.MustCompile(`map\[`),
	regexp.MustCompile(`0001-01-01`), regexp.MustCompile(`[a-z]+\.[A-Z]\w+\{`), regexp.MustCompile(`sql: |SQLITE_|pq: |ERROR:`),
}

// walk crawls the house as a login.
func (s *stand) walk(t *testing.T, login string, visit func(webtest.Page)) {
	t.Helper()
	webtest.CrawlBy(t, s.as(t, login).walker(), s.url+"/", s.shape(), visit)
}

// route tells by which route an address is answered, and which tab it opens.
func (s *stand) route() func(path string) (pattern, tab string) {
	mux := http.NewServeMux()
	for _, rt := range s.house.Routes() {
		mux.HandleFunc(rt.Pattern, http.NotFound)
	}
	return func(path string) (string, string) {
		hr, err := http.NewRequest(http.MethodGet, path, nil)
		if err != nil {
			return path, ""
		}
		_, pattern := mux.Handler(hr)
		if pattern == "" {
			pattern = "GET " + hr.URL.Path
		}
		return pattern, hr.URL.Query().Get("tab")
	}
}

// shape tells which addresses a crawl need not all read: those of one route,
// tab and manner of asking. Each page of the manual has words of its own.
func (s *stand) shape() func(path string) string {
	route := s.route()
	return func(path string) string {
		pattern, tab := route(path)
		if pattern == "GET /help/{page}" {
			return path
		}
		_, query, _ := strings.Cut(webtest.Shape(path), "?")
		if n := strings.Count(query, "&"); n > 1 { // which of many filters are set together makes no page of another kind
			query = strconv.Itoa(n)
		}
		return pattern + " " + tab + " " + query
	}
}

// forms are pages that a form leads to and no link, and those that only the
// page of something that was brought in, run or ended leads to.
var forms = []string{"GET " + members + "/many", "GET /grassroots/registry/applications/many", "GET /law/calendar/new", "GET /grassroots/registry/imports/{id}/members",
	"GET " + closing.Runs, "GET " + closing.Runs + "/{run}", "GET " + closing.Openings + "/files/{file}", "GET " + closing.Moves + "/{union}"}

// logins may be read where accounts are shown.
func loginsOn(url string) []string {
	if strings.HasPrefix(url, "/account") || strings.HasPrefix(url, "/system/accounts") {
		return keys(offices)
	}
	return nil
}

// PL-29, S01: no link that a page offers leads nowhere, and no page holds a word of
// English or of the program's own, for any role. Every page that is there can
// be reached by links.
func TestCrawl(t *testing.T) {
	each(t, func(t *testing.T, s *stand) {
		s.livedIn(t)
		logins, seen := keys(offices), map[string]bool{}
		if s.engine != "sqlite" {
			logins = []string{"officer", "member"} // the words are the same; the queries are not
		}
		for _, login := range logins {
			t.Run(login, func(t *testing.T) {
				n := 0
				s.walk(t, login, func(p webtest.Page) {
					n++
					path, _, _ := strings.Cut(p.URL, "?")
					seen[path] = true
					if words := webtest.EnglishWords(p.Text, loginsOn(path)...); len(words) > 0 {
						t.Errorf("%s (from %s) says %v", p.URL, p.From, words)
					}
					for _, l := range leaks {
						if m := l.FindString(p.Text); m != "" {
							t.Errorf("%s (from %s) shows %q", p.URL, p.From, m)
						}
					}
				})
				if n < 8 {
					t.Errorf("%s finds only %d pages", login, n)
				}
			})
		}
		if s.engine == "sqlite" {
			// the crawl reads a few unions only; this one lacks consents and a chair
			for page, link := range map[string]string{
				s.moved + "?tab=bodies":                              `/grassroots/registry/seats/[^/"]+/consents`,
				strings.Replace(s.moved, unions, terms+"/unions", 1): terms + `/bodies/[^/"]+/lead`,
			} {
				at := regexp.MustCompile(link).FindString(string(s.as(t, "officer").page(t, page).body))
				if a := s.as(t, "officer").page(t, at); at != "" && a.code == 200 {
					seen[at] = true
				}
			}
			s.allLinked(t, keys(seen))
		}
	})
}

func (s *stand) allLinked(t *testing.T, seen []string) {
	t.Helper()
	d, param := s.document(t), regexp.MustCompile(`\\\{[^/]+\\\}`)
	for _, rt := range s.house.Routes() {
		method, path, _ := strings.Cut(rt.Pattern, " ")
		if _, isPage := d.answers(rt.Pattern); method != "GET" || !isPage || rt.Needs == "" || slices.Contains(forms, rt.Pattern) {
			continue
		}
		like := regexp.MustCompile("^" + param.ReplaceAllString(regexp.QuoteMeta(strings.TrimSuffix(path, "{$}")), `[^/]+`) + "$")
		if !slices.ContainsFunc(seen, like.MatchString) {
			t.Errorf("no page leads to %s", rt.Pattern)
		}
	}
}

func keys[V any](m map[string]V) (out []string) {
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
