package hall

import (
	"context"
	"path/filepath"
	"syscall"
	"testing"
	"time"
	"unionhall/grassroots/registry"
	"unionhall/hall/city"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/office/desk"
)

func TestScratch(t *testing.T) {
	ctx := context.Background()
	h, err := Open(ctx, Settings{Data: filepath.Join(t.TempDir(), "data")})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	start := time.Now()
	if err := h.MakeDemo(ctx, city.Plan{Unions: 150, Members: 20000, Years: 3, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	t.Log("city", time.Since(start))
	today := day.At(time.Now()).Day()
	err = h.DB.View(ctx, func(tx *sqldb.Tx) error {
		tenants, _ := sqldb.List(ctx, tx, sqldb.Int, `SELECT tenant_id FROM tenants`)
		root, _ := sqldb.One(ctx, tx, sqldb.Text, `SELECT id FROM unions WHERE tenant_id = $1 AND parent_id IS NULL`, tenants[0])
		v := desk.Viewer{Actor: auth.NewActor(tenants[0], "x", "周敏", "", Roles(), "", auth.Post{ID: "p", Office: auth.Officer, UnionID: root, From: "2000-01-01"}), Today: today, Now: day.At(time.Now())}
		for _, s := range []struct {
			name string
			f    desk.Source
		}{{"registry", fromRegistry}, {"members", fromMembers}, {"intake", fromIntake}, {"registry remembered", sources()[0]}, {"members remembered", sources()[1]}} {
			var p desk.Part
			for i := 0; i < 3; i++ {
				p, err = s.f(ctx, tx, v)
				if err != nil {
					return err
				}
			}
			c := cpu()
			for i := 0; i < 50; i++ {
				if p, err = s.f(ctx, tx, v); err != nil {
					return err
				}
			}
			t.Logf("%s %v", s.name, (cpu()-c)/50)
			t.Logf("%+v", p.Figures)
			t.Logf("%+v", p.Panels)
			t.Log(len(p.Duties))
			t.Logf("%+v", p.Changes)
		}
		g, _ := v.Grant(registry.Look)
		c := cpu()
		for i := 0; i < 50; i++ {
			rows, err := registry.Whole(ctx, tx, g, registry.Query{}, today)
			if err != nil {
				return err
			}
			if i == 0 {
				t.Log(len(rows))
			}
		}
		t.Log("whole", (cpu()-c)/50)
		c = cpu()
		for i := 0; i < 50; i++ {
			unionChanges(ctx, tx, g, today)
		}
		t.Log("changes", (cpu()-c)/50)
		c = cpu()
		for i := 0; i < 50; i++ {
			movesByMonth(ctx, tx, g, today)
		}
		t.Log("months", (cpu()-c)/50)
		c = cpu()
		for i := 0; i < 50; i++ {
			wholeData(ctx, tx, g, 20000)
		}
		t.Log("wholedata", (cpu()-c)/50)
		for _, f := range finders {
			c := cpu()
			for i := 0; i < 20; i++ {
				found, err := f.Find(ctx, tx, v, "张", 10)
				if err != nil {
					return err
				}
				if i == 0 {
					t.Log(len(found.Items))
				}
			}
			t.Log(f.Title, (cpu()-c)/20)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func cpu() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
