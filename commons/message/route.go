package message

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"unionhall/kit/day"
	"unionhall/kit/outbox"
	"unionhall/kit/sqldb"
)

// atOnce is how many messages one transaction chooses the ways of.
const atOnce = 100

// reach is what is known of an account when its messages are to leave.
type reach struct {
	choice  Choice
	proved  []Channel // with an address that was proved, in the order of Channels
	channel map[Channel]bool
}

// Route puts what was left for people since into the outbox, by the ways each
// of them chose. Several instances may do it at once.
//
// law: PL-13
func (p *Post) Route(ctx context.Context) error {
	return p.tenants(ctx, `SELECT t.tenant_id FROM tenants t WHERE EXISTS (SELECT 1 FROM messages m WHERE m.tenant_id = t.tenant_id AND m.routed IS NULL)`,
		func(tenant int64) error {
			for n := atOnce; n == atOnce; {
				err := p.DB.Chunk(ctx, func(tx *sqldb.Tx) (err error) {
					n, err = p.route(ctx, tx, tenant, day.At(p.Now()))
					return err
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
}

func (p *Post) tenants(ctx context.Context, q string, f func(tenant int64) error) error {
	var ids []int64
	err := p.DB.View(ctx, func(tx *sqldb.Tx) (err error) {
		ids, err = sqldb.List(ctx, tx, sqldb.Int, q)
		return err
	})
	for _, id := range ids {
		if err == nil {
			err = f(id)
		}
	}
	return err
}

// hold is the head that instances queue at.
func hold(ctx context.Context, tx *sqldb.Tx, tenant int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO counters (tenant_id, kind, scope, last) VALUES ($1, 'post', '-', 1)
		ON CONFLICT (tenant_id, kind, scope) DO UPDATE SET last = counters.last + 1`, tenant)
	return err
}

const selectWaiting = `SELECT m.id, m.account_id, m.class, m.title, m.href, m.at FROM messages m WHERE m.tenant_id = $1`

type waiting struct {
	Message
	account string
}

func scanWaiting(row sqldb.Row) (w waiting, err error) {
	err = row(&w.ID, &w.account, &w.Class, &w.Title, &w.Href, &w.At)
	if w.Class == "" {
		w.Class = classOf(w.Href)
	}
	return w, err
}

func (p *Post) route(ctx context.Context, tx *sqldb.Tx, tenant int64, at day.Instant) (int, error) {
	if err := hold(ctx, tx, tenant); err != nil {
		return 0, err
	}
	all, err := sqldb.List(ctx, tx, scanWaiting, selectWaiting+` AND m.routed IS NULL ORDER BY m.id LIMIT $2`, tenant, int64(atOnce))
	if err != nil || len(all) == 0 {
		return 0, err
	}
	known, err := p.reaches(ctx, tx, tenant, all)
	if err != nil {
		return 0, err
	}
	var letters []outbox.Letter
	for _, m := range all {
		r := known[m.account]
		for _, c := range r.choice.By[m.Class] {
			if !slices.Contains(r.proved, c) {
				continue
			}
			if c == Mail && r.choice.Digest && !m.Class.Presses() {
				if err := p.gather(ctx, tx, tenant, m, r.choice, &letters, at); err != nil {
					return 0, err
				}
				continue
			}
			due := at
			if m.Class != Safety {
				due = r.choice.quiet(at)
			}
			letters = append(letters, letterOf(tenant, m, c, due))
		}
	}
	if err := p.Box.Put(ctx, tx, at, letters...); err != nil {
		return 0, err
	}
	args, marks := []any{string(at), tenant}, []string{}
	for _, m := range all {
		args = append(args, m.ID)
		marks = append(marks, fmt.Sprintf("$%d", len(args)))
	}
	_, err = tx.Exec(ctx, `UPDATE messages SET routed = $1 WHERE tenant_id = $2 AND id IN (`+strings.Join(marks, ", ")+`)`, args...)
	return len(all), err
}

func letterOf(tenant int64, m waiting, c Channel, due day.Instant) outbox.Letter {
	return outbox.Letter{Tenant: tenant, Kind: string(c), Target: string(c), Title: m.Class.Label(), Account: m.account, Thing: m.ID, Due: due}
}

const digestKind, codeKind = "digest", "code"

// gather adds a message to its account's letter of the day, and makes that
// letter where none waits yet.
func (p *Post) gather(ctx context.Context, tx *sqldb.Tx, tenant int64, m waiting, c Choice, letters *[]outbox.Letter, at day.Instant) error {
	id, due := "", c.gather(at)
	for _, l := range *letters {
		if l.Kind == digestKind && l.Account == m.account {
			id = l.ID
		}
	}
	if id == "" {
		waits, err := sqldb.List(ctx, tx, sqldb.Text, `
			SELECT o.id FROM outbox o WHERE o.tenant_id = $1 AND o.thing_id = $2 AND o.kind = 'digest' AND o.state = 'waiting' AND o.tries = 0 AND o.due > $3 LIMIT 1`,
			tenant, m.account, string(at))
		if err != nil {
			return err
		}
		if len(waits) > 0 {
			id = waits[0]
		} else {
			id = sqldb.NewID()
			*letters = append(*letters, outbox.Letter{Tenant: tenant, ID: id, Kind: digestKind, Target: string(Mail), Title: "当日消息汇总", Account: m.account, Thing: m.account, Due: due})
		}
	}
	_, err := tx.Exec(ctx, `UPDATE messages SET digest = $1 WHERE tenant_id = $2 AND id = $3`, id, tenant, m.ID)
	return err
}

// reaches looks up what is known of the accounts of messages. One that is
// locked is reached nowhere.
func (p *Post) reaches(ctx context.Context, tx *sqldb.Tx, tenant int64, all []waiting) (map[string]*reach, error) {
	open, err := p.Open(ctx, tx, tenant)
	if err != nil {
		return nil, err
	}
	out, args, marks := map[string]*reach{}, []any{tenant}, []string{}
	for _, m := range all {
		if out[m.account] == nil {
			out[m.account] = &reach{choice: usual(), channel: map[Channel]bool{}}
			args = append(args, m.account)
			marks = append(marks, fmt.Sprintf("$%d", len(args)))
		}
	}
	among := ` IN (` + strings.Join(marks, ", ") + `)`
	type kept struct {
		account string
		choice  Choice
	}
	err = sqldb.Each(ctx, tx, func(row sqldb.Row) (k kept, err error) { k.account, k.choice, err = scanChoice(row); return k, err },
		func(k kept) error { out[k.account].choice = k.choice; return nil },
		`SELECT account_id, ways, quiet_from, quiet_to, digest, digest_at, version FROM message_ways WHERE tenant_id = $1 AND account_id`+among, args...)
	if err != nil {
		return nil, err
	}
	err = sqldb.Each(ctx, tx, func(row sqldb.Row) (v [2]string, err error) { return v, row(&v[0], &v[1]) },
		func(v [2]string) error { out[v[0]].channel[Channel(v[1])] = true; return nil }, `
		SELECT d.account_id, d.channel FROM addresses d JOIN accounts a ON a.tenant_id = d.tenant_id AND a.id = d.account_id AND NOT a.locked
		WHERE d.tenant_id = $1 AND d.proved IS NOT NULL AND d.account_id`+among, args...)
	for _, r := range out {
		for _, c := range Channels {
			if open[c] && r.channel[c] {
				r.proved = append(r.proved, c)
			}
		}
	}
	return out, err
}

// Press sends what nobody has read for long a second way: the first that is
// proved and was not tried. Where there is none, it is let be.
//
// law: S2-34, MSG-01
func (p *Post) Press(ctx context.Context) error {
	at := day.At(p.Now())
	return p.tenants(ctx, `SELECT t.tenant_id FROM tenants t WHERE EXISTS (SELECT 1 FROM messages m WHERE m.tenant_id = t.tenant_id AND m.read_at IS NULL AND m.pressed IS NULL)`,
		func(tenant int64) error {
			for n := atOnce; n == atOnce; {
				err := p.DB.Chunk(ctx, func(tx *sqldb.Tx) (err error) {
					n, err = p.press(ctx, tx, tenant, at)
					return err
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
}

func (p *Post) press(ctx context.Context, tx *sqldb.Tx, tenant int64, at day.Instant) (int, error) {
	late, err := p.Late(ctx, tx, tenant, at.Day())
	if err != nil {
		return 0, err
	}
	if err := hold(ctx, tx, tenant); err != nil {
		return 0, err
	}
	all, err := sqldb.List(ctx, tx, scanWaiting, selectWaiting+` AND m.read_at IS NULL AND m.pressed IS NULL AND m.routed IS NOT NULL AND m.at <= $2 ORDER BY m.at, m.id LIMIT $3`,
		tenant, string(later(at, -late)), int64(atOnce))
	if err != nil || len(all) == 0 {
		return 0, err
	}
	known, err := p.reaches(ctx, tx, tenant, all)
	if err != nil {
		return 0, err
	}
	tried, err := tried(ctx, tx, tenant, all)
	if err != nil {
		return 0, err
	}
	var letters []outbox.Letter
	for _, m := range all {
		if _, err := tx.Exec(ctx, `UPDATE messages SET pressed = $1 WHERE tenant_id = $2 AND id = $3 AND pressed IS NULL`, string(at), tenant, m.ID); err != nil {
			return 0, err
		}
		r := known[m.account]
		i := slices.IndexFunc(r.proved, func(c Channel) bool { return !tried[m.ID+" "+string(c)] })
		if m.Class.Presses() && i >= 0 {
			letters = append(letters, letterOf(tenant, m, r.proved[i], r.choice.quiet(at)))
		}
	}
	return len(all), p.Box.Put(ctx, tx, at, letters...)
}

// tried tells which messages went by which channel, as "message channel".
func tried(ctx context.Context, tx *sqldb.Tx, tenant int64, all []waiting) (map[string]bool, error) {
	out, args, marks := map[string]bool{}, []any{tenant}, []string{}
	for _, m := range all {
		args = append(args, m.ID)
		marks = append(marks, fmt.Sprintf("$%d", len(args)))
	}
	err := sqldb.Each(ctx, tx, func(row sqldb.Row) (v [2]string, err error) { return v, row(&v[0], &v[1]) },
		func(v [2]string) error { out[v[0]+" "+v[1]] = true; return nil },
		`SELECT thing_id, kind FROM outbox WHERE tenant_id = $1 AND thing_id IN (`+strings.Join(marks, ", ")+`)`, args...)
	return out, err
}
