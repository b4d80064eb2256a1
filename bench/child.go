package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"
)

// childMark is the first argument of this program where it works for itself
// in a process of its own, so that time and memory are those of one work.
const childMark = "child:"

// cost is what a work took, as the process that did it tells on its last line.
type cost struct {
	Seconds float64            `json:"seconds"`
	CPU     float64            `json:"cpu"`
	Peak    float64            `json:"peak"` // MB
	More    map[string]float64 `json:"more,omitempty"`
}

// task is a work that a child does. What must be there before is made by
// ready, whose time does not count; the work is what it returns.
type task func(ctx context.Context, args []string) (work func() error, more map[string]float64, err error)

var tasks = map[string]task{
	"read":       libraryReads,
	"roster":     makesRoster,
	"visit":      visits,
	"members":    readsMembers,
	"write":      libraryWrites,
	"vacuum":     vacuum,
	"copy":       copyAndCheck,
	"backup":     backsUp,
	"restore":    restores,
	"like":       likes,
	"scan":       scans,
	"unsettling": writesBeside,
	"everybody":  everybody,
	"posts":      postsRaw,
	"enroll":     enrolls,
	"closes":     closes,
	"rawcloses":  rawCloses,
	"proves":     proves,
	"groupby":    rawQuery(`CREATE INDEX raw_cover ON entries (account, debit, credit)`, `SELECT account, sum(debit), sum(credit) FROM entries GROUP BY account`),
	"scanned":    rawQuery(`SELECT 1`, `SELECT sum(debit), sum(credit), count(source), count(project) FROM entries NOT INDEXED`),
}

// child does what the first process told it to do.
func child(name string, args []string) error {
	ctx := context.Background()
	switch name {
	case "serve":
		return serveHouse(ctx, args[0], args[1], args[2])
	case "floor":
		return serveBytes(args[0], args[1:])
	}
	t, ok := tasks[name]
	if !ok {
		return errors.New("no such child")
	}
	work, more, err := t(ctx, args)
	if err != nil {
		return err
	}
	runtime.GC()
	before, err := cpu(os.Getpid())
	if err != nil {
		return err
	}
	start := time.Now()
	if err := work(); err != nil {
		return err
	}
	c := cost{Seconds: time.Since(start).Seconds(), More: more}
	after, err := cpu(os.Getpid())
	if err != nil {
		return err
	}
	c.CPU = after - before
	if _, c.Peak, err = memory("self"); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(c)
}

// alone does a task in a process of its own.
func (b *bench) alone(ctx context.Context, name string, args ...string) (c cost, err error) {
	self, err := os.Executable()
	if err != nil {
		return c, err
	}
	cmd := command(ctx, self, append([]string{childMark, name}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		var gone *exec.ExitError
		if errors.As(err, &gone) {
			err = fmt.Errorf("%s: %s", name, gone)
		}
		return c, err
	}
	return c, json.Unmarshal(bytes.TrimSpace(out), &c)
}

// best keeps the least of each figure over the rounds.
func (c *cost) best(n cost) {
	if c.Seconds == 0 {
		*c = n
		return
	}
	c.Seconds, c.CPU, c.Peak = min(c.Seconds, n.Seconds), min(c.CPU, n.CPU), min(c.Peak, n.Peak)
	for k, v := range n.More {
		c.More[k] = min(c.More[k], v)
	}
}
