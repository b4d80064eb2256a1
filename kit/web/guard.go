package web

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"unionhall/kit/fault"
)

// Address is where a request comes from. A proxy on this machine is believed
// about whom it asks for; nobody else is.
func Address(hr *http.Request) string {
	host, _, err := net.SplitHostPort(hr.RemoteAddr)
	if err != nil {
		host = hr.RemoteAddr
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return ""
	}
	if ip.IsLoopback() {
		list := strings.Split(hr.Header.Get("X-Forwarded-For"), ",")
		if told, err := netip.ParseAddr(strings.TrimSpace(list[len(list)-1])); err == nil {
			ip = told
		}
	}
	if ip = ip.Unmap(); ip.Is6() {
		if p, err := ip.Prefix(64); err == nil {
			return p.String() // a household has that many of its own
		}
	}
	return ip.String()
}

// Origin is the address of the site as whoever asks reached it: what a QR code
// on a paper leads to.
func Origin(hr *http.Request) string {
	scheme := "http"
	if hr.TLS != nil || hr.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + hr.Host
}

// Guard slows down who asks a public page again and again from one address, so
// that nobody guesses codes.
type Guard struct {
	PerMinute, AtOnce int

	mu   sync.Mutex
	seen map[string]*rate.Limiter
}

// remembered is how many addresses a guard keeps in mind.
const remembered = 10000

// Pass is fault.Busy for an address that has asked too often.
func (g *Guard) Pass(hr *http.Request, now time.Time) error {
	address := Address(hr)
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.seen[address]
	if l == nil {
		if len(g.seen) >= remembered {
			g.forget(now)
		}
		if g.seen == nil {
			g.seen = map[string]*rate.Limiter{}
		}
		l = rate.NewLimiter(rate.Limit(float64(g.PerMinute)/60), g.AtOnce)
		g.seen[address] = l
	}
	if !l.AllowN(now, 1) {
		return fault.New(fault.Busy, "查询太频繁了，请等一分钟再试。")
	}
	return nil
}

// forget drops the addresses that have been quiet, or all where none was.
func (g *Guard) forget(now time.Time) {
	for k, l := range g.seen {
		if l.TokensAt(now) >= float64(g.AtOnce) {
			delete(g.seen, k)
		}
	}
	if len(g.seen) >= remembered {
		clear(g.seen)
	}
}
