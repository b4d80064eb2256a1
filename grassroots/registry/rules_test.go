package registry

import (
	"fmt"
	"slices"
	"testing"

	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/law"
)

const binjiang = 2106000001 // a tenant of the city 210600

func limits(t *testing.T, tenant int64, on day.Day) Limits {
	t.Helper()
	l, err := LimitsOf(law.Shipped, tenant, on)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func body(k BodyKind, elected, ended day.Day, heads int64) Body {
	return Body{Kind: k, Nth: 1, Elected: elected, Ended: ended, Holding: Holding{Seats: 3, Heads: heads, FullTime: 1, Women: 1}}
}

func TestMissing(t *testing.T) {
	l, beijing := limits(t, binjiang, "2026-04-02"), limits(t, 1101000001, "2026-04-02")
	sits := body(Committee, "2024-05-01", "", 1)
	for _, c := range []struct {
		law  string
		u    Union
		n    Figures
		in   []Body
		at   Limits
		want []string // rule since, hints in brackets
	}{
		{"ORG-10 twenty-five and no committee", Union{Kind: Base, Founded: "2010-03-01"}, Figures{Members: 25}, nil, l, []string{"ORG-10 2010-03-01"}},
		{"ORG-10 one less: ORG-11 lets choose", Union{Kind: Base, Founded: "2010-03-01"}, Figures{Members: 24}, nil, l, []string{"ORG-11 2010-03-01"}},
		{"ORG-10 since the last committee ended", Union{Kind: Base, Founded: "2010-03-01"}, Figures{Members: 30}, []Body{body(Committee, "2019-01-01", "2022-01-01", 0)}, l, []string{"ORG-10 2022-01-01"}},
		{"ORG-10 a committee sits", Union{Kind: Base}, Figures{Members: 30}, []Body{sits}, l, nil},
		{"ORG-10 one person is not enough", Union{Kind: Single, Founded: "2015-01-01"}, Figures{Members: 25}, []Body{sits}, l, []string{"ORG-10 2015-01-01"}},
		{"ORG-11 an organiser is enough below", Union{Kind: Single}, Figures{Members: 24}, []Body{sits}, l, nil},
		{"ORG-11 nobody is registered yet", Union{Kind: Base}, Figures{}, nil, l, nil},
		{"ORG-01 an agency elects no committee", Union{Kind: Agency}, Figures{Members: 20000, Women: 9000}, nil, l, nil},
		{"ORG-12 own accounts, no audit committee", Union{Kind: Base, OwnAccount: true, Founded: "2010-03-01"}, Figures{Members: 30}, []Body{sits}, l, []string{"ORG-12 2010-03-01"}},
		{"ORG-12 at any size", Union{Kind: Base, OwnAccount: true}, Figures{Members: 3}, []Body{sits}, l, []string{"ORG-12 "}},
		{"ORG-12 with one", Union{Kind: Base, OwnAccount: true}, Figures{Members: 30}, []Body{sits, body(Audit, "2024-05-01", "", 1)}, l, nil},
		{"ORG-12 a branch has no accounts", Union{Kind: Branch, OwnAccount: true}, Figures{Members: 30}, nil, l, nil},
		{"ORG-13 ten women", Union{Kind: Base, Founded: "2010-03-01"}, Figures{Members: 30, Women: 10}, []Body{sits}, l, []string{"ORG-13 2010-03-01"}},
		{"ORG-13 nine women have a member", Union{Kind: Base}, Figures{Members: 30, Women: 9}, []Body{sits}, l, nil},
		{"ORG-13 nine women without one", Union{Kind: Base}, Figures{Members: 30, Women: 9}, []Body{{Kind: Committee, Holding: Holding{Heads: 1}}}, l, []string{"(ORG-13)"}},
		{"ORG-13 Beijing asks at twenty-five", Union{Kind: Base}, Figures{Members: 30, Women: 24}, []Body{sits}, beijing, nil},
		{"ORG-13 Beijing at twenty-five", Union{Kind: Base}, Figures{Members: 30, Women: 25}, []Body{sits}, beijing, []string{"ORG-13 "}},
		{"ORG-14 many and no groups", Union{Kind: Base}, Figures{Members: 40, Own: 40}, []Body{sits}, l, []string{"(ORG-14)"}},
		{"ORG-14 with groups", Union{Kind: Base}, Figures{Members: 40, Own: 40, Parts: 3}, []Body{sits}, l, nil},
		{"ORG-15 two in a group", Union{Kind: Group}, Figures{Members: 2, Own: 2}, []Body{sits}, l, []string{"(ORG-15)"}},
		{"ORG-15 six in a group", Union{Kind: Group}, Figures{Members: 6, Own: 6}, []Body{sits}, l, []string{"(ORG-15)"}},
		{"ORG-15 seven and twenty are fine", Union{Kind: Group}, Figures{Members: 20, Own: 20}, []Body{sits}, l, nil},
		{"ORG-24 two hundred staff", Union{Kind: Base, Staff: 200}, Figures{Members: 30}, []Body{{Kind: Committee, Holding: Holding{Heads: 1}}}, l, []string{"(ORG-24)"}},
		{"ORG-24 one less", Union{Kind: Base, Staff: 199}, Figures{Members: 30}, []Body{{Kind: Committee, Holding: Holding{Heads: 1}}}, l, nil},
		{"ELE-60 no chair since the election", Union{Kind: Base}, Figures{Members: 30}, []Body{body(Committee, "2024-05-01", "", 0)}, l, []string{"ELE-60 2024-05-01"}},
		{"ORG-05 a closed union owes nothing", Union{Kind: Base, State: Closed}, Figures{Members: 30}, nil, l, nil},
	} {
		t.Run(c.law, func(t *testing.T) {
			if c.u.State == "" {
				c.u.State = Standing
			}
			var got []string
			for _, m := range Missing(c.u, c.n, c.in, c.at) {
				s := m.Rule + " " + string(m.Since)
				if m.Hint {
					s = "(" + m.Rule + ")"
				}
				if _, ok := law.RuleOf(m.Rule); !ok || m.Text == "" {
					t.Errorf("%+v cites no rule", m)
				}
				got = append(got, s)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestVacancy(t *testing.T) {
	b := body(Committee, "2024-05-01", "", 0)
	b.Holding.HeadGone = "2026-01-31"
	got := Missing(Union{Kind: Base, State: Standing}, Figures{Members: 30}, []Body{b}, limits(t, binjiang, "2026-04-02"))
	if len(got) != 1 || got[0].Since != "2026-01-31" || got[0].Text != "主席空缺，应在 2026-07-31 前补选。" {
		t.Errorf("ELE-60: %+v", got)
	}
}

func TestMayHold(t *testing.T) {
	seat := func(id string, b BodyKind, o Office, female bool) Seat {
		return Seat{MemberID: id, Name: "甲", Body: b, Office: o, Female: female}
	}
	me := Candidate{MemberID: "me", Name: "王芳", Counts: true, Female: true}
	chief, keeper, kept, man := me, me, me, me
	chief.Chief, keeper.Keeper, kept.Counts, man.Female = true, true, false, false
	for _, c := range []struct {
		law  string
		c    Candidate
		b    BodyKind
		o    Office
		with []Seat
		want string
	}{
		{"ours: nothing stands against it", me, Committee, Chairing, nil, ""},
		{"ORG-20 the chief officer", chief, Committee, Ordinary, nil, "ORG-20"},
		{"ORG-20 nor in the standing committee", chief, Standings, StandingMember, nil, "ORG-20"},
		{"ORG-20 says nothing of the audit committee", chief, Audit, Ordinary, nil, ""},
		{"ORG-21 membership only kept", kept, Women, Ordinary, nil, "ORG-21"},
		{"ORG-22 finance staff do not audit", keeper, Audit, Ordinary, nil, "ORG-22"},
		{"ORG-22 nor who is in charge of funds", me, Audit, Ordinary, []Seat{seat("me", Committee, ViceFinance, true)}, "ORG-22"},
		{"ORG-22 another vice-chair may", me, Audit, Ordinary, []Seat{seat("me", Committee, Vice, true)}, ""},
		{"ORG-22 who audits keeps no funds", me, Committee, Finance, []Seat{seat("me", Audit, Ordinary, true)}, "ORG-22"},
		{"ORG-27 the chair does not audit", me, Audit, Director, []Seat{seat("me", Committee, Chairing, true)}, "ORG-27"},
		{"ORG-27 who audits does not chair", me, Committee, Chairing, []Seat{seat("me", Audit, Ordinary, true)}, "ORG-27"},
		{"ORG-27 one seat in a body", me, Committee, Ordinary, []Seat{seat("me", Committee, Vice, true)}, "ORG-27"},
		{"ORG-27 a seat in each of two bodies", me, Women, Ordinary, []Seat{seat("me", Committee, Ordinary, true)}, ""},
		{"ORG-23 the female chair directs", me, Women, Director, []Seat{seat("other", Committee, Chairing, true)}, "ORG-23"},
		{"ORG-23 she is the one", me, Women, Director, []Seat{seat("me", Committee, Chairing, true), seat("other", Committee, Vice, true)}, ""},
		{"ORG-23 no female chair: as agreed", me, Women, Director, []Seat{seat("other", Committee, Chairing, false)}, ""},
		{"ORG-23 a man does not direct", man, Women, Director, nil, "ORG-23"},
		{"ELE-17 standing members sit in the committee", me, Standings, StandingMember, nil, "ELE-17"},
		{"ELE-17 as this one", me, Standings, StandingMember, []Seat{seat("me", Committee, Ordinary, true)}, ""},
	} {
		t.Run(c.law, func(t *testing.T) {
			err := MayHold(c.c, c.b, c.o, c.with)
			got := ""
			if err != nil {
				got = fault.Of(err).Rule
				if fault.Of(err).Kind != fault.Invalid {
					t.Error(err)
				}
			}
			if got != c.want {
				t.Errorf("%q (%v), want %q", got, err, c.want)
			}
		})
	}
}

func TestDueDay(t *testing.T) {
	for _, c := range []struct {
		law     string
		kind    Kind
		elected day.Day
		years   int
		want    string
	}{
		{"ELE-01 three years", Base, "2023-06-01", 3, "2026-06-01"},
		{"ELE-01 five years from a leap day", Base, "2024-02-29", 5, "2029-02-28"},
		{"LAW21-16 four years are none", Base, "2023-06-01", 4, "LAW21-16"},
		{"LAW21-16 a federation sits five", Federation, "2023-06-01", 3, "LAW21-16"},
		{"LAW21-16 as here", Federation, "2023-06-01", 5, "2028-06-01"},
		{"ORG-01 an agency has no term", Agency, "2023-06-01", 0, ""},
	} {
		t.Run(c.law, func(t *testing.T) {
			term, err := TermOf(law.Shipped, binjiang, Union{Kind: c.kind}, Committee, 100, c.elected)
			if err != nil {
				t.Fatal(err)
			}
			due, err := DueDay(c.elected, c.years, term.Years)
			got := string(due)
			if err != nil {
				got = fault.Of(err).Rule
			}
			if got != c.want {
				t.Errorf("%q (%v), want %q", got, err, c.want)
			}
		})
	}
}

// The bands of organisation.md 2.4 and what is asked outside them.
func TestSeats(t *testing.T) {
	own := law.Own{Param: law.Param{ID: "election.committee_bands", Value: "24:3-5;200:3-7;*:7-15", Region: fmt.Sprint(binjiang)}}
	for _, c := range []struct {
		law     string
		book    law.Book
		members int64
		seats   int64
		said    int  // warnings
		reason  bool // asked for
	}{
		{"ELE-20 seven for two hundred", law.Shipped, 200, 7, 0, false},
		{"ELE-20 eight is outside and even; the band is only recalled", law.Shipped, 200, 8, 2, false},
		{"ELE-20 fifteen for two hundred and one", law.Shipped, 201, 15, 0, false},
		{"ELE-20 confirmed by the office it binds", law.Shipped.With([]law.Own{own}), 200, 9, 0, true},
	} {
		t.Run(c.law, func(t *testing.T) {
			term, err := TermOf(c.book, binjiang, Union{Kind: Base}, Committee, c.members, "2026-04-02")
			if err != nil {
				t.Fatal(err)
			}
			said, err := term.judge(Installing{Seats: c.seats})
			if len(said) != c.said || (err != nil) != c.reason || err != nil && fault.Of(err).Rule != "ELE-20" {
				t.Errorf("%q, %v", said, err)
			}
			if _, err := term.judge(Installing{Seats: c.seats, Reason: "处室较多"}); err != nil {
				t.Errorf("with a reason: %v", err)
			}
		})
	}
}

func TestFlagged(t *testing.T) {
	moved := Seat{Office: Chairing, Due: "2026-06-01", To: "2026-01-01", Ending: Relocated}
	half, both, retired, after, member := moved, moved, moved, moved, moved
	half.OwnConsent = "委员会 2025-12-20"
	both.OwnConsent, both.Consent = "委员会 2025-12-20", "工委〔2025〕9号"
	retired.Ending, after.To, member.Office = Retired, "2026-06-01", Ordinary
	for _, c := range []struct {
		law  string
		seat Seat
		want bool
	}{
		{"ORG-25 a chair moved without consent", moved, true},
		{"ORG-25 one consent is not two", half, true},
		{"ORG-25 both", both, false},
		{"ORG-25 retirement is no move", retired, false},
		{"ORG-25 the term is over", after, false},
		{"ORG-25 an ordinary member may be moved", member, false},
	} {
		if got := c.seat.Flagged(); got != c.want {
			t.Errorf("%s: %v", c.law, got)
		}
	}
}

// Every kind may stand somewhere, nothing stands under itself by a ring of
// kinds but a unit's union under another's, and a group ends the tree.
func TestTakes(t *testing.T) {
	for _, k := range Kinds {
		if k.Label() == string(k) {
			t.Errorf("%s has no label", k)
		}
		stands := k == National
		for _, above := range Kinds {
			stands = stands || slices.Contains(above.Takes(), k)
		}
		if !stands {
			t.Errorf("%s may stand nowhere", k)
		}
		for _, b := range k.BodyKinds() {
			if len(k.Offices(b)) == 0 || b.Label() == string(b) {
				t.Errorf("%s %s has no offices", k, b)
			}
			for _, o := range k.Offices(b) {
				if o.Label() == string(o) {
					t.Errorf("%s has no label", o)
				}
			}
		}
	}
	if len(Group.Takes()) > 0 || len(Single.Takes()) > 0 {
		t.Error("a group or a single chair has unions below it")
	}
}
