package bill_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"unionhall/grassroots/finance/bill"
	"unionhall/kit/day"
	"unionhall/kit/money"
	"unionhall/law/books"
)

var usual = bill.Limits{SplitDays: 7, Split: 5000_00, BurstDays: 3, BurstShare: [2]int64{50, 100}, BurstVouchers: 3, Round: 10000_00}

var weekday = day.Calendar{}.Workday

// slip is a voucher that pays a party.
func slip(n int, on day.Day, who string, yuan money.Fen) bill.Slip {
	return bill.Slip{ID: fmt.Sprintf("v%d", n), Number: int64(n), Month: on.Month(), Date: on, Summary: "活动", Maker: "a", Reviewer: "b", Poster: "a", Lines: []books.Line{
		{Account: "50105", Debit: yuan * 100, Party: who}, {Account: "102", Credit: yuan * 100}}}
}

func kindsOf(fs []bill.Flag) string {
	var out []string
	for _, f := range fs {
		out = append(out, string(f.Kind)+fmt.Sprint(len(f.Vouchers)))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func TestJudge(t *testing.T) {
	red := slip(2, "2026-03-05", "甲", 3000)
	red.Red = true
	same := slip(1, "2026-03-05", "", 5)
	same.Reviewer = "a"
	self := bill.Slip{ID: "v1", Number: 1, Month: 3, Date: "2026-03-05", Maker: "a", Reviewer: "b", Poster: "a", Lines: []books.Line{{Account: "102", Debit: 100_00}, {Account: "402", Credit: 60_00}, {Account: "211", Credit: 40_00}}}
	slipped, taxed := self, self
	slipped.Receipts, taxed.Event = 1, "collected"
	for _, c := range []struct {
		law   string
		slips []bill.Slip
		want  string
	}{
		{"S2-47 two payments within seven days that reach the sum", []bill.Slip{slip(1, "2026-03-02", "甲", 2500), slip(2, "2026-03-09", "甲", 2500)}, "split2"},
		{"S2-47 eight days apart", []bill.Slip{slip(1, "2026-03-02", "甲", 2500), slip(2, "2026-03-10", "甲", 2500)}, ""},
		{"S2-47 a fen short", []bill.Slip{slip(1, "2026-03-02", "甲", 2500), slip(2, "2026-03-03", "甲", 2499)}, ""},
		{"S2-47 two payees", []bill.Slip{slip(1, "2026-03-02", "甲", 2500), slip(2, "2026-03-03", "乙", 2500)}, ""},
		{"S2-47 one above the limit is no split", []bill.Slip{slip(1, "2026-03-02", "甲", 5000), slip(2, "2026-03-03", "甲", 10)}, ""},
		{"S2-47 what was cancelled does not count", []bill.Slip{slip(1, "2026-03-02", "甲", 2500), red}, ""},
		{"S2-47 three on the last three days", []bill.Slip{slip(1, "2026-03-27", "", 40), slip(2, "2026-03-30", "", 10), slip(3, "2026-03-31", "", 20), slip(4, "2026-03-31", "", 10)}, "burst3"},
		{"S2-47 below half of the month", []bill.Slip{slip(1, "2026-03-27", "", 41), slip(2, "2026-03-30", "", 10), slip(3, "2026-03-31", "", 20), slip(4, "2026-03-31", "", 10)}, ""},
		{"S2-47 a round sum", []bill.Slip{slip(1, "2026-03-05", "", 20000)}, "round1"},
		{"S2-47 not round", []bill.Slip{slip(1, "2026-03-05", "", 20001)}, ""},
		{"S2-47 a Saturday", []bill.Slip{slip(1, "2026-03-07", "", 5)}, "weekend1"},
		{"F3.23 one person makes and reviews", []bill.Slip{same}, "same1"},
		{"F1.21 self-payment without a receipt", []bill.Slip{self}, "noslip1"},
		{"F1.21 with its receipt", []bill.Slip{slipped}, ""},
		{"F1.20 the tax bureau's slip serves", []bill.Slip{taxed}, ""},
	} {
		if got := kindsOf(bill.Judge(c.slips, usual, weekday)); got != c.want {
			t.Errorf("%s: %q, want %q", c.law, got, c.want)
		}
	}
}

func TestSettle(t *testing.T) {
	move := func(on day.Day, account, party string, debit, credit money.Fen) bill.Move {
		return bill.Move{Account: account, Party: party, Date: on, Month: on.Month(), Voucher: string(on) + party, Year: on.Year(), Summary: "往来", Debit: debit, Credit: credit}
	}
	over := func(on day.Day, summary string, account, party string, debit, credit money.Fen) bill.Move {
		m := move(on, account, party, debit, credit)
		m.Month, m.Summary = 0, summary
		return m
	}
	undo := move("2026-02-03", "135", "甲", -5, 0)
	undo.Voucher, undo.Reverses = "red", "2026-02-02甲"
	for _, c := range []struct {
		law     string
		moves   []bill.Move
		earlier []bill.Open
		want    string
	}{
		{"J36 the oldest is settled first", []bill.Move{move("2026-01-05", "135", "甲", 10, 0), move("2026-02-05", "135", "甲", 10, 0), move("2026-03-05", "135", "甲", 0, 12)}, nil, "2026-02-05 8"},
		{"J36 each party for itself", []bill.Move{move("2026-01-05", "135", "甲", 10, 0), move("2026-03-05", "135", "乙", 0, 4)}, nil, "2026-01-05 10,  -4"},
		{"J36 paid back before it was lent", []bill.Move{move("2026-01-05", "135", "甲", 0, 4), move("2026-02-05", "135", "甲", 10, 0)}, nil, "2026-02-05 6"},
		{"J38 debts stand on the other side", []bill.Move{move("2026-01-05", "215", "甲", 0, 10), move("2026-02-05", "215", "甲", 3, 0)}, nil, "2026-01-05 7"},
		{"F3.22 cancelled, both fall out", []bill.Move{move("2026-02-02", "135", "甲", 5, 0), undo}, nil, ""},
		{"ours: no party", []bill.Move{move("2026-01-05", "135", "", 10, 0)}, nil, "2026-01-05 10"},
		{"ours: other accounts do not count", []bill.Move{move("2026-01-05", "102", "甲", 10, 0)}, nil, ""},
		{"J37 carried over, the day leads the summary", []bill.Move{over("2026-01-01", "2022-03-04 借款", "135", "甲", 10, 0)}, nil, "2022-03-04 10"},
		{"J37 carried over without a day", []bill.Move{over("2026-01-01", "年初余额", "135", "甲", 10, 0)}, nil, "2026-01-01 10"},
		{"J37 last year's books say more", []bill.Move{over("2026-01-01", "年初余额", "135", "甲", 10, 0), move("2026-02-01", "135", "甲", 0, 7)},
			[]bill.Open{{Account: "135", Party: "甲", Side: bill.Claim, Since: "2025-03-04", Rest: 6}, {Account: "135", Party: "甲", Side: bill.Claim, Since: "2025-06-07", Rest: 4}}, "2025-06-07 3"},
		{"J37 last year's books say otherwise", []bill.Move{over("2026-01-01", "年初余额", "135", "甲", 10, 0)},
			[]bill.Open{{Account: "135", Party: "甲", Side: bill.Claim, Since: "2025-03-04", Rest: 6}}, "2026-01-01 10"},
	} {
		var got []string
		var sum money.Fen
		for _, o := range bill.Settle(books.A21, c.moves, c.earlier) {
			got = append(got, fmt.Sprintf("%s %d", o.Since, int64(o.Rest)))
			l := o.Carry()
			sum += l.Debit - l.Credit
			if l.Debit < 0 || l.Credit < 0 || o.Since != "" && !strings.HasPrefix(l.Summary, string(o.Since)) {
				t.Errorf("%s: carried as %+v", c.law, l)
			}
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s: %q, want %q", c.law, s, c.want)
		}
		var net money.Fen
		for _, m := range c.moves {
			if m.Account != "102" {
				net += m.Debit - m.Credit
			}
		}
		if sum != net {
			t.Errorf("%s: open are %d, the account holds %d", c.law, sum, net)
		}
	}
}
