package fleet

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// before is the program of the release that stood before schema 3, built from
// the history of this checkout.
var before = sync.OnceValues(func() (string, error) {
	root, err := exec.Command("git", "rev-parse", "--show-toplevel").Output()
	if err != nil {
		return "", errors.New("no git checkout")
	}
	git := func(args ...string) (string, error) {
		out, err := exec.Command("git", append([]string{"-C", strings.TrimSpace(string(root))}, args...)...).Output()
		return strings.TrimSpace(string(out)), err
	}
	added, err := git("log", "--diff-filter=A", "--format=%H", "--", "schema/00003_steps.sql")
	if err != nil || added == "" {
		return "", errors.New("the history of the checkout is not there (a shallow clone)")
	}
	commit, err := git("rev-parse", strings.Fields(added)[0]+"^")
	if err != nil {
		return "", errors.New("the history of the checkout is cut off (a shallow clone)")
	}
	// The folder keeps its name, so that a second run finds the build's cache.
	dir := filepath.Join(os.TempDir(), "unionhall-before-"+commit[:12])
	program := filepath.Join(dir, "unionhall-before")
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	tree := filepath.Join(filepath.Dir(binary), "before.tar")
	if _, err := git("archive", "-o", tree, commit); err != nil {
		return "", err
	}
	if out, err := exec.Command("tar", "-xf", tree, "-C", dir).CombinedOutput(); err != nil {
		return "", errors.New(string(out))
	}
	fresh := fmt.Sprint(program, "-", os.Getpid())
	c := exec.Command("go", "build", "-o", fresh, "./cmd/unionhall")
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		return "", errors.New(string(out))
	}
	return program, os.Rename(fresh, program)
})

func old(t *testing.T) string {
	t.Helper()
	program, err := before()
	if err != nil {
		lacks(t, err.Error())
	}
	return program
}

// with runs another version of the program for an office.
func (o office) with(t testing.TB, program string, command_ string, more ...string) string {
	t.Helper()
	out, err := command(program, o.args(command_, more...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command_, err, out)
	}
	return string(out)
}

// foundBefore is an office that the old version founded.
func foundBefore(t *testing.T, program, db string) office {
	t.Helper()
	o := office{data: filepath.Join(t.TempDir(), "data"), db: db}
	word := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(word, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if db != "" {
		o.with(t, program, "migrate")
	}
	o.with(t, program, "init", "--name", "滨江市直机关工会工委", "--admin", "boss", "--password-file", word)
	o.token = strings.TrimSpace(o.with(t, program, "token create", "--login", "boss"))
	return o
}

func copies(t *testing.T, data string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(data, "unionhall-0*"))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// PL-03: the embedded database is copied before it is upgraded, holds all it
// held, and is upgraded once.
func TestUpgradeEmbedded(t *testing.T) {
	heavy(t)
	t.Parallel()
	program := old(t)
	o := foundBefore(t, program, "")
	i := start(t, command(program, o.args("serve", "--listen", "127.0.0.1:0")...))
	l := (&load{urls: func() string { return i.url }, token: o.token, people: 2}).run()
	l.reach(t, 20)
	l.end()
	i.stop(t)
	n := o.serve(t)
	if got := copies(t, o.data); len(got) != 1 || !strings.Contains(got[0], "unionhall-00002-") {
		t.Errorf("copies of before: %v", got)
	}
	more := (&load{urls: func() string { return n.url }, token: o.token, people: 2})
	more.next.Store(1000)
	more.run().reach(t, 10)
	more.end()
	for name, code := range more.acked {
		l.acked[name] = code
	}
	n.stop(t)
	o.clean(t)
	l.stands(t, open(t, "sqlite", "file:"+filepath.Join(o.data, "unionhall.db")+"?mode=ro"))
	if got := copies(t, o.data); len(got) != 1 {
		t.Errorf("copies after the second start: %v", got)
	}
}

// PL-03: a migration that fails changes nothing, says so in one line, and the
// old version runs on.
func TestUpgradeFails(t *testing.T) {
	heavy(t)
	t.Parallel()
	program := old(t)
	o := foundBefore(t, program, "")
	db := open(t, "sqlite", "file:"+filepath.Join(o.data, "unionhall.db"))
	if _, err := db.Exec(`CREATE TABLE drills (x text)`); err != nil { // in the way of 00017
		t.Fatal(err)
	}
	out, err := command(binary, o.args("serve", "--listen", "127.0.0.1:0")...).CombinedOutput()
	if err == nil || strings.Count(strings.TrimSpace(string(out)), "\n") > 0 || !strings.Contains(string(out), "nothing was changed") {
		t.Errorf("a failed upgrade says %v %s", err, out)
	}
	var version int
	if err := db.QueryRow(`SELECT max(version_id) FROM goose_db_version`).Scan(&version); err != nil || version != 2 {
		t.Errorf("the database is of version %d, %v", version, err)
	}
	if left, err := filepath.Glob(filepath.Join(o.data, "*trial*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	i := start(t, command(program, o.args("serve", "--listen", "127.0.0.1:0")...))
	l := (&load{urls: func() string { return i.url }, token: o.token, people: 2}).run()
	l.reach(t, 10)
	l.end()
}

// PL-03: on a server the old version serves while the new one migrates, and
// beside it afterwards; nobody notices.
func TestUpgradeServer(t *testing.T) {
	heavy(t)
	t.Parallel()
	program := old(t)
	o := foundBefore(t, program, empty(t))
	a := start(t, command(program, o.args("serve", "--listen", "127.0.0.1:0")...))
	b := balance(t, a.url)
	l := (&load{urls: func() string { return b.URL }, token: o.token, people: 3}).run()
	l.reach(t, 20)
	must(t, o.args("migrate")...)
	l.reach(t, 20)
	n := o.serve(t)
	b.add(n.url)
	l.reach(t, 60)
	b.leave(a.url)
	l.reach(t, 20)
	if code := a.stop(t); code != 0 {
		t.Errorf("the old version ended with %d", code)
	}
	l.end()
	for _, what := range l.trouble {
		t.Errorf("a request failed: %s", what)
	}
	l.stands(t, open(t, "pgx", o.db))
	o.clean(t)
}
