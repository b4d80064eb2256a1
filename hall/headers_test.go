package hall_test

import (
	"strings"
	"testing"
)

// Whatever is answered says what a browser may do with it; behind a proxy that
// speaks TLS it says too that it wants to be asked so. R1.67: no page may load
// or send anything elsewhere.
func TestHeaders(t *testing.T) {
	p := one().as(t, "officer")
	for _, path := range []string{"/", members, members + ".csv", "/nothing", "/assets/unionhall.css", "/login", "/healthz", "/api/openapi.json"} {
		for _, tls := range []bool{false, true} {
			a := p.send(t, "GET", path, "", "X-Forwarded-Proto", map[bool]string{true: "https", false: "http"}[tls])
			for name, want := range map[string]string{
				"Content-Security-Policy": "default-src 'self'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
				"Cross-Origin-Opener-Policy": "same-origin", "Permissions-Policy": "camera=()",
			} {
				if !strings.Contains(a.head.Get(name), want) {
					t.Errorf("%s: %s is %q", path, name, a.head.Get(name))
				}
			}
			if got := a.head.Get("Strict-Transport-Security"); (got != "") != tls {
				t.Errorf("%s: over TLS %v: %q", path, tls, got)
			}
		}
	}
}
