package fleet

import (
	"context"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"unionhall/hall"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/job"
	"unionhall/kit/sqldb"
)

// A rolling restart of two instances behind a proxy, while people work: not
// one request fails, and every number is given once.
func TestRollingRestart(t *testing.T) {
	heavy(t)
	t.Parallel()
	o := found(t, empty(t))
	pair := []*instance{o.serve(t, "--drain", "1s"), o.serve(t, "--drain", "1s")}
	b := balance(t, pair[0].url, pair[1].url)
	l := (&load{urls: func() string { return b.URL }, token: o.token, people: 4}).run()
	for i, old := range pair {
		l.reach(t, 20)
		began := time.Now()
		if code := old.stop(t); code != 0 || time.Since(began) < time.Second {
			t.Errorf("it ended with %d after %v", code, time.Since(began))
		}
		pair[i] = o.serve(t, "--drain", "1s")
		b.swap(old.url, pair[i].url)
		l.reach(t, 20)
	}
	l.end()
	for _, what := range l.trouble {
		t.Errorf("a request failed: %s", what)
	}
	l.stands(t, open(t, "pgx", o.db))
	o.clean(t)
}

// A session made on one instance holds on the other, and so does its end; five
// wrong passwords lock an account wherever they were typed.
//
// law: R1.69
func TestSessionsAreShared(t *testing.T) {
	heavy(t)
	t.Parallel()
	o := found(t, empty(t))
	a, b := o.serve(t), o.serve(t)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Jar: jar, Timeout: time.Minute} // cookies know no ports
	sign := func(i *instance, c *http.Client, word string) int {
		code, _, err := ask(c, "POST", i.url+"/login", "", "", fmt.Sprintf(`{"login":"boss","password":%q}`, word))
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	home := func(i *instance) int {
		code, _, err := ask(c, "GET", i.url+"/", "", "", "")
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	if got := sign(a, c, secret); got != 204 {
		t.Fatalf("log-in: %d", got)
	}
	if home(a) != 200 || home(b) != 200 {
		t.Error("the session of one is not known to the other")
	}
	if code, body, err := ask(c, "POST", b.url+"/logout", "", "", "{}"); err != nil || code >= 400 {
		t.Errorf("log-out: %d %s %v", code, body, err)
	}
	if home(a) != 401 {
		t.Error("the end of a session is not known to the other")
	}
	for n := range 5 {
		sign([]*instance{a, b}[n%2], client(), "wrong-Word-9")
	}
	for _, i := range []*instance{a, b} {
		if got := sign(i, client(), secret); got == 204 {
			t.Error("five wrong passwords on two instances lock nothing")
		}
	}
}

// Two houses on one database do each job once and each daily work once, and
// both show what either wrote, whatever their clocks say.
func TestWorkIsDoneOnce(t *testing.T) {
	heavy(t)
	t.Parallel()
	o := found(t, empty(t))
	var houses []*hall.House
	var mu sync.Mutex
	done := map[string]int{}
	var both [2]atomic.Int64
	for i := range 2 {
		h, err := hall.Open(ctx, hall.Settings{Data: o.data, DB: o.db})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { h.Close() })
		h.Runner.Works["count"] = func(_ context.Context, turn *job.Turn) (string, error) {
			mu.Lock()
			done[turn.ID]++
			mu.Unlock()
			both[i].Add(1)
			time.Sleep(2 * time.Millisecond)
			return "", nil
		}
		houses = append(houses, h)
	}
	var root string
	err := houses[0].DB.View(ctx, func(tx *sqldb.Tx) (err error) {
		root, err = sqldb.One(ctx, tx, sqldb.Text, `SELECT id FROM unions WHERE parent_id IS NULL`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	g := auth.System(2106000001, "system", hall.Nightly, root)
	for range 60 {
		err := houses[0].DB.Do(ctx, func(tx *sqldb.Tx) error {
			_, err := houses[0].Runner.Start(ctx, tx, g, day.At(time.Now()), "count", "数一数", "", nil)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var work sync.WaitGroup
	for _, h := range houses {
		work.Go(func() {
			if err := h.Runner.RunDue(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
	for id, n := range done {
		if n != 1 {
			t.Errorf("job %s was done %d times", id, n)
		}
	}
	if len(done) != 60 || both[0].Load() == 0 || both[1].Load() == 0 {
		t.Errorf("%d of 60 jobs done, %d by one and %d by the other", len(done), both[0].Load(), both[1].Load())
	}
}
