package member

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/files"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/schema/dbtest"
)

// visitor is somebody in front of the pages.
type visitor struct {
	t      testing.TB
	server *httptest.Server
	client *http.Client
	now    *time.Time
}

// visit serves the office's pages to a post over a union; self may be empty.
func (o *office) visit(office auth.Office, over, self string) *visitor {
	o.t.Helper()
	store, err := files.OpenFolder(o.t.TempDir())
	if err != nil {
		o.t.Fatal(err)
	}
	clock := time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)
	site := &web.Site{DB: o.db, Files: store, Name: "市直机关工会工委", Rule: clause, Now: func() time.Time { return clock }}
	site.Who = func(*http.Request, *sqldb.Tx, day.Instant) (auth.Actor, string, error) {
		return auth.NewActor(o.tenant, string(office), "周敏", self, Roles(), "", auth.Post{Office: office, UnionID: over, From: "2020-01-01"}), "", nil
	}
	site.Frame = func(*web.Request) (*ui.Frame, error) { return &ui.Frame{Office: site.Name, SignedIn: true}, nil }
	h, err := site.Handler(Routes())
	if err != nil {
		o.t.Fatal(err)
	}
	v := &visitor{o.t, httptest.NewServer(h), &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, &clock}
	o.t.Cleanup(func() { v.server.Close(); store.Close() })
	return v
}

type reply struct {
	code  int
	body  string
	place string
}

func (v *visitor) send(method, path, kind string, body io.Reader, asJSON bool) reply {
	v.t.Helper()
	req, err := http.NewRequest(method, v.server.URL+path, body)
	if err != nil {
		v.t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if asJSON {
		req.Header.Set("Accept", "application/json")
	}
	resp, err := v.client.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return reply{resp.StatusCode, string(b), resp.Header.Get("Location")}
}

func (v *visitor) page(path string) reply { v.t.Helper(); return v.send("GET", path, "", nil, false) }
func (v *visitor) json(path string) reply { v.t.Helper(); return v.send("GET", path, "", nil, true) }

func (v *visitor) post(path string, form url.Values) reply {
	v.t.Helper()
	return v.send("POST", path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()), false)
}

func (v *visitor) want(r reply, code int, words ...string) {
	v.t.Helper()
	if r.code != code {
		v.t.Errorf("status %d, want %d: %.600s", r.code, code, r.body)
	}
	for _, w := range words {
		if !strings.Contains(r.body, w) {
			v.t.Errorf("%q is not on the page", w)
		}
	}
}

func TestListPage(t *testing.T) {
	o := newOffice(t, dbtest.SQLite(t), tenant, 0)
	crowd := o.crowd(120)
	crowd[0].Person.Name = `<b>"'&`
	o.enrol(crowd...)
	v := o.visit(auth.Officer, o.root.ID, "")
	v.want(v.page(listPlace), 200, "共 120 人", "导出这 120 人", "登记会员", "下一页", `name="joined_from"`, "&lt;b&gt;")
	v.want(v.page(listPlace+"?q=%E4%B8%8D%E5%AD%98%E5%9C%A8%E7%9A%84%E4%BA%BA"), 200, "没有找到“不存在的人”")
	v.want(v.page(listPlace+"?status=expelled"), 200, "没有符合条件的会员")
	v.want(v.page(listPlace+"?sort=phone"), 422, "排序")
	v.want(v.page(listPlace+"?union=999999999999"), 404, "没有编码为“999999999999”的工会")
	v.want(v.page(listPlace+"?union="+o.unions[3].Code), 200, "市水务局机关工会")
	r := v.json(listPlace + "?limit=3&sort=-joined")
	var page map[string]any
	if err := json.Unmarshal([]byte(r.body), &page); err != nil {
		t.Fatal(err)
	}
	item := page["items"].([]any)[0].(map[string]any)
	for _, k := range []string{"id", "name", "sex", "birthday", "id_no", "phone", "union", "status", "joined", "card_no"} {
		if _, ok := item[k]; !ok {
			t.Errorf("an item has no %s", k)
		}
	}
	if len(item) != 10 || page["total"] != 120.0 || page["next"] == "" || !strings.Contains(fmt.Sprint(item["id_no"]), "****") {
		t.Errorf("contract.md 5: %v", page)
	}
	for _, m := range crowd {
		if strings.Contains(v.json(listPlace+"?limit=200").body, m.Person.IDNo) {
			t.Fatalf("PL-06 a whole number on the list")
		}
	}
	c := o.visit(auth.Chair, o.unions[3].ID, "")
	for _, m := range crowd {
		if m.Union.ID != o.unions[3].ID {
			c.want(c.page(m.Place()), 404)
			c.want(c.post(m.Place()+"/reveal", url.Values{"field": {IDField}, "reason": {"看一看别的工会"}}), 404)
			break
		}
	}
}

func TestWhoMay(t *testing.T) {
	o := newOffice(t, dbtest.SQLite(t), tenant, 0)
	o.enrol(o.crowd(5)...)
	one := o.people[0].Place()
	addresses := []string{"GET " + listPlace, "GET " + listPlace + ".csv", "GET " + listPlace + "/new", "GET " + one, "GET " + one + "/edit", "GET " + one + "/change", "POST " + one + "/reveal"}
	for _, c := range []struct {
		office auth.Office
		want   string
	}{
		{auth.Officer, "200 200 200 200 200 200 422"},
		{auth.Chair, "200 200 200 200 200 200 422"},
		{auth.Director, "200 403 403 200 403 403 403"},
		{auth.Auditor, "200 403 403 200 403 403 403"},
		{auth.Admin, "403 403 403 403 403 403 403"},
		{auth.Security, "403 403 403 403 403 403 403"},
		{auth.Auditing, "403 403 403 403 403 403 403"},
		{auth.Accountant, "403 403 403 403 403 403 403"},
		{auth.Member, "403 403 403 403 403 403 403"},
	} {
		v := o.visit(c.office, o.root.ID, "")
		var got []string
		for _, a := range addresses {
			method, path, _ := strings.Cut(a, " ")
			kind := map[string]string{"POST": "application/x-www-form-urlencoded"}[method]
			got = append(got, fmt.Sprint(v.send(method, path, kind, strings.NewReader(""), false).code))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", c.office, got, c.want)
		}
	}
}

func TestForms(t *testing.T) {
	o := newOffice(t, dbtest.SQLite(t), tenant, 0)
	v := o.visit(auth.Officer, o.root.ID, "")
	v.want(v.page(listPlace), 200, "这里还没有会员")
	v.want(v.page(listPlace+"/new?union="+o.unions[3].Code), 200, "市水务局机关工会", `value="2026-11-22"`)
	form := url.Values{"union": {o.unions[3].Code}, "name": {"丁晓燕"}, "id_type": {"1"}, "id_no": {"210602199001010013"}, "phone": {"13812345678"}, "joined": {"2015-03-01"}}
	v.want(v.post(listPlace, form), 422, "校验位不符", "丁晓燕", "210602199001010013")
	form.Set("id_no", "210602199001010012")
	r := v.post(listPlace, form)
	v.want(r, 303)
	one := r.place
	v.want(v.post(listPlace, form), 409, "工会会员会籍管理办法第三条", "已是市水务局机关工会的会员")
	v.want(v.page(one), 200, "210602********0012", "138****5678", o.unions[3].Code[:6]+" "+o.unions[3].Code[6:]+" 000001")
	edit := v.page(one + "/edit")
	v.want(edit, 200, "210602********0012", `name="version" value="1"`)
	form.Set("id_no", "210602********0012")
	form.Set("phone", "138****5678")
	form.Set("duty", "科长")
	form.Set("version", "1")
	v.want(v.post(one+"/edit", form), 303)
	v.want(v.page(one+"?tab=log"), 200, "更正资料", "职务：“”改为“科长”", "登记入会")
	v.want(v.post(one+"/edit", form), 409, "请刷新后再办")
	v.want(v.page(one+"/change"), 200, "退会", "会籍转接", "登记去世")
	v.want(v.page(one+"/change?step=retain"), 200, "停缴会费", "退休")
	v.want(v.post(one+"/change?step=retain", url.Values{"version": {"2"}}), 422, "原因", "保留会籍")
	v.want(v.post(one+"/change?step=retain", url.Values{"version": {"2"}, "reason": {"12"}}), 303)
	v.want(v.page(one+"?tab=history"), 200, "保留会籍", "退休")
	id := one[strings.LastIndex(one, "/")+1:]
	v.want(v.page(listPlace+"/many?step=resume&id="+id), 200, "恢复会籍 1 人", "将有 1 人恢复在册")
	v.want(v.page(listPlace+"/many?step=retain&id="+id), 200, "1 人不能办理")
	v.want(v.page(listPlace+"/many"), 200, "没有勾选会员")
	v.want(v.post(listPlace+"/many?step=resume&id="+id, url.Values{}), 303)
	v.want(v.page(one), 200, "在册")
}

// R1.74: a revealed number is on the page of who asked, for a minute, and
// nowhere else.
func TestRevealPage(t *testing.T) {
	o := newOffice(t, dbtest.SQLite(t), tenant, 0)
	o.enrol(o.crowd(3)...)
	m := o.people[0]
	v := o.visit(auth.Officer, o.root.ID, "")
	v.want(v.post(m.Place()+"/reveal", url.Values{"field": {IDField}, "reason": {"短"}}), 422, "用途")
	form := url.Values{"field": {IDField}, "reason": {"核对工资名单"}, "idempotency_key": {"once"}}
	r := v.post(m.Place()+"/reveal", form)
	v.want(r, 303)
	v.want(v.page(r.place), 200, m.Person.IDNo)
	other := o.visit(auth.Chair, m.Union.ID, "")
	if got := other.page(r.place); got.code != 200 || strings.Contains(got.body, m.Person.IDNo) {
		t.Error("another's address shows the number")
	}
	*v.now = v.now.Add(61 * time.Second)
	if strings.Contains(v.page(r.place).body, m.Person.IDNo) {
		t.Error("the number is shown after a minute")
	}
	o.view(func(tx *sqldb.Tx) error {
		kept, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT body FROM answers WHERE tenant_id = $1`, int64(tenant))
		if len(kept) != 1 || strings.Contains(kept[0], m.Person.IDNo) {
			t.Errorf("kept with the key: %v", kept)
		}
		return err
	})
	asJSON := v.send("POST", m.Place()+"/reveal", "application/json", strings.NewReader(`{"field":"phone","reason":"核对工资名单"}`), true)
	if m.Person.Phone != "" {
		v.want(asJSON, 200, `"value":"`+m.Person.Phone+`"`)
	}
	v.want(v.page(m.Place()+"?tab=looks"), 200, "查看证件号码", "用途：核对工资名单")
}

func TestOwnPage(t *testing.T) {
	o := newOffice(t, dbtest.SQLite(t), tenant, 0)
	m := o.register(o.officer(Edit), 0, ding)
	v := o.visit(auth.Member, o.unions[0].ID, m.ID)
	v.want(v.page("/me"), 200, "丁晓燕", "210602********0012", "2015 年入会", "会员号二维码", "还没有人查看过您完整的证件号码和手机")
	r := v.post("/me/reveal", url.Values{"field": {PhoneField}})
	v.want(r, 303)
	v.want(v.page(r.place), 200, "13812345678", "本人查看移动电话")
	v.want(v.page(m.Place()), 403)
	nobody := o.visit(auth.Admin, o.root.ID, "")
	nobody.want(nobody.page("/me"), 200, "您的账号没有对应的会员资料")
	nobody.want(nobody.post("/me/reveal", url.Values{"field": {PhoneField}}), 404)
}

func TestFilePages(t *testing.T) {
	o := newOffice(t, dbtest.SQLite(t), tenant, 0)
	m := o.register(o.officer(Edit), 0, ding)
	v := o.visit(auth.Officer, o.root.ID, "")
	upload := func(content string) reply {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		part, err := w.CreateFormFile("file", "入会申请书.pdf")
		if err == nil {
			_, err = io.WriteString(part, content)
		}
		if err != nil {
			t.Fatal(err)
		}
		w.Close()
		return v.send("POST", m.Place()+"/files?tab=files", w.FormDataContentType(), &b, false)
	}
	v.want(upload("MZ\x00\x01\x02 program"), 422, "不能作附件")
	v.want(upload("%PDF-1.7 申请"), 303)
	page := v.page(m.Place() + "?tab=files")
	v.want(page, 200, "入会申请书.pdf")
	_, rest, _ := strings.Cut(page.body, m.Place()+"/files/")
	id, _, _ := strings.Cut(rest, `"`)
	v.want(v.page(m.Place()+"/files/"+id), 200, "%PDF-1.7 申请")
	v.want(v.post(m.Place()+"/files/"+id+"/delete", url.Values{}), 303)
	v.want(v.page(m.Place()+"/files/"+id), 404)
}

// PL-20, PL-22: exactly what is filtered goes out, in its order, masked unless
// there is a reason; what a spreadsheet would run is marked.
func TestExport(t *testing.T) {
	o := newOffice(t, dbtest.SQLite(t), tenant, 0)
	crowd := o.crowd(300)
	crowd[0].Person.Duty = "=1+1"
	o.enrol(crowd...)
	v := o.visit(auth.Officer, o.root.ID, "")
	for _, query := range []string{"", "?status=retained&sort=-joined", "?q=wang", "?union=" + o.unions[0].Code + "&sort=joined", "?sex=female&joined_from=2001-01-01"} {
		ids := []string{}
		for after := ""; ; {
			sep := map[bool]string{true: "&", false: "?"}[query != ""]
			var p struct {
				Items []Row  `json:"items"`
				Next  string `json:"next"`
			}
			if err := json.Unmarshal([]byte(v.json(listPlace+query+sep+"limit=100&after="+url.QueryEscape(after)).body), &p); err != nil {
				t.Fatal(err)
			}
			for _, r := range p.Items {
				ids = append(ids, r.CardNo)
			}
			if after = p.Next; after == "" {
				break
			}
		}
		for _, ending := range []string{".csv", ".xlsx"} {
			rows := lines(t, v.page(listPlace+ending+query), ending)
			var cards []string
			for _, r := range rows {
				cards = append(cards, r[19])
				if !strings.Contains(r[6], "****") {
					t.Fatalf("PL-06 a whole number goes out: %s", r[6])
				}
			}
			if strings.Join(cards, " ") != strings.Join(ids, " ") {
				t.Errorf("%s%s: %d rows go out, %d are listed, or in another order", ending, query, len(cards), len(ids))
			}
		}
	}
	v.want(v.page(listPlace+".csv?full=1&reason=x"), 422, "用途")
	full := v.page(listPlace + ".csv?full=1&reason=" + url.QueryEscape("发放节日慰问"))
	v.want(full, 200, crowd[0].Person.IDNo, "'=1+1")
	v.want(v.page(listPlace+"/export?q=wang"), 200, "要完整的号码", `name="q" value="wang"`)
	v.want(v.page(crowd[0].Place()+"?tab=looks"), 200, "导出名单", "发放节日慰问")
}

// lines reads what went out, without its title and head.
func lines(t *testing.T, r reply, ending string) [][]string {
	t.Helper()
	if r.code != 200 {
		t.Fatalf("%s: %d %s", ending, r.code, r.body)
	}
	if ending == ".csv" {
		all, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(r.body, "\ufeff"))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return all[1:]
	}
	book, err := excelize.OpenReader(strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	all, err := book.GetRows(book.GetSheetName(0))
	if err != nil {
		t.Fatal(err)
	}
	return all[2:]
}

func TestChartsPage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db, tenant, 0)
		o.enrol(o.crowd(400)...)
		for _, over := range []string{o.root.ID, o.unions[0].ID, o.unions[3].ID} {
			in := o.below(over)
			v := o.visit(auth.Chair, over, "")
			var c Charts
			if err := json.Unmarshal([]byte(v.json(listPlace+"/figures").body), &c); err != nil {
				t.Fatal(err)
			}
			var counted, unions, aged, joined, left, all int64
			for _, m := range o.people {
				if !in(m) {
					continue
				}
				all++
				if m.Status.Counts() {
					counted++
				}
				if m.Joined >= "2023-12-01" {
					joined++
				}
				if m.LeftDay >= "2023-12-01" {
					left++
				}
			}
			for _, u := range c.Unions {
				unions += u.Members
			}
			for _, a := range c.Ages {
				aged += a.Members
			}
			for _, s := range c.Statuses {
				all -= s.All()
			}
			for _, m := range c.Months {
				joined, left = joined-m.Joined, left-m.Left
			}
			if c.Counted != counted || unions != counted || aged != counted || all != 0 || joined != 0 || left != 0 || len(c.Months) != 36 {
				t.Errorf("MEM-19 counted %d of %d, by unions %d, by age %d, statuses off by %d, joined by %d, left by %d", c.Counted, counted, unions, aged, all, joined, left)
			}
			v.want(v.page(listPlace+"/figures"), 200, "三年来每月入会和减少", "年龄", "看数据表")
		}
		bare := newOffice(t, db, twin, 0)
		v := bare.visit(auth.Officer, bare.root.ID, "")
		v.want(v.page(listPlace+"/figures"), 200, "还没有会员", "还没有登记出生日期")
	})
}
