package hall

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"unionhall/grassroots/registry"
	"unionhall/hall/city"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/office/desk"
	"unionhall/schema/dbtest"
)

func TestQuarters(t *testing.T) {
	var rows []registry.Row
	for _, due := range []day.Day{"2026-10-30", "2026-12-31", "2027-01-01", "2027-03-31", "2027-12-31", "2028-01-01", ""} {
		rows = append(rows, registry.Row{TermDue: due, Overdue: due != "" && due < "2026-11-22"})
	}
	got := ""
	for _, l := range termPanel(rows, "2026-11-22").Lines {
		got += fmt.Sprintf("%s %d；", l.Text, l.Count)
	}
	want := "已届满未换届 1；2026 年四季度 1；2027 年一季度 2；2027 年二季度 0；2027 年三季度 0；2027 年四季度 1；"
	if got != want {
		t.Errorf("%s", got)
	}
}

// S2-04: what unions lack is counted by the clause, and opens its list.
func TestLacks(t *testing.T) {
	p := lackPanel([]registry.Row{{Missing: []string{"ORG-12", "ORG-13"}}, {Missing: []string{"ORG-13"}}, {}})
	if len(p.Lines) != 2 || p.Lines[0].Rule != "ORG-12" || p.Lines[1].Count != 2 || p.Lines[1].Href != "/grassroots/registry/unions?missing=ORG-13" {
		t.Errorf("%+v", p.Lines)
	}
	if p := lackPanel(nil); len(p.Lines) != 0 || p.More.Href != "" || p.Note == "" {
		t.Errorf("of nothing: %+v", p)
	}
}

func TestFigures(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{grouped(0), "0"}, {grouped(999), "999"}, {grouped(20014), "20,014"}, {grouped(1234567), "1,234,567"},
		{permille(986, 1000), "98.6%"}, {permille(99999, 100000), "99.9%"}, {permille(3, 3), "100.0%"}, {permille(-1, 3), "0.0%"},
		{fmt.Sprint(backwards(100, []moves{{"a", 5, 0}, {"b", 10, 3}, {"c", 0, 7}})), "[100 107 100]"},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}

// The officer's work table of a synthetic city, a member's first page, and
// what is remembered until the log goes on.
func TestSources(t *testing.T) { onEach(t, trySources) }

// onEach runs f with an empty place for a house on each engine.
func onEach(t *testing.T, f func(*testing.T, Settings)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, Settings{Data: filepath.Join(t.TempDir(), "data")}) })
	if os.Getenv("PG") == "" {
		if os.Getenv("CI") == "true" {
			t.Error("PG names no server, and in CI no engine may be left out")
		}
		return
	}
	t.Run("postgres", func(t *testing.T) {
		s := Settings{Data: filepath.Join(t.TempDir(), "data"), DB: dbtest.Empty(t)}
		if _, _, err := Migrate(context.Background(), s, false); err != nil {
			t.Fatal(err)
		}
		f(t, s)
	})
}

func trySources(t *testing.T, s Settings) {
	ctx := context.Background()
	h, err := Open(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if err := h.MakeDemo(ctx, city.Plan{Unions: 40, Members: 600, Years: 3, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	err = h.DB.View(ctx, func(tx *sqldb.Tx) error {
		tenants, err := sqldb.List(ctx, tx, sqldb.Int, `SELECT tenant_id FROM tenants`)
		if err != nil {
			return err
		}
		root, err := registry.Root(ctx, tx, tenants[0])
		if err != nil {
			return err
		}
		now := day.At(h.Now())
		as := func(o auth.Office, self string) desk.Viewer {
			post := auth.Post{ID: "p", Office: o, UnionID: root.ID, From: "2000-01-01"}
			return desk.Viewer{Actor: auth.NewActor(tenants[0], "x", "周敏", self, Roles(), "", post), Today: now.Day(), Now: now}
		}
		return errors.Join(officersTable(ctx, t, tx, as(auth.Officer, "")), others(ctx, t, tx, as), startOf(ctx, t, tx, as))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func officersTable(ctx context.Context, t *testing.T, tx *sqldb.Tx, v desk.Viewer) error {
	var labels []string
	for _, source := range sources() {
		p, err := source(ctx, tx, v)
		if err != nil {
			return err
		}
		for _, f := range p.Figures {
			labels = append(labels, f.Label)
			if f.Value == "" || f.Value == "0" || f.Href == "" {
				t.Errorf("figure %+v", f)
			}
		}
		for _, d := range p.Duties {
			if d.Due == "" && d.Tag == "" || d.Href == "" || d.Act == "" {
				t.Errorf("duty %+v", d)
			}
		}
	}
	if fmt.Sprint(labels) != "[在册会员 实名信息完整 基层工会 90 天内届满 法人资格有效]" {
		t.Errorf("figures: %v", labels)
	}
	for _, f := range finders {
		found, err := f.Find(ctx, tx, v, "工会", 3)
		if err != nil {
			return err
		}
		if n := len(found.Items); n > 3 || n == 0 && f.Title != "会员" {
			t.Errorf("%s: %d found", f.Title, n)
		}
	}
	return nil
}

// Who may not look gets nothing, and no error.
func others(ctx context.Context, t *testing.T, tx *sqldb.Tx, as func(auth.Office, string) desk.Viewer) error {
	for _, o := range []auth.Office{auth.Security, auth.Auditing, auth.Member} {
		for _, source := range sources()[:5] {
			p, err := source(ctx, tx, as(o, ""))
			if err != nil {
				return err
			}
			if len(p.Figures)+len(p.Duties)+len(p.Panels)+len(p.Changes) > 0 {
				t.Errorf("%s sees %+v", o, p)
			}
		}
	}
	audits, err := fromRecord(ctx, tx, as(auth.Auditing, ""))
	if err != nil {
		return err
	}
	if len(audits.Duties) != 1 || audits.Duties[0].Tag != "未验证" {
		t.Errorf("the audit administrator: %+v", audits)
	}
	guards, err := fromAccounts(ctx, tx, as(auth.Security, ""))
	if err != nil {
		return err
	}
	all := strconv.Itoa(len(DemoAccounts) + 1) // and the accountant who handed over and left
	if len(guards.Figures) != 3 || guards.Figures[0].Value != all || len(guards.Duties) != 0 {
		t.Errorf("the security administrator: %+v", guards)
	}
	self, err := sqldb.One(ctx, tx, sqldb.Text, `SELECT id FROM members WHERE status = 'active' ORDER BY id LIMIT 1`)
	if err != nil {
		return err
	}
	c, ok, err := ownCard(ctx, tx, as(auth.Member, self))
	if !ok || len(c.Number) != 18 || c.Name == "" || c.Union == "" {
		t.Errorf("card %+v, %v", c, ok)
	}
	return err
}

func startOf(ctx context.Context, t *testing.T, tx *sqldb.Tx, as func(auth.Office, string) desk.Viewer) error {
	steps, err := startSteps(ctx, tx, as(auth.Officer, ""))
	if err != nil {
		return err
	}
	if len(steps) != 4 || steps[0].Done || !steps[1].Done || steps[1].Act != "" || !steps[2].Done || !steps[3].Done {
		t.Errorf("steps: %+v", steps)
	}
	return nil
}

func TestRemembered(t *testing.T) {
	ctx := context.Background()
	h, err := Open(ctx, Settings{Data: filepath.Join(t.TempDir(), "data")})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	asked := 0
	source := remembered(func(context.Context, *sqldb.Tx, desk.Viewer) (desk.Part, error) {
		asked++
		return desk.Part{Duties: make([]desk.Duty, asked)}, nil
	})
	ask := func(office auth.Office, today day.Day) int {
		t.Helper()
		v := desk.Viewer{Actor: auth.NewActor(1, "x", "周敏", "", nil, "", auth.Post{ID: "p", Office: office, UnionID: "u"}), Today: today}
		var p desk.Part
		err := h.DB.View(ctx, func(tx *sqldb.Tx) (err error) { p, err = source(ctx, tx, v); return err })
		if err != nil {
			t.Fatal(err)
		}
		return len(p.Duties)
	}
	line := func(id, moved string) {
		t.Helper()
		err := h.DB.Do(ctx, func(tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO audit_rows (tenant_id, id, at, account_id, office, act, thing_id, change, moved, hash) VALUES (1, $1, 'a', 'a', 'a', 'a', 'a', 'a', $2, 'a')`, id, moved)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	line("1", "members=00")
	for i, c := range []struct {
		office auth.Office
		today  day.Day
		want   int
	}{
		{auth.Officer, "2026-11-22", 1}, {auth.Officer, "2026-11-22", 1}, {auth.Chair, "2026-11-22", 2},
		{auth.Officer, "2026-11-23", 3}, {auth.Officer, "2026-11-22", 1},
	} {
		if got := ask(c.office, c.today); got != c.want {
			t.Errorf("%d: asked %d times, want %d", i, got, c.want)
		}
	}
	line("2", "")
	if got := ask(auth.Officer, "2026-11-22"); got != 1 {
		t.Errorf("after a look that changed nothing: asked %d times", got)
	}
	line("3", "members=00")
	if got := ask(auth.Officer, "2026-11-22"); got != 4 {
		t.Errorf("after a write: asked %d times", got)
	}
}
