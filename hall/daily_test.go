package hall

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

// R1.70: a day's work is done once, however many ask at once; not before its
// hour; again on the next day; and again where it failed.
func TestDaily(t *testing.T) { onEach(t, tryDaily) }

func tryDaily(t *testing.T, s Settings) {
	ctx := context.Background()
	h, err := Open(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if err := h.Found(ctx, Founding{Name: "滨江市直机关工会工委", Region: "210600", Login: "boss", Password: "Wmzh-8dzhgg!", By: "test"}); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 26, 21, 30, 0, 0, time.UTC) // 05:30 of the 27th in Beijing
	h.Now = func() time.Time { return now }
	var done atomic.Int64
	var fail atomic.Bool
	h.rooms.daily = []daily{{"test", func(_ context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day, _ day.Instant) error {
		if fail.Load() {
			return errors.New("not today")
		}
		if today != day.At(now).Day() || g.Under() == "" {
			t.Errorf("on %s under %q", today, g.Under())
		}
		tx.After(func() { done.Add(1) })
		return nil
	}}}
	twenty := func() {
		var w sync.WaitGroup
		for range 20 {
			w.Go(func() {
				if err := h.Daily(ctx); err != nil && !fail.Load() {
					t.Error(err)
				}
			})
		}
		w.Wait()
	}
	twenty()
	if done.Load() != 0 {
		t.Error("before its hour")
	}
	now = now.Add(time.Hour)
	fail.Store(true)
	twenty()
	fail.Store(false)
	twenty()
	if done.Load() != 1 {
		t.Errorf("done %d times", done.Load())
	}
	now = now.Add(24 * time.Hour)
	twenty()
	if done.Load() != 2 {
		t.Errorf("done %d times in two days", done.Load())
	}
}
