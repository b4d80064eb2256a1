package indexer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unionhall/law"
)

// Every rule and parameter that code or tests of this repository name stands
// in the rulebook, every law line names a rule, and every parameter belongs to
// one.
func TestCitations(t *testing.T) {
	faults, err := Citations("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		t.Error(f)
	}
}

// tree writes files into a folder that stands for a repository.
func tree(t *testing.T, files map[string]string) string {
	root := t.TempDir()
	for name, text := range files {
		p := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestCitationsFindsFaults(t *testing.T) {
	root := tree(t, map[string]string{
		"a/a.go":       "// law: ORG-10\n// law: of the sea\n b.Int(\"org.committee.min_members\", at, on)\n b.Days(\"no.such\", at, on)",
		"a/a.templ":    "ORG-98",
		"a/a_templ.go": "ORG-97", // generated: says what the templ file says
		"a/notes.md":   "ORG-96",
		"law/law.go":   "ORG-95", // the book itself
		"data/x.go":    "ORG-94",
		"b/flow.go":    `Clock: "election.approval_days" + b.Ints("term.years."+kind)`,
	})
	faults, err := Citations(root)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"a/a.go: law line without a rule id: of the sea",
		"a/a.go: parameter no.such is not in law/params.tsv",
		"a/a.templ: rule ORG-98 is not in law/rules.tsv",
	}
	if got := strings.Join(faults, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("faults:\n%s", got)
	}
}

func TestWrite(t *testing.T) {
	root := tree(t, map[string]string{
		"law/index.tsv":       "",
		"b/b.go":              "ORG-10 ORG-10 ELE-15 MEM-02",
		"a/a.sql":             "ORG-10 ORG-12",
		"a/a_test.go":         "ORG-10 ORG-11",
		"a/testdata/x.tsv":    "ORG-12 ELE-16",
		"a/node_modules/x.go": "ORG-13",
	})
	if err := Check(root); err == nil {
		t.Error("an empty index is current")
	}
	if err := Write(root); err != nil {
		t.Fatal(err)
	}
	if err := Check(root); err != nil {
		t.Error(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "law", "index.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) != len(law.Rules())+2 {
		t.Errorf("%d lines", len(lines))
	}
	for _, want := range []string{
		"rule\tstatus\tcode\ttests",
		"ORG-10\tdone\ta/a.sql b/b.go\ta/a_test.go",
		"ORG-11\tpartial\t\ta/a_test.go",
		"ORG-12\tdone\ta/a.sql\ta/testdata/x.tsv",
		"ORG-13\topen\t\t",
		"ELE-15\tpartial\tb/b.go\t",
		"ELE-17\tlater\t\t",
		"LAW21-11\tpartial\t\t", // carried out by ORG-10, ORG-11 and ORG-13
		"LAW21-45\tdone\t\t",    // by ORG-12
		"LAW21-43\tlater\t\t",   // by F1.5
	} {
		if !strings.Contains("\n"+string(text), "\n"+want+"\n") {
			t.Errorf("no line %q", want)
		}
	}
}
