package record

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
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
	"unionhall/schema/dbtest"
)

const (
	ours, twins = int64(2106000001), int64(2106000002)
	union       = "01930000-0000-7000-8000-00000000000a"
	edit        = auth.Action("unions.edit")
)

func actor(tenant int64, o auth.Office) auth.Actor {
	return auth.NewActor(tenant, "sun", "孙审", "", Roles(), "", auth.Post{ID: "p", Office: o, UnionID: "root"})
}

// house is the room on a database with two committees, whose log tells of
// the same thing.
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
	now := func() time.Time { return time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC) }
	h := &house{t: t, db: db, who: actor(ours, auth.Auditing)}
	h.room = &Room{
		Labels: map[auth.Action]string{edit: "修改工会资料", "members.edit": "修改会员资料", "office.found": "建立工委", Verify: "验证日志链"},
		Names: func(context.Context, *sqldb.Tx, int64, []string) (map[string]string, error) {
			return map[string]string{"zhou": "周敏", "sun": "孙审"}, nil
		},
		Things: func(context.Context, *sqldb.Tx, int64, []string) (map[string]Thing, error) {
			return map[string]Thing{union: {"工会", "财政局机关工会"}}, nil
		},
		Runner: job.NewRunner(db, now),
	}
	h.room.Runner.Works = h.room.Works()
	site := &web.Site{DB: db, Name: "职工之家", Now: now}
	site.Who = func(*http.Request, *sqldb.Tx, day.Instant) (auth.Actor, string, error) { return h.who, "s", nil }
	site.Frame = func(*web.Request) (*ui.Frame, error) { return &ui.Frame{SignedIn: true, Person: "孙审"}, nil }
	if h.serve, err = site.Handler(h.room.Routes()); err != nil {
		t.Fatal(err)
	}
	h.do(func(ctx context.Context, tx *sqldb.Tx) error { // jobs are done for tenants that there are
		_, err := tx.Exec(ctx, `INSERT INTO tenants (tenant_id, name, region, demo, started, version) VALUES ($1, '滨江市直机关工会工委', '210600', $2, $3, 1)`,
			ours, false, "2026-11-01T02:00:00.000000Z")
		if err != nil {
			return err
		}
		return audit.Write(ctx, tx, auth.System(ours, "shell:root", "office.found", "root"), "sun", map[string]string{}, "2026-11-01T02:00:00.000000Z", audit.Touched{Table: "tenants"})
	})
	h.write(ours, "zhou", edit, union, `{"act":"amended","fields":["phone","address"],"document":"工办〔2026〕3号"}`, "2026-11-20T02:00:00.000000Z")
	h.write(ours, "zhou", edit, "01930000-0000-7000-8000-00000000000b", `{"act":"renamed","was":"甲工会","now":"=乙工会"}`, "2026-11-21T02:00:00.000000Z")
	h.write(ours, "li", "members.edit", union, `{"odd_key":"x","count":3,"own":true,"none":null}`, "2026-11-21T17:00:00.000000Z")
	h.write(twins, "zhou", edit, union, `{}`, "2026-11-20T02:00:00.000000Z")
	return h
}

func (h *house) do(f func(context.Context, *sqldb.Tx) error) {
	h.t.Helper()
	ctx := context.Background()
	if err := h.db.Do(ctx, func(tx *sqldb.Tx) error { return f(ctx, tx) }); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) write(tenant int64, account string, act auth.Action, thing, change string, at day.Instant) {
	h.t.Helper()
	h.do(func(ctx context.Context, tx *sqldb.Tx) error {
		return audit.Write(ctx, tx, auth.As(tenant, account, auth.Officer, act, "root"), thing, json.RawMessage(change), at)
	})
}

func (h *house) ask(method, path string, v any) *httptest.ResponseRecorder {
	h.t.Helper()
	hr := httptest.NewRequest(method, path, nil)
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

func (h *house) page(path string, wants ...string) {
	h.t.Helper()
	w := h.ask("GET", path, nil)
	if w.Code != 200 {
		h.t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	whole := w.Body.String()
	root, err := html.ParseWithOptions(strings.NewReader(whole), html.ParseOptionEnableScripting(false))
	if err != nil {
		h.t.Fatal(err)
	}
	text := webtest.Text(root)
	if words := webtest.EnglishWords(text); len(words) > 0 {
		h.t.Errorf("%s has English words: %v", path, words)
	}
	for _, want := range wants {
		if !strings.Contains(whole, want) {
			h.t.Errorf("%s lacks %s:\n%s", path, want, text)
		}
	}
}

// S07: the log is searched by person, time and action, and read in plain words.
func TestLog(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := open(t, db)
		list := func(query string) (out []string) {
			var p Page
			if w := h.ask("GET", "/audit"+query, &p); w.Code != 200 {
				t.Fatalf("%s: %d", query, w.Code)
			}
			for _, r := range p.Items {
				out = append(out, r.Who+" "+r.Label+" "+r.about())
			}
			return append(out, p.Next)
		}
		for _, c := range []struct{ query, want string }{
			{"", "组织干事 修改会员资料 工会 财政局机关工会|周敏（组织干事） 修改工会资料 编号尾 00000000000b|周敏（组织干事） 修改工会资料 工会 财政局机关工会|系统 建立工委 sun|"},
			{"?act=unions.edit&thing=" + union, "周敏（组织干事） 修改工会资料 工会 财政局机关工会|"},
			{"?account=li", "组织干事 修改会员资料 工会 财政局机关工会|"},
			{"?from=2026-11-22", "组织干事 修改会员资料 工会 财政局机关工会|"}, // 17:00 in Greenwich is the next day here
			{"?to=2026-11-20&account=zhou", "周敏（组织干事） 修改工会资料 工会 财政局机关工会|"},
			{"?account=nobody", ""},
		} {
			if got := strings.Join(list(c.query), "|"); got != c.want {
				t.Errorf("%s: %s", c.query, got)
			}
		}
		one := list("?limit=1")
		two := list("?limit=1&after=" + one[1])
		if two[0] != "周敏（组织干事） 修改工会资料 编号尾 00000000000b" || two[1] == "" {
			t.Errorf("the second page: %v", two)
		}
		if w := h.ask("GET", "/audit?from=2026-11-22&to=2026-11-20", nil); w.Code < 400 || w.Code > 499 {
			t.Errorf("days the wrong way round: %d", w.Code)
		}
		h.page("/audit?thing="+union, "财政局机关工会", "去掉条件", "验证日志链")
		h.page("/audit?account=nobody", "没有符合条件的日志。")

		var p Page
		h.ask("GET", "/audit", &p)
		h.page("/audit/"+p.Items[2].ID, "改动的项目", "手机；地址", "工办〔2026〕3号")
		h.page("/audit/"+p.Items[0].ID, "<code>odd_key</code>", "个数", "本人")
		h.who = actor(twins, auth.Auditing)
		if w := h.ask("GET", "/audit/"+p.Items[0].ID, nil); w.Code != 404 {
			t.Errorf("the twin reads it: %d", w.Code)
		}
		if got := list(""); len(got) != 2 {
			t.Errorf("the twin's log: %v", got)
		}
	})
}

// R1.69, R1.70: the audit administrator reads, and nobody deletes.
func TestWhoMay(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	for _, rt := range h.room.Routes() {
		method, path, _ := strings.Cut(rt.Pattern, " ")
		if method != "GET" && rt.Pattern != "POST /audit/verify" {
			t.Errorf("%s: what could it change?", rt.Pattern)
		}
		path = strings.ReplaceAll(path, "{id}", union)
		for _, o := range auth.Offices {
			h.who = actor(ours, o)
			code := h.ask(method, path, nil).Code
			if denied := code == 403; denied != (o != auth.Auditing) {
				t.Errorf("%s as %s: %d", rt.Pattern, o, code)
			}
		}
	}
	for _, method := range []string{"DELETE", "PUT", "PATCH"} {
		h.who = actor(ours, auth.Auditing)
		if w := h.ask(method, "/audit/"+union, nil); w.Code < 400 {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
}

func TestExport(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	w := h.ask("GET", "/audit.csv?act=unions.edit", nil)
	text := w.Body.String()
	if w.Code != 200 || strings.Count(text, "\n") != 3 || !strings.Contains(text, "办理：修改资料；依据：工办〔2026〕3号；改动的项目：手机；地址") {
		t.Errorf("csv: %d %s", w.Code, text)
	}
	if w := h.ask("GET", "/audit.xlsx", nil); w.Code != 200 || !strings.HasPrefix(w.Body.String(), "PK") {
		t.Errorf("xlsx: %d", w.Code)
	}
}

// PL-08: what was changed behind the program's back is found and named.
func TestVerify(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := open(t, db)
		h.page("/audit/checks", "还没有验证过")
		h.room.More = append(h.room.More, func(context.Context, *sqldb.Tx, int64) ([]audit.Finding, error) { return nil, nil })
		prove := func() Check {
			var j job.Job
			if w := h.ask("POST", "/audit/verify", &j); w.Code != 201 {
				t.Fatalf("begin: %d %s", w.Code, w.Body)
			}
			if err := h.room.Runner.RunDue(context.Background()); err != nil {
				t.Fatal(err)
			}
			var c Check
			if w := h.ask("GET", "/audit/checks/"+j.ID, &c); w.Code != 200 {
				t.Fatalf("no result: %d %s", w.Code, w.Body)
			}
			h.page("/audit/checks/" + j.ID)
			return c
		}
		if c := prove(); c.Rows != 4 || c.Sealed != 1 || len(c.Findings) != 0 {
			t.Errorf("sound: %+v", c.Proved)
		}
		h.do(func(ctx context.Context, tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE audit_rows SET change = '{}' WHERE tenant_id = $1 AND thing_id = $2 AND account_id = 'zhou'`, ours, union)
			return err
		})
		c := prove()
		if c.Rows != 5 || len(c.Findings) != 1 || !strings.HasPrefix(c.Findings[0].Where, "audit_rows ") {
			t.Errorf("changed: %+v", c.Proved)
		}
		h.page("/audit/checks", "完好", "1 处不符", "孙审（审计管理员）")
		h.page("/audit/checks/"+c.Thing, "操作日志 ", "这条日志被改动过")
	})
}

func TestLabel(t *testing.T) {
	m := &Room{Labels: Labels}
	if m.label(Verify) != "验证日志链" || m.label("no.room.names") != "no.room.names" {
		t.Error("wrong labels")
	}
}

func TestParts(t *testing.T) {
	tell := teller{map[string]Thing{union: {"工会", "财政局机关工会"}}}
	for change, want := range map[string]string{
		`{"login":"admin","name":"member","office":"admin"}`:                      "账号：admin；名称：member；职务：系统管理员",
		`{"day":"2026-11-22","act":"moved","people":3}`:                           "办理：改隶；日期：2026-11-22；涉及人数：3",
		`{"union":"` + union + `","post":"01930000-0000-7000-8000-00000000000b"}`: "岗位：编号尾 00000000000b；工会：财政局机关工会",
		`{"fields":{"name":["甲","乙"]},"own":false}`:                               "改动的项目：名称 甲；乙；本人：否",
		`text`: "内容：text",
		`{}`:   "",
	} {
		if got := text(tell.parts(change)); got != want {
			t.Errorf("%s: %s", change, got)
		}
	}
}

func TestPlace(t *testing.T) {
	for where, want := range map[string]string{"members 0193": "会员 0193", "unions": "工会", "audit_blocks 3": "日志段 3", "财政局": "财政局"} {
		if got := place(where); got != want {
			t.Errorf("%s: %s", where, got)
		}
	}
}

func TestWho(t *testing.T) {
	names := map[string]string{"zhou": "周敏"}
	for _, c := range []struct {
		line audit.Row
		want string
	}{
		{audit.Row{Account: "zhou", Office: auth.Officer}, "周敏（组织干事）"},
		{audit.Row{Account: "zhou", Office: auth.Officer, Acting: "li"}, "周敏（代组织干事）"},
		{audit.Row{Account: "zhou"}, "周敏"},
		{audit.Row{Account: "shell:root", Office: "system"}, "系统"},
		{audit.Row{Account: "gone"}, "已删去的账号"},
	} {
		if got := who(c.line, names); got != c.want {
			t.Errorf("%+v: %s", c.line, got)
		}
	}
}
