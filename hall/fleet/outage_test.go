package fleet

import (
	"database/sql"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"unionhall/hall"
	"unionhall/kit/sqldb"
)

// person is a browser without scripts.
type person struct {
	*http.Client
	t testing.TB
}

func visitor(t testing.TB) person {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return person{&http.Client{Jar: jar, Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, t}
}

func (p person) read(res *http.Response, err error) (*http.Response, string) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return res, string(b)
}

func (p person) get(url string) (*http.Response, string) {
	p.t.Helper()
	return p.read(p.Get(url))
}

func (p person) post(url string, form url.Values) (*http.Response, string) {
	p.t.Helper()
	return p.read(p.PostForm(url, form))
}

func (p person) signIn(at string) {
	p.t.Helper()
	if res, body := p.post(at+"/login", url.Values{"login": {"boss"}, "password": {secret}}); res.StatusCode != 303 {
		p.t.Fatalf("log-in: %d %s", res.StatusCode, body)
	}
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)

// kept reads the form that a page of trouble holds what was typed in.
func kept(page string) url.Values {
	v := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(page, -1) {
		v.Add(html.UnescapeString(m[1]), html.UnescapeString(m[2]))
	}
	return v
}

var founding = url.Values{
	"name": {"滨江市新区工会委员会"}, "reason": {`写着"引号" & <尖括号>`}, "kind": {"base"}, "parent": {"210600000000"}, "document": {"滨直工〔2026〕8号"}, "idempotency_key": {"typed-once"},
}

// The database is away: what needs none still answers, people are told in
// words and keep what they typed, nothing is lost, and all goes on by itself.
func TestDatabaseAway(t *testing.T) {
	heavy(t)
	t.Parallel()
	o := found(t, empty(t))
	direct := o.db
	w := lay(t, hostOf(t, direct))
	o.db = through(t, direct, w.port())
	i := o.serve(t)
	p := visitor(t)
	p.signIn(i.url)
	l := (&load{urls: func() string { return i.url }, token: o.token, people: 2}).run()
	l.reach(t, 10)
	w.down.Store(true)
	w.cut()
	began := time.Now()
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 503, "/help": 200, "/help/desk": 200, "/assets/app.css": 200, "/": 503, "/grassroots/registry/unions": 503} {
		res, body := p.get(i.url + path)
		if path == "/assets/app.css" && res.StatusCode == 404 {
			continue // the name holds a hash
		}
		if res.StatusCode != want {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
		if want == 503 && path != "/readyz" && (res.Header.Get("Retry-After") == "" || !strings.Contains(body, "数据库暂时连不上") || !strings.Contains(body, "再试一次")) {
			t.Errorf("%s: %v %s", path, res.Header, body)
		}
	}
	res, page := p.post(i.url+"/grassroots/registry/unions", founding)
	if res.StatusCode != 503 || res.Header.Get("Retry-After") == "" || !strings.Contains(page, "您填写的内容都还在") || kept(page).Encode() != founding.Encode() {
		t.Errorf("a form: %d %s\nkept %v", res.StatusCode, page, kept(page))
	}
	if code, body, err := ask(client(), "GET", i.url+"/", o.token, "", ""); err != nil || code != 503 || !strings.Contains(body, `"busy"`) {
		t.Errorf("a program: %d %s %v", code, body, err)
	}
	time.Sleep(time.Until(began.Add(12 * time.Second)))
	asked := time.Now()
	if res, _ := p.get(i.url + "/"); res.StatusCode != 503 || time.Since(asked) > time.Second {
		t.Errorf("after a while people still wait %v", time.Since(asked))
	}
	w.down.Store(false)
	back := time.Now()
	for ok := false; !ok; time.Sleep(20 * time.Millisecond) {
		res, _ := p.get(i.url + "/readyz")
		if ok = res.StatusCode == 200; time.Since(back) > 5*time.Second {
			t.Fatal("it does not come back")
		}
	}
	for range 2 { // what the page kept, pressed twice
		if res, body := p.post(i.url+"/grassroots/registry/unions", kept(page)); res.StatusCode != 303 {
			t.Errorf("what was typed, once more: %d %s", res.StatusCode, body)
		}
	}
	l.reach(t, 10)
	l.end()
	t.Logf("away for %v; back after %v", back.Sub(began).Round(time.Second), time.Since(back).Round(time.Millisecond))
	db := open(t, "pgx", direct)
	l.acked[founding.Get("name")] = codeOf(t, db, founding.Get("name"))
	l.stands(t, db)
	o.clean(t)
}

func codeOf(t testing.TB, db *sql.DB, name string) (code string) {
	t.Helper()
	if err := db.QueryRow(`SELECT code FROM unions WHERE name = $1`, name).Scan(&code); err != nil {
		t.Fatal(err)
	}
	return code
}

// place is a folder whose disk can be full.
type place struct {
	url        string
	office     office
	fill, free func() error
	whole      bool // the whole disk, and not the database alone
}

// narrow is an instance on a disk of 24 MB; where none may be mounted, the
// engine's own quota stands for it.
func narrow(t *testing.T) place {
	disk := t.TempDir()
	if os.Geteuid() == 0 && syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=24m") == nil {
		t.Cleanup(func() { syscall.Unmount(disk, syscall.MNT_DETACH) })
		o := foundIn(t, filepath.Join(disk, "data"), "")
		ballast := filepath.Join(disk, "ballast")
		return place{o.serve(t).url, o, func() error { return fillUp(ballast) }, func() error { return os.Remove(ballast) }, true}
	}
	t.Log("no disk can be mounted here: the engine's quota stands for it")
	o := found(t, "")
	h, err := hall.Open(ctx, hall.Settings{Data: o.data})
	if err != nil {
		t.Fatal(err)
	}
	handler, err := h.Handler()
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(handler)
	t.Cleanup(func() { s.Close(); h.Close() })
	pages := func(n int) error {
		return h.DB.Do(ctx, func(tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, fmt.Sprintf(`PRAGMA max_page_count = %d`, n))
			return err
		})
	}
	return place{s.URL, o, func() error { return pages(1) }, func() error { return pages(1 << 30) }, false}
}

// fillUp writes until nothing more goes onto the disk.
func fillUp(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for size := 1 << 20; size > 0; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
	return nil
}

// The disk is full: people are told and lose nothing, the instance is not
// ready, nothing is half written, and all goes on when there is room again.
func TestDiskFull(t *testing.T) {
	if testing.Short() {
		t.Skip("not in the fast check")
	}
	t.Parallel()
	s := narrow(t)
	l := (&load{urls: func() string { return s.url }, token: s.office.token, people: 3}).run()
	l.reach(t, 20)
	if err := s.fill(); err != nil {
		t.Fatal(err)
	}
	l.fails(t, "503", "服务器磁盘已满")
	ready := func() int {
		code, _, err := ask(client(), "GET", s.url+"/readyz", "", "", "")
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	if s.whole && ready() != 503 {
		t.Error("it is ready though nothing can be written")
	}
	if code, _, err := ask(client(), "GET", s.url+"/grassroots/registry/unions", s.office.token, "", ""); err != nil || code != 200 {
		t.Errorf("reading: %d %v", code, err)
	}
	if err := s.free(); err != nil {
		t.Fatal(err)
	}
	l.reach(t, 20)
	if got := ready(); got != 200 {
		t.Errorf("readyz with room again: %d", got)
	}
	l.end()
	l.stands(t, open(t, "sqlite", "file:"+filepath.Join(s.office.data, "unionhall.db")+"?mode=ro"))
	if s.whole {
		s.office.clean(t)
	}
}

// fails waits until attempts fail with these words.
func (l *load) fails(t testing.TB, words ...string) {
	t.Helper()
	var last string
	for range 1000 {
		l.mu.Lock()
		if n := len(l.trouble); n > 0 {
			last = l.trouble[n-1]
		}
		l.mu.Unlock()
		all := true
		for _, w := range words {
			all = all && strings.Contains(last, w)
		}
		if all {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("nothing fails with %v, lately %q", words, last)
}

// An instance with the embedded database is killed again and again under
// load: everything that was acknowledged is there.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("not in the fast check")
	}
	t.Parallel()
	o := found(t, "")
	var at atomic.Value
	i := o.serve(t)
	at.Store(i.url)
	l := (&load{urls: func() string { return at.Load().(string) }, token: o.token, people: 4}).run()
	for range 3 {
		l.reach(t, 40)
		i.kill()
		i = o.serve(t)
		at.Store(i.url)
	}
	l.reach(t, 40)
	l.end()
	i.stop(t)
	l.stands(t, open(t, "sqlite", "file:"+filepath.Join(o.data, "unionhall.db")+"?mode=ro"))
	o.clean(t)
}
