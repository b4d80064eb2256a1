package lint

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	source   = regexp.MustCompile(`\b(FROM|JOIN|UPDATE|INTO)\s+([a-z_][a-z0-9_]*)`)
	tenantID = regexp.MustCompile(`\btenant_id\b`)
	joinEnd  = regexp.MustCompile(`\b(JOIN|LEFT|INNER|CROSS|WHERE|GROUP\s+BY|ORDER\s+BY|UNION|LIMIT|RETURNING|HAVING)\b`)
)

// tenants returns where a query may reach the rows of another tenant. It is a
// rough reader: every join names tenant_id in its condition, and the query
// names it at least once for each table it takes from.
func (l *linter) tenants(sql string) (out []string) {
	bare := strayText.ReplaceAllString(remark.ReplaceAllString(sql, ""), "''")
	want := 0
	for _, m := range source.FindAllStringSubmatchIndex(bare, -1) {
		word, table := bare[m[2]:m[3]], bare[m[4]:m[5]]
		if !l.tables[table] {
			continue
		}
		want++
		if word != "JOIN" || strings.HasSuffix(strings.TrimSpace(bare[:m[2]]), "CROSS") {
			continue // a cross join has its condition in WHERE, where it is counted
		}
		on := bare[m[5]:]
		if end := joinEnd.FindStringIndex(on); end != nil {
			on = on[:end[0]]
		}
		if !tenantID.MatchString(on) && !strings.Contains(on, hole) {
			out = append(out, fmt.Sprintf("JOIN %s without equality of tenant_id", table))
		}
	}
	got := len(tenantID.FindAllString(bare, -1)) + strings.Count(bare, hole)
	if strings.HasSuffix(bare, " ") || strings.HasSuffix(bare, "(") {
		got++ // the program goes on where the text breaks off
	}
	if len(out) == 0 && got < want {
		out = append(out, fmt.Sprintf("takes from %d tables of tenants and names tenant_id %d times", want, got))
	}
	return out
}

var (
	table  = regexp.MustCompile(`(?s)CREATE TABLE (?:IF NOT EXISTS )?(\w+) \((.*?)\n\)`)
	column = regexp.MustCompile(`^\s*([a-z_][a-z0-9_]*)\s+([A-Za-z]\w*)`)
)

// schema judges a migration and learns which tables belong to tenants.
func (l *linter) schema(path, text string) {
	bare := remark.ReplaceAllString(text, "")
	for _, part := range strings.SplitAfter(bare, ";") {
		for _, why := range portable(part) {
			line := strings.Count(bare[:strings.Index(bare, part)], "\n") + 1
			line += strings.Count(part[:len(part)-len(strings.TrimLeft(part, " \t\n"))], "\n")
			l.report(path, line, why)
		}
	}
	l.expands(path, bare)
	for _, m := range table.FindAllStringSubmatchIndex(bare, -1) {
		name, body := bare[m[2]:m[3]], bare[m[4]:m[5]]
		line := strings.Count(bare[:m[4]], "\n") + 1
		for i, row := range strings.Split(body, "\n") {
			c := column.FindStringSubmatch(row)
			if c == nil {
				continue
			}
			l.tables[name] = l.tables[name] || c[1] == "tenant_id"
			switch c[2] {
			case "bigint", "text", "boolean", "bytea":
			default:
				l.report(path, line+i, fmt.Sprintf("%s.%s is %s: columns are bigint, text, boolean or bytea", name, c[1], c[2]))
			}
		}
	}
}
