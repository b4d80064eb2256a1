package region

import (
	"slices"
	"strings"
	"testing"
)

func TestLookup(t *testing.T) {
	for _, c := range []struct{ code, want string }{
		{"210000", "辽宁省"},
		{"210600", "辽宁省丹东市"},
		{"210602", "辽宁省丹东市元宝区"},
		{"210603", "辽宁省丹东市振兴区"},
		{"210604", "辽宁省丹东市振安区"},
		{"210624", "辽宁省丹东市宽甸满族自治县"},
		{"210681", "辽宁省丹东市东港市"},
		{"210682", "辽宁省丹东市凤城市"},
		{"210621", "辽宁省丹东市凤城满族自治县"}, // a city since 1994
		{"210623", "辽宁省丹东市东沟县"},     // Donggang since 1993
		{"110000", "北京市"},
		{"110100", "北京市"},
		{"110101", "北京市东城区"},
		{"110103", "北京市崇文区"}, // part of 东城区 since 2010
		{"429004", "湖北省仙桃市"},
		{"500228", "重庆市梁平县"},
		{"810000", "香港特别行政区"},
		{"830000", "台湾省"},
		{"995001", ""},
		{"21060", ""},
		{"", ""},
		{"21060二", ""},
		{"000000", ""},
		{"999999", ""},
	} {
		if got, ok := Lookup(c.code); got != c.want || ok != (c.want != "") {
			t.Errorf("Lookup(%q) = %q, %v; want %q", c.code, got, ok, c.want)
		}
	}
}

func TestKnownFor(t *testing.T) {
	for _, c := range []struct {
		name, code string
		year       int
		want       bool
	}{
		{"PL-30 in force", "210603", 1990, true},
		{"PL-30 in force, born before any list", "210603", 1936, true},
		{"PL-30 abolished county, born under it", "210621", 1970, true},
		{"PL-30 abolished county, born long after it", "210621", 2010, false},
		{"PL-30 abolished district, born in its last year", "110103", 2010, true},
		{"PL-30 abolished district, born later", "110103", 2011, false},
		{"PL-30 a code younger than the person", "110118", 1980, true},
		{"PL-30 no place has it", "995001", 1980, false},
	} {
		if got := KnownFor(c.code, c.year); got != c.want {
			t.Errorf("%s: KnownFor(%s, %d) = %v", c.name, c.code, c.year, got)
		}
	}
}

func TestProvincesAndCities(t *testing.T) {
	if p := Provinces(); len(p) != 31 || !slices.Contains(p, Place{"210000", "辽宁省"}) {
		t.Errorf("%d provinces: %v", len(p), p)
	}
	liaoning := Cities("210000")
	if len(liaoning) != 14 || liaoning[5] != (Place{"210600", "丹东市"}) {
		t.Errorf("cities of Liaoning: %v", liaoning)
	}
	if b := Cities("110000"); len(b) != 16 || b[0] != (Place{"110101", "东城区"}) {
		t.Errorf("districts of Beijing: %v", b)
	}
	for _, p := range Provinces() {
		if len(Cities(p.Code)) == 0 {
			t.Errorf("%s has no cities", p.Name)
		}
	}
	for _, bad := range []string{"", "21", "990000"} {
		if got := Cities(bad); got != nil {
			t.Errorf("Cities(%q) = %v", bad, got)
		}
	}
}

// The search is right only while the lines are sorted and each code stands once.
func TestListIsSorted(t *testing.T) {
	last := ""
	for line := range strings.Lines(regions) {
		code, name, _ := split(line)
		if code <= last || len(code) != 6 || name == "" || strings.Count(line, "\t") != 2 {
			t.Fatalf("line %q after %q", line, last)
		}
		if _, ok := Lookup(code); !ok {
			t.Fatalf("%s is not found", code)
		}
		last = code
	}
}

func BenchmarkLookup(b *testing.B) {
	for b.Loop() {
		Lookup("210603")
	}
}
