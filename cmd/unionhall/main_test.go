package main_test

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite"
)

// binary is the program as people run it, built once.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "unionhall-cmd-")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "unionhall")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// ran is how a command ended.
type ran struct {
	code     int
	out, err string
}

func (r ran) String() string { return fmt.Sprintf("exit %d\n%s%s", r.code, r.out, r.err) }

// command is the program with arguments, in a folder and with settings of its
// own.
func command(t testing.TB, args ...string) *exec.Cmd {
	c := exec.Command(binary, args...)
	c.Dir = t.TempDir()
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "UNIONHALL_") {
			c.Env = append(c.Env, e)
		}
	}
	return c
}

// unionhall runs a command to its end.
func unionhall(t testing.TB, args ...string) ran {
	t.Helper()
	return wait(t, command(t, args...))
}

func wait(t testing.TB, c *exec.Cmd) ran {
	t.Helper()
	var out, errw bytes.Buffer
	c.Stdout, c.Stderr = &out, &errw
	err := c.Run()
	if failed := (*exec.ExitError)(nil); err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	return ran{c.ProcessState.ExitCode(), out.String(), errw.String()}
}

// must runs a command that has to succeed.
func must(t testing.TB, args ...string) ran {
	t.Helper()
	r := unionhall(t, args...)
	if r.code != 0 {
		t.Fatalf("unionhall %s: %s", strings.Join(args, " "), r)
	}
	return r
}

// refused fails the test unless the command ended with the code and told in
// one line on stderr, that holds the words, what to do.
func (r ran) refused(t testing.TB, code int, words ...string) {
	t.Helper()
	lines := strings.Split(strings.TrimRight(r.err, "\n"), "\n")
	if r.code != code || r.out != "" || len(lines) != 1 || !strings.HasPrefix(r.err, "unionhall: ") {
		t.Errorf("want exit %d and one line, got %s", code, r)
	}
	for _, w := range words {
		if !strings.Contains(r.err, w) {
			t.Errorf("%q is not in %s", w, r)
		}
	}
}

const secret = "Wmzh-8dzhgg!"

// password is a file with the password.
func password(t testing.TB) string { return file(t, "password", secret+"\n") }

func file(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// office is a folder in which an office was founded; boss is its first login.
func office(t testing.TB) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	must(t, "init", "--data", data, "--name", "滨江市直机关工会工委", "--admin", "boss", "--password-file", password(t))
	return data
}

// sample copies a workbook into a folder of the test's own.
func sample(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("../../grassroots/registry/intake/testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return file(t, name, string(b))
}

// rows counts with plain SQL, behind the program's back.
func rows(t testing.TB, data, query string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(data, "unionhall.db")+"?_pragma=busy_timeout(10000)")
	if err == nil {
		err = errors.Join(db.QueryRow(query).Scan(&n), db.Close())
	}
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// behind opens the database for changes that the program knows nothing of.

func behind(t testing.TB, data string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(data, "unionhall.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// server is the program while it serves.
type server struct {
	*exec.Cmd
	t    testing.TB
	url  string
	said *bytes.Buffer // stderr
	out  *bytes.Buffer
	mu   *sync.Mutex
	took time.Duration
}

var address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// serve starts the program and waits until it says where it listens.
func serve(t testing.TB, data string, more ...string) *server {
	t.Helper()
	s := &server{Cmd: command(t, append([]string{"serve", "--data", data, "--listen", "127.0.0.1:0"}, more...)...), t: t, said: &bytes.Buffer{}, out: &bytes.Buffer{}, mu: &sync.Mutex{}}
	s.Stderr = s.said
	out, err := s.StdoutPipe()
	if err == nil {
		err = s.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.ProcessState == nil {
			s.Process.Kill()
			s.Wait()
		}
		if t.Failed() {
			t.Logf("the server said\n%s", s.said)
		}
	})
	began, found := time.Now(), make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			s.mu.Lock()
			fmt.Fprintln(s.out, lines.Text())
			s.mu.Unlock()
			if a := address.FindString(lines.Text()); a != "" {
				found <- a
			}
		}
		close(found)
	}()
	select {
	case s.url = <-found:
	case <-time.After(2 * time.Minute):
	}
	if s.took = time.Since(began); s.url == "" {
		s.Process.Kill()
		t.Fatalf("it does not serve: %v\n%s", s.Wait(), s.said)
	}
	return s
}

// says waits until the server has written words, and returns all it wrote.
func (s *server) says(words string) (said string) {
	s.t.Helper()
	for range 1000 {
		s.mu.Lock()
		said = s.out.String()
		s.mu.Unlock()
		if strings.Contains(said, words) {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	return said
}

// stop ends the server with a signal and returns its exit code.
func (s *server) stop(sig os.Signal) int {
	s.t.Helper()
	if err := s.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { s.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(30 * time.Second):
		s.t.Fatal("the server does not stop")
	}
	return s.ProcessState.ExitCode()
}

func (s *server) kill() { s.stop(syscall.SIGKILL) }

// visitor is a browser that holds its cookies.
func visitor(t testing.TB) *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, Timeout: time.Minute}
}

// ask sends a request as a program does and returns status and body.
func (s *server) ask(c *http.Client, method, path, body string, heads ...string) (int, string) {
	s.t.Helper()
	hr, err := http.NewRequestWithContext(context.Background(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	hr.Header.Set("Accept", "application/json")
	hr.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(heads); i += 2 {
		hr.Header.Set(heads[i], heads[i+1])
	}
	res, err := c.Do(hr)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// login signs in and returns the status.
func (s *server) login(c *http.Client, login, password string) int {
	s.t.Helper()
	code, _ := s.ask(c, "POST", "/login", fmt.Sprintf(`{"login":%q,"password":%q}`, login, password))
	return code
}
