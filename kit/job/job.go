// Package job does long work (任务) outside requests: rows in a table, taken
// by lease, so that several instances share them and a crash loses none.
package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
)

// State is where a job stands.
type State string

const (
	Waiting    State = "waiting"
	Running    State = "running"
	Cancelling State = "cancelling"
	Done       State = "done"
	Failed     State = "failed"
	Cancelled  State = "cancelled"
)

func (s State) Label() string {
	switch s {
	case Waiting:
		return "等待中"
	case Running:
		return "进行中"
	case Cancelling:
		return "正在取消"
	case Done:
		return "已完成"
	case Failed:
		return "没有完成"
	case Cancelled:
		return "已取消"
	}
	return string(s)
}

// Ended reports whether nothing more will happen.
func (s State) Ended() bool { return s == Done || s == Failed || s == Cancelled }

// Job is one long work. Done and Total count what the work counts (rows,
// bytes); Total 0 is not known yet. Result is a page or file to go to.
type Job struct {
	Tenant  int64       `json:"-"`
	ID      string      `json:"id"`
	Kind    string      `json:"kind"`
	Title   string      `json:"title"`
	Account string      `json:"account,omitempty"`
	Thing   string      `json:"thing,omitempty"`
	Input   string      `json:"-"`
	State   State       `json:"state"`
	Done    int64       `json:"done"`
	Total   int64       `json:"total"`
	Note    string      `json:"note,omitempty"`
	Result  string      `json:"result,omitempty"`
	Tries   int64       `json:"tries"`
	Due     day.Instant `json:"-"`
	Made    day.Instant `json:"made"`
	Ended   day.Instant `json:"ended,omitempty"`
}

// Place is the job's page.
func (j Job) Place() string { return "/jobs/" + j.ID }

// Percent is how far the job is, 0 to 100.
func (j Job) Percent() int {
	if j.State == Done {
		return 100
	}
	if j.Total <= 0 {
		return 0
	}
	return int(min(99, j.Done*100/j.Total))
}

const selectJobs = `SELECT tenant_id, id, kind, title, account_id, thing_id, input, state, done, total, note, result, tries, due, made, ended FROM jobs WHERE tenant_id = $1`

func scanJob(row sqldb.Row) (j Job, err error) {
	err = row(&j.Tenant, &j.ID, &j.Kind, &j.Title, &j.Account, &j.Thing, &j.Input, &j.State, &j.Done, &j.Total, &j.Note, &j.Result, &j.Tries, &j.Due, &j.Made, &j.Ended)
	return j, err
}

// Start puts a job into the same transaction as what asks for it; it begins
// after the commit. thing is what the job is about; input is its own.
func (r *Runner) Start(ctx context.Context, tx *sqldb.Tx, g auth.Grant, at day.Instant, kind, title, thing string, input any) (Job, error) {
	b, err := json.Marshal(input)
	if err != nil {
		return Job{}, err
	}
	j := Job{Tenant: g.Tenant(), ID: sqldb.NewID(), Kind: kind, Title: title, Account: g.Account(), Thing: thing, Input: string(b), State: Waiting, Made: at, Due: at}
	_, err = tx.Exec(ctx, `
		INSERT INTO jobs (tenant_id, id, kind, title, account_id, thing_id, input, state, done, total, tries, due, made)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, 0, $9, $9)`,
		j.Tenant, j.ID, kind, title, j.Account, thing, j.Input, string(Waiting), string(at))
	if err == nil {
		tx.After(r.wakeUp)
	}
	return j, err
}

// Find returns one of the jobs that g's account began, or fault.NotFound.
func Find(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Job, error) {
	return sqldb.One(ctx, tx, scanJob, selectJobs+` AND account_id = $2 AND id = $3`, g.Tenant(), g.Account(), id)
}

// Mine lists the jobs that g's account began, the newest first.
func Mine(ctx context.Context, tx *sqldb.Tx, g auth.Grant, before string, limit int) ([]Job, error) {
	if before == "" {
		before = "~"
	}
	return sqldb.List(ctx, tx, scanJob, selectJobs+` AND account_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4`, g.Tenant(), g.Account(), before, int64(limit))
}

// About returns the newest job about a thing that the caller may see, or
// fault.NotFound.
func About(ctx context.Context, tx *sqldb.Tx, g auth.Grant, account, thing string) (Job, error) {
	return sqldb.One(ctx, tx, scanJob, selectJobs+` AND account_id = $2 AND thing_id = $3 ORDER BY id DESC LIMIT 1`, g.Tenant(), account, thing)
}

// Cancel asks a job to stop at its next step; one that waits ends without
// being begun. One that has ended is fault.Conflict.
func Cancel(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, at day.Instant) (Job, error) {
	if _, err := Find(ctx, tx, g, id); err != nil {
		return Job{}, err
	}
	n, err := tx.Exec(ctx, `
		UPDATE jobs SET due = CASE WHEN state = 'waiting' THEN cast($1 as text) ELSE due END, state = 'cancelling'
		WHERE tenant_id = $2 AND id = $3 AND state IN ('waiting', 'running')`, string(at), g.Tenant(), id)
	if err != nil {
		return Job{}, err
	}
	if n == 0 {
		return Job{}, fault.New(fault.Conflict, "这项任务已经结束，不能取消。")
	}
	return Find(ctx, tx, g, id)
}

// Retry begins a failed or cancelled job anew, from where its notes say.
func (r *Runner) Retry(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, at day.Instant) (Job, error) {
	if _, err := Find(ctx, tx, g, id); err != nil {
		return Job{}, err
	}
	n, err := tx.Exec(ctx, `
		UPDATE jobs SET state = 'waiting', tries = 0, due = $1, ended = NULL, note = NULL
		WHERE tenant_id = $2 AND id = $3 AND state IN ('failed', 'cancelled')`, string(at), g.Tenant(), id)
	if err != nil {
		return Job{}, err
	}
	if n == 0 {
		return Job{}, fault.New(fault.Conflict, "只有没有完成或已取消的任务可以重做。")
	}
	tx.After(r.wakeUp)
	return Find(ctx, tx, g, id)
}

// ErrCancelled is what Step fails with when the job is to stop.
var ErrCancelled = errors.New("job: cancelled")

// Turn is a job at work.
type Turn struct {
	Job
	DB     *sqldb.DB
	runner *Runner
}

// Now is the instant of the work's next step.
func (t *Turn) Now() day.Instant { return day.At(t.runner.Now()) }

// In reads the job's input.
func (t *Turn) In(v any) error { return json.Unmarshal([]byte(t.Input), v) }

// Step says how far the work is, keeps the lease, and fails when the job is to
// stop. Call it at least every half minute, and between the pieces of work.
func (t *Turn) Step(ctx context.Context, done, total int64, note string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t.Done, t.Total, t.Note = done, total, note
	var n int64
	err := t.DB.Chunk(ctx, func(tx *sqldb.Tx) (err error) {
		n, err = tx.Exec(ctx, `
			UPDATE jobs SET done = $1, total = $2, note = $3, due = $4 WHERE tenant_id = $5 AND id = $6 AND state = 'running' AND lease = $7`,
			done, total, note, string(t.runner.leaseEnd()), t.Tenant, t.ID, t.runner.name)
		return err
	})
	if err != nil {
		return fmt.Errorf("job %s: %w", t.ID, err)
	}
	if n == 0 {
		return ErrCancelled
	}
	return nil
}
