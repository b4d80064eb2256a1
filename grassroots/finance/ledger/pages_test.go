package ledger_test

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
	"os"
	"strings"
	"testing"
	"time"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/finance/ledger/shop"
	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/town"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/files"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// visitor is one post in front of the pages.
type visitor struct {
	t   testing.TB
	url string
}

// visit opens the pages for an office over a union and all below it.
func visit(t testing.TB, s shop.Shop, o auth.Office, account string, over registry.Union) visitor {
	t.Helper()
	store, err := files.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	site := &web.Site{DB: s.DB, Name: "滨江市直机关工会工委", Files: store}
	site.Now = func() time.Time { return time.Date(2026, 6, 10, 2, 0, 0, 0, time.UTC) }
	site.Who = func(*http.Request, *sqldb.Tx, day.Instant) (auth.Actor, string, error) {
		return auth.NewActor(s.Tenant, account, "某人", "", ledger.Roles(), "", auth.Post{Office: o, UnionID: over.ID, From: "2020-01-01"}), "", nil
	}
	site.Frame = func(*web.Request) (*ui.Frame, error) { return &ui.Frame{Office: site.Name, SignedIn: true}, nil }
	names := func(_ context.Context, _ *sqldb.Tx, _ int64, accounts []string) (map[string]string, error) {
		out := map[string]string{}
		for _, a := range accounts {
			out[a] = "名" + a
		}
		return out, nil
	}
	h, err := site.Handler(ledger.Room{Names: names}.Routes())
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(func() { srv.Close(); store.Close() })
	return visitor{t, srv.URL + ledger.Home}
}

var still = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func (v visitor) send(method, path, kind, accept, body string) (code int, text, to string) {
	v.t.Helper()
	hr, err := http.NewRequest(method, v.url+path, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	hr.Header.Set("Accept", accept)
	if kind != "" {
		hr.Header.Set("Content-Type", kind)
	}
	r, err := still.Do(hr)
	if err != nil {
		v.t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return r.StatusCode, string(b), r.Header.Get("Location")
}

func (v visitor) page(path string) (int, string) {
	code, text, _ := v.send("GET", path, "", "text/html", "")
	return code, text
}

func (v visitor) form(path string, in url.Values) (int, string, string) {
	return v.send("POST", path, "application/x-www-form-urlencoded", "text/html", in.Encode())
}

// json asks as a program; out may be nil.
func (v visitor) json(method, path, body string, out any) (int, string) {
	v.t.Helper()
	code, text, _ := v.send(method, path, "application/json", "application/json", body)
	if out != nil {
		if err := json.Unmarshal([]byte(text), out); err != nil {
			v.t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
	return code, text
}

func has(t testing.TB, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("the page does not say %q", w)
		}
	}
}

func rows(cells ...string) url.Values {
	in := url.Values{}
	for _, c := range cells {
		k, v, _ := strings.Cut(c, "=")
		if strings.Contains(k, ".") {
			k = "lines." + k
		}
		in.Set(k, v)
	}
	return in
}

// Every state × act × office, a line each.
//
// law: F3.19, F3.22, F3.23
func TestMatrix(t *testing.T) {
	const file = "testdata/voucher.txt"
	got := ledger.Procedure.Matrix()
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the procedure is no longer that of %s; if that is meant, UPDATE=1\n%s", file, got)
	}
}

// A refused form comes back with everything that was typed and the message at
// the cell; accounts may be typed by code, by name and by pinyin.
//
// law: K1, F3.3, F3.12, F3.22
func TestForm(t *testing.T) {
	each(t, func(t *testing.T, s shop.Shop) {
		s.Open(s.A, 2026)
		v := visit(t, s, auth.Accountant, "accountant", s.Root)
		_, blank := v.page("/vouchers/new?union=" + s.A.Code + "&date=2026-03-05")
		has(t, blank, `value="2026-03-05"`, `name="lines.3.account"`, `data-k="yhck`, `value="50105 职工活动支出—会员活动支出"`, "再加 5 行")
		action := "/vouchers?union=" + s.A.Code + "&year=2026"
		in := rows("union="+s.A.Code, "date=2026-03-05", "summary=慰问会员", "attachments=2", "0.account=yhck", "0.debit=", "0.credit=30.00",
			"1.account=会员活动支出", "1.debit=30.00", "1.source=", "1.project=office", "1.dept=办公室", "3.account=", "3.debit=")
		code, text, _ := v.form(action, in)
		if code != 422 {
			t.Fatalf("F3.12: without a source %d", code)
		}
		has(t, text, `value="慰问会员"`, `value="yhck"`, `value="会员活动支出"`, `value="办公室"`, `id="f-lines.1.source-e"`, "要注明资金来源", "#f-lines.1.source", "第 2 行：", "F3.12", `<option value="office" selected`)
		in.Set("more", "1")
		code, text, _ = v.form(action, in)
		has(t, text, "已加 5 行", `name="lines.6.account"`, `value="慰问会员"`)
		if code != 422 {
			t.Errorf("more rows: %d", code)
		}
		in.Del("more")
		in.Set("lines.1.source", "fr")
		code, _, to := v.form(action, in)
		if code != 303 || !strings.HasPrefix(to, ledger.Home+"/vouchers/") {
			t.Fatalf("the mended form: %d to %s", code, to)
		}
		_, text = v.page(strings.TrimPrefix(to, ledger.Home))
		has(t, text, "102 银行存款", "501 职工活动支出", "50105 会员活动支出", "合计：叁拾元整", "公用经费", "部门：办公室", "工会资金（非专项）", "审核由工会主席或工委主任办理", "经济分类", "F3.4", "附单据<b>2 张")
		_, text = v.page(strings.TrimPrefix(to, ledger.Home) + "/edit")
		has(t, text, `value="102 银行存款"`, `value="30.00"`, `value="办公室"`)
		in.Set("then", "new")
		if code, _, to := v.form(action, in); code != 303 || !strings.Contains(to, "/vouchers/new?union="+s.A.Code+"&date=2026-03-05") {
			t.Errorf("save and go on: %d to %s", code, to)
		}
		if _, text = v.page("/vouchers/new?union=" + s.B.Code); !strings.Contains(text, "先建账") {
			t.Error("a union without books offers none")
		}
	})
}

// Bad input: each is refused at the field with its rule, and
// nothing is written.
func TestBadInput(t *testing.T) {
	each(t, func(t *testing.T, s shop.Shop) {
		for _, b := range []ledger.Book{s.Open(s.A, 2026), s.Open(s.A, 2021)} {
			s.Do(func(tx *sqldb.Tx) error {
				m := audit.Moves{}
				if err := ledger.Lock(ctx, tx, s.Accountant(ledger.Carry), m, b, 1, "", town.Now); err != nil {
					return err
				}
				return m.Write(ctx, tx, s.Accountant(ledger.Carry), b.ID, map[string]string{"did": "closed"}, town.Now)
			})
		}
		v := visit(t, s, auth.Accountant, "accountant", s.Root)
		body := func(date, lines string) string {
			return fmt.Sprintf(`{"union":%q,"date":%q,"kind":"记","summary":"试","attachments":1,"lines":[%s]}`, s.A.Code, date, lines)
		}
		pair := func(debit, credit string) string {
			return fmt.Sprintf(`{"account":"102","debit":%q},{"account":"401","credit":%q,"source":"fr"}`, debit, credit)
		}
		for _, c := range []struct {
			law, date, lines string
			code             int
			rule, field      string
		}{
			{"K1 unbalanced", "2026-03-05", pair("1.00", "2.00"), 422, "K1", "lines"},
			{"K1 zero", "2026-03-05", pair("0", "0.00"), 422, "K1", "lines.0.debit"},
			{"F3.22 negative", "2026-03-05", pair("-1.00", "-1.00"), 422, "F3.22", "lines.0.debit"},
			{"K1 not a leaf", "2026-03-05", `{"account":"501","debit":"1","source":"fr"},{"account":"102","credit":"1"}`, 422, "K1", "lines.0.account"},
			{"F0.1 an account of 2009 in 2026", "2026-03-05", `{"account":"102","debit":"1"},{"account":"40501","credit":"1"}`, 422, "", "lines.1.account"},
			{"F3.3 no such account", "2026-03-05", `{"account":"102","debit":"1"},{"account":"999","credit":"1"}`, 422, "F3.3", "lines.1.account"},
			{"F3.16 a closed month", "2026-01-05", pair("1.00", "1.00"), 409, "F3.16", "date"},
			{"F3.1 a date beyond the years that have books", "2027-03-05", pair("1.00", "1.00"), 409, "F3.1", ""},
			{"K1 a third decimal", "2026-03-05", pair("1.005", "1.00"), 422, "K1", "lines.0.debit"},
			{"K1 a third decimal of zero is none", "2026-03-05", pair("1.000", "1.00"), 201, "", ""},
			{"K1 a line beyond 10^13 fen", "2026-03-05", pair("100000000000.01", "100000000000.01"), 422, "K1", "lines.0.debit"},
			{"K1 a sum beyond 10^13 fen", "2026-03-05", `{"account":"102","debit":"90000000000.00"},{"account":"101","debit":"90000000000.00"},{"account":"401","credit":"90000000000.00","source":"fr"},{"account":"402","credit":"90000000000.00","source":"fr"}`, 422, "K1", ""},
			{"K1 10,000 lines", "2026-03-05", strings.TrimSuffix(strings.Repeat(`{"account":"102","debit":"1.00"},`, 10_000), ","), 422, "K1", "lines"},
			{"F3.19 another kind", "2026-03-05", "", 422, "F3.19", "kind"},
			{"no lines", "2026-03-05", "", 422, "K1", "lines"},
		} {
			b := body(c.date, c.lines)
			if c.field == "kind" {
				b = strings.Replace(b, "记", "收", 1)
			}
			var p struct {
				Rule, Title string
				Fields      map[string]string
			}
			code, text := v.json("POST", "/vouchers", b, &p)
			if code != c.code || c.rule != "" && p.Rule != c.rule || c.field != "" && p.Fields[c.field] == "" {
				t.Errorf("%s: %d %.400s", c.law, code, text)
			}
		}
		if all := listed(v, "?union="+s.A.Code+"&year=2026"); len(all) != 1 {
			t.Errorf("%d vouchers were written of one", len(all))
		}
		verify(t, s)
	})
}

func listed(v visitor, query string) (out []ledger.Voucher) {
	v.t.Helper()
	for after := ""; ; {
		var p struct {
			Items []ledger.Voucher
			Next  string
		}
		if code, text := v.json("GET", "/vouchers"+query+"&after="+url.QueryEscape(after), "", &p); code != 200 {
			v.t.Fatalf("list %s: %d %s", query, code, text)
		}
		out = append(out, p.Items...)
		if after = p.Next; after == "" {
			return out
		}
	}
}

// Two people at one draft: the later one is told who was faster; and who made
// a voucher does not review it.
//
// law: F3.23
func TestTwoAtOneDraft(t *testing.T) {
	each(t, func(t *testing.T, s shop.Shop) {
		s.Open(s.A, 2026)
		d := s.Draft(s.A, "2026-03-05", "收到会费", "102 debit 1.00", "401 credit 1.00 fr")
		one, two := visit(t, s, auth.Accountant, "one", s.Root), visit(t, s, auth.Accountant, "two", s.Root)
		body := `{"date":"2026-03-05","summary":"收到会费","attachments":1,"version":1,"lines":[{"account":"102","debit":"2"},{"account":"401","credit":"2","source":"fr"}]}`
		if code, text := one.json("POST", "/vouchers/"+d.ID, body, nil); code != 200 {
			t.Fatalf("the first: %d %s", code, text)
		}
		code, text := two.json("POST", "/vouchers/"+d.ID, body, nil)
		if code != 409 || !strings.Contains(text, "名one") {
			t.Errorf("the second: %d %s", code, text)
		}
		if code, text := visit(t, s, auth.Chair, "one", s.Root).json("POST", "/vouchers/"+d.ID+"/review", `{}`, nil); code != 403 || !strings.Contains(text, "F3.23") {
			t.Errorf("the maker reviews: %d %s", code, text)
		}
		if code, _ := visit(t, s, auth.Auditor, "a", s.Root).json("POST", "/vouchers/"+d.ID+"/review", `{}`, nil); code != 403 {
			t.Errorf("the auditor reviews: %d", code)
		}
	})
}

func upload(v visitor, path, name string, content []byte) (int, string) {
	v.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		v.t.Fatal(err)
	}
	code, text, _ := v.send("POST", path, w.FormDataContentType(), "application/json", b.String())
	return code, text
}

// Documents hang on a voucher: counted while it is a draft, added but never
// removed once it is posted.
//
// law: F3.20, S4
func TestPapers(t *testing.T) {
	each(t, func(t *testing.T, s shop.Shop) {
		s.Open(s.A, 2026)
		v := visit(t, s, auth.Accountant, "accountant", s.Root)
		var d ledger.Voucher
		v.json("POST", "/vouchers", fmt.Sprintf(`{"union":%q,"date":"2026-03-05","summary":"收到会费","lines":[{"account":"102","debit":"2"},{"account":"401","credit":"2","source":"fr"}]}`, s.A.Code), &d)
		place := "/vouchers/" + d.ID
		for _, c := range []struct {
			name, content string
			code          int
		}{
			{"发票.pdf", "%PDF-1.4 one\n%%EOF\n", 201}, {"又一次.pdf", "%PDF-1.4 one\n%%EOF\n", 409}, {"电子发票.xml", `<?xml version="1.0" encoding="UTF-8"?><EInvoice/>`, 201},
			{"画.xml", `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`, 422}, {"程序.exe", "MZ\x90\x00\x03", 422},
		} {
			if code, text := upload(v, place+"/files", c.name, []byte(c.content)); code != c.code {
				t.Errorf("%s: %d %s", c.name, code, text)
			}
		}
		var got struct {
			Attachments int64
			Files       []ledger.Paper
		}
		v.json("GET", place, "", &got)
		if got.Attachments != 2 || len(got.Files) != 2 || len(got.Files[0].Hash) != 64 {
			t.Fatalf("F3.20: %+v", got)
		}
		if code, text, _ := v.send("GET", place+"/files/"+got.Files[0].ID, "", "*/*", ""); code != 200 || text != "%PDF-1.4 one\n%%EOF\n" {
			t.Errorf("taken away: %d %q", code, text)
		}
		if code, _ := v.json("POST", place+"/files/"+got.Files[1].ID+"/delete", `{}`, nil); code != 200 {
			t.Errorf("removed from a draft: %d", code)
		}
		visit(t, s, auth.Director, "director", s.Root).json("POST", place+"/review", `{}`, nil)
		if code, text := v.json("POST", place+"/post", `{}`, nil); code != 200 {
			t.Fatalf("posting: %d %s", code, text)
		}
		if code, text := v.json("POST", place+"/files/"+got.Files[0].ID+"/delete", `{}`, nil); code != 409 || !strings.Contains(text, "F3.20") {
			t.Errorf("removed from a posted voucher: %d %s", code, text)
		}
		if code, _ := upload(v, place+"/files", "补.pdf", []byte("%PDF-1.4 two\n%%EOF\n")); code != 201 {
			t.Errorf("evidence that comes later: %d", code)
		}
		verify(t, s)
	})
}
