package zh

import (
	"slices"
	"testing"
)

func TestStem(t *testing.T) {
	for unit, want := range map[string]string{
		"丹东市财政局机关工会委员会":     "丹东市财政局",
		"丹东市财政局机关工会":        "丹东市财政局",
		"丹东市财政局工会委员会":       "丹东市财政局",
		"丹东市 财政局　工会":        "丹东市财政局",
		"丹东市财政局":            "丹东市财政局",
		"丹东市卫生健康委员会机关工会委员会": "丹东市卫生健康委员会",
		"丹东市卫生健康委员会":        "丹东市卫生健康委员会",
		"丹东市总工会":            "丹东市总工会",
		"丹东市总工会机关工会":        "丹东市总工会",
		"丹东市直机关工会":          "丹东市直机关",
		"丹东市直属机关工会委员会":      "丹东市直属机关",
		"振兴区街道联合工会":         "振兴区街道联合工会",
		"丹东市档案馆基层工会委员会":     "丹东市档案馆",
		"工会": "工会",
		"":   "",
	} {
		if got := Stem(unit); got != want {
			t.Errorf("Stem(%s) = %s, want %s", unit, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"财政局", "", 3}, {"", "财政局", 3}, {"财政局", "财政局", 0},
		{"财政局", "市财政局", 1}, {"财证局", "财政局", 1}, {"财政局", "局政财", 2}, {"市财政局", "市审计局", 2},
	} {
		if got := Distance(c.a, c.b); got != c.want || Distance(c.b, c.a) != c.want {
			t.Errorf("Distance(%s, %s) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestSimilar(t *testing.T) {
	known := []string{"丹东市财政局机关工会", "丹东市审计局机关工会", "丹东市卫生健康委员会机关工会", "丹东市财政事务中心工会", "丹东市统计局工会委员会"}
	for name, want := range map[string][]string{
		"丹东市财政局":   {"丹东市财政局机关工会"},
		"市财政局机关工会": {"丹东市财政局机关工会"},
		"丹东市财证局工会": {"丹东市财政局机关工会"},
		"卫健委":      {"丹东市卫生健康委员会机关工会"},
		"市卫健委机关工会": {"丹东市卫生健康委员会机关工会"},
		"鞍山钢铁集团":   nil,
		"丹东市统计局":   {"丹东市统计局工会委员会"},
	} {
		if got := Similar(name, known, 2); !slices.Equal(got, want) {
			t.Errorf("Similar(%s) = %v, want %v", name, got, want)
		}
	}
}
