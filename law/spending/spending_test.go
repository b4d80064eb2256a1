package spending

import (
	"testing"

	"unionhall/kit/day"
	"unionhall/kit/money"
)

// The rules are whole: every one has an id, a source, an occasion and a
// day from which it holds, and what overrides another names one that is there.
func TestRules(t *testing.T) {
	ids := map[string]bool{}
	for _, r := range Rules() {
		ids[r.ID] = true
		if r.ID == "" || r.Citation == "" || len(r.Triggers) == 0 || r.Triggers[0] == "" || r.To != "" && r.To < r.From {
			t.Errorf("rule %+v", r)
		}
	}
	if len(Rules()) < 70 {
		t.Errorf("only %d rules", len(Rules()))
	}
	for _, id := range []string{"N11", "N14", "N15", "L09"} {
		if !ids[id] {
			t.Errorf("%s is not there", id)
		}
	}
}

func TestOuting(t *testing.T) {
	for _, c := range []struct {
		law  string
		days int
		on   day.Day
		rule string
	}{
		{"L09: three days in Liaoning, 2025", 3, "2025-06-10", "L09"},
		{"N15: two days in 2018", 2, "2018-06-10", "N15"},
		{"L09: two days in Liaoning, 2025", 2, "2025-06-10", ""},
		{"N15: the day before L09", 2, "2025-04-30", "N15"},
		{"L09: its first day", 2, "2025-05-01", ""},
		{"N15: a day out and back", 1, "2018-06-10", ""},
	} {
		if got := Outing(c.days, "LN", c.on); got.Rule.ID != c.rule || got.Blocked != (c.rule != "") {
			t.Errorf("%s: %+v", c.law, got)
		}
	}
}

func TestTopUp(t *testing.T) {
	for _, c := range []struct {
		law                string
		cost, dues, excess money.Fen
	}{
		{"N14: tickets of 9,000 upon dues of 2,000", 9_000_00, 2_000_00, 1_000_00},
		{"N14: just three times the dues", 8_000_00, 2_000_00, 0},
		{"N14: a fen more", 8_000_01, 2_000_00, 1},
		{"N14: dues are enough", 1_500_00, 2_000_00, 0},
	} {
		if got := TopUp(c.cost, c.dues, "LN", "2025-06-10"); got.Excess != c.excess || got.Blocked != (c.excess > 0) {
			t.Errorf("%s: %+v", c.law, got)
		}
	}
}

func TestPrizes(t *testing.T) {
	for _, c := range []struct {
		law     string
		winners int
		blocked bool
	}{{"N11: 21 of 30", 21, true}, {"N11: 20 of 30", 20, false}} {
		if got := Prizes(c.winners, 30, "LN", "2025-06-10"); got.Blocked != c.blocked {
			t.Errorf("%s: %+v", c.law, got)
		}
	}
}
