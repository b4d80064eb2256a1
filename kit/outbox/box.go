package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

// Send delivers one letter, outside any transaction. Its context ends before
// the lease does. A *Failure says why it did not go; ErrUnneeded that it need
// not; any other error is tried again.
type Send func(ctx context.Context, l Letter) error

// Box sends what is due.
type Box struct {
	DB    *sqldb.DB
	Sends map[string]Send // by kind
	// Went and Fell, where set, write with the mark that a letter arrived or
	// was given up.
	Went func(ctx context.Context, tx *sqldb.Tx, l Letter, at day.Instant) error
	Fell func(ctx context.Context, tx *sqldb.Tx, l Letter, at day.Instant) error
	Now  func() time.Time

	name string
	wake chan struct{}
	mu   sync.Mutex
	busy map[string]int // letters under way, by target
	all  int
	gone sync.WaitGroup
}

const (
	most     = 8                // letters under way at once
	perEach  = 2                // of these to one target
	within   = 40 * time.Second // one try
	lease    = time.Minute
	poll     = 2 * time.Second
	maxTries = 12
	first    = 30 * time.Second // the pause after the first failure; then it doubles
	longest  = 2 * time.Hour
)

// New makes a box that sends with Run; Put may be called before.
func New(db *sqldb.DB, now func() time.Time) *Box {
	return &Box{DB: db, Sends: map[string]Send{}, Now: now, name: sqldb.NewID(), wake: make(chan struct{}, 1), busy: map[string]int{}}
}

// Wake has Run look at once.
func (b *Box) Wake() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// Run sends until ctx ends, then waits for what is under way.
func (b *Box) Run(ctx context.Context) {
	defer b.gone.Wait()
	for ctx.Err() == nil {
		began, err := b.begin(ctx)
		if err != nil && ctx.Err() == nil {
			slog.Error("outbox", "err", err)
		}
		if began > 0 && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-b.wake:
		case <-time.After(poll):
		}
	}
}

// RunDue sends everything that is due now and returns: for commands and tests.
func (b *Box) RunDue(ctx context.Context) error {
	for {
		n, err := b.begin(ctx)
		b.gone.Wait()
		if err != nil || n == 0 {
			return err
		}
	}
}

// begin takes what is due, as far as there is room, and has it sent.
func (b *Box) begin(ctx context.Context) (began int, err error) {
	due, err := b.due(ctx)
	if err != nil {
		return 0, err
	}
	for _, l := range due {
		if !b.room(l.Target) {
			continue
		}
		ours, err := b.take(ctx, &l)
		if err != nil || !ours {
			b.leave(l.Target)
			if err != nil {
				return began, err
			}
			continue
		}
		began++
		b.gone.Go(func() {
			defer b.Wake()
			defer b.leave(l.Target)
			if err := b.deliver(ctx, l); err != nil {
				slog.Error("outbox: not marked", "id", l.ID, "kind", l.Kind, "err", err)
			}
		})
	}
	return began, nil
}

// room takes a place for a letter to the target, if there is one.
func (b *Box) room(target string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.all >= most || b.busy[target] >= perEach {
		return false
	}
	b.all++
	b.busy[target]++
	return true
}

func (b *Box) leave(target string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all--
	if b.busy[target]--; b.busy[target] == 0 {
		delete(b.busy, target)
	}
}

// due lists what may be sent now: letters to targets that have no room would
// only stand in the way of others.
func (b *Box) due(ctx context.Context) (due []Letter, err error) {
	b.mu.Lock()
	free := most - b.all
	args, full := []any{string(day.At(b.Now())), int64(most)}, []string{}
	for target, n := range b.busy {
		if n >= perEach {
			args = append(args, target)
			full = append(full, fmt.Sprintf("$%d", len(args)))
		}
	}
	b.mu.Unlock()
	if free <= 0 {
		return nil, nil
	}
	q := `SELECT ` + columns + ` FROM outbox WHERE tenant_id IN (SELECT tenant_id FROM tenants) AND state IN ('waiting', 'sending') AND due <= $1`
	if len(full) > 0 {
		q += ` AND target NOT IN (` + strings.Join(full, ", ") + `)`
	}
	err = b.DB.View(ctx, func(tx *sqldb.Tx) (err error) {
		due, err = sqldb.List(ctx, tx, scan, q+` ORDER BY due, id LIMIT $2`, args...)
		return err
	})
	return due, err
}

// take holds a letter by lease, unless another instance was faster.
func (b *Box) take(ctx context.Context, l *Letter) (ours bool, err error) {
	var n int64
	err = b.DB.Do(ctx, func(tx *sqldb.Tx) (err error) {
		n, err = tx.Exec(ctx, `
			UPDATE outbox SET state = 'sending', lease = $1, due = $2, tries = tries + 1
			WHERE tenant_id = $3 AND id = $4 AND state = $5 AND due = $6`,
			b.name, string(day.At(b.Now().Add(lease))), l.Tenant, l.ID, string(l.State), string(l.Due))
		return err
	})
	l.Tries++
	return n == 1, err
}

// deliver sends a letter and writes how that went. A process that dies between
// the two leaves the lease to run out, and the letter goes again.
func (b *Box) deliver(ctx context.Context, l Letter) error {
	at, start := b.Now(), time.Now()
	err := b.send(ctx, l)
	took := time.Since(start)
	if err != nil && ctx.Err() != nil { // told to stop: due at once for whoever comes next
		return b.mark(ctx, l, Waiting, day.At(b.Now()), Try{At: day.At(at), Took: took.Milliseconds(), Error: "程序停机，稍后再发"})
	}
	try := Try{At: day.At(at), Took: took.Milliseconds()}
	state, due := Sent, day.At(b.Now())
	f := (*Failure)(nil)
	switch {
	case err == nil:
	case errors.Is(err, ErrUnneeded):
		state = Unneeded
	default:
		try.Error = "发送时出了故障"
		if errors.As(err, &f) {
			try.Error, try.Status = f.Text, int64(f.Status)
		}
		slog.Warn("letter not sent", "id", l.ID, "kind", l.Kind, "try", l.Tries, "err", err)
		if state = Waiting; f != nil && f.Final || l.Tries >= maxTries {
			state = Dead
		}
		due = day.At(b.Now().Add(pause(l.Tries)))
	}
	return b.mark(ctx, l, state, due, try)
}

// pause is how long a letter waits after its nth failure: doubling, and
// anywhere in the upper half, so that those that failed together don't come
// back together.
func pause(n int64) time.Duration {
	d := longest
	if n < 10 {
		d = min(longest, first<<max(0, n-1))
	}
	return d/2 + rand.N(d/2)
}

func (b *Box) send(ctx context.Context, l Letter) (err error) {
	defer func() {
		if v := recover(); v != nil {
			slog.Error("outbox", "id", l.ID, "kind", l.Kind, "panic", v, "stack", string(debug.Stack()))
			err = &Failure{Text: "发送时程序出了故障", Final: true}
		}
	}()
	s := b.Sends[l.Kind]
	if s == nil {
		return &Failure{Text: "这一版程序不认识这种消息", Final: true}
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	return s(ctx, l)
}

func (b *Box) mark(ctx context.Context, l Letter, state State, due day.Instant, try Try) error {
	ctx = context.WithoutCancel(ctx)
	at := day.At(b.Now())
	return b.DB.Do(ctx, func(tx *sqldb.Tx) error {
		ended := ""
		if state != Waiting {
			ended = string(at)
		}
		n, err := tx.Exec(ctx, `
			UPDATE outbox SET state = $1, due = $2, error = $3, ended = $4, lease = NULL WHERE tenant_id = $5 AND id = $6 AND lease = $7 AND state = 'sending'`,
			string(state), string(due), try.Error, ended, l.Tenant, l.ID, b.name)
		if err != nil || n == 0 {
			return err // another instance took it over when the lease ran out
		}
		if state != Unneeded {
			err = tx.QueueInsert(ctx, "tries", `tenant_id, id, outbox_id, at, took, status, error`, [][]any{{l.Tenant, sqldb.NewID(), l.ID, string(try.At), try.Took, try.Status, try.Error}})
		}
		l.State, l.Error = state, try.Error
		switch {
		case err != nil:
		case state == Sent && b.Went != nil:
			err = b.Went(ctx, tx, l, at)
		case state == Dead && b.Fell != nil:
			err = b.Fell(ctx, tx, l, at)
		}
		return err
	})
}
