package browser

// overflow finds what sticks out of the window at its right, where a person
// could only see it by scrolling the whole page sideways. What scrolls within
// its own box, as broad tables do, is none.
const overflow = `(() => {
	const room = document.documentElement.clientWidth, wide = document.documentElement.scrollWidth;
	if (wide <= room) return [];
	const boxed = e => { for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) if (getComputedStyle(p).overflowX !== "visible") return true; return false };
	const out = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > room + 1 && !boxed(e))
		.map(e => e.cloneNode(false).outerHTML.slice(0, 120) + " reaches " + Math.round(e.getBoundingClientRect().right));
	return ["the page is " + wide + " wide in a window of " + room, ...out.slice(0, 5)];
})()`

// Fits fails the test if the page can be scrolled sideways.
func (p *Page) Fits() {
	p.t.Helper()
	p.Wait()
	for _, e := range Eval[[]string](p, overflow) {
		p.t.Errorf("%s: %s", p.Path(), e)
	}
}
