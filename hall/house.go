// Package hall is the roof: the only place that knows every room. It opens
// the house, collects routes, rights, the menu and the jobs, and keeps the
// work going that nobody asks for.
package hall

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/intake"
	"unionhall/grassroots/registry/yearly"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/files"
	"unionhall/kit/job"
	"unionhall/kit/outbox"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
	"unionhall/office/account"
	"unionhall/office/post"
)

// House is an open house.
type House struct {
	Settings Settings
	DB       *sqldb.DB
	Files    files.Closer
	Runner   *job.Runner
	Intake   *intake.Room
	Yearly   *yearly.Room
	Accounts *account.Office
	Box      *outbox.Box
	Post     *post.Room
	Site     *web.Site
	Now      func() time.Time

	drains atomic.Bool
	demo   bool // the manual shows the parts of the pages as well
	rooms  rooms
	work   sync.WaitGroup
	stop   context.CancelFunc
	disk   disk
	tops   sync.Map // tenant to the id of the union at its top
}

// Open opens the house at s. The embedded database is made and brought to
// this version by itself; a server's must be there already: see Migrate.
func Open(ctx context.Context, s Settings) (*House, error) {
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return nil, fmt.Errorf("folder %s cannot be made: check the rights of the folder above it, or name another with --data", s.Data)
	}
	db, err := sqldb.Open(s.Where())
	if err != nil {
		return nil, err
	}
	h := &House{Settings: s, DB: db, Now: time.Now}
	if err := h.open(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return h, nil
}

func (h *House) open(ctx context.Context) error {
	if err := upgraded(ctx, h.DB, h.Settings); err != nil {
		return err
	}
	keys, err := keysFor(ctx, h.DB, h.Settings)
	if err != nil {
		return err
	}
	h.DB.UseKeys(keys)
	if h.Files, err = h.Settings.store(); err != nil {
		return err
	}
	h.Box = outbox.New(h.DB, func() time.Time { return h.Now() })
	h.Runner = job.NewRunner(h.DB, func() time.Time { return h.Now() })
	h.Site = &web.Site{DB: h.DB, Files: h.Files, Name: "职工之家", Now: func() time.Time { return h.Now() }}
	h.Site.Wide = h.wide
	h.Site.Figures, h.Site.MetricsToken = figures{h}, os.Getenv("UNIONHALL_METRICS_TOKEN")
	h.furnish()
	h.doors()
	return nil
}

// wide reports whether a grant reaches a whole office. The union at its top
// stays, so that it is looked up once.
func (h *House) wide(ctx context.Context, tx *sqldb.Tx, g auth.Grant) bool {
	top, known := h.tops.Load(g.Tenant())
	if !known {
		u, err := registry.Root(ctx, tx, g.Tenant())
		if err != nil {
			return false
		}
		top = u.ID
		h.tops.Store(g.Tenant(), top)
	}
	return top == g.Under()
}

// Close lets everything go, after the work that Run began has put down what
// it holds.
func (h *House) Close() error {
	if h.stop != nil {
		h.stop()
		h.work.Wait()
	}
	if h.Accounts.Texts != nil {
		h.Accounts.Texts.Wait()
	}
	return errors.Join(h.Files.Close(), h.DB.Close())
}

const fingerprint = "keys"

// keysFor loads the keys that belong to the database, or makes them for one
// that has none yet.
func keysFor(ctx context.Context, db *sqldb.DB, s Settings) (*seal.Keys, error) {
	var known []string
	err := db.View(ctx, func(tx *sqldb.Tx) (err error) {
		known, err = sqldb.List(ctx, tx, sqldb.Text, `SELECT value FROM installation WHERE name = $1`, fingerprint)
		return err
	})
	if err != nil {
		return nil, err
	}
	path := s.keyFile()
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && len(known) == 0 {
		if _, err := seal.CreateSuite(path, s.Suite); err != nil {
			return nil, err
		}
	}
	keys, err := seal.Load(path)
	if err != nil {
		return nil, err
	}
	if len(known) > 0 && known[0] != keys.Fingerprint() {
		return nil, fmt.Errorf("key file %s belongs to another database: put back the one that was kept with this database", path)
	}
	if len(known) == 0 {
		err = db.Do(ctx, func(tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO installation (name, value) VALUES ($1, $2)`, fingerprint, keys.Fingerprint())
			return err
		})
	}
	return keys, err
}

// sealEvery is how long a line of the log may stand before a block holds it.
const sealEvery = 500 * time.Millisecond

// postEvery is how long a message may stand before its ways are chosen.
const postEvery = 2 * time.Second

// Run begins the work that nobody asks for: sealing the log, doing jobs,
// sending messages. It
// goes on until Close.
func (h *House) Run(ctx context.Context) {
	ctx, h.stop = context.WithCancel(ctx)
	h.work.Go(func() { h.Runner.Run(ctx) })
	h.work.Go(func() { h.Box.Run(ctx) })
	h.work.Go(func() { h.every(ctx, postEvery, "messages not sent on", h.Post.Work) })
	h.work.Go(func() { h.every(ctx, time.Minute, "unread messages not pressed", h.Post.Post.Press) })
	h.work.Go(func() { h.every(ctx, sealEvery, "log not sealed", h.Chain) })
	h.work.Go(func() { h.every(ctx, time.Minute, "daily work not done", h.Daily) })
	h.work.Go(func() { h.every(ctx, knowKeys, "key file not read", h.knowKeys) })
}

// every does f again and again until ctx ends.
func (h *House) every(ctx context.Context, pause time.Duration, trouble string, f func(context.Context) error) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		if err := f(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, sqldb.ErrAway) {
			slog.Error(trouble, "err", err)
		}
	}
}

// Chain seals the lines of every tenant's log that no block holds yet. That
// another instance was faster is no trouble.
func (h *House) Chain(ctx context.Context) error {
	var open []int64
	err := h.DB.View(ctx, func(tx *sqldb.Tx) (err error) {
		open, err = sqldb.List(ctx, tx, sqldb.Int, `
			SELECT t.tenant_id FROM tenants t WHERE EXISTS (
				SELECT 1 FROM audit_rows a WHERE a.tenant_id = t.tenant_id AND a.block IS NULL)`)
		return err
	})
	if err != nil {
		return err
	}
	for _, t := range open {
		for n := 1; n > 0; {
			err := h.DB.Chunk(ctx, func(tx *sqldb.Tx) (err error) {
				n, err = audit.Chain(ctx, tx, t, day.At(h.Now()))
				return err
			})
			if fault.Of(err).Kind == fault.Conflict {
				break
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// Handler serves the whole house.
func (h *House) Handler() (http.Handler, error) {
	var err error
	if h.demo, err = h.isDemo(context.Background()); err != nil {
		return nil, err
	}
	return h.Site.Handler(h.Routes())
}
