package keep

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/schema"
)

// Resealing is what sealing everything anew went through.
type Resealing struct {
	Seen    int64 // sealed values of the office
	Done    int64 // sealed anew
	Unknown int64 // sealed under a name that is not the column's: left as they are
}

const (
	resealRead  = 200 // rows looked at a time
	resealWrite = 50  // rows a piece of work writes
)

// Reseal seals anew, in small pieces behind the people who work, whatever an
// older generation of keys had sealed for the office. It may be cut off
// anywhere and goes on when it is run again. step comes between the pieces.
func Reseal(ctx context.Context, db *sqldb.DB, g auth.Grant, thing string, at func() day.Instant, step func(Resealing) error) (r Resealing, err error) {
	for _, t := range schema.Tables() {
		if len(t.Bytes) == 0 {
			continue
		}
		err := walk(ctx, db, t, g.Tenant(), func(rows []sqldb.Record) error {
			var due []sqldb.Record
			for _, row := range rows {
				seen, old := sealedIn(db.Keys(), row)
				if r.Seen += int64(seen); old {
					due = append(due, row)
				}
			}
			for piece := range slices.Chunk(due, resealWrite) {
				if err := resealPiece(ctx, db, g, t, thing, piece, at(), &r); err != nil {
					return err
				}
			}
			return step(r)
		})
		if err != nil {
			return r, fmt.Errorf("seal %s anew: %w", t.Name, err)
		}
	}
	return r, nil
}

// walk reads a tenant's rows of a table in the order of its key.
func walk(ctx context.Context, db *sqldb.DB, t schema.Table, tenant int64, f func([]sqldb.Record) error) error {
	key := t.Key[1:]
	q := `SELECT * FROM ` + t.Name + ` WHERE tenant_id = $1`
	tail := ` ORDER BY ` + strings.Join(key, ", ") + fmt.Sprint(` LIMIT `, resealRead)
	marks := make([]string, len(key))
	for i := range key {
		marks[i] = fmt.Sprint("$", i+2)
	}
	after := ` AND (` + strings.Join(key, ", ") + `) > (` + strings.Join(marks, ", ") + `)`
	args, where := []any{tenant}, ""
	for {
		var rows []sqldb.Record
		err := db.View(ctx, func(tx *sqldb.Tx) error {
			return sqldb.Records(tx, func(r sqldb.Record) error { rows = append(rows, r); return nil }, q+where+tail, args...)
		})
		if err != nil || len(rows) == 0 {
			return err
		}
		if err := f(rows); err != nil {
			return err
		}
		last := rows[len(rows)-1]
		args, where = append(args[:1:1], values(last, key)...), after
	}
}

func values(r sqldb.Record, columns []string) (out []any) {
	for _, c := range columns {
		out = append(out, r.Values[slices.Index(r.Columns, c)])
	}
	return out
}

// sealedIn counts the sealed values of a row and tells whether one is of an
// older generation.
func sealedIn(k *seal.Keys, r sqldb.Record) (n int, old bool) {
	for i, v := range r.Values {
		b, ok := v.([]byte)
		if !ok || r.Columns[i] == "mac" {
			continue
		}
		if of := seal.VersionOf(b); of != 0 {
			n++
			old = old || of != k.Current()
		}
	}
	return n, old
}

// resealPiece writes some rows: each only if it still is what was read.
func resealPiece(ctx context.Context, db *sqldb.DB, g auth.Grant, t schema.Table, thing string, rows []sqldb.Record, at day.Instant, r *Resealing) error {
	var done, unknown int64
	err := db.Chunk(ctx, func(tx *sqldb.Tx) error {
		done, unknown = 0, 0
		m := audit.Moves{}
		for _, row := range rows {
			n, un, err := resealRow(ctx, tx, g, t, row, m)
			if err != nil {
				return err
			}
			done, unknown = done+n, unknown+un
		}
		if done == 0 {
			return nil
		}
		return m.Write(ctx, tx, g, thing, map[string]any{"resealed": done}, at)
	})
	r.Done, r.Unknown = r.Done+done, r.Unknown+unknown
	return err
}

func resealRow(ctx context.Context, tx *sqldb.Tx, g auth.Grant, t schema.Table, row sqldb.Record, m audit.Moves) (done, unknown int64, err error) {
	set, where := []string{}, []string{}
	args := []any{}
	mark := func(v any) string { args = append(args, v); return fmt.Sprint("$", len(args)) }
	for i, c := range row.Columns {
		old, ok := row.Values[i].([]byte)
		if of := seal.VersionOf(old); !ok || c == "mac" || of == 0 || of == tx.Keys().Current() {
			continue
		}
		fresh := resealed(tx.Keys(), g.Tenant(), t.Name, c, old)
		if fresh == nil {
			unknown++
			continue
		}
		set = append(set, c+" = "+mark(fresh))
		where = append(where, c+" = "+mark(bytes.Clone(old)))
		done++
	}
	if len(set) == 0 {
		return 0, unknown, nil
	}
	if slices.Contains(row.Columns, "version") { // whoever has read the row writes after us
		set = append(set, "version = version + 1")
	}
	for i, v := range values(row, t.Key) {
		where = append(where, t.Key[i]+" = "+mark(v))
	}
	n, err := tx.Exec(ctx, `UPDATE `+t.Name+` SET `+strings.Join(set, ", ")+` WHERE `+strings.Join(where, " AND "), args...)
	if err != nil || n == 0 { // changed meanwhile, and with the new keys
		return 0, 0, err
	}
	if slices.Contains(row.Columns, "mac") {
		id, _ := row.Values[slices.Index(row.Columns, "id")].(string)
		err = m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: t.Name, ID: id})
	}
	return done, unknown, err
}

// resealed tries the names that a column's values are sealed under: its own,
// or its own without _sealed.
func resealed(k *seal.Keys, tenant int64, table, column string, old []byte) []byte {
	for _, name := range []string{column, strings.TrimSuffix(column, "_sealed")} {
		if b, err := k.Reseal(tenant, table, name, old); err == nil {
			return b
		}
	}
	return nil
}

// Generations counts the sealed values of the whole database by the
// generation of keys that sealed them.
func Generations(ctx context.Context, db *sqldb.DB) (map[uint16]int64, error) {
	out := map[uint16]int64{}
	var tenants []int64
	err := db.View(ctx, func(tx *sqldb.Tx) (err error) {
		tenants, err = audit.Tenants(ctx, tx)
		return err
	})
	for _, tenant := range tenants {
		for _, t := range schema.Tables() {
			if len(t.Bytes) == 0 || err != nil {
				continue
			}
			err = walk(ctx, db, t, tenant, func(rows []sqldb.Record) error {
				for _, r := range rows {
					for i, v := range r.Values {
						if b, ok := v.([]byte); ok && r.Columns[i] != "mac" {
							out[seal.VersionOf(b)]++
						}
					}
				}
				return nil
			})
		}
	}
	maps.DeleteFunc(out, func(v uint16, _ int64) bool { return v == 0 })
	return out, err
}
