package books

import (
	"strings"
	"testing"

	"unionhall/kit/money"
)

// Every identity, broken once.
func TestCheck(t *testing.T) {
	for _, c := range []struct {
		law        string
		system     System
		opening    []Balance
		lines      []Line
		annual     bool
		rule       string
		difference money.Fen
	}{
		{"F3.1 K2 opening", A21, []Balance{{Account: "102", Amount: 5}}, nil, false, "K2", 5},
		{"K2 turnover", A21, nil, []Line{dr("102", "1")}, false, "K2", 1_00},
		{"K3 stock without its fund", A21, nil, []Line{dr("141", "3"), cr("102", "3")}, false, "K3", -3_00},
		{"K3 a fund of another kind", A21, nil, []Line{dr("141", "3"), cr("30104", "3")}, false, "K3", -3_00},
		{"K3 pending goods count", A21, nil, []Line{dr("162", "3"), cr("18201", "3")}, false, "", 0},
		{"K3 pending of which nobody knows", A21, nil, []Line{dr("162", "3"), cr("182", "3")}, false, "", 0},
		{"K3 pending does not explain more", A21, nil, []Line{dr("162", "3"), cr("182", "1"), cr("102", "2")}, false, "K3", -3_00},
		{"K4 cash short, pending", A21, []Balance{{Account: "101", Amount: 3_00}, {Account: "32205", Amount: 3_00}}, []Line{dr("182", "3"), cr("101", "3")}, false, "", 0},
		{"K4 money for an asset's fund", A21, nil, []Line{dr("102", "3"), cr("30104", "3")}, false, "K4", 3_00},
		{"K4 an open result counts", A21, nil, []Line{dr("102", "3"), cr("401", "3").of(FR, "")}, false, "", 0},
		{"K6 quota at the end of the year", A21, nil, []Line{dr("111", "3"), cr("32205", "3")}, true, "K6", 3_00},
		{"K6 pending", A21, nil, []Line{dr("182", "3"), cr("102", "3")}, true, "K6", 3_00},
		{"K6 a detail of the year", A21, []Balance{{Account: "102", Amount: 3_00}, {Account: "32203", Amount: 3_00}}, nil, true, "K6", 3_00},
		{"K6 the accumulated may stay", A21, []Balance{{Account: "102", Amount: 3_00}, {Account: "32205", Amount: 2_00}, {Account: "33104", Amount: 1_00}}, nil, true, "", 0},
		{"K6 income not carried", A21, nil, []Line{dr("102", "3"), cr("401", "3").of(FR, "")}, true, "K6", 3_00},
		{"K6 2009 likewise", A09, nil, []Line{dr("102", "3"), cr("401", "3")}, true, "K6", 3_00},
		{"K7 fixed assets", A09, nil, []Line{dr("162", "3"), cr("102", "3")}, false, "K7", -3_00},
		{"K7 works", A09, nil, []Line{dr("102", "3"), cr("302", "3")}, false, "K7", 3_00},
		{"K7 investments", A09, nil, []Line{dr("151", "3"), cr("102", "3")}, false, "K7", -3_00},
		{"K9 in the wrong bank account", A21, nil, []Line{dr("102", "3"), cr("221", "3")}, false, "K9", 3_00},
		{"K9 apart", A21, nil, []Line{dr("10203", "3"), cr("221", "3")}, false, "", 0},
	} {
		l := &ledger{system: c.system, opening: c.opening}
		for _, line := range c.lines {
			l.posted = append(l.posted, posting{1, false, line})
		}
		broken := Check(c.system, l.year(12), c.annual)
		if c.rule == "" && len(broken) > 0 || c.rule != "" && len(broken) == 0 {
			t.Errorf("%s: %+v", c.law, broken)
			continue
		}
		if c.rule == "" {
			continue
		}
		found := false
		for _, b := range broken {
			found = found || b.Rule == c.rule && b.Difference == c.difference
			if !strings.HasSuffix(b.Text, "。") || strings.Contains(b.Text, "%!") {
				t.Errorf("%s: %s", c.law, b.Text)
			}
		}
		if !found {
			t.Errorf("%s: %+v", c.law, broken)
		}
	}
}

func TestAgree(t *testing.T) {
	r := Reconciliation{Book: 1000_00, BankReceived: 50_00, BankPaid: 5_00, Bank: 1100_00, BookReceived: 20_00, BookPaid: 75_00}
	if book, bank, ok := r.Agree(); !ok || book != 1045_00 || bank != 1045_00 {
		t.Errorf("K8 %s %s", book, bank)
	}
	r.BankPaid = 0
	if _, _, ok := r.Agree(); ok {
		t.Error("K8 agrees with 5 yuan amiss")
	}
	if _, _, ok := (Reconciliation{Book: 12_00, Bank: 11_99}).Agree(); ok {
		t.Error("K8 a till a fen short")
	}
}
