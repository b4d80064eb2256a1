package card

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"unionhall/grassroots/registry/member"
	"unionhall/grassroots/registry/town"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/schema/dbtest"
)

func TestMask(t *testing.T) {
	for name, want := range map[string]string{"单": "单", "仇雪": "仇*", "王建国": "王*国", "阿布都·买买提": "阿**提", "𠮷野家": "𠮷*家"} {
		if got := Mask(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// S2-15: a code proves a card for ten minutes and no longer, whoever changed a
// letter of it is told nothing, and a membership that has ended shows.
func TestCard(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		s := town.New(t, db, town.Tenant)
		m := s.Join(s.A, "丁晓燕")
		now := time.Date(2026, 11, 26, 2, 0, 0, 0, time.UTC)
		self := m.ID
		site := &web.Site{DB: db, Name: "市直机关工会工委", Now: func() time.Time { return now }}
		site.Who = func(*http.Request, *sqldb.Tx, day.Instant) (auth.Actor, string, error) {
			return auth.NewActor(s.Tenant, "ding", "丁晓燕", self, auth.Roles{}, ""), "", nil
		}
		site.Frame = func(*web.Request) (*ui.Frame, error) { return &ui.Frame{Office: site.Name, SignedIn: true}, nil }
		h, err := site.Handler(Routes())
		if err != nil {
			t.Fatal(err)
		}
		get := func(path, accept string) (int, string) {
			req := httptest.NewRequest("GET", path, nil)
			req.Header.Set("Accept", accept)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, req)
			return w.Code, w.Body.String()
		}
		var mine Mine
		code, body := get("/me/card", "application/json")
		if err := json.Unmarshal([]byte(body), &mine); err != nil || code != 200 || mine.CardNo != m.CardNo || mine.Until != "2026-11-26T02:10:00.000000Z" {
			t.Fatalf("%d %s %v", code, body, err)
		}
		path := mine.Check[strings.Index(mine.Check, "/card/"):]
		proof := func() (p Proof) {
			t.Helper()
			code, body := get(path, "application/json")
			if err := json.Unmarshal([]byte(body), &p); err != nil || code != 200 {
				t.Fatalf("%d %s", code, body)
			}
			for _, secret := range []string{"丁晓燕", m.Person.IDNo, m.CardNo, m.ID, m.Person.Phone} {
				if strings.Contains(body, secret) {
					t.Errorf("the proof tells %s", secret)
				}
			}
			return p
		}
		if p := proof(); !p.Valid || p.Stale || p.Name != "丁*燕" || p.Union != s.A.Name || p.Status != member.Active || p.Office == "" {
			t.Errorf("fresh: %+v", p)
		}
		if code, body := get(path, "text/html"); code != 200 || !strings.Contains(body, "会籍有效") {
			t.Errorf("the page: %d", code)
		}
		now = now.Add(9*time.Minute + 59*time.Second)
		if p := proof(); !p.Valid {
			t.Errorf("S2-15 within ten minutes: %+v", p)
		}
		now = now.Add(time.Second)
		if p := proof(); p.Valid || !p.Stale || p.Name != "" || p.Union != "" {
			t.Errorf("S2-15 after ten minutes: %+v", p)
		}
		if _, body := get(path, "text/html"); !strings.Contains(body, "已经过期") {
			t.Error("the page of a stale code")
		}
		now = now.Add(-10 * time.Minute)
		for i := len("/card/"); i < len(path)-1; i++ {
			bad := []byte(path)
			if bad[i] = 'A'; path[i] == 'A' {
				bad[i] = 'B'
			}
			if code, _ := get(string(bad), "application/json"); code != 404 {
				t.Errorf("S2-15 a letter changed at %d: %d", i, code)
			}
		}
		for _, bad := range []string{"/card/x", "/card/" + strings.Repeat("A", 54), "/card/" + strings.Repeat("A", 5000)} {
			if code, _ := get(bad, "application/json"); code != 404 {
				t.Errorf("%.20s: %d", bad, code)
			}
		}
		s.Do(func(tx *sqldb.Tx) error {
			_, err := member.Alter(t.Context(), tx, s.Officer(member.Change), m.ID, 0, member.Leave, member.Paper{Reason: "5"}, town.Now)
			return err
		})
		if p := proof(); p.Valid || p.Status != member.Left {
			t.Errorf("MEM-20 the card is taken back: %+v", p)
		}
		if code, body := get("/me/card", "text/html"); code != 200 || !strings.Contains(body, "会员证已停用") {
			t.Errorf("MEM-20 the own card: %d", code)
		}
		if self = ""; true {
			if code, body := get("/me/card", "text/html"); code != 200 || !strings.Contains(body, "没有对应的会员资料") {
				t.Errorf("no member: %d", code)
			}
		}
	})
}
