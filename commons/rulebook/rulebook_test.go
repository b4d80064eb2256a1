package rulebook_test

import (
	"context"
	"testing"

	"unionhall/commons/rulebook"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/law"
	"unionhall/schema/dbtest"
)

const ours, twins = int64(2106000001), int64(2106000002)

func do(t *testing.T, db *sqldb.DB, f func(context.Context, *sqldb.Tx) error) {
	t.Helper()
	ctx := context.Background()
	if err := db.Do(ctx, func(tx *sqldb.Tx) error { return f(ctx, tx) }); err != nil {
		t.Fatal(err)
	}
}

// ORG-13: an office's own value holds for it alone, and for its days.
func TestOf(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		do(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO own_params (tenant_id, id, param, value, from_day, to_day, document, account_id, at)
				VALUES ($1, 'a', 'org.women_committee.min_women', '20', '2026-05-01', '2026-12-31', '工办〔2026〕3号', 'zhou', '2026-04-28T17:00:00.000000Z')`, ours)
			return err
		})
		for _, c := range []struct {
			tenant int64
			on     day.Day
			want   int
		}{
			{ours, "2026-04-30", 10}, {ours, "2026-05-01", 20}, {ours, "2026-12-31", 20}, {ours, "2027-01-01", 10},
			{twins, "2026-06-01", 10},
		} {
			do(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
				book, err := rulebook.Of(ctx, tx, c.tenant)
				if err != nil {
					return err
				}
				n, err := book.Int("org.women_committee.min_women", law.PlaceOf(c.tenant), c.on)
				if n != c.want {
					t.Errorf("tenant %d on %s: %d, want %d", c.tenant, c.on, n, c.want)
				}
				return err
			})
		}
		do(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
			own, err := rulebook.Own(ctx, tx, ours)
			if len(own) != 1 || own[0].By != "zhou" || own[0].Document != "工办〔2026〕3号" || own[0].On != "2026-04-29" {
				t.Errorf("own: %+v", own)
			}
			return err
		})
	})
}

// PL-25: what an office brings in wins over what we ship, for it alone.
func TestCalendar(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		do(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
			for _, d := range []struct {
				day   string
				works bool
			}{{"2027-10-01", false}, {"2027-10-09", true}, {"2026-10-01", true}} {
				if _, err := tx.Exec(ctx, `INSERT INTO own_days (tenant_id, day, notice, workday, name) VALUES ($1, $2, 2027, $3, '国庆节')`, ours, d.day, d.works); err != nil {
					return err
				}
			}
			return nil
		})
		for _, c := range []struct {
			tenant int64
			on     day.Day
			works  bool
			known  bool // the year 2027
		}{
			{ours, "2027-10-01", false, true}, // a Friday
			{ours, "2027-10-09", true, true},  // a Saturday
			{ours, "2026-10-01", true, true},
			{ours, "2026-10-02", false, true},
			{twins, "2027-10-01", true, false},
			{twins, "2026-10-01", false, false},
		} {
			do(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
				cal, err := rulebook.Calendar(ctx, tx, c.tenant)
				if cal.Workday(c.on) != c.works || cal.Known(2027) != c.known {
					t.Errorf("tenant %d on %s: works %v, 2027 known %v", c.tenant, c.on, cal.Workday(c.on), cal.Known(2027))
				}
				return err
			})
		}
		do(t, db, func(ctx context.Context, tx *sqldb.Tx) error {
			days, err := rulebook.OwnDays(ctx, tx, ours)
			if len(days) != 3 || days[0].Day != "2026-10-01" || days[2].Notice != 2027 || !days[2].Works || days[1].Name != "国庆节" {
				t.Errorf("own days: %+v", days)
			}
			return err
		})
	})
}
