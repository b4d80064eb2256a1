package main

import (
	"context"
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// stream is what go test -json says of a run with a failure of every kind.
func stream(t *testing.T, events ...event) string {
	t.Helper()
	var b strings.Builder
	for _, e := range events {
		line, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(line, '\n'))
	}
	return b.String()
}

func TestRead(t *testing.T) {
	in := stream(t,
		event{Action: "start", Package: "a"},
		event{Action: "run", Package: "a", Test: "TestSum"},
		event{Action: "run", Package: "a", Test: "TestSum/good"},
		event{Action: "run", Package: "a", Test: "TestSum/bad"},
		event{Action: "output", Package: "a", Test: "TestSum/bad", Output: "=== RUN   TestSum/bad\n"},
		event{Action: "output", Package: "a", Test: "TestSum/bad", Output: "    a_test.go:9: got 1, want 2\n"},
		event{Action: "output", Package: "a", Test: "TestSum/bad", Output: "    --- FAIL: TestSum/bad (0.00s)\n"},
		event{Action: "pass", Package: "a", Test: "TestSum/good"},
		event{Action: "fail", Package: "a", Test: "TestSum/bad"},
		event{Action: "output", Package: "a", Test: "TestSum", Output: "--- FAIL: TestSum (0.00s)\n"},
		event{Action: "fail", Package: "a", Test: "TestSum"},
		event{Action: "run", Package: "a", Test: "TestPage"},
		event{Action: "output", Package: "a", Test: "TestPage", Output: "    a_test.go:3: no Chromium here\n"},
		event{Action: "skip", Package: "a", Test: "TestPage"},
		event{Action: "fail", Package: "a"},
		event{Action: "build-output", ImportPath: "b [b.test]", Output: "b.go:3: undefined: x\n"},
		event{Action: "fail", Package: "b", FailedBuild: "b [b.test]"},
		event{Action: "run", Package: "c", Test: "TestAlone"},
		event{Action: "pass", Package: "c", Test: "TestAlone"},
		event{Action: "pass", Package: "c"},
		event{Action: "output", Package: "d", Output: "panic: out of luck\n"},
		event{Action: "fail", Package: "d"},
		event{Action: "skip", Package: "e"},
	) + "go: a word of the go command\n"
	var out strings.Builder
	r, err := read(strings.NewReader(in), &out)
	if err != nil {
		t.Fatal(err)
	}
	if r.passed != 2 || r.failed != 3 || r.packages != 4 {
		t.Errorf("%d passed, %d failed in %d packages; want 2, 3, 4", r.passed, r.failed, r.packages)
	}
	if want := []string{"a TestPage: a_test.go:3: no Chromium here"}; !slices.Equal(r.skipped, want) {
		t.Errorf("skipped %q, want %q", r.skipped, want)
	}
	want := `FAIL a TestSum/bad
        a_test.go:9: got 1, want 2
FAIL b
    b.go:3: undefined: x
ok   c 0.0s
FAIL d
    panic: out of luck
go: a word of the go command
`
	if out.String() != want {
		t.Errorf("printed\n%s\nwant\n%s", &out, want)
	}
}

func TestNothingMayBeSkippedInCI(t *testing.T) {
	s := &suite{ctx: context.Background(), passed: 1}
	s.skip("Chromium", "lacking")
	if s.end() != nil {
		t.Error("a skip failed a run by hand")
	}
	s = &suite{ctx: context.Background(), ci: true, passed: 1}
	s.skip("Chromium", "lacking")
	if s.end() == nil {
		t.Error("a skip passed with CI=true")
	}
}

func TestEndNeedsATestThatPassed(t *testing.T) {
	if (&suite{ctx: context.Background()}).end() == nil {
		t.Error("nothing passed, and the run did")
	}
}

// The server starts, answers by password alone, and leaves nothing behind.
func TestServer(t *testing.T) {
	bin := postgresBin()
	if bin == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("no PostgreSQL")
		}
		t.Skip("no PostgreSQL here: apt-get install postgresql")
	}
	sv := &server{gone: make(chan error, 1)}
	address, err := sv.start(t.Context(), bin)
	if err != nil {
		t.Fatal(err, sv.stop())
	}
	dir := sv.dir
	ask := func(address string) (string, error) {
		out, err := exec.Command(bin+"/psql", "-XAtwc",
			"SELECT current_setting('deadlock_timeout'), datcollate, datctype FROM pg_database WHERE datname = 'postgres'", address).CombinedOutput()
		return strings.TrimSpace(string(out)), err
	}
	if got, err := ask(address); err != nil || got != "100ms|C|C.UTF-8" {
		t.Errorf("asked: %q, %v", got, err)
	}
	wrong, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	wrong.User = url.UserPassword("unionhall", "guess")
	if got, err := ask(wrong.String()); err == nil {
		t.Errorf("let in with a wrong password: %q", got)
	}
	for range 2 { // the second call does nothing
		if err := sv.stop(); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s stayed: %v", dir, err)
	}
}
