package message

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
)

// Choice is how an account wants to be told (消息方式): by class the channels
// beside the house itself, hours of quiet, and whether mail comes once a day.
type Choice struct {
	By        map[Class][]Channel `json:"ways"`
	QuietFrom string              `json:"quiet_from,omitempty"` // 22:00
	QuietTo   string              `json:"quiet_to,omitempty"`
	Digest    bool                `json:"digest"`
	DigestAt  string              `json:"digest_at"` // 08:00
	Version   int64               `json:"version"`
}

// usual is what holds for an account that chose nothing yet.
func usual() Choice {
	return Choice{By: map[Class][]Channel{Must: {Mail, SMS}, Duty: {Mail}, Own: {Mail}, Safety: {Mail}}, DigestAt: "08:00", QuietFrom: "22:00", QuietTo: "07:00"}
}

func scanChoice(row sqldb.Row) (account string, c Choice, err error) {
	var ways string
	if err = row(&account, &ways, &c.QuietFrom, &c.QuietTo, &c.Digest, &c.DigestAt, &c.Version); err == nil {
		err = json.Unmarshal([]byte(ways), &c.By)
	}
	return account, c, err
}

// ChoiceOf returns what g's account chose, or what holds as long as it chose
// nothing.
func ChoiceOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant) (Choice, error) {
	all, err := sqldb.List(ctx, tx, func(row sqldb.Row) (Choice, error) { _, c, err := scanChoice(row); return c, err },
		`SELECT account_id, ways, quiet_from, quiet_to, digest, digest_at, version FROM message_ways WHERE tenant_id = $1 AND account_id = $2`, g.Tenant(), g.Account())
	if err != nil || len(all) == 0 {
		return usual(), err
	}
	return all[0], nil
}

func hour(s string) bool {
	_, err := time.Parse("15:04", s)
	return err == nil && len(s) == 5
}

func (c Choice) check() error {
	fields := map[string]string{}
	if (c.QuietFrom == "") != (c.QuietTo == "") || c.QuietFrom != "" && (!hour(c.QuietFrom) || !hour(c.QuietTo)) {
		fields["quiet_from"] = "免打扰：起止两个时间都要填，例如 22:00 到 07:00；不要就都留空"
	}
	if !hour(c.DigestAt) {
		fields["digest_at"] = "汇总时间：请写成 08:00 这样"
	}
	for class, ways := range c.By {
		if !slices.Contains(Classes, class) || slices.ContainsFunc(ways, func(w Channel) bool { return !w.Known() }) {
			return fault.New(fault.Invalid, "没有这种消息或方式，请从页面上选。")
		}
	}
	if len(fields) > 0 {
		return &fault.Error{Kind: fault.Invalid, Text: "消息方式没有保存，请按提示改正。", Fields: fields}
	}
	return nil
}

// Choose keeps how g's account wants to be told, on the version that was read.
func Choose(ctx context.Context, tx *sqldb.Tx, g auth.Grant, c Choice, at day.Instant) (Choice, error) {
	if err := c.check(); err != nil {
		return c, err
	}
	ways, err := json.Marshal(c.By)
	if err != nil {
		return c, err
	}
	n, err := tx.Exec(ctx, `
		INSERT INTO message_ways (tenant_id, account_id, ways, quiet_from, quiet_to, digest, digest_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, cast($8 as bigint) + 1)
		ON CONFLICT (tenant_id, account_id) DO UPDATE SET ways = excluded.ways, quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to,
			digest = excluded.digest, digest_at = excluded.digest_at, version = excluded.version
		WHERE message_ways.version = $8`, g.Tenant(), g.Account(), string(ways), c.QuietFrom, c.QuietTo, c.Digest, c.DigestAt, c.Version)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "消息方式刚刚在别处改过，请刷新后再改。")
	}
	if err != nil {
		return c, err
	}
	c.Version++
	return c, audit.Write(ctx, tx, g.For(Ways), g.Account(), map[string]any{"did": "chose", "ways": c.By, "digest": c.Digest, "quiet": c.QuietFrom + "-" + c.QuietTo}, at)
}

// Place is the page of the choice.
func (Choice) Place() string { return "/account/messages" }

// Said is what the page says when it was kept.
func (Choice) Said() string { return "消息方式已保存。" }

// quiet returns the end of the hours of quiet that at falls in; at itself
// where it falls in none.
func (c Choice) quiet(at day.Instant) day.Instant {
	if c.QuietFrom == "" || c.QuietFrom == c.QuietTo {
		return at
	}
	today, now := at.Day(), at.Local()[11:]
	switch {
	case c.QuietFrom < c.QuietTo && now >= c.QuietFrom && now < c.QuietTo:
		return clock(today, c.QuietTo)
	case c.QuietFrom > c.QuietTo && now >= c.QuietFrom:
		return clock(today.AddDays(1), c.QuietTo)
	case c.QuietFrom > c.QuietTo && now < c.QuietTo:
		return clock(today, c.QuietTo)
	}
	return at
}

// gather returns when the letter of the day goes that takes up what comes at.
func (c Choice) gather(at day.Instant) day.Instant {
	if at.Local()[11:] < c.DigestAt {
		return clock(at.Day(), c.DigestAt)
	}
	return clock(at.Day().AddDays(1), c.DigestAt)
}

// clock is the instant of an hour in Beijing.
func clock(d day.Day, hour string) day.Instant {
	t, err := time.Parse("2006-01-02 15:04", string(d)+" "+hour)
	if err != nil {
		return day.Instant(d.Start())
	}
	return day.At(t.Add(-8 * time.Hour))
}
