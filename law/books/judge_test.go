package books

import (
	"strings"
	"testing"

	"unionhall/kit/fault"
)

func TestJudge(t *testing.T) {
	tag := func(l Line, source string) Line { l.Source = source; return l }
	fine := []Line{dr("102", "100"), tag(cr("401", "100"), FR)}
	for _, c := range []struct {
		law    string
		system System
		v      Voucher
		field  string // "" is taken
		rule   string
	}{
		{"K1 two lines that balance", A21, Voucher{Lines: fine}, "", ""},
		{"K1 one line", A21, Voucher{Lines: fine[:1]}, "lines", "K1"},
		{"K1 none", A21, Voucher{}, "lines", "K1"},
		{"K1 unbalanced", A21, Voucher{Lines: []Line{dr("102", "100"), dr("101", "1")}}, "lines", "K1"},
		{"K1 the other way", A21, Voucher{Lines: []Line{dr("102", "1"), cr("211", "2")}}, "lines", "K1"},
		{"K1 a zero line", A21, Voucher{Lines: append([]Line{{Account: "101"}}, fine...)}, "lines.0.debit", "K1"},
		{"K1 both sides", A21, Voucher{Lines: append([]Line{{Account: "101", Debit: 1, Credit: 1}}, fine...)}, "lines.0.credit", "K1"},
		{"K1 not a leaf", A21, Voucher{Lines: []Line{dr("102", "100"), tag(cr("403", "100"), FR)}}, "lines.1.account", "K1"},
		{"K1 no account", A21, Voucher{Lines: []Line{dr("", "100"), cr("102", "100")}}, "lines.0.account", "K1"},
		{"K1 up to 10^13 fen", A21, Voucher{Lines: []Line{{Account: "102", Debit: MostFen}, {Account: "211", Credit: MostFen}}}, "", ""},
		{"K1 beyond 10^13 fen", A21, Voucher{Lines: []Line{{Account: "102", Debit: MostFen + 1}, {Account: "211", Credit: MostFen + 1}}}, "lines.0.debit", "K1"},
		{"K1 beyond by the sum", A21, Voucher{Lines: []Line{{Account: "102", Debit: MostFen}, {Account: "101", Debit: 1}, {Account: "211", Credit: MostFen}, {Account: "215", Credit: 1}}}, "lines", "K1"},
		{"K1 lines up to the most", A21, Voucher{Lines: many(2000)}, "", ""},
		{"K1 lines beyond the most", A21, Voucher{Lines: many(2002)}, "lines", "K1"},
		{"K1 10,000 lines", A21, Voucher{Lines: many(10_000)}, "lines", "K1"},
		{"K1 a most of its own", A21, Voucher{Lines: many(6), MaxLines: 5}, "lines", "K1"},
		{"F3.22 negative in ordinary ink", A21, Voucher{Lines: []Line{dr("102", "-100"), tag(cr("401", "-100"), FR)}}, "lines.0.debit", "F3.22"},
		{"F3.22 negative in red", A21, Voucher{Red: true, Lines: []Line{dr("102", "-100"), tag(cr("401", "-100"), FR)}}, "", ""},
		{"F0.1 an account of 2009 in 2022", A21, Voucher{Lines: []Line{dr("102", "1"), cr("225", "1")}}, "lines.1.account", "F0.1"},
		{"F0.1 an account of 2021 in 2020", A09, Voucher{Lines: []Line{dr("102", "1"), cr("215", "1")}}, "lines.1.account", "F0.1"},
		{"F3.3 an account nobody states", A21, Voucher{Lines: []Line{dr("102", "1"), cr("999", "1")}}, "lines.1.account", "F3.3"},
		{"F3.12 no source", A21, Voucher{Lines: []Line{dr("102", "1"), cr("402", "1")}}, "lines.1.source", "F3.12"},
		{"F3.12 an unknown source", A21, Voucher{Lines: []Line{dr("102", "1"), tag(cr("402", "1"), "x")}}, "lines.1.source", "F3.12"},
		{"F3.12 dues are free money", A21, Voucher{Lines: []Line{dr("102", "1"), tag(cr("401", "1"), SP)}}, "lines.1.source", "F3.12"},
		{"F3.12 earmarked without a project", A21, Voucher{Lines: []Line{dr("102", "1"), tag(cr("402", "1"), SP)}}, "lines.1.project", "F3.12"},
		{"F3.12 earmarked for a project", A21, Voucher{Lines: []Line{dr("102", "1"), cr("402", "1").of(SP, "帮扶")}}, "", ""},
		{"F3.12 treasury money at an activity", A21, Voucher{Lines: []Line{tag(dr("50102", "1"), FT), cr("102", "1")}}, "lines.0.source", "F3.12"},
		{"F3.12 the stabilisation fund asks for none", A21, Voucher{Lines: []Line{dr("521", "1"), cr("341", "1")}}, "", ""},
		{"F3.12 2009 asks for none", A09, Voucher{Lines: []Line{dr("102", "1"), cr("402", "1")}}, "", ""},
		{"F3.5 an asset may be state-owned", A21, Voucher{Lines: []Line{tag(dr("162", "1"), FT), tag(cr("30104", "1"), FT)}}, "", ""},
		{"K9 entrusted money as income", A21, Voucher{Lines: []Line{dr("221", "1"), tag(cr("408", "1"), FR)}}, "lines.0.account", "K9"},
		{"K9 likewise in 2009", A09, Voucher{Lines: []Line{dr("50101", "1"), cr("231", "1")}}, "lines.1.account", "K9"},
		{"K9 entrusted money in", A21, Voucher{Lines: []Line{dr("10203", "1"), cr("221", "1")}}, "", ""},
	} {
		t.Run(c.law, func(t *testing.T) {
			err := Judge(c.system, c.v, nil)
			if c.field == "" {
				if err != nil {
					t.Errorf("refused: %+v", fault.Of(err))
				}
				return
			}
			f := fault.Of(err)
			if f.Kind != fault.Invalid || f.Rule != c.rule || f.Fields[c.field] == "" || f.Text == "" {
				t.Errorf("%+v", f)
			}
		})
	}
}

func many(n int) (out []Line) {
	for range n / 2 {
		out = append(out, Line{Account: "102", Debit: 1}, Line{Account: "211", Credit: 1})
	}
	return out
}

// All that is wrong is told at once.
func TestJudgeTellsAll(t *testing.T) {
	err := Judge(A21, Voucher{Lines: []Line{dr("403", "-1"), {Account: "225"}}}, nil)
	f := fault.Of(err)
	for _, name := range []string{"lines.0.account", "lines.0.debit", "lines.0.source", "lines.1.account", "lines.1.debit", "lines"} {
		if f.Fields[name] == "" {
			t.Errorf("K1 nothing at %s: %+v", name, f.Fields)
		}
	}
	if !strings.Contains(f.Text, "6 处") {
		t.Error(f.Text)
	}
}

// An own detail bears what the account above it bears; what got details of its
// own bears entries no more.
func TestJudgeOwnDetails(t *testing.T) {
	known := func(code string) (Account, bool) {
		a, ok := Stated(A21, code)
		a.Leaf = a.Leaf && (code == "13501" || code == "102" || code == "4020101")
		a.Code = code
		return a, ok
	}
	for _, c := range []struct {
		law   string
		lines []Line
		field string
	}{
		{"F3.3 an own detail", []Line{dr("13501", "1"), cr("102", "1")}, ""},
		{"K1 the account above it", []Line{dr("135", "1"), cr("102", "1")}, "lines.0.account"},
		{"F3.12 a detail of income", []Line{dr("102", "1"), cr("4020101", "1")}, "lines.1.source"},
	} {
		f := fault.Of(Judge(A21, Voucher{Lines: c.lines}, known))
		if got := f.Fields[c.field]; (c.field == "") != (f.Kind == fault.Internal) || c.field != "" && got == "" {
			t.Errorf("%s: %+v", c.law, f)
		}
	}
}

func TestMissingAttachment(t *testing.T) {
	for _, c := range []struct {
		law  string
		v    Voucher
		want bool
	}{
		{"F3.20 会计基础工作规范第五十一条", Voucher{}, true},
		{"F3.20 one is enough", Voucher{Attachments: 1}, false},
		{"F3.20 closing has none", Voucher{Carry: true}, false},
		{"F3.20 red", Voucher{Red: true}, false},
		{"F3.20 correcting", Voucher{Corrects: true}, false},
	} {
		if got := MissingAttachment(c.v); got != c.want {
			t.Errorf("%s: %v", c.law, got)
		}
	}
}

func TestGaps(t *testing.T) {
	known := func(code string) (Account, bool) { return Find(A21, code) }
	v := Voucher{Lines: []Line{dr("50602", "1").of(FT, ""), cr("102", "1"), dr("521", "1")}}
	for _, c := range []struct {
		law    string
		system System
		county bool
		want   int
	}{
		{"F3.4 econ, function and project", A21, true, 3},
		{"F3.4 a grassroots union keeps no functions", A21, false, 1},
		{"F3.4 nothing in 2009", A09, true, 0},
	} {
		if got := Gaps(c.system, v, c.county, known); len(got) != c.want {
			t.Errorf("%s: %+v", c.law, got)
		}
	}
}
