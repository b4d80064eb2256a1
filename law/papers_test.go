package law

import (
	"slices"
	"strings"
	"testing"
)

// LEG-02 … LEG-06, ORG-02, ORG-05: every kind of case has a chain of approval
// and papers that must be there, each by a clause that the rulebook has.
func TestPapers(t *testing.T) {
	for kind := range strings.FieldsSeq("found rename move merge dissolve register change renew extend replace cancel") {
		if c, err := Shipped.Chain("chain."+kind, PlaceOf(2106000001), "2026-11-26"); err != nil || len(c) < 2 {
			t.Errorf("chain of %s: %v, %v", kind, c, err)
		}
		seen, must := []string{}, 0
		for _, n := range PapersOf(kind, PlaceOf(2106000001)) {
			if _, ok := RuleOf(n.Rule); !ok || n.Name == "" || n.Citation == "" || slices.Contains(seen, n.ID) || !slices.Contains([]string{Must, May, OfPremises, BeyondPremise}, n.When) {
				t.Errorf("%s: %+v", kind, n)
			}
			if n.When == Must {
				must++
			}
			seen = append(seen, n.ID)
		}
		if must == 0 {
			t.Errorf("%s asks for no paper", kind)
		}
	}
	if got := PapersOf("found", Place{"110000"}); got != nil {
		t.Errorf("a place without the nation: %v", got)
	}
}

// ORG-02: what a chain says of its stages.
func TestChain(t *testing.T) {
	c, err := Param{Kind: Ladder, Value: "工委签署意见，市总工会批准,省总工会备案"}.Chain()
	if err != nil || c.String() != "工委签署意见,市总工会批准,省总工会备案" || !c.Decides(0) || c.Decides(1) || c.Decides(9) {
		t.Errorf("%v, %v", c, err)
	}
	n, err := Shipped.Pattern("reply.pattern", Nation, "2026-11-26")
	if err != nil || n.Of(2026, 3) != "工复〔2026〕3号" {
		t.Errorf("PL-26 %s, %v", n.Of(2026, 3), err)
	}
}
