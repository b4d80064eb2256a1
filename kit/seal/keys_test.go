package seal

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

func TestCreateAndLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	a, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(path)
	if err != nil || (runtime.GOOS != "windows" && st.Mode().Perm() != 0o600) {
		t.Fatalf("mode %v, %v; want 0600", st.Mode(), err)
	}
	b, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if a.Fingerprint() != b.Fingerprint() || len(a.Fingerprint()) != 16 {
		t.Errorf("fingerprints %q and %q", a.Fingerprint(), b.Fingerprint())
	}
	if got, err := b.Open(1, "members", "id", a.Seal(1, "members", "id", "210602")); err != nil || got != "210602" {
		t.Errorf("after a new start: %q, %v", got, err)
	}
	if other := fresh(t); other.Fingerprint() == a.Fingerprint() {
		t.Error("two key files with one fingerprint")
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files left in the folder, %v", len(entries), err)
	}
}

func TestOnlyOneOfManyCreates(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	prints := make(chan string, 8)
	var all sync.WaitGroup
	for range cap(prints) {
		all.Go(func() {
			if k, err := Create(path); err == nil {
				prints <- k.Fingerprint()
			}
		})
	}
	all.Wait()
	k, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(prints) != 1 || <-prints != k.Fingerprint() {
		t.Errorf("more than one program made the keys, or not those that stand")
	}
}

func TestKeyFileRefused(t *testing.T) {
	dir := t.TempDir()
	good := filepath.Join(dir, "good.json")
	if _, err := Create(good); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "damaged"},
		{"half", string(text[:len(text)/2]), "damaged"},
		{"short key", strings.Replace(string(text), `"seal": "`, `"seal": "00`, 1), "damaged"},
		{"not hex", strings.Replace(string(text), `"audit": "`, `"audit": "zz`, 1), "damaged"},
		{"current unknown", strings.Replace(string(text), `"current": 1`, `"current": 2`, 1), "damaged"},
		{"version nought", strings.Replace(string(text), `"version": 1`, `"version": 0`, 1), "damaged"},
	} {
		path := filepath.Join(dir, c.name)
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want one line with %q", c.name, err, c.want)
		}
	}
	if _, err := Load(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	if _, err := Create(filepath.Join(dir, "nofolder", "keys.json")); err == nil {
		t.Error("keys made in a folder that is not there")
	}
	if runtime.GOOS != "windows" {
		if err := os.Chmod(good, 0o640); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(good); err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("mode 0640: %v", err)
		}
	}
}

func TestOldGenerationOpens(t *testing.T) {
	one := `{"version":1,"seal":"` + strings.Repeat("11", 32) + `","index":"` + strings.Repeat("22", 32) + `","audit":"` + strings.Repeat("33", 32) + `"}`
	two := `{"version":2,"seal":"` + strings.Repeat("44", 32) + `","index":"` + strings.Repeat("55", 32) + `","audit":"` + strings.Repeat("66", 32) + `"}`
	before, err := Parse([]byte(`{"current":1,"keys":[` + one + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	after, err := Parse([]byte(`{"current":2,"keys":[` + one + `,` + two + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	old, young := before.Seal(1, "t", "c", "x"), after.Seal(1, "t", "c", "x")
	if got, err := after.Open(1, "t", "c", old); err != nil || got != "x" {
		t.Errorf("the old seal under new keys: %q, %v", got, err)
	}
	if _, err := before.Open(1, "t", "c", young); !errors.Is(err, ErrBroken) {
		t.Errorf("the new seal under old keys: %v", err)
	}
	if before.Fingerprint() != after.Fingerprint() || before.Blind(1, "f", "x") != after.Blind(1, "f", "x") || string(before.MAC([]byte("x"))) != string(after.MAC([]byte("x"))) {
		t.Error("a new generation changed the fingerprint, an index or a seal of the log")
	}
}
