// Package city makes a synthetic city: a committee, its unions, their members
// with three years of history, posts filled and vacant. The same plan makes
// the same city.
package city

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

// Plan says what city to make.
type Plan struct {
	Unions  int    // grassroots unions, 10 to 5,000
	Members int    // up to 300,000
	Years   int    // of history
	Seed    uint64 // the same seed, the same city
	Today   day.Day
	Say     func(done, total int) // progress; may be nil
}

// Tenant is the number of the synthetic committee, and Office its name.
const (
	Tenant = 2106000001
	Region = "210600"
	Office = "滨江市直机关工会工委"
)

// Make is what the log calls the making of the city.
const Make auth.Action = "demo.make"

// making is a city while it is made.
type making struct {
	Plan
	db     *sqldb.DB
	rand   *rand.Rand
	g      auth.Grant
	at     day.Instant
	ids    uint64
	unions []union
	root   registry.Ref
	seen   map[string]bool // document numbers given out
	clues  []member.Clue   // what search is to find
}

// union is a union with what the city needs to know to people it.
type union struct {
	registry.Union
	size    int // members it is to have
	parent  registry.Ref
	renamed string // what it was called before the reform
	moved   string // the union under which it stands since 2024
}

func (u union) ref() registry.Ref { return registry.Ref{ID: u.ID, Code: u.Code, Name: u.Name} }

// People are those behind the demo accounts of two unions: the chairs, and a
// plain member of each.
type People struct {
	Unions  [2]registry.Ref
	Chairs  [2]Person
	Members [2]Person
}

// Person is a member that a demo account belongs to.
type Person struct{ ID, Name string }

// Fill makes the city below the root union that the tenant has already.
func Fill(ctx context.Context, db *sqldb.DB, root registry.Union, p Plan) (People, error) {
	m := &making{Plan: p, db: db, rand: rand.New(rand.NewPCG(p.Seed, 20061122)), seen: map[string]bool{}}
	m.root = registry.Ref{ID: root.ID, Code: root.Code, Name: root.Name}
	m.g = auth.System(Tenant, "demo", Make, root.ID)
	now, err := time.Parse(time.DateOnly, string(p.Today))
	if err != nil {
		return People{}, err
	}
	m.at = day.At(now.Add(1 * time.Hour))
	m.plan()
	if err := db.Do(ctx, func(tx *sqldb.Tx) error { return m.found(ctx, tx) }); err != nil {
		return People{}, fmt.Errorf("unions: %w", err)
	}
	people, err := m.people(ctx)
	if err != nil {
		return People{}, fmt.Errorf("members: %w", err)
	}
	if err := db.Chunk(ctx, func(tx *sqldb.Tx) error { return m.meetings(ctx, tx) }); err != nil {
		return People{}, fmt.Errorf("meetings: %w", err)
	}
	var c People
	for i, unit := range []string{"市财政局", "市教育局"} {
		u := m.index(unit, i)
		c.Unions[i] = m.unions[u].ref()
		c.Chairs[i], c.Members[i] = people[u][0], people[u][1]
	}
	return c, nil
}

// index finds the union of a unit; another where the plan is too small for it.
func (m *making) index(unit string, another int) int {
	for i, u := range m.unions {
		if u.ShortName == unit {
			return i
		}
	}
	return another
}

// id makes ids that rise and come out alike for the same seed.
func (m *making) id() string {
	m.ids++
	const start = 0x0190_0000_0000 // a moment in 2024, in ms
	hi, lo := start+m.ids, m.rand.Uint64()
	return fmt.Sprintf("%08x-%04x-7%03x-%04x-%012x", hi>>16, hi&0xffff, lo>>52, 0x8000|lo>>48&0x3fff, lo&0xffff_ffff_ffff)
}

// between picks a day from one to another, both included.
func (m *making) between(from, to day.Day) day.Day {
	n := day.Days(from, to)
	if n <= 0 {
		return from
	}
	return from.AddDays(m.rand.IntN(n + 1))
}

func (m *making) chance(percent int) bool { return m.rand.IntN(100) < percent }

func pick[T any](m *making, list []T) T { return list[m.rand.IntN(len(list))] }
