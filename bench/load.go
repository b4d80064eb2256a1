package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The client speaks HTTP/1.1 by hand over connections that it keeps: what
// net/http's own would take of the two cores is missing to the server.

// request is the bytes of a GET.
func request(path, host, cookie, accept string) []byte {
	text := "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nAccept: " + accept + "\r\nAccept-Encoding: gzip\r\nUser-Agent: unionhall-bench\r\n"
	if cookie != "" {
		text += "Cookie: " + cookie + "\r\n"
	}
	return []byte(text + "\r\n")
}

// reply is an answer as it came over the wire.
type reply struct {
	code int
	head int // bytes
	body []byte
	gzip bool
}

// text is the body unpacked.
func (r reply) text() ([]byte, error) {
	if !r.gzip {
		return r.body, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

var errForm = errors.New("an answer that this client does not understand")

// answer reads one answer into buf, which it may grow.
func answer(in *bufio.Reader, buf []byte) (r reply, _ []byte, err error) {
	length := -1
	for n := 0; ; n++ {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return r, buf, err
		}
		r.head += len(line)
		line = bytes.TrimRight(line, "\r\n")
		if n == 0 {
			if len(line) < 12 {
				return r, buf, errForm
			}
			if r.code, err = strconv.Atoi(string(line[9:12])); err != nil {
				return r, buf, errForm
			}
			continue
		}
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return r, buf, errForm
			}
		case bytes.EqualFold(name, []byte("Content-Encoding")):
			r.gzip = string(value) == "gzip"
		}
	}
	if length < 0 {
		return r, buf, fmt.Errorf("%w: no length", errForm)
	}
	buf = slices.Grow(buf[:0], length)[:length]
	_, err = io.ReadFull(in, buf)
	r.body = buf
	return r, buf, err
}

// get asks once for a path in the officer's name; anything but 200 is an
// error.
func (s *server) get(path, accept string) (r reply, err error) {
	rq, err := http.NewRequest("GET", "http://"+s.at+path, nil)
	if err != nil {
		return r, err
	}
	rq.Close = true
	rq.Header.Set("Accept", accept)
	rq.Header.Set("Accept-Encoding", "gzip")
	if s.cookie != "" {
		rq.Header.Set("Cookie", s.cookie)
	}
	rp, err := http.DefaultTransport.RoundTrip(rq)
	if err != nil {
		return r, err
	}
	defer rp.Body.Close()
	r.code, r.gzip = rp.StatusCode, rp.Header.Get("Content-Encoding") == "gzip"
	r.head = len("HTTP/1.1 200 OK\r\n\r\n")
	for name, values := range rp.Header {
		for _, v := range values {
			r.head += len(name) + len(v) + len(": \r\n")
		}
	}
	if r.body, err = io.ReadAll(rp.Body); err == nil && r.code != 200 {
		err = fmt.Errorf("%s: answered with %d", path, r.code)
	}
	return r, err
}

// result is what a load came to.
type result struct {
	n         int
	took, cpu float64 // seconds, the CPU's of the server alone
	waits     []time.Duration
}

func (r result) rate() float64    { return float64(r.n) / r.took }
func (r result) cpuEach() float64 { return r.cpu / float64(r.n) * 1000 } // ms
func (r result) at(q float64) time.Duration {
	if len(r.waits) == 0 {
		return 0
	}
	return r.waits[min(len(r.waits)-1, int(q*float64(len(r.waits))))]
}

func ms(d time.Duration) amount { return amount{float64(d) / 1e6, millis} }

// load asks for the paths in turn over so many connections, each waiting for
// its answer before it asks again, until the time is over.
func (s *server) load(ctx context.Context, conns int, span time.Duration, accept string, paths []string) (result, error) {
	return s.press(ctx, conns, span, math.MaxInt, accept, paths)
}

// press is load with a limit of requests for each connection.
func (s *server) press(ctx context.Context, conns int, span time.Duration, most int, accept string, paths []string) (r result, err error) {
	requests := make([][]byte, len(paths))
	for i, p := range paths {
		requests[i] = request(p, s.at, s.cookie, accept)
	}
	before, err := cpu(s.pid)
	if err != nil {
		return r, err
	}
	start := time.Now()
	until := start.Add(span)
	waits, errs := make([][]time.Duration, conns), make([]error, conns)
	var all sync.WaitGroup
	for i := range conns {
		all.Go(func() { waits[i], errs[i] = s.hold(ctx, until, most, requests, i) })
	}
	all.Wait()
	r.took = time.Since(start).Seconds()
	after, err := cpu(s.pid)
	r.cpu = after - before
	for _, w := range waits {
		r.waits = append(r.waits, w...)
	}
	slices.Sort(r.waits)
	r.n = len(r.waits)
	if err = errors.Join(append(errs, err, ctx.Err())...); err == nil && r.n == 0 {
		err = errors.New("nothing was answered")
	}
	return r, err
}

// hold keeps one connection busy and returns how long it waited each time.
func (s *server) hold(ctx context.Context, until time.Time, most int, requests [][]byte, i int) (waits []time.Duration, err error) {
	c, err := net.Dial("tcp", s.at)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if err := c.SetDeadline(until.Add(30 * time.Second)); err != nil {
		return nil, err
	}
	in, buf := bufio.NewReaderSize(c, 16<<10), []byte(nil)
	waits = make([]time.Duration, 0, 4096)
	for now := time.Now(); now.Before(until) && len(waits) < most && ctx.Err() == nil; i++ {
		if _, err := c.Write(requests[i%len(requests)]); err != nil {
			return waits, err
		}
		var r reply
		if r, buf, err = answer(in, buf); err != nil {
			return waits, err
		}
		if r.code != 200 {
			text, _ := r.text()
			path, _, _ := strings.Cut(string(requests[i%len(requests)]), "\r\n")
			return waits, fmt.Errorf("%s: answered with %d: %.300s", path, r.code, text)
		}
		then := now
		now = time.Now()
		waits = append(waits, now.Sub(then))
	}
	return waits, nil
}
