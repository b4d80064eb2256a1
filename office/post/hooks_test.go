package post_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"unionhall/commons/message"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/gateway"
	"unionhall/kit/outbox"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/office/post"
	"unionhall/schema/dbtest"
)

const tenant, twin = int64(2106000001), int64(2106000002)

// world is this room on one engine, with a receiver on this machine.
type world struct {
	t     *testing.T
	db    *sqldb.DB
	room  *post.Room
	at    atomic.Int64
	url   string
	code  atomic.Int64 // what the receiver answers
	mu    sync.Mutex
	got   []delivery
	g     auth.Grant
	other auth.Grant
}

type delivery struct {
	head http.Header
	body string
}

func (w *world) now() time.Time       { return time.Unix(w.at.Load(), 0) }
func (w *world) instant() day.Instant { return day.At(w.now()) }
func (w *world) pass(d time.Duration) { w.at.Add(int64(d / time.Second)) }

func (w *world) do(f func(tx *sqldb.Tx) error) {
	w.t.Helper()
	if err := w.db.Do(w.t.Context(), f); err != nil {
		w.t.Fatal(err)
	}
}

func opened(t *testing.T, db *sqldb.DB) *world {
	t.Helper()
	keys, err := seal.Create(filepath.Join(t.TempDir(), "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	db.UseKeys(keys)
	w := &world{t: t, db: db, g: auth.System(tenant, "admin", post.Hooks, "root"), other: auth.System(twin, "admin", post.Hooks, "root")}
	w.at.Store(1_795_000_000)
	w.code.Store(200)
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		w.mu.Lock()
		w.got = append(w.got, delivery{r.Header, string(b)})
		w.mu.Unlock()
		rw.WriteHeader(int(w.code.Load()))
	}))
	t.Cleanup(srv.Close)
	w.url = srv.URL + "/unionhall"
	box := outbox.New(db, w.now)
	guard := gateway.Guard{Private: true}
	w.room = &post.Room{Post: &message.Post{DB: db, Box: box, Guard: guard, Now: w.now}, Box: box, DB: db, Guard: guard, Now: w.now, Events: post.Events}
	box.Sends, box.Went, box.Fell = w.room.Sends(), w.room.Went, w.room.Fell
	w.do(func(tx *sqldb.Tx) error {
		for _, id := range []int64{tenant, twin} {
			for _, q := range []string{
				`INSERT INTO tenants (tenant_id, name, region, demo, started, version) VALUES ($1, '工委', '210600', false, '2026-01-01', 1)`,
				`INSERT INTO unions (tenant_id, id, code, name, name_key, kind, state, staff, own_account, version) VALUES ($1, 'root', '1', '工委', 'gw', 'agency', 'standing', 0, false, 1)`,
				`INSERT INTO union_reach (tenant_id, above_id, union_id, depth) VALUES ($1, 'root', 'root', 0)`,
				`INSERT INTO accounts (tenant_id, id, login, name, name_key, password, must_change, changed, locked, version) VALUES ($1, 'admin', 'admin', '郑宇', 'zheng', '-', false, '-', false, 1)`,
				`INSERT INTO posts (tenant_id, id, account_id, office, union_id, from_day, version) VALUES ($1, 'p', 'admin', 'admin', 'root', '2020-01-01', 1)`,
			} {
				if _, err := tx.Exec(t.Context(), q, id); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return w
}

// happen writes a line of the log as a room would, and chains it.
func (w *world) happen(g auth.Grant, thing string, change map[string]any) {
	w.t.Helper()
	w.do(func(tx *sqldb.Tx) error { return audit.Write(w.t.Context(), tx, g, thing, change, w.instant()) })
	w.do(func(tx *sqldb.Tx) error {
		_, err := audit.Chain(w.t.Context(), tx, g.Tenant(), w.instant())
		return err
	})
}

// work feeds and sends what is due.
func (w *world) work() {
	w.t.Helper()
	if err := w.room.Work(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	if err := w.room.Box.RunDue(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) taken() []delivery {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]delivery(nil), w.got...)
}

func (w *world) hook(events ...string) post.HookMade {
	w.t.Helper()
	var h post.HookMade
	w.do(func(tx *sqldb.Tx) (err error) {
		h, err = w.room.Add(w.t.Context(), tx, w.g, post.HookForm{Name: "办公系统", URL: w.url, Events: events}, w.instant())
		return err
	})
	return h
}

var (
	renamed = map[string]any{"act": "renamed", "day": "2026-11-20", "document": "滨直工〔2026〕9号", "was": "旧名工会", "now": "新名工会", "reason": "机构改革"}
	joined  = map[string]any{"did": "registered", "day": "2026-11-20", "fields": map[string]any{"name": []string{"", "王建国"}}, "reason": "新入会"}
)

// PL-18: what happened is told once, signed, to who asked for it and from the
// day they asked; of another committee, of other events and of persons' data
// nothing is told.
func TestFeed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		w := opened(t, db)
		w.happen(w.g, "u0", renamed) // before anybody asked
		h := w.hook("union.renamed", "member.joined")
		w.pass(time.Minute)
		w.happen(w.g, "u1", renamed)
		w.happen(w.g, "m1", joined)
		w.happen(w.g, "u2", map[string]any{"act": "closed"})                       // not asked for
		w.happen(w.g, "m2", map[string]any{"did": "revealed", "reason": "核对入会申请"}) // no event at all
		w.happen(w.other, "u3", renamed)                                           // another committee's
		w.work()
		w.work()
		got := w.taken()
		if len(got) != 2 {
			t.Fatalf("%d deliveries: %+v", len(got), got)
		}
		ids := map[string]bool{}
		for _, d := range got {
			if !gateway.Signed(h.Secret, d.head.Get(gateway.HookTimestamp), d.body, d.head.Get(gateway.HookSignature)) {
				t.Errorf("not signed: %v", d.head)
			}
			ids[d.head.Get(gateway.HookDelivery)] = true
			var p post.Payload
			if err := json.Unmarshal([]byte(d.body), &p); err != nil {
				t.Fatal(err)
			}
			if p.Office != tenant || p.Event != d.head.Get(gateway.HookEvent) || strings.Contains(d.body, "王建国") || strings.Contains(d.body, "机构改革") {
				t.Errorf("told: %s", d.body)
			}
			if p.Event == "union.renamed" && (p.Thing != "u1" || p.Path != "/grassroots/registry/unions/u1" || p.Data["now"] != "新名工会") {
				t.Errorf("told: %s", d.body)
			}
		}
		if len(ids) != 2 {
			t.Errorf("deliveries have the ids %v", ids)
		}
	})
}

// Two instances feed and send at once: each event goes once.
func TestFeedOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		w := opened(t, db)
		w.hook("union.renamed")
		w.pass(time.Minute)
		for range 12 {
			w.happen(w.g, "u", renamed)
		}
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if err := w.room.Feed(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		w.work()
		if n := len(w.taken()); n != 12 {
			t.Errorf("%d deliveries of 12 events", n)
		}
	})
}

// A receiver that fails is tried again under the same id; one that refuses ten
// in a row is stopped, the administrator is told, nothing more goes there, and
// after it is let go on what failed can be sent again.
func TestFailures(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		w := opened(t, db)
		h := w.hook("union.renamed")
		w.code.Store(503)
		w.pass(time.Minute)
		w.happen(w.g, "u", renamed)
		w.work()
		w.code.Store(200)
		w.pass(time.Minute)
		w.work()
		got := w.taken()
		if len(got) != 2 || got[0].head.Get(gateway.HookDelivery) != got[1].head.Get(gateway.HookDelivery) || got[0].body != got[1].body {
			t.Fatalf("%d tries: %+v", len(got), got)
		}
		w.code.Store(404)
		for range 12 {
			w.happen(w.g, "u", renamed)
			w.work()
		}
		if n := len(w.taken()); n != 2+10 {
			t.Errorf("%d deliveries before it was stopped", n-2)
		}
		var page []message.Message
		admin, err := auth.NewActor(tenant, "admin", "郑宇", "", nil, "").Grant(auth.Anyone, w.instant().Day())
		if err != nil {
			t.Fatal(err)
		}
		w.do(func(tx *sqldb.Tx) (err error) {
			page, err = message.List(t.Context(), tx, admin, true, "", 9)
			return err
		})
		if len(page) != 1 || !strings.Contains(page[0].Title, "办公系统") || !strings.Contains(page[0].Body, "连续 10 次未送达") {
			t.Errorf("the administrator is told %+v", page)
		}
		var dead []outbox.Letter
		w.do(func(tx *sqldb.Tx) (err error) {
			dead, err = outbox.List(t.Context(), tx, w.g, outbox.Filter{State: outbox.Dead, Limit: 50})
			return err
		})
		w.code.Store(200)
		w.do(func(tx *sqldb.Tx) error {
			again, err := w.room.Switch(t.Context(), tx, w.g, h.ID, true, 2, w.instant())
			if again.State != "active" || again.Failures != 0 {
				t.Errorf("%+v", again)
			}
			return err
		})
		before := len(w.taken())
		w.do(func(tx *sqldb.Tx) error {
			_, err := w.room.Box.Again(t.Context(), tx, w.g, dead[0].ID, w.instant())
			return err
		})
		w.work()
		if got := w.taken(); len(got) != before+1 || got[before].head.Get(gateway.HookDelivery) != dead[0].ID {
			t.Errorf("sent again: %+v", got[before:])
		}
	})
}

// Wrong forms are refused at the field, stale versions and other committees'
// hooks as such; of twenty who stop it at once one does.
func TestHookForms(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		w := opened(t, db)
		w.room.Guard = gateway.Guard{}
		for field, f := range map[string]post.HookForm{
			"name":   {Name: "x", URL: "https://oa.example.cn/", Events: []string{"union.closed"}},
			"events": {Name: "办公系统", URL: "https://oa.example.cn/", Events: []string{"union.closed", "union.exploded"}},
			"url":    {Name: "办公系统", URL: "https://127.0.0.1/", Events: []string{"union.closed"}},
		} {
			for _, url := range []string{f.URL, "http://oa.example.cn/", "https://localhost/x", "https://[::1]/", "https://user:pass@oa.example.cn/", "ftp://oa.example.cn/", "oa"} {
				if field == "url" {
					f.URL = url
				}
				err := db.Do(t.Context(), func(tx *sqldb.Tx) error { _, err := w.room.Add(t.Context(), tx, w.g, f, w.instant()); return err })
				if e := fault.Of(err); e.Kind != fault.Invalid || e.Fields[field] == "" {
					t.Errorf("%s %s: %v", field, f.URL, err)
				}
			}
		}
		w.room.Guard = gateway.Guard{Private: true}
		h := w.hook("union.closed")
		err := db.Do(t.Context(), func(tx *sqldb.Tx) error {
			_, err := w.room.Amend(t.Context(), tx, w.other, post.HookChange{HookForm: post.HookForm{Name: "办公系统", URL: w.url, Events: []string{"union.closed"}}, ID: h.ID, Version: 1}, w.instant())
			return err
		})
		if fault.Of(err).Kind != fault.NotFound {
			t.Errorf("another committee's: %v", err)
		}
		var won atomic.Int64
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				err := db.Do(t.Context(), func(tx *sqldb.Tx) error {
					_, err := w.room.Switch(t.Context(), tx, w.g, h.ID, false, 1, w.instant())
					return err
				})
				if err == nil {
					won.Add(1)
				} else if fault.Of(err).Kind != fault.Conflict {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Errorf("%d of twenty stopped it", won.Load())
		}
		var whole audit.Report
		err = db.View(t.Context(), func(tx *sqldb.Tx) (err error) {
			whole, err = audit.Verify(t.Context(), tx, tenant, []string{"hooks"})
			return err
		})
		if err != nil || len(whole.Findings) != 0 || whole.Sealed != 1 {
			t.Errorf("the seals: %+v, %v", whole, err)
		}
	})
}

// The schema of every event names what its body holds.
func TestSchemas(t *testing.T) {
	for _, e := range post.Events {
		b, err := json.Marshal(e.Schema())
		if err != nil || !strings.Contains(string(b), `"const":"`+e.Name+`"`) {
			t.Errorf("%s: %s %v", e.Name, b, err)
		}
	}
}
