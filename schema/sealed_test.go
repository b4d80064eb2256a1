package schema_test

import (
	"context"
	"regexp"
	"slices"
	"testing"

	"unionhall/kit/sqldb"
	"unionhall/schema"
	"unionhall/schema/dbtest"
)

// PL-08: every table with a seal in its rows is one that verify goes through,
// on each engine's own word for it.
func TestSealedIsWhole(t *testing.T) {
	partition := regexp.MustCompile(`_p[0-3]$`)
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		q := `SELECT table_name FROM information_schema.columns WHERE column_name = 'mac' AND table_schema = 'public'`
		if db.Embedded() {
			q = `SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'mac'`
		}
		var got []string
		err := db.View(context.Background(), func(tx *sqldb.Tx) (err error) {
			got, err = sqldb.List(context.Background(), tx, sqldb.Text, q)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		got = slices.DeleteFunc(got, partition.MatchString)
		slices.Sort(got)
		if !slices.Equal(got, schema.Sealed) {
			t.Errorf("sealed are %v, listed %v", got, schema.Sealed)
		}
	})
}
