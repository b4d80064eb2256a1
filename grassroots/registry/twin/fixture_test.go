package twin

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/job"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/schema"
)

const (
	tenant = 2106000001
	now    = day.Instant("2026-11-22T02:00:00.000000Z")
)

var ctx = context.Background()

// house is a committee with unions at its foot, and somebody to find twins.
type house struct {
	t      testing.TB
	db     *sqldb.DB
	room   Room
	root   registry.Union
	unions []registry.Union
	n      int
}

func newHouse(t testing.TB, db *sqldb.DB) *house {
	t.Helper()
	k, err := seal.Create(filepath.Join(t.TempDir(), "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	db.UseKeys(k)
	at, err := time.Parse(time.RFC3339, string(now))
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, db: db}
	h.room.Runner = job.NewRunner(db, func() time.Time { h.n++; return at.Add(time.Duration(h.n) * time.Second) })
	h.room.Runner.Works = h.room.Works()
	h.do(func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO tenants (tenant_id, name, region, demo, started, version) VALUES ($1, '工委', '210600', $2, '2026-01-01', 1)`, int64(tenant), false); err != nil {
			return err
		}
		if err := audit.Write(ctx, tx, auth.System(tenant, "test", "test.found", ""), "tenant", map[string]any{}, now, audit.Touched{Table: "tenants"}); err != nil {
			return err
		}
		for i, name := range []string{"市直机关工会工委", "市财政局机关工会", "市水务局机关工会"} {
			code, err := registry.NextCode(ctx, tx, tenant)
			if err != nil {
				return err
			}
			u := registry.Union{ID: fmt.Sprintf("00000000-0000-7000-8000-%012s", code), Code: code, Name: name, ShortName: name, Kind: registry.Agency, State: registry.Standing, Version: 1}
			if i > 0 {
				u.Kind, u.ParentID = registry.Base, h.root.ID
			}
			g := auth.System(tenant, "test", "test.found", u.ID)
			if i > 0 {
				g = auth.System(tenant, "test", "test.found", h.root.ID)
			}
			m := audit.Moves{}
			if err := registry.Insert(ctx, tx, g, m, u, "founded", "2010-01-01", "滨直工〔2010〕1号", ""); err != nil {
				return err
			}
			if err := m.Write(ctx, tx, g, u.ID, map[string]any{"did": "founded"}, now); err != nil {
				return err
			}
			if i == 0 {
				h.root = u
			} else {
				h.unions = append(h.unions, u)
			}
		}
		return nil
	})
	return h
}

func (h *house) do(f func(*sqldb.Tx) error) {
	h.t.Helper()
	if err := h.db.Do(ctx, f); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) officer(act auth.Action) auth.Grant {
	return auth.As(tenant, "officer", auth.Officer, act, h.root.ID)
}

func (h *house) chair(i int, act auth.Action) auth.Grant {
	return auth.As(tenant, fmt.Sprintf("chair%d", i), auth.Chair, act, h.unions[i].ID)
}

// enrol writes a member as an import would.
func (h *house) enrol(union int, p member.Person) member.Member {
	h.t.Helper()
	m := member.Member{ID: sqldb.NewID(), Union: h.unions[union].Ref(), Person: p, Status: member.Active, Joined: "2015-03-01", Version: 1, CardNo: fmt.Sprintf("9%017d", time.Now().UnixNano()%1e17)}
	h.do(func(tx *sqldb.Tx) error {
		b := member.NewBatch(tx, h.officer(member.Edit), now)
		if err := b.Insert(ctx, []member.Member{m}, []member.Event{{ID: sqldb.NewID(), MemberID: m.ID, Type: member.Joins, Day: m.Joined, To: m.Union.ID}}); err != nil {
			return err
		}
		return b.Audit(ctx, m.ID, member.Deed{Did: "registered"})
	})
	return m
}

// search runs the job to its end.
func (h *house) search() {
	h.t.Helper()
	h.do(func(tx *sqldb.Tx) error {
		g := h.officer(Settle)
		_, err := h.room.Runner.Start(ctx, tx, g, now, Finding, "查找", Finding, scope{g.Under(), g.Office()})
		return err
	})
	if err := h.room.Runner.RunDue(ctx); err != nil {
		h.t.Fatal(err)
	}
	h.do(func(tx *sqldb.Tx) error {
		j, err := job.About(ctx, tx, h.officer(Settle), "officer", Finding)
		if j.State != job.Done {
			h.t.Fatalf("the search is %s: %s", j.State, j.Note)
		}
		return err
	})
}

func (h *house) list(g auth.Grant, q Query) (p Page) {
	h.t.Helper()
	h.do(func(tx *sqldb.Tx) (err error) { p, err = List(ctx, tx, g, q); return err })
	return p
}

// whole proves the log, the seals and the figures.
func (h *house) whole() {
	h.t.Helper()
	h.do(func(tx *sqldb.Tx) error {
		rep, err := audit.Verify(ctx, tx, tenant, schema.Sealed)
		if err != nil {
			return err
		}
		found, err := member.Recount(ctx, tx, tenant)
		for _, f := range append(rep.Findings, found...) {
			h.t.Errorf("verify: %s: %s", f.Where, f.What)
		}
		return err
	})
}
