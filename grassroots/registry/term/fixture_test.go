package term

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/kit/zh"
	"unionhall/schema"
	"unionhall/schema/dbtest"
)

const (
	binjiang = int64(2106000001)
	shanghai = int64(3101000001) // where silence is consent (ORG-25)
	now      = day.Instant("2026-04-02T01:00:00.000000Z")
	today    = day.Day("2026-04-02")
)

var ctx = context.Background()

// world is a committee over 财政局 and 教育局, and the same again, id for id, for
// a twin tenant.
type world struct {
	t   *testing.T
	db  *sqldb.DB
	ids map[string]string
	at  day.Instant
}

// each runs f on every engine.
func each(t *testing.T, f func(w *world)) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		keys, err := seal.Create(filepath.Join(t.TempDir(), "keys"))
		if err != nil {
			t.Fatal(err)
		}
		db.UseKeys(keys)
		w := &world{t, db, map[string]string{}, now}
		for i, name := range []string{"工委", "财政局", "教育局"} {
			w.ids[name] = fmt.Sprintf("01900000-0000-7000-8000-%012d", i+1)
		}
		for _, tenant := range []int64{binjiang, shanghai} {
			w.plant(tenant, "工委", registry.Agency, "")
			w.plant(tenant, "财政局", registry.Base, "工委")
			w.plant(tenant, "教育局", registry.Base, "工委")
		}
		f(w)
		w.must(func(tx *sqldb.Tx) error {
			for _, tenant := range []int64{binjiang, shanghai} {
				rep, err := audit.Verify(ctx, tx, tenant, schema.Sealed)
				if err != nil || len(rep.Findings) > 0 {
					t.Errorf("PL-08 tenant %d: %+v, %v", tenant, rep.Findings, err)
				}
			}
			return nil
		})
	})
}

func (w *world) plant(tenant int64, name string, k registry.Kind, parent string) {
	w.t.Helper()
	w.must(func(tx *sqldb.Tx) error {
		code, err := registry.NextCode(ctx, tx, tenant)
		if err != nil {
			return err
		}
		u := registry.Union{ID: w.ids[name], Code: code, Name: name, Kind: k, ParentID: w.ids[parent], Founded: "1990-05-01"}
		g, m := auth.System(tenant, "test", registry.Found, w.ids["工委"]), audit.Moves{}
		if err := registry.Insert(ctx, tx, g, m, u, "imported", u.Founded, "", "测试"); err != nil {
			return err
		}
		return m.Write(ctx, tx, g, u.ID, registry.Deed{Act: "imported"}, now)
	})
}

// account makes a login with a post over a union.
func (w *world) account(tenant int64, id string, o auth.Office, over string) {
	w.t.Helper()
	w.must(func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO accounts (tenant_id, id, login, name, name_key, password, must_change, changed, locked, version) VALUES ($1, $2, $3, $4, $5, '-', $6, '-', $6, 1)`, tenant, id, id, id, id, false)
		if err == nil {
			_, err = tx.Exec(ctx, `INSERT INTO posts (tenant_id, id, account_id, office, union_id, from_day, version) VALUES ($1, $2, $3, $4, $5, '2020-01-01', 1)`, tenant, "p-"+id, id, string(o), w.ids[over])
		}
		if err == nil {
			g, m := auth.System(tenant, "test", Look, w.ids["工委"]), audit.Moves{}
			if err = m.Touch(ctx, tx, tenant, audit.Touched{Table: "accounts", ID: id}, audit.Touched{Table: "posts", ID: "p-" + id}); err == nil {
				err = m.Write(ctx, tx, g, id, "made", now)
			}
		}
		return err
	})
}

// enrol writes a member of a union with the figures.
func (w *world) enrol(tenant int64, name, sex, union string) string {
	w.t.Helper()
	id := sqldb.NewID()
	w.must(func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO members (tenant_id, id, union_id, name, name_key, sex, id_type, id_sealed, id_blind, migrant, status, version)
			VALUES ($1, $2, $3, $4, $5, $6, '1', $7, $8, $9, 'active', 1)`, tenant, id, w.ids[union], name, zh.SortKey(name), sex, []byte{1}, id, false)
		if err == nil {
			_, err = tx.Exec(ctx, `INSERT INTO member_figures (tenant_id, union_id, status, sex, n) VALUES ($1, $2, 'active', $3, 1)
				ON CONFLICT (tenant_id, union_id, status, sex) DO UPDATE SET n = member_figures.n + excluded.n`, tenant, w.ids[union], sex)
		}
		if err == nil {
			g, m := auth.System(tenant, "test", Look, w.ids["工委"]), audit.Moves{}
			if err = m.Touch(ctx, tx, tenant, audit.Touched{Table: "members", ID: id}); err == nil {
				err = m.Write(ctx, tx, g, id, "made", now)
			}
		}
		return err
	})
	return id
}

// body seats a body elected on a day for three years.
func (w *world) body(tenant int64, union string, k registry.BodyKind, elected day.Day) registry.Body {
	w.t.Helper()
	b := registry.Body{ID: sqldb.NewID(), UnionID: w.ids[union], Kind: k, Nth: 1, Size: 5, Elected: elected, Due: elected.AddYears(3), Version: 1}
	if union == "工委" {
		b.Due = ""
	}
	w.take(tenant, b)
	return b
}

func (w *world) take(tenant int64, b registry.Body, seats ...registry.Seat) {
	w.t.Helper()
	w.must(func(tx *sqldb.Tx) error {
		g, m := auth.System(tenant, "test", registry.Appoint, w.ids["工委"]), audit.Moves{}
		if err := registry.TakeOver(ctx, tx, g, m, b, seats); err != nil {
			return err
		}
		return m.Write(ctx, tx, g, b.UnionID, registry.Deed{Act: "installed"}, now)
	})
}

func (w *world) must(f func(*sqldb.Tx) error) {
	w.t.Helper()
	if err := w.db.Do(ctx, f); err != nil {
		w.t.Fatal(err)
	}
}

// refused runs f, which must fail with the kind and the rule, if any.
func (w *world) refused(kind fault.Kind, rule string, f func(*sqldb.Tx) error) {
	w.t.Helper()
	err := w.db.Do(ctx, f)
	if err == nil || fault.Of(err).Kind != kind || fault.Of(err).Rule != rule {
		w.t.Errorf("got %v, want %s %s", err, kind, rule)
	}
}

// as is a person in an office over a union, about to do act.
func (w *world) as(account string, o auth.Office, over string, act auth.Action) auth.Grant {
	return auth.As(binjiang, account, o, act, w.ids[over])
}

// race runs n calls of f at once, and counts how each ended.
func (w *world) race(n int, f func(i int, tx *sqldb.Tx) error) map[fault.Kind]int {
	var wg sync.WaitGroup
	var mu sync.Mutex
	got := map[fault.Kind]int{}
	for i := range n {
		wg.Go(func() {
			k := fault.Kind("won")
			if err := w.db.Do(ctx, func(tx *sqldb.Tx) error { return f(i, tx) }); err != nil {
				if k = fault.Of(err).Kind; k == fault.Internal {
					w.t.Error(err)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			got[k]++
		})
	}
	wg.Wait()
	return got
}

// messages counts what an account was told, with its titles.
func (w *world) messages(tenant int64, account string) (titles []string) {
	w.t.Helper()
	w.must(func(tx *sqldb.Tx) (err error) {
		titles, err = sqldb.List(ctx, tx, sqldb.Text, `SELECT title FROM messages WHERE tenant_id = $1 AND account_id = $2 ORDER BY id`, tenant, account)
		return err
	})
	return titles
}

func (w *world) find(id string) registry.Body {
	w.t.Helper()
	var b registry.Body
	w.must(func(tx *sqldb.Tx) (err error) {
		b, err = registry.FindBody(ctx, tx, w.as("x", auth.Officer, "工委", Look), id)
		return err
	})
	return b
}

var why = flow.Given{Words: "机构改革，编制未定"}
