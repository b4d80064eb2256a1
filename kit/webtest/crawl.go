// Package webtest walks through a site as a signed-in person with neither
// script nor style: every link that a page offers, and every word on it.
package webtest

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Page is one answer that a person would read.
type Page struct {
	URL  string // path and query
	From string // the page whose link led here, "" for the start
	Text string // what is to be read on it, see Text
	Root *html.Node
}

// The most pages of one crawl, and of one shape: pages that differ by ids
// and values of the query alone.
const mostPages, mostAlike = 3000, 3

// Crawl asks for start, an absolute address, then for all that its links lead
// to on the same site, and hands every HTML page to visit once. A link that a
// page offers must lead somewhere: an answer of 400 and over fails the test.
// Of pages that differ by an id alone a few are read. Crawl only ever asks, it
// sends no form.
func Crawl(t testing.TB, client *http.Client, start string, visit func(Page)) {
	t.Helper()
	CrawlBy(t, client, start, Shape, visit)
}

// CrawlBy is Crawl for who knows better than Shape which addresses are of one
// shape. What has no shape is not read.
func CrawlBy(t testing.TB, client *http.Client, start string, shape func(path string) string, visit func(Page)) {
	t.Helper()
	base, err := url.Parse(start)
	if err != nil {
		t.Fatal(err)
	}
	type link struct{ to, from string }
	queue := []link{{base.RequestURI(), ""}}
	seen, alike, pages := map[string]bool{queue[0].to: true}, map[string]int{}, 0
	for ; len(queue) > 0; queue = queue[1:] {
		l := queue[0]
		like := shape(l.to)
		if alike[like]++; like == "" || alike[like] > mostAlike {
			continue
		}
		if pages++; pages > mostPages {
			t.Fatalf("more than %d pages; the last link is %s on %s", mostPages, l.to, l.from)
		}
		root, at, err := fetch(client, base, l.to)
		if err != nil {
			t.Errorf("%s, offered on %s: %v", l.to, l.from, err)
		}
		if root == nil {
			continue
		}
		visit(Page{l.to, l.from, Text(root), root})
		for _, to := range links(root, at) {
			if !seen[to] {
				seen[to] = true
				queue = append(queue, link{to, l.to})
			}
		}
	}
}

// fetch returns the page at a path of the site and where it stands after
// redirects. What is no page is nil.
func fetch(client *http.Client, base *url.URL, path string) (*html.Node, *url.URL, error) {
	to, err := base.Parse(path)
	if err != nil {
		return nil, nil, err
	}
	req, err := http.NewRequest(http.MethodGet, to.String(), nil)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Accept", "text/html")
	res, err := client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	if res.StatusCode >= 400 {
		err = fmt.Errorf("status %d", res.StatusCode)
	}
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if kind != "text/html" || res.Request.URL.Host != base.Host {
		return nil, nil, err
	}
	root, broken := html.ParseWithOptions(io.LimitReader(res.Body, 32<<20), html.ParseOptionEnableScripting(false)) // what stands for lack of script is read too
	if broken != nil {
		return nil, nil, broken
	}
	return root, res.Request.URL, err
}

// links lists the paths of the site that a page leads to, in its order.
func links(root *html.Node, at *url.URL) (out []string) {
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "a" {
			continue
		}
		i := slices.IndexFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "href" })
		if i < 0 {
			continue
		}
		to, err := at.Parse(n.Attr[i].Val)
		if err != nil || to.Host != at.Host || to.Scheme != at.Scheme {
			continue
		}
		out = append(out, to.RequestURI())
	}
	return out
}

var ids = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}|\d+`)

// Shape is an address without what changes from one thing to the next: pages
// of one shape are made by one part of the program.
func Shape(path string) string {
	u, err := url.Parse(path)
	if err != nil {
		return path
	}
	var keys []string
	for k := range u.Query() {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return ids.ReplaceAllString(u.Path, "#") + "?" + strings.Join(keys, "&")
}
