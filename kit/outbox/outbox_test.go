package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/outbox"
	"unionhall/kit/sqldb"
	"unionhall/schema/dbtest"
)

const tenant = 2106000001

// clock is a clock that a test moves.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time       { return time.Unix(c.at.Load(), 0) }
func (c *clock) pass(d time.Duration) { c.at.Add(int64(d / time.Second)) }

var g = auth.System(tenant, "someone", "test.run", "root")

func office(t *testing.T, db *sqldb.DB) *clock {
	t.Helper()
	write(t, db, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO tenants (tenant_id, name, region, demo, started, version) VALUES ($1, '工委', '210600', $2, '2026-01-01', 1)`, int64(tenant), false)
		return err
	})
	c := new(clock)
	c.at.Store(1_780_000_000)
	return c
}

func write(t testing.TB, db *sqldb.DB, f func(tx *sqldb.Tx) error) {
	t.Helper()
	if err := db.Do(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

func put(t testing.TB, db *sqldb.DB, b *outbox.Box, c *clock, letters ...outbox.Letter) {
	t.Helper()
	for i := range letters {
		letters[i].Tenant = tenant
	}
	write(t, db, func(tx *sqldb.Tx) error { return b.Put(context.Background(), tx, day.At(c.now()), letters...) })
}

func find(t testing.TB, db *sqldb.DB, id string) (l outbox.Letter, tries []outbox.Try) {
	t.Helper()
	err := db.View(context.Background(), func(tx *sqldb.Tx) (err error) {
		if l, err = outbox.Find(context.Background(), tx, g, id); err == nil {
			tries, err = outbox.Tries(context.Background(), tx, g, id)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return l, tries
}

// What becomes of a letter by how its sending ends; each try leaves a line.
func TestEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		c := office(t, db)
		b := outbox.New(db, c.now)
		shaky := 0
		fell, went := map[string]int{}, map[string]int{}
		b.Fell = func(_ context.Context, _ *sqldb.Tx, l outbox.Letter, _ day.Instant) error { fell[l.Kind]++; return nil }
		b.Went = func(_ context.Context, _ *sqldb.Tx, l outbox.Letter, _ day.Instant) error { went[l.Kind]++; return nil }
		b.Sends = map[string]outbox.Send{
			"good":     func(context.Context, outbox.Letter) error { return nil },
			"unneeded": func(context.Context, outbox.Letter) error { return outbox.ErrUnneeded },
			"panics":   func(context.Context, outbox.Letter) error { panic("at work") },
			"refused": func(context.Context, outbox.Letter) error {
				return &outbox.Failure{Text: "没有这个地址", Status: 550, Final: true}
			},
			"hopeless": func(context.Context, outbox.Letter) error { return errors.New("always") },
			"shaky": func(context.Context, outbox.Letter) error {
				if shaky++; shaky < 3 {
					return &outbox.Failure{Text: "对方忙", Status: 421}
				}
				return nil
			},
		}
		for _, k := range []struct {
			kind  string
			state outbox.State
			words string
			tries int
			lines int
		}{
			{"good", outbox.Sent, "", 1, 1}, {"unneeded", outbox.Unneeded, "", 1, 0}, {"panics", outbox.Dead, "发送时程序出了故障", 1, 1},
			{"refused", outbox.Dead, "没有这个地址", 1, 1}, {"shaky", outbox.Sent, "", 3, 3}, {"hopeless", outbox.Dead, "发送时出了故障", 12, 12},
			{"unknown", outbox.Dead, "这一版程序不认识这种消息", 1, 1},
		} {
			id := sqldb.NewID()
			put(t, db, b, c, outbox.Letter{ID: id, Kind: k.kind})
			for range 14 {
				if err := b.RunDue(t.Context()); err != nil {
					t.Fatal(err)
				}
				c.pass(2 * time.Hour)
			}
			l, tries := find(t, db, id)
			if l.State != k.state || l.Error != k.words || l.Tries != int64(k.tries) || l.Ended == "" || len(tries) != k.lines {
				t.Errorf("%s: %+v, %d lines", k.kind, l, len(tries))
			}
			if k.kind == "refused" && tries[0].Status != 550 {
				t.Errorf("%+v", tries[0])
			}
			if k.state == outbox.Dead && fell[k.kind] != 1 || k.state == outbox.Sent && went[k.kind] != 1 {
				t.Errorf("%s: fell %v, went %v", k.kind, fell, went)
			}
		}
	})
}

// A failed letter waits longer each time, at least half of what doubles.
func TestPauses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		c := office(t, db)
		b := outbox.New(db, c.now)
		b.Sends["no"] = func(context.Context, outbox.Letter) error { return errors.New("no") }
		id := sqldb.NewID()
		put(t, db, b, c, outbox.Letter{ID: id, Kind: "no"})
		for _, want := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute} {
			if err := b.RunDue(t.Context()); err != nil {
				t.Fatal(err)
			}
			l, _ := find(t, db, id)
			due, err := time.Parse(time.RFC3339Nano, string(l.Due))
			if err != nil {
				t.Fatal(err)
			}
			if d := due.Sub(c.now()); d < want/2 || d > want {
				t.Errorf("after try %d it waits %v, want %v to %v", l.Tries, d, want/2, want)
			}
			c.pass(want)
		}
	})
}

// PL-13: several boxes of several instances on one database: each letter goes
// once, and never more than two at a time to one target from one box.
func TestEachOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		c := office(t, db)
		var mu sync.Mutex
		sent := map[string]int{}
		var boxes []*outbox.Box
		for range 4 {
			b, now := outbox.New(db, c.now), map[string]int{}
			b.Sends["count"] = func(_ context.Context, l outbox.Letter) error {
				mu.Lock()
				sent[l.ID]++
				if now[l.Target]++; now[l.Target] > 2 {
					t.Errorf("%d at once to %s", now[l.Target], l.Target)
				}
				mu.Unlock()
				time.Sleep(time.Millisecond)
				mu.Lock()
				now[l.Target]--
				mu.Unlock()
				return nil
			}
			boxes = append(boxes, b)
		}
		for i := range 60 {
			put(t, db, boxes[0], c, outbox.Letter{Kind: "count", Target: fmt.Sprint("m", i%3)})
		}
		var wg sync.WaitGroup
		for _, b := range boxes {
			wg.Go(func() {
				for open(t, db) > 0 {
					if err := b.RunDue(t.Context()); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		if len(sent) != 60 {
			t.Errorf("%d letters went", len(sent))
		}
		for id, n := range sent {
			if n != 1 {
				t.Errorf("%s went %d times", id, n)
			}
		}
	})
}

func open(t *testing.T, db *sqldb.DB) (n int64) {
	t.Helper()
	err := db.View(t.Context(), func(tx *sqldb.Tx) (err error) {
		n, err = sqldb.One(t.Context(), tx, sqldb.Int, `SELECT count(*) FROM outbox WHERE tenant_id = $1 AND state IN ('waiting', 'sending')`, int64(tenant))
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return n
}

// A target that never answers holds two letters, and nobody else's.
func TestDeadTargetHoldsNobodyElse(t *testing.T) {
	db := dbtest.SQLite(t)
	c := office(t, db)
	b := outbox.New(db, c.now)
	got := make(chan string, 8)
	b.Sends["hangs"] = func(ctx context.Context, _ outbox.Letter) error { <-ctx.Done(); return ctx.Err() }
	b.Sends["quick"] = func(_ context.Context, l outbox.Letter) error { got <- l.ID; return nil }
	for range 50 {
		put(t, db, b, c, outbox.Letter{Kind: "hangs"})
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { b.Run(ctx); close(ended) }()
	put(t, db, b, c, outbox.Letter{ID: "last", Kind: "quick"})
	select {
	case id := <-got:
		if id != "last" {
			t.Error(id)
		}
	case <-time.After(20 * time.Second):
		t.Error("the letter behind fifty to a dead target did not go")
	}
	stop()
	<-ended
	if l, _ := find(t, db, "last"); l.State != outbox.Sent {
		t.Errorf("%+v", l)
	}
	if n := open(t, db); n != 50 {
		t.Errorf("%d letters wait after the stop", n)
	}
}

// Nothing goes before the commit, and what was rolled back never does; a
// letter is put with what it tells of, or not at all.
func TestOnlyWhatWasCommitted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		c := office(t, db)
		b := outbox.New(db, c.now)
		sent := 0
		b.Sends["count"] = func(context.Context, outbox.Letter) error { sent++; return nil }
		err := db.Do(t.Context(), func(tx *sqldb.Tx) error {
			if err := b.Put(t.Context(), tx, day.At(c.now()), outbox.Letter{Tenant: tenant, Kind: "count"}); err != nil {
				return err
			}
			return fault.New(fault.Conflict, "别人先办了")
		})
		if fault.Of(err).Kind != fault.Conflict {
			t.Fatal(err)
		}
		if err := b.RunDue(t.Context()); err != nil || sent != 0 {
			t.Errorf("%d went, %v", sent, err)
		}
	})
}

// Sending again and another way: twenty people at once do each of them once.
func TestAgainAndReplace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		c := office(t, db)
		b := outbox.New(db, c.now)
		b.Sends["no"] = func(context.Context, outbox.Letter) error { return &outbox.Failure{Text: "不通", Final: true} }
		id := sqldb.NewID()
		put(t, db, b, c, outbox.Letter{ID: id, Kind: "no"})
		press := func(f func(tx *sqldb.Tx) error) (won int) {
			var mu sync.Mutex
			var wg sync.WaitGroup
			for range 20 {
				wg.Go(func() {
					err := db.Do(t.Context(), f)
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						won++
					} else if fault.Of(err).Kind != fault.Conflict {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			return won
		}
		again := func(tx *sqldb.Tx) error { _, err := b.Again(t.Context(), tx, g, id, day.At(c.now())); return err }
		replace := func(tx *sqldb.Tx) error { return outbox.Replace(t.Context(), tx, g, id, day.At(c.now())) }
		if n := press(again); n != 0 {
			t.Errorf("what waits was begun anew %d times", n)
		}
		if err := b.RunDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := press(again); n != 1 {
			t.Errorf("%d of twenty sent it again", n)
		}
		if err := b.RunDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := press(replace); n != 1 {
			t.Errorf("%d of twenty replaced it", n)
		}
		other := auth.System(tenant+1, "someone", "test.run", "root")
		err := db.Do(t.Context(), func(tx *sqldb.Tx) error { _, err := b.Again(t.Context(), tx, other, id, day.At(c.now())); return err })
		if fault.Of(err).Kind != fault.NotFound {
			t.Errorf("another committee's letter: %v", err)
		}
	})
}
