package seal

import (
	"context"
	"strings"
	"testing"
	"time"
	"unicode"
)

func TestPassword(t *testing.T) {
	ctx := t.Context()
	kept, err := HashPassword(ctx, "海棠-Lushun-7")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(kept, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("kept as %s", kept)
	}
	for password, want := range map[string]bool{"海棠-Lushun-7": true, "海棠-lushun-7": false, "": false} {
		if got, err := CheckPassword(ctx, kept, password); err != nil || got != want {
			t.Errorf("CheckPassword(%q) = %v, %v", password, got, err)
		}
	}
	if again, err := HashPassword(ctx, "海棠-Lushun-7"); err != nil || again == kept {
		t.Errorf("the same password kept the same way twice, %v", err)
	}
}

// The text was made by the reference program of the argon2 authors
// (test.c: argon2id, version 19, t=2, m=256, p=1, password, somesalt).
func TestPasswordOfTheReference(t *testing.T) {
	const kept = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	for password, want := range map[string]bool{"password": true, "passwore": false} {
		if got, err := CheckPassword(t.Context(), kept, password); err != nil || got != want {
			t.Errorf("CheckPassword(%q) = %v, %v", password, got, err)
		}
	}
}

func TestStoredPasswordRefused(t *testing.T) {
	for _, kept := range []string{
		"secret",
		"$2a$10$abcdefghijklmnopqrstuv",
		"$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		"$argon2id$v=19$m=999999999,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		"$argon2id$v=19$m=256,t=0,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$",
	} {
		if ok, err := CheckPassword(t.Context(), kept, "password"); ok || err == nil {
			t.Errorf("%s: %v, %v", kept, ok, err)
		}
	}
}

// Who is not known must cost as much as who is, else logins can be told.
func TestUnknownLoginTakesAsLong(t *testing.T) {
	kept, err := HashPassword(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	took := func(kept string) time.Duration {
		best := time.Hour
		for range 5 {
			began := time.Now()
			if ok, err := CheckPassword(t.Context(), kept, "y"); ok || err != nil {
				t.Fatalf("%v, %v", ok, err)
			}
			best = min(best, time.Since(began))
		}
		return best
	}
	known, unknown := took(kept), took("")
	if unknown < known/2 {
		t.Errorf("unknown login %v, known %v", unknown, known)
	}
	if ok, err := CheckPassword(t.Context(), "", ""); ok || err != nil {
		t.Errorf("no account, no password: %v, %v", ok, err)
	}
}

func TestWeak(t *testing.T) {
	for _, c := range []struct {
		law, password, want string // R1.69 throughout
	}{
		{"R1.69 nine characters", "Xk9#mW2$v", "10 个字符"},
		{"R1.69 ten characters", "Xk9#mW2$vL", ""},
		{"R1.69 two classes", "xkfmwqvlpr47", "四类"},
		{"R1.69 three classes", "xkfmwqvlpr-47", ""},
		{"ours: too long", strings.Repeat("Xk9#mW2$vL", 13), "最长"},
		{"ours: office habit", "Zggh@123456", "常用词"},
		{"ours: disguised", "P@ssw0rd!2026", "常用词"},
		{"ours: keys in a row", "Qwe123!@#asd", "常用词"},
		{"ours: keys in columns", "1qaz2wsx!QAZ", "常用词"},
		{"ours: backwards", "Ytrewq!654321", "常用词"},
		{"ours: one repeated", "Aaaaaaaaaa1!", "常用词"},
		{"ours: a name and a year", "ZhangWei@1988", "常用词"},
		{"ours: the administrator", "Admin@2026!!", "常用词"},
		{"ours: the house", "Unionhall#2026", "常用词"},
		{"ours: of the person: login", "Sunlx.2026-Ab", "本人"},
		{"ours: of the person: name", "孙丽霞abc#123", "本人"},
		{"ours: the login within much else", "Sunlx-kq8!vTz3", ""},
		{"ours: unrelated words", "海棠-Lushun-7", ""},
		{"ours: a sentence", "Renmin 8 hao yuan de chuang!", ""},
	} {
		got := Weak(c.password, "sunlx", "孙丽霞", "", "7")
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: Weak(%q) = %q, want %q", c.law, c.password, got, c.want)
		}
	}
}

func TestWeakTakesAnything(t *testing.T) {
	for _, p := range []string{"\xff\xfe\xff\xfe\xff\xfe\xff\xfeA1", strings.Repeat("Ａ１！", 5), "𬭎𬭎𬭎𬭎𬭎Aa1𫖯𫖯𫖯", "İİİİİİİİİİa1"} {
		for _, r := range Weak(p, p) {
			if unicode.Is(unicode.Latin, r) {
				t.Errorf("Weak(%q) speaks English", p)
			}
		}
	}
}

func TestToken(t *testing.T) {
	a, b := Token(), Token()
	if a == b || len(a) != 43 || strings.ContainsAny(a, "+/=") {
		t.Errorf("tokens %q, %q", a, b)
	}
	if TokenHash("abc") != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Error("TokenHash is not SHA-256")
	}
}

func BenchmarkCheckPassword(b *testing.B) {
	for b.Loop() {
		if _, err := CheckPassword(context.Background(), "", "x"); err != nil {
			b.Fatal(err)
		}
	}
}
