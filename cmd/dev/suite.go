package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"unionhall/cmd/dev/lint"
	"unionhall/law/indexer"
)

// suite is one run of test or check: what passed, what failed, what was left
// out and how long each step took.
type suite struct {
	ctx            context.Context
	ci             bool
	passed, failed int
	skipped        map[string]int // "what: why" to how often
	steps          []step
}

type step struct {
	name string
	took time.Duration
}

func test(ctx context.Context, _ []string) error {
	s := &suite{ctx: ctx, ci: os.Getenv("CI") == "true"}
	s.time("tools", s.tools)
	s.still()
	stop := func() {}
	defer func() { stop() }()
	s.time("PostgreSQL", func() { stop = s.startPostgres() })
	s.time("tests", func() { s.gotest("./...") })
	s.time("race detector", s.race)
	stop() // its own failure counts too
	return s.end()
}

func check(ctx context.Context, _ []string) error {
	s := &suite{ctx: ctx}
	os.Unsetenv("PG")
	s.still()
	s.time("tests", func() { s.gotest("-short", "./...") })
	return s.end()
}

// still runs the checks that need no program of ours to run.
func (s *suite) still() {
	s.check("templates", s.generated)
	s.check("rule index", func() error { return indexer.Check(".") })
	s.check("rule citations", func() error { return findings(indexer.Citations(".")) })
	s.check("format", s.format)
	s.check("vet", s.vet)
	s.check("SQL and sizes", func() error { return findings(lint.Tree(".")) })
}

// findings makes one error of what a reader of the checkout found.
func findings(found []string, err error) error {
	if err == nil && len(found) > 0 {
		err = fmt.Errorf("%s\n%d findings", strings.Join(found, "\n"), len(found))
	}
	return err
}

func (s *suite) time(name string, f func()) {
	if s.ctx.Err() != nil {
		return
	}
	fmt.Println("==", name)
	began := time.Now()
	f()
	s.steps = append(s.steps, step{name, time.Since(began)})
}

// check is a step that passes or fails as one.
func (s *suite) check(name string, f func() error) {
	s.time(name, func() { s.count(name, f()) })
}

func (s *suite) count(name string, err error) {
	if err == nil {
		s.passed++
		return
	}
	s.failed++
	fmt.Printf("FAIL %s\n%s\n", name, indent(err.Error()))
}

// skip notes what is left out; where nothing may be, that is a failure.
func (s *suite) skip(what, why string) {
	if s.skipped == nil {
		s.skipped = map[string]int{}
	}
	s.skipped[what+": "+why]++
	if s.ci {
		s.failed++
	}
}

// end prints the sums. Its last line is what scripts read.
func (s *suite) end() error {
	fmt.Println()
	for _, p := range s.steps {
		fmt.Printf("%8.1fs  %s\n", p.took.Seconds(), p.name)
	}
	for _, what := range slices.Sorted(maps.Keys(s.skipped)) {
		fmt.Printf("skipped %d× %s\n", s.skipped[what], what)
	}
	if s.ci && len(s.skipped) > 0 {
		fmt.Println("CI=true: nothing may be skipped, so each of these counts as failed")
	}
	if s.ctx.Err() != nil {
		s.failed++
		fmt.Println("interrupted")
	}
	fmt.Printf("%d passed, %d failed\n", s.passed, s.failed)
	if s.failed > 0 || s.passed == 0 {
		return errFailed
	}
	return nil
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ")
}
