package hall_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"unionhall/hall"
	"unionhall/kit/auth"
	"unionhall/kit/web"
)

// document is the OpenAPI document as far as the tests read it.
type document struct {
	OpenAPI string                          `json:"openapi"`
	Paths   map[string]map[string]operation `json:"paths"`
	Parts   struct {
		Schemas map[string]shape `json:"schemas"`
	} `json:"components"`
}

type operation struct {
	Summary   string `json:"summary"`
	Responses map[string]struct {
		Content map[string]struct {
			Schema shape `json:"schema"`
		} `json:"content"`
	} `json:"responses"`
	Body struct {
		Content map[string]struct {
			Schema shape `json:"schema"`
		} `json:"content"`
	} `json:"requestBody"`
}

type shape struct {
	Ref        string           `json:"$ref"`
	Properties map[string]shape `json:"properties"`
	Required   []string         `json:"required"`
}

func (d document) resolve(s shape) shape {
	for s.Ref != "" {
		s = d.Parts.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
	}
	return s
}

func (d document) of(pattern string) (operation, bool) {
	method, path, _ := strings.Cut(pattern, " ")
	op, ok := d.Paths[strings.ReplaceAll(path, "{$}", "")][strings.ToLower(method)]
	return op, ok
}

// answers is the shape of what a route answers with; ok is false for a file.
func (d document) answers(pattern string) (s shape, ok bool) {
	op, _ := d.of(pattern)
	body, ok := op.Responses["200"].Content["application/json"]
	return d.resolve(body.Schema), ok
}

// takes reports whether a post takes an input of the name.
func (d document) takes(pattern, name string) bool {
	op, _ := d.of(pattern)
	for _, body := range op.Body.Content {
		if _, ok := d.resolve(body.Schema).Properties[name]; ok {
			return true
		}
	}
	return false
}

func (s *stand) document(t testing.TB) (d document) {
	t.Helper()
	s.nobody().get(t, "/api/openapi.json").into(t, &d)
	return d
}

// The document is made from the route table and can't drift: it has every
// route, and the command prints the same.
func TestDocument(t *testing.T) {
	s := one()
	d := s.document(t)
	if !strings.HasPrefix(d.OpenAPI, "3.1") {
		t.Errorf("version %q", d.OpenAPI)
	}
	n := 0
	for _, rt := range s.house.Routes() {
		if rt.Needs == "" {
			continue // machines' addresses and the door
		}
		op, ok := d.of(rt.Pattern)
		if n++; !ok || op.Summary != rt.Doc || op.Responses["default"].Content["application/problem+json"].Schema.Ref == "" {
			t.Errorf("%s is not told: %+v", rt.Pattern, op)
		}
	}
	if n < 60 {
		t.Errorf("only %d routes", n)
	}
	text, err := hall.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var printed document
	answer{body: text}.into(t, &printed)
	delete(d.Paths, "/help/parts") // the demo alone has it
	if fmt.Sprint(printed.Paths) != fmt.Sprint(d.Paths) {
		t.Error("the command prints another document")
	}
}

// reader is a demo login that may do what a route needs and whose reach holds
// what near made.
func reader(rt web.Route) string {
	if strings.Contains(rt.Pattern, " /me/requests/{own}") {
		return "member" // whose the request is
	}
	for _, login := range []string{"officer", "admin", "security", "audit", "director", "member", "chair", "accountant", "cashier"} {
		if rt.Needs == auth.Anyone || slices.Contains(hall.Roles()[offices[login]], rt.Needs) {
			return login
		}
	}
	return ""
}

// Every page has two faces: HTML for people, and for programs JSON whose names
// are those of the document, no more and no fewer.
func TestBothFaces(t *testing.T) {
	each(t, func(t *testing.T, s *stand) {
		d, x := s.document(t), map[string]things{}
		for _, rt := range s.house.Routes() {
			login := reader(rt)
			if rt.Needs == "" || rt.Do.Writes() || login == "" {
				continue
			}
			if x[login] == nil {
				x[login] = s.near(t, login)
			}
			_, path := x[login].address(t, rt.Pattern)
			a := s.as(t, login).get(t, path)
			want, isPage := d.answers(rt.Pattern)
			if !isPage {
				if a.code != 200 || !strings.HasPrefix(a.head.Get("Content-Disposition"), "attachment") || len(a.body) == 0 {
					t.Errorf("%s as %s: %s", rt.Pattern, login, a)
				}
				continue
			}
			s.twoFaces(t, rt.Pattern, path, login, want)
		}
	})
}

func (s *stand) twoFaces(t *testing.T, pattern, path, login string, want shape) {
	t.Helper()
	a := s.as(t, login).get(t, path)
	var got map[string]any
	if a.code != 200 || a.head.Get("Content-Type") != "application/json" || json.Unmarshal(a.body, &got) != nil {
		t.Errorf("%s as %s to programs: %s", pattern, login, a)
		return
	}
	for name := range got {
		if _, told := want.Properties[name]; !told {
			t.Errorf("%s: the document does not tell of %q", pattern, name)
		}
	}
	for _, name := range want.Required {
		if _, there := got[name]; !there && name != "$schema" {
			t.Errorf("%s: %q is promised and not there", pattern, name)
		}
	}
	a = s.as(t, login).page(t, path)
	if a.code != 200 || !strings.HasPrefix(a.head.Get("Content-Type"), "text/html") || !strings.Contains(string(a.body), "</html>") {
		t.Errorf("%s as %s to people: %s", pattern, login, a)
	}
	if v := a.head.Get("Vary"); !strings.Contains(v, "Accept") {
		t.Errorf("%s: a cache would mix the faces up: Vary %q", pattern, v)
	}
}

// Every refusal is a problem document (RFC 9457) with a sentence in Chinese
// and a number to quote.
func TestProblems(t *testing.T) {
	s := one()
	for _, c := range []struct {
		name   string
		answer answer
		code   int
		word   string
	}{
		{"nobody", s.nobody().get(t, "/"), 401, "unknown"},
		{"denied", s.as(t, "member").get(t, unions), 403, "denied"},
		{"absent", s.as(t, "officer").get(t, unions+"/none"), 404, "not_found"},
		{"no such address", s.as(t, "officer").get(t, "/no/such/page"), 404, "not_found"},
		{"a wrong field", s.as(t, "officer").send(t, "POST", unions, `{"name":""}`), 422, "invalid"},
		{"no JSON", s.as(t, "officer").send(t, "POST", unions, `{"name"`), 422, "invalid"},
		{"another type", s.as(t, "officer").send(t, "POST", unions, `{"name":{}}`), 422, "invalid"},
		{"no date", s.as(t, "officer").get(t, unions+"/tree?on=gestern"), 422, "invalid"},
		{"no order", s.as(t, "officer").get(t, members+"?sort=salary"), 422, "invalid"},
		{"a wrong password", s.nobody().send(t, "POST", "/login", `{"login":"nobody","password":"wrong"}`), 401, "unknown"},
		{"too much", s.as(t, "officer").send(t, "POST", unions, `{"name":"`+strings.Repeat("长", 1<<20)+`"}`), 422, "invalid"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var p struct {
				Status              int
				Title, Code, Number string
				Fields              map[string]string
			}
			c.answer.into(t, &p)
			chinese := func(text string) bool { return strings.ContainsFunc(text, func(r rune) bool { return r > 0x2e80 }) }
			if c.answer.code != c.code || p.Status != c.code || p.Code != c.word || !chinese(p.Title) || p.Number == "" || c.answer.head.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s", c.answer)
			}
			for name, text := range p.Fields {
				if !chinese(text) {
					t.Errorf("%s: %q", name, text)
				}
			}
		})
	}
}

// An edit of a version that is gone is refused with 409, by header or field,
// and changes nothing.
func TestStaleVersions(t *testing.T) {
	each(t, func(t *testing.T, s *stand) {
		d, n := s.document(t), 0
		for _, rt := range s.house.Routes() {
			if !rt.Do.Writes() || !d.takes(rt.Pattern, "version") || rt.Needs == "" { // what strangers do, their rooms prove
				continue
			}
			login := reader(rt)
			x := s.near(t, login)
			_, path := x.address(t, rt.Pattern)
			body := bodyOf(rt.Pattern)
			n++
			if a := s.as(t, login).send(t, "POST", path, with(t, body, "version", 987654321)); a.code != 409 {
				t.Errorf("%s with a stale version: %s", rt.Pattern, a)
			}
			if a := s.as(t, login).send(t, "POST", path, body, "If-Match", `"987654321"`); a.code != 409 {
				t.Errorf("%s with a stale If-Match: %s", rt.Pattern, a)
			}
		}
		if n < 10 {
			t.Errorf("only %d acts name a version", n)
		}
	})
}

// with is a JSON object with one more field.
func with(t testing.TB, body, name string, value any) string {
	t.Helper()
	m := map[string]any{}
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		t.Fatal(err)
	}
	m[name] = value
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Twenty requests with one key are one deed with one answer; the key does not
// serve another deed.
func TestOneKeyOneDeed(t *testing.T) {
	each(t, func(t *testing.T, s *stand) {
		p, name, key := s.as(t, "officer"), "滨江市"+fresh()+"工会", fresh()
		root := s.first(t, `SELECT code FROM unions WHERE tenant_id = 2106000001 AND parent_id IS NULL`)
		body := fmt.Sprintf(`{"name":%q,"kind":"base","parent":%q,"document":"滨直工〔2026〕9号"}`, name, root)
		answers := make([]answer, 20)
		var wg sync.WaitGroup
		for i := range answers {
			wg.Go(func() {
				hr, err := p.request("POST", unions, body, "Idempotency-Key", key)
				if err == nil {
					answers[i], err = p.do(hr)
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, a := range answers {
			if a.code != http.StatusCreated || string(a.body) != string(answers[0].body) {
				t.Errorf("%s\nand %s", answers[0], a)
			}
		}
		if made := s.look(t, `SELECT id FROM unions WHERE tenant_id = 2106000001 AND name = $1`, name); len(made) != 1 {
			t.Errorf("%d unions were founded", len(made))
		}
		if a := p.send(t, "POST", unions, strings.Replace(body, "9号", "10号", 1), "Idempotency-Key", key); a.code != 409 {
			t.Errorf("the key serves another deed: %s", a)
		}
		if a := p.send(t, "POST", unions, body, "Idempotency-Key", key); string(a.body) != string(answers[0].body) {
			t.Errorf("later the key answers %s", a)
		}
	})
}
