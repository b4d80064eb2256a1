package fleet

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// balancer leads requests to its instances in turn, as any proxy does, and
// asks each five times a second whether it is ready.
type balancer struct {
	*httptest.Server
	mu   sync.Mutex
	all  map[string]bool // address to ready
	turn atomic.Int64
}

func balance(t testing.TB, urls ...string) *balancer {
	b := &balancer{all: map[string]bool{}}
	for _, u := range urls {
		b.all[u] = true
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			to, err := url.Parse(b.pick())
			if err == nil {
				r.SetURL(to)
				r.SetXForwarded()
			}
		},
		Transport: &http.Transport{MaxIdleConnsPerHost: 16},
	}
	b.Server = httptest.NewServer(proxy)
	ctx, stop := context.WithCancel(context.Background())
	var watch sync.WaitGroup
	watch.Go(func() { b.watch(ctx) })
	t.Cleanup(func() { stop(); watch.Wait(); b.Close() })
	return b
}

func (b *balancer) watch(ctx context.Context) {
	for c := (&http.Client{Timeout: time.Second}); ctx.Err() == nil; time.Sleep(200 * time.Millisecond) {
		b.mu.Lock()
		var urls []string
		for u := range b.all {
			urls = append(urls, u)
		}
		b.mu.Unlock()
		for _, u := range urls {
			res, err := c.Get(u + "/readyz")
			ok := err == nil && res.StatusCode == 200
			if err == nil {
				res.Body.Close()
			}
			b.mu.Lock()
			if _, still := b.all[u]; still {
				b.all[u] = ok
			}
			b.mu.Unlock()
		}
	}
}

// pick is the next instance that is ready, or any.
func (b *balancer) pick() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var ready, any []string
	for u, ok := range b.all {
		any = append(any, u)
		if ok {
			ready = append(ready, u)
		}
	}
	if len(ready) == 0 {
		ready = any
	}
	return ready[int(b.turn.Add(1))%len(ready)]
}

// swap puts another instance in the place of one.
func (b *balancer) swap(old, fresh string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.all, old)
	b.all[fresh] = false
}

func (b *balancer) add(fresh string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all[fresh] = false
}

// leave lets nobody new to an instance; who is there has a second to be done.
func (b *balancer) leave(old string) {
	b.mu.Lock()
	delete(b.all, old)
	b.mu.Unlock()
	time.Sleep(time.Second)
}

// wire is a way to a server that can be cut: for good, or at the moment when
// the server was told to commit and its answer is still to come.
type wire struct {
	net.Listener
	to      string
	down    atomic.Bool
	commits atomic.Int64 // so many COMMITs are let through, their answers cut off
	cuts    atomic.Int64 // how many were

	mu   sync.Mutex
	open map[net.Conn]bool
}

func lay(t testing.TB, to string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{Listener: l, to: to, open: map[net.Conn]bool{}}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go w.carry(c)
		}
	}()
	t.Cleanup(func() { l.Close(); w.cut() })
	return w
}

func (w *wire) port() string {
	_, port, _ := net.SplitHostPort(w.Addr().String())
	return port
}

// cut drops every connection.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.open {
		c.Close()
	}
}

func (w *wire) hold(c net.Conn, on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if on {
		w.open[c] = true
	} else {
		delete(w.open, c)
		c.Close()
	}
}

func (w *wire) carry(c net.Conn) {
	w.hold(c, true)
	defer w.hold(c, false)
	if w.down.Load() {
		return
	}
	s, err := net.Dial("tcp", w.to)
	if err != nil {
		return
	}
	w.hold(s, true)
	defer w.hold(s, false)
	var deaf atomic.Bool // the answer is cut off
	go func() {
		defer w.hold(c, false)
		b := make([]byte, 32<<10)
		for {
			n, err := s.Read(b)
			if err != nil || deaf.Load() {
				return
			}
			if _, err := c.Write(b[:n]); err != nil {
				return
			}
		}
	}()
	b := make([]byte, 32<<10)
	for {
		n, err := c.Read(b)
		if err != nil {
			return
		}
		// a simple query (Q) of its own: length, then the text
		if n > 5 && b[0] == 'Q' && string(b[5:min(n, 11)]) == "commit" && w.commits.Add(-1) >= 0 {
			deaf.Store(true)
			w.cuts.Add(1)
		}
		if _, err := s.Write(b[:n]); err != nil && err != io.EOF {
			return
		}
	}
}
