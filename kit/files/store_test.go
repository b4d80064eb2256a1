package files

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"unionhall/kit/fault"
)

// The hash of "abc", from FIPS 180-2.
const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

func open(t *testing.T) (*Folder, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "blobs")
	s, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, dir
}

func walk(t *testing.T, s Store) map[string]int64 {
	t.Helper()
	found := map[string]int64{}
	if err := s.Walk(func(hash string, size int64) error { found[hash] = size; return nil }); err != nil {
		t.Fatal(err)
	}
	return found
}

func incomingFiles(t *testing.T, dir string) int {
	t.Helper()
	left, err := os.ReadDir(filepath.Join(dir, incoming))
	if err != nil {
		t.Fatal(err)
	}
	return len(left)
}

func TestPutAndOpen(t *testing.T) {
	s, dir := open(t)
	for range 2 { // the same content again is stored once
		b, err := s.Put(t.Context(), strings.NewReader("abc"), 3)
		if err != nil || b != (Blob{abc, 3, "text/plain"}) {
			t.Fatalf("Put = %+v, %v", b, err)
		}
	}
	f, err := s.Open(abc)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got, err := io.ReadAll(f); err != nil || string(got) != "abc" {
		t.Errorf("read %q, %v", got, err)
	}
	if n, err := s.Size(abc); err != nil || n != 3 {
		t.Errorf("Size = %d, %v", n, err)
	}
	if err := s.Verify(abc); err != nil {
		t.Errorf("Verify: %v", err)
	}
	if found := walk(t, s); len(found) != 1 || found[abc] != 3 {
		t.Errorf("Walk found %v", found)
	}
	if n := incomingFiles(t, dir); n != 0 {
		t.Errorf("%d files left in %s", n, incoming)
	}
	for range 2 {
		if err := s.Delete(abc); err != nil {
			t.Errorf("Delete: %v", err)
		}
	}
	for _, hash := range []string{abc, "", "../../etc/passwd", strings.Repeat("../", 22)[:64], strings.ToUpper(abc)} {
		_, err := s.Open(hash)
		_, err2 := s.Size(hash)
		if fault.Of(err).Kind != fault.NotFound || fault.Of(err2).Kind != fault.NotFound {
			t.Errorf("%q: %v, %v, want not found", hash, err, err2)
		}
	}
}

func TestChangedBlobIsToldAndMended(t *testing.T) {
	s, dir := open(t)
	if _, err := s.Put(t.Context(), strings.NewReader("abc"), 9); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, abc[:2], abc[2:])
	if err := os.WriteFile(path, []byte("abd"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(abc); !errors.Is(err, ErrChanged) {
		t.Errorf("Verify = %v, want ErrChanged", err)
	}
	if _, err := s.Put(t.Context(), strings.NewReader("abc"), 9); err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(abc); err != nil {
		t.Errorf("put again: %v", err)
	}
}

func TestPutRefused(t *testing.T) {
	s, dir := open(t)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	full := &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
	readonly := &os.PathError{Op: "open", Path: "x", Err: syscall.EROFS}
	for _, c := range []struct {
		name string
		ctx  context.Context
		r    io.Reader
		kind fault.Kind
		text string
	}{
		{"one byte too many", t.Context(), strings.NewReader(strings.Repeat("x", 4097)), fault.TooLarge, "4 千字节"},
		{"the line breaks", t.Context(), io.MultiReader(strings.NewReader("ab"), iotest.ErrReader(io.ErrUnexpectedEOF)), fault.Internal, ""},
		{"the browser left", gone, strings.NewReader("abc"), fault.Internal, ""},
		{"disk full", t.Context(), iotest.ErrReader(full), fault.Busy, "磁盘已满"},
		{"read-only", t.Context(), iotest.ErrReader(readonly), fault.Busy, "不能写入"},
	} {
		b, err := s.Put(c.ctx, c.r, 4096)
		if f := fault.Of(err); err == nil || f.Kind != c.kind || !strings.Contains(f.Text, c.text) || b != (Blob{}) {
			t.Errorf("%s: %+v, %v", c.name, b, err)
		}
	}
	if found := walk(t, s); len(found) != 0 {
		t.Errorf("refused and yet stored: %v", found)
	}
	if n := incomingFiles(t, dir); n != 0 {
		t.Errorf("%d half files left", n)
	}
	if _, err := s.Put(t.Context(), strings.NewReader(strings.Repeat("x", 4096)), 4096); err != nil {
		t.Errorf("as large as may be: %v", err)
	}
}

func TestCrashLeavesNothingForLong(t *testing.T) {
	s, dir := open(t)
	for name, age := range map[string]time.Duration{"dead": 2 * abandoned, "alive": abandoned / 2} {
		path := filepath.Join(dir, incoming, name)
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		then := time.Now().Add(-age)
		if err := os.Chtimes(path, then, then); err != nil {
			t.Fatal(err)
		}
	}
	if found := walk(t, s); len(found) != 0 {
		t.Errorf("Walk shows half files: %v", found)
	}
	again, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if _, err := os.Stat(filepath.Join(dir, incoming, "dead")); !os.IsNotExist(err) {
		t.Errorf("the old half file is still there: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, incoming, "alive")); err != nil {
		t.Errorf("an upload of another process was cut off: %v", err)
	}
}

func TestFolderRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	taken := t.TempDir()
	if err := os.WriteFile(filepath.Join(taken, incoming), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "below"), taken} {
		if _, err := OpenFolder(dir); err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "check") {
			t.Errorf("%s: %v, want one line that says what to do", dir, err)
		}
	}
}

func TestLinkLeadsNowhere(t *testing.T) {
	s, dir := open(t)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, abc[:2]), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(dir, abc[:2], abc[2:])); err != nil {
		t.Fatal(err)
	}
	if f, err := s.Open(abc); err == nil {
		f.Close()
		t.Error("a link out of the folder was followed")
	}
}

func TestManyPutTheSame(t *testing.T) {
	s, dir := open(t)
	content := bytes.Repeat([]byte("红"), 100_000)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			b, err := s.Put(t.Context(), bytes.NewReader(content), 1<<20)
			if err == nil {
				err = s.Verify(b.Hash)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if found := walk(t, s); len(found) != 1 || incomingFiles(t, dir) != 0 {
		t.Errorf("stored %v, %d left over", found, incomingFiles(t, dir))
	}
}
