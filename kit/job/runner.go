package job

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
)

// Work does one kind of job. It writes in pieces (DB.Chunk), may be cut off
// anywhere, and when run again goes on from what it wrote. It returns the
// place to go to. A fault ends the job with the fault's text; any other error
// is tried again.
type Work func(ctx context.Context, t *Turn) (result string, err error)

// Runner takes jobs that are due, one at a time.
type Runner struct {
	DB    *sqldb.DB
	Works map[string]Work
	Now   func() time.Time

	name string
	wake chan struct{}
	gone sync.WaitGroup
}

const (
	lease    = time.Minute
	poll     = 2 * time.Second
	maxTries = 5
)

// NewRunner makes a runner that starts with Run; Start may be called before.
func NewRunner(db *sqldb.DB, now func() time.Time) *Runner {
	return &Runner{DB: db, Works: map[string]Work{}, Now: now, name: sqldb.NewID(), wake: make(chan struct{}, 1)}
}

func (r *Runner) wakeUp() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (r *Runner) leaseEnd() day.Instant { return day.At(r.Now().Add(lease)) }

// Run takes jobs until ctx ends, then waits for the one at work to put down
// what it holds.
func (r *Runner) Run(ctx context.Context) {
	r.gone.Add(1)
	defer r.gone.Done()
	for ctx.Err() == nil {
		took, err := r.one(ctx)
		if err != nil && ctx.Err() == nil {
			slog.Error("jobs", "err", err)
		}
		if took && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-r.wake:
		case <-time.After(poll):
		}
	}
}

// Wait returns when Run has.
func (r *Runner) Wait() { r.gone.Wait() }

// RunDue does every job that is due now and returns: for commands and tests.
func (r *Runner) RunDue(ctx context.Context) error {
	for {
		if took, err := r.one(ctx); err != nil || !took {
			return err
		}
	}
}

// one takes and does one job, if any is due.
func (r *Runner) one(ctx context.Context) (bool, error) {
	j, err := r.take(ctx)
	if err != nil || j == nil {
		return false, err
	}
	t := &Turn{Job: *j, DB: r.DB, runner: r}
	result, err := r.work(ctx, t)
	return true, r.end(ctx, t, result, err)
}

func (r *Runner) take(ctx context.Context) (*Job, error) {
	now := string(day.At(r.Now()))
	var due []Job
	err := r.DB.View(ctx, func(tx *sqldb.Tx) (err error) {
		due, err = sqldb.List(ctx, tx, scanJob, `
			SELECT tenant_id, id, kind, title, account_id, thing_id, input, state, done, total, note, result, tries, due, made, ended
			FROM jobs WHERE tenant_id IN (SELECT tenant_id FROM tenants) AND state IN ('waiting', 'running', 'cancelling') AND due <= $1 ORDER BY due, id LIMIT 5`, now)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, j := range due {
		var n int64
		err := r.DB.Do(ctx, func(tx *sqldb.Tx) (err error) {
			n, err = tx.Exec(ctx, `
				UPDATE jobs SET state = CASE WHEN state = 'cancelling' THEN 'cancelled' ELSE 'running' END, lease = $1, due = $2, tries = tries + 1
				WHERE tenant_id = $3 AND id = $4 AND state = $5 AND due = $6`,
				r.name, string(r.leaseEnd()), j.Tenant, j.ID, string(j.State), string(j.Due))
			return err
		})
		if err != nil {
			return nil, err
		}
		if n == 1 && j.State != Cancelling {
			j.Tries++
			return &j, nil
		}
	}
	return nil, nil
}

func (r *Runner) work(ctx context.Context, t *Turn) (result string, err error) {
	defer func() {
		if v := recover(); v != nil {
			slog.Error("job", "id", t.ID, "kind", t.Kind, "panic", v, "stack", string(debug.Stack()))
			err = fault.New(fault.Internal, "处理时出了故障，请把任务编号 %s 告诉管理员。", t.ID[24:])
		}
	}()
	w := r.Works[t.Kind]
	if w == nil {
		return "", fault.New(fault.Internal, "这一版程序不认识这种任务。")
	}
	return w(ctx, t)
}

// end writes how the job went. A shutdown leaves it due at once, for whoever
// comes next.
func (r *Runner) end(ctx context.Context, t *Turn, result string, err error) error {
	state, note, due := Done, t.Note, t.Due
	f := (*fault.Error)(nil)
	switch {
	case err == nil:
	case errors.Is(err, ErrCancelled):
		state = Cancelled
	case ctx.Err() != nil:
		state, due = Waiting, day.At(r.Now())
	case errors.As(err, &f) && f.Kind != fault.Busy && f.Kind != fault.Conflict || t.Tries >= maxTries:
		state, note = Failed, fault.Of(err).Text
		slog.Error("job failed", "id", t.ID, "kind", t.Kind, "err", err)
	default:
		slog.Warn("job to be tried again", "id", t.ID, "kind", t.Kind, "try", t.Tries, "err", err)
		state, due = Waiting, day.At(r.Now().Add(time.Duration(t.Tries*t.Tries)*time.Second))
	}
	ended := ""
	if state.Ended() {
		ended = string(day.At(r.Now()))
	}
	return r.DB.Do(context.WithoutCancel(ctx), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `
			UPDATE jobs SET state = $1, note = $2, result = $3, due = $4, ended = $5, lease = NULL WHERE tenant_id = $6 AND id = $7 AND lease = $8`,
			string(state), note, result, string(due), ended, t.Tenant, t.ID, r.name)
		return err
	})
}
