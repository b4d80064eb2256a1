package intake

import (
	"context"
	"errors"
	"strings"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/files"
	"unionhall/kit/job"
	"unionhall/kit/sqldb"
)

// The kinds of job of this room.
const (
	judgeWork = "import.judge"
	applyWork = "import.apply"
	undoWork  = "import.undo"
)

// Room is what imports need of the house.
type Room struct {
	Files     files.Store
	Runner    *job.Runner
	Transfers Transfers // may be nil: then none is offered
}

// Works tells the runner how the jobs of this room are done.
func (rm *Room) Works() map[string]job.Work {
	return map[string]job.Work{judgeWork: rm.judgeJob, applyWork: rm.applyJob, undoWork: rm.undoJob}
}

// Falls tells the runner how to tidy up after jobs that did not get there.
func (rm *Room) Falls() map[string]job.Fall {
	return map[string]job.Fall{judgeWork: rm.judgeFell, applyWork: rm.applyFell, undoWork: rm.undoFell}
}

// order is what a job of this room is told: in whose name it goes on.
type order struct {
	Import   string      `json:"import"`
	Account  string      `json:"account"`
	Office   auth.Office `json:"office"`
	Acting   string      `json:"acting_for,omitempty"`
	Under    string      `json:"under"`
	Transfer bool        `json:"transfer,omitempty"`
}

func (o order) grant(tenant int64) auth.Grant {
	return auth.As(tenant, o.Account, o.Office, Run, o.Under).Covering(o.Acting)
}

func (rm *Room) start(ctx context.Context, tx *sqldb.Tx, g auth.Grant, at day.Instant, work string, i Import, transfer bool) error {
	title := map[string]string{judgeWork: "核对", applyWork: "写入", undoWork: "撤销"}[work] + "“" + i.FileName + "”"
	_, err := rm.Runner.Start(ctx, tx, g, at, work, title, i.ID, order{i.ID, g.Account(), g.Office(), g.ActingFor(), g.Under(), transfer})
	return err
}

// found reads the import that a job is about and whose order it is.
func found(ctx context.Context, t *job.Turn) (o order, g auth.Grant, imp Import, err error) {
	if err = t.In(&o); err != nil {
		return o, g, imp, err
	}
	g = o.grant(t.Tenant)
	err = t.DB.View(ctx, func(tx *sqldb.Tx) (err error) {
		imp, err = Find(ctx, tx, g, o.Import)
		return err
	})
	return o, g, imp, err
}

// judgeJob reads and judges a workbook from the start; what an earlier, cut
// off run left is dropped first.
func (rm *Room) judgeJob(ctx context.Context, t *job.Turn) (string, error) {
	_, g, imp, err := found(ctx, t)
	if err != nil || imp.State != Reading {
		return imp.Place(), err
	}
	if err := clean(ctx, t.DB, t.Tenant, imp.ID); err != nil {
		return "", err
	}
	r := &reading{turn: t, g: g, imp: imp}
	r.imp.State, r.imp.Note = Judged, ""
	r.imp.Rows, r.imp.New, r.imp.Changed, r.imp.Moved, r.imp.Offered, r.imp.Same, r.imp.Refused, r.imp.Warned, r.imp.Chunks = 0, 0, 0, 0, 0, 0, 0, 0, 0
	err = rm.judgeFile(ctx, r)
	if f := (*fault.Error)(nil); errors.As(err, &f) && f.Kind != fault.Busy && f.Kind != fault.Internal && f.Kind != fault.Conflict {
		r.imp.State, r.imp.Note, err = Failed, strings.TrimSuffix(f.Text, "。")+"。", nil
	}
	if err != nil {
		return "", err
	}
	return r.imp.Place(), t.DB.Do(ctx, func(tx *sqldb.Tx) error { return keep(ctx, tx, t.Tenant, r.imp) })
}

func (rm *Room) judgeFile(ctx context.Context, r *reading) error {
	var err error
	if r.book, err = rm.open(r.imp); err != nil {
		return err
	}
	defer r.book.Close()
	if err := r.open(ctx); err != nil {
		return err
	}
	if r.imp.Kind == Unions {
		return r.unions(ctx)
	}
	return r.roster(ctx)
}

// judgeFell ends an import whose judging was cancelled or failed.
func (rm *Room) judgeFell(ctx context.Context, t *job.Turn, why error) error {
	note := "核对没有完成：" + fault.Of(why).Text + "可以再核对一次，或重新上传。"
	if errors.Is(why, job.ErrCancelled) {
		note = "核对已取消，没有写入任何数据。可以再核对一次，或重新上传。"
	}
	return t.DB.Do(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE imports SET state = 'failed', note = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND state = 'reading'`, note, t.Tenant, t.Thing)
		return err
	})
}

// applyFell takes back what an import wrote that can't be finished: all or
// nothing.
func (rm *Room) applyFell(ctx context.Context, t *job.Turn, why error) error {
	_, g, imp, err := found(ctx, t)
	if err != nil {
		return err
	}
	note := "写入没有完成，已写入的部分全部撤回：" + fault.Of(why).Text
	if errors.Is(why, job.ErrCancelled) {
		note = "写入已取消，已写入的部分全部撤回。可以重新上传。"
	}
	return t.DB.Do(ctx, func(tx *sqldb.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE imports SET state = 'undoing', applied = CASE WHEN applied > chunks THEN chunks ELSE applied END, note = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND state = 'applying'`, note, t.Tenant, imp.ID)
		if err != nil || n == 0 {
			return err
		}
		return rm.start(ctx, tx, g, t.Now(), undoWork, imp, false)
	})
}

// undoFell says that an import is half taken back; its page offers to go on.
func (rm *Room) undoFell(ctx context.Context, t *job.Turn, why error) error {
	note := "撤销没有做完：" + fault.Of(why).Text + "请再撤销一次。"
	if errors.Is(why, job.ErrCancelled) {
		note = "撤销中途停下，只撤回了一部分。请再撤销一次，把它做完。"
	}
	return t.DB.Do(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE imports SET note = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND state = 'undoing'`, note, t.Tenant, t.Thing)
		return err
	})
}
