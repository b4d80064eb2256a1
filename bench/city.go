package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"unionhall/schema"
)

// cache is the folder, outside of any checkout, where cities and workbooks
// stay from run to run. What another schema left is dropped.
func cache() (string, error) {
	home, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	mark, err := schemaMark()
	if err != nil {
		return "", err
	}
	above := filepath.Join(home, "unionhall-bench")
	dir := filepath.Join(above, mark)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	names, err := os.ReadDir(above)
	for _, n := range names {
		if n.Name() != mark {
			err = errors.Join(err, os.RemoveAll(filepath.Join(above, n.Name())))
		}
	}
	return dir, err
}

// schemaMark tells one state of the schema from another.
func schemaMark() (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(schema.Files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(schema.Files, path)
		sum.Write(text)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil))[:12], err
}

// city returns a folder of this run that holds a synthetic city of so many
// members, made once and then copied.
func (b *bench) city(ctx context.Context, members int) (string, error) {
	return b.kept(ctx, "city-"+strconv.Itoa(members), members, "--scale", strconv.Itoa(members))
}

// cityOf is city with so many unions.
func (b *bench) cityOf(ctx context.Context, unions, members int) (string, error) {
	return b.kept(ctx, fmt.Sprintf("unions-%d-%d", unions, members), members, "--unions", strconv.Itoa(unions), "--members", strconv.Itoa(members))
}

func (b *bench) kept(ctx context.Context, name string, members int, plan ...string) (string, error) {
	say("a city of %d members", members)
	return b.keptBy(ctx, name, func(made string) error { return b.demo(ctx, made, plan...) })
}

// demo makes a synthetic city in a folder.
func (b *bench) demo(ctx context.Context, made string, plan ...string) error {
	if out, err := command(ctx, b.bin, append([]string{"demo", "--data", made}, plan...)...).CombinedOutput(); err != nil {
		return fmt.Errorf("demo: %w\n%s", err, out[max(0, len(out)-2000):])
	}
	return nil
}

// keptBy returns a copy, for this run, of a folder that is made once and kept.
func (b *bench) keptBy(ctx context.Context, name string, work func(made string) error) (string, error) {
	home, err := cache()
	if err != nil {
		return "", err
	}
	kept := filepath.Join(home, name)
	if _, err := os.Stat(kept); err != nil {
		say("making it, once, in %s", kept)
		made := kept + ".part"
		if err := os.RemoveAll(made); err != nil {
			return "", err
		}
		if err := work(made); err != nil {
			return "", err
		}
		if err := os.Rename(made, kept); err != nil {
			return "", err
		}
	}
	to, err := os.MkdirTemp(b.dir, name+"-")
	if err != nil {
		return "", err
	}
	return to, copyTree(kept, to)
}

// copyTree copies what is in a folder into another, and has it on the disk.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		at := filepath.Join(to, strings.TrimPrefix(path, from))
		if d.IsDir() {
			return os.MkdirAll(at, 0o700)
		}
		return copyFile(path, at)
	})
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.CopyBuffer(struct{ io.Writer }{out}, struct{ io.Reader }{in}, make([]byte, 1<<20))
	return errors.Join(err, out.Sync(), out.Close())
}

// database is the embedded database within a folder of data.
func database(data string) string { return filepath.Join(data, "unionhall.db") }
