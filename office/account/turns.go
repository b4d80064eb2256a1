package account

import (
	"context"
	"sync"

	"unionhall/kit/fault"
)

// turns lets those who try the same login do so one after the other: who is
// right is not refused because of others at the same moment.
type turns struct {
	mu    sync.Mutex
	lines map[string]*line
}

type line struct {
	turn  chan struct{}
	queue int
}

const longestLine = 64

func (t *turns) take(ctx context.Context, key string) (release func(), err error) {
	t.mu.Lock()
	if t.lines == nil {
		t.lines = map[string]*line{}
	}
	l := t.lines[key]
	if l == nil {
		l = &line{turn: make(chan struct{}, 1)}
		t.lines[key] = l
	}
	if l.queue >= longestLine {
		t.mu.Unlock()
		return nil, fault.New(fault.Busy, "这个账号正在别处反复登录，请过半分钟再试。")
	}
	l.queue++
	t.mu.Unlock()
	leave := func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if l.queue--; l.queue == 0 {
			delete(t.lines, key)
		}
	}
	select {
	case l.turn <- struct{}{}:
		return func() { <-l.turn; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
