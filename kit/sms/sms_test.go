package sms_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"unionhall/kit/gateway"
	"unionhall/kit/sms"
)

const (
	phone = "13800001234"
	code  = "048213"
)

func through(url string) gateway.Gateway {
	return gateway.Gateway{URL: url, Body: `{"to":"{phone}","text":"{text}"}`, Expect: "OK", Timeout: 200 * time.Millisecond, Guard: gateway.Guard{Private: true}}
}

func TestLater(t *testing.T) {
	got := make(chan string, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		b, err := io.ReadAll(hr.Body)
		if err != nil {
			t.Error(err)
		}
		got <- string(b)
		io.WriteString(w, `{"result":"OK"}`)
	}))
	defer srv.Close()
	s := sms.New(through(srv.URL))
	s.Later(phone, code)
	s.Wait()
	if b := <-got; !strings.Contains(b, phone) || !strings.Contains(b, code) {
		t.Error(b)
	}
	if n, _ := s.Failed(); n != 0 {
		t.Errorf("%d failed", n)
	}
	if sms.New(gateway.Gateway{}) != nil {
		t.Error("a sender through nothing")
	}
}

// A gateway that is slow, dead, broken or says no is counted, and what is told
// of it holds neither number nor code.
func TestFailures(t *testing.T) {
	var logged bytes.Buffer
	was := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&logged, nil)))
	defer slog.SetDefault(was)
	stop := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		switch hr.URL.Path {
		case "/500":
			http.Error(w, "no "+phone+" "+code, 500)
		case "/words":
			io.WriteString(w, "balance "+phone)
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
	for _, at := range []string{srv.URL + "/500", srv.URL + "/words", srv.URL + "/slow", dead.URL + "/?p={phone}&t={text}"} {
		s := sms.New(through(at))
		s.Later(phone, code)
		s.Wait()
		if n, last := s.Failed(); n != 1 || last.IsZero() {
			t.Errorf("%s: %d failed", at, n)
		}
	}
	s := sms.New(through(dead.URL))
	for range 100 {
		s.Later(phone, code)
	}
	s.Wait()
	if n, _ := s.Failed(); n != 100 {
		t.Errorf("%d counted", n)
	}
	for _, secret := range []string{phone, code} {
		if strings.Contains(logged.String(), secret) {
			t.Errorf("%q stands in the log", secret)
		}
	}
}
