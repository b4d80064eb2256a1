package term

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
)

// Leading is who leads a union while there is no chair (主持工作), with the
// consent of the Party organisation and of the higher union.
//
// law: ELE-60
type Leading struct {
	ID      string          `json:"id"`
	BodyID  string          `json:"body_id"`
	SeatID  string          `json:"seat_id"`
	Name    string          `json:"name"`
	Office  registry.Office `json:"office"`
	From    day.Day         `json:"from"`
	Until   day.Day         `json:"until"`
	Party   string          `json:"party_consent"`
	Consent string          `json:"above_consent"`
}

// Now reports whether somebody leads so on the day.
func (l Leading) Now(today day.Day) bool { return l.From <= today && today <= l.Until }

// leadsOf lists who led or leads the bodies of a union that g was seen to
// reach, the newest first.
func leadsOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, unionID string) ([]Leading, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (l Leading, err error) {
		return l, row(&l.ID, &l.BodyID, &l.SeatID, &l.Name, &l.Office, &l.From, &l.Until, &l.Party, &l.Consent)
	}, `
		SELECT d.id, d.body_id, d.seat_id, coalesce(m.name, ''), s.office, d.from_day, d.until, d.party_consent, d.above_consent
		FROM acting_leads d
		JOIN seats s ON s.tenant_id = d.tenant_id AND s.id = d.seat_id
		LEFT JOIN members m ON m.tenant_id = s.tenant_id AND m.id = s.member_id
		WHERE d.tenant_id = $1 AND d.union_id = $2 ORDER BY d.id DESC`, g.Tenant(), unionID)
}

// Leader is who is to lead, as an officer writes it down.
type Leader struct {
	Seat    string  `json:"seat" doc:"主持工作的人"`
	From    day.Day `json:"from" doc:"开始日期"`
	Until   day.Day `json:"until" doc:"到期日期"`
	Party   string  `json:"party_consent" doc:"党组织的同意意见"`
	Consent string  `json:"above_consent" doc:"上一级工会的同意意见"`
}

// AppointLead writes down who of the committee leads while there is no chair.
//
// law: ELE-60
func AppointLead(ctx context.Context, tx *sqldb.Tx, g auth.Grant, bodyID string, in Leader, at day.Instant) (Leading, error) {
	u, b, err := holdBody(ctx, tx, g, bodyID)
	if err != nil {
		return Leading{}, err
	}
	l, err := boundsOf(ctx, tx, g.Tenant(), at.Day())
	if err != nil {
		return Leading{}, err
	}
	vacant := b.Open() && b.Kind == registry.Committee && b.Holding.Heads == 0
	if err := Leads(vacant, in.From, in.Until, l.LeadMonths, at.Day()); err != nil {
		return Leading{}, err
	}
	in.Party, in.Consent = strings.TrimSpace(in.Party), strings.TrimSpace(in.Consent)
	for _, f := range [][3]string{{"party_consent", "党组织的同意意见", in.Party}, {"above_consent", "上一级工会的同意意见", in.Consent}} {
		if f[2] == "" || utf8.RuneCountInString(f[2]) > 100 {
			return Leading{}, wrong("ELE-60", f[0], "%s：请填写会议日期或文号，最多 100 个字。", f[1])
		}
	}
	seats, err := registry.Seats(ctx, tx, g, u.ID)
	if err != nil {
		return Leading{}, err
	}
	i := slices.IndexFunc(seats, func(s registry.Seat) bool { return s.ID == in.Seat && s.BodyID == b.ID && s.To == "" })
	if i < 0 {
		return Leading{}, wrong("ELE-60", "seat", "主持工作的人：请从在任的委员中选定一人。")
	}
	d := Leading{ID: sqldb.NewID(), BodyID: b.ID, SeatID: in.Seat, Name: seats[i].Name, Office: seats[i].Office, From: in.From, Until: in.Until, Party: in.Party, Consent: in.Consent}
	_, err = tx.Exec(ctx, `
		INSERT INTO acting_leads (tenant_id, id, union_id, body_id, seat_id, from_day, until, party_consent, above_consent, account_id, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		g.Tenant(), d.ID, u.ID, d.BodyID, d.SeatID, d.From, d.Until, d.Party, d.Consent, g.Account(), string(at))
	m := audit.Moves{}
	if err == nil {
		err = m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "acting_leads", ID: d.ID})
	}
	if err != nil {
		return d, err
	}
	return d, note(ctx, tx, g, m, u.ID, fmt.Sprintf("由%s主持工作，%s 至 %s", d.Name, d.From, d.Until), flow.Given{Document: d.Consent}, at)
}
