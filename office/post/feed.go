package post

import (
	"context"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
)

// Events are read off the blocks of the log: each line is in exactly one of
// them, and their numbers have no gap, so that a counter of blocks says what
// was told already. The counter is the head that instances queue at.

// catchUp moves the counter to the newest block where nobody listens, so that
// a new hook is not told the history of the house.
func catchUp(ctx context.Context, tx *sqldb.Tx, tenant int64) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO counters (tenant_id, kind, scope, last)
		SELECT cast($1 as bigint), 'hooks', '-', coalesce(max(b.no), 0) FROM audit_blocks b WHERE b.tenant_id = $1
		ON CONFLICT (tenant_id, kind, scope) DO UPDATE SET last = excluded.last
		WHERE NOT EXISTS (SELECT 1 FROM hooks h WHERE h.tenant_id = counters.tenant_id AND h.state = 'active')`, tenant)
	return err
}

// Feed leaves for every hook what happened since, a block of the log at a
// time.
func (m *Room) Feed(ctx context.Context) error {
	var ids []int64
	err := m.DB.View(ctx, func(tx *sqldb.Tx) (err error) {
		ids, err = sqldb.List(ctx, tx, sqldb.Int, `SELECT t.tenant_id FROM tenants t WHERE EXISTS (SELECT 1 FROM hooks h WHERE h.tenant_id = t.tenant_id AND h.state = 'active')`)
		return err
	})
	for _, id := range ids {
		for more := err == nil; more; {
			err = m.DB.Chunk(ctx, func(tx *sqldb.Tx) (err error) {
				more, err = m.feed(ctx, tx, id, day.At(m.Now()))
				return err
			})
			more = more && err == nil
		}
	}
	return err
}

// feed goes on by one block, if there is one.
func (m *Room) feed(ctx context.Context, tx *sqldb.Tx, tenant int64, at day.Instant) (bool, error) {
	next, err := sqldb.One(ctx, tx, sqldb.Int, `
		UPDATE counters SET last = last + 1 WHERE tenant_id = $1 AND kind = 'hooks' AND scope = '-'
			AND EXISTS (SELECT 1 FROM audit_blocks b WHERE b.tenant_id = counters.tenant_id AND b.no = counters.last + 1)
		RETURNING last`, tenant)
	if fault.Of(err).Kind == fault.NotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	hooks, err := allHooks(ctx, tx, tenant)
	if err != nil {
		return false, err
	}
	rows, err := audit.InBlock(ctx, tx, auth.System(tenant, "system", Look, ""), next)
	if err != nil {
		return false, err
	}
	for _, row := range rows {
		e, p, ok := m.read(row)
		if !ok {
			continue
		}
		for _, h := range hooks {
			if h.State == active && row.At >= h.Since && h.wants(e.Name) {
				if err := m.put(ctx, tx, h, p, at); err != nil {
					return false, err
				}
			}
		}
	}
	return true, nil
}

func (h Hook) wants(event string) bool {
	for _, e := range h.Events {
		if e == event {
			return true
		}
	}
	return false
}
