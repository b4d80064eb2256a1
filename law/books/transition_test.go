package books

import (
	"testing"

	"pgregory.net/rapid"
	"unionhall/kit/fault"
	"unionhall/kit/money"
)

// oldBooks are the closing balances of a union of 2021, by hand.
func oldBooks() []Balance {
	return []Balance{
		{Account: "101", Amount: yuan("1200")}, {Account: "102", Amount: yuan("300000")}, {Account: "11202", Amount: yuan("900")},
		{Account: "121", Party: "乙工会", Amount: yuan("5000")}, {Account: "13103", Amount: yuan("400")}, {Account: "132", Amount: yuan("3000")},
		{Account: "135", Party: "王某", Amount: yuan("800")}, {Account: "141", Amount: yuan("2500")}, {Account: "151", Amount: yuan("10000")},
		{Account: "161", Amount: yuan("7000")}, {Account: "162", Amount: yuan("90000")},
		{Account: "202", Amount: yuan("600")}, {Account: "211", Amount: yuan("1000")}, {Account: "221", Amount: yuan("20000")},
		{Account: "22203", Amount: yuan("700")}, {Account: "225", Party: "甲公司", Amount: yuan("1500")}, {Account: "231", Amount: yuan("4000")},
		{Account: "301", Amount: yuan("90000")}, {Account: "302", Amount: yuan("7000")}, {Account: "311", Amount: yuan("10000")},
		{Account: "32101", Amount: yuan("3000")}, {Account: "32103", Amount: yuan("2000")}, {Account: "322", Amount: yuan("30000")},
		{Account: "331", Amount: yuan("251000")},
	}
}

// T21: a whole move by hand.
func TestMove(t *testing.T) {
	steps, err := Move(oldBooks(), Analysis{FoundingDue: yuan("500"), FoundingOwed: yuan("2000"), BelowLimit: yuan("6000"), UsedUp: yuan("1000"),
		Software: yuan("9000"), Depreciation: yuan("30000"), Amortisation: yuan("4000"), EntrustedTill: yuan("200"),
		Carried: []Balance{{Account: "32104", Project: "帮扶", Amount: yuan("40000")}, {Account: "33104", Project: "维权", Amount: yuan("900")}}})
	if err != nil {
		t.Fatal(err)
	}
	// 331 251,000 and the funds 33,000, less stock 2,500 and the projects 40,900.
	want := map[string]string{
		"101": "1000", "10101": "200", "102": "296200", "10203": "3800", "12102": "900", "132": "2500", "135": "6700",
		"141": "7500", "151": "10000", "16101": "7000", "162": "75000", "163": "30000", "171": "9000", "172": "4000",
		"20103": "600", "211": "18000", "215": "5200", "221": "4000",
		"30101": "7500", "30102": "10000", "30103": "7000", "30104": "45000", "30105": "5000", "31101": "2000",
		"32104": "40000", "32205": "240600", "33104": "900",
	}
	opened := Opened(steps)
	got := map[string]money.Fen{}
	for _, b := range opened {
		got[b.Account] += b.Amount
		if b.Account == "32104" && b.Project != "帮扶" || b.Account == "33104" && b.Project != "维权" {
			t.Errorf("T21 %+v lost its project", b)
		}
	}
	for code, amount := range want {
		if got[code] != yuan(amount) {
			t.Errorf("T21 %s is %s, by hand %s", code, got[code], amount)
		}
		delete(got, code)
	}
	for code, amount := range got {
		t.Errorf("T21 %s is %s, nothing by hand", code, amount)
	}
	unbroken(t, &ledger{system: A21, opening: opened}, 1, false)
	if len(steps) != 11 || steps[0].Key != "transfer" || steps[10].Key != "surplus" {
		t.Errorf("T21 %d steps", len(steps))
	}
	for _, s := range steps {
		if err := Judge(A21, Voucher{Carry: true, Lines: s.Lines}, nil); err != nil || s.Title == "" || s.Paper == "" {
			t.Errorf("T21 %s: %v", s.Key, fault.Of(err))
		}
	}
}

func TestMoveRefuses(t *testing.T) {
	for _, c := range []struct {
		law  string
		edit func(old []Balance, a *Analysis) []Balance
		rule string
	}{
		{"T21 an account nobody states", func(old []Balance, _ *Analysis) []Balance { return append(old, Balance{Account: "999"}) }, "T21"},
		{"T21 income not closed", func(old []Balance, _ *Analysis) []Balance {
			return append(old, Balance{Account: "401", Amount: 1}, Balance{Account: "102", Amount: 1})
		}, "T21"},
		{"T21 unbalanced", func(old []Balance, _ *Analysis) []Balance { return append(old, Balance{Account: "102", Amount: 1}) }, "T21"},
		{"K7 funds unlike assets", func(old []Balance, _ *Analysis) []Balance {
			return append(old, Balance{Account: "162", Amount: 1}, Balance{Account: "331", Amount: 1})
		}, "K7"},
		{"T21 more below the limit than there is", func(old []Balance, a *Analysis) []Balance { a.BelowLimit = yuan("90000.01"); return old }, "T21"},
		{"T21 more used up than below", func(old []Balance, a *Analysis) []Balance { a.UsedUp = 1; return old }, "T21"},
		{"T21 more depreciation than cost", func(old []Balance, a *Analysis) []Balance { a.Depreciation = yuan("90001"); return old }, "T21"},
		{"T21 negative", func(old []Balance, a *Analysis) []Balance { a.Software = -1; return old }, "T21"},
		{"T21 more entrusted than cash", func(old []Balance, a *Analysis) []Balance { a.EntrustedTill = yuan("1201"); return old }, "T21"},
		{"T21 surplus to an account of another kind", func(old []Balance, a *Analysis) []Balance {
			a.Carried = []Balance{{Account: "341", Amount: 1}}
			return old
		}, "T21"},
		{"T21 earmarked without a project", func(old []Balance, a *Analysis) []Balance {
			a.Carried = []Balance{{Account: "32104", Amount: 1}}
			return old
		}, "T21"},
	} {
		var a Analysis
		old := c.edit(oldBooks(), &a)
		if _, err := Move(old, a); fault.Of(err).Kind != fault.Invalid || fault.Of(err).Rule != c.rule {
			t.Errorf("%s: %+v", c.law, fault.Of(err))
		}
	}
}

// T21: whatever the old books and the answers, the new books balance and hold
// their identities, and no money comes or goes.
func TestMoveKeepsIdentities(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		some := func(name string, most money.Fen) money.Fen {
			return money.Fen(rapid.Int64Range(0, int64(most)).Draw(t, name))
		}
		var old []Balance
		var debit money.Fen
		fixed := map[string]money.Fen{}
		for _, a := range Chart(A09) {
			if !a.Leaf || a.Class == Income || a.Class == Expense || a.Code == "331" {
				continue
			}
			amount := some(a.Code, 1_000_00)
			switch a.Code {
			case "101", "102":
				amount += 2_000_00
			case "301", "302", "311":
				amount = fixed[map[string]string{"301": "162", "302": "161", "311": "151"}[a.Code]]
			}
			fixed[a.Code] = amount
			old = append(old, Balance{Account: a.Code, Amount: amount})
			if a.Side == Credit {
				amount = -amount
			}
			debit += amount
		}
		old = append(old, Balance{Account: "331", Amount: debit}) // may be a deficit
		var a Analysis
		a.FoundingDue, a.FoundingOwed = some("due", fixed["132"]), some("owed", fixed["221"])
		a.BelowLimit = some("below", fixed["162"])
		a.UsedUp, a.Software = some("used", a.BelowLimit), some("software", fixed["162"]-a.BelowLimit)
		a.Depreciation, a.Amortisation = some("depreciation", fixed["162"]-a.BelowLimit-a.Software), some("amortisation", a.Software)
		a.EntrustedTill = some("till", fixed["231"])
		a.Carried = []Balance{{Account: "33104", Amount: 1 + some("carried", 500_00)}}
		steps, err := Move(old, a)
		if err != nil {
			t.Fatalf("%v", fault.Of(err))
		}
		l := &ledger{system: A21, opening: Opened(steps)}
		if broken := Check(A21, l.year(1), true); len(broken) > 0 && !(len(broken) == 1 && broken[0].Rule == "K6") {
			t.Fatalf("%+v", broken)
		}
		cash := fixed["101"] + fixed["102"]
		if got := l.year(1).Closing("101", "") + l.year(1).Closing("102", ""); got != cash {
			t.Fatalf("cash %s became %s", cash, got)
		}
	})
}
