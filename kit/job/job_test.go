package job_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/job"
	"unionhall/kit/sqldb"
	"unionhall/schema/dbtest"
)

const tenant = 2106000001

// clock is a clock that a test moves.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time       { return time.Unix(c.at.Load(), 0) }
func (c *clock) pass(d time.Duration) { c.at.Add(int64(d / time.Second)) }
func (c *clock) instant() day.Instant { return day.At(c.now()) }
func (c *clock) set(text string) *clock {
	t, _ := time.Parse(time.DateOnly, text)
	c.at.Store(t.Unix())
	return c
}

var g = auth.System(tenant, "someone", "test.run", "root")

func office(t *testing.T, db *sqldb.DB) *clock {
	t.Helper()
	err := db.Do(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO tenants (tenant_id, name, region, demo, started, version) VALUES ($1, '工委', '210600', $2, '2026-01-01', 1)`, int64(tenant), false)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return new(clock).set("2026-11-22")
}

func start(t *testing.T, db *sqldb.DB, r *job.Runner, c *clock, kind string) job.Job {
	t.Helper()
	var j job.Job
	err := db.Do(t.Context(), func(tx *sqldb.Tx) (err error) {
		j, err = r.Start(t.Context(), tx, g, c.instant(), kind, "试做", "thing", map[string]int{"n": 7})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func find(t *testing.T, db *sqldb.DB, id string) (j job.Job) {
	t.Helper()
	err := db.View(t.Context(), func(tx *sqldb.Tx) (err error) {
		j, err = job.Find(t.Context(), tx, g, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// What becomes of a job by how its work ends.
func TestEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		c := office(t, db)
		r := job.NewRunner(db, c.now)
		tries := 0
		r.Works = map[string]job.Work{
			"good": func(ctx context.Context, turn *job.Turn) (string, error) {
				var in map[string]int
				if err := turn.In(&in); err != nil || in["n"] != 7 {
					t.Errorf("input %v, %v", in, err)
				}
				return "/there", turn.Step(ctx, 3, 4, "快好了")
			},
			"refused": func(context.Context, *job.Turn) (string, error) {
				return "", fault.New(fault.Invalid, "文件是空的。")
			},
			"panics": func(context.Context, *job.Turn) (string, error) { panic("at work") },
			"shaky": func(context.Context, *job.Turn) (string, error) {
				if tries++; tries < 3 {
					return "", errors.New("a line broke")
				}
				return "", nil
			},
			"hopeless": func(context.Context, *job.Turn) (string, error) { return "", errors.New("always") },
		}
		for _, k := range []struct {
			kind  string
			state job.State
			note  string
			tries int64
		}{
			{"good", job.Done, "快好了", 1}, {"refused", job.Failed, "文件是空的。", 1}, {"panics", job.Failed, "", 1},
			{"shaky", job.Done, "", 3}, {"hopeless", job.Failed, "", 5}, {"unknown", job.Failed, "", 1},
		} {
			id := start(t, db, r, c, k.kind).ID
			for range 6 {
				if err := r.RunDue(t.Context()); err != nil {
					t.Fatal(err)
				}
				c.pass(time.Minute)
			}
			j := find(t, db, id)
			if j.State != k.state || k.note != "" && j.Note != k.note || j.Tries != k.tries || j.Ended == "" {
				t.Errorf("%s: %+v", k.kind, j)
			}
			if k.kind == "good" && (j.Result != "/there" || j.Done != 3 || j.Percent() != 100) {
				t.Errorf("%+v", j)
			}
		}
	})
}

// Two instances with four workers each do forty jobs once each.
func TestEachOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		c := office(t, db)
		var mu sync.Mutex
		did := map[string]int{}
		var runners []*job.Runner
		for range 8 {
			r := job.NewRunner(db, c.now)
			r.Works["count"] = func(ctx context.Context, turn *job.Turn) (string, error) {
				mu.Lock()
				defer mu.Unlock()
				did[turn.ID]++
				return "", nil
			}
			runners = append(runners, r)
		}
		for range 40 {
			start(t, db, runners[0], c, "count")
		}
		var wg sync.WaitGroup
		for _, r := range runners {
			wg.Go(func() {
				for len(due(t, db)) > 0 {
					if err := r.RunDue(t.Context()); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		if len(did) != 40 {
			t.Errorf("%d jobs were done", len(did))
		}
		for id, n := range did {
			if n != 1 {
				t.Errorf("%s was done %d times", id, n)
			}
		}
	})
}

func due(t *testing.T, db *sqldb.DB) (ids []string) {
	t.Helper()
	err := db.View(t.Context(), func(tx *sqldb.Tx) (err error) {
		ids, err = sqldb.List(t.Context(), tx, sqldb.Text, `SELECT id FROM jobs WHERE tenant_id = $1 AND state = 'waiting'`, int64(tenant))
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return ids
}

// A job whose worker died is taken over when its lease ends, not before; the
// dead worker, should it come back, can't step any more.
func TestLease(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		c := office(t, db)
		dead, alive := job.NewRunner(db, c.now), job.NewRunner(db, c.now)
		var stuck *job.Turn
		ctx, die := context.WithCancel(t.Context())
		dead.Works["long"] = func(_ context.Context, turn *job.Turn) (string, error) {
			stuck = turn
			die()
			panic("the machine went down") // its end is written by nobody: see below
		}
		took := 0
		alive.Works["long"] = func(context.Context, *job.Turn) (string, error) { took++; return "", nil }
		id := start(t, db, dead, c, "long").ID
		if err := dead.RunDue(ctx); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		reopen(t, db, id)
		for i, want := range []int{0, 1} {
			if i == 1 {
				c.pass(2 * time.Minute)
			}
			if err := alive.RunDue(t.Context()); err != nil {
				t.Fatal(err)
			}
			if took != want {
				t.Errorf("after %d minutes taken %d times", 2*i, took)
			}
		}
		if err := stuck.Step(t.Context(), 1, 2, ""); !errors.Is(err, job.ErrCancelled) {
			t.Errorf("the dead one's step: %v", err)
		}
	})
}

// reopen leaves a job as a killed process would: running, with a lease.
func reopen(t *testing.T, db *sqldb.DB, id string) {
	t.Helper()
	err := db.Do(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE jobs SET state = 'running', lease = 'gone', due = $1, ended = NULL WHERE tenant_id = $2 AND id = $3`,
			"2026-11-22T00:01:00.000000Z", int64(tenant), id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Cancelling stops a waiting job at once and a running one at its next step;
// retrying begins it anew.
func TestCancelAndRetry(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		c := office(t, db)
		r := job.NewRunner(db, c.now)
		cancel := func(id string) {
			err := db.Do(t.Context(), func(tx *sqldb.Tx) error {
				_, err := job.Cancel(t.Context(), tx, g, id, c.instant())
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}
		run := 0
		r.Works["steps"] = func(ctx context.Context, turn *job.Turn) (string, error) {
			run++
			for i := range int64(10) {
				if run == 1 && i == 3 {
					cancel(turn.ID)
				}
				if err := turn.Step(ctx, i, 10, fmt.Sprint("第", i, "步")); err != nil {
					return "", err
				}
			}
			return "/end", nil
		}
		waiting, running := start(t, db, r, c, "steps").ID, ""
		cancel(waiting)
		if err := r.RunDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s := find(t, db, waiting).State; s != job.Cancelled {
			t.Errorf("waiting: %s", s)
		}
		run = 0
		running = start(t, db, r, c, "steps").ID
		if err := r.RunDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		if j := find(t, db, running); j.State != job.Cancelled || j.Done != 2 {
			t.Errorf("running: %+v", j)
		}
		err := db.Do(t.Context(), func(tx *sqldb.Tx) error {
			_, err := r.Retry(t.Context(), tx, g, running, c.instant())
			return err
		})
		if err == nil {
			err = r.RunDue(t.Context())
		}
		if j := find(t, db, running); err != nil || j.State != job.Done || j.Result != "/end" {
			t.Errorf("again: %+v, %v", j, err)
		}
		again := db.Do(t.Context(), func(tx *sqldb.Tx) error {
			_, err := job.Cancel(t.Context(), tx, g, running, c.instant())
			return err
		})
		if fault.Of(again).Kind != fault.Conflict {
			t.Errorf("cancelling what has ended: %v", again)
		}
	})
}
