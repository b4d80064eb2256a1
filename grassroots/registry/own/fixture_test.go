package own

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
	"unionhall/kit/fault"
	"unionhall/kit/files"
	"unionhall/kit/flow"
	"unionhall/kit/job"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/schema"
)

const (
	tenant = int64(2106000001)
	now    = day.Instant("2026-11-22T02:00:00.000000Z")
	today  = day.Day("2026-11-22")
)

var ctx = context.Background()

// house is a committee with two unions, a chair each, and members.
type house struct {
	t      testing.TB
	db     *sqldb.DB
	room   Room
	store  *files.Folder
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
	store, err := files.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	at, err := time.Parse(time.RFC3339, string(now))
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, db: db, store: store}
	h.room = Room{Files: store, Runner: job.NewRunner(db, func() time.Time { return at })}
	h.room.Runner.Works = h.room.Works()
	h.do(func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO tenants (tenant_id, name, region, demo, started, version) VALUES ($1, '市直机关工会工委', '210600', $2, '2026-01-01', 1)`, tenant, false); err != nil {
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
			g := auth.System(tenant, "test", "test.found", u.ID)
			if i > 0 {
				u.Kind, u.ParentID = registry.Base, h.root.ID
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

func (h *house) kind(f func(*sqldb.Tx) error) fault.Kind {
	h.t.Helper()
	err := h.db.Do(ctx, f)
	if err == nil {
		return ""
	}
	return fault.Of(err).Kind
}

func (h *house) officer(act auth.Action) auth.Grant {
	return auth.As(tenant, "officer", auth.Officer, act, h.root.ID)
}

func (h *house) chair(i int, act auth.Action) auth.Grant {
	return auth.As(tenant, fmt.Sprintf("chair%d", i), auth.Chair, act, h.unions[i].ID)
}

// self is the grant of a member for the own things.
func (h *house) self(id string) auth.Grant {
	g, err := auth.NewActor(tenant, "acc-"+id, "本人", id, nil, "").Grant(auth.Anyone, today)
	if err != nil {
		h.t.Fatal(err)
	}
	return g
}

// chairWho is a chair who is the member id.
func (h *house) chairWho(id string, i int, act auth.Action) auth.Grant {
	roles := auth.Roles{auth.Chair: {act}}
	g, err := auth.NewActor(tenant, "acc-"+id, "本人", id, roles, "", auth.Post{ID: "p", Office: auth.Chair, UnionID: h.unions[i].ID, From: "2020-01-01"}).Grant(act, today)
	if err != nil {
		h.t.Fatal(err)
	}
	return g
}

// enrol writes a member; status other than active left on the day.
func (h *house) enrol(union int, name, no string, status member.Status, left day.Day) member.Member {
	h.t.Helper()
	h.n++
	m := member.Member{ID: sqldb.NewID(), Union: h.unions[union].Ref(), Status: status, Joined: "2010-03-01", LeftDay: left, Version: 1, CardNo: fmt.Sprintf("2106000000%08d", h.n),
		Person: member.Person{Name: name, Sex: member.Female, Birthday: "1990-03-07", IDType: "1", IDNo: no, Phone: fmt.Sprintf("138%08d", h.n), Email: "someone@example.com", WorkUnit: "市财政局", Duty: "科员"}}
	h.do(func(tx *sqldb.Tx) error {
		b := member.NewBatch(tx, h.officer(member.Edit), now)
		if err := b.Insert(ctx, []member.Member{m}, []member.Event{{ID: sqldb.NewID(), MemberID: m.ID, Type: member.Joins, Day: m.Joined, To: m.Union.ID}}); err != nil {
			return err
		}
		return b.Audit(ctx, m.ID, member.Deed{Did: "registered"})
	})
	return m
}

func (h *house) any(id string) (m member.Member) {
	h.t.Helper()
	h.do(func(tx *sqldb.Tx) (err error) { m, err = member.Any(ctx, tx, tenant, id); return err })
	return m
}

func (h *house) ask(g auth.Grant, a Asking) (q Request) {
	h.t.Helper()
	h.do(func(tx *sqldb.Tx) (err error) { q, err = AskMine(ctx, tx, g, a, now); return err })
	return q
}

func (h *house) decide(g auth.Grant, id, words string) (k fault.Kind) {
	h.t.Helper()
	return h.kind(func(tx *sqldb.Tx) error {
		_, err := Decide(ctx, tx, g, id, 0, flow.Given{Words: words}, now)
		return err
	})
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
