package hall

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"unionhall/hall/keep"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/job"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
)

// Rekey is the change of keys, as the log names it, and the job that seals
// everything anew.
const Rekey auth.Action = "keys.rotate"

const rekeys = "keys"

// knowKeys is how often an instance looks whether its key file was written.
const knowKeys = 5 * time.Second

func (h *House) knowKeys(context.Context) error { return h.DB.Keys().Refresh() }

// reseal is the job that seals an office's values by the current generation.
func (h *House) reseal(ctx context.Context, t *job.Turn) (string, error) {
	if err := h.DB.Keys().Refresh(); err != nil {
		return "", err
	}
	var in struct {
		Version uint16
		Root    string
	}
	if err := t.In(&in); err != nil {
		return "", err
	}
	if h.DB.Keys().Current() != in.Version {
		return "", fmt.Errorf("the key file of this instance does not seal by generation %d yet", in.Version)
	}
	g := auth.System(t.Tenant, "system", Rekey, in.Root)
	last := time.Now()
	r, err := keep.Reseal(ctx, h.DB, g, t.ID, t.Now, func(r keep.Resealing) error {
		if time.Since(last) < time.Second {
			return ctx.Err()
		}
		last = time.Now()
		return t.Step(ctx, r.Done, 0, fmt.Sprintf("已换 %d 处", r.Done))
	})
	if err != nil {
		return "", err
	}
	if r.Unknown > 0 {
		slog.Warn("sealed under other names, left as they are", "values", r.Unknown)
	}
	return "/jobs", nil
}

// AddKeys puts a new generation of keys into the key file; it seals nothing
// before UseKeys.
func AddKeys(s Settings, suite string) (uint16, error) {
	of, err := seal.SuiteOf(suite)
	if err != nil {
		return 0, err
	}
	return seal.Add(s.keyFile(), of)
}

// UseKeys lets the newest generation seal from now on, and has every office
// sealed anew: here, or by whichever instance is faster. It returns when that
// is done; cut off, it goes on by itself.
func (h *House) UseKeys(ctx context.Context, by string) error {
	all, err := seal.Generations(h.Settings.keyFile())
	if err != nil {
		return err
	}
	newest := all[len(all)-1].Version
	if err := seal.Use(h.Settings.keyFile(), newest); err != nil {
		return err
	}
	if err := h.DB.Keys().Refresh(); err != nil {
		return err
	}
	var tenants []int64
	err = h.DB.View(ctx, func(tx *sqldb.Tx) (err error) {
		tenants, err = audit.Tenants(ctx, tx)
		return err
	})
	for _, tenant := range tenants {
		if err == nil {
			err = h.beginReseal(ctx, tenant, by, newest)
		}
		if err == nil {
			err = h.Runner.RunAbout(ctx, tenant, rekeys)
		}
	}
	return err
}

func (h *House) beginReseal(ctx context.Context, tenant int64, by string, version uint16) error {
	return h.asOffice(ctx, tenant, by, Rekey, func(tx *sqldb.Tx, g auth.Grant, at day.Instant) error {
		open, err := job.Open(ctx, tx, tenant, rekeys)
		if err != nil || open {
			return err
		}
		j, err := h.Runner.Start(ctx, tx, g, at, rekeys, "更换密钥", rekeys, map[string]any{"Version": version, "Root": g.Under()})
		if err != nil {
			return err
		}
		return audit.Write(ctx, tx, g, j.ID, map[string]any{"generation": version}, at)
	})
}

// ListKeys writes the generations of keys, and how much each has sealed.
func (h *House) ListKeys(ctx context.Context, out io.Writer) error {
	all, err := seal.Generations(h.Settings.keyFile())
	if err != nil {
		return err
	}
	sealed, err := keep.Generations(ctx, h.DB)
	if err != nil {
		return err
	}
	for _, g := range all {
		mark := " "
		if g.Seals {
			mark = "*"
		}
		if _, err := fmt.Fprintf(out, "%s %d  %s  %s  %d 处\n", mark, g.Version, g.Made, g.Suite.Label(), sealed[g.Version]); err != nil {
			return err
		}
	}
	return nil
}
