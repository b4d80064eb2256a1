package books

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/entries.tsv anew")

// J01 to J47: the entries that each event writes under both systems, read
// against the account notes line by line.
func TestEntries(t *testing.T) {
	var b strings.Builder
	b.WriteString("rule\tevent\tname\tsystem\tentries\n")
	for _, e := range Events() {
		for _, s := range Systems {
			fmt.Fprintf(&b, "%s\t%s\t%s\t%s\t%s\n", e.Rule, e.ID, e.Name, s, written(t, e, s))
		}
	}
	const name = "testdata/entries.tsv"
	if *update {
		if err := os.WriteFile(name, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(golden) != b.String() {
		t.Errorf("entries changed; look at them and run with -update:\n%s", b.String())
	}
}

// written fills in 1,000 yuan in all, and parts of it, and the first account
// of each choice.
func written(t *testing.T, e Event, s System) string {
	ok, why := e.In(s)
	if !ok {
		return why
	}
	form := map[string]string{"project": "项目甲", "party": "单位乙", "up": "40", "down": "20"}
	for _, f := range e.Fields(s) {
		switch {
		case f.Kind == Percent:
		case f.Kind == Money:
			form[f.Name] = map[string]string{"amount": "1000", "cost": "1000", "paid": "900", "spent": "950"}[f.Name]
			if form[f.Name] == "" {
				form[f.Name] = "100"
			}
		case f.Kind == Bank, f.Kind == Choose:
			form[f.Name] = leaves(s, EventField{Options: f.Options[:1], Not: f.Not})[0]
		}
	}
	apart(form)
	var err error
	for _, source := range []string{FR, SP, FT} {
		form["source"] = source
		lines, failed := Write(e, s, form)
		if err = failed; err != nil {
			continue
		}
		var parts []string
		for _, l := range lines {
			text := "借 " + l.Account + tags(l) + " " + l.Debit.String()
			if l.Debit == 0 {
				text = "贷 " + l.Account + tags(l) + " " + l.Credit.String()
			}
			parts = append(parts, text)
		}
		return strings.Join(parts, "；")
	}
	t.Errorf("%s %s: %v", s, e.ID, err)
	return ""
}

// tags shows what a line bears: @fr #project ~party.
func tags(l Line) (out string) {
	for _, x := range [][2]string{{"@", l.Source}, {"#", l.Project}, {"~", l.Party}} {
		if x[1] != "" {
			out += x[0] + x[1]
		}
	}
	return out
}
