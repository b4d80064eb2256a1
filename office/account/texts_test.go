package account_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	outward "unionhall/kit/gateway"
	"unionhall/kit/sms"
	"unionhall/kit/sqldb"
	"unionhall/office/account"
	"unionhall/schema/dbtest"
)

// phones stands in for the members' room.
type phones map[string][]account.Person

func (p phones) ByPhone(_ context.Context, _ *sqldb.Tx, _ int64, phone string) ([]account.Person, error) {
	return p[phone], nil
}

// gateway is a text message gateway that remembers what it was asked to send.
type gateway struct {
	mu   sync.Mutex
	sent map[string][]string
	slow time.Duration
	code int
}

var sixDigits = regexp.MustCompile(`\d{6}`)

// texting gives the house a gateway; of the members one has each phone, and
// two share another.
func (h *house) texting() *gateway {
	h.t.Helper()
	g := &gateway{sent: map[string][]string{}, code: 200}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		var m struct{ To, Text string }
		if err := json.NewDecoder(hr.Body).Decode(&m); err != nil {
			h.t.Error(err)
		}
		g.mu.Lock()
		g.sent[m.To] = append(g.sent[m.To], sixDigits.FindString(m.Text))
		slow, code := g.slow, g.code
		g.mu.Unlock()
		time.Sleep(slow)
		w.WriteHeader(code)
	}))
	h.t.Cleanup(srv.Close)
	h.o.Texts = sms.New(outward.Gateway{URL: srv.URL, Body: `{"to":"{phone}","text":"{text}"}`, Guard: outward.Guard{Private: true}})
	h.o.Phones = phones{
		known:  {{ID: "m1", Name: "王建国"}},
		second: {{ID: "m2", Name: "李静"}},
		shared: {{ID: "m3", Name: "赵一"}, {ID: "m4", Name: "赵二"}},
	}
	return g
}

const (
	known   = "13800001234"
	second  = "13800005678"
	shared  = "13800009999"
	unknown = "13900000000"
)

// asks asks for a code and returns what the browser holds, the answer, and the
// code if one was sent.
func (h *house) asks(g *gateway, phone string) (half *http.Cookie, w *httptest.ResponseRecorder, code string) {
	w = h.ask(form("/login/code", "phone", phone))
	h.o.Texts.Wait()
	g.mu.Lock()
	defer g.mu.Unlock()
	if all := g.sent[phone]; len(all) > 0 {
		code = all[len(all)-1]
	}
	return named(w, "uh_half"), w, code
}

func (h *house) types(half *http.Cookie, code string) (*http.Cookie, *httptest.ResponseRecorder) {
	hr := form("/login/code/enter", "code", code)
	hr.Header.Set("User-Agent", phone)
	if half != nil {
		hr.AddCookie(half)
	}
	w := h.ask(hr)
	return named(w, "uh_session"), w
}

// plants puts a member into the database whose account does not exist yet.
func (h *house) plants(id, name string) {
	h.do(func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO members (tenant_id, id, union_id, name, name_key, sex, id_type, id_sealed, id_blind, migrant, status, version)
			VALUES ($1, $2, $3, $4, $5, 'male', '1', $6, $7, $8, 'active', 1)`, int64(tenant), id, h.base.ID, name, id, []byte{1}, id, false)
		return err
	})
}

// law: PL-11
func TestSignInByText(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		g := h.texting()
		h.plants("m1", "王建国")
		half, w, code := h.asks(g, known)
		if w.Code != 303 || w.Header().Get("Location") != "/login/code/enter" || len(code) != 6 {
			t.Fatal(w.Code, code)
		}
		if w := h.goes("/login/code/enter", half); w.Code != 200 {
			t.Errorf("the page for the code: %d", w.Code)
		}
		if in, w := h.types(half, wrongOf(code)); in != nil || w.Code != 401 {
			t.Errorf("a wrong code: %d", w.Code)
		}
		if in, _ := h.types(nil, code); in != nil {
			t.Error("the code in another browser")
		}
		in, w := h.types(half, code)
		if in == nil {
			t.Fatal(w.Code, w.Body)
		}
		var page struct {
			Account struct{ Login, Name string }
		}
		if code := h.json(in, httptest.NewRequest("GET", "/account", nil), &page); code != 200 || page.Account.Name != "王建国" {
			t.Errorf("%d %+v", code, page)
		}
		if in, w := h.types(half, code); in != nil || w.Code == 303 {
			t.Errorf("the code again: %d", w.Code)
		}
		h.pass(time.Minute)
		half, _, code = h.asks(g, known)
		if in, w := h.types(half, code); in == nil {
			t.Errorf("the second log-in: %d", w.Code)
		}
		if n := h.count(`SELECT count(*) FROM accounts WHERE tenant_id = $1 AND member_id = 'm1'`); n != 1 {
			t.Errorf("%d accounts", n)
		}
		h.keepsSecrets([]string{known, code})
		for _, q := range []string{`SELECT count(*) FROM halfway WHERE tenant_id = $1 AND (id LIKE '%13800001234%')`, `SELECT count(*) FROM code_sends WHERE tenant_id = $1 AND key LIKE '%13800001234%'`} {
			if h.count(q) != 0 {
				t.Error("the phone lies open:", q)
			}
		}
		h.sound()
	})
}

func wrongOf(code string) string {
	b := []byte(code)
	b[0] = '0' + (b[0]-'0'+1)%10
	return string(b)
}

// law: R1.69: five minutes, five tries, one a minute, ten a day.
func TestTextLimits(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	g := h.texting()
	h.plants("m1", "王建国")
	half, _, code := h.asks(g, known)
	if _, w, _ := h.asks(g, known); w.Code != 429 || w.Header().Get("Retry-After") == "" {
		t.Errorf("R1.69 六十秒: at once again: %d", w.Code)
	}
	for range 5 {
		h.types(half, wrongOf(code))
	}
	if in, w := h.types(half, code); in != nil || w.Code == 303 {
		t.Errorf("R1.69 五次: the right code as the sixth: %d", w.Code)
	}
	h.pass(time.Minute)
	half, _, code = h.asks(g, known)
	h.pass(5 * time.Minute)
	if in, _ := h.types(half, code); in != nil {
		t.Error("R1.69 五分钟: the code when they were over")
	}
	half, _, code = h.asks(g, known)
	h.pass(5*time.Minute - time.Microsecond)
	if in, w := h.types(half, code); in == nil {
		t.Errorf("R1.69 五分钟: a moment before: %d", w.Code)
	}
	sent := 3
	for range 20 {
		h.pass(time.Minute)
		if _, w, _ := h.asks(g, known); w.Code == 303 {
			sent++
		}
	}
	if sent != 10 || len(g.sent[known]) != 10 {
		t.Errorf("R1.69 一天十次: %d were sent", sent)
	}
	h.pass(24 * time.Hour)
	if _, w, _ := h.asks(g, known); w.Code != 303 {
		t.Errorf("on the next day: %d", w.Code)
	}
	if _, w, _ := h.asks(g, "12345"); w.Code != 422 {
		t.Errorf("what is no phone: %d", w.Code)
	}
}

// law: R1.69: of one address too.
func TestTextsOfAnAddress(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	h.texting()
	h.do(func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO own_params (tenant_id, id, param, value, from_day, account_id, at) VALUES ($1, 'p', 'security.code.address_day', '7', $2, 'a', $3)`,
			int64(tenant), string(h.today()), string(h.at()))
		return err
	})
	codes := map[int]int{}
	for i := range 20 {
		h.pass(10 * time.Second)
		codes[h.ask(form("/login/code", "phone", "139000000"+string(rune('0'+i/10))+string(rune('0'+i%10)))).Code]++
	}
	if codes[303] != 7 || codes[429] != 13 {
		t.Errorf("%v", codes)
	}
}

// Whether anybody has the phone shows nowhere: not in the answer, not in the
// next page, not in what a wrong code is told; and a slow gateway delays
// nobody.
func TestNobodyLearnsWhoseThePhoneIs(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	g := h.texting()
	g.slow = 300 * time.Millisecond
	tell := func(phone string) (out []string) {
		began := time.Now()
		w := h.ask(form("/login/code", "phone", phone))
		if took := time.Since(began); took > 200*time.Millisecond {
			t.Errorf("%s took %v", phone, took)
		}
		half := named(w, "uh_half")
		out = append(out, w.Header().Get("Location"), strings.ReplaceAll(w.Body.String(), phone, ""), h.goes("/login/code/enter", half).Body.String())
		for range 6 {
			_, w := h.types(half, "x")
			out = append(out, strings.ReplaceAll(w.Body.String(), phone, ""))
		}
		return out
	}
	a := tell(known)
	for _, phone := range []string{unknown, shared} {
		if b := tell(phone); !slices.Equal(a, b) {
			t.Errorf("%s is told otherwise than a known one", phone)
		}
	}
	h.o.Texts.Wait()
	if len(g.sent) != 1 || len(g.sent[known]) != 1 {
		t.Errorf("sent to %v", g.sent)
	}
}

// law: PL-11: for officers a phone is not enough, with a second factor it is.
func TestOfficersNeedMoreThanAPhone(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	g := h.texting()
	c := h.officer()
	id := h.login2("zhoumin")
	h.do(func(tx *sqldb.Tx) error { return plant(tx, h, "m1", id) })
	half, _, code := h.asks(g, known)
	if in, w := h.types(half, code); in != nil || w.Code != 403 || !strings.Contains(w.Body.String(), "干部不能只凭短信") {
		t.Errorf("an officer: %d", w.Code)
	}
	d := h.enrols(c)
	h.pass(time.Minute)
	half, _, code = h.asks(g, known)
	in, w := h.types(half, code)
	if in != nil || w.Header().Get("Location") != "/login/second" {
		t.Fatal(w.Code, w.Header())
	}
	for _, k := range w.Result().Cookies() {
		if k.Name == "uh_half" && k.MaxAge > 0 {
			half = k
		}
	}
	if in, w := h.second(half, h.code(d)); in == nil {
		t.Error(w.Code)
	}
}

// Of twenty who type one code, one is let in, and one account is made.
func TestOneTextOneLogIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		g := h.texting()
		h.plants("m1", "王建国")
		half, _, code := h.asks(g, known)
		var mu sync.Mutex
		var all sync.WaitGroup
		in := 0
		for range 20 {
			all.Go(func() {
				if c, _ := h.types(half, code); c != nil {
					mu.Lock()
					in++
					mu.Unlock()
				}
			})
		}
		all.Wait()
		if n := h.count(`SELECT count(*) FROM accounts WHERE tenant_id = $1 AND member_id = 'm1'`); in != 1 || n != 1 {
			t.Errorf("%d let in, %d accounts", in, n)
		}
	})
}

// A gateway that is dead or refuses costs the administrator a line, the member
// nothing but the message.
func TestGatewayTrouble(t *testing.T) {
	h := newHouse(t, dbtest.SQLite(t))
	g := h.texting()
	g.code = 500
	if _, w, _ := h.asks(g, known); w.Code != 303 {
		t.Errorf("the member is told %d", w.Code)
	}
	sec := h.security()
	if w := h.with(sec, httptest.NewRequest("GET", "/system/security", nil)); w.Code != 200 || !strings.Contains(w.Body.String(), "没有发出") {
		t.Errorf("the security administrator is told %d", w.Code)
	}
}
