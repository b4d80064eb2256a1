package browser_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"unionhall/kit/browser"
)

const style = `body { font-family: sans-serif } @page { size: A4 } @media print { nav { display: none } }
@media (prefers-color-scheme: dark) { body { background: #111; color: #eee } }`

const page = `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>会员</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><link rel="stylesheet" href="/s.css"></head>
<body><nav><a href="/gone">旧页</a></nav><main><h1>会员</h1>%s</main></body></html>`

const form = `<form method="post" action="/save"><label>姓名 <input name="name"></label>
<label for="k">类别</label><select id="k" name="kind"><option value="a">在职</option><option value="b">退休</option></select>
<label>入会日期 <input type="date" name="joined"></label>
<button type="button" id="later">稍后</button><button>保存并返回</button><button>保存</button></form>
<p id="out"></p><script src="/s.js"></script>`

const script = `document.getElementById("later").addEventListener("click", () => {
	document.body.classList.add("htmx-request");
	setTimeout(async () => { document.getElementById("out").textContent = await (await fetch("/part")).text(); document.body.classList.remove("htmx-request") }, 150);
})`

func site(t *testing.T) *httptest.Server {
	mux := http.NewServeMux()
	write := func(kind, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", kind+"; charset=utf-8")
			w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:")
			fmt.Fprint(w, text)
		}
	}
	mux.HandleFunc("GET /{$}", write("text/html", fmt.Sprintf(page, form)))
	mux.HandleFunc("GET /s.css", write("text/css", style))
	mux.HandleFunc("GET /s.js", write("text/javascript", script))
	mux.HandleFunc("GET /part", write("text/html", "已更新"))
	mux.HandleFunc("GET /bad", write("text/html", fmt.Sprintf(page, `<input name="nolabel"><script src="/err.js"></script><img alt="" src="/none.png">`)))
	mux.HandleFunc("GET /err.js", write("text/javascript", `console.error("坏了", 1); throw new Error("抛出")`))
	mux.HandleFunc("GET /stranger", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, page, `<img alt="" src="http://127.0.0.1:9/x.png">`)
	})
	mux.HandleFunc("GET /login", write("text/html", fmt.Sprintf(page, `<form method="post" action="/login"><label>账号<input name="login"></label><label>密码<input type="password" name="password"></label><button>登录</button></form>`)))
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("password") == "对的" {
			http.SetCookie(w, &http.Cookie{Name: "who", Value: r.FormValue("login"), Path: "/"})
			http.Redirect(w, r, "/me", http.StatusSeeOther)
		}
	})
	mux.HandleFunc("GET /wide", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, page, `<div style="overflow-x:`+r.FormValue("box")+`"><table><tr><td style="min-width:900px">宽</td></tr></table></div>`)
	})
	mux.HandleFunc("GET /me", func(w http.ResponseWriter, r *http.Request) {
		c, err := r.Cookie("who")
		if err != nil {
			c = &http.Cookie{Value: "无人"}
		}
		fmt.Fprintf(w, page, "我是"+c.Value)
	})
	mux.HandleFunc("POST /save", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusUnprocessableEntity)
		fmt.Fprintf(w, page, "收到"+r.FormValue("name")+r.FormValue("kind")+r.FormValue("joined"))
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func TestHands(t *testing.T) {
	p := browser.Open(t, site(t).URL)
	p.Go("/")
	p.Type("姓名", "旧名")
	p.Type("姓名", "阿依努尔·买买提𫖯")
	p.Select("类别", "退休")
	p.Set("入会日期", "2026-11-22")
	if got := p.Value("#k"); got != "b" {
		t.Errorf("the list holds %q", got)
	}
	p.Click("稍后")
	p.See("已更新")
	p.Click("保存") // and not 保存并返回, which stands before it
	if want := "收到阿依努尔·买买提𫖯b2026-11-22"; !strings.Contains(p.Text(), want) {
		t.Errorf("%q is not in %q", want, p.Text())
	}
	if p.Status() != 422 || p.Path() != "/save" {
		t.Errorf("status %d at %s", p.Status(), p.Path())
	}
	p.Click("旧页")
	if p.Status() != 404 {
		t.Errorf("status %d", p.Status())
	}
}

func TestLoginKeepsPeopleApart(t *testing.T) {
	s := site(t)
	a, b := browser.Open(t, s.URL), browser.Open(t, s.URL)
	a.Login("jia", "对的")
	a.See("我是jia")
	b.Go("/me")
	b.See("我是无人")
}

func TestVisitCountsTheWire(t *testing.T) {
	p := browser.Open(t, site(t).URL)
	first := p.Visit("/")
	var kinds []string
	for _, r := range first {
		kinds = append(kinds, r.Type)
	}
	slices.Sort(kinds)
	if want := []string{"Document", "Script", "Stylesheet"}; !slices.Equal(kinds, want) {
		t.Errorf("a first visit took\n%s", first)
	}
	if n, least := first.Bytes(), int64(len(page)+len(form)+len(style)+len(script)); n < least || n > least+2000 {
		t.Errorf("%d bytes for a body of %d\n%s", n, least, first)
	}
}

func TestPicturesAndPaper(t *testing.T) {
	p := browser.Open(t, site(t).URL)
	p.Size(390, 844)
	p.Dark(true)
	p.Go("/")
	if got := browser.Eval[string](p, `innerWidth + " " + getComputedStyle(document.body).backgroundColor`); got != "390 rgb(17, 17, 17)" {
		t.Errorf("a dark phone is %s", got)
	}
	file := filepath.Join(t.TempDir(), "p.png")
	p.Screenshot(file)
	if png, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(png), "\x89PNG") {
		t.Error("no picture", err)
	}
	p.OnPaper(true)
	if strings.Contains(p.Text(), "旧页") {
		t.Error("the menu is printed")
	}
	if pdf := p.PDF(); !strings.HasPrefix(string(pdf), "%PDF-") {
		t.Errorf("no PDF: %.20q", pdf)
	}
	p.OnPaper(false)
	p.Press("\t")
	if got := p.Focused(); !strings.Contains(got, "旧页") {
		t.Errorf("the keyboard is at %s", got)
	}
}

func TestAccessible(t *testing.T) {
	p := browser.Open(t, site(t).URL)
	p.Go("/")
	p.Accessible()
}

func TestCookie(t *testing.T) {
	p := browser.Open(t, site(t).URL)
	p.Cookie("who", "jia")
	p.Go("/me")
	p.See("我是jia")
}

func TestFits(t *testing.T) {
	s := site(t)
	for _, c := range []struct {
		name, path string
		width      int64
		want       string
	}{
		{"a page that wraps", "/", 390, ""},
		{"a table that scrolls in its box", "/wide?box=auto", 390, ""},
		{"a table that pushes the page", "/wide?box=visible", 390, `<table`},
		{"room enough", "/wide?box=visible", 1366, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &witness{TB: t}
			p := browser.Open(w, s.URL)
			p.Size(c.width, 844)
			p.Go(c.path)
			p.Fits()
			if said := w.end(); said != "" != (c.want != "") || !strings.Contains(said, c.want) {
				t.Errorf("said %q, want %q", said, c.want)
			}
		})
	}
}

// witness is a test that may fail without failing ours.
type witness struct {
	testing.TB
	said     []string
	cleanups []func()
}

func (w *witness) Cleanup(f func())          { w.cleanups = append(w.cleanups, f) }
func (w *witness) Failed() bool              { return len(w.said) > 0 }
func (w *witness) Error(args ...any)         { w.said = append(w.said, fmt.Sprint(args...)) }
func (w *witness) Errorf(f string, a ...any) { w.said = append(w.said, fmt.Sprintf(f, a...)) }
func (w *witness) Fatalf(f string, a ...any) { w.Errorf(f, a...); panic(w) }

// end runs what the test left to do and returns all that it was told.
func (w *witness) end() string {
	for _, f := range slices.Backward(w.cleanups) {
		f()
	}
	return strings.Join(w.said, "\n")
}

func TestComplaints(t *testing.T) {
	s := site(t)
	for _, c := range []struct {
		path string
		want []string
	}{
		{"/", nil},
		{"/gone", nil}, // a status is for the test to judge
		{"/bad", []string{"console: 坏了 1", "script: Error: 抛出", "/none.png", "label (critical)"}},
		{"/stranger", []string{"a request to another site: http://127.0.0.1:9/x.png"}},
	} {
		t.Run(c.path, func(t *testing.T) {
			w := &witness{TB: t}
			p := browser.Open(w, s.URL)
			p.Go(c.path)
			if p.Status() == 200 {
				p.Accessible()
			}
			said := w.end()
			for _, want := range c.want {
				if !strings.Contains(said, want) {
					t.Errorf("%q is not in\n%s", want, said)
				}
			}
			if c.want == nil && said != "" {
				t.Errorf("complains for nothing:\n%s", said)
			}
		})
	}
}

func TestWhatIsNotThereCannotBeClicked(t *testing.T) {
	w := &witness{TB: t}
	defer w.end()
	p := browser.Open(w, site(t).URL)
	p.Go("/")
	defer func() {
		if got := recover(); got != w || !strings.Contains(strings.Join(w.said, ""), "not on the page") {
			t.Errorf("%v, said %q", got, w.said)
		}
	}()
	start := time.Now()
	p.Click("删除")
	t.Errorf("clicked nothing after %v", time.Since(start))
}
