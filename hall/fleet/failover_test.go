package fleet

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// debian is where Debian keeps the programs of its newest PostgreSQL.
func debian(t *testing.T) string {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/pg_ctl")
	if err != nil || len(found) == 0 {
		lacks(t, "PostgreSQL of Debian (apt-get install postgresql)")
	}
	return filepath.Dir(found[len(found)-1])
}

// unprivileged runs a program as postgres, since as root it refuses.
func unprivileged(name string, args ...string) *exec.Cmd {
	all := append([]string{name}, args...)
	if os.Geteuid() == 0 {
		all = append([]string{"setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"}, all...)
	}
	c := command(all[0], all[1:]...)
	c.Dir = "/"
	return c
}

// folder is one that the unprivileged may write.
func folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "unionhall-pg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if os.Geteuid() == 0 {
		u, err := user.Lookup("postgres")
		if err != nil {
			t.Fatal(err)
		}
		uid, err := strconv.Atoi(u.Uid)
		if err := errors.Join(err, os.Chown(dir, uid, -1)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func port(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, p, _ := net.SplitHostPort(l.Addr().String())
	return p
}

// node is one PostgreSQL that keeps its promises: fsync is on.
type node struct {
	bin, dir, port string
	run            *exec.Cmd
	gone           chan struct{}
}

func (n *node) tool(t testing.TB, name string, args ...string) {
	t.Helper()
	if out, err := unprivileged(filepath.Join(n.bin, name), args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

func (n *node) start(t testing.TB) {
	t.Helper()
	n.run, n.gone = unprivileged(filepath.Join(n.bin, "postgres"), "-D", n.dir+"/data", "-p", n.port), make(chan struct{})
	log, err := os.Create(n.dir + "/log")
	if err != nil {
		t.Fatal(err)
	}
	n.run.Stdout, n.run.Stderr = log, log
	if err := n.run.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { n.run.Wait(); log.Close(); close(n.gone) }()
	t.Cleanup(n.kill)
	for range 200 {
		if text, err := os.ReadFile(n.dir + "/data/postmaster.pid"); err == nil && strings.Contains(string(text), "ready") {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	text, _ := os.ReadFile(n.dir + "/log")
	t.Fatalf("PostgreSQL is not ready\n%s", text)
}

// kill ends the server and all its sessions at once, with SIGKILL.
func (n *node) kill() {
	text, err := os.ReadFile(n.dir + "/data/postmaster.pid")
	if err != nil {
		return
	}
	pid, err := strconv.Atoi(strings.SplitN(string(text), "\n", 2)[0])
	if err == nil && pid == n.run.Process.Pid {
		syscall.Kill(pid, syscall.SIGKILL)
		<-n.gone
	}
}

const nodeSettings = `
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 60
shared_buffers = '32MB'
timezone = 'UTC'
`

// replicated starts a primary and a standby that has everything before a
// commit is acknowledged.
func replicated(t *testing.T) (primary, standby *node) {
	bin := debian(t)
	primary, standby = &node{bin: bin, dir: folder(t), port: port(t)}, &node{bin: bin, dir: folder(t), port: port(t)}
	primary.tool(t, "initdb", "-D", primary.dir+"/data", "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--lc-ctype=C.UTF-8", "--no-instructions", "--no-sync")
	conf, err := os.OpenFile(primary.dir+"/data/postgresql.conf", os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = conf.WriteString(nodeSettings)
		err = errors.Join(err, conf.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	primary.start(t)
	standby.tool(t, "pg_basebackup", "-h", "127.0.0.1", "-p", primary.port, "-U", "postgres", "-D", standby.dir+"/data", "-R", "--checkpoint=fast", "--no-sync", "-d", "application_name=s1")
	standby.start(t)
	db := open(t, "pgx", "postgres://postgres@127.0.0.1:"+primary.port+"/postgres?sslmode=disable")
	for _, q := range []string{`ALTER SYSTEM SET synchronous_standby_names = 's1'`, `SELECT pg_reload_conf()`, `CREATE DATABASE hall TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'`} {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	for range 100 {
		var sync string
		if db.QueryRow(`SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'`).Scan(&sync) == nil && sync == "sync" {
			return primary, standby
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the standby does not follow")
	return nil, nil
}

// The primary dies under load and the standby takes over: whatever was
// acknowledged is there, nothing is there twice, no number is left out, and
// people wait less than ten seconds. An instance that is killed on the way
// loses nothing either.
func TestFailover(t *testing.T) {
	heavy(t)
	t.Parallel()
	primary, standby := replicated(t)
	o := found(t, fmt.Sprintf("postgres://postgres@127.0.0.1:%s,127.0.0.1:%s/hall?sslmode=disable&target_session_attrs=read-write", primary.port, standby.port))
	a, b := o.serve(t), o.serve(t)
	way := balance(t, a.url, b.url)
	l := (&load{urls: func() string { return way.URL }, token: o.token, people: 8}).run()
	l.reach(t, 40)
	a.kill()
	l.reach(t, 40)
	before := l.count()
	began := time.Now()
	primary.kill()
	standby.tool(t, "pg_ctl", "promote", "-D", standby.dir+"/data", "-w")
	promoted := time.Since(began)
	l.reach(t, 80)
	l.end()
	t.Logf("%d acknowledged before, %d after; promoted in %v, longest pause %v, %d attempts told to come again", before, l.count()-before, promoted.Round(time.Millisecond), l.longest.Round(time.Millisecond), len(l.trouble))
	if l.longest > 10*time.Second {
		t.Errorf("people waited %v", l.longest)
	}
	l.stands(t, open(t, "pgx", "postgres://postgres@127.0.0.1:"+standby.port+"/hall?sslmode=disable"))
	o.clean(t)
}

// The connection is lost when COMMIT was sent and its answer was not: with a
// key the act is done once and answered, without one the person is told that
// it is not known.
func TestLostCommit(t *testing.T) {
	heavy(t)
	t.Parallel()
	o := found(t, empty(t))
	direct := o.db
	w := lay(t, hostOf(t, direct))
	o.db = through(t, direct, w.port())
	i := o.serve(t)
	l := &load{urls: func() string { return i.url }, token: o.token, people: 3}
	l.run()
	for range 8 {
		l.reach(t, 5)
		w.commits.Store(2)
	}
	l.reach(t, 10)
	l.end()
	if w.cuts.Load() < 10 {
		t.Errorf("only %d commits were cut off", w.cuts.Load())
	}
	l.stands(t, open(t, "pgx", direct))
	// without a key: told as it is. The sealer of the log writes too, so it may
	// take some tries until the cut meets the act.
	c := client()
	for n := range 50 {
		name := fmt.Sprintf("滨江市另%d局工会委员会", n)
		w.commits.Store(1)
		code, body, err := ask(c, "POST", i.url+"/grassroots/registry/unions", o.token, "", fmt.Sprintf(`{"name":%q,"kind":"base","parent":"210600000000","document":"滨直工〔2026〕8号"}`, name))
		if err != nil {
			t.Fatal(err)
		}
		if code == 201 {
			continue
		}
		if code != 503 || !strings.Contains(body, "不能确定是否已经保存") {
			t.Fatalf("an act of unknown outcome: %d %s", code, body)
		}
		return
	}
	t.Error("no commit of the act was cut off")
}

func hostOf(t testing.TB, db string) string {
	t.Helper()
	at := strings.Index(db, "@")
	end := strings.IndexByte(db[at:], '/')
	return db[at+1 : at+end]
}
