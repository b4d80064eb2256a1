package message_test

import (
	"context"
	"slices"
	"testing"

	"unionhall/commons/message"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/schema/dbtest"
)

// PL-09: a message goes to who holds the office over the union on the day, or
// where nobody does to the nearest above; never to a locked account.
func TestHolders(t *testing.T) {
	ctx := context.Background()
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		err := db.Do(ctx, func(tx *sqldb.Tx) error {
			for _, q := range []string{
				`INSERT INTO unions (tenant_id, id, code, name, name_key, kind, parent_id, state, staff, own_account, version) VALUES
					(1, 'root', '1', '工委', 'gw', 'agency', NULL, 'standing', 0, false, 1), (1, 'a', '2', '甲', 'jia', 'base', 'root', 'standing', 0, false, 1), (1, 'b', '3', '乙', 'yi', 'base', 'root', 'standing', 0, false, 1)`,
				`INSERT INTO union_reach (tenant_id, above_id, union_id, depth) VALUES (1, 'root', 'root', 0), (1, 'root', 'a', 1), (1, 'root', 'b', 1), (1, 'a', 'a', 0), (1, 'b', 'b', 0)`,
				`INSERT INTO accounts (tenant_id, id, login, name, name_key, password, must_change, changed, locked, version) VALUES
					(1, 'zhou', 'zhou', '周', 'zhou', '-', false, '-', false, 1), (1, 'li', 'li', '李', 'li', '-', false, '-', false, 1),
					(1, 'wang', 'wang', '王', 'wang', '-', false, '-', true, 1), (1, 'sun', 'sun', '孙', 'sun', '-', false, '-', false, 1)`,
				`INSERT INTO posts (tenant_id, id, account_id, office, union_id, from_day, to_day, version) VALUES
					(1, '1', 'zhou', 'officer', 'root', '2020-01-01', NULL, 1), (1, '2', 'li', 'chair', 'a', '2020-01-01', '2026-11-22', 1),
					(1, '3', 'wang', 'chair', 'b', '2020-01-01', NULL, 1), (1, '4', 'sun', 'officer', 'root', '2026-11-23', NULL, 1)`,
			} {
				if _, err := tx.Exec(ctx, q); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name, union string
			on          day.Day
			want        []string
		}{
			{"the union's own chair, and nobody above", "a", "2026-11-22", []string{"li"}},
			{"after the chair's last day the committee's officers", "a", "2026-11-23", []string{"sun", "zhou"}},
			{"a locked chair is none", "b", "2026-11-22", []string{"zhou"}},
			{"the root", "root", "2026-11-22", []string{"zhou"}},
		} {
			err := db.View(ctx, func(tx *sqldb.Tx) error {
				got, err := message.Holders(ctx, tx, 1, c.union, c.on, auth.Chair, auth.Officer)
				if !slices.Equal(got, c.want) {
					t.Errorf("%s: %v", c.name, got)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}
