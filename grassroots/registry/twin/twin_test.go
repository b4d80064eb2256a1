package twin

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"unionhall/grassroots/registry/member"
	"unionhall/kit/fault"
	"unionhall/kit/ident"
	"unionhall/kit/sqldb"
	"unionhall/schema/dbtest"
)

func person(name, no string) member.Person {
	id := ident.ID(no)
	p := member.Person{Name: name, IDType: "1", IDNo: no, Sex: member.Female, Birthday: id.Birth()}
	if id.Male() {
		p.Sex = member.Male
	}
	return p
}

func with(p member.Person, f func(*member.Person)) member.Person { f(&p); return p }

// S2-10: every way in which one person is written twice is found, with its
// reason in words; what is chance is not.
func TestKin(t *testing.T) {
	base := person("丁晓燕", ident.CheckedID("21060219900307012"))
	for _, c := range []struct {
		name  string
		other member.Person
		union bool // the same
		says  string
	}{
		{"S2-10 passport and card", with(base, func(p *member.Person) { p.IDType, p.IDNo = "2", "E12345678" }), false, "证件类别不同"},
		{"S2-10 the 15 digits of before 1999", with(base, func(p *member.Person) { p.IDType, p.IDNo = "3", base.IDNo[:6]+base.IDNo[8:17] }), false, "15 位旧号"},
		{"S2-10 the same digits, another kind", with(base, func(p *member.Person) { p.IDType = "7" }), false, "证件号码相同"},
		{"S2-10 one digit", person("丁晓燕", ident.CheckedID("21060219900307014")), false, "只差一位"},
		{"S2-10 one digit of the birthday", person("丁晓燕", ident.CheckedID("21060219900308012")), false, "只差一位"},
		{"S2-10 two digits in the wrong order", person("丁晓燕", ident.CheckedID("21062019900307012")), false, "两位颠倒"},
		{"S2-10 width, blank and dot of the name", with(base, func(p *member.Person) { p.Name, p.IDType, p.IDNo = "丁　晓燕", "2", "E1" }), false, "姓名和出生日期相同"},
		{"S2-10 another character of one sound", with(base, func(p *member.Person) { p.Name, p.IDType, p.IDNo = "丁晓雁", "2", "E1" }), true, "读音相同"},
		{"S2-10 name and birthday", person("丁晓燕", ident.CheckedID("11010119900307088")), false, "姓名和出生日期相同"},
		{"S2-10 one phone", with(person("王丽", ident.CheckedID("11010119800307088")), func(p *member.Person) { p.Phone = "13812345678" }), false, "手机号码相同"},
		{"ours: a couple with one phone", with(person("王强", ident.CheckedID("11010119800307081")), func(p *member.Person) { p.Phone = "13812345678" }), false, ""},
		{"ours: the same name", person("丁晓燕", ident.CheckedID("11010119850307088")), true, ""},
		{"ours: the same birthday", person("赵敏", ident.CheckedID("11010119900307088")), true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dbh := hasher{seed}
			one := base
			one.Phone = "13812345678"
			if strings.Contains(c.name, "phone") == false {
				one.Phone = ""
			}
			a, b := member.Member{ID: "a", Status: member.Active, Person: one}, member.Member{ID: "b", Status: member.Active, Person: c.other}
			a.Union.ID, b.Union.ID = "u", "v"
			if c.union {
				b.Union.ID = "u"
			}
			found, err := pairs([]trace{dbh.traceOf(&a), dbh.traceOf(&b)}, 10, func(int) error { return nil })
			switch {
			case err != nil:
				t.Error(err)
			case c.says == "" && len(found) > 0:
				t.Errorf("found by %s", found[0].reasons)
			case c.says != "" && (len(found) != 1 || !strings.Contains(found[0].reasons, c.says)):
				t.Errorf("found %+v", found)
			}
		})
	}
}

// S2-10: the list has both within reach, the most likely first; what was said
// to be two stays so through the next search; a merger takes its pairs along
// and comes back.
func TestRoom(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		base := person("丁晓燕", ident.CheckedID("21060219900307012"))
		a := h.enrol(0, base)
		b := h.enrol(1, with(base, func(p *member.Person) { p.IDType, p.IDNo, p.Email = "2", "E12345678", "d@example.com" }))
		c := h.enrol(0, person("丁晓燕", ident.CheckedID("11010119900307088")))
		h.enrol(1, person("王建国", ident.CheckedID("11010119700307083")))
		h.search()
		all := h.list(h.officer(Look), Query{})
		if len(all.Items) != 3 || all.Items[0].Score < all.Items[2].Score {
			t.Fatalf("found %+v", all.Items)
		}
		if p := h.list(h.chair(0, Look), Query{}); len(p.Items) != 1 || p.Items[0].A.ID != a.ID && p.Items[0].B.ID != a.ID {
			t.Errorf("a chair sees pairs within the own union: %+v", p.Items)
		}
		if p := h.list(h.officer(Look), Query{Union: h.unions[1].Code}); len(p.Items) != 2 {
			t.Errorf("by union: %+v", p.Items)
		}
		seen := ""
		for after := ""; ; {
			p := h.list(h.officer(Look), Query{Limit: 1, After: after})
			seen += p.Items[0].ID + " "
			if after = p.Next; after == "" {
				break
			}
		}
		if seen != all.Items[0].ID+" "+all.Items[1].ID+" "+all.Items[2].ID+" " {
			t.Errorf("page by page %s", seen)
		}
		other := func(one, two string) (out Pair) {
			for _, p := range all.Items {
				if ids := p.A.ID + p.B.ID; ids == one+two || ids == two+one {
					out = p
				}
			}
			return out
		}
		apart := other(a.ID, c.ID)
		h.do(func(tx *sqldb.Tx) error {
			_, err := SayApart(ctx, tx, h.officer(Settle), apart.ID, apart.Version, "同名同日生，两人都到场", now)
			return err
		})
		h.search()
		if p := h.list(h.officer(Look), Query{State: Apart}); len(p.Items) != 1 || p.Items[0].Words == "" {
			t.Errorf("dismissed and remembered: %+v", p.Items)
		}
		if p := h.list(h.officer(Look), Query{}); len(p.Items) != 2 {
			t.Errorf("open after the second search: %+v", p.Items)
		}
		pair := other(a.ID, b.ID)
		var m member.Merger
		h.do(func(tx *sqldb.Tx) (err error) {
			m, err = Merge(ctx, tx, h.officer(Settle), pair.ID, 0, member.Joining{Keep: a.ID, Drop: b.ID, FromDrop: []string{"email"}, Reason: "本人到场核对"}, now)
			return err
		})
		if p := h.list(h.officer(Look), Query{}); len(p.Items) != 0 {
			t.Errorf("pairs of one who is gone: %+v", p.Items)
		}
		h.do(func(tx *sqldb.Tx) error {
			_, edited, err := Unmerge(ctx, tx, h.officer(Settle), m.ID, m.Version, now)
			if len(edited) > 0 {
				t.Errorf("edited %v", edited)
			}
			return err
		})
		if p := h.list(h.officer(Look), Query{}); len(p.Items) != 2 {
			t.Errorf("back again: %+v", p.Items)
		}
		h.whole()
	})
}

// Twenty officers at once settle one pair in three ways: one is first.
func TestSettleRace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		base := person("丁晓燕", ident.CheckedID("21060219900307012"))
		a := h.enrol(0, base)
		b := h.enrol(1, with(base, func(p *member.Person) { p.IDType, p.IDNo = "2", "E12345678" }))
		h.search()
		p := h.list(h.officer(Look), Query{}).Items[0]
		var wg sync.WaitGroup
		var mu sync.Mutex
		first := 0
		for i := range 20 {
			wg.Go(func() {
				err := db.Do(ctx, func(tx *sqldb.Tx) error {
					if i%2 == 0 {
						_, err := SayApart(ctx, tx, h.officer(Settle), p.ID, p.Version, fmt.Sprintf("第 %d 人看过", i), now)
						return err
					}
					_, err := Merge(ctx, tx, h.officer(Settle), p.ID, p.Version, member.Joining{Keep: a.ID, Drop: b.ID, Reason: "本人到场核对"}, now)
					return err
				})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					first++
				} else if k := fault.Of(err).Kind; k != fault.Conflict && k != fault.NotFound {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if first != 1 {
			t.Errorf("%d were first", first)
		}
		h.whole()
	})
}

// Out of reach is not there; without a reason nothing is settled.
func TestRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		base := person("丁晓燕", ident.CheckedID("21060219900307012"))
		a := h.enrol(0, base)
		h.enrol(1, with(base, func(p *member.Person) { p.IDType, p.IDNo = "2", "E12345678" }))
		h.search()
		p := h.list(h.officer(Look), Query{}).Items[0]
		for name, c := range map[string]struct {
			do   func(tx *sqldb.Tx) error
			want fault.Kind
		}{
			"R1.74 beyond a chair's reach": {func(tx *sqldb.Tx) error { _, err := Find(ctx, tx, h.chair(0, Look), p.ID); return err }, fault.NotFound},
			"ours: no reason": {func(tx *sqldb.Tx) error {
				_, err := SayApart(ctx, tx, h.officer(Settle), p.ID, 0, " ", now)
				return err
			}, fault.Invalid},
			"ours: an older version": {func(tx *sqldb.Tx) error {
				_, err := SayApart(ctx, tx, h.officer(Settle), p.ID, 9, "不是同一个人", now)
				return err
			}, fault.Conflict},
			"ours: one of another pair": {func(tx *sqldb.Tx) error {
				_, err := Merge(ctx, tx, h.officer(Settle), p.ID, 0, member.Joining{Keep: a.ID, Drop: "x", Reason: "同一个人"}, now)
				return err
			}, fault.Invalid},
			"ours: open already": {func(tx *sqldb.Tx) error { _, err := Reopen(ctx, tx, h.officer(Settle), p.ID, 0, now); return err }, fault.Conflict},
		} {
			if err := db.Do(ctx, c.do); err == nil || fault.Of(err).Kind != c.want {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
