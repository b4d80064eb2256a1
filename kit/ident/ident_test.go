package ident

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
	"unionhall/kit/day"
)

const today = "2026-11-22"

func TestReadID(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       ID
		flaw       Flaw
	}{
		{"GB 11643 the standard's example", "11010519491231002X", "11010519491231002X", ""},
		{"GB 11643 the standard's other example", "440524188001010014", "440524188001010014", ""},
		{"GB 11643 Zhenxing", "210602199001010012", "210602199001010012", ""},
		{"GB 11643 Yuanbao", "210603198507051227", "210603198507051227", ""},
		{"GB 11643 Zhen'an", "210604197812310477", "210604197812310477", ""},
		{"3.7 a small x", "11010519491231002x", "11010519491231002X", ""},
		{"IMP-02 full width", "１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X", ""},
		{"IMP-02 blanks", " 210602 19900101 0012\t", "210602199001010012", ""},
		{"ours: the apostrophe of a spreadsheet", "'210602199001010012", "210602199001010012", ""},
		{"GB 11643 a digit changed", "210602199001010022", "", Checksum},
		{"GB 11643 the check changed", "210602199001010013", "", Checksum},
		{"IMP-02 digits that a float lost", "210602199001010000", "", Checksum},
		{"IMP-02 a float", "2.10602E+17", "", Format},
		{"ours: nothing", " 　", "", Missing},
		{"ours: one too few", "21060219900101001", "", Length},
		{"ours: one too many", "2106021990010100120", "", Length},
		{"ours: the first generation", "210602900101001", "", Old15},
		{"ours: fifteen with an X", "21060290010100X", "", Length},
		{"ours: X in the middle", "21060219900101X012", "", Format},
		{"ours: stars of a masked number", "210602********0012", "", Format},
		{"ours: no area begins so", CheckedID("01060219900101001"), "", Format},
		{"3.7 an impossible date", CheckedID("21060219800230001"), "", Birth},
		{"3.7 month 13", CheckedID("21060219801301001"), "", Birth},
		{"3.7 a year of birth out of reach", CheckedID("21060217991231001"), "", Birth},
		{"3.7 born today", CheckedID("21060220261122001"), ID(CheckedID("21060220261122001")), ""},
		{"3.7 born tomorrow", CheckedID("21060220261123001"), "", Birth},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, flaw := ReadID(c.text, today); got != c.want || flaw != c.flaw {
				t.Errorf("ReadID(%q) = %q, %q; want %q, %q", c.text, got, flaw, c.want, c.flaw)
			}
		})
	}
	id := ID("210603198507051227")
	if id.Region() != "210603" || id.Birth() != "1985-07-05" || id.Male() || !ID("210604197812310477").Male() {
		t.Errorf("%s: %s, %s, %v", id, id.Region(), id.Birth(), id.Male())
	}
}

// Whoever is made up is read, and one digit changed is always refused.
func TestEveryDigitCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		born := day.Day("1900-01-01").AddDays(rapid.IntRange(0, 46_000).Draw(t, "born"))
		area := rapid.StringMatching(`[1-9]\d{5}`).Draw(t, "area")
		seq := rapid.StringMatching(`\d{3}`).Draw(t, "seq")
		s := CheckedID(area + strings.ReplaceAll(string(born), "-", "") + seq)
		id, flaw := ReadID(s, today)
		if flaw != "" || string(id) != s || id.Birth() != born || id.Region() != area || id.Male() != (seq[2]%2 == 1) {
			t.Fatalf("%s is %q, %q", s, id, flaw)
		}
		for i := range s {
			for _, c := range "0123456789X" {
				if wrong := s[:i] + string(c) + s[i+1:]; wrong != s {
					if _, flaw := ReadID(wrong, today); flaw == "" {
						t.Fatalf("%s passes as well as %s", wrong, s)
					}
				}
			}
		}
	})
}

func TestReadUSCC(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       USCC
		flaw       Flaw
	}{
		{"GB 32100 the standard's example", "91350100M000100Y43", "91350100M000100Y43", ""},
		{"GB 32100 a union", "81210600MC0000012K", "81210600MC0000012K", ""},
		{"GB 32100 another", "81210600MC00000A69", "81210600MC00000A69", ""},
		{"GB 32100 with an X", "81210600MB1234XYX7", "81210600MB1234XYX7", ""},
		{"IMP-02 small and full width", "８１210600 mc0000012k", "81210600MC0000012K", ""},
		{"GB 32100 the check changed", "81210600MC0000012L", "", Checksum},
		{"GB 32100 the district changed", "81210700MC0000012K", "", Checksum},
		{"GB 32100 there is no O", "81210600MCO000012K", "", Format},
		{"GB 32100 no letter in the district", "8121A600MC0000012K", "", Format},
		{"ours: nothing", "", "", Missing},
		{"ours: one too few", "81210600MC0000012", "", Length},
		{"IMP-02 a float", "9.135E+17", "", Format},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, flaw := ReadUSCC(c.text); got != c.want || flaw != c.flaw {
				t.Errorf("ReadUSCC(%q) = %q, %q; want %q, %q", c.text, got, flaw, c.want, c.flaw)
			}
		})
	}
	wrongWithin := "81210600MC00000130"[:17] // its organisation code ends in 2
	if _, flaw := ReadUSCC(wrongWithin + string(usccCheck(wrongWithin))); flaw != Checksum {
		t.Errorf("GB 32100: a wrong organisation code within is %q", flaw)
	}
	u := USCC("81210600MC0000012K")
	if u.Authority() != "8" || u.Kind() != "1" || u.Region() != "210600" || u.OrgCode() != "MC0000012" {
		t.Errorf("%s: %s %s %s %s", u, u.Authority(), u.Kind(), u.Region(), u.OrgCode())
	}
}

func TestEveryCharacterCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := CheckedUSCC(rapid.StringMatching(`[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{8}`).Draw(t, "first"))
		if u, flaw := ReadUSCC(strings.ToLower(s)); flaw != "" || string(u) != s {
			t.Fatalf("%s is %q, %q", s, u, flaw)
		}
		if o, flaw := ReadOrgCode(s[8:16] + "-" + s[16:17]); flaw != "" || o != s[8:17] {
			t.Fatalf("the organisation code of %s is %q, %q", s, o, flaw)
		}
		for i := range s {
			for _, c := range usccAlphabet {
				if wrong := s[:i] + string(c) + s[i+1:]; wrong != s {
					if _, flaw := ReadUSCC(wrong); flaw == "" {
						t.Fatalf("%s passes as well as %s", wrong, s)
					}
				}
			}
		}
	})
}

func TestOrgCode(t *testing.T) {
	for text, want := range map[string]Flaw{
		"D2143569X": "", "D2143569-x": "", "D21435690": Checksum, "D2143569": Length, "": Missing, "D2143569.": Format,
	} {
		if got, flaw := ReadOrgCode(text); flaw != want || (flaw == "") != (got == "D2143569X") {
			t.Errorf("GB 11714: %q is %q, %q", text, got, flaw)
		}
	}
}

func TestUnionHint(t *testing.T) {
	for _, c := range []struct {
		name   string
		code   USCC
		region string
		hint   bool
	}{
		{"ID-01 a grassroots union of the district", "81210600MC0000012K", "210600", false},
		{"ID-01 the district is not known", "81210600MC0000012K", "", false},
		{"ID-01 another district", "81210600MC0000012K", "210700", true},
		{"ID-01 a company", "91350100M000100Y43", "210600", true},
		{"ID-01 another union organisation", USCC(CheckedUSCC("89210600MC000001")), "210600", true},
		{"ID-01 the employing organ", USCC(CheckedUSCC("11210600MC000001")), "210600", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if hint := c.code.UnionHint(c.region); (hint != "") != c.hint {
				t.Errorf("hint %q", hint)
			}
		})
	}
}

func TestPaper(t *testing.T) {
	resident := CheckedID("81000019900101001")
	foreign := CheckedID("93121019900101001")
	for _, c := range []struct {
		kind Paper
		text string
		want string
		flaw Flaw
	}{
		{Card, "21060219900101001 2", "210602199001010012", ""},
		{Card, resident, "", Format},
		{Passport, "e12345678", "E12345678", ""},
		{Passport, "E1", "", Length},
		{Passport, "ABCDEFGH", "", Format},
		{Passport, "E1234567<", "", Format},
		{Officer, "南字第01234567号", "南字第01234567号", ""},
		{Officer, "军字第12号", "", Format},
		{Officer, "=01234567", "", Format},
		{HongKong, "h12345678", "H12345678", ""},
		{HongKong, "M1234567801", "M1234567801", ""},
		{HongKong, "H123456789", "", Length},
		{HongKong, "A12345678", "", Format},
		{HongKong, resident, resident, ""},
		{HongKong, foreign, "", Format},
		{Taiwan, "01234567", "01234567", ""},
		{Taiwan, "0123456789(A)", "0123456789(A)", ""},
		{Taiwan, "A1234567", "", Format},
		{Taiwan, "12", "", Length},
		{Permanent, "FRA310012345678", "FRA310012345678", ""},
		{Permanent, foreign, foreign, ""},
		{Permanent, "F1", "", Length},
		{Permanent, "FR1310012345678", "", Format},
		{Passport, " ", "", Missing},
		{Paper(99), "12345678", "", Format},
	} {
		t.Run(c.text, func(t *testing.T) {
			if got, flaw := ReadPaper(c.kind, c.text, today); got != c.want || flaw != c.flaw {
				t.Errorf("ReadPaper(%d, %q) = %q, %q; want %q, %q", c.kind, c.text, got, flaw, c.want, c.flaw)
			}
		})
	}
}

func TestMask(t *testing.T) {
	for number, want := range map[string]string{
		"210602199001010012": "210602********0012", "E12345678": "E1*****78", "南字第01234567号": "南字********7号",
		"12345": "****5", "1": "1", "": "",
	} {
		if got := Mask(number); got != want {
			t.Errorf("Mask(%s) = %s, want %s", number, got, want)
		}
	}
	for number, want := range map[string]string{"13812345678": "138****5678", "04152123456": "041****3456", "2123456": "***3456", "": ""} {
		if got := MaskPhone(number); got != want {
			t.Errorf("MaskPhone(%s) = %s, want %s", number, got, want)
		}
	}
}

func TestPhone(t *testing.T) {
	for text, want := range map[string]string{
		"13812345678": "13812345678", "138 1234-5678": "13812345678", "+86 138 1234 5678": "13812345678",
		"8613812345678": "13812345678", "008613812345678": "13812345678", "１９９１２３４５６７８": "19912345678",
		"12812345678": "", "1381234567": "", "138123456789": "", "0415-2123456": "", "": "", "1381234567x": "",
		"1.38E+10": "", "138+12345678": "", strings.Repeat("1", 50): "",
	} {
		if got, ok := Phone(text); got != want || ok != (want != "") {
			t.Errorf("Phone(%q) = %q, %v", text, got, ok)
		}
	}
}

func TestFlawText(t *testing.T) {
	for _, f := range []Flaw{Missing, Length, Old15, Checksum, Birth, Format} {
		if s := f.Text("身份证号码"); !strings.Contains(s, "身份证号码") || !strings.Contains(s, "请") {
			t.Errorf("%s tells %q", f, s)
		}
	}
	if Flaw("").Text("身份证号码") != "" {
		t.Error("no flaw tells something")
	}
}

func FuzzReadID(f *testing.F) {
	for _, s := range []string{"11010519491231002X", "'210602199001010012", "210602900101001", "Ｘ", "1\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, flaw := ReadID(text, today)
		if (id == "") != (flaw != "") {
			t.Fatalf("%q is %q, %q", text, id, flaw)
		}
		if again, flaw := ReadID(string(id), today); id != "" && (again != id || flaw != "") {
			t.Errorf("%q is %q, then %q, %q", text, id, again, flaw)
		}
		for kind := Card; kind <= Permanent; kind++ {
			if s, flaw := ReadPaper(kind, text, today); flaw == "" {
				if again, flaw := ReadPaper(kind, s, today); again != s || flaw != "" {
					t.Errorf("%d: %q is %q, then %q, %q", kind, text, s, again, flaw)
				}
			}
		}
		Mask(text)
		MaskPhone(text)
		if p, ok := Phone(text); ok && len(p) != 11 {
			t.Errorf("phone %q", p)
		}
	})
}

func FuzzReadUSCC(f *testing.F) {
	for _, s := range []string{"91350100M000100Y43", "81210600mc0000012k", "D2143569-X", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, flaw := ReadUSCC(text)
		if (u == "") != (flaw != "") {
			t.Fatalf("%q is %q, %q", text, u, flaw)
		}
		if again, flaw := ReadUSCC(string(u)); u != "" && (again != u || flaw != "") {
			t.Errorf("%q is %q, then %q, %q", text, u, again, flaw)
		}
		if o, flaw := ReadOrgCode(text); flaw == "" {
			if again, _ := ReadOrgCode(o); again != o {
				t.Errorf("%q is %q, then %q", text, o, again)
			}
		}
	})
}

func BenchmarkReadID(b *testing.B) {
	for b.Loop() {
		if _, flaw := ReadID("210602199001010012", today); flaw != "" {
			b.Fatal(flaw)
		}
	}
}
