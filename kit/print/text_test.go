package print

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func blank(t rapid.TB) *Doc {
	t.Helper()
	d, err := New(paper())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestWrap(t *testing.T) {
	d := blank(t)
	for _, c := range []struct {
		name, text string
		chars      float64 // of the width
		want       []string
	}{
		{"fits", "滨江市", 3, []string{"滨江市"}},
		{"between characters", "滨江市总工会", 4, []string{"滨江市总", "工会"}},
		{"no full stop first", "滨江市总，工会", 4, []string{"滨江市", "总，工会"}},
		{"no two marks first", "滨江市总）。会", 4, []string{"滨江市", "总）。会"}},
		{"no bracket last", "滨江市（总）", 4, []string{"滨江市", "（总）"}},
		{"no title mark last", "根据章《程》办", 4, []string{"根据章", "《程》办"}},
		{"a number stays whole", "合计金额 12345.67", 5, []string{"合计金额", "12345.67"}},
		{"a foreign word stays whole", "由 Unionhall 打印", 5.6, []string{"由", "Unionhall", "打印"}},
		{"per cent stays with its number", "占全部职工的百分之12%", 10.5, []string{"占全部职工的百分之", "12%"}},
		{"what fits nowhere is cut", "210602199003071234", 5, []string{"210602199", "003071234"}},
		{"only marks", "。。。。。", 2, []string{"。。", "。。", "。"}},
		{"lines of its own", "甲\r\n乙\n\n丙", 9, []string{"甲", "乙", "", "丙"}},
		{"spaces at the break go", "滨江市总 工会", 4, []string{"滨江市总", "工会"}},
		{"beyond U+FFFF", "𬭎𫖯䶮", 2, []string{"𬭎𫖯", "䶮"}},
		{"narrower than a character", "甲乙", 0.5, []string{"甲", "乙"}},
		{"nothing", "", 9, []string{""}},
	} {
		if got := d.wrap(c.text, c.chars*10, 10); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWrapLosesNothing(t *testing.T) {
	d := blank(t)
	text := rapid.StringOf(rapid.SampledFrom([]rune("总工会，。《》（）“”12.%ab -\n𬭎·")))
	rapid.Check(t, func(r *rapid.T) {
		s, width := text.Draw(r, "text"), rapid.Float64Range(1, 200).Draw(r, "width")
		lines := d.wrap(s, width, 10)
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if squeeze(strings.Join(lines, "")) != squeeze(s) {
			r.Fatalf("%q became %q", s, lines)
		}
		for _, l := range lines {
			if n := len([]rune(l)); n > 1 && d.measure(l, 10) > width+0.1 {
				r.Fatalf("%q is %.1f wide, want %.1f", l, d.measure(l, 10), width)
			}
		}
	})
}
