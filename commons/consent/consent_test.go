package consent

import (
	"context"
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

var ctx = context.Background()

type desk struct {
	*testing.T
	db *sqldb.DB
}

func open(t *testing.T, db *sqldb.DB) desk {
	t.Helper()
	k, err := seal.Create(filepath.Join(t.TempDir(), "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	db.UseKeys(k)
	return desk{t, db}
}

func (d desk) do(f func(tx *sqldb.Tx) error) {
	d.Helper()
	if err := d.db.Do(ctx, f); err != nil {
		d.Fatal(err)
	}
}

func (d desk) kind(f func(tx *sqldb.Tx) error) fault.Kind {
	d.Helper()
	err := d.db.Do(ctx, f)
	if err == nil {
		return ""
	}
	return fault.Of(err).Kind
}

func member(t *testing.T, tenant int64, id string) auth.Grant {
	t.Helper()
	g, err := auth.NewActor(tenant, "acc-"+id, "丁晓燕", id, nil, "").Grant(auth.Anyone, now.Day())
	if err != nil {
		t.Fatal(err)
	}
	return g
}

var security = auth.As(tenant, "sec", auth.Security, Publish, "root")

func (d desk) publish(t Text) (n Notice) {
	d.Helper()
	d.do(func(tx *sqldb.Tx) (err error) { n, err = Issue(ctx, tx, security, t, now); return err })
	return n
}

func (d desk) stand(g auth.Grant, key string) (out Standing) {
	d.Helper()
	d.do(func(tx *sqldb.Tx) error {
		all, err := Stand(ctx, tx, g.Tenant(), g.Self())
		for _, s := range all {
			if s.Key == key {
				out = s
			}
		}
		return err
	})
	return out
}

func (d desk) whole() {
	d.Helper()
	d.do(func(tx *sqldb.Tx) error {
		rep, err := audit.Verify(ctx, tx, tenant, schema.Sealed)
		for _, f := range rep.Findings {
			d.Errorf("verify: %s: %s", f.Where, f.What)
		}
		return err
	})
}

func draft(key string) Text {
	for _, t := range Drafts() {
		if t.Purpose == key {
			return t
		}
	}
	return Text{}
}

// A person gives, withdraws, is asked again of a new version; each step by the
// clause that asks for it.
func TestAnswers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		d := open(t, db)
		me, other, twin := member(t, tenant, "m1"), member(t, tenant, "m2"), member(t, 2106000002, "m1")
		for _, x := range Drafts() {
			d.publish(x)
		}
		give := func(g auth.Grant, key, notice string, separately bool) fault.Kind {
			return d.kind(func(tx *sqldb.Tx) error { _, err := Give(ctx, tx, g, key, notice, separately, now); return err })
		}
		decline := func(g auth.Grant, key string) fault.Kind {
			return d.kind(func(tx *sqldb.Tx) error { _, err := Decline(ctx, tx, g, key, now); return err })
		}
		first := d.stand(me, "notify").Notice.ID
		for _, c := range []struct {
			law       string
			got, want fault.Kind
		}{
			{"R1.62 agrees", give(me, "notify", first, false), ""},
			{"R1.62 presses twice", give(me, "notify", first, false), ""},
			{"R1.62 withdraws", decline(me, "notify"), ""},
			{"R1.62 withdraws twice", decline(me, "notify"), ""},
			{"R1.62 agrees once more", give(me, "notify", first, false), ""},
			{"R1.60 sensitive, not by itself", give(me, "care", "", false), fault.Invalid},
			{"R1.60 sensitive, by itself", give(me, "care", "", true), ""},
			{"R1.62 what is needed is no consent", decline(me, "membership"), fault.Invalid},
			{"R1.61 a text that was not read", give(other, "notify", "older", false), fault.Conflict},
			{"ours: no such purpose", give(me, "nothing", "", false), fault.NotFound},
			{"ours: nothing published there", give(twin, "notify", "", false), fault.NotFound},
			{"ours: who is no member", give(member(t, tenant, ""), "notify", "", false), fault.NotFound},
			{"R1.62 declines before agreeing", decline(other, "notify"), ""},
		} {
			if c.got != c.want {
				t.Errorf("%s: %q, want %q", c.law, c.got, c.want)
			}
		}
		if s := d.stand(other, "notify"); s.Asked || s.Consent.Holds() || s.Consent.Words(s.Purpose) != "未同意" {
			t.Errorf("declined: %+v", s)
		}
		next := draft("notify")
		next.Nth, next.Kinds = 1, "手机号码。"
		d.publish(next)
		if s := d.stand(me, "notify"); !s.Asked || !s.Consent.Holds() || s.Consent.Nth != 1 {
			t.Errorf("R1.61 a new version asks again: %+v", s)
		}
		if k := give(me, "notify", first, false); k != fault.Conflict {
			t.Errorf("R1.61 the old text: %q", k)
		}
		if k := give(me, "notify", "", false); k != "" {
			t.Errorf("the new one: %q", k)
		}
		d.do(func(tx *sqldb.Tx) error {
			all, err := Of(ctx, tx, tenant, "m1")
			if len(all) != 4 {
				t.Errorf("answers kept: %+v", all)
			}
			yes, err2 := Given(ctx, tx, tenant, "m1", "care")
			no, err3 := Given(ctx, tx, tenant, "m2", "care")
			if !yes || no || err2 != nil || err3 != nil {
				t.Errorf("given %v %v", yes, no)
			}
			return err
		})
		d.whole()
	})
}

// R1.61: what people must be told is asked for; a version that somebody else
// published, or that says nothing new, is refused.
func TestIssue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		d := open(t, db)
		d.publish(draft("care"))
		for law, c := range map[string]struct {
			change func(*Text)
			want   fault.Kind
			field  string
		}{
			"R1.61 who":                     {func(x *Text) { x.Who = " " }, fault.Invalid, "who"},
			"R1.61 how long":                {func(x *Text) { x.Keeping = "" }, fault.Invalid, "keeping"},
			"R1.60 effect, where sensitive": {func(x *Text) { x.Effect = "" }, fault.Invalid, "effect"},
			"ours: nothing new":             {func(x *Text) { x.Nth = 1 }, fault.Invalid, ""},
			"ours: published meanwhile":     {func(x *Text) { x.Aim = "办理慰问。" }, fault.Conflict, ""},
			"ours: no such purpose":         {func(x *Text) { x.Purpose = "other" }, fault.Invalid, "purpose"},
		} {
			x := draft("care")
			c.change(&x)
			err := db.Do(ctx, func(tx *sqldb.Tx) error { _, err := Issue(ctx, tx, security, x, now); return err })
			if f := fault.Of(err); err == nil || f.Kind != c.want || c.field != "" && f.Fields[c.field] == "" {
				t.Errorf("%s: %v", law, err)
			}
		}
		d.whole()
	})
}

// Twenty presses of one person, and twenty of the publisher: one of each.
func TestRace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		d := open(t, db)
		d.publish(draft("notify"))
		me := member(t, tenant, "m1")
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				err := db.Do(ctx, func(tx *sqldb.Tx) error {
					if i%2 == 0 {
						_, err := Give(ctx, tx, me, "notify", "", false, now)
						return err
					}
					x := draft("notify")
					x.Nth, x.Kinds = 1, "手机号码。"
					_, err := Issue(ctx, tx, security, x, now)
					return err
				})
				if k := fault.Of(err).Kind; err != nil && k != fault.Conflict && k != fault.Invalid {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		d.do(func(tx *sqldb.Tx) error {
			open, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM consents WHERE tenant_id = $1 AND ended IS NULL`, tenant)
			if err != nil {
				return err
			}
			versions, err := Versions(ctx, tx, tenant)
			if open != 1 || len(versions) != 2 {
				t.Errorf("%d consents stand, %d versions", open, len(versions))
			}
			return err
		})
		d.whole()
	})
}
