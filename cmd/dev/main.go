// Command dev is the door for whoever changes Unionhall: it serves the demo,
// makes generated files and runs everything a change must pass. It stands on
// the standard library alone, so that go run starts it at once.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

type command struct {
	name, what string
	do         func(ctx context.Context, args []string) error
}

var commands = []command{
	{"run", "serve a synthetic city at http://127.0.0.1:8080", serve},
	{"check", "the fast part of test, on SQLite only: under two minutes", check},
	{"test", "everything a change must pass, on SQLite and PostgreSQL", test},
	{"bench", "the figures the product is held to, beside their floors", bench},
	{"generate", "write anew what is made from templates and rules", generate},
}

// errFailed ends a run whose output has said all there is to say.
var errFailed = errors.New("failed")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, orphaned := context.WithCancel(ctx)
	go watchParent(orphaned)
	err := dispatch(ctx, os.Args[1:])
	stop()
	if err != nil {
		if err != errFailed {
			fmt.Fprintln(os.Stderr, "dev:", err)
		}
		os.Exit(1)
	}
}

func dispatch(ctx context.Context, args []string) error {
	if err := toRoot(); err != nil {
		return err
	}
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		help()
		return nil
	}
	for _, c := range commands {
		if c.name == args[0] {
			return c.do(ctx, args[1:])
		}
	}
	return fmt.Errorf("%q is not one of its commands; go run ./cmd/dev help lists them", args[0])
}

func help() {
	fmt.Println("go run ./cmd/dev COMMAND (or make COMMAND)")
	for _, c := range commands {
		fmt.Printf("  %-9s %s\n", c.name, c.what)
	}
	fmt.Println(`
test installs what it lacks when it runs as root (PostgreSQL, Chromium, fonts,
poppler, gcc), or else says what to install. With CI=true nothing may be left
out. It starts a PostgreSQL of its own and stops it again; PG=postgres://…
makes it use that server instead.`)
}

// toRoot goes to the folder that holds go.mod.
func toRoot() error {
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return os.Chdir(dir)
		}
		up := filepath.Dir(dir)
		if up == dir {
			return errors.New("no go.mod here or above: run it inside the checkout")
		}
		dir = up
	}
}

// watchParent calls end once the process that started this one is gone: go
// run dies of a SIGTERM without passing it on, and nothing of ours may stay.
func watchParent(end func()) {
	for parent := os.Getppid(); os.Getppid() == parent; {
		time.Sleep(time.Second)
	}
	end()
}

// tool is the command name in the checkout, told to leave when ctx ends. It
// never asks git, whose owner may be a stranger, and never builds with cgo.
func tool(ctx context.Context, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, name, args...)
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = 15 * time.Second
	flags := strings.TrimSpace(os.Getenv("GOFLAGS") + " -buildvcs=false")
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS="+flags)
	return c
}

// show runs c with the person's own terminal.
func show(c *exec.Cmd) error {
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	return c.Run()
}

func serve(ctx context.Context, args []string) error {
	return show(tool(ctx, "go", append([]string{"run", "./cmd/unionhall", "serve", "--demo"}, args...)...))
}

// bench runs a program of its own making and not go run, which passes no
// signal on.
func bench(ctx context.Context, args []string) error {
	dir, err := os.MkdirTemp("", "unionhall-dev-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "bench")
	if err := show(tool(ctx, "go", "build", "-o", program, "./bench")); err != nil {
		return err
	}
	return show(tool(ctx, program, args...))
}
