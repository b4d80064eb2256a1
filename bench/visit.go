package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"regexp"
	"testing"

	"unionhall/kit/browser"
)

// tab stands for the test that kit/browser wants to speak to: what would end
// a test ends the visit.
type tab struct {
	testing.TB
	after []func()
	said  error
}

// over is what ends a visit before its time.
type over struct{ error }

var errNoBrowser = errors.New("no browser")

func (t *tab) Helper()                   {}
func (t *tab) Log(...any)                {}
func (t *tab) Failed() bool              { return t.said != nil }
func (t *tab) Cleanup(f func())          { t.after = append(t.after, f) }
func (t *tab) Error(args ...any)         { t.said = errors.Join(t.said, errors.New(fmt.Sprint(args...))) }
func (t *tab) Fatal(args ...any)         { panic(over{errors.New(fmt.Sprint(args...))}) }
func (t *tab) Fatalf(f string, a ...any) { panic(over{fmt.Errorf(f, a...)}) }
func (t *tab) Skip(...any)               { panic(over{errNoBrowser}) }

func (t *tab) run(f func()) (err error) {
	defer func() {
		if v := recover(); v != nil {
			o, ours := v.(over)
			if !ours {
				panic(v)
			}
			err = o.error
		}
		for _, f := range t.after {
			f()
		}
		err = errors.Join(err, t.said)
	}()
	f()
	return nil
}

// visits opens the log-in page and then the work table at the address, on a
// phone or at a desk, each in a browser that was never there, and tells the
// bytes and requests that this takes. Without a browser it asks by hand for
// what the page names.
func visits(_ context.Context, args []string) (func() error, map[string]float64, error) {
	testing.Init()
	more := map[string]float64{}
	return func() error {
		if err := flag.CommandLine.Parse(nil); err != nil {
			return err
		}
		for name, size := range map[string][2]int64{"phone": {390, 844}, "desk": {1366, 768}} {
			err := visitsBy(more, args[0], name, size)
			if errors.Is(err, errNoBrowser) {
				err = visitsByHand(more, args[0], name)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}, more, nil
}

func visitsBy(more map[string]float64, at, name string, size [2]int64) error {
	t := &tab{}
	return t.run(func() {
		p := browser.Open(t, "http://"+at)
		p.Size(size[0], size[1])
		first := p.Visit("/login")
		p.Login("officer", "unionhall-demo")
		home := p.Visit("/")
		say("%s\n%s%s", name, first, home)
		more[name+" bytes"], more[name+" requests"] = float64(first.Bytes()), float64(len(first))
		more[name+" home bytes"], more[name+" home requests"] = float64(home.Bytes()), float64(len(home))
	})
}

var named = regexp.MustCompile(`(?:href|src)="(/assets/[^"]+)"`)

func visitsByHand(more map[string]float64, at, name string) error {
	s := &server{at: at}
	seen := map[string]bool{}
	for _, page := range []struct{ path, mark string }{{"/login", ""}, {"/", " home"}} {
		if page.mark != "" {
			if err := s.signIn(context.Background()); err != nil {
				return err
			}
		}
		r, err := s.get(page.path, "text/html")
		if err != nil {
			return err
		}
		bytes, requests := r.head+len(r.body), 1
		text, err := r.text()
		if err != nil {
			return err
		}
		for _, m := range named.FindAllSubmatch(text, -1) {
			if asset := string(m[1]); !seen[asset] {
				seen[asset] = true
				if r, err = s.get(asset, "*/*"); err != nil {
					return err
				}
				bytes, requests = bytes+r.head+len(r.body), requests+1
			}
		}
		more[name+page.mark+" bytes"], more[name+page.mark+" requests"] = float64(bytes), float64(requests)
	}
	return nil
}

// visit measures what a first visit sends over the wire.
func (b *bench) visit(ctx context.Context) error {
	data, err := b.city(ctx, b.small)
	if err != nil {
		return err
	}
	s, err := b.product(ctx, data)
	if err != nil {
		return err
	}
	defer s.stop()
	c, err := b.alone(ctx, "visit", s.at)
	if err != nil {
		return err
	}
	for _, d := range []struct {
		name  string
		limit float64
	}{{"phone", 60}, {"desk", 150}} {
		first, home := c.More[d.name+" bytes"]/1024, c.More[d.name+" home bytes"]/1024
		b.table.most("first visit, "+d.name+": log-in page over the wire", amount{}, amount{first, kilobytes}, d.limit)
		b.table.most("the same: requests", amount{}, amount{c.More[d.name+" requests"], none}, 4)
		b.table.most("the same with the work table after it", amount{}, amount{first + home, kilobytes}, d.limit)
		b.table.most("requests of the work table alone", amount{}, amount{c.More[d.name+" home requests"], none}, 4)
	}
	return nil
}
