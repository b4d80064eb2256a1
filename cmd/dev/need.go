package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// need is a thing the tests use that Go does not bring along.
type need struct {
	what     string
	packages []string // of Debian
	there    func() bool
}

var needs = []need{
	{"PostgreSQL 15 or newer", []string{"postgresql"}, func() bool { return postgresBin() != "" }},
	{"pgbouncer", []string{"pgbouncer"}, func() bool { return onPath("pgbouncer", "/usr/sbin/pgbouncer") }},
	{"Chromium", []string{"chromium"}, func() bool {
		return onPath("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
	}},
	{"a Chinese font", []string{"fonts-noto-cjk"}, func() bool {
		fonts, err := exec.Command("fc-list", ":lang=zh-cn", "family").Output()
		return err == nil && len(fonts) > 0
	}},
	{"pdftotext and pdftoppm", []string{"poppler-utils"}, func() bool { return onPath("pdftotext") && onPath("pdftoppm") }},
	{"hledger", []string{"hledger"}, func() bool { return onPath("hledger") }},
	{"beancount", []string{"beancount"}, func() bool { return onPath("bean-check") && onPath("bean-query") }},
	{"a C compiler for the race detector", []string{"gcc", "libc6-dev"}, canRace},
}

func onPath(names ...string) bool {
	for _, n := range names {
		if _, err := exec.LookPath(n); err == nil {
			return true
		}
	}
	return false
}

// canRace reports whether a C program can be linked here, which the race
// detector of Go needs.
func canRace() bool {
	dir, err := os.MkdirTemp("", "unionhall-cc")
	if err != nil {
		return false
	}
	defer os.RemoveAll(dir)
	c := exec.Command("gcc", "-pthread", "-x", "c", "-", "-o", filepath.Join(dir, "a"))
	c.Stdin = strings.NewReader("#include <stdlib.h>\nint main(void) { return 0; }\n")
	return c.Run() == nil
}

func lacking() (out []need) {
	for _, n := range needs {
		if !n.there() {
			out = append(out, n)
		}
	}
	return out
}

// tools installs what is lacking where that is allowed, and says what stays
// lacking and how to get it.
func (s *suite) tools() {
	missing := lacking()
	if len(missing) > 0 && os.Geteuid() == 0 && onPath("apt-get") {
		if err := s.install(missing); err != nil {
			fmt.Println(indent(err.Error()))
		}
		missing = lacking()
	}
	for _, n := range missing {
		s.skip(n.what, "lacking; get it with: apt-get install --no-install-recommends "+strings.Join(n.packages, " "))
	}
}

func (s *suite) install(missing []need) error {
	args := []string{"-o", "Acquire::Retries=3", "install", "-y", "--no-install-recommends"}
	for _, n := range missing {
		args = append(args, n.packages...)
	}
	fmt.Println("  apt-get", strings.Join(args[2:], " "))
	for _, a := range [][]string{{"-o", "Acquire::Retries=3", "update"}, args} {
		c := tool(s.ctx, "apt-get", a...)
		c.Env = append(c.Env, "DEBIAN_FRONTEND=noninteractive")
		if out, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("apt-get %s: %w\n%s", strings.Join(a, " "), err, out)
		}
	}
	return nil
}
