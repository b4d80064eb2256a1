package yearly_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"unionhall/grassroots/registry/yearly"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/job"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/schema/dbtest"
)

var update = flag.Bool("update", false, "write the golden file anew")

// The right to every step, a line each: a new one shows as one new line.
func TestMatrix(t *testing.T) {
	const file = "testdata/matrix.txt"
	got := yearly.Procedure.Matrix()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || got != string(want) {
		t.Errorf("the steps are no longer those of %s (%v); if that is meant, go test -update\n%s", file, err, got)
	}
}

const tenant, twin = int64(2106000001), int64(2106000002)

const now = day.Instant("2026-03-10T02:00:00.000000Z")

type world struct {
	t    *testing.T
	db   *sqldb.DB
	room *yearly.Room
}

func as(account string, o auth.Office, act auth.Action) auth.Grant {
	return auth.As(tenant, account, o, act, "root")
}

func (w *world) do(f func(tx *sqldb.Tx) error) {
	w.t.Helper()
	if err := w.db.Do(w.t.Context(), f); err != nil {
		w.t.Fatal(err)
	}
}

// event is a change of a membership: who, what, when, from where to where.
type event struct{ who, kind, on, from, to string }

// people are the members of the test: where and what they are today.
var people = []struct{ id, union, sex, status, joined string }{
	{"m1", "a", "female", "active", "2020-01-01"}, // all along
	{"m2", "a", "male", "active", "2025-05-01"},   // joined in the year
	{"m3", "a", "male", "left", "2010-01-01"},     // left in the year
	{"m4", "a", "male", "left", "2010-01-01"},     // left on the day itself
	{"m5", "a", "female", "left", "2010-01-01"},   // left the day after: counts
	{"m6", "b", "male", "active", "2019-01-01"},   // moved a day after: counts where they came from
	{"m7", "b", "male", "retained", "2010-01-01"}, // retained: apart
	{"m8", "b", "male", "active", "2010-01-01"},   // retained that day, taken back since
	{"m9", "b", "male", "active", "2026-02-01"},   // joined after: not there yet
	{"m10", "b", "male", "transferring", "2015-01-01"},
	{"m11", "b", "male", "deceased", "2015-01-01"}, // died long before
	{"m12", "b", "male", "applied", "2025-12-01"},  // no member yet
}

var events = []event{
	{"m1", "joined", "2020-01-01", "", "a"}, {"m2", "joined", "2025-05-01", "", "a"},
	{"m3", "joined", "2010-01-01", "", "a"}, {"m3", "left", "2025-06-01", "a", ""},
	{"m4", "joined", "2010-01-01", "", "a"}, {"m4", "left", "2025-12-31", "a", ""},
	{"m5", "joined", "2010-01-01", "", "a"}, {"m5", "left", "2026-01-01", "a", ""},
	{"m6", "joined", "2019-01-01", "", "a"}, {"m6", "moved_in", "2026-01-01", "a", "b"},
	{"m7", "joined", "2010-01-01", "", "b"}, {"m7", "retained", "2024-01-01", "b", ""},
	{"m8", "joined", "2010-01-01", "", "b"}, {"m8", "retained", "2025-03-01", "b", ""}, {"m8", "resumed", "2026-01-05", "b", ""},
	{"m9", "joined", "2026-02-01", "", "b"},
	{"m10", "joined", "2015-01-01", "", "b"},
	{"m11", "joined", "2015-01-01", "", "b"}, {"m11", "deceased", "2022-01-01", "b", ""},
}

// opened is a committee with a base union a, a joint union b, and its twin.
func opened(t *testing.T, db *sqldb.DB) *world {
	t.Helper()
	keys, err := seal.Create(filepath.Join(t.TempDir(), "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	db.UseKeys(keys)
	w := &world{t: t, db: db}
	at, err := time.Parse(time.RFC3339, string(now))
	if err != nil {
		t.Fatal(err)
	}
	w.room = &yearly.Room{Runner: job.NewRunner(db, func() time.Time { return at })}
	w.room.Runner.Works = w.room.Works()
	w.do(func(tx *sqldb.Tx) error {
		for _, id := range []int64{tenant, twin} {
			if err := furnish(t.Context(), tx, id); err != nil {
				return err
			}
		}
		return nil
	})
	return w
}

func furnish(ctx context.Context, tx *sqldb.Tx, id int64) error {
	for _, q := range []string{
		`INSERT INTO tenants (tenant_id, name, region, demo, started, version) VALUES ($1, '工委', '210600', false, '2000-01-01', 1)`,
		`INSERT INTO unions (tenant_id, id, code, name, name_key, kind, organ_kind, parent_id, state, uscc, staff, own_account, version) VALUES
			($1, 'root', '210600000000', '工委', 'a', 'agency', NULL, NULL, 'standing', NULL, 0, false, 1),
			($1, 'a', '210600000001', '财政局机关工会', 'b', 'base', 'government', 'root', 'standing', '81210600MC0010001X', 10, true, 1),
			($1, 'b', '210600000002', '园区联合工会', 'c', 'joint', 'enterprise', 'root', 'standing', NULL, 7, false, 1)`,
		`INSERT INTO union_reach (tenant_id, above_id, union_id, depth) VALUES ($1, 'root', 'root', 0), ($1, 'root', 'a', 1), ($1, 'root', 'b', 1), ($1, 'a', 'a', 0), ($1, 'b', 'b', 0)`,
		`INSERT INTO union_spans (tenant_id, id, union_id, from_day, name, kind, parent_id, act) VALUES
			($1, 's0', 'root', '2000-01-01', '工委', 'agency', NULL, 'founded'), ($1, 's1', 'a', '2000-01-01', '财政局机关工会', 'base', 'root', 'founded'), ($1, 's2', 'b', '2000-01-01', '园区联合工会', 'joint', 'root', 'founded')`,
		`INSERT INTO bodies (tenant_id, id, union_id, kind, nth, seats, elected, ended, version) VALUES
			($1, 'b1', 'a', 'committee', 1, 5, '2024-01-01', NULL, 1), ($1, 'b2', 'a', 'audit', 1, 3, '2024-01-01', NULL, 1), ($1, 'b3', 'a', 'women', 1, 3, '2026-01-01', NULL, 1), ($1, 'b4', 'b', 'audit', 1, 3, '2020-01-01', '2025-12-31', 1)`,
		`INSERT INTO seats (tenant_id, id, body_id, union_id, member_id, office, fulltime, from_day, how, to_day, version) VALUES
			($1, 't1', 'b1', 'a', 'm1', 'chair', true, '2024-01-01', 'elected', NULL, 1), ($1, 't2', 'b2', 'a', 'm1', 'member', false, '2024-01-01', 'elected', NULL, 1),
			($1, 't3', 'b1', 'a', 'm2', 'member', false, '2025-12-31', 'elected', NULL, 1), ($1, 't4', 'b1', 'a', 'm5', 'member', false, '2024-01-01', 'elected', '2025-12-31', 1),
			($1, 't5', 'b2', 'a', 'm6', 'member', false, '2026-01-01', 'elected', NULL, 1)`,
	} {
		if _, err := tx.Exec(ctx, q, id); err != nil {
			return err
		}
	}
	for i, p := range people {
		_, err := tx.Exec(ctx, `INSERT INTO members (tenant_id, id, union_id, name, name_key, sex, id_type, id_sealed, id_blind, migrant, work_unit, status, joined, version)
			VALUES ($1, $2, $3, $4, $5, $6, '1', $7, $2, $8, $9, $10, $11, 1)`,
			id, p.id, p.union, "会员"+p.id, fmt.Sprintf("k%02d", i), p.sex, []byte("x"), i%3 == 0, fmt.Sprint("单位", i%2), p.status, p.joined)
		if err != nil {
			return err
		}
	}
	for i, e := range events {
		_, err := tx.Exec(ctx, `INSERT INTO member_events (tenant_id, id, member_id, type, day, from_union, to_union, account_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'x', '2026-01-01')`,
			id, fmt.Sprintf("e%02d", i), e.who, e.kind, e.on, e.from, e.to)
		if err != nil {
			return err
		}
	}
	return nil
}

// counted makes the return of 2025 as of its last day.
func (w *world) counted() yearly.Return {
	w.t.Helper()
	var r yearly.Return
	w.do(func(tx *sqldb.Tx) (err error) {
		r, err = w.room.Begin(w.t.Context(), tx, as("zhou", auth.Officer, yearly.Make), yearly.MakeForm{Year: 2025}, now)
		return err
	})
	w.run()
	return r
}

func (w *world) run() {
	w.t.Helper()
	if err := w.room.Runner.RunDue(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// figures reads the stored figures of a union, by key.
func (w *world) figures(id, union string) map[string]int64 {
	w.t.Helper()
	out := map[string]int64{}
	w.do(func(tx *sqldb.Tx) error {
		units, err := yearly.UnitsOf(w.t.Context(), tx, as("zhou", auth.Officer, yearly.Look), id)
		for _, u := range units {
			for i, x := range yearly.Indicators {
				if u.UnionID == union {
					out[x.Key] = u.Own[i]
				}
			}
		}
		return err
	})
	return out
}

// names lists who stands behind a figure of a union.
func (w *world) names(id, union, key string) (out []string) {
	w.t.Helper()
	var bit int64
	for _, x := range yearly.Indicators {
		if x.Key == key {
			bit = x.Bit
		}
	}
	w.do(func(tx *sqldb.Tx) (err error) {
		out, err = sqldb.List(w.t.Context(), tx, sqldb.Text, `
			SELECT p.member_id FROM yearly_people p
			JOIN yearly_returns y ON y.tenant_id = p.tenant_id AND y.id = p.return_id AND y.pass = p.pass
			JOIN yearly_units u ON u.tenant_id = p.tenant_id AND u.return_id = p.return_id AND u.pass = p.pass AND u.ord = p.ord AND u.union_id = $3
			WHERE p.tenant_id = $1 AND p.return_id = $2 AND p.bits & $4 <> 0 ORDER BY p.name_key`, tenant, id, union, bit)
		return err
	})
	return out
}

// S2-14, MEM-19, MEM-25: everybody counts where and what they were at the end
// of the day; who is retained counts apart.
func TestCount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		w := opened(t, db)
		id := w.counted().ID
		for _, c := range []struct {
			law, union, key string
			want            []string
		}{
			{"MEM-19 counted members of a", "a", "members", []string{"m1", "m2", "m5", "m6"}},
			{"women of a, also who left a day later", "a", "women", []string{"m1", "m5"}},
			{"joined in the year", "a", "joined", []string{"m2"}},
			{"left in the year, on the day itself too", "a", "left", []string{"m3", "m4"}},
			{"MEM-26 who is being transferred counts", "b", "members", []string{"m10"}},
			{"MEM-19 retained are apart, also who was taken back since", "b", "retained", []string{"m7", "m8"}},
			{"nobody joined b in the year", "b", "joined", nil},
			{"ORG-24 full-time, though part-time elsewhere too", "a", "fulltime", []string{"m1"}},
			{"part-time from the day itself; who ended on it no more", "a", "parttime", []string{"m2"}},
		} {
			got := w.names(id, c.union, c.key)
			if !slices.Equal(got, c.want) && len(got)+len(c.want) > 0 {
				t.Errorf("%s: %v, want %v", c.law, got, c.want)
			}
			if n := w.figures(id, c.union)[c.key]; n != int64(len(c.want)) {
				t.Errorf("%s: the figure is %d", c.law, n)
			}
		}
		a, b := w.figures(id, "a"), w.figures(id, "b")
		for _, c := range []struct {
			what      string
			got, want int64
		}{
			{"a is a base union of an organ", a["unions"]*10 + a["organ"], 11}, {"a has legal person's standing", a["legal"], 1}, {"ORG-12 an audit body of a", a["audit"], 1},
			{"ORG-13 the women's committee came later", a["women_bodies"], 0}, {"staff", a["staff"], 10}, {"b is joint, of enterprises", b["joint"]*10 + b["enterprise"], 11},
			{"b covers the units of its members", b["covered"], 1}, {"the audit body of b had ended", b["audit"], 0}, {"the committee itself is no base union", w.figures(id, "root")["unions"], 0},
		} {
			if c.got != c.want {
				t.Errorf("%s: %d, want %d", c.what, c.got, c.want)
			}
		}
	})
}

func (w *world) take(account string, o auth.Office, act auth.Action, id string, version int64, v flow.Given) error {
	return w.db.Do(w.t.Context(), func(tx *sqldb.Tx) error {
		_, err := w.room.Take(w.t.Context(), tx, as(account, o, act), yearly.StepForm{ID: id, Version: version, Given: v}, now)
		return err
	})
}

// What is corrected after the freezing alters nothing; a row that is changed
// behind the program's back is found.
func TestFrozen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		w := opened(t, db)
		id := w.counted().ID
		before := w.names(id, "a", "members")
		for _, s := range []struct {
			account string
			office  auth.Office
			act     auth.Action
			version int64
			given   flow.Given
		}{
			{"pan", auth.Auditor, yearly.Check, 2, flow.Given{}}, {"liang", auth.Director, yearly.Freeze, 3, flow.Given{}}, {"zhou", auth.Officer, yearly.Submit, 4, flow.Given{Document: "滨直工〔2026〕2号"}},
		} {
			if err := w.take(s.account, s.office, s.act, id, s.version, s.given); err != nil {
				t.Fatal(s.act, err)
			}
		}
		w.do(func(tx *sqldb.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE members SET name = '改名', union_id = 'b', status = 'left' WHERE tenant_id = $1`, tenant)
			return err
		})
		if got := w.names(id, "a", "members"); !slices.Equal(got, before) {
			t.Errorf("later corrections made it %v, it was %v", got, before)
		}
		if err := w.take("zhou", auth.Officer, yearly.Make, id, 5, flow.Given{}); fault.Of(err).Kind != fault.Conflict {
			t.Errorf("counted anew after all: %v", err)
		}
		verify := func() (n int) {
			w.do(func(tx *sqldb.Tx) error {
				found, err := yearly.Verify(t.Context(), tx, tenant)
				n = len(found)
				if err == nil {
					var rep audit.Report
					rep, err = audit.Verify(t.Context(), tx, tenant, []string{"yearly_returns", "yearly_reviews", "steps"})
					n += len(rep.Findings)
				}
				return err
			})
			return n
		}
		if n := verify(); n != 0 {
			t.Errorf("%d findings in what nobody touched", n)
		}
		for _, q := range []string{
			`UPDATE yearly_people SET bits = bits + 128 WHERE tenant_id = $1 AND return_id = $2 AND member_id = 'm1'`, `UPDATE yearly_units SET figures = figures || ' ' WHERE tenant_id = $1 AND return_id = $2 AND ord = 1`,
		} {
			w.do(func(tx *sqldb.Tx) error { _, err := tx.Exec(t.Context(), q, tenant, id); return err })
			if verify() != 1 {
				t.Errorf("not found: %s", q)
			}
		}
	})
}

// Who counted does not check, who checked does not freeze, also as another
// officer; of twenty at once one takes the step.
func TestApart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		w := opened(t, db)
		id := w.counted().ID
		if err := w.take("zhou", auth.Officer, yearly.Check, id, 2, flow.Given{}); fault.Of(err).Kind != fault.Denied {
			t.Errorf("who counted checks: %v", err)
		}
		if err := w.take("zhou", auth.Auditor, yearly.Check, id, 2, flow.Given{}); fault.Of(err).Kind != fault.Denied {
			t.Errorf("who counted checks from another post: %v", err)
		}
		if err := w.take("pan", auth.Auditor, yearly.Back, id, 2, flow.Given{}); fault.Of(err).Kind != fault.Invalid {
			t.Errorf("given back without a word: %v", err)
		}
		var won atomic.Int64
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				err := w.take("pan", auth.Auditor, yearly.Check, id, 2, flow.Given{})
				if err == nil {
					won.Add(1)
				} else if fault.Of(err).Kind != fault.Conflict {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Errorf("%d of twenty checked it", won.Load())
		}
		if err := w.take("pan", auth.Director, yearly.Freeze, id, 3, flow.Given{}); fault.Of(err).Kind != fault.Denied {
			t.Errorf("who checked freezes: %v", err)
		}
		var began atomic.Int64
		for range 20 {
			wg.Go(func() {
				err := db.Do(t.Context(), func(tx *sqldb.Tx) error {
					_, err := w.room.Begin(t.Context(), tx, as("zhou", auth.Officer, yearly.Make), yearly.MakeForm{Year: 2024}, now)
					return err
				})
				if err == nil {
					began.Add(1)
				} else if fault.Of(err).Kind != fault.Conflict {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if began.Load() != 1 {
			t.Errorf("2024 was begun %d times", began.Load())
		}
	})
}

// A union judges its own figures until they are frozen; an objection holds the
// freezing up; counting anew voids what was said of figures that changed.
func TestReview(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		w := opened(t, db)
		id := w.counted().ID
		say := func(union string, f yearly.ReviewForm) error {
			f.ID = id
			return db.Do(t.Context(), func(tx *sqldb.Tx) error {
				_, err := yearly.Confirm(t.Context(), tx, auth.As(tenant, "li", auth.Chair, yearly.Review, union), f, now)
				return err
			})
		}
		for field, f := range map[string]yearly.ReviewForm{"words": {}, "staff_women": {Right: true, Women: 11}} {
			if err := say("a", f); fault.Of(err).Fields[field] == "" {
				t.Errorf("%s: %v", field, err)
			}
		}
		for range 2 { // pressed twice
			if err := say("a", yearly.ReviewForm{Right: true, Women: 4}); err != nil {
				t.Fatal(err)
			}
		}
		if err := say("b", yearly.ReviewForm{Words: "少算了一人"}); err != nil {
			t.Fatal(err)
		}
		if err := w.take("pan", auth.Auditor, yearly.Check, id, 2, flow.Given{}); err != nil {
			t.Fatal(err)
		}
		if err := w.take("liang", auth.Director, yearly.Freeze, id, 3, flow.Given{}); fault.Of(err).Kind != fault.Conflict {
			t.Errorf("frozen against an objection: %v", err)
		}
		if err := w.take("liang", auth.Director, yearly.Back, id, 3, flow.Given{Words: "园区有异议"}); err != nil {
			t.Fatal(err)
		}
		w.do(func(tx *sqldb.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE unions SET staff = 8 WHERE tenant_id = $1 AND id = 'b'`, tenant)
			return err
		})
		if err := w.take("zhou", auth.Officer, yearly.Make, id, 4, flow.Given{}); err != nil {
			t.Fatal(err)
		}
		w.run()
		w.do(func(tx *sqldb.Tx) error {
			units, err := yearly.UnitsOf(t.Context(), tx, as("zhou", auth.Officer, yearly.Look), id)
			for _, u := range units {
				if u.UnionID == "a" && (u.Review != "confirmed" || u.Women != 4) || u.UnionID == "b" && u.Review != "" {
					t.Errorf("%s: %+v", u.Name, u)
				}
			}
			return err
		})
		var left int64
		w.do(func(tx *sqldb.Tx) (err error) {
			left, err = sqldb.One(t.Context(), tx, sqldb.Int, `SELECT count(*) FROM yearly_units WHERE tenant_id = $1 AND return_id = $2`, tenant, id)
			return err
		})
		if left != 3 {
			t.Errorf("%d rows of units are kept", left)
		}
	})
}
