package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"unionhall/kit/fault"
	"unionhall/kit/files/s3test"
)

func TestObjects(t *testing.T) {
	b := s3test.New(t)
	b.Set("other/thing", "not ours")
	s, err := OpenObjects(b.Address("hall"), "key", "secret")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int64{}
	for _, text := range []string{"abc", "%PDF-1.4 paper", strings.Repeat("long ", 100_000), "d", "e"} {
		for range 2 { // the same content again is stored once
			blob, err := s.Put(t.Context(), strings.NewReader(text), 1<<20)
			if err != nil || blob.Size != int64(len(text)) {
				t.Fatalf("Put = %+v, %v", blob, err)
			}
			want[blob.Hash] = blob.Size
			f, err := s.Open(blob.Hash)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(f)
			if err != nil || string(got) != text {
				t.Errorf("read %d bytes, %v", len(got), err)
			}
			part := make([]byte, 1)
			if _, err := f.ReadAt(part, int64(len(text)-1)); err != nil && !errors.Is(err, io.EOF) || part[0] != text[len(text)-1] {
				t.Errorf("at the end: %q %v", part, err)
			}
			if err := errors.Join(f.Close(), s.Verify(blob.Hash)); err != nil {
				t.Error(err)
			}
		}
	}
	if got := walk(t, s); len(got) != len(want) {
		t.Errorf("walk finds %v", got)
	}
	if _, err := s.Put(t.Context(), strings.NewReader("four"), 3); fault.Of(err).Kind != fault.TooLarge {
		t.Errorf("too large: %v", err)
	}
	b.Set("hall/ba/"+abc[2:], "abd")
	if err := s.Verify(abc); !errors.Is(err, ErrChanged) {
		t.Errorf("changed: %v", err)
	}
	for range 2 {
		if err := s.Delete(abc); err != nil {
			t.Error(err)
		}
	}
	for _, hash := range []string{abc, "../../etc", ""} {
		_, err := s.Open(hash)
		if fault.Of(err).Kind != fault.NotFound {
			t.Errorf("%q: %v", hash, err)
		}
	}
}

// A server that is busy is asked again; one that is gone, that refuses the key
// or has no such bucket is told in words.
func TestObjectsInTrouble(t *testing.T) {
	b := s3test.New(t)
	for address, word := range map[string]string{
		"s3://papers": "endpoint", "papers": "s3://bucket", "s3://none/x?endpoint=" + b.URL: "no bucket", "s3://papers/x?endpoint=http://127.0.0.1:1": "cannot be reached",
	} {
		if _, err := OpenObjects(address, "key", "secret"); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: %v", address, err)
		}
	}
	if _, err := OpenObjects(b.Address(""), "wrong", "secret"); err == nil {
		t.Error("a wrong key opens")
	}
	s, err := OpenObjects(b.Address(""), "key", "secret")
	if err != nil {
		t.Fatal(err)
	}
	b.Fail.Store(2)
	if _, err := s.Put(t.Context(), strings.NewReader("abc"), 3); err != nil {
		t.Errorf("after two refusals: %v", err)
	}
	b.Close()
	if _, err := s.Open(abc); fault.Of(err).Kind != fault.Busy || !strings.Contains(fault.Of(err).Text, "暂时连不上") {
		t.Errorf("gone: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Put(ctx, strings.NewReader("abc"), 3); err == nil {
		t.Error("nobody waits for it")
	}
}

// A folder moves into a bucket and back; run again, nothing moves.
func TestCopy(t *testing.T) {
	b := s3test.New(t)
	objects, err := OpenObjects(b.Address("hall"), "key", "secret")
	if err != nil {
		t.Fatal(err)
	}
	folder, _ := open(t)
	for i := range 7 {
		if _, err := folder.Put(t.Context(), strings.NewReader(fmt.Sprint("paper ", i)), 100); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []int64{7, 0} {
		if moved, all, err := Copy(t.Context(), folder, objects); err != nil || moved != want || all != 7 {
			t.Errorf("moved %d of %d, %v", moved, all, err)
		}
	}
	back, _ := open(t)
	if moved, _, err := Copy(t.Context(), objects, back); err != nil || moved != 7 {
		t.Errorf("back: %d %v", moved, err)
	}
	for hash := range walk(t, back) {
		if err := back.Verify(hash); err != nil {
			t.Error(err)
		}
	}
}
