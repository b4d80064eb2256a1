package rules

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"unionhall/commons/rulebook"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/files"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/kit/webtest"
	"unionhall/law"
	"unionhall/schema/dbtest"
)

const (
	ours, twins = int64(2106000001), int64(2106000002)
	at          = day.Instant("2026-11-22T02:00:00.000000Z")
	women       = "org.women_committee.min_women"
	size        = "org.audit.size" // 待核实
)

func actor(tenant int64, o auth.Office) auth.Actor {
	return auth.NewActor(tenant, "zhou", "周敏", "", Roles(), "", auth.Post{ID: "p", Office: o, UnionID: "root"})
}

// house is the room on a database with two committees.
type house struct {
	t     *testing.T
	db    *sqldb.DB
	room  *Room
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
	store, err := files.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	h := &house{t: t, db: db, who: actor(ours, auth.Officer)}
	h.room = &Room{Names: func(_ context.Context, _ *sqldb.Tx, _ int64, ids []string) (map[string]string, error) {
		return map[string]string{"zhou": "周敏"}, nil
	}}
	site := &web.Site{DB: db, Files: store, Name: "职工之家", Now: func() time.Time { return time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC) }}
	site.Who = func(*http.Request, *sqldb.Tx, day.Instant) (auth.Actor, string, error) { return h.who, "s", nil }
	site.Frame = func(*web.Request) (*ui.Frame, error) { return &ui.Frame{SignedIn: true, Person: "周敏"}, nil }
	if h.serve, err = site.Handler(h.room.Routes()); err != nil {
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

func (h *house) grant(act auth.Action) auth.Grant {
	h.t.Helper()
	g, err := h.who.Grant(act, at.Day())
	if err != nil {
		h.t.Fatal(err)
	}
	return g
}

func (h *house) send(hr *http.Request, v any) *httptest.ResponseRecorder {
	h.t.Helper()
	if v != nil {
		hr.Header.Set("Accept", "application/json")
	}
	w := httptest.NewRecorder()
	h.serve.ServeHTTP(w, hr)
	if v != nil && w.Code < 300 {
		if err := json.Unmarshal(w.Body.Bytes(), v); err != nil {
			h.t.Fatalf("%s: %v\n%s", hr.URL, err, w.Body)
		}
	}
	return w
}

func (h *house) get(path string, v any) *httptest.ResponseRecorder {
	return h.send(httptest.NewRequest("GET", path, nil), v)
}

func (h *house) post(path string, form url.Values, v any) *httptest.ResponseRecorder {
	hr := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	hr.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return h.send(hr, v)
}

func (h *house) page(path string) string {
	h.t.Helper()
	w := h.get(path, nil)
	if w.Code != 200 {
		h.t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	return h.read(path, w)
}

func (h *house) read(path string, w *httptest.ResponseRecorder) string {
	h.t.Helper()
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

func (h *house) has(text string, wants ...string) {
	h.t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			h.t.Errorf("the page lacks %s:\n%s", want, text)
		}
	}
}

func (h *house) sound(tenants ...int64) {
	h.t.Helper()
	for _, tenant := range tenants {
		h.do(func(ctx context.Context, tx *sqldb.Tx) error {
			rep, err := audit.Verify(ctx, tx, tenant, []string{"own_params"})
			if len(rep.Findings) > 0 {
				h.t.Errorf("verify of %d: %v", tenant, rep.Findings)
			}
			return err
		})
	}
}

func TestRulesPage(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	var r Rules
	h.get("/law/rules", &r)
	if len(r.Items) != len(law.Rules()) || r.Total != len(r.Items) {
		t.Errorf("%d rules of %d", len(r.Items), len(law.Rules()))
	}
	h.get("/law/rules?q=org-13", &r)
	if len(r.Items) != 1 || r.Items[0].ID != "ORG-13" || r.Items[0].Confidence != law.Secondary {
		t.Errorf("found %+v", r.Items)
	}
	h.get("/law/rules?chapter="+url.QueryEscape("会籍")+"&status=later", &r)
	for _, i := range r.Items {
		if i.Chapter != "会籍" || i.Status != law.Waiting {
			t.Errorf("%s is of %s, %s", i.ID, i.Chapter, i.Status)
		}
	}
	h.has(h.page("/law/rules"), "女会员满十人应建女职工委员会", "据可靠转引", "待核实", "以后的版本", "由下列规则落实：")
	if body := h.get("/law/rules", nil).Body.String(); !strings.Contains(body, `<tr id="ORG-13">`) {
		t.Error("no anchor for ORG-13")
	}
	h.has(h.page("/law/rules?q=nothing-like-it-1"), "没有符合条件的规则。")
	if body := h.get("/law/rules?status=later", nil).Body.String(); !strings.Contains(body, `href="/law/rules.csv?status=later"`) {
		t.Error("the file is not what the page is filtered to")
	}
	h.who = actor(ours, auth.Member)
	h.page("/law/rules")
	for _, path := range []string{"/law/rules.csv?q=ORG-13", "/law/params.csv?rule=ORG-13"} {
		if w := h.get(path, nil); w.Code != 200 || strings.Count(w.Body.String(), "\n") < 2 || !strings.Contains(w.Body.String(), "ORG-13") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	for _, path := range []string{"/law/rules.xlsx", "/law/params.xlsx"} {
		if w := h.get(path, nil); w.Code != 200 || !strings.HasPrefix(w.Body.String(), "PK") {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestParamsPage(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	var p Params
	h.get("/law/params", &p)
	if p.Total != len(law.Shipped.IDs()) || p.Pending == 0 {
		t.Errorf("%d parameters, %d pending", p.Total, p.Pending)
	}
	all := p.Pending
	h.get("/law/params?state=pending", &p)
	if p.Total != all {
		t.Errorf("%d pending listed of %d", p.Total, all)
	}
	h.get("/law/params?rule=ORG-13", &p)
	if p.Items[0].ID != women || p.Items[0].Shown != "10人" || p.Items[0].Where != "全国" {
		t.Errorf("ORG-13 has %+v", p.Items)
	}
	h.has(h.page("/law/params"), "个数字待核实", "应建女职工委员会的女会员人数", "10人")
	text := h.page("/law/params/" + women)
	h.has(text, "今天适用：10人（全国）", "外地的规定", "北京市", "25人", "确认或设定")
	h.who = actor(ours, auth.Chair)
	if text := h.page("/law/params/" + women); strings.Contains(text, "自何日起") {
		t.Error("a chair is asked to confirm")
	}
	if w := h.post("/law/params/"+women, url.Values{}, nil); w.Code != 403 {
		t.Errorf("a chair confirms: %d", w.Code)
	}
	if w := h.get("/law/params/none", nil); w.Code != 404 {
		t.Errorf("no such parameter: %d", w.Code)
	}
}

func TestSet(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := open(t, db)
		set := func(value, from, version string) *httptest.ResponseRecorder {
			return h.post("/law/params/"+women, url.Values{"value": {value}, "from": {from}, "document": {"工办〔2026〕3号"}, "version": {version}}, nil)
		}
		ok := func(w *httptest.ResponseRecorder, code int) {
			t.Helper()
			if w.Code != code {
				t.Fatalf("%d, want %d: %s", w.Code, code, w.Body)
			}
		}
		ok(set("２０", "2026-06-01", "0"), 303)
		ok(set("30", "2027-01-01", "1"), 303)
		ok(set("15", "2026-03-01", "2"), 303) // before both: it ends where the first begins
		ok(set("20", "2026-06-01", "2"), 409) // stale
		h.has(h.read("stale", set("20", "2026-06-01", "2")), "已由周敏于 2026-11-22 10:00 改过")
		for _, c := range []struct {
			on   day.Day
			want int
		}{{"2026-02-28", 10}, {"2026-03-01", 15}, {"2026-05-31", 15}, {"2026-06-01", 20}, {"2026-12-31", 20}, {"2027-01-01", 30}} {
			if got := h.value(ours, c.on); got != c.want {
				t.Errorf("ORG-13 on %s: %d, want %d", c.on, got, c.want)
			}
		}
		// The same day again: what was to begin never does, and stays in sight.
		ok(set("31", "2027-01-01", "3"), 303)
		if got := h.value(ours, "2027-01-01"); got != 31 {
			t.Errorf("replaced: %d", got)
		}
		var w Whole
		h.get("/law/params/"+women, &w)
		void := 0
		for _, v := range w.History {
			if v.Void {
				void++
			}
		}
		if w.Version != 4 || void != 1 || len(w.History) != 5 || !w.InForce || w.Value != "20" || w.Confidence != law.Confirmed {
			t.Errorf("history: version %d, %d void, %+v", w.Version, void, w.History)
		}
		h.has(h.page("/law/params/"+women), "今天适用：20人（本单位）", "未生效即被替换", "工办〔2026〕3号（周敏 2026-11-22 录入）", "改回上级规定", "本单位已确认")

		bad := set("多", "", "4")
		h.has(h.read("bad", bad), "请填写一个整数", "请填生效的日期")
		if bad.Code != 422 && bad.Code != 400 {
			t.Errorf("a bad form: %d", bad.Code)
		}
		ok(h.post("/law/params/"+women, url.Values{"value": {"20"}, "from": {"2026-06-01"}, "version": {"4"}}, nil), bad.Code) // no document

		ok(h.post("/law/params/"+women+"/drop", url.Values{"from": {"2026-09-01"}, "version": {"4"}}, nil), 303)
		for on, want := range map[day.Day]int{"2026-08-31": 20, "2026-09-01": 10, "2027-02-01": 10} {
			if got := h.value(ours, on); got != want {
				t.Errorf("dropped, on %s: %d, want %d", on, got, want)
			}
		}
		ok(h.post("/law/params/"+women+"/drop", url.Values{"from": {"2026-09-01"}, "version": {"5"}}, nil), 409)
		if got := h.value(twins, "2026-06-01"); got != 10 {
			t.Errorf("the twin: %d", got)
		}
		h.sound(ours, twins)
	})
}

func (h *house) value(tenant int64, on day.Day) (n int) {
	h.t.Helper()
	h.do(func(ctx context.Context, tx *sqldb.Tx) error {
		book, err := rulebook.Of(ctx, tx, tenant)
		if err == nil {
			n, err = book.Int(women, law.PlaceOf(tenant), on)
		}
		return err
	})
	return n
}

// What is only recalled binds nobody until the office writes it down; the same
// value is a confirmation.
func TestConfirmAsItIs(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	var before, after Params
	h.get("/law/params?state=pending", &before)
	var w Whole
	h.get("/law/params/"+size, &w)
	if !w.Waits {
		t.Fatalf("%s is not pending", size)
	}
	h.has(h.page("/law/params/"+size), "待核实")
	var d Done
	h.post("/law/params/"+size, url.Values{"value": {w.Value}, "from": {"2026-11-22"}, "document": {"经核对原文"}, "version": {"0"}}, &d)
	if d.Version != 1 || d.Value != w.Value {
		t.Fatalf("confirmed: %+v", d)
	}
	h.get("/law/params?state=pending", &after)
	if after.Pending != before.Pending-1 {
		t.Errorf("%d pending after %d", after.Pending, before.Pending)
	}
	h.get("/law/params?state=own", &after)
	if after.Total != 1 || after.Items[0].ID != size {
		t.Errorf("own: %+v", after.Items)
	}
}

// Twenty officers at once: one sets the value, nineteen are told.
func TestSetRaced(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := open(t, db)
		g := h.grant(Confirm)
		var wg sync.WaitGroup
		results := make([]error, 20)
		for i := range results {
			wg.Go(func() {
				results[i] = db.Do(context.Background(), func(tx *sqldb.Tx) error {
					_, err := h.room.Set(context.Background(), tx, g, SetForm{ID: women, Value: fmt.Sprint(30 + i), From: "2026-06-01", Document: "工办〔2026〕3号"}, at)
					return err
				})
			})
		}
		wg.Wait()
		won, told := 0, 0
		for _, err := range results {
			if err == nil {
				won++
			} else if fault.Of(err).Kind == fault.Conflict {
				told++
			} else {
				t.Error(err)
			}
		}
		if won != 1 || told != 19 {
			t.Errorf("%d won, %d were told", won, told)
		}
		h.do(func(ctx context.Context, tx *sqldb.Tx) error {
			rows, err := ownRows(ctx, tx, ours, women)
			if len(rows) != 1 {
				t.Errorf("%d rows", len(rows))
			}
			return err
		})
		h.sound(ours)
	})
}
