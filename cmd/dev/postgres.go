package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// postgresBin is the folder of the newest PostgreSQL server here, "" if there
// is none from 15 on.
func postgresBin() string {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return ""
	}
	best, bin := 14, ""
	for _, f := range found {
		bin15 := filepath.Dir(f)
		if v, err := strconv.Atoi(filepath.Base(filepath.Dir(bin15))); err == nil && v > best {
			best, bin = v, bin15
		}
	}
	if bin != "" {
		return bin
	}
	if f, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(f)
	}
	return ""
}

// server is a private PostgreSQL: its own folder, socket, port and password,
// and nothing on the disk that would outlive it.
type server struct {
	dir  string
	run  *exec.Cmd
	gone chan error
}

// settings make the server fast and forgetful, and quick to see a deadlock.
const settings = `
listen_addresses = '127.0.0.1'
port = %d
unix_socket_directories = '%s'
fsync = off
synchronous_commit = off
full_page_writes = off
deadlock_timeout = '100ms'
max_connections = 200
max_locks_per_transaction = 1024
shared_buffers = '256MB'
max_wal_size = '4GB'
timezone = 'UTC'
jit = off
`

// startPostgres sets PG for the tests and returns what takes it all away.
func (s *suite) startPostgres() (stop func()) {
	if os.Getenv("PG") != "" {
		fmt.Println("  using the server that PG names")
		return func() {}
	}
	bin := postgresBin()
	if bin == "" {
		return func() {} // its lack is told already
	}
	sv := &server{gone: make(chan error, 1)}
	address, err := sv.start(s.ctx, bin)
	if err != nil {
		s.count("PostgreSQL", errors.Join(err, sv.stop()))
		return func() {}
	}
	os.Setenv("PG", address)
	return func() {
		if err := sv.stop(); err != nil {
			s.count("stop PostgreSQL", err)
		}
	}
}

func (sv *server) start(ctx context.Context, bin string) (address string, err error) {
	if sv.dir, err = os.MkdirTemp("", "unionhall-pg"); err != nil {
		return "", err
	}
	password, port := rand.Text(), 0
	if port, err = freePort(); err != nil {
		return "", err
	}
	secret, data := filepath.Join(sv.dir, "password"), filepath.Join(sv.dir, "data")
	if err := os.WriteFile(secret, []byte(password), 0o600); err != nil {
		return "", err
	}
	if err := sv.giveAway(sv.dir, secret); err != nil {
		return "", err
	}
	// md5, since hundreds of short connections would each pay for a slow hash.
	init := asPostgres(filepath.Join(bin, "initdb"), "-D", data, "-U", "unionhall", "--auth=md5", "--pwfile="+secret,
		"--encoding=UTF8", "--locale=C", "--lc-ctype=C.UTF-8", "--no-sync", "--no-instructions")
	init.Dir = sv.dir
	if out, err := init.CombinedOutput(); err != nil {
		return "", fmt.Errorf("initdb: %w\n%s", err, out)
	}
	conf, err := os.OpenFile(filepath.Join(data, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return "", err
	}
	_, err = fmt.Fprintf(conf, settings, port, sv.dir)
	if err := errors.Join(err, conf.Close()); err != nil {
		return "", err
	}
	if err := sv.launch(ctx, filepath.Join(bin, "postgres"), data, port); err != nil {
		return "", err
	}
	return fmt.Sprintf("postgres://unionhall:%s@127.0.0.1:%d/postgres?sslmode=disable", password, port), nil
}

// giveAway makes root's files those of the user the server runs as.
func (sv *server) giveAway(paths ...string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return err
	}
	for _, p := range paths {
		if err := os.Chown(p, uid, -1); err != nil {
			return err
		}
	}
	return nil
}

// asPostgres runs a program of PostgreSQL as a user without rights, since as
// root it refuses.
func asPostgres(name string, args ...string) *exec.Cmd {
	all := append([]string{name}, args...)
	if os.Geteuid() == 0 {
		all = append([]string{"setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"}, all...)
	}
	c := exec.Command(all[0], all[1:]...)
	c.Env = slices.DeleteFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, "PG") })
	return c
}

func (sv *server) launch(ctx context.Context, postgres, data string, port int) error {
	log, err := os.Create(filepath.Join(sv.dir, "log"))
	if err != nil {
		return err
	}
	sv.run = asPostgres(postgres, "-D", data)
	sv.run.Dir, sv.run.Stdout, sv.run.Stderr = sv.dir, log, log
	if err := errors.Join(sv.run.Start(), log.Close()); err != nil {
		return err
	}
	go func() { sv.gone <- sv.run.Wait() }()
	for range 300 {
		if text, err := os.ReadFile(filepath.Join(data, "postmaster.pid")); err == nil && strings.Contains(string(text), "ready") {
			fmt.Println("  listening at port", port)
			return nil
		}
		select {
		case err := <-sv.gone:
			sv.run = nil
			text, _ := os.ReadFile(log.Name())
			return fmt.Errorf("the server went away: %w\n%s", err, text)
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return errors.New("the server was not ready after 30 seconds")
}

// stop ends the server with its sessions and removes its folder. A second
// call does nothing.
func (sv *server) stop() error {
	var errs []error
	if sv.run != nil {
		// The signal of a fast end. Ctrl-C may have reached the server before us.
		if err := sv.run.Process.Signal(os.Interrupt); !errors.Is(err, os.ErrProcessDone) {
			errs = append(errs, err)
		}
		select {
		case <-sv.gone:
		case <-time.After(20 * time.Second):
			errs = append(errs, errors.New("the server did not stop within 20 seconds"), sv.run.Process.Kill())
		}
		sv.run = nil
	}
	if sv.dir != "" {
		errs = append(errs, os.RemoveAll(sv.dir))
		sv.dir = ""
	}
	return errors.Join(errs...)
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}
