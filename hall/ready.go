package hall

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"
)

// Drain makes the house say that it is not ready, so that a proxy leads
// newcomers elsewhere while it still answers those who come.
func (h *House) Drain() { h.drains.Store(true) }

var errDrains = errors.New("this instance is about to stop")

// ready reports whether the database answers, the folder takes what is
// written, and this instance is not about to stop.
func (h *House) ready(ctx context.Context) error {
	if h.drains.Load() {
		return errDrains
	}
	if err := h.disk.probe(h.Settings.Data); err != nil {
		return err
	}
	return h.DB.Ping(ctx)
}

// disk remembers for a moment how a probe of the folder went, so that who
// asks often writes seldom.
type disk struct {
	mu   sync.Mutex
	last time.Time
	err  error
}

const (
	probed    = 2 * time.Second
	probeSize = 1 << 20 // what a request or two may write
)

func (d *disk) probe(dir string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err == nil && time.Since(d.last) < probed {
		return nil
	}
	d.last, d.err = time.Now(), probe(dir)
	return d.err
}

// probe writes a file as large as a request or two may write, and takes it away.
func probe(dir string) error {
	f, err := os.CreateTemp(dir, ".ready-*")
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, probeSize))
	return errors.Join(err, f.Close(), os.Remove(f.Name()))
}
