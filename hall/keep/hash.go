// Package keep takes care of an office's data as a whole: backup while
// serving, restore, the portable archive that moves an office between
// engines, and the proof that two databases hold the same.
package keep

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"unionhall/kit/sqldb"
	"unionhall/schema"
)

// tables are those that hold an office's data; goose keeps its own.
func tables() []schema.Table { return schema.Tables() }

// TableHashes returns a hash of each table's rows: the same on every engine
// that holds the same.
func TableHashes(ctx context.Context, db *sqldb.DB) (map[string]string, error) {
	out := map[string]string{}
	err := db.View(ctx, func(tx *sqldb.Tx) error {
		for _, t := range tables() {
			sum, layout := sha256.New(), []int(nil)
			err := sqldb.Records(tx, func(r sqldb.Record) error {
				if layout == nil {
					layout = byName(r.Columns)
				}
				for _, i := range layout {
					fmt.Fprintf(sum, "%s=%s\x00", r.Columns[i], plain(r.Values[i]))
				}
				sum.Write([]byte{1})
				return nil
			}, `SELECT * FROM `+t.Name+` ORDER BY `+strings.Join(t.Key, ", "))
			if err != nil {
				return fmt.Errorf("%s: %w", t.Name, err)
			}
			out[t.Name] = hex.EncodeToString(sum.Sum(nil))
		}
		return nil
	})
	return out, err
}

// byName orders columns by name: engines may list them differently.
func byName(columns []string) []int {
	order := make([]int, len(columns))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(columns[a], columns[b]) })
	return order
}

// plain spells a value alike whatever engine it comes from: SQLite knows no
// booleans.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return "-"
	case bool:
		return map[bool]string{true: "1", false: "0"}[v]
	case []byte:
		return "x" + hex.EncodeToString(v)
	case string:
		return "'" + v
	}
	return fmt.Sprint(v)
}
