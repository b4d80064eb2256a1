package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"unionhall/hall"
	"unionhall/hall/city"
	"unionhall/kit/day"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/office/account"
)

const (
	newcomers  = 1000
	newAddress = 250 // from so many addresses
	newSecret  = "Wmzh-8dzhgg!"
	paceOf     = 50 * time.Millisecond // of each officer who goes on working
	officers   = 4
)

// populate gives a city the accounts that are to sign in.
func populate(ctx context.Context, data string) error {
	h, err := hall.Open(ctx, hall.Settings{Data: data})
	if err != nil {
		return err
	}
	hash, err := seal.HashPassword(ctx, newSecret)
	if err != nil {
		return errors.Join(err, h.Close())
	}
	at := day.At(time.Now())
	for from := 0; from <= newcomers && err == nil; from += 100 {
		err = h.DB.Do(ctx, func(tx *sqldb.Tx) error {
			g, err := account.Shell(ctx, tx, city.Tenant, "bench", account.Manage)
			for i := from; i < from+100 && err == nil; i++ {
				_, err = account.Create(ctx, tx, g, account.New{Login: "bench" + strconv.Itoa(i), Name: "来人", Hash: hash}, at)
			}
			return err
		})
	}
	return errors.Join(err, h.Chain(ctx), h.Close())
}

// logins measures a thousand log-ins at once, and what they cost the pages of
// those who are in already.
func (b *bench) logins(ctx context.Context) error {
	data, err := b.city(ctx, b.small)
	if err != nil {
		return err
	}
	if err := populate(ctx, data); err != nil {
		return err
	}
	s, err := b.product(ctx, data)
	if err != nil {
		return err
	}
	defer s.stop()
	if err := s.signIn(ctx); err != nil {
		return err
	}
	unions, err := s.unionsOf(ctx)
	if err != nil {
		return err
	}
	paths := htmlList.paths(unions)
	if _, err := s.paced(ctx, b.span/4, paths); err != nil {
		return err
	}
	alone, err := s.paced(ctx, b.span, paths)
	if err != nil {
		return err
	}
	beside, crowd, err := s.besideLogins(ctx, paths)
	if err != nil {
		return err
	}
	b.table.most("list page, median, beside 1,000 log-ins", ms(alone.at(0.5)), ms(beside.at(0.5)), 2*ms(alone.at(0.5)).n)
	b.table.note("list page, 99 of 100, beside 1,000 log-ins", ms(alone.at(0.99)), ms(beside.at(0.99)))
	b.table.most("1,000 log-ins at once: turned away", amount{}, amount{float64(newcomers - crowd.in), none}, 0)
	b.table.note("1,000 log-ins at once: the last is in after", amount{}, amount{crowd.took.Seconds(), seconds})
	b.table.note("1,000 log-ins at once: one who comes in between waits", amount{}, amount{crowd.late.Seconds(), seconds})
	return nil
}

// crowdOf is what became of those who came at once.
type crowdOf struct {
	in   int
	took time.Duration
	late time.Duration // how long somebody from elsewhere waited who came amid
}

// besideLogins sends the crowd and asks for pages until the last of it is in.
func (s *server) besideLogins(ctx context.Context, paths []string) (r result, c crowdOf, err error) {
	working, stop := context.WithCancel(ctx)
	defer stop()
	var all, pages sync.WaitGroup
	var pagesErr error
	pages.Go(func() { r, pagesErr = s.paced(working, 5*time.Minute, paths) })
	start := time.Now()
	codes := make([]int, newcomers)
	errs := make([]error, newcomers+1)
	for i := range newcomers {
		all.Go(func() {
			codes[i], errs[i] = s.tryLogin(ctx, i, fmt.Sprintf("10.1.%d.%d", i%newAddress/200, i%newAddress%200+1))
		})
	}
	all.Go(func() { // one more, from elsewhere, when the queue is longest
		time.Sleep(2 * time.Second)
		began := time.Now()
		_, errs[newcomers] = s.tryLogin(ctx, newcomers, "10.99.0.1")
		c.late = time.Since(began)
	})
	all.Wait()
	c.took = time.Since(start)
	stop()
	pages.Wait()
	for _, code := range codes {
		if code == http.StatusNoContent {
			c.in++
		}
	}
	return r, c, errors.Join(append(errs, pagesErr)...)
}

// tryLogin signs one in by a connection of its own, as a proxy would pass it on.
func (s *server) tryLogin(ctx context.Context, i int, from string) (int, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", s.at)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(3 * time.Minute)); err != nil {
		return 0, err
	}
	body := fmt.Sprintf(`{"login":"bench%d","password":%q}`, i, newSecret)
	_, err = fmt.Fprintf(c, "POST /login HTTP/1.1\r\nHost: %s\r\nX-Forwarded-For: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", s.at, from, len(body), body)
	if err != nil {
		return 0, err
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(line)
	if len(fields) < 2 {
		return 0, errForm
	}
	return strconv.Atoi(fields[1])
}

// paced asks for pages as officers do who work: each its next page a moment
// after the last, until the time is over or ctx ends.
func (s *server) paced(ctx context.Context, span time.Duration, paths []string) (r result, err error) {
	until := time.Now().Add(span)
	waits, errs := make([][]time.Duration, officers), make([]error, officers)
	var all sync.WaitGroup
	for i := range officers {
		all.Go(func() {
			time.Sleep(time.Duration(i) * paceOf / officers)
			for n := i; time.Now().Before(until) && ctx.Err() == nil; n++ {
				w, err := s.hold(context.WithoutCancel(ctx), time.Now().Add(time.Minute), 1, [][]byte{request(paths[n%len(paths)], s.at, s.cookie, "text/html")}, 0)
				if err != nil {
					errs[i] = err
					return
				}
				waits[i] = append(waits[i], w...)
				time.Sleep(paceOf)
			}
		})
	}
	all.Wait()
	for _, w := range waits {
		r.waits = append(r.waits, w...)
	}
	slices.Sort(r.waits)
	r.n = len(r.waits)
	return r, errors.Join(errs...)
}
