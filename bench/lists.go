package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	membersPath = "/grassroots/registry/members"
	crowd       = 50 // connections
)

// face is one way the list is asked for.
type face struct {
	name, accept, kind, query string
}

var (
	htmlList = face{"list page, HTML, 50 rows", "text/html", "text/html; charset=utf-8", "limit=50"}
	jsonList = face{"list page, JSON, 20 rows", "application/json", "application/json", "limit=20"}
)

// paths asks for the list of each union, sorted by name.
func (f face) paths(unions []string) []string {
	out := make([]string, len(unions))
	for i, u := range unions {
		out[i] = membersPath + "?union=" + url.QueryEscape(u) + "&sort=name&" + f.query
	}
	return out
}

// figures are the best of the rounds.
type figures struct {
	cpu  float64 // ms a request
	rate float64 // requests a second
	p99  float64 // ms
}

func (f *figures) best(r result) {
	if f.rate == 0 {
		*f = figures{math.Inf(1), 0, math.Inf(1)}
	}
	f.cpu, f.rate, f.p99 = min(f.cpu, r.cpuEach()), max(f.rate, r.rate()), min(f.p99, ms(r.at(0.99)).n)
}

// unionsOf picks unions that fill a page: of about as many members in a large
// city as in a small one, so that the cities differ in size alone.
func (s *server) unionsOf(ctx context.Context) ([]string, error) {
	type union struct {
		Code    string `json:"code"`
		Members int    `json:"members"`
	}
	var all []union
	for after := ""; ; {
		var page struct {
			Items []union `json:"items"`
			Next  string  `json:"next"`
		}
		if err := s.ask(ctx, "GET", "/grassroots/registry/unions?limit=200&after="+url.QueryEscape(after), "", nil, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if after = page.Next; after == "" {
			break
		}
	}
	all = slices.DeleteFunc(all, func(u union) bool { return u.Members <= 60 })
	const about = 110
	away := func(u union) int { return max(u.Members-about, about-u.Members) }
	slices.SortStableFunc(all, func(a, b union) int { return cmp.Compare(away(a), away(b)) })
	if len(all) < 20 {
		return nil, fmt.Errorf("only %d unions fill a page", len(all))
	}
	var out []string
	for _, u := range all[:20] {
		out = append(out, u.Code)
	}
	return out, nil
}

// town is a city that is served.
type town struct {
	*server
	unions []string
}

func (b *bench) town(ctx context.Context, members int) (t town, err error) {
	data, err := b.city(ctx, members)
	if err != nil {
		return t, err
	}
	if t.server, err = b.product(ctx, data); err != nil {
		return t, err
	}
	if err = t.signIn(ctx); err == nil {
		t.unions, err = t.unionsOf(ctx)
	}
	return t, err
}

// lists measures the list page of both faces in a small and a large city.
func (b *bench) lists(ctx context.Context) (err error) {
	var towns [2]town
	for i, members := range []int{b.small, b.big} {
		if towns[i], err = b.town(ctx, members); err != nil {
			return err
		}
		defer towns[i].stop()
	}
	faces := []face{htmlList, jsonList}
	floor, err := b.floorOf(ctx, towns[1], faces)
	if err != nil {
		return err
	}
	defer floor.stop()
	var base [2]figures
	var ours [2][2]figures // by face and town
	var whole figures
	for round := range b.rounds + 1 {
		for f, face := range faces {
			path := []string{"/" + strconv.Itoa(f)}
			r, err := floor.load(ctx, crowd, b.spanOf(round)/2, face.accept, path)
			if err != nil {
				return err
			}
			if round > 0 {
				base[f].best(r)
			}
			for t := range towns {
				if r, err = b.profiledLoad(ctx, towns[t].server, fmt.Sprintf("list-%d-%d", f, t), round, face.accept, face.paths(towns[t].unions)); err != nil {
					return err
				}
				if round > 0 {
					ours[f][t].best(r)
				}
			}
		}
		r, err := towns[1].load(ctx, crowd, b.spanOf(round), "text/html", []string{membersPath + "?sort=name&limit=50"})
		if err != nil {
			return err
		}
		if round > 0 {
			whole.best(r)
		}
	}
	b.tellLists(base, ours, whole)
	return b.tellPage(towns[1])
}

// spanOf is how long a load lasts: the first only warms up.
func (b *bench) spanOf(round int) time.Duration {
	if round == 0 {
		return b.span / 4
	}
	return b.span
}

// profiledLoad is a load in the usual crowd, with profiles in the last round
// where they are wanted.
func (b *bench) profiledLoad(ctx context.Context, s *server, name string, round int, accept string, paths []string) (result, error) {
	if round == b.rounds {
		defer b.profiled(s, name, b.spanOf(round))()
	}
	return s.load(ctx, crowd, b.spanOf(round), accept, paths)
}

func (b *bench) tellLists(base [2]figures, ours [2][2]figures, whole figures) {
	sizes := []string{strconv.Itoa(b.small), strconv.Itoa(b.big)}
	for f, face := range []face{htmlList, jsonList} {
		limit := []float64{0.8, 0.5}[f]
		for t, size := range sizes {
			b.table.most(face.name+", "+size+" members: CPU a request", amount{base[f].cpu, millis}, amount{ours[f][t].cpu, millis}, limit)
		}
		for t, size := range sizes {
			if f == 0 {
				b.table.share(face.name+", "+size+" members: requests", amount{base[f].rate, perSecond}, amount{ours[f][t].rate, perSecond}, 1.0/20)
			} else {
				b.table.most(face.name+", "+size+" members: p99 of 50 connections", amount{base[f].p99, millis}, amount{ours[f][t].p99, millis}, 60)
			}
		}
		if f == 0 {
			b.table.share("the same, "+sizes[1]+" members beside "+sizes[0]+": requests per CPU second",
				amount{1000 / ours[f][0].cpu, perSecond}, amount{1000 / ours[f][1].cpu, perSecond}, 0.9)
		}
	}
	b.table.note("list page, HTML, 50 rows of the whole office, "+sizes[1]+" members: CPU a request", amount{base[0].cpu, millis}, amount{whole.cpu, millis})
}

// tellPage weighs one page of each face as it goes over the wire.
func (b *bench) tellPage(t town) error {
	for _, f := range []face{htmlList, jsonList} {
		r, err := t.get(f.paths(t.unions)[0], f.accept)
		if err != nil {
			return err
		}
		text, err := r.text()
		if err != nil {
			return err
		}
		plain, packed := amount{float64(len(text)) / 1024, kilobytes}, amount{float64(len(r.body)) / 1024, kilobytes}
		if f == jsonList {
			b.table.most(f.name+": size, gzipped (floor: plain)", plain, packed, 8)
		} else {
			b.table.note(f.name+": size, gzipped (floor: plain)", plain, packed)
		}
	}
	return nil
}

// floorOf serves the bytes of a page of each face by net/http alone.
func (b *bench) floorOf(ctx context.Context, t town, faces []face) (*server, error) {
	at, err := freePort()
	if err != nil {
		return nil, err
	}
	args := []string{childMark, "floor", at}
	for i, f := range faces {
		r, err := t.get(f.paths(t.unions)[0], f.accept)
		if err != nil {
			return nil, err
		}
		text, err := r.text()
		if err != nil {
			return nil, err
		}
		if n := strings.Count(string(text), membersPath+"/"); f.kind == htmlList.kind && n < 50 {
			return nil, fmt.Errorf("the page shows %d members", n)
		}
		file := filepath.Join(b.dir, "page-"+strconv.Itoa(i))
		if err := os.WriteFile(file, text, 0o600); err != nil {
			return nil, err
		}
		args = append(args, "/"+strconv.Itoa(i)+"|"+f.kind+"|"+file)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s, err := b.launch(ctx, at, self, args...)
	if err == nil {
		_, err = s.first("/login")
	}
	return s, err
}
