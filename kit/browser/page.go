package browser

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdp "github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// patience is how long a step may take before the test fails.
const patience = 20 * time.Second

// Page is a tab with cookies of its own: a person at a desk or a phone.
type Page struct {
	t    testing.TB
	ctx  context.Context
	base string
	net  *network
}

// Open opens a tab for the site at base, such as the address of an httptest
// server, and closes it when the test ends. The test fails if by then the
// console has shown an error or a request has gone to another site. Without
// Chromium it is skipped, with CI=true it fails.
func Open(t testing.TB, base string) *Page {
	t.Helper()
	if testing.Short() {
		t.Skip("a journey through Chromium, left out by -short")
	}
	root, err := chromium()
	if errors.Is(err, errMissing) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	p := &Page{t: t, base: strings.TrimSuffix(base, "/"), net: newNetwork(base)}
	ctx, cancel := chromedp.NewContext(root, chromedp.WithNewBrowserContext(), chromedp.WithListener(p.net.hear))
	p.ctx = ctx
	t.Cleanup(func() {
		if t.Failed() {
			p.keep()
		}
		cancel()
		for _, c := range p.net.complaints() {
			t.Error(c)
		}
	})
	if err := chromedp.Do(ctx); err != nil { // the tab lives as long as this context
		t.Fatal("open a tab:", err)
	}
	p.Size(1366, 768)
	return p
}

// keep leaves a picture of the failure where go test -artifacts asks for it.
func (p *Page) keep() {
	if f := flag.Lookup("test.artifacts"); f == nil || f.Value.String() != "true" {
		return
	}
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(p.t.ArtifactDir(), rand.Text()+".png"), png, 0o600)
	}
	if err != nil {
		p.t.Log("no picture of the failure:", err)
	}
}

// do takes one step, or ends the test.
func (p *Page) do(a chromedp.Action[chromedp.Void], what string, args ...any) {
	p.t.Helper()
	run(p, a, what, args...)
}

func run[T any](p *Page, a chromedp.Action[T], what string, args ...any) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		p.t.Fatalf("%s: %v", fmt.Sprintf(what, args...), err)
	}
	return v
}

// Go goes to a path of the site and waits until the page is at rest.
func (p *Page) Go(path string) {
	p.t.Helper()
	p.do(chromedp.Navigate(p.base+path), "go to %s", path)
	p.Wait()
}

// Cookie gives the tab a cookie of the site, such as a session that was opened
// elsewhere.
func (p *Page) Cookie(name, value string) {
	p.t.Helper()
	done, err := chromedp.Call(p.ctx, cdp.SetCookie, cdp.SetCookieParams{Name: name, Value: value, URL: p.base})
	if err != nil {
		p.t.Fatalf("cookie %s: %v %v", name, err, done)
	}
}

// Path is where the page stands, with its query.
func (p *Page) Path() string {
	p.t.Helper()
	u, err := url.Parse(run(p, chromedp.Location(), "ask where"))
	if err != nil {
		p.t.Fatal(err)
	}
	return u.RequestURI()
}

// Status is the answer of the last document, such as 200.
func (p *Page) Status() int { return p.net.lastStatus() }

// Size sets the window, in CSS pixels. What is narrower than a tablet is a
// phone with touch.
func (p *Page) Size(width, height int64) {
	p.t.Helper()
	var opts []chromedp.EmulateViewportOption
	if width < 600 {
		opts = append(opts, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait)
	}
	p.do(chromedp.EmulateViewport(width, height, opts...), "size %d×%d", width, height)
}

// Dark makes the system prefer dark colours, or light ones again.
func (p *Page) Dark(dark bool) {
	p.t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	p.media(emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
}

// OnPaper shows the page as its print style has it, or on screen again.
func (p *Page) OnPaper(paper bool) {
	p.t.Helper()
	m := emulation.SetEmulatedMediaParams{}
	if paper {
		m.Media = "print"
	}
	p.media(m)
}

func (p *Page) media(m emulation.SetEmulatedMediaParams) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, m)
	if err != nil {
		p.t.Fatal(err)
	}
}

// Wait returns once the page is at rest: loaded, nothing on the wire, no htmx
// swap under way, two looks in a row.
func (p *Page) Wait() {
	p.t.Helper()
	const rest = `document.readyState === "complete" && !document.querySelector(".htmx-request,.htmx-swapping,.htmx-settling,.htmx-added")`
	deadline := time.Now().Add(patience)
	for quiet := 0; quiet < 2; {
		ctx, cancel := context.WithTimeout(p.ctx, patience)
		still, err := chromedp.Run(ctx, chromedp.Evaluate[bool](rest))
		cancel()
		if err == nil && still && p.net.idle() { // an error is a page that is just leaving
			quiet++
		} else {
			quiet = 0
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("the page does not come to rest: %v, on the wire: %v", err, p.net.pending())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// See waits until the text is on the page, or ends the test.
func (p *Page) See(text string) {
	p.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		p.Wait()
		seen := p.Text()
		if strings.Contains(seen, text) {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%q is not on %s:\n%s", text, p.Path(), seen)
		}
	}
}

// Text is what the page shows, as a person would copy it.
func (p *Page) Text() string {
	p.t.Helper()
	return run(p, chromedp.Evaluate[string](`document.body ? document.body.innerText : ""`), "read the text")
}

// HTML is the page as it stands now.
func (p *Page) HTML() string {
	p.t.Helper()
	return run(p, chromedp.Evaluate[string](`document.documentElement.outerHTML`), "read the page")
}

// Eval asks the page for the value of an expression.
func Eval[T any](p *Page, expression string) T {
	p.t.Helper()
	return run(p, chromedp.Evaluate[T](expression), "evaluate %s", expression)
}

// Screenshot writes a picture of the whole page to a PNG file.
func (p *Page) Screenshot(file string) {
	p.t.Helper()
	png := run(p, chromedp.FullScreenshot(100), "take a picture")
	if err := os.WriteFile(file, png, 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// PDF prints the page as its print style asks, A4 if it does not say.
func (p *Page) PDF() []byte {
	p.t.Helper()
	return run(p, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4), chromedp.PDFPrintBackground(), chromedp.PDFPreferCSSPageSize()), "print")
}
