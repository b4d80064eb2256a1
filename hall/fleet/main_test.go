package fleet

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"unionhall/schema/dbtest"
)

var (
	ctx    = context.Background()
	binary string // the program, built once
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "unionhall-fleet-")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "unionhall")
	if out, err := exec.Command("go", "build", "-o", binary, "unionhall/cmd/unionhall").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// lacks leaves a test out and says why; in CI nothing may be left out.
func lacks(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("lacking: %s", what)
	}
	t.Skipf("lacking: %s", what)
}

// heavy leaves a test out of the fast check, and where no server is.
func heavy(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("not in the fast check")
	}
	if os.Getenv("PG") == "" {
		lacks(t, "PG names no PostgreSQL server")
	}
}

func command(program string, args ...string) *exec.Cmd {
	c := exec.Command(program, args...)
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "UNIONHALL_") && !strings.HasPrefix(e, "PG") {
			c.Env = append(c.Env, e)
		}
	}
	return c
}

// must runs the program to its end and returns what it said.
func must(t testing.TB, args ...string) string {
	t.Helper()
	out, err := command(binary, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("unionhall %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

const secret = "Wmzh-8dzhgg!"

// office is a founded office: where its keys and files are, where its
// database is, and a token of its first account.
type office struct{ data, db, token string }

// found makes an office in a database; "" is the embedded one.
func found(t testing.TB, db string) office {
	t.Helper()
	return foundIn(t, filepath.Join(t.TempDir(), "data"), db)
}

func foundIn(t testing.TB, data, db string) office {
	t.Helper()
	o := office{data: data, db: db}
	word := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(word, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if db != "" {
		must(t, o.args("migrate")...)
	}
	must(t, o.args("init", "--name", "滨江市直机关工会工委", "--admin", "boss", "--password-file", word)...)
	o.token = strings.TrimSpace(must(t, o.args("token create", "--login", "boss")...))
	return o
}

func (o office) args(command string, more ...string) []string {
	args := append(strings.Fields(command), "--data", o.data)
	if o.db != "" {
		args = append(args, "--db", o.db)
	}
	return append(args, more...)
}

// empty is a new database on the server that PG names.
func empty(t testing.TB) string { return dbtest.Empty(t) }

// instance is one process that serves.
type instance struct {
	*exec.Cmd
	url  string
	said *bytes.Buffer
	gone chan struct{}
}

var address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

func (o office) serve(t testing.TB, more ...string) *instance {
	t.Helper()
	return start(t, command(binary, o.args("serve", append([]string{"--listen", "127.0.0.1:0"}, more...)...)...))
}

// start runs a server and waits until it says where it listens.
func start(t testing.TB, c *exec.Cmd) *instance {
	t.Helper()
	i := &instance{Cmd: c, said: &bytes.Buffer{}, gone: make(chan struct{})}
	i.Stderr = i.said
	out, err := i.StdoutPipe()
	if err == nil {
		err = i.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		i.Process.Kill()
		<-i.gone
		if t.Failed() {
			text := i.said.String()
			t.Logf("the instance at %s said\n%s", i.url, text[max(0, len(text)-3000):])
		}
	})
	found := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if a := address.FindString(lines.Text()); a != "" && i.url == "" {
				i.url = a
				found <- a
			}
		}
		i.Wait()
		close(i.gone)
	}()
	select {
	case <-found:
	case <-i.gone:
		t.Fatalf("it does not serve:\n%s", i.said)
	case <-time.After(time.Minute):
		t.Fatal("it does not serve")
	}
	return i
}

// stop asks the instance to end and returns its exit code.
func (i *instance) stop(t testing.TB) int {
	t.Helper()
	if err := i.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case <-i.gone:
	case <-time.After(30 * time.Second):
		t.Fatal("the instance does not stop")
	}
	return i.ProcessState.ExitCode()
}

// kill ends the instance as a power cut would.
func (i *instance) kill() {
	i.Process.Kill()
	<-i.gone
}

// through leads an address to another port of this machine.
func through(t testing.TB, db, port string) string {
	t.Helper()
	u, err := url.Parse(db)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = "127.0.0.1:" + port
	return u.String()
}
