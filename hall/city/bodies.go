package city

import (
	"context"
	"fmt"
	"slices"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

// body is a body with who sits in it.
type body struct {
	registry.Body
	seated []registry.Seat
}

// bodies thinks up a union's committee, audit committee and women's committee:
// mostly in order, some overdue, some missing, some chairs vacant.
func (m *making) bodies(u union, ms []member.Member) []body {
	active := make([]member.Member, 0, len(ms))
	women := 0
	for _, x := range ms {
		if x.Status != member.Active {
			continue
		}
		active = append(active, x)
		if x.Person.Sex == member.Female {
			women++
		}
	}
	if len(active) == 0 || len(active) >= 25 && m.chance(3) {
		return nil // nobody to elect, or never founded a committee (ORG-10)
	}
	years := 3
	if m.chance(55) {
		years = 5
	}
	elected := m.dueSoon(u, years, m.elected(u, years))
	if elected == "" {
		return nil
	}
	out := m.terms(u, registry.Committee, active, elected, years)
	if u.Kind == registry.Single {
		return out
	}
	if !m.chance(5) {
		out = append(out, m.terms(u, registry.Audit, active, elected, years)...)
	}
	if women >= 10 && !m.chance(8) {
		out = append(out, m.terms(u, registry.Women, females(active), elected, years)...)
	}
	return out
}

func females(ms []member.Member) (out []member.Member) {
	for _, x := range ms {
		if x.Person.Sex == member.Female {
			out = append(out, x)
		}
	}
	return out
}

// elected is when the sitting body was elected: seven in a hundred are past
// their term.
func (m *making) elected(u union, years int) day.Day {
	from, to := m.Today.AddYears(-years).AddDays(20), m.Today.AddDays(-30)
	if m.chance(7) {
		from, to = m.Today.AddYears(-years).AddDays(-400), m.Today.AddYears(-years).AddDays(-2)
	}
	from = max(from, u.Founded)
	if from > to {
		return ""
	}
	return m.between(from, to)
}

// terms are the sitting body and, where the union is old enough, the one
// before it.
func (m *making) terms(u union, kind registry.BodyKind, who []member.Member, elected day.Day, years int) []body {
	nth := int64(1 + day.Years(u.Founded, elected)/years)
	now := m.body(u, kind, nth, who, elected, years)
	before := elected.AddYears(-years)
	if nth < 2 || before < u.Founded || len(who) < 12 {
		return []body{now}
	}
	old := m.body(u, kind, nth-1, who[len(who)/2:], before, years)
	old.Ended = elected
	for i := range old.seated {
		s := &old.seated[i]
		if s.To == "" {
			s.To, s.Ending = elected, registry.Expired
		}
	}
	return []body{old, now}
}

// offices of each kind of body, in the order they are filled.
var offices = map[registry.BodyKind][]registry.Office{
	registry.Committee: {registry.Chairing, registry.Vice, registry.Organising, registry.Publicity, registry.Culture, registry.Welfare, registry.WomenMember},
	registry.Audit:     {registry.Director, registry.Ordinary, registry.Ordinary},
	registry.Women:     {registry.Director, registry.Deputy, registry.Ordinary, registry.Ordinary, registry.Ordinary},
}

func (m *making) body(u union, kind registry.BodyKind, nth int64, who []member.Member, elected day.Day, years int) body {
	list := offices[kind]
	switch {
	case u.Kind == registry.Single:
		list = list[:1]
	case len(who) < 25:
		list = list[:min(3, len(list))]
	}
	b := body{Body: registry.Body{
		ID: m.id(), UnionID: u.ID, Kind: kind, Nth: nth, Size: int64(len(list)), Elected: elected, Due: elected.AddYears(years),
		Document: fmt.Sprintf("滨直工〔%s〕%d号", elected[:4], 1+m.rand.IntN(90)),
	}}
	who = womanAt(who, slices.Index(list, registry.WomenMember))
	skip := map[registry.BodyKind]int{registry.Audit: 7, registry.Women: 0}[kind]
	for i, o := range list {
		at := (i + skip) % len(who)
		if i >= len(who) {
			break
		}
		s := registry.Seat{ID: m.id(), MemberID: who[at].ID, Office: o, From: elected, How: registry.ByElection, Document: b.Document, FullTime: o == registry.Chairing && u.size > 400}
		if o.Heads() && m.chance(4) { // a vacancy
			s.To, s.Ending, s.EndDoc = m.between(elected, m.Today), registry.Relocated, "滨组干字〔2026〕18号"
		}
		b.seated = append(b.seated, s)
	}
	return b
}

// womanAt is who with a woman at the place, where there is one after it: she who
// answers for the women in the committee.
func womanAt(who []member.Member, at int) []member.Member {
	if at < 0 || at >= len(who) {
		return who
	}
	i := slices.IndexFunc(who[at:], func(x member.Member) bool { return x.Person.Sex == member.Female })
	if i < 1 {
		return who
	}
	who = slices.Clone(who)
	who[at], who[at+i] = who[at+i], who[at]
	return who
}

// seat writes bodies and adds their seals to the batch's.
func (m *making) seat(ctx context.Context, tx *sqldb.Tx, batch *member.Batch, bodies []body) error {
	for _, b := range bodies {
		if err := registry.TakeOver(ctx, tx, m.g, batch.Moves(), b.Body, b.seated); err != nil {
			return fmt.Errorf("%s of %s: %w", b.Kind, b.UnionID, err)
		}
	}
	return nil
}
