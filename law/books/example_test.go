package books

import (
	"testing"

	"unionhall/kit/day"
)

func given(pairs ...string) map[string]string {
	out := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = pairs[i+1]
	}
	return out
}

// Example 1 of the field notes: payroll 500,000, two per cent, 60 to 40.
func TestExampleAllocation(t *testing.T) {
	l := &ledger{system: A21}
	l.event(t, 1, "allocation", given("amount", yuan("500000").Share(2, 100).String(), "up", "40"))
	if y := l.year(1); y.Closing("402", "") != yuan("6000") || y.Closing("211", "") != yuan("4000") || y.Closing("102", "") != yuan("10000") {
		t.Errorf("J02: 402 %s, 211 %s", y.Closing("402", ""), y.Closing("211", ""))
	}
	l.event(t, 1, "remit", given("amount", "4000"))
	if y := l.year(1); y.Closing("211", "") != 0 {
		t.Errorf("J03: 211 is %s", y.Closing("211", ""))
	}
	l.close(t, 1)
	unbroken(t, l, 1, false)
	want(t, show(t, "2021-02", l.month(1), false), "R07", "6000.00", "R05", "6000.00", "R27", "6000.00")
	want(t, show(t, "2021-01", l.year(1), false), "A01", "6000.00", "N04", "6000.00", "T01", "6000.00", "L02", "0.00")
}

// F1.14: the rest of a share that is no whole fen stays with the receiver.
func TestExampleRest(t *testing.T) {
	l := &ledger{system: A21}
	l.event(t, 1, "allocation", given("amount", "10000.01", "up", "40"))
	if y := l.year(1); y.Closing("402", "") != yuan("6000.01") || y.Closing("211", "") != yuan("4000") {
		t.Errorf("402 %s, 211 %s", y.Closing("402", ""), y.Closing("211", ""))
	}
}

// F1.14: two halves of a fen are one, not two.
func TestExampleHalves(t *testing.T) {
	l := &ledger{system: A21}
	l.event(t, 1, "collected", given("amount", "0.01", "up", "50", "down", "50"))
	if y := l.year(1); y.Closing("211", "") != 1 || y.Closing("21202", "") != 0 || y.Closing("402", "") != 0 {
		t.Errorf("211 %s, 21202 %s", y.Closing("211", ""), y.Closing("21202", ""))
	}
}

// Example 3: tax collection of 50,000, own 15, up 25, down 60.
func TestExampleCollection(t *testing.T) {
	l := &ledger{system: A21}
	l.event(t, 1, "collected", given("amount", "50000", "up", "25", "down", "60", "pool", "10202"))
	y := l.year(1)
	if y.Closing("402", "") != yuan("7500") || y.Closing("211", "") != yuan("12500") || y.Closing("21202", "") != yuan("30000") {
		t.Errorf("J06: %s %s %s", y.Closing("402", ""), y.Closing("211", ""), y.Closing("21202", ""))
	}
	l.event(t, 1, "pass_down", given("amount", "30000", "party", "甲工会", "pool", "10202"))
	l.event(t, 1, "own_share", given("amount", "7500", "pool", "10202"))
	l.event(t, 1, "remit", given("amount", "12500", "bank", "10202"))
	if got := y.Closing("10202", ""); got != 0 {
		t.Errorf("J07: the collection account holds %s", got)
	}
	l.close(t, 1)
	unbroken(t, l, 1, false)
}

// Example 4: 200 of goods bought for prizes, 150 given out.
func TestExampleStock(t *testing.T) {
	l := &ledger{system: A21, opening: []Balance{{Account: "102", Amount: yuan("1000")}, {Account: "32205", Amount: yuan("1000")}}}
	l.event(t, 1, "stock_bought", given("amount", "200", "expense", "50102", "source", FR))
	l.event(t, 1, "stock_out", given("amount", "150"))
	l.close(t, 1)
	unbroken(t, l, 1, false)
	want(t, show(t, "2021-02", l.month(1), false), "R16", "200.00")
	want(t, show(t, "2021-01", l.year(1), false), "A07", "50.00", "N01", "50.00", "N04", "800.00")

	old := &ledger{system: A09, opening: []Balance{{Account: "102", Amount: yuan("1000")}, {Account: "331", Amount: yuan("1000")}}}
	old.event(t, 1, "stock_bought", given("amount", "200"))
	old.event(t, 1, "stock_out", given("amount", "150", "expense", "50102"))
	unbroken(t, old, 1, false)
	want(t, show(t, "2009-02", old.month(1), false), "X501", "150.00", "X50102", "150.00", "R999", "-150.00")
	want(t, show(t, "2009-01", old.year(1), false), "A141", "50.00", "N331", "850.00")
}

// Example 5: a computer of 6,000 bought in March.
func TestExampleComputer(t *testing.T) {
	l := &ledger{system: A21, opening: []Balance{{Account: "102", Amount: yuan("10000")}, {Account: "32205", Amount: yuan("10000")}}}
	l.event(t, 3, "asset_bought", given("amount", "6000", "capital", "50702", "source", FR))
	d := Depreciation{Cost: yuan("6000"), Years: 6, From: "2024-03-31"}
	for m, on := range []string{"2024-03-01", "2024-04-30"} {
		l.event(t, 3+m, "depreciation", given("amount", d.On(day.Day(on), "").String()))
		l.close(t, 3+m)
	}
	unbroken(t, l, 4, false)
	want(t, show(t, "2021-02", l.month(3), false), "R22", "6000.00", "R15", "6000.00")
	want(t, show(t, "2021-02", l.month(4), false), "R22", "0.00", "R15", "0.00")
	want(t, show(t, "2021-01", l.year(4), false), "A11", "6000.00", "A12", "166.66", "A13", "5833.34", "N01", "5833.34")
	want(t, show(t, "2021-a3", l.month(4), false), "E08", "83.33", "E11", "83.33")
}

// Example 6: 900 of quota in, 600 spent, 50 not issued, direct budget 1,120
// with 1,100 used.
func TestExampleQuota(t *testing.T) {
	l := &ledger{system: A21}
	l.event(t, 5, "treasury_direct", given("amount", "1100", "expense", "50602", "project", "公用经费"))
	l.event(t, 6, "quota", given("amount", "900", "project", "公用经费"))
	l.event(t, 7, "quota_spent", given("amount", "600", "expense", "50404", "project", "公用经费"))
	l.event(t, 12, "quota_cancelled", given("amount", "300"))
	l.event(t, 12, "quota_unissued", given("amount", "50", "project", "公用经费"))
	l.event(t, 12, "direct_left", given("amount", "20", "project", "公用经费"))
	l.close(t, 12)
	unbroken(t, l, 12, true)
	y := l.year(12)
	for code, amount := range map[string]string{"111": "0", "12102": "350", "12101": "20", "33104": "370"} {
		if got := y.Closing(code, ""); got != yuan(amount) {
			t.Errorf("J15 J17: %s is %s", code, got)
		}
	}
	want(t, show(t, "2021-02", y, true), "R09", "2070.00", "R15", "1700.00", "R28", "370.00")
	y.project = "公用经费"
	want(t, show(t, "2021-a1", y, true), "C7", "2070.00", "C8", "1700.00", "C9", "370.00", "C10", "0.00")
}

// Example 7: bonds of 500 bought, 200 redeemed for 210.
func TestExampleBonds(t *testing.T) {
	l := &ledger{system: A21, opening: []Balance{{Account: "102", Amount: yuan("1000")}, {Account: "32205", Amount: yuan("1000")}}}
	l.event(t, 2, "invest", given("amount", "500"))
	l.event(t, 9, "redeem", given("amount", "210", "paid", "200", "source", FR))
	y := l.year(11)
	if y.Closing("322", "") != yuan("700") || y.Closing("151", "") != yuan("300") || y.Closing("30102", "") != yuan("300") || y.Closing("407", "") != yuan("10") {
		t.Errorf("J40: 322 %s, 151 %s, 407 %s", y.Closing("322", ""), y.Closing("151", ""), y.Closing("407", ""))
	}
	l.close(t, 12)
	unbroken(t, l, 12, true)
	want(t, show(t, "2021-02", l.year(12), true), "R01", "1000.00", "R27", "10.00", "R28", "710.00")
	l.event(t, 12, "invest", given("amount", "100"))
	l.posted[len(l.posted)-2].closing = true // hidden from the turnover of the year
	if got := Check(A21, l.year(12), true); len(got) != 1 || got[0].Rule != "K5" || got[0].Difference != -yuan("100") {
		t.Errorf("K5 without its term: %+v", got)
	}
}

// Example 8, F3.11: 25 that were paid too much last year come back.
func TestExamplePriorYear(t *testing.T) {
	l := &ledger{system: A21, opening: []Balance{{Account: "102", Amount: yuan("100")}, {Account: "32205", Amount: yuan("100")}}}
	l.event(t, 2, "prior_back", given("amount", "25", "adjust", "32201"))
	l.close(t, 12)
	unbroken(t, l, 12, true)
	want(t, show(t, "2021-02", l.year(12), true), "R04", "25.00", "R05", "0.00", "R28", "125.00")
}
