package intake

import (
	"context"
	"testing"
	"time"

	"unionhall/kit/sqldb"
	"unionhall/schema/dbtest"
)

// Killed anywhere, the work goes on where it was and writes nothing twice.
func TestCutOffAndTakenUpAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		o := established(t, db)
		empty := o.holdings()
		i := o.judged(Roster, samples[1].name, sample(t, samples[1].name))
		o.do(func(tx *sqldb.Tx) error {
			_, err := o.room.Confirm(ctx, tx, o.grant(), i.ID, 0, false, o.at())
			return err
		})
		cuts := 0
		for o.find(i.ID).State == Applying {
			cuts++
			o.cutOff(4)
			if n := o.visible(); n != 0 && o.find(i.ID).State == Applying {
				t.Fatalf("%d newcomers are shown before all are written", n)
			}
			o.dead(i.ID)
		}
		if cuts < 3 {
			t.Errorf("cut off %d times only", cuts)
		}
		o.is(o.find(i.ID), Confirmed, [5]int64{2000, 0, 0, 0, 0})
		if n := o.visible(); n != 2000 {
			t.Errorf("%d members, want 2000", n)
		}
		o.proven()

		o.do(func(tx *sqldb.Tx) error {
			_, err := o.room.Undo(ctx, tx, o.grant(), i.ID, o.at())
			return err
		})
		for o.find(i.ID).State == Undoing {
			o.cutOff(4)
			o.dead(i.ID)
		}
		if o.holdings() != empty {
			t.Error("undo left something")
		}
		o.proven()
	})
}

// cutOff runs what is due until the clock has been asked n times, as a process
// that is killed then.
func (o *office) cutOff(n int) {
	o.Helper()
	cut, cancel := context.WithCancel(ctx)
	defer cancel()
	o.step = func() {
		if n--; n == 0 {
			cancel()
		}
	}
	err := o.room.Runner.RunDue(cut)
	o.step = nil
	if err != nil && cut.Err() == nil {
		o.Fatal(err)
	}
}

// dead leaves the job about a thing as a killed process does: held by a lease
// that runs out.
func (o *office) dead(thing string) {
	o.Helper()
	o.do(func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE jobs SET state = 'running', lease = 'dead', tries = 1 WHERE tenant_id = $1 AND thing_id = $2 AND state = 'waiting'`, tenant, thing)
		return err
	})
	o.now = o.now.Add(2 * time.Minute)
}

// visible is how many members the list shows.
func (o *office) visible() (n int) {
	o.Helper()
	o.view(func(tx *sqldb.Tx) error {
		ids, err := sqldb.List(ctx, tx, sqldb.Text, `
			SELECT m.id FROM members m LEFT JOIN imports i ON i.tenant_id = m.tenant_id AND i.id = m.import_id
			WHERE m.tenant_id = $1 AND NOT (coalesce(i.state, '') IN ('applying', 'undoing') AND i.confirmed IS NULL)`, tenant)
		n = len(ids)
		return err
	})
	return n
}

// What can't be finished is taken back whole, whoever was edited meanwhile
// counted rightly.
func TestRetreat(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		o := established(t, db)
		empty := o.holdings()
		for _, c := range []struct {
			name string
			harm func(id string)
			want string
		}{
			{"a chunk that was changed behind the program's back", func(id string) {
				o.do(func(tx *sqldb.Tx) error {
					_, err := tx.Exec(ctx, `UPDATE import_chunks SET body = $3 WHERE tenant_id = $1 AND import_id = $2 AND no = 7`, tenant, id, []byte("spoilt"))
					return err
				})
			}, "写入没有完成，已写入的部分全部撤回"},
			{"cancelled half way", func(id string) {
				o.cutOff(5)
				o.cancel(id)
			}, "写入已取消，已写入的部分全部撤回"},
			{"cancelled before it was begun", func(id string) { o.cancel(id) }, "写入已取消，已写入的部分全部撤回"},
		} {
			t.Run(c.name, func(t *testing.T) {
				i := o.judged(Roster, samples[1].name, sample(t, samples[1].name))
				o.do(func(tx *sqldb.Tx) error {
					_, err := o.room.Confirm(ctx, tx, o.grant(), i.ID, 0, false, o.at())
					return err
				})
				c.harm(i.ID)
				for range 12 {
					o.must(o.room.Runner.RunDue(ctx))
					o.now = o.now.Add(30 * time.Second)
				}
				i = o.find(i.ID)
				if i.State != Undone || len(i.Note) < len(c.want) || i.Note[:len(c.want)] != c.want {
					t.Errorf("%s: %s", i.State, i.Note)
				}
				if o.holdings() != empty {
					t.Error("something stayed")
				}
				o.proven()
			})
		}
	})
}

func (o *office) cancel(id string) {
	o.Helper()
	o.do(func(tx *sqldb.Tx) error {
		_, err := o.room.Cancel(ctx, tx, o.grant(), id, o.at())
		return err
	})
}

func TestCancelledJudging(t *testing.T) {
	o := newOffice(t, dbtest.SQLite(t))
	i := o.put(Roster, flawed, sample(t, flawed))
	o.cancel(i.ID)
	o.must(o.room.Runner.RunDue(ctx))
	if i = o.find(i.ID); i.State != Failed || i.Note == "" {
		t.Fatalf("%s: %s", i.State, i.Note)
	}
	o.do(func(tx *sqldb.Tx) error {
		_, err := o.room.Again(ctx, tx, o.grant(), i.ID, o.at())
		return err
	})
	o.must(o.room.Runner.RunDue(ctx))
	if i = o.find(i.ID); i.State != Judged || i.Rows != 460 {
		t.Errorf("judged again it is %s with %d rows", i.State, i.Rows)
	}
}
