package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/job"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/kit/webtest"
)

const (
	ours, twins = int64(2106000001), int64(2106000002)
	at          = day.Instant("2026-11-22T02:00:00.000000Z")
)

var roles = auth.Roles{auth.Admin: {Setup}, auth.Officer: {Setup, "unions.look"}, auth.Member: {"members.own"}}

func actor(tenant int64, account, name string, o auth.Office, self string) auth.Actor {
	return auth.NewActor(tenant, account, name, self, roles, "", auth.Post{ID: "p", Office: o, UnionID: "root", Union: "滨江市直机关工会工委"})
}

// house is the room with a stranger's sources on a database with two
// committees whose rows have the same ids.
type house struct {
	t     *testing.T
	db    *sqldb.DB
	desk  *Desk
	serve http.Handler
	who   auth.Actor
}

func open(t *testing.T, db *sqldb.DB) *house {
	t.Helper()
	keys, err := seal.Create(filepath.Join(t.TempDir(), "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	db.UseKeys(keys)
	h := &house{t: t, db: db, who: actor(ours, "zhou", "周敏", auth.Officer, "")}
	for _, tenant := range []int64{ours, twins} {
		h.do(func(ctx context.Context, tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO tenants (tenant_id, name, region, demo, started, version) VALUES ($1, $2, $3, $4, $5, 1)`,
				tenant, "滨江市直机关工会工委", "210600", false, string(at))
			if err != nil {
				return err
			}
			return audit.Write(ctx, tx, auth.System(tenant, "test", "office.found", "root"), "t", map[string]string{}, at, audit.Touched{Table: "tenants"})
		})
	}
	site := &web.Site{DB: db, Name: "职工之家", Now: func() time.Time { return time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC) }}
	site.Who = func(*http.Request, *sqldb.Tx, day.Instant) (auth.Actor, string, error) { return h.who, "s", nil }
	site.Frame = func(*web.Request) (*ui.Frame, error) {
		return &ui.Frame{Office: "滨江市直机关工会工委", SignedIn: true, Person: h.who.Name()}, nil
	}
	runner := job.NewRunner(db, site.Now)
	h.desk = &Desk{Runner: runner, Start: steps, Card: card, Sources: []Source{source}, Finders: []Finder{finder("工会组织", 2), finder("会员", 0)},
		Tiles: []Tile{{ui.Tile{Icon: "user", Text: "我的资料", Href: "/me/member"}, "members.own"}, {ui.Tile{Icon: "users", Text: "看会员", Href: "/x"}, "members.look"}}}
	routes := append(h.desk.Routes(), Machine(func(context.Context) error { return nil })...)
	h.desk.Document = func() ([]byte, error) { return web.Document("职工之家", routes) }
	if h.serve, err = site.Handler(routes); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) do(f func(context.Context, *sqldb.Tx) error) {
	h.t.Helper()
	ctx := context.Background()
	if err := h.db.Do(ctx, func(tx *sqldb.Tx) error { return f(ctx, tx) }); err != nil {
		h.t.Fatal(err)
	}
}

// ask requests a page, or posts a form where there is one, as a person or,
// with v, as a program that reads the answer into it.
func (h *house) ask(path string, form url.Values, v any) *httptest.ResponseRecorder {
	h.t.Helper()
	hr := httptest.NewRequest("GET", path, nil)
	if form != nil {
		hr = httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
		hr.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if v != nil {
		hr.Header.Set("Accept", "application/json")
	}
	w := httptest.NewRecorder()
	h.serve.ServeHTTP(w, hr)
	if v != nil && w.Code < 300 {
		if err := json.Unmarshal(w.Body.Bytes(), v); err != nil {
			h.t.Fatalf("%s: %v\n%s", path, err, w.Body)
		}
	}
	return w
}

// page is what is to be read at an address; it must be whole and Chinese.
func (h *house) page(path string) string {
	h.t.Helper()
	w := h.ask(path, nil, nil)
	if w.Code != 200 {
		h.t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	root, err := html.ParseWithOptions(w.Body, html.ParseOptionEnableScripting(false))
	if err != nil {
		h.t.Fatal(err)
	}
	text := webtest.Text(root)
	if words := webtest.EnglishWords(text); len(words) > 0 {
		h.t.Errorf("%s has English words: %v", path, words)
	}
	return text
}

func source(_ context.Context, _ *sqldb.Tx, v Viewer) (Part, error) {
	if _, ok := v.Grant("unions.look"); !ok {
		return Part{}, nil
	}
	p := Part{
		Figures: []Figure{{Label: "基层工会", Value: "150", Unit: "个", Href: "/unions", Trend: []int64{1, 2}}},
		Panels: []Panel{{Title: "缺什么", Lines: []Line{{Text: "应建经费审查委员会而未建", Count: 4, Href: "/unions?missing=ORG-12", Rule: "ORG-12"}}},
			{Title: "届满安排", Bars: true, Lines: []Line{{Text: "2026 年四季度", Count: 2, Kind: ui.Bad}}}, {Title: "空的", Note: "没有要列的。"}},
		Changes: []Change{{At: at, Title: "财政局机关工会更名", Href: "/u"}},
	}
	for i := range 10 {
		p.Duties = append(p.Duties, Duty{Title: fmt.Sprintf("第%d件", i), Href: "/d", Due: v.Today.AddDays(5 - i), Act: "查看", ActHref: "/d"})
	}
	return p, nil
}

func steps(context.Context, *sqldb.Tx, Viewer) ([]Step, error) {
	return []Step{{Title: "导入工会", Note: "还没有工会", Act: "导入", Href: "/imports"}, {Title: "第一批账号", Note: "已有 3 个账号", Done: true, Act: "账号", Href: "/accounts"}}, nil
}

func card(_ context.Context, _ *sqldb.Tx, v Viewer) (Card, bool, error) {
	return Card{Name: "白雪", Union: "滨江市财政局机关工会", Number: "210600000012000318", Joined: "2015-07-01"}, true, nil
}

func finder(title string, n int) Finder {
	return Finder{title, func(_ context.Context, _ *sqldb.Tx, _ Viewer, q string, limit int) (Found, error) {
		if n > limit {
			return Found{}, errors.New("more than the limit")
		}
		f := Found{More: "/all?q=" + url.QueryEscape(q)}
		for i := range n {
			f.Items = append(f.Items, Hit{Title: fmt.Sprintf("%s %d", q, i), Href: "/u", Note: "财政局", Tag: "存续", Kind: ui.OK})
		}
		return f, nil
	}}
}
