package city

import (
	"context"
	"math/rand/v2"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/term"
	"unionhall/kit/audit"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

// meetings thinks up when the members or delegates of each union last met:
// nine in ten within the year, and women among the delegates as they come.
func (m *making) meetings(ctx context.Context, tx *sqldb.Tx) error {
	m.rand = rand.New(rand.NewPCG(m.Seed, 20140214)) // its own, so that the rest of the city stays as it is
	moves, n := audit.Moves{}, 0
	for _, u := range m.unions {
		if u.Kind == registry.Single || m.chance(8) {
			continue // nobody has written any down
		}
		ago := 20 + m.rand.IntN(330)
		if m.chance(10) {
			ago = 370 + m.rand.IntN(200)
		}
		x := term.Meeting{ID: m.id(), UnionID: u.ID, Day: max(m.Today.AddDays(-ago), u.Founded), Kind: term.OfMembers, Called: term.Yearly, Due: int64(u.size),
			Agenda: "工作报告、财务报告、经审报告", Resolutions: "通过三项报告"}
		if u.size >= 100 {
			x.Kind, x.Due = term.OfDelegates, 30+int64(u.size)/20
			x.Delegates, x.WomenAmong = x.Due, x.Due*int64(25+m.rand.IntN(30))/100
		}
		x.Present = x.Due * int64(75+m.rand.IntN(25)) / 100
		if err := term.TakeMeeting(ctx, tx, m.g, moves, x, m.at); err != nil {
			return err
		}
		n++
	}
	return moves.Write(ctx, tx, m.g, m.root.ID, map[string]any{"meetings": n}, m.at)
}

// known are the unions whose committees are due on a day of their own, so that
// the demo accounts of their chairs have something to do.
var known = map[string]int{"市财政局": 55, "市教育局": -40}

// dueSoon moves the day of election of such a union.
func (m *making) dueSoon(u union, years int, elected day.Day) day.Day {
	if days, ok := known[u.ShortName]; ok {
		return m.Today.AddYears(-years).AddDays(days)
	}
	return elected
}
