package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sheet"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/schema/dbtest"
)

// desk is an office with its pages and a runner at work.
type desk struct {
	*office
	http.Handler
	post  auth.Office // whose post asks
	under string
}

func newDesk(t *testing.T, o *office, more ...web.Route) *desk {
	d := &desk{office: o}
	d.officeIs(auth.Officer, o.root.ID)
	roles := Roles()
	for _, room := range []auth.Roles{registry.Roles(), member.Roles()} {
		roles[auth.Officer] = append(roles[auth.Officer], room[auth.Officer]...)
	}
	site := &web.Site{
		DB: o.db, Files: o.room.Files, Name: "滨江市直机关工会工委", Now: func() time.Time { return o.now },
		Who: func(*http.Request, *sqldb.Tx, day.Instant) (auth.Actor, string, error) {
			return auth.NewActor(tenant, "officer", "周敏", "", roles, "p", auth.Post{ID: "p", Office: d.post, UnionID: d.under, From: "2020-01-01"}), "", nil
		},
		Frame: func(*web.Request) (*ui.Frame, error) {
			return &ui.Frame{Office: "滨江市直机关工会工委", SignedIn: true}, nil
		},
		Rule: func(id string) ui.Article { return ui.Article{ID: id} },
	}
	h, err := site.Handler(append(o.room.Routes(), more...))
	o.must(err)
	d.Handler = h
	run, stop := context.WithCancel(ctx)
	go o.room.Runner.Run(run)
	t.Cleanup(func() { stop(); o.room.Runner.Wait() })
	return d
}

func (d *desk) officeIs(o auth.Office, under string) { d.post, d.under = o, under }

// ask sends a request; body nil is none.
func (d *desk) ask(method, place, accept, kind string, body io.Reader) *httptest.ResponseRecorder {
	d.Helper()
	r := httptest.NewRequest(method, place, body)
	r.Header.Set("Accept", accept)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	if w.Code >= 500 {
		d.Errorf("%s %s: %d %s", method, place, w.Code, w.Body)
	}
	return w
}

const asJSON, asPage = "application/json", "text/html"

// send uploads a file.
func (d *desk) send(place, accept, name string, content []byte, fields ...string) *httptest.ResponseRecorder {
	d.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for i := 0; i < len(fields); i += 2 {
		d.must(m.WriteField(fields[i], fields[i+1]))
	}
	w, err := m.CreateFormFile("file", name)
	d.must(err)
	_, err = w.Write(content)
	d.must(err)
	d.must(m.Close())
	return d.ask("POST", place, accept, m.FormDataContentType(), &b)
}

// reply is the JSON face of an import, as the contract names its fields.
type reply struct {
	ID       string            `json:"id"`
	Kind     string            `json:"kind"`
	State    string            `json:"state"`
	Rows     int64             `json:"rows"`
	New      int64             `json:"new"`
	Changed  int64             `json:"changed"`
	Moved    int64             `json:"moved"`
	Same     int64             `json:"same"`
	Refused  int64             `json:"refused"`
	Columns  map[string]string `json:"columns"`
	Problems []Problem         `json:"problems"`
	Note     string            `json:"note"`
	Title    string            `json:"title"` // of a fault
	Items    []reply           `json:"items"`
}

func (d *desk) read(w *httptest.ResponseRecorder, code int) (a reply) {
	d.Helper()
	if w.Code != code {
		d.Fatalf("status %d, want %d: %s", w.Code, code, w.Body)
	}
	d.must(json.Unmarshal(w.Body.Bytes(), &a))
	return a
}

func (d *desk) get(id string) reply {
	d.Helper()
	return d.read(d.ask("GET", home+"/"+id, asJSON, "", nil), 200)
}

// press posts to an import.
func (d *desk) press(id, act, body string) *httptest.ResponseRecorder {
	d.Helper()
	return d.ask("POST", home+"/"+id+"/"+act, asJSON, asJSON, strings.NewReader(body))
}

// The contract's addresses, on every sample: posted, judged, written, taken back.
func TestSamplesByJSON(t *testing.T) {
	d := newDesk(t, newOffice(t, dbtest.SQLite(t)))
	for _, s := range samples {
		a := d.read(d.send(home+"?kind="+string(s.kind), asJSON, s.name, sample(t, s.name)), 201)
		if a.State != "judged" || a.Kind != string(s.kind) {
			t.Fatalf("%s is %s: %s", s.name, a.State, a.Note)
		}
		if diff := cmp.Diff(expectation(t, s.name), codesOf(a.Problems)); diff != "" {
			t.Errorf("%s: verdicts (-want +got)\n%s", s.name, diff)
		}
		if again := d.read(d.send(home+"?kind="+string(s.kind), asJSON, "又一次.xlsx", sample(t, s.name)), 200); again.ID != a.ID || again.New != a.New {
			t.Errorf("%s: the same bytes lead to %s with %d new", s.name, again.ID, again.New)
		}
		if a = d.read(d.press(a.ID, "confirm", `{}`), 200); a.State != "confirmed" || a.Rows != a.New+a.Refused {
			t.Errorf("%s is %s, %+v", s.name, a.State, a.Note)
		}
		if twice := d.press(a.ID, "confirm", `{}`); twice.Code != 409 {
			t.Errorf("confirmed twice: %d %s", twice.Code, twice.Body)
		}
		if diff := cmp.Diff(a, d.get(a.ID)); diff != "" {
			t.Errorf("the reply and the page differ:\n%s", diff)
		}
	}
	last := d.read(d.ask("GET", home, asJSON, "", nil), 200).Items
	if len(last) != 4 || last[3].Kind != "unions" {
		t.Fatalf("list %+v", last)
	}
	if a := d.read(d.press(last[0].ID, "undo", `{}`), 200); a.State != "undone" {
		t.Errorf("undone it is %s", a.State)
	}
	d.proven()
}

func TestColumnsAreCorrectedAndRemembered(t *testing.T) {
	d := newDesk(t, established(t, dbtest.SQLite(t)))
	rows := [][]string{{"序号", "人员", "号码", "供职之处", "姓名拼音"}, {"1", "张一", person(1), "滨江市财政局", "zhangyi"}, {"2", "李二", person(2), "滨江市财政局", "lier"}}
	a := d.read(d.send(home+"?kind=roster", asJSON, "怪.xlsx", sheetOf(t, rows...)), 201)
	if a.State != "failed" || a.Note == "" {
		t.Fatalf("a head of unknown words is %s", a.State)
	}
	rows[0] = []string{"姓名", "号码", "身份证号", "供职之处", "备注"}
	for i := range rows[1:] {
		rows[i+1] = []string{rows[i+1][1], "x", rows[i+1][2], rows[i+1][3], ""}
	}
	a = d.read(d.send(home+"?kind=roster", asJSON, "半怪.xlsx", sheetOf(t, rows...)), 201)
	if a.State != "judged" || a.Refused != 2 || a.Columns["供职之处"] != "" || a.Columns["身份证号"] != "id_no" {
		t.Fatalf("%s, %d refused, %v", a.State, a.Refused, a.Columns)
	}
	for _, c := range []struct{ columns, want string }{
		{`{"供职之处":"nonsense"}`, "没有“nonsense”这个项目"}, {`{"供职之处":"name"}`, "两列都对应到了"}, {`{"没有的列":"union"}`, "表中没有"},
	} {
		w := d.press(a.ID, "columns", `{"columns":`+c.columns+`}`)
		if w.Code != 422 || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s: %d %s", c.columns, w.Code, w.Body)
		}
	}
	a = d.read(d.press(a.ID, "columns", `{"columns":{"供职之处":"union"}}`), 200)
	if a.State != "judged" || a.New != 2 || a.Columns["供职之处"] != "union" {
		t.Fatalf("mapped by hand: %s, %d new, %v", a.State, a.New, a.Columns)
	}
	rows[1][0] = "张壹"
	b := d.read(d.send(home+"?kind=roster", asJSON, "下个月.xlsx", sheetOf(t, rows...)), 201)
	if b.New != 2 || b.Columns["供职之处"] != "union" {
		t.Errorf("the next month's file: %d new, %v", b.New, b.Columns)
	}
	form := url.Values{"columns.供职之处": {""}}
	w := d.ask("POST", home+"/"+b.ID+"/columns", asPage, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	if w.Code != 303 || d.get(b.ID).Refused != 2 {
		t.Errorf("left out by the form: %d, %d refused", w.Code, d.get(b.ID).Refused)
	}
	form = url.Values{"columns.供职之处": {"name"}}
	w = d.ask("POST", home+"/"+b.ID+"/columns", asPage, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	if w.Code != 422 || !strings.Contains(w.Body.String(), "两列都对应到了") || !strings.Contains(w.Body.String(), `<option value="name" selected>`) {
		t.Errorf("a refused form: %d", w.Code)
	}
}

// Every state has its page, with the numbers and the way on.
func TestPages(t *testing.T) {
	d := newDesk(t, established(t, dbtest.SQLite(t)))
	page := func(place string, want ...string) string {
		t.Helper()
		w := d.ask("GET", place, asPage, "", nil)
		for _, s := range want {
			if w.Code != 200 || !strings.Contains(w.Body.String(), s) {
				t.Errorf("%s (%d) lacks %s", place, w.Code, s)
			}
		}
		return w.Body.String()
	}
	page(home, "导入文件", "30")
	page(home+"/new", `name="file"`, "基层工会情况表", "会员花名册模板")
	w := d.send(home, asPage, flawed, sample(t, flawed), "kind", "roster", "union", "")
	place := w.Header().Get("Location")
	if w.Code != 303 {
		t.Fatalf("uploaded: %d %s", w.Code, w.Body)
	}
	page(place, "写入 301 人，退回 159 行", "逐行结果", "MEM-05", "对应列", "已认出", "第 16 位以后已经丢失", `href="/law/rules#IMP-02"`)
	first := page(place+"/problems?severity=refuse", "下一页", "退回")
	if n := strings.Count(first, "<tr>") - 1; n != 100 {
		t.Errorf("%d problems on a page", n)
	}
	page(place+"/problems?severity=warn", "出生")
	d.must(d.redirected(d.ask("POST", place+"/confirm", asPage, "application/x-www-form-urlencoded", strings.NewReader("version=1")), 409))
	d.must(d.redirected(d.ask("POST", place+"/confirm", asPage, "application/x-www-form-urlencoded", nil), 303))
	page(place, "整体撤销", "2026-11-23 09:00 前可以整体撤销", "看这次导入的会员")
	page(home, "已写入", "新增 301，退回 159")
	if n := strings.Count(page(place+"/members", "新增", "在册", "下一页"), "<tr>"); n != 251 {
		t.Errorf("%d rows of members written", n)
	}
	if n := strings.Count(page(place+"/members?after=1", "上一页"), "<tr>"); n != 52 {
		t.Errorf("%d rows on the last page of members written", n)
	}
	d.must(d.redirected(d.ask("POST", place+"/undo", asPage, "application/x-www-form-urlencoded", nil), 303))
	page(place, "已撤销", "再核对一次")
	d.must(d.redirected(d.send(home, asPage, "空.xlsx", nil, "kind", "roster"), 303))
	if w := d.send(home, asPage, "x.xlsx", []byte("x"), "kind", "nonsense"); w.Code != 422 || !strings.Contains(w.Body.String(), "种类：请选择") {
		t.Errorf("no kind: %d", w.Code)
	}
	if w := d.send(home, asPage, "x.xlsx", []byte("x"), "kind", "roster", "union", "不存在的工会"); w.Code != 422 || !strings.Contains(w.Body.String(), "您的管理范围内没有") {
		t.Errorf("no such union: %d", w.Code)
	}
	if w := d.ask("POST", home+"?kind=roster", asPage, "application/x-www-form-urlencoded", nil); w.Code != 422 || !strings.Contains(w.Body.String(), "请选择 .xlsx 或 .csv 文件") {
		t.Errorf("no file: %d", w.Code)
	}
}

func (d *desk) redirected(w *httptest.ResponseRecorder, code int) error {
	if w.Code != code {
		return fmt.Errorf("status %d, want %d: %.300s", w.Code, code, w.Body)
	}
	return nil
}

// The report is the file as it came, with a message by every row that has one,
// and goes in again.
//
// law: IMP-04
func TestReport(t *testing.T) {
	d := newDesk(t, established(t, dbtest.SQLite(t)))
	a := d.read(d.send(home+"?kind=roster", asJSON, flawed, sample(t, flawed)), 201)
	w := d.ask("GET", home+"/"+a.ID+"/report.xlsx", asPage, "", nil)
	if got := w.Header().Get("Content-Disposition"); !strings.Contains(got, url.PathEscape("会员花名册-常见毛病-核对意见.xlsx")) {
		t.Errorf("it is called %s", got)
	}
	book, err := sheet.Open(bytes.NewReader(w.Body.Bytes()), int64(w.Body.Len()), "r.xlsx", sheet.Limits{})
	d.must(err)
	defer book.Close()
	head, err := findHead(book, Roster, nil)
	d.must(err)
	column := slices.Index(head.Names, sheet.MessageHeader)
	want := codesOf(a.Problems)
	rows := 0
	_, err = book.Rows(head, nil, func(r *sheet.Row) error {
		if r.Cell(column).Text != "" {
			rows++
		}
		if has := r.Cell(column).Text != ""; has != (len(want[int64(r.N)]) > 0) {
			t.Errorf("row %d: message %q for %v", r.N, r.Cell(column).Text, want[int64(r.N)])
		}
		return nil
	})
	d.must(err)
	if rows != len(want) {
		t.Errorf("%d rows have messages, want %d", rows, len(want))
	}
	if again := d.read(d.send(home+"?kind=roster", asJSON, "意见.xlsx", w.Body.Bytes()), 201); again.Refused != a.Refused || again.New != a.New {
		t.Errorf("the report comes back with %d new, %d refused", again.New, again.Refused)
	}
	c := d.read(d.send(home+"?kind=roster", asJSON, samples[3].name, sample(t, samples[3].name)), 201)
	if w := d.ask("GET", home+"/"+c.ID+"/report.xlsx", asPage, "", nil); !strings.HasPrefix(w.Body.String(), "\uFEFF序号") {
		t.Errorf("the report of a CSV begins %.40q", w.Body)
	}
}

// An empty workbook asks for what a roster needs and comes back filled in.
func TestTemplates(t *testing.T) {
	d := newDesk(t, established(t, dbtest.SQLite(t)))
	for _, k := range []Kind{Roster, Unions} {
		w := d.ask("GET", home+"/template.xlsx?kind="+string(k), asPage, "", nil)
		book, err := sheet.Open(bytes.NewReader(w.Body.Bytes()), int64(w.Body.Len()), "t.xlsx", sheet.Limits{})
		d.must(err)
		defer book.Close()
		head, err := findHead(book, k, nil)
		d.must(err)
		for i, m := range sheet.Guess(head.Names, fieldsOf(k)) {
			if m.Column != i || m.Score != 100 || m.Key != fieldsOf(k)[i].Key {
				t.Errorf("%s: column %d is %+v", k, i, m)
			}
		}
		a := d.read(d.send(home+"?kind="+string(k), asJSON, "空表.xlsx", w.Body.Bytes()), 201)
		if a.State != "judged" || a.Rows != 0 {
			t.Errorf("an empty %s is %s with %d rows: %s", k, a.State, a.Rows, a.Note)
		}
	}
}

// A chair reaches the own part of the tree and nothing else.
func TestReach(t *testing.T) {
	o := established(t, dbtest.SQLite(t))
	d := newDesk(t, o)
	a := d.read(d.send(home+"?kind=roster", asJSON, flawed, sample(t, flawed)), 201)
	ids := o.rows(`SELECT id FROM unions WHERE tenant_id = $1 AND parent_id IS NOT NULL ORDER BY code`)
	codes := o.rows(`SELECT code FROM unions WHERE tenant_id = $1 AND parent_id IS NOT NULL ORDER BY code`)
	d.officeIs(auth.Chair, ids[0])
	for _, place := range []string{"", "/problems", "/members", "/report.xlsx"} {
		if w := d.ask("GET", home+"/"+a.ID+place, asJSON, "", nil); w.Code != 404 {
			t.Errorf("GET %s of another's import: %d", place, w.Code)
		}
	}
	for _, act := range []string{"columns", "confirm", "undo", "again", "cancel"} {
		if w := d.press(a.ID, act, `{}`); w.Code != 404 {
			t.Errorf("%s of another's import: %d", act, w.Code)
		}
	}
	if w := d.send(home+"?kind=roster&union="+codes[1], asJSON, "x.xlsx", []byte("x")); w.Code != 422 {
		t.Errorf("for a union beyond the reach: %d", w.Code)
	}
	if w := d.send(home+"?kind=unions", asJSON, samples[0].name, sample(t, samples[0].name)); w.Code != 403 {
		t.Errorf("a chair founds unions by workbook: %d", w.Code)
	}
	own := d.read(d.send(home+"?kind=roster", asJSON, flawed, sample(t, flawed)), 201)
	reach := 0
	for _, p := range own.Problems {
		if p.Code == "union.reach" {
			reach++
		}
	}
	if own.ID == a.ID || reach == 0 {
		t.Errorf("a chair's own import of the same bytes is %s with %d rows out of reach", own.ID, reach)
	}
	d.officeIs(auth.Cashier, o.root.ID)
	if w := d.ask("GET", home, asJSON, "", nil); w.Code != 403 {
		t.Errorf("a cashier sees imports: %d", w.Code)
	}
}
