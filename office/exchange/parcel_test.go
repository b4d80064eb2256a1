package exchange

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"strings"
	"testing"

	"unionhall/kit/fault"
)

func parcelOf(t testing.TB) ([]byte, ed25519.PrivateKey) {
	t.Helper()
	_, secret, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b, err := pack(header{Kind: kindUnions, From: "滨江市直机关工会工委", Tenant: 2106000001, Seq: 7, AsOf: "2026-11-26", Made: "2026-11-26T01:02:03.000000Z"},
		[]Line{{Code: "1", Name: "工委", Members: 30, Women: 12}, {Code: "2", Name: "财政局机关工会", Parent: "1", Members: 30, Women: 12, Missing: []string{"ORG-13"}}}, secret)
	if err != nil {
		t.Fatal(err)
	}
	return b, secret
}

func TestUnpack(t *testing.T) {
	b, secret := parcelOf(t)
	p, err := unpack(b)
	if err != nil || p.Seq != 7 || len(p.lines) != 2 || p.lines[1].Missing[0] != "ORG-13" {
		t.Fatalf("%+v, %v", p, err)
	}
	if u, m, w := sums(p.lines); u != 2 || m != 30 || w != 12 {
		t.Errorf("sums: %d %d %d", u, m, w)
	}
	_, other := parcelOf(t)
	foreign := base64.StdEncoding.EncodeToString(other.Public().(ed25519.PublicKey))
	mine := base64.StdEncoding.EncodeToString(secret.Public().(ed25519.PublicKey))
	for _, c := range []struct {
		name string
		b    []byte
		want string
	}{
		{"nothing", nil, "不是往来数据包"},
		{"a workbook", []byte("PK\x03\x04\n\n\n"), "不是往来数据包"},
		{"one byte of the data", bytes.Replace(b, []byte(`"members":30`), []byte(`"members":31`), 1), "数据与签名不符"},
		{"cut short", b[:len(b)-9], "数据与签名不符"},
		{"a later day", bytes.Replace(b, []byte("2026-11-26"), []byte("2026-11-27"), 1), "签名不对"},
		{"another's key", bytes.Replace(b, []byte(mine), []byte(foreign), 1), "签名不对"},
		{"no key", bytes.Replace(b, []byte(mine), nil, 1), "公钥不完整"},
		{"a later format", bytes.Replace(b, []byte(format), []byte("unionhall-bundle-2"), 1), "另一版本"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := unpack(c.b)
			if f := fault.Of(err); err == nil || f.Kind != fault.Invalid || !strings.Contains(f.Text, c.want) || f.Fields["file"] == "" {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// Whatever comes in is opened or refused in words; only what was signed opens.
func FuzzUnpack(f *testing.F) {
	b, _ := parcelOf(f)
	f.Add(b)
	f.Add([]byte("{}\n\n"))
	f.Add([]byte(`{"format":"unionhall-bundle-1","kind":"unions"}` + "\nAAAA\n[]"))
	f.Fuzz(func(t *testing.T, in []byte) {
		p, err := unpack(in)
		if err == nil && (p.Seq < 1 || len(p.lines) == 0) {
			t.Errorf("opened %+v", p.header)
		}
		if err != nil && fault.Of(err).Kind != fault.Invalid {
			t.Errorf("%v", err)
		}
	})
}

func TestFingerprint(t *testing.T) {
	if got := fingerprint("abc"); len(strings.Fields(got)) != 5 || got == fingerprint("abd") {
		t.Error(got)
	}
}
