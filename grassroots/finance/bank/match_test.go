package bank_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"sort"
	"testing"

	"pgregory.net/rapid"

	"unionhall/grassroots/finance/bank"
	"unionhall/kit/day"
	"unionhall/kit/money"
)

func line(id string, on day.Day, n money.Fen, words, other string) bank.Line {
	return bank.Line{ID: id, Day: on, Amount: n, Summary: words, Other: other}
}

func item(id string, on day.Day, n money.Fen, words string) bank.Item {
	return bank.Item{Voucher: id, Line: 1, Day: on, Amount: n, Summary: words}
}

// named tells pairings by ids, in order.
func named(lines []bank.Line, items []bank.Item, ps []bank.Pairing) (out []string) {
	for _, p := range ps {
		var a, b []string
		for _, i := range p.Lines {
			a = append(a, lines[i].ID)
		}
		for _, i := range p.Items {
			b = append(b, fmt.Sprint(items[i].Voucher, ":", items[i].Line))
		}
		sort.Strings(a)
		sort.Strings(b)
		out = append(out, fmt.Sprint(p.How, a, b))
	}
	sort.Strings(out)
	return out
}

// K8, S2-42: what goes together, and what is left to a person.
func TestPair(t *testing.T) {
	red := item("R", "2026-03-09", 30_00, "注销 V")
	red.Reverses = "V"
	for _, c := range []struct {
		law   string
		lines []bank.Line
		items []bank.Item
		want  []string
	}{
		{"same amount and side, three days apart", []bank.Line{line("a", "2026-03-05", -30_00, "转账", "")}, []bank.Item{item("V", "2026-03-02", -30_00, "慰问")}, []string{"single[a] [V:1]"}},
		{"the other side", []bank.Line{line("a", "2026-03-05", 30_00, "转账", "")}, []bank.Item{item("V", "2026-03-02", -30_00, "慰问")}, nil},
		{"ours: five working days are near", []bank.Line{line("a", "2026-03-13", -30_00, "", "")}, []bank.Item{item("V", "2026-03-06", -30_00, "x")}, []string{"single[a] [V:1]"}},
		{"ours: six are not", []bank.Line{line("a", "2026-03-16", -30_00, "", "")}, []bank.Item{item("V", "2026-03-06", -30_00, "x")}, nil},
		{"two that are equal are left", []bank.Line{line("a", "2026-03-05", -30_00, "转账", ""), line("b", "2026-03-05", -30_00, "转账", "")}, []bank.Item{item("V", "2026-03-05", -30_00, "慰问"), item("W", "2026-03-05", -30_00, "慰问")}, nil},
		{"one line, two equal entries", []bank.Line{line("a", "2026-03-05", -30_00, "转账", "")}, []bank.Item{item("V", "2026-03-05", -30_00, "慰问"), item("W", "2026-03-05", -30_00, "慰问")}, nil},
		{"told apart by who is paid", []bank.Line{line("a", "2026-03-05", -30_00, "转账", "王建国"), line("b", "2026-03-05", -30_00, "转账", "李建国")},
			[]bank.Item{item("V", "2026-03-05", -30_00, "慰问李建国"), item("W", "2026-03-05", -30_00, "慰问王建国")}, []string{"single[a] [W:1]", "single[b] [V:1]"}},
		{"told apart by a number", []bank.Line{line("a", "2026-03-05", -30_00, "支票 10024", "")}, []bank.Item{item("V", "2026-03-05", -30_00, "支票10023"), item("W", "2026-03-05", -30_00, "支票10024")}, []string{"single[a] [W:1]"}},
		{"told apart by the day", []bank.Line{line("a", "2026-03-05", -30_00, "", ""), line("b", "2026-03-09", -30_00, "", "")}, []bank.Item{item("V", "2026-03-09", -30_00, "x"), item("W", "2026-03-05", -30_00, "x")}, []string{"single[a] [W:1]", "single[b] [V:1]"}},
		{"one line is a voucher's two entries", []bank.Line{line("a", "2026-03-05", -50_00, "批量代发", "")},
			[]bank.Item{item("V", "2026-03-05", -20_00, "慰问甲"), {Voucher: "V", Line: 2, Day: "2026-03-05", Amount: -30_00, Summary: "慰问乙"}}, []string{"several[a] [V:1 V:2]"}},
		{"several lines are one entry", []bank.Line{line("a", "2026-03-05", -20_00, "代发", ""), line("b", "2026-03-05", -30_00, "代发", "")}, []bank.Item{item("V", "2026-03-05", -50_00, "慰问两人")}, []string{"parts[a b] [V:1]"}},
		{"F3.22: what was booked wrong and its correction are one line", []bank.Line{line("a", "2026-03-05", -10_00, "用餐", "")},
			[]bank.Item{item("V", "2026-03-05", -100_00, "用餐"), {Voucher: "F", Line: 1, Day: "2026-03-08", Amount: 90_00, Summary: "更正金额多记", Corrects: "V"}}, []string{"several[a] [F:1 V:1]"}},
		{"a red voucher and what it cancels", nil, []bank.Item{item("V", "2026-03-05", -30_00, "慰问"), red}, []string{"offset[] [R:1 V:1]"}},
	} {
		t.Run(c.law, func(t *testing.T) {
			got := named(c.lines, c.items, bank.Pair(c.lines, c.items, day.China(), 5))
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// K8: whatever there is, nothing is matched twice, both sides add up, the order
// does not matter, and what is left over gives nothing more.
func TestPairAlways(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := day.Day("2026-03-02")
		words := rapid.SampledFrom([]string{"", "会费", "慰问王建国", "慰问", "活动费 1002", "手续费"})
		amount := rapid.SampledFrom([]money.Fen{100, 200, 300, 500, -100, -200, -300, -500})
		var lines []bank.Line
		var items []bank.Item
		for i := range rapid.IntRange(0, 12).Draw(t, "lines") {
			lines = append(lines, bank.Line{ID: fmt.Sprint("l", i), Day: start.AddDays(rapid.IntRange(0, 12).Draw(t, "day")), Amount: amount.Draw(t, "n"), Summary: words.Draw(t, "w"),
				Other: rapid.SampledFrom([]string{"", "王建国", "财政局"}).Draw(t, "o"), Flow: rapid.SampledFrom([]string{"", "80001", "80002"}).Draw(t, "f")})
		}
		reds := map[string]string{}
		for i := range 6 {
			if i > 0 && rapid.IntRange(0, 4).Draw(t, "red") == 0 {
				reds[fmt.Sprint("v", i)] = fmt.Sprint("v", rapid.IntRange(0, i-1).Draw(t, "of"))
			}
		}
		for i := range rapid.IntRange(0, 12).Draw(t, "items") {
			e := bank.Item{Voucher: fmt.Sprint("v", i/2), Line: int64(i), Day: start.AddDays(rapid.IntRange(0, 12).Draw(t, "day")), Amount: amount.Draw(t, "n"), Summary: words.Draw(t, "w")}
			if e.Reverses = reds[e.Voucher]; len(e.Voucher)%2 == 0 && e.Voucher >= "v3" {
				e.Corrects, e.Reverses = e.Reverses, ""
			}
			items = append(items, e)
		}
		got := bank.Pair(lines, items, day.China(), 5)
		seenL, seenI := map[int]bool{}, map[int]bool{}
		for _, p := range got {
			sum := money.Fen(0)
			for _, i := range p.Lines {
				if seenL[i] {
					t.Fatalf("line %d twice in %v", i, got)
				}
				seenL[i] = true
				sum += lines[i].Amount
			}
			for _, i := range p.Items {
				if seenI[i] {
					t.Fatalf("entry %d twice in %v", i, got)
				}
				seenI[i] = true
				sum -= items[i].Amount
			}
			if sum != 0 {
				t.Fatalf("a match that does not add up: %+v", p)
			}
		}
		lines2, items2 := rapid.Permutation(lines).Draw(t, "lines again"), rapid.Permutation(items).Draw(t, "items again")
		if a, b := named(lines, items, got), named(lines2, items2, bank.Pair(lines2, items2, day.China(), 5)); !reflect.DeepEqual(a, b) {
			t.Fatalf("in another order %v, was %v", b, a)
		}
		var restL []bank.Line
		var restI []bank.Item
		for i, l := range lines {
			if !seenL[i] {
				restL = append(restL, l)
			}
		}
		for i, e := range items {
			if !seenI[i] {
				restI = append(restI, e)
			}
		}
		if more := bank.Pair(restL, restI, day.China(), 5); len(more) > 0 {
			t.Fatalf("what was left over gives %v", named(restL, restI, more))
		}
	})
}

// S2-42: nine in ten lines of a statement like those of real unions find their
// entries, and none a wrong one.
func TestRate(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	cal := day.China()
	var lines []bank.Line
	var items []bank.Item
	truth := map[string]string{}
	people := []string{"王建国", "李秀英", "张伟", "赵敏", "陈静", "市新华书店", "滨江印刷厂", "市体育馆", "市税务局", "滨江旅行社"}
	n := 0
	for week := range 40 {
		for range 10 {
			n++
			on := day.Day("2026-01-05").AddDays(7*week + r.IntN(5))
			amount := -money.Fen(100*(1+r.IntN(40))) * 100 // round amounts, as unions spend: many are alike
			if r.IntN(3) == 0 {
				amount = -money.Fen(1 + r.IntN(900_000))
			}
			if r.IntN(5) == 0 {
				amount = -amount
			}
			who := people[r.IntN(len(people))]
			id := fmt.Sprint("v", n)
			items = append(items, bank.Item{Voucher: id, Line: 1, Day: on, Amount: amount, Summary: []string{"支付活动费", "慰问会员", "收到会费", "购买用品"}[r.IntN(4)], Party: who})
			if r.IntN(25) == 0 {
				continue // not cleared yet
			}
			l := bank.Line{ID: fmt.Sprint("l", n), Day: cal.AddWorkdays(on, r.IntN(4)), Amount: amount, Summary: "网银转账"}
			if r.IntN(4) > 0 {
				l.Other = who
			}
			truth[l.ID] = id
			lines = append(lines, l)
		}
		lines = append(lines, bank.Line{ID: fmt.Sprint("fee", week), Day: day.Day("2026-01-09").AddDays(7 * week), Amount: -money.Fen(101 + week), Summary: "手续费"})
	}
	found := 0
	for _, p := range bank.Pair(lines, items, cal, 5) {
		for _, i := range p.Lines {
			if len(p.Items) != 1 || truth[lines[i].ID] != items[p.Items[0]].Voucher {
				t.Logf("%s went with %+v", lines[i].ID, p)
			} else {
				found++
			}
		}
	}
	t.Logf("%d of %d lines", found, len(truth))
	if found*10 < len(truth)*9 {
		t.Errorf("%d of %d lines found their entries", found, len(truth))
	}
}
