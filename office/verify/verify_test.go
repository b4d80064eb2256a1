package verify

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"unionhall/commons/certificate"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/schema/dbtest"
)

var ctx = context.Background()

// PL-28, service.md 9: a stranger learns title, masked name, day and whether
// it holds, as a page and as JSON, and no more.
func TestVerify(t *testing.T) {
	keys, err := seal.Create(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		db.UseKeys(keys)
		at := day.Instant("2026-11-22T02:00:00.000000Z")
		g := auth.System(2106000001, "test", "papers.print", "root")
		var codes []string
		if err := db.Do(ctx, func(tx *sqldb.Tx) error {
			for i, until := range []day.Day{"", "2026-11-21", ""} {
				m := audit.Moves{}
				c, err := certificate.Issue(ctx, tx, g, m, certificate.Certificate{Kind: "card", Thing: string(rune('a' + i)), Title: "会员登记表", Holder: "王建国", Issuer: "滨江市<财政局>工会", On: "2026-01-02", Until: until, Hash: strings.Repeat("ab", 32)}, at)
				if err == nil && i == 2 {
					_, err = certificate.Revoke(ctx, tx, g, m, c.ID, "资料有误", at)
				}
				if err != nil {
					return err
				}
				codes = append(codes, c.Code)
				if err := m.Write(ctx, tx, g, c.Thing, "issued", at); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		clock := time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)
		site := &web.Site{DB: db, Name: "工委", Now: func() time.Time { return clock }}
		site.Who = func(*http.Request, *sqldb.Tx, day.Instant) (auth.Actor, string, error) { return auth.Actor{}, "", nil }
		site.Frame = func(*web.Request) (*ui.Frame, error) { return &ui.Frame{}, nil }
		h, err := site.Handler(New().Routes())
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(h)
		defer server.Close()
		ask := func(path, from string, asJSON bool) (int, string) {
			t.Helper()
			req, err := http.NewRequest("GET", server.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("X-Forwarded-For", from)
			if asJSON {
				req.Header.Set("Accept", "application/json")
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			b, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(resp.Header.Get("X-Robots-Tag"), "noindex") {
				t.Errorf("%s may be indexed", path)
			}
			return resp.StatusCode, string(b)
		}
		for i, c := range []struct{ path, state, label string }{
			{"/verify/" + codes[0], "valid", "有效"}, {"/verify/" + codes[1], "expired", "已失效"}, {"/verify/" + codes[2], "revoked", "已撤销"},
			{"/verify?code=" + certificate.Spelt(strings.ToLower(codes[0])), "valid", "有效"}, {"/verify/222222222222222222", "none", "查无此件"},
			{"/verify/%27%20OR%201%3D1", "none", "查无此件"}, {"/verify", "", "输入纸面二维码旁的核验码"},
		} {
			code, page := ask(c.path, "10.0.0.1", false)
			if code != 200 || !strings.Contains(page, c.label) {
				t.Errorf("%s: %d, %s is not there", c.path, code, c.label)
			}
			if strings.Contains(page, "王建国") || c.state == "valid" && (!strings.Contains(page, "王**") || !strings.Contains(page, "滨江市&lt;财政局&gt;工会")) {
				t.Errorf("%d: the name", i)
			}
			_, body := ask(c.path, "10.0.0.1", true)
			var p Page
			if err := json.Unmarshal([]byte(body), &p); err != nil || string(p.State) != c.state || strings.Contains(body, "王建国") {
				t.Errorf("%s: %s, %v", c.path, body, err)
			}
			if c.state == "revoked" && (p.Reason != "资料有误" || p.Revoked != "2026-11-22") {
				t.Errorf("taken back: %s", body)
			}
		}
		// whoever guesses is slowed down; another address is not
		blocked := 0
		for range 40 {
			if code, _ := ask("/verify/"+codes[0], "10.0.0.2", true); code == 503 {
				blocked++
			}
		}
		if blocked != 10 {
			t.Errorf("%d of 40 were slowed down", blocked)
		}
		if code, _ := ask("/verify/"+codes[0], "10.0.0.3", true); code != 200 {
			t.Errorf("another address: %d", code)
		}
		clock = clock.Add(time.Minute)
		if code, _ := ask("/verify/"+codes[0], "10.0.0.2", true); code != 200 {
			t.Errorf("a minute later: %d", code)
		}
	})
}
