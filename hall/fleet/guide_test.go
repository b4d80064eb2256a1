package fleet

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var block = regexp.MustCompile("(?s)```(\\w+)\n(.*?)```")

// blocks are the code of a guide, by language.
func blocks(t *testing.T, name string) (all []string, sh []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../docs", name))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range block.FindAllStringSubmatch(string(text), -1) {
		all = append(all, m[1]+"\n"+m[2])
		if m[1] == "sh" {
			sh = append(sh, m[2])
		}
	}
	return all, sh
}

// The guide works as written: its commands run in their order, an instance
// serves beside them, and both languages show the same.
func TestGuide(t *testing.T) {
	heavy(t)
	t.Parallel()
	english, commands := blocks(t, "operators.md")
	chinese, _ := blocks(t, "operators.zh-CN.md")
	if !slices.Equal(english, chinese) || len(commands) < 5 {
		t.Fatal("the two languages show different commands")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "first-password"), []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := append(command("sh").Env, "UNIONHALL_DATA="+filepath.Join(dir, "data"), "UNIONHALL_DB="+empty(t), "PATH="+filepath.Dir(binary)+":"+os.Getenv("PATH"))
	for i, text := range commands {
		c := exec.Command("sh", "-e", "-c", text)
		c.Dir, c.Env = dir, env
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", text, err, out)
		}
		if i == 0 { // the rest runs while it serves, as set
			s := exec.Command(binary, "serve", "--listen", "127.0.0.1:0")
			s.Dir, s.Env = dir, env
			start(t, s)
		}
	}
	for _, m := range regexp.MustCompile(`unionhall_[a-z_]+`).FindAllString(strings.Join(lines(t, "operators.md"), "\n"), -1) {
		if !strings.HasPrefix(m, "unionhall_request_seconds") && !slices.Contains(watched, m) {
			t.Errorf("there is no figure %s", m)
		}
	}
}

// watched are the figures that hall's own test finds at /metrics.
var watched = []string{"unionhall_ready", "unionhall_log_unsealed_rows", "unionhall_jobs_overdue", "unionhall_jobs_failed", "unionhall_drill_good", "unionhall_drill_age_seconds"}

func lines(t *testing.T, name string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(string(text), "\n")
}
