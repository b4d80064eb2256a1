package privacy

import (
	"context"
	"maps"
	"path/filepath"
	"sync"
	"testing"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/schema"
	"unionhall/schema/dbtest"
)

const (
	tenant = int64(2106000001)
	now    = day.Instant("2026-11-22T02:00:00.000000Z")
)

var (
	ctx = context.Background()
	g   = auth.As(tenant, "sec", auth.Security, Keep, "root")
)

func full(kind string) Entry {
	reg, _ := RegisterOf(kind)
	e := Entry{Kind: kind, Title: "年度体检名单", Day: "2026-11-20", Fields: map[string]string{}}
	for _, f := range reg.Fields {
		switch {
		case len(f.Choices) > 0:
			e.Fields[f.Name] = f.Choices[0]
		case f.Date:
			e.Fields[f.Name] = "2026-12-31"
		default:
			e.Fields[f.Name] = "已写明"
		}
	}
	return e
}

// R1.65, R1.66, R1.68: each register asks for what it must hold, keeps it for
// its years, and tells in the log what was amended.
func TestRegisters(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		k, err := seal.Create(filepath.Join(t.TempDir(), "keys.json"))
		if err != nil {
			t.Fatal(err)
		}
		db.UseKeys(k)
		var first Record
		for _, reg := range Registers {
			for _, f := range reg.Fields {
				e := full(reg.Key)
				e.Fields = maps.Clone(e.Fields)
				delete(e.Fields, f.Name)
				if f.Date || len(f.Choices) > 0 {
					e.Fields[f.Name] = "不是这样写的"
				} else if !f.Required {
					continue
				}
				err := db.Do(ctx, func(tx *sqldb.Tx) error { _, err := Add(ctx, tx, g, e, now); return err })
				if x := fault.Of(err); err == nil || x.Rule != reg.Rule || x.Fields["f."+f.Name] == "" {
					t.Errorf("%s without %s: %v", reg.Rule, f.Label, err)
				}
			}
			err := db.Do(ctx, func(tx *sqldb.Tx) (err error) { first, err = Add(ctx, tx, g, full(reg.Key), now); return err })
			if err != nil || first.No != 1 || first.Until != "2029-11-22" {
				t.Errorf("%s kept at least three years: %+v, %v", reg.Rule, first, err)
			}
		}
		e := full(first.Kind)
		e.Fields["remedy"] = "已重设密码"
		var wg sync.WaitGroup
		var mu sync.Mutex
		done := 0
		for range 20 {
			wg.Go(func() {
				err := db.Do(ctx, func(tx *sqldb.Tx) error { _, err := Amend(ctx, tx, g, first.ID, 1, e, now); return err })
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					done++
				} else if fault.Of(err).Kind != fault.Conflict {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		err = db.View(ctx, func(tx *sqldb.Tx) error {
			r, err := Find(ctx, tx, g, first.ID)
			if done != 1 || r.Version != 2 || r.Fields["remedy"] != "已重设密码" {
				t.Errorf("amended %d times: %+v", done, r)
			}
			if _, err := Find(ctx, tx, auth.As(2106000002, "sec", auth.Security, Keep, "root"), first.ID); fault.Of(err).Kind != fault.NotFound {
				t.Errorf("another committee's: %v", err)
			}
			rep, err2 := audit.Verify(ctx, tx, tenant, schema.Sealed)
			if err2 != nil || len(rep.Findings) > 0 {
				t.Errorf("verify: %+v, %v", rep.Findings, err2)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// R1.74: the table says of each office what its rights let it see.
func TestFields(t *testing.T) {
	m := Room{Roles: auth.Roles{auth.Officer: {"look", "clear"}, auth.Director: {"look"}}, Sights: []Sight{{"姓名", "look", ""}, {"证件号码", "look", "clear"}}}
	p, err := m.fields(nil, struct{}{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		field  int
		office auth.Office
		want   string
	}{
		{0, auth.Officer, "可见"}, {1, auth.Officer, "遮盖，写明用途可看"}, {0, auth.Director, "可见"}, {1, auth.Director, "遮盖"}, {1, auth.Security, "看不到"}, {1, auth.Member, "本人可见"},
	} {
		if got := p.Items[c.field].By[string(c.office)]; got != c.want {
			t.Errorf("R1.74 %s for %s: %s", p.Items[c.field].Label, c.office, got)
		}
	}
}
