package admission

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"unionhall/kit/day"
	"unionhall/kit/fault"
)

// gate limits how often one address may send something in: a whole unit
// behind one address gets by, a machine that floods does not.
type gate struct {
	mu   sync.Mutex
	seen map[string]*rate.Limiter
}

const (
	perSecond = 1
	atOnce    = 40
	manySeen  = 10000
)

// enter refuses a visitor who comes too often with fault.Busy.
func (g *gate) enter(hr *http.Request, now day.Instant) error {
	at, err := time.Parse(time.RFC3339, string(now))
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	key := address(hr)
	l := g.seen[key]
	if l == nil {
		if g.seen == nil || len(g.seen) >= manySeen {
			g.seen = map[string]*rate.Limiter{}
		}
		l = rate.NewLimiter(perSecond, atOnce)
		g.seen[key] = l
	}
	if !l.AllowN(at, 1) {
		return fault.New(fault.Busy, "提交太频繁了，请过一分钟再试；已填的内容还在。")
	}
	return nil
}

// address is where a visitor comes from; of IPv6 the network, since a
// household has that many of its own.
func address(hr *http.Request) string {
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
			return p.String()
		}
	}
	return ip.String()
}
