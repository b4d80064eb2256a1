package books

import (
	"slices"
	"strings"
	"testing"

	"unionhall/kit/money"
)

// codes of the accounts that a formula asks for.
func asked(n node) (out []string) {
	if words[n.op] && n.arg != "" && !strings.Contains(n.arg, "..") {
		out = append(out, n.arg)
	}
	for _, kid := range n.kids {
		out = append(out, asked(kid)...)
	}
	return out
}

// F3.28: every row of every form is a formula over accounts of its system, and
// can be made.
func TestForms(t *testing.T) {
	rows := 0
	for id, want := range map[string]int{"2021-01": 35, "2021-02": 31, "2021-a1": 11, "2021-a2": 14, "2021-a3": 11, "2009-01": 31, "2009-02": 59} {
		f, ok := FormOf(id)
		if !ok || len(f.Rows) != want || f.Title == "" || !strings.HasPrefix(f.Number, "工会") {
			t.Errorf("%s: %d rows, %q", id, len(f.Rows), f.Title)
		}
		rows += len(f.Rows)
		for _, r := range f.Rows {
			for _, code := range asked(r.expr) {
				if _, ok := Find(f.System, code); !ok {
					t.Errorf("%s %s: account %s", id, r.ID, code)
				}
			}
			if !r.Month && !r.Year || r.Label == "" || r.Check != r.expr.equation {
				t.Errorf("%s %s: stands nowhere", id, r.ID)
			}
		}
		l := &ledger{system: f.System, opening: []Balance{{Account: "102", Amount: 1}}}
		if _, err := Eval(f, l.year(1)); err != nil {
			t.Error(err)
		}
	}
	if len(Forms(A21)) != 5 || len(Forms(A09)) != 2 || rows != 192 {
		t.Errorf("%d and %d forms, %d rows", len(Forms(A21)), len(Forms(A09)), rows)
	}
}

// The accounts of level 1 stand on a balance sheet each just once, or nothing
// would add up.
func TestFormsLeaveNothingOut(t *testing.T) {
	for _, s := range Systems {
		seen := map[string]int{}
		for _, f := range Forms(s) {
			if !strings.HasSuffix(f.ID, "-01") && !strings.HasSuffix(f.ID, "-02") {
				continue
			}
			for _, r := range f.Rows {
				for _, n := range r.expr.kids {
					if (n.op == "bal" || n.op == "bal_debit") == f.Balances && (n.op != "opening_year" && n.op != "net_credit") && len(n.arg) == 3 && !r.Check {
						seen[n.arg]++
					}
				}
			}
			for _, id := range append(slices.Clone(f.Left), f.Right...) {
				if _, ok := f.Row(id); !ok {
					t.Errorf("%s: no row %s", f.ID, id)
				}
			}
		}
		for _, a := range Chart(s) {
			if a.Level == 1 && seen[a.Code] != 1 {
				t.Errorf("%s %s stands %d times", s, a.Shown(), seen[a.Code])
			}
		}
	}
}

func TestSides(t *testing.T) {
	f, _ := FormOf("2021-01")
	if len(f.Left) != 19 || len(f.Right) != 15 || f.Left[18] != "A19" || f.Right[14] != "T01" {
		t.Errorf("left %v right %v", f.Left, f.Right)
	}
	if f, _ := FormOf("2021-02"); f.Left != nil {
		t.Error("工会02表 has sides")
	}
	if _, ok := FormOf("2009-01-1"); ok {
		t.Error("a form whose layout nobody saw")
	}
}

// What a formula cannot mean stops the program; what it makes of itself is an
// error.
func TestFormulaFaults(t *testing.T) {
	for _, text := range []string{"bal(101", "bal(101,自有)", "wal(101)", "bal(101)+", "(bal(101)", "bal(101))"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s was read", text)
				}
			}()
			f := Form{ID: "x", System: A21, Rows: []Row{{ID: "A", expr: parse(text)}}}
			if _, err := Eval(f, (&ledger{system: A21}).year(1)); err != nil {
				panic(err)
			}
		}()
	}
	for _, rows := range [][]Row{
		{{ID: "A", expr: parse("B+1")}},
		{{ID: "A", expr: parse("B")}, {ID: "B", expr: parse("A")}},
		{{ID: "A", expr: parse("sum(C:D)")}},
	} {
		if _, err := Eval(Form{ID: "x", System: A21, Rows: rows}, (&ledger{system: A21}).year(1)); err == nil {
			t.Errorf("%v was made", rows)
		}
	}
}

// Each word of a formula, on one small ledger: 141 opens with 5, in January 3
// more and 1 off, in February 4 off; a closing voucher moves 2 of 321.
func TestFormulaWords(t *testing.T) {
	l := &ledger{system: A21, opening: []Balance{{Account: "141", Amount: 5_00}, {Account: "182", Amount: -7_00}, {Account: "32104", Amount: 9_00}, {Account: "162", Source: FT, Amount: 6_00}}}
	for month, lines := range map[int][]Line{1: {dr("141", "3"), cr("141", "1")}, 2: {cr("141", "4"), dr("50101", "8"), cr("408", "2")}} {
		for _, line := range lines {
			l.posted = append(l.posted, posting{month, false, line})
		}
	}
	l.posted = append(l.posted, posting{2, true, dr("32104", "2")}, posting{2, true, cr("50101", "8")})
	for _, c := range []struct {
		formula string
		want    money.Fen
	}{
		{"bal(141)", 3_00},
		{"opening_year(141)", 5_00},
		{"opening(141)", 7_00},
		{"opening(141)-bal(141)", 4_00},
		{"occ(141)", -4_00},
		{"dr(141)", 0},
		{"cr(141)", 4_00},
		{"net_debit(141)", -4_00},
		{"net_credit(141)", 4_00},
		{"-net_credit(141)", -4_00},
		{"bal(182)", -7_00},
		{"bal_debit(182)", -7_00},
		{"bal(321)", 7_00},
		{"net_credit(321)", 0},
		{"occ(501)", 8_00},
		{"occ(501..510)", 8_00},
		{"occ(501..510,财政拨款)", 0},
		{"bal(501)", 0},
		{"open_result()", 2_00},
		{"bal(162,国有)", 6_00},
		{"bal(162)-(bal(162,国有)-bal(141))", 3_00},
		{"bal(141)==bal(162)", -3_00},
	} {
		values, err := Eval(Form{System: A21, Rows: []Row{{ID: "A", expr: parse(c.formula)}}}, l.month(2))
		if err != nil || values[0].Amount != c.want {
			t.Errorf("%s = %v, %v; want %s", c.formula, values, err, c.want)
		}
	}
}
