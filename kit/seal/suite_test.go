package seal

import (
	"bytes"
	"crypto/hmac"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emmansun/gmsm/sm4"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// R1.72: the algorithms are those of the standards: SM3 of GB/T 32905 annex A,
// SM4 of GB/T 32907 annex A, SM4-GCM of RFC 8998 A.1, HMAC by its definition.
func TestStandardVectors(t *testing.T) {
	h := SM.hash()()
	h.Write([]byte("abc"))
	if got := hex.EncodeToString(h.Sum(nil)); got != "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0" {
		t.Errorf("SM3 of abc is %s", got)
	}
	h = SM.hash()()
	h.Write(bytes.Repeat([]byte("abcd"), 16))
	if got := hex.EncodeToString(h.Sum(nil)); got != "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732" {
		t.Errorf("SM3 of 64 bytes is %s", got)
	}
	key := unhex(t, "0123456789abcdeffedcba9876543210")
	block, err := sm4.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]byte, 16)
	block.Encrypt(out, key)
	if got := hex.EncodeToString(out); got != "681edf34d206965e86b3e94f536e4246" {
		t.Errorf("SM4 is %s", got)
	}
	a, err := SM.aead(append(bytes.Clone(key), make([]byte, 16)...))
	if err != nil {
		t.Fatal(err)
	}
	plain := unhex(t, "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddddddeeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa")
	got := a.Seal(nil, unhex(t, "00001234567800000000abcd"), plain, unhex(t, "feedfacedeadbeeffeedfacedeadbeefabaddad2"))
	want := "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d83de3541e4c2b58177e065a9bf7b62ec"
	if hex.EncodeToString(got) != want {
		t.Errorf("SM4-GCM is %x", got)
	}
	// HMAC from its definition: H((K ^ opad) || H((K ^ ipad) || m)), blocks of 64
	inner, outer, long := SM.hash()(), SM.hash()(), make([]byte, 64)
	copy(long, key)
	pad := func(b byte) (p []byte) {
		for _, k := range long {
			p = append(p, k^b)
		}
		return p
	}
	inner.Write(append(pad(0x36), "员工"...))
	outer.Write(append(pad(0x5c), inner.Sum(nil)...))
	m := hmac.New(SM.hash(), key)
	m.Write([]byte("员工"))
	if !bytes.Equal(m.Sum(nil), outer.Sum(nil)) {
		t.Error("HMAC-SM3 is not what its definition says")
	}
}

// An office of SM keys seals, finds and proves by SM alone.
func TestSuiteOfAnOffice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	k, err := CreateSuite(path, SM)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Generations(path)
	if err != nil || len(f) != 1 || f[0].Suite != SM || !f[0].Seals {
		t.Errorf("%+v %v", f, err)
	}
	b := k.Seal(1, "members", "id", "210602198001011234")
	if s, err := k.Open(1, "members", "id", b); err != nil || s != "210602198001011234" {
		t.Errorf("%q %v", s, err)
	}
	// the same bytes read as AES keys open nothing and prove nothing
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other, err := Parse([]byte(strings.ReplaceAll(string(text), `"suite": "sm",`, "")))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Open(1, "members", "id", b); !errors.Is(err, ErrBroken) {
		t.Errorf("as AES: %v", err)
	}
	if bytes.Equal(k.MAC([]byte("x")), other.MAC([]byte("x"))) || k.Blind(1, "a", "b") == other.Blind(1, "a", "b") {
		t.Error("hashes do not depend on the suite")
	}
	if _, err := CreateSuite(filepath.Join(t.TempDir(), "k"), "sm9"); err == nil {
		t.Error("an unknown suite is taken")
	}
}

// A generation is added, then used: what was sealed before stays readable, a
// running instance learns of it, and a file of another office is refused.
func TestGenerations(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	k, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	second, err := Load(path) // another instance
	if err != nil {
		t.Fatal(err)
	}
	was, blob := k.Seal(1, "members", "phone", "13900000000"), k.SealBlob(1, "chunks", "body", []byte("rows"))
	blind, mac, print := k.Blind(1, "a", "b"), k.MAC([]byte("x")), k.Fingerprint()
	v, err := Add(path, SM)
	if err != nil || v != 2 {
		t.Fatal(v, err)
	}
	if err := k.Refresh(); err != nil || k.Current() != 1 {
		t.Errorf("an added generation seals: %d %v", k.Current(), err)
	}
	if err := errors.Join(Use(path, 2), k.Refresh()); err != nil || k.Current() != 2 {
		t.Errorf("%d %v", k.Current(), err)
	}
	now, err := k.Reseal(1, "members", "phone", was)
	if err != nil || VersionOf(was) != 1 || VersionOf(now) != 2 {
		t.Errorf("sealed anew by %d, %v", VersionOf(now), err)
	}
	for _, b := range [][]byte{was, now} {
		for _, x := range []*Keys{k, second} { // second has read nothing since
			if s, err := x.Open(1, "members", "phone", b); err != nil || s != "13900000000" {
				t.Errorf("generation %d: %q %v", VersionOf(b), s, err)
			}
		}
	}
	fresh, err := k.Reseal(1, "chunks", "body", blob)
	if err != nil || VersionOf(fresh) != 2 {
		t.Fatal(err)
	}
	if b, err := second.OpenBlob(1, "chunks", "body", fresh); err != nil || string(b) != "rows" {
		t.Errorf("%q %v", b, err)
	}
	if _, err := k.Reseal(1, "members", "id", was); !errors.Is(err, ErrBroken) {
		t.Errorf("sealed anew for another column: %v", err)
	}
	if k.Blind(1, "a", "b") != blind || !bytes.Equal(k.MAC([]byte("x")), mac) || k.Fingerprint() != print {
		t.Error("what is found and proved must not change")
	}
	if err := Use(path, 7); err == nil {
		t.Error("a generation that is not there seals")
	}
	foreign := filepath.Join(t.TempDir(), "keys.json")
	if _, err := Create(foreign); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(foreign, path); err != nil {
		t.Fatal(err)
	}
	if err := k.Refresh(); err == nil || k.Current() != 2 {
		t.Error("another office's keys are taken")
	}
}
