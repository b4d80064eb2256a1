package city

import (
	"context"
	"fmt"
	"strings"
	"time"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/grassroots/registry/procedure"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/files"
	"unionhall/kit/ident"
	"unionhall/kit/sqldb"
)

// Clerks are the accounts that the city's cases go through: those of the
// committee, and of the chairs of two unions.
type Clerks struct {
	Officer, Director string
	Chairs            [2]string
	Unions            [2]registry.Ref
}

// casework is the making of cases and certificates.
type casework struct {
	db       *sqldb.DB
	root     registry.Ref
	today    day.Day
	who      Clerks
	paper    files.Blob
	room     procedure.Room
	standing []standing
	made     map[string]procedure.Case
}

// standing is a unit's union with what a certificate of it says.
type standing struct {
	registry.Ref
	address, uscc, chair string
	elected, due         day.Day
}

// Casework gives most unions a certificate as legal persons, some of them
// ending, ended or behind a change, and lets a dozen cases run over three
// years into every state. paper is what is handed in for every paper.
func Casework(ctx context.Context, db *sqldb.DB, root registry.Union, today day.Day, who Clerks, paper files.Blob) error {
	w := &casework{db: db, root: root.Ref(), today: today, who: who, paper: paper, room: procedure.Room{Unions: registry.Room{Members: member.People{}}}, made: map[string]procedure.Case{}}
	if err := w.look(ctx); err != nil {
		return err
	}
	if err := w.certify(ctx); err != nil {
		return fmt.Errorf("certificates: %w", err)
	}
	for _, s := range w.plan() {
		if err := w.run(ctx, s); err != nil {
			return fmt.Errorf("%s of %s: %w", s.kind, s.union.Name, err)
		}
	}
	return nil
}

// look finds the units' unions in the order of their codes.
func (w *casework) look(ctx context.Context) error {
	return w.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		w.standing, err = sqldb.List(ctx, tx, func(row sqldb.Row) (s standing, err error) {
			return s, row(&s.ID, &s.Code, &s.Name, &s.address, &s.uscc, &s.chair, &s.elected, &s.due)
		}, `SELECT u.id, u.code, u.name, u.address, u.uscc,
				coalesce((SELECT m.name FROM seats s JOIN members m ON m.tenant_id = s.tenant_id AND m.id = s.member_id
					WHERE s.tenant_id = u.tenant_id AND s.union_id = u.id AND s.office = 'chair' AND s.to_day IS NULL ORDER BY s.from_day DESC LIMIT 1), ''),
				coalesce((SELECT b.elected FROM bodies b WHERE b.tenant_id = u.tenant_id AND b.union_id = u.id AND b.kind = 'committee' AND b.ended IS NULL LIMIT 1), ''),
				coalesce((SELECT b.due FROM bodies b WHERE b.tenant_id = u.tenant_id AND b.union_id = u.id AND b.kind = 'committee' AND b.ended IS NULL LIMIT 1), '')
			FROM unions u WHERE u.tenant_id = $1 AND u.kind IN ('base', 'joint') AND u.state = 'standing' AND u.parent_id = $2 ORDER BY u.code`, int64(Tenant), w.root.ID)
		return err
	})
}

func (w *casework) as(account string, o auth.Office, act auth.Action, under string) auth.Grant {
	return auth.As(Tenant, account, o, act, under)
}

// bare are the unions, by their place in the list, that have no certificate.
func bare(i int) bool { return i%12 == 5 }

// certify takes certificates into the register, some hundred in a piece.
func (w *casework) certify(ctx context.Context) error {
	const piece = 25
	for at := 0; at < len(w.standing); at += piece {
		err := w.db.Chunk(ctx, func(tx *sqldb.Tx) error {
			for i := at; i < min(at+piece, len(w.standing)); i++ {
				if s := w.standing[i]; !bare(i) && s.due != "" && s.elected < w.today {
					if err := w.enter(ctx, tx, i, s); err != nil {
						return fmt.Errorf("%s: %w", s.Name, err)
					}
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *casework) enter(ctx context.Context, tx *sqldb.Tx, i int, s standing) error {
	e := procedure.Entry{USCC: s.uscc, Name: s.Name, Authority: "滨江市总工会", Representative: s.chair, Premises: s.address, From: s.elected, To: s.due}
	if e.USCC == "" {
		e.USCC = ident.CheckedUSCC(fmt.Sprintf("81%sMC%06d", Region, 700000+i))
	}
	switch i % 17 {
	case 3:
		e.To = w.today.AddDays(21 + i%7)
	case 8:
		e.To = w.today.AddDays(40 + i%15)
	case 12:
		e.To = w.today.AddDays(-10 - i)
	case 14:
		e.Representative = "孙志远" // who went before
	}
	if e.From >= e.To {
		e.From = e.To.AddYears(-3) // elected anew since
	}
	e.Number = fmt.Sprintf("工法证字第%s%04d号", Region, i+1)
	g := w.as(w.who.Officer, auth.Officer, procedure.Enter, w.root.ID)
	_, _, err := procedure.EnterCertificate(ctx, tx, g, procedure.Entering{ID: s.ID, Document: "按证书原件补登", Entry: e}, w.at(max(w.today.AddDays(-400), e.From), 0))
	return err
}

// at is an instant of a working morning.
func (w *casework) at(d day.Day, minute int) day.Instant {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return day.Instant(d.Start())
	}
	return day.At(t.Add(time.Hour + time.Duration(minute)*time.Minute))
}

// move is one step of a case: so many days ago, by whom.
type move struct {
	ago      int
	act      auth.Action
	words    string
	document string
	entry    procedure.Entry
}

// story is a case from its beginning.
type story struct {
	kind   procedure.Kind
	union  registry.Ref
	chair  int // of the two chairs that asks; -1: the officer does
	fields map[string]string
	ago    int
	bare   bool // no papers are handed in
	moves  []move
}

// run lets a case go through its steps.
func (w *casework) run(ctx context.Context, s story) error {
	asker, office, under := w.who.Officer, auth.Officer, w.root.ID
	if s.chair >= 0 {
		asker, office, under = w.who.Chairs[s.chair], auth.Chair, w.who.Unions[s.chair].ID
	}
	for name, v := range map[string]string{"handler": "林晓燕", "phone": "0415-2019088", "reason": "机构改革，理顺组织关系"} {
		if s.fields[name] == "" {
			s.fields[name] = v
		}
	}
	return w.db.Do(ctx, func(tx *sqldb.Tx) error {
		began := w.at(w.today.AddDays(-s.ago), 0)
		g := w.as(asker, office, procedure.Ask, under)
		c, err := procedure.Open(ctx, tx, g, procedure.Asking{Kind: s.kind, Union: s.union.Code, Fields: s.fields}, began)
		if err != nil {
			return err
		}
		if !s.bare {
			if err := w.hand(ctx, tx, g, c, began); err != nil {
				return err
			}
		}
		for i, m := range s.moves {
			by := w.as(w.who.Officer, auth.Officer, m.act, w.root.ID)
			switch m.act {
			case procedure.Submit, procedure.Withdraw:
				by = w.as(asker, office, m.act, under)
			case procedure.Approve, procedure.Refuse:
				by = w.as(w.who.Director, auth.Director, m.act, w.root.ID)
			}
			in := procedure.Taking{ID: c.ID, Words: m.words, Document: m.document, Entry: m.entry}
			if c, err = w.room.Take(ctx, tx, by, in, w.at(w.today.AddDays(-m.ago), 10*(i+1))); err != nil {
				return fmt.Errorf("%s: %w", m.act, err)
			}
		}
		w.made[c.Title] = c
		return nil
	})
}

// hand hands in every paper that must be there.
func (w *casework) hand(ctx context.Context, tx *sqldb.Tx, g auth.Grant, c procedure.Case, at day.Instant) error {
	for _, p := range procedure.Needs(c, Tenant) {
		if p.Must {
			name, _, _ := strings.Cut(p.Name, "（")
			if _, err := procedure.Attach(ctx, tx, g, c.ID, p.ID, name+".PDF", w.paper, at); err != nil {
				return err
			}
		}
	}
	return nil
}
