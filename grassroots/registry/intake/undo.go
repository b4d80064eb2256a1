package intake

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/job"
	"unionhall/kit/sqldb"
)

func sortedRefs(m map[registry.Ref]int64) []registry.Ref {
	return slices.SortedFunc(maps.Keys(m), func(a, b registry.Ref) int { return cmp.Compare(a.ID, b.ID) })
}

// undoJob takes a written import back, the last chunk first. Who was edited
// since stays as edited, and the import's page says who that is.
func (rm *Room) undoJob(ctx context.Context, t *job.Turn) (string, error) {
	_, g, imp, err := found(ctx, t)
	if err != nil || imp.State != Undoing {
		return imp.Place(), err
	}
	if imp.Kind == Unions {
		return imp.Place(), rm.undoUnions(ctx, t, g, imp)
	}
	at := t.Now()
	for imp.Applied > 0 {
		err := t.DB.Chunk(ctx, func(tx *sqldb.Tx) error {
			if err := undoChunk(ctx, tx, g, imp, imp.Applied, at); err != nil {
				return err
			}
			return stopped(tx.Exec(ctx, `UPDATE imports SET applied = $1 WHERE tenant_id = $2 AND id = $3 AND state = 'undoing' AND applied = $4`, imp.Applied-1, t.Tenant, imp.ID, imp.Applied))
		})
		if err != nil {
			return "", err
		}
		imp.Applied--
		if err := t.Step(ctx, (imp.Chunks-imp.Applied)*chunkRows, imp.Chunks*chunkRows, "正在撤销"); err != nil {
			return "", err
		}
	}
	return imp.Place(), t.DB.Do(ctx, func(tx *sqldb.Tx) error {
		return undone(ctx, tx, g, imp, at)
	})
}

func undone(ctx context.Context, tx *sqldb.Tx, g auth.Grant, imp Import, at day.Instant) error {
	err := stopped(tx.Exec(ctx, `UPDATE imports SET state = 'undone', undone = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND state = 'undoing'`, string(at), g.Tenant(), imp.ID))
	if err != nil {
		return err
	}
	return member.NewBatch(tx, g, at).Audit(ctx, imp.ID, map[string]any{"did": "undone"})
}

// Problems that come after judging are numbered beyond those of the rows.
const (
	lateSeq = 1 << 22
	keptSeq = 1 << 24
)

// undoChunk puts the members of one chunk back as they were.
func undoChunk(ctx context.Context, tx *sqldb.Tx, g auth.Grant, imp Import, no int64, at day.Instant) error {
	c, err := readChunk(ctx, tx, g.Tenant(), imp.ID, no)
	if err != nil {
		return err
	}
	tr, err := openTrace(tx, g.Tenant(), c)
	if err != nil {
		return err
	}
	b := member.NewBatch(tx, g, at)
	if imp.Confirmed == "" {
		b.Give(tr.Figures) // never counted yet: who stays must be
	}
	kept := 0
	for i := len(tr.Images) - 1; i >= 0; i-- {
		stays, err := undoOne(ctx, tx, g, b, imp, tr.Images[i], at)
		if err != nil {
			return err
		}
		if stays != nil {
			kept++
			if err := insertProblems(ctx, tx, g.Tenant(), imp.ID, keptSeq+int(no)*chunkRows+i, []Problem{*stays}); err != nil {
				return err
			}
		}
	}
	return b.Audit(ctx, imp.ID, map[string]any{"undone": len(tr.Images) - kept, "kept": kept, "chunk": no})
}

// undoOne takes back what the import did to one member; a member who was
// changed since, or on whom something hangs, stays and is told.
func undoOne(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b *member.Batch, imp Import, img image, at day.Instant) (*Problem, error) {
	now, err := member.Any(ctx, tx, g.Tenant(), img.ID)
	if err != nil || now.ID == "" {
		return nil, err
	}
	stays := func(why string) *Problem {
		return &Problem{Name: now.Person.Name, Severity: Warn, Code: "undo.kept", Rule: "IMP-04", Message: "撤销时保留了“" + now.Person.Name + "”：" + why + "。如需改动请在会员页上办理。"}
	}
	if now.Version != img.Version {
		return stays("写入之后资料又改过"), nil
	}
	if img.Before != nil {
		back := *img.Before
		if err := b.Update(ctx, now, back); err != nil {
			return nil, err
		}
		if ev, changes := eventOf(now, back, entry{Type: member.Withdrawn, Day: at.Day()}, at.Day()); changes {
			ev.ID, ev.ImportID = sqldb.NewID(), imp.ID
			return nil, b.Events(ctx, []member.Event{ev})
		}
		return nil, nil
	}
	hangs, err := member.HangsOn(ctx, tx, g.Tenant(), img.ID)
	if err != nil {
		return nil, err
	}
	if hangs {
		return stays("已登记了任职、账号或附件"), nil
	}
	return nil, b.Remove(ctx, now)
}
