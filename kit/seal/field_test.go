package seal

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func fresh(t testing.TB) *Keys {
	t.Helper()
	k, err := Create(filepath.Join(t.TempDir(), "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// fixed are keys that never change, for values that must stay readable.
func fixed(t testing.TB) *Keys {
	t.Helper()
	k, err := Parse([]byte(`{"current":1,"keys":[{"version":1,"seal":"` + strings.Repeat("11", 32) +
		`","index":"` + strings.Repeat("22", 32) + `","audit":"` + strings.Repeat("33", 32) + `"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestSealRoundTrip(t *testing.T) {
	k := fresh(t)
	for _, plain := range []string{"", "1", "210602199003071234", "13841500000", "慢性肾功能衰竭，𬭎", strings.Repeat("病", 5000)} {
		sealed := k.Seal(2106020001, "members", "id", plain)
		if len(sealed) != len(plain)+31 {
			t.Errorf("%d bytes sealed in %d", len(plain), len(sealed))
		}
		if len(plain) > 1 && bytes.Contains(sealed, []byte(plain)) {
			t.Errorf("%.12q stands in its seal", plain)
		}
		got, err := k.Open(2106020001, "members", "id", sealed)
		if err != nil || got != plain {
			t.Errorf("Open = %.12q, %v; want %.12q", got, err, plain)
		}
	}
	if bytes.Equal(k.Seal(1, "t", "c", "x"), k.Seal(1, "t", "c", "x")) {
		t.Error("the same value sealed twice looks the same")
	}
}

const (
	longAgo      = "01000174bd45ce89a2f5aaf935dc5b59509bac6e9d5466ac36dd65969f6b4f5b06ece424b7d5e289a490129b13631311f6"
	longAgoBlind = "2e57e5c558fe41265d4778d1c35cd0cd"
)

// A value sealed by an earlier build must open for ever.
func TestSealedLongAgo(t *testing.T) {
	sealed, err := hex.DecodeString(longAgo)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := fixed(t).Open(2106020001, "members", "id", sealed); err != nil || got != "210602199003071234" {
		t.Errorf("Open = %q, %v", got, err)
	}
	if got := fixed(t).Blind(2106020001, "member.id", "210602199003071234"); got != longAgoBlind {
		t.Errorf("Blind = %s, want %s", got, longAgoBlind)
	}
	m := hmac.New(sha256.New, bytes.Repeat([]byte{0x33}, 32))
	m.Write([]byte("a row"))
	if got := fixed(t).MAC([]byte("a row")); !bytes.Equal(got, m.Sum(nil)) {
		t.Errorf("MAC = %x", got)
	}
}

func TestSealOpensNowhereElse(t *testing.T) {
	k := fresh(t)
	sealed := k.Seal(1, "members", "id", "210602199003071234")
	for _, c := range []struct {
		name          string
		keys          *Keys
		tenant        int64
		table, column string
	}{
		{"another tenant", k, 2, "members", "id"},
		{"another column", k, 1, "members", "phone"},
		{"another table", k, 1, "persons", "id"},
		{"parts shifted", k, 1, "member", "s.id"},
		{"other keys", fresh(t), 1, "members", "id"},
	} {
		if got, err := c.keys.Open(c.tenant, c.table, c.column, sealed); !errors.Is(err, ErrBroken) || got != "" {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
	for i := range sealed {
		for bit := range 8 {
			bad := bytes.Clone(sealed)
			bad[i] ^= 1 << bit
			if got, err := k.Open(1, "members", "id", bad); !errors.Is(err, ErrBroken) || got != "" {
				t.Fatalf("byte %d, bit %d changed: %q, %v", i, bit, got, err)
			}
		}
		if _, err := k.Open(1, "members", "id", sealed[:i]); !errors.Is(err, ErrBroken) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
}

func TestBlob(t *testing.T) {
	k := fresh(t)
	plain := []byte(strings.Repeat(`["王建国","210602199003071234","滨江区总工会"]`, 2000))
	sealed := k.SealBlob(1, "import_chunks", "body", plain)
	if len(sealed) > len(plain)/10 {
		t.Errorf("%d bytes packed in %d", len(plain), len(sealed))
	}
	if got, err := k.OpenBlob(1, "import_chunks", "body", sealed); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("%d bytes back, %v", len(got), err)
	}
	if got, err := k.OpenBlob(1, "import_chunks", "body", k.SealBlob(1, "import_chunks", "body", nil)); err != nil || len(got) != 0 {
		t.Errorf("nothing sealed came back as %q, %v", got, err)
	}
	if _, err := k.OpenBlob(2, "import_chunks", "body", sealed); !errors.Is(err, ErrBroken) {
		t.Errorf("another tenant: %v", err)
	}
	field := k.Seal(1, "import_chunks", "body", "a field")
	field[0] = packedFormat
	if _, err := k.OpenBlob(1, "import_chunks", "body", field); !errors.Is(err, ErrBroken) {
		t.Errorf("a field dressed as a blob: %v", err)
	}
}

func TestBlind(t *testing.T) {
	k := fresh(t)
	base := k.Blind(1, "member.id", "210602199003071234")
	if base != k.Blind(1, "member.id", "210602199003071234") || len(base) != 32 || len(k.BlindShort(1, "member.tail", "1234")) != 16 {
		t.Fatalf("Blind = %q, not steady or not the size", base)
	}
	for name, other := range map[string]string{
		"tenant":        k.Blind(2, "member.id", "210602199003071234"),
		"field":         k.Blind(1, "member.phone", "210602199003071234"),
		"value":         k.Blind(1, "member.id", "210602199003071235"),
		"keys":          fresh(t).Blind(1, "member.id", "210602199003071234"),
		"parts shifted": k.Blind(1, "member", "id.210602199003071234"),
	} {
		if other == base {
			t.Errorf("another %s, the same index", name)
		}
	}
}

func TestManyAtOnce(t *testing.T) {
	k := fresh(t)
	var all sync.WaitGroup
	for tenant := range int64(8) {
		all.Go(func() {
			want := strings.Repeat("7", int(tenant)+1)
			blind := k.Blind(tenant, "f", want)
			for range 500 {
				got, err := k.Open(tenant, "t", "c", k.Seal(tenant, "t", "c", want))
				blob, err2 := k.OpenBlob(tenant, "t", "c", k.SealBlob(tenant, "t", "c", []byte(want)))
				if err != nil || err2 != nil || got != want || string(blob) != want || k.Blind(tenant, "f", want) != blind {
					t.Errorf("%q, %q, %v, %v", got, blob, err, err2)
					return
				}
			}
		})
	}
	all.Wait()
}

func FuzzOpen(f *testing.F) {
	k := fixed(f)
	f.Add([]byte(nil))
	f.Add(k.Seal(1, "t", "c", "x"))
	f.Add(k.SealBlob(1, "t", "c", []byte("xyz")))
	f.Add([]byte{plainFormat, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, err := k.Open(2, "t", "c", b); err == nil {
			t.Errorf("opened %x as %q", b, got)
		}
		if got, err := k.OpenBlob(2, "t", "c", b); err == nil {
			t.Errorf("opened blob %x as %q", b, got)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	k := fresh(b)
	b.ReportAllocs()
	for b.Loop() {
		k.Seal(2106020001, "members", "id", "210602199003071234")
	}
}

func BenchmarkOpen(b *testing.B) {
	k := fresh(b)
	sealed := k.Seal(2106020001, "members", "id", "210602199003071234")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Open(2106020001, "members", "id", sealed); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBlind(b *testing.B) {
	k := fresh(b)
	b.ReportAllocs()
	for b.Loop() {
		k.Blind(2106020001, "member.id", "210602199003071234")
	}
}

func BenchmarkMAC(b *testing.B) {
	k := fresh(b)
	row := bytes.Repeat([]byte("x"), 200)
	b.ReportAllocs()
	for b.Loop() {
		k.MAC(row)
	}
}

func BenchmarkSealBlob64K(b *testing.B) {
	k := fresh(b)
	plain := []byte(strings.Repeat(`["王建国","210602199003071234","滨江区总工会"]`, 1200))
	b.SetBytes(int64(len(plain)))
	b.ReportAllocs()
	for b.Loop() {
		k.SealBlob(1, "import_chunks", "body", plain)
	}
}
