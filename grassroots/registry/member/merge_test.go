package member

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"unionhall/kit/audit"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/schema"
	"unionhall/schema/dbtest"
)

// left are the tables that name a member and keep the name when the membership
// is merged, each with the reason.
var left = map[string]string{
	"member_tokens": "rewritten with the row",
	"member_events": "moved by hand, for their seals",
	"accounts":      "linked by hand: one person signs in with one account",
	"yearly_people": "a return keeps the people it counted, as they were counted",
}

// S2-10: every table that names a member goes with a merger, or says why not.
func TestFollowersAreAll(t *testing.T) {
	create := regexp.MustCompile(`(?s)CREATE TABLE (\w+) \((.*?)\n\)`)
	names, err := schema.Files.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		if !strings.HasSuffix(n.Name(), ".sql") {
			continue
		}
		text, err := schema.Files.ReadFile(n.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range create.FindAllStringSubmatch(string(text), -1) {
			has := slices.ContainsFunc(followers, func(f follower) bool { return f.table == m[1] })
			if strings.Contains(m[2], "\tmember_id ") && !has && left[m[1]] == "" {
				t.Errorf("%s names a member: list it in followers, or here with the reason why it stays", m[1])
			}
		}
	}
}

// doubled registers one person twice, the second time by passport in another
// union, with a file, a seat's worth of history and a look at the number.
func (o *office) doubled() (a, b Member) {
	o.t.Helper()
	a = o.register(o.officer(Edit), 0, ding)
	f := ding
	f.IDType, f.IDNo, f.Birthday, f.Sex, f.Phone, f.Education, f.Email = "2", "E12345678", "1990-01-01", Male, "13900001111", "", "ding@example.com"
	b = o.register(o.officer(Edit), 3, f)
	o.do(func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO attachments (tenant_id, id, thing_id, name, hash, type, size, account_id, at) VALUES ($1, $2, $3, '申请书.pdf', 'h', 'application/pdf', 1, 'officer', $4)`,
			o.tenant, "f-"+b.ID, b.ID, string(now))
		if err != nil {
			return err
		}
		if err := audit.Write(ctx, tx, o.officer(Edit), b.ID, Deed{Did: "attached"}, now, audit.Touched{Table: "attachments", ID: "f-" + b.ID}); err != nil {
			return err
		}
		_, err = Reveal(ctx, tx, o.officer(Reveals), b, IDField, "核对护照号码", now)
		return err
	})
	return a, b
}

func (o *office) merge(j Joining) (m Merger, err error) {
	err = o.db.Do(ctx, func(tx *sqldb.Tx) (err error) { m, err = Merge(ctx, tx, o.officer(Edit), j, now); return err })
	return m, err
}

func (o *office) unmerge(id string) (edited []string, err error) {
	err = o.db.Do(ctx, func(tx *sqldb.Tx) (err error) {
		_, edited, err = Unmerge(ctx, tx, o.officer(Edit), id, 0, now)
		return err
	})
	return edited, err
}

func (o *office) prints(ids ...string) (out []string) {
	o.t.Helper()
	o.view(func(tx *sqldb.Tx) error {
		for _, id := range ids {
			m, err := Any(ctx, tx, o.tenant, id)
			if err != nil {
				return err
			}
			h, err := printOf(tx.Keys(), m)
			if err != nil {
				return err
			}
			out = append(out, h)
		}
		return nil
	})
	return out
}

const sure = "本人到场，护照与身份证一致"

// S2-10, MEM-05: one membership stays with the fields that were chosen and both
// histories; undoing brings both rows back exactly.
func TestMergeAndBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db, tenant, 0)
		a, b := o.doubled()
		before := o.prints(a.ID, b.ID)
		m, err := o.merge(Joining{Keep: a.ID, Drop: b.ID, FromDrop: []string{"phone", "email"}, Reason: sure})
		if err != nil {
			t.Fatal(err)
		}
		o.view(func(tx *sqldb.Tx) error {
			g := o.officer(Look)
			now, err := Survivor(ctx, tx, g, b.ID)
			if err != nil || now.ID != a.ID || now.Person.Phone != "13900001111" || now.Person.Email != "ding@example.com" || now.Person.IDNo != ding.IDNo || now.Person.Education != "20" || now.Union.ID != a.Union.ID {
				t.Errorf("survivor %+v, %v", now, err)
			}
			d, err := detailOf(ctx, tx, g, now)
			if err != nil || len(d.History) != 2 || len(d.Files) != 1 || len(d.Looks) != 1 || !strings.Contains(d.Looks[0].Words, "核对护照号码") {
				t.Errorf("both histories: %+v, %v", d, err)
			}
			if _, err := Survivor(ctx, tx, o.chair(3, Look), b.ID); fault.Of(err).Kind != fault.NotFound {
				t.Errorf("beyond the reach of the other union's chair: %v", err)
			}
			return err
		})
		if f := o.refused(func(tx *sqldb.Tx) (Member, error) {
			return Register(ctx, tx, o.officer(Edit), o.unions[3].Code, Form{Name: "丁晓燕", IDType: "2", IDNo: "E12345678", Birthday: "1990-01-01"}, "", "", now)
		}); f.Rule != "MEM-05" {
			t.Errorf("the old number registers anew: %+v", f)
		}
		o.whole()
		edited, err := o.unmerge(m.ID)
		if err != nil || len(edited) != 0 {
			t.Fatal(edited, err)
		}
		if after := o.prints(a.ID, b.ID); !slices.Equal(before, after) {
			t.Errorf("before %v, after %v", before, after)
		}
		o.view(func(tx *sqldb.Tx) error {
			back, err := Find(ctx, tx, o.officer(Look), b.ID)
			if err != nil {
				return err
			}
			d, err := detailOf(ctx, tx, o.officer(Look), back)
			if len(d.History) != 1 || len(d.Files) != 1 || len(d.Looks) != 1 {
				t.Errorf("what hung on the other: %+v", d)
			}
			return err
		})
		if _, err := o.unmerge(m.ID); fault.Of(err).Kind != fault.Conflict {
			t.Errorf("undone twice: %v", err)
		}
		o.whole()
	})
}

// S2-10: what was edited since stays, and is told.
func TestUnmergeTellsEdits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db, tenant, 0)
		a, b := o.doubled()
		before := o.prints(b.ID)
		m, err := o.merge(Joining{Keep: a.ID, Drop: b.ID, FromDrop: []string{"phone"}, Reason: sure})
		if err != nil {
			t.Fatal(err)
		}
		o.must(func(tx *sqldb.Tx) (Member, error) {
			f := ding
			f.Phone, f.Duty = "13900001111", "主任"
			return Correct(ctx, tx, o.officer(Edit), a.ID, 0, f, a.Joined, now)
		})
		edited, err := o.unmerge(m.ID)
		if err != nil || !slices.Equal(edited, []string{"职务"}) {
			t.Errorf("edited %v, %v", edited, err)
		}
		o.view(func(tx *sqldb.Tx) error {
			now, err := Any(ctx, tx, o.tenant, a.ID)
			if now.Person.Duty != "主任" || now.Person.Phone != "13812345678" {
				t.Errorf("the survivor is %+v", now.Person)
			}
			return err
		})
		if after := o.prints(b.ID); !slices.Equal(before, after) {
			t.Error("the other is not as it was")
		}
		o.whole()
	})
}

func TestMergeRefuses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db, tenant, 0)
		a, b := o.doubled()
		gone := o.must(func(tx *sqldb.Tx) (Member, error) {
			return Alter(ctx, tx, o.officer(Change), b.ID, 0, Leave, Paper{Reason: "5"}, now)
		})
		for name, c := range map[string]struct {
			j    Joining
			want fault.Kind
		}{
			"ours: no reason":                 {Joining{Keep: a.ID, Drop: b.ID}, fault.Invalid},
			"ours: with itself":               {Joining{Keep: a.ID, Drop: a.ID, Reason: sure}, fault.Invalid},
			"MEM-05 the one that ended stays": {Joining{Keep: b.ID, Drop: a.ID, Reason: sure}, fault.Conflict},
			"ours: seen in an older version":  {Joining{Keep: a.ID, Drop: b.ID, Versions: [2]int64{a.Version, gone.Version - 1}, Reason: sure}, fault.Conflict},
			"S2-10 nobody":                    {Joining{Keep: a.ID, Drop: "nobody", Reason: sure}, fault.NotFound},
		} {
			if _, err := o.merge(c.j); fault.Of(err).Kind != c.want || err == nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		err := db.Do(ctx, func(tx *sqldb.Tx) error {
			_, err := Merge(ctx, tx, o.chair(0, Edit), Joining{Keep: a.ID, Drop: b.ID, Reason: sure}, now)
			return err
		})
		if fault.Of(err).Kind != fault.NotFound {
			t.Errorf("beyond a chair's reach: %v", err)
		}
		o.whole()
	})
}

// Twenty at once, in both directions: one merger, then one undoing.
func TestMergeRace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db, tenant, 0)
		a, b := o.doubled()
		var mu sync.Mutex
		var done []Merger
		atOnce(func(i int) {
			j := Joining{Keep: a.ID, Drop: b.ID, Versions: [2]int64{1, 1}, Reason: sure}
			if i%2 == 1 {
				j.Keep, j.Drop = j.Drop, j.Keep
			}
			m, err := o.merge(j)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				done = append(done, m)
			} else if k := fault.Of(err).Kind; k != fault.Conflict && k != fault.NotFound {
				t.Errorf("%v", err)
			}
		})
		if len(done) != 1 {
			t.Fatalf("%d mergers", len(done))
		}
		o.whole()
		undone := 0
		atOnce(func(int) {
			_, err := o.unmerge(done[0].ID)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				undone++
			} else if fault.Of(err).Kind != fault.Conflict {
				t.Errorf("%v", err)
			}
		})
		if undone != 1 {
			t.Errorf("undone %d times", undone)
		}
		o.whole()
	})
}

func atOnce(f func(i int)) {
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}
