// Package drill is the restore drill (恢复演练): once a month, or when asked, a
// backup is made and restored beside the office, compared with it table by
// table and proved row by row. Its reports are kept and sealed.
package drill

import (
	"context"
	"encoding/json"
	"time"

	"unionhall/commons/message"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/job"
	"unionhall/kit/sqldb"
)

// What the administrators may do here.
const (
	Look auth.Action = "drills.look"
	Run  auth.Action = "drills.run"
)

// Labels says what the actions of this room are called in the log.
var Labels = map[auth.Action]string{Run: "恢复演练"}

// Roles is what each office may do here: the system administrator begins
// drills, the audit administrator reads what came of them.
//
// law: PL-04
func Roles() auth.Roles {
	return auth.Roles{auth.Admin: {Look, Run}, auth.Auditing: {Look}}
}

// Table is one table as it was and as it came back.
type Table struct {
	Name string `json:"name"`
	Rows int64  `json:"rows"`
	Same bool   `json:"same"`
}

// Report is what a drill went through and found.
type Report struct {
	Seconds  int64           `json:"seconds"`
	Bytes    int64           `json:"bytes"` // of the backup
	Schema   int64           `json:"schema"`
	Tables   []Table         `json:"tables"`
	Files    int64           `json:"files"`
	LogRows  int64           `json:"log_rows"`
	Sealed   int64           `json:"sealed_rows"`
	Findings []audit.Finding `json:"findings"`
	Trouble  string          `json:"trouble,omitempty"` // why it came to no end
}

// Good reports whether all came back as it was and was proved.
func (r Report) Good() bool {
	same := len(r.Tables) > 0
	for _, t := range r.Tables {
		same = same && t.Same
	}
	return same && r.Trouble == "" && len(r.Findings) == 0
}

// Rows is how many rows came back.
func (r Report) Rows() (n int64) {
	for _, t := range r.Tables {
		n += t.Rows
	}
	return n
}

// Drill is one that has been held.
type Drill struct {
	ID string      `json:"id"`
	At day.Instant `json:"at"`
	OK bool        `json:"good"`
	Report
}

// Room is this room at work. Do holds a drill; the hall fills it in.
type Room struct {
	Runner *job.Runner
	Do     func(ctx context.Context, say func(note string)) Report
}

// Kind is that of the job that holds a drill, thing what it is about.
const (
	Kind  = "drill"
	thing = "drill"
)

// Works are the jobs of this room.
func (m *Room) Works() map[string]job.Work { return map[string]job.Work{Kind: m.work} }

// Begin starts a drill; while one is on its way that is fault.Conflict. The
// tenant's row is the head: of two who begin at once, one waits and sees.
func (m *Room) Begin(ctx context.Context, tx *sqldb.Tx, g auth.Grant, at day.Instant) (job.Job, error) {
	if _, err := tx.Exec(ctx, `UPDATE tenants SET version = version WHERE tenant_id = $1`, g.Tenant()); err != nil {
		return job.Job{}, err
	}
	open, err := job.Open(ctx, tx, g.Tenant(), thing)
	if err != nil {
		return job.Job{}, err
	}
	if open {
		return job.Job{}, fault.New(fault.Conflict, "已有一次演练正在进行，请等它完成后再看报告。")
	}
	return m.Runner.Start(ctx, tx, g, at, Kind, "恢复演练", thing, g.Under())
}

// Due reports whether the month of today has had no drill, and none is on its
// way. An office in its first month is spared: there is little to restore.
//
// law: PL-04
func Due(ctx context.Context, tx *sqldb.Tx, tenant int64, today day.Day) (bool, error) {
	open, err := job.Open(ctx, tx, tenant, thing)
	if err != nil || open {
		return false, err
	}
	held, err := sqldb.One(ctx, tx, sqldb.Int, `
		SELECT (SELECT count(*) FROM drills d WHERE d.tenant_id = $1 AND d.at >= $2)
			+ (SELECT count(*) FROM tenants t WHERE t.tenant_id = $1 AND t.started >= $2)`, tenant, today.MonthStart().Start())
	return held == 0, err
}

// heartbeat is how often a drill says that it goes on.
const heartbeat = 15 * time.Second

func (m *Room) work(ctx context.Context, t *job.Turn) (string, error) {
	if err := t.Step(ctx, 0, 0, "正在备份"); err != nil {
		return "", err
	}
	held, notes, done := Report{}, make(chan string, 8), make(chan struct{})
	going, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		defer close(done)
		held = m.Do(going, func(note string) { notes <- note })
	}()
	note, tick := t.Note, time.NewTicker(heartbeat)
	defer tick.Stop()
	for ended := false; !ended; {
		select {
		case <-done:
			ended = true
			continue
		case note = <-notes:
		case <-tick.C:
		}
		if err := t.Step(ctx, 0, 0, note); err != nil {
			stop()
			<-done
			return "", err
		}
	}
	if err := ctx.Err(); err != nil {
		return "", err // a shutdown: whoever comes next holds it
	}
	var root string
	if err := t.In(&root); err != nil {
		return "", err
	}
	g := auth.As(t.Tenant, t.Account, auth.Admin, Run, root)
	return "/system/drills", t.DB.Do(ctx, func(tx *sqldb.Tx) error { return Record(ctx, tx, g, t.ID, held, t.Now()) })
}

// Record keeps what a drill found under id, and tells the administrators of
// one that went wrong. The same drill again is kept once.
func Record(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, r Report, at day.Instant) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `
		INSERT INTO drills (tenant_id, id, at, good, report) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (tenant_id, id) DO NOTHING`, g.Tenant(), id, string(at), r.Good(), string(text))
	if err != nil || n == 0 {
		return err
	}
	told := map[string]any{"passed": r.Good(), "restored": r.Rows(), "seconds": r.Seconds}
	if err := audit.Write(ctx, tx, g, id, told, at, audit.Touched{Table: "drills", ID: id}); err != nil || r.Good() {
		return err
	}
	return message.ToUnion(ctx, tx, g.Tenant(), g.Under(), []auth.Office{auth.Admin, auth.Auditing}, "恢复演练没有通过",
		"本月的备份演练没有通过："+r.Why()+"请查看报告，排除原因后再演练一次。", "/system/drills", at)
}

// kept is how many drills the page lists.
const kept = 36

// List is the latest drills, the newest first.
func List(ctx context.Context, tx *sqldb.Tx, g auth.Grant) ([]Drill, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (d Drill, err error) {
		var text string
		if err = row(&d.ID, &d.At, &d.OK, &text); err == nil {
			err = json.Unmarshal([]byte(text), &d.Report)
		}
		return d, err
	}, `SELECT id, at, good, report FROM drills WHERE tenant_id = $1 ORDER BY id DESC LIMIT $2`, g.Tenant(), int64(kept))
}
