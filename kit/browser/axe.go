package browser

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// axe is axe-core 4.14.1 by Deque Systems, MPL-2.0. Only tests carry it.
//
//go:embed axe.min.js
var axe string

// Violation is a rule of accessibility that the page breaks.
type Violation struct {
	ID, Impact, Help string
	Nodes            []string // the places, as selectors and why
}

func (v Violation) String() string {
	return fmt.Sprintf("%s (%s): %s\n    %s", v.ID, v.Impact, v.Help, strings.Join(v.Nodes, "\n    "))
}

// Axe returns what axe finds on the page as it stands, of any impact.
func (p *Page) Axe() []Violation {
	p.t.Helper()
	p.Wait()
	p.do(chromedp.Evaluate[chromedp.Void](`if (!window.axe) {`+axe+`}`), "bring axe")
	await := func(e *runtime.EvaluateParams) { yes := true; e.AwaitPromise = &yes }
	return run(p, chromedp.Evaluate[[]Violation](`axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations.map(v => ({
		ID: v.id, Impact: v.impact, Help: v.help,
		Nodes: v.nodes.map(n => n.target.join(" ") + ": " + n.failureSummary.split("\n").slice(1).map(s => s.trim()).join("; ")),
	})))`, await), "run axe")
}

// Accessible fails the test for every finding of axe that is serious or
// critical.
func (p *Page) Accessible() {
	p.t.Helper()
	for _, v := range p.Axe() {
		if v.Impact == "serious" || v.Impact == "critical" {
			p.t.Errorf("%s: %s", p.Path(), v)
		}
	}
}
