// Package town is a small committee for the tests of the rooms about members:
// a root, two base unions with a chair each, one without, and members.
package town

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/ident"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/schema"
)

// Tenant is the committee's number, Now the instant at which it is founded.
const (
	Tenant = 2106000001
	Now    = day.Instant("2026-11-26T02:00:00.000000Z")
)

// Town is the committee.
type Town struct {
	T      testing.TB
	DB     *sqldb.DB
	Tenant int64
	Root   registry.Union
	A, B   registry.Union // with a chair
	C      registry.Union // without
	people int
}

var (
	mu      sync.Mutex
	keyring *seal.Keys
)

// New founds the committee in an empty database.
func New(t testing.TB, db *sqldb.DB, tenant int64) *Town {
	t.Helper()
	mu.Lock()
	if keyring == nil {
		k, err := seal.Create(filepath.Join(t.TempDir(), "keys.json"))
		if err != nil {
			t.Fatal(err)
		}
		keyring = k
	}
	db.UseKeys(keyring)
	mu.Unlock()
	w := &Town{T: t, DB: db, Tenant: tenant}
	w.Do(func(tx *sqldb.Tx) error {
		w.Root = w.found(tx, "", "市直机关工会工委", registry.Agency)
		w.A = w.found(tx, w.Root.ID, "市财政局机关工会", registry.Base)
		w.B = w.found(tx, w.Root.ID, "市教育局机关工会", registry.Base)
		w.C = w.found(tx, w.Root.ID, "市水务局机关工会", registry.Base)
		if _, err := tx.Exec(ctx, `INSERT INTO tenants (tenant_id, name, region, demo, started, version) VALUES ($1, '市直机关工会工委', '210600', false, '2026-01-01', 1)`, tenant); err != nil {
			return err
		}
		for _, p := range [][3]string{{"officer", "officer", w.Root.ID}, {"chair-a", "chair", w.A.ID}, {"chair-b", "chair", w.B.ID}} {
			if _, err := tx.Exec(ctx, `INSERT INTO accounts (tenant_id, id, login, name, name_key, password, must_change, changed, locked, version) VALUES ($1, $2, $2, $2, $2, '-', false, '-', false, 1)`, tenant, p[0]); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `INSERT INTO posts (tenant_id, id, account_id, office, union_id, from_day, version) VALUES ($1, $2, $2, $3, $4, '2020-01-01', 1)`, tenant, p[0], p[1], p[2]); err != nil {
				return err
			}
		}
		rows := []audit.Touched{{Table: "tenants"}}
		for _, id := range []string{"officer", "chair-a", "chair-b"} {
			rows = append(rows, audit.Touched{Table: "accounts", ID: id}, audit.Touched{Table: "posts", ID: id})
		}
		return audit.Write(ctx, tx, w.Officer("test.found"), w.Root.ID, map[string]string{"did": "founded"}, Now, rows...)
	})
	return w
}

var ctx = context.Background()

func (w *Town) found(tx *sqldb.Tx, parent, name string, kind registry.Kind) registry.Union {
	w.T.Helper()
	code, err := registry.NextCode(ctx, tx, w.Tenant)
	if err != nil {
		w.T.Fatal(err)
	}
	u := registry.Union{ID: fmt.Sprintf("00000000-0000-7000-8000-%012s", code), Code: code, Name: name, ShortName: name, Kind: kind, ParentID: parent, State: registry.Standing, Version: 1}
	under := u.ID
	if parent != "" {
		under = w.Root.ID
	}
	g, m := auth.System(w.Tenant, "test", "test.found", under), audit.Moves{}
	err = registry.Insert(ctx, tx, g, m, u, "founded", "2010-01-01", "滨直工〔2010〕1号", "")
	if err == nil {
		err = m.Write(ctx, tx, g, u.ID, map[string]any{"did": "founded"}, Now)
	}
	if err != nil {
		w.T.Fatal(err)
	}
	return u
}

// Do runs what must succeed.
func (w *Town) Do(f func(*sqldb.Tx) error) {
	w.T.Helper()
	if err := w.DB.Do(ctx, f); err != nil {
		w.T.Fatal(err)
	}
}

// Officer acts for the whole committee, Chair for a union.
func (w *Town) Officer(act auth.Action) auth.Grant {
	return auth.As(w.Tenant, "officer", auth.Officer, act, w.Root.ID)
}

func (w *Town) Chair(u registry.Union, act auth.Action) auth.Grant {
	account := "chair-a"
	if u.ID == w.B.ID {
		account = "chair-b"
	}
	return auth.As(w.Tenant, account, auth.Chair, act, u.ID)
}

// Self acts for a member over nothing but the own things.
func (w *Town) Self(m member.Member, office auth.Office, under string, act auth.Action) auth.Grant {
	g, err := auth.NewActor(w.Tenant, "self-"+m.ID, m.Person.Name, m.ID, auth.Roles{office: {act}}, "", auth.Post{Office: office, UnionID: under, From: "2020-01-01"}).Grant(act, Now.Day())
	if err != nil {
		w.T.Fatal(err)
	}
	return g
}

// Number is the number of a document that nobody has had yet.
func (w *Town) Number() string {
	w.people++
	return ident.CheckedID(fmt.Sprintf("98%04d19850607%03d", w.people/900+1, w.people%900))
}

// Join makes a member of the union.
func (w *Town) Join(u registry.Union, name string) (m member.Member) {
	w.T.Helper()
	f := member.Form{Name: name, IDType: "1", IDNo: w.Number(), Phone: "15400001234"}
	w.Do(func(tx *sqldb.Tx) (err error) {
		m, err = member.Register(ctx, tx, w.Officer(member.Edit), u.Code, f, "2015-03-01", "滨直工〔2015〕3号", Now)
		return err
	})
	return m
}

// Member reads a member anew.
func (w *Town) Member(id string) (m member.Member) {
	w.T.Helper()
	w.Do(func(tx *sqldb.Tx) (err error) { m, err = member.Any(ctx, tx, w.Tenant, id); return err })
	return m
}

// Whole proves the log, the seals and the figures.
func (w *Town) Whole() {
	w.T.Helper()
	err := w.DB.View(ctx, func(tx *sqldb.Tx) error {
		rep, err := audit.Verify(ctx, tx, w.Tenant, schema.Sealed)
		if err != nil {
			return err
		}
		found, err := member.Recount(ctx, tx, w.Tenant)
		for _, f := range append(rep.Findings, found...) {
			w.T.Errorf("verify: %s: %s", f.Where, f.What)
		}
		return err
	})
	if err != nil {
		w.T.Fatal(err)
	}
}

// Race runs f twenty times at once and returns the errors.
func (w *Town) Race(f func(tx *sqldb.Tx, i int) error) []error {
	var wg sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		wg.Add(1)
		go func() {
			defer wg.Done()
			errs[i] = w.DB.Do(ctx, func(tx *sqldb.Tx) error { return f(tx, i) })
		}()
	}
	wg.Wait()
	return errs
}

// Won counts those that succeeded.
func Won(errs []error) (n int) {
	for _, err := range errs {
		if err == nil {
			n++
		}
	}
	return n
}
