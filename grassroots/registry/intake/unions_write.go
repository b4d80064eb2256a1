package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/job"
	"unionhall/kit/sqldb"
)

// unionTrace is what undo needs of the unions an import wrote.
type unionTrace struct {
	ID      string          `json:"id"`
	Version int64           `json:"v"`           // as the import left it
	Before  *registry.Union `json:"b,omitempty"` // nil: the import brought the union
}

// unionsOf opens what waits, or what undo needs, of a table of unions.
func unionsOf[T any](ctx context.Context, tx *sqldb.Tx, tenant int64, imp Import, column string) (out []T, err error) {
	if imp.Chunks == 0 {
		return nil, nil
	}
	c, err := readChunk(ctx, tx, tenant, imp.ID, 1)
	if err != nil {
		return nil, err
	}
	sealed := map[string][]byte{"body": c.body, "undo": c.undo}[column]
	b, err := tx.Keys().OpenBlob(tenant, "import_chunks", column, sealed)
	if err != nil {
		return nil, err
	}
	return out, json.Unmarshal(b, &out)
}

// applyUnions writes the judged unions, all or none.
func (rm *Room) applyUnions(ctx context.Context, t *job.Turn, g auth.Grant, imp Import) error {
	at := t.Now()
	return t.DB.Do(ctx, func(tx *sqldb.Tx) error {
		lines, err := unionsOf[unionLine](ctx, tx, g.Tenant(), imp, "body")
		if err != nil {
			return err
		}
		w := &unionWriting{tx: tx, g: g, imp: imp, at: at, moves: audit.Moves{}}
		if err := w.lines(ctx, lines); err != nil {
			return err
		}
		undo, err := json.Marshal(w.traces)
		if err != nil {
			return err
		}
		if _, err = tx.Exec(ctx, `UPDATE import_chunks SET undo = $1 WHERE tenant_id = $2 AND import_id = $3 AND no = 1`,
			tx.Keys().SealBlob(g.Tenant(), "import_chunks", "undo", undo), g.Tenant(), imp.ID); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `UPDATE imports SET state = 'confirmed', applied = chunks, confirmed = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND state = 'applying'`, string(at), g.Tenant(), imp.ID)
		if err := stopped(n, err); err != nil {
			return err
		}
		return w.moves.Write(ctx, tx, g, imp.ID, map[string]any{"did": "confirmed", "new": imp.New, "changed": imp.Changed}, at)
	})
}

// unionWriting is a table of unions while it is written.
type unionWriting struct {
	tx     *sqldb.Tx
	g      auth.Grant
	imp    Import
	at     day.Instant
	moves  audit.Moves
	traces []unionTrace
}

func (w *unionWriting) lines(ctx context.Context, lines []unionLine) error {
	all, err := registry.Known(ctx, w.tx, w.g)
	if err != nil {
		return err
	}
	taken := map[string]bool{}
	for _, u := range all {
		if u.State == registry.Standing {
			taken[u.ParentID+" "+u.Name] = true
		}
	}
	for _, l := range lines {
		if l.What == fresh && taken[l.Union.ParentID+" "+l.Union.Name] {
			return fault.New(fault.Invalid, "“%s”在核对之后已由他人登记。请重新上传文件核对。", l.Union.Name)
		}
		if err := w.write(ctx, l); err != nil {
			return fmt.Errorf("row %d: %w", l.Row, err)
		}
	}
	return nil
}

func (w *unionWriting) write(ctx context.Context, l unionLine) error {
	u := l.Union
	if l.What == fresh {
		code, err := registry.NextCode(ctx, w.tx, w.g.Tenant())
		if err != nil {
			return err
		}
		u.Code, u.ImportID = code, w.imp.ID
		from := u.Founded
		if from == "" {
			from = w.at.Day()
		}
		w.traces = append(w.traces, unionTrace{ID: u.ID, Version: 1})
		return registry.Insert(ctx, w.tx, w.g, w.moves, u, "imported", from, "", "导入“"+w.imp.FileName+"”")
	}
	was, err := registry.Find(ctx, w.tx, w.g, u.ID)
	if err != nil {
		return err
	}
	if was.Version != l.Seen || was.State != registry.Standing {
		return fault.New(fault.Invalid, "“%s”在核对之后已由他人改过。请重新上传文件核对。", u.Name)
	}
	w.traces = append(w.traces, unionTrace{ID: u.ID, Version: was.Version + 1, Before: &was})
	return registry.Save(ctx, w.tx, w.g, w.moves, was, u)
}

// undoUnions takes the unions of an import back, in one transaction; those on
// which something hangs by now stay and are told.
func (rm *Room) undoUnions(ctx context.Context, t *job.Turn, g auth.Grant, imp Import) error {
	at := t.Now()
	return t.DB.Do(ctx, func(tx *sqldb.Tx) error {
		m := audit.Moves{}
		if imp.Applied > 0 {
			traces, err := unionsOf[unionTrace](ctx, tx, g.Tenant(), imp, "undo")
			if err != nil {
				return err
			}
			var kept []Problem
			for i := len(traces) - 1; i >= 0; i-- {
				why, err := undoUnion(ctx, tx, g, m, traces[i])
				if err != nil {
					return err
				}
				if why != "" {
					kept = append(kept, Problem{Severity: Warn, Code: "undo.kept", Rule: "IMP-04", Message: why})
				}
			}
			if err := insertProblems(ctx, tx, g.Tenant(), imp.ID, keptSeq, kept); err != nil {
				return err
			}
		}
		if err := m.Write(ctx, tx, g, imp.ID, map[string]any{"did": "undone"}, at); err != nil {
			return err
		}
		return undone(ctx, tx, g, imp, at)
	})
}

func undoUnion(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, tr unionTrace) (kept string, err error) {
	now, err := registry.Find(ctx, tx, g, tr.ID)
	if err != nil {
		return "", err
	}
	if now.Version != tr.Version {
		return "撤销时保留了“" + now.Name + "”：写入之后又改过。如需改动请在该工会的页面上办理。", nil
	}
	if tr.Before != nil {
		err := registry.Save(ctx, tx, g, m, now, *tr.Before)
		if f := (*fault.Error)(nil); errors.As(err, &f) && f.Kind == fault.Invalid {
			return "撤销时保留了“" + now.Name + "”：" + f.Text, nil
		}
		return "", err
	}
	empty, err := registry.Withdraw(ctx, tx, g, m, now)
	if err == nil && !empty {
		kept = "撤销时保留了“" + now.Name + "”：已有会员、下级工会或班子。"
	}
	return kept, err
}
