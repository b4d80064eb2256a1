package unionhall

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// paths are the files and folders of the house that a text names.
var paths = regexp.MustCompile(`\b(?:kit|law|hall|office|grassroots|commons|schema|cmd|docs|bench)/[\w./-]*\w|\b[A-Z]+\.md\b`)

// PL-38: every requirement of levels 1 and 2 of ASVS 5.0 has its line: how it
// is met and where that is seen, or why not. What is named is there.
func TestASVS(t *testing.T) {
	text, err := os.ReadFile("docs/asvs.tsv")
	if err != nil {
		t.Fatal(err)
	}
	seen, of := map[string]bool{}, map[string]int{}
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		f := strings.Split(line, "\t")
		if len(f) != 5 {
			t.Fatalf("line %d has %d columns", i+1, len(f))
		}
		if i == 0 {
			continue
		}
		id, level, state, evidence := f[0], f[1], f[2], f[4]
		if seen[id] || level != "1" && level != "2" || f[3] == "" || evidence == "" {
			t.Errorf("%s: twice, or not whole", id)
		}
		seen[id] = true
		of[level]++
		switch state {
		case "met", "differs", "absent", "operator":
		default:
			t.Errorf("%s: what is %q", id, state)
		}
		for _, p := range paths.FindAllString(evidence, -1) {
			if _, err := os.Stat(p); err != nil {
				t.Errorf("%s: there is no %s", id, p)
			}
		}
	}
	if of["1"] != 70 || of["2"] != 183 {
		t.Errorf("requirements by level: %v", of)
	}
}
