package registry

import (
	"slices"
	"strings"
	"testing"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
)

func TestEstablish(t *testing.T) {
	each(t, func(w *world) {
		g := w.officer(Found)
		found := func(u Union, p Paper) func(*sqldb.Tx) error {
			return func(tx *sqldb.Tx) error {
				_, _, err := Establish(ctx, tx, g, u, p, now)
				return err
			}
		}
		tax := Union{Name: "税务局机关工会", Kind: Base, ParentID: w.ids["工委"], USCC: "81210600MC0000012K", Staff: 60}
		var made Union
		w.must(func(tx *sqldb.Tx) (err error) {
			var warnings []string
			made, warnings, err = Establish(ctx, tx, g, tax, paper("2026-03-01"), now)
			if made.Code != "210600000008" || len(warnings) != 0 {
				t.Errorf("%+v %q", made, warnings)
			}
			return err
		})
		for _, c := range []struct {
			law  string
			kind fault.Kind
			rule string
			u    Union
			p    Paper
		}{
			{"a sibling bears the name", fault.Conflict, "", Union{Name: tax.Name, Kind: Base, ParentID: tax.ParentID}, paper(today)},
			{"another bears the code", fault.Conflict, "", Union{Name: "别名", Kind: Base, ParentID: tax.ParentID, USCC: tax.USCC}, paper(today)},
			{"ID-01 the checksum", fault.Invalid, "", Union{Name: "别名", Kind: Base, ParentID: tax.ParentID, USCC: "81210600MC0000012X"}, paper(today)},
			{"a group under a committee", fault.Invalid, "", Union{Name: "别名", Kind: Group, ParentID: tax.ParentID}, paper(today)},
			{"ORG-05 no document", fault.Invalid, "ORG-05", Union{Name: "别名", Kind: Base, ParentID: tax.ParentID}, Paper{Day: today}},
			{"a day to come", fault.Invalid, "ORG-05", Union{Name: "别名", Kind: Base, ParentID: tax.ParentID}, paper("2026-04-03")},
			{"IMP-04 a formula for a name", fault.Invalid, "", Union{Name: "=1+1", Kind: Base, ParentID: tax.ParentID}, paper(today)},
			{"no name", fault.Invalid, "", Union{Kind: Base, ParentID: tax.ParentID}, paper(today)},
			{"a name without end", fault.Invalid, "", Union{Name: strings.Repeat("长", 101), Kind: Base, ParentID: tax.ParentID}, paper(today)},
			{"no such parent", fault.NotFound, "", Union{Name: "别名", Kind: Base, ParentID: sqldb.NewID()}, paper(today)},
		} {
			t.Run(c.law, func(*testing.T) { w.refused(c.kind, c.rule, found(c.u, c.p)) })
		}
		w.must(func(tx *sqldb.Tx) error {
			_, warnings, err := Establish(ctx, tx, g, Union{Name: "报社工会", Kind: Base, ParentID: w.ids["工委"], USCC: "91350100M000100Y43"}, paper(today), now)
			if len(warnings) != 1 {
				t.Errorf("ID-01 warns, got %q", warnings)
			}
			return err
		})
		w.must(func(tx *sqldb.Tx) error { // the same name elsewhere is another union
			_, _, err := Establish(ctx, tx, g, Union{Name: tax.Name, Kind: Base, ParentID: w.ids["联合会"]}, paper(today), now)
			return err
		})
	})
}

// Out of reach is not found, for both ends of an act.
func TestActsWithinReach(t *testing.T) {
	each(t, func(w *world) {
		g := w.grant(auth.Officer, "联合会", Change)
		for name, f := range map[string]func(*sqldb.Tx) error{
			"rename": func(tx *sqldb.Tx) error {
				_, err := Rename(ctx, tx, g, w.ids["财政局"], 1, Naming{Name: "新名"}, paper(today), now)
				return err
			},
			"move from without": func(tx *sqldb.Tx) error {
				_, err := Move(ctx, tx, g, w.ids["财政局"], 1, w.ids["联合会"], paper(today), now)
				return err
			},
			"move to without": func(tx *sqldb.Tx) error {
				_, err := Move(ctx, tx, g, w.ids["审计局"], 1, w.ids["工委"], paper(today), now)
				return err
			},
			"merge into without": func(tx *sqldb.Tx) error {
				_, _, err := Merge(ctx, tx, g, roster{}, w.ids["审计局"], 1, w.ids["教育局"], paper(today), now)
				return err
			},
			"close": func(tx *sqldb.Tx) error {
				_, err := Close(ctx, tx, g, roster{}, w.ids["教育局"], 1, paper(today), now)
				return err
			},
			"amend": func(tx *sqldb.Tx) error {
				_, _, err := Amend(ctx, tx, g, w.ids["教育局"], 1, Particulars{}, now)
				return err
			},
			"install": func(tx *sqldb.Tx) error {
				_, _, err := Install(ctx, tx, g, w.ids["教育局"], Installing{Kind: Committee}, now)
				return err
			},
		} {
			t.Run(name, func(*testing.T) { w.refused(fault.NotFound, "", f) })
		}
	})
}

func TestAmend(t *testing.T) {
	each(t, func(w *world) {
		g, u := w.grant(auth.Chair, "财政局", Edit), w.union("财政局")
		p := u.Particulars()
		p.Address, p.Staff, p.Founded = "振兴大街 1 号", 80, "1988-05-01"
		w.must(func(tx *sqldb.Tx) error {
			now, _, err := Amend(ctx, tx, g, u.ID, u.Version, p, now)
			if now.Staff != 80 || now.Version != 2 {
				t.Errorf("%+v", now)
			}
			return err
		})
		err := w.db.Do(ctx, func(tx *sqldb.Tx) error {
			_, _, err := Amend(ctx, tx, g, u.ID, u.Version, p, now)
			return err
		})
		if want := "财政局已由工会主席于 2026-04-02 09:00 改过，请刷新后再办。"; err == nil || fault.Of(err).Text != want {
			t.Errorf("a stale edit: %v", err)
		}
		w.must(func(tx *sqldb.Tx) error {
			spans, err := spansOf(ctx, tx, g, u.ID)
			if len(spans) != 1 || spans[0].From != "1988-05-01" {
				t.Errorf("the first span follows the founding day: %+v", spans)
			}
			rows, err2 := audit.Of(ctx, tx, g, u.ID, "", 10)
			if err2 != nil || len(rows) != 2 || !strings.Contains(rows[0].Change, "职工人数") {
				t.Errorf("%+v %v", rows, err2)
			}
			return err
		})
	})
}

func TestRename(t *testing.T) {
	each(t, func(w *world) {
		g := w.officer(Change)
		w.must(func(tx *sqldb.Tx) error {
			_, err := Rename(ctx, tx, g, w.ids["财政局"], 1, Naming{Name: "财政和国资局"}, paper("2026-02-01"), now)
			return err
		})
		w.refused(fault.Invalid, "", func(tx *sqldb.Tx) error { // before the last change
			_, err := Rename(ctx, tx, g, w.ids["财政局"], 2, Naming{Name: "又一名"}, paper("2026-01-31"), now)
			return err
		})
		w.refused(fault.Conflict, "", func(tx *sqldb.Tx) error {
			_, err := Rename(ctx, tx, g, w.ids["财政局"], 2, Naming{Name: "教育局"}, paper(today), now)
			return err
		})
		w.refused(fault.Invalid, "", func(tx *sqldb.Tx) error { // a branch stands below it
			_, err := Rename(ctx, tx, g, w.ids["财政局"], 2, Naming{Name: "财政局", Kind: Single}, paper(today), now)
			return err
		})
		w.must(func(tx *sqldb.Tx) error { // twice on one day: the first lasted no day
			_, err := Rename(ctx, tx, g, w.ids["财政局"], 2, Naming{Name: "财政局"}, paper("2026-02-01"), now)
			return err
		})
		w.must(func(tx *sqldb.Tx) error {
			spans, err := spansOf(ctx, tx, g, w.ids["财政局"])
			var got []string
			for _, s := range spans {
				got = append(got, s.Act+" "+string(s.From)+" "+string(s.To)+" "+s.Name)
			}
			if want := []string{"imported 1990-05-01 2026-02-01 财政局", "renamed 2026-02-01 2026-02-01 财政和国资局", "renamed 2026-02-01  财政局"}; !slices.Equal(got, want) {
				t.Errorf("%q", got)
			}
			return err
		})
	})
}

// S2-01: a subtree moves, and the tree as of the last day of the year before
// is still the old one.
func TestMoveAndAsOf(t *testing.T) {
	each(t, func(w *world) {
		g := w.officer(Change)
		move := func(name, to string, version int64, on day.Day) func(*sqldb.Tx) error {
			return func(tx *sqldb.Tx) error {
				_, err := Move(ctx, tx, g, w.ids[name], version, w.ids[to], paper(on), now)
				return err
			}
		}
		w.refused(fault.Invalid, "ORG-06", move("财政局", "财政局", 1, today))
		w.refused(fault.Invalid, "", move("财政局", "第一分会", 1, today)) // the kind forbids it first
		w.refused(fault.Invalid, "", move("财政局", "工委", 1, today))   // it stands there
		w.must(move("财政局", "联合会", 1, "2026-02-01"))
		shape := func(g auth.Grant, on day.Day) string {
			var b strings.Builder
			w.must(func(tx *sqldb.Tx) error {
				b.Reset()
				nodes, err := AsOf(ctx, tx, g, on)
				for _, n := range nodes {
					b.WriteString(strings.Repeat(">", n.Depth) + n.Name + map[bool]string{true: "?"}[n.Absent] + " ")
				}
				return err
			})
			return b.String()
		}
		for _, c := range []struct {
			law  string
			over string
			on   day.Day
			want string
		}{
			{"ORG-06 S2-01 as of 31 December", "工委", "2025-12-31", "工委 >财政局 >>第一分会 >>>一组 >教育局 >联合会 >>审计局 "},
			{"the day before", "工委", "2026-01-31", "工委 >财政局 >>第一分会 >>>一组 >教育局 >联合会 >>审计局 "},
			{"the day itself", "工委", "2026-02-01", "工委 >教育局 >联合会 >>财政局 >>>第一分会 >>>>一组 >>审计局 "},
			{"today's superior sees its subtree of that day", "联合会", "2025-12-31", "联合会 >审计局 "},
			{"and of today", "联合会", today, "联合会 >财政局 >>第一分会 >>>一组 >审计局 "},
			{"before most were founded", "工委", "1990-12-31", "工委 >财政局 "},
			{"before the registry knows anything", "工委", "1980-01-01", "工委? "},
		} {
			t.Run(c.law, func(t *testing.T) {
				if got := shape(w.grant(auth.Officer, c.over, Look), c.on); got != c.want {
					t.Errorf("%s", got)
				}
			})
		}
		// Back again, then a ring in the past: the federation can't have stood
		// under 财政局 while that stood under it.
		w.must(move("财政局", "工委", 2, "2026-03-01"))
		w.must(func(tx *sqldb.Tx) error { // as if kinds allowed it
			spans, err := allSpans(ctx, tx, binjiang)
			if got := lastBelow(spans, w.ids["联合会"], w.ids["财政局"], "2026-02-15"); got != "2026-03-01" {
				t.Errorf("ORG-06 last day below: %q", got)
			}
			if got := lastBelow(spans, w.ids["联合会"], w.ids["财政局"], "2026-03-01"); got != "" {
				t.Errorf("ORG-06 from the first of March on: %q", got)
			}
			return err
		})
	})
}

// Two moves that would close a ring: each fits alone, only one may win.
func TestMovesAtOnceMakeNoRing(t *testing.T) {
	each(t, func(w *world) {
		g := w.officer(Change)
		pair := []string{"财政局", "教育局"}
		got := w.race(20, func(i int, tx *sqldb.Tx) error {
			_, err := Move(ctx, tx, g, w.ids[pair[i%2]], 1, w.ids[pair[1-i%2]], paper(today), now)
			return err
		})
		if got["won"] != 1 || got[fault.Conflict]+got[fault.Invalid] != 19 {
			t.Errorf("ORG-06: %v", got)
		}
	})
}

// A union founded while its parent moves stands under all that is above.
func TestEstablishWhileMoving(t *testing.T) {
	each(t, func(w *world) {
		got := w.race(20, func(i int, tx *sqldb.Tx) (err error) {
			if i == 7 {
				_, err = Move(ctx, tx, w.officer(Change), w.ids["财政局"], 1, w.ids["联合会"], paper(today), now)
			} else {
				_, _, err = Establish(ctx, tx, w.officer(Found), Union{Name: "分会" + string(rune('a'+i)), Kind: Branch, ParentID: w.ids["财政局"]}, paper(today), now)
			}
			return err
		})
		if got["won"] != 20 {
			t.Errorf("%v", got)
		}
	})
}

func TestMerge(t *testing.T) {
	each(t, func(w *world) {
		g := w.officer(Change)
		w.enrol(binjiang, "王芳", "female", "active", "教育局")
		w.enrol(binjiang, "李强", "male", "retained", "教育局")
		w.enrol(twin, "王芳", "female", "active", "教育局")
		w.refused(fault.Invalid, "ORG-05", func(tx *sqldb.Tx) error { // a branch stands below
			_, _, err := Merge(ctx, tx, g, roster{}, w.ids["财政局"], 1, w.ids["教育局"], paper(today), now)
			return err
		})
		w.refused(fault.Invalid, "", func(tx *sqldb.Tx) error {
			_, _, err := Merge(ctx, tx, g, roster{}, w.ids["教育局"], 1, w.ids["教育局"], paper(today), now)
			return err
		})
		got := w.race(20, func(_ int, tx *sqldb.Tx) error {
			_, n, err := Merge(ctx, tx, g, roster{}, w.ids["教育局"], 1, w.ids["财政局"], paper("2026-03-01"), now)
			if err == nil && n != 2 {
				t.Errorf("%d handed over", n)
			}
			return err
		})
		if got["won"] != 1 || got[fault.Conflict] != 19 {
			t.Errorf("ORG-05: %v", got)
		}
		u := w.union("教育局")
		if u.State != Merged || u.Closed != "2026-03-01" {
			t.Errorf("%+v", u)
		}
		w.must(func(tx *sqldb.Tx) error {
			f, err := FiguresOf(ctx, tx, g, w.ids["财政局"])
			if f != (Figures{Members: 1, Women: 1, Own: 1, Parts: 2}) {
				t.Errorf("MEM-19: %+v", f)
			}
			spans, err2 := spansOf(ctx, tx, g, u.ID)
			if err2 != nil || len(spans) != 2 || spans[1].IntoID != w.ids["财政局"] || spans[1].Document == "" {
				t.Errorf("%+v %v", spans, err2)
			}
			log, err3 := audit.Of(ctx, tx, g, w.ids["财政局"], "", 5)
			if err3 != nil || !strings.Contains(log[0].Change, "received") {
				t.Errorf("%+v %v", log, err3)
			}
			return err
		})
		w.refused(fault.Conflict, "", func(tx *sqldb.Tx) error { // it is no more
			_, _, err := Establish(ctx, tx, w.officer(Found), Union{Name: "分会", Kind: Branch, ParentID: u.ID}, paper(today), now)
			return err
		})
	})
}

func TestClose(t *testing.T) {
	each(t, func(w *world) {
		g := w.officer(Change)
		closing := func(name string, p Paper) func(*sqldb.Tx) error {
			return func(tx *sqldb.Tx) error {
				_, err := Close(ctx, tx, g, roster{}, w.ids[name], 1, p, now)
				return err
			}
		}
		w.enrol(binjiang, "王芳", "female", "active", "审计局")
		w.enrol(binjiang, "李强", "male", "retained", "教育局")
		w.refused(fault.Invalid, "", closing("工委", paper(today)))
		w.refused(fault.Invalid, "ORG-05", closing("联合会", paper(today)))
		w.refused(fault.Invalid, "ORG-05", closing("审计局", paper(today))) // a member stands in it
		w.refused(fault.Invalid, "ORG-05", closing("教育局", Paper{Day: today, Document: "滨工委〔2026〕3号"}))
		w.refused(fault.Invalid, "", closing("教育局", paper("1991-04-30")))
		w.must(closing("教育局", paper("2026-03-31")))
		w.must(func(tx *sqldb.Tx) error { // MEM-17
			n, err := roster{}.Count(ctx, tx, g, w.ids["工委"])
			if n != 1 {
				t.Errorf("MEM-17: the committee keeps %d", n)
			}
			return err
		})
		for on, want := range map[day.Day]int{"2026-03-30": 7, "2026-03-31": 6} {
			w.must(func(tx *sqldb.Tx) error {
				nodes, err := AsOf(ctx, tx, g, on)
				if len(nodes) != want {
					t.Errorf("%s: %d nodes", on, len(nodes))
				}
				return err
			})
		}
	})
}
