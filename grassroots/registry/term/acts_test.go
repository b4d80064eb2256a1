package term

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
)

// An extension from the asking to the approval: once a term, with the women's
// committee, by one of twenty; what is out of reach is not there, what is the
// wrong office's is refused.
func TestExtension(t *testing.T) {
	each(t, func(w *world) {
		w.account(binjiang, "chair", auth.Chair, "财政局")
		w.account(binjiang, "officer", auth.Officer, "工委")
		w.account(binjiang, "director", auth.Director, "工委")
		b := w.body(binjiang, "财政局", registry.Committee, "2023-05-01")
		women := w.body(binjiang, "财政局", registry.Women, "2023-05-01")
		audited := w.body(binjiang, "财政局", registry.Audit, "2024-01-01")
		other := w.body(binjiang, "教育局", registry.Committee, "2023-05-01")
		chair := w.as("chair", auth.Chair, "财政局", Ask)
		var e Extension
		asks := func(g auth.Grant, body string, until day.Day, v flow.Given) func(*sqldb.Tx) error {
			return func(tx *sqldb.Tx) (err error) {
				x, err := AskExtension(ctx, tx, g, body, until, v, now)
				if err == nil {
					e = x
				}
				return err
			}
		}
		step := func(g auth.Grant, v flow.Given) func(*sqldb.Tx) error {
			return func(tx *sqldb.Tx) error { _, err := StepExtension(ctx, tx, g, e.ID, 0, v, now); return err }
		}
		w.refused(fault.NotFound, "", asks(chair, other.ID, "2026-10-31", why))           // PL-05 another union's
		w.refused(fault.Invalid, "ELE-02", asks(chair, b.ID, "2026-11-02", why))          // six months and a day
		w.refused(fault.Invalid, "ELE-02", asks(chair, b.ID, "2026-10-31", flow.Given{})) // without a reason
		w.refused(fault.Denied, "ELE-02", asks(w.as("officer", auth.Officer, "工委", Ask), b.ID, "2026-10-31", why))
		w.must(asks(chair, b.ID, "2026-10-31", why))
		w.refused(fault.Conflict, "ELE-02", asks(chair, b.ID, "2026-10-31", why)) // pressed twice

		w.refused(fault.Conflict, "", step(w.as("director", auth.Director, "工委", Approve), flow.Given{Document: "1号"})) // before it was checked
		w.refused(fault.Denied, "ELE-02", step(w.as("chair", auth.Officer, "工委", Check), flow.Given{}))                 // who asked, in another office
		w.refused(fault.Denied, "ELE-02", step(w.as("chair", auth.Chair, "财政局", Check), flow.Given{}))
		w.refused(fault.NotFound, "", step(w.as("x", auth.Chair, "教育局", Withdraw), flow.Given{}))
		w.must(step(w.as("officer", auth.Officer, "工委", Check), flow.Given{}))
		w.refused(fault.Invalid, "ELE-02", step(w.as("director", auth.Director, "工委", Approve), flow.Given{})) // no document
		got := w.race(20, func(i int, tx *sqldb.Tx) error {
			_, err := StepExtension(ctx, tx, w.as(fmt.Sprintf("director%d", i), auth.Director, "工委", Approve), e.ID, 0, flow.Given{Document: "滨工委〔2026〕9号"}, now)
			return err
		})
		if got["won"] != 1 || got[fault.Conflict] != 19 {
			t.Errorf("two approve at once: %v", got)
		}
		for id, want := range map[string][2]day.Day{b.ID: {"2026-10-31", "2026-05-01"}, women.ID: {"2026-10-31", "2026-05-01"}, audited.ID: {"2027-01-01", ""}, other.ID: {"2026-05-01", ""}} {
			if x := w.find(id); x.Due != want[0] || x.FirstDue != want[1] {
				t.Errorf("ELE-02, WOM-03 %s is due %s, first %s", x.Kind, x.Due, x.FirstDue)
			}
		}
		w.refused(fault.Conflict, "ELE-02", asks(chair, b.ID, "2026-12-31", why)) // once a term
		w.must(func(tx *sqldb.Tx) error {
			past, err := Extending.History(ctx, tx, chair, e.ID)
			if len(past) != 3 || past[0].Before != "-" || past[2].Document != "滨工委〔2026〕9号" {
				t.Errorf("%+v", past)
			}
			return err
		})
		if m := w.messages(binjiang, "officer"); !slices.Equal(m, []string{"延期换届申请：财政局"}) {
			t.Error(m)
		}
		if m := w.messages(binjiang, "director"); !slices.Equal(m, []string{"延期换届待批准：财政局"}) {
			t.Error(m)
		}
		if m := w.messages(binjiang, "chair"); !slices.Equal(m, []string{"延期换届已批准"}) {
			t.Error(m)
		}
	})
}

// An extension that was refused or withdrawn may be asked for again; one whose
// term has changed meanwhile is not approved.
func TestExtensionEnds(t *testing.T) {
	each(t, func(w *world) {
		b := w.body(binjiang, "财政局", registry.Committee, "2023-05-01")
		chair := w.as("chair", auth.Chair, "财政局", Ask)
		ask := func() (e Extension) {
			w.must(func(tx *sqldb.Tx) (err error) {
				e, err = AskExtension(ctx, tx, chair, b.ID, "2026-10-31", why, now)
				return err
			})
			return e
		}
		step := func(e Extension, g auth.Grant, v flow.Given) func(*sqldb.Tx) error {
			return func(tx *sqldb.Tx) error { _, err := StepExtension(ctx, tx, g, e.ID, e.Version, v, now); return err }
		}
		w.must(step(ask(), chair.For(Withdraw), flow.Given{}))
		e := ask()
		w.refused(fault.Invalid, "ELE-02", step(e, w.as("o", auth.Officer, "工委", Refuse), flow.Given{}))
		w.must(step(e, w.as("o", auth.Officer, "工委", Refuse), why))
		w.refused(fault.Conflict, "", step(e, chair.For(Withdraw), flow.Given{}))
		e = ask()
		w.must(step(e, w.as("o", auth.Officer, "工委", Check), flow.Given{}))
		e.Version = 1
		w.refused(fault.Conflict, "", step(e, w.as("d", auth.Director, "工委", Approve), flow.Given{Document: "1号"})) // seen before the check
		w.must(func(tx *sqldb.Tx) error {
			_, _, err := registry.Install(ctx, tx, w.as("o", auth.Officer, "工委", registry.Appoint), w.ids["财政局"], registry.Installing{Kind: registry.Committee, Nth: 2, Elected: "2026-03-01", Years: 3, Seats: 5}, now)
			return err
		})
		e.Version = 2
		w.refused(fault.Conflict, "", step(e, w.as("d", auth.Director, "工委", Approve), flow.Given{Document: "1号"}))
	})
}

// A deputy's step is written and shown with 代 (PL-10).
func TestDeputy(t *testing.T) {
	each(t, func(w *world) {
		b := w.body(binjiang, "财政局", registry.Committee, "2023-05-01")
		deputy := w.as("zhou", auth.Chair, "财政局", Ask).Covering("王芳")
		w.must(func(tx *sqldb.Tx) error {
			e, err := AskExtension(ctx, tx, deputy, b.ID, "2026-10-31", why, now)
			if err != nil {
				return err
			}
			past, err := Extending.History(ctx, tx, deputy, e.ID)
			if len(past) != 1 || past[0].Acting != "王芳" {
				t.Errorf("PL-10: %+v", past)
			}
			if got := who("周敏", past[0].Office, past[0].Acting); got != "周敏（代工会主席，代王芳）" {
				t.Errorf("PL-10: %s", got)
			}
			n, err2 := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM audit_rows WHERE tenant_id = $1 AND acting_for = '王芳'`, binjiang)
			if n != 1 {
				t.Errorf("PL-10: %d lines of the log say so", n)
			}
			if err == nil {
				err = err2
			}
			return err
		})
	})
}

// An overdue body is given a day; the chair is told; one that is not overdue
// and one of an agency are not.
func TestDeadline(t *testing.T) {
	each(t, func(w *world) {
		w.account(binjiang, "chair", auth.Chair, "财政局")
		late := w.body(binjiang, "财政局", registry.Committee, "2022-05-01")
		fine := w.body(binjiang, "教育局", registry.Committee, "2024-05-01")
		agency := w.body(binjiang, "工委", registry.Committee, "2010-05-01")
		set := func(g auth.Grant, body string, until day.Day) func(*sqldb.Tx) error {
			return func(tx *sqldb.Tx) error {
				_, err := SetDeadline(ctx, tx, g, body, until, flow.Given{Document: "滨工委〔2026〕9号"}, now)
				return err
			}
		}
		g := w.as("officer", auth.Officer, "工委", Urge)
		w.refused(fault.Conflict, "ELE-03", set(g, fine.ID, "2026-06-01"))
		w.refused(fault.Conflict, "ELE-03", set(g, agency.ID, "2026-06-01")) // ORG-01
		w.refused(fault.Invalid, "ELE-03", set(g, late.ID, today))
		w.refused(fault.NotFound, "", set(w.as("x", auth.Officer, "教育局", Urge), late.ID, "2026-06-01"))
		w.must(set(g, late.ID, "2026-06-01"))
		if b := w.find(late.ID); b.Deadline != "2026-06-01" || b.Due != "2025-05-01" {
			t.Errorf("%+v", b)
		}
		if m := w.messages(binjiang, "chair"); !slices.Equal(m, []string{"限期换届：财政局"}) {
			t.Error(m)
		}
	})
}

// Each warning is given once on its day, to chair and officer; days that the
// server slept through are not made up for but by the latest.
func TestRemind(t *testing.T) {
	each(t, func(w *world) {
		for _, tenant := range []int64{binjiang, shanghai} {
			w.account(tenant, "chair", auth.Chair, "财政局")
			w.account(tenant, "officer", auth.Officer, "工委")
		}
		w.body(binjiang, "财政局", registry.Committee, "2023-12-31")
		w.body(binjiang, "财政局", registry.Women, "2023-12-31")
		w.body(binjiang, "工委", registry.Committee, "2010-05-01") // ORG-01
		g := auth.System(binjiang, "system", Tell, w.ids["工委"])
		on := func(d day.Day) {
			w.must(func(tx *sqldb.Tx) error { return Remind(ctx, tx, g, day.Instant(d.Start())) })
		}
		for _, c := range []struct {
			law string
			on  day.Day
			n   int
			say string
		}{
			{"ELE-04 181 days before", "2026-07-03", 0, ""},
			{"ELE-04 180 days before", "2026-07-04", 1, "换届提醒：财政局"},
			{"ELE-04 the same day again", "2026-07-04", 1, ""},
			{"ELE-04 the day after", "2026-07-05", 1, ""},
			{"ELE-04 90 and 60 were slept through", "2026-11-05", 2, "请提交换届请示：财政局"},
			{"ELE-04 30 days before", "2026-12-01", 3, "换届紧急：财政局"},
			{"ELE-04 one day before", "2026-12-30", 3, ""},
			{"ELE-04 the day", "2026-12-31", 4, "今日届满：财政局"},
			{"ELE-03 the day after", "2027-01-01", 5, "届满未换届：财政局"},
			{"ELE-03 180 days after", "2027-06-29", 5, ""},
			{"ELE-03 181 days after", "2027-06-30", 6, "长期未换届：财政局"},
			{"ELE-03 and no more", "2028-01-01", 6, ""},
		} {
			on(c.on)
			for _, account := range []string{"chair", "officer"} {
				m := w.messages(binjiang, account)
				if len(m) != c.n || c.say != "" && m[len(m)-1] != c.say {
					t.Errorf("%s: %s was told %v", c.law, account, m)
				}
			}
		}
		if m := w.messages(shanghai, "officer"); len(m) != 0 {
			t.Errorf("the twin was told %v", m)
		}
		got := w.race(20, func(_ int, tx *sqldb.Tx) error { return Remind(ctx, tx, g, day.Instant(day.Day("2028-02-01").Start())) })
		if got["won"] != 20 || len(w.messages(binjiang, "chair")) != 6 {
			t.Errorf("twenty at once: %v", got)
		}
	})
}

// A meeting is written down once; an extraordinary one needs its proposers; the
// union's page lacks none for a year.
func TestMeetings(t *testing.T) {
	each(t, func(w *world) {
		for i := range 6 {
			w.enrol(binjiang, fmt.Sprintf("王芳%d", i), "female", "财政局")
		}
		g := w.as("chair", auth.Chair, "财政局", Meet)
		hold := func(union string, in Meeted) func(*sqldb.Tx) error {
			return func(tx *sqldb.Tx) error { _, err := Hold(ctx, tx, g, w.ids[union], in, now); return err }
		}
		yearly := Meeted{Day: "2026-03-01", Kind: OfDelegates, Due: 6, Present: 5, WomenAmong: 1}
		w.refused(fault.NotFound, "", hold("教育局", yearly))
		w.refused(fault.Invalid, "", hold("财政局", Meeted{Day: "2026-04-03", Kind: OfMembers, Due: 6, Present: 7}))
		w.refused(fault.Invalid, "ELE-06", hold("财政局", Meeted{Day: "2026-03-02", Kind: OfMembers, Called: ByMembers, Proposers: 1, Due: 6, Present: 6}))
		w.must(hold("财政局", Meeted{Day: "2026-03-02", Kind: OfMembers, Called: ByMembers, Proposers: 2, Due: 6, Present: 6}))
		got := w.race(20, func(_ int, tx *sqldb.Tx) error { return hold("财政局", yearly)(tx) })
		if got["won"] != 1 || got[fault.Conflict] != 19 {
			t.Errorf("one meeting: %v", got)
		}
		w.must(func(tx *sqldb.Tx) error {
			f, err := registry.FiguresOf(ctx, tx, g, w.ids["财政局"])
			if f.Met != "2026-03-02" {
				t.Errorf("ELE-05: %+v", f)
			}
			rows, err2 := WomenOf(ctx, tx, g, today)
			if err2 != nil || len(rows) != 1 || !rows[0].Wide || rows[0].Women != 6 || rows[0].Having != NoMember {
				t.Errorf("WOM-04: %+v %v", rows, err2)
			}
			return err
		})
	})
}

// chaired is a committee with a chair and a vice-chair.
func (w *world) chaired(tenant int64) (registry.Body, []registry.Seat) {
	b := registry.Body{ID: sqldb.NewID(), UnionID: w.ids["财政局"], Kind: registry.Committee, Nth: 1, Size: 3, Elected: "2024-05-01", Due: "2027-05-01", Version: 1}
	var seats []registry.Seat
	for _, o := range []registry.Office{registry.Chairing, registry.Vice, registry.Ordinary} {
		seats = append(seats, registry.Seat{ID: sqldb.NewID(), MemberID: w.enrol(tenant, "王"+o.Label(), "female", "财政局"), Office: o, From: b.Elected, How: registry.ByElection})
	}
	w.take(tenant, b, seats...)
	return b, seats
}

// The move of a chair: asked with the committee's consent, answered by the
// director, never by the person herself; the consents stand when she leaves.
func TestMoves(t *testing.T) {
	each(t, func(w *world) {
		_, seats := w.chaired(binjiang)
		g := w.as("officer", auth.Officer, "工委", AskMove)
		var v Move
		ask := func(seat string, in MoveAsked) func(*sqldb.Tx) error {
			return func(tx *sqldb.Tx) (err error) {
				x, err := AskToMove(ctx, tx, g, seat, in, now)
				if err == nil {
					v = x
				}
				return err
			}
		}
		in := MoveAsked{Target: "市机关事务局", OwnConsent: "2026-03-20 会议"}
		w.refused(fault.Conflict, "ORG-25", ask(seats[2].ID, in)) // a plain member
		w.refused(fault.Invalid, "ORG-25", ask(seats[0].ID, MoveAsked{Target: "市机关事务局"}))
		w.must(ask(seats[0].ID, in))
		w.refused(fault.Conflict, "", ask(seats[0].ID, in)) // pressed twice
		if v.ReplyBy != "2026-04-17" || v.Late("2026-04-17") || !v.Late("2026-04-18") {
			t.Errorf("ORG-25: %+v", v)
		}
		answer := func(g auth.Grant, v2 flow.Given) func(*sqldb.Tx) error {
			return func(tx *sqldb.Tx) error { _, err := AnswerMove(ctx, tx, g, v.ID, 0, v2, now); return err }
		}
		w.refused(fault.Denied, "ORG-25", answer(w.as("officer", auth.Officer, "工委", Agree), flow.Given{Document: "1号"}))
		w.refused(fault.Invalid, "ORG-25", answer(w.as("director", auth.Director, "工委", Agree), flow.Given{}))
		got := w.race(20, func(_ int, tx *sqldb.Tx) error {
			return answer(w.as("director", auth.Director, "工委", Agree), flow.Given{Document: "滨工委〔2026〕9号"})(tx)
		})
		if got["won"] != 1 || got[fault.Conflict] != 19 {
			t.Errorf("one answer: %v", got)
		}
		w.must(func(tx *sqldb.Tx) error {
			s, err := registry.FindSeat(ctx, tx, g, seats[0].ID)
			if err == nil {
				s, err = registry.Vacate(ctx, tx, g.For(registry.Appoint), s.ID, s.Version, registry.Leaving{To: today, Ending: registry.Relocated}, now)
			}
			if s.Flagged() || s.Consent != "滨工委〔2026〕9号" || s.OwnConsent == "" {
				t.Errorf("ORG-25: %+v", s)
			}
			return err
		})
	})
}

// Where silence is consent the day after the last day says so; elsewhere the
// answer stays owed.
func TestSilence(t *testing.T) {
	each(t, func(w *world) {
		for _, tenant := range []int64{binjiang, shanghai} {
			_, seats := w.chaired(tenant)
			g := auth.As(tenant, "officer", auth.Officer, AskMove, w.ids["工委"])
			var v Move
			w.must(func(tx *sqldb.Tx) (err error) {
				v, err = AskToMove(ctx, tx, g, seats[1].ID, MoveAsked{Target: "市机关事务局", OwnConsent: "会议"}, now)
				return err
			})
			for _, c := range []struct {
				on   day.Day
				want map[int64]Answer
			}{
				{"2026-04-17", map[int64]Answer{binjiang: Waiting, shanghai: Waiting}},
				{"2026-04-18", map[int64]Answer{binjiang: Waiting, shanghai: Silent}},
				{"2026-04-19", map[int64]Answer{binjiang: Waiting, shanghai: Silent}},
			} {
				w.must(func(tx *sqldb.Tx) error {
					err := Lapse(ctx, tx, auth.System(tenant, "system", Tell, w.ids["工委"]), day.Instant(c.on.Start()))
					x, err2 := FindMove(ctx, tx, g, v.ID)
					if x.State != c.want[tenant] || err2 != nil {
						t.Errorf("ORG-25 %d on %s: %s %v", tenant, c.on, x.State, err2)
					}
					return err
				})
			}
		}
	})
}

// Who leads without a chair is of the committee, has both consents, and six
// months at most.
func TestLead(t *testing.T) {
	each(t, func(w *world) {
		b, seats := w.chaired(binjiang)
		g := w.as("officer", auth.Officer, "工委", Lead)
		in := Leader{Seat: seats[1].ID, From: today, Until: "2026-09-30", Party: "机关党委会议", Consent: "滨工委〔2026〕9号"}
		lead := func(in Leader) func(*sqldb.Tx) error {
			return func(tx *sqldb.Tx) error { _, err := AppointLead(ctx, tx, g, b.ID, in, now); return err }
		}
		w.refused(fault.Conflict, "ELE-60", lead(in)) // the chair sits
		w.must(func(tx *sqldb.Tx) error {
			_, err := registry.Vacate(ctx, tx, g.For(registry.Appoint), seats[0].ID, 1, registry.Leaving{To: today, Ending: registry.Retired}, now)
			return err
		})
		bad := in
		bad.Party = ""
		w.refused(fault.Invalid, "ELE-60", lead(bad))
		bad = in
		bad.Seat = seats[0].ID // who has left
		w.refused(fault.Invalid, "ELE-60", lead(bad))
		bad = in
		bad.Until = "2026-10-03"
		w.refused(fault.Invalid, "ELE-60", lead(bad))
		w.must(lead(in))
		w.must(func(tx *sqldb.Tx) error {
			all, err := leadsOf(ctx, tx, g, w.ids["财政局"])
			if len(all) != 1 || all[0].Name != "王副主席" || !all[0].Now(today) || all[0].Now("2026-10-01") {
				t.Errorf("ELE-60: %+v", all)
			}
			return err
		})
	})
}

// The register is the officer's and the women's director's alone, opens for a
// reason that the log keeps, and holds nothing in the clear.
func TestCare(t *testing.T) {
	each(t, func(w *world) {
		li, man := w.enrol(binjiang, "李丽", "female", "财政局"), w.enrol(binjiang, "王强", "male", "财政局")
		_, seats := w.chaired(binjiang)
		committee := registry.Body{ID: sqldb.NewID(), UnionID: w.ids["财政局"], Kind: registry.Women, Nth: 1, Size: 3, Elected: "2024-05-01", Due: "2027-05-01", Version: 1}
		w.take(binjiang, committee, registry.Seat{ID: sqldb.NewID(), MemberID: seats[0].MemberID, Office: registry.Director, From: "2024-05-01", How: registry.ByElection})
		holder := func(self string) auth.Grant {
			g, err := auth.NewActor(binjiang, "chair", "王芳", self, Roles(), "", auth.Post{Office: auth.Chair, UnionID: w.ids["财政局"], From: "2020-01-01"}).Grant(Tend, today)
			if err != nil {
				t.Fatal(err)
			}
			return g
		}
		director, chair, officer := holder(seats[0].MemberID), holder(man), w.as("officer", auth.Officer, "工委", Tend)
		born := Care{Kind: Born, Day: "2026-03-01", Children: 1}
		register := func(g auth.Grant, member string, c Care) func(*sqldb.Tx) error {
			return func(tx *sqldb.Tx) error { return Register(ctx, tx, g, member, c, now) }
		}
		w.refused(fault.Denied, "WOM-05", register(chair, li, born))
		w.refused(fault.Denied, "WOM-05", func(tx *sqldb.Tx) error { return Open(ctx, tx, chair, "看看", now) })
		w.refused(fault.Invalid, "WOM-05", register(director, man, born))
		w.refused(fault.Invalid, "WOM-05", register(director, li, Care{Kind: Born, Day: "2026-04-03"}))
		w.must(register(director, li, born))
		w.refused(fault.Invalid, "R1.60", func(tx *sqldb.Tx) error { return Open(ctx, tx, director, " ", now) })
		w.must(func(tx *sqldb.Tx) error {
			open, err := isOpen(ctx, tx, director, now)
			if open {
				t.Error("open before a reason was given")
			}
			return err
		})
		w.must(func(tx *sqldb.Tx) error { return Open(ctx, tx, director, "产假慰问", now) })
		w.must(func(tx *sqldb.Tx) error {
			for at, want := range map[day.Instant]bool{"2026-04-02T01:29:59.000000Z": true, "2026-04-02T01:30:00.000000Z": false} {
				if open, err := isOpen(ctx, tx, director, at); err != nil || open != want {
					t.Errorf("R1.60 at %s open is %v, %v", at, open, err)
				}
			}
			if open, err := isOpen(ctx, tx, officer, now); err != nil || open {
				t.Error("open for another")
			}
			all, err := cares(ctx, tx, director, today)
			if len(all) != 1 || all[0].Member != "李丽" || all[0].Closes != "2027-02-28" || all[0].Care.Day != "2026-03-01" {
				t.Errorf("WOM-05: %+v", all)
			}
			if n, err := CareCount(ctx, tx, chair, today); n != 0 || err != nil {
				t.Errorf("a chair who is not the director counts %d, %v", n, err)
			}
			text, err2 := sqldb.List(ctx, tx, sqldb.Text, `SELECT change FROM audit_rows WHERE tenant_id = $1 AND act = 'women.tend'`, binjiang)
			if s := strings.Join(text, ""); err2 != nil || strings.Contains(s, "born") || strings.Contains(s, li) || !strings.Contains(s, "产假慰问") {
				t.Errorf("the log says %s", s)
			}
			return err
		})
	})
}
