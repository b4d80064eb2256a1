package member

import (
	"context"

	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/ident"
	"unionhall/kit/sqldb"
)

// Card is a member as pages and programs see one, numbers masked.
type Card struct {
	Row
	UnionName  string  `json:"union_name"`
	IDType     string  `json:"id_type"`
	Ethnic     string  `json:"ethnic"`
	Education  string  `json:"education"`
	Politics   string  `json:"politics"`
	Employment string  `json:"employment"`
	Skill      string  `json:"skill"`
	Household  string  `json:"household"`
	Domicile   string  `json:"domicile"`
	Native     string  `json:"native"`
	Migrant    bool    `json:"migrant"`
	WorkUnit   string  `json:"work_unit"`
	Duty       string  `json:"duty"`
	Title      string  `json:"title"`
	Email      string  `json:"email"`
	OuterCard  string  `json:"outer_card"`
	LeftDay    day.Day `json:"left_day"`
	Version    int64   `json:"version"`
	unionID    string
	tab        string // of the page that an act leads to
	said       string
	created    bool
}

// Revision is what an edit must name to be sure that it saw the latest.
func (c Card) Revision() int64 { return c.Version }

// Said tells the person what was done.
func (c Card) Said() string { return c.said }

// Created reports whether the act made the member.
func (c Card) Created() bool { return c.created }

func cardOf(m Member) Card {
	p := m.Person
	return Card{Row: Row{ID: m.ID, Name: p.Name, Sex: p.Sex, Birthday: p.Birthday, IDNo: ident.Mask(p.IDNo), Phone: ident.MaskPhone(p.Phone),
		Union: m.Union.Code, Status: m.Status, Joined: m.Joined, CardNo: m.CardNo, UnionName: m.Union.Name},
		UnionName: m.Union.Name, IDType: p.IDType, Ethnic: p.Ethnic, Education: p.Education, Politics: p.Politics, Employment: p.Employment, Skill: p.Skill,
		Household: p.Household, Domicile: p.Domicile, Native: p.Native, Migrant: p.Migrant, WorkUnit: p.WorkUnit, Duty: p.Duty, Title: p.Title,
		Email: p.Email, OuterCard: p.OuterCard, LeftDay: m.LeftDay, Version: m.Version, unionID: m.Union.ID}
}

// Past is one change of a membership as people read it.
type Past struct {
	Event
	FromName string `json:"from_name,omitempty"`
	ToName   string `json:"to_name,omitempty"`
	Who      string `json:"who"`
}

// Detail is one member with all that hangs on the person.
type Detail struct {
	Card
	History []Past          `json:"history"`
	Seats   []registry.Seat `json:"seats"`
	Files   []File          `json:"files"`
	Log     []Entry         `json:"log"`
	Looks   []Entry         `json:"looks"` // who saw the sealed fields
	today   day.Day
	may     rights
	account string
	shown   glimpse // a revealed value, for this page alone
	own     bool
	query   string // what the page is asked again with
}

// detailOf reads all that hangs on a member that g was seen to reach.
func detailOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m Member) (d Detail, err error) {
	d.Card, d.account = cardOf(m), g.Account()
	if d.History, err = pastOf(ctx, tx, g, m.ID); err != nil {
		return d, err
	}
	if d.Seats, err = registry.SeatsOf(ctx, tx, g, m.ID); err != nil {
		return d, err
	}
	if d.Files, err = filesOf(ctx, tx, g, m.ID); err != nil {
		return d, err
	}
	if d.Log, err = LogOf(ctx, tx, g, m.ID); err != nil {
		return d, err
	}
	d.Looks, err = LooksAt(ctx, tx, g.Tenant(), m, "", logRows)
	return d, err
}

// pastOf lists how a membership began and changed, with the unions' and the
// officers' names.
func pastOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) ([]Past, error) {
	events, err := History(ctx, tx, g, id)
	if err != nil {
		return nil, err
	}
	accounts := make([]string, len(events))
	unions := map[string]string{}
	for i, e := range events {
		accounts[i] = e.Account
		unions[e.From], unions[e.To] = "", ""
	}
	who, err := names(ctx, tx, g.Tenant(), accounts)
	if err != nil {
		return nil, err
	}
	delete(unions, "")
	args := []any{g.Tenant()}
	for u := range unions {
		args = append(args, u)
	}
	if len(args) > 1 {
		err = sqldb.Each(ctx, tx, func(row sqldb.Row) (v [2]string, err error) { return v, row(&v[0], &v[1]) }, func(v [2]string) error {
			unions[v[0]] = v[1]
			return nil
		}, `SELECT id, name FROM unions WHERE tenant_id = $1 AND id IN (`+marks(2, len(args)-1)+`)`, args...)
	}
	out := make([]Past, len(events))
	for i, e := range events {
		out[i] = Past{Event: e, FromName: unions[e.From], ToName: unions[e.To], Who: who.by(e.Account, "", false)}
	}
	return out, err
}
