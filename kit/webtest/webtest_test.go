package webtest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"unionhall/kit/webtest"
)

// witness keeps what the crawl finds wrong.
type witness struct {
	testing.TB
	said []string
}

func (w *witness) Errorf(f string, a ...any) { w.said = append(w.said, fmt.Sprintf(f, a...)) }

func TestCrawl(t *testing.T) {
	mux := http.NewServeMux()
	for path, body := range map[string]string{
		"/{$}":        `<a href="/list">名册</a><a href="https://example.org/">外</a><a href="mailto:a@b">信</a><a href="#top">上</a><a>无</a>`,
		"/list":       `<a href="/">首页</a><a href="list?after=1">下页</a><a href="/p/1">一</a><a href="/p/2">二</a><a href="/p/3">三</a><a href="/p/4">四</a><a href="/list.csv">导出</a>`,
		"/p/{id}":     `<a href="/gone">旧</a><form method="post" action="/p/x/delete"><button>删除</button></form>`,
		"/p/x/delete": `不可`,
	} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "<!doctype html><p>", body) })
	}
	mux.HandleFunc("GET /list.csv", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/csv")
		fmt.Fprint(w, `"<a href=/nowhere>"`)
	})
	s := httptest.NewServer(mux)
	defer s.Close()
	var got []string
	w := &witness{TB: t}
	webtest.Crawl(w, s.Client(), s.URL+"/", func(p webtest.Page) { got = append(got, p.From+" > "+p.URL) })
	want := []string{" > /", "/ > /list", "/list > /list?after=1", "/list > /p/1", "/list > /p/2", "/list > /p/3"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"/gone, offered on /p/1: status 404"}, w.said); d != "" {
		t.Error(d)
	}
}

func TestText(t *testing.T) {
	root, err := html.Parse(strings.NewReader(`<!doctype html><title>会员 名册</title><style>b{}</style>
		<p title="提示">王<b>建国</b> <code>unionhall import</code><img alt="照片"><input placeholder="姓名" value="typed">
		<input type="submit" value="保存"><script>let word</script><span translate="no">admin</span></p>`))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff("会员 名册\n提示\n王\n建国\n照片\n姓名\n保存\n", webtest.Text(root)); d != "" {
		t.Error(d)
	}
}

func TestEnglishWords(t *testing.T) {
	for _, c := range []struct {
		law, text string
		want      []string
	}{
		{"PL-29 Chinese alone", "本页没有外文，共 20 人。", nil},
		{"PL-29 formats and products are written so", "导出 xlsx、CSV，用 WPS 或 Excel 打开。Unionhall", nil},
		{"PL-29 a developer's word", "Not Found", []string{"Not", "Found"}},
		{"PL-29 glued to Chinese", "请先login再试login", []string{"login"}},
		{"PL-29 a key that leaked out", "state_pending members.new", []string{"state", "pending", "members", "new"}},
		{"PL-29 codes and addresses are no words", "ORG-10 2106000001 a@b.cn /api/openapi A4 01900000-0000-7000-8000-00000000000a http://127.0.0.1:8080", nil},
		{"PL-29 one letter is a shortcut or a choice", "按 g 再按 m；甲 A 乙 B", nil},
		{"PL-29 what this page may say", "账号 admin", nil},
	} {
		t.Run(c.law, func(t *testing.T) {
			if d := cmp.Diff(c.want, webtest.EnglishWords(c.text, "admin")); d != "" {
				t.Error(d)
			}
		})
	}
}
