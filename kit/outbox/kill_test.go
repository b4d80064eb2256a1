package outbox_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"unionhall/kit/outbox"
	"unionhall/kit/sqldb"
	"unionhall/schema"
)

// child is what a killed process was doing: it sends letters of a database to
// the machine that the test listens on.
func child(where, to string) {
	db, err := sqldb.Open(where)
	if err != nil {
		panic(err)
	}
	b := outbox.New(db, func() time.Time { return time.Unix(1_780_000_000, 0) })
	b.Sends["post"] = posting(to)
	b.Run(context.Background())
}

func posting(to string) outbox.Send {
	return func(ctx context.Context, l outbox.Letter) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, to+"/"+l.ID, nil)
		if err != nil {
			return err
		}
		r, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		return r.Body.Close()
	}
}

func TestMain(m *testing.M) {
	if where := os.Getenv("OUTBOX_CHILD"); where != "" {
		child(where, os.Getenv("OUTBOX_TO"))
		return
	}
	os.Exit(m.Run())
}

// A process is killed (kill -9) after the receiver took a letter and before
// that was marked. The next one sends it again under the same id, and every
// other letter: nothing is lost, and the receiver can tell the repeat.
func TestKill(t *testing.T) {
	where := filepath.Join(t.TempDir(), "t.db")
	db, err := sqldb.Open(where)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(t.Context(), schema.Files); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	got := map[string]int{}
	taken, killed := make(chan struct{}, 9), make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		got[r.URL.Path[1:]]++
		mu.Unlock()
		taken <- struct{}{}
		<-killed
	}))
	defer srv.Close()

	c := office(t, db)
	b := outbox.New(db, c.now)
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		put(t, db, b, c, outbox.Letter{ID: id, Kind: "post"})
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "OUTBOX_CHILD="+where, "OUTBOX_TO="+srv.URL)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		<-taken
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait() // it was killed: that is no error here
	close(killed)
	if len(got) != 2 {
		t.Fatalf("before the kill went %v", got)
	}
	b.Sends["post"] = posting(srv.URL)
	if err := b.RunDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(got) != 5 || got["a"] != 1 || got["b"] != 1 {
		t.Errorf("while the dead one's lease holds went %v", got)
	}
	c.pass(2 * time.Minute)
	if err := b.RunDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got["a"] != 2 || got["b"] != 2 || got["c"] != 1 || got["d"] != 1 || got["e"] != 1 {
		t.Errorf("in the end went %v", got)
	}
	for id := range got {
		if l, _ := find(t, db, id); l.State != outbox.Sent {
			t.Errorf("%+v", l)
		}
	}
}
