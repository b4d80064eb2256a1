package account_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/a-h/templ"

	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/office/account"
)

var ctx = context.Background()

const (
	tenant = 2106000001
	twin   = 2106000002
	secret = "Wmzh-8dzhgg!"
)

// house is an office with its door, at a clock that the test moves.
type house struct {
	t     testing.TB
	db    *sqldb.DB
	o     *account.Office
	clock atomic.Int64
	site  http.Handler
	root  registry.Union
	base  registry.Union // a union below the root
	first account.Account
	hash  string
	n     int // of what was made, for fresh logins
}

func (h *house) now() time.Time       { return time.Unix(0, h.clock.Load()).UTC() }
func (h *house) at() day.Instant      { return day.At(h.now()) }
func (h *house) today() day.Day       { return h.at().Day() }
func (h *house) pass(d time.Duration) { h.clock.Add(int64(d)) }
func (h *house) do(f func(*sqldb.Tx) error) {
	h.t.Helper()
	if err := h.db.Do(ctx, f); err != nil {
		h.t.Fatal(err)
	}
}

// people stands in for the members' room: everyone it knows is here.
type people map[string]account.Person

func (p people) People(_ context.Context, _ *sqldb.Tx, _ auth.Grant, q string, _ int) (out []account.Person, err error) {
	for _, x := range p {
		if x.Name == q {
			out = append(out, x)
		}
	}
	return out, nil
}

func (p people) Person(_ context.Context, _ *sqldb.Tx, _ auth.Grant, id string) (account.Person, error) {
	if x, ok := p[id]; ok {
		return x, nil
	}
	return account.Person{}, fault.New(fault.NotFound, "没有这位会员。")
}

// newHouse founds an office whose first account is "init".
func newHouse(t testing.TB, db *sqldb.DB) *house {
	t.Helper()
	keys, err := seal.Create(filepath.Join(t.TempDir(), "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	db.UseKeys(keys)
	h := &house{t: t, db: db}
	h.clock.Store(time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC).UnixNano()) // ten in Beijing
	if h.hash, err = seal.HashPassword(ctx, secret); err != nil {
		t.Fatal(err)
	}
	h.found(tenant, "滨江市直机关工会工委")
	h.do(func(tx *sqldb.Tx) error {
		g := h.shell(tenant, account.Founding)
		h.base = registry.Union{ID: "u-base", Code: "210600000001", Name: "滨江市财政局工会委员会", ShortName: "市财政局工会", Kind: registry.Base, ParentID: h.root.ID, Staff: 80}
		return below(tx, g, h.base, h.at())
	})
	roles := account.Roles()
	roles[auth.Auditing] = []auth.Action{"audit.look"}
	roles[auth.Officer] = []auth.Action{"unions.look"}
	h.o = &account.Office{Roles: roles, Members: people{"m1": {ID: "m1", Name: "王建国", Union: "市财政局工会"}}}
	h.o.Site = &web.Site{DB: db, Name: "滨江市直机关工会工委", Now: h.now, Who: h.o.Who, Seen: h.o.Seen, Frame: frame}
	routes := append(h.o.Routes(), web.Route{Pattern: "GET /probe", Needs: "unions.look", Doc: "探路", Do: web.Page(probe, nothing)})
	if h.site, err = h.o.Site.Handler(routes); err != nil {
		t.Fatal(err)
	}
	return h
}

// below founds a union under the root.
func below(tx *sqldb.Tx, g auth.Grant, u registry.Union, at day.Instant) error {
	m := audit.Moves{}
	if err := registry.Insert(ctx, tx, g, m, u, "founded", at.Day(), "", ""); err != nil {
		return err
	}
	return m.Write(ctx, tx, g, u.ID, map[string]string{"name": u.Name}, at)
}

// seen is what a page that needs an officer shows.
type seen struct {
	Who  string `json:"who"`
	Post string `json:"post"`
}

func probe(r *web.Request, _ struct{}) (seen, error) {
	p, _ := r.Actor().Current(r.Today)
	return seen{r.Actor().Name(), p.Label()}, nil
}

func nothing(s seen) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, s.Who+" "+s.Post)
		return err
	})
}

func frame(r *web.Request) (*ui.Frame, error) {
	f := &ui.Frame{Office: r.Site.Name, SignedIn: r.Actor().SignedIn(), Person: r.Actor().Name(), Key: sqldb.NewID}
	if p, ok := r.Actor().Current(r.Today); ok {
		f.Post = p.Label()
	}
	for _, p := range r.Actor().Posts(r.Today) {
		f.Posts = append(f.Posts, ui.PostChoice{ID: p.ID, Label: p.Label()})
	}
	return f, nil
}

func (h *house) found(id int64, name string) {
	h.t.Helper()
	h.do(func(tx *sqldb.Tx) error {
		_, root, first, err := account.Init(ctx, tx, id, account.Beginning{Name: name, Region: "210600", Login: "init", Person: "赵敏", Hash: h.hash, By: "shell:root"}, h.at())
		if id == tenant {
			h.root, h.first = root, first
		}
		return err
	})
}

// shell is the grant of the operator.
func (h *house) shell(id int64, act auth.Action) (g auth.Grant) {
	h.t.Helper()
	err := h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		g, err = account.Shell(ctx, tx, id, "shell:root", act)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return g
}

// person makes an account with the password secret and gives it an office over
// the union, or none.
func (h *house) person(login, name string, office auth.Office, union string) account.Account {
	h.t.Helper()
	var a account.Account
	h.do(func(tx *sqldb.Tx) (err error) {
		g := h.shellIn(tx, account.Manage)
		if a, err = account.Create(ctx, tx, g, account.New{Login: login, Name: name, Hash: h.hash}, h.at()); err != nil || office == "" {
			return err
		}
		_, err = account.Give(ctx, tx, g.For(account.Appoint), account.Giving{Account: a.ID, Office: office, UnionID: union, From: h.today()}, h.at())
		return err
	})
	return a
}

func (h *house) shellIn(tx *sqldb.Tx, act auth.Action) auth.Grant {
	g, err := account.Shell(ctx, tx, tenant, "shell:root", act)
	if err != nil {
		h.t.Error(err)
	}
	return g
}

// ask sends a request through the house and returns the answer.
func (h *house) ask(hr *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	hr.Host = "home.test"
	if hr.RemoteAddr == "192.0.2.1:1234" {
		hr.RemoteAddr = "10.1.2.3:5000"
	}
	h.site.ServeHTTP(w, hr)
	return w
}

func kindOf(err error) fault.Kind {
	if err == nil {
		return ""
	}
	return fault.Of(err).Kind
}

// plant links an account to a member who stands in the base union.
func plant(tx *sqldb.Tx, h *house, member, acc string) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO members (tenant_id, id, union_id, name, name_key, sex, id_type, id_sealed, id_blind, migrant, status, version)
		VALUES ($1, $2, $3, $4, $5, 'male', '1', $6, $7, $8, 'active', 1)`, int64(tenant), member, h.base.ID, "王建国", "wang", []byte{1}, member, false)
	if err != nil {
		return err
	}
	g := h.shellIn(tx, account.Manage)
	a, err := account.Find(ctx, tx, g, acc)
	if err == nil {
		_, err = account.Link(ctx, tx, g, acc, member, a.Version, h.at())
	}
	return err
}
