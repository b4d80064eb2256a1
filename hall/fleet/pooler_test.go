package fleet

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"unionhall/grassroots/registry"
	"unionhall/hall"
	"unionhall/hall/city"
	"unionhall/kit/sqldb"
)

// pooler is pgbouncer, lending connections by the transaction.
type pooler struct {
	port, dir string
	run       *exec.Cmd
}

const poolerSettings = `
[databases]
* = host=%s port=%s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %s
unix_socket_dir =
auth_type = md5
auth_file = %s/users
pool_mode = transaction
default_pool_size = 4
max_client_conn = 600
server_login_retry = 1
admin_users = %s
ignore_startup_parameters = extra_float_digits
`

// pool starts pgbouncer before the server of a database and returns the
// address through it.
func pool(t *testing.T, db string) (*pooler, string) {
	t.Helper()
	program := "/usr/sbin/pgbouncer"
	if found, err := exec.LookPath("pgbouncer"); err == nil {
		program = found
	}
	if _, err := os.Stat(program); err != nil {
		lacks(t, "pgbouncer (apt-get install pgbouncer)")
	}
	u, err := url.Parse(db)
	if err != nil {
		t.Fatal(err)
	}
	p := &pooler{port: port(t), dir: folder(t)}
	word, _ := u.User.Password()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("users", fmt.Sprintf("%q %q\n", u.User.Username(), word))
	write("ini", fmt.Sprintf(poolerSettings, u.Hostname(), u.Port(), p.port, p.dir, u.User.Username()))
	p.run = unprivileged(program, filepath.Join(p.dir, "ini"))
	log, err := os.Create(filepath.Join(p.dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	p.run.Stderr = log
	if err := p.run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.run.Process.Signal(syscall.SIGINT)
		p.run.Wait()
		if text, err := os.ReadFile(log.Name()); err == nil && t.Failed() {
			t.Logf("pgbouncer said\n%s", text)
		}
	})
	through := through(t, db, p.port)
	for range 100 {
		if c, err := sqldb.Open(through + "&default_query_exec_mode=exec"); err == nil {
			c.Close()
			return p, through
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("pgbouncer does not answer")
	return nil, ""
}

// Everything works through a pooler that lends connections by the transaction
// (--pooler): the schema, a city, its pages and lists, the
// seals, a restore drill, and sixty people on four connections.
func TestPooler(t *testing.T) {
	heavy(t)
	t.Parallel()
	direct := empty(t)
	_, through := pool(t, direct)
	data := filepath.Join(t.TempDir(), "data")
	s := hall.Settings{Data: data, DB: through, Pooler: true}
	if _, _, err := hall.Migrate(ctx, s, false); err != nil {
		t.Fatal(err)
	}
	h, err := hall.Open(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if err := h.MakeDemo(ctx, city.Plan{Unions: 40, Members: 600, Years: 3, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	if err := h.Chain(ctx); err != nil {
		t.Fatal(err)
	}
	rooms(t, h)
	if proof, err := h.Verify(ctx); err != nil || len(proof.Findings) > 0 {
		t.Errorf("verify: %+v %v", proof, err)
	}
	if r, err := h.Drill(ctx, "test"); err != nil || !r.Good() {
		t.Errorf("drill: %s %v", r.Why(), err)
	}
	numbers(t, h)
}

// rooms reads what every office sees on its pages.
func rooms(t *testing.T, h *hall.House) {
	t.Helper()
	handler, err := h.Handler()
	if err != nil {
		t.Fatal(err)
	}
	site := serveHandler(t, handler)
	for _, login := range []string{"officer", "chair", "admin", "audit", "member"} {
		p := visitor(t)
		if res, body := p.post(site+"/login", url.Values{"login": {login}, "password": {hall.DemoPassword()}}); res.StatusCode != 303 {
			t.Fatalf("%s: %d %s", login, res.StatusCode, body)
		}
		n := 0
		for _, rt := range h.Routes() {
			path, get := strings.CutPrefix(rt.Pattern, "GET ")
			if !get || strings.Contains(path, "{") || path == "/metrics" || path == "/law/calendar/new" {
				continue
			}
			if res, body := p.get(site + path); res.StatusCode >= 500 {
				t.Errorf("%s as %s: %d %s", path, login, res.StatusCode, body)
			} else if res.StatusCode == 200 {
				n++
			}
		}
		if n < 8 {
			t.Errorf("%s sees only %d pages", login, n)
		}
	}
}

// numbers has sixty write at once.
func numbers(t *testing.T, h *hall.House) {
	t.Helper()
	var w sync.WaitGroup
	var mu sync.Mutex
	given := map[int64]bool{}
	for range 60 {
		w.Go(func() {
			err := h.DB.Do(ctx, func(tx *sqldb.Tx) error {
				n, err := registry.Next(ctx, tx, city.Tenant, "trial", "", 1)
				tx.After(func() {
					mu.Lock()
					defer mu.Unlock()
					given[n] = true
				})
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	w.Wait()
	for n := range int64(60) {
		if !given[n+1] {
			t.Errorf("number %d was not given", n+1)
		}
	}
}

func serveHandler(t testing.TB, h http.Handler) string {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}
