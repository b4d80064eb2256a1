package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
)

// raced are the packages whose own work is concurrent: their tests run a
// second time under the race detector.
var raced = []string{"kit/sqldb", "kit/web", "kit/job", "kit/outbox", "kit/audit", "kit/files"}

func (s *suite) race() {
	if !canRace() {
		return // its lack is told already
	}
	args := []string{"-race"}
	for _, p := range raced {
		if tests(p) {
			args = append(args, "./"+p)
		}
	}
	if len(args) > 1 {
		s.gotest(args...)
	}
}

func tests(folder string) bool {
	files, err := os.ReadDir(folder)
	return err == nil && slices.ContainsFunc(files, func(f os.DirEntry) bool {
		return strings.HasSuffix(f.Name(), "_test.go")
	})
}

// event is one line of go test -json (go doc test2json).
type event struct {
	Action, Package, Test, Output string
	ImportPath                    string // of build-output
	FailedBuild                   string
	Elapsed                       float64
}

// results gathers the events of one go test.
type results struct {
	passed, failed int
	skipped        []string
	packages       int
	output         map[string][]string // "package test", "package " or an import path to its lines
	parents        map[string]bool     // tests that are only the sum of others
	spoiled        map[string]bool     // packages and parents with a failure told already
}

// gotest runs go test with args and adds its tests to the sums.
func (s *suite) gotest(args ...string) {
	c := tool(s.ctx, "go", append([]string{"test", "-json", "-vet=off", "-timeout=15m"}, args...)...)
	if slices.Contains(args, "-race") {
		c.Env = append(c.Env, "CGO_ENABLED=1")
	}
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		s.count("go test", err)
		return
	}
	r, err := read(out, os.Stdout)
	if gone := c.Wait(); err == nil && gone != nil && r.failed == 0 {
		err = fmt.Errorf("go test ended with: %w", gone)
	}
	if err != nil {
		s.count("go test", err)
	}
	s.passed += r.passed
	s.failed += r.failed
	for _, what := range r.skipped {
		test, why, _ := strings.Cut(what, ": ")
		pkg, _, _ := strings.Cut(test, " ")
		s.skip("the tests of "+pkg, place.ReplaceAllString(why, ""))
	}
	fmt.Printf("  %d tests passed, %d failed, %d skipped in %d packages\n", r.passed, r.failed, len(r.skipped), r.packages)
}

// read prints packages as they end and failures with their output.
func read(in io.Reader, out io.Writer) (*results, error) {
	r := &results{output: map[string][]string{}, parents: map[string]bool{}, spoiled: map[string]bool{}}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			fmt.Fprintln(out, lines.Text()) // a word of the go command itself
			continue
		}
		switch {
		case e.Action == "build-output":
			r.output[e.ImportPath] = append(r.output[e.ImportPath], e.Output)
		case e.Action == "output":
			r.output[e.key()] = append(r.output[e.key()], e.Output)
		case e.Test == "":
			r.ofPackage(e, out)
		default:
			r.ofTest(e, out)
		}
	}
	return r, lines.Err()
}

func (e event) key() string { return e.Package + " " + e.Test }

func (r *results) ofTest(e event, out io.Writer) {
	up := ""
	if i := strings.LastIndexByte(e.Test, '/'); i >= 0 {
		up = e.Package + " " + e.Test[:i]
	}
	switch e.Action {
	case "run":
		r.parents[up] = true
	case "pass":
		if !r.parents[e.key()] {
			r.passed++
		}
	case "skip":
		if !r.parents[e.key()] {
			r.skipped = append(r.skipped, e.key()+": "+said(r.output[e.key()]))
		}
	case "fail":
		if !r.spoiled[e.key()] || said(r.output[e.key()]) != "" {
			fmt.Fprintf(out, "FAIL %s\n%s\n", e.key(), indent(strings.Join(own(r.output[e.key()]), "")))
		}
		if !r.spoiled[e.key()] {
			r.failed++
		}
		r.spoiled[up], r.spoiled[e.Package] = true, true
	}
}

func (r *results) ofPackage(e event, out io.Writer) {
	switch e.Action {
	case "pass":
		r.packages++
		fmt.Fprintf(out, "ok   %s %.1fs\n", e.Package, e.Elapsed)
	case "fail":
		r.packages++
		if r.spoiled[e.Package] {
			break
		}
		r.failed++ // it did not build, or died outside of any test
		text := r.output[e.FailedBuild]
		if e.FailedBuild == "" {
			text = r.lastWords(e.Package)
		}
		fmt.Fprintf(out, "FAIL %s\n%s\n", e.Package, indent(strings.Join(text, "")))
	}
}

// lastWords is what a package printed that did not live to say which test
// failed: a panic or a time-out.
func (r *results) lastWords(pkg string) (out []string) {
	for _, key := range slices.Sorted(maps.Keys(r.output)) {
		if strings.HasPrefix(key, pkg+" ") {
			out = append(out, own(r.output[key])...)
		}
	}
	return out
}

var frame = regexp.MustCompile(`^\s*(=== (RUN|PAUSE|CONT|NAME)|--- (PASS|FAIL|SKIP):)`)

var place = regexp.MustCompile(`^\S+\.go:\d+: `)

// own leaves out the lines that go test adds to what a test says.
func own(lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), frame.MatchString)
}

// said is the own words of a test in one line.
func said(lines []string) string {
	return strings.Join(strings.Fields(strings.Join(own(lines), " ")), " ")
}
