package account_test

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/office/account"
	"unionhall/schema/dbtest"
)

// give gives a post as the holder of an office would.
func (h *house) give(by account.Account, as auth.Office, act auth.Action, n account.Giving) (p account.Post, err error) {
	err = h.db.Do(ctx, func(tx *sqldb.Tx) (err error) {
		p, err = account.Give(ctx, tx, auth.As(tenant, by.ID, as, act, h.root.ID), n, h.at())
		return err
	})
	return p, err
}

func (h *house) end(by account.Account, as auth.Office, act auth.Action, p account.Post, last day.Day) error {
	return h.db.Do(ctx, func(tx *sqldb.Tx) error {
		_, err := account.End(ctx, tx, auth.As(tenant, by.ID, as, act, h.root.ID), p.ID, last, "", p.Version, h.at())
		return err
	})
}

// tokenOf makes a token of an account for its first post.
func (h *house) tokenOf(login string, days int) string {
	h.t.Helper()
	s, err := account.CreateToken(ctx, h.db, tenant, login, days, "shell:root", h.now())
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

func (h *house) withToken(token, path string) int {
	hr := program(httptest.NewRequest("GET", path, nil))
	hr.Header.Set("Authorization", "Bearer "+token)
	return h.ask(hr).Code
}

// law: PL-09
func TestRightsEndWithThePost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		a := h.person("zhoumin", "周敏", "", "")
		p, err := h.give(h.first, auth.Admin, account.Appoint, account.Giving{Account: a.ID, Office: auth.Officer, UnionID: h.base.ID, From: h.today(), To: h.today().AddDays(3)})
		if err != nil {
			t.Fatal(err)
		}
		token := h.tokenOf("zhoumin", 30)
		midnight := time.Date(2026, 11, 25, 16, 0, 0, 0, time.UTC) // in Beijing: the end of its last day
		for _, c := range []struct {
			law  string
			at   time.Time
			want int
		}{
			{"PL-09: the last moment of the last day", midnight.Add(-time.Microsecond), 200},
			{"PL-09: the day after", midnight, 403},
		} {
			h.clock.Store(c.at.UnixNano())
			if got := h.withToken(token, "/probe"); got != c.want {
				t.Errorf("%s: %d, want %d", c.law, got, c.want)
			}
		}
		if got := h.withToken(token, "/account"); got != 200 {
			t.Errorf("the own account stays open: %d", got)
		}
		h.clock.Store(midnight.Add(-12 * time.Hour).UnixNano())
		if err := h.end(h.first, auth.Admin, account.Appoint, p, h.today().AddDays(-1)); err != nil {
			t.Fatal(err)
		}
		if got := h.withToken(token, "/probe"); got != 403 {
			t.Errorf("ended as of yesterday: %d", got)
		}
	})
}

// law: PL-10
func TestActingForTheAbsent(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	h.person("liangzd", "梁振东", auth.Director, h.root.ID)
	a := h.person("zhoumin", "周敏", auth.Officer, h.root.ID)
	acting := account.Giving{Account: a.ID, Office: auth.Director, UnionID: h.root.ID, From: h.today(), ActingFor: "梁振东"}
	if _, err := h.give(h.first, auth.Admin, account.Appoint, acting); kindOf(err) != fault.Invalid {
		t.Error("without an end:", err)
	}
	acting.To = h.today().AddDays(14)
	wrong := acting
	wrong.ActingFor = "周敏"
	if _, err := h.give(h.first, auth.Admin, account.Appoint, wrong); kindOf(err) != fault.Invalid {
		t.Error("for one who holds no such post:", err)
	}
	p, err := h.give(h.first, auth.Admin, account.Appoint, acting)
	if err != nil || p.Label() != "代工委主任 · 滨江市直机关工会工委" {
		t.Fatal(p.Label(), err)
	}
	c, _ := h.login("zhoumin", secret, "")
	hr := program(form("/identity", "post", p.ID))
	hr.AddCookie(c)
	if w := h.ask(hr); w.Code != 200 || !strings.Contains(w.Body.String(), `"acting_for":"梁振东"`) {
		t.Error(w.Code, w.Body)
	}
}

// law: R1.69: of the three one person is one, whatever is pressed at once.
func TestOnePersonIsOneOfTheThree(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		a := h.person("yiwen", "易文", "", "")
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				h.give(h.first, auth.Admin, account.Appoint, account.Giving{Account: a.ID, Office: account.Trusted[1+i%2], UnionID: h.root.ID, From: h.today()})
			})
		}
		all.Wait()
		if n := h.count(`SELECT count(*) FROM posts WHERE tenant_id = $1 AND account_id = $2`, a.ID); n != 1 {
			t.Errorf("holds %d of the three", n)
		}
	})
}

func (h *house) count(q string, args ...any) (n int64) {
	h.t.Helper()
	err := h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		n, err = sqldb.One(ctx, tx, sqldb.Int, q, append([]any{int64(tenant)}, args...)...)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// Two administrators are locked at once by twenty hands: one stays.
func TestSomebodyAdministers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		second := h.person("zhengyu", "郑宇", auth.Admin, h.root.ID)
		sec := h.person("hepeng", "贺鹏", auth.Security, h.root.ID)
		g := auth.As(tenant, sec.ID, auth.Security, account.Lock, h.root.ID)
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				a := []account.Account{h.first, second}[i%2]
				h.db.Do(ctx, func(tx *sqldb.Tx) error {
					_, err := account.SetLocked(ctx, tx, g, a.ID, true, "试", a.Version, h.at())
					return err
				})
			})
		}
		all.Wait()
		if n := h.count(`SELECT count(*) FROM accounts WHERE tenant_id = $1 AND locked`); n != 1 {
			t.Errorf("%d locked, want 1", n)
		}
		if n := h.count(`SELECT count(*) FROM audit_rows WHERE tenant_id = $1 AND act = 'accounts.lock'`); n != 1 {
			t.Errorf("%d in the log, want 1", n)
		}
	})
}

func TestTheLastAdministratorStays(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	sec := h.person("hepeng", "贺鹏", auth.Security, h.root.ID)
	admin := h.postOf(h.first.ID, auth.Admin)
	if err := h.end(sec, auth.Security, account.Entrust, admin, h.today()); kindOf(err) != fault.Conflict {
		t.Error("the last post was ended:", err)
	}
	h.person("zhengyu", "郑宇", auth.Admin, h.root.ID)
	if err := h.end(sec, auth.Security, account.Entrust, admin, h.today()); err != nil {
		t.Error("handed on:", err)
	}
	err := h.db.Do(ctx, func(tx *sqldb.Tx) error {
		_, err := account.SetLocked(ctx, tx, auth.As(tenant, sec.ID, auth.Security, account.Lock, h.root.ID), sec.ID, true, "试", sec.Version, h.at())
		return err
	})
	if kindOf(err) != fault.Denied {
		t.Error("locked oneself:", err)
	}
}

func (h *house) postOf(id string, office auth.Office) (p account.Post) {
	h.t.Helper()
	h.do(func(tx *sqldb.Tx) (err error) {
		all, err := account.PostsOf(ctx, tx, h.shellIn(tx, account.Look), id)
		p = all[slices.IndexFunc(all, func(x account.Post) bool { return x.Office == office })]
		return err
	})
	return p
}

// Who may give which post: every act, office and state, whole.
func TestWhoMayGive(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	var got []string
	try := func(state string) {
		for _, by := range []struct {
			office auth.Office
			act    auth.Action
		}{{auth.Admin, account.Appoint}, {auth.Security, account.Entrust}} {
			for i, office := range auth.Offices {
				a := h.person(fmt.Sprintf("%s%s%d", state, by.office, i), "某某", "", "")
				_, err := h.give(h.first, by.office, by.act, account.Giving{Account: a.ID, Office: office, UnionID: h.root.ID, From: h.today(), To: h.today()})
				if err == nil {
					got = append(got, state+" "+string(by.office)+" "+string(office))
				}
			}
		}
	}
	try("founding") // until somebody is made security administrator in here
	h.do(func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM posts WHERE tenant_id = $1 AND office = 'security'`, int64(tenant))
		return err
	})
	h.person("hepeng", "贺鹏", auth.Security, h.root.ID)
	try("founded")
	want := strings.Fields(strings.ReplaceAll(`founding.admin.admin founding.admin.security
		founding.admin.director founding.admin.officer founding.admin.accountant founding.admin.cashier founding.admin.auditor founding.admin.chair
		founding.security.admin founding.security.security founding.security.audit
		founded.admin.director founded.admin.officer founded.admin.accountant founded.admin.cashier founded.admin.auditor founded.admin.chair
		founded.security.admin founded.security.security founded.security.audit`, ".", "_"))
	for i := range got {
		got[i] = strings.ReplaceAll(got[i], " ", "_")
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// law: R1.69: none of the three may do a deed of the other.
func TestDeedsOfTheThreeAreApart(t *testing.T) {
	roles := account.Roles()
	for i, a := range account.Trusted {
		for _, b := range account.Trusted[i+1:] {
			for _, act := range roles[a] {
				if act != account.Look && slices.Contains(roles[b], act) {
					t.Errorf("%s and %s may both %s", a, b, act)
				}
			}
		}
	}
	for _, act := range []auth.Action{account.Manage, account.Appoint, account.Entrust, account.Lock} {
		if account.Labels[act] == "" || len(roles.Offices(act)) != 1 {
			t.Errorf("%s: %v", act, roles.Offices(act))
		}
	}
}

func TestPostsThatAreNotGiven(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	a := h.person("zhoumin", "周敏", auth.Officer, h.base.ID)
	good := account.Giving{Account: a.ID, Office: auth.Chair, UnionID: h.base.ID, From: h.today()}
	for _, c := range []struct {
		name string
		kind fault.Kind
		as   account.Giving
		by   account.Account
	}{
		{"ours: to oneself", fault.Denied, account.Giving{Account: h.first.ID, Office: auth.Chair, UnionID: h.base.ID, From: h.today()}, h.first},
		{"ours: the same twice", fault.Conflict, account.Giving{Account: a.ID, Office: auth.Officer, UnionID: h.base.ID, From: h.today()}, h.first},
		{"ours: ends before it begins", fault.Invalid, account.Giving{Account: a.ID, Office: auth.Chair, UnionID: h.base.ID, From: h.today(), To: h.today().AddDays(-1)}, h.first},
		{"ours: over no union", fault.Invalid, account.Giving{Account: a.ID, Office: auth.Chair, From: h.today()}, h.first},
		{"ours: over a union out of sight", fault.NotFound, account.Giving{Account: a.ID, Office: auth.Chair, UnionID: "nowhere", From: h.today()}, h.first},
		{"ours: one of the three below the root", fault.Invalid, account.Giving{Account: a.ID, Office: auth.Auditing, UnionID: h.base.ID, From: h.today()}, h.first},
		{"ours: an account out of sight", fault.NotFound, account.Giving{Account: "nobody", Office: auth.Chair, UnionID: h.base.ID, From: h.today()}, h.first},
	} {
		if _, err := h.give(c.by, auth.Admin, account.Appoint, c.as); kindOf(err) != c.kind {
			t.Errorf("%s: %v, want %s", c.name, err, c.kind)
		}
	}
	if _, err := h.give(h.first, auth.Admin, account.Appoint, good); err != nil {
		t.Error(err)
	}
}
