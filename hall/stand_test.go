package hall_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"unionhall/hall"
	"unionhall/hall/city"
	"unionhall/kit/auth"
	"unionhall/kit/job"
	"unionhall/kit/sqldb"
	"unionhall/schema/dbtest"
)

var ctx = context.Background()

// process is the test that all tests of this process are part of: what it
// opens is there until the last of them has ended.
type process struct {
	testing.TB
	ends []func()
}

func (p *process) Helper()                   {}
func (p *process) Cleanup(f func())          { p.ends = append(p.ends, f) }
func (p *process) Error(args ...any)         { fmt.Fprintln(os.Stderr, args...) }
func (p *process) Errorf(f string, a ...any) { fmt.Fprintf(os.Stderr, f+"\n", a...) }
func (p *process) Fatal(args ...any)         { panic(fmt.Sprint(args...)) }
func (p *process) Fatalf(f string, a ...any) { panic(fmt.Sprintf(f, a...)) }
func (p *process) TempDir() string {
	dir, err := os.MkdirTemp("", "unionhall-hall-")
	if err != nil {
		panic(err)
	}
	p.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

var whole process

func TestMain(m *testing.M) {
	code := m.Run()
	for _, end := range slices.Backward(whole.ends) {
		end()
	}
	os.Exit(code)
}

// offices is what each demo account is there for (contract.md 4).
var offices = map[string]auth.Office{
	"admin": auth.Admin, "director": auth.Director, "officer": auth.Officer, "accountant": auth.Accountant, "cashier": auth.Cashier, "auditor": auth.Auditor,
	"chair": auth.Chair, "chair2": auth.Chair, "member": auth.Member, "member2": auth.Member, "security": auth.Security, "audit": auth.Auditing,
}

// small is the city of the tests.
var small = city.Plan{Unions: 40, Members: 600, Years: 3, Seed: 1}

// stand is a house that serves a synthetic city on one engine.
type stand struct {
	house  *hall.House
	url    string
	engine string

	lived  sync.Once
	moved  string // the page of a union whose chair was moved without consent
	mu     sync.Mutex
	people map[string]person
}

// raise opens a house on an empty database and makes a city in it.
func raise(t testing.TB, engine string, p city.Plan) *stand {
	t.Helper()
	return build(t, engine, func(h *hall.House) error { return h.MakeDemo(ctx, p) })
}

// begin opens a house in which an office was founded a moment ago; boss holds
// its founding posts.
func begin(t testing.TB) *stand {
	t.Helper()
	return build(t, "sqlite", func(h *hall.House) error {
		return h.Found(ctx, hall.Founding{Name: city.Office, Region: city.Region, Login: "boss", Person: "赵敏", Password: bossSecret, By: "test"})
	})
}

// build opens a house on an empty database, has it filled, and serves it.
func build(t testing.TB, engine string, fill func(*hall.House) error) *stand {
	t.Helper()
	return buildWith(t, engine, hall.Out{}, fill)
}

// buildWith is build for a house whose messages leave it.
func buildWith(t testing.TB, engine string, out hall.Out, fill func(*hall.House) error) *stand {
	t.Helper()
	s := hall.Settings{Data: filepath.Join(t.TempDir(), "data"), Out: out}
	if engine == "postgres" {
		s.DB = dbtest.Empty(t)
		if _, _, err := hall.Migrate(ctx, s, false); err != nil {
			t.Fatal(err)
		}
	}
	h, err := hall.Open(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	st := &stand{house: h, engine: engine, people: map[string]person{}}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := fill(h); err != nil {
		t.Fatal(err)
	}
	handler, err := h.Handler()
	if err != nil {
		t.Fatal(err)
	}
	h.Runner.Works["test"] = func(context.Context, *job.Turn) (string, error) { return "", nil }
	h.Run(ctx)
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	st.url = srv.URL
	return st
}

// engines lists where the tests run; in CI none may be left out.
func engines(t *testing.T) []string {
	if os.Getenv("PG") != "" {
		return []string{"sqlite", "postgres"}
	}
	if os.Getenv("CI") == "true" {
		t.Error("PG names no server, and in CI no engine may be left out")
	}
	return []string{"sqlite"}
}

var stands = map[string]func() *stand{
	"sqlite":   sync.OnceValue(func() *stand { return raise(&whole, "sqlite", small) }),
	"postgres": sync.OnceValue(func() *stand { return raise(&whole, "postgres", small) }),
}

// office is the office of the journeys, which begin with nothing.
var office = sync.OnceValue(func() *stand { return begin(&whole) })

// each runs f on the one demo house of every engine.
func each(t *testing.T, f func(t *testing.T, s *stand)) {
	t.Helper()
	for _, e := range engines(t) {
		t.Run(e, func(t *testing.T) { f(t, stands[e]()) })
	}
}

// one returns the demo house on the embedded database.
func one() *stand { return stands["sqlite"]() }

// look runs a query for texts.
func (s *stand) look(t testing.TB, q string, args ...any) (out []string) {
	t.Helper()
	err := s.house.DB.View(ctx, func(tx *sqldb.Tx) (err error) {
		out, err = sqldb.List(ctx, tx, sqldb.Text, q, args...)
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	return out
}

// first is look for one text that must be there.
func (s *stand) first(t testing.TB, q string, args ...any) string {
	t.Helper()
	all := s.look(t, q, args...)
	if len(all) == 0 {
		t.Fatalf("nothing for %s %v", q, args)
	}
	return all[0]
}

// write runs what the pages offer no way for.
func (s *stand) write(t testing.TB, f func(tx *sqldb.Tx) error) {
	t.Helper()
	if err := s.house.DB.Do(ctx, f); err != nil {
		t.Fatal(err)
	}
}
