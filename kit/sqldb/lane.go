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
// SQLite has one lane, a server two a core.
type lane struct {
	db     engine
	limits limits
	jobs   chan *job
	held   *job // a piece of a long work that goes next, by itself
	quit   chan struct{}
	dead   chan struct{} // nobody takes jobs any more
	person atomic.Int64  // when a person last came to write, in ns since 1970
	stops  sync.Once
}

// engine is the connection that a lane writes on. Its statements may be sent
// later than they are given, but never after the answer of a later one.
type engine interface {
	runner
	begin(jobs int, piece bool) error // opens the transaction of so many
	save() error                      // sets the savepoint of the next job
	back() error                      // takes the job's work back, and the savepoint away
	release() error                   // takes only the savepoint away
	commit() error
	rollback() // ends whatever is open
	close() error
}

// limits are those of one batch; the jobs that find no room in it come next.
type limits struct {
	jobs  int           // at most so many
	span  time.Duration // none is begun later than that
	queue int           // so many may wait
	slow  time.Duration // a closure that takes longer is logged
}

type job struct {
	f     func(*Tx) error
	keys  *seal.Keys
	tx    *Tx
	err   error
	state atomic.Int32
	said  bool // answered
	alone bool // a piece of a long work: it shares its transaction with nobody
	again bool // it met a row that another lane holds, and shall wait for it alone
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

func newLane(db engine, most limits) *lane {
	l := &lane{db: db, limits: most, jobs: make(chan *job, most.queue), quit: make(chan struct{}), dead: make(chan struct{})}
	go l.run(nil)
	return l
}

func (l *lane) stop() {
	l.stops.Do(func() { close(l.quit) })
	<-l.dead
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

func stopping() error { return fault.New(fault.Busy, "系统正在停止，请稍后再试。") }

func (l *lane) do(ctx context.Context, keys *seal.Keys, alone bool, f func(*Tx) error) error {
	j := &job{f: f, keys: keys, alone: alone, done: make(chan struct{})}
	if !alone {
		l.person.Store(time.Now().UnixNano())
	}
	select {
	case l.jobs <- j:
	case <-l.quit:
		return stopping()
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
	case <-l.dead:
		if j.state.CompareAndSwap(queued, left) {
			return stopping()
		}
		<-j.done
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
			close(l.dead)
			return
		}
		l.db.rollback()
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
	for !out[0].alone && len(out) < l.limits.jobs {
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

// batch runs jobs, in one transaction as far as the time allows, and answers
// them.
func (l *lane) batch(jobs []*job) {
	for len(jobs) > 0 {
		n, err := l.together(jobs)
		switch {
		case err == nil:
			l.stored(jobs[:n])
		case n > 1 && !hopeless(err): // each by itself, so that only the guilty one fails
			for _, j := range jobs[:n] {
				l.batch([]*job{j})
			}
		default:
			for _, j := range jobs[:n] {
				j.err = j.told(err)
				j.answer()
			}
		}
		jobs = jobs[n:]
	}
}

// together runs jobs in one transaction and returns how many; an error means
// that nothing of them is stored, or that nobody knows.
func (l *lane) together(jobs []*job) (n int, err error) {
	start := time.Now()
	if err := l.db.begin(len(jobs), jobs[0].alone); err != nil {
		return len(jobs), err
	}
	if len(jobs) == 1 { // without a savepoint: to the engines it is dear
		n = 1
		if l.try(jobs[0]); jobs[0].err != nil {
			l.db.rollback()
			return n, nil
		}
	}
	for n < len(jobs) && err == nil && (n == 0 || time.Since(start) <= l.limits.span) {
		err = l.one(jobs[n])
		n++
		if jobs[n-1].again {
			break // who holds the row may wait for one of ours
		}
	}
	if err == nil {
		err = l.db.commit()
	}
	if err != nil {
		l.db.rollback() // fails when the engine has done so by itself
	}
	return n, err
}

// stored answers jobs whose transaction is committed.
func (l *lane) stored(jobs []*job) {
	for _, j := range jobs {
		if j.again {
			continue
		}
		if j.err == nil {
			j.tx.done()
		}
		j.answer()
	}
	for _, j := range jobs {
		if j.again {
			l.batch([]*job{j})
		}
	}
}

// told is what a job is told whose transaction is lost. Of one that was taken
// back nothing can be stored: it may run again, as may one that would find its
// own traces.
func (j *job) told(err error) error {
	if doubt := (inDoubt{}); errors.As(err, &doubt) && j.err == nil && !j.tx.once {
		return unsure(err)
	}
	if j.err != nil && !hopeless(err) {
		return errors.Join(j.err, classify(err))
	}
	return classify(err)
}

// try runs j's closure and notes how it went.
func (l *lane) try(j *job) {
	start := time.Now()
	j.tx = &Tx{run: l.db, keys: j.keys, writes: true}
	j.again = false
	if j.err = safely(j); j.err == nil {
		j.err = j.tx.flush()
	}
	if j.err == nil {
		j.err = j.tx.lost // an error that the closure swallowed
	}
	if d := time.Since(start); d > l.limits.slow && !j.alone {
		slog.Warn("slow write", "ms", d.Milliseconds())
	}
}

// one runs j inside a savepoint. The error it returns means that the whole
// transaction is lost; j's own error stands in j.err.
func (l *lane) one(j *job) error {
	if err := l.db.save(); err != nil {
		return err
	}
	l.try(j)
	if j.tx.lost != nil && takesAll(j.tx.lost) {
		return j.tx.lost
	}
	if j.err == nil {
		return l.db.release()
	}
	j.again = blocked(j.tx.lost)
	return l.db.back()
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
