package browser

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// find is the eye of the page's user. What it is given is a CSS selector if it
// is ASCII, and else the Chinese words that a person reads on or beside it. Of
// several that fit, the first whose words are exactly these is taken, then the
// first whose words hold them; what is not shown is not there.
const find = `
(what, kind) => {
	const shown = e => e.checkVisibility({visibilityProperty: true}) && e.getClientRects().length > 0;
	const clean = s => (s || "").replace(/\s+/g, " ").trim();
	const words = e => [clean(e.innerText), clean(e.value), clean(e.getAttribute("aria-label")), clean(e.title), clean(e.placeholder)];
	const among = css => [...document.querySelectorAll(css)].filter(shown);
	const pick = es => es.find(e => words(e).includes(what)) || es.find(e => words(e).some(w => w.includes(what)));
	if (/^[\x00-\x7f]*$/.test(what)) return among(what)[0] || document.querySelector(kind === "file" ? what : "no-such");
	const fields = "input:not([type=hidden]):not([type=submit]):not([type=button]),select,textarea";
	if (kind !== "click") {
		const label = pick([...document.querySelectorAll("label")].filter(l => l.control));
		return label ? label.control : pick(among(fields));
	}
	return pick(among("button,a,summary,label,input[type=submit],input[type=button],[role=button],[role=tab],[role=menuitem],[role=option],option"));
}`

// look runs a function of the page on the element that what names, or ends
// the test. The function may throw a sentence.
func look[T any](p *Page, kind, what, function string) T {
	p.t.Helper()
	p.Wait()
	quoted, err := json.Marshal(what)
	if err != nil {
		p.t.Fatal(err)
	}
	js := `(() => { const e = (` + find + `)(` + string(quoted) + `, "` + kind + `");
		if (!e) throw new Error("not on the page");
		return (` + function + `)(e) })()`
	return run(p, chromedp.Evaluate[T](js), "%s %q on %s", kind, what, p.Path())
}

type point struct{ X, Y float64 }

// middle brings the element into view and finds where a finger would meet it.
const middle = `e => {
	e.scrollIntoView({block: "center", inline: "center", behavior: "instant"});
	if (e.disabled) throw new Error("it is disabled");
	const r = e.getClientRects()[0], x = r.left + r.width / 2, y = r.top + r.height / 2;
	const top = document.elementFromPoint(x, y);
	if (!top || !(e.contains(top) || top.contains(e) || e.control === top)) throw new Error("covered by " + (top ? top.outerHTML.slice(0, 200) : "nothing"));
	return {X: x, Y: y};
}`

// Click presses a button, a link or whatever else carries the words or fits
// the CSS selector, with a real mouse at its middle, and waits for rest.
func (p *Page) Click(what string) {
	p.t.Helper()
	at := look[point](p, "click", what, middle)
	p.do(chromedp.MouseClickXY(at.X, at.Y), "click %q", what)
	p.react()
}

// Type replaces what stands in the field, which is named by its label or a
// CSS selector.
func (p *Page) Type(field, text string) {
	p.t.Helper()
	look[bool](p, "field", field, `e => { e.focus(); if (e.select) e.select(); return document.activeElement === e || (() => { throw new Error("it takes no focus") })() }`)
	if text == "" {
		p.Press("\b")
		return
	}
	p.do(func(ctx ctx, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, input.InsertText, input.InsertTextParams{Text: text})
		return chromedp.Void{}, err
	}, "type into %q", field)
	p.Wait()
}

// Set gives a field its value at once and tells the page: for dates, times
// and colours, whose typing differs by system.
func (p *Page) Set(field, value string) {
	p.t.Helper()
	quoted, err := json.Marshal(value)
	if err != nil {
		p.t.Fatal(err)
	}
	look[bool](p, "field", field, `e => { e.value = `+string(quoted)+`;
		for (const n of ["input", "change"]) e.dispatchEvent(new Event(n, {bubbles: true})); return true }`)
	p.Wait()
}

// Select chooses the option of a list by the words it shows.
func (p *Page) Select(field, option string) {
	p.t.Helper()
	quoted, err := json.Marshal(option)
	if err != nil {
		p.t.Fatal(err)
	}
	look[bool](p, "field", field, `e => { const o = [...e.options].find(o => o.text.trim() === `+string(quoted)+`);
		if (!o) throw new Error("it offers: " + [...e.options].map(o => o.text).join(", "));
		o.selected = true; for (const n of ["input", "change"]) e.dispatchEvent(new Event(n, {bubbles: true})); return true }`)
	p.Wait()
}

// Value is what stands in the field.
func (p *Page) Value(field string) string {
	p.t.Helper()
	return look[string](p, "field", field, `e => e.value`)
}

// Upload puts files into a file field.
func (p *Page) Upload(selector string, files ...string) {
	p.t.Helper()
	p.do(chromedp.SetUploadFiles(chromedp.CSS(selector), files, chromedp.NodeReady), "upload to %q", selector)
	p.Wait()
}

// Press presses keys, such as "\t", "\r" or "/" (package chromedp/kb).
func (p *Page) Press(keys string) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(keys), "press %q", keys)
	p.react()
}

// react gives the page the moment it needs to set out for another, which no
// sign of its own foretells, and waits for rest.
func (p *Page) react() {
	p.t.Helper()
	time.Sleep(60 * time.Millisecond)
	p.Wait()
}

// Focused is the element that has the keyboard, as its opening tag and words.
func (p *Page) Focused() string {
	p.t.Helper()
	return strings.TrimSpace(Eval[string](p, `(() => { const e = document.activeElement; return e.cloneNode(false).outerHTML.split("</")[0] + " " + (e.innerText || "") })()`))
}

// Login signs in through the page that a person would use.
func (p *Page) Login(login, password string) {
	p.t.Helper()
	p.Go("/login")
	p.Type("input[name=login]", login)
	p.Type("input[name=password]", password)
	p.Press("\r")
	if strings.HasPrefix(p.Path(), "/login") {
		p.t.Fatalf("%s cannot log in:\n%s", login, p.Text())
	}
}
