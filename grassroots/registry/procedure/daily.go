package procedure

import (
	"context"
	"fmt"

	"unionhall/commons/message"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

// mostAlerts is how many reminders one day's work leaves; what is left comes
// the next day.
const mostAlerts = 500

// Remind tells who must act of cases that have used most of their time, and
// again of those that have used all of it; each once. The day's work asks.
//
// law: LEG-07, PL-25
func Remind(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day, at day.Instant) error {
	all, err := sqldb.List(ctx, tx, scanCase, selectCases+` AND c.ended IS NULL AND (c.alert_on <= $3 AND c.alerted = 0 OR c.due < $4 AND c.alerted < 100)
		ORDER BY c.alert_on, c.id LIMIT $5`, g.Tenant(), g.Under(), today, today, int64(mostAlerts))
	if err != nil || len(all) == 0 {
		return err
	}
	m := audit.Moves{}
	for _, c := range all {
		title, words := "“"+c.Title+"”快到期限", fmt.Sprintf("现在是“%s”，请在 %s 前办理。", c.State.Label(), c.Due)
		c.Alerted = 80
		if c.Due < today {
			title, words, c.Alerted = "“"+c.Title+"”已超过期限", fmt.Sprintf("现在是“%s”，期限是 %s。", c.State.Label(), c.Due), 100
		}
		if err := c.remind(ctx, tx, g, title, words, at); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE cases SET alerted = $1 WHERE tenant_id = $2 AND id = $3`, int64(c.Alerted), g.Tenant(), c.ID); err != nil {
			return err
		}
		if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "cases", ID: c.ID}); err != nil {
			return err
		}
	}
	return m.Write(ctx, tx, g, "cases", map[string]any{"did": "reminded", "cases": len(all)}, at)
}

// remind leaves a message for whoever the case waits for; once it is late also
// for the director.
func (c Case) remind(ctx context.Context, tx *sqldb.Tx, g auth.Grant, title, words string, at day.Instant) error {
	if c.State == Draft || c.State == Returned {
		return message.Send(ctx, tx, g.Tenant(), c.Account, title, words, c.Place(), at)
	}
	office := auth.Officer
	if c.State == Checked {
		office = auth.Director
	}
	err := message.ToUnion(ctx, tx, g.Tenant(), c.Union.ID, []auth.Office{office}, title, words, c.Place(), at)
	if err == nil && c.Alerted == 100 && office != auth.Director {
		err = message.ToUnion(ctx, tx, g.Tenant(), c.Union.ID, []auth.Office{auth.Director}, title, words, c.Place(), at)
	}
	return err
}

// Expire tells chairs and officers of certificates that come within the days
// of warning today, and of those that ended yesterday. The day's work asks.
//
// law: LEG-04, S2-02
func Expire(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day, at day.Instant) error {
	s, err := spansOf(ctx, tx, g.Tenant(), today)
	if err != nil {
		return err
	}
	for _, w := range []struct {
		on    day.Day
		words string
	}{
		{today.AddDays(s.warn), "法人资格证书将于 %s 到期，请准备换领。"}, {today.AddDays(s.window), "法人资格证书将于 %s 到期，现在可以申请换领。"}, {today.AddDays(-1), "法人资格证书已于 %s 到期，请尽快换领。"},
	} {
		due, err := sqldb.List(ctx, tx, scanCertificate, `SELECT `+certificateColumns+` FROM legal_persons k
			JOIN unions u ON u.tenant_id = k.tenant_id AND u.id = k.union_id
			WHERE k.tenant_id = $1 AND k.to_day = $2 AND k.state = 'valid' ORDER BY k.id`, g.Tenant(), w.on)
		if err != nil {
			return err
		}
		for _, c := range due {
			for _, o := range []auth.Office{auth.Chair, auth.Officer} {
				if err := message.ToUnion(ctx, tx, g.Tenant(), c.Union.ID, []auth.Office{o}, c.Union.Name+"：法人资格证书", fmt.Sprintf(w.words, c.To), c.Place(), at); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
