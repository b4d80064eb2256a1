package hall

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"unionhall/grassroots/registry/admission"
	"unionhall/grassroots/registry/own"
	"unionhall/grassroots/registry/procedure"
	"unionhall/grassroots/registry/term"
	"unionhall/grassroots/registry/transfer"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/outbox"
	"unionhall/kit/sqldb"
	"unionhall/office/account"
)

// Nightly is the work that the log names when nobody asked for it.
const Nightly auth.Action = "daily.work"

// daily is a work that is done once a day for every office (每日办理):
// reminders, deadlines, drills. It writes in one transaction of some
// milliseconds, or starts a job; several instances do it once.
type daily struct {
	name string // never changed: it is stored
	do   func(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day, at day.Instant) error
}

// earliest is the hour in Beijing at which the day's work begins, so that
// reminders are there when people come.
const earliest = 6

// Daily does the works of the day that no instance has begun yet. It looks
// again every minute; a work that failed is tried again with the next look.
func (h *House) Daily(ctx context.Context) error {
	at := day.At(h.Now())
	if hour := h.Now().UTC().Add(8 * time.Hour).Hour(); hour < earliest {
		return nil
	}
	type office struct {
		id   int64
		root string
	}
	var all []office
	err := h.DB.View(ctx, func(tx *sqldb.Tx) (err error) {
		all, err = sqldb.List(ctx, tx, func(row sqldb.Row) (o office, err error) { return o, row(&o.id, &o.root) }, `
			SELECT t.tenant_id, u.id FROM tenants t JOIN unions u ON u.tenant_id = t.tenant_id AND u.parent_id IS NULL`)
		return err
	})
	for _, o := range all {
		for _, w := range h.rooms.daily {
			if e := h.once(ctx, w, auth.System(o.id, "system", Nightly, o.root), at); e != nil {
				err = errors.Join(err, e)
				slog.Error("daily work", "work", w.name, "err", e)
			}
		}
	}
	return err
}

// once does a work unless its row says that it was begun today. The row is the
// head that instances queue at: the second finds the day written and does
// nothing.
func (h *House) once(ctx context.Context, w daily, g auth.Grant, at day.Instant) error {
	today := at.Day()
	return h.DB.Chunk(ctx, func(tx *sqldb.Tx) error {
		n, err := tx.Exec(ctx, `
			INSERT INTO daily (tenant_id, work, day) VALUES ($1, $2, $3)
			ON CONFLICT (tenant_id, work) DO UPDATE SET day = excluded.day WHERE daily.day < excluded.day`, g.Tenant(), w.name, string(today))
		if err != nil || n == 0 {
			return err
		}
		return w.do(ctx, tx, g, today, at)
	})
}

// works are what is done every day, in this order.
func (h *House) works() []daily {
	return []daily{
		{"expired", func(ctx context.Context, tx *sqldb.Tx, g auth.Grant, _ day.Day, at day.Instant) error {
			_, err := account.Sweep(ctx, tx, g.Tenant(), at)
			return err
		}},
		{"outbox", func(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day, _ day.Instant) error {
			return outbox.Sweep(ctx, tx, g.Tenant(), today)
		}},
		{"drill", h.monthly},
		{"cases", procedure.Remind},
		{"certificates", procedure.Expire},
		{"applications", admission.RaiseLate},
		{"old applications", admission.Forget},
		{"transfers", transfer.Remind},
		{"data requests", own.Remind},
		{"retention", own.TellDue},
		{"terms", func(ctx context.Context, tx *sqldb.Tx, g auth.Grant, _ day.Day, at day.Instant) error {
			return term.Remind(ctx, tx, g.For(term.Tell), at)
		}},
		{"moves", func(ctx context.Context, tx *sqldb.Tx, g auth.Grant, _ day.Day, at day.Instant) error {
			return term.Lapse(ctx, tx, g.For(term.Tell), at)
		}},
	}
}
