package registry

import (
	"slices"
	"testing"

	"unionhall/kit/auth"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
)

// install begins a committee of 财政局 and returns it.
func (w *world) install(in Installing) Body {
	w.t.Helper()
	var b Body
	w.must(func(tx *sqldb.Tx) (err error) {
		b, _, err = Install(ctx, tx, w.officer(Appoint), w.ids["财政局"], in, now)
		return err
	})
	return b
}

func (w *world) fill(b Body, in Filling) func(*sqldb.Tx) error {
	return func(tx *sqldb.Tx) error {
		_, err := Fill(ctx, tx, w.officer(Appoint), b.ID, in, now)
		return err
	}
}

func elected(member string, o Office) Filling {
	return Filling{MemberID: member, Office: o, How: ByElection, Document: "滨工委〔2025〕8号"}
}

func TestInstall(t *testing.T) {
	each(t, func(w *world) {
		g := w.officer(Appoint)
		install := func(union string, in Installing) func(*sqldb.Tx) error {
			return func(tx *sqldb.Tx) error {
				_, _, err := Install(ctx, tx, g, w.ids[union], in, now)
				return err
			}
		}
		third := Installing{Kind: Committee, Nth: 3, Elected: "2023-06-01", Years: 3, Seats: 3}
		b := w.install(third)
		if b.Due != "2026-06-01" {
			t.Errorf("ELE-01: %s", b.Due)
		}
		wang := w.enrol(binjiang, "王芳", "female", "active", "财政局")
		w.must(w.fill(b, elected(wang, Chairing)))
		for _, c := range []struct {
			law   string
			union string
			rule  string
			in    Installing
		}{
			{"LAW21-16 four years", "教育局", "LAW21-16", Installing{Kind: Committee, Nth: 1, Elected: "2025-06-01", Years: 4, Seats: 3}},
			{"a third one again", "财政局", "", Installing{Kind: Committee, Nth: 3, Elected: "2025-06-01", Years: 3, Seats: 3}},
			{"elected before the one that sits", "财政局", "", Installing{Kind: Committee, Nth: 4, Elected: "2023-06-01", Years: 3, Seats: 3}},
			{"elected tomorrow", "财政局", "", Installing{Kind: Committee, Nth: 4, Elected: "2026-04-03", Years: 3, Seats: 3}},
			{"a branch has no audit committee", "第一分会", "", Installing{Kind: Audit, Nth: 1, Elected: "2025-06-01", Years: 3, Seats: 3}},
			{"no seats", "教育局", "", Installing{Kind: Committee, Nth: 1, Elected: "2025-06-01", Years: 3}},
		} {
			t.Run(c.law, func(*testing.T) { w.refused(fault.Invalid, c.rule, install(c.union, c.in)) })
		}
		w.must(install("工委", Installing{Kind: Committee, Nth: 1, Elected: "2025-06-01", Seats: 7})) // ORG-01
		fourth := Installing{Kind: Committee, Nth: 4, Elected: "2026-03-01", Years: 5, Seats: 5}
		got := w.race(20, func(_ int, tx *sqldb.Tx) error { return install("财政局", fourth)(tx) })
		if got["won"] != 1 || got[fault.Invalid] != 19 {
			t.Errorf("one open body of a kind: %v", got)
		}
		w.must(func(tx *sqldb.Tx) error {
			seats, err := Seats(ctx, tx, g, w.ids["财政局"])
			if len(seats) != 1 || seats[0].Ending != Expired || seats[0].To != "2026-03-01" || seats[0].Name != "王芳" {
				t.Errorf("ORG-28 the seat ran out: %+v", seats)
			}
			bodies, err2 := bodiesOf(ctx, tx, g, w.ids["财政局"], w.ids["工委"])
			if err2 != nil || len(bodies) != 3 || bodies[0].Due != "2031-03-01" || bodies[1].Due != "" {
				t.Errorf("%+v %v", bodies, err2)
			}
			return err
		})
	})
}

// Of twenty at once one gets the seat: the same person twice, two chairs, one
// seat too many.
func TestFillAtOnce(t *testing.T) {
	each(t, func(w *world) {
		b := w.install(Installing{Kind: Committee, Nth: 1, Elected: "2025-06-01", Years: 3, Seats: 3})
		var people []string
		for range 20 {
			people = append(people, w.enrol(binjiang, "王芳", "female", "active", "财政局"))
		}
		got := w.race(20, func(_ int, tx *sqldb.Tx) error { return w.fill(b, elected(people[0], Ordinary))(tx) })
		if got["won"] != 1 || got[fault.Invalid] != 19 {
			t.Errorf("ORG-27 one person, one seat: %v", got)
		}
		got = w.race(20, func(i int, tx *sqldb.Tx) error { return w.fill(b, elected(people[i], Chairing))(tx) })
		if got["won"] != 1 {
			t.Errorf("one chair: %v", got)
		}
		got = w.race(20, func(i int, tx *sqldb.Tx) error { return w.fill(b, elected(people[i], Ordinary))(tx) })
		if got["won"] != 1 {
			t.Errorf("three seats: %v", got)
		}
	})
}

// One person in two bodies at once: the union's row decides, not the body's.
func TestChairAndAuditorAtOnce(t *testing.T) {
	each(t, func(w *world) {
		bodies := []Body{
			w.install(Installing{Kind: Committee, Nth: 1, Elected: "2025-06-01", Years: 3, Seats: 3}),
			w.install(Installing{Kind: Audit, Nth: 1, Elected: "2025-06-01", Years: 3, Seats: 3}),
		}
		wang := w.enrol(binjiang, "王芳", "female", "active", "财政局")
		got := w.race(20, func(i int, tx *sqldb.Tx) error {
			return w.fill(bodies[i%2], elected(wang, []Office{Chairing, Director}[i%2]))(tx)
		})
		if got["won"] != 1 || got[fault.Invalid] != 19 {
			t.Errorf("ORG-27: %v", got)
		}
	})
}

func TestFillRefuses(t *testing.T) {
	each(t, func(w *world) {
		b := w.install(Installing{Kind: Committee, Nth: 1, Elected: "2025-06-01", Years: 3, Seats: 3})
		wang := w.enrol(binjiang, "王芳", "female", "active", "财政局")
		kept := w.enrol(binjiang, "李强", "male", "retained", "财政局")
		away := w.enrol(binjiang, "赵敏", "female", "active", "教育局")
		above := w.enrol(binjiang, "钱进", "male", "active", "工委")
		chief := elected(wang, Chairing)
		chief.Chief = true
		early, appointed := elected(wang, Chairing), elected(wang, Chairing)
		early.From, appointed.How = "2025-05-31", "drawn"
		for _, c := range []struct {
			law  string
			rule string
			in   Filling
		}{
			{"ORG-20", "ORG-20", chief},
			{"ORG-21", "ORG-21", elected(kept, Ordinary)},
			{"a member of another unit", "", elected(away, Ordinary)},
			{"nobody", "", elected("", Ordinary)},
			{"no such office", "", elected(wang, Director)},
			{"before the election", "", early},
			{"no such way", "", appointed},
		} {
			t.Run(c.law, func(*testing.T) { w.refused(fault.Invalid, c.rule, w.fill(b, c.in)) })
		}
		w.must(w.fill(b, elected(above, Vice))) // from the union above
		var agency Body
		w.must(func(tx *sqldb.Tx) (err error) {
			agency, _, err = Install(ctx, tx, w.officer(Appoint), w.ids["工委"], Installing{Kind: Committee, Nth: 1, Elected: "2025-06-01", Seats: 7}, now)
			return err
		})
		w.refused(fault.Invalid, "ORG-01", w.fill(agency, elected(above, Chairing)))
		w.must(w.fill(agency, Filling{MemberID: above, Office: Chairing, How: ByAppointing, From: "2025-06-01"}))
		w.must(func(tx *sqldb.Tx) error {
			found, err := searchPeople(ctx, tx, w.officer(Appoint), w.ids["财政局"], "进", today)
			if len(found) != 1 || found[0].Name != "钱进" || found[0].Female {
				t.Errorf("%+v", found)
			}
			inside, err2 := searchPeople(ctx, tx, w.grant(auth.Officer, "财政局", Appoint), w.ids["财政局"], "进", today)
			if err2 != nil || len(inside) != 0 {
				t.Errorf("above the reach: %+v %v", inside, err2)
			}
			return err
		})
	})
}

func TestVacateAndConsent(t *testing.T) {
	each(t, func(w *world) {
		b := w.install(Installing{Kind: Committee, Nth: 1, Elected: "2025-06-01", Years: 3, Seats: 3})
		wang := w.enrol(binjiang, "王芳", "female", "active", "财政局")
		g := w.officer(Appoint)
		var s Seat
		w.must(func(tx *sqldb.Tx) (err error) {
			s, err = Fill(ctx, tx, g, b.ID, elected(wang, Chairing), now)
			return err
		})
		leave := func(in Leaving) func(*sqldb.Tx) error {
			return func(tx *sqldb.Tx) error {
				_, err := Vacate(ctx, tx, g, s.ID, 1, in, now)
				return err
			}
		}
		w.refused(fault.Invalid, "", leave(Leaving{To: "2026-04-03", Ending: Relocated}))
		w.refused(fault.Invalid, "", leave(Leaving{To: "2025-05-31", Ending: Relocated}))
		w.refused(fault.Invalid, "", leave(Leaving{To: today, Ending: Removed})) // ELE-62: the resolution
		w.refused(fault.Invalid, "", leave(Leaving{To: today}))
		got := w.race(20, func(_ int, tx *sqldb.Tx) error {
			return leave(Leaving{To: "2026-01-31", Ending: Relocated, OwnConsent: "2026-01-20 会议"})(tx)
		})
		if got["won"] != 1 || got[fault.Conflict] != 19 {
			t.Errorf("%v", got)
		}
		w.must(func(tx *sqldb.Tx) error {
			seats, err := SeatsOf(ctx, tx, g, wang)
			if len(seats) != 1 || !seats[0].Flagged() {
				t.Errorf("ORG-25: %+v", seats)
			}
			row, err2 := List(ctx, tx, g, Query{Q: "财政"}, today)
			if err2 != nil || len(row.Items) != 1 || !slices.Contains(row.Items[0].Missing, "ELE-60") {
				t.Errorf("ELE-60: %+v %v", row, err2)
			}
			return err
		})
		w.must(func(tx *sqldb.Tx) error {
			s, err := Consent(ctx, tx, g, s.ID, 2, "", "工委〔2026〕2号", now)
			if s.Flagged() || s.OwnConsent == "" {
				t.Errorf("ORG-25: %+v", s)
			}
			return err
		})
		w.must(w.fill(b, Filling{MemberID: wang, Office: Chairing, How: ByByElection, From: today, Elector: ByMeeting})) // ORG-28: another seat
		w.must(func(tx *sqldb.Tx) error {
			now, err := Conclude(ctx, tx, g, b.ID, 1, paper(today), now)
			if now.Open() {
				t.Errorf("%+v", now)
			}
			return err
		})
		w.refused(fault.Conflict, "", w.fill(b, elected(wang, Ordinary)))
	})
}
