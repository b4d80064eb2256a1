package message_test

import (
	"context"
	"path/filepath"
	"testing"

	"unionhall/commons/message"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/schema/dbtest"
)

const at = day.Instant("2026-11-22T02:00:00.000000Z")

func grant(t *testing.T, tenant int64, account string) auth.Grant {
	t.Helper()
	g, err := auth.NewActor(tenant, account, "周敏", "", nil, "").Grant(auth.Anyone, at.Day())
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// Two accounts of one committee, and their twins of another with the very
// same ids: each reads its own messages and no other's.
func TestMessages(t *testing.T) {
	ctx := context.Background()
	keys, err := seal.Create(filepath.Join(t.TempDir(), "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		db.UseKeys(keys)
		mine, others, twin := grant(t, 2106000001, "a"), grant(t, 2106000001, "b"), grant(t, 2106000002, "a")
		do := func(f func(tx *sqldb.Tx) error) {
			t.Helper()
			if err := db.Do(ctx, f); err != nil {
				t.Fatal(err)
			}
		}
		do(func(tx *sqldb.Tx) error {
			for _, title := range []string{"第一条", "第二条", "第三条"} {
				if err := message.Send(ctx, tx, 2106000001, "a", title, "", "/somewhere", at); err != nil {
					return err
				}
			}
			if err := message.Send(ctx, tx, 2106000001, "b", "别人的", "", "", at); err != nil {
				return err
			}
			return message.Send(ctx, tx, 2106000002, "a", "另一家的", "", "", at)
		})
		var list []message.Message
		read := func(g auth.Grant, unread bool, before string, limit int) []string {
			t.Helper()
			var titles []string
			do(func(tx *sqldb.Tx) (err error) {
				titles = nil
				list, err = message.List(ctx, tx, g, unread, before, limit)
				for _, m := range list {
					titles = append(titles, m.Title)
				}
				return err
			})
			return titles
		}
		same := func(got []string, want ...string) {
			t.Helper()
			if len(got) != len(want) {
				t.Fatalf("got %v, want %v", got, want)
			}
			for i := range want {
				if got[i] != want[i] {
					t.Fatalf("got %v, want %v", got, want)
				}
			}
		}
		same(read(mine, false, "", 2), "第三条", "第二条")
		second := list[1].ID
		same(read(mine, false, second, 2), "第一条")
		same(read(others, false, "", 9), "别人的")
		same(read(twin, true, "", 9), "另一家的")

		// Another's message is not there, for reading and for marking.
		for _, g := range []auth.Grant{others, twin} {
			err := db.Do(ctx, func(tx *sqldb.Tx) error {
				_, err := message.MarkRead(ctx, tx, g, second, at)
				return err
			})
			if fault.Of(err).Kind != fault.NotFound {
				t.Errorf("another's message: %v", err)
			}
		}
		for range 2 { // pressed twice
			do(func(tx *sqldb.Tx) error {
				m, err := message.MarkRead(ctx, tx, mine, second, at)
				if m.Read != at || m.Href != "/somewhere" {
					t.Errorf("read: %+v", m)
				}
				return err
			})
		}
		same(read(mine, true, "", 9), "第三条", "第一条")

		// What comes after the page was drawn stays unread.
		newest := list[0].ID
		do(func(tx *sqldb.Tx) error { return message.Send(ctx, tx, 2106000001, "a", "刚到", "", "", at) })
		do(func(tx *sqldb.Tx) error {
			n, err := message.MarkAll(ctx, tx, mine, newest, at)
			if n != 2 {
				t.Errorf("marked %d", n)
			}
			return err
		})
		same(read(mine, true, "", 9), "刚到")
		same(read(others, true, "", 9), "别人的")
		do(func(tx *sqldb.Tx) error {
			n, err := message.Unread(ctx, tx, mine)
			if n != 1 {
				t.Errorf("unread %d", n)
			}
			return err
		})
		err := db.Do(ctx, func(tx *sqldb.Tx) error { _, err := message.MarkAll(ctx, tx, mine, "", at); return err })
		if fault.Of(err).Kind != fault.Invalid {
			t.Errorf("up to nothing: %v", err)
		}
	})
}
