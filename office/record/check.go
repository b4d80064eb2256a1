package record

import (
	"context"
	"encoding/json"
	"time"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/job"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
	"unionhall/schema"
)

// Proving is the kind of the job that proves the log.
const Proving = "audit.verify"

// Proved is what one proof went through and found. It is kept as a line of
// the log itself, whose thing is the job.
type Proved struct {
	Rows     int64           `json:"rows"`
	Blocks   int64           `json:"blocks"`
	Sealed   int64           `json:"sealed"`
	Findings []audit.Finding `json:"findings"`
}

// Begun is a proof on its way.
type Begun struct{ job.Job }

func (b Begun) Said() string  { return "已开始核对，离开这一页也会继续。" }
func (b Begun) Created() bool { return true }

func (m *Room) begin(r *web.Request, _ struct{}) (Begun, error) {
	j, err := m.Runner.Start(r.Ctx, r.Tx, r.Grant, r.Now, Proving, "验证日志链", "audit", nil)
	return Begun{j}, err
}

// Works are the jobs of this room.
func (m *Room) Works() map[string]job.Work { return map[string]job.Work{Proving: m.verify} }

// heartbeat is how often a long proof says that it is still at work.
const heartbeat = 15 * time.Second

// verify proves the tenant's log and every sealed row against it.
//
// law: PL-08
func (m *Room) verify(ctx context.Context, t *job.Turn) (string, error) {
	if err := t.Step(ctx, 0, 0, "正在逐条核对日志和记录"); err != nil {
		return "", err
	}
	reading, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go keepLease(reading, stop, t)
	var rep audit.Report
	err := t.DB.View(reading, func(tx *sqldb.Tx) (err error) {
		if rep, err = audit.Verify(reading, tx, t.Tenant, schema.Sealed); err != nil {
			return err
		}
		for _, check := range m.More {
			found, err := check(reading, tx, t.Tenant)
			if err != nil {
				return err
			}
			rep.Findings = append(rep.Findings, found...)
		}
		return nil
	})
	if cause := context.Cause(reading); cause != nil {
		return "", cause
	}
	if err != nil {
		return "", err
	}
	p := Proved{rep.Rows, rep.Blocks, rep.Sealed, rep.Findings}
	g := auth.As(t.Tenant, t.Account, auth.Auditing, Verify, "")
	err = t.DB.Do(ctx, func(tx *sqldb.Tx) error { return audit.Write(ctx, tx, g, t.ID, p, t.Now()) })
	return "/audit/checks/" + t.ID, err
}

// keepLease says again and again that the job goes on; one that is to stop,
// or that another runner took, stops the reading.
func keepLease(ctx context.Context, stop context.CancelCauseFunc, t *job.Turn) {
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := t.Step(ctx, 0, 0, "正在逐条核对日志和记录"); err != nil {
				stop(err)
				return
			}
		}
	}
}

// Check is one proof as people read it.
type Check struct {
	Row
	Proved
}

func checkOf(r Row) (c Check, err error) {
	c.Row = r
	return c, json.Unmarshal([]byte(r.Change), &c.Proved)
}

// Checks are the latest proofs.
type Checks struct {
	Items []Check `json:"items"`
}

// lastChecks is how many proofs the page lists.
const lastChecks = 30

func (m *Room) checks(r *web.Request, _ struct{}) (Checks, error) {
	rows, err := m.read(r.Ctx, r.Tx, r.Grant, Query{Act: Verify}, lastChecks)
	if err != nil {
		return Checks{}, err
	}
	out := Checks{Items: []Check{}}
	for _, row := range rows {
		c, err := checkOf(row)
		if err != nil {
			return out, err
		}
		out.Items = append(out.Items, c)
	}
	return out, nil
}

func (m *Room) check(r *web.Request, in One) (Check, error) {
	line, err := audit.Last(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return Check{}, err
	}
	rows, err := m.named(r.Ctx, r.Tx, r.Grant.Tenant(), []audit.Row{line})
	if err != nil {
		return Check{}, err
	}
	return checkOf(rows[0])
}
