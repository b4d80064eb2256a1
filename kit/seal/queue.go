package seal

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"time"

	"unionhall/kit/fault"
)

// gate lets a few hash at once. Who must wait stands in a queue that is fair
// to addresses, and within one to accounts: each in turn is served one of its
// own, so that a crowd from one place costs the others one turn and no more.
// Who would wait too long is turned away; where the queue is full, that is the
// last of whoever holds most of it.
type gate struct {
	mu      sync.Mutex
	slots   int
	free    int
	waiting int
	few     int           // so many may wait however long it takes
	longest time.Duration // nobody else waits longer
	each    time.Duration // what one has taken of late
	lanes   turns
}

// turns serves its lanes in turn. A lane is of an address and holds the turns of
// accounts, which hold those who wait, the first come first.
type turns struct {
	order []*lane
	lanes map[string]*lane
}

type lane struct {
	key   string
	n     int
	turns turns     // of an address
	row   []*waiter // of an account
}

type waiter struct {
	turn    chan error // nil: go; an error: turned away
	address string
	account string
}

func (r *turns) at(key string) *lane {
	l := r.lanes[key]
	if l == nil {
		l = &lane{key: key}
		if r.lanes == nil {
			r.lanes = map[string]*lane{}
		}
		r.lanes[key] = l
		r.order = append(r.order, l)
	}
	return l
}

// turn takes the lane whose turn it is; one that is left empty is forgotten.
func (r *turns) turn() *lane {
	l := r.order[0]
	r.order = r.order[1:]
	if l.n--; l.n > 0 {
		r.order = append(r.order, l)
	} else {
		delete(r.lanes, l.key)
	}
	return l
}

func (r *turns) lose(l *lane) {
	if l.n--; l.n == 0 {
		delete(r.lanes, l.key)
		r.order = slices.DeleteFunc(r.order, func(x *lane) bool { return x == l })
	}
}

// hashing is the gate of the whole process. One core stays free for whoever
// does not sign in.
var hashing = sync.OnceValue(func() *gate {
	return newGate(max(1, runtime.GOMAXPROCS(0)-1), 50*time.Second)
})

func newGate(slots int, longest time.Duration) *gate {
	return &gate{slots: slots, free: slots, few: few, longest: longest, each: 50 * time.Millisecond}
}

type askerKey struct{}

type asker struct{ address, account string }

// breath is the share of a hash's time that its slot rests while others wait,
// so that a crowd at the door leaves the pages their pace: two cores are often
// one that shows itself twice. few is how many may always wait.
const (
	breath = 2
	few    = 1024
)

// For says for whom passwords are hashed within ctx, so that the queue is fair
// to addresses and accounts.
func For(ctx context.Context, address, account string) context.Context {
	return context.WithValue(ctx, askerKey{}, asker{address, account})
}

// Wait is how long who comes now would stand in the queue.
func Wait() time.Duration {
	g := hashing()
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.wait()
}

func (g *gate) wait() time.Duration {
	return time.Duration(g.waiting) * g.each / time.Duration(g.slots)
}

var errCrowd = fault.New(fault.Busy, "正在登录的人太多，请过半分钟再试。")

// enter waits for a turn; leave gives it to the next. Too many at once is
// fault.Busy.
func (g *gate) enter(ctx context.Context) (leave func(), err error) {
	who, _ := ctx.Value(askerKey{}).(asker)
	g.mu.Lock()
	if g.free > 0 {
		g.free--
		g.mu.Unlock()
		return g.begun(), nil
	}
	if g.waiting >= g.few && g.wait() >= g.longest && !g.makeRoom(who.address) {
		g.mu.Unlock()
		return nil, errCrowd
	}
	w := &waiter{make(chan error, 1), who.address, who.account}
	g.stand(w)
	g.mu.Unlock()
	select {
	case err := <-w.turn:
		if err != nil {
			return nil, err
		}
		return g.begun(), nil
	case <-ctx.Done():
		g.mu.Lock()
		left := g.quit(w)
		g.mu.Unlock()
		if !left && <-w.turn == nil { // the turn came at the same moment: it goes on to the next
			g.next()
		}
		return nil, ctx.Err()
	}
}

func (g *gate) stand(w *waiter) {
	a := g.lanes.at(w.address)
	b := a.turns.at(w.account)
	a.n, b.n, b.row = a.n+1, b.n+1, append(b.row, w)
	g.waiting++
}

// quit takes w out of the queue; false where it no longer stands there.
func (g *gate) quit(w *waiter) bool {
	a := g.lanes.lanes[w.address]
	if a == nil {
		return false
	}
	b := a.turns.lanes[w.account]
	if b == nil {
		return false
	}
	i := slices.Index(b.row, w)
	if i < 0 {
		return false
	}
	b.row = slices.Delete(b.row, i, i+1)
	a.turns.lose(b)
	g.lanes.lose(a)
	g.waiting--
	return true
}

// makeRoom turns the last comer of the most crowded address away, for one of
// an address that has fewer in the queue.
func (g *gate) makeRoom(address string) bool {
	own := 0
	if l := g.lanes.lanes[address]; l != nil {
		own = l.n
	}
	var most *lane
	for _, l := range g.lanes.order {
		if most == nil || l.n > most.n {
			most = l
		}
	}
	if most == nil || most.n <= own+1 {
		return false
	}
	var deepest *lane
	for _, l := range most.turns.order {
		if deepest == nil || l.n >= deepest.n {
			deepest = l
		}
	}
	w := deepest.row[len(deepest.row)-1]
	g.quit(w)
	w.turn <- errCrowd
	return true
}

// begun starts the clock of one hash and returns what ends it.
func (g *gate) begun() func() {
	start := time.Now()
	return func() {
		took := time.Since(start)
		rest := took / breath
		g.mu.Lock()
		g.each += (took + rest - g.each) / 16
		crowd := g.waiting > 0
		g.mu.Unlock()
		if crowd {
			time.AfterFunc(rest, g.next)
		} else {
			g.next()
		}
	}
}

// next gives the turn on, or leaves the slot free.
func (g *gate) next() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.waiting == 0 {
		g.free++
		return
	}
	a := g.lanes.turn()
	b := a.turns.turn()
	w := b.row[0]
	b.row = b.row[1:]
	g.waiting--
	w.turn <- nil
}
