package seal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"unionhall/kit/fault"
)

// crowd queues at a gate of one slot that is taken, in the order given, and
// returns the order in which they were served once it is free.
func crowd(t *testing.T, g *gate, asks []asker) (served []string) {
	t.Helper()
	leave, err := g.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	for i, a := range asks {
		all.Go(func() {
			leave, err := g.enter(For(context.Background(), a.address, a.account))
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				served = append(served, "-"+a.account)
				return
			}
			served = append(served, a.account)
			leave()
		})
		stands(t, g, i+1)
	}
	leave()
	all.Wait()
	return served
}

// idle waits until so many slots are free again.
func idle(t *testing.T, g *gate, n int) {
	t.Helper()
	for range 2000 {
		g.mu.Lock()
		free := g.free
		g.mu.Unlock()
		if free == n {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("a slot is lost")
}

// stands waits until so many stand in the queue.
func stands(t *testing.T, g *gate, n int) {
	t.Helper()
	for range 2000 {
		g.mu.Lock()
		got := g.waiting
		g.mu.Unlock()
		if got == n {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("never %d in the queue", n)
}

// law: R1.69: a crowd of one address costs the others one turn; within an
// address, a crowd of one account does.
func TestQueueIsFair(t *testing.T) {
	g := newGate(1, time.Hour)
	var asks []asker
	for range 10 {
		asks = append(asks, asker{"10.0.0.1", "attacked"})
	}
	asks = append(asks, asker{"10.0.0.1", "colleague"}, asker{"10.0.0.2", "elsewhere"})
	got := crowd(t, g, asks)
	if at := slices.Index(got, "elsewhere"); at > 1 {
		t.Errorf("another address was served as number %d: %v", at+1, got)
	}
	if at := slices.Index(got, "colleague"); at > 3 {
		t.Errorf("a colleague was served as number %d: %v", at+1, got)
	}
	idle(t, g, 1)
	if len(got) != 12 || g.free != 1 || g.waiting != 0 || len(g.lanes.lanes) != 0 || len(g.lanes.order) != 0 {
		t.Errorf("%d served, %d free, %d wait, lanes %v", len(got), g.free, g.waiting, g.lanes)
	}
}

// Nobody waits longer than the longest time: the crowd is turned away, not who
// comes from elsewhere.
func TestQueueIsBounded(t *testing.T) {
	g := newGate(1, time.Second) // at fifty milliseconds each: twenty
	g.few = 0
	leave, err := g.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var busy, right, other int
	var mu sync.Mutex
	var all sync.WaitGroup
	try := func(address string, n *int) {
		all.Go(func() {
			leave, err := g.enter(For(context.Background(), address, address))
			mu.Lock()
			defer mu.Unlock()
			var f *fault.Error
			switch {
			case err == nil:
				*n++
				leave()
			case errors.As(err, &f) && f.Kind == fault.Busy:
				busy++
			default:
				t.Error(err)
			}
		})
	}
	for i := range 20 {
		try("crowd", &right)
		stands(t, g, i+1)
	}
	if _, err := g.enter(For(t.Context(), "crowd", "more")); fault.Of(err).Kind != fault.Busy {
		t.Errorf("one more of the crowd: %v", err)
	}
	try("other", &other)
	for range 2000 {
		mu.Lock()
		b := busy
		mu.Unlock()
		if b == 1 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	leave()
	all.Wait()
	if busy != 1 || right != 19 || other != 1 {
		t.Errorf("%d turned away, %d of the crowd and %d others served", busy, right, other)
	}
}

// Who leaves takes no turn with them.
func TestQueueForgetsWhoLeft(t *testing.T) {
	g := newGate(2, time.Hour)
	var held []func()
	for range 2 {
		leave, err := g.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, leave)
	}
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Duration(i%20)*time.Millisecond)
			defer cancel()
			if leave, err := g.enter(For(ctx, fmt.Sprint(i%7), fmt.Sprint(i%3))); err == nil {
				leave()
			} else if !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		})
	}
	time.Sleep(10 * time.Millisecond)
	for _, leave := range held {
		leave()
	}
	all.Wait()
	idle(t, g, 2)
	if g.free != 2 || g.waiting != 0 || len(g.lanes.lanes)+len(g.lanes.order) != 0 {
		t.Errorf("%d free, %d wait, %s", g.free, g.waiting, strings.Repeat("x", len(g.lanes.order)))
	}
}
