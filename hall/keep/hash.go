// Package keep takes care of an office's data as a whole: backup while
// serving, restore, the portable archive that moves an office between
// engines, and the proof that two databases hold the same.
package keep

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
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
			sum := newSummer()
			err := sqldb.Records(tx, func(r sqldb.Record) error { sum.add(r); return nil }, `SELECT * FROM `+t.Name+` ORDER BY `+order(t.Name, t.Key))
			if err != nil {
				return fmt.Errorf("%s: %w", t.Name, err)
			}
			out[t.Name] = sum.of(t.Name).Hash
		}
		return nil
	})
	return out, err
}

// summer adds up the rows of one table.
type summer struct {
	hash   hash.Hash
	layout []int
	rows   int64
}

func newSummer() *summer { return &summer{hash: sha256.New()} }

func (s *summer) add(r sqldb.Record) {
	if s.layout == nil {
		s.layout = byName(r.Columns)
	}
	for _, i := range s.layout {
		fmt.Fprintf(s.hash, "%s=%s\x00", r.Columns[i], plain(r.Values[i]))
	}
	s.hash.Write([]byte{1})
	s.rows++
}

func (s *summer) of(table string) Sum {
	return Sum{table, s.rows, hex.EncodeToString(s.hash.Sum(nil))}
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
