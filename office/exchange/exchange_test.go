package exchange

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
	city     = int64(2106000001)
	province = int64(2100000001)
	at       = day.Instant("2026-11-26T01:02:03.000000Z")
)

var ctx = context.Background()

func grant(tenant int64, act auth.Action) auth.Grant {
	return auth.As(tenant, "zhou", auth.Officer, act, "root")
}

// sent makes a bundle of the city with a number, signed with its own key.
func sent(t *testing.T, db *sqldb.DB, seq int64) parcel {
	t.Helper()
	var k own
	err := db.View(ctx, func(tx *sqldb.Tx) (err error) { k, err = ownKey(ctx, tx, city); return err })
	if err != nil {
		t.Fatal(err)
	}
	b, err := pack(header{Kind: kindUnions, From: "滨江市直机关工会工委", Tenant: city, Seq: seq, AsOf: "2026-11-26", Made: at}, []Line{{Code: "1", Name: "工委", Members: 30 + seq, Women: 12}}, k.secret)
	if err != nil {
		t.Fatal(err)
	}
	p, err := unpack(b)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// PL-33: what a known office signed is taken, once, and nothing older after it;
// what a stranger signed, or one who is no longer believed, is not.
func TestBetweenOffices(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		keys, err := seal.Create(filepath.Join(t.TempDir(), "keys.json"))
		if err != nil {
			t.Fatal(err)
		}
		db.UseKeys(keys)
		do := func(f func(tx *sqldb.Tx) error) error { return db.Do(ctx, f) }
		var public string
		if err := do(func(tx *sqldb.Tx) (err error) { public, err = MakeKey(ctx, tx, grant(city, Send), at); return err }); err != nil {
			t.Fatal(err)
		}
		if err := do(func(tx *sqldb.Tx) error { _, err := MakeKey(ctx, tx, grant(city, Send), at); return err }); fault.Of(err).Kind != fault.Conflict {
			t.Errorf("a second key: %v", err)
		}
		take := func(p parcel, hash string) (b Bundle, err error) {
			err = do(func(tx *sqldb.Tx) (err error) {
				b, err = Keep(ctx, tx, grant(province, Send), p, Bundle{Way: In, Hash: hash, Size: 9}, at)
				return err
			})
			return b, err
		}
		if _, err := take(sent(t, db, 5), "h5"); fault.Of(err).Kind != fault.Invalid {
			t.Errorf("from a stranger: %v", err)
		}
		var peer Peer
		if err := do(func(tx *sqldb.Tx) (err error) {
			peer, err = Believe(ctx, tx, grant(province, Trust), "滨江市直机关工会工委", "\n "+public+" ", at)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for name, try := range map[string][2]string{"again": {"滨江", public}, "no name": {"", public}, "no key": {"滨江", "abc"}} {
			if err := do(func(tx *sqldb.Tx) error {
				_, err := Believe(ctx, tx, grant(province, Trust), try[0], try[1], at)
				return err
			}); err == nil {
				t.Errorf("%s is believed", name)
			}
		}
		if err := do(func(tx *sqldb.Tx) error {
			_, err := Believe(ctx, tx, grant(city, Trust), "自己", public, at)
			return err
		}); fault.Of(err).Kind != fault.Invalid {
			t.Errorf("one's own key: %v", err)
		}
		race(t, func() error { _, err := take(sent(t, db, 5), "h5"); return err })
		if _, err := take(sent(t, db, 4), "h4"); fault.Of(err).Kind != fault.Conflict {
			t.Errorf("an older one: %v", err)
		}
		if b, err := take(sent(t, db, 6), "h6"); err != nil || b.Members != 36 || b.Peer != "滨江市直机关工会工委" {
			t.Errorf("a newer one: %+v, %v", b, err)
		}
		if err := do(func(tx *sqldb.Tx) error {
			all, err := List(ctx, tx, grant(province, Look), In, "", 10)
			if len(all) != 2 || all[0].Seq != 6 {
				t.Errorf("in the list: %+v", all)
			}
			if err != nil {
				return err
			}
			was, ok, err := before(ctx, tx, grant(province, Look), all[0])
			if !ok || was.Seq != 5 {
				t.Errorf("before it: %+v", was)
			}
			if twin, err := List(ctx, tx, grant(city, Look), "", "", 10); err != nil || len(twin) != 0 {
				t.Errorf("another office sees %+v, %v", twin, err)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := do(func(tx *sqldb.Tx) error {
			_, err := Doubt(ctx, tx, grant(province, Trust), peer.ID, 1, at)
			return err
		}); fault.Of(err).Kind != fault.Conflict {
			t.Errorf("ended in a stale version: %v", err)
		}
		if err := do(func(tx *sqldb.Tx) error {
			_, err := Doubt(ctx, tx, grant(province, Trust), peer.ID, 3, at)
			return err
		}); err != nil {
			t.Error(err)
		}
		if _, err := take(sent(t, db, 9), "h9"); fault.Of(err).Kind != fault.Invalid {
			t.Errorf("after the end: %v", err)
		}
		proven(t, db)
	})
}

// race has twenty take the same file at once: each is told of the one bundle.
func race(t *testing.T, f func() error) {
	t.Helper()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := f(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// proven finds nothing amiss with the seals of either office.
func proven(t *testing.T, db *sqldb.DB) {
	t.Helper()
	err := db.View(ctx, func(tx *sqldb.Tx) error {
		for _, tenant := range []int64{city, province} {
			rep, err := audit.Verify(ctx, tx, tenant, schema.Sealed)
			if err != nil || len(rep.Findings) > 0 {
				t.Errorf("%d: %+v %v", tenant, rep.Findings, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
