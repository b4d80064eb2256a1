package schema

import (
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// Table is one table as the migrations make it.
type Table struct {
	Name  string
	Key   []string        // columns of the primary key
	Flags map[string]bool // columns that hold true or false
	Bytes []string        // columns that hold bytes, the rows' own seal left out
}

var (
	create  = regexp.MustCompile(`(?s)CREATE TABLE (\w+) \((.*?)\n\)`)
	primary = regexp.MustCompile(`PRIMARY KEY \(([^)]+)\)`)
	octets  = regexp.MustCompile(`(?m)^\s+(\w+)\s+bytea`)
	added   = regexp.MustCompile(`\bALTER TABLE (\w+) ADD (COLUMN )?(\w+) bytea`)
	flag    = regexp.MustCompile(`(?m)^\s+(\w+)\s+boolean`)
)

// Tables lists every table in the order the migrations make them, so that
// whatever a table refers to stands before it.
var Tables = sync.OnceValue(func() (out []Table) {
	names, err := fs.Glob(Files, "*.sql")
	if err != nil {
		panic(err) // the pattern is a constant of ours
	}
	for _, n := range names {
		b, err := Files.ReadFile(n)
		if err != nil {
			panic(err) // it was embedded
		}
		for _, m := range create.FindAllStringSubmatch(string(b), -1) {
			t := Table{Name: m[1], Flags: map[string]bool{}}
			for _, c := range strings.Split(primary.FindStringSubmatch(m[2])[1], ",") {
				t.Key = append(t.Key, strings.TrimSpace(c))
			}
			for _, f := range flag.FindAllStringSubmatch(m[2], -1) {
				t.Flags[f[1]] = true
			}
			for _, b := range octets.FindAllStringSubmatch(m[2], -1) {
				t.hold(b[1])
			}
			out = append(out, t)
		}
		for _, m := range added.FindAllStringSubmatch(string(b), -1) {
			for i := range out {
				if out[i].Name == m[1] {
					out[i].hold(m[3])
				}
			}
		}
	}
	return out
})

func (t *Table) hold(column string) {
	if column != "mac" {
		t.Bytes = append(t.Bytes, column)
	}
}

// Newest is the number of the last migration.
func Newest() (n int64) {
	names, err := fs.Glob(Files, "*.sql")
	if err != nil {
		panic(err) // the pattern is a constant of ours
	}
	for _, name := range names {
		number, _, _ := strings.Cut(name, "_")
		if v, err := strconv.ParseInt(number, 10, 64); err == nil {
			n = max(n, v)
		}
	}
	return n
}
