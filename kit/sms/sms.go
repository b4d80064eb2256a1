// Package sms sends codes by text message through an HTTP gateway (短信网关)
// whose address, method and body are settings.
package sms

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"
)

// Settings say how a gateway is asked. {phone} and {code} in URL and Body are
// replaced; headers hold the secrets and are never printed.
type Settings struct {
	URL     string
	Method  string // POST by default
	Type    string // json or form: of the body
	Body    string
	Headers string // file of lines "Name: value"
	Success string // what the answer of a success holds; empty: any 2xx
}

// String is what may be printed of the settings.
func (s Settings) String() string {
	u, err := url.Parse(s.URL)
	if err != nil {
		return "sms gateway"
	}
	return "sms gateway " + u.Host
}

// LogValue keeps the rest out of logs.
func (s Settings) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Gateway sends codes in the background, so that nobody learns from the time
// an answer takes whether one was sent.
type Gateway struct {
	s      Settings
	head   http.Header
	client *http.Client
	line   chan struct{}
	work   sync.WaitGroup

	mu     sync.Mutex
	failed int
	last   time.Time
}

const (
	patience = 10 * time.Second
	atOnce   = 64 // messages on their way; more are dropped and counted as failed
)

// New returns the gateway of the settings; nil where none is set.
func New(s Settings) (*Gateway, error) {
	if s.URL == "" {
		return nil, nil
	}
	if _, err := url.Parse(s.URL); err != nil || !strings.HasPrefix(s.URL, "http") {
		return nil, errors.New("the address of the SMS gateway is none: give --sms-url as https://…")
	}
	if s.Method == "" {
		s.Method = http.MethodPost
	}
	if s.Type != "form" {
		s.Type = "json"
	}
	g := &Gateway{s: s, head: http.Header{}, line: make(chan struct{}, atOnce)}
	g.client = &http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if s.Headers == "" {
		return g, nil
	}
	text, err := os.ReadFile(s.Headers)
	if err != nil {
		return nil, fmt.Errorf("file %s with the headers of the SMS gateway cannot be read: %w", s.Headers, err)
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		name, value, found := strings.Cut(line, ":")
		if !found {
			return nil, fmt.Errorf("file %s must hold lines such as \"Authorization: Bearer …\"", s.Headers)
		}
		g.head.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	return g, nil
}

// filled puts phone and code, both digits, into a text.
func filled(text, phone, code string) string {
	return strings.NewReplacer("{phone}", phone, "{code}", code).Replace(text)
}

// Send asks the gateway to send a code and waits for its answer. Errors hold
// neither the phone nor the code.
func (g *Gateway) Send(ctx context.Context, phone, code string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	rq, err := http.NewRequestWithContext(ctx, g.s.Method, filled(g.s.URL, phone, code), strings.NewReader(filled(g.s.Body, phone, code)))
	if err != nil {
		return errors.New("sms gateway: its address is none")
	}
	for name, values := range g.head {
		rq.Header[name] = values
	}
	if g.s.Body != "" && rq.Header.Get("Content-Type") == "" {
		rq.Header.Set("Content-Type", map[string]string{"json": "application/json", "form": "application/x-www-form-urlencoded"}[g.s.Type])
	}
	rp, err := g.client.Do(rq)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // the address may hold the phone
		}
		return fmt.Errorf("sms gateway: %w", err)
	}
	defer rp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(rp.Body, 64<<10))
	switch {
	case err != nil:
		return fmt.Errorf("sms gateway: %w", err)
	case rp.StatusCode < 200 || rp.StatusCode > 299:
		return fmt.Errorf("sms gateway: answered with %d", rp.StatusCode)
	case g.s.Success != "" && !strings.Contains(string(answer), g.s.Success):
		return errors.New("sms gateway: its answer is none of a success")
	}
	return nil
}

// Later sends a code in the background; a failure is logged and counted.
func (g *Gateway) Later(phone, code string) {
	select {
	case g.line <- struct{}{}:
	default:
		g.note(errors.New("sms gateway: too many messages are on their way"))
		return
	}
	g.work.Go(func() {
		defer func() { <-g.line }()
		if err := g.Send(context.Background(), phone, code); err != nil {
			g.note(err)
		}
	})
}

func (g *Gateway) note(err error) {
	slog.Error("code not sent", "err", err)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.failed++
	g.last = time.Now()
}

// Failed tells how many codes this process could not send, and when the last.
func (g *Gateway) Failed() (n int, last time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.failed, g.last
}

// Wait returns when nothing is on its way any more.
func (g *Gateway) Wait() { g.work.Wait() }
