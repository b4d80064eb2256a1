package registry

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/kit/zh"
	"unionhall/schema/dbtest"
)

const (
	twin  = 2106000002
	now   = day.Instant("2026-04-02T01:00:00.000000Z")
	today = day.Day("2026-04-02")
)

// world is a committee over some unions, and the same again, id for id, for a
// twin tenant that no act may touch.
type world struct {
	t   *testing.T
	db  *sqldb.DB
	ids map[string]string // union by short name
}

var ctx = context.Background()

// paper is what most acts of the tests rest on.
func paper(on day.Day) Paper {
	return Paper{Day: on, Document: "滨工委〔2026〕3号", Reason: "机构改革"}
}

// each runs f on every engine over: 工委 > 财政局 (第一分会 > 一组), 教育局, 联合会 > 审计局.
func each(t *testing.T, f func(w *world)) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		keys, err := seal.Create(filepath.Join(t.TempDir(), "keys"))
		if err != nil {
			t.Fatal(err)
		}
		db.UseKeys(keys)
		w := &world{t, db, map[string]string{}}
		for i, name := range []string{"工委", "财政局", "教育局", "联合会", "审计局", "第一分会", "一组"} {
			w.ids[name] = fmt.Sprintf("01900000-0000-7000-8000-%012d", i+1)
		}
		for _, tenant := range []int64{binjiang, twin} {
			w.plant(tenant, "工委", Agency, "", "1985-03-01")
			w.plant(tenant, "财政局", Base, "工委", "1990-05-01")
			w.plant(tenant, "教育局", Base, "工委", "1991-05-01")
			w.plant(tenant, "联合会", Federation, "工委", "2000-05-01")
			w.plant(tenant, "审计局", Base, "联合会", "2001-05-01")
			w.plant(tenant, "第一分会", Branch, "财政局", "2005-05-01")
			w.plant(tenant, "一组", Group, "第一分会", "2006-05-01")
		}
		f(w)
		w.whole()
	})
}

func (w *world) system(tenant int64, act auth.Action) auth.Grant {
	return auth.System(tenant, "test", act, w.ids["工委"])
}

func (w *world) plant(tenant int64, name string, k Kind, parent string, founded day.Day) {
	w.t.Helper()
	w.must(func(tx *sqldb.Tx) error {
		code, err := NextCode(ctx, tx, tenant)
		if err != nil {
			return err
		}
		u := Union{ID: w.ids[name], Code: code, Name: name, Kind: k, ParentID: w.ids[parent], Founded: founded}
		g, m := w.system(tenant, Found), audit.Moves{}
		if err := Insert(ctx, tx, g, m, u, actImported, founded, "", "测试"); err != nil {
			return err
		}
		return m.Write(ctx, tx, g, u.ID, Deed{Act: actImported, Now: name}, now)
	})
}

// enrol writes a member of a union straight into the tables, with the figures.
func (w *world) enrol(tenant int64, name, sex, status, union string) string {
	w.t.Helper()
	id := sqldb.NewID()
	w.must(func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO members (tenant_id, id, union_id, name, name_key, sex, id_type, id_sealed, id_blind, migrant, status, version)
			VALUES ($1, $2, $3, $4, $5, $6, '1', $7, $8, $9, $10, 1)`, tenant, id, w.ids[union], name, zh.SortKey(name), sex, []byte{1}, id, false, status)
		if err == nil {
			err = figures(tx, tenant, w.ids[union], status, sex, 1)
		}
		return err
	})
	return id
}

func figures(tx *sqldb.Tx, tenant int64, union, status, sex string, n int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO member_figures (tenant_id, union_id, status, sex, n) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (tenant_id, union_id, status, sex) DO UPDATE SET n = member_figures.n + excluded.n`, tenant, union, status, sex, n)
	return err
}

// roster hands members over as package member does, which stands above this
// one and so can't be asked here.
type roster struct{}

func (roster) Count(ctx context.Context, tx *sqldb.Tx, g auth.Grant, unionID string) (int64, error) {
	return sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM members WHERE tenant_id = $1 AND union_id = $2
		AND status IN ('active', 'transferring', 'retained', 'applied')`, g.Tenant(), unionID)
}

func (roster) HandOver(ctx context.Context, tx *sqldb.Tx, g auth.Grant, from, to Ref, document string, at day.Instant) error {
	for _, table := range []string{"members", "member_figures"} {
		if _, err := tx.Exec(ctx, `UPDATE `+table+` SET union_id = $1 WHERE tenant_id = $2 AND union_id = $3`, to.ID, g.Tenant(), from.ID); err != nil {
			return err
		}
	}
	return nil
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

// grant is what a post of the office over the named union may do.
func (w *world) grant(o auth.Office, over string, act auth.Action) auth.Grant {
	w.t.Helper()
	g, err := auth.NewActor(binjiang, string(o), string(o), "", Roles(), "", auth.Post{Office: o, UnionID: w.ids[over], From: "2020-01-01"}).Grant(act, today)
	if err != nil {
		w.t.Fatal(err)
	}
	return g
}

func (w *world) officer(act auth.Action) auth.Grant { return w.grant(auth.Officer, "工委", act) }

// union reads a union as the officer sees it.
func (w *world) union(name string) Union {
	w.t.Helper()
	var u Union
	w.must(func(tx *sqldb.Tx) (err error) {
		u, err = Find(ctx, tx, w.officer(Look), w.ids[name])
		return err
	})
	return u
}

// whole proves the closure, the spans, the seals and the twin.
func (w *world) whole() {
	w.t.Helper()
	w.must(func(tx *sqldb.Tx) error {
		for _, tenant := range []int64{binjiang, twin} {
			found, err := Verify(ctx, tx, tenant)
			if err != nil || len(found) > 0 {
				w.t.Errorf("tenant %d: %v, %v", tenant, found, err)
			}
			rep, err := audit.Verify(ctx, tx, tenant, []string{"unions", "union_spans", "bodies", "seats"})
			if err != nil || len(rep.Findings) > 0 {
				w.t.Errorf("tenant %d: %+v, %v", tenant, rep.Findings, err)
			}
		}
		n, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM unions WHERE tenant_id = $1 AND version = 1 AND state = 'standing'`, int64(twin))
		if err == nil && n != 7 {
			w.t.Errorf("the twin has %d untouched unions", n)
		}
		return err
	})
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
