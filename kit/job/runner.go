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

// Fall tidies up after a job that was cancelled or has failed for good (why),
// so that what it was about does not stay half way. It comes before the job's
// end is written, and again if it was cut off.
type Fall func(ctx context.Context, t *Turn, why error) error

// Runner takes jobs that are due, one at a time.
type Runner struct {
	DB    *sqldb.DB
	Works map[string]Work
	Falls map[string]Fall // by kind; most need none
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
	return &Runner{DB: db, Works: map[string]Work{}, Falls: map[string]Fall{}, Now: now, name: sqldb.NewID(), wake: make(chan struct{}, 1)}
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
		took, err := r.one(ctx, "")
		if err != nil && ctx.Err() == nil && !errors.Is(err, sqldb.ErrAway) {
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
		if took, err := r.one(ctx, ""); err != nil || !took {
			return err
		}
	}
}

// RunAbout does the jobs about a thing until none of them is open, and waits
// for those that another process is at: for commands.
func (r *Runner) RunAbout(ctx context.Context, tenant int64, thing string) error {
	for {
		took, err := r.one(ctx, thing)
		if err != nil {
			return err
		}
		open, err := r.open(ctx, tenant, thing)
		if err != nil || !open {
			return err
		}
		if !took {
			if err := pause(ctx, 50*time.Millisecond); err != nil {
				return err
			}
		}
	}
}

// Await returns when no job about a thing is open any more, whoever does it,
// or fails when ctx ends.
func (r *Runner) Await(ctx context.Context, tenant int64, thing string) error {
	for wait := 5 * time.Millisecond; ; wait = min(2*wait, 200*time.Millisecond) {
		open, err := r.open(ctx, tenant, thing)
		if err != nil || !open {
			return err
		}
		if err := pause(ctx, wait); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func (r *Runner) open(ctx context.Context, tenant int64, thing string) (open bool, err error) {
	err = r.DB.View(ctx, func(tx *sqldb.Tx) error {
		open, err = Open(ctx, tx, tenant, thing)
		return err
	})
	return open, err
}

// Open reports whether a job about a thing has not ended.
func Open(ctx context.Context, tx *sqldb.Tx, tenant int64, thing string) (bool, error) {
	ids, err := sqldb.List(ctx, tx, sqldb.Text, `
		SELECT id FROM jobs WHERE tenant_id = $1 AND state IN ('waiting', 'running', 'cancelling') AND thing_id = $2 LIMIT 1`, tenant, thing)
	return len(ids) > 0, err
}

// one takes and does one job, if any is due; about a thing, unless that is "".
func (r *Runner) one(ctx context.Context, thing string) (bool, error) {
	j, err := r.take(ctx, thing)
	if err != nil || j == nil {
		return false, err
	}
	t := &Turn{Job: *j, DB: r.DB, runner: r}
	if j.State == Cancelling {
		return true, r.end(ctx, t, "", ErrCancelled)
	}
	result, err := r.work(ctx, t)
	return true, r.end(ctx, t, result, err)
}

// take holds the job that is due first. Who is outrun at all that were looked
// at looks at those behind them.
func (r *Runner) take(ctx context.Context, thing string) (*Job, error) {
	for {
		j, left, err := r.tryTake(ctx, thing)
		if j != nil || !left || err != nil {
			return j, err
		}
	}
}

// looked is how many jobs are looked at in one go.
const looked = 5

func (r *Runner) tryTake(ctx context.Context, thing string) (taken *Job, left bool, err error) {
	now := string(day.At(r.Now()))
	var due []Job
	err = r.DB.View(ctx, func(tx *sqldb.Tx) (err error) {
		due, err = sqldb.List(ctx, tx, scanJob, `
			SELECT tenant_id, id, kind, title, account_id, thing_id, input, state, done, total, note, result, tries, due, made, ended
			FROM jobs WHERE tenant_id IN (SELECT tenant_id FROM tenants) AND state IN ('waiting', 'running', 'cancelling') AND due <= $1
				AND (cast($2 as text) = '' OR thing_id = $2)
			ORDER BY due, id LIMIT $3`, now, thing, int64(looked))
		return err
	})
	if err != nil {
		return nil, false, err
	}
	for _, j := range due {
		var n int64
		err := r.DB.Do(ctx, func(tx *sqldb.Tx) (err error) {
			n, err = tx.Exec(ctx, `
				UPDATE jobs SET state = CASE WHEN state = 'cancelling' THEN state ELSE 'running' END, lease = $1, due = $2, tries = tries + 1
				WHERE tenant_id = $3 AND id = $4 AND state = $5 AND due = $6`,
				r.name, string(r.leaseEnd()), j.Tenant, j.ID, string(j.State), string(j.Due))
			return err
		})
		if err != nil {
			return nil, false, err
		}
		if n == 1 {
			j.Tries++
			return &j, false, nil
		}
	}
	return nil, len(due) == looked, nil
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
	if fall := r.Falls[t.Kind]; fall != nil && (state == Failed || state == Cancelled) {
		if err := fall(context.WithoutCancel(ctx), t, err); err != nil {
			slog.Error("job not tidied up", "id", t.ID, "kind", t.Kind, "err", err)
			state, due = Cancelling, day.At(r.Now().Add(5*time.Second))
		}
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
