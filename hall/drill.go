package hall

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"unionhall/hall/keep"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/office/drill"
	"unionhall/office/record"
)

// Drill holds a restore drill now and keeps its report.
//
// law: PL-04
func (h *House) Drill(ctx context.Context, by string) (drill.Report, error) {
	r := h.drill(ctx, func(string) {})
	if err := ctx.Err(); err != nil {
		return r, err
	}
	return r, h.asShell(ctx, by, drill.Run, func(tx *sqldb.Tx, g auth.Grant, at day.Instant) error {
		return drill.Record(ctx, tx, g, sqldb.NewID(), r, at)
	})
}

// drill makes a backup, restores it beside the office, compares and proves
// it. What it wrote is gone when it returns; what a kill left behind goes with
// the next one.
func (h *House) drill(ctx context.Context, say func(string)) (r drill.Report) {
	start := time.Now()
	err := h.rehearse(ctx, say, &r)
	r.Seconds = int64(time.Since(start).Seconds() + 0.5)
	switch {
	case errors.Is(err, keep.ErrNoRoom):
		r.Trouble = "磁盘空间不够做演练，请清理后再试。"
	case err != nil:
		r.Trouble = "演练中途出了故障，请系统管理员查看程序的运行记录。"
	}
	if err != nil {
		slog.Error("restore drill", "err", err)
	}
	if r.Findings == nil {
		r.Findings = []audit.Finding{}
	}
	return r
}

func (h *House) rehearse(ctx context.Context, say func(string), r *drill.Report) (err error) {
	dir, err := keep.Scratch(h.Settings.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	src := keep.Source{DB: h.DB, Files: h.Files, KeyFile: h.Settings.keyFile(), Portable: true}
	if _, err := keep.Room(ctx, src, dir); err != nil {
		return err
	}
	say("正在备份")
	path := filepath.Join(dir, "backup.tar.zst")
	m, err := keep.Backup(ctx, src, path, h.Now())
	if err != nil {
		return err
	}
	st, err := os.Stat(path)
	if err != nil {
		return err
	}
	r.Bytes, r.Schema = st.Size(), m.Schema
	say("正在恢复到另一处")
	copied := filepath.Join(dir, "copy")
	if _, err := keep.Restore(ctx, path, keep.Target{Dir: copied}); err != nil {
		return err
	}
	if err := os.Remove(path); err != nil { // the copy needs the room
		return err
	}
	say("正在比对和核对")
	return compare(ctx, m, copied, r)
}

// compare proves the copy in its own right and against what was backed up.
func compare(ctx context.Context, m keep.Manifest, dir string, r *drill.Report) (err error) {
	c, err := Open(ctx, Settings{Data: dir})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	p, err := c.Verify(ctx)
	if err != nil {
		return err
	}
	r.Files, r.LogRows, r.Sealed, r.Findings = p.Files, p.LogRows, p.Sealed, p.Findings
	unlike, err := keep.Unlike(ctx, m, c.DB)
	if err != nil {
		return err
	}
	const rest = "其他"
	at := map[string]int{}
	for _, t := range m.Tables {
		name := record.TableName(t.Name)
		if name == "" {
			name = rest
		}
		i, ok := at[name]
		if !ok {
			i = len(r.Tables)
			at[name] = i
			r.Tables = append(r.Tables, drill.Table{Name: name, Same: true})
		}
		r.Tables[i].Rows += t.Rows
		r.Tables[i].Same = r.Tables[i].Same && !slices.Contains(unlike, t.Name)
	}
	return nil
}

// monthly starts a drill in every month that has had none.
//
// law: PL-04
func (h *House) monthly(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day, at day.Instant) error {
	due, err := drill.Due(ctx, tx, g.Tenant(), today)
	if err != nil || !due {
		return err
	}
	_, err = h.rooms.drill.Begin(ctx, tx, g.For(drill.Run), at)
	return err
}
