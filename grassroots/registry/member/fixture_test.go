package member

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/ident"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
)

const (
	tenant = 2106000001
	twin   = 2106000002
	now    = day.Instant("2026-11-22T02:00:00.000000Z")
	today  = day.Day("2026-11-22")
)

var ctx = context.Background()

// office is a small committee: two unions at its foot, one of them with two
// branches.
type office struct {
	t      testing.TB
	db     *sqldb.DB
	tenant int64
	root   registry.Union
	unions []registry.Union // 财政局, its two branches, 水务局, then more
	people []Member
	rand   *rand.Rand
}

var keyring *seal.Keys

func useKeys(t testing.TB, db *sqldb.DB) {
	t.Helper()
	if keyring == nil {
		k, err := seal.Create(filepath.Join(t.TempDir(), "keys.json"))
		if err != nil {
			t.Fatal(err)
		}
		keyring = k
	}
	db.UseKeys(keyring)
}

// newOffice founds the committee's unions; more adds unions at the foot.
func newOffice(t testing.TB, db *sqldb.DB, tenant int64, more int) *office {
	t.Helper()
	useKeys(t, db)
	o := &office{t: t, db: db, tenant: tenant, rand: rand.New(rand.NewPCG(7, 11))}
	o.do(func(tx *sqldb.Tx) error {
		var err error
		if o.root, err = o.found(tx, "", "市直机关工会工委", registry.Agency); err != nil {
			return err
		}
		names := []string{"市财政局机关工会", "国库支付中心分会", "会计核算中心分会", "市水务局机关工会"}
		for i := range more {
			names = append(names, fmt.Sprintf("第%d机关工会", i+1))
		}
		for i, n := range names {
			parent, kind := o.root.ID, registry.Base
			if i == 1 || i == 2 {
				parent, kind = o.unions[0].ID, registry.Branch
			}
			u, err := o.found(tx, parent, n, kind)
			if err != nil {
				return err
			}
			o.unions = append(o.unions, u)
		}
		return nil
	})
	return o
}

func (o *office) found(tx *sqldb.Tx, parent, name string, kind registry.Kind) (registry.Union, error) {
	code, err := registry.NextCode(ctx, tx, o.tenant)
	if err != nil {
		return registry.Union{}, err
	}
	u := registry.Union{ID: fmt.Sprintf("00000000-0000-7000-8000-%012s", code), Code: code, Name: name, ShortName: name, Kind: kind, ParentID: parent, State: registry.Standing, Version: 1}
	g := auth.System(o.tenant, "test", "test.found", u.ID)
	if parent != "" {
		g = auth.System(o.tenant, "test", "test.found", o.root.ID)
	}
	m := audit.Moves{}
	if err := registry.Insert(ctx, tx, g, m, u, "founded", "2010-01-01", "滨直工〔2010〕1号", ""); err != nil {
		return u, err
	}
	return u, m.Write(ctx, tx, g, u.ID, map[string]any{"did": "founded"}, now)
}

func (o *office) do(f func(*sqldb.Tx) error) {
	o.t.Helper()
	if err := o.db.Do(ctx, f); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) view(f func(*sqldb.Tx) error) {
	o.t.Helper()
	if err := o.db.View(ctx, f); err != nil {
		o.t.Fatal(err)
	}
}

// officer acts for the whole committee, chair for a union and what is below.
func (o *office) officer(act auth.Action) auth.Grant {
	return auth.As(o.tenant, "officer", auth.Officer, act, o.root.ID)
}

func (o *office) chair(i int, act auth.Action) auth.Grant {
	return auth.As(o.tenant, fmt.Sprintf("chair%d", i), auth.Chair, act, o.unions[i].ID)
}

// enrol writes members with the event that began each membership.
func (o *office) enrol(ms ...Member) {
	o.t.Helper()
	g := o.officer(Edit)
	for len(ms) > 0 {
		n := min(2000, len(ms))
		o.do(func(tx *sqldb.Tx) error {
			evs := make([]Event, n)
			for i, m := range ms[:n] {
				evs[i] = Event{ID: sqldb.NewID(), MemberID: m.ID, Type: Joins, Day: m.Joined, To: m.Union.ID}
				if m.Joined == "" {
					evs[i].Day = today
				}
			}
			b := NewBatch(tx, g, now)
			if err := b.Insert(ctx, ms[:n], evs); err != nil {
				return err
			}
			return b.Audit(ctx, o.root.ID, map[string]any{"members": n})
		})
		o.people = append(o.people, ms[:n]...)
		ms = ms[n:]
	}
}

var (
	surnames = []rune("王李张刘陈杨赵黄周吴徐孙马朱胡郭何林高罗单曾仇解查盖区翟乐华𠮷㐂")
	given    = []rune("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂国建文辉玲志红春梅晓雪海燕乐重行长𫖯䶮𬱖")
	foreign  = []string{"阿布都·买买提", "古丽娜尔·阿不都热合曼", "买买提江", "欧阳建国", "诸葛明", "司马乐", "JohnSmith", "约翰·史密斯", "尉迟长乐"}
)

func (o *office) name() string {
	if o.rand.IntN(20) == 0 {
		return foreign[o.rand.IntN(len(foreign))]
	}
	n := []rune{surnames[o.rand.IntN(len(surnames))], given[o.rand.IntN(len(given))]}
	if o.rand.IntN(4) > 0 {
		n = append(n, given[o.rand.IntN(len(given))])
	}
	return string(n)
}

// crowd thinks up n members spread over the unions; numbers are all different.
func (o *office) crowd(n int) []Member {
	ms := make([]Member, n)
	for i := range ms {
		seq := len(o.people) + i
		u := o.unions[o.rand.IntN(len(o.unions))]
		born := day.Day("1964-01-01").AddDays(o.rand.IntN(14000))
		m := Member{ID: sqldb.NewID(), Union: u.Ref(), Status: Active, Joined: day.Day("1995-01-01").AddDays(o.rand.IntN(11000)), Version: 1,
			CardNo: registry.CardNo(u.Code, int64(seq+1))}
		m.Person = Person{Name: o.name(), IDType: "1", Birthday: born, Sex: Male, Phone: fmt.Sprintf("1%010d", 3000000000+int64(o.rand.IntN(6999999999)))}
		m.Person.IDNo = ident.CheckedID(fmt.Sprintf("210602%s%s%03d", string(born[:4])+string(born[5:7]), string(born[8:]), seq%1000))
		if seq >= 1000 {
			m.Person.IDNo = ident.CheckedID(fmt.Sprintf("%06d%s%03d", 210602+seq/1000, string(born[:4])+string(born[5:7])+string(born[8:]), seq%1000))
		}
		if o.rand.IntN(2) == 0 {
			m.Person.Sex = Female
		}
		switch o.rand.IntN(20) {
		case 0:
			m.Status = Retained
		case 1:
			m.Status, m.LeftDay = Left, m.Joined.AddDays(200)
		case 2:
			m.Person.Phone = ""
		}
		ms[i] = m
	}
	return ms
}
