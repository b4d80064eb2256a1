package hall_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"unionhall/hall"
)

// person is somebody in front of the house; without a cookie a stranger.
type person struct {
	login  string
	url    string
	cookie string // as it goes into the header
}

// still follows no redirect.
var still = &http.Client{
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Transport:     &http.Transport{MaxIdleConnsPerHost: 32},
	Timeout:       time.Minute,
}

// as returns the person of a demo account, signed in once a process.
func (s *stand) as(t testing.TB, login string) person {
	t.Helper()
	return s.signIn(t, login, 0, hall.DemoPassword())
}

// nobody is somebody who is not signed in.
func (s *stand) nobody() person { return person{url: s.url} }

func (s *stand) signIn(t testing.TB, login string, tenant int64, password string) person {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	key := fmt.Sprint(login, tenant)
	if p, ok := s.people[key]; ok {
		return p
	}
	p := person{login: login, url: s.url}
	a := p.send(t, "POST", "/login", fmt.Sprintf(`{"login":%q,"password":%q,"tenant":%d}`, login, password, tenant))
	if a.code != http.StatusNoContent {
		t.Fatalf("%s cannot log in: %d %s", login, a.code, a.body)
	}
	p.cookie, _, _ = strings.Cut(a.head.Get("Set-Cookie"), ";")
	s.people[key] = p
	return p
}

// answer is what came back.
type answer struct {
	code int
	head http.Header
	body []byte
}

func (a answer) String() string {
	return fmt.Sprintf("%d %s %.300s", a.code, a.head.Get("Content-Type"), a.body)
}

// into reads the body as JSON.
func (a answer) into(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		t.Fatalf("no JSON: %v: %s", err, a)
	}
}

// text reads one field of a JSON object as text.
func (a answer) text(t testing.TB, name string) string {
	t.Helper()
	var m map[string]any
	a.into(t, &m)
	if m[name] == nil {
		t.Fatalf("no %q in %s", name, a)
	}
	return fmt.Sprint(m[name])
}

// request makes a request of p's; heads are names and values in turn.
func (p person) request(method, path, body string, heads ...string) (*http.Request, error) {
	hr, err := http.NewRequest(method, p.url+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	hr.Header.Set("Accept", "application/json")
	if body != "" || method != "GET" {
		hr.Header.Set("Content-Type", "application/json")
	}
	if p.cookie != "" {
		hr.Header.Set("Cookie", p.cookie)
	}
	for i := 0; i+1 < len(heads); i += 2 {
		hr.Header.Set(heads[i], heads[i+1])
	}
	return hr, nil
}

func (p person) do(hr *http.Request) (a answer, err error) {
	res, err := still.Do(hr)
	if err != nil {
		return a, err
	}
	defer res.Body.Close()
	a.code, a.head = res.StatusCode, res.Header
	a.body, err = io.ReadAll(res.Body)
	return a, err
}

// send asks as a program does, with a body of JSON.
func (p person) send(t testing.TB, method, path, body string, heads ...string) answer {
	t.Helper()
	hr, err := p.request(method, path, body, heads...)
	if err != nil {
		t.Fatal(err)
	}
	a, err := p.do(hr)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

func (p person) get(t testing.TB, path string) answer {
	t.Helper()
	return p.send(t, "GET", path, "")
}

// page asks as a browser does.
func (p person) page(t testing.TB, path string) answer {
	t.Helper()
	return p.send(t, "GET", path, "", "Accept", "text/html")
}

// post acts and ends the test if that was refused.
func (p person) post(t testing.TB, path, body string) answer {
	t.Helper()
	a := p.send(t, "POST", path, body)
	if a.code >= 300 {
		t.Fatalf("POST %s %s as %s: %s", path, body, p.login, a)
	}
	return a
}

// upload sends a file through a form.
func (p person) upload(t testing.TB, path, name string, content []byte, fields ...string) answer {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := form.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	part.Write(content) // into memory
	form.Close()
	return p.send(t, "POST", path, b.String(), "Content-Type", form.FormDataContentType())
}

// judged brings a workbook in and waits until it is judged.
func (p person) judged(t testing.TB, kind, name string, content []byte) (id string) {
	t.Helper()
	a := p.upload(t, imports+"?kind="+kind, name, content)
	if a.code != http.StatusCreated && a.code != http.StatusOK {
		t.Fatalf("%s: %s", name, a)
	}
	id = a.text(t, "id")
	p.reaches(t, id, "judged")
	return id
}

// reaches waits until an import stands so and returns it.
func (p person) reaches(t testing.TB, id, state string) (a answer) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(30 * time.Millisecond) {
		a = p.get(t, imports+"/"+id)
		if a.code != 200 {
			break
		}
		switch got := a.text(t, "state"); got {
		case state:
			return a
		case "failed":
			t.Fatalf("import %s failed: %s", id, a)
		}
	}
	t.Fatalf("import %s is not %s: %s", id, state, a)
	return a
}

const (
	unions  = "/grassroots/registry/unions"
	members = "/grassroots/registry/members"
	imports = "/grassroots/registry/imports"

	procedures = "/grassroots/registry/procedures"
	legal      = "/grassroots/registry/legal"
)

// fresh is a number that nothing else is called by.
func fresh() string { return fmt.Sprintf("%09d", rand.Uint32()%1_000_000_000) }
