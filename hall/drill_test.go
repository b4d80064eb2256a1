package hall

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"unionhall/hall/city"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/office/drill"
)

// PL-04: a drill restores everything, says so, and leaves nothing behind; what
// was changed behind the program's back does not pass, and the administrators
// are told; each month has one by itself.
func TestDrill(t *testing.T) { onEach(t, tryDrill) }

func tryDrill(t *testing.T, s Settings) {
	ctx := context.Background()
	h, err := Open(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if err := h.MakeDemo(ctx, city.Plan{Unions: 40, Members: 600, Years: 2, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Files.Put(ctx, strings.NewReader("some paper"), 100); err != nil {
		t.Fatal(err)
	}
	if err := h.Chain(ctx); err != nil {
		t.Fatal(err)
	}
	killed := filepath.Join(s.Data, ".drill-999999999-left") // no process has this number
	if err := os.MkdirAll(filepath.Join(killed, "copy"), 0o700); err != nil {
		t.Fatal(err)
	}
	r, err := h.Drill(ctx, "test")
	if err != nil || !r.Good() || r.Rows() < 1000 || r.Files == 0 || r.LogRows == 0 || r.Sealed < 120 || r.Bytes == 0 {
		t.Fatalf("a drill of a sound office: %+v %v %s", r, err, r.Why())
	}
	if left, err := filepath.Glob(filepath.Join(s.Data, ".drill-*")); err != nil || len(left) > 0 {
		t.Errorf("it leaves %v %v", left, err)
	}
	months(t, h)
	behind(t, h, `UPDATE members SET name = '别人' WHERE id = (SELECT min(id) FROM members)`)
	r, err = h.Drill(ctx, "test")
	if err != nil || r.Good() || len(r.Findings) == 0 || !strings.Contains(r.Why(), "不符") {
		t.Errorf("a drill of an office that was changed: %+v %v", r, err)
	}
	told := 0
	for _, login := range []string{"admin", "audit"} {
		told += messages(t, h, login)
	}
	if told != 2 {
		t.Errorf("%d messages to the administrators", told)
	}
}

// months walks through the days of three months.
func months(t *testing.T, h *House) {
	t.Helper()
	ctx := context.Background()
	count := func() (n int64) {
		err := h.DB.View(ctx, func(tx *sqldb.Tx) (err error) {
			n, err = sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM drills WHERE tenant_id = $1`, int64(city.Tenant))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before, now := count(), time.Now()
	defer func() { h.Now = time.Now }()
	h.Now = func() time.Time { return now }
	next := time.Date(now.Year(), now.Month()+1, 1, 2, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		at   time.Time
		held int64
	}{{now.Add(24 * time.Hour), 0}, {next.AddDate(0, 0, 2), 1}, {next.AddDate(0, 0, 3), 1}, {next.AddDate(0, 1, 0), 2}} {
		if c.held == 0 && c.at.Month() != now.Month() {
			continue // the last day of a month
		}
		now = c.at
		var w sync.WaitGroup
		for range 5 {
			w.Go(func() {
				if err := h.Daily(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		w.Wait()
		if err := h.Runner.RunDue(ctx); err != nil {
			t.Error(err)
		}
		if got := count() - before; got != c.held {
			t.Errorf("by %s %d drills, want %d", c.at.Format(time.DateOnly), got, c.held)
		}
	}
}

// behind changes the database as somebody with its password would.
func behind(t *testing.T, h *House, q string) {
	t.Helper()
	ctx := context.Background()
	if err := h.DB.Do(ctx, func(tx *sqldb.Tx) error { _, err := tx.Exec(ctx, q); return err }); err != nil {
		t.Fatal(err)
	}
}

func messages(t *testing.T, h *House, login string) (n int) {
	t.Helper()
	ctx := context.Background()
	err := h.DB.View(ctx, func(tx *sqldb.Tx) error {
		got, err := sqldb.One(ctx, tx, sqldb.Int, `
			SELECT count(*) FROM messages m JOIN accounts a ON a.tenant_id = m.tenant_id AND a.id = m.account_id
			WHERE m.tenant_id = $1 AND a.login = $2 AND m.href = '/system/drills'`, int64(city.Tenant), login)
		n = int(got)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Of twenty who press at once, one begins a drill.
func TestDrillIsBegunOnce(t *testing.T) {
	onEach(t, func(t *testing.T, s Settings) {
		ctx := context.Background()
		h, err := Open(ctx, s)
		if err != nil {
			t.Fatal(err)
		}
		defer h.Close()
		if err := h.Found(ctx, Founding{Name: "滨江市直机关工会工委", Region: "210600", Login: "boss", Password: "Wmzh-8dzhgg!", By: "test"}); err != nil {
			t.Fatal(err)
		}
		var w sync.WaitGroup
		var mu sync.Mutex
		begun := 0
		for range 20 {
			w.Go(func() {
				err := h.asShell(ctx, "test", drill.Run, func(tx *sqldb.Tx, g auth.Grant, at day.Instant) error {
					_, err := h.rooms.drill.Begin(ctx, tx, g, at)
					return err
				})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					begun++
				}
			})
		}
		w.Wait()
		if begun != 1 {
			t.Errorf("%d drills begun", begun)
		}
	})
}
