package registry

import (
	"slices"
	"testing"

	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/law"
)

func TestStage(t *testing.T) {
	l := limits(t, binjiang, "2026-04-02")
	for _, c := range []struct {
		law   string
		b     Body
		today day.Day
		want  Stage
		level int
	}{
		{"ORG-01 an agency has no term", Body{}, "2026-04-02", Termless, Untold},
		{"ELE-04 181 days before", Body{Due: "2026-12-31"}, "2026-07-03", InTerm, Untold},
		{"ELE-04 180 days before", Body{Due: "2026-12-31"}, "2026-07-04", Nearing, 180},
		{"ELE-04 179 days before", Body{Due: "2026-12-31"}, "2026-07-05", Nearing, 180},
		{"ELE-04 91 days before", Body{Due: "2026-12-31"}, "2026-10-01", Nearing, 180},
		{"ELE-04 90 days before", Body{Due: "2026-12-31"}, "2026-10-02", Nearing, 90},
		{"ELE-04 60 days before", Body{Due: "2026-12-31"}, "2026-11-01", Nearing, 60},
		{"ELE-04 30 days before", Body{Due: "2026-12-31"}, "2026-12-01", Nearing, 30},
		{"ELE-04 one day before", Body{Due: "2026-12-31"}, "2026-12-30", Nearing, 30},
		{"ELE-04 the day", Body{Due: "2026-12-31"}, "2026-12-31", FallingDue, 0},
		{"ELE-03 one day after", Body{Due: "2026-12-31"}, "2027-01-01", PastTerm, ToldPast},
		{"ELE-03 180 days after", Body{Due: "2026-12-31"}, "2027-06-29", PastTerm, ToldPast},
		{"ELE-03 181 days after", Body{Due: "2026-12-31"}, "2027-06-30", LongPast, ToldGrave},
		{"ELE-02 extended, on the first day", Body{FirstDue: "2026-12-31", Due: "2027-06-30"}, "2026-12-31", InTerm, Untold},
		{"ELE-02 extended, the day after it", Body{FirstDue: "2026-12-31", Due: "2027-06-30"}, "2027-01-01", Prolonged, 180},
		{"ELE-02 extended, the day", Body{FirstDue: "2026-12-31", Due: "2027-06-30"}, "2027-06-30", FallingDue, 0},
		{"ELE-03 overdue counts from the extended day", Body{FirstDue: "2026-12-31", Due: "2027-06-30"}, "2027-07-01", PastTerm, ToldPast},
		{"ELE-01 29 February", Body{Due: day.Day("2024-02-29").AddYears(3)}, "2027-02-28", FallingDue, 0},
		{"one that has ended", Body{Due: "2020-12-31", Ended: "2021-02-01"}, "2026-04-02", Concluded, ToldGrave},
	} {
		t.Run(c.law, func(t *testing.T) {
			l.Today = c.today
			if got := c.b.Stage(l.Clock); got != c.want {
				t.Errorf("stage %s, want %s", got, c.want)
			}
			if got := l.Level(c.b.Due); got != c.level {
				t.Errorf("level %d, want %d", got, c.level)
			}
		})
	}
}

// The stages of every day of twelve years agree with a second way of counting
// days, one by one.
func TestStageByCounting(t *testing.T) {
	l := limits(t, binjiang, "2026-04-02")
	due := day.Day("2020-02-29")
	left := 6 * 366
	for l.Today = due.AddDays(-left); l.Today < "2026-12-31"; l.Today, left = l.Today.AddDays(1), left-1 {
		want := InTerm
		switch {
		case left < -180:
			want = LongPast
		case left < 0:
			want = PastTerm
		case left == 0:
			want = FallingDue
		case left <= 180:
			want = Nearing
		}
		if got := (Body{Due: due}).Stage(l.Clock); got != want {
			t.Fatalf("ELE-04 %s, %d days left: %s, want %s", l.Today, left, got, want)
		}
	}
}

func TestRemoves(t *testing.T) {
	half := law.Ratio{Num: 1, Den: 2}
	for _, c := range []struct {
		law           string
		voters, votes int64
		ok            bool
	}{
		{"ELE-62 46 of 90 is more than half", 90, 46, true},
		{"ELE-62 45 of 90 is half and no more", 90, 45, false},
		{"ELE-62 46 of 91", 91, 46, true},
		{"ELE-62 45 of 91", 91, 45, false},
		{"ELE-62 more votes than there are people", 10, 11, false},
		{"ELE-62 nobody", 0, 0, false},
	} {
		if err := Removes(c.voters, c.votes, half); (err == nil) != c.ok || err != nil && fault.Of(err).Rule != "ELE-62" {
			t.Errorf("%s: %v", c.law, err)
		}
	}
}

func TestByElected(t *testing.T) {
	for _, c := range []struct {
		law  string
		sits bool
		by   Elector
		ok   bool
	}{
		{"ELE-61 the committee chooses a member", true, ByCommittee, true},
		{"ELE-61 the meeting chooses a member", true, ByMeeting, true},
		{"ELE-61 the committee chooses another", false, ByCommittee, false},
		{"ELE-61 the meeting chooses another", false, ByMeeting, true},
		{"ELE-61 nobody says who chose", true, "", false},
	} {
		if err := ByElected(c.sits, c.by); (err == nil) != c.ok || err != nil && fault.Of(err).Rule != "ELE-61" {
			t.Errorf("%s: %v", c.law, err)
		}
	}
}

func TestWanting(t *testing.T) {
	l := limits(t, binjiang, "2026-04-02")
	sits := func(size, seats int64, more func(*Body)) Body {
		b := Body{Kind: Committee, Size: size, Elected: "2024-05-01", Holding: Holding{Seats: seats, Heads: 1, Women: 1}}
		if more != nil {
			more(&b)
		}
		return b
	}
	for _, c := range []struct {
		law  string
		n    Figures
		b    Body
		bind bool
		want []string // rule since until, hints in brackets
	}{
		{"all seats are taken", Figures{Members: 30}, sits(5, 5, nil), false, nil},
		{"ELE-63 one seat since the election", Figures{Members: 30}, sits(5, 4, nil), false, []string{"ELE-63 2024-05-01 2024-08-01"}},
		{"ELE-63 since somebody left", Figures{Members: 30}, sits(5, 4, func(b *Body) { b.Holding.OtherGone = "2026-01-31" }), false, []string{"ELE-63 2026-01-31 2026-04-30"}},
		{"ELE-60 the chair alone is no member's vacancy", Figures{Members: 30}, sits(5, 4, func(b *Body) { b.Holding.Heads = 0 }), false, []string{"ELE-60 2024-05-01 2024-11-01"}},
		{"ELE-60 a vice-chair left", Figures{Members: 30}, sits(5, 4, func(b *Body) { b.Holding.ViceGone = "2026-02-01" }), false, []string{"ELE-60 2026-02-01 2026-08-01", "ELE-63 2024-05-01 2024-08-01"}},
		{"ELE-60 another vice-chair sits", Figures{Members: 30}, sits(5, 5, func(b *Body) { b.Holding.ViceGone, b.Holding.Vices = "2026-02-01", 1 }), false, nil},
		{"ELE-20 above the band, recalled", Figures{Members: 30}, sits(9, 9, nil), false, []string{"(ELE-20)"}},
		{"ELE-20 above the band, confirmed, no reason", Figures{Members: 30}, sits(9, 9, nil), true, []string{"ELE-20 2024-05-01 "}},
		{"ELE-20 above the band with its reason", Figures{Members: 30}, sits(9, 9, func(b *Body) { b.Reason = "合并" }), true, []string{"(ELE-20)"}},
		{"ELE-20 201 members want seven", Figures{Members: 201}, sits(5, 5, nil), true, []string{"ELE-20 2024-05-01 "}},
		{"ELE-20 200 members may have five", Figures{Members: 200}, sits(5, 5, nil), true, nil},
		{"ELE-05 a year ago to the day", Figures{Members: 30, Met: "2025-04-02"}, sits(5, 5, nil), false, nil},
		{"ELE-05 a year and a day ago", Figures{Members: 30, Met: "2025-04-01"}, sits(5, 5, nil), false, []string{"ELE-05 2026-04-01 "}},
	} {
		t.Run(c.law, func(t *testing.T) {
			at := l
			at.SeatsBind = c.bind
			var got []string
			for _, m := range Missing(Union{Kind: Base, State: Standing}, c.n, []Body{c.b}, at) {
				s := m.Rule + " " + string(m.Since) + " " + string(m.Until)
				if m.Hint {
					s = "(" + m.Rule + ")"
				}
				got = append(got, s)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
