package desk

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"unionhall/commons/message"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/fault"
	"unionhall/kit/job"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
	"unionhall/schema/dbtest"
)

func TestHome(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	var p Page
	h.ask("/", nil, &p)
	if len(p.Duties) != 8 || p.Overdue != 4 || p.Duties[0].Tag != "逾期 4 天" || p.Duties[0].Title != "第9件" || p.Start == nil || p.Card != nil {
		t.Errorf("work table: %+v", p)
	}
	text := h.page("/")
	for _, want := range []string{"周敏，您好。有 10 件事等您办，其中 4 件已逾期。", "全部 10 件", "缺什么", "届满安排", "没有要列的。", "最近的变化", "开始使用：滨江市直机关工会工委", "已做好", "第 1 步"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %s:\n%s", want, text)
		}
	}
	h.ask("/?all=1", nil, &p)
	if len(p.Duties) != 10 {
		t.Errorf("all are %d", len(p.Duties))
	}

	h.who = actor(ours, "bai", "白雪", auth.Member, "m1")
	text = h.page("/")
	for _, want := range []string{"210600 000012 000318", "2015 年入会", "我的资料", "等我办的", "会员号的二维码"} {
		if !strings.Contains(text, want) {
			t.Errorf("a member's page lacks %s:\n%s", want, text)
		}
	}
	for _, never := range []string{"看会员", "缺什么", "完成设置"} {
		if strings.Contains(text, never) {
			t.Errorf("a member sees %s", never)
		}
	}
}

func TestSearch(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	var r Results
	h.ask("/search?q="+url.QueryEscape(" 财政　"), nil, &r)
	if r.Q != "财政" || len(r.Groups) != 1 || r.Groups[0].Title != "工会组织" || len(r.Groups[0].Items) != 2 {
		t.Errorf("found %+v", r)
	}
	h.ask("/search?q="+strings.Repeat("a", 900), nil, &r)
	if len(r.Q) != longest {
		t.Errorf("searched for %d signs", len(r.Q))
	}
	h.page("/search")
	h.page("/search?q=" + url.QueryEscape("财政"))
	h.desk.Finders = nil
	if text := h.page("/search?q=1"); !strings.Contains(text, "没有找到「1」") {
		t.Error(text)
	}
}

func TestMessagePages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := open(t, db)
		h.page("/messages")
		h.do(func(ctx context.Context, tx *sqldb.Tx) error {
			for i := range 3 {
				if err := message.Send(ctx, tx, ours, "zhou", fmt.Sprintf("第%d条", i), "请核对。", "/imports/1", at); err != nil {
					return err
				}
			}
			return message.Send(ctx, tx, twins, "zhou", "另一家的", "", "", at)
		})
		var l Letters
		h.ask("/messages?limit=2", nil, &l)
		if len(l.Items) != 2 || l.Next == "" || l.Total != 3 {
			t.Fatalf("messages: %+v", l)
		}
		id := l.Items[0].ID
		if text := h.page("/messages/" + id); !strings.Contains(text, "去办理") {
			t.Error(text)
		}
		if w := h.ask("/messages/"+id+"/read", url.Values{}, nil); w.Code != 303 || w.Header().Get("Location") != "/imports/1" {
			t.Errorf("read: %d %s", w.Code, w.Header().Get("Location"))
		}
		h.page("/messages?unread=1")
		var m Marked
		h.ask("/messages/read", url.Values{"last": {id}}, &m)
		if m.Marked != 2 {
			t.Errorf("marked %d", m.Marked)
		}
		h.who = actor(twins, "zhou", "周敏", auth.Officer, "")
		if w := h.ask("/messages/"+id, nil, nil); w.Code != 404 {
			t.Errorf("the twin reads it: %d", w.Code)
		}
		h.ask("/messages", nil, &l)
		if len(l.Items) != 1 || l.Total != 1 {
			t.Errorf("the twin's: %+v", l)
		}
	})
}

func TestJobPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := open(t, db)
		h.page("/jobs")
		fails := true
		h.desk.Runner.Works["count"] = func(ctx context.Context, turn *job.Turn) (string, error) {
			if fails {
				return "", fault.New(fault.Invalid, "文件里没有行。")
			}
			return "/imports/7", turn.Step(ctx, 9, 10, "")
		}
		var j job.Job
		h.do(func(ctx context.Context, tx *sqldb.Tx) (err error) {
			g, _ := h.who.Grant(Setup, at.Day())
			j, err = h.desk.Runner.Start(ctx, tx, g, at, "count", "数一数", "x", nil)
			return err
		})
		if text := h.page(j.Place()); !strings.Contains(text, "等待中。离开这一页也会继续。") || !strings.Contains(text, "取消") {
			t.Error(text)
		}
		h.run()
		if text := h.page(j.Place()); !strings.Contains(text, "没有完成：文件里没有行。") || !strings.Contains(text, "重做") {
			t.Error(text)
		}
		if w := h.ask(j.Place()+"/cancel", url.Values{}, nil); w.Code != 409 {
			t.Errorf("cancelled what had ended: %d", w.Code)
		}
		h.ask(j.Place()+"/retry", url.Values{}, &j)
		if j.State != job.Waiting {
			t.Errorf("again: %+v", j)
		}
		fails = false
		h.run()
		if text := h.page(j.Place()); !strings.Contains(text, "查看结果") || !strings.Contains(text, "100%") {
			t.Error(text)
		}
		if text := h.page("/jobs"); !strings.Contains(text, "数一数") {
			t.Error(text)
		}
		h.who = actor(ours, "li", "李敏", auth.Officer, "")
		for _, path := range []string{j.Place(), j.Place() + "/cancel", j.Place() + "/retry"} {
			form := url.Values{}
			if path == j.Place() {
				form = nil
			}
			if w := h.ask(path, form, nil); w.Code != 404 {
				t.Errorf("%s of another: %d", path, w.Code)
			}
		}
	})
}

func (h *house) run() {
	h.t.Helper()
	if err := h.desk.Runner.RunDue(context.Background()); err != nil {
		h.t.Fatal(err)
	}
}

func TestSetup(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := open(t, db)
		if text := h.page("/setup"); !strings.Contains(text, "已做好 1 步，共 2 步") || !strings.Contains(h.ask("/setup", nil, nil).Body.String(), "辽宁省丹东市") {
			t.Error(text)
		}
		var n Named
		h.ask("/setup", url.Values{"name": {"滨江市总工会直属机关工委"}, "version": {"1"}}, &n)
		if n.Version != 2 {
			t.Fatalf("named: %+v", n)
		}
		if w := h.ask("/setup", url.Values{"name": {"迟到的名称"}, "version": {"1"}}, nil); w.Code != 409 || !strings.Contains(w.Body.String(), "迟到的名称") {
			t.Errorf("stale: %d", w.Code)
		}
		if w := h.ask("/setup", url.Values{"name": {"短"}, "version": {"2"}}, nil); w.Code != 422 && w.Code != 400 {
			t.Errorf("short: %d", w.Code)
		}

		// Twenty press at once: one ends the start, nineteen are told.
		g, err := h.who.Grant(Setup, at.Day())
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		var won, told sync.Map
		for i := range 20 {
			wg.Go(func() {
				err := db.Do(context.Background(), func(tx *sqldb.Tx) error {
					_, err := Finish(context.Background(), tx, g, at)
					return err
				})
				if err == nil {
					won.Store(i, true)
				} else if fault.Of(err).Kind == fault.Conflict {
					told.Store(i, true)
				}
			})
		}
		wg.Wait()
		if count(&won) != 1 || count(&told) != 19 {
			t.Errorf("%d ended it, %d were told", count(&won), count(&told))
		}
		var s Start
		h.ask("/setup", nil, &s)
		if !s.Over() || s.Version != 3 || s.Name != "滨江市总工会直属机关工委" {
			t.Errorf("after: %+v", s)
		}
		var p Page
		h.ask("/", nil, &p)
		if p.Start != nil {
			t.Error("the work table still leads")
		}
		h.who = actor(twins, "zhou", "周敏", auth.Officer, "")
		h.ask("/setup", nil, &s)
		if s.Over() && s.Version != 1 {
			t.Errorf("the twin: %+v", s)
		}
		for _, tenant := range []int64{ours, twins} {
			h.do(func(ctx context.Context, tx *sqldb.Tx) error {
				rep, err := audit.Verify(ctx, tx, tenant, []string{"tenants"})
				if len(rep.Findings) > 0 {
					t.Errorf("verify: %v", rep.Findings)
				}
				return err
			})
		}
		h.who = actor(ours, "bai", "白雪", auth.Member, "m1")
		if w := h.ask("/setup", nil, nil); w.Code != 403 {
			t.Errorf("a member at the setup: %d", w.Code)
		}
	})
}

func count(m *sync.Map) (n int) {
	m.Range(func(any, any) bool { n++; return true })
	return n
}

func TestAPIPage(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	var m Manual
	h.ask("/api", nil, &m)
	found := ""
	for _, part := range m.Parts {
		for _, c := range part.Calls {
			if c.Method == "POST" && c.Path == "/setup" {
				found = fmt.Sprint(part.Name, c.Doc, c.Inputs)
			}
		}
	}
	if found != "/setup修改单位名称[{name 单位名称 body} {version 版本 body}]" {
		t.Errorf("POST /setup reads %q", found)
	}
	h.page("/api")
	if _, err := readable([]byte("{")); err == nil {
		t.Error("half a document was read")
	}
}

func TestMachine(t *testing.T) {
	var trouble error
	site := &web.Site{DB: dbtest.SQLite(t), Name: "职工之家", Now: time.Now}
	serve, err := site.Handler(Machine(func(context.Context) error { return trouble }))
	if err != nil {
		t.Fatal(err)
	}
	ask := func(path string) int {
		w := httptest.NewRecorder()
		serve.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w.Code
	}
	if ask("/healthz") != 200 || ask("/readyz") != 200 {
		t.Error("well and not ready")
	}
	trouble = errors.New("no database")
	if ask("/healthz") != 200 || ask("/readyz") != 503 {
		t.Error("ready without a database")
	}
}

func TestFolder(t *testing.T) {
	for path, want := range map[string]string{
		"/": "/", "/setup/finish": "/setup", "/messages/{id}/read": "/messages", "/members/aid/{id}": "/members/aid",
		"/grassroots/registry/unions": "/grassroots/registry", "/audit.csv": "/audit",
	} {
		if got := folder(path); got != want {
			t.Errorf("%s lies in %s", path, got)
		}
	}
}

func TestSixes(t *testing.T) {
	for no, want := range map[string]string{"": "", "123456": "123456", "2106000000120": "210600 000012 0"} {
		if got := sixes(no); got != want {
			t.Errorf("%s: %q", no, got)
		}
	}
}
