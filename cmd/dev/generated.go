package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"unionhall/cmd/dev/lint"
	"unionhall/law/indexer"
)

var templLine = regexp.MustCompile(`github\.com/a-h/templ (v\S+)`)

// templ writes the Go of every template under dir, with the generator of the
// version that go.mod runs.
func templ(ctx context.Context, dir string) error {
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		return err
	}
	version := templLine.FindSubmatch(mod)
	if version == nil {
		return errors.New("go.mod names no version of templ")
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return err
	}
	c := tool(ctx, "go", "run", "github.com/a-h/templ/cmd/templ@"+string(version[1]), "generate", "-log-level=warn", "-path", dir)
	out, err := c.CombinedOutput()
	if err != nil {
		return fmt.Errorf("templ: %w\n%s", err, out)
	}
	return nil
}

func generate(ctx context.Context, _ []string) error {
	return errors.Join(templ(ctx, "."), indexer.Write("."))
}

// generated makes every template anew in a folder of its own and compares.
func (s *suite) generated() error {
	dir, err := os.MkdirTemp("", "unionhall-templ")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	templates, err := files(".templ")
	if err != nil {
		return err
	}
	for _, f := range append(templates, "go.mod") {
		if err := copyInto(dir, f); err != nil {
			return err
		}
	}
	if err := templ(s.ctx, dir); err != nil {
		return err
	}
	made, err := files("_templ.go")
	if err != nil {
		return err
	}
	for _, f := range templates {
		made = append(made, strings.TrimSuffix(f, ".templ")+"_templ.go")
	}
	slices.Sort(made)
	var stale []string
	for _, f := range slices.Compact(made) {
		want, wanted := os.ReadFile(filepath.Join(dir, f))
		got, there := os.ReadFile(f)
		if wanted != nil || there != nil || !bytes.Equal(got, want) {
			stale = append(stale, f)
		}
	}
	if len(stale) > 0 {
		return fmt.Errorf("not what their templates make: go run ./cmd/dev generate\n%s", strings.Join(stale, "\n"))
	}
	return nil
}

// files lists the checkout's files with that ending.
func files(ending string) (out []string, err error) {
	err = filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != "." && lint.Foreign(d.Name()):
			return fs.SkipDir
		case !d.IsDir() && strings.HasSuffix(path, ending):
			out = append(out, path)
		}
		return nil
	})
	return out, err
}

func copyInto(dir, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	to := filepath.Join(dir, file)
	return errors.Join(os.MkdirAll(filepath.Dir(to), 0o700), os.WriteFile(to, text, 0o600))
}

func (s *suite) format() error {
	all, err := files(".go")
	if err != nil {
		return err
	}
	out, err := tool(s.ctx, "gofmt", append([]string{"-l"}, all...)...).CombinedOutput()
	if err == nil && len(out) > 0 {
		err = errors.New("run gofmt -w on them:")
	}
	if err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}

func (s *suite) vet() error {
	out, err := tool(s.ctx, "go", "vet", "./...").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}
