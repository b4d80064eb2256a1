package lint

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPortable(t *testing.T) {
	for _, c := range []struct{ sql, want string }{
		{`SELECT u.id, CAST(sum(u.n) AS bigint) FROM unions u WHERE u.tenant_id = $1 AND u.name LIKE $2 ESCAPE '\' ORDER BY u.id LIMIT 50`, ""},
		{`INSERT INTO a (tenant_id, id) VALUES ($1, $2) ON CONFLICT (tenant_id, id) DO UPDATE SET n = excluded.n RETURNING n`, ""},
		{`SELECT max(a.x) FROM a WHERE a.note = 'now() ~ "?" :: for update'`, ""},
		{`CREATE TABLE a ( x bigint, FOREIGN KEY (x) REFERENCES b (x) ON DELETE CASCADE )`, ""},
		{`SELECT id FROM a FOR UPDATE`, "FOR UPDATE"},
		{`SELECT id FROM a WHERE id = ANY($1)`, "= ANY"},
		{`SELECT DISTINCT ON (x) x FROM a`, "DISTINCT ON"},
		{`SELECT greatest(a, b) FROM c`, "PostgreSQL only"},
		{`SELECT max(coalesce(a, 0), b) FROM c`, "max(a, b)"},
		{`SELECT sum(a) FROM c`, "CAST(sum(x)"},
		{`SELECT a::text FROM c`, "::"},
		{`SELECT "a" FROM c`, "double quotes"},
		{`SELECT a FROM c WHERE a ILIKE $1`, "ILIKE"},
		{`SELECT a FROM c WHERE a LIKE $1`, "ESCAPE"},
		{`SELECT a FROM c WHERE $1 IS NULL OR a = $1`, "CAST($1 AS text)"},
		{`SELECT a FROM c WHERE ok = TRUE`, "boolean"},
		{`SELECT a FROM c LIMIT 10 OFFSET 20`, "OFFSET"},
		{`WITH x AS (DELETE FROM a RETURNING id) SELECT id FROM x`, "a CTE that writes"},
		{`(SELECT a FROM b) UNION (SELECT a FROM c)`, "parenthesised"},
		{`INSERT OR IGNORE INTO a (x) VALUES ($1)`, "INSERT OR"},
		{`SELECT a FROM b WHERE at < CURRENT_TIMESTAMP`, "clock"},
	} {
		t.Run(c.sql, func(t *testing.T) {
			got := strings.Join(portable(c.sql), "; ")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("portable says %q, want %q", got, c.want)
			}
		})
	}
}

func TestTenants(t *testing.T) {
	l := &linter{tables: map[string]bool{"unions": true, "members": true}}
	for _, c := range []struct{ sql, want string }{
		{`SELECT u.id FROM unions u WHERE u.tenant_id = $1`, ""},
		{`SELECT u.id FROM unions u JOIN members m ON m.tenant_id = u.tenant_id AND m.union_id = u.id WHERE u.tenant_id = $1`, ""},
		{`SELECT d.day FROM holidays d`, ""},
		{`SELECT u.id FROM unions u WHERE ` + hole, ""},
		{`UPDATE unions SET `, ""},
		{`SELECT u.id FROM unions u WHERE u.id = $1`, "names tenant_id 0 times"},
		{`UPDATE members SET name = $1 WHERE id = $2`, "names tenant_id 0 times"},
		{`SELECT u.tenant_id FROM unions u JOIN members m ON m.union_id = u.id WHERE u.tenant_id = $1`, "JOIN members"},
		{`SELECT u.id FROM unions u WHERE u.tenant_id = $1 AND EXISTS (SELECT 1 FROM members m WHERE m.union_id = u.id)`, "from 2 tables"},
	} {
		t.Run(c.sql, func(t *testing.T) {
			got := strings.Join(l.tenants(c.sql), "; ")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("tenants says %q, want %q", got, c.want)
			}
		})
	}
}

const sample = `package aid

import "time"

func init() {}

// Jobs clears what is left over.
//
// all tenants: the sweeper works for every office
func Jobs() string { return "DELETE FROM cases WHERE state = 'gone'" }

func f(n string) []string {
	now, start := time.Now(), 0
	start = time.Now()
	// one engine: the plan of PostgreSQL alone is asked
	plan := "SELECT now() FROM nowhere"
	return []string{
		plan,
		"SELECT id FROM cases " +
			"WHERE state = " + n + " FOR UPDATE",
		"select id from cases where id = 1",
		"for update of nothing, a sentence with now() in it",
	}
}
`

// Tree reads a checkout: its schema first, then each file of Go.
func TestTree(t *testing.T) {
	root := t.TempDir()
	long := "package aid\n\nfunc long() {\n" + strings.Repeat("\t_ = 0\n", 70) + "}\n" + strings.Repeat("\n", 330)
	for name, text := range map[string]string{
		"schema/00001_base.sql":   "-- +goose Up\nCREATE TABLE cases (\n\ttenant_id bigint NOT NULL,\n\tsum numeric NOT NULL -- a remark, now()\n);\nCREATE INDEX c ON cases (tenant_id) INCLUDE (sum);\n",
		"members/aid/aid.go":      sample,
		"members/aid/long.go":     long,
		"members/aid/aid_test.go": long,
		"var/left.go":             sample,
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Tree(root)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"schema/00001_base.sql:6: INCLUDE: not on SQLite",
		"schema/00001_base.sql:4: cases.sum is numeric: columns are bigint, text, boolean or bytea",
		"members/aid/aid.go:5: no init: say it where it is used, or sync.OnceValue",
		"members/aid/aid.go:13: no time.Now in a domain: the instant comes with the request (a stopwatch is named start)",
		"members/aid/aid.go:19: FOR UPDATE: not on SQLite; touch the head row first",
		"members/aid/aid.go:21: SQL in small letters: write its words in capitals",
		"members/aid/long.go:404: a file of 404 lines; 400 is the most",
		"members/aid/long.go:3: func long has 72 lines; 70 is the most",
	}
	if a, b := strings.Join(got, "\n"), strings.Join(want, "\n"); a != b {
		t.Errorf("got\n%s\nwant\n%s", a, b)
	}
}
