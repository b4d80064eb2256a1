package message

import (
	"context"
	"slices"
	"time"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/gateway"
	"unionhall/kit/mail"
	"unionhall/kit/outbox"
	"unionhall/kit/sqldb"
)

// Post takes messages out of the house: it chooses the ways of each, and sends
// what the outbox holds.
type Post struct {
	DB     *sqldb.DB
	Box    *outbox.Box
	Mail   mail.Settings
	SMS    gateway.Gateway
	Guard  gateway.Guard
	Public string // https://union.example.cn: what links in letters begin with
	Now    func() time.Time
	// Late returns after how long an unread message goes a second way.
	Late func(ctx context.Context, tx *sqldb.Tx, tenant int64, today day.Day) (time.Duration, error)
}

// Ready reports whether the program was told how a channel works; an office
// can only open what is.
func (p *Post) Ready(c Channel) bool {
	switch c {
	case Mail:
		return p.Mail.Set()
	case SMS:
		return p.SMS.Set()
	}
	return c.Known()
}

// Office is a channel as the office keeps it.
type Office struct {
	ID      Channel `json:"id"`
	Label   string  `json:"label"`
	Ready   bool    `json:"ready"` // the server's settings know how
	Open    bool    `json:"open"`
	Version int64   `json:"version"`
	People  int64   `json:"people"` // proved addresses
}

// Place is the page of the channels.
func (Office) Place() string { return "/system/channels" }

// Said tells what became of the channel.
func (o Office) Said() string {
	if o.Open {
		return o.Label + "已开通。"
	}
	return o.Label + "已关闭，不再用它发消息。"
}

// Offices lists every channel as the office of the tenant keeps it.
func (p *Post) Offices(ctx context.Context, tx *sqldb.Tx, tenant int64) ([]Office, error) {
	type kept struct {
		open    bool
		version int64
	}
	rows, people := map[Channel]kept{}, map[Channel]int64{}
	err := sqldb.Each(ctx, tx, func(row sqldb.Row) (o Office, err error) { return o, row(&o.ID, &o.Open, &o.Version) },
		func(o Office) error { rows[o.ID] = kept{o.Open, o.Version}; return nil },
		`SELECT id, open, version FROM channels WHERE tenant_id = $1`, tenant)
	if err != nil {
		return nil, err
	}
	err = sqldb.Each(ctx, tx, func(row sqldb.Row) (o Office, err error) { return o, row(&o.ID, &o.People) },
		func(o Office) error { people[o.ID] = o.People; return nil },
		`SELECT channel, count(*) FROM addresses WHERE tenant_id = $1 AND proved IS NOT NULL GROUP BY channel`, tenant)
	out := make([]Office, len(Channels))
	for i, c := range Channels {
		k := rows[c]
		out[i] = Office{ID: c, Label: c.Label(), Ready: p.Ready(c), Open: k.open && p.Ready(c), Version: k.version, People: people[c]}
	}
	return out, err
}

// Open returns which channels the tenant's office has opened and the server
// knows how to use.
func (p *Post) Open(ctx context.Context, tx *sqldb.Tx, tenant int64) (map[Channel]bool, error) {
	out := map[Channel]bool{}
	err := sqldb.Each(ctx, tx, sqldb.Text, func(c string) error { out[Channel(c)] = p.Ready(Channel(c)); return nil },
		`SELECT id FROM channels WHERE tenant_id = $1 AND open`, tenant)
	return out, err
}

// Turn opens or closes a channel for the whole office, on the version that was
// read. One that the server has no settings for is fault.Conflict.
func (p *Post) Turn(ctx context.Context, tx *sqldb.Tx, g auth.Grant, c Channel, open bool, version int64, at day.Instant) (Office, error) {
	if !c.Known() {
		return Office{}, fault.New(fault.NotFound, "没有这种消息通道，请从页面上选。")
	}
	if open && !p.Ready(c) {
		return Office{}, fault.New(fault.Conflict, "服务器上还没有%s的设置，不能开通。请运维人员按帮助里的「消息通道」填好后重启程序。", c.Label())
	}
	n, err := tx.Exec(ctx, `
		INSERT INTO channels (tenant_id, id, open, version) VALUES ($1, $2, $3, cast($4 as bigint) + 1)
		ON CONFLICT (tenant_id, id) DO UPDATE SET open = excluded.open, version = excluded.version WHERE channels.version = $4`, g.Tenant(), string(c), open, version)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "%s刚刚已由他人改过，请刷新后再改。", c.Label())
	}
	if err != nil {
		return Office{}, err
	}
	o := Office{ID: c, Label: c.Label(), Ready: p.Ready(c), Open: open, Version: version + 1}
	return o, audit.Write(ctx, tx, g, string(c), map[string]any{"channel": c, "open": open}, at, audit.Touched{Table: "channels", ID: string(c)})
}

// Others lists the ways that a letter which did not arrive could go instead:
// those that reach its account and were not tried with its message.
func (p *Post) Others(ctx context.Context, tx *sqldb.Tx, g auth.Grant, l outbox.Letter) ([]Channel, error) {
	m := []waiting{{Message{ID: l.Thing}, l.Account}}
	known, err := p.reaches(ctx, tx, g.Tenant(), m)
	if err != nil {
		return nil, err
	}
	before, err := tried(ctx, tx, g.Tenant(), m)
	return slices.DeleteFunc(known[l.Account].proved, func(c Channel) bool { return before[l.Thing+" "+string(c)] }), err
}

// Instead sends the message of a letter that did not arrive another way. A way
// that does not reach its account is fault.Invalid, a letter that did arrive
// or was replaced already fault.Conflict.
//
// law: PL-13
func (p *Post) Instead(ctx context.Context, tx *sqldb.Tx, g auth.Grant, l outbox.Letter, c Channel, at day.Instant) (outbox.Letter, error) {
	if err := outbox.Replace(ctx, tx, g, l.ID, at); err != nil {
		return l, err
	}
	ways, err := p.Others(ctx, tx, g, l)
	if err != nil {
		return l, err
	}
	if !slices.Contains(ways, c) {
		return l, &fault.Error{Kind: fault.Invalid, Text: "没有改发，请按提示改正。", Fields: map[string]string{"channel": "改用：收件人没有验证过这种方式的地址，或已经用它发过"}}
	}
	next := outbox.Letter{Tenant: l.Tenant, ID: sqldb.NewID(), Kind: string(c), Target: string(c), Title: l.Title, Account: l.Account, Thing: l.Thing, Due: at}
	if err := p.Box.Put(ctx, tx, at, next); err != nil {
		return l, err
	}
	return outbox.Find(ctx, tx, g, next.ID)
}
