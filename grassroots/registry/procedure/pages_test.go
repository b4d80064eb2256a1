package procedure

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// visitor is one post in front of the pages.
type visitor struct {
	w      *world
	server *httptest.Server
	client *http.Client
}

func (w *world) visit(who string) *visitor {
	w.t.Helper()
	g := w.as(who, Look)
	site := &web.Site{DB: w.db, Name: "滨江市直机关工会工委", Rule: clause}
	site.Now = func() time.Time { return time.Date(2026, 4, 2, 2, 0, 0, 0, time.UTC) }
	site.Who = func(*http.Request, *sqldb.Tx, day.Instant) (auth.Actor, string, error) {
		return auth.NewActor(g.Tenant(), g.Account(), "某人", "", Roles(), "", auth.Post{Office: g.Office(), UnionID: g.Under(), From: "2020-01-01"}), "", nil
	}
	site.Frame = func(*web.Request) (*ui.Frame, error) { return &ui.Frame{Office: site.Name, SignedIn: true}, nil }
	h, err := site.Handler(room.Routes())
	if err != nil {
		w.t.Fatal(err)
	}
	v := &visitor{w, httptest.NewServer(h), &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	w.t.Cleanup(v.server.Close)
	return v
}

// ask sends a form, or reads a page where there is none.
func (v *visitor) ask(path string, form url.Values, asJSON bool) (code int, text, to string) {
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
	req.Header.Set("Accept", map[bool]string{true: "application/json", false: "text/html"}[asJSON])
	res, err := v.client.Do(req)
	if err != nil {
		v.w.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		v.w.t.Fatal(err)
	}
	return res.StatusCode, string(b), res.Header.Get("Location")
}

func (v *visitor) sees(path string, words ...string) string {
	v.w.t.Helper()
	code, page, _ := v.ask(path, nil, false)
	if code != 200 {
		v.w.t.Fatalf("%s: %d", path, code)
	}
	for _, word := range words {
		if !strings.Contains(page, word) {
			v.w.t.Errorf("%s does not say %q", path, word)
		}
	}
	return page
}

// A case from the form to the printed reply, on pages and as JSON.
func TestPages(t *testing.T) {
	each(t, func(w *world) {
		chair, zhou, liang := w.visit(finance), w.visit("zhou"), w.visit("liang")
		chair.sees(place, "还没有办理过事项", "办新事项")
		chair.sees(place+"/new", "去填表", finance)
		chair.sees(place+"/new?kind=rename&union="+w.code(finance), "更名请示", "工委批准", "市总工会备案")
		code, page, _ := chair.ask(place+"?kind=rename&union="+w.code(finance), url.Values{"kind": {"rename"}, "union": {w.code(finance)}, "fields.name": {"市=局"}, "fields.handler": {"王芳"}}, false)
		if code != 422 || !strings.Contains(page, "里面有不该有的符号") || !strings.Contains(page, `value="王芳"`) {
			t.Errorf("a refused form keeps what was typed: %d", code)
		}
		form := url.Values{"kind": {"rename"}, "union": {w.code(finance)}}
		for k, v := range w.sample(Rename) {
			form.Set("fields."+k, v)
		}
		code, _, to := chair.ask(place, form, false)
		if code != 303 {
			t.Fatalf("open: %d", code)
		}
		id := strings.TrimPrefix(to, place+"/")
		chair.sees(to, "还缺 2 份材料", "更名请示", "作废草稿")
		code, body, _ := chair.ask(to+"/submit", url.Values{}, true)
		if code != 422 || !strings.Contains(body, `"paper.request":"缺少材料：更名请示"`) || !strings.Contains(body, `"rule":"ORG-02"`) {
			t.Errorf("ORG-02 as JSON: %d %s", code, body)
		}
		code, page, _ = chair.ask(to+"/submit", url.Values{}, false)
		if code != 422 || !strings.Contains(page, "缺少材料：更名请示") || !strings.Contains(page, "/law/rules#ORG-02") {
			t.Errorf("ORG-02 on the page: %d", code)
		}
		w.must(func(tx *sqldb.Tx) error {
			c, err := Find(ctx, tx, w.as(finance, Look), id)
			if err != nil {
				return err
			}
			return w.papers(tx, finance, c)
		})
		chair.sees(to, "材料齐了", "提交")
		if code, _, _ = chair.ask(to+"/submit", url.Values{}, false); code != 303 {
			t.Errorf("submit: %d", code)
		}
		chair.sees(to, "等待组织干事办理", "待审查")
		for _, x := range []struct {
			name, act string
			v         *visitor
			code      int
		}{{"another union", "withdraw", w.visit(education), 404}, {"another committee", "check", w.visit("twin"), 404}, {"who asked", "check", chair, 403}, {"the wrong post", "check", liang, 403}} {
			for _, asJSON := range []bool{true, false} {
				if code, _, _ := x.v.ask(to+"/"+x.act, url.Values{}, asJSON); code != x.code {
					t.Errorf("%s by %s (JSON %v): %d", x.act, x.name, asJSON, code)
				}
			}
		}
		zhou.sees(to+"/take?act=return", "哪里要补正")
		if code, page, _ = zhou.ask(to+"/return?act=return", url.Values{}, false); code != 422 || !strings.Contains(page, "请写明理由") {
			t.Errorf("return without words: %d", code)
		}
		if code, _, _ = zhou.ask(to+"/check", url.Values{"words": {"齐全"}}, false); code != 303 {
			t.Errorf("check: %d", code)
		}
		if code, body, _ = zhou.ask(to+"/approve", url.Values{}, true); code != 403 {
			t.Errorf("the officer approves: %d %s", code, body)
		}
		liang.sees(place+"?mine=1", "更名", "待审批")
		liang.sees(to+"/take?act=approve", "随即更名")
		if code, body, _ = liang.ask(to+"/approve", url.Values{}, true); code != 200 {
			t.Fatalf("approve: %d %s", code, body)
		}
		var c Case
		if err := json.Unmarshal([]byte(body), &c); err != nil || c.Reply != "工复〔2026〕1号" || c.State != Filing {
			t.Errorf("approved: %s %v", body, err)
		}
		chair.sees(to, "工复〔2026〕1号", "核验码")
		papersPrint(t, chair, to)
		zhou.sees(place+"?state=filing&overdue=", "市财政和国资局机关工会")
		if code, body, _ = zhou.ask(place+".csv", nil, true); code != 200 || !strings.Contains(body, "工复〔2026〕1号") {
			t.Errorf("export: %d %s", code, body)
		}
	})
}

// PL-27, PL-28: the papers come as PDF and as Word files that hold the number
// and the code.
func papersPrint(t *testing.T, v *visitor, to string) {
	t.Helper()
	for _, name := range []string{"form", "request", "report", "reply"} {
		code, body, _ := v.ask(to+"/"+name+".pdf", nil, false)
		if code != 200 || !strings.HasPrefix(body, "%PDF-") {
			t.Errorf("%s.pdf: %d", name, code)
		}
		code, body, _ = v.ask(to+"/"+name+".docx", nil, false)
		z, err := zip.NewReader(strings.NewReader(body), int64(len(body)))
		if code != 200 || err != nil {
			t.Errorf("%s.docx: %d %v", name, code, err)
			continue
		}
		f, err := z.Open("word/document.xml")
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if _, err := io.Copy(&b, f); err != nil {
			t.Fatal(err)
		}
		if name == "reply" && (!strings.Contains(b.String(), "工复〔2026〕1号") || !strings.Contains(b.String(), "/verify/")) {
			t.Errorf("the reply says %s", b.String())
		}
	}
}

// The register of legal persons, on pages and as JSON.
func TestRegisterPages(t *testing.T) {
	each(t, func(w *world) {
		zhou, chair := w.visit("zhou"), w.visit(education)
		zhou.sees(legalPlace, finance, "未登记", "共 3 家")
		to := legalPlace + "/" + w.ids[finance]
		zhou.sees(to, "还没有登记法人资格", "补登证书")
		zhou.sees(to+"/edit", "统一社会信用代码")
		code, page, _ := zhou.ask(to+"/edit", url.Values{"uscc": {"123"}, "name": {finance}}, false)
		if code != 422 || !strings.Contains(page, "校验正确") || !strings.Contains(page, "/law/rules#ID-01") {
			t.Errorf("ID-01: %d", code)
		}
		form := url.Values{"uscc": {uscc()}, "name": {finance}, "authority": {"滨江市总工会"}, "valid_from": {"2023-04-20"}, "valid_to": {"2026-04-19"}, "version": {"0"}}
		if code, page, _ = zhou.ask(to+"/edit", form, false); code != 303 {
			t.Fatalf("enter: %d %s", code, page)
		}
		zhou.sees(to, "应申请换领", "/law/rules#LEG-04", "登记事项的变化")
		var p LegalPage
		_, body, _ := zhou.ask(legalPlace+"?status=window&sort=-valid_to", nil, true)
		if err := json.Unmarshal([]byte(body), &p); err != nil || len(p.Items) != 1 || p.Items[0].Due[0].Kind != Renew || p.Counts["none"] != 2 {
			t.Errorf("%s, %v", body, err)
		}
		if code, _, _ := chair.ask(to, nil, false); code != 404 {
			t.Errorf("another union's chair: %d", code)
		}
		if code, _, _ := chair.ask(legalPlace+"/"+w.ids[education]+"/edit", url.Values{}, true); code != 403 {
			t.Errorf("a chair enters a certificate: %d", code)
		}
		for _, kind := range []string{".csv", ".xlsx"} {
			if code, body, _ := zhou.ask(legalPlace+kind, nil, true); code != 200 || kind == ".csv" && !strings.Contains(body, "法人变更登记") && !strings.Contains(body, finance) {
				t.Errorf("%s: %d", kind, code)
			}
		}
		if code, _, _ := zhou.ask(legalPlace+"?sort=uscc", nil, true); code != 422 {
			t.Errorf("an unknown order: %d", code)
		}
	})
}
