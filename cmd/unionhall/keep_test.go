package main_test

import (
	"archive/zip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"unionhall/kit/ident"
)

// verdict is what import --json prints.
type verdict struct {
	State    string            `json:"state"`
	Rows     int               `json:"rows"`
	New      int               `json:"new"`
	Changed  int               `json:"changed"`
	Moved    int               `json:"moved"`
	Same     int               `json:"same"`
	Refused  int               `json:"refused"`
	Columns  map[string]string `json:"columns"`
	Problems []struct {
		Row                     int
		Severity, Code, Message string
	} `json:"problems"`
}

func taken(t testing.TB, code int, args ...string) (v verdict) {
	t.Helper()
	r := unionhall(t, append([]string{"import"}, append(args, "--json")...)...)
	if r.code != code || json.Unmarshal([]byte(r.out), &v) != nil {
		t.Fatalf("import %v: want %d, got %.2000s", args, code, r)
	}
	return v
}

// expected is what every row of a sample must get.
func expected(t testing.TB, name string) map[int][]string {
	t.Helper()
	var list []struct {
		Row          int
		Refuse, Warn []string
	}
	b, err := os.ReadFile(filepath.Join("../../grassroots/registry/intake/testdata", strings.TrimSuffix(name, filepath.Ext(name))+".expected.json"))
	if err == nil {
		err = json.Unmarshal(b, &list)
	}
	if err != nil {
		t.Fatal(err)
	}
	out := map[int][]string{}
	for _, e := range list {
		for _, c := range e.Refuse {
			out[e.Row] = append(out[e.Row], "refuse "+c)
		}
		for _, c := range e.Warn {
			out[e.Row] = append(out[e.Row], "warn "+c)
		}
	}
	return out
}

// The four samples go in by the command, each with exactly the verdicts of
// the file beside it; the same again changes nothing; dry, nothing is written.
func TestImportTheSamples(t *testing.T) {
	data := office(t)
	for _, s := range []struct {
		kind, name string
		code       int
	}{
		{"unions", "基层工会情况表.xlsx", 0}, {"roster", "会员花名册-标准.xlsx", 0}, {"roster", "会员花名册-常见毛病.xlsx", 3}, {"roster", "会员名单-国标编码.csv", 0},
	} {
		t.Run(s.name, func(t *testing.T) {
			path, count := sample(t, s.name), `SELECT (SELECT count(*) FROM members) + (SELECT count(*) FROM unions)`
			report := func() []string {
				beside, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
				if err != nil {
					t.Fatal(err)
				}
				return beside
			}
			before := rows(t, data, count)
			dry := taken(t, s.code, s.kind, "--data", data, "--dry-run", path)
			if after := rows(t, data, count); after != before || dry.State != "judged" {
				t.Fatalf("a dry run ends as %s and writes %d rows", dry.State, after-before)
			}
			v := taken(t, s.code, s.kind, "--data", data, path)
			if after := rows(t, data, count); v.State != "confirmed" || v.Refused != dry.Refused || v.Rows != v.New+v.Refused || after != before+v.New {
				t.Errorf("it ends as %+v and writes %d rows", v, after-before)
			}
			want, got := expected(t, s.name), map[int][]string{}
			for _, p := range v.Problems {
				if p.Row > 0 || p.Code != "region.unknown" {
					got[p.Row] = append(got[p.Row], p.Severity+" "+p.Code)
				}
			}
			for row := range want {
				if !alike(want[row], got[row]) {
					t.Errorf("row %d: want %v, got %v", row, want[row], got[row])
				}
				delete(got, row)
			}
			if len(got) > 0 {
				t.Errorf("no problem is expected of %v", got)
			}
			if beside := report(); (len(beside) == 2) != (s.code == 3) {
				t.Errorf("beside the file lie %v", beside)
			}
			again := unionhall(t, "import", s.kind, "--data", data, path)
			if after := rows(t, data, count); again.code != s.code || after != before+v.New {
				t.Errorf("the same again writes %d rows: %s", after-before-v.New, again)
			}
		})
	}
	must(t, "verify", "--data", data)
}

func alike(a, b []string) bool {
	n := map[string]int{}
	for _, x := range a {
		n[x]++
	}
	for _, x := range b {
		n[x]--
	}
	for _, k := range n {
		if k != 0 {
			return false
		}
	}
	return true
}

// What can't be read ends with 2 and one Chinese sentence, and leaves nothing.
func TestImportTheUnreadable(t *testing.T) {
	data := office(t)
	picture, old := "\x89PNG\r\n\x1a\n"+strings.Repeat("x", 500), "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"+strings.Repeat("\x00", 600)
	for name, text := range map[string]string{"空.xlsx": "", "图片.xlsx": picture, "旧.xls": old, "没有表头.csv": "\n\n\n", "坏.xlsx": "PK\x03\x04坏"} {
		r := unionhall(t, "import", "roster", "--data", data, file(t, name, text))
		if r.code != 2 || !strings.Contains(r.err, "。") {
			t.Errorf("%s: %s", name, r)
		}
	}
	if n := rows(t, data, `SELECT count(*) FROM members`); n != 0 {
		t.Errorf("%d members were written", n)
	}
}

// city is a folder with a small synthetic city.
func city(t testing.TB) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	must(t, "demo", "--data", data, "--unions", "40", "--members", "800", "--seed", "5")
	return data
}

// S08: whatever an office keeps it may take away.
func TestExport(t *testing.T) {
	data, dir := city(t), t.TempDir()
	db, was := behind(t, data), ""
	err := db.QueryRow(`SELECT address FROM unions WHERE code LIKE '%001'`).Scan(&was)
	if err == nil {
		_, err = db.Exec(`UPDATE unions SET address = '=HYPERLINK("http://x")' WHERE code LIKE '%001'`)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"unions", "roster"} {
		csvFile, book := filepath.Join(dir, kind+".csv"), filepath.Join(dir, kind+".xlsx")
		must(t, "export", kind, "--data", data, "--out", csvFile)
		must(t, "export", kind, "--data", data, "--out", book)
		b, err := os.ReadFile(csvFile)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(b), "\ufeff"))).ReadAll()
		if want := rows(t, data, map[string]string{"unions": `SELECT count(*) FROM unions`, "roster": `SELECT count(*) FROM members`}[kind]); err != nil || len(lines)-1 < want*9/10 {
			t.Errorf("%s: %d lines of %d, %v", kind, len(lines), want, err)
		}
		for _, line := range lines {
			for _, cell := range line {
				if strings.HasPrefix(cell, "=") || strings.HasPrefix(cell, "@") { // PL-22
					t.Errorf("%s: a cell begins a formula: %q", kind, cell)
				}
			}
		}
		if z, err := zip.OpenReader(book); err != nil {
			t.Errorf("%s: %v", kind, err)
		} else {
			z.Close()
		}
	}
	masked, full := filepath.Join(dir, "roster.csv"), filepath.Join(dir, "full.csv")
	must(t, "export", "roster", "--data", data, "--full", "--out", full)
	a, err1 := os.ReadFile(masked)
	b, err2 := os.ReadFile(full)
	if err1 != nil || err2 != nil || !strings.Contains(string(a), "****") || strings.Contains(string(b), "****") {
		t.Error("numbers are masked unless asked for in full", err1, err2)
	}
	if _, err := db.Exec(`UPDATE unions SET address = $1 WHERE code LIKE '%001'`, was); err != nil {
		t.Fatal(err)
	}
	exportBooks(t, data, dir)
	archive := filepath.Join(dir, "all.tar.zst")
	must(t, "export", "archive", "--data", data, "--out", archive)
	to := filepath.Join(t.TempDir(), "to")
	must(t, "restore", "--data", to, archive)
	must(t, "verify", "--data", to)
}

// exportBooks takes the books of a closed year along in every form: as text, as
// interface files, and as they are kept.
func exportBooks(t *testing.T, data, dir string) {
	t.Helper()
	db, union, year := behind(t, data), "", 0
	err := db.QueryRow(`SELECT u.code, b.year FROM books b JOIN unions u ON u.id = b.union_id WHERE b.state = 'closed' ORDER BY b.year DESC, u.code LIMIT 1`).Scan(&union, &year)
	if err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"a.journal": {"journal"}, "b.journal": {"journal", "--below"}, "c.beancount": {"journal", "--format", "beancount"}, "d.zip": {"gbt"}, "e.zip": {"books-archive"}, "f.zip": {"books-archive"},
	} {
		out := filepath.Join(dir, name)
		must(t, append([]string{"export"}, append(args, "--data", data, "--union", union, "--year", fmt.Sprint(year), "--out", out)...)...)
		b, err := os.ReadFile(out)
		if want := map[string]string{".zip": "PK", ".journal": "commodity CNY", ".beancount": "option"}[filepath.Ext(name)]; err != nil || !strings.HasPrefix(string(b), want) {
			t.Errorf("%s: %d bytes, %v", name, len(b), err)
		}
	}
	if r := unionhall(t, "export", "journal", "--data", data, "--out", filepath.Join(dir, "g.journal")); r.code == 0 {
		t.Error("a journal of no union")
	}
	if r := unionhall(t, "export", "books-archive", "--data", data, "--union", union, "--year", fmt.Sprint(year+1), "--out", filepath.Join(dir, "h.zip")); r.code == 0 || !strings.Contains(r.err, "年结") {
		t.Errorf("the archive of an open year: %s", r)
	}
}

// A backup is made while the office is served; what is restored from it holds
// the same and verifies; what was changed behind the program's back is found.
func TestBackupRestoreVerify(t *testing.T) {
	data := city(t)
	s := serve(t, data)
	dir := t.TempDir()
	kept := filepath.Join(dir, "b.tar.zst")
	must(t, "backup", "--data", data, kept)
	if code := s.login(visitor(t), "officer", "unionhall-demo"); code != 204 {
		t.Errorf("after the backup a log-in gets %d", code)
	}
	s.stop(syscall.SIGTERM)

	to := filepath.Join(dir, "to")
	must(t, "restore", "--data", to, kept)
	for _, q := range []string{`SELECT count(*) FROM members`, `SELECT count(*) FROM unions`, `SELECT sum(version) FROM members`} {
		if a, b := rows(t, data, q), rows(t, to, q); a != b {
			t.Errorf("%s: %d was kept, %d restored", q, a, b)
		}
	}
	var clean struct {
		Sealed   int   `json:"sealed_rows"`
		Findings []any `json:"findings"`
	}
	r := must(t, "verify", "--data", to, "--json")
	if err := json.Unmarshal([]byte(r.out), &clean); err != nil || clean.Sealed < 800 || len(clean.Findings) != 0 {
		t.Errorf("verify: %s", r)
	}
	unionhall(t, "restore", "--data", to, kept).refused(t, 1, "--force")
	must(t, "restore", "--data", to, kept, "--force")

	db := behind(t, to)
	for _, c := range []struct{ name, change, back string }{
		{"a name", `UPDATE members SET name = name || '某' WHERE id = (SELECT min(id) FROM members)`, `UPDATE members SET name = substr(name, 1, length(name) - 1) WHERE id = (SELECT min(id) FROM members)`},
		{"a figure", `UPDATE member_figures SET n = n + 1 WHERE (union_id, status, sex) = (SELECT union_id, status, sex FROM member_figures LIMIT 1)`,
			`UPDATE member_figures SET n = n - 1 WHERE (union_id, status, sex) = (SELECT union_id, status, sex FROM member_figures LIMIT 1)`},
		{"a line of the log", `UPDATE audit_rows SET change = '{}' WHERE id = (SELECT max(id) FROM audit_rows)`, ``},
	} {
		if _, err := db.Exec(c.change); err != nil {
			t.Fatal(c.name, err)
		}
		r := unionhall(t, "verify", "--data", to)
		if r.code != 1 || !strings.Contains(r.out, "：") || !strings.Contains(r.err, "faults found") {
			t.Errorf("%s changed: %s", c.name, r)
		}
		if _, err := db.Exec(c.back); err != nil {
			t.Fatal(c.name, err)
		}
		if r := unionhall(t, "verify", "--data", to); c.back != "" && r.code != 0 {
			t.Errorf("%s put back: %s", c.name, r)
		}
	}
}

// long is a roster of n people, all in the office itself.
func long(t testing.TB, n int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("姓名,性别,证件号码,移动电话\n")
	for i := range n {
		fmt.Fprintf(&b, "王%c,女,%s,154%08d\n", '一'+rune(i%5000), ident.CheckedID(fmt.Sprintf("97%04d19850607%03d", i/499+1, 2*(i%499)+2)), i)
	}
	return file(t, "长名单.csv", b.String())
}

// strike kills a command as soon as look says that it is in the middle.
func strike(t testing.TB, c *exec.Cmd, look func() bool) {
	t.Helper()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { c.Wait(); close(ended) }()
	for end := time.Now().Add(time.Minute); !look(); time.Sleep(2 * time.Millisecond) {
		select {
		case <-ended:
			t.Fatal("it had ended before it was struck")
		default:
		}
		if time.Now().After(end) {
			c.Process.Kill()
			t.Fatal("it does not get there")
		}
	}
	c.Process.Kill()
	<-ended
}

// kill -9 in the middle of an import: nobody sees half of it, the books still
// verify, and once the dead one's lease is over the work goes on to its end.
func TestKilledInTheMiddleOfAnImport(t *testing.T) {
	const people = 6000
	data := office(t)
	db := behind(t, data)
	written := func() int { return rows(t, data, `SELECT count(*) FROM members`) }
	strike(t, command(t, "import", "roster", "--data", data, long(t, people)), func() bool { n := written(); return n > 0 && n < people })
	half := written()
	if half == 0 || half == people {
		t.Fatalf("%d were written", half)
	}
	s := serve(t, data)
	c := visitor(t)
	s.login(c, "boss", secret)
	if code, body := s.ask(c, "GET", "/grassroots/registry/members", ""); code != 200 || !strings.Contains(body, `"items":[]`) {
		t.Errorf("half an import is seen: %d %.300s", code, body)
	}
	if _, err := db.Exec(`UPDATE jobs SET due = '2020-01-01T00:00:00.000000Z' WHERE state = 'running'`); err != nil { // a minute passes
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); rows(t, data, `SELECT count(*) FROM imports WHERE state = 'confirmed'`) == 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d of %d, and it does not go on", written(), people)
		}
	}
	if n := written(); n != people {
		t.Errorf("%d of %d are written", n, people)
	}
	if code, body := s.ask(c, "GET", "/grassroots/registry/members?limit=1", ""); code != 200 || !strings.Contains(body, fmt.Sprintf(`"total":%d`, people)) {
		t.Errorf("the list: %d %.300s", code, body)
	}
	if code := s.stop(syscall.SIGTERM); code != 0 {
		t.Errorf("it ends with %d", code)
	}
	must(t, "verify", "--data", data)
}

// kill -9 of a server that is at an import, and of a backup: the next start
// finds nothing half done.
func TestKilledServerAndBackup(t *testing.T) {
	data := city(t)
	s := serve(t, data)
	c := visitor(t)
	s.login(c, "officer", "unionhall-demo")
	if code, body := s.ask(c, "POST", "/grassroots/registry/unions", `{"name":"滨江市新区工会","kind":"base","parent":"210600000000","document":"滨直工〔2026〕8号"}`); code != 201 {
		t.Fatal(code, body)
	}
	s.kill() // right after an act: it was answered, so it is there
	if n := rows(t, data, `SELECT count(*) FROM unions WHERE name = '滨江市新区工会'`); n != 1 {
		t.Errorf("what was answered is lost: %d", n)
	}
	dir := t.TempDir()
	to := filepath.Join(dir, "b.tar.zst")
	strike(t, command(t, "backup", "--data", data, to), func() bool {
		begun, err := filepath.Glob(filepath.Join(dir, ".backup-*"))
		return err == nil && len(begun) > 0
	})
	if _, err := os.Stat(to); err == nil {
		t.Error("half a backup bears the name of a whole one")
	}
	must(t, "verify", "--data", data)
	must(t, "backup", "--data", data, to)
	if left, err := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(left) > 0 {
		t.Errorf("the struck backup left %v", left)
	}
	again := serve(t, data)
	if code := again.stop(syscall.SIGTERM); code != 0 {
		t.Errorf("it ends with %d", code)
	}
}
