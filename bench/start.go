package main

import (
	"context"
	"math"
	"strconv"
	"time"
)

// start measures how soon the product answers on a large city, and its memory
// at rest and under the list's load.
func (b *bench) start(ctx context.Context) error {
	data, err := b.city(ctx, b.big)
	if err != nil {
		return err
	}
	hello, ours := standing{}, standing{}
	for range 2 * b.rounds {
		at, err := freePort()
		if err != nil {
			return err
		}
		if err := b.startOnce(ctx, &hello, at, "/", b.hello, at); err != nil {
			return err
		}
		if err := b.startOnce(ctx, &ours, at, "/login", b.bin, "serve", "--data", data, "--listen", at); err != nil {
			return err
		}
	}
	loaded, err := b.loaded(ctx, data)
	if err != nil {
		return err
	}
	size := strconv.Itoa(b.big) + " members"
	b.table.most("start to the first page, "+size+" (floor: net/http hello)", amount{hello.first, millis}, amount{ours.first, millis}, 80)
	b.table.note("the same: CPU up to the first page", amount{hello.cpu, millis}, amount{ours.cpu, millis})
	b.table.most("memory at rest, "+size, amount{hello.rest, megabytes}, amount{ours.rest, megabytes}, 50)
	b.table.most("most memory under the list load, "+size, amount{}, amount{loaded, megabytes}, 150)
	return nil
}

// standing is a server as it stands after its start.
type standing struct{ first, cpu, rest float64 }

func (st *standing) best(n standing) {
	if st.first == 0 {
		*st = standing{math.Inf(1), math.Inf(1), math.Inf(1)}
	}
	st.first, st.cpu, st.rest = min(st.first, n.first), min(st.cpu, n.cpu), min(st.rest, n.rest)
}

func (b *bench) startOnce(ctx context.Context, best *standing, at, path, program string, args ...string) error {
	s, err := b.launch(ctx, at, program, args...)
	if err != nil {
		return err
	}
	defer s.stop()
	took, err := s.first(path)
	if err != nil {
		return err
	}
	used, err := cpu(s.pid)
	if err != nil {
		return err
	}
	rest, err := s.atRest()
	if err != nil {
		return err
	}
	best.best(standing{ms(took).n, used * 1000, rest})
	return nil
}

// loaded is the most memory that a server takes while the list is asked for
// from all sides.
func (b *bench) loaded(ctx context.Context, data string) (float64, error) {
	s, err := b.product(ctx, data)
	if err != nil {
		return 0, err
	}
	defer s.stop()
	if err := s.signIn(ctx); err != nil {
		return 0, err
	}
	unions, err := s.unionsOf(ctx)
	if err != nil {
		return 0, err
	}
	time.Sleep(time.Second)
	if err := forgetPeak(s.pid); err != nil {
		return 0, err
	}
	for _, f := range []face{htmlList, jsonList} {
		if _, err := s.load(ctx, crowd, b.span, f.accept, f.paths(unions)); err != nil {
			return 0, err
		}
	}
	_, peak, err := memory(strconv.Itoa(s.pid))
	return peak, err
}
