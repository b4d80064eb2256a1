package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// command is a program told to leave when ctx ends, with no settings of ours.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, name, args...)
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	c.WaitDelay = 30 * time.Second
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "UNIONHALL_") {
			c.Env = append(c.Env, e)
		}
	}
	c.Env = append(c.Env, "CGO_ENABLED=0")
	return c
}

// server is a program that serves, and how it is spoken to.
type server struct {
	cmd     *exec.Cmd
	pid     int
	at      string // host:port
	profile string // address of its profiles, if it has any
	cookie  string
	log     string
	started time.Time
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// launch starts a server that is to listen at the address; it does not wait.
func (b *bench) launch(ctx context.Context, at, program string, args ...string) (*server, error) {
	log, err := os.CreateTemp(b.dir, "log-*")
	if err != nil {
		return nil, err
	}
	defer log.Close()
	s := &server{cmd: command(ctx, program, args...), at: at, log: log.Name()}
	s.cmd.Stdout, s.cmd.Stderr, s.cmd.Dir = log, log, b.dir
	s.started = time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	s.pid = s.cmd.Process.Pid
	return s, nil
}

// product starts the product on a folder and waits for its first page. Where
// profiles are wanted this program serves the house itself, with them.
func (b *bench) product(ctx context.Context, data string) (*server, error) {
	return b.productOn(ctx, data, "")
}

// productOn is product on a PostgreSQL server, if one is named.
func (b *bench) productOn(ctx context.Context, data, db string) (*server, error) {
	at, err := freePort()
	if err != nil {
		return nil, err
	}
	var s *server
	if b.profiles == "" || db != "" {
		args := []string{"serve", "--data", data, "--listen", at}
		if db != "" {
			args = append(args, "--db", db)
		}
		s, err = b.launch(ctx, at, b.bin, args...)
	} else {
		var self, profile string
		if self, err = os.Executable(); err == nil {
			profile, err = freePort()
		}
		if err != nil {
			return nil, err
		}
		if s, err = b.launch(ctx, at, self, childMark, "serve", data, at, profile); err == nil {
			s.profile = profile
		}
	}
	if err != nil {
		return nil, err
	}
	if _, err := s.first("/login"); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

// first asks for a path until it is answered and returns how long that took
// since the start.
func (s *server) first(path string) (time.Duration, error) {
	for time.Since(s.started) < 30*time.Second {
		if _, err := s.get(path, "text/html"); err == nil {
			return time.Since(s.started), nil
		}
		time.Sleep(500 * time.Microsecond)
	}
	return 0, fmt.Errorf("%s did not answer: %s", path, s.words())
}

// words is the end of what the server has said.
func (s *server) words() string {
	text, _ := os.ReadFile(s.log)
	return string(text[max(0, len(text)-2000):])
}

func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	var left *exec.ExitError
	if err := s.cmd.Wait(); err != nil && !errors.As(err, &left) {
		return err
	}
	return nil
}

// signIn opens a session as the organisation officer of the synthetic city.
func (s *server) signIn(ctx context.Context) error {
	body := strings.NewReader(`{"login":"officer","password":"unionhall-demo"}`)
	rq, err := http.NewRequestWithContext(ctx, "POST", "http://"+s.at+"/login", body)
	if err != nil {
		return err
	}
	rq.Header.Set("Content-Type", "application/json")
	rp, err := http.DefaultClient.Do(rq)
	if err != nil {
		return err
	}
	defer rp.Body.Close()
	for _, c := range rp.Cookies() {
		if c.Name == "uh_session" {
			s.cookie = c.Name + "=" + c.Value
		}
	}
	if s.cookie == "" {
		return fmt.Errorf("log-in refused: %s", rp.Status)
	}
	return nil
}

// ask sends one request of the signed-in officer and decodes the JSON answer
// into out, where that is not nil. A refusal is an error.
func (s *server) ask(ctx context.Context, method, path, kind string, body io.Reader, out any) error {
	rq, err := http.NewRequestWithContext(ctx, method, "http://"+s.at+path, body)
	if err != nil {
		return err
	}
	rq.Header.Set("Accept", "application/json")
	rq.Header.Set("Cookie", s.cookie)
	if kind != "" {
		rq.Header.Set("Content-Type", kind)
	}
	rp, err := http.DefaultClient.Do(rq)
	if err != nil {
		return err
	}
	defer rp.Body.Close()
	text, err := io.ReadAll(rp.Body)
	if err == nil && rp.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s %s", method, path, rp.Status, text)
	}
	if err == nil && out != nil {
		err = json.Unmarshal(text, out)
	}
	return err
}

// profiled writes the server's profile of the next seconds, and what it has
// allocated since its start. wait returns when that is done.
func (b *bench) profiled(s *server, name string, span time.Duration) (wait func()) {
	if s.profile == "" {
		return func() {}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for kind, query := range map[string]string{"profile": "?seconds=" + strconv.Itoa(max(1, int(span.Seconds())-1)), "allocs": ""} {
			if err := b.keepProfile(s, name, kind, query); err != nil {
				say("profile of %s: %v", name, err)
			}
		}
	}()
	return func() { <-done }
}

func (b *bench) keepProfile(s *server, name, kind, query string) error {
	rp, err := http.Get("http://" + s.profile + "/debug/pprof/" + kind + query)
	if err != nil {
		return err
	}
	defer rp.Body.Close()
	text, err := io.ReadAll(rp.Body)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(b.profiles, name+"-"+kind+".pprof"), text, 0o644)
}
