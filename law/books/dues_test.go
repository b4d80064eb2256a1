package books

import (
	"testing"

	"unionhall/kit/money"
)

func TestDues(t *testing.T) {
	for _, c := range []struct {
		law        string
		base, want money.Fen
	}{
		{"F1.2: 3,287", 3_287_00, 16_40}, {"F1.2: 5,999.99", 5_999_99, 29_95}, {"F1.2: 9.99", 9_99, 0}, {"ours: no wages", 0, 0}, {"ours: less than none", -5_00, 0},
	} {
		if got := Dues(c.base); got != c.want {
			t.Errorf("%s: %s, want %s", c.law, got, c.want)
		}
	}
}
