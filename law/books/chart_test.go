package books

import (
	"slices"
	"testing"

	"unionhall/kit/day"
)

// S02: the chart is that of the uniform system.
func TestCharts(t *testing.T) {
	for s, want := range map[System]struct{ all, top, grassroots int }{A21: {143, 48, 24}, A09: {93, 42, 41}} {
		seen, top, grassroots := map[string]bool{}, 0, 0
		var before string
		for _, a := range Chart(s) {
			if seen[a.Code] || a.Code <= before || a.System != s || a.Name == "" || a.Source == "" {
				t.Errorf("%s %s: twice, out of order or not whole", s, a.Code)
			}
			seen[a.Code], before = true, a.Code
			if a.Level == 1 {
				top++
				if Grassroots(a) {
					grassroots++
				}
			}
			if a.Level != (len(a.Code)-1)/2 || a.Level == 1 != (a.Parent == "") {
				t.Errorf("%s %s: level %d below %q", s, a.Code, a.Level, a.Parent)
			}
			if p, ok := Find(s, a.Parent); a.Parent != "" && (!ok || !under(a.Code, a.Parent) || p.Class != a.Class || p.Leaf && !a.optional) {
				t.Errorf("%s %s: parent %+v", s, a.Code, p)
			}
			if a.Class.Label() == string(a.Class) || a.Side.Label() == string(a.Side) {
				t.Errorf("%s %s: %s %s has no label", s, a.Code, a.Class, a.Side)
			}
		}
		if len(seen) != want.all || top != want.top || grassroots != want.grassroots {
			t.Errorf("%s: %d accounts, %d of level 1, %d for grassroots unions", s, len(seen), top, grassroots)
		}
	}
}

// T21: every account has its place in the other system, and the map is the
// same read from either side.
func TestMapping(t *testing.T) {
	for _, s := range Systems {
		for _, a := range Chart(s) {
			for _, code := range a.Old {
				b, ok := Find(s.Other(), code)
				if !ok || !slices.Contains(b.Old, a.Code) {
					t.Errorf("%s %s: %s does not lead back", s, a.Shown(), code)
				}
			}
			if s == A09 && len(a.Old) == 0 {
				t.Errorf("%s has no place in the new system", a.Shown())
			}
		}
	}
}

func TestSystemOn(t *testing.T) {
	for _, c := range []struct {
		law  string
		on   day.Day
		want System
	}{
		{"F0.1 the last day of the old one", "2021-12-31", A09},
		{"F0.1 财会〔2021〕7号 its first day", "2022-01-01", A21},
		{"F0.1 today", "2026-11-27", A21},
	} {
		if got := SystemOn(c.on); got != c.want {
			t.Errorf("%s: %s", c.law, got.Label())
		}
	}
}

func TestCloses(t *testing.T) {
	for _, c := range []struct {
		law    string
		system System
		code   string
		source string
		want   string
	}{
		{"F3.12 dues are free", A21, "401", FR, "32203"},
		{"F3.12 own share, free", A21, "402", FR, "32203"},
		{"F3.12 own share, earmarked", A21, "402", SP, "32103"},
		{"F3.12 own share is never treasury money", A21, "402", FT, ""},
		{"F3.12 general transfer", A21, "40301", FR, "32203"},
		{"F3.12 general transfer has no project", A21, "40301", SP, ""},
		{"F3.12 earmarked transfer", A21, "40302", SP, "32103"},
		{"F3.12 earmarked transfer is not free", A21, "40302", FR, ""},
		{"F3.12 treasury", A21, "40401", FT, "33103"},
		{"F3.12 other treasury", A21, "40402", SP, "32103"},
		{"F3.12 hardship aid from the treasury", A21, "50404", FT, "33103"},
		{"F3.12 an own detail", A21, "5040401", SP, "32103"},
		{"F3.12 members' activity has no treasury money", A21, "50105", FT, ""},
		{"F3.12 stabilisation fund set aside", A21, "521", "", "32203"},
		{"F3.12 stabilisation fund used", A21, "411", SP, "32203"},
		{"F3.12 a bank account does not close", A21, "102", FR, ""},
		{"F3.15 all of 2009", A09, "50104", "", "331"},
		{"F3.15 income of 2009", A09, "401", FR, "331"},
	} {
		a, ok := Stated(c.system, c.code)
		if !ok {
			t.Fatal(c.code)
		}
		a.Code = c.code
		if got := Closes(a, c.source); got != c.want {
			t.Errorf("%s: %q", c.law, got)
		}
	}
	for code, want := range map[string][]string{"401": {FR}, "40302": {SP}, "50404": {FR, SP, FT}, "521": nil} {
		if a, _ := Find(A21, code); !slices.Equal(Sources(a), want) {
			t.Errorf("F3.12 %s may bear %v", code, Sources(a))
		}
	}
}

func TestOpen(t *testing.T) {
	for _, c := range []struct {
		law    string
		system System
		code   string
		want   bool
	}{
		{"F3.3 debtors by name", A21, "135", true},
		{"F3.3 kinds of an activity", A21, "50102", true},
		{"F3.3 banks", A21, "102", true},
		{"F3.3 below stated details only", A21, "501", false},
		{"F3.3 the details of the fund are the regulation's", A21, "30104", false},
		{"F3.3 likewise of the result", A21, "32203", false},
		{"F3.3 surplus of 2009", A09, "331", false},
		{"F3.3 funds of 2009 by what is stated", A09, "32103", true},
	} {
		if a, ok := Find(c.system, c.code); !ok || a.Open() != c.want {
			t.Errorf("%s: %v", c.law, a.Open())
		}
	}
}
