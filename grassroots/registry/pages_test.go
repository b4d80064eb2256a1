package registry

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/kit/webtest"
)

// visitor is one post in front of the pages of a world.
type visitor struct {
	w      *world
	server *httptest.Server
	client *http.Client
}

// visit serves the world's pages to a post of the office over the union.
func (w *world) visit(o auth.Office, over string) *visitor {
	w.t.Helper()
	site := &web.Site{DB: w.db, Name: "滨江市直机关工会工委", Rule: clause}
	site.Now = func() time.Time { return time.Date(2026, 4, 2, 1, 0, 0, 0, time.UTC) }
	site.Who = func(*http.Request, *sqldb.Tx, day.Instant) (auth.Actor, string, error) {
		return auth.NewActor(binjiang, string(o), "李敏", "", Roles(), "", auth.Post{Office: o, UnionID: w.ids[over], From: "2020-01-01"}), "", nil
	}
	site.Frame = func(*web.Request) (*ui.Frame, error) { return &ui.Frame{Office: site.Name, SignedIn: true}, nil }
	h, err := site.Handler(Room{Members: roster{}}.Routes())
	if err != nil {
		w.t.Fatal(err)
	}
	v := &visitor{w, httptest.NewServer(h), &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	w.t.Cleanup(v.server.Close)
	return v
}

// ask sends a form, or reads a page where there is none, and returns status,
// text and place. As JSON the reply comes as it stands.
func (v *visitor) ask(path string, form url.Values, asJSON bool) (int, string, string) {
	v.w.t.Helper()
	method, body := "GET", io.Reader(nil)
	if form != nil {
		method, body = "POST", strings.NewReader(form.Encode())
	}
	req, err := http.NewRequest(method, v.server.URL+path, body)
	if err != nil {
		v.w.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if asJSON {
		req.Header.Set("Accept", "application/json")
	}
	resp, err := v.client.Do(req)
	if err != nil {
		v.w.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		v.w.t.Fatal(err)
	}
	return resp.StatusCode, string(b), resp.Header.Get("Location")
}

func (v *visitor) json(path string, into any) {
	v.w.t.Helper()
	code, body, _ := v.ask(path, nil, true)
	if code != 200 {
		v.w.t.Fatalf("%s: %d %s", path, code, body)
	}
	if err := json.Unmarshal([]byte(body), into); err != nil {
		v.w.t.Fatal(err)
	}
}

// settle seats a committee in 财政局 and closes and merges some unions, so that
// every page has something to show.
func (w *world) settle() {
	b := w.install(Installing{Kind: Committee, Nth: 3, Elected: "2023-03-01", Years: 3, Seats: 3, Document: "滨工委〔2023〕5号"})
	for i, name := range []string{"王芳", "李强", "赵敏"} {
		id := w.enrol(binjiang, name, []string{"female", "male", "female"}[i], "active", "财政局")
		w.must(w.fill(b, elected(id, []Office{Chairing, Vice, Ordinary}[i])))
	}
	w.must(func(tx *sqldb.Tx) error {
		seats, err := openSeats(ctx, tx, w.officer(Appoint), w.ids["财政局"])
		if err == nil {
			_, err = Vacate(ctx, tx, w.officer(Appoint), seats[0].ID, 1, Leaving{To: "2025-09-01", Ending: Relocated}, now)
		}
		if err == nil {
			_, _, err = Merge(ctx, tx, w.officer(Change), roster{}, w.ids["审计局"], 1, w.ids["财政局"], paper("2026-01-01"), now)
		}
		return err
	})
}

// Every link leads somewhere, and every word is Chinese.
func TestPages(t *testing.T) {
	each(t, func(w *world) {
		w.settle()
		for _, o := range []auth.Office{auth.Officer, auth.Chair, auth.Admin} {
			v, pages := w.visit(o, "工委"), 0
			known := func(p webtest.Page) bool { return !strings.HasPrefix(p.URL, "/grassroots/registry/members") }
			mux := http.NewServeMux() // what other rooms will serve
			for _, other := range []string{"/{$}", "/law/rules", "/help", "/grassroots/registry/members", "/grassroots/registry/imports", "/grassroots/registry/terms/", "/messages", "/search", "/account", "/login", "/assets/look", "/logout"} {
				mux.HandleFunc(other, func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusNoContent) })
			}
			inner := v.server.Config.Handler
			mux.Handle("/", inner)
			v.server.Config.Handler = mux
			webtest.Crawl(t, v.server.Client(), v.server.URL+listPlace, func(p webtest.Page) {
				pages++
				if words := webtest.EnglishWords(p.Text); known(p) && len(words) > 0 {
					t.Errorf("%s: %q", p.URL, words)
				}
			})
			if pages < 10 {
				t.Errorf("%s: %d pages", o, pages)
			}
			for _, tab := range []string{"", "?tab=bodies", "?tab=lacks", "?tab=history", "?tab=log"} {
				code, body, _ := v.ask(listPlace+"/"+w.ids["财政局"]+tab, nil, false)
				if code != 200 || strings.Contains(body, "登记离任") != (tab == "?tab=bodies" && o == auth.Officer) {
					t.Errorf("%s %s: %d", o, tab, code)
				}
			}
		}
	})
}

// The JSON face of the list is what contract.md promises.
func TestListAnswers(t *testing.T) {
	each(t, func(w *world) {
		for i := range 30 {
			w.enrol(binjiang, "会员", []string{"female", "male"}[i%2], "active", "第一分会")
		}
		w.enrol(binjiang, "老会员", "female", "retained", "财政局")
		w.must(func(tx *sqldb.Tx) error {
			p := w.particulars(tx, "财政局")
			p.OwnAccount = true
			_, _, err := Amend(ctx, tx, w.officer(Edit), w.ids["财政局"], 1, p, now)
			return err
		})
		v := w.visit(auth.Officer, "工委")
		names := func(query string) string {
			var p Page
			v.json(listPlace+"?"+query, &p)
			var out []string
			for _, r := range p.Items {
				out = append(out, r.Name)
			}
			return fmt.Sprint(p.Total, " ", strings.Join(out, " "))
		}
		for query, want := range map[string]string{
			"":                      "7 财政局 第一分会 工委 教育局 联合会 审计局 一组",
			"sort=-name&limit=3":    "7 一组 审计局 联合会",
			"sort=members&limit=2":  "7 教育局 联合会", // none have any: by id
			"sort=-members&limit=3": "7 第一分会 财政局 工委",
			"sort=code&limit=2":     "7 工委 财政局",
			"kind=base":             "3 财政局 教育局 审计局",
			"q=czj":                 "1 财政局",
			"q=caizheng":            "1 财政局",
			"q=%E5%B1%80":           "3 财政局 教育局 审计局",
			"q=210600000002":        "1 财政局",
			"q=%25":                 "0 ",
			"missing=ORG-13":        "1 财政局",
			"missing=any&limit=1":   "1 财政局",
			"missing=ORG-0":         "0 ",
			"parent=210600000001":   "3 财政局 教育局 联合会",
			"state=closed":          "0 ",
			"overdue=1":             "0 ",
		} {
			if got := names(query); got != want {
				t.Errorf("%s: %s, want %s", query, got, want)
			}
		}
		var p Page
		v.json(listPlace+"?q=czj", &p)
		if r := p.Items[0]; r.Members != 30 || r.Women != 15 || r.Parent != "210600000001" || r.ParentName != "工委" || r.Founded != "1990-05-01" ||
			!slices.Equal(r.Missing, []string{"ORG-10", "ORG-12", "ORG-13"}) {
			t.Errorf("MEM-19, ORG-10, ORG-12, ORG-13: %+v", r)
		}
		for _, sort := range []string{"name", "-name", "code", "members", "-members", "term_due", "-term_due"} {
			var got []string
			after := ""
			for {
				var p Page
				v.json(listPlace+"?limit=2&sort="+sort+"&after="+url.QueryEscape(after), &p)
				for _, r := range p.Items {
					got = append(got, r.ID)
				}
				if after = p.Next; after == "" {
					break
				}
			}
			slices.Sort(got)
			if len(got) != 7 || len(slices.Compact(got)) != 7 {
				t.Errorf("%s: %d rows by pages", sort, len(got))
			}
		}
		for _, c := range exported {
			if _, body, _ := v.ask(listPlace+".csv?q=czj", nil, false); !strings.Contains(body, c.Name) || strings.Count(body, "财政局") != 1 {
				t.Errorf("IMP-05 %s: %s", c.Name, body)
			}
		}
		if code, body, _ := v.ask(listPlace+".xlsx", nil, false); code != 200 || !strings.HasPrefix(body, "PK") {
			t.Errorf("the workbook: %d", code)
		}
		if code, _, _ := v.ask(listPlace+"?sort=phone", nil, true); code != 422 {
			t.Errorf("a sort that is none: %d", code)
		}
		var below Page
		w.visit(auth.Chair, "财政局").json(listPlace, &below)
		if below.Total != 3 {
			t.Errorf("a chair sees %d", below.Total)
		}
	})
}

func (w *world) particulars(tx *sqldb.Tx, name string) Particulars {
	u, err := Find(ctx, tx, w.officer(Look), w.ids[name])
	if err != nil {
		w.t.Fatal(err)
	}
	return u.Particulars()
}

// An officer walks a union from its founding to its end by the forms.
func TestFormsEndToEnd(t *testing.T) {
	each(t, func(w *world) {
		v := w.visit(auth.Officer, "工委")
		form := func(kv ...string) url.Values {
			f := url.Values{"document": {"滨工委〔2026〕3号"}, "reason": {"机构改革"}, "day": {"2026-03-01"}}
			for i := 0; i < len(kv); i += 2 {
				f.Set(kv[i], kv[i+1])
			}
			return f
		}
		code, body, _ := v.ask(listPlace, form("name", "税务局工会", "kind", "base", "parent", "210600000001", "uscc", "81210600MC0000012X", "own_account", "1"), false)
		if code != 422 || !strings.Contains(body, "税务局工会") || !strings.Contains(body, "校验") {
			t.Fatalf("a refused form comes back: %d %s", code, body)
		}
		code, body, _ = v.ask(listPlace, form("name", "税务局工会", "kind", "base", "parent", "210600000001", "uscc", "81210603MC0000012"+"0"), true)
		if code != 422 || !strings.Contains(body, `"uscc"`) {
			t.Fatalf("ID-01: %d %s", code, body)
		}
		code, body, _ = v.ask(listPlace, form("name", "税务局工会", "kind", "base", "parent", "210600000001", "uscc", "91350100M000100Y43"), true)
		var made Done
		if err := json.Unmarshal([]byte(body), &made); err != nil || code != 201 || made.Code != "210600000008" || len(made.Warnings) != 1 {
			t.Fatalf("ID-01 warns: %d %s %v", code, body, err)
		}
		w.ids["税务局"] = made.ID
		at := listPlace + "/" + made.ID
		step := func(path string, f url.Values, want int) string {
			t.Helper()
			code, body, place := v.ask(path, f, false)
			if code != want {
				t.Fatalf("%s: %d %s", path, code, webtestText(body))
			}
			return place
		}
		step(at+"/edit", url.Values{"version": {"1"}, "staff": {"60"}, "founded": {"2026-03-01"}}, 303)
		step(at+"/edit", url.Values{"version": {"1"}, "staff": {"61"}}, 409)
		step(at+"/rename", form("version", "2", "name", "税务稽查局工会", "day", "2026-03-05"), 303)
		step(at+"/move", form("version", "3", "parent", "210600000004", "day", "2026-03-10"), 303)
		step(at+"/move", form("version", "4", "parent", "", "day", "2026-03-10"), 422)
		step(at+"/bodies", url.Values{"kind": {"committee"}, "nth": {"1"}, "elected": {"2026-03-12"}, "years": {"3"}, "seats": {"3"}}, 303)
		wang := w.enrol(binjiang, "王芳", "female", "active", "税务局")
		var d Detail
		v.json(at, &d)
		fill := "/grassroots/registry/bodies/" + d.Bodies[0].ID + "/fill"
		step(fill+"?q=%E7%8E%8B", url.Values{"member_id": {wang}, "office": {"chair"}, "how": {"elected"}, "chief": {"1"}}, 422) // ORG-20
		step(fill+"?q=%E7%8E%8B", url.Values{"member_id": {wang}, "office": {"chair"}, "how": {"elected"}}, 303)
		v.json(at, &d)
		seat := "/grassroots/registry/seats/" + d.Seats[0].ID
		step(seat+"/end", url.Values{"version": {"1"}, "to": {"2026-03-20"}, "how_ended": {"moved"}}, 303)
		step(seat+"/consents", url.Values{"version": {"2"}, "own_consent": {"3月18日会议"}, "above_consent": {"工委〔2026〕4号"}}, 303)
		step("/grassroots/registry/bodies/"+d.Bodies[0].ID+"/end", form("version", "1", "day", "2026-03-25"), 303)
		step(at+"/close", form("version", "4", "day", "2026-03-26"), 422) // she is a member
		step(at+"/merge", form("version", "4", "into", "210600000002", "day", "2026-03-26"), 303)
		v.json(at, &d)
		if d.State != Merged || len(d.History) != 4 || d.History[0].IntoName != "财政局" || len(d.Log) != 10 || d.Seats[0].Flagged() {
			t.Errorf("%+v", d)
		}
		for i, want := range []string{"并入", "结束工会委员会第1届", "补登王芳离任的同意意见", "离任：王芳任工会委员会第1届主席，调离", "任职：王芳任工会委员会第1届主席（选举）", "登记工会委员会第1届", "改隶", "更名", "修改资料"} {
			if i < len(d.Log) && d.Log[i].Title != want {
				t.Errorf("log %d: %q, want %q", i, d.Log[i].Title, want)
			}
		}
	})
}

func webtestText(html string) string {
	if i := strings.Index(html, "<main"); i > 0 {
		return html[i:]
	}
	return html
}
