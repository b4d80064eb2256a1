package intake

import (
	"testing"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/schema/dbtest"
)

// What goes out comes in again and changes nothing: lists of members with
// masked numbers and with full ones, lists of unions (PL-20).
//
// law: IMP-05
func TestListsComeBackUnchanged(t *testing.T) {
	o := established(t, dbtest.SQLite(t))
	d := newDesk(t, o, append(member.Routes(), registry.Room{}.Routes()...)...)
	for _, s := range samples[1:] {
		a := d.read(d.send(home+"?kind=roster", asJSON, s.name, sample(t, s.name)), 201)
		d.read(d.press(a.ID, "confirm", `{}`), 200)
	}
	held := d.holdings()
	const rosters, unions = "/grassroots/registry/members", "/grassroots/registry/unions"
	for _, c := range []struct {
		place, name string
		kind        Kind
		rows        int64
	}{
		{rosters + ".xlsx", "masked.xlsx", Roster, 2601}, {rosters + ".csv", "masked.csv", Roster, 2601},
		{rosters + ".xlsx?full=1&reason=round+trip", "full.xlsx", Roster, 2601}, {rosters + ".csv?full=1&reason=round+trip", "full.csv", Roster, 2601},
		{unions + ".xlsx", "unions.xlsx", Unions, 31}, {unions + ".csv", "unions.csv", Unions, 31},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := d.ask("GET", c.place, asPage, "", nil)
			if w.Code != 200 {
				t.Fatalf("%s: %d %.200s", c.place, w.Code, w.Body)
			}
			a := d.read(d.send(home+"?kind="+string(c.kind), asJSON, c.name, w.Body.Bytes()), 201)
			if a.State != "judged" || a.Rows != c.rows || a.Same != c.rows || len(a.Problems) > 0 && a.Problems[len(a.Problems)-1].Row > 0 {
				t.Fatalf("%s %s: %d rows, %d same, %d changed, %d new, %d refused, %+v", a.State, a.Note, a.Rows, a.Same, a.Changed, a.New, a.Refused, a.Problems[:min(5, len(a.Problems))])
			}
			d.read(d.press(a.ID, "confirm", `{}`), 200)
			if d.holdings() != held {
				t.Error("something changed")
			}
		})
	}
	d.proven()
}
