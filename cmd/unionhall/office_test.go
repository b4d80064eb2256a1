package main_test

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// A new office: founded from the shell, served, signed in to, stopped.
func TestInitAndServe(t *testing.T) {
	data := office(t)
	s := serve(t, data)
	c := visitor(t)
	if code, _ := s.ask(c, "GET", "/", ""); code != 401 {
		t.Errorf("a stranger gets %d", code)
	}
	if code := s.login(c, "boss", secret); code != 204 {
		t.Fatalf("the first account gets %d", code)
	}
	code, home := s.ask(c, "GET", "/", "")
	if code != 200 || !strings.Contains(home, `"start"`) {
		t.Errorf("the work table: %d %s", code, home)
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/api/openapi.json"} {
		if code, _ := s.ask(visitor(t), "GET", path, ""); code != 200 {
			t.Errorf("%s: %d", path, code)
		}
	}
	if code := s.stop(syscall.SIGTERM); code != 0 {
		t.Errorf("SIGTERM ends it with %d: %s", code, s.said)
	}
	if strings.Contains(s.said.String(), "level=ERROR") || strings.Contains(s.said.String(), secret) {
		t.Errorf("it said\n%s", s.said)
	}
	unionhall(t, "init", "--data", data, "--name", "另一家", "--admin", "boss", "--password-file", password(t)).refused(t, 1, "--data")
}

func TestInitAsksForWhatItNeeds(t *testing.T) {
	dir := t.TempDir()
	weak := file(t, "weak", "12345678\n")
	unionhall(t, "init", "--data", dir, "--name", "滨江市直机关工会工委", "--admin", "boss", "--password-file", weak).refused(t, 1, "密码")
	unionhall(t, "init", "--data", dir, "--name", "滨江市直机关工会工委", "--admin", "boss", "--password-file", password(t), "--region", "999999").refused(t, 1, "999999")
	unionhall(t, "init", "--data", dir, "--name", "滨江市直机关工会工委", "--admin", "boss", "--password-file", filepath.Join(dir, "none")).refused(t, 1, "password file")
	c := command(t, "init", "--data", dir, "--name", "滨江市直机关工会工委", "--admin", "boss")
	wait(t, c).refused(t, 2, "--password-file")
	c = command(t, "init", "--data", dir, "--name", "滨江市直机关工会工委", "--admin", "boss", "--password-file", "-")
	c.Stdin = strings.NewReader(secret + "\n")
	if r := wait(t, c); r.code != 0 || !strings.Contains(r.out, "滨江市直机关工会工委") {
		t.Errorf("a password from standard input: %s", r)
	}
}

// Wrong usage ends with 2 and one line that says what is wrong.
func TestWrongUsage(t *testing.T) {
	for _, args := range [][]string{
		{"fly"}, {"serve", "--colour"}, {"serve", "--listen"}, {"init"}, {"init", "--name", "x"}, {"import"}, {"import", "roster"}, {"import", "salaries", "x.xlsx"},
		{"export", "salaries", "--out", "x"}, {"export", "unions"}, {"backup"}, {"restore"}, {"token"}, {"token", "create"}, {"token", "create", "--login", "boss", "--days", "many"},
		{"user", "add"}, {"user", "add", "x"}, {"verify", "now"}, {"demo", "--unions", "1"}, {"demo", "--members", "1000000"}, {"demo", "--scale", "1"}, {"demo", "--seed", "-1"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) { unionhall(t, args...).refused(t, 2) })
	}
}

// What can't be done ends with 1 and one line that says what to do.
func TestWhatCannotBeDone(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	data, in := office(t), file(t, "no-folder", "x")
	for _, c := range []struct {
		name  string
		args  []string
		words []string
	}{
		{"a taken port", []string{"serve", "--data", data, "--listen", taken.Addr().String()}, []string{taken.Addr().String(), "--listen"}},
		{"no address", []string{"serve", "--data", data, "--listen", "nowhere"}, []string{"nowhere"}},
		{"no office", []string{"serve", "--data", t.TempDir()}, []string{"unionhall init", "--demo"}},
		{"a file in the folder's place", []string{"serve", "--data", filepath.Join(in, "data"), "--listen", "127.0.0.1:0"}, []string{"--data"}},
		{"a city where an office is", []string{"demo", "--data", data}, []string{"--data"}},
		{"no office to import into", []string{"import", "roster", "--data", t.TempDir(), sample(t, "会员花名册-标准.xlsx")}, []string{"unionhall init"}},
		{"a file that is not there", []string{"import", "roster", "--data", data, "/none.xlsx"}, []string{"/none.xlsx"}},
		{"a union that is not there", []string{"import", "roster", "--data", data, "--union", "210600999999", sample(t, "会员花名册-标准.xlsx")}, []string{"210600999999"}},
		{"a backup over a file", []string{"backup", "--data", data, in}, []string{"name another"}},
		{"no backup", []string{"restore", "--data", filepath.Join(t.TempDir(), "new"), in}, nil},
		{"a folder that is in use", []string{"restore", "--data", data, in}, nil},
		{"a login that is not there", []string{"token", "create", "--data", data, "--login", "nobody"}, []string{"nobody"}},
		{"an ending we don't write", []string{"export", "unions", "--data", data, "--out", filepath.Join(t.TempDir(), "x.doc")}, []string{".xlsx"}},
		{"no server", []string{"verify", "--data", t.TempDir(), "--db", "postgres://nobody@127.0.0.1:1/none"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) { unionhall(t, c.args...).refused(t, 1, c.words...) })
	}
}

// A folder that may not be written is told. Root may write everywhere: there
// the file in the folder's place stands for it.
func TestReadOnlyFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		dir = filepath.Join(file(t, "closed", ""), "data")
	}
	unionhall(t, "init", "--data", dir, "--name", "滨江市直机关工会工委", "--admin", "boss", "--password-file", password(t)).refused(t, 1, dir, "--data")
}

func TestNewerDatabase(t *testing.T) {
	data := office(t)
	if _, err := behind(t, data).Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)`); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"serve", "--listen", "127.0.0.1:0"}, {"verify"}, {"user", "list"}} {
		unionhall(t, append(args, "--data", data)...).refused(t, 1, "99999", "newer")
	}
}

func TestMigrate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	var from, to int
	r := must(t, "migrate", "--data", dir, "--dry-run")
	if n, err := fmt.Sscanf(r.out, "schema %d -> %d\n", &from, &to); n != 2 || err != nil || from != 0 || to == 0 {
		t.Fatalf("dry: %s", r)
	}
	for _, want := range []string{fmt.Sprintf("schema 0 -> %d\n", to), fmt.Sprintf("schema %d -> %d\n", to, to)} {
		if r := must(t, "migrate", "--data", dir); r.out != want {
			t.Errorf("want %q, got %s", want, r)
		}
	}
}

func TestOpenAPI(t *testing.T) {
	var d struct {
		OpenAPI string                    `json:"openapi"`
		Paths   map[string]map[string]any `json:"paths"`
	}
	if r := must(t, "openapi"); json.Unmarshal([]byte(r.out), &d) != nil || !strings.HasPrefix(d.OpenAPI, "3.1") || d.Paths["/grassroots/registry/unions"]["get"] == nil {
		t.Errorf("%.300s", r)
	}
}

func TestHelp(t *testing.T) {
	r := must(t, "help", "settings")
	for _, want := range []string{"--data", "UNIONHALL_DATA", "--db", "UNIONHALL_DB", "--listen", "UNIONHALL_LISTEN", "127.0.0.1:8080", "unionhall.toml"} {
		if !strings.Contains(r.out, want) {
			t.Errorf("%q is not in %s", want, r)
		}
	}
	for _, args := range [][]string{{"--help"}, {}, {"help"}, {"help", "serve"}, {"serve", "--help"}, {"import", "roster", "--help"}} {
		if r := unionhall(t, args...); r.code != 0 || !strings.Contains(r.out, "Usage:") || r.err != "" {
			t.Errorf("%v: %s", args, r)
		}
	}
}

// Flags go before the environment, that before unionhall.toml.
func TestSettings(t *testing.T) {
	a, b, c := office(t), office(t), office(t)
	must(t, "user", "add", "jia", "--data", a, "--name", "甲", "--password-file", password(t))
	must(t, "user", "add", "yi", "--data", b, "--name", "乙", "--password-file", password(t))
	must(t, "user", "add", "bing", "--data", c, "--name", "丙", "--password-file", password(t))
	for _, x := range []struct{ flag, env, toml, want string }{{a, b, c, "jia"}, {"", b, c, "yi"}, {"", "", c, "bing"}} {
		args := []string{"user", "list"}
		if x.flag != "" {
			args = append(args, "--data", x.flag)
		}
		cmd := command(t, args...)
		if x.env != "" {
			cmd.Env = append(cmd.Env, "UNIONHALL_DATA="+x.env)
		}
		if err := os.WriteFile(filepath.Join(cmd.Dir, "unionhall.toml"), []byte(fmt.Sprintf("data = %q\n", x.toml)), 0o600); err != nil {
			t.Fatal(err)
		}
		if r := wait(t, cmd); r.code != 0 || !strings.Contains(r.out, x.want) {
			t.Errorf("want %s: %s", x.want, r)
		}
	}
}

// Accounts and tokens from the shell, while the office is served.
func TestUsersAndTokens(t *testing.T) {
	data := office(t)
	s := serve(t, data)
	must(t, "user", "add", "ganshi", "--data", data, "--name", "周敏", "--office", "officer", "--password-file", password(t))
	if r := must(t, "user", "list", "--data", data); !regexp.MustCompile(`(?m)^ganshi +周敏`).MatchString(r.out) || !strings.Contains(r.out, "boss") {
		t.Errorf("list: %s", r)
	}
	if code := s.login(visitor(t), "ganshi", secret); code != 204 {
		t.Errorf("a new account gets %d", code)
	}
	must(t, "user", "lock", "ganshi", "--data", data)
	if code := s.login(visitor(t), "ganshi", secret); code != 403 {
		t.Errorf("a locked account gets %d", code)
	}
	must(t, "user", "lock", "ganshi", "--off", "--data", data)
	other := file(t, "other", "Qkmf-5trwx?\n")
	must(t, "user", "passwd", "ganshi", "--data", data, "--password-file", other)
	if code := s.login(visitor(t), "ganshi", secret); code != 401 {
		t.Errorf("the old password gets %d", code)
	}
	unionhall(t, "user", "passwd", "ganshi", "--data", data, "--password-file", file(t, "weak", "1\n")).refused(t, 1, "密码")
	unionhall(t, "user", "add", "ganshi", "--data", data, "--name", "重名", "--password-file", password(t)).refused(t, 1, "ganshi")

	r := must(t, "token", "create", "--data", data, "--login", "boss", "--days", "7")
	if !regexp.MustCompile(`^\d{10}\.[\w-]{43}\n$`).MatchString(r.out) || r.err != "" {
		t.Fatalf("more than the token: %s", r)
	}
	bearer := "Bearer " + strings.TrimSpace(r.out)
	list := func() (int, string) {
		return s.ask(visitor(t), "GET", "/grassroots/registry/unions", "", "Authorization", bearer)
	}
	if code, body := list(); code != 200 || !strings.Contains(body, `"items"`) {
		t.Errorf("the token gets %d %s", code, body)
	}
	id := strings.Fields(must(t, "token", "list", "--data", data).out)[0]
	must(t, "token", "revoke", "--data", data, id)
	if code, _ := list(); code != 401 {
		t.Errorf("a revoked token gets %d", code)
	}
	unionhall(t, "token", "revoke", "--data", data, id).refused(t, 1)
	unionhall(t, "token", "create", "--data", data, "--login", "boss", "--days", "4000").refused(t, 1)
}

// The first command of the README: an empty folder, and a living city. How
// fast is the bench's affair.
func TestDemo(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	s := serve(t, data, "--demo")
	t.Logf("served after %v", s.took)
	c := visitor(t)
	code, page := s.ask(c, "GET", "/login", "", "Accept", "text/html")
	said := s.says("unionhall-demo")
	if code != 200 || !strings.Contains(page, "演示") || !strings.Contains(said, "unionhall-demo") {
		t.Errorf("%d, said %s", code, said)
	}
	for _, login := range []string{"admin", "director", "officer", "accountant", "cashier", "auditor", "chair", "chair2", "member", "member2", "security", "audit"} {
		c := visitor(t)
		if code := s.login(c, login, "unionhall-demo"); code != 204 || !strings.Contains(said, login) {
			t.Errorf("%s: %d", login, code)
		}
		if code, _ := s.ask(c, "GET", "/", "", "Accept", "text/html"); code != 200 {
			t.Errorf("the first page of %s: %d", login, code)
		}
	}
	if code := s.stop(os.Interrupt); code != 0 {
		t.Errorf("Ctrl-C ends it with %d", code)
	}
	again := serve(t, data, "--demo")
	if said := again.says("unionhall-demo"); strings.Contains(said, "演示城市已建好") {
		t.Errorf("the second start made the city again: %s", said)
	}
	if n := rows(t, data, `SELECT count(*) FROM members`); n < 19000 {
		t.Errorf("%d members", n)
	}
}
