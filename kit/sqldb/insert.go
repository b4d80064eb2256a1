package sqldb

import (
	"context"
	"strconv"
	"strings"
	"sync"
)

// Insert writes rows into table, columns in order: a hundred a statement on
// PostgreSQL; on SQLite narrow rows by the dozen and wide ones one by one, since
// that is where each is the fastest. A single row needs no copy of the pages
// before, not even where a foreign key may refuse it.
func (t *Tx) Insert(_ context.Context, table, columns string, rows [][]any) error {
	return t.insert(t.now, table, columns, "", rows)
}

// QueueInsert is Insert for rows that nobody need wait for, see Queue: a key
// that is taken already shows later, where it can't be told from other faults.
func (t *Tx) QueueInsert(_ context.Context, table, columns string, rows [][]any) error {
	return t.insert(t.Queue, table, columns, "", rows)
}

func (t *Tx) now(ctx context.Context, q string, args ...any) error {
	_, err := t.Exec(ctx, q, args...)
	return err
}

// InsertNew is Insert that passes over rows whose key is there already.
func (t *Tx) InsertNew(_ context.Context, table, columns string, rows [][]any) error {
	return t.insert(t.now, table, columns, " ON CONFLICT DO NOTHING", rows)
}

// wide is the number of columns from which on SQLite takes rows one by one.
const wide = 8

func (t *Tx) insert(run func(context.Context, string, ...any) error, table, columns, tail string, rows [][]any) error {
	width := strings.Count(columns, ",") + 1
	_, own := t.run.(*sqlite)
	pg := !own
	each := min(100, 60000/width)
	if !pg {
		if each = min(40, 240/width); width > wide {
			each = 1
		}
	}
	var args []any
	for len(rows) > 0 {
		n := each
		if len(rows) < n {
			if n = len(rows); !pg {
				n = 1 // the rest one by one: two texts in all stay prepared
			}
		}
		if args = args[:0]; pg {
			args = make([]any, 0, n*width) // what is queued keeps its own
		}
		for _, r := range rows[:n] {
			args = append(args, r...)
		}
		if err := run(always, insertText(insertKey{table, columns, tail, n, pg}, width), args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

type insertKey struct {
	table, columns, tail string
	n                    int
	numbered             bool
}

var insertTexts sync.Map // insertKey to string

// insertText writes the statement; its marks are $1… for PostgreSQL, and ?
// for SQLite, to which many numbered ones are dear.
func insertText(k insertKey, width int) string {
	if text, ok := insertTexts.Load(k); ok {
		return text.(string)
	}
	var b strings.Builder
	verb := "INSERT INTO "
	if !k.numbered {
		verb = "INSERT OR FAIL INTO " // the Tx is lost anyway: no copy of the pages before
	}
	b.WriteString(verb + k.table + " (" + k.columns + ") VALUES ")
	for i := range k.n {
		if i > 0 {
			b.WriteByte(',')
		}
		for c := range width {
			b.WriteByte("(,"[min(c, 1)])
			if k.numbered {
				b.WriteString("$" + strconv.Itoa(i*width+c+1))
			} else {
				b.WriteByte('?')
			}
		}
		b.WriteByte(')')
	}
	b.WriteString(k.tail)
	insertTexts.Store(k, b.String())
	return b.String()
}
