package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// booksMembers is how many members the office has whose books are measured.
const booksMembers = 10_000

const ledgerPath = "/grassroots/finance/ledger"

// clerks are the people of the books, signed in at one server.
type clerks struct {
	*server
	accountant, director string // cookies
	unions               []string
	year                 int
}

// clerks signs the two in and opens next year's books of every union, in which
// nothing is yet.
func (b *bench) clerks(ctx context.Context, s *server) (c clerks, err error) {
	c = clerks{server: s, year: time.Now().Year() + 1}
	if c.director, err = s.cookieOf(ctx, "director"); err != nil {
		return c, err
	}
	if c.accountant, err = s.cookieOf(ctx, "accountant"); err != nil {
		return c, err
	}
	s.cookie = c.accountant
	after := ""
	for {
		var page struct {
			Items []struct {
				Code string `json:"code"`
			} `json:"items"`
			Next string `json:"next"`
		}
		if err := s.ask(ctx, "GET", "/grassroots/registry/unions?limit=200&after="+after, "", nil, &page); err != nil {
			return c, err
		}
		for _, u := range page.Items {
			c.unions = append(c.unions, u.Code)
			body := fmt.Sprintf(`{"union":%q,"year":%d}`, u.Code, c.year)
			if err := s.ask(ctx, "POST", ledgerPath+"/books", "application/json", strings.NewReader(body), nil); err != nil {
				return c, err
			}
		}
		if after = page.Next; after == "" {
			return c, nil
		}
	}
}

// cookieOf opens a session of a demo account.
func (s *server) cookieOf(ctx context.Context, login string) (string, error) {
	rq, err := http.NewRequestWithContext(ctx, "POST", "http://"+s.at+"/login", strings.NewReader(fmt.Sprintf(`{"login":%q,"password":"unionhall-demo"}`, login)))
	if err != nil {
		return "", err
	}
	rq.Header.Set("Content-Type", "application/json")
	rp, err := http.DefaultClient.Do(rq)
	if err != nil {
		return "", err
	}
	defer rp.Body.Close()
	for _, k := range rp.Cookies() {
		if k.Name == "uh_session" {
			return k.Name + "=" + k.Value, nil
		}
	}
	return "", fmt.Errorf("log-in of %s refused: %s", login, rp.Status)
}

// once sends every request once over so many connections and returns how long
// that took; each must be answered with 200 or 201.
func (s *server) once(ctx context.Context, conns int, requests [][]byte, took func(int, []byte)) (r result, err error) {
	before, err := cpu(s.pid)
	if err != nil {
		return r, err
	}
	start := time.Now()
	waits, errs := make([][]time.Duration, conns), make([]error, conns)
	var all sync.WaitGroup
	for i := range conns {
		all.Go(func() { waits[i], errs[i] = s.walk(ctx, requests, i, conns, took) })
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
	return r, errors.Join(append(errs, err, ctx.Err())...)
}

// walk sends the requests from first on, every step-th of them.
func (s *server) walk(ctx context.Context, requests [][]byte, first, step int, took func(int, []byte)) (waits []time.Duration, err error) {
	c, err := net.Dial("tcp", s.at)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	in, buf := bufio.NewReaderSize(c, 16<<10), []byte(nil)
	for i := first; i < len(requests) && ctx.Err() == nil; i += step {
		now := time.Now()
		if _, err := c.Write(requests[i]); err != nil {
			return waits, err
		}
		var r reply
		if r, buf, err = answer(in, buf); err != nil {
			return waits, err
		}
		if r.code != 200 && r.code != 201 {
			text, _ := r.text()
			path, _, _ := strings.Cut(string(requests[i]), "\r\n")
			return waits, fmt.Errorf("%s: answered with %d: %.300s", path, r.code, text)
		}
		waits = append(waits, time.Since(now))
		if took != nil {
			text, err := r.text()
			if err != nil {
				return waits, err
			}
			took(i, bytes.Clone(text))
		}
	}
	return waits, nil
}

var keys int

// written is the bytes of a POST of JSON, with a key of its own.
func (c clerks) written(cookie, path, body string) []byte {
	keys++
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nAccept: application/json\r\nContent-Type: application/json\r\nIdempotency-Key: bench-%d-%d\r\nCookie: %s\r\nContent-Length: %d\r\n\r\n%s",
		path, c.at, time.Now().UnixNano(), keys, cookie, len(body), body)
}

// ready makes n vouchers of three lines over the unions and has them reviewed;
// it returns their ids, and how fast they were written.
func (c clerks) ready(ctx context.Context, n, conns int) (ids []string, wrote result, err error) {
	requests := make([][]byte, n)
	for i := range requests {
		requests[i] = c.written(c.accountant, ledgerPath+"/vouchers", fmt.Sprintf(
			`{"union":%q,"date":"%d-%02d-15","kind":"记","summary":"慰问会员，第 %d 批","attachments":2,"lines":[`+
				`{"account":"50105","debit":"120.50","source":"fr","project":"office"},{"account":"50102","debit":"79.50","source":"fr","project":"office"},{"account":"102","credit":"200.00"}]}`,
			c.unions[i%len(c.unions)], c.year, 1+i/len(c.unions)%12, i))
	}
	ids = make([]string, n)
	var broken error
	if wrote, err = c.once(ctx, conns, requests, func(i int, text []byte) {
		var v struct {
			ID string `json:"id"`
		}
		if e := json.Unmarshal(text, &v); e != nil {
			broken = e
		}
		ids[i] = v.ID
	}); err != nil || broken != nil {
		return nil, wrote, errors.Join(err, broken)
	}
	for i, id := range ids {
		requests[i] = c.written(c.director, ledgerPath+"/vouchers/"+id+"/review", "{}")
	}
	_, err = c.once(ctx, 20, requests, nil)
	return ids, wrote, err
}

// books measures posting: vouchers of three lines through the HTTP address, by
// one connection and by fifty over all unions, beside the same rows written
// raw with a transaction and an fsync each.
func (b *bench) books(ctx context.Context) error {
	data, err := b.city(ctx, booksMembers)
	if err != nil {
		return err
	}
	s, err := b.product(ctx, data)
	if err != nil {
		return err
	}
	defer s.stop()
	c, err := b.clerks(ctx, s)
	if err != nil {
		return err
	}
	n := map[bool]int{false: 3000, true: 1000}[b.short]
	var floor, one, many, wrote float64
	for range b.rounds {
		f, err := b.rawPosts(ctx, n)
		if err != nil {
			return err
		}
		floor = max(floor, f)
		for _, conns := range []int{1, 50} {
			ids, w, err := c.ready(ctx, n, conns)
			if err != nil {
				return err
			}
			requests := make([][]byte, len(ids))
			for i, id := range ids {
				requests[i] = c.written(c.accountant, ledgerPath+"/vouchers/"+id+"/post", "{}")
			}
			wait := b.profiled(s, fmt.Sprintf("post-%d", conns), 3*time.Second)
			r, err := c.once(ctx, conns, requests, nil)
			wait()
			if err != nil {
				return err
			}
			if conns == 1 {
				one = max(one, r.rate())
			} else {
				many, wrote = max(many, r.rate()), max(wrote, w.rate())
			}
			say("%d connections: %.0f posts/s, CPU %.2f ms, p99 %v; raw %.0f/s", conns, r.rate(), r.cpuEach(), r.at(0.99), f)
		}
	}
	b.table.share("post a voucher of 3 lines, SQLite, 1 connection", amount{floor, perSecond}, amount{one, perSecond}, 0.25)
	b.table.share("post a voucher of 3 lines, SQLite, 50 connections", amount{floor, perSecond}, amount{many, perSecond}, 0.7)
	b.table.note("write a voucher of 3 lines, SQLite, 50 connections", amount{floor, perSecond}, amount{wrote, perSecond})
	return nil
}
