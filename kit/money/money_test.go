package money

import (
	"encoding/json"
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
	"unionhall/kit/fault"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		text string
		want Fen
		ok   bool
	}{
		{"1,409.50", 1409_50, true},
		{"1409.5", 1409_50, true},
		{"1409", 1409_00, true},
		{"-3", -3_00, true},
		{"−0.01", -1, true},
		{"￥１，４０９．５０元", 1409_50, true},
		{"¥ 20 元", 20_00, true},
		{"-¥20", -20_00, true},
		{"1409.500", 1409_50, true},
		{"0007", 7_00, true},
		{"1,234,567.89", 1234567_89, true},
		{"1000000000000", most, true},
		{"1000000000000.01", 0, false},
		{strings.Repeat("9", 60), 0, false},
		{"1.005", 0, false},
		{"0.30000000000000004", 0, false},
		{"1,40", 0, false},
		{"1409,500", 0, false},
		{",500", 0, false},
		{"1,", 0, false},
		{"1.", 0, false},
		{".5", 0, false},
		{"1.2.3", 0, false},
		{"1E+05", 0, false},
		{"--1", 0, false},
		{"", 0, false},
		{"-", 0, false},
		{"元", 0, false},
		{"一百", 0, false},
		{"1.-1", 0, false},
	} {
		t.Run(c.text, func(t *testing.T) {
			got, err := Parse(c.text)
			if got != c.want || (err == nil) != c.ok || err != nil && fault.Of(err).Kind != fault.Invalid {
				t.Errorf("Parse(%q) = %v, %v", c.text, got, err)
			}
		})
	}
	if _, err := Parse("1.005"); !strings.Contains(fault.Of(err).Text, "比分还细") {
		t.Errorf("a third decimal is told so: %v", err)
	}
}

func TestWords(t *testing.T) {
	for _, c := range []struct {
		fen  Fen
		want string
	}{
		{0, "零元整"},
		{1, "壹分"},
		{10, "壹角整"},
		{11, "壹角壹分"},
		{1_00, "壹元整"},
		{1_01, "壹元零壹分"},
		{10_00, "壹拾元整"},
		{1409_50, "壹仟肆佰零玖元伍角整"},
		{6007_14, "陆仟零柒元壹角肆分"},
		{1680_32, "壹仟陆佰捌拾元叁角贰分"},
		{107000_53, "壹拾万零柒仟元伍角叁分"},
		{16409_02, "壹万陆仟肆佰零玖元零贰分"},
		{325_04, "叁佰贰拾伍元零肆分"},
		{100000_00, "壹拾万元整"},
		{100100_00, "壹拾万零壹佰元整"},
		{1000_00, "壹仟元整"},
		{1_0001_00, "壹万零壹元整"},
		{1_0001_0000_00, "壹亿零壹万元整"},
		{1_0000_0001_00, "壹亿零壹元整"},
		{1_0000_1000_00, "壹亿零壹仟元整"},
		{2010_0305_0060_00, "贰仟零壹拾亿零叁佰零伍万零陆拾元整"},
		{1_0000_0000_0000_00, "壹万亿元整"},
		{1_0000_0000_5000_00, "壹万亿零伍仟元整"},
		{9_0000_0000_0000_0000_00, "玖亿亿元整"},
		{-1409_50, "负壹仟肆佰零玖元伍角整"},
		{-5, "负伍分"},
	} {
		t.Run(c.want, func(t *testing.T) {
			if got := c.fen.Words(); got != c.want {
				t.Errorf("%s in words is %s, want %s", c.fen, got, c.want)
			}
		})
	}
}

func TestParseWords(t *testing.T) {
	for _, c := range []struct {
		text string
		want Fen
		ok   bool
	}{
		{"壹仟肆佰零玖元伍角整", 1409_50, true},
		{"壹拾万柒仟元零伍角叁分", 107000_53, true},
		{"壹拾万零柒仟元伍角叁分", 107000_53, true},
		{"人民币壹拾万柒仟圆零伍角叁分", 107000_53, true},
		{"叁佰元正", 300_00, true},
		{"零元整", 0, true},
		{"伍分", 5, true},
		{"负壹元整", -1_00, true},
		{"拾万元整", 0, false},
		{"壹元伍", 0, false},
		{"壹元壹元整", 0, false},
		{"一百元整", 0, false},
		{"壹百元", 0, false},
		{"100元", 0, false},
		{"元", 0, false},
		{"", 0, false},
		{strings.Repeat("玖亿", 40) + "元", 0, false},
	} {
		t.Run(c.text, func(t *testing.T) {
			got, err := ParseWords(c.text)
			if got != c.want || (err == nil) != c.ok || err != nil && fault.Of(err).Kind != fault.Invalid {
				t.Errorf("ParseWords(%q) = %v, %v", c.text, got, err)
			}
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		f := Fen(rapid.Int64Range(-most, most).Draw(t, "fen"))
		if got, err := ParseWords(f.Words()); got != f || err != nil {
			t.Fatalf("%s is read as %v, %v", f.Words(), got, err)
		}
	})
}

// read reads capital characters back, in a way of its own.
func read(s string) (n int64) {
	sign := int64(1)
	if rest, ok := strings.CutPrefix(s, "负"); ok {
		s, sign = rest, -1
	}
	digits := map[rune]int64{'壹': 1, '贰': 2, '叁': 3, '肆': 4, '伍': 5, '陆': 6, '柒': 7, '捌': 8, '玖': 9}
	tens := map[rune]int64{'拾': 10, '佰': 100, '仟': 1000}
	var total, section, d int64
	for _, r := range s {
		switch {
		case digits[r] > 0:
			d = digits[r]
		case tens[r] > 0:
			section, d = section+d*tens[r], 0
		case r == '万':
			section, d = (section+d)*10_000, 0
		case r == '亿':
			total, section, d = (total+section+d)*100_000_000, 0, 0
		case r == '元':
			total, section, d = (total+section+d)*100, 0, 0
		case r == '角':
			total, d = total+d*10, 0
		case r == '分':
			total, d = total+d, 0
		}
	}
	return sign * total
}

func TestWordsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := Fen(rapid.Int64Range(-1_000_000_000_000_000_00, 1_000_000_000_000_000_00).Draw(t, "fen"))
		w := f.Words()
		if got := read(w); got != int64(f) {
			t.Fatalf("%s in words is %s, read back %d", f, w, got)
		}
		if f == 0 {
			return
		}
		if strings.Contains(w, "零零") || strings.HasPrefix(w, "零") || strings.Contains(w, "零元") || strings.Contains(w, "零万") || strings.Contains(w, "零亿") {
			t.Fatalf("%s has a zero too many", w)
		}
	})
}

func TestShare(t *testing.T) {
	for _, c := range []struct {
		name     string
		f        Fen
		num, den int64
		want     Fen
	}{
		{"工会法第四十三条 百分之二", 1_000_000_00, 2, 100, 20_000_00},
		{"ours: half a fen goes up", 25, 2, 100, 1},
		{"ours: below half a fen is dropped", 24, 2, 100, 0},
		{"ours: half a fen goes away from zero", -25, 2, 100, -1},
		{"ours: the product passes 64 bits", math.MaxInt64, 1_000_000, 1_000_000, math.MaxInt64},
		{"ours: the smallest amount", math.MinInt64, 3, 3, math.MinInt64},
		{"ours: a negative share", 100, -1, 3, -33},
		{"ours: both negative", -100, -1, 3, 33},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.f.Share(c.num, c.den); got != c.want {
				t.Errorf("Share = %d, want %d", got, c.want)
			}
		})
	}
	defer func() {
		if recover() == nil {
			t.Error("a share beyond 64 bits was booked")
		}
	}()
	Fen(math.MaxInt64).Share(2, 1)
}

func TestShareIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.Int64Range(-most, most).Draw(t, "f")
		num := rapid.Int64Range(-10_000_000, 10_000_000).Draw(t, "num")
		den := rapid.Int64Range(10_000, 1_000_000_000_000).Draw(t, "den")
		got := big.NewInt(int64(Fen(f).Share(num, den)))
		// |got*den - f*num| is at most den/2, and a tie goes away from zero.
		exact := new(big.Int).Mul(big.NewInt(f), big.NewInt(num))
		diff := new(big.Int).Sub(new(big.Int).Mul(got, big.NewInt(den)), exact)
		twice := new(big.Int).Lsh(new(big.Int).Abs(diff), 1)
		if c := twice.Cmp(big.NewInt(den)); c > 0 || c == 0 && diff.Sign() != exact.Sign() {
			t.Fatalf("%d·%d/%d = %s", f, num, den, got)
		}
	})
}

func TestText(t *testing.T) {
	for f, want := range map[Fen][2]string{
		0:             {"0.00", "0.00"},
		-5:            {"-0.05", "-0.05"},
		999_99:        {"999.99", "999.99"},
		1000_00:       {"1000.00", "1,000.00"},
		-123456_78:    {"-123456.78", "-123,456.78"},
		1234567_89:    {"1234567.89", "1,234,567.89"},
		math.MinInt64: {"-92233720368547758.08", "-92,233,720,368,547,758.08"},
	} {
		if f.String() != want[0] || f.Grouped() != want[1] {
			t.Errorf("%d is %s, %s", int64(f), f, f.Grouped())
		}
	}
	var v struct {
		Amount Fen `json:"amount"`
	}
	if err := json.Unmarshal([]byte(`{"amount":"1,409.50"}`), &v); err != nil || v.Amount != 1409_50 {
		t.Errorf("read %v, %v", v, err)
	}
	if b, err := json.Marshal(v); string(b) != `{"amount":"1409.50"}` || err != nil {
		t.Errorf("wrote %s, %v", b, err)
	}
	if err := json.Unmarshal([]byte(`{"amount":1409.5}`), &v); err == nil {
		t.Error("a JSON number, which may be a float, was taken")
	}
}

// What Parse takes comes back from String and Grouped unchanged.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"1,409.50", "-¥1.5元", "1.005", "９９", "-", "1,,2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := Parse(text)
		if err != nil {
			return
		}
		for _, s := range []string{n.String(), n.Grouped()} {
			if again, err := Parse(s); again != n || err != nil {
				t.Errorf("%q is %d fen, %q is %d, %v", text, n, s, again, err)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, err := Parse("1,409.50"); err != nil {
			b.Fatal(err)
		}
	}
}
