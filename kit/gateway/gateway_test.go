package gateway_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"unionhall/kit/gateway"
)

var near = gateway.Guard{Private: true}

// answering is a receiver on this machine that gives one answer and keeps
// what it was asked.
func answering(t *testing.T, code int, body string) (url string, got *http.Request, sent *string) {
	t.Helper()
	got, sent = new(http.Request), new(string)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		*got, *sent = *r, string(b)
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(code)
		io.WriteString(w, body)
	}))
	t.Cleanup(srv.Close)
	return srv.URL, got, sent
}

// A text with quotes, line feeds and ampersands reaches the gateway whole, in
// whatever form the body has.
func TestSend(t *testing.T) {
	const text = `验证码 "5&7"` + "\n，十分钟内有效 {phone}"
	for kind, body := range map[string]string{
		"application/json":                  `{"to":"{phone}","content":"{text}"}`,
		"application/x-www-form-urlencoded": `to={phone}&content={text}`,
		"text/plain":                        `{phone}|{text}`,
	} {
		at, got, sent := answering(t, 200, `{"code":0}`)
		g := gateway.Gateway{URL: at + "/send?m={phone}", Body: body, Header: map[string]string{"Content-Type": kind, "Authorization": "Bearer k"}, Expect: `"code":0`, Guard: near}
		if err := g.Check(); err != nil {
			t.Error(err)
		}
		if err := g.Send(t.Context(), "15400000001", text); err != nil {
			t.Fatal(kind, err)
		}
		if got.URL.Query().Get("m") != "15400000001" || got.Header.Get("Authorization") != "Bearer k" || got.Method != "POST" {
			t.Errorf("%s: %s %s %v", kind, got.Method, got.URL, got.Header)
		}
		to, content := "", ""
		switch kind {
		case "application/json":
			var v struct{ To, Content string }
			if err := json.Unmarshal([]byte(*sent), &v); err != nil {
				t.Fatal(err, *sent)
			}
			to, content = v.To, v.Content
		case "text/plain":
			to, content, _ = strings.Cut(*sent, "|")
		default:
			r := httptest.NewRequest("POST", "/", strings.NewReader(*sent))
			r.Header.Set("Content-Type", kind)
			to, content = r.FormValue("to"), r.FormValue("content")
		}
		if to != "15400000001" || content != text {
			t.Errorf("%s: %q %q", kind, to, content)
		}
	}
}

// What a gateway answers decides whether the same again may go.
func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		code   int
		body   string
		taken  bool
		final  bool
		expect string
	}{
		{200, "ok", true, false, ""}, {204, "", true, false, ""}, {200, `{"code":7}`, false, false, `"code":0`},
		{400, "bad", false, true, ""}, {404, "", false, true, ""}, {429, "", false, false, ""}, {503, "", false, false, ""}, {302, "", false, true, ""},
	} {
		at, _, _ := answering(t, c.code, c.body)
		err := gateway.Gateway{URL: at + "?p={phone}&t={text}", Expect: c.expect, Guard: near}.Send(t.Context(), "1", "2")
		var e *gateway.Error
		if (err == nil) != c.taken || err != nil && (!errors.As(err, &e) || e.Final != c.final) {
			t.Errorf("%d %s: %v", c.code, c.body, err)
		}
	}
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer slow.Close()
	start := time.Now()
	err := gateway.Gateway{URL: slow.URL + "/secret?p={phone}&t={text}", Timeout: 50 * time.Millisecond, Guard: near}.Send(t.Context(), "1", "2")
	if err == nil || time.Since(start) > 5*time.Second {
		t.Errorf("a slow gateway: %v after %v", err, time.Since(start))
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("the failure tells the address: %v", err)
	}
}

// Machines beside this program are out of reach unless a setting allows them,
// also behind a name.
func TestGuard(t *testing.T) {
	for text, public := range map[string]bool{
		"127.0.0.1": false, "::1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "0.0.0.0": false,
		"100.64.0.1": false, "::ffff:127.0.0.1": false, "fe80::1": false, "fc00::1": false, "224.0.0.1": false, "64:ff9b::7f00:1": false, "255.255.255.255": false,
		"114.114.114.114": true, "2400:3200::1": true,
	} {
		if got := gateway.Public(netip.MustParseAddr(text)); got != public {
			t.Errorf("%s: public %v", text, got)
		}
	}
	at, _, sent := answering(t, 200, "")
	for _, to := range []string{at, strings.Replace(at, "127.0.0.1", "localhost", 1)} {
		err := gateway.Hook{URL: to, Body: "x", Now: time.Now}.Post(t.Context())
		if !errors.Is(err, gateway.ErrPrivate) || *sent != "" {
			t.Errorf("%s: %v", to, err)
		}
	}
}

// Both robots take a text; DingTalk's request is signed as its paper says.
func TestRobots(t *testing.T) {
	at, got, sent := answering(t, 200, `{"errcode":0,"errmsg":"ok"}`)
	now := func() time.Time { return time.UnixMilli(1577262236757) }
	if err := (gateway.Robot{URL: at + "/send?key=k", Guard: near}).WeCom(t.Context(), "有一条待办"); err != nil {
		t.Fatal(err)
	}
	if *sent != `{"msgtype":"text","text":{"content":"有一条待办"}}` || got.URL.Query().Get("key") != "k" {
		t.Errorf("WeCom was sent %s to %s", *sent, got.URL)
	}
	if err := (gateway.Robot{URL: at + "/send?access_token=a", Secret: "SECabc", Guard: near, Now: now}).DingTalk(t.Context(), "好"); err != nil {
		t.Fatal(err)
	}
	q := got.URL.Query()
	if q.Get("timestamp") != "1577262236757" || q.Get("sign") != gateway.DingSign("SECabc", "1577262236757") || q.Get("access_token") != "a" {
		t.Errorf("DingTalk was asked %s", got.URL)
	}
	bad, _, _ := answering(t, 200, `{"errcode":310000,"errmsg":"sign not match"}`)
	var e *gateway.Error
	if err := (gateway.Robot{URL: bad, Guard: near, Now: now}).DingTalk(t.Context(), "好"); !errors.As(err, &e) || !e.Final {
		t.Errorf("a wrong signature: %v", err)
	}
}

// A receiver proves a webhook by its signature; a body that was changed fails.
func TestHook(t *testing.T) {
	at, got, sent := answering(t, 202, "")
	h := gateway.Hook{URL: at, Secret: "s3cret", Event: "union.renamed", Delivery: "d1", Body: `{"a":1}`, Guard: near, Now: func() time.Time { return time.Unix(1700000000, 0) }}
	if err := h.Post(t.Context()); err != nil {
		t.Fatal(err)
	}
	stamp, signature := got.Header.Get(gateway.HookTimestamp), got.Header.Get(gateway.HookSignature)
	if stamp != "1700000000" || got.Header.Get(gateway.HookEvent) != "union.renamed" || got.Header.Get(gateway.HookDelivery) != "d1" || *sent != h.Body {
		t.Errorf("%v %s", got.Header, *sent)
	}
	if !gateway.Signed("s3cret", stamp, *sent, signature) || gateway.Signed("s3cret", stamp, *sent+" ", signature) || gateway.Signed("other", stamp, *sent, signature) {
		t.Errorf("signature %s", signature)
	}
	// echo -n '1700000000.{"a":1}' | openssl dgst -sha256 -hmac s3cret
	if want := "v1=" + known; signature != want {
		t.Errorf("signature %s, openssl says %s", signature, want)
	}
}

const known = "1698a50bc74d1ff1db85c4e0a5297c2ad9fdba245d5737cdb789e4cc6e098940"
