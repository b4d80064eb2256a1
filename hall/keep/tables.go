package keep

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"unionhall/kit/sqldb"
)

// A table in a portable backup is lines of JSON: the names of its columns,
// then one row a line. Bytes are base64 with a mark before them.
const bytesMark = "base64:"

// tables writes every table, all as they stood at one moment.
func (p *packer) tables(ctx context.Context, db *sqldb.DB) error {
	return db.View(ctx, func(tx *sqldb.Tx) error {
		for _, t := range tables() {
			if err := p.table(tx, t.Name, t.Key); err != nil {
				return fmt.Errorf("%s: %w", t.Name, err)
			}
		}
		return nil
	})
}

// table spools one table, since an archive must know its size beforehand.
func (p *packer) table(tx *sqldb.Tx, name string, key []string) error {
	f, err := os.CreateTemp("", "unionhall-table-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	w := bufio.NewWriterSize(f, 256<<10)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	first, sum := true, newSummer()
	err = sqldb.Records(tx, func(r sqldb.Record) error {
		if first {
			first = false
			if err := e.Encode(r.Columns); err != nil {
				return err
			}
		}
		sum.add(r)
		for i, v := range r.Values {
			if b, ok := v.([]byte); ok {
				r.Values[i] = bytesMark + base64.StdEncoding.EncodeToString(b)
			}
		}
		return e.Encode(r.Values)
	}, `SELECT * FROM `+name+` ORDER BY `+order(name, key))
	if err = errors.Join(err, w.Flush()); err != nil {
		return err
	}
	size, err := f.Seek(0, io.SeekCurrent)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return err
	}
	p.m.Tables = append(p.m.Tables, sum.of(name))
	return p.add(tableFolder+name+".jsonl", size, f)
}

// order lists rows so that whatever a row refers to stands before it: a union
// after the one it stands under.
func order(name string, key []string) string {
	if name == "unions" {
		return `(SELECT count(*) FROM union_reach r WHERE r.tenant_id = unions.tenant_id AND r.union_id = unions.id), ` + strings.Join(key, ", ")
	}
	return strings.Join(key, ", ")
}

// loadTable reads a table's lines into an empty table.
func loadTable(ctx context.Context, db *sqldb.DB, name string, booleans map[string]bool, r io.Reader) error {
	s := bufio.NewReaderSize(r, 256<<10)
	d := json.NewDecoder(s)
	d.UseNumber()
	var columns []string
	if err := d.Decode(&columns); errors.Is(err, io.EOF) {
		return nil
	} else if err != nil {
		return err
	}
	for done := false; !done; {
		var rows [][]any
		for len(rows) < 500 {
			var row []any
			if err := d.Decode(&row); errors.Is(err, io.EOF) {
				done = true
				break
			} else if err != nil {
				return err
			}
			if err := typed(columns, row, booleans); err != nil {
				return err
			}
			rows = append(rows, row)
		}
		err := db.Do(ctx, func(tx *sqldb.Tx) error { return tx.Insert(ctx, name, strings.Join(columns, ", "), rows) })
		if err != nil {
			return err
		}
	}
	return nil
}

// typed gives the values of a row the types that the engine takes.
func typed(columns []string, row []any, booleans map[string]bool) (err error) {
	if len(row) != len(columns) {
		return fmt.Errorf("a row of %d values for %d columns", len(row), len(columns))
	}
	for i, v := range row {
		switch v := v.(type) {
		case json.Number:
			n, err := v.Int64()
			if err != nil {
				return err
			}
			row[i] = n
			if booleans[columns[i]] {
				row[i] = n != 0
			}
		case string:
			if b, ok := strings.CutPrefix(v, bytesMark); ok {
				if row[i], err = base64.StdEncoding.DecodeString(b); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
