package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	cdp "github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

type ctx = context.Context

// Request is one that went over the wire, and what came back.
type Request struct {
	URL, Type string // Type as in the tools of Chromium: Document, Stylesheet, …
	Status    int
	Bytes     int64 // of the answer, head and compressed body
}

// Traffic is all that a visit cost.
type Traffic []Request

// Bytes is the sum over all answers.
func (t Traffic) Bytes() (n int64) {
	for _, r := range t {
		n += r.Bytes
	}
	return n
}

func (t Traffic) String() string {
	var b strings.Builder
	for _, r := range t {
		fmt.Fprintf(&b, "%3d %-10s %7d bytes  %s\n", r.Status, r.Type, r.Bytes, r.URL)
	}
	return b.String()
}

// Visit goes to a path and returns what went over the wire for it. In a fresh
// Page, whose cache is empty, that is the price of a first visit.
func (p *Page) Visit(path string) Traffic {
	p.t.Helper()
	p.Wait()
	p.net.forget()
	p.Go(path)
	return p.net.traffic()
}

// network is what a tab asks and is told. It hears on the goroutine that
// reads the browser's messages.
type network struct {
	mu     sync.Mutex
	base   string
	open   map[cdp.RequestID]*Request
	done   Traffic
	status int
	said   []string
	kind   map[cdp.RequestID]string
	also   string // another site that people are meant to be led to
}

func newNetwork(base string) *network {
	return &network{base: strings.TrimSuffix(base, "/"), open: map[cdp.RequestID]*Request{}, kind: map[cdp.RequestID]string{}}
}

// LedTo says that pages are meant to lead people to another site as well, such
// as an identity provider.
func (p *Page) LedTo(site string) {
	p.net.mu.Lock()
	defer p.net.mu.Unlock()
	p.net.also = strings.TrimSuffix(site, "/")
}

func (n *network) hear(ev any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch e := ev.(type) {
	case *cdp.EventRequestWillBeSent:
		n.sent(e)
	case *cdp.EventResponseReceived:
		if r := n.open[e.RequestID]; r != nil {
			r.Status = int(e.Response.Status)
		}
		if e.Type == cdp.ResourceTypeDocument {
			n.status = int(e.Response.Status)
		}
	case *cdp.EventRequestServedFromCache:
		delete(n.open, e.RequestID)
	case *cdp.EventLoadingFinished:
		n.ended(e.RequestID, int64(e.EncodedDataLength))
	case *cdp.EventLoadingFailed:
		n.ended(e.RequestID, 0)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError {
			n.complain("console: %s", arguments(e.Args))
		}
	case *runtime.EventExceptionThrown:
		n.complain("script: %s", exception(e.ExceptionDetails))
	case *log.EventEntryAdded:
		n.logged(e.Entry)
	}
}

func (n *network) sent(e *cdp.EventRequestWillBeSent) {
	if e.RedirectResponse != nil {
		if r := n.open[e.RequestID]; r != nil {
			r.Status = int(e.RedirectResponse.Status)
		}
		n.ended(e.RequestID, int64(e.RedirectResponse.EncodedDataLength))
	}
	url := e.Request.URL
	if strings.HasPrefix(url, "data:") || strings.HasPrefix(url, "blob:") || strings.HasPrefix(url, "about:") {
		return
	}
	n.kind[e.RequestID] = e.Type.String()
	if url != n.base && !strings.HasPrefix(url, n.base+"/") && (n.also == "" || !strings.HasPrefix(url, n.also+"/")) {
		n.complain("a request to another site: %s", url)
	}
	n.open[e.RequestID] = &Request{URL: url, Type: e.Type.String()}
}

func (n *network) ended(id cdp.RequestID, bytes int64) {
	if r := n.open[id]; r != nil {
		r.Bytes = bytes
		n.done = append(n.done, *r)
		delete(n.open, id)
	}
}

// logged hears the browser's own log. That a page or a partial answer came
// with a status of 400 and over is for the test to judge, not an error; and
// where a document names no icon the browser asks for one by itself.
func (n *network) logged(e *log.Entry) {
	if e.Level != log.EntryLevelError {
		return
	}
	if e.Source == log.EntrySourceNetwork && strings.HasSuffix(e.URL, "/favicon.ico") {
		return
	}
	if e.Source == log.EntrySourceNetwork {
		switch n.kind[e.NetworkRequestID] {
		case "Document", "XHR", "Fetch":
			return
		}
	}
	n.complain("%s: %s %s", e.Source, e.Text, e.URL)
}

func (n *network) complain(format string, args ...any) {
	n.said = append(n.said, fmt.Sprintf(format, args...))
}

func (n *network) complaints() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.said)
}

func (n *network) lastStatus() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.status
}

func (n *network) idle() bool { return len(n.pending()) == 0 }

// pending is what is on the wire, but for streams, which never end.
func (n *network) pending() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var out []string
	for r := range maps.Values(n.open) {
		if r.Type != cdp.ResourceTypeEventSource.String() {
			out = append(out, r.URL)
		}
	}
	return out
}

func (n *network) forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.done = nil
}

func (n *network) traffic() Traffic {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.done)
}

func arguments(args []*runtime.RemoteObject) string {
	var out []string
	for _, a := range args {
		var value any
		if a.Description == "" && json.Unmarshal(a.Value, &value) == nil {
			out = append(out, fmt.Sprint(value))
		} else {
			out = append(out, a.Description)
		}
	}
	return strings.Join(out, " ")
}

func exception(d *runtime.ExceptionDetails) string {
	if d.Exception != nil && d.Exception.Description != "" {
		return d.Exception.Description
	}
	return d.Text
}
