// Package indexer finds where the rules of the field are kept: it reads the
// whole repository for the ids of rules and parameters that code and tests
// name. cmd/dev writes the index with it and refuses a stale one, a citation
// that leads nowhere, and a law line without a rule.
package indexer

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"unionhall/law"
)

var (
	ruleID = regexp.MustCompile(`\b(?:(?:ORG|ELE|DEL|MEM|DUE|CARD|ID|LEG|WOM|EVA|HOME|IMP|MSG|LAW21)-\d{2}|[FR]\d{1,2}\.\d{1,2}|J\d{2}|K\d|S\d{2}|S2-47|T21)\b`)
	// A law line may also name a statement of the product (PL-25) that a rule
	// of the field stands behind; those have no line in the index.
	statement = regexp.MustCompile(`\b(?:PL|S[123])-\d{2}\b`)
	lawLine   = regexp.MustCompile(`(?m)^\s*// law: (.*)$`)
	paramID   = regexp.MustCompile(`(?:\.(?:Find|Int|Ints|Ratio|Days|Bands|Bool|Pattern|Chain)\(|Clock:\s+)"([a-z_]+\.[a-z_.]+)"`)
)

// skipped are the folders that hold nothing of ours to cite a rule: what is
// fetched, built or kept by a running program, and this package.
var skipped = []string{".git", "node_modules", "vendor", "data", "var", "dist", "bench-out", "law/indexer"}

// named is one file with the rules it names.
type named struct {
	path string
	test bool
	text []byte
	ids  []string
}

// files reads all that may cite a rule under root, in the order of their paths.
func files(root string) (out []named, err error) {
	tree := os.DirFS(root)
	err = fs.WalkDir(tree, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains(skipped, p) || slices.Contains(skipped[:3], d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if !cites(p) {
			return nil
		}
		text, err := fs.ReadFile(tree, p)
		if err != nil {
			return err
		}
		ids := ruleID.FindAllString(string(text), -1)
		slices.Sort(ids)
		test := strings.HasSuffix(p, "_test.go") || strings.Contains("/"+p, "/testdata/")
		out = append(out, named{p, test, text, slices.Compact(ids)})
		return nil
	})
	return out, err
}

// cites reports whether a file may name a rule. What templ generates says the
// same twice, and the rulebook itself names them all.
func cites(p string) bool {
	switch {
	case path.Dir(p) == "law", strings.HasSuffix(p, "_templ.go"):
		return false
	default:
		return slices.Contains([]string{".go", ".templ", ".sql", ".tsv"}, path.Ext(p))
	}
}

// Write writes law/index.tsv anew for the repository at root.
func Write(root string) error {
	text, err := render(root)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, "law", "index.tsv"), text, 0o644)
}

// Check returns an error if law/index.tsv is not what Write would write.
func Check(root string) error {
	want, err := render(root)
	if err != nil {
		return err
	}
	got, err := os.ReadFile(filepath.Join(root, "law", "index.tsv"))
	if err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("law/index.tsv is stale: run `go run ./cmd/dev generate`")
	}
	return nil
}

// render makes the index: a line for every rule of the book, in its order.
func render(root string) ([]byte, error) {
	all, err := files(root)
	if err != nil {
		return nil, err
	}
	code, tests := map[string][]string{}, map[string][]string{}
	for _, f := range all {
		for _, id := range f.ids {
			if f.test {
				tests[id] = append(tests[id], f.path)
			} else {
				code[id] = append(code[id], f.path)
			}
		}
	}
	var out bytes.Buffer
	fmt.Fprintln(&out, "rule\tstatus\tcode\ttests")
	for _, r := range law.Rules() {
		fmt.Fprintf(&out, "%s\t%s\t%s\t%s\n", r.ID, status(r, code, tests),
			strings.Join(code[r.ID], " "), strings.Join(tests[r.ID], " "))
	}
	return out.Bytes(), nil
}

// status judges a rule by where it is named; an article of a law by the rules
// that carry it out.
func status(r law.Rule, code, tests map[string][]string) law.Status {
	c, t := len(code[r.ID]) > 0, len(tests[r.ID]) > 0
	switch {
	case r.Scope == law.Via:
		return together(r, code, tests)
	case c && t:
		return law.Done
	case c || t:
		return law.Partial
	case r.Scope == law.Later:
		return law.Waiting
	default:
		return law.Open
	}
}

func together(article law.Rule, code, tests map[string][]string) law.Status {
	var found law.Status
	for id := range strings.FieldsSeq(article.Reason) {
		r, _ := law.RuleOf(id)
		s := status(r, code, tests)
		if found != "" && s != found {
			return law.Partial
		}
		found = s
	}
	return found
}

// Citations returns what is wrong with the citations of the repository at
// root, a line each: a rule or parameter that is not in the book, a law line
// that names no rule, a parameter or article that belongs to none.
func Citations(root string) (faults []string, err error) {
	all, err := files(root)
	if err != nil {
		return nil, err
	}
	for _, f := range all {
		for _, id := range f.ids {
			if _, ok := law.RuleOf(id); !ok {
				faults = append(faults, fmt.Sprintf("%s: rule %s is not in law/rules.tsv", f.path, id))
			}
		}
		for _, m := range lawLine.FindAllSubmatch(f.text, -1) {
			if !ruleID.Match(m[1]) && !statement.Match(m[1]) {
				faults = append(faults, fmt.Sprintf("%s: law line without a rule id: %s", f.path, m[1]))
			}
		}
		for _, m := range paramID.FindAllSubmatch(f.text, -1) {
			if !known(string(m[1])) {
				faults = append(faults, fmt.Sprintf("%s: parameter %s is not in law/params.tsv", f.path, m[1]))
			}
		}
	}
	return append(faults, book()...), nil
}

// known reports whether a parameter is in the book; "term.years." stands for
// all that begin so.
func known(id string) bool {
	return slices.ContainsFunc(law.Shipped.IDs(), func(have string) bool {
		return have == id || strings.HasSuffix(id, ".") && strings.HasPrefix(have, id)
	})
}

// book checks the rulebook in itself.
func book() (faults []string) {
	for _, r := range law.Rules() {
		if r.Title == "" || r.Text == "" || r.Citation == "" || r.Chapter == "" {
			faults = append(faults, fmt.Sprintf("law/rules.tsv: %s lacks a title, text, citation or chapter", r.ID))
		}
		if (r.Scope == law.Now) != (r.Reason == "") {
			faults = append(faults, fmt.Sprintf("law/rules.tsv: %s is %s with the reason %q", r.ID, r.Scope, r.Reason))
		}
		for id := range strings.FieldsSeq(r.Reason) {
			if _, ok := law.RuleOf(id); r.Scope == law.Via && !ok {
				faults = append(faults, fmt.Sprintf("law/rules.tsv: %s is carried out by %s, which is no rule", r.ID, id))
			}
		}
	}
	for _, id := range law.Shipped.IDs() {
		for _, p := range law.Shipped.Values(id) {
			if _, ok := law.RuleOf(p.Rule); !ok || p.Citation == "" {
				faults = append(faults, fmt.Sprintf("law/params.tsv: %s belongs to rule %q by %q", p.ID, p.Rule, p.Citation))
			}
		}
	}
	return faults
}
