package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// elephant is a PostgreSQL of this run that keeps its promises: fsync is on.
type elephant struct {
	dir     string
	run     *exec.Cmd
	address string
}

const promises = `
listen_addresses = '127.0.0.1'
port = %s
unix_socket_directories = ''
max_connections = 100
shared_buffers = '128MB'
timezone = 'UTC'
`

// unprivileged runs a program as postgres, since as root it refuses.
func unprivileged(name string, args ...string) *exec.Cmd {
	all := append([]string{name}, args...)
	if os.Geteuid() == 0 {
		all = append([]string{"setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"}, all...)
	}
	c := exec.Command(all[0], all[1:]...)
	c.Dir = "/"
	return c
}

// startPostgres starts Debian's newest in a folder of its own.
func startPostgres(ctx context.Context) (e *elephant, err error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return nil, errors.New("no PostgreSQL here: apt-get install postgresql")
	}
	bin := filepath.Dir(found[len(found)-1])
	e = &elephant{}
	if e.dir, err = os.MkdirTemp("", "unionhall-bench-pg-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.stop())
		}
	}()
	if os.Geteuid() == 0 {
		u, err := user.Lookup("postgres")
		if err != nil {
			return nil, err
		}
		uid, err := strconv.Atoi(u.Uid)
		if err := errors.Join(err, os.Chown(e.dir, uid, -1)); err != nil {
			return nil, err
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	data := filepath.Join(e.dir, "data")
	if out, err := unprivileged(filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--lc-ctype=C.UTF-8", "--no-instructions").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	conf, err := os.OpenFile(filepath.Join(data, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	_, err = fmt.Fprintf(conf, promises, port)
	if err := errors.Join(err, conf.Close()); err != nil {
		return nil, err
	}
	e.run = unprivileged(filepath.Join(bin, "postgres"), "-D", data)
	if err := e.run.Start(); err != nil {
		e.run = nil
		return nil, err
	}
	e.address = "postgres://postgres@127.0.0.1:" + port + "/postgres?sslmode=disable"
	for range 300 {
		if text, err := os.ReadFile(filepath.Join(data, "postmaster.pid")); err == nil && strings.Contains(string(text), "ready") {
			return e, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil, errors.New("PostgreSQL was not ready after 30 seconds")
}

// used is the CPU time of the server's sessions and of this process, in seconds.
func (e *elephant) used() (sum float64, err error) {
	pids := []int{os.Getpid(), e.run.Process.Pid}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", e.run.Process.Pid))
	if err != nil {
		return 0, err
	}
	for _, f := range strings.Fields(string(text)) {
		pid, err := strconv.Atoi(f)
		if err != nil {
			return 0, err
		}
		pids = append(pids, pid)
	}
	for _, pid := range pids {
		if n, err := cpu(pid); err == nil { // one that has ended meanwhile wrote nothing
			sum += n
		}
	}
	return sum, nil
}

// stop ends it with its sessions and removes its folder.
func (e *elephant) stop() error {
	var errs []error
	if e.run != nil {
		errs = append(errs, e.run.Process.Signal(os.Interrupt)) // a fast end
		e.run.Wait()                                            // how it ended is of no matter
	}
	return errors.Join(append(errs, os.RemoveAll(e.dir))...)
}
