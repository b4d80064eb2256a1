package account

import (
	"testing"
)

var r169 = Limits{MinLength: 10, MinClasses: 3, History: 5, MaxAge: 90, Tries: 5}

func TestPasswordFlaw(t *testing.T) {
	for _, c := range []struct {
		law, password string
		good          bool
	}{
		{"R1.69 十位: nine", "Wd9#kx-Qz", false},
		{"R1.69 十位: ten", "Wd9#kx-QzT", true},
		{"R1.69 三类: two", "wd9kxqztvm", false},
		{"R1.69 三类: three without symbols", "wd9KxqzTvm", true},
		{"R1.69 三类: Chinese counts as symbols", "退休职工Wd9之家x好", true},
		{"ours: a common word with look-alikes", "P@ssw0rd123!", false},
		{"ours: a common word and a year", "Gonghui@2026", false},
		{"ours: the login", "Wangjg-wangjg9", false},
		{"ours: the name in pinyin", "Wangjianguo@88", false},
		{"ours: the name itself", "王建国王建国Aa1", false},
		{"ours: fingers along the keyboard", "Qwertyuiop1!", false},
		{"ours: down the keyboard", "1qaz2WSX#3edc", false},
		{"ours: counting backwards", "Aa#987654321", false},
		{"ours: one character over and over", "Aa1!!!!!!!!!", false},
		{"ours: initials of the name and little more", "Wjg@123456", false},
		{"ours: a sentence's initials", "Wmzh-8dzhgg!", true},
		{"ours: what the program hands out", temporary(), true},
	} {
		t.Run(c.law, func(t *testing.T) {
			if flaw := r169.PasswordFlaw(c.password, "wangjg", "王建国"); (flaw == "") != c.good {
				t.Errorf("%q: %q", c.password, flaw)
			}
		})
	}
}

// What the program hands out passes its own rule, every time.
func TestTemporary(t *testing.T) {
	seen := map[string]bool{}
	for range 2000 {
		p := temporary()
		if flaw := r169.PasswordFlaw(p, "wangjg", "王建国"); flaw != "" || seen[p] {
			t.Fatalf("%q: %s", p, flaw)
		}
		seen[p] = true
	}
}

func BenchmarkPasswordFlaw(b *testing.B) {
	for b.Loop() {
		r169.PasswordFlaw("Wmzh-8dzhgg!", "wangjg", "王建国")
	}
}
