package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Gateway is a short-message gateway (短信网关) as an office buys it: an address
// and the text of a request. {phone} and {text} stand for what is sent, in the
// URL as a query, in the Body as its type in Header asks (JSON unless it says
// form or plain).
type Gateway struct {
	URL     string
	Method  string // POST unless set
	Body    string
	Header  map[string]string
	Timeout time.Duration // 10 s unless set
	Expect  string        // what an answer that took the message holds; may be empty
	Guard   Guard
}

// Set reports whether there is a gateway at all.
func (g Gateway) Set() bool { return g.URL != "" }

// Check refuses settings that can't work, in words for operators.
func (g Gateway) Check() error {
	u, err := url.Parse(fill(g.URL, url.QueryEscape, "1", "2"))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return errors.New("the short-message gateway needs a URL such as https://gateway/send")
	}
	if !strings.Contains(g.URL+g.Body, "{phone}") || !strings.Contains(g.URL+g.Body, "{text}") {
		return errors.New("the short-message gateway needs {phone} and {text} in its URL or body")
	}
	return nil
}

// Error is an answer that did not take what was sent.
type Error struct {
	Status int    // of the reply; 0 when there was none
	Words  string // what it said, a line of it
	Final  bool   // the same again can't go better
}

func (e *Error) Error() string { return fmt.Sprintf("answered %d %s", e.Status, e.Words) }

// Send hands one message to the gateway. An answer other than 2xx, or without
// what Expect names, is an *Error.
func (g Gateway) Send(ctx context.Context, phone, text string) error {
	method := g.Method
	if method == "" {
		method = http.MethodPost
	}
	header, escape := http.Header{"Content-Type": {"application/json; charset=utf-8"}}, inJSON
	for k, v := range g.Header {
		header.Set(k, v)
	}
	switch kind := header.Get("Content-Type"); {
	case strings.HasPrefix(kind, "application/x-www-form-urlencoded"):
		escape = url.QueryEscape
	case strings.HasPrefix(kind, "text/plain"):
		escape = func(s string) string { return s }
	}
	body, err := send(ctx, g.Guard.Client(within(g.Timeout)), method, fill(g.URL, url.QueryEscape, phone, text), header, fill(g.Body, escape, phone, text))
	if err == nil && g.Expect != "" && !strings.Contains(body, g.Expect) {
		err = &Error{Status: 200, Words: line(body)}
	}
	return err
}

func within(d time.Duration) time.Duration {
	if d <= 0 {
		return 10 * time.Second
	}
	return d
}

func fill(s string, escape func(string) string, phone, text string) string {
	return strings.NewReplacer("{phone}", escape(phone), "{text}", escape(text)).Replace(s)
}

// inJSON writes s as it stands between the quotes of a JSON text.
func inJSON(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return ""
	}
	return string(b[1 : len(b)-1])
}

// mostReply is how much of an answer is read.
const mostReply = 64 << 10

// send makes one request and returns the answer's body; one that is not 2xx is
// an *Error.
func send(ctx context.Context, c *http.Client, method, to string, header http.Header, body string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, method, to, strings.NewReader(body))
	if err != nil {
		return "", &Error{Words: "the address cannot be read", Final: true}
	}
	if method == http.MethodGet {
		req.Body, req.ContentLength = nil, 0
	}
	req.Header = header
	req.Header.Set("User-Agent", "unionhall")
	r, err := c.Do(req)
	if err != nil {
		return "", bare(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(io.LimitReader(r.Body, mostReply))
	if r.StatusCode/100 != 2 {
		final := r.StatusCode/100 == 4 && r.StatusCode != 408 && r.StatusCode != 425 && r.StatusCode != 429 || r.StatusCode/100 == 3
		return "", &Error{Status: r.StatusCode, Words: line(string(b)), Final: final}
	}
	return string(b), err
}

// bare takes the address out of a failure: it may hold a secret, and failures
// are logged.
func bare(err error) error {
	if u := (*url.Error)(nil); errors.As(err, &u) {
		return u.Err
	}
	return err
}

// line is the first line of an answer, not too long.
func line(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200])
	}
	return strings.ToValidUTF8(s, "")
}
