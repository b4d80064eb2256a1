package sqldb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"unionhall/kit/fault"
	"unionhall/kit/seal"
)

// A lane commits many requests at once: it takes all waiting closures, runs
// each inside a savepoint of one transaction, commits once, then answers all.
// It never waits for company: while a commit syncs, the next batch gathers.
type lane struct {
	db     *sqlite
	jobs   chan *job
	held   *job // a piece of a long work that goes next, by itself
	lax    bool // commits do not wait for the disk
	quit   chan struct{}
	gone   sync.WaitGroup
	person atomic.Int64 // when a person last came to write, in ns since 1970
	stops  sync.Once
}

type job struct {
	f     func(*Tx) error
	keys  *seal.Keys
	tx    *Tx
	err   error
	state atomic.Int32
	said  bool // answered
	alone bool // a piece of a long work: it shares its transaction with nobody
	done  chan struct{}
}

func (j *job) answer() {
	j.said = true
	close(j.done)
}

const (
	queued int32 = iota
	running
	left
)

// panicked carries a closure's panic back to the caller whose it is.
type panicked struct {
	value any
	stack []byte
}

func (p panicked) Error() string { return fmt.Sprintf("panic: %v\n%s", p.value, p.stack) }

var errGone = errors.New("sqldb: the closure ended its goroutine")

const (
	batchJobs = 256
	batchTime = 20 * time.Millisecond
	slow      = 50 * time.Millisecond
)

func newLane(db *sqlite) *lane {
	l := &lane{db: db, jobs: make(chan *job, 4096), quit: make(chan struct{})}
	l.gone.Add(1)
	go l.run(nil)
	return l
}

func (l *lane) stop() {
	l.stops.Do(func() { close(l.quit) })
	l.gone.Wait()
}

// rest lets the people who wait go first: a long work pauses for as long as
// its last piece took while there is a queue.
func (l *lane) rest(ctx context.Context) {
	for i := 0; i < 20 && len(l.jobs) > 0; i++ {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Millisecond):
		}
	}
}

func (l *lane) do(ctx context.Context, keys *seal.Keys, alone bool, f func(*Tx) error) error {
	j := &job{f: f, keys: keys, alone: alone, done: make(chan struct{})}
	if !alone {
		l.person.Store(time.Now().UnixNano())
	}
	select {
	case l.jobs <- j:
	case <-l.quit:
		return fault.New(fault.Busy, "系统正在停止，请稍后再试。")
	case <-ctx.Done():
		return ctx.Err()
	default:
		return fault.New(fault.Busy, "同时办理的人太多，请稍等几秒再提交；您填写的内容仍在页面上。")
	}
	select {
	case <-j.done:
	case <-ctx.Done():
		if j.state.CompareAndSwap(queued, left) {
			return ctx.Err()
		}
		<-j.done // it has begun: f still uses our variables
	}
	if p := (panicked{}); errors.As(j.err, &p) {
		panic(p)
	}
	return j.err
}

// run is the lane's goroutine. Should a closure end it (runtime.Goexit), the
// transaction is rolled back, the rest of the batch starts afresh in another.
func (l *lane) run(again []*job) {
	batch := again
	normal := false
	defer func() {
		if normal {
			l.gone.Done()
			return
		}
		l.db.plain(`ROLLBACK`)
		rest := batch[:0:0]
		for _, j := range batch {
			if j.err == errGone {
				j.answer()
			} else if !j.said {
				rest = append(rest, j)
			}
		}
		go l.run(rest)
	}()
	for {
		if len(batch) == 0 {
			batch = l.take()
		}
		if batch == nil {
			normal = true
			return
		}
		l.batch(batch)
		batch = nil
	}
}

// take waits for a job and returns it with all that wait behind it; a piece
// of a long work comes by itself. It is nil when the lane is to stop and
// nobody waits any more.
func (l *lane) take() []*job {
	if j := l.held; j != nil {
		l.held = nil
		return []*job{j}
	}
	var out []*job
	for len(out) == 0 {
		j := l.next(true)
		if j == nil {
			return nil
		}
		if j.state.CompareAndSwap(queued, running) {
			out = append(out, j)
		}
	}
	for !out[0].alone && len(out) < batchJobs {
		j := l.next(false)
		if j == nil {
			break
		}
		if !j.state.CompareAndSwap(queued, running) {
			continue
		}
		if j.alone {
			l.held = j
			break
		}
		out = append(out, j)
	}
	return out
}

// next returns a job that waits, or with wait the next that comes.
func (l *lane) next(wait bool) *job {
	select {
	case j := <-l.jobs:
		return j
	default:
	}
	if !wait {
		return nil
	}
	select {
	case j := <-l.jobs:
		return j
	case <-l.quit:
		return nil
	}
}

// batch runs jobs in one transaction and answers them. If the transaction is
// lost, each runs again alone, so that only the guilty one fails.
func (l *lane) batch(jobs []*job) {
	start := time.Now()
	err := l.hurry(len(jobs) == 1 && jobs[0].alone)
	if err == nil {
		err = l.db.plain(`BEGIN IMMEDIATE`)
	}
	n := 0
	for n < len(jobs) && err == nil {
		if len(jobs) == 1 {
			err = l.sole(jobs[0])
		} else {
			err = l.one(jobs[n])
		}
		n++
		if time.Since(start) > batchTime {
			break
		}
	}
	if err == nil {
		err = l.db.plain(`COMMIT`)
	}
	if err != nil {
		l.db.plain(`ROLLBACK`) // fails when SQLite has done so by itself
		if n > 1 {
			for _, j := range jobs[:n] {
				l.batch([]*job{j})
			}
		} else {
			jobs[0].err = errors.Join(jobs[0].err, classify(err))
			jobs[0].answer()
			n = 1
		}
	} else {
		for _, j := range jobs[:n] {
			if j.err == nil {
				j.tx.done()
			}
			j.answer()
		}
	}
	if n < len(jobs) {
		l.batch(jobs[n:])
	}
}

// hurry sets how the next transaction is committed. A piece of a long work does
// not wait for the disk: nobody is told of it before a later write that does
// wait, which brings all before it to the disk too. Losing power loses the last
// pieces whole, and the work goes on from the last that stayed.
func (l *lane) hurry(piece bool) error {
	if piece == l.lax {
		return nil
	}
	mode := map[bool]string{true: `PRAGMA synchronous = NORMAL`, false: `PRAGMA synchronous = FULL`}[piece]
	if err := l.db.once(mode); err != nil {
		return err
	}
	l.lax = piece
	return nil
}

// sole runs a job that has the transaction to itself: without a savepoint
// SQLite need not keep a copy of every page that the job changes.
func (l *lane) sole(j *job) error {
	l.try(j)
	if j.err == nil {
		return nil
	}
	if err := l.db.plain(`ROLLBACK`); err != nil && (j.tx.lost == nil || !takesAll(j.tx.lost)) {
		return err
	}
	return l.db.plain(`BEGIN IMMEDIATE`)
}

// try runs j's closure and notes how it went.
func (l *lane) try(j *job) {
	start := time.Now()
	j.tx = &Tx{run: l.db, keys: j.keys, writes: true}
	j.err = safely(j)
	if j.err == nil {
		j.err = j.tx.lost // an error that the closure swallowed
	}
	if d := time.Since(start); d > slow && !j.alone {
		slog.Warn("slow write", "ms", d.Milliseconds())
	}
}

// one runs j inside a savepoint. The error it returns means that the whole
// transaction is lost; j's own error stands in j.err.
func (l *lane) one(j *job) error {
	if err := l.db.plain(`SAVEPOINT j`); err != nil {
		return err
	}
	l.try(j)
	if j.tx.lost != nil && takesAll(j.tx.lost) {
		return j.tx.lost
	}
	if j.err != nil {
		if err := l.db.plain(`ROLLBACK TO j`); err != nil {
			return err
		}
	}
	return l.db.plain(`RELEASE j`)
}

func safely(j *job) (err error) {
	finished := false
	defer func() {
		if v := recover(); v != nil {
			err = panicked{v, debug.Stack()}
		} else if !finished {
			j.err = errGone
		}
	}()
	err = j.f(j.tx)
	finished = true
	return err
}
