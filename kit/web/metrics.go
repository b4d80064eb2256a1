package web

import (
	"crypto/subtle"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

type metrics struct {
	registry *prometheus.Registry
	seconds  *prometheus.HistogramVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "unionhall_request_seconds", Help: "Time to answer, by route and status.",
			Buckets: []float64{.001, .005, .01, .025, .05, .1, .3, 1, 5},
		}, []string{"route", "status"}),
	}
	m.registry.MustRegister(m.seconds, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// counted remembers the status for the metrics.
type counted struct {
	http.ResponseWriter
	code int
}

func (c *counted) WriteHeader(code int) {
	c.code = code
	c.ResponseWriter.WriteHeader(code)
}

func (m *metrics) watch(route string, h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, hr *http.Request) {
		start, c := time.Now(), &counted{w, 200}
		h(c, hr)
		m.seconds.WithLabelValues(route, strconv.Itoa(c.code)).Observe(time.Since(start).Seconds())
	}
}

// Metrics answers Prometheus: callers on this machine, and those who bear the
// token.
func (s *Site) Metrics(w http.ResponseWriter, hr *http.Request) {
	host, _, err := net.SplitHostPort(hr.RemoteAddr)
	bears := s.MetricsToken != "" && subtle.ConstantTimeCompare([]byte(hr.Header.Get("Authorization")), []byte("Bearer "+s.MetricsToken)) == 1
	if ip := net.ParseIP(host); !bears && (err != nil || ip == nil || !ip.IsLoopback() || hr.Header.Get("X-Forwarded-For") != "") {
		http.NotFound(w, hr)
		return
	}
	promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}).ServeHTTP(w, hr)
}
