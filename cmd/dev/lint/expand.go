package lint

import (
	"path/filepath"
	"regexp"
	"strings"
)

// founding are the migrations that no release came before.
var founding = map[string]bool{"00001_base.sql": true, "00002_registry.sql": true, "00003_steps.sql": true}

// contracts are what a migration may not do: the version before goes on
// working on the same database while it runs, and after it.
var contracts = []struct {
	pattern *regexp.Regexp
	why     string
}{
	{regexp.MustCompile(`(?i)\bDROP\s+(TABLE|COLUMN|CONSTRAINT)\b`), "DROP: the version before still uses it; drop it two releases later, by a list of its own"},
	{regexp.MustCompile(`(?i)\bRENAME\b`), "RENAME: the version before knows the old name; add a column beside it"},
	{regexp.MustCompile(`(?i)\bALTER\s+COLUMN\b`), "ALTER COLUMN: the version before writes as it was"},
}

var (
	addColumn = regexp.MustCompile(`(?is)\bADD\s+(COLUMN\s+)?(\w+)\s+\w+([^,;]*)`)
	notNull   = regexp.MustCompile(`(?i)\bNOT\s+NULL\b`)
	preset    = regexp.MustCompile(`(?i)\bDEFAULT\b`)
)

// expands refuses what would break the version before (PL-03).
func (l *linter) expands(path, bare string) {
	if founding[filepath.Base(path)] {
		return
	}
	line := func(at int) int { return strings.Count(bare[:at], "\n") + 1 }
	for _, c := range contracts {
		for _, at := range c.pattern.FindAllStringIndex(bare, -1) {
			l.report(path, line(at[0]), c.why)
		}
	}
	for _, m := range addColumn.FindAllStringSubmatchIndex(bare, -1) {
		if rest := bare[m[6]:m[7]]; notNull.MatchString(rest) && !preset.MatchString(rest) {
			l.report(path, line(m[0]), bare[m[4]:m[5]]+" is NOT NULL without DEFAULT: the version before does not write it")
		}
	}
}
