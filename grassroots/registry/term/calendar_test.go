package term

import (
	"fmt"
	"testing"

	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

// The ranges of the SQL are the stages of the rule; pages follow each other
// without a gap; months and quarters hold what falls due in them; the reach is
// kept.
func TestCalendar(t *testing.T) {
	each(t, func(w *world) {
		l := bounds(t, binjiang, today)
		n := 0
		for _, left := range []int{-181, -180, -1, 0, 1, 30, 179, 180, 181, 400} {
			for _, first := range []int{0, -10, 5} {
				b := registry.Body{ID: sqldb.NewID(), UnionID: w.ids["财政局"], Kind: registry.Committee, Nth: int64(n + 1), Size: 3, Elected: "2020-01-01", Due: today.AddDays(left), Version: 1}
				if first != 0 && today.AddDays(first) < b.Due {
					b.FirstDue = today.AddDays(first)
				}
				w.take(binjiang, b)
				if b.FirstDue != "" {
					w.must(func(tx *sqldb.Tx) error {
						x, err := registry.FindBody(ctx, tx, w.as("x", auth.Officer, "工委", Look), b.ID)
						if err == nil {
							err = later(tx, x, b)
						}
						return err
					})
				}
				n++
			}
		}
		g := w.as("officer", auth.Officer, "工委", Look)
		w.must(func(tx *sqldb.Tx) error {
			heat, err := HeatOf(ctx, tx, g, Query{}, l.Clock)
			if err != nil {
				return err
			}
			var sum int64
			for _, s := range registry.Stages {
				q := Query{State: s}
				if err := q.tidy(); err != nil {
					return err
				}
				rows, err := q.read(ctx, tx, g, l.Clock, "", 0)
				if err != nil {
					return err
				}
				for _, r := range rows {
					if r.Stage != s || r.Stage != r.Body.Stage(l.Clock) {
						t.Errorf("ELE-04 %s lists a body at %s: %+v", s, r.Stage, r.Body)
					}
				}
				if int64(len(rows)) != heat.Stages[s] || len(rows) == 0 {
					t.Errorf("ELE-04 %s: %d rows, %d counted", s, len(rows), heat.Stages[s])
				}
				sum += heat.Stages[s]
			}
			if sum != int64(n) {
				t.Errorf("%d of %d bodies are at some stage", sum, n)
			}
			return paged(tx, t, g, l.Clock, n)
		})
		w.must(func(tx *sqldb.Tx) error {
			rows, err := Query{}.read(ctx, tx, w.as("x", auth.Chair, "教育局", Look), l.Clock, "", 0)
			if len(rows) != 0 {
				t.Errorf("PL-05 out of reach: %d", len(rows))
			}
			return err
		})
	})
}

// later gives a body the first due day that the test wants, and then the one
// that counts by an extension.
func later(tx *sqldb.Tx, x, want registry.Body) error {
	g, m := auth.System(binjiang, "test", Approve, x.UnionID), audit.Moves{}
	_, err := tx.Exec(ctx, `UPDATE bodies SET due = $1 WHERE tenant_id = $2 AND id = $3`, want.FirstDue, binjiang, x.ID)
	if err == nil {
		err = registry.Extend(ctx, tx, g, m, x, want.Due)
	}
	if err == nil {
		err = m.Write(ctx, tx, g, x.UnionID, registry.Deed{Act: registry.Noted}, now)
	}
	return err
}

func paged(tx *sqldb.Tx, t *testing.T, g auth.Grant, c registry.Clock, n int) error {
	seen := map[string]bool{}
	q, after := Query{Limit: 7}, ""
	for range n {
		rows, err := q.read(ctx, tx, g, c, after, 7)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if seen[r.ID] {
				t.Errorf("%s stands on two pages", r.ID)
			}
			seen[r.ID] = true
			after = string(r.Due) + "~" + r.ID
		}
	}
	if len(seen) != n {
		t.Errorf("the pages hold %d of %d", len(seen), n)
	}
	whole, err := Query{Month: "2026-Q2"}.read(ctx, tx, g, c, "", 0)
	if err != nil {
		return err
	}
	months := 0
	for m := 4; m <= 6; m++ {
		rows, err := Query{Month: fmt.Sprintf("2026-%02d", m)}.read(ctx, tx, g, c, "", 0)
		if err != nil {
			return err
		}
		months += len(rows)
	}
	if months != len(whole) || months == 0 {
		t.Errorf("a quarter has %d, its months %d", len(whole), months)
	}
	lines, _, err := (Query{Limit: 50}).linesOf(ctx, tx, g, c, today.MonthStart())
	if len(lines) != 1 || len(lines[0].Bodies) == 0 {
		t.Errorf("by months: %+v", lines)
	}
	return err
}

func TestMonths(t *testing.T) {
	for _, c := range []struct {
		month    string
		from, to day.Day
	}{
		{"2027-03", "2027-03-01", "2027-03-31"}, {"2028-02", "2028-02-01", "2028-02-29"}, {"2027-Q1", "2027-01-01", "2027-03-31"}, {"2027-Q4", "2027-10-01", "2027-12-31"},
		{"2027-Q5", "", ""}, {"2027-13", "", ""}, {"2027", "", ""}, {"Q1", "", ""}, {"2027-3", "", ""},
	} {
		q := Query{Month: c.month}
		if q.from() != c.from || c.from != "" && q.to() != c.to {
			t.Errorf("%s: %s to %s", c.month, q.from(), q.to())
		}
		if err := q.tidy(); (err == nil) != (c.from != "") {
			t.Errorf("%s: %v", c.month, err)
		}
	}
}
