package audit

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
)

// A row of a sealed table carries a mac (行印): a keyed hash of everything else
// in it. Each audit row says by how much the seals of a table moved, the
// exclusive or of old and new. So a row changed, added, removed or put back
// behind the program's back shows: its own seal or the table's sum is off.

// Touched names one row of a sealed table that was written.
type Touched struct{ Table, ID string }

// Mac is the seal of one row.
type Mac [16]byte

func (m *Mac) add(other []byte) {
	for i := range min(len(m), len(other)) {
		m[i] ^= other[i]
	}
}

// Moves adds up how the seals of tables moved within one audited act.
type Moves map[string]*Mac

// Add takes the seal of a new or a vanished row of table into the sum.
func (m Moves) Add(table string, mac []byte) {
	if m[table] == nil {
		m[table] = new(Mac)
	}
	m[table].add(mac)
}

// text writes the sum as table=hex pairs, in order.
func (m Moves) text() string {
	out := ""
	for _, t := range slices.Sorted(keysOf(m)) {
		if *m[t] != (Mac{}) {
			out += t + "=" + hex.EncodeToString(m[t][:]) + " "
		}
	}
	return out
}

func keysOf(m Moves) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// Layout is a table's columns in the order their seal reads them.
type Layout struct {
	table string
	order []int // sorted by name, without mac
	names []string
}

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 1024); return &b }}

// LayoutOf prepares the seal of rows of table whose values come in the order
// of columns. Columns that a row leaves empty don't count, so that a later
// release may add some.
func LayoutOf(table string, columns []string) Layout {
	l := Layout{table: table, names: columns}
	for i, c := range columns {
		if c != "mac" {
			l.order = append(l.order, i)
		}
	}
	slices.SortFunc(l.order, func(a, b int) int {
		if columns[a] < columns[b] {
			return -1
		}
		return 1
	})
	return l
}

// Seal returns the seal of one row.
func (l Layout) Seal(k *seal.Keys, values []any) []byte {
	p := buffers.Get().(*[]byte)
	b := append((*p)[:0], l.table...)
	for _, i := range l.order {
		b = appendValue(b, l.names[i], values[i])
	}
	mac := k.MAC(b)
	*p = b
	buffers.Put(p)
	return mac[:16]
}

func appendValue(b []byte, name string, v any) []byte {
	switch v := v.(type) {
	case nil:
	case string:
		if v != "" {
			b = appendPart(b, name, v)
		}
	case int64:
		b = appendPart(b, name, strconv.FormatInt(v, 10))
	case int:
		b = appendPart(b, name, strconv.Itoa(v))
	case bool:
		b = appendPart(b, name, map[bool]string{true: "1", false: "0"}[v])
	case []byte:
		if len(v) > 0 {
			b = appendPart(b, name, string(v))
		}
	case fmt.Stringer:
		return appendValue(b, name, v.String())
	default:
		if s := fmt.Sprint(v); s != "" {
			b = appendPart(b, name, s)
		}
	}
	return b
}

func appendPart(b []byte, name, value string) []byte {
	b = append(b, 0)
	b = append(b, name...)
	b = append(b, '=')
	b = strconv.AppendInt(b, int64(len(value)), 10)
	b = append(b, ':')
	return append(b, value...)
}

// reseal seals the row of t anew and adds the move. The row still carries the
// seal of what it was; a row that is gone has none to add.
func (m Moves) reseal(ctx context.Context, tx *sqldb.Tx, tenant int64, t Touched) error {
	where, args := "tenant_id = $1 AND id = $2", []any{tenant, t.ID}
	if t.ID == "" {
		where, args = "tenant_id = $1", args[:1]
	}
	var rec sqldb.Record
	err := sqldb.Records(tx, func(r sqldb.Record) error { rec = r; return nil }, `SELECT * FROM `+t.Table+` WHERE `+where, args...)
	if err != nil {
		return err
	}
	if rec.Columns == nil {
		return fmt.Errorf("seal %s %s: no such row", t.Table, t.ID)
	}
	old, _ := rec.Values[slices.Index(rec.Columns, "mac")].([]byte)
	mac := LayoutOf(t.Table, rec.Columns).Seal(tx.Keys(), rec.Values)
	m.Add(t.Table, old)
	m.Add(t.Table, mac)
	set := append([]any{mac}, args...)
	where = map[bool]string{true: "tenant_id = $2 AND id = $3", false: "tenant_id = $2"}[len(set) == 3]
	return tx.Queue(ctx, `UPDATE `+t.Table+` SET mac = $1 WHERE `+where, set...)
}
