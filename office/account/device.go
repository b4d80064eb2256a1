package account

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// client is where a log-in comes from.
type client struct {
	kind    Kind
	label   string // 电脑 · Edge
	address string
	https   bool
}

func clientOf(hr *http.Request) client {
	agent := hr.UserAgent()
	c := client{Desk, device(agent) + " · " + program(agent), addressOf(hr), hr.TLS != nil || hr.Header.Get("X-Forwarded-Proto") == "https"}
	if strings.Contains(agent, "Mobi") || strings.Contains(agent, "Android") || strings.Contains(agent, "iPhone") {
		c.kind = Phone
	}
	return c
}

// word is what a part of a User-Agent is called.
type word struct{ part, name string }

// devices and programs name what people recognise, the most telling first.
var (
	devices = []word{
		{"iPhone", "苹果手机"}, {"iPad", "苹果平板"}, {"HarmonyOS", "鸿蒙设备"}, {"Android", "安卓手机"},
		{"UOS", "统信电脑"}, {"Kylin", "麒麟电脑"}, {"Windows", "Windows 电脑"}, {"Macintosh", "苹果电脑"}, {"Linux", "Linux 电脑"},
	}
	programs = []word{
		{"wxwork", "企业微信"}, {"MicroMessenger", "微信"}, {"DingTalk", "钉钉"}, {"Edg", "Edge 浏览器"}, {"QQBrowser", "腾讯浏览器"},
		{"Firefox", "火狐浏览器"}, {"Chrome", "Chrome 浏览器"}, {"Safari", "苹果浏览器"},
	}
)

func device(agent string) string  { return called(devices, agent, "其他设备") }
func program(agent string) string { return called(programs, agent, "其他程序") }

func called(words []word, agent, otherwise string) string {
	for _, w := range words {
		if strings.Contains(agent, w.part) {
			return w.name
		}
	}
	return otherwise
}

// addressOf is the address of who asks. A proxy on this machine is believed
// about whom it asks for; nobody else is.
func addressOf(hr *http.Request) string {
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
	return ip.Unmap().String()
}

// addresses limits how often one address may try to sign in: a whole office
// behind one address gets by, a machine that guesses does not.
type addresses struct {
	mu   sync.Mutex
	seen map[string]*rate.Limiter
}

const (
	perSecond     = 6
	atOnce        = 60
	manyAddresses = 10000
)

func (a *addresses) allow(address string, now time.Time) bool {
	address = network(address)
	a.mu.Lock()
	defer a.mu.Unlock()
	l := a.seen[address]
	if l == nil {
		if len(a.seen) >= manyAddresses {
			a.forget(now)
		}
		if a.seen == nil {
			a.seen = map[string]*rate.Limiter{}
		}
		l = rate.NewLimiter(perSecond, atOnce)
		a.seen[address] = l
	}
	return l.AllowN(now, 1)
}

// network is the address that limits count by: of the newer kind a household
// has a whole network of its own.
func network(address string) string {
	if ip, err := netip.ParseAddr(address); err == nil && ip.Is6() {
		if p, err := ip.Prefix(64); err == nil {
			return p.String()
		}
	}
	return address
}

// forget drops the addresses that have been quiet, or all where none was.
func (a *addresses) forget(now time.Time) {
	for k, l := range a.seen {
		if l.TokensAt(now) >= atOnce {
			delete(a.seen, k)
		}
	}
	if len(a.seen) >= manyAddresses {
		clear(a.seen)
	}
}
