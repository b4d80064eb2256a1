package sqldb

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"time"
)

// forgetful is an engine whose answer to COMMIT is lost on the way.
type forgetful struct {
	runner
	lost    error
	commits int
}

func (f *forgetful) begin(int, bool) error { return nil }
func (f *forgetful) save() error           { return nil }
func (f *forgetful) back() error           { return nil }
func (f *forgetful) release() error        { return nil }
func (f *forgetful) rollback()             {}
func (f *forgetful) close() error          { return nil }
func (f *forgetful) commit() error {
	if f.commits++; f.commits == 2 { // the first is that of who makes the others wait
		return f.lost
	}
	return nil
}

// When the answer to COMMIT is lost, who would find the own traces may come
// again, as may who was refused; everyone else is told that it is not known,
// and nothing runs again unasked. A COMMIT that was refused is run again, each
// by itself.
func TestCommitInDoubt(t *testing.T) {
	refused := errors.New("refused")
	for name, c := range map[string]struct {
		lost          error
		again, unsure bool // come the first and the last again, is the other told that it is not known
		commits       int
	}{
		"lost":    {lost: inDoubt{io.ErrUnexpectedEOF}, again: true, unsure: true, commits: 2},
		"refused": {lost: pg("40001", "could not serialise"), commits: 4},
	} {
		t.Run(name, func(t *testing.T) {
			db := &forgetful{lost: c.lost}
			l := newLane(db, limits{jobs: 32, span: time.Second, queue: 32, slow: time.Second})
			begun, goOn := make(chan struct{}), make(chan struct{})
			var wg sync.WaitGroup
			wg.Go(func() { l.do(context.Background(), nil, false, func(*Tx) error { close(begun); <-goOn; return nil }) })
			<-begun
			var once, plain, no error
			wg.Go(func() { once = l.do(context.Background(), nil, false, func(tx *Tx) error { tx.Once(); return nil }) })
			wg.Go(func() { plain = l.do(context.Background(), nil, false, func(*Tx) error { return nil }) })
			wg.Go(func() { no = l.do(context.Background(), nil, false, func(*Tx) error { return refused }) })
			time.Sleep(20 * time.Millisecond)
			close(goOn)
			wg.Wait()
			l.stop()
			if retryable(once) != c.again || errors.Is(once, ErrUnsure) {
				t.Errorf("who knows the own traces: %v", once)
			}
			if errors.Is(plain, ErrUnsure) != c.unsure || !c.unsure && plain != nil {
				t.Errorf("who does not: %v", plain)
			}
			if retryable(no) != c.again || errors.Is(no, ErrUnsure) || !c.again && no != refused {
				t.Errorf("who was refused: %v", no)
			}
			if db.commits != c.commits {
				t.Errorf("%d commits, want %d", db.commits, c.commits)
			}
		})
	}
}
