package sms_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"unionhall/kit/sms"
)

const (
	phone = "13800001234"
	code  = "048213"
	token = "Bearer of-the-gateway"
)

// headers writes the file with what proves who asks.
func headers(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "headers")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSend(t *testing.T) {
	var got string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		body, err := io.ReadAll(hr.Body)
		if err != nil {
			t.Error(err)
		}
		got = fmt.Sprint(hr.Method, " ", hr.URL.RequestURI(), " ", hr.Header.Get("Authorization"), " ", hr.Header.Get("Content-Type"), " ", string(body))
		io.WriteString(w, `{"result":"OK"}`)
	}))
	defer srv.Close()
	for _, c := range []struct {
		s    sms.Settings
		want string
	}{
		{sms.Settings{Body: `{"to":"{phone}","text":"验证码{code}"}`}, `POST / Bearer of-the-gateway application/json {"to":"13800001234","text":"验证码048213"}`},
		{sms.Settings{Type: "form", Body: "mobile={phone}&code={code}", Success: `"OK"`}, "POST / Bearer of-the-gateway application/x-www-form-urlencoded mobile=13800001234&code=048213"},
		{sms.Settings{Method: "GET", URL: "/send?to={phone}&code={code}"}, "GET /send?to=13800001234&code=048213 Bearer of-the-gateway  "},
	} {
		c.s.URL, c.s.Headers = srv.URL+c.s.URL, headers(t, "# the gateway's\n\nAuthorization: "+token+"\n")
		g, err := sms.New(c.s)
		if err == nil {
			err = g.Send(context.Background(), phone, code)
		}
		if err != nil || got != c.want {
			t.Errorf("%v: the gateway got %q", err, got)
		}
	}
}

// A gateway that refuses, says so in words, leads elsewhere, is slow or dead is
// told as a failure, and neither the phone, the code nor the secret is told.
func TestFailures(t *testing.T) {
	var logged bytes.Buffer
	was := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&logged, nil)))
	defer slog.SetDefault(was)
	stop := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		switch hr.URL.Path {
		case "/500":
			http.Error(w, "no", 500)
		case "/words":
			io.WriteString(w, `{"result":"balance"}`)
		case "/away":
			http.Redirect(w, hr, "/ok", http.StatusFound)
		case "/slow":
			select {
			case <-hr.Context().Done():
			case <-stop:
			}
		}
	}))
	defer srv.Close()
	defer close(stop)
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	for _, at := range []string{srv.URL + "/500?p={phone}", srv.URL + "/words", srv.URL + "/away", srv.URL + "/slow?p={phone}", dead.URL + "?p={phone}&c={code}"} {
		s := sms.Settings{URL: at, Body: "{phone} {code}", Success: "OK", Headers: headers(t, "Authorization: "+token)}
		g, err := sms.New(s)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		err = g.Send(ctx, phone, code)
		cancel()
		if err == nil {
			t.Errorf("%s: no failure", at)
			continue
		}
		fmt.Fprintln(&logged, err, s, fmt.Sprintf("%v %+v", s, s))
		slog.Error("settings", "of", s)
	}
	g, err := sms.New(sms.Settings{URL: dead.URL + "?p={phone}"})
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		g.Later(phone, code)
	}
	g.Wait()
	if n, last := g.Failed(); n != 100 || last.IsZero() {
		t.Errorf("%d counted", n)
	}
	for _, s := range []string{phone, code, token} {
		if strings.Contains(logged.String(), s) {
			t.Errorf("%q stands in what was told", s)
		}
	}
}

func TestSettings(t *testing.T) {
	if g, err := sms.New(sms.Settings{}); g != nil || err != nil {
		t.Error("a gateway of nothing:", g, err)
	}
	for _, s := range []sms.Settings{{URL: "ftp://x"}, {URL: "http://x", Headers: "/nowhere"}, {URL: "http://x", Headers: headers(t, "no colon")}} {
		if _, err := sms.New(s); err == nil {
			t.Errorf("%v is taken", s)
		}
	}
}
