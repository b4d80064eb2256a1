package lint

import (
	"strings"
	"testing"
)

// PL-03: the version before goes on working beside a migration.
func TestExpands(t *testing.T) {
	for _, c := range []struct{ file, sql, want string }{
		{"00020_x.sql", "CREATE TABLE a ( tenant_id bigint NOT NULL );", ""},
		{"00020_x.sql", "ALTER TABLE a ADD COLUMN b text;", ""},
		{"00020_x.sql", "ALTER TABLE a ADD COLUMN b bigint NOT NULL DEFAULT 0;", ""},
		{"00020_x.sql", "ALTER TABLE a ADD COLUMN b bigint NOT NULL;", "b is NOT NULL without DEFAULT"},
		{"00020_x.sql", "ALTER TABLE a ADD b bigint NOT NULL;", "b is NOT NULL without DEFAULT"},
		{"00020_x.sql", "DROP TABLE a;", "DROP"},
		{"00020_x.sql", "ALTER TABLE a DROP COLUMN b;", "DROP"},
		{"00020_x.sql", "ALTER TABLE a RENAME COLUMN b TO c;", "RENAME"},
		{"00020_x.sql", "ALTER TABLE a ALTER COLUMN b SET NOT NULL;", "ALTER COLUMN"},
		{"00020_x.sql", "DROP INDEX a_b;", ""},
		{"00001_base.sql", "DROP TABLE a;", ""},
	} {
		l := &linter{}
		l.expands("schema/"+c.file, c.sql)
		got := strings.Join(l.found, "; ")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.sql, got, c.want)
		}
	}
}
