package hall_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"

	"unionhall/grassroots/finance/handover"
	"unionhall/grassroots/finance/ledger"
	"unionhall/hall"
	"unionhall/hall/city"
	"unionhall/kit/auth"
	"unionhall/kit/browser"
	"unionhall/kit/day"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/office/account"
)

const (
	keptPlace   = handover.Home + "/archives"
	changePlace = handover.Home + "/officers"
)

func init() {
	maps.Copy(kinds, map[string]string{
		keptPlace + "/{archive}":  "archive",
		changePlace + "/{change}": "officer change",
	})
}

// handed gives the union books with a draft of their archive, and a list by
// which its accountant hands over.
func (s *stand) handed(t testing.TB, tenant int64, union string, x things) {
	t.Helper()
	at := day.At(s.house.Now())
	if len(s.look(t, `SELECT id FROM books WHERE tenant_id = $1 AND union_id = $2 AND year = `+fmt.Sprint(at.Day().Year()), tenant, union)) == 0 {
		s.keeps(t, tenant, union)
	}
	if all := s.look(t, `SELECT id FROM officer_changes WHERE tenant_id = $1 AND union_id = $2 AND state <> 'ended'`, tenant, union); len(all) > 0 {
		x["officer change"], x["archive"] = all[0], s.first(t, `SELECT id FROM book_archives WHERE tenant_id = $1 AND union_id = $2 AND kind = 'draft' ORDER BY id`, tenant, union)
		return
	}
	room := *s.house.Handover()
	room.Keepers = func(context.Context, *sqldb.Tx, int64, string, day.Day) ([]handover.Person, error) {
		return []handover.Person{{Account: "taker", Name: "接任人", Office: auth.Accountant}, {Account: "witness", Name: "监交人", Office: auth.Director}}, nil
	}
	s.write(t, func(tx *sqldb.Tx) error {
		g, err := account.Shell(ctx, tx, tenant, "test", handover.List)
		if err != nil {
			return err
		}
		c, err := room.Make(ctx, tx, auth.As(tenant, "giver", auth.Accountant, handover.List, g.Under()), handover.Opens{Union: union, Taker: "taker", Witness: "witness"}, at)
		if err != nil {
			return err
		}
		k, err := room.Begin(ctx, tx, auth.As(tenant, g.Account(), auth.Accountant, handover.Archive, g.Under()), handover.Archiving{Union: union, Year: at.Day().Year(), Draft: true}, at)
		x["officer change"], x["archive"] = c.ID, k.ID
		return err
	})
	if err := s.house.Runner.RunAbout(ctx, tenant, x["archive"]); err != nil {
		t.Fatal(err)
	}
}

// keeps gives the union books of this year.
func (s *stand) keeps(t testing.TB, tenant int64, union string) {
	t.Helper()
	s.write(t, func(tx *sqldb.Tx) error {
		at := day.At(s.house.Now())
		g, err := account.Shell(ctx, tx, tenant, "test", ledger.Open)
		if err == nil {
			_, err = ledger.Start(ctx, tx, g, ledger.Opens{Union: union, Year: at.Day().Year()}, at)
		}
		return err
	})
}

// Issue 4, 7: an accountant takes the books of a closed year along, keeps them,
// hands the archive to the archivist, and hands over to the next accountant,
// who confirms on the phone; the director sees to it.
//
// S2-48, F3.26, F3.27
func TestJourneyHandover(t *testing.T) {
	s := one()
	year := s.house.Now().Year() - 1
	union := s.first(t, `SELECT u.code FROM unions u JOIN books b ON b.tenant_id = u.tenant_id AND b.union_id = u.id WHERE u.tenant_id = $1 AND b.year = `+fmt.Sprint(year)+` AND b.state = 'closed'
		AND NOT EXISTS (SELECT 1 FROM book_archives a WHERE a.tenant_id = b.tenant_id AND a.book_id = b.id) ORDER BY u.code DESC`, int64(city.Tenant))
	next := "next" + fresh()
	at := day.At(s.house.Now())
	hash, err := seal.HashPassword(ctx, bossSecret)
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, func(tx *sqldb.Tx) error {
		g, err := account.Shell(ctx, tx, city.Tenant, "test", account.Manage)
		if err != nil {
			return err
		}
		a, err := account.Create(ctx, tx, g, account.New{Login: next, Name: "欧阳接任", Hash: hash}, at)
		if err != nil {
			return err
		}
		_, err = account.Give(ctx, tx, g.For(account.Appoint), account.Giving{Account: a.ID, Office: auth.Accountant, UnionID: g.Under(), From: at.Day()}, at)
		return err
	})
	desk := browser.Open(t, s.url)
	desk.Size(1366, 768)
	desk.Login("accountant", hall.DemoPassword())
	desk.Go(fmt.Sprintf("%s?union=%s&year=%d", handover.Home, union, year))
	desk.See("已经年结，还没有归档")
	desk.Fits()
	desk.Click("归档")
	if err := s.house.Runner.RunAbout(ctx, city.Tenant, strings.TrimPrefix(desk.Path(), keptPlace+"/")); err != nil {
		t.Fatal(err)
	}
	desk.Go(desk.Path())
	desk.See("财务部门保管")
	desk.Click("重新校验")
	desk.See("与归档时的校验值相符")
	desk.Click("移交档案部门")
	desk.Type("dialog input[name=receiver]", "孙档案")
	desk.Type("dialog input[name=document]", "档交〔2026〕1号")
	desk.Click("dialog .btn.main")
	desk.See("孙档案")
	desk.Fits()

	desk.Go(changePlace + "/new?union=" + union)
	desk.Select("#f-taker", "欧阳接任（会计）")
	desk.Select("#f-witness", s.first(t, `SELECT name FROM accounts WHERE tenant_id = $1 AND login = 'director'`, int64(city.Tenant))+"（工委主任）")
	desk.Click("编清册")
	desk.See("现金和银行存款余额")
	desk.Fits()
	list := desk.Path()
	desk.Click("移交人确认")
	desk.Click("dialog .btn.main")
	desk.See("待接管人确认")

	phone := browser.Open(t, s.url)
	phone.Size(390, 844)
	phone.Login(next, bossSecret)
	phone.Go(list)
	phone.Fits()
	phone.Click("接管人确认")
	phone.Click("dialog .btn.main")
	phone.See("待监交人确认")
	phone.Fits()

	boss := browser.Open(t, s.url)
	boss.Login("director", hall.DemoPassword())
	boss.Go(list)
	boss.Click("监交人确认")
	boss.Click("dialog .btn.main")
	boss.See("交接完毕")
}

// S2-48: the contract's address gives the journal as text, in either format,
// and refuses another; the archive comes whole.
func TestJournalAddress(t *testing.T) {
	s := one()
	who := s.as(t, "accountant")
	for format, want := range map[string]string{"hledger": "commodity CNY", "beancount": `option "operating_currency"`} {
		a := who.get(t, ledger.Home+"/journal?format="+format+"&below=1")
		if a.code != 200 || !strings.Contains(string(a.body), want) {
			t.Errorf("%s: %s", format, a)
		}
	}
	if a := who.get(t, ledger.Home+"/journal?format=xml"); a.code != 422 {
		t.Errorf("another format: %s", a)
	}
	x := s.near(t, "accountant")
	if a := who.get(t, keptPlace+"/"+x["archive"]+"/file"); a.code != 200 || !strings.HasPrefix(string(a.body), "PK") {
		t.Errorf("the archive: %s", a)
	}
	if a := s.as(t, "cashier").get(t, keptPlace+"/"+x["archive"]+"/file"); a.code != 403 {
		t.Errorf("the cashier: %s", a)
	}
}
